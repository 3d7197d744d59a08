"""What recording costs the steps of a run: two equal runs in one process, a step of the one after one of the other.

Nothing that the machine's host does meets one of them alone, so that a hundredth can be seen where turns of seconds
scatter by a tenth. Only one of them is recorded, thread that writes included. What a recording may take is a share of
all the time that passes, while it makes steps in half of it: it is charged twice what it costs a run alone.
Run as `python -m tests.benchmarks.recorded_steps SECONDS ROUNDS`; prints one line of JSON.
"""

from __future__ import annotations

import json
import statistics
import sys
import tempfile
import time
from dataclasses import asdict
from pathlib import Path
from typing import Any

from engine.session.recorder import WRITE_S, RecordTo, RunRecorder, about_run
from engine.training.placement import set_threads, warm_up
from engine.training.trainer import Trainer
from tests.benchmarks.training import CONFIG

_BEGINNING_S = 20.0
"""Of both runs: what a recording may take once, at a run's beginning, is over."""


class _Run:
    """A run that makes single steps; its metrics are fetched as often, recorded or not."""

    def __init__(self, path: Path | None) -> None:
        self.trainer = Trainer(CONFIG)
        self.recorder: RunRecorder | None = None
        self._drain_due = 0.0
        if path is not None:
            about = about_run(self.trainer, "bench", 1, CONFIG.steps, "")
            facts = asdict(self.trainer.task.facts())
            self.recorder = RunRecorder(self.trainer, RecordTo(path), about, facts, self._collect)

    def _collect(self) -> None:
        metrics = self.trainer.drain()
        if len(metrics) and self.recorder is not None:
            self.recorder.add(metrics)

    def step(self) -> float:
        """Make a step with everything that belongs to it; return its seconds."""
        begin = time.perf_counter()
        self.trainer.step()
        if self.recorder is not None:
            self.recorder.after_step()
        elif begin >= self._drain_due:
            self._drain_due = begin + WRITE_S
            self.trainer.drain()
        return time.perf_counter() - begin


def _ratio(recorded: _Run, unrecorded: _Run, seconds: float) -> float:
    """Return the speed of the recorded run over that of the other, both in alternation for so long."""
    took = {recorded: 0.0, unrecorded: 0.0}
    order = [recorded, unrecorded]
    end = time.perf_counter() + seconds
    while time.perf_counter() < end:
        for run in order:
            took[run] += run.step()
        order.reverse()
    return took[unrecorded] / took[recorded]


def recorded_over_unrecorded(seconds: float, rounds: int) -> dict[str, Any]:
    """Speed of a run that is recorded over that of the same run without: the median of some rounds."""
    warm_up(CONFIG)
    set_threads(1)
    with tempfile.TemporaryDirectory() as folder:
        recorded, unrecorded = _Run(Path(folder) / "bench.lstmrec"), _Run(None)
        beginning = _ratio(recorded, unrecorded, _BEGINNING_S)
        ratios = [_ratio(recorded, unrecorded, seconds) for _ in range(rounds)]
        if recorded.recorder is not None:
            recorded.recorder.close(10.0, "stopped")
    detail = {"ratios": ratios, f"in_its_first_{_BEGINNING_S:g}_s": beginning, "steps": recorded.trainer.done}
    return {"value": statistics.median(ratios), "unit": "ratio", "detail": detail}


if __name__ == "__main__":
    print(json.dumps(recorded_over_unrecorded(float(sys.argv[1]), int(sys.argv[2]))))
