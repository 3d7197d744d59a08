"""The ring around the control that the keys go to: 2 px of ink, 2 px outside of it, on top of whatever is there."""

from __future__ import annotations

from PySide6.QtCore import QEvent, QObject, QPoint, QRect, QRectF, Qt
from PySide6.QtGui import QColor, QPainter, QPaintEvent, QPen
from PySide6.QtWidgets import (
    QAbstractButton,
    QAbstractItemView,
    QAbstractScrollArea,
    QAbstractSlider,
    QAbstractSpinBox,
    QApplication,
    QComboBox,
    QLineEdit,
    QPlainTextEdit,
    QTabBar,
    QWidget,
)
from shiboken6 import isValid

from gui.appearance.theme import Appearance

_APART, _WIDE, _RADIUS = 2, 2, 8
"""Pixels between control and ring, of the ring's line, and of its corners."""
_CONTROLS = (QAbstractButton, QAbstractSlider, QAbstractSpinBox, QComboBox, QLineEdit, QPlainTextEdit, QTabBar)
_MOVES = (QEvent.Type.Move, QEvent.Type.Resize, QEvent.Type.Show, QEvent.Type.Hide, QEvent.Type.EnabledChange)


class FocusRing(QObject):
    """Draws the ring in a window; a view or a table shows by itself where the keys go."""

    def __init__(self, window: QWidget, appearance: Appearance) -> None:
        super().__init__(window)
        self._window = window
        self._appearance = appearance
        self.ring: Ring | None = None
        """What is drawn, while a control of the window has the focus."""
        self._away = False
        application = QApplication.instance()
        assert isinstance(application, QApplication)
        application.focusChanged.connect(self._on_focus)
        window.installEventFilter(self)
        self._on_focus(None, QApplication.focusWidget())

    def eventFilter(self, watched: QObject, event: QEvent) -> bool:
        if event.type() == QEvent.Type.Hide:
            self._on_focus(None, None)  # a window that goes has no ring among what is freed with it
            self._away = True
        elif event.type() == QEvent.Type.Show:
            self._away = False
            self._on_focus(None, QApplication.focusWidget())
        return False

    def _on_focus(self, _before: QWidget | None, now: QWidget | None) -> None:
        if self._away:
            return
        if self.ring is not None:
            self.ring.destroyed.disconnect(self._on_gone)
            self.ring.hide()
            self.ring.deleteLater()
            self.ring = None
        control = _control_of(now) if now is not None and self._holds(now) else None
        if control is not None:
            self.ring = Ring(control, self._appearance)
            self.ring.destroyed.connect(self._on_gone)  # its dialog was closed

    def _holds(self, widget: QWidget) -> bool:
        """Whether a widget is in the window, or in a dialog over it."""
        within: QWidget | None = widget
        while within is not None and within is not self._window:
            within = within.parentWidget()
        return within is not None

    def _on_gone(self) -> None:
        self.ring = None


class Ring(QWidget):
    """A ring that stays around a control, however the widgets about it are moved; it goes with them."""

    def __init__(self, control: QWidget, appearance: Appearance) -> None:
        moved, host = [control], control.parentWidget() or control
        while not host.isWindow() and not _is_viewport(host):
            moved.append(host)
            host = host.parentWidget() or host
        super().__init__(host)
        self.control, self.host = control, host
        self._appearance = appearance
        self.setAttribute(Qt.WidgetAttribute.WA_TransparentForMouseEvents)
        self.setFocusPolicy(Qt.FocusPolicy.NoFocus)
        for widget in moved:
            widget.installEventFilter(self)
        self._settle()

    def eventFilter(self, watched: QObject, event: QEvent) -> bool:
        if event.type() in _MOVES and isValid(self.control) and isValid(self.host):  # not while a window is freed
            self._settle()
        return False

    def _settle(self) -> None:
        room = QRect(self.control.mapTo(self.host, QPoint(0, 0)), self.control.size())
        margin = _APART + _WIDE
        self.setGeometry(room.adjusted(-margin, -margin, margin, margin))
        self.setVisible(self.control.isVisible() and self.control.isEnabled())
        self.raise_()

    def paintEvent(self, event: QPaintEvent) -> None:
        painter = QPainter(self)
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        painter.setPen(QPen(QColor(self._appearance.theme.select_edge), _WIDE))
        half = _WIDE / 2
        painter.drawRoundedRect(QRectF(self.rect()).adjusted(half, half, -half, -half), _RADIUS, _RADIUS)
        painter.end()


def _control_of(widget: QWidget) -> QWidget | None:
    """Return the control that a widget with the focus is or belongs to; None if it is no control."""
    parent = widget.parentWidget()
    if parent is None or _is_viewport(parent):
        return None  # the editor of a table's cell has a border of its own
    if not isinstance(widget, _CONTROLS):
        return widget if _says_nothing(widget) else None
    return parent if isinstance(parent, (QAbstractSpinBox, QComboBox)) else widget


def _says_nothing(widget: QWidget) -> bool:
    """Whether Tab comes to something that does not show it: the diagram frames a part, a table its chosen cell."""
    by_tab = bool(widget.focusPolicy().value & Qt.FocusPolicy.TabFocus.value)
    chosen = isinstance(widget, QAbstractItemView) and widget.currentIndex().isValid()
    return by_tab and not chosen and widget.objectName() != "diagram"


def _is_viewport(widget: QWidget) -> bool:
    area = widget.parentWidget()
    return isinstance(area, QAbstractScrollArea) and area.viewport() is widget
