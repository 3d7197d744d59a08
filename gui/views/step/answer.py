"""Prepares one training step for slow motion: both passes through one layer, the predictions and the targets."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from engine.cell.backward import Backward, go_back
from engine.cell.trace import Trace
from engine.document.tracing import trace_document
from engine.runs.step_apart import StepApart

LARGEST = 5
"""Outputs that are written in numbers, at most."""

Array = NDArray[np.float64]


@dataclass(frozen=True, eq=False)
class Answer:
    """What the network answered and what it should have.

    steps: the time steps (from 0) that it answers at. given: y_t = W_out h_t + b_out, h_t with dropout,
    (outputs, steps); chances: its softmax over the outputs, None where the task wants numbers. target: (outputs,
    steps), None where it has not a number for each output. reaching: how long dL/dh_t is that comes from the answers
    alone, (T,); zero where none comes.
    """

    steps: tuple[int, ...]
    given: Array
    chances: Array | None
    target: Array | None
    reaching: Array

    @property
    def strongest(self) -> int:
        """The place among `steps` whose h gets the largest gradient."""
        return int(np.argmax(self.reaching[list(self.steps)]))

    def largest(self, place: int) -> list[int]:
        """Return the outputs to be written for a place among `steps`: the wanted first, then those answered most."""
        answered = np.argsort(-self.given[:, place], kind="stable")
        wanted: list[int] = []
        if self.target is not None:
            target = self.target[:, place]
            wanted = sorted(answered, key=lambda output: -target[output])[:1]
        return [int(output) for output in dict.fromkeys([*wanted, *answered])][:LARGEST]


@dataclass(frozen=True, eq=False)
class Prepared:
    """One layer of a step, with everything that its walk shows; layers from 0."""

    apart: StepApart
    layer: int
    trace: Trace
    way: Backward
    answer: Answer

    @property
    def weights(self) -> tuple[str, ...]:
        """Names of the weights whose change is shown: the layer's by the cell's order, then the readout's."""
        of_layer = (f"layer{self.layer + 1}.{item.name}" for item in self.trace.cell.parameters)
        return tuple(name for name in (*of_layer, "W_out", "b_out") if name in self.apart.after)


def prepare(apart: StepApart, layer: int, loss_name: str) -> Prepared:
    """Return one layer of a step made ready; `loss_name` is the task's, which says how answers are read.

    Takes longer than a frame. Raises DocumentError where the network had diverged.
    """
    trace = trace_document(apart.document(layer))
    seeds = [{"h_t": gradient.astype(np.float64)} for gradient in apart.arriving[layer]]
    last = trace if layer == apart.layers - 1 else trace_document(apart.document(apart.layers - 1))
    h = np.stack([np.asarray(step["h_t"]) for step in last.steps])
    return Prepared(apart, layer, trace, go_back(trace, seeds), answer_of(apart, h, loss_name))


def answer_of(apart: StepApart, h: Array, loss_name: str) -> Answer:
    """Return what the readout answers to the last layer's h (T, n)."""
    T = len(h)
    every_step = T > 1 and apart.target.shape[0] == T
    steps = tuple(range(T)) if every_step else (T - 1,)
    received = h[list(steps)] * apart.kept.astype(np.float64)
    given = received @ apart.before["W_out"].T.astype(np.float64) + apart.before["b_out"].astype(np.float64)
    # What follows the wanted answers in a target, such as what a grammar allows, is for the measure alone.
    wanted = apart.target.reshape(len(steps), -1)[:, : given.shape[1]].astype(np.float64)
    # One with fewer numbers, such as the number of a class, cannot be set beside the answers.
    target = wanted.T if wanted.shape[1] == given.shape[1] else None
    chances = None
    if loss_name.startswith("cross-entropy"):
        powers = np.exp(given - given.max(axis=1, keepdims=True))
        chances = (powers / powers.sum(axis=1, keepdims=True)).T
    return Answer(steps, given.T, chances, target, np.linalg.norm(apart.arriving[-1], axis=1).astype(np.float64))
