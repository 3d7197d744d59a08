"""Measures how evenly the animation runs: the time from one frame to the next."""

from __future__ import annotations

import time

import numpy as np

from gui.diagram.view import CellView
from gui.playback.playback import Playback


class FrameClock:
    """Collects the time between frames of one operation's animation, in milliseconds."""

    def __init__(self, view: CellView, playback: Playback) -> None:
        self._playback = playback
        self._last: tuple[int, float] | None = None
        self.intervals_ms: list[float] = []
        view.painted.connect(self._on_painted)

    def clear(self) -> None:
        """Begin anew."""
        self.intervals_ms.clear()
        self._last = None

    def percentile(self, share: float) -> float:
        """Return the interval that a share (0…100) of the frames does not exceed; NaN without frames."""
        return float(np.percentile(self.intervals_ms, share)) if self.intervals_ms else float("nan")

    def _on_painted(self) -> None:
        now, position = time.perf_counter(), self._playback.position
        if not self._playback.moment.moving:
            self._last = None
            return
        if self._last is not None and self._last[0] == position:
            self.intervals_ms.append((now - self._last[1]) * 1000)
        self._last = (position, now)
