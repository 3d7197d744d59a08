"""How fast things move, and whether they move at all."""

from __future__ import annotations

import sys
from typing import Any

from PySide6.QtCore import QObject, Qt, Signal
from PySide6.QtGui import QGuiApplication
from PySide6.QtWidgets import QApplication

from gui.appearance.stored import Stored

SPEEDS = (0.25, 4.0)
"""The least and the most; at 1 a move takes 400 ms."""
SYSTEM, FULL, NONE = "system", "full", "none"
"""What can be chosen: as the system says, always, never."""


class Motion(QObject):
    """The speed of the playback, and whether what is computed travels there or appears at once."""

    changed = Signal()

    def __init__(self, stored: Stored) -> None:
        super().__init__()
        self._stored = stored
        self.choice = stored.text("motion", "whether things move", SYSTEM, (SYSTEM, FULL, NONE))
        """One of SYSTEM, FULL, NONE."""
        self.speed = stored.number("speed", "the speed of the playback", 1.0, *SPEEDS)
        """How fast the playback moves, within SPEEDS."""
        hints = _hints()
        if hints is not None:
            hints.motionPreferenceChanged.connect(lambda _preference: self.changed.emit())

    @property
    def still(self) -> bool:
        """Whether nothing is to move: what is computed appears at once."""
        return self.choice == NONE or (self.choice == SYSTEM and system_is_still())

    def choose(self, choice: str) -> None:
        """Let things move always, never, or as the system says; remember it."""
        if choice != self.choice:
            self.choice = choice
            self._stored.setValue("motion", choice)
            self.changed.emit()

    def set_speed(self, speed: float) -> None:
        """Set the speed within SPEEDS, and remember it."""
        speed = min(max(speed, SPEEDS[0]), SPEEDS[1])
        if speed != self.speed:
            self.speed = speed
            self._stored.setValue("speed", speed)
            self.changed.emit()

    def lasting(self, duration_ms: float) -> int:
        """Return how many milliseconds a move takes that would take so many: 0 where nothing is to move."""
        return 0 if self.still else round(duration_ms)


def system_is_still() -> bool:
    """Return whether the user has told the system to leave animations out.

    Qt tells it on every system from 6.12 on (QAccessibilityHints); before, on Windows alone.
    """
    hints = _hints()
    if hints is not None:
        return bool(hints.motionPreference().name != "NoPreference")
    if sys.platform == "win32":
        return not QApplication.isEffectEnabled(Qt.UIEffect.UI_General)
    return False


def _hints() -> Any:
    """Return what tells the system's wish, and when it changes; None where Qt has no such thing."""
    accessibility = getattr(QGuiApplication.styleHints(), "accessibility", None)
    hints = accessibility() if accessibility is not None else None
    return hints if hasattr(hints, "motionPreferenceChanged") else None
