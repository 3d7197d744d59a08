"""The view Draws: gates drawn at random as 0 or 1, beside the usual ones; one run, and the mean of many."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
from PySide6.QtCore import QSignalBlocker, Qt
from PySide6.QtGui import QResizeEvent
from PySide6.QtWidgets import QGridLayout, QHBoxLayout, QLabel, QWidget

from engine.document.document import LARGEST_SEED, Document
from engine.document.sampling import MOST_DRAWS, Draws, draws, most_draws
from engine.text import numbers
from gui.appearance.math_widgets import MathLabel
from gui.appearance.rich_text import RichLabel
from gui.appearance.text_size import TITLE
from gui.views.base import Tools, View
from gui.views.draws.plot import Numbers, RunPlot
from gui.views.offers import command, example, longer_sequence
from gui.widgets.buttons import Button, CheckBox
from gui.widgets.empty_place import EmptyPlace
from gui.widgets.labels import called, text_label
from gui.widgets.layouts import in_column, in_row
from gui.widgets.spin_boxes import WholeBox

NOTE = (
    "A gate usually multiplies by a number between 0 and 1. Here each unit of a gate is 0 or 1 instead, drawn at "
    "random with that number as the probability of 1."
)
_MEANING = (
    "The mean of many runs differs from the usual value where something nonlinear follows: tanh, or a product of "
    "gates over time."
)
_USE = "Compute the diagram and the formula with the gates of this seed; off: with the usual gates"
_OF_NETWORK = "This is the network of the run: copy it to edit it (Ctrl+Shift+C)"
_DRAWING = "Drawing the gates …"
_ONE_STEP = "What is drawn adds up from step to step; this cell has one time step."
_FIRST_COUNT = 200
_EDGE = 10
"""Between the view's edge and what stands in it, in pixels at 1080 lines."""

Wish = tuple[Document, int, int]
"""Document, seed and count of the draws that are to be shown."""


