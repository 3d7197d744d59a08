"""Notes on how a table was read, for what a person might not expect."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace

import numpy as np

from ..text.number_text import Decimal
from ..text.numbers import exact
from .answers import Answers, OpenQuestion
from .cells import shown
from .roles import Positions, Role
from .rows import Rows
from .signs import Signs
from .table import Table

_MOST_LINES = 6  # named in a sentence


@dataclass
class Dated:
    """Where the rows are in time, and what is open about that."""

    positions: Positions | None
    question: OpenQuestion | None = None
    order: str = ""
    dates: str = ""
    """The order of day and month in dates that can have two."""
    is_in_utc: bool = False
    wrong: tuple[int, str] | None = None
    """A column of dates that is none after all, and why."""
    is_sorted: bool = False
    """Whether the rows were sorted by them."""


def notes_of(table: Table, rows: Rows, dated: Dated, signs: Sequence[Signs], answers: Answers) -> Table:
    """Return the table with its notes."""
    notes = [*_of_lines(table, rows), *_of_signs(table, signs), *_of_dates(table, dated)]
    for index, column in enumerate(table.columns):
        name = table.names[index]
        for mark, count, line in column.marks:
            notes.append(
                f"“{name}” has {exact(mark)} in {count} row{'s' * (count > 1)}, first in line {line}; if that means "
                f"missing, say so with --marks={mark:.10g}."
            )
        flaw = table.flaws[index]
        if column.role is Role.TEXT and flaw is not None and flaw.row > 0:
            notes.append(f"“{name}” is not a column of numbers: line {flaw.line}: {flaw.words}.")
        if column.missing and flaw is None:
            how = {"carry": "the value before", "interpolate": "a line between its neighbours"}[answers.missing]
            notes.append(f"“{name}” has {column.missing} missing value{'s' * (column.missing > 1)}, filled with {how}.")
    if _rows_are_named(table, dated.wrong):
        notes.append(
            f"“{table.names[0]}” contains words, and no column contains dates: each row counts as one time step, in "
            "the file's order."
        )
    totals = [table.names[index] for index, column in enumerate(table.columns) if column.role is Role.TOTAL]
    if totals:
        some = ", ".join(f"“{name}”" for name in totals[:_MOST_LINES]) + (" …" if len(totals) > _MOST_LINES else "")
        one = len(totals) == 1
        notes.append(f"{some} never decrease{'s' * one} while other columns do, as running totals would.")
    return replace(table, notes=tuple(notes))


def _rows_are_named(table: Table, wrong: tuple[int, str] | None) -> bool:
    words = table.columns[0].role is Role.TEXT and (wrong is None or wrong[0] != 0)
    return words and len(table.names) > 1 and table.positions is None and not (table.refusal or table.as_before)


def _of_lines(table: Table, rows: Rows) -> list[str]:
    notes = []
    if table.skipped:
        count = len(table.skipped)
        notes.append(f"Line{'s' * (count > 1)} {_lines(table.skipped)} left out: not a row of numbers.")
    if not table.header_line:
        notes.append("The columns have no names in the file.")
    if rows.blank and len(table.names) == 1:
        notes.append(f"Line {rows.blank} is empty and was left out; if a value is missing there, write NA in it.")
    return notes


def _lines(lines: Sequence[int]) -> str:
    if len(lines) > 2 and lines[-1] - lines[0] == len(lines) - 1:
        return f"{lines[0]} to {lines[-1]}"
    return ", ".join(map(str, lines[:_MOST_LINES])) + (" …" if len(lines) > _MOST_LINES else "")


def _of_signs(table: Table, signs: Sequence[Signs]) -> list[str]:
    commas = [
        found.shown_by
        for index, found in enumerate(signs)
        if found.decimal is Decimal.COMMA and found.shown_by is not None and table.columns[index].role is not Role.TEXT
    ]
    if not commas:
        return []
    first = min(commas)
    return [f"The numbers have a decimal comma, as {shown(first.text)} in line {first.line} shows."]


def _of_dates(table: Table, dated: Dated) -> list[str]:
    notes = []
    wrong = dated.wrong
    if wrong is not None and (table.positions is None or not table.positions.dated):
        notes.append(f"“{table.names[wrong[0]]}” is not used for dates: {wrong[1]}.")
    if table.positions is None:
        return notes
    name = table.names[table.positions.columns[0]]
    if table.order in ("newest first", "none"):
        stood = (
            "The newest row comes first" if table.order == "newest first" else f"The rows are not sorted by “{name}”"
        )
        notes.append(f"{stood}; {'now sorted by date, oldest first' if dated.is_sorted else 'left in that order'}.")
    if dated.is_in_utc:
        notes.append(f"“{name}” has more than one offset from UTC; its times were converted to UTC.")
    if table.positions.dated:
        repeated = np.flatnonzero(np.diff(table.positions.values) == 0)
        if len(repeated):
            line = int(table.lines[repeated[0] + 1])
            notes.append(
                f"{len(repeated)} row{'s have' if len(repeated) > 1 else ' has'} the same date as another row, "
                f"such as line {line}."
            )
    return notes
