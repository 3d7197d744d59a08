"""The thread that writes what a watcher has seen: gates, verdict and file cost the loop that is watched nothing."""

from __future__ import annotations

import threading
import time
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

import numpy as np
from numpy.typing import NDArray

from ..errors import FailureReport
from ..recording.parcel import Parcel, Spacing
from ..recording.writer import RecordingWriter
from ..runs.metrics import Float32, Metrics
from ..runs.snapshot import Snapshot
from ..runs.verdict.judging import Judging
from .network import ElsewhereError, Weights, network_snapshot

_DURABLE_S, _JUDGE_S = 1.0, 1.0
_SNAPSHOT_BYTES = 100e6
"""Of one recording, so far as that leaves enough of them; the newest is always there."""


@dataclass(frozen=True, eq=False)
class Look:
    """What a watcher saw since its last look. step: steps made. rows: (steps, columns).

    weights: of each layer as they are now, None where only steps are told. more_columns: that the rows have beside the
    usual ones. about: facts of `About` that have changed.
    """

    step: int
    rows: Float32
    weights: Sequence[Weights] | None = None
    more_columns: Sequence[str] = ()
    about: Mapping[str, Any] = field(default_factory=dict)


class Writing:
    """Writes looks, one at a time. gates_s, all_s: what the newest gates, and writing them, took of the processor.

    tell: takes the error that ends it, in this thread; then nothing more is written, and what is written stays.
    """

    def __init__(
        self,
        writer: RecordingWriter,
        cell: str,
        x: NDArray[np.float32],
        judging: Judging,
        tell: Callable[[Exception], None],
    ) -> None:
        self._writer, self._cell, self._x, self._judging, self._tell = writer, cell, x, judging, tell
        self._changed = threading.Condition()
        self._look: Look | None = None
        self._state = ""
        """Of the run that has ended; "" while it goes on."""
        self._is_lost = False
        self._shapes: list[dict[str, tuple[int, ...]]] = []
        self._kept_at = Spacing(_SNAPSHOT_BYTES, 0)
        self._passing = -1
        """The step of a snapshot that goes when the next comes, -1 for none: not all are kept."""
        self._began, self._durable, self._judged = time.perf_counter(), 0.0, 0.0
        self.gates_s = self.all_s = 0.0
        self._thread = threading.Thread(target=self._work, name="lstm-visualizer-watch", daemon=True)
        self._thread.start()

    @property
    def is_free(self) -> bool:
        """Whether a look can be offered."""
        return self._look is None and not self._is_lost

    def offer(self, look: Look) -> None:
        """Have a look written while it is free; returns at once."""
        with self._changed:
            self._look = look
            self._changed.notify_all()

    def close(self, last: Callable[[], Look], state: str, timeout_s: float) -> bool:
        """Write a last look and close the file; returns whether that was done in time."""
        deadline = time.perf_counter() + timeout_s
        with self._changed:
            self._changed.wait_for(lambda: self._look is None, timeout_s)
        if self.is_free:
            self._state = state
            self.offer(last())
        self._thread.join(max(0.0, deadline - time.perf_counter()))
        return not self._thread.is_alive()

    def give_up(self) -> None:
        """Write no more; what is written stays."""
        with self._changed:
            self._is_lost, self._look = True, None
            self._changed.notify_all()

    def _work(self) -> None:
        with FailureReport(self._fail):
            while not self._is_lost:
                with self._changed:
                    self._changed.wait_for(lambda: self._look is not None or self._state or self._is_lost)
                    look = self._look
                if look is not None:
                    self._write(look)
                    with self._changed:
                        self._look = None
                        self._changed.notify_all()
                elif self._state:
                    self._writer.close({"state": self._state})
                    return
        self._writer.give_up()

    def _fail(self, error: Exception) -> None:
        self.give_up()
        self._tell(error)

    def _write(self, look: Look) -> None:
        if look.more_columns:
            self._writer.add_columns(look.more_columns)
        moment, began = time.perf_counter(), time.thread_time()
        snapshot: Snapshot | None = None
        dropped: tuple[int, ...] = ()
        if look.weights is not None:
            snapshot, dropped = self._seen(look.weights, look.step)
        about = {**look.about, "seconds": moment - self._began}
        if len(look.rows):
            self._judging.see(Metrics(self._writer.columns, look.rows))
        if self._judging.count and (moment >= self._judged + _JUDGE_S or self._state):
            self._judged = moment
            about["verdict"] = self._judging.verdict(over=bool(self._state)).members
        durable = moment >= self._durable + _DURABLE_S or bool(self._state)
        rows = [look.rows] if len(look.rows) else []
        self._writer.write(Parcel(rows, [snapshot] if snapshot else [], about=about, dropped=dropped), durable)
        self._durable = moment if durable else self._durable
        if snapshot is not None:
            self.all_s = time.thread_time() - began

    def _seen(self, weights: Sequence[Weights], step: int) -> tuple[Snapshot, tuple[int, ...]]:
        """Return a snapshot, and the steps of those that go when it comes."""
        began = time.thread_time()
        shapes = [{name: array.shape for name, array in layer.items()} for layer in weights]
        if shapes != (self._shapes or shapes):
            raise ElsewhereError("The weights have other shapes than when the watching began.")
        self._shapes = shapes
        snapshot = network_snapshot(self._cell, weights, self._x, step)
        self.gates_s = time.thread_time() - began
        dropped = (self._passing,) if 0 <= self._passing < step else ()
        if step >= self._kept_at.next:
            self._kept_at.took(step, snapshot.nbytes)
            self._passing = -1
        else:
            self._passing = step
        return snapshot, dropped
