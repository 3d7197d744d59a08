"""Replays a run: shows any of its snapshots while training continues."""

from __future__ import annotations

from bisect import bisect_left
from dataclasses import replace
from functools import partial
from pathlib import Path

from PySide6.QtCore import QObject, Signal

from engine.recording.about import RecordingError
from engine.recording.recorded_run import read_snapshot
from engine.runs.snapshot import Snapshot
from gui.jobs.background import Background
from gui.playback.walk import Walk
from gui.runs.shown_run import ShownRun

FILM_S = 20.0
"""What a replay of the whole training takes at speed 1; each recorded moment has the same share of it."""
_SHORTEST_MS, _LONGEST_MS = 33, 500
"""Between two moments of a replay, at speed 1 and above."""


class RunTravel(Walk):
    """A walk along the recorded moments of the run that is shown; behind the last it stands at the run as it is now."""

    refused = Signal(str)
    """One sentence: a moment cannot be read."""

    def __init__(self, run: ShownRun, background: Background, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self.run = run
        self._background = background
        self.step: int | None = None
        """The step that is looked at, or on its way; None for the newest."""
        self._asked: int | None = None
        """The step that was asked for, which may have no snapshot of its own."""
        self._asking: int | None = None
        """The same, while it is on its way."""
        run.changed.connect(self._on_changed)
        run.moments_changed.connect(self._on_moments)

    @property
    def last(self) -> int:
        """The last position: the run as it is now."""
        return len(self.run.moments)

    @property
    def live(self) -> bool:
        """Whether the newest is looked at."""
        return self.step is None

    @property
    def possible(self) -> bool:
        """Whether there is anything to go to."""
        return bool(self.run.moments)

    @property
    def words(self) -> str:
        """Where one looks: "step 800 of 3,000", "step 800, recorded at 780"; "" before the first run."""
        count, last = self.run.history.count, self.run.last
        if last is None:
            return ""
        if self.step is None:
            badge = self.run.badge
            if badge:
                return f"step {count:,} · {badge}"
            return replace(last, step=count).steps_in_words
        if self._asked is not None and self._asked != self.step:
            return f"step {self._asked:,}, recorded at {self.step:,}"
        return f"step {self.step:,} of {count:,}"

    def _on_changed(self) -> None:
        """Begin at the newest."""
        self.step = None
        self.seek(self.last)

    def _on_moments(self) -> None:
        self.position = self.last if self.step is None else bisect_left(self.run.moments, self.step)
        self.moved.emit()

    def go_to(self, step: int) -> None:
        """Look at the recorded moment nearest to a step; a replay that plays stops."""
        moments = self.run.moments
        if not moments:
            return
        after = bisect_left(moments, step)
        near = [place for place in (after - 1, after) if 0 <= place < len(moments)]
        self._asking = step
        self.seek(min(near, key=lambda place: abs(moments[place] - step)))

    def go_live(self) -> None:
        """Look at the newest again."""
        self.seek(self.last)

    def back(self) -> None:
        """Go one moment back; from the newest step to one that differs from it."""
        if self.live and self.last > 1 and self.run.moments[-1] == self.run.history.count:
            self._stand_at(self.last - 1)
        super().back()

    def toggle(self) -> None:
        """Play the replay to its end, from the first moment if it stands at the end; or pause."""
        if self.playing:
            self._set_playing(False)
        elif self.possible:
            if self.position >= self.last:
                self._stand_at(0)
            self._set_playing(True)
            self._rest.start(self._between_ms)

    def next(self) -> None:
        """Go to the next moment, at once: training has no way between two of them."""
        if self.position < self.last:
            self._stand_at(self.position + 1)
        if self.playing and self.position < self.last:
            self._rest.start(self._between_ms)
        else:
            self._set_playing(False)

    @property
    def _between_ms(self) -> int:
        """Between two moments of the replay."""
        usual = min(max(1000 * FILM_S / max(1, self.last), _SHORTEST_MS), _LONGEST_MS)
        return max(_SHORTEST_MS, round(usual / self.speed))

    def _stand_at(self, position: int) -> None:
        self.position = position
        self._asked, self._asking = self._asking, None
        self._look()  # before anybody hears that it moved
        super()._stand_at(position)

    # Reading

    def _look(self) -> None:
        """Look at the moment of the position, as soon as it is read."""
        wanted = self.run.moments[self.position] if self.position < self.last else None
        if wanted == self.step:
            return
        self.step, path = wanted, self.run.path
        if wanted is None:
            self.run.look_at(None)
        elif path is not None:
            read, take = partial(read_snapshot, path, wanted), partial(self._take, path)
            self._background.run(read, take, self._miss, RecordingError, "snapshot")

    def _take(self, path: Path, snapshot: Snapshot) -> None:
        if path == self.run.path and self.step is not None:
            self.run.look_at(snapshot)

    def _miss(self, error: Exception) -> None:
        self.refused.emit(str(error))
        self.go_live()
