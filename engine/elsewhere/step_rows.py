"""The metrics of a watched loop: a row for each training step, collected at once and fetched together."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np

from ..runs.metrics import Float32
from .network import ElsewhereError

_MOST_METRICS = 32


class StepRows:
    """Collects the numbers of steps. columns: of each row. measured: what the column "measure" has, "" for nothing yet.

    more: the columns of metrics beside the first, which the first step decides. A step costs some microseconds: arrays
    are made of what was collected when it is taken.
    """

    def __init__(self, columns: Sequence[str]) -> None:
        self.columns = tuple(columns)
        self.measured = ""
        self.more: tuple[str, ...] = ()
        self._places = {name: place for place, name in enumerate(self.columns)}
        self._of_metrics: dict[str, int] = {}
        self._is_begun = False
        self._losses: list[Any] = []
        """Numbers, and tensors on another device."""
        self._others: list[tuple[int, int, Any]] = []
        """Row, column, and number or tensor."""

    def add(self, loss: Any, metrics: Mapping[str, Any] | None, norms: Mapping[str, float] | None) -> None:
        """Add a step: loss and metrics are numbers or tensors of one; norms by column.

        Raises ElsewhereError for a tensor of more, and whatever `float` does for what is no number.
        """
        row = len(self._losses)
        if metrics:
            self._learn(metrics)
            for name, value in metrics.items():
                if (place := self._of_metrics.get(name)) is not None:
                    self._others.append((row, place, _number(value)))
        if norms:
            self._others.extend((row, self._places[name], norm) for name, norm in norms.items())
        self._losses.append(_number(loss))
        self._is_begun = True

    def _learn(self, metrics: Mapping[str, Any]) -> None:
        """Let the first metric of all be the measure, and give the others of the first step columns of their own."""
        if not self.measured:
            first = next(iter(metrics))
            self.measured, self._of_metrics[first] = str(first) or "measure", self._places["measure"]
        if self._is_begun:
            return
        for key in list(metrics)[1:_MOST_METRICS]:
            name = free_name(str(key) or "metric", self.columns)
            self._of_metrics[key] = self._places[name] = len(self.columns)
            self.columns, self.more = (*self.columns, name), (*self.more, name)

    def take(self) -> Float32:
        """Return the rows since the last time, (steps, columns), and begin anew; fetches what is on other devices."""
        rows = np.full((len(self._losses), len(self.columns)), np.nan, dtype=np.float32)
        place = self._places["loss"]
        with np.errstate(over="ignore"):  # what float32 cannot hold is infinite
            for row, loss in enumerate(self._losses):
                rows[row, place] = float(loss)
            for row, column, value in self._others:
                rows[row, column] = float(value)
        self._losses, self._others = [], []
        return rows


def _number(value: Any) -> Any:
    """Return what somebody measured as a number, or a copy of a tensor on another device, which nothing waits for."""
    is_on_cpu = getattr(value, "is_cpu", None)
    if is_on_cpu is None:
        return float(value)
    if value.numel() != 1:
        raise ElsewhereError(
            f"step() was given a tensor of the shape {tuple(value.shape)}; a loss or a metric is one number."
        )
    return value.item() if is_on_cpu else value.detach().reshape(()).clone()


def free_name(name: str, taken: Sequence[str]) -> str:
    """Return a name, with a number behind it where it is taken, and no longer than a column's may be."""
    name, number = name[:100], 2
    free = name
    while free in taken:
        free, number = f"{name} ({number})", number + 1
    return free
