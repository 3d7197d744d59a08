"""The cell as a scene: a layout filled with the numbers of a trace at a moment of the playback."""

from __future__ import annotations

from collections.abc import Mapping

import numpy as np
from PySide6.QtCore import QRect, QRectF, Qt, Signal
from PySide6.QtGui import QColor, QPainter, QPaintEvent, QPen, QResizeEvent
from PySide6.QtWidgets import QGraphicsView, QWidget

from engine.cells import Cell
from engine.graph import SIGMOID, Operation
from engine.provenance import Selection
from engine.trace import Trace
from gui.diagram.column import ColumnItem, NumberScene
from gui.diagram.items import (
    SYMBOL_SIZE,
    SYMBOL_SIZE_IN_A_HALL,
    NodeItem,
    SymbolItem,
    Tokens,
    WireItem,
)
from gui.diagram.layout import HEIGHT, WIDTH, Layout
from gui.diagram.layouts import layout_of
from gui.diagram.playback import Moment
from gui.theme import Appearance
from gui.typeset import Typesetter

# Shares of an operation's time: tokens travel, the operation lights up, its output fills in.
_TRAVEL_UNTIL, _GLOW_FROM, _FILL_FROM = 0.6, 0.45, 0.6


class CellScene(NumberScene):
    """The diagram of one declared cell."""

    layer_clicked = Signal(str)

    def __init__(self, appearance: Appearance, typesetter: Typesetter) -> None:
        super().__init__()
        self._appearance = appearance
        self._typesetter = typesetter
        self._cell: Cell | None = None
        self._layout: Layout | None = None
        self._trace: Trace | None = None
        self._moment = Moment(0, 0, 1.0)
        self._smallest_text_px = 0.0
        self.columns: dict[str, ColumnItem] = {}
        """Every column by its slot."""
        self._symbols: dict[str, SymbolItem] = {}
        self._nodes: dict[str, NodeItem] = {}
        self._wires: list[WireItem] = []
        self._tokens: Tokens | None = None
        self.setSceneRect(0, 0, WIDTH, HEIGHT)
        appearance.changed.connect(self._rebuild)
        typesetter.ready.connect(self._on_typeset)

    def show_moment(self, trace: Trace, moment: Moment) -> None:
        """Show the numbers of a trace as they stand at a moment."""
        self._trace, self._moment = trace, moment
        if trace.cell is not self._cell:
            self._cell = trace.cell
            self._rebuild()
        else:
            self._update_items()

    def show_progress(self, moment: Moment) -> None:
        """Show that the current operation has come further; only what it touches is drawn again."""
        self._moment = moment
        self._update_current()

    def set_smallest_text(self, pixels: float) -> None:
        """Make letters at least so many pixels high on the screen; numbers with no room for it are left out."""
        self._smallest_text_px = pixels
        for key, column in self.columns.items():
            column.smallest_text_px = pixels
            column.update()
            self._symbols[key].set_letters(SYMBOL_SIZE_IN_A_HALL if pixels else SYMBOL_SIZE)

    def show_light(self, made_of: Mapping[str, Selection], goes_into: Mapping[str, Selection]) -> None:
        """Frame what the number under the cursor was made of, and what it goes into."""
        for column in self.columns.values():
            column.show_light(made_of.get(column.name), goes_into.get(column.name))

    def column_of(self, name: str) -> ColumnItem | None:
        """Return the column that shows a value at present."""
        return next((column for column in self.columns.values() if column.name == name), None)

    def drawBackground(self, painter: QPainter, rect: QRectF | QRect) -> None:
        theme = self._appearance.theme
        painter.fillRect(rect, QColor(theme.panel))
        if self._layout is None:
            return
        left, top, right, bottom = self._layout.body
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        painter.setPen(QPen(QColor(theme.body_edge), 2))
        painter.setBrush(QColor(theme.body))
        painter.drawRoundedRect(QRectF(left, top, right - left, bottom - top), 28, 28)

    def _rebuild(self) -> None:
        if self._cell is None:
            return
        self.clear()
        theme = self._appearance.theme
        self._layout = layout_of(self._cell)
        # Pale wires first: a full one must not be covered by one that shares its way.
        self._wires = [WireItem(wire, theme) for wire in self._layout.wires]
        for wire in self._wires:
            self.addItem(wire)
        self._nodes = {key: NodeItem(node, theme) for key, node in self._layout.nodes.items()}
        for node in self._nodes.values():
            node.setZValue(3)
            node.clicked.connect(self.layer_clicked)
            self.addItem(node)
        self.columns = {key: ColumnItem(slot, theme) for key, slot in self._layout.slots.items()}
        self._symbols = {key: SymbolItem(self._typesetter) for key in self._layout.slots}
        for key, column in self.columns.items():
            column.setZValue(2)
            self.addItem(column)
            self._symbols[key].setZValue(2)
            self.addItem(self._symbols[key])
        self._tokens = Tokens(self, theme)
        self._update_items()
        self.set_smallest_text(self._smallest_text_px)
        self.invalidate()

    def _update_items(self) -> None:
        if self._trace is None or self._layout is None or self._cell is None:
            return
        done = self._computed()
        for key in self.columns:
            self._update_column(key, done)
        for wire in self._wires:
            full = wire.wire.value in done
            wire.setZValue(1 if full else 0)
            wire.show_full(full)
        self._update_current()

    def _computed(self) -> set[str]:
        """Return the names that have a value at this moment; the current operation counts once it is complete."""
        assert self._cell is not None
        finished = self._moment.done - (1 if self._moment.moving else 0)
        names = {item.name for item in self._cell.inputs}
        return names | {operation.name for operation in self._cell.operations[:finished]}

    def _current(self) -> Operation | None:
        index = self._moment.current
        return self._cell.operations[index] if self._cell and index is not None else None

    def _update_column(self, key: str, done: set[str]) -> None:
        assert self._trace is not None
        assert self._cell is not None
        column, current = self.columns[key], self._current()
        candidates = [name for name in column.slot.values if name in done]
        fill = 1.0 if candidates else 0.0
        name = candidates[-1] if candidates else column.slot.values[0]
        now = current is not None and current.name in column.slot.values
        if now and current is not None and self._moment.moving:
            progress = self._moment.progress
            if progress > _FILL_FROM or not candidates:
                name = current.name
                fill = max(0.0, (progress - _FILL_FROM) / (1 - _FILL_FROM))
            now = progress > _GLOW_FROM
        item = self._cell.described(name)
        kind = item.kind if isinstance(item, Operation) else None
        values = np.asarray(self._trace.steps[self._moment.t][name], dtype=np.float64)
        rounds = kind is not None and kind.rounds
        column.show_values(name, values, item.role, rounds=rounds, gate=kind is SIGMOID, fill=fill, now=now)
        ink = "cell" if len(column.slot.values) > 1 else item.role  # on the way to a layer's result
        colour = self._appearance.theme.role(ink)
        if not fill:
            colour = QColor(self._appearance.theme.muted)
        box = column.column().translated(column.pos())
        self._symbols[key].show_symbol(item.latex, colour, box, column.slot.label)

    def _update_current(self) -> None:
        if self._layout is None or self._cell is None or self._tokens is None or self._trace is None:
            return
        current, progress = self._current(), self._moment.progress
        done = self._computed()
        active = self._layout.node_of(current.name) if current else None
        for key, node in self._nodes.items():
            glow = 0.0
            if key == active:
                glow = min(1.0, max(0.0, (progress - _GLOW_FROM) / 0.15))
            node.show_state(glow, any(name in done for name in node.node.operations))
        slot = self._layout.slot_of(current.name) if current else None
        if slot is not None:
            self._update_column(slot, done)
        if current is None or not self._moment.moving or progress >= _TRAVEL_UNTIL:
            self._tokens.travel((), 0.0)
            if current is not None and not self._moment.moving:
                self._light(current.name)
        else:
            self._tokens.travel(self._layout.routes.get(current.name, ()), progress / _TRAVEL_UNTIL)

    def _on_typeset(self, latex: str) -> None:
        for symbol in self._symbols.values():
            symbol.refresh(latex)

    def _light(self, name: str) -> None:
        for wire in self._wires:
            if wire.wire.value == name:
                wire.setZValue(1)
                wire.show_full(True)


class CellView(QGraphicsView):
    """The scene, as large as there is room for."""

    painted = Signal()
    """A frame was drawn."""

    def __init__(self, scene: CellScene, parent: QWidget | None = None) -> None:
        super().__init__(scene, parent)
        self.setObjectName("diagram")
        self.setRenderHint(QPainter.RenderHint.Antialiasing)
        self.setFrameShape(QGraphicsView.Shape.NoFrame)
        self.setHorizontalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOff)
        self.setVerticalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOff)
        self.setFocusPolicy(Qt.FocusPolicy.ClickFocus)
        self.setMinimumSize(320, 200)

    def resizeEvent(self, event: QResizeEvent) -> None:
        super().resizeEvent(event)
        self.fitInView(self.sceneRect(), Qt.AspectRatioMode.KeepAspectRatio)

    def paintEvent(self, event: QPaintEvent) -> None:
        super().paintEvent(event)
        self.painted.emit()
