"""The metrics of a watched loop: a row for each training step, collected at once and fetched together."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np

from ..runs.metrics import Float32
from .network import ElsewhereError

_ROWS = 256
_MOST_METRICS = 32
_LOSS, _MEASURE = "loss", "measure"


class StepRows:
    """Collects the numbers of steps. columns: of each row. measured: what the column "measure" has, "" for nothing yet.

    more: the columns of metrics beside the first, which the first step decides.
    """

    def __init__(self, columns: Sequence[str]) -> None:
        self.columns = tuple(columns)
        self.measured = ""
        self.more: tuple[str, ...] = ()
        self._places = {name: place for place, name in enumerate(self.columns)}
        self._of_metrics: dict[str, int] = {}
        self._is_begun = False
        self._rows = self._empty(_ROWS)
        self._filled = 0
        self._later: list[tuple[int, int, Any]] = []
        """Row, column and tensor of numbers that are on another device."""

    def _empty(self, count: int) -> Float32:
        return np.full((count, len(self.columns)), np.nan, dtype=np.float32)

    def add(self, loss: Any, metrics: Mapping[str, Any], norms: Mapping[str, float]) -> None:
        """Add a step: loss and metrics are numbers or tensors of one; norms by column.

        Raises ElsewhereError for a tensor of more, and whatever `float` does for what is no number.
        """
        if metrics and not self.measured:
            self.measured = str(next(iter(metrics)))
            self._of_metrics[next(iter(metrics))] = self._places[_MEASURE]
        if not self._is_begun:
            self._begin(metrics)
        if self._filled == len(self._rows):
            self._rows = np.concatenate([self._rows, self._empty(len(self._rows))])
        self._put(self._places[_LOSS], loss)
        for name, value in metrics.items():
            if (place := self._of_metrics.get(name)) is not None:
                self._put(place, value)
        row = self._rows[self._filled]
        for name, norm in norms.items():
            row[self._places[name]] = norm
        self._filled += 1

    def _begin(self, metrics: Mapping[str, Any]) -> None:
        """Give each metric of the first step but the first a column, under a name that no other has."""
        self._is_begun = True
        for key in list(metrics)[1:_MOST_METRICS]:
            name = free_name(str(key) or "metric", self.columns)
            self._of_metrics[key] = self._places[name] = len(self.columns)
            self.columns, self.more = (*self.columns, name), (*self.more, name)
        self._rows = self._empty(_ROWS)

    def _put(self, column: int, value: Any) -> None:
        if hasattr(value, "detach"):
            value = value.detach()
            if value.numel() != 1:
                raise ElsewhereError(
                    f"step() was given a tensor of the shape {tuple(value.shape)}; a loss or a metric is one number."
                )
            if value.device.type != "cpu":  # nothing waits for another device
                self._later.append((self._filled, column, value.reshape(()).clone()))
                return
        with np.errstate(over="ignore"):
            self._rows[self._filled, column] = float(value)

    def take(self) -> Float32:
        """Return the rows since the last time, (steps, columns), and begin anew; fetches what is on other devices."""
        for row, column, tensor in self._later:
            self._rows[row, column] = tensor.item()
        taken, self._filled, self._later = self._rows[: self._filled], 0, []
        self._rows = self._empty(_ROWS)
        return taken


def free_name(name: str, taken: Sequence[str]) -> str:
    """Return a name, with a number behind it where it is taken, and no longer than a column's may be."""
    name, number = name[:100], 2
    free = name
    while free in taken:
        free, number = f"{name} ({number})", number + 1
    return free
