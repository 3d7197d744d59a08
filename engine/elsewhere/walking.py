"""What every gate of a layer does over a sequence, in a few array operations for each time step.

The declared cell itself takes a Python call for each of its operations; here only h and C are walked through, and all
else follows for all time steps at once.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping

import numpy as np
from numpy.typing import NDArray

from ..cell.cell import Cell
from ..cell.trace import evaluate
from ..runs.snapshot import Layer, shown_values, traced_gates

Floats = NDArray[np.floating]
States = dict[str, Floats]
Tell = Callable[[int], object]
"""Hears every few time steps how many are done."""

_LARGE = 1_000_000
"""Units times time steps from which float32 computes them: in half of the time and memory."""
_EVERY = 64


def walked_gates(
    cell: Cell, weights: Layer, x: NDArray[np.floating], tell: Tell = lambda _steps: None
) -> dict[str, NDArray[np.float32]]:
    """Return what `shown_values` names of one layer over a sequence, from h_0 = C_0 = 0.

    weights: by the cell's names, columns [x, h]. x: (T, m). Computed in float64, or float32 where they are many;
    returned as float32, (T, k) or (T, n).
    """
    units = max(array.shape[0] for array in weights.values())
    dtype = np.float32 if units * len(x) > _LARGE else np.float64
    doubles: dict[str, Floats] = {name: array.astype(dtype) for name, array in weights.items()}
    fed: Floats = x.astype(dtype)
    # Weights that have diverged overflow here; the views show that.
    with np.errstate(over="ignore", invalid="ignore"):
        walk = _WALKS.get(cell.name)
        if walk is None:
            found = traced_gates(cell, doubles, fed)
        else:
            values = evaluate(cell, doubles, {"x_t": fed, **walk(doubles, fed, tell)})
            found = {short: values[name] for short, name in shown_values(cell).items()}
        return {name: np.ascontiguousarray(array, dtype=np.float32) for name, array in found.items()}


def _lstm(weights: Mapping[str, Floats], x: Floats, tell: Tell) -> States:
    """Return h_{t-1} (T, n) and C_{t-1} (T, k): f, i, o = σ(z), C̃ = tanh(z), C = f ∘ C + i ∘ C̃, h = o ∘ tanh(C)."""
    T, m = x.shape
    order = ("f", "i", "o", "C")
    W, b = (np.concatenate([weights[f"{letter}_{gate}"] for gate in order]) for letter in "Wb")
    k, n, projection = b.size // 4, W.shape[1] - m, weights.get("W_hr")
    W[: 3 * k] *= 0.5  # σ(z) = (1 + tanh(z / 2)) / 2 cannot overflow
    b[: 3 * k] *= 0.5
    from_x, W_h = x @ W[:, :m].T + b, W[:, m:]  # (T, 4k), (4k, n)
    h, C = np.zeros((T + 1, n), x.dtype), np.zeros((T + 1, k), x.dtype)
    for t in range(T):
        if t % _EVERY == 0:
            tell(t)
        z = np.tanh(from_x[t] + W_h @ h[t])
        f, i, o = ((z[: 3 * k] + 1) / 2).reshape(3, k)
        C[t + 1] = f * C[t] + i * z[3 * k :]
        squashed = o * np.tanh(C[t + 1])
        h[t + 1] = squashed if projection is None else projection @ squashed
    return {"h_prev": h[:-1], "C_prev": C[:-1]}


def _gru(weights: Mapping[str, Floats], x: Floats, tell: Tell) -> States:
    """Return h_{t-1} (T, n): r, u = σ(z), h̃ = tanh(W_x·x + b_x + r ∘ (W_n·h + b_n)), h = u ∘ h + (1 − u) ∘ h̃."""
    T, m = x.shape
    W, b = (0.5 * np.concatenate([weights[f"{letter}_{gate}"] for gate in "ru"]) for letter in "Wb")
    n = b.size // 2
    from_x, W_h = x @ W[:, :m].T + b, W[:, m:]  # (T, 2n), (2n, n)
    of_x, W_n, b_n = x @ weights["W_x"].T + weights["b_x"], weights["W_n"], weights["b_n"]
    h = np.zeros((T + 1, n), x.dtype)
    for t in range(T):
        if t % _EVERY == 0:
            tell(t)
        r, u = ((np.tanh(from_x[t] + W_h @ h[t]) + 1) / 2).reshape(2, n)
        candidate = np.tanh(of_x[t] + r * (W_n @ h[t] + b_n))
        h[t + 1] = candidate + u * (h[t] - candidate)
    return {"h_prev": h[:-1]}


def _rnn(weights: Mapping[str, Floats], x: Floats, tell: Tell) -> States:
    """Return h_{t-1} (T, n): h = tanh(W_h·[x, h] + b_h)."""
    T, m = x.shape
    W, n = weights["W_h"], len(weights["W_h"])
    from_x, W_h = x @ W[:, :m].T + weights["b_h"], W[:, m:]  # (T, n), (n, n)
    h = np.zeros((T + 1, n), x.dtype)
    for t in range(T):
        if t % _EVERY == 0:
            tell(t)
        h[t + 1] = np.tanh(from_x[t] + W_h @ h[t])
    return {"h_prev": h[:-1]}


_WALKS: Mapping[str, Callable[[Mapping[str, Floats], Floats, Tell], States]] = {"lstm": _lstm, "gru": _gru, "rnn": _rnn}
"""Of the cells that every framework has."""
