"""What watching costs a training loop of one's own: two equal loops in one process, a step of each in alternation.

The loop is plain torch (LSTM, k = 16, T = 50, B = 32, Adam), about a thousand steps a second alone. Nothing that the
machine's host does meets one of them alone. In half of the time the watched loop makes steps, so 5 snapshots a second
of all the time are the 10 a second that a loop alone has; half of what the thread that writes does falls into the other
loop's steps, and gradient norms, which take a share of all the time, are charged twice.
Run as `python -m tests.benchmarks.watched SECONDS ROUNDS`; prints one line of JSON.
"""

from __future__ import annotations

import json
import statistics
import sys
import tempfile
import time
from pathlib import Path
from typing import Any

import torch
from torch import nn

from engine.elsewhere.watcher import Watcher, watch

PER_SECOND = 10.0
T, B, M, K = 50, 32, 2, 16


class _Loop:
    """A training loop; watched if it has a file to be recorded in."""

    def __init__(self, path: Path | None) -> None:
        torch.manual_seed(1)
        self.lstm, self.readout = nn.LSTM(M, K), nn.Linear(K, 1)
        self.optimizer = torch.optim.Adam([*self.lstm.parameters(), *self.readout.parameters()], 0.001)
        self.batch = torch.rand(T, B, M), torch.rand(B, 1)
        self.watcher: Watcher | None = None
        if path is not None:
            self.watcher = watch(self.lstm, self.batch[0], path, every=PER_SECOND / 2)

    def step(self) -> float:
        """Make a step with everything that belongs to it; return its seconds."""
        begin = time.perf_counter()
        x, target = self.batch
        loss = nn.functional.mse_loss(self.readout(self.lstm(x)[0][-1]), target)
        self.optimizer.zero_grad()
        loss.backward()
        self.optimizer.step()
        if self.watcher is not None:
            self.watcher.step(loss)
        return time.perf_counter() - begin


def _took(loops: list[_Loop], seconds: float) -> dict[_Loop, list[float]]:
    """Return what each step took, both loops in alternation for so long."""
    took: dict[_Loop, list[float]] = {loop: [] for loop in loops}
    end = time.perf_counter() + seconds
    while time.perf_counter() < end:
        for loop in loops:
            took[loop].append(loop.step())
        loops.reverse()
    return took


def watched_over_unwatched(seconds: float, rounds: int) -> dict[str, Any]:
    """Speed of a loop that is watched over that of the same loop without: the median of some rounds."""
    torch.set_num_threads(1)
    with tempfile.TemporaryDirectory() as folder:
        watched, bare = _Loop(Path(folder) / "bench.lstmrec"), _Loop(None)
        assert watched.watcher is not None
        _took([watched, bare], 2.0)  # what happens once
        looks, ratios, bare_s = watched.watcher.looks, [], 0.0
        for _ in range(rounds):
            took = _took([watched, bare], seconds)
            ratios.append(sum(took[bare]) / sum(took[watched]))
            bare_s = statistics.median(took[bare])
        looks = watched.watcher.looks - looks
        watched.watcher.close()
    detail = {"ratios": ratios, "bare_step_ms": bare_s * 1000, "snapshots_a_second": 2 * looks / (rounds * seconds)}
    return {"value": statistics.median(ratios), "unit": "ratio", "detail": detail}


if __name__ == "__main__":
    print(json.dumps(watched_over_unwatched(float(sys.argv[1]), int(sys.argv[2]))))
