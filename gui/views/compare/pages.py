"""The pages of the view Compare: set-up and results."""

from __future__ import annotations

import numpy as np
from PySide6.QtCore import QEvent, QObject, Signal
from PySide6.QtWidgets import QLabel, QWidget

from engine.cell.cell import Cell
from engine.comparison.comparison import MOST_SEEDS, Comparison, Look
from engine.comparison.results import ComparisonResults
from engine.settings.config import TrainingConfig, setting
from engine.settings.words import in_short
from engine.text.numbers import brief, share
from gui.appearance.theme import Appearance
from gui.plots.compare_curves import CompareCurves, Line, Picture, trivial_line
from gui.plots.compare_gates import Column, CompareGates
from gui.views.compare.rows import Rows
from gui.views.compare.table import ResultsTable
from gui.widgets.labels import called, text_label
from gui.widgets.layouts import REST, in_column, in_row, scrolled
from gui.widgets.setting_boxes import number_box, put_value
from gui.widgets.spin_boxes import WholeBox

_MOST_STEPS = 100_000
_USUAL_STEPS = 1500
_ENDLESS = 16_777_215
"""Qt's largest height of a widget."""
_USUAL_SEEDS = 3


class SetUpPage(QWidget):
    """The configurations, how many seeds and how many steps."""

    changed = Signal()

    def __init__(self, appearance: Appearance) -> None:
        super().__init__()
        self.base_words = text_label("", "note", wrap=True)
        self.rows = Rows(appearance)
        self.rows.changed.connect(self.changed)
        often = "How many times each configuration is trained, each time with other weights and batches"
        self.seeds = WholeBox(1, MOST_SEEDS, often)
        self.seeds.setValue(_USUAL_SEEDS)
        self.steps = number_box(setting("steps"))
        self.steps.setRange(1, _MOST_STEPS)
        self.steps.setValue(_USUAL_STEPS)
        self.steps.setToolTip("How many training steps each run makes")
        for number in (self.seeds, self.steps):
            number.valueChanged.connect(self.changed)
        numbers = in_row(spacing=appearance.px(8))
        for words, box in (("Seeds", self.seeds), ("Training steps per run", self.steps)):
            numbers.addWidget(QLabel(words))
            numbers.addWidget(called(words, box))
        numbers.addStretch(1)
        inside = QWidget()
        in_column(self.base_words, self.rows, numbers, REST, inside=inside, margins=0, spacing=appearance.px(12))
        self._area = called("Configurations", scrolled(inside))
        self._inside, self._most = inside, 0
        inside.installEventFilter(self)
        in_column(self._area, inside=self, margins=0)

    def share_height(self, most: int) -> None:
        """Be as high as what is in it, up to so many pixels, so that what stands below has the rest; 0: have all."""
        self._most = most
        height = min(self.wanted_height, most)
        self._area.setMinimumHeight(height)
        self._area.setMaximumHeight(height or _ENDLESS)

    @property
    def wanted_height(self) -> int:
        """How many pixels high all that is in it is."""
        return max(self._inside.heightForWidth(self._area.viewport().width()), self._inside.sizeHint().height())

    def eventFilter(self, watched: QObject, event: QEvent) -> bool:
        if event.type() == QEvent.Type.LayoutRequest and self._most:  # one row more or less
            self.share_height(self._most)
        return False

    def show_base(self, base: TrainingConfig) -> None:
        """Take other settings for what no configuration changes."""
        self.base_words.setText(f"Unless a row says otherwise: {base_line(base)}")
        self.rows.show_base(base)

    def go_to(self, place: int) -> None:
        """Bring a configuration to the eye, and the keys to its first setting."""
        row = self.rows.rows[place]
        self._area.ensureWidgetVisible(row)
        row.changes[0].setting.setFocus()

    def use_steps(self, steps: int) -> None:
        """Offer a number of steps."""
        put_value(self.steps, min(steps, _USUAL_STEPS))


def base_line(base: TrainingConfig) -> str:
    """Return in one line what a configuration learns, and with which network."""
    sizes = ("hidden_size",) * base.projected + ("layers",) * (base.layers > 1)
    names = ("task", "cell", "cell_size", *sizes, "sequence_length", "batch_size", "optimizer", "learning_rate", "seed")
    return ", ".join(in_short(base, setting(name)) for name in names)


def _promise(comparison: Comparison) -> str:
    """Return what a comparison is going to do."""
    seeds = "one seed" if comparison.seeds == 1 else f"{comparison.seeds} seeds"
    return f"Start trains each with {seeds} for {comparison.steps:,} steps"


def _cell_of(config: TrainingConfig) -> Cell | None:
    """Return the cell of a configuration; None where there is none such, which is soon told as its problem."""
    try:
        return config.made_cell
    except ValueError:
        return None


