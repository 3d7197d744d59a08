"""How fast training steps are on a GPU, with every metric of every step, against eager steps of plain PyTorch.

`python -m tests.benchmarks.gpu` prints a table and whether the bars are held; `--device cpu` runs the same on the
CPU, where nothing is recorded. The three are timed in turn, for a machine is not equally fast at all times.
"""

import argparse
import statistics
import sys
import time
from collections.abc import Callable
from dataclasses import dataclass, replace

import numpy as np
import torch
from torch import nn

from engine.settings.config import TrainingConfig
from engine.text.numbers import brief
from engine.training.devices import describe_device
from engine.training.trainer import Trainer

CONFIG = TrainingConfig(task="adding", sequence_length=50, batch_size=32, steps=10_000_000)
SIZES = (16, 256, 1024)
BARS = {16: 2.0, 256: 1.0, 1024: 1.0}
"""How many times as fast as the eager step ours must be, by k."""
AGREES_WITHIN = 1e-5
"""Relative difference of a metric in float32 after steps in float64."""
_ROUNDS = 5
_WARM_STEPS = 15  # beyond those that come before a recording


class Eager:
    """The loop that everybody writes, on batches that are there already; `naive` asks for every norm and gate."""

    def __init__(self, config: TrainingConfig, naive: bool) -> None:
        self._batches = Trainer(config)
        self._naive = naive
        device = self._batches.device
        self.lstm = nn.LSTM(2, config.cell_size).to(device)
        self.readout = nn.Linear(config.cell_size, 1).to(device)
        self._parameters = [*self.lstm.parameters(), *self.readout.parameters()]
        self._optimizer = torch.optim.Adam(self._parameters, lr=config.learning_rate)
        self.seen: list[float] = []

    def step(self) -> None:
        """Make one step."""
        x, target = self._batches.batch()
        self._batches.done += 1
        self._optimizer.zero_grad()
        h, (h_T, _) = self.lstm(x)
        loss = nn.functional.mse_loss(self.readout(h[-1]), target)
        loss.backward()
        norm = nn.utils.clip_grad_norm_(self._parameters, 1.0)
        if self._naive:
            self.seen = [loss.item(), norm.item(), h_T.norm().item()]
            for parameter in self._parameters:
                if parameter.grad is not None:
                    self.seen += [part.norm().item() for part in parameter.grad.split(self.lstm.hidden_size)]
            with torch.no_grad():
                W, R, b, c = list(self.lstm.parameters())
                gates = (x[-1] @ W.T + h[-2] @ R.T + b + c).sigmoid().chunk(4, 1)
                self.seen += [gate.mean().item() for gate in gates]
        self._optimizer.step()

    def drain(self) -> None:
        """Wait until every step is made."""
        self._parameters[0].detach().sum().item()


@dataclass(frozen=True)
class Row:
    """Milliseconds of a step, and of a snapshot; plain_because: why none of ours was recorded."""

    k: int
    ours: float
    eager: float
    naive: float
    snapshot: float
    plain_because: str

    @property
    def over_eager(self) -> float:
        """How many times as fast as the eager step ours is."""
        return self.eager / self.ours


def _milliseconds(runs: dict[str, Trainer | Eager], seconds: float) -> dict[str, float]:
    times: dict[str, list[float]] = {name: [] for name in runs}
    for run in runs.values():
        for _ in range(_WARM_STEPS):
            run.step()
        run.drain()
    for _ in range(_ROUNDS):
        for name, run in runs.items():
            made = 0
            begin = time.perf_counter()
            while not made or time.perf_counter() - begin < seconds / _ROUNDS:
                run.step()
                made += 1
                if made % 10 == 0:  # or a GPU's queue grows without end
                    run.drain()
            run.drain()
            times[name].append((time.perf_counter() - begin) / made)
    return {name: 1e3 * statistics.median(found) for name, found in times.items()}


def measure(k: int, device: str, seconds: float) -> Row:
    """Time the steps of all three at one size."""
    config = replace(CONFIG, cell_size=k, device=device)
    trainer = Trainer(config)
    times = _milliseconds({"ours": trainer, "eager": Eager(config, False), "naive": Eager(config, True)}, seconds)
    return Row(k, times["ours"], times["eager"], times["naive"], _of_snapshot(trainer), trainer.learner.plain_because)


def _of_snapshot(trainer: Trainer) -> float:
    times = []
    for _ in range(5):
        trainer.step()
        trainer.drain()
        begin = time.perf_counter()
        trainer.snapshot()
        times.append(time.perf_counter() - begin)
    return 1e3 * statistics.median(times)


def disagreement(device: str, k: int = 16, steps: int = 30) -> float:
    """Return the largest relative difference of a metric between a device and the CPU, both in float64."""
    rows = []
    for name in (device, "cpu"):
        trainer = Trainer(replace(CONFIG, cell_size=k, device=name), dtype=torch.float64)
        for _ in range(steps):
            trainer.step()
        rows.append(trainer.drain().values)
    mine, cpu = rows
    known = np.isfinite(cpu)
    return float(np.max(np.abs(mine - cpu)[known] / np.maximum(np.abs(cpu[known]), 1e-6)))


def table(device: str, sizes: tuple[int, ...], seconds: float, say: Callable[[str], object] = print) -> bool:
    """Print the table and the bars; return whether every bar is held."""
    say(f"{describe_device(torch.device(device))}, torch {torch.__version__}; T = 50, B = 32; milliseconds a step")
    say(f"{'k':>5} {'ours':>8} {'eager':>8} {'naive':>8} {'snapshot':>9}  gpu_live_over_eager")
    held = True
    for k in sizes:
        row = measure(k, device, seconds)
        bar = BARS.get(k, 1.0)
        good = row.over_eager >= bar
        held &= good
        verdict = f"{row.over_eager:.2f} (bar {bar:g}: {'held' if good else 'missed'})"
        say(f"{k:5} {row.ours:8.3f} {row.eager:8.3f} {row.naive:8.3f} {row.snapshot:9.2f}  {verdict}")
        if row.plain_because:
            say(f"      {row.plain_because}")
    difference = disagreement(device)
    agrees = difference < AGREES_WITHIN
    say(f"float64 against the CPU: {brief(difference)} at most ({'agrees' if agrees else 'DIFFERS'})")
    return held and agrees


def main(arguments: list[str] | None = None) -> int:
    """Run from the command line; 1 where a bar is missed on a GPU."""
    parser = argparse.ArgumentParser(prog="python -m tests.benchmarks.gpu", description=__doc__)
    parser.add_argument("--device", default="cuda:0", help="cuda:0, mps, or cpu to run the same there")
    parser.add_argument("--seconds", type=float, default=3.0, help="for each of the three, at each size")
    parser.add_argument("--sizes", type=int, nargs="+", default=list(SIZES), help="of the cell")
    given = parser.parse_args(arguments)
    if given.device.startswith("cuda") and not torch.cuda.is_available():
        print("This machine has no GPU that torch can use through CUDA; nothing was measured.")
        return 0
    torch.set_num_threads(1)
    held = table(given.device, tuple(given.sizes), given.seconds)
    return 0 if held or given.device == "cpu" else 1


if __name__ == "__main__":
    sys.exit(main())
