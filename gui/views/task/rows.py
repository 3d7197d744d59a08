"""The rows of an example's picture: its inputs, its targets, and the range of each."""

from __future__ import annotations

from dataclasses import dataclass, replace

import numpy as np
from numpy.typing import NDArray
from PySide6.QtCore import QPointF, QRectF

from engine.tasks.base import output_words
from engine.tasks.example import Example
from gui.views.task.answer import Answer

Vector = NDArray[np.floating]

MOST_WRITTEN = 9  # values written beside their bars, at most
_FEW = 3  # different values of an input that is drawn as bars
_MARGIN = 0.12
_FARTHEST = 1.5
"""How far beyond the targets a prediction widens the scale, in spans of theirs; what lies farther out is cut."""
_MOST_CURVES = 6
"""Inputs that have a curve each; more are one heatmap."""
_SPARSE = 0.2  # share of the steps at which a guide is drawn through all rows


@dataclass(frozen=True, eq=False)
class Row:
    """One row of the picture over time; `values` (T,), NaN where there is none."""

    title: str
    role: str
    values: Vector
    low: float
    high: float
    bars: bool
    written: bool = False
    input: int = -1
    answer: Vector | None = None
    """What a network predicts, at each step (T,)."""
    at_end: bool = False
    """Whether the target is that of the whole sequence, after its last step."""

    def y(self, value: float, box: QRectF) -> float:
        """Return where a value stands in the row's box."""
        return box.bottom() - (value - self.low) / (self.high - self.low) * box.height()


def step_place(t: int, steps: int, box: QRectF) -> float:
    """Return where a time step (from 0) of so many stands in a row's box."""
    return box.left() + (t + 0.5) / steps * box.width()


def column_ends(row: Row, box: QRectF) -> list[QPointF]:
    """Return the ends of an upright line for each column of pixels, from the least to the largest of its steps."""
    count = max(1, int(box.width()))
    first = np.linspace(0, len(row.values), count + 1).astype(int)[:-1]
    least, largest = np.fmin.reduceat(row.values, first), np.fmax.reduceat(row.values, first)
    if row.bars:
        least, largest = np.fmin(least, 0), np.fmax(largest, 0)
    ends: list[QPointF] = []
    for column in np.flatnonzero(np.isfinite(least)).tolist():
        x = box.left() + column + 0.5
        ends += [QPointF(x, row.y(float(least[column]), box)), QPointF(x, row.y(float(largest[column]), box))]
    return ends


def marked_steps(rows: tuple[Row, ...]) -> list[int]:
    """Return the steps at which a row of bars is above 0, where that is rare."""
    for row in rows:
        if row.bars and row.input >= 0:
            up = np.flatnonzero(row.values > 0)
            if 0 < up.size <= max(1, _SPARSE * row.values.size):
                return [int(t) for t in up]
    return []


def rows_of(example: Example, answer: Answer | None = None) -> tuple[Row, ...]:
    """Return a row for each input and one for what is to be predicted, with what a network predicts."""
    x = example.x.astype(np.float64)
    m = x.shape[1]
    rows: list[Row] = []
    if m <= _MOST_CURVES:
        for number in range(m):
            values = x[:, number]
            few = len(np.unique(values)) <= _FEW and bool(np.all(values == np.round(values)))
            rows.append(Row(example.input_names[number], "x", values, *limits_of(values), few, False, number))
    else:
        limit = max(float(np.abs(x).max()), 1e-9)
        rows.append(Row(f"{m} inputs", "x", x.T, -limit, limit, False))
    return (*rows, *(_with_answer(row, number, answer) for number, row in enumerate(_target_rows(example))))


def _with_answer(row: Row, output: int, answer: Answer | None) -> Row:
    """Return a row of the target with what a network predicts in place of that output."""
    if answer is None or row.values.ndim == 2:
        return row
    told: Vector = answer.values[:, min(output, answer.values.shape[1] - 1)].astype(np.float64)
    low, high = row.low, row.high
    if answer.symbols is not None:
        # Of two classes the probability of the second says more than the likelier one.
        two = answer.values.shape[1] == 2
        told = answer.values[:, 1] if two else np.where(answer.symbols < 0, np.nan, answer.symbols)
    else:
        span = high - low
        near = told[np.isfinite(told)].clip(low - _FARTHEST * span, high + _FARTHEST * span)
        if near.size:  # in halves of the span, so that the scale rests while the network learns
            low -= span / 2 * np.ceil(max(0.0, low - near.min()) / span * 2)
            high += span / 2 * np.ceil(max(0.0, near.max() - high) / span * 2)
    return replace(row, answer=told.astype(np.float64), low=float(low), high=float(high))


def _target_rows(example: Example) -> list[Row]:
    if example.target is None:
        unknown = np.full(example.steps, np.nan)
        top = len(example.answer_names) - 0.8 if example.tells_symbols else 1.0
        return [Row("target: not known for your own sequence", "output", unknown, -0.2, top, False)]
    steps, words = example.steps, example.words
    target = np.atleast_2d(example.target.astype(np.float64))
    every = words.every_step
    where = "at every time step" if every else "after the last time step"
    if example.answers is not None:
        names = " / ".join(f"{place} {name}" for place, name in enumerate(example.answer_names[:4]))
        values = np.where(example.answers >= 0, example.answers, np.nan).astype(np.float64)
        values = values if every else np.append(np.full(steps - 1, np.nan), values)
        top = len(example.answer_names) - 0.8
        return [Row(f"target {where}: {names}", "output", values, -0.2, top, every, at_end=not every)]
    columns = target.T if every else np.concatenate([np.full((steps - 1, target.shape[1]), np.nan), target]).T
    if len(columns) > _MOST_CURVES:
        limit = max(float(np.nanmax(np.abs(columns))), 1e-9)
        return [Row(f"{len(columns)} targets {where}", "output", columns, -limit, limit, False)]
    called = output_words(example.answer_names)
    if len(called) != len(columns):  # a loss of the user's own may want other numbers than the network's
        called = tuple(f"number {place + 1}" for place in range(len(columns)))
    named = called if len(columns) > 1 else (words.value_name,)
    written = np.isfinite(columns).sum() <= MOST_WRITTEN
    return [
        Row(f"target {where}: {name}", "output", values, *limits_of(values), not every, bool(written), at_end=not every)
        for name, values in zip(named, columns, strict=True)
    ]


def limits_of(values: Vector) -> tuple[float, float]:
    """Return the ends of a row's scale, 0 among them where it is near."""
    known = values[np.isfinite(values)]
    low, high = (float(known.min()), float(known.max())) if known.size else (0.0, 1.0)
    if low == high or min(abs(low), abs(high)) <= high - low:
        low, high = min(low, 0.0), max(high, 0.0)
    span = max(high - low, 1e-6 * max(abs(low), abs(high)), 1e-9)
    return low - _MARGIN * span, high + _MARGIN * span
