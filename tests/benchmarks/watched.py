"""What watching costs a training loop of one's own: two equal loops in one process, in turns of a second.

The loop is plain torch (LSTM, k = 16, T = 50, B = 32, Adam), about a thousand steps a second alone. The turns are long
enough that what the watcher's thread writes falls into the turn that made it, and short enough that a busy host meets
both loops; a watched turn takes its 10 snapshots a second.
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
TURN_S = 1.0
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
            self.watcher = watch(self.lstm, self.batch[0], path, every=PER_SECOND)

    def step(self) -> None:
        """Make a step with everything that belongs to it."""
        x, target = self.batch
        loss = nn.functional.mse_loss(self.readout(self.lstm(x)[0][-1]), target)
        self.optimizer.zero_grad()
        loss.backward()
        self.optimizer.step()
        if self.watcher is not None:
            self.watcher.step(loss)


def _speed(loop: _Loop, seconds: float) -> float:
    """Return the steps a second of one loop alone."""
    count, begin = 0, time.perf_counter()
    while time.perf_counter() < begin + seconds:
        loop.step()
        count += 1
    return count / (time.perf_counter() - begin)


def watched_over_unwatched(seconds: float, rounds: int) -> dict[str, Any]:
    """Speed of a loop that is watched over that of the same loop without: the median of some rounds."""
    torch.set_num_threads(1)
    with tempfile.TemporaryDirectory() as folder:
        watched, bare = _Loop(Path(folder) / "bench.lstmrec"), _Loop(None)
        assert watched.watcher is not None
        for loop in (watched, bare):  # what happens once
            _speed(loop, TURN_S)
        looks, ratios, speeds = watched.watcher.looks, [], []
        turns = max(1, round(seconds / TURN_S / 2))
        for _ in range(rounds):
            with_it, without = zip(
                *((_speed(watched, TURN_S), _speed(bare, TURN_S)) for _ in range(turns)), strict=True
            )
            ratios.append(sum(with_it) / sum(without))
            speeds += without
        looks = watched.watcher.looks - looks
        watched.watcher.close()
    detail = {
        "ratios": ratios,
        "bare_steps_a_second": statistics.median(speeds),
        "snapshots_a_second": looks / (rounds * turns * TURN_S),
    }
    return {"value": statistics.median(ratios), "unit": "ratio", "detail": detail}


if __name__ == "__main__":
    print(json.dumps(watched_over_unwatched(float(sys.argv[1]), int(sys.argv[2]))))
