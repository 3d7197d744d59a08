"""The walk through one training step: forward pass, loss, backward pass, and the change of each weight."""

from __future__ import annotations

from collections.abc import Sequence
from enum import IntEnum

from engine.runs.step_apart import StepApart
from gui.playback.playback import backward_legs, forward_legs
from gui.playback.walk import Leg, Stop, Walk
from gui.views.step.answer import Prepared, prepare


class Phase(IntEnum):
    """What happens in a training step, in its order; `part` of the legs of its walk."""

    FORWARD = 0
    LOSS = 1
    BACKWARD = 2
    WEIGHTS = 3
    CONTINUES = 4


def step_legs(step: Prepared) -> list[Leg]:
    """Return every time step forwards, the loss, every time step backwards, and the weights."""
    cell, weights = step.trace.cell, []
    for name in step.weights:
        own = name.rpartition(".")[2]
        role = "output" if own in ("W_out", "b_out") else cell.described(own).role
        weights.append(Stop(role, f"{own} changes"))
    return [
        *forward_legs(step.trace),
        Leg(None, [Stop("output", "the prediction, the target and the loss")], part=Phase.LOSS),
        *backward_legs(step.way, Phase.BACKWARD),
        Leg(None, weights, part=Phase.WEIGHTS),
    ]


def prepared_walk(apart: StepApart, layer: int, loss_name: str) -> tuple[Prepared, list[Leg]]:
    """Return one layer of a step made ready, and the walk through it; see `prepare`."""
    step = prepare(apart, layer, loss_name)
    return step, step_legs(step)


def phase_of(walk: Walk) -> Phase:
    """Return the phase that a walk stands in."""
    return Phase(walk.leg.part)


def start_of(legs: Sequence[Leg], phase: Phase) -> int:
    """Return the position at which a phase begins: at its first stop, and forwards before it."""
    return sum(len(leg.stops) for leg in legs if leg.part < phase) + (phase is not Phase.FORWARD)


def moves_made(walk: Walk) -> int:
    """Return how many moves of the backward pass a walk has made."""
    return walk.position - start_of(walk.legs, Phase.BACKWARD) + 1


def seek_phase(walk: Walk, phase: Phase) -> None:
    """Go to the beginning of a phase; what comes after the last weight has no position."""
    if walk.legs and phase is not Phase.CONTINUES:
        walk.seek(start_of(walk.legs, phase))


def previous_phase(walk: Walk) -> None:
    """Return to the beginning of this phase, or of the one before."""
    phase = phase_of(walk)
    at_start = not walk.legs or walk.position == start_of(walk.legs, phase)
    seek_phase(walk, Phase(max(0, phase - 1)) if at_start else phase)
