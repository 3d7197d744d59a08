"""Makes one training step on a batch, and writes its loss, measure and gradient norms into one row of numbers.

Nothing in a step waits for a number: loss, measure and gradient norms are written as tensors into one row, and the
caller fetches a block of rows at once when someone asks.
"""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, cast

import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor, nn

from ..recording.checkpoint import Kind, check_arrays, part
from ..runs.metrics import ERRORS, metric_names
from ..runs.start import Start
from ..settings.config import TrainingConfig
from ..tasks import Task
from .cuda_step import CudaRecorder, RecordedStep, Recorder
from .network import RecurrentNetwork

Arrays = Mapping[str, NDArray[np.floating]]
Backward = Callable[[Tensor, Tensor], tuple[Tensor, Tensor]]
"""Takes x and target, leaves the gradients of the whole batch with the network's parameters; loss and measure."""
Share = Callable[[RecurrentNetwork, Task], Backward]
"""Makes what does that together with other processes; see `engine.training.distributed`."""


_WEIGHT, _MEMORY = "network.", "optimizer."
"""What the names of weights begin with in a state, and those of what the optimizer remembers."""
_COUNT = "step"
_COUNTED: Kind = (), np.dtype(np.float32)
"""How torch counts the steps of a weight."""
_NEVER_NEGATIVE = (f".{_COUNT}", "_sq", ".square_avg")


@dataclass(frozen=True, eq=False)
class SeenStep:
    """Every weight before a step, its gradient before clipping, and the weight after it, by name."""

    before: Arrays
    gradients: Arrays
    after: Arrays


