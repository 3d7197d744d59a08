"""The diagram's items except for the columns and their symbols: layers and knots, wires, tokens."""

from __future__ import annotations

from PySide6.QtCore import QRectF, Qt, Signal
from PySide6.QtGui import QColor, QPainter, QPainterPath, QPainterPathStroker, QPen
from PySide6.QtWidgets import (
    QGraphicsEllipseItem,
    QGraphicsItem,
    QGraphicsObject,
    QGraphicsRectItem,
    QGraphicsScene,
    QGraphicsSceneHoverEvent,
    QGraphicsSceneMouseEvent,
    QStyleOptionGraphicsItem,
    QWidget,
)

from gui.appearance.dashes import to_come
from gui.appearance.theme import Theme, font
from gui.appearance.vector import in_picture
from gui.diagram.column import rest_on
from gui.diagram.layout import HALO, KNOT_RADIUS, LAYER_SIZE, Node, Point, Wire
from gui.diagram.paths import arrow_head, rounded_path, towards

NODE_SIZE = 25.0
"""In the drawing's units, as are all sizes here."""


_TOUCH = 18.0
"""How wide a line is for the cursor."""


class BodyItem(QGraphicsRectItem):
    """The cell's body for the cursor; the scene's background paints it."""

    def __init__(self, body: tuple[float, float, float, float], place: str) -> None:
        left, top, right, bottom = body
        super().__init__(left, top, right - left, bottom - top)
        self.place = place
        self.setPen(QPen(Qt.PenStyle.NoPen))
        self.setZValue(-1)
        self.setAcceptHoverEvents(True)

    def hoverEnterEvent(self, event: QGraphicsSceneHoverEvent) -> None:
        rest_on(self, self.place)

    def hoverLeaveEvent(self, event: QGraphicsSceneHoverEvent) -> None:
        rest_on(self, "")


class NodeItem(QGraphicsObject):
    """A layer's box or an entry-wise operation's circle; it glows while it computes, and is dashed before."""

    clicked = Signal(str)
    """The weight matrix of the layer."""

    def __init__(self, node: Node, theme: Theme, clickable: bool = True) -> None:
        super().__init__()
        self.setAcceptHoverEvents(True)
        self.node = node
        self._clickable = clickable and node.layer is not None
        self._theme = theme
        self._glow = 0.0
        self._done = False
        self.setPos(*node.centre)
        self.setAcceptedMouseButtons(Qt.MouseButton.LeftButton)  # the right one opens the menu
        self.setCacheMode(QGraphicsItem.CacheMode.DeviceCoordinateCache)
        if self._clickable:
            self.setCursor(Qt.CursorShape.PointingHandCursor)

    def show_state(self, glow: float, done: bool) -> None:
        """Set how strongly it glows (0…1) and whether it has computed in this pass."""
        if (glow, done) != (self._glow, self._done):
            self._glow, self._done = glow, done
            self.update()

    def shape_rect(self) -> QRectF:
        """The box or circle's rectangle."""
        if self.node.layer:
            width, height = LAYER_SIZE
        else:
            width, height = (84.0 if self.node.wide else 2 * KNOT_RADIUS), 2 * KNOT_RADIUS
        return QRectF(-width / 2, -height / 2, width, height)

    def boundingRect(self) -> QRectF:
        return self.shape_rect().adjusted(-12, -12, 12, 12)

    def paint(self, painter: QPainter, option: QStyleOptionGraphicsItem, widget: QWidget | None = None) -> None:
        theme, rect = self._theme, self.shape_rect()
        radius = 8.0 if self.node.layer else rect.height() / 2
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        painter.setPen(Qt.PenStyle.NoPen)
        if self._glow:
            halo = QColor(theme.now)
            halo.setAlphaF(self._glow)
            painter.setBrush(halo)
            painter.drawRoundedRect(rect.adjusted(-HALO, -HALO, HALO, HALO), radius + HALO, radius + HALO)
        colour = theme.role(self.node.role)
        if not self._done and not self._glow:
            painter.setBrush(QColor(theme.panel))
            painter.setPen(to_come(theme, 3))
            letters = QColor(theme.muted)
        elif self.node.layer:
            painter.setBrush(colour)
            letters = theme.on(colour)
        else:
            painter.setBrush(QColor(theme.panel))
            painter.setPen(QPen(QColor(theme.wire), 3))
            letters = QColor(theme.ink)
        painter.drawRoundedRect(rect, radius, radius)
        painter.setPen(letters)
        painter.setFont(font(NODE_SIZE, bold=True))
        painter.drawText(rect, Qt.AlignmentFlag.AlignCenter, self.node.text)

    def hoverEnterEvent(self, event: QGraphicsSceneHoverEvent) -> None:
        rest_on(self, self.node.operations[-1])

    def hoverLeaveEvent(self, event: QGraphicsSceneHoverEvent) -> None:
        rest_on(self, "")

    def mousePressEvent(self, event: QGraphicsSceneMouseEvent) -> None:
        if self._clickable and self.node.layer:
            self.clicked.emit(self.node.layer)


