"""How fast the trainer is without a window, against a plain loop in PyTorch.

`bare_over_plain` runs both in fresh processes, because the number of threads of a process cannot be taken
back, and alternately, because a shared machine is not equally fast at all times.
"""

import json
import statistics
import subprocess
import sys
import time
from typing import Any

from engine.runs.messages import State, Update
from engine.session.worker import TrainingWorker
from engine.settings.config import TrainingConfig

# LSTM m = 2, k = 16, T = 50, B = 32, and more steps than any measurement makes.
CONFIG = TrainingConfig(task="adding", cell_size=16, sequence_length=50, batch_size=32, device="cpu", steps=10_000_000)
_WARM_UP_STEPS = 30
_DRAIN_INTERVAL_S = 1 / 30  # as often as a window would ask


def plain_steps_per_s(seconds: float) -> float:
    """Measure the loop that everybody writes: Adam and threads as they come, loss.item() at each step."""
    import numpy as np
    import torch
    from torch import nn

    from engine.tasks import create_task

    class Model(nn.Module):
        def __init__(self) -> None:
            super().__init__()
            self.lstm = nn.LSTM(2, CONFIG.cell_size)
            self.readout = nn.Linear(CONFIG.cell_size, 1)

        def forward(self, x: torch.Tensor) -> torch.Tensor:
            h, _ = self.lstm(x)
            answer: torch.Tensor = self.readout(h[-1])
            return answer

    task = create_task(CONFIG)
    rng = np.random.default_rng(CONFIG.seed)
    model, criterion = Model(), nn.MSELoss()
    optimizer = torch.optim.Adam(model.parameters())
    losses: list[float] = []

    def step() -> None:
        x, target = (torch.from_numpy(array) for array in task.examples(rng, CONFIG.batch_size))
        optimizer.zero_grad()
        loss = criterion(model(x), target)
        loss.backward()
        optimizer.step()
        losses.append(loss.item())

    for _ in range(_WARM_UP_STEPS):
        step()
    losses.clear()
    begin = time.perf_counter()
    while time.perf_counter() - begin < seconds:
        step()
    return len(losses) / (time.perf_counter() - begin)


def bare_steps_per_s(seconds: float) -> float:
    """Measure our trainer without a window: every metric of every step, fetched 30 times a second."""
    from engine.training.placement import choose_threads, warm_up
    from engine.training.trainer import Trainer

    warm_up(CONFIG)
    choose_threads(CONFIG)
    trainer = Trainer(CONFIG)
    for _ in range(_WARM_UP_STEPS):
        trainer.step()
    first = trainer.done
    begin = drained = time.perf_counter()
    while (now := time.perf_counter()) - begin < seconds:
        trainer.step()
        if now - drained >= _DRAIN_INTERVAL_S:
            trainer.drain()
            drained = now
    trainer.drain()
    return (trainer.done - first) / (time.perf_counter() - begin)


def answered(worker: TrainingWorker, *states: State, pulled: bool = False, patience_s: float = 60.0) -> Update:
    """Wait until a worker says that it is in one of these states, or answers a request in one of them."""
    deadline = time.monotonic() + patience_s
    while time.monotonic() < deadline:
        worker.wait_for_mail(0.5)
        update = worker.take()
        if update is None:
            continue
        if update.state is State.FAILED:
            raise RuntimeError(update.error)
        if update.state in states and (update.answer or not pulled):
            return update
    raise TimeoutError(f"the worker did not become {' or '.join(states)} within {patience_s} s")


_MEASUREMENTS = {"plain": plain_steps_per_s, "bare": bare_steps_per_s}


def _in_fresh_process(name: str, seconds: float) -> float:
    command = [sys.executable, "-m", "tests.benchmarks.training", name, str(seconds)]
    output = subprocess.run(command, check=True, capture_output=True, text=True).stdout
    return float(json.loads(output))


def bare_over_plain(rounds: int = 5, seconds: float = 3.0) -> dict[str, Any]:
    """Return throughput of our loop over the plain one: the median of `rounds` ratios of neighbouring runs.

    {"value": ratio, "unit": "ratio", "detail": {"bare_steps_per_s", "plain_steps_per_s", "ratios"}}.
    """
    plain, bare = [], []
    for round_ in range(rounds):
        order = ("plain", "bare") if round_ % 2 == 0 else ("bare", "plain")
        found = {name: _in_fresh_process(name, seconds) for name in order}
        plain.append(found["plain"])
        bare.append(found["bare"])
    ratios = [ours / theirs for ours, theirs in zip(bare, plain, strict=True)]
    detail = {
        "bare_steps_per_s": statistics.median(bare),
        "plain_steps_per_s": statistics.median(plain),
        "ratios": ratios,
        "rounds": rounds,
        "seconds": seconds,
    }
    return {"value": statistics.median(ratios), "unit": "ratio", "detail": detail}


if __name__ == "__main__":
    print(json.dumps(_MEASUREMENTS[sys.argv[1]](float(sys.argv[2]))))
