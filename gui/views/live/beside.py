"""What stands beside the maps: loss, measure and gradient norms over training, and the words at the cursor."""

from __future__ import annotations

import math
from collections.abc import Sequence

from PySide6.QtCore import Qt
from PySide6.QtWidgets import QFrame, QLabel, QWidget

from engine.cell.cell import Cell
from engine.cell.cells import CELLS
from engine.runs.history import History
from engine.tasks.base import TaskFacts
from engine.text.numbers import grouped
from gui.appearance.rich_text import RichLabel
from gui.appearance.text_size import TEXT
from gui.appearance.theme import Appearance
from gui.plots.axes import fit_ticks
from gui.plots.curves import CurvesPlot, CurveStyle
from gui.views.live.measure import MeasurePlot
from gui.widgets.labels import text_label
from gui.widgets.layouts import in_column, in_row

_HEIGHTS = {"loss": 27, "measure": 18, "gradients": 34}
"""How the plots share the height of a column; words take what they need."""


def _gradient_styles() -> dict[str, CurveStyle]:
    """Return how the norm of each weight matrix of any cell looks: one name has one role in all of them."""
    cells = [make() for make in CELLS.values()]
    cells += [make(projected=True) for make in CELLS.values() if make().has_state]
    weights = {item.name: item.role for cell in cells for item in cell.parameters if item.name.startswith("W")}
    return {name: CurveStyle(role) for name, role in weights.items()} | {"all": CurveStyle("cell", width=2)}


def percent(share: float) -> str:
    """Return a share in percent; it says 0 or 100 only where that is so: "99.95 %"."""
    decimals = 1
    while decimals < 4 and share not in (0, 1) and float(f"{100 * share:.{decimals}f}") in (0, 100):
        decimals += 1
    return f"{100 * share:.{0 if share in (0, 1) else decimals}f} %"


class _Titled(QWidget):
    """A plot under its title, and words beside that."""

    def __init__(self, title: str, plot: QWidget) -> None:
        super().__init__()
        self.title, self.words = text_label(title, "strong"), text_label("", "note", cut=True)
        header = in_row(self.title, (self.words, 1), spacing=8)
        in_column(header, (plot, 1), inside=self, margins=0, spacing=2)


class Beside(QWidget):
    """Plots of the run, one below the other, or side by side where they have the whole width."""

    def __init__(self, appearance: Appearance) -> None:
        super().__init__()
        self._appearance = appearance
        self.loss = CurvesPlot(appearance, {"loss": CurveStyle("cell", width=2)})
        self.measure = MeasurePlot(appearance)
        self.gradients = CurvesPlot(appearance, _gradient_styles())
        self.curves = (self.loss, self.gradients)
        """The plots on a logarithmic axis, which may want details of a recording."""
        plots: dict[str, tuple[str, QWidget]] = {
            "loss": ("Loss", self.loss),
            "measure": ("Measure", self.measure),
            "gradients": ("Gradient norm", self.gradients),
        }
        self.parts = {name: _Titled(title, plot) for name, (title, plot) in plots.items()}
        self.words = Words()
        self._facts: TaskFacts | None = None
        self._history: History | None = None
        self._names: dict[str, str] = {}
        self._column = in_column(inside=self, margins=0, spacing=appearance.px(8))
        self._across = in_row(spacing=appearance.px(14))
        self._is_across: bool | None = None
        self.arrange(False)

    def arrange(self, across: bool) -> None:
        """Place the plots side by side, or one below the other."""
        if across == self._is_across:
            return
        self._is_across = across
        if across and self._across.parent() is None:
            self._column.addLayout(self._across, 1)
        for name, part in self.parts.items():
            if across:
                self._across.addWidget(part, 1)
            else:
                self._column.addWidget(part, _HEIGHTS[name])

    def show_run(self, history: History, cell: Cell, layer: int) -> None:
        """Begin with another run, or with the gradients of another layer (from 0)."""
        weights = [item for item in cell.parameters if item.name.startswith("W")]
        prefix = f"layer{layer + 1}."
        names = {item.name: prefix + item.name for item in weights if prefix + item.name in history.metric_names}
        self._names = {**names, "all": "grad_norm"}
        self._history = history
        self.loss.show_history(history, {"loss": "loss"})
        self.gradients.show_history(history, self._names)
        of = (
            f" of layer {layer + 1}"
            if len({name for name in history.metric_names if ".W_" in name}) > len(names)
            else ""
        )
        self.parts["gradients"].words.setText(f"thick: all weights; in colour: each W{of}")

    def show_news(self, history: History, facts: TaskFacts | None) -> None:
        """Draw the new steps of the run."""
        if facts is not self._facts:
            self._facts = facts
            self._show_facts(facts)
        for curves in self.curves:
            curves.refresh()
        self.measure.show_history(history, facts)

    def _show_facts(self, facts: TaskFacts | None) -> None:
        if facts is None:
            return
        self.parts["loss"].words.setText(f"{facts.loss_name}; trivial answer {facts.trivial_loss:.3g}")
        self.parts["loss"].setToolTip(f"{facts.loss_name}. The trivial answer is {facts.trivial_name}")
        unit = f" ({facts.measure_unit})" if facts.measure_unit else ""
        self.parts["measure"].words.setText(f"{facts.measure_name}{unit}")
        self.parts["measure"].setToolTip(f"{facts.measure_name}{unit}")

    def say(self, history: History) -> None:
        """Write the newest numbers in the titles; less often than curves are drawn."""
        newest, facts = self.measure.newest(history), self._facts
        share = facts is not None and facts.measure_is_share
        value = "" if math.isnan(newest) else percent(newest) if share else grouped(float(f"{newest:.3g}"))
        self.parts["measure"].title.setText(f"Measure {value}".strip())

    def restyle(self) -> None:
        """Use the theme's colours and the present size of text."""
        for curves in self.curves:
            fit_ticks(curves.plot, self._appearance)
        self.measure.restyle()
        self._column.setSpacing(round(0.6 * self._appearance.text(TEXT)))

    def show_parts(self, names: Sequence[str]) -> None:
        """Show only these plots, of "loss", "measure" and "gradients"."""
        for name, part in self.parts.items():
            part.setVisible(name in names)


class Words(QFrame):
    """A quiet field with what happens at the cursor."""

    def __init__(self) -> None:
        super().__init__()
        self.setObjectName("words")
        self.label = RichLabel(wrap=True)
        self.label.setAlignment(Qt.AlignmentFlag.AlignTop | Qt.AlignmentFlag.AlignLeft)
        self.label.setMinimumWidth(10)
        in_column(self.label, inside=self, margins=(12, 8))

    def put(self, *parts: str) -> None:
        """Write paragraphs of rich text."""
        text = "".join(f'<p style="margin:0 0 4px 0">{part}</p>' for part in parts if part)
        if text != self.label.text():
            self.label.setText(text)

    @property
    def text(self) -> QLabel:
        """The label that has the words."""
        return self.label
