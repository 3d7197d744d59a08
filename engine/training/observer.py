"""Takes snapshots of a network in training without disturbing it, with more detail if asked for."""

from __future__ import annotations

import time
from collections.abc import Callable, Sequence
from dataclasses import replace
from typing import TYPE_CHECKING, Any, Protocol

import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor

from ..cell.trace import evaluate
from ..runs.gradient_flow import layer_flows
from ..runs.observation import FLOW, OBSERVED, SAMPLE, Extras, Flow, Observed
from ..runs.snapshot import Snapshot, layer_sizes, zero_states
from ..runs.step_apart import of_layer
from ..runs.weight_facts import weight_facts
from ..settings.config import ConfigError, TrainingConfig
from ..tasks import Task
from ..tasks.base import Examples
from ..tasks.characters import CharactersTask, sample_text
from .network import RecurrentNetwork, Weights, probe_gates

if TYPE_CHECKING:
    from .learner import Learner, SeenStep

Float32 = NDArray[np.float32]

_FOLLOWED = 500_000
"""Units times time steps times sequences whose gradients are followed back at most: about half a second."""
SAMPLED_CHARACTERS = 240
TEMPERATURE = 0.8
"""Below 1 likely characters are chosen more often than the network says, which reads better."""


class Watched(Protocol):
    """The trainer of a network, as far as looking at it needs more than the network."""

    done: int
    """Steps that it has made."""
    twin: Learner | None
    """The plain RNN that learns from the same batches."""
    followed: int
    """The sequence of the batch whose gradients are followed alone, from 1; 0 for none."""

    @property
    def config(self) -> TrainingConfig:
        """What it is trained with."""

    @property
    def learner(self) -> Learner:
        """The network that learns."""

    def batch(self) -> tuple[Tensor, Tensor]:
        """Return what the next step learns from."""

    def look_closely(self) -> tuple[int, SeenStep] | None:
        """Return the last step that was looked at, and look at the next."""


class Looking:
    """Holds what a network is looked at with: the probe, the task's fixed test examples."""

    def __init__(self, task: Task, device: torch.device, dtype: torch.dtype) -> None:
        self._task = task
        test_x, self._test_target = task.test_batch()
        self._test_x = torch.tensor(test_x, device=device, dtype=dtype)
        self._positions = task.positions()
        self.seconds: dict[str, float] = {}
        """What each of the things that were wanted took when it was last computed."""
        self.set_probe(0, None)

    def set_probe(self, example: int | None, x: Float32 | None) -> None:
        """Look at an example of the task by its number, or at any x (T, m).

        Raises ConfigError, in one sentence, for an x that does not fit the task.
        """
        if x is not None:
            m = self._task.input_size
            if x.ndim != 2 or x.shape[1] != m or not len(x) or not np.isfinite(x).all():
                raise ConfigError(
                    f"The probe sequence has the shape {'×'.join(map(str, x.shape))}, expected time steps × {m} finite "
                    "numbers; choose another sequence."
                )
        self.own = None if x is None else np.ascontiguousarray(x, dtype=np.float32)
        """The sequence that is looked at, (T, m), where it is no example of the task."""
        self.number = 0 if x is not None else example or 0
        """The number of the example."""
        self.example: Examples = self._task.example(self.number)
        """The example last chosen, x (T, 1, m) and its target."""
        self._probe = self.example[0][:, 0] if self.own is None else self.own  # (T, m)

    def snapshot(self, network: RecurrentNetwork, step: int, extras: Extras | None) -> Snapshot:
        """Compute what the plots show of a network as it is now."""
        with torch.no_grad():
            output = network(self._test_x).float().cpu().numpy()  # (B, outputs) or (T, B, outputs)
        # A diverged network overflows here; its plots show that, and a warning adds nothing.
        with np.errstate(over="ignore", invalid="ignore"):
            everything = {name: W.astype(np.float32, copy=False) for name, W in network.all_weights().items()}
            weights = tuple(of_layer(everything, layer) for layer in range(network.layer_count))
            gates = probe_gates(network.cell, weights, self._probe)
            answers = gates[-1]["h"] @ everything["W_out"].T + everything["b_out"]
            prediction = np.array(self._task.shown(output))
            held_out = self._task.on_held_out(output)
        return Snapshot(
            step,
            weights,
            gates,
            self._probe,
            self._positions,
            self._test_target,
            prediction,
            network.cell.name,
            answers,
            extras or Extras(),
            held_out,
            {name: everything[name] for name in ("W_out", "b_out")},
        )

    def extras(self, wants: frozenset[str], trainer: Watched) -> Extras:
        """Compute what is wanted beside gates and predictions; `seconds` tells what each took."""
        compute: dict[str, Callable[[Watched], Any]] = {FLOW: _flows, OBSERVED: _observed, SAMPLE: self._sample}
        found: dict[str, Any] = {}
        for want in wants:
            start = time.perf_counter()
            found[want] = compute[want](trainer)
            self.seconds[want] = time.perf_counter() - start
        flow, twin_flow = found.get(FLOW, (None, None))
        return Extras(flow, twin_flow, found.get(OBSERVED), found.get(SAMPLE, ""))

    def _sample(self, trainer: Watched) -> str:
        """Let the network write a text; "" where the task has no characters."""
        task = self._task
        if not isinstance(task, CharactersTask):
            return ""
        network = trainer.learner.network
        everything = network.all_weights()
        layers = [of_layer(everything, layer) for layer in range(network.layer_count)]
        rng = np.random.default_rng((trainer.config.seed, trainer.done))
        start = int(rng.integers(len(task.alphabet)))
        answer = next_answers(network, layers, everything)
        one_hot = np.eye(len(task.alphabet), dtype=everything["W_out"].dtype)
        with np.errstate(over="ignore", invalid="ignore"):
            codes = sample_text(lambda code: answer(one_hot[code]), start, SAMPLED_CHARACTERS, TEMPERATURE, rng)
        return task.decode(codes)


