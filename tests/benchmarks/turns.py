"""A run that makes steps only in its turn, so that two can be measured in alternation on a machine that is shared."""

from __future__ import annotations

import time

import psutil

from engine.config import TrainingConfig
from engine.messages import State
from engine.run_recorder import RecordTo
from engine.worker import TrainingWorker
from tests.benchmarks.training import answered

_SETTLE_S = 0.7  # a recording's first second, and what a pause left to be written


class Turns:
    """A run that makes steps only in its turn."""

    def __init__(self, config: TrainingConfig, record: RecordTo | None = None) -> None:
        self.per_cpu_s: list[float] = []
        """Steps for each second of the processor, turn by turn: what others take of the machine is not in it."""
        self.worker = TrainingWorker(config, record)
        self.worker.start()
        answered(self.worker, State.RUNNING)
        self._pause()

    def _pause(self) -> None:
        self.worker.pause()
        answered(self.worker, State.PAUSED)

    def run(self, seconds: float) -> float:
        """Return the steps per second of one turn."""
        self.worker.resume()
        answered(self.worker, State.RUNNING)
        time.sleep(_SETTLE_S)
        first_at, first = self._step()
        before = self._cpu_s()
        time.sleep(seconds)
        last_at, last = self._step()
        self.per_cpu_s.append((last - first) / (self._cpu_s() - before))
        self._pause()
        return (last - first) / (last_at - first_at)

    def _cpu_s(self) -> float:
        """Return the processor's time that the child has used, its thread that writes included."""
        times = psutil.Process(self.worker.child_pid).cpu_times()  # of this process where it runs in a thread
        return float(times.user + times.system)

    def _step(self) -> tuple[float, int]:
        self.worker.request()
        update = answered(self.worker, State.RUNNING, pulled=True)
        return time.perf_counter(), update.step

    def end(self) -> None:
        """End the run."""
        self.worker.close()
        self.worker.join(10)
