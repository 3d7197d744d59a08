"""Where the walk through the cell stands: operation by operation, step by step, forwards and back."""

from __future__ import annotations

from dataclasses import dataclass

from PySide6.QtCore import QEasingCurve, QElapsedTimer, QObject, Qt, QTimer, Signal

from engine.graph import Operation
from engine.trace import Trace

OPERATION_MS = 400
"""One operation at speed 1: tokens travel, the operation lights up, its output fills in."""
REST_MS = 350
"""Between two operations while playing through."""
SPEEDS = (0.25, 4.0)
_FRAME_MS = 12
"""Between two frames. Timers of a busy machine come several ms late; a screen of 60 Hz still gets its 16."""
_EASED = QEasingCurve(QEasingCurve.Type.InOutQuad)


@dataclass(frozen=True)
class Moment:
    """What is on the screen: `done` operations of step `t` (from 0) are computed, the last one to `progress`."""

    t: int
    done: int
    progress: float

    @property
    def current(self) -> int | None:
        """Index of the operation that is being computed or was computed last; None before the first."""
        return self.done - 1 if self.done else None

    @property
    def moving(self) -> bool:
        """Whether the current operation is still being computed."""
        return self.progress < 1.0


class Playback(QObject):
    """A position among all operations of all time steps; position p has p operations computed."""

    moved = Signal()
    """Another operation or step is current."""
    progressed = Signal()
    """The current operation has come further."""
    playing_changed = Signal(bool)

    def __init__(self, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self.trace: Trace | None = None
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
    def per_step(self) -> int:
        """Operations of one time step."""
        return len(self.trace.cell.operations) if self.trace else 0

    @property
    def last(self) -> int:
        """The last position: everything is computed."""
        return self.per_step * len(self.trace.steps) if self.trace else 0

    @property
    def moment(self) -> Moment:
        """The moment that the position stands for. A step that is complete stays until the next begins."""
        if not self.position or not self.trace:
            return Moment(0, 0, 1.0)
        t, before = divmod(self.position - 1, self.per_step)
        return Moment(t, before + 1, self._progress)

    @property
    def operation(self) -> Operation | None:
        """The current operation."""
        current = self.moment.current
        return self.trace.cell.operations[current] if self.trace and current is not None else None

    @property
    def playing(self) -> bool:
        """Whether it goes on by itself."""
        return self._playing

    @property
    def speed(self) -> float:
        """1 is 400 ms an operation."""
        return self._speed

    def set_speed(self, speed: float) -> None:
        """Set the speed within SPEEDS, from now on."""
        self._speed = min(max(speed, SPEEDS[0]), SPEEDS[1])

    def set_trace(self, trace: Trace) -> None:
        """Take new numbers; the walk stays where it is if the new trace has that place."""
        same_cell = self.trace is not None and trace.cell == self.trace.cell
        self.trace = trace
        if not same_cell or self.position > self.last:
            self._set_playing(False)
            self._stand_at(0 if not same_cell else self.last)
        else:
            self.moved.emit()

    def next(self) -> None:
        """Compute the next operation, moving; one that still moves is completed at once."""
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
        """Take the last operation back, without moving."""
        self._set_playing(False)
        self._stand_at(max(0, self.position - 1))

    def restart(self) -> None:
        """Stand before the first operation."""
        self._set_playing(False)
        self._stand_at(0)

    def seek(self, position: int) -> None:
        """Stand at a position, complete; a playback that was running stops."""
        self._set_playing(False)
        self._stand_at(min(max(position, 0), self.last))

    def seek_step(self, t: int) -> None:
        """Stand at the end of time step t (from 0)."""
        self.seek((t + 1) * self.per_step)

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
