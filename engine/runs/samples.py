"""Observations of a run at some of its steps, thinned out evenly so that memory stays bounded for any length."""

from __future__ import annotations

from collections.abc import Mapping

import numpy as np
from numpy.typing import ArrayLike, NDArray

Float32 = NDArray[np.float32]
Steps = NDArray[np.int64]

LIMIT = 400
"""Moments that are kept at most."""
_PAUSE = 3
"""How many times longer than usual nothing was recorded where there is a pause."""


def pauses(steps: Steps, least: float) -> tuple[float, NDArray[np.bool_]]:
    """Return the longest time from one moment to the next that is no pause, and which are, (S - 1,).

    steps (S,): of moments, in order. least: what is no pause at any rate, in steps; a machine that is busy samples
    less often.
    """
    apart = np.diff(steps)
    longest = max(_PAUSE * float(np.median(apart)) if apart.size else 0.0, least)
    return longest, apart > longest


class Samples:
    """Values by key, each a number or an array of one shape, at steps of training.

    When LIMIT moments are kept, every other one is dropped, and from then on only every 2nd that comes is kept for
    good, later every 4th, and so on: those kept are always evenly many moments apart. The newest is there besides,
    until the next one comes.
    """

    def __init__(self, limit: int = LIMIT) -> None:
        """Begin empty; raises ValueError for a limit below 2."""
        if limit < 2:
            raise ValueError(f"the limit is {limit}; at least 2 moments are needed")
        self._limit = limit
        self._every = 1
        self._came = 0
        """How many moments were appended."""
        self._last_is_kept = True
        """Whether the newest moment is there for good, or until the next one comes."""
        self._steps: list[int] = []
        self._moments: list[dict[str, Float32]] = []
        self._shapes: dict[str, tuple[int, ...]] = {}

    def __len__(self) -> int:
        return len(self._steps)

    @property
    def step(self) -> int:
        """The step of the newest moment; -1 before the first."""
        return self._steps[-1] if self._steps else -1

    def keys(self) -> tuple[str, ...]:
        """Return every key that has come, in the order of their coming."""
        return tuple(self._shapes)

    def append(self, step: int, values: Mapping[str, ArrayLike]) -> None:
        """Append a moment.

        step: how many training steps had been made; what comes at the step of the newest moment joins it. values:
        by key, a number or an array, of any shape the first time and of that shape ever after. Raises ValueError
        for another shape, and for a step before the newest; then nothing is appended.
        """
        if step < self.step:
            raise ValueError(f"step {step} is before the newest, {self.step}")
        moment = {key: np.array(value, dtype=np.float32) for key, value in values.items()}
        for key, array in moment.items():
            shape = self._shapes.get(key, array.shape)
            if array.shape != shape:
                raise ValueError(f"{key} had the shape {shape} before, found {array.shape}")
        self._shapes |= {key: array.shape for key, array in moment.items()}
        if step == self.step:
            self._moments[-1] |= moment
            return
        if not self._last_is_kept:
            self._steps.pop()
            self._moments.pop()
        elif len(self._steps) >= self._limit:
            self._thin()
        self._steps.append(step)
        self._moments.append(moment)
        self._last_is_kept = self._came % self._every == 0
        self._came += 1

    def _thin(self) -> None:
        del self._steps[1::2], self._moments[1::2]
        self._every *= 2

    def series(self, key: str) -> tuple[Steps, Float32]:
        """Return (steps, values) of a key over every kept moment at which it came: (S,) and (S, …).

        NaN is what a network that has diverged came to. Raises KeyError for a key that never came.
        """
        shape = self._shapes[key]
        came = [place for place, moment in enumerate(self._moments) if key in moment]
        values = np.empty((len(came), *shape), dtype=np.float32)
        for row, place in enumerate(came):
            values[row] = self._moments[place][key]
        return np.array([self._steps[place] for place in came], dtype=np.int64), values