class ResultsPage(QWidget):
    """Curves, gates and a table; all at once, or one of them where there is little room."""

    def __init__(self, appearance: Appearance) -> None:
        super().__init__()
        self.loss, self.measure = CompareCurves(appearance, True), CompareCurves(appearance, False)
        self.gates, self.table = CompareGates(appearance), ResultsTable(appearance)
        self.reading = text_label("", "note", wrap=True)
        self._results: ComparisonResults | None = None
        self._begun = False
        self._pointed = 0
        self._hovers = False
        self._curves = QWidget()
        in_row((self.loss, 1), (self.measure, 1), inside=self._curves, margins=0, spacing=appearance.px(16))
        self._table_box = QWidget()
        in_column(self.table, REST, inside=self._table_box, margins=0)
        self._layout = in_column(inside=self, margins=0, spacing=appearance.px(8))
        for part, stretch in ((self._curves, 5), (self.reading, 0), (self.gates, 4), (self._table_box, 0)):
            self._layout.addWidget(part, stretch)
        for plot in (self.loss, self.measure):
            plot.pointed.connect(self._on_pointed)
        self.gates.hovered.connect(self._on_hovered)

    def show_parts(self, curves: bool, gates: bool, table: bool) -> None:
        """Show some parts of the page."""
        for part, shown in ((self._curves, curves), (self.gates, gates), (self._table_box, table)):
            part.setVisible(shown)
        self._layout.setStretchFactor(self._table_box, 0 if curves or gates else 1)
        self.reading.setVisible(curves or gates)

    def show_comparison(self, results: ComparisonResults, begun: bool = True) -> None:
        """Show a comparison of which nothing is known yet. begun: whether it has been started."""
        self._results, self._begun = results, begun
        self.table.show_names(results.comparison.names)
        self.draw()
        self.read()

    def draw(self) -> None:
        """Draw all that is known now."""
        for draw in (self.draw_loss, self.draw_measure, self.draw_gates, self.draw_table):
            draw()

    def draw_loss(self) -> None:
        """Draw the losses that are known now."""
        if self._results is None:
            return
        results, facts = self._results, self._results.facts
        title = f"Loss: {facts.loss_name}" if facts else "Loss"
        self.loss.show_picture(Picture(title, results.comparison.steps, self._lines("loss"), trivial_line(facts)))

    def draw_measure(self) -> None:
        """Draw the measures that are known now."""
        if self._results is None:
            return
        results, facts = self._results, self._results.facts
        title = "Measure"
        if facts is not None:
            unit = f" ({facts.measure_unit})" if facts.measure_unit else ""
            title = f"{facts.measure_name[:1].upper()}{facts.measure_name[1:]}{unit}"
        shares = facts is None or facts.measure_is_share
        self.measure.show_picture(Picture(title, results.comparison.steps, self._lines("measure"), None, shares))

    def draw_gates(self) -> None:
        """Draw the newest snapshots of the chosen example."""
        if self._results is None:
            return
        results, example = self._results, self.gates.example.value()
        columns = []
        for place, (name, config) in enumerate(zip(results.comparison.names, results.comparison.configs, strict=True)):
            snapshot = results.snapshots.get(Look(place, example))
            cell = None if place in results.problems else _cell_of(config)
            columns.append(Column(name, cell, snapshot, config.layers, self._missing(place, example)))
        self.gates.show_columns(columns)

    def _missing(self, place: int, example: int) -> str:
        """Return what is said in place of a map."""
        assert self._results is not None
        results = self._results
        if place in results.problems:
            return "cannot be trained"
        if not results.has_snapshots(place) and not results.runs_of(place):
            return "not yet trained"
        if results.over:
            return f"example {example} was not kept; choose another"
        return f"example {example} is on its way"

    def draw_table(self) -> None:
        """Write the numbers that are known now."""
        if self._results is not None:
            self.table.show_results(self._results)

    def _lines(self, metric: str) -> list[Line]:
        assert self._results is not None
        results = self._results
        return [
            Line(name, results.curves(place, metric), results.ends(place) if metric == "loss" else [])
            for place, name in enumerate(results.comparison.names)
        ]

    def _on_pointed(self, step: int) -> None:
        self._pointed = step
        self.read()

    def _on_hovered(self, words: str) -> None:
        self._hovers = bool(words)
        if words:
            self.reading.setText(words)
        else:
            self.read()

    def read(self) -> None:
        """Say what the bands are, or the values at the step under the cursor; not over what a map says there."""
        if self._results is None or self._hovers:
            return
        if not self._pointed:
            comparison = self._results.comparison
            same = "on the same batches" if comparison.same_batches else "on different batches (T or B differs)"
            found = self._results.spread_words if self._begun else _promise(comparison)
            self.reading.setText(f"{len(comparison.configs)} configurations {same}; {found}")
            return
        parts = []
        for picture in (self.loss.picture, self.measure.picture):
            say = share if picture.shares else brief
            words = [f"{line.name} {say(value)}" for line in picture.lines if (value := self._at(line)) is not None]
            parts.append(", ".join(words))
        self.reading.setText(f"Step {self._pointed:,}: loss {parts[0]}; measure {parts[1]}" if parts[0] else "")

    def _at(self, line: Line) -> float | None:
        """Return the median nearest to the step under the cursor."""
        steps = line.curves.steps
        if not steps.size or self._pointed > steps[-1] + 1:
            return None
        value = float(line.curves.median[int(np.abs(steps - self._pointed).argmin())])
        return value if np.isfinite(value) else None