class DrawsView(View):
    """h_t of one unit over the sequence: with the usual gates, drawn once, and the mean of many draws.

    The draws are asked for when the trace is there: all other views wait for that in the same thread.
    """

    def __init__(self, tools: Tools) -> None:
        super().__init__(tools)
        self._drawn: tuple[Wish, Draws] | None = None
        self._asked: Wish | None = None
        self._refused: tuple[Wish, str] | None = None
        """What could not be computed, and why."""
        self._pointed: int | None = None
        self._shown: tuple[Draws, int, int | None] | None = None
        self.unit = called("Unit of h", WholeBox(1, 1, "The unit of h that is shown"))
        self.seed = called("Seed of the draws", WholeBox(0, LARGEST_SEED, "The same seed gives the same draws"))
        self.count = called("Runs to average", WholeBox(1, MOST_DRAWS, "How many runs to average"))
        self.count.setValue(_FIRST_COUNT)
        self.again = Button("Draw again")
        self.again.setToolTip("Draw every gate again, with the next seed")
        self.use = CheckBox("Use these draws in the cell")
        self.once, self.mean = called("One run of draws", RunPlot()), called("Mean of the runs", RunPlot())
        self.reading, self.meaning = QLabel(wordWrap=True), text_label(_MEANING, "note", wrap=True)
        self.hide_later = tools.to_come.switch("Draw the curves only as far as the playback has come, to predict them")
        self.empty, self.short = EmptyPlace(tools.appearance), EmptyPlace(tools.appearance)
        """In place of the view, where no gate can be drawn; below the plots, where there is one time step."""
        self._legends = {self.once: RichLabel(wrap=True), self.mean: RichLabel(wrap=True)}
        self._rows = QHBoxLayout(), QHBoxLayout()
        self._symbol = MathLabel("h_t", "hidden", TITLE, tools.typesetter, tools.appearance)
        self._lay_out()
        for plot in (self.once, self.mean):
            plot.pointed.connect(self._on_pointed)
            plot.clicked.connect(tools.playback.seek_step)
        self.unit.valueChanged.connect(self._draw)
        self.seed.valueChanged.connect(self._on_seed)
        self.count.valueChanged.connect(self._ask)
        self.again.clicked.connect(self._on_again)
        tools.to_come.changed.connect(self._on_changed)
        self.use.toggled.connect(self._on_use)
        tools.model.document_changed.connect(self._on_changed)

    def refresh(self) -> None:
        self._update_controls(self.tools.model.document)
        self._draw()
        self._ask()

    def restyle(self) -> None:
        self._shown = None  # what is said of the curves has their colours
        for field, width in ((self.unit, 58), (self.seed, 78), (self.count, 70)):
            field.setFixedWidth(self.px(width))
        for plot in (self.once, self.mean):
            plot.apply_theme(self.tools.appearance)
        self._break_row()

    def _lay_out(self) -> None:
        px = self.tools.appearance.px
        rows = in_column(spacing=px(6))
        for row in self._rows:
            row.setSpacing(px(4))
            row.addStretch(1)
            rows.addLayout(row)
        _put(self._rows[0], self._symbol)
        for words, box in (("unit", self.unit), ("seed", self.seed), ("runs", self.count)):
            _put(self._rows[0], QLabel(words), box)
        _put(self._rows[0], self.again, self.use)
        self.short.show_offers(_ONE_STEP, longer_sequence(self), example(self, "leak"), example(self, "latch"))
        self.short.hide()
        note = text_label(NOTE, "note", wrap=True)
        pair = QGridLayout()
        pair.setHorizontalSpacing(px(20))
        pair.setVerticalSpacing(px(2))
        pair.setRowStretch(1, 1)
        for column, (plot, legend) in enumerate(self._legends.items()):
            pair.addWidget(legend, 0, column)
            pair.addWidget(plot, 1, column)
            pair.setColumnStretch(column, 1)
        self._body = QWidget()
        below = in_row((self.reading, 1), (self.hide_later, 0, Qt.AlignmentFlag.AlignTop), spacing=px(12))
        parts = rows, note, (pair, 1), below, self.meaning, self.short
        in_column(*parts, inside=self._body, margins=0, spacing=px(8))
        in_column(self._body, self.empty, inside=self, margins=(px(_EDGE), px(12), px(_EDGE), px(10)))
        self.setMinimumSize(1, 1)  # what has no room is arranged in two rows

    def resizeEvent(self, event: QResizeEvent) -> None:
        super().resizeEvent(event)
        self._break_row()

    def _break_row(self) -> None:
        """Let the controls take two rows where one has no room for them."""
        gap, edge = self._rows[0].spacing(), self.tools.appearance.px(_EDGE)
        # Never by the layouts' items: Qt deletes those, and PySide takes whatever comes to stand there for one of them.
        parts = self.findChildren(QWidget)
        widgets = [part for part in parts if any(row.indexOf(part) >= 0 for row in self._rows)]
        needed = sum(min(widget.sizeHint().width(), widget.maximumWidth()) + gap for widget in widgets)
        row = self._rows[needed > self.width() - 2 * edge]
        if row.indexOf(self.again) < 0:
            for other in self._rows:
                other.removeWidget(self.again)
                other.removeWidget(self.use)
            _put(row, self.again, self.use)

    def _update_controls(self, document: Document) -> None:
        cell = document.cell
        self._body.setVisible(bool(cell.gates))
        self.empty.setVisible(not cell.gates)
        self.short.setVisible(len(document.x) == 1)
        self.empty.show_offers(
            f"The {cell.title} has no gate to draw.",
            command(self, "Use an LSTM", "cell lstm", "Compute with an LSTM of the same size; undo (Ctrl+Z) returns"),
            command(self, "Use a GRU", "cell gru", "Compute with a GRU of the same size; undo (Ctrl+Z) returns"),
        )
        with QSignalBlocker(self.unit), QSignalBlocker(self.seed), QSignalBlocker(self.use):
            self.unit.setMaximum(document.n)
            self.use.setChecked(document.sampled is not None)
            if document.sampled is not None:
                self.seed.setValue(document.sampled)
        is_own = not self.tools.model.visiting
        self.use.setEnabled(is_own)
        self.use.setToolTip(_USE if is_own else _OF_NETWORK)
        most = most_draws(document)
        few = f" At this size at most {most:,} run{'s' * (most > 1)} can be drawn; more would take too long."
        self.meaning.setText(_MEANING + (few if most < MOST_DRAWS else ""))

    def _wish(self) -> Wish:
        document = self.tools.model.document
        return document, self.seed.value(), min(self.count.value(), most_draws(document))

    def _ask(self) -> None:
        """Have the draws computed; while some are, only the newest wish waits."""
        wish = self._wish()
        if wish == self._asked or self.tools.model.trace is None or not wish[0].cell.gates:
            return
        self._asked = wish
        self.tools.background.run(
            lambda: draws(*wish),
            lambda found: self._take(wish, found),
            lambda _error: self._miss(wish),
            MemoryError,
            "draws",
        )

    def _take(self, wish: Wish, found: Draws) -> None:
        if wish == self._asked:
            self._drawn, self._refused = (wish, found), None
            self._draw()

    def _miss(self, wish: Wish) -> None:
        if wish == self._asked:
            self._refused = wish, f"There is not enough memory for {wish[2]} runs; choose fewer, or smaller sizes"
            self.message.emit(self._refused[1])
            self._draw()

    @property
    def drawn(self) -> Draws | None:
        """The draws that are wished for now; None until they are computed."""
        return self._drawn[1] if self._drawn is not None and self._drawn[0] == self._wish() else None

    def _draw(self) -> None:
        """Show the unit's numbers, if they are those that are wished for."""
        found, unit = self.drawn, self.unit.value() - 1
        # The playback moves often, and changes none of the curves.
        until = self.t + 1 if self.tools.to_come.hidden else None
        if found is not None and self.isVisible() and self._shown != (found, unit, until):
            self._shown = found, unit, until
            self._draw_curves(found, unit, until)
        self._read()

    def _draw_curves(self, found: Draws, unit: int, until: int | None) -> None:
        soft, run, mean = found.soft_h[:, unit], found.h[0, :, unit], found.mean[:, unit]
        around = 2 * found.error[:, unit] if found.count > 1 else np.zeros_like(mean)
        limits = _limits((soft, run, mean - around, mean + around))
        self.once.show_run(soft, run, None, limits, until)
        self.mean.show_run(soft, mean, around, limits, until)
        theme = self.tools.appearance.theme
        ink, teal = theme.ink, theme.role("hidden").name()
        usual = f'<span style="color:{ink}">●</span> usual'
        dot = f'&nbsp;&nbsp;&nbsp;<span style="color:{teal}">●</span>'
        self._legends[self.once].setText(f"{usual}{dot} one run, seed {found.seed}")
        band = ", ± 2 standard errors" if found.count > 1 else ""
        self._legends[self.mean].setText(f"{usual}{dot} mean of {found.count:,} run{'s' * (found.count > 1)}{band}")

    def _read(self) -> None:
        """Write the numbers of the time step under the cursor, or else of the playback's."""
        found, unit = self.drawn, self.unit.value() - 1
        if found is None:
            refused = self._refused is not None and self._refused[0] == self._wish()
            self.reading.setText(self._refused[1] if self._refused and refused else _DRAWING)
            self.reading.setToolTip("")
            return
        last = len(found.soft_h) - 1
        for plot in (self.once, self.mean):
            plot.show_now(self.t if self.t <= last else None)
        t = min(self.t if self._pointed is None else self._pointed, last)
        if self.tools.to_come.hidden:
            t = min(t, self.t)
        values = {"usual": found.soft_h[t, unit], "one run": found.h[0, t, unit], "mean": found.mean[t, unit]}
        written = self.tools.appearance.written
        parts = [f"{words} {written(float(value))}" for words, value in values.items()]
        exactly = [f"{words} {numbers.exact(float(value))}" for words, value in values.items()]
        if found.count > 1:
            parts[-1] += f" ± {written(2 * float(found.error[t, unit]))}"
            exactly.append(f"standard error {numbers.exact(float(found.error[t, unit]))}")
        self.reading.setText(f"t = {t + 1:,}, unit {unit + 1:,}:   " + ",   ".join(parts))
        self.reading.setToolTip("\n".join(exactly))

    def _on_pointed(self, t: int) -> None:
        self._pointed = t if t >= 0 else None
        self._read()

    def _on_seed(self, seed: int) -> None:
        self._edit_or_ask(seed, "draw with another seed")

    def _on_again(self) -> None:
        seed = self.seed.value() + 1 if self.seed.value() < LARGEST_SEED else 0
        with QSignalBlocker(self.seed):
            self.seed.setValue(seed)
        self._edit_or_ask(seed, "draw the gates again")

    def _edit_or_ask(self, seed: int, text: str) -> None:
        """Draw with a seed, in the cell as well where it uses these draws."""
        model = self.tools.model
        if model.document.sampled is not None:
            model.edit(model.document.with_sampled(seed), text)
        self._ask()

    def _on_use(self, used: bool) -> None:
        model = self.tools.model
        seed = self.seed.value() if used else None
        model.edit(model.document.with_sampled(seed), "draw the gates" if used else "use the usual gates")
        self.message.emit(
            f"The cell's gates are drawn with seed {seed}" if used else "The cell uses the usual gates again"
        )


def _put(row: QHBoxLayout, *widgets: QWidget) -> None:
    """Add widgets to a row, before the room that is left at its end."""
    for widget in widgets:
        row.insertWidget(row.count() - 1, widget)


def _limits(curves: Sequence[Numbers]) -> tuple[float, float]:
    """Return the ends of an axis that shows all values, with some room, however close they lie."""
    low, high = min(float(curve.min()) for curve in curves), max(float(curve.max()) for curve in curves)
    margin = max(0.08 * (high - low), 0.02 * max(abs(low), abs(high)), 0.01)
    return low - margin, high + margin
