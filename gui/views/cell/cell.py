"""The view Diagram: the cell with its values or, in the backward pass, with their gradients."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray
from PySide6.QtCore import Signal
from PySide6.QtWidgets import QWidget

from engine.cell.backward import Backward, go_back
from engine.cell.trace import Trace
from engine.document.document import Document
from engine.document.loss import Loss, LossError, loss_and_seeds
from engine.document.through_time import cell_line, line_products, plain_rnn, rnn_norms
from engine.document.tracing import trace_document
from gui.commands.registry import Registry
from gui.diagram.formula_line import typeset_way
from gui.diagram.scene import CellScene
from gui.diagram.view import CellView
from gui.playback.playback import backward_legs
from gui.playback.walk import Leg, Walk
from gui.views.base import Tools, View
from gui.views.cell.back_bar import BackBar
from gui.widgets.layouts import in_column, in_row
from gui.widgets.themed.legend import Legend


@dataclass(frozen=True, eq=False)
class _Found:
    """A backward pass, and what goes with it: the loss, what the cell line keeps of a gradient, and a plain RNN."""

    loss: float | None
    way: Backward
    legs: list[Leg]
    line: NDArray[np.float64] | None
    rnn: NDArray[np.float64]


class CellPage(View):
    """The diagram of the cell; with `backwards`, its backward pass."""

    turned = Signal()
    """The pass has changed: the playback moves along another walk."""

    def __init__(self, tools: Tools) -> None:
        super().__init__(tools)
        self.scene = CellScene(tools.appearance, tools.typesetter, clickable=True)
        self.view = CellView(self.scene)
        self.setFocusProxy(self.view)
        stored = tools.stored
        self.names = stored is None or stored.flag("diagram/names", "whether the diagram names its parts", True) is True
        """Whether the diagram names its parts."""
        self.scene.show_names(self.names)
        self.bar = BackBar(tools.typesetter, tools.appearance)
        self.bar.hide()
        self.back = Walk(self)
        """The walk along the backward pass, a stop for each of its moves."""
        self.backwards = False
        self._asked: tuple[Trace, Loss] | None = None
        self._found: _Found | None = None
        self._offered: Trace | None = None
        self.legend = Legend(tools.appearance)
        foot = in_row(self.legend, margins=(self.px(14), self.px(2)))
        in_column(self.bar, (self.view, 1), foot, inside=self, margins=0, spacing=0)
        tools.playback.progressed.connect(self._on_progress)
        tools.to_come.changed.connect(self._on_changed)
        self.back.moved.connect(self._on_changed)
        self.back.progressed.connect(self._on_back_progress)
        self.bar.changed.connect(self._find_way)
        self.bar.message.connect(self.message)
        self.scene.curve_wanted.connect(lambda: self.wanted.emit("activations"))

    @property
    def pictured(self) -> QWidget:
        return self.view

    def register_commands(self, commands: Registry) -> None:
        """Say what the command does that names the parts of the diagram."""
        commands.register("names", self._switch_names, on=lambda: self.names)

    def _switch_names(self) -> None:
        self.names = not self.names
        self.scene.show_names(self.names)
        if self.tools.stored is not None:
            self.tools.stored.setValue("diagram/names", self.names)

    @property
    def by_steps(self) -> bool:
        return False

    @property
    def walk(self) -> Walk:
        return self.back if self.backwards else self.tools.playback

    @property
    def way(self) -> Backward | None:
        """The backward pass through the present numbers; None while it is being computed."""
        return self._found.way if self._found is not None and self._found.way.trace is self.trace else None

    def turn(self, backwards: bool) -> None:
        """Show the backward pass, or the forward pass again; the other walk stays where it is."""
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

    def refresh(self) -> None:
        trace = self.trace
        if trace is None:
            return
        self.legend.show_cell(trace.cell)
        if not self.backwards:
            self.scene.show_moment(trace, self.tools.playback.moment, whole=self.tools.shows_whole)
            return
        self._find_way()
        way = self.way
        if way is not None:
            self.scene.show_back(way, self.back.position, self.back.progress)
            self._show_line(way)

    def _on_progress(self) -> None:
        if self.trace is not None and not self.backwards and self.isVisible():
            moment, whole = self.tools.playback.moment, self.tools.shows_whole
            self.scene.show_moment(self.trace, moment, further=True, whole=whole)

    def _on_back_progress(self) -> None:
        way = self.way
        if way is not None and self.backwards and self.isVisible():
            self.scene.show_back(way, self.back.position, self.back.progress, further=True)

    def _find_way(self) -> None:
        """Compute the backward pass for the present numbers and loss, unless that is under way already."""
        trace = self.trace
        if trace is None or not self.backwards:
            return
        if self._offered is None or self._offered.cell is not trace.cell:
            self.bar.offer(trace)
        self._offered = trace
        asked = (trace, self.bar.loss)
        if self._asked is not None and self._asked[0] is trace and self._asked[1] == asked[1]:
            return
        self._asked, document = asked, self.tools.model.document
        self.tools.background.run(
            lambda: _way_of(*asked, document),
            lambda found: self._take(asked, found),
            self._refuse,
            (LossError, MemoryError),
        )

    def _take(self, asked: tuple[Trace, Loss], found: _Found) -> None:
        if asked is self._asked:
            before, self._found = self._found, found
            typeset_way(self.tools.typesetter, found.way)
            same = before is not None and len(before.way.moves) == len(found.way.moves)
            self.back.take(found.legs, None if same else 0)

    def _refuse(self, error: Exception) -> None:
        """Say why there is no backward pass; a loss for another cell no longer fits: the plain sum takes its place."""
        self.message.emit(str(error) or "There is not enough memory for the backward pass; choose smaller sizes")
        if self.way is None and isinstance(error, LossError):
            self.bar.reset()
            self._find_way()

    def _show_line(self, way: Backward) -> None:
        """Say what the cell line keeps of a gradient down to the present time step, and what a plain RNN would."""
        if self._found is None:
            return
        cell, last, t = way.trace.cell, len(way.trace.steps) - 1, self.back.t
        written = self.tools.appearance.written
        line, products, words = cell_line(cell), self._found.line, []
        if line is not None and line.factor is not None and products is not None and t < last:
            symbol = cell.described(line.factor).symbol.removesuffix("_t")
            words.append(
                f"product of {symbol}, t = {t + 2:,} to {last + 1:,}: {written(float(products[t].mean()))} on average"
            )
        if t < last and np.isfinite(self._found.rnn[t]):
            words.append(f"plain RNN: {written(float(self._found.rnn[t]))}")
        self.bar.show_value(self._found.loss, " · ".join(words), line)


def _way_of(trace: Trace, loss: Loss, document: Document) -> _Found:
    value, seeds = loss_and_seeds(trace, loss)
    rnn = rnn_norms(trace_document(plain_rnn(document)))
    way = go_back(trace, seeds)
    return _Found(value, way, backward_legs(way), line_products(trace), rnn)
