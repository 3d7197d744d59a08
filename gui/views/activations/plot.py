"""One activation function with its derivative, and a cell's pre-activations as dots on both curves."""

from __future__ import annotations

from collections.abc import Iterator

import numpy as np
import pyqtgraph as pg
from numpy.typing import NDArray
from PySide6.QtCore import QEvent, QPointF, QRectF, Qt, Signal
from PySide6.QtGui import (
    QColor,
    QHelpEvent,
    QMouseEvent,
    QPainter,
    QPaintEvent,
    QPen,
    QPixmap,
)
from PySide6.QtWidgets import QToolTip

from engine.cell.graph import SIGMOID
from engine.explain.activations import Activation, Pre
from engine.text import numbers
from gui.appearance.text_size import NOTE, TEXT
from gui.appearance.theme import Appearance, font
from gui.appearance.vector import in_picture
from gui.plots.axes import keep_still, styled_axis
from gui.plots.curve_stack import CurveStack
from gui.views.activations.edge import Edge, Token, draw_token
from gui.views.activations.marks import LIMIT, draw_largest, draw_tangent
from gui.views.activations.readings import Unit, exact_reading, pre_of
from gui.widgets.stroke import DASHES

_LOW, _HIGH = -1.5, 1.4
"""The same heights in every plot, so that 0.25 is seen to be a quarter of 1."""
_AROUND = 1.04
"""How much more than that the axes show."""
_DOT = 9
_MANY = 200
"""Above so many units of a gate, dots that would cover each other by half are drawn once."""
_REACH = 9
"""How far from a dot's middle the mouse takes hold of it."""
_STILL = 4
"""How far the mouse may move, in pixels, before a press becomes a drag."""


