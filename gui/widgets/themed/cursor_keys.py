"""Moves a cursor over a picture with the arrow keys as the mouse would, and clicks there with Return."""

from __future__ import annotations

from collections.abc import Callable

from PySide6.QtCore import QEvent, QObject, QPoint, QPointF, QRect, Qt
from PySide6.QtGui import QKeyEvent, QMouseEvent, QPainter, QPaintEvent, QPen
from PySide6.QtWidgets import QApplication, QWidget

from gui.widgets.own_keys import OwnKeys

_Key = Qt.Key
_WAYS = {_Key.Key_Left: (-1, 0), _Key.Key_Right: (1, 0), _Key.Key_Up: (0, -1), _Key.Key_Down: (0, 1)}
_CLICKS = (_Key.Key_Return, _Key.Key_Enter)
_STEPS = 50
"""How many key presses lead from one side to the other; with Shift a fifth of them."""
_ARM = 7
"""Pixels from the middle of the cross to its ends."""


class CursorKeys(QObject):
    """Gives a picture that hears the mouse a cursor for the keys: whatever the mouse would say there is said."""

    def __init__(self, widget: QWidget, surface: QWidget, room: Callable[[], QRect]) -> None:
        """widget: what Tab comes to. surface: what hears the mouse. room: where in it the cursor can go."""
        super().__init__(widget)
        self._widget, self._surface, self._room = widget, surface, room
        self._share: tuple[float, float] | None = None
        self.cross = _Cross(surface)
        """Where the cursor is; hidden while the keys are elsewhere."""
        widget.setFocusPolicy(Qt.FocusPolicy.TabFocus)
        widget.installEventFilter(self)
        OwnKeys(widget, lambda event: event.key() in _WAYS or (event.key() in _CLICKS and self._share is not None))

    @property
    def at(self) -> QPoint:
        """Where the cursor is, on the surface; in the middle before it was moved."""
        room, (across, down) = self._room(), self._share or (0.5, 0.5)
        width, height = max(0, room.width() - 1), max(0, room.height() - 1)
        return room.topLeft() + QPoint(round(across * width), round(down * height))

    def eventFilter(self, watched: QObject, event: QEvent) -> bool:
        if event.type() == QEvent.Type.FocusOut:
            self._leave()
        elif event.type() == QEvent.Type.KeyPress and isinstance(event, QKeyEvent):
            way = _WAYS.get(_Key(event.key()))
            if way is not None:
                self._go(*way, 5 if event.modifiers() & Qt.KeyboardModifier.ShiftModifier else 1)
                return True
            if event.key() in _CLICKS and self._share is not None:
                self._send(QEvent.Type.MouseButtonPress, Qt.MouseButton.LeftButton)
                self._send(QEvent.Type.MouseButtonRelease, Qt.MouseButton.LeftButton)
                return True
        return False

    def _go(self, across: int, down: int, times: int) -> None:
        """Go a step on; the first key only shows where the cursor is."""
        if self._share is None:
            self._share = (0.5, 0.5)
        else:
            x, y = self._share
            self._share = (
                min(max(x + across * times / _STEPS, 0.0), 1.0),
                min(max(y + down * times / _STEPS, 0.0), 1.0),
            )
        self.cross.stand(self.at)
        self._send(QEvent.Type.MouseMove, Qt.MouseButton.NoButton)

    def _leave(self) -> None:
        if self._share is not None:
            self._share = None
            self.cross.hide()
            QApplication.sendEvent(self._widget, QEvent(QEvent.Type.Leave))

    def _send(self, kind: QEvent.Type, button: Qt.MouseButton) -> None:
        """Let the surface believe that the mouse is there."""
        at = QPointF(self.at)
        held = button if kind == QEvent.Type.MouseButtonPress else Qt.MouseButton.NoButton
        on_screen = QPointF(self._surface.mapToGlobal(self.at))
        event = QMouseEvent(kind, at, on_screen, button, held, Qt.KeyboardModifier.NoModifier)
        QApplication.sendEvent(self._surface, event)


class _Cross(QWidget):
    """A cross in ink on a light ground, so that it is seen on any picture; the mouse goes through it."""

    def __init__(self, surface: QWidget) -> None:
        super().__init__(surface)
        self.setAttribute(Qt.WidgetAttribute.WA_TransparentForMouseEvents)
        self.setFocusPolicy(Qt.FocusPolicy.NoFocus)
        self.resize(2 * _ARM + 5, 2 * _ARM + 5)
        self.hide()

    def stand(self, at: QPoint) -> None:
        """Stand at a point of the surface."""
        self.move(at - self.rect().center())
        self.show()
        self.raise_()

    def paintEvent(self, event: QPaintEvent) -> None:
        painter, middle, palette = QPainter(self), self.rect().center(), self.palette()
        for colour, width in ((palette.base().color(), 5), (palette.windowText().color(), 2)):
            painter.setPen(QPen(colour, width))
            painter.drawLine(middle - QPoint(_ARM, 0), middle + QPoint(_ARM, 0))
            painter.drawLine(middle - QPoint(0, _ARM), middle + QPoint(0, _ARM))
        painter.end()
