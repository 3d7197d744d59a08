"""The gradient norm of each weight over training, for one layer at a time: biases and peepholes are pale."""

from __future__ import annotations

from typing import Self

import numpy as np

from engine.cell.cell import Quantity
from engine.cell.cells import CELLS
from engine.runs.history import History
from engine.tasks.base import TaskFacts
from gui.appearance.math_widgets import MathLabel
from gui.appearance.rich_text import RichLabel
from gui.appearance.text_size import TEXT
from gui.appearance.theme import Appearance
from gui.appearance.typeset import Typesetter
from gui.plots.curves import CurvesPlot, CurveStyle
from gui.training.docked import DockedPlot
from gui.views.base import Tools
from gui.widgets.choices import LayerBox
from gui.widgets.layouts import REST, discard, in_column, in_row

_PALER = 130
_CLIPPED = 1.01
"""From how many times the norm after clipping the one before it is another curve."""


def _declared_weights() -> dict[str, Quantity]:
    """Return every weight of every cell: a name has one symbol and one role, whichever cell it is of."""
    cells = [make() for make in CELLS.values()]
    cells += [make(projected=True) for make in CELLS.values() if make().has_state]
    return {weight.name: weight for cell in cells for weight in cell.parameters}


class GradientsPlot(DockedPlot):
    """‖∂L/∂W‖ of each weight of a layer, and of all weights together, before clipping and after.

    The choice of the layer stands in the card's title (`in_title`).
    """

    def __init__(self, typesetter: Typesetter, appearance: Appearance) -> None:
        super().__init__()
        self._typesetter = typesetter
        self._appearance = appearance
        self._history: History | None = None
        self._pale = "biases"
        self._declared = _declared_weights()
        by_paleness = sorted(self._declared.values(), key=lambda weight: weight.name.startswith("W"))
        # The last is painted on top. Where nothing is clipped, "applied" lies hidden below "all".
        styles = {"applied": CurveStyle("muted", alpha=_PALER), "all": CurveStyle("x")}
        for weight in by_paleness:
            styles[weight.name] = CurveStyle(weight.role, alpha=255 if weight.name.startswith("W") else _PALER)
        self.curves = CurvesPlot(appearance, styles)
        self.layer = LayerBox("The layer whose gradients are shown")
        self.layer.currentIndexChanged.connect(self._on_layer)
        self.in_title = self.layer
        self._symbols: list[MathLabel] = []
        self.words = RichLabel(look="note")
        appearance.changed.connect(self._update_words)
        self._legend = in_row(self.words, REST, spacing=appearance.px(10))
        in_column(self._legend, (self.curves, 1), inside=self, margins=0, spacing=2)

    @classmethod
    def made(cls, tools: Tools) -> Self:
        return cls(tools.typesetter, tools.appearance)

    def show_run(self, history: History, layers: int) -> None:
        self._history = history
        self.layer.offer(layers, 0)
        self._on_layer()

    def show_news(self, history: History, facts: TaskFacts | None) -> None:
        self.curves.refresh()
        self._update_words()

    @property
    def clipped(self) -> bool:
        """Whether clipping shortens gradients anywhere in what is drawn."""
        before, after = (self.curves.lines.points(name)[1] for name in ("all", "applied"))
        if before.shape != after.shape:
            return False
        return bool(np.any(before - after > np.log10(_CLIPPED)))

    def _on_layer(self) -> None:
        if self._history is None:
            return
        layer = f"layer{self.layer.layer + 1}."
        columns = self._history.metric_names
        weights = [name.removeprefix(layer) for name in columns if name.startswith(layer)]
        names = {"applied": "applied_norm", "all": "grad_norm"}
        names = {key: name for key, name in names.items() if name in columns}
        names |= {name: f"{layer}{name}" for name in weights if name in self._declared}
        self._update_legend([self._declared[name] for name in weights if name in self._declared])
        self.curves.show_history(self._history, names)
        self._update_words()

    def _update_legend(self, weights: list[Quantity]) -> None:
        order = list(self._declared)  # as they are written down, not as torch has them
        matrices = sorted(
            (weight for weight in weights if weight.name.startswith("W")), key=lambda w: order.index(w.name)
        )
        self._pale = "biases, peepholes" if any(weight.name.startswith("p") for weight in weights) else "biases"
        if [weight.latex for weight in matrices] == [symbol.latex for symbol in self._symbols]:
            return
        discard(*self._symbols)
        self._symbols = [
            MathLabel(weight.latex, weight.role, TEXT, self._typesetter, self._appearance) for weight in matrices
        ]
        for place, symbol in enumerate(self._symbols):
            self._legend.insertWidget(place, symbol)

    def _update_words(self) -> None:
        if self._history is None:
            return
        theme = self._appearance.theme
        words = f"pale: {self._pale} · <span style='color: {theme.role('x').name()}'>—</span> all together"
        if self.clipped:
            words += f" · <span style='color: {theme.muted}'>—</span> after clipping"
        if self.words.text() != words:
            self.words.setText(words)
            self.words.setToolTip(
                "The norm of each weight's gradient; biases and peepholes are pale. Two more curves show the norm of "
                "all weights together: before clipping and, in grey, after clipping, as the training step uses it"
            )
