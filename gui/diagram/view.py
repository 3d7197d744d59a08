"""The diagram on the screen: as large as there is room for, walked by the keyboard, with a menu at the cursor."""

from __future__ import annotations

from collections.abc import Callable, Collection
from dataclasses import dataclass
from functools import partial

from PySide6.QtCore import QEvent, QPointF, QRect, QRectF, Qt, Signal
from PySide6.QtGui import (
    QContextMenuEvent,
    QFocusEvent,
    QGuiApplication,
    QKeyEvent,
    QMouseEvent,
    QPainter,
    QPaintEvent,
    QPen,
    QResizeEvent,
)
from PySide6.QtWidgets import QGraphicsItem, QGraphicsView, QWidget

from engine.cell.cell import Cell
from engine.cell.graph import ADD, PRODUCT, SIGMOID, TANH
from engine.text import numbers
from engine.text.matrix_text import format_matrix
from gui.commands.number_taker import number_entries
from gui.commands.popup import Entry, parted, popup
from gui.diagram.column import ColumnItem
from gui.diagram.items import NodeItem
from gui.diagram.scene import CellScene
from gui.diagram.stops import Stop, stops_of
from gui.diagram.told import DiagramTold
from gui.plots.numbers import picture_entries, tables_around
from gui.spoken.news import announce
from gui.widgets.labels import text_label
from gui.widgets.own_keys import OwnKeys
from gui.widgets.zoomable import Zoomable

_STEPS = {Qt.Key.Key_Right: 1, Qt.Key.Key_Down: 1, Qt.Key.Key_Left: -1, Qt.Key.Key_Up: -1}
_RING = 2.5
"""Pixels of the ring around the part that the keyboard has gone to."""
_FROM_FOOT = 2
"""Pixels from the words over it to the foot of the view."""


