"""Sentences on gradients through time: where the gradient enters, and how it changes on its way back."""

from __future__ import annotations

import numpy as np

from engine.runs.gradient_flow import DIRECT
from engine.runs.observation import LayerFlow
from engine.text.amounts import changes
from engine.text.numbers import Style, written
from gui.appearance.rich_text import rich_symbol

ONE_STEP = "The sequence has one time step, so no gradient travels back."


def comes_in(flow: LayerFlow, layer: int, layers: int) -> str:
    """Return where the gradient enters a layer, counted from 1, of so many."""
    source = "the loss" if layer == layers else f"layer {layer + 1}"
    direct = flow.parts[DIRECT]
    steps, T = _entered_at(flow), len(direct)
    if not np.isfinite(direct).all():
        return "These gradients are not finite: the run has diverged"
    if not steps.size:
        return f"No gradient enters from {source}"
    first, last = int(steps[0]), int(steps[-1])
    if steps.size == T:
        where = "at every time step"
    elif steps.size == 1:
        where = f"only at the last time step, t = {first:,}" if first == T else f"only at t = {first:,}"
    elif steps.size == last - first + 1:
        where = f"at t = {first:,} … {last:,}"
    else:
        where = f"at {steps.size:,} of {T:,} time steps"
    return f"The gradient enters from {source} {where}"


def left_over(flow: LayerFlow, state: str, twin: LayerFlow | None, style: Style = Style.SHORT) -> str:
    """Return how the gradient changes on its way back to t = 1, as rich text; "" where that cannot be said.

    state: "C_t" or "h_t", whose gradient it is. Where the gradient enters only at later time steps, its norm at t = 1
    is compared with that at the first of these; where it enters at t = 1 too, what travels back is added to that.
    """
    norms, steps = flow.states[state], _entered_at(flow)
    if not np.isfinite(norms).all() or not steps.size:
        return ""
    if len(norms) == 1:
        return ONE_STEP
    first = int(steps[0])
    if first == 1:
        return _beside_its_own(flow, twin, style)
    ratios = {f"along {rich_symbol(state)}": _ratio(norms, first)}
    if twin is not None and np.isfinite(twin.states["h_t"]).all():
        ratios["in the plain RNN"] = _ratio(twin.states["h_t"], first)
    words = changes({where: ratio for where, ratio in ratios.items() if ratio is not None}, style)
    if not words:
        return f"The gradient is already 0 at t = {first:,}, so nothing travels back."
    return f"From t = {first:,} back to t = 1, the gradient {words}."


def _beside_its_own(flow: LayerFlow, twin: LayerFlow | None, style: Style) -> str:
    """Return the gradient that enters at t = 1 itself, and the one there with all that travels back."""
    own, norm = float(flow.parts[DIRECT][0]), float(flow.states["h_t"][0])
    words = (
        f"The loss at t = 1 alone gives <i>h</i> there a gradient of {written(own, True, style=style)}; "
        f"with what travels back from later time steps it is {written(norm, True, style=style)}"
    )
    if twin is None or not np.isfinite(twin.states["h_t"]).all():
        return f"{words}."
    own, norm = float(twin.parts[DIRECT][0]), float(twin.states["h_t"][0])
    own_words, norm_words = written(own, True, style=style), written(norm, True, style=style)
    return f"{words}. In the plain RNN, {own_words} becomes {norm_words}."


def _entered_at(flow: LayerFlow) -> np.ndarray:
    """Return the time steps, counted from 1, at which a gradient enters."""
    steps: np.ndarray = np.flatnonzero(flow.parts[DIRECT] > 0) + 1
    return steps


def _ratio(norms: np.ndarray, first: int) -> float | None:
    """Return the norm at t = 1 over that at t = first; None where that is 0."""
    there = float(norms[first - 1])
    return float(norms[0]) / there if there else None