class Learner:
    """Owns a network and its optimizer; the same config gives the same weights.

    config: clip_norm, learning_rate, clamped and frozen are those it begins with. dtype: of all that is learnt.
    recorder: where steps are recorded to be replayed; None is a CUDA graph on CUDA, and plain steps elsewhere.
    share: how each batch is shared out over several processes; their steps are plain ones. start: the weights that the
    network begins with, if they are given.
    """

    def __init__(
        self,
        config: TrainingConfig,
        task: Task,
        device: torch.device,
        dtype: torch.dtype = torch.float32,
        recorder: Recorder | None = None,
        share: Share | None = None,
        start: Start | None = None,
    ) -> None:
        network = RecurrentNetwork(config, task.input_size, task.output_size, task.every_step, start=start)
        self.network = network.to(device, dtype)
        self._task = task
        self._layers = range(config.layers)
        self._has_errors = set(ERRORS) <= set(metric_names(config))
        self._no_errors = [torch.full((1,), float("nan"), device=device, dtype=dtype)] * len(ERRORS)
        self._parameters = list(self.network.parameters())
        self._stepped = False
        self._optimizer = _optimizer(config, self._parameters, device)
        self._remembered = _remembered(config)
        self._clip_norm = config.clip_norm
        self._shared = share(self.network, task) if share is not None else None
        if recorder is None and device.type == "cuda" and share is None:
            recorder = CudaRecorder(device)
        self._recorded = RecordedStep(recorder) if recorder is not None and not config.dropout else None
        # A recorded step would repeat its draws with every replay.
        self._plain_because = (
            "no CUDA graph: dropout is drawn anew every step" if recorder and not self._recorded else ""
        )
        if self.network.restricted:  # the weights that are kept still are those of the device now
            self.follow(config)

    def step(self, x: Tensor, target: Tensor) -> list[Tensor]:
        """Make one training step: forward, backward, norms, clipping, optimizer; waits for nothing.

        Returns loss, measure, the gradient's norm before and after clipping, the norms of each layer's weights, and
        mean and largest error where the run has these columns, all of one axis.
        """
        if self._recorded is None:
            return self.plain_step(x, target)
        return self._recorded.make(self.plain_step, x, target)

    @property
    def plain_because(self) -> str:
        """Why steps cannot be recorded on this device, in words; "" where they are, or need not be."""
        return self._recorded.plain_because if self._recorded is not None else self._plain_because

    def plain_step(self, x: Tensor, target: Tensor) -> list[Tensor]:
        """Make one training step as `step` does, but never a recorded one: a batch may have any size."""
        row = self._clipped_row(*self._backward(x, target))
        self._change()
        return row

    def seen_step(self, x: Tensor, target: Tensor) -> tuple[list[Tensor], SeenStep]:
        """Make one training step as `step` does, and return what it did to every weight besides."""
        before = self.network.all_weights()
        found = self._backward(x, target)
        gradients = self.network.all_gradients()
        row = self._clipped_row(*found)
        self._change()
        return row, SeenStep(before, gradients, self.network.all_weights())

    def forget_gradients(self) -> None:
        """Let go of the gradients of the last step."""
        for parameter in self._parameters:
            parameter.grad = None

    def _backward(self, x: Tensor, target: Tensor) -> tuple[Tensor, Tensor, list[Tensor]]:
        """Leave gradients behind; return loss, measure, and the errors if the run has columns for them."""
        self.forget_gradients()
        with self.network.dropout.learning():
            if self._shared is not None:
                return *self._shared(x, target), self._no_errors if self._has_errors else []
            output = self.network(x)
            loss, measure = self._task.batch_loss_and_measure(output, target)
            loss.backward()
            return loss, measure, self._errors(output, target) if self._has_errors else []

    @torch.no_grad()
    def _errors(self, output: Tensor, target: Tensor) -> list[Tensor]:
        errors = self._task.batch_errors(output, target)
        return [error.view(1) for error in errors] if errors is not None else self._no_errors

    @torch.no_grad()
    def _clipped_row(self, loss: Tensor, measure: Tensor, errors: list[Tensor]) -> list[Tensor]:
        """Return the row of this step, and clip by the norm that was computed for it."""
        shown: list[Tensor] = []
        lengths: list[Tensor] = []  # what the total is made of
        for layer in self._layers:
            norms, parts = self.network.recurrent.norms(layer)
            shown += norms
            lengths += parts
        readout = self.network.readout
        lengths += [torch.linalg.vector_norm(cast(Tensor, p.grad)).view(1) for p in readout.parameters()]
        total = torch.linalg.vector_norm(torch.cat(lengths)).view(1)
        applied = total
        if self._clip_norm > 0:
            factor = (self._clip_norm / (total + 1e-6)).clamp(max=1.0)  # as torch's clip_grad_norm_
            torch._foreach_mul_([p.grad for p in self._parameters if p.grad is not None], factor[0])
            applied = total * factor
        return [loss.detach().view(1), measure.view(1), total, applied, *shown, *errors]

    def _change(self) -> None:
        try:
            self._optimizer.step()
        except (RuntimeError, MemoryError):
            if not self._stepped:  # no weight was changed, but states may be half made
                self._optimizer.state.clear()
            raise
        self._stepped = True
        if self.network.restricted:
            with torch.no_grad():
                self.network.keep_still()

    def direct_gradient(self, x: Tensor, target: Tensor) -> NDArray[np.floating]:
        """Return dL/dh_t that reaches the last layer's h from the readout alone, (T, B, n); learns nothing.

        Dropout is that of the next step.
        """
        with torch.no_grad():
            h = self.network.recurrent(x)
        h.requires_grad_(True)
        with torch.enable_grad(), self.network.dropout.learning():
            loss, _ = self._task.batch_loss_and_measure(self.network.answers(h), target)
            (gradient,) = torch.autograd.grad(loss, h)
        return cast("NDArray[np.floating]", gradient.cpu().numpy())

    def kept_of_h(self, steps: int) -> NDArray[np.floating]:
        """Return what the last layer's h of one sequence is multiplied by in the next step, (answers, n).

        steps: T. answers: T where the network answers at every step, else 1.
        """
        network = self.network
        ones = network.readout.weight.new_ones(steps if network.every_step else 1, 1, network.readout.in_features)
        with torch.no_grad(), network.dropout.learning():
            kept = network.dropout(ones if network.every_step else ones[0]).view_as(ones)
        return cast("NDArray[np.floating]", kept[:, 0].cpu().numpy())

    def follow(self, config: TrainingConfig) -> None:
        """Take up every live setting of a config from the next step on; raises ConfigError for what is not there."""
        with torch.no_grad():
            self.network.restrict(config.clamped, config.frozen)
        for group in self._optimizer.param_groups:
            group["lr"] = config.learning_rate
        self._clip_norm = config.clip_norm
        if self._recorded is not None:
            self._recorded.changed()

    def state(self) -> dict[str, NDArray[Any]]:
        """Return copies of the weights ("network.…") and of what the optimizer remembers ("optimizer.0.exp_avg" …)."""
        weights = self.network.state_dict()
        found = {f"{_WEIGHT}{name}": _copied(tensor) for name, tensor in weights.items()}
        for number, memory in self._optimizer.state_dict()["state"].items():
            for name, value in memory.items():
                if value is not None:  # SGD without momentum
                    found[f"{_MEMORY}{number}.{name}"] = _copied(torch.as_tensor(value))
        return found

    def load(self, state: Mapping[str, NDArray[Any]], config: TrainingConfig) -> None:
        """Take up what `state` returned, with the live settings of a config.

        Raises ValueError for the state of another network or optimizer, and takes up nothing of it.
        """
        self._check(state)
        tensors = {name: torch.tensor(array) for name, array in state.items()}
        self.network.load_state_dict(part(tensors, "network"))
        memories: dict[int, dict[str, Tensor]] = {}
        for name, tensor in part(tensors, "optimizer").items():
            number, _, what = name.partition(".")
            memories.setdefault(int(number), {})[what] = tensor
        groups = self._optimizer.state_dict()["param_groups"]
        self._optimizer.load_state_dict({"state": memories, "param_groups": groups})
        self._stepped = bool(memories)
        self.follow(config)

    def _check(self, state: Mapping[str, NDArray[Any]]) -> None:
        """Raise ValueError unless `state` could return these: the optimizer's kernel writes where it is told to."""
        mine = {name: array for name, array in state.items() if name.startswith((_WEIGHT, _MEMORY))}
        expected = {f"{_WEIGHT}{name}": _kind(W) for name, W in self.network.state_dict().items()}
        known = {name.split(".")[1] for name in mine if name.startswith(_MEMORY)}
        for number, parameter in enumerate(self._parameters):
            if str(number) in known:  # a weight that has had no gradient yet is not
                of_weight = {name: _COUNTED if name == _COUNT else _kind(parameter) for name in self._remembered}
                expected |= {f"{_MEMORY}{number}.{name}": kind for name, kind in of_weight.items()}
        check_arrays(mine, expected)
        for name, array in mine.items():
            if name.startswith(_MEMORY) and name.endswith(_NEVER_NEGATIVE) and (array < 0).any():
                raise ValueError(f"{name} is negative")