class CellView(QGraphicsView, Zoomable):
    """The scene, as large as there is room for."""

    painted = Signal()
    """A frame was drawn."""

    def __init__(self, scene: CellScene, parent: QWidget | None = None) -> None:
        super().__init__(scene, parent)
        self._scene = scene
        scene.setParent(self)  # Qt deletes them together; the garbage collector would choose its own time
        self.setObjectName("diagram")
        self.setRenderHint(QPainter.RenderHint.Antialiasing)
        # The block of the cell is drawn once: drawn anew in part, its edge would differ by a shade.
        self.setCacheMode(QGraphicsView.CacheModeFlag.CacheBackground)
        self.setFrameShape(QGraphicsView.Shape.NoFrame)
        self.setHorizontalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOff)
        self.setVerticalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOff)
        self.setFocusPolicy(Qt.FocusPolicy.StrongFocus)
        self.setAccessibleName("Diagram of the cell; the arrow keys go from part to part")
        self.setMinimumSize(160, 100)
        self._rows_shown = text_label("", "openQuestion")
        self._rows_shown.setParent(self.viewport())
        self._rows_shown.hide()
        scene.rows_shown.connect(self._show_rows)
        self._seen_at: QPointF | None = None
        self.part = ""
        """The place that the keyboard has gone to, as engine/explain names it; "" for none."""
        self._last_part = ""
        OwnKeys(self, lambda event: bool(self.part) and event.key() == Qt.Key.Key_Escape)
        scene.rested_by_mouse.connect(self._forget_part)
        self._told = DiagramTold(self, scene)
        self.has_tips = True
        """Whether tool tips appear; in a presentation nobody can read them, and they cover the numbers."""

    @property
    def is_zoomed(self) -> bool:
        return self._scene.is_zoomed

    def show_all(self) -> None:
        self._scene.show_all()

    def _show_rows(self, words: str) -> None:
        """Say over the diagram that some entries are out of sight: wheels turn by mistake."""
        self._rows_shown.setText(words)
        self._rows_shown.adjustSize()
        self._place_rows()
        self._rows_shown.setVisible(bool(words))

    def _place_rows(self) -> None:
        """At the foot, below the cell, where nothing is drawn."""
        room, words = self.viewport().rect(), self._rows_shown
        words.move((room.width() - words.width()) // 2, room.height() - words.height() - _FROM_FOOT)

    def contextMenuEvent(self, event: QContextMenuEvent) -> None:
        taking = [*number_entries(self, tables_around(self)), *picture_entries(self)]
        popup(self, event.globalPos(), [*self._entries(self.itemAt(event.pos())), *parted(taking)])

    def _entries(self, item: QGraphicsItem | None) -> list[Entry]:
        scene = self._scene
        if scene.cell is None:
            return []
        ways = Ways(scene.layer_clicked.emit, scene.curve_wanted.emit) if scene.clickable else Ways()
        return entries_for(item, scene.cell, ways)

    def mouseMoveEvent(self, event: QMouseEvent) -> None:
        at = event.globalPosition()
        self._scene.moved_over = self._scene.moved_over or (self._seen_at is not None and at != self._seen_at)
        self._seen_at = at
        super().mouseMoveEvent(event)

    # ---- the parts, by the keyboard

    def keyPressEvent(self, event: QKeyEvent) -> None:
        """Go to the next part or to the one before with the arrow keys; Esc leaves it."""
        step = _STEPS.get(Qt.Key(event.key()))
        plain = event.modifiers() & ~Qt.KeyboardModifier.KeypadModifier == Qt.KeyboardModifier.NoModifier
        if step is not None and plain:
            self._go_on(step)
        elif self.part and event.key() == Qt.Key.Key_Escape:
            self._show_part("")
        else:
            super().keyPressEvent(event)

    def focusInEvent(self, event: QFocusEvent) -> None:
        super().focusInEvent(event)
        if event.reason() in (Qt.FocusReason.TabFocusReason, Qt.FocusReason.BacktabFocusReason):
            self._go_on(0)

    def focusOutEvent(self, event: QFocusEvent) -> None:
        super().focusOutEvent(event)
        if event.reason() not in (Qt.FocusReason.PopupFocusReason, Qt.FocusReason.ActiveWindowFocusReason):
            self._show_part("")

    def _go_on(self, step: int) -> None:
        """Go so many parts on from the last one."""
        places = [stop.place for stop in self._stops()]
        if not places:
            return
        known = self._last_part in places
        at = (places.index(self._last_part) + step) % len(places) if known else 0 if step >= 0 else -1
        self._show_part(places[at])

    def _stops(self) -> list[Stop]:
        cell = self._scene.cell
        return stops_of(self._scene, cell) if cell is not None else []

    def _show_part(self, place: str) -> None:
        before, self.part = self.part, place
        self._last_part = place or self._last_part
        self.viewport().update()
        if place:
            self._scene.explain_part(place)
        elif before:
            self._scene.forget_rest()

    def _forget_part(self) -> None:
        """The mouse, or a step of the playback, has taken the explanation's place."""
        if self.part:
            self.part = ""
            self.viewport().update()

    def tell(self, words: str) -> None:
        """Let a screen reader say what is said of the part."""
        if words != self.accessibleDescription():
            self.setAccessibleDescription(words)
            if self.part:
                announce(self, words)

    def drawForeground(self, painter: QPainter, rect: QRectF | QRect) -> None:
        super().drawForeground(painter, rect)
        if self.part:
            pen = QPen(self._scene.ring_colour, _RING)
            pen.setCosmetic(True)
            painter.setPen(pen)
            painter.setBrush(Qt.BrushStyle.NoBrush)
            for stop in self._stops():
                if stop.place == self.part:
                    painter.drawPath(stop.ring)

    def viewportEvent(self, event: QEvent) -> bool:
        if event.type() == QEvent.Type.ToolTip and not self.has_tips:
            return True
        return super().viewportEvent(event)

    def resizeEvent(self, event: QResizeEvent) -> None:
        super().resizeEvent(event)
        self.fitInView(self.sceneRect(), Qt.AspectRatioMode.KeepAspectRatio)
        self._place_rows()

    def paintEvent(self, event: QPaintEvent) -> None:
        super().paintEvent(event)
        self.painted.emit()


def layer_of(cell: Cell, name: str) -> str | None:
    """Return the weight matrix of the layer that a value is the result of, or a step on the way; None for others."""
    operations = {operation.name: operation for operation in cell.operations}
    matrices = {item.name for item in cell.parameters if len(item.shape) == 2}
    while (operation := operations.get(name)) is not None:
        if operation.kind is PRODUCT and operation.inputs[0] in matrices:
            return operation.inputs[0]
        if operation.kind not in (ADD, SIGMOID, TANH):
            return None
        name = operation.inputs[0]
    return None


def entries_for(item: QGraphicsItem | None, cell: Cell, ways: Ways) -> list[Entry]:
    """Return the entries for an item of the diagram; none for what is no value and no layer."""
    if isinstance(item, ColumnItem):
        return [*_copying(item, cell), *ways.entries(layer_of(cell, item.name), {item.name}, cell)]
    if isinstance(item, NodeItem) and item.node.layer:
        return ways.entries(item.node.layer, set(item.node.operations), cell)
    return []


@dataclass(frozen=True)
class Ways:
    """What shows more of a value; None where the diagram leads nowhere.

    layer: shows the sum of the layer of a weight matrix. curve: shows σ and tanh with the values on them.
    """

    layer: Callable[[str], object] | None = None
    curve: Callable[[], object] | None = None

    def entries(self, layer: str | None, names: Collection[str], cell: Cell) -> list[Entry]:
        """Return the entries for values of these names, which come from a layer or from none."""
        found, show = [], self.layer
        if layer is not None and show is not None:
            found.append(Entry(f"Show the sum of {layer}, term by term", partial(show, layer)))
        activations = [item for item in cell.operations if item.name in names and item.kind in (SIGMOID, TANH)]
        if activations and self.curve is not None:
            found.append(Entry(f"Show {activations[0].symbol} on its curve", self.curve))
        return found


def _copying(column: ColumnItem, cell: Cell) -> list[Entry]:
    symbol = cell.described(column.name).symbol
    if not column.texts:
        return [Entry(f"{symbol} is not computed yet", None)]
    copy, block = QGuiApplication.clipboard().setText, column.values[:, None]
    text = "\n".join(numbers.copied(value) for value in column.values)
    return [
        Entry(f"Copy the numbers of {symbol}", partial(copy, text)),
        Entry(f"Copy {symbol} as LaTeX", lambda: copy(format_matrix(block, "latex"))),
    ]
