"""The sign of a verdict: a tick, a loss that falls, an exclamation mark or three dots, in the verdict's colour."""

from __future__ import annotations

from PySide6.QtCore import QPointF, QRectF, QSize, Qt
from PySide6.QtGui import QColor, QPainter, QPaintEvent, QPen, QPolygonF
from PySide6.QtWidgets import QSizePolicy, QWidget

from engine.runs.verdict.findings import Outlook
from gui.appearance.theme import Appearance, Theme

_WELL, _ON, _BAD, _OPEN = "well", "on", "bad", "open"
_MOODS = {
    Outlook.SOLVED: _WELL,
    Outlook.SOLVED_ONCE: _ON,
    Outlook.LEARNING: _ON,
    Outlook.NO_CRITERION: _ON,
    Outlook.OVERFITTING: _ON,
    Outlook.NOT_LEARNING: _BAD,
    Outlook.DIVERGED: _BAD,
    Outlook.TOO_EARLY: _OPEN,
    Outlook.FALLING: _ON,
    Outlook.NOT_FALLING: _OPEN,
}
_LINES = {
    _WELL: ((-0.5, 0.05), (-0.12, 0.4), (0.5, -0.35)),
    _ON: ((-0.55, -0.4), (-0.2, -0.2), (0.05, 0.3), (0.55, 0.4)),
    _BAD: ((0.0, -0.5), (0.0, 0.12)),
    _OPEN: (),
}
"""Lines in a circle of radius 1."""
_DOTS = {_BAD: ((0.0, 0.46),), _OPEN: ((-0.42, 0.0), (0.0, 0.0), (0.42, 0.0))}
_SIZE = 18


def colours(theme: Theme, outlook: Outlook | None) -> tuple[QColor, QColor]:
    """Return the colour of a verdict, and that of the ground behind its words; None: there is none yet."""
    found = {
        _WELL: (theme.good, theme.good_ground),
        _ON: (theme.goes_on, theme.goes_on_ground),
        _BAD: (theme.bad, theme.bad_ground),
        _OPEN: (theme.muted, theme.ground),
    }[_mood(outlook)]
    return QColor(found[0]), QColor(found[1])


def paint_sign(painter: QPainter, theme: Theme, outlook: Outlook | None, middle: QPointF, radius: float) -> None:
    """Paint the sign of a verdict; the painter's pen and brush are then others."""
    mood, (colour, _) = _mood(outlook), colours(theme, outlook)
    painter.setPen(Qt.PenStyle.NoPen)
    painter.setBrush(colour)
    painter.drawEllipse(middle, radius, radius)
    ink = theme.on(colour)
    if _LINES[mood]:
        pen = QPen(ink, max(1.5, 0.17 * radius))
        pen.setCapStyle(Qt.PenCapStyle.RoundCap)
        painter.setPen(pen)
        painter.setBrush(Qt.BrushStyle.NoBrush)
        painter.drawPolyline(QPolygonF([_at(middle, radius, *point) for point in _LINES[mood]]))
    painter.setPen(Qt.PenStyle.NoPen)
    painter.setBrush(ink)
    for point in _DOTS.get(mood, ()):
        painter.drawEllipse(_at(middle, radius, *point), 0.12 * radius, 0.12 * radius)


def _mood(outlook: Outlook | None) -> str:
    return _MOODS[outlook] if outlook is not None else _OPEN


def _at(middle: QPointF, radius: float, x: float, y: float) -> QPointF:
    return QPointF(middle.x() + radius * x, middle.y() + radius * y)


class VerdictSign(QWidget):
    """The sign of a verdict beside a line of text."""

    def __init__(self, appearance: Appearance) -> None:
        super().__init__()
        self._appearance = appearance
        self._outlook: Outlook | None = None
        self.setSizePolicy(QSizePolicy.Policy.Fixed, QSizePolicy.Policy.Fixed)

    def show_outlook(self, outlook: Outlook | None) -> None:
        """Show the sign of another verdict; None: there is none yet."""
        if outlook is not self._outlook:
            self._outlook = outlook
            self.update()

    def sizeHint(self) -> QSize:
        size = self._appearance.with_text(_SIZE)
        return QSize(size, size)

    def paintEvent(self, event: QPaintEvent) -> None:
        painter = QPainter(self)
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        box = QRectF(self.rect())
        radius = min(box.width(), box.height()) / 2 - 0.5
        paint_sign(painter, self._appearance.theme, self._outlook, box.center(), radius)
        painter.end()
