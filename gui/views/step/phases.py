"""Shows the phases of a training step in a row and marks the current one; a click goes to a phase."""

from __future__ import annotations

from PySide6.QtCore import QSignalBlocker, Qt, Signal
from PySide6.QtGui import QColor, QMouseEvent, QWheelEvent
from PySide6.QtWidgets import QSizePolicy, QTabBar

from gui.appearance.theme import Appearance
from gui.views.step.step_walk import Phase

_CONTINUES = "Continues"


class PhaseStrip(QTabBar):
    """Forward · Loss · Backward · Weights, and what becomes of the run: Continues, Paused or Finished."""

    clicked = Signal(int)
    """The phase whose word was clicked."""

    def __init__(self, appearance: Appearance) -> None:
        super().__init__()
        self._appearance = appearance
        self.setObjectName("phases")
        for words in ("Forward", "Loss", "Backward", "Weights", _CONTINUES):
            self.addTab(words)
        self.setDrawBase(False)
        self.setExpanding(False)
        self.setFocusPolicy(Qt.FocusPolicy.NoFocus)
        self.setSizePolicy(QSizePolicy.Policy.Fixed, QSizePolicy.Policy.Fixed)
        self.setCursor(Qt.CursorShape.PointingHandCursor)
        self.setToolTip("Click a phase to go there; Ctrl+Right goes to the next one, Ctrl+Left back")
        self.currentChanged.connect(self.clicked)  # by a screen reader
        appearance.changed.connect(self._show_reached)
        self.show_phase(None)

    @property
    def phase(self) -> Phase | None:
        """The marked one; None where there is no step."""
        return Phase(self.currentIndex()) if self.isEnabled() else None

    @property
    def ending(self) -> str:
        """The last word: what becomes of the run."""
        return self.tabText(Phase.CONTINUES)

    def show_phase(self, phase: Phase | None, ending: str = _CONTINUES) -> None:
        """Mark one, and say what becomes of the run after the walk."""
        if (phase, ending) != (self.phase, self.ending):
            self.setEnabled(phase is not None)
            self.setTabText(Phase.CONTINUES, ending)
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
