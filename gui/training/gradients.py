"""The gradient norm of each weight over training, for one layer at a time."""

from __future__ import annotations

from typing import Self

import numpy as np
from PySide6.QtWidgets import QWidget

from engine.cell.cell import Quantity
from engine.cell.cells import CELLS
from engine.runs.history import History
from engine.tasks.base import TaskFacts
from gui.appearance.theme import Appearance
from gui.plots.curves import ZOOMING, CurvesPlot, CurveStyle
from gui.training.docked import DockedPlot
from gui.views.base import Tools
from gui.widgets.buttons import CheckBox
from gui.widgets.choices import LayerBox
from gui.widgets.labels import FittingLabel
from gui.widgets.layouts import in_column, in_row

_PALER = 130
_CLIPPED = 1.01
"""From how many times the norm after clipping the one before it is another curve."""


def _declared_weights() -> dict[str, Quantity]:
    """Return every weight of every cell: a name has one symbol and one role, whichever cell it is of."""
    cells = [make() for make in CELLS.values()]
    cells += [make(projected=True) for make in CELLS.values() if make().has_state]
    return {weight.name: weight for cell in cells for weight in cell.parameters}


def _styles(declared: dict[str, Quantity]) -> dict[str, CurveStyle]:
    """Return the look of each curve; the last is painted on top."""
    # Where nothing is clipped, "applied" lies hidden below "all".
    styles = {"applied": CurveStyle("muted", name="clipped"), "all": CurveStyle("cell", width=2, name="all", band=True)}
    for name, weight in sorted(declared.items(), key=lambda item: item[0].startswith("W")):
        is_matrix = name.startswith("W")
        styles[name] = CurveStyle(weight.role, 255 if is_matrix else _PALER, 2 if is_matrix else 1, name)
    return styles


class GradientsPlot(DockedPlot):
    """‖∂L/∂W‖ of each matrix of a layer, and of all weights together; biases and peepholes where they are asked for.

    The choices stand in the card's title (`in_title`).
    """

    def __init__(self, appearance: Appearance) -> None:
        super().__init__()
        self._history: History | None = None
        self._declared = _declared_weights()
        self.curves = CurvesPlot(appearance, _styles(self._declared))
        self.layer = LayerBox("The layer whose gradients are shown")
        self.layer.currentIndexChanged.connect(self._on_layer)
        self.others = CheckBox("biases")
        self.others.setToolTip("Also show the gradients of biases and peepholes")
        self.others.toggled.connect(self._on_layer)
        self.words = FittingLabel()
        self.words.tip = (
            "The norm of each weight's gradient, and of all weights together; “clipped”: as the training step uses it, "
            f"where clipping shortens it. {ZOOMING}"
        )
        """What lines and band are."""
        self.in_title = QWidget()
        in_row((self.words, 1), self.others, self.layer, inside=self.in_title, margins=0, spacing=appearance.px(8))
        self.curves.drawn.connect(self._on_drawn)
        self._shows_clipped = False
        in_column((self.curves, 1), inside=self, margins=0, spacing=2)

    @classmethod
    def made(cls, tools: Tools) -> Self:
        return cls(tools.appearance)

    def show_run(self, history: History, layers: int) -> None:
        self._history, self._shows_clipped = history, False
        self.layer.offer(layers, 0)
        self._on_layer()

    def show_news(self, history: History, facts: TaskFacts | None) -> None:
        self.curves.refresh()

    @property
    def clipped(self) -> bool:
        """Whether clipping shortens gradients anywhere in the run; known from what is drawn."""
        if self._history is None or not self._history.count:
            return False
        groups = self._history.in_groups(["grad_norm", "applied_norm"], 1, self._history.count, 8)
        return bool(np.any(groups.high[0] > groups.high[1] * _CLIPPED))

    def _on_layer(self) -> None:
        if self._history is None:
            return
        layer = f"layer{self.layer.layer + 1}."
        columns = self._history.metric_names
        found = [name.removeprefix(layer) for name in columns if name.startswith(layer)]
        weights = [name for name in self._declared if name in found]  # as they are written down, not as torch has them
        if not self.others.isChecked():
            weights = [name for name in weights if name.startswith("W")]
        names = {"applied": "applied_norm"} if self._shows_clipped else {}
        names["all"] = "grad_norm"
        names = {key: column for key, column in names.items() if column in columns}
        self.curves.show_history(self._history, names | {name: f"{layer}{name}" for name in weights})

    def _on_drawn(self) -> None:
        size = self.curves.in_groups.replace("median", "medians").partition(",")[0]
        wordings = (f"{size}; band: range of all", "medians; band: range of all", "band: all") if size else ()
        self.words.show_words(*wordings)
        if self.clipped is not self._shows_clipped:
            self._shows_clipped = not self._shows_clipped
            self._on_layer()