def _kind(tensor: Tensor) -> Kind:
    return tuple(tensor.shape), tensor.detach().cpu().numpy().dtype


def _remembered(config: TrainingConfig) -> tuple[str, ...]:
    """Return what the optimizer of a config remembers of each weight, by torch's names."""
    if config.optimizer == "sgd":
        return ("momentum_buffer",) if config.momentum else ()
    return (_COUNT, "exp_avg", "exp_avg_sq") if config.optimizer == "adam" else (_COUNT, "square_avg")


def _copied(tensor: Tensor) -> NDArray[Any]:
    return np.array(tensor.detach().cpu().numpy())


def _optimizer(
    config: TrainingConfig, parameters: Sequence[nn.Parameter], device: torch.device
) -> torch.optim.Optimizer:
    # Fused kernels update all weights in one call; RMSprop has none, foreach comes next.
    fused = device.type in ("cpu", "cuda")
    capturable = device.type == "cuda"  # they count their steps on the device
    if config.optimizer == "adam":
        return torch.optim.Adam(parameters, lr=config.learning_rate, fused=fused, capturable=capturable)
    if config.optimizer == "sgd":
        return torch.optim.SGD(parameters, lr=config.learning_rate, momentum=config.momentum, fused=fused)
    return torch.optim.RMSprop(parameters, lr=config.learning_rate, foreach=True, capturable=capturable)
