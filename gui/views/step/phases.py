"""The phases of a training step in a row, the present one marked; a click goes there."""

from __future__ import annotations

from PySide6.QtCore import QPointF, QRectF, QSize, Qt, Signal
from PySide6.QtGui import QColor, QFontMetricsF, QMouseEvent, QPainter, QPaintEvent
from PySide6.QtWidgets import QSizePolicy, QWidget

from gui.appearance.theme import Appearance, font
from gui.views.step.step_walk import Phase

_WORDS = {
    Phase.FORWARD: "Forward",
    Phase.LOSS: "Loss",
    Phase.BACKWARD: "Backward",
    Phase.WEIGHTS: "Weights",
}
ENDINGS = ("Goes on", "Paused", "Finished")
"""What the last word can be: what becomes of the run after the walk."""


class PhaseStrip(QWidget):
    """Forward · Loss · Backward · Weights · Goes on, or Paused, or Finished."""

    clicked = Signal(int)
    """The phase whose word was clicked."""

    def __init__(self, appearance: Appearance) -> None:
        super().__init__()
        self._appearance = appearance
        self._pixels = appearance.px(16)
        self._phase: Phase | None = None
        self._ending = ENDINGS[0]
        self.setSizePolicy(QSizePolicy.Policy.Fixed, QSizePolicy.Policy.Fixed)
        self.setCursor(Qt.CursorShape.PointingHandCursor)
        self.setToolTip("Ctrl+Right skips to the next of them, Ctrl+Left returns; a click goes there")
        appearance.changed.connect(self.update)

    @property
    def phase(self) -> Phase | None:
        """The marked one; None where there is no step."""
        return self._phase

    @property
    def ending(self) -> str:
        """The last word, of ENDINGS."""
        return self._ending

    def show_phase(self, phase: Phase | None, ending: str = ENDINGS[0]) -> None:
        """Mark one, and say what becomes of the run after the walk."""
        if (phase, ending) != (self._phase, self._ending):
            self._phase, self._ending = phase, ending
            self.update()

    def set_letters(self, pixels: int) -> None:
        """Use letters of so many pixels of the screen."""
        if pixels != self._pixels:
            self._pixels = pixels
            self.updateGeometry()
            self.update()

    def sizeHint(self) -> QSize:
        return QSize(round(self._places()[-1].right()) + 2, round(1.9 * self._pixels))

    def place(self, phase: Phase) -> QRectF:
        """Return where the word of a phase stands."""
        return self._places()[phase]

    def _places(self) -> list[QRectF]:
        """Return the room of each word; all are as wide as bold letters need, so that nothing jumps."""
        measure = QFontMetricsF(font(self._pixels, bold=True))
        found, left = [], 1.0
        widths = [measure.horizontalAdvance(words) for words in _WORDS.values()]
        widths.append(max(measure.horizontalAdvance(words) for words in ENDINGS))
        for letters in widths:
            width = letters + 1.1 * self._pixels
            found.append(QRectF(left, 1, width, 1.8 * self._pixels))
            left += width + 0.9 * self._pixels
        return found

    def paintEvent(self, event: QPaintEvent) -> None:
        painter = QPainter(self)
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        theme = self._appearance.theme
        now = QColor(theme.now)
        places = self._places()
        for phase, words in (*_WORDS.items(), (Phase.GOES_ON, self._ending)):
            room = places[phase]
            here = phase is self._phase
            reached = self._phase is not None and phase <= self._phase
            if here:
                painter.setPen(Qt.PenStyle.NoPen)
                painter.setBrush(now)
                painter.drawRoundedRect(room, 0.5 * self._pixels, 0.5 * self._pixels)
            painter.setFont(font(self._pixels, bold=here))
            painter.setPen(theme.on(now) if here else QColor(theme.ink if reached else theme.muted))
            painter.drawText(room, Qt.AlignmentFlag.AlignCenter, words)
            if phase is not Phase.GOES_ON:
                between = QRectF(room.right(), room.top(), 0.9 * self._pixels, room.height())
                painter.setFont(font(self._pixels))
                painter.setPen(QColor(theme.muted))
                painter.drawText(between, Qt.AlignmentFlag.AlignCenter, "›")

    def mousePressEvent(self, event: QMouseEvent) -> None:
        at = QPointF(event.position())
        for phase, room in zip(Phase, self._places(), strict=True):
            if room.contains(at):
                self.clicked.emit(int(phase))
