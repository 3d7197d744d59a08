"""A walk from place to place by the playback's keys: next, back, play through, restart; each move takes its time."""

from __future__ import annotations

from PySide6.QtCore import QEasingCurve, QElapsedTimer, QObject, Qt, QTimer, Signal

OPERATION_MS = 400
"""One move at speed 1."""
REST_MS = 350
"""Between two moves while playing through."""
SPEEDS = (0.25, 4.0)
_FRAME_MS = 12
"""Between two frames. Timers of a busy machine come several ms late; a screen of 60 Hz still gets its 16."""
_EASED = QEasingCurve(QEasingCurve.Type.InOutQuad)


class Walk(QObject):
    """A position from 0 to `last`; the way to it is a `progress` from 0 to 1."""

    moved = Signal()
    """Another position is current."""
    progressed = Signal()
    """The way to the current position has come further."""
    playing_changed = Signal(bool)

    def __init__(self, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self.position = 0
        self._progress = 1.0
        self._playing = False
        self._speed = 1.0
        self._duration_ms = float(OPERATION_MS)
        self._since = QElapsedTimer()
        # One clock through a whole playback: an animation of its own for each operation would begin with a frame
        # that comes late by all that its beginning has to draw.
        self._frames = QTimer(self)
        self._frames.setTimerType(Qt.TimerType.PreciseTimer)
        self._frames.setInterval(_FRAME_MS)
        self._frames.timeout.connect(self._on_frame)
        self._rest = QTimer(self)
        self._rest.setSingleShot(True)
        self._rest.timeout.connect(self._on_rested)

    @property
    def last(self) -> int:
        """The last position."""
        return 0

    @property
    def progress(self) -> float:
        """How far the way to the current position has come, 0 to 1."""
        return self._progress

    @property
    def moving(self) -> bool:
        """Whether it is on its way."""
        return self._progress < 1.0

    @property
    def playing(self) -> bool:
        """Whether it goes on by itself."""
        return self._playing

    @property
    def speed(self) -> float:
        """1 is 400 ms a move."""
        return self._speed

    def set_speed(self, speed: float) -> None:
        """Set the speed within SPEEDS, from now on."""
        self._speed = min(max(speed, SPEEDS[0]), SPEEDS[1])

    def next(self) -> None:
        """Go to the next position, moving; a way that is still under way is completed at once."""
        if self.position >= self.last:
            self._complete()
            self._set_playing(False)
            return
        self._rest.stop()
        self.position += 1
        self._progress = 0.0
        self._duration_ms = OPERATION_MS / self._speed
        self._since.start()
        if not self._frames.isActive():
            self._frames.start()
        self.moved.emit()

    def back(self) -> None:
        """Go one position back, at once."""
        self._set_playing(False)
        self._stand_at(max(0, self.position - 1))

    def restart(self) -> None:
        """Stand at the start."""
        self._set_playing(False)
        self._stand_at(0)

    def seek(self, position: int) -> None:
        """Stand at a position; what was playing stops."""
        self._set_playing(False)
        self._stand_at(min(max(position, 0), self.last))

    def toggle(self) -> None:
        """Play through to the end, from the start if it stands at the end; or pause."""
        if self._playing:
            self._set_playing(False)
            return
        if self.position >= self.last:
            self._stand_at(0)
        self._set_playing(True)
        self.next()

    def _stand_at(self, position: int) -> None:
        self._rest.stop()
        self._frames.stop()
        self.position = position
        self._progress = 1.0
        self.moved.emit()

    def _complete(self) -> None:
        self._frames.stop()
        if self._progress < 1.0:
            self._progress = 1.0
            self.progressed.emit()

    def _set_playing(self, playing: bool) -> None:
        self._rest.stop()
        if not playing and self._progress >= 1.0:
            self._frames.stop()
        if playing != self._playing:
            self._playing = playing
            self.playing_changed.emit(playing)

    def _on_frame(self) -> None:
        if self._progress >= 1.0:
            return  # resting
        share = min(1.0, self._since.nsecsElapsed() / 1e6 / self._duration_ms)
        self._progress = _EASED.valueForProgress(share)
        self.progressed.emit()
        if share >= 1.0:
            if self._playing:
                self._rest.start(round(REST_MS / self._speed))
            else:
                self._frames.stop()

    def _on_rested(self) -> None:
        if self._playing:
            self.next()