class Curves(pg.PlotWidget):
    """The curves and the dots; says which unit the mouse rests on and where it is dragged to."""

    _made = False
    rested = Signal(object)
    """A Unit, or None."""
    grabbed = Signal(object)
    dragged = Signal(float)
    """Where the mouse is now, as z."""
    dropped = Signal()
    pressed = Signal()
    z_moved = Signal(float)
    """Where the mouse has put the z whose tangent is drawn."""

    def __init__(self, activation: Activation, appearance: Appearance) -> None:
        super().__init__(background=None)
        self.activation = activation
        self.pres: tuple[Pre, ...] = ()
        self.held: Unit | None = None
        """What is dragged."""
        self.held_at: float | None = None
        self.z = 1.0
        """Where the tangent is drawn."""
        self._resting: Unit | None = None
        self._press: QPointF | None = None
        self._moves_z = False
        self._tokens: list[Token] | None = None
        self._appearance = appearance
        self._px = appearance.with_text
        self.setRenderHint(QPainter.RenderHint.Antialiasing)
        self.setMinimumSize(60, 60)
        self.setAccessibleName(f"Curve of {activation.title}, with the units on it")
        keep_still(self)
        plot = self.getPlotItem()
        plot.setRange(xRange=_wider(-LIMIT, LIMIT), yRange=_wider(_LOW, _HIGH), padding=0, disableAutoRange=True)
        plot.getAxis("left").setTicks([[(v, numbers.short(v)) for v in (-1, 0, 1)]])
        plot.getAxis("bottom").setTicks([[(v, numbers.short(v)) for v in range(-6, 7, 3)]])
        plot.getAxis("bottom").setStyle(hideOverlappingLabels=False)
        self._levels = [pg.InfiniteLine(at, angle) for at, angle in ((0, 0), (1, 0), (-1, 0), (0, 90))]
        self.stack = CurveStack()
        self.stack.set_curves(_curves(activation))
        for item in (*self._levels, self.stack):
            plot.addItem(item, ignoreBounds=True)
        self._still: QPixmap | None = None
        """Axes and curves as they were drawn last; they change with size and theme alone."""
        self._dots: dict[str, QPixmap] = {}
        plot.getViewBox().sigResized.connect(self._forget_places)  # an axis learns its width as it is painted
        self._made = True
        self.apply_theme()

    # What is shown

    def show_dots(self, pres: tuple[Pre, ...]) -> None:
        """Show these pre-activations, each as two dots: on the function and on its derivative."""
        self.pres = pres
        self._tokens = None
        self._dots = {}
        self.viewport().update()

    def apply_theme(self) -> None:
        """Take the present colours and the present size of text."""
        theme, px = self._appearance.theme, self._px
        plot = self.getPlotItem()
        styled_axis(plot, self._appearance)
        for level in self._levels:
            level.setPen(pg.mkPen(theme.edge))
        muted = pg.mkPen(theme.muted, width=px(2), dash=DASHES)
        ink = pg.mkPen(theme.ink, width=px(2))
        self.stack.set_pens({"derivative": muted, "derivative above 0": muted, "value": ink})
        self._still = self._tokens = None
        self._dots = {}
        self._give_equal_units()
        self.viewport().update()

    def show_z(self, z: float) -> None:
        """Draw the tangent at another z."""
        self.z = z
        self.viewport().update()

    def _give_equal_units(self) -> None:
        """Make a unit as long up as across: a slope of 1 is seen at 45°. What room is left stays empty."""
        plot, ticks = self.getPlotItem(), self._appearance.text(NOTE)
        left, bottom, right = round(2.2 * ticks), round(1.9 * ticks), self._px(8)
        plot.getAxis("left").setWidth(left)
        plot.getAxis("bottom").setHeight(bottom)
        width, height = self.viewport().width() - left - right, self.viewport().height() - bottom
        (first, last), (low, high) = _wider(-LIMIT, LIMIT), _wider(_LOW, _HIGH)
        unit = max(1.0, min(width / (last - first), height / (high - low)))
        aside, above = max(0.0, width - unit * (last - first)), max(0.0, height - unit * (high - low)) / 2
        plot.layout.setContentsMargins(0, above, right + aside, above)
        plot.layout.activate()  # at once: places are asked for before the next turn of the loop

    def _drawn_dot(self, pre: Pre) -> QPixmap:
        """Return the picture of a gate's dots: drawn once, then set down many times."""
        if pre.name not in self._dots:
            size, ratio = self._px(_DOT) + 3, self.devicePixelRatioF()
            picture = QPixmap(round(size * ratio), round(size * ratio))
            picture.setDevicePixelRatio(ratio)
            picture.fill(Qt.GlobalColor.transparent)
            painter = QPainter(picture)
            painter.setRenderHint(QPainter.RenderHint.Antialiasing)
            self._draw_dot(painter, pre, QPointF(0, 0))
            painter.end()
            self._dots[pre.name] = picture
        return self._dots[pre.name]

    def _draw_dot(self, painter: QPainter, pre: Pre, corner: QPointF) -> None:
        # A second gate of one role (y_t beside o_t) is told apart by its rings.
        first = next(other for other in self.pres if other.role == pre.role) is pre
        theme = self._appearance.theme
        colour, panel = theme.role(pre.role), QColor(theme.panel)
        painter.setBrush(colour if first else panel)
        painter.setPen(QPen(panel, 1) if first else QPen(colour, self._px(2)))
        radius = self._px(_DOT) / 2 if first else self._px(_DOT) / 2 - 0.5
        middle = (self._px(_DOT) + 3) / 2
        painter.drawEllipse(corner + QPointF(middle, middle), radius, radius)

    # What the mouse is on

    def place(self, z: float, height: float) -> QPointF:
        """Return where a point of the plot is in the widget."""
        point: QPointF = self.getPlotItem().getViewBox().mapViewToScene(QPointF(z, height))
        return point

    def unit_at(self, at: QPointF) -> Unit | None:
        """Return the unit whose dot or number is under a point of the widget."""
        for token in self.tokens():
            if token.rect.contains(at):
                return None if token.unit is None else (token.pre.name, token.unit)
        zero, one = self.place(0, 0), self.place(1, 1)
        found, nearest = None, float(self._px(_REACH)) ** 2
        for pre in self.pres:
            z = np.where(np.abs(pre.values) <= LIMIT, pre.values, np.inf)
            across = zero.x() + z * (one.x() - zero.x()) - at.x()
            for heights in (pre.results, pre.derivatives):
                off = across**2 + (zero.y() + heights * (one.y() - zero.y()) - at.y()) ** 2
                if off.size and off.min() <= nearest:
                    unit = int(off.argmin())
                    found, nearest = (pre.name, unit), float(off[unit])
        return found

    def tip_at(self, at: QPointF) -> str:
        """Return every digit of what is under a point of the widget; nothing where nothing is."""
        unit = self.unit_at(at)
        pre = pre_of(unit, self.pres)
        if pre is not None and unit is not None:
            return exact_reading(pre, unit[1], self.activation)
        return next((token.tip for token in self.tokens() if token.rect.contains(at)), "")

    def mousePressEvent(self, event: QMouseEvent) -> None:
        if event.button() is not Qt.MouseButton.LeftButton:
            return
        self.pressed.emit()
        self._rest(self.unit_at(event.position()))
        if self._resting is not None:
            self._press = event.position()
        else:
            self._moves_z = True
            self.z_moved.emit(self._z_at(event.position()))

    def _z_at(self, at: QPointF) -> float:
        z = float(self.getPlotItem().getViewBox().mapSceneToView(at).x())
        return min(max(z, -LIMIT), LIMIT)

    def mouseMoveEvent(self, event: QMouseEvent) -> None:
        at = event.position()
        if self._moves_z:
            self.z_moved.emit(self._z_at(at))
            return
        if self._press is not None and self.held is None and abs(at.x() - self._press.x()) >= _STILL:
            self.held = self._resting
            self.grabbed.emit(self.held)
        if self.held is None:
            if self._press is None:
                self._rest(self.unit_at(at))
            return
        self.held_at = self._z_at(at)
        self.dragged.emit(self.held_at)
        self.viewport().update()

    def mouseReleaseEvent(self, event: QMouseEvent) -> None:
        self._press = None
        self._moves_z = False
        if self.held is not None:
            self.let_go()
            self.dropped.emit()

    def leaveEvent(self, event: QEvent) -> None:
        super().leaveEvent(event)
        if self._press is None:
            self._rest(None)

    def let_go(self) -> None:
        """Hold nothing any more."""
        self._press = self.held = self.held_at = None
        self.viewport().update()

    def _rest(self, unit: Unit | None) -> None:
        if unit == self._resting:
            return
        self._resting = unit
        pre = pre_of(unit, self.pres)
        shape = Qt.CursorShape.ArrowCursor
        if pre is not None:
            shape = Qt.CursorShape.SizeHorCursor if pre.bias else Qt.CursorShape.PointingHandCursor
        self.viewport().setCursor(shape)
        self.rested.emit(unit)
        self.viewport().update()

    def viewportEvent(self, event: QEvent) -> bool:
        if event.type() is QEvent.Type.ToolTip and isinstance(event, QHelpEvent):
            tip = self.tip_at(QPointF(event.pos()))
            QToolTip.showText(event.globalPos(), tip) if tip else QToolTip.hideText()
            return True
        handled: bool = super().viewportEvent(event)
        return handled

    def resizeEvent(self, event: object) -> None:
        super().resizeEvent(event)
        if self._made:  # pyqtgraph resizes it while it is being made
            self._give_equal_units()
        self._forget_places()

    def _forget_places(self) -> None:
        self._still = self._tokens = None
        self.viewport().update()

    # Painting

    def paintEvent(self, event: QPaintEvent) -> None:
        painter = QPainter(self.viewport())
        if in_picture():
            painter.fillRect(self.viewport().rect(), QColor(self._appearance.theme.panel))
            self.scene().render(painter, QRectF(self.viewport().rect()), QRectF(self.viewport().rect()))
        else:
            if self._still is None:
                self._still = self._drawn_still()
            painter.drawPixmap(0, 0, self._still)
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        painter.setFont(font(self._appearance.text(TEXT), bold=True))
        tokens = self.tokens()
        draw_largest(painter, self.activation, self.place, self._appearance, [token.rect for token in tokens])
        self._draw_z(painter)
        self._draw_dots(painter)
        self._draw_marked(painter)
        painter.setFont(font(self._appearance.text(TEXT), bold=True))
        for token in tokens:
            draw_token(painter, token, self._appearance.theme.role(token.pre.role))
        painter.end()

    def _drawn_still(self) -> QPixmap:
        """Draw what takes long and seldom changes: axes and curves."""
        ratio = self.devicePixelRatioF()
        picture = QPixmap(self.viewport().size() * ratio)
        picture.setDevicePixelRatio(ratio)
        picture.fill(QColor(self._appearance.theme.panel))
        painter = QPainter(picture)
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        self.render(painter)
        painter.end()
        return picture

    def _draw_dots(self, painter: QPainter) -> None:
        """Set down the dots; where those of several gates lie on each other, another one is on top each time."""
        dots: list[tuple[int, int, list[tuple[int, int]], Pre]] = []
        for number, pre in enumerate(self.pres):
            picture = self._drawn_dot(pre)
            for column, points in self._columns(pre, picture.width() / picture.devicePixelRatio() / 2):
                dots.append((column, (column + number) % len(self.pres), points, pre))
        for _, _, points, pre in sorted(dots, key=lambda dot: dot[:2]):
            for x, y in points:
                if in_picture():
                    self._draw_dot(painter, pre, QPointF(x, y))
                else:
                    painter.drawPixmap(x, y, self._drawn_dot(pre))

    def _columns(self, pre: Pre, half: float) -> Iterator[tuple[int, list[tuple[int, int]]]]:
        """Yield the corners of a gate's dots, column by column: of all that cannot be told apart, one."""
        z = np.asarray(pre.values)
        units = np.flatnonzero(np.abs(z) <= LIMIT)
        zero, one = self.place(0, 0), self.place(1, 1)
        x = np.round(zero.x() + z[units] * (one.x() - zero.x()) - half).astype(int)
        column, first = np.unique(x // (1 if units.size <= _MANY else self._px(_DOT) // 2), return_index=True)
        heights = (pre.results[units[first]], pre.derivatives[units[first]])
        above, below = (np.round(zero.y() + y * (one.y() - zero.y()) - half).astype(int).tolist() for y in heights)
        for place, left, *tops in zip(column.tolist(), x[first].tolist(), above, below, strict=True):
            yield place, [(left, top) for top in tops]

    def _draw_z(self, painter: QPainter) -> None:
        box = self.getPlotItem().getViewBox().sceneBoundingRect()
        draw_tangent(painter, self.activation, self.z, self.place, box, self._appearance)

    def _draw_marked(self, painter: QPainter) -> None:
        """Ring the dots of the unit under the mouse, and draw the tangent whose slope the derivative is."""
        unit = self.held or self._resting
        pre = pre_of(unit, self.pres)
        if pre is None or unit is None:
            return
        z, colour = float(pre.values[unit[1]]), self._appearance.theme.role(pre.role)
        painter.setBrush(Qt.BrushStyle.NoBrush)
        painter.setPen(QPen(colour, self._px(2)))
        radius = self._px(_DOT) * 0.85
        if abs(z) <= LIMIT:
            value, slope = float(pre.results[unit[1]]), float(pre.derivatives[unit[1]])
            painter.drawLine(self.place(z - 1.2, value - 1.2 * slope), self.place(z + 1.2, value + 1.2 * slope))
            painter.drawEllipse(self.place(z, value), radius, radius)
            painter.drawEllipse(self.place(z, slope), radius, radius)
        if self.held is not None and self.held_at is not None and pre.bias is not None:
            at = np.array([self.held_at])
            painter.setBrush(colour)
            painter.setPen(QPen(QColor(self._appearance.theme.panel), 1))
            for heights in (self.activation.value(at), self.activation.derivative(at)):
                painter.drawEllipse(self.place(self.held_at, float(heights[0])), radius * 0.8, radius * 0.8)

    # Beyond the edges

    def tokens(self) -> list[Token]:
        """Return what is shown of units beyond the edges: to the right below the curves, to the left above them."""
        if self._tokens is None:
            self._tokens = [token for right in (True, False) for token in self._edge(right).tokens(self.pres, LIMIT)]
        return self._tokens

    def _edge(self, right: bool) -> Edge:
        """Return the room at an edge that no curve passes: σ leaves the whole width free below 0."""
        if right:
            left = -LIMIT if self.activation.kind is SIGMOID else 0.3
            room = QRectF(self.place(left, -0.1), self.place(LIMIT, _LOW))
        else:
            room = QRectF(self.place(-LIMIT, 0.93), self.place(0, 0.12))
        return Edge(right, room, font(self._appearance.text(TEXT), bold=True), self._appearance.written)


def _wider(low: float, high: float) -> tuple[float, float]:
    """Return the ends of an axis from low to high with some air around it."""
    air = (_AROUND - 1) / 2 * (high - low)
    return low - air, high + air


def _curves(activation: Activation) -> dict[str, tuple[NDArray[np.float64], NDArray[np.float64]]]:
    z = np.linspace(-LIMIT, LIMIT, 241)
    shown = z[activation.value(z) <= _HIGH]
    curves = {"value": (shown, activation.value(shown)), "derivative": (z, activation.derivative(z))}
    if activation.largest_at[0] != activation.largest_at[1]:  # it jumps at 0
        for name, part in (("derivative", z[z <= 0]), ("derivative above 0", z[z > 0])):
            curves[name] = part, activation.derivative(part)
    return curves
