"""The cell itself: the diagram, forwards with its values or turned round with their gradients."""

from __future__ import annotations

from collections.abc import Callable

import numpy as np
from numpy.typing import NDArray
from PySide6.QtCore import Signal
from PySide6.QtWidgets import QVBoxLayout

from engine.backward import Backward, go_back
from engine.document import Document
from engine.loss import Loss, LossError, loss_and_seeds
from engine.through_time import cell_line, line_products, plain_rnn, rnn_norms
from engine.trace import Trace, trace_document
from gui.diagram.back_playback import BackPlayback
from gui.diagram.playback import StepWalk
from gui.diagram.scene import CellScene, CellView
from gui.panels.back_bar import BackBar
from gui.views.view import Tools, View

_Found = tuple[float | None, Backward, NDArray[np.float64]]
"""The loss, the way back from it, and what a plain RNN keeps of a gradient."""


class CellPage(View):
    """The diagram of the cell. `backwards` turns the flow round."""

    turned = Signal()
    """The flow has been turned round: another walk is in force."""
    way_changed = Signal()
    """Another way back is there, or none."""

    def __init__(self, tools: Tools) -> None:
        super().__init__(tools)
        self.scene = CellScene(tools.appearance, tools.typesetter, clickable=True)
        self.view = CellView(self.scene)
        self.bar = BackBar(tools.typesetter, tools.appearance)
        self.bar.hide()
        self.back = BackPlayback(self)
        self.backwards = False
        self._asked: tuple[Trace, Loss] | None = None
        self._loss: float | None = None
        self._rnn: NDArray[np.float64] | None = None
        self._offered: Trace | None = None
        layout = QVBoxLayout(self)
        layout.setContentsMargins(0, 0, 0, 0)
        layout.setSpacing(0)
        layout.addWidget(self.bar)
        layout.addWidget(self.view, 1)
        tools.playback.progressed.connect(self._on_progress)
        self.back.moved.connect(self._on_changed)
        self.back.progressed.connect(self._on_back_progress)
        self.bar.changed.connect(self._find_way)
        self.bar.message.connect(self.message)

    @property
    def walk(self) -> StepWalk:
        return self.back if self.backwards else self.tools.playback

    def turn(self, backwards: bool) -> None:
        """Turn the flow round, or forwards again; the other walk stays where it is."""
        if backwards == self.backwards:
            return
        self.tools.playback.seek(self.tools.playback.position)  # nothing moves unseen
        self.back.seek(self.back.position)
        self.backwards = backwards
        self.bar.setVisible(backwards)
        if backwards:
            self._find_way()
        self.turned.emit()
        self._on_changed()

    def set_presenting(self, presenting: bool) -> None:
        super().set_presenting(presenting)
        self.bar.set_presenting(presenting)

    def refresh(self) -> None:
        trace = self.trace
        if trace is None:
            return
        if not self.backwards:
            self.scene.show_moment(trace, self.tools.playback.moment)
            return
        self._find_way()
        way = self.back.way
        if way is not None and way.trace is trace:
            self.scene.show_back(way, self.back.position, self.back.progress)
            self._show_line(way)

    def _on_progress(self) -> None:
        if self.trace is not None and not self.backwards and self.isVisible():
            self.scene.show_progress(self.trace, self.tools.playback.moment)

    def _on_back_progress(self) -> None:
        if self.back.way is not None and self.backwards and self.isVisible():
            self.scene.show_back_progress(self.back.way, self.back.position, self.back.progress)

    def _find_way(self) -> None:
        """Compute the way back for the present numbers and loss, unless that is under way already."""
        trace = self.trace
        if trace is None or not self.backwards:
            return
        if self._offered is None or self._offered.cell is not trace.cell:
            self.bar.offer(trace)
        self._offered = trace
        asked = (trace, self.bar.loss)
        if self._asked is not None and self._asked[0] is trace and self._asked[1] == asked[1]:
            return
        self._asked = asked
        self.tools.background.run(
            _way_of(*asked, self.tools.model.document),
            lambda found: self._take(asked, *found),
            lambda error: self.message.emit(str(error)),
            LossError,
        )

    def _take(self, asked: tuple[Trace, Loss], loss: float | None, way: Backward, rnn: NDArray[np.float64]) -> None:
        if asked is not self._asked:
            return
        self._loss, self._rnn = loss, rnn
        self.back.set_way(way)
        self.way_changed.emit()

    def _show_line(self, way: Backward) -> None:
        """Say what the cell line keeps of a gradient down to the present step, and what a plain RNN would."""
        cell, steps, t = way.trace.cell, len(way.trace.steps), self.back.t
        line, products = cell_line(cell), line_products(way.trace)
        words = []
        if line is not None and products is not None and line.factor is not None and t < steps - 1:
            symbol = cell.described(line.factor).symbol.removesuffix("_t")
            words.append(f"product of {symbol}, {t + 2} to {steps}: {float(np.mean(products[t])):.3g}")
        if self._rnn is not None and t < len(self._rnn) - 1:
            words.append(f"plain RNN: {self._rnn[t]:.3g}")
        self.bar.show_value(self._loss, " · ".join(words), line is not None and line.factor == "f_t")


def _way_of(trace: Trace, loss: Loss, document: Document) -> Callable[[], _Found]:
    def compute() -> _Found:
        value, seeds = loss_and_seeds(trace, loss)
        return value, go_back(trace, seeds), rnn_norms(trace_document(plain_rnn(document)))

    return compute
