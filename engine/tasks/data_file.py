"""Translates settings into answers on how a data file is read, and records what was read."""

from __future__ import annotations

from dataclasses import replace
from typing import TypeVar

import numpy as np

from ..tables.answers import Answers
from ..tables.dates import Float64
from ..tables.table import Table
from .task_settings import TaskSettings

Settings = TypeVar("Settings", bound=TaskSettings)
_UNITS = (("hours", 3600.0), ("minutes", 60.0), ("seconds", 1.0))
_DAY_S = 86_400.0
_SAME = 0.2  # the share of rows on the place of another from which places say nothing
_YEARS_FROM_S = 25 * _DAY_S  # rows that are further apart stand on an axis of years


def answers_of(config: TaskSettings) -> Answers:
    """Return how the settings say that a data file is read."""
    return Answers(
        config.data_decimal,
        config.data_header,
        config.data_missing,
        config.data_marks,
        config.data_dates,
        config.data_order,
    )


def as_read(config: Settings, table: Table) -> Settings:
    """Return the settings with what the file itself said filled in, so that a run that goes on asks nothing."""
    if table.as_before:
        return config
    signs = {column.decimal for index, column in enumerate(table.columns) if table.flaws[index] is None}
    return replace(
        config,
        data_decimal=config.data_decimal or (signs.pop() if len(signs) == 1 else ""),
        data_header=config.data_header or ("yes" if table.header_line else "no"),
        data_dates=config.data_dates or table.dates,
    )


def axis_of(table: Table, shown: int = -1) -> tuple[str, Float64]:
    """Return the name and the values (rows,) of the axis that the rows stand on.

    shown: the column that is plotted over it, which cannot be the axis too. Dates are years with a fraction where the
    rows are about a month apart or more, else days, hours, minutes or seconds from the first.
    """
    found = table.positions
    if found is None or shown in found.columns or not _go_on(found.values):
        return "row", np.arange(1.0, table.count + 1)
    name = table.names[found.columns[0]]
    if not found.dated or table.count < 2:
        return name, found.values
    step = float(np.median(np.diff(found.values)))
    moments = found.values.astype("datetime64[s]")
    if step >= _YEARS_FROM_S:
        years = moments.astype("datetime64[Y]")
        begins, ends = ((years + more).astype("datetime64[s]").astype(np.float64) for more in (0, 1))
        return "year", years.astype(np.float64) + 1970 + (found.values - begins) / (ends - begins)
    since = str(moments[0].astype("datetime64[D]"))
    if step >= _DAY_S / 2:
        first = float(moments[0].astype("datetime64[D]").astype("datetime64[s]").astype(np.float64))
        return f"days from {since}", (found.values - first) / _DAY_S
    unit, size = next(((unit, size) for unit, size in _UNITS if step >= size / 2), _UNITS[-1])
    start = str(moments[0]).replace("T", " ")
    return f"{unit} from {start}", (found.values - found.values[0]) / size


def _go_on(positions: Float64) -> bool:
    """Say whether rows stand one after another, and not many on one place."""
    steps = np.diff(positions)
    return bool(np.all(steps >= 0) and np.count_nonzero(steps == 0) <= _SAME * len(positions))
