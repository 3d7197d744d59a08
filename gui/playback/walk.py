"""A walk from stop to stop: next, back, play, back to the start; each move forwards is animated."""

from __future__ import annotations

from bisect import bisect_left
from collections.abc import Sequence
from dataclasses import dataclass
from itertools import accumulate
from typing import NamedTuple

from PySide6.QtCore import QEasingCurve, QElapsedTimer, QObject, Qt, QTimer, Signal

from gui.appearance.chosen.motion import SPEEDS

OPERATION_MS = 400
"""Duration of one move at speed 1."""
REST_MS = 350
"""Pause between two moves while playing, at speed 1."""
_FRAME_MS = 12
"""Between two frames: below the 16 ms of a 60 Hz screen, for the timers of a busy machine are several ms late."""
_EASED = QEasingCurve(QEasingCurve.Type.InOutQuad)


def eased(share: float) -> float:
    """Return how far a move has come after a share of its time (0 to 1): it begins and ends gently."""
    return _EASED.valueForProgress(share)


@dataclass(frozen=True)
class Stop:
    """One place on a walk, as a timeline shows it."""

    role: str = ""
    text: str = ""
    symbol: str = ""
    """What it computes, in plain text; "" where it is no operation."""
    phase: str = ""
    """The name of the phase that it belongs to; "" where there are none."""


class Leg(NamedTuple):
    """Stops that belong together and that a timeline shows side by side: those of one time step, of one row."""

    t: int | None
    """The time step or the row, from 0; None of what belongs to no time step and comes after the last."""
    stops: Sequence[Stop]
    backwards: bool = False
    """Whether time runs from the last step to the first here."""
    part: int = 0
    """Which part of the walk it is in, where the walk has several."""


@dataclass(frozen=True)
class Moment:
    """What is on the screen: `done` stops of leg `t` (from 0) are reached, the last one to `progress`."""

    t: int
    done: int
    progress: float
    resting: bool = False
    """Whether nothing is going on any more, so that no operation is the current one."""

    @property
    def current(self) -> int | None:
        """Index of the operation that is being computed or was computed last; None before the first."""
        return self.done - 1 if self.done and not self.resting else None

    @property
    def moving(self) -> bool:
        """Whether the current operation is still being computed."""
        return self.progress < 1.0