def _flows(trainer: Watched) -> tuple[Flow, Flow | None]:
    return flow_of(trainer.learner, trainer), flow_of(trainer.twin, trainer) if trainer.twin is not None else None


def flow_of(learner: Learner, trainer: Watched) -> Flow:
    """Return the gradients through time of a network on the batch that the next step will learn from.

    Of a large network only the first sequences of the batch are followed back, so that training need not wait long.
    Where one sequence is followed, norms are its own, of the loss of the whole batch; saturation is that of all.
    """
    x, target = trainer.batch()
    T, B, _ = x.shape
    units = T * learner.network.layer_count * trainer.config.cell_size
    followed = min(B, max(1, _FOLLOWED // units))
    with np.errstate(over="ignore", invalid="ignore"):
        direct = learner.direct_gradient(x, target)
        weights = [learner.network.weights(layer) for layer in range(learner.network.layer_count)]
        cell = learner.network.cell
        layers = layer_flows(cell, weights, x[:, :followed].cpu().numpy(), direct[:, :followed])
        if trainer.followed:
            only = slice(trainer.followed - 1, trainer.followed)
            alone = layer_flows(cell, weights, x[:, only].cpu().numpy(), direct[:, only])
            layers = tuple(
                replace(one, saturation=of_all.saturation) for one, of_all in zip(alone, layers, strict=True)
            )
    return Flow(trainer.done + 1, layers, followed, trainer.followed)


def _observed(trainer: Watched) -> Observed | None:
    found = trainer.look_closely()
    if found is None:
        return None
    step, seen = found
    facts = {name: weight_facts(W, seen.gradients[name], seen.after[name]) for name, W in seen.before.items()}
    return Observed(step, facts)


def next_answers(
    network: RecurrentNetwork, layers: Sequence[Weights], everything: Weights
) -> Callable[[Any], NDArray[np.floating]]:
    """Return what answers one input x_t (m,) after another, (outputs,), and remembers what came before."""
    cell = network.cell
    W_out, b_out = everything["W_out"], everything["b_out"]
    states = []
    m = layers[0][next(iter(layers[0]))].shape[1] - network.readout.in_features
    for weights in layers:
        n, k = layer_sizes(cell, weights, m)
        states.append(zero_states(cell, n, k, W_out.dtype))
        m = n

    def answer(x_t: NDArray[np.floating]) -> NDArray[np.floating]:
        for weights, state in zip(layers, states, strict=True):
            values = evaluate(cell, weights, {"x_t": x_t, **state})
            state.update({name: values[source] for name, source in cell.carried.items()})
            x_t = values["h_t"]
        return W_out @ x_t + b_out

    return answer
