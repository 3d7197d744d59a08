"""Trains a network one step at a time; knows nothing of threads, windows or files."""

from collections.abc import Sequence
from dataclasses import replace

import numpy as np
import torch
from torch import Tensor

from ..errors import UnlessOutOfMemory
from ..recording.checkpoint import Checkpoint, check_arrays, part, with_prefix
from ..runs.metrics import BEFORE_LAYERS, Float32, Metrics, metric_names
from ..runs.observation import check_sequence
from ..runs.snapshot import Snapshot
from ..runs.start import Start, start_again
from ..runs.step_apart import StepApart, arriving_gradients, of_layer
from ..settings.config import ConfigError, TrainingConfig, twin_of, with_live
from ..tasks import Task, create_task
from ..tasks.base import TRAINING_STREAM, block_steps
from .devices import choose_device
from .learner import Learner, SeenStep, Share
from .observer import Looking

BUFFER_STEPS = 512


class Trainer:
    """Owns what learns and its task; `step` makes one training step.

    The same config gives the same weights and the same batches. config: with what was changed since it began.
    metric_names: of what `drain` returns. device: where it runs. done: how many steps were made.
    share: how each batch is shared out over several processes; loss and measure are then those of this one's part.
    start: the weights that it begins with, if they are given.
    Raises ConfigError for a device that is not there, DataError for data that cannot be used.
    """

    def __init__(
        self,
        config: TrainingConfig,
        task: Task | None = None,
        dtype: torch.dtype = torch.float32,
        share: Share | None = None,
        start: Start | None = None,
    ) -> None:
        self.config = config
        self.start = start
        self.task = task or create_task(config)
        self.device = choose_device(config.device)
        self.dtype = dtype
        self.learner = Learner(config, self.task, self.device, dtype, share=share, start=start)
        self.twin: Learner | None = None
        self.twin_given_up = False
        """Whether the twin was switched off for want of memory, until somebody has told of it."""
        self.metric_names = metric_names(config)
        self.done = 0
        self.followed = 0
        """The sequence of each batch whose gradients through time are looked at, counted from 1; 0 for all."""
        self._buffer = torch.empty(BUFFER_STEPS, len(self.metric_names), device=self.device, dtype=dtype)
        self._rows = self._buffer.unbind(0)
        self._no_twin = torch.full((1,), float("nan"), device=self.device, dtype=dtype)
        self._filled = 0
        self._full: list[Float32] = []
        self._block_steps = block_steps(self.task, config.batch_size)
        self._block = -1
        self._x: Sequence[Tensor] = ()
        self._target: Sequence[Tensor] = ()
        self._look_closely = False
        self._seen: tuple[int, SeenStep] | None = None
        self._looking = Looking(self.task, self.device, dtype)
        if config.twin == "on":
            self._set_twin(True)
        self._stand_after(0)

    @property
    def network(self) -> torch.nn.Module:
        """The network that learns."""
        return self.learner.network

    def batch(self) -> tuple[Tensor, Tensor]:
        """Return the batch of the next step: x (T, B, m) and its target."""
        block, place = divmod(self.done, self._block_steps)
        if block != self._block:
            self._x, self._target = self._draw(block)
            self._block = block  # not before: there may be no memory for it
        return self._x[place], self._target[place]

    def _draw(self, block: int) -> tuple[Sequence[Tensor], Sequence[Tensor]]:
        """Draw the batches of one block of steps, from the seed and the block's number alone."""
        S, B = self._block_steps, self.config.batch_size
        rng = np.random.default_rng((self.config.seed, TRAINING_STREAM, block))
        x, target = self.task.examples(rng, S * B)  # (T, S·B, m); (T, S·B, …) or (S·B, …)
        return self._batches(x, 1), self._batches(target, 1 if self.task.every_step else 0)

    def _batches(self, array: Float32, axis: int) -> Sequence[Tensor]:
        split = np.stack(np.split(array, self._block_steps, axis=axis))  # (S, …, B, …), each batch contiguous
        return torch.from_numpy(split).to(self.device, self.dtype).unbind(0)

    def step(self) -> None:
        """Make one training step; waits for nothing."""
        x, target = self.batch()
        if self._look_closely:
            self._look_closely = False
            row, seen = self.learner.seen_step(x, target)
            self._seen = self.done + 1, seen
        else:
            row = self.learner.step(x, target)
        self._record(row, self._twin_loss(x, target))

    def _record(self, row: list[Tensor], twin_loss: Tensor) -> None:
        place = BEFORE_LAYERS.index("twin_loss")
        torch.cat([*row[:place], twin_loss, *row[place:]], out=self._rows[self._filled])
        self._filled += 1
        if self._filled == BUFFER_STEPS:
            self._full.append(self._fetch())
        self._stand_after(self.done + 1)

    def _stand_after(self, done: int) -> None:
        """Have made so many steps: the next batch is known, and the next dropout."""
        self.done = done
        for learner in self._learners():
            learner.network.dropout.step = done + 1

    def _twin_loss(self, x: Tensor, target: Tensor, alone: bool = False) -> Tensor:
        """Let the twin learn; where there is no memory for it, it is given up, for the network has made its step.

        alone: whether this is one example, and no batch as the other steps have.
        """
        if self.twin is None:
            return self._no_twin
        with UnlessOutOfMemory():
            return (self.twin.plain_step if alone else self.twin.step)(x, target)[0]
        self._set_twin(False)
        self.twin_given_up = True
        return self._no_twin

    def step_apart(self) -> StepApart:
        """Make one training step on one example alone, and return everything that it computed.

        That is the example last chosen as the probe; a sequence that was typed or drawn has no target, so that
        example 0 stands in for it.
        """
        example, wanted = self._looking.example
        x, target = (torch.tensor(array, device=self.device, dtype=self.dtype) for array in (example, wanted))
        cell = self.learner.network.cell
        direct = self.learner.direct_gradient(x, target)[:, 0]
        kept = self.learner.kept_of_h(len(x))
        row, seen = self.learner.seen_step(x, target)
        self._record(row, self._twin_loss(x, target, alone=True))
        layers = [of_layer(seen.before, layer) for layer in range(self.config.layers)]
        loss, measure, grad_norm, applied_norm = (float(value) for value in row[:4])
        return StepApart(
            step=self.done,
            example=self._looking.number,
            cell=cell.name,
            x=example[:, 0].astype(direct.dtype),
            target=wanted,
            loss=loss,
            measure=measure,
            grad_norm=grad_norm,
            applied_norm=applied_norm,
            optimizer=self.config.optimizer,
            learning_rate=self.config.learning_rate,
            arriving=arriving_gradients(cell, layers, example[:, 0].astype(direct.dtype), direct),
            kept=kept,
            before=seen.before,
            gradients=seen.gradients,
            after=seen.after,
        )

    def _fetch(self) -> Float32:
        rows = np.array(self._buffer[: self._filled].cpu().numpy(), dtype=np.float32)
        self._filled = 0
        return rows

    def drain(self) -> Metrics:
        """Fetch the metrics of every step since the last drain, in one copy."""
        if self._filled:
            self._full.append(self._fetch())
        blocks, self._full = self._full, []
        empty = np.empty((0, len(self.metric_names)), dtype=np.float32)
        return Metrics(self.metric_names, blocks[0] if len(blocks) == 1 else np.concatenate([empty, *blocks]))

    def snapshot(self, wants: frozenset[str] = frozenset()) -> Snapshot:
        """Compute what the plots show of the network as it is now, with what is wanted besides.

        One step seen closely is made by the next step: the first snapshot that wants it does not have it yet.
        """
        extras = self._looking.extras(wants, self) if wants else None
        return self._looking.snapshot(self.learner.network, self.done, extras)

    def extras_seconds(self, wants: frozenset[str]) -> dict[str, float]:
        """Return how long each of the things that were wanted took when it was last computed."""
        return {want: self._looking.seconds.get(want, 0.0) for want in wants}

    def look_closely(self) -> tuple[int, SeenStep] | None:
        """Return the last step that was seen closely, with its number, and look closely at the next one."""
        self._look_closely = True
        return self._seen

    def free_memory(self) -> None:
        """Give back what a step that ran out of memory had taken."""
        for learner in self._learners():
            learner.forget_gradients()
        if self.device.type == "cuda":
            torch.cuda.empty_cache()

    def set_probe(self, example: int | None, x: Float32 | None) -> None:
        """Look at another sequence from now on: an example of the task by its number, or any x (T, m).

        Raises ConfigError for a sequence that has not as many inputs as the task.
        """
        self._looking.set_probe(example, x)

    def follow_sequence(self, number: int | None) -> None:
        """Look at the gradients through time of one sequence of each batch, 1 … B, or of all; learns as before.

        Raises ConfigError for a sequence that is not there.
        """
        check_sequence(number, self.config.batch_size)
        self.followed = number or 0

    def change_setting(self, name: str, value: float | str) -> None:
        """Give a live setting another value from the next step on.

        Raises ConfigError for a setting that cannot change while a run goes on, and for a value that it cannot have.
        """
        config = with_live(self.config, name, value)
        if config.twin != self.config.twin:
            self._set_twin(config.twin == "on")
            return
        self.learner.follow(config)
        if self.twin is not None:
            self.twin.follow(twin_of(config))
        self.config = config

    def _set_twin(self, on: bool) -> None:
        """Let a plain RNN of the same size learn from the same batches, beginning now, or end that."""
        self.twin = Learner(twin_of(self.config), self.task, self.device, self.dtype) if on else None
        self.config = replace(self.config, twin="on" if on else "off")
        self._stand_after(self.done)

    def checkpoint(self, kept: bool = False) -> Checkpoint:
        """Return a copy of all that the next step depends on."""
        arrays = dict(self.learner.state())
        if self.twin is not None:
            arrays |= with_prefix("twin", self.twin.state())
        if self.start is not None:
            arrays |= with_prefix("start", self.start.weights)
        if self._looking.own is not None:
            arrays["probe"] = self._looking.own
        arrays["random"] = torch.get_rng_state().numpy().copy()
        return Checkpoint(self.done, self.config, arrays, self._looking.number, self.followed, kept)

    def restore(self, checkpoint: Checkpoint) -> None:
        """Go on from a checkpoint of a run with this config; steps that follow are those that followed there.

        On the CPU bit for bit, with the same number of threads. Raises ConfigError for a checkpoint that does not fit.
        """
        config, arrays = checkpoint.config, checkpoint.arrays
        try:
            self.learner.load(arrays, config)
            if self.twin is not None:
                self.twin.load(part(arrays, "twin"), twin_of(config))
            if "random" in arrays:
                now = torch.get_rng_state().numpy()
                check_arrays({"random": arrays["random"]}, {"random": (now.shape, now.dtype)})
                torch.set_rng_state(torch.from_numpy(arrays["random"].copy()))
        except (KeyError, ValueError, RuntimeError) as error:
            raise ConfigError(f"This checkpoint does not fit its settings ({error}); begin a new run.") from error
        if given := part(arrays, "start"):
            self.start = start_again("", config, given)
        self._stand_after(checkpoint.step)
        self.set_probe(checkpoint.example, arrays.get("probe"))

    def _learners(self) -> list[Learner]:
        return [learner for learner in (self.learner, self.twin) if learner is not None]
