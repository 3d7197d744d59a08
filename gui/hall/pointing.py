"""What a lecturer points with: a dot or a spotlight that follows the mouse, and a pen that can be wiped."""

from __future__ import annotations

from typing import Literal

from PySide6.QtCore import QEvent, QObject, QPoint, QPointF, QRect, Qt, QTimer
from PySide6.QtGui import QColor, QCursor, QMouseEvent, QPainter, QPainterPath, QPaintEvent, QPen
from PySide6.QtWidgets import QWidget

from gui.appearance.theme import Appearance

Tool = Literal["dot", "spotlight", "pen"]
TOOLS: tuple[Tool, ...] = ("dot", "spotlight", "pen")
_LOOK_MS = 16
_DOT, _LIGHT, _PEN = 14, 150, 5
"""Radius of the dot and of the spotlight, and width of the pen, in pixels of a screen of 1080 lines."""
_SHADE = 150
"""How dark it is around the spotlight, of 255."""


class Pointing(QWidget):
    """Lies over the whole window. Clicks go through it, but while the pen is in the hand."""

    def __init__(self, window: QWidget, appearance: Appearance) -> None:
        super().__init__(window)
        self._window, self._appearance = window, appearance
        self.tool: Tool | None = None
        """What is in the hand."""
        self.strokes: list[QPainterPath] = []
        """What has been drawn, in pixels of the window."""
        self._at = QPoint()
        self._looks = QTimer(self, interval=_LOOK_MS)
        self._looks.timeout.connect(self._follow)
        self.hide()
        window.installEventFilter(self)

    def take(self, tool: Tool) -> None:
        """Take a tool, or put it down where it is in the hand; what was drawn stays until it is wiped."""
        self.tool = None if tool == self.tool else tool
        self._show()

    def wipe(self) -> None:
        """Remove everything that was drawn."""
        self.strokes.clear()
        self._show()

    def leave(self) -> bool:
        """Put the tool down, or wipe what was drawn; return whether there was one of the two."""
        if self.tool is not None:
            self.take(self.tool)
            return True
        if self.strokes:
            self.wipe()
            return True
        return False

    def clear(self) -> None:
        """Put everything away."""
        self.tool = None
        self.wipe()

    def _show(self) -> None:
        follows = self.tool in ("dot", "spotlight")
        if follows:
            self._at = self._window.mapFromGlobal(QCursor.pos())
            self._looks.start()
        else:
            self._looks.stop()
        self.setAttribute(Qt.WidgetAttribute.WA_TransparentForMouseEvents, self.tool != "pen")
        self.setCursor(Qt.CursorShape.CrossCursor if self.tool == "pen" else Qt.CursorShape.ArrowCursor)
        self.setGeometry(self._window.rect())
        self.setVisible(self.tool is not None or bool(self.strokes))
        self.raise_()
        self.update()

    def _follow(self) -> None:
        """Move with the mouse; nothing is painted while it rests."""
        at = self._window.mapFromGlobal(QCursor.pos())
        if at == self._at:
            return
        before, self._at = self._around(self._at), at
        self.update(before.united(self._around(at)))

    def _around(self, at: QPoint) -> QRect:
        reach = self._appearance.px(_LIGHT if self.tool == "spotlight" else _DOT) + 2
        return QRect(at - QPoint(reach, reach), at + QPoint(reach, reach))

    # ---- the pen

    def mousePressEvent(self, event: QMouseEvent) -> None:
        path = QPainterPath(event.position())
        path.lineTo(event.position() + QPointF(0.1, 0))  # a click leaves a point
        self.strokes.append(path)
        self.update()

    def mouseMoveEvent(self, event: QMouseEvent) -> None:
        if self.strokes and event.buttons() & Qt.MouseButton.LeftButton:
            before = self.strokes[-1].currentPosition().toPoint()
            self.strokes[-1].lineTo(event.position())
            wide = self._appearance.px(_PEN) + 2
            self.update(QRect(before, event.position().toPoint()).normalized().adjusted(-wide, -wide, wide, wide))

    # ---- painting

    def paintEvent(self, _event: QPaintEvent) -> None:
        painter = QPainter(self)
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        px, now = self._appearance.px, QColor(self._appearance.theme.now)
        if self.tool == "spotlight":
            shade = QPainterPath()
            shade.addRect(self.rect())
            light = QPainterPath()
            light.addEllipse(QPointF(self._at), px(_LIGHT), px(_LIGHT))
            painter.fillPath(shade.subtracted(light), QColor(0, 0, 0, _SHADE))
        pen = QPen(now, px(_PEN))
        pen.setCapStyle(Qt.PenCapStyle.RoundCap)
        pen.setJoinStyle(Qt.PenJoinStyle.RoundJoin)
        painter.setPen(pen)
        for stroke in self.strokes:
            painter.drawPath(stroke)
        if self.tool == "dot":
            painter.setPen(Qt.PenStyle.NoPen)
            painter.setBrush(now)
            painter.drawEllipse(QPointF(self._at), px(_DOT), px(_DOT))

    def eventFilter(self, watched: QObject, event: QEvent) -> bool:
        """Cover all of a window that changes its size."""
        if event.type() == QEvent.Type.Resize:
            self.setGeometry(self._window.rect())
        return False
