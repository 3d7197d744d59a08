"""A run that makes steps only in its turn, so that two can be measured in alternation on a machine that is shared."""

from __future__ import annotations

import time
from pathlib import Path

import psutil

from engine.runs.messages import Pause, Resume, State
from engine.session.recorder import RecordTo
from engine.session.worker import TrainingWorker
from engine.settings.config import TrainingConfig
from tests.benchmarks.training import answered

_SETTLE_S = 0.7  # a recording's first second, and what a pause left to be written


def ticks() -> list[int]:
    """Return what all cores did so far, as Linux counts it: user, nice, system, idle, iowait, irq, softirq, steal …"""
    counted = Path("/proc/stat")
    return [int(word) for word in counted.read_text().split("\n", 1)[0].split()[1:]] if counted.exists() else []


def stolen(before: list[int]) -> float:
    """Return the share of the time since in which the machine's host ran something else instead; NaN where unknown."""
    spent = [b - a for a, b in zip(before, ticks(), strict=True)]
    return spent[7] / sum(spent) if sum(spent) else float("nan")


def cpu_s(worker: TrainingWorker) -> float:
    """Return the processor's time that a child has used, its thread that writes included."""
    times = psutil.Process(worker.child_pid).cpu_times()
    return float(times.user + times.system)


class Turns:
    """A run that makes steps only in its turn."""

    def __init__(self, config: TrainingConfig, record: RecordTo | None = None) -> None:
        self.per_cpu_s: list[float] = []
        """Steps for each second of the processor, turn by turn: what others take of the machine is not in it."""
        self.stolen: list[float] = []
        """The share that the machine's host took of each turn."""
        self.worker = TrainingWorker(config, record)
        self.worker.start()
        answered(self.worker, State.RUNNING)
        self._pause()

    def _pause(self) -> None:
        self.worker.tell(Pause())
        answered(self.worker, State.PAUSED)

    def run(self, seconds: float) -> float:
        """Return the steps per second of one turn."""
        self.worker.tell(Resume())
        answered(self.worker, State.RUNNING)
        time.sleep(_SETTLE_S)
        first_at, first = self._step()
        before, used = ticks(), cpu_s(self.worker)
        time.sleep(seconds)
        last_at, last = self._step()
        self.per_cpu_s.append((last - first) / (cpu_s(self.worker) - used))
        self.stolen.append(stolen(before))
        self._pause()
        return (last - first) / (last_at - first_at)

    def _step(self) -> tuple[float, int]:
        self.worker.request()
        update = answered(self.worker, State.RUNNING, pulled=True)
        return time.perf_counter(), update.step

    def end(self) -> None:
        """End the run."""
        self.worker.close()
        self.worker.join(10)