class Walk(QObject):
    """A position from 0 to `last`: 0 is the start, p the p-th stop. The move there has a `progress` from 0 to 1."""

    moved = Signal()
    """The position changed."""
    renewed = Signal()
    """Only the numbers changed that are walked through; the stops and the position are the same."""
    progressed = Signal()
    """The move to the current position has come further."""
    playing_changed = Signal(bool)
    ended = Signal()
    """The next stop was asked for at the last one."""

    def __init__(self, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self.legs: Sequence[Leg] = ()
        self.by_legs = False
        """Whether each move goes to the end of the next leg, at once: in views in which single stops move nothing."""
        self.still = False
        """Whether what is computed appears at once, without a way there."""
        self._ends: list[int] = []  # of each leg, the position of its last stop
        self.steps = 0
        """How many time steps there are; 0 while there is nothing to walk through."""
        self.position = 0
        self.progress = 1.0
        """How far the move to the current position has come, 0 to 1."""
        self.playing = False
        """Whether one move follows the other until the end."""
        self.speed = 1.0
        """At 1 a move takes 400 ms."""
        self._duration_ms = float(OPERATION_MS)
        self._since = QElapsedTimer()
        # One clock for all moves while playing: an animation for each operation would begin with a late frame, since
        # its beginning has much to draw.
        self._frames = QTimer(self, timerType=Qt.TimerType.PreciseTimer, interval=_FRAME_MS)
        self._frames.timeout.connect(self._on_frame)
        self._rest = QTimer(self, singleShot=True)
        self._rest.timeout.connect(self._on_rested)

    @property
    def last(self) -> int:
        """The last position."""
        return self._ends[-1] if self._ends else 0

    @property
    def leg(self) -> Leg:
        """The present leg; at the start the first."""
        return self.legs[self._place] if self.legs else Leg(None, ())

    @property
    def t(self) -> int:
        """The present time step, from 0."""
        t = self.leg.t
        return max(0, self.steps - 1) if t is None else t

    @property
    def stop(self) -> int | None:
        """Index of the present stop in its leg; None at the start."""
        return self.position - self.first(self._place) if self.position else None

    @property
    def moment(self) -> Moment:
        """What is on the screen. A leg whose last stop is reached stays until the next begins."""
        stop = self.stop
        return Moment(self.t, 0 if stop is None else stop + 1, self.progress)

    def first(self, leg: int) -> int:
        """Return the position of the first stop of a leg, by its index."""
        return (self._ends[leg - 1] if leg else 0) + 1

    def take(self, legs: Sequence[Leg], at: int | None = 0) -> None:
        """Walk along other stops from position `at`; None: only their numbers changed, and the position stays.

        The same legs as before are told by `renewed` alone.
        """
        same, self.legs = legs is self.legs, legs
        self._ends = list(accumulate(len(leg.stops) for leg in legs))
        self.steps = 1 + max((leg.t for leg in legs if leg.t is not None), default=-1)
        if at is None and self.position <= self.last:
            (self.renewed if same else self.moved).emit()
        else:
            self.seek(self.last if at is None else at)

    @property
    def moving(self) -> bool:
        """Whether the move to the current position is under way."""
        return self.progress < 1.0

    def set_speed(self, speed: float) -> None:
        """Set the speed within SPEEDS, from now on."""
        self.speed = min(max(speed, SPEEDS[0]), SPEEDS[1])

    def next(self) -> None:
        """Move to the next stop; a move that is still under way is completed at once."""
        if self._at_end:
            self._complete()
            self._set_playing(False)
            self.ended.emit()
            return
        if self.by_legs or self.still:
            self._stand_at(self._ends[self._place + 1] if self.by_legs else self.position + 1)
            if self.playing:
                self._rest.start(round((OPERATION_MS + REST_MS) / self.speed))
            return
        self._rest.stop()
        self.position += 1
        self.progress = 0.0
        self._duration_ms = OPERATION_MS / self.speed
        self._since.start()
        if not self._frames.isActive():
            self._frames.start()
        self.moved.emit()

    def back(self) -> None:
        """Go back one stop, at once; or one leg where `by_legs`."""
        self._set_playing(False)
        before = self.first(self._place) - 1 if self.by_legs else self.position - 1
        self._stand_at(max(0, before))

    def restart(self) -> None:
        """Go back to the start."""
        self.seek(0)

    def seek(self, position: int) -> None:
        """Go to a position at once; playing stops."""
        self._set_playing(False)
        self._stand_at(min(max(position, 0), self.last))

    def show(self, position: int, progress: float) -> None:
        """Stand on the way to a position, which is reached at a progress of 1: a film says what each frame shows."""
        self._rest.stop()
        self._frames.stop()
        self.progress = progress
        if position != self.position:
            self.position = position
            self.moved.emit()
        else:
            self.progressed.emit()

    def seek_stop(self, index: int) -> None:
        """Go to a stop of the present leg."""
        self.seek(self.first(self._place) + index)

    def seek_step(self, t: int) -> None:
        """Go to the end of time step t (from 0), in the nearest leg if several have it."""
        t = min(t, self.steps - 1)
        found = [index for index, leg in enumerate(self.legs) if leg.t == t]
        if found:
            self.seek(self._ends[min(found, key=lambda index: abs(index - self._place))])

    def toggle(self) -> None:
        """Play to the end, from the start if the position is the last; or pause."""
        if self.playing:
            self._set_playing(False)
            return
        if self._at_end:
            self._stand_at(0)
        self._set_playing(True)
        self.next()

    @property
    def _place(self) -> int:
        """Index of the present leg."""
        return bisect_left(self._ends, self.position)

    @property
    def _at_end(self) -> bool:
        return self._place >= len(self.legs) - 1 if self.by_legs else self.position >= self.last

    def _stand_at(self, position: int) -> None:
        self._rest.stop()
        self._frames.stop()
        self.position = position
        self.progress = 1.0
        self.moved.emit()

    def _complete(self) -> None:
        self._frames.stop()
        if self.moving:
            self.progress = 1.0
            self.progressed.emit()

    def _set_playing(self, playing: bool) -> None:
        self._rest.stop()
        if not playing and not self.moving:
            self._frames.stop()
        if playing != self.playing:
            self.playing = playing
            self.playing_changed.emit(playing)

    def _on_frame(self) -> None:
        if not self.moving:
            return  # a pause while playing
        share = min(1.0, self._since.nsecsElapsed() / 1e6 / self._duration_ms)
        self.progress = eased(share)
        self.progressed.emit()
        if share >= 1.0:
            if self.playing:
                self._rest.start(round(REST_MS / self.speed))
            else:
                self._frames.stop()

    def _on_rested(self) -> None:
        if self.playing:
            self.next()
