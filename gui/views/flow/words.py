"""What the curves of gradients through time say, in a sentence: how much of the error is left at the first step."""

from __future__ import annotations

import numpy as np

from engine.runs.gradient_flow import DIRECT
from engine.runs.observation import LayerFlow
from engine.text.numbers import Style, written
from gui.appearance.rich_text import rich_symbol

ONE_STEP = "The sequence has one step: nothing has to come back."


def comes_in(flow: LayerFlow, layer: int, layers: int) -> str:
    """Return where the error comes in to a layer, counted from 1, of so many."""
    source = "the loss" if layer == layers else f"layer {layer + 1}"
    direct = flow.parts[DIRECT]
    steps, T = _steps_with_error(flow), len(direct)
    if not np.isfinite(direct).all():
        return "These gradients are not finite: the run has diverged"
    if not steps.size:
        return f"No error comes in from {source}"
    first, last = int(steps[0]), int(steps[-1])
    if steps.size == T:
        return f"The error comes in from {source} at every step"
    if steps.size == 1:
        return f"The error comes in from {source} at {_named(first, T)} alone"
    if steps.size == last - first + 1:
        return f"The error comes in from {source} at t = {first} … {last}"
    return f"The error comes in from {source} at {steps.size} of {T} steps"


def left_over(flow: LayerFlow, state: str, twin: LayerFlow | None, style: Style = Style.SHORT) -> str:
    """Return how much of the error is left at t = 1, as rich text; "" where that cannot be said.

    state: "C_t" or "h_t", of which it is told. Where the error comes in at later steps alone, what is left is a
    share of what is there at the first of these; where it comes in at t = 1, too, what comes back is set beside it.
    """
    norms, steps = flow.states[state], _steps_with_error(flow)
    if not np.isfinite(norms).all() or not steps.size:
        return ""
    if len(norms) == 1:
        return ONE_STEP
    first = int(steps[0])
    if first == 1:
        return _beside_its_own(flow, twin, style)
    shares = {rich_symbol(state): _share(norms, first)}
    if twin is not None and np.isfinite(twin.states["h_t"]).all():
        shares["the plain RNN"] = _share(twin.states["h_t"], first)
    known = {name: share for name, share in shares.items() if share is not None}
    if not known:
        return f"The error is 0 at t = {first} already: nothing can come back."
    arrives = "arrives" if steps.size == 1 else "is there"
    verb = "is left" if all(share <= 1 for share in known.values()) else "is there"
    parts = [f"{_share_words(share, style)}{{}} in {name}" for name, share in known.items()]
    parts[0] = parts[0].format(f" {verb} at t = 1")
    rest = [part.format("") for part in parts[1:]]
    return f"Of the error that {arrives} at t = {first}, {', '.join([parts[0], *rest])}."


def _beside_its_own(flow: LayerFlow, twin: LayerFlow | None, style: Style) -> str:
    """Return what comes in at t = 1 itself, and what is there with all that comes back."""
    own, norm = float(flow.parts[DIRECT][0]), float(flow.states["h_t"][0])
    words = (
        f"The error of t = 1 itself brings {written(own, True, style=style)} to {rich_symbol('h_1')}; "
        f"with what comes back from later steps it is {written(norm, True, style=style)}"
    )
    if twin is None or not np.isfinite(twin.states["h_t"]).all():
        return f"{words}."
    own, norm = float(twin.parts[DIRECT][0]), float(twin.states["h_t"][0])
    own_words, norm_words = written(own, True, style=style), written(norm, True, style=style)
    return f"{words}. In the plain RNN {own_words} becomes {norm_words}."


def _steps_with_error(flow: LayerFlow) -> np.ndarray:
    """Return the time steps, counted from 1, at which an error comes in."""
    steps: np.ndarray = np.flatnonzero(flow.parts[DIRECT] > 0) + 1
    return steps


def _named(t: int, T: int) -> str:
    return f"the last step, t = {t}," if t == T else f"t = {t}"


def _share(norms: np.ndarray, first: int) -> float | None:
    """Return the norm at t = 1 over that at t = first; None where that is 0."""
    there = float(norms[first - 1])
    return float(norms[0]) / there if there else None


def _share_words(share: float, style: Style) -> str:
    if share == 0:
        return "nothing"
    return f"{written(share, True, style=style)}{' times as much' if share > 1 else ''}"
