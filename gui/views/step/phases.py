"""The phases of a training step in a row, the present one marked; a click goes there."""

from __future__ import annotations

from PySide6.QtCore import QSignalBlocker, Qt, Signal
from PySide6.QtGui import QColor, QMouseEvent, QWheelEvent
from PySide6.QtWidgets import QSizePolicy, QTabBar

from gui.appearance.theme import Appearance
from gui.views.step.step_walk import Phase

_WORDS = {
    Phase.FORWARD: "Forward",
    Phase.LOSS: "Loss",
    Phase.BACKWARD: "Backward",
    Phase.WEIGHTS: "Weights",
}
ENDINGS = ("Goes on", "Paused", "Finished")
"""What the last word can be: what becomes of the run after the walk."""


class PhaseStrip(QTabBar):
    """Forward · Loss · Backward · Weights · Goes on, or Paused, or Finished; which one is marked, the walk decides."""

    clicked = Signal(int)
    """The phase whose word was clicked."""

    def __init__(self, appearance: Appearance) -> None:
        super().__init__()
        self._appearance = appearance
        self.setObjectName("phases")
        for words in (*_WORDS.values(), ENDINGS[0]):
            self.addTab(words)
        self.setDrawBase(False)
        self.setExpanding(False)
        self.setFocusPolicy(Qt.FocusPolicy.NoFocus)
        self.setSizePolicy(QSizePolicy.Policy.Fixed, QSizePolicy.Policy.Fixed)
        self.setCursor(Qt.CursorShape.PointingHandCursor)
        self.setToolTip("Ctrl+Right skips to the next of them, Ctrl+Left returns; a click goes there")
        self.currentChanged.connect(self.clicked)  # by a screen reader
        appearance.changed.connect(self._show_reached)
        self.show_phase(None)

    @property
    def phase(self) -> Phase | None:
        """The marked one; None where there is no step."""
        return Phase(self.currentIndex()) if self.isEnabled() else None

    @property
    def ending(self) -> str:
        """The last word, of ENDINGS."""
        return self.tabText(Phase.GOES_ON)

    def show_phase(self, phase: Phase | None, ending: str = ENDINGS[0]) -> None:
        """Mark one, and say what becomes of the run after the walk."""
        if (phase, ending) != (self.phase, self.ending):
            self.setEnabled(phase is not None)
            self.setTabText(Phase.GOES_ON, ending)
            with QSignalBlocker(self):
                self.setCurrentIndex(phase or Phase.FORWARD)
            self._show_reached()

    def _show_reached(self) -> None:
        theme = self._appearance.theme
        for phase in Phase:
            reached = self.phase is not None and phase <= self.phase
            self.setTabTextColor(phase, QColor(theme.ink if reached else theme.muted))

    def mousePressEvent(self, event: QMouseEvent) -> None:
        at = self.tabAt(event.position().toPoint())
        if at >= 0:
            self.clicked.emit(at)

    def wheelEvent(self, event: QWheelEvent) -> None:
        event.ignore()