class SwitchItem(QGraphicsObject):
    """Adds or removes the output y_t by a click."""

    clicked = Signal()

    def __init__(self, centre: Point, on: bool, theme: Theme) -> None:
        super().__init__()
        self._on = on
        self._theme = theme
        self.setPos(*centre)
        self.setAcceptedMouseButtons(Qt.MouseButton.LeftButton)
        self.setCursor(Qt.CursorShape.PointingHandCursor)
        self.setToolTip(
            "Click: remove the output y" if on else "Click: add an output y = σ(W·h + b); the menu Cell has others"
        )
        self.setCacheMode(QGraphicsItem.CacheMode.DeviceCoordinateCache)

    def boundingRect(self) -> QRectF:
        return QRectF(-46, -20, 92, 40)

    def paint(self, painter: QPainter, option: QStyleOptionGraphicsItem, widget: QWidget | None = None) -> None:
        if in_picture():
            return
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        colour = QColor(self._theme.ink)  # a control, not a part of the cell
        painter.setPen(QPen(QColor(self._theme.field), 2))
        painter.setBrush(Qt.BrushStyle.NoBrush)
        painter.drawRoundedRect(self.boundingRect().adjusted(2, 2, -2, -2), 8, 8)
        painter.setPen(colour)
        painter.setFont(font(NODE_SIZE, bold=True))
        painter.drawText(self.boundingRect(), Qt.AlignmentFlag.AlignCenter, "− y" if self._on else "+ y")

    def mousePressEvent(self, event: QGraphicsSceneMouseEvent) -> None:
        self.clicked.emit()


class WireItem(QGraphicsItem):
    """A line that carries a value: dashed until the value is there."""

    def __init__(self, wire: Wire, theme: Theme, place: str) -> None:
        """place: what the cursor rests on here."""
        super().__init__()
        self.wire = wire
        self.place = place
        self.setAcceptHoverEvents(True)
        self._theme = theme
        self._full = False
        self.width = 8.0 if wire.thick else 4.0
        self._backwards = False
        half = 12 if wire.thick else 9
        forwards, back = list(wire.points), list(reversed(wire.points))
        # The line ends inside its head, not at the tip.
        self._shapes = [
            (_shortened(points) if wire.arrow else rounded_path(points), arrow_head(points[-2], points[-1], half))
            for points in (forwards, back)
        ]
        stroker = QPainterPathStroker()
        stroker.setWidth(_TOUCH)
        self._touched = stroker.createStroke(rounded_path(forwards))
        self.setCacheMode(QGraphicsItem.CacheMode.DeviceCoordinateCache)

    def show_full(self, full: bool, backwards: bool = False) -> None:
        """Set whether the value is there, or its gradient, which flows the other way."""
        if (full, backwards) != (self._full, self._backwards):
            self._full, self._backwards = full, backwards
            self.update()

    def boundingRect(self) -> QRectF:
        return self._shapes[0][0].boundingRect().adjusted(-22, -22, 22, 22)

    def shape(self) -> QPainterPath:
        return self._touched

    def hoverEnterEvent(self, event: QGraphicsSceneHoverEvent) -> None:
        rest_on(self, self.place)

    def hoverLeaveEvent(self, event: QGraphicsSceneHoverEvent) -> None:
        rest_on(self, "")

    def paint(self, painter: QPainter, option: QStyleOptionGraphicsItem, widget: QWidget | None = None) -> None:
        role = self.wire.role
        colour = QColor(self._theme.wire) if role == "x" else self._theme.role(role)
        pen = QPen(colour, self.width, Qt.PenStyle.SolidLine, Qt.PenCapStyle.FlatCap)
        if not self._full:
            pen = to_come(self._theme, self.width * 0.75)
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        painter.setPen(pen)
        colour = pen.color()
        path, head = self._shapes[self._backwards]
        painter.drawPath(path)
        if self.wire.arrow:
            painter.setPen(Qt.PenStyle.NoPen)
            painter.setBrush(colour)
            painter.drawPolygon(head)


def _shortened(points: list[Point]) -> QPainterPath:
    return rounded_path([*points[:-1], towards(points[-1], points[-2], 8)])


class Tokens:
    """The values that travel along the wires to an operation: three tokens one behind the other on every route.

    Each is an item that moves, so that a frame draws again only what is under the tokens.
    """

    _BEHIND = (0.0, 0.07, 0.14)
    _MOST_ROUTES = 2

    def __init__(self, scene: QGraphicsScene, theme: Theme) -> None:
        self._routes: tuple[tuple[Point, ...], ...] = ()
        self._paths: list[QPainterPath] = []
        self._tokens: list[list[QGraphicsEllipseItem]] = []
        for _ in range(self._MOST_ROUTES):
            row = []
            for _ in self._BEHIND:
                token = scene.addEllipse(-9, -9, 18, 18, QPen(QColor(theme.panel), 2), QColor(theme.now))
                token.setZValue(10)
                token.setCacheMode(QGraphicsItem.CacheMode.DeviceCoordinateCache)
                token.hide()
                row.append(token)
            self._tokens.append(row)

    def travel(self, routes: tuple[tuple[Point, ...], ...], share: float) -> None:
        """Show tokens at a fraction (0…1) of every route; without routes none."""
        if routes != self._routes:
            self._routes = routes
            self._paths = [rounded_path(route) for route in routes]
        for number, row in enumerate(self._tokens):
            for token, behind in zip(row, self._BEHIND, strict=True):
                place = share * (1 + self._BEHIND[-1]) - behind
                there = number < len(self._paths) and 0 <= place <= 1
                token.setVisible(there)
                if there:
                    token.setPos(self._paths[number].pointAtPercent(place))
