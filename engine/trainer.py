"""One training step at a time. Knows no thread, no window and no file.

Nothing in a step waits for a number: loss, measure and gradient norms are written as tensors into one row of
a buffer on the device, and a whole block of rows is fetched at once when someone asks.
"""

import os
import time
from collections.abc import Sequence
from typing import cast

import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor, nn

from engine.config import TrainingConfig
from engine.history import metric_names
from engine.network import RecurrentNetwork, blog_weights, choose_device, probe_gates
from engine.snapshot import Snapshot
from engine.tasks import Task, create_task
from engine.tasks.base import TRAINING_STREAM

Float32 = NDArray[np.float32]

BUFFER_STEPS = 512
_BLOCK_FLOATS = 1 << 20  # random numbers are drawn in blocks of about 4 MB, to share the cost of the draw
_BLOCK_STEPS = 64
_MEASURE_S = 0.25  # for each number of threads
_WORTH_A_THREAD = 1.15  # a second thread must win by this much: the window wants a core as well


class Trainer:
    """Owns a network, its optimizer and its task; `step` makes one training step.

    The same config gives the same weights and the same batches. metric_names: the columns of `drain`.
    device: where it runs. done: how many steps were made.
    Raises ConfigError for a device that is not there, DataError for data that cannot be used.
    """

    def __init__(self, config: TrainingConfig, task: Task | None = None) -> None:
        self.config = config
        self.task = task or create_task(config)
        self.device = choose_device(config.device)
        self.network = RecurrentNetwork(config, self.task.input_size, self.task.output_size, self.task.every_step).to(
            self.device
        )
        self.metric_names = metric_names(config)
        self.done = 0
        self._parameters = list(self.network.parameters())
        self._layers = [self._layer_parameters(layer) for layer in range(config.layers)]
        self._optimizer = _optimizer(config, self._parameters, self.device)
        self._clip_norm = config.clip_norm
        self._buffer = torch.empty(BUFFER_STEPS, len(self.metric_names), device=self.device)
        self._rows = self._buffer.unbind(0)
        self._filled = 0
        self._full: list[Float32] = []
        per_step = config.batch_size * sum(array.size for array in self.task.fixed_examples(TRAINING_STREAM, 1))
        self._block_steps = min(max(_BLOCK_FLOATS // per_step, 1), _BLOCK_STEPS)
        self._block = -1
        self._x: Sequence[Tensor] = ()
        self._target: Sequence[Tensor] = ()
        self._probe = self.task.probe()[0][:, 0]  # (T, m)
        test_x, self._test_target = self.task.test_batch()
        self._test_x = torch.tensor(test_x, device=self.device)
        self._positions = self.task.positions()

    def _layer_parameters(self, layer: int) -> list[Tensor]:
        names = ["weight_ih", "weight_hh", "bias_ih", "bias_hh"]
        names += ["weight_hr"] if self.config.projected else []
        return [cast(Tensor, getattr(self.network.lstm, f"{name}_l{layer}")) for name in names]

    def _batch(self) -> tuple[Tensor, Tensor]:
        block, place = divmod(self.done, self._block_steps)
        if block != self._block:
            self._block = block
            self._x, self._target = self._draw(block)
        return self._x[place], self._target[place]

    def _draw(self, block: int) -> tuple[Sequence[Tensor], Sequence[Tensor]]:
        """Draw the batches of one block of steps, from the seed and the block's number alone."""
        S, B = self._block_steps, self.config.batch_size
        rng = np.random.default_rng((self.config.seed, TRAINING_STREAM, block))
        x, target = self.task.examples(rng, S * B)  # (T, S·B, m); (T, S·B, …) or (S·B, …)
        return self._batches(x, 1), self._batches(target, 1 if self.task.every_step else 0)

    def _batches(self, array: Float32, axis: int) -> Sequence[Tensor]:
        split = np.stack(np.split(array, self._block_steps, axis=axis))  # (S, …, B, …), each batch contiguous
        return torch.from_numpy(split).to(self.device).unbind(0)

    def step(self) -> None:
        """Make one training step: forward, backward, norms, clipping, optimizer; waits for nothing."""
        x, target = self._batch()
        for parameter in self._parameters:
            parameter.grad = None
        loss, measure = self.task.batch_loss_and_measure(self.network(x), target)
        loss.backward()
        with torch.no_grad():
            self._record(loss, measure)
        self._optimizer.step()
        self.done += 1

    def _record(self, loss: Tensor, measure: Tensor) -> None:
        """Write the row of this step, and clip by the norm that was computed for it."""
        norms: list[Tensor] = []  # what the row shows
        lengths: list[Tensor] = []  # what the total is made of
        for layer in self._layers:
            g_ih, g_hh, g_b, _, *g_hr = (cast(Tensor, parameter.grad) for parameter in layer)
            W = torch.cat([g_ih, g_hh], 1).view(4, -1)  # (4k, m + n) → (4, k(m + n))
            per_gate = [torch.linalg.vector_norm(W, dim=1), torch.linalg.vector_norm(g_b.view(4, -1), dim=1)]
            norms += per_gate
            # torch's second bias has the same gradient as the first; it counts in the total all the same.
            lengths += [*per_gate, per_gate[1]]
            if g_hr:
                norms.append(torch.linalg.vector_norm(g_hr[0]).view(1))
                lengths.append(norms[-1])
        readout = self.network.readout
        lengths += [torch.linalg.vector_norm(cast(Tensor, p.grad)).view(1) for p in readout.parameters()]
        total = torch.linalg.vector_norm(torch.cat(lengths))
        torch.cat([loss.view(1), measure.view(1), total.view(1), *norms], out=self._rows[self._filled])
        self._filled += 1
        if self._filled == BUFFER_STEPS:
            self._full.append(self._fetch())
        if self._clip_norm > 0:
            factor = (self._clip_norm / (total + 1e-6)).clamp(max=1.0)  # as torch's clip_grad_norm_
            torch._foreach_mul_([cast(Tensor, p.grad) for p in self._parameters], factor)

    def _fetch(self) -> Float32:
        rows = np.array(self._buffer[: self._filled].cpu().numpy())
        self._filled = 0
        return rows

    def drain(self) -> Float32:
        """Fetch the metrics of every step since the last drain, (steps, columns), in one copy."""
        if self._filled:
            self._full.append(self._fetch())
        blocks, self._full = self._full, []
        if len(blocks) == 1:
            return blocks[0]
        return np.concatenate(blocks) if blocks else np.empty((0, len(self.metric_names)), dtype=np.float32)

    def snapshot(self) -> Snapshot:
        """Compute what the plots show of the network as it is now."""
        with torch.no_grad():
            output = self.network(self._test_x).cpu().numpy()  # (B, outputs) or (T, B, outputs)
        # A diverged network overflows here; its plots show that, and a warning adds nothing.
        with np.errstate(over="ignore", invalid="ignore"):
            weights = tuple(blog_weights(self.network.lstm, layer) for layer in range(self.config.layers))
            gates = probe_gates(weights, self._probe)
            prediction = np.array(self.task.shown(output), dtype=np.float32)
        return Snapshot(self.done, weights, gates, self._probe, self._positions, self._test_target, prediction)

    def set_learning_rate(self, value: float) -> None:
        """Use another learning rate from the next step on."""
        for group in self._optimizer.param_groups:
            group["lr"] = value

    def set_clip_norm(self, value: float) -> None:
        """Clip at another norm from the next step on; 0 switches clipping off."""
        self._clip_norm = value


def _optimizer(
    config: TrainingConfig, parameters: Sequence[nn.Parameter], device: torch.device
) -> torch.optim.Optimizer:
    # Fused kernels update all weights in one call; RMSprop has none, foreach comes next.
    fused = device.type in ("cpu", "cuda")
    if config.optimizer == "adam":
        return torch.optim.Adam(parameters, lr=config.learning_rate, fused=fused)
    if config.optimizer == "sgd":
        return torch.optim.SGD(parameters, lr=config.learning_rate, momentum=config.momentum, fused=fused)
    return torch.optim.RMSprop(parameters, lr=config.learning_rate, foreach=True)


def _cpu_count() -> int:
    # A container is often given fewer cores than the machine has.
    return len(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else os.cpu_count() or 1


def _seconds_per_step(trainer: Trainer, give_up_at: float) -> float:
    """Return the median time of a step; ends early where three steps were all slower than give_up_at."""
    times: list[float] = []
    begin = time.perf_counter()
    trainer.step()  # not counted: the first step with another number of threads starts them
    while not times or (len(times) < 40 and time.perf_counter() - begin < _MEASURE_S):
        start = time.perf_counter()
        trainer.step()
        times.append(time.perf_counter() - start)
        if len(times) >= 3 and min(times) > give_up_at:
            break
    return float(np.median(times))


def warm_up(config: TrainingConfig, task: Task | None = None) -> None:
    """Make one step of a throwaway trainer: the first optimizer loads for about a second."""
    torch.set_num_threads(1)
    Trainer(config, task).step()


def choose_threads(config: TrainingConfig, task: Task | None = None) -> int:
    """Set torch's number of threads for this config by a short measurement, and return it.

    1, 2, 4, … up to the number of cores, as long as each is at least 1.15 times as fast as the one before:
    for a small network one thread is several times faster than two. Takes about a second at most, on a
    throwaway trainer; 1 without measuring where the network is not computed by the CPU.
    """
    torch.set_num_threads(1)
    cores = _cpu_count()
    trainer = Trainer(config, task)
    if trainer.device.type != "cpu" or cores == 1:
        return 1
    trainer.step()
    best, best_s = 1, _seconds_per_step(trainer, np.inf)
    candidate = 2
    while candidate <= cores:
        torch.set_num_threads(candidate)
        seconds = _seconds_per_step(trainer, best_s)
        if seconds * _WORTH_A_THREAD > best_s:
            break
        best, best_s = candidate, seconds
        candidate *= 2
    torch.set_num_threads(best)
    return best
