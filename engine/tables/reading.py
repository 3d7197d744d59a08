"""Reads a table from a text file, as the file itself shows or as the user has answered."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from itertools import chain
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from ..text.number_text import Decimal
from ..text.numbers import exact
from .answers import CHUNK_CELLS, Answers, Choice, DataError, OpenQuestion, ShouldStop, Stop, never
from .columns import Flaw
from .dates import DAY_FIRST, MONTH_FIRST, Float64, date_of
from .gathering import Gathering
from .missing import filled, likely_marks
from .notes import Dated, notes_of
from .roles import Judge, Positions, Role, is_time_word, names_are_dates
from .rows import Rows, Structure
from .signs import Signs, contradiction, question_of, signs_of
from .structure import structure_of
from .table import ColumnFacts, Table
from .text_file import encoding_of

_REPEATED = 0.2  # the share of rows with the date of another from which they are rows of several places


def read_table(path: Path, answers: Answers = Answers(), should_stop: ShouldStop = never) -> Table:  # noqa: B008  frozen
    """Read a table: commas, semicolons, tabs, bars or spaces; with or without a header, titles, comments, footers.

    Without a header the columns are named "column 1", "column 2", …. should_stop is asked every few milliseconds.
    Raises DataError, in one sentence, for a file that cannot be read, is no text, holds no rows, has a row longer
    than its names, wrong quotation marks, too many columns or numbers; ReadingStoppedError where should_stop says so.
    What stands against a single column is raised when that is used.
    """
    try:
        if path.exists() and not path.is_file():
            raise OSError("it is a folder or a device")  # reading a pipe or a device might never end
        return _Reading(path, answers, should_stop).table()
    except DataError:
        raise
    except (OSError, ValueError) as error:  # ValueError: no file can have this name
        reason = getattr(error, "strerror", None) or str(error)
        raise DataError(f"{path}: the file cannot be read ({reason}); choose another file.") from error


class _Reading:
    def __init__(self, path: Path, answers: Answers, should_stop: ShouldStop) -> None:
        self._path = path
        self._answers = answers
        self._stop = Stop(path.name, should_stop)
        self._structure: Structure = structure_of(path, encoding_of(path, should_stop), answers)

    def table(self) -> Table:
        """Return the table; its rows are read again where their signs turn out to be others than they seemed."""
        gathering, rows = self._gathered({})
        signs = self._signs(gathering)
        other = {place: found.decimal for place, found in enumerate(signs)}
        if any(found.decimal is not gathering.numbers[place].decimal for place, found in enumerate(signs)):
            gathering, rows = self._gathered(other)
        return self._made(gathering, rows, signs)

    def _gathered(self, decimals: dict[int, Decimal]) -> tuple[Gathering, Rows]:
        rows = Rows(self._path, self._structure)
        size = max(1, CHUNK_CELLS // max(1, self._structure.width))
        chunks = rows.chunks(size)
        first = next(chunks, None)
        if first is None:
            raise DataError(f"{self._path.name} has a header but no rows; choose a file with one row per time step.")
        gathering = Gathering(self._path, self._structure, self._answers, first[:200], decimals, self._stop)
        for chunk in chain([first], chunks):
            gathering.add(chunk)
            self._stop.heed()
        gathering.drop_unnamed()
        return gathering, rows

    def _signs(self, gathering: Gathering) -> list[Signs]:
        point = any(
            Decimal.POINT in column.proofs and Decimal.COMMA not in column.proofs for column in gathering.numbers
        )
        comma = any(Decimal.COMMA in column.proofs for column in gathering.numbers)
        return [
            signs_of(column, self._answers, self._structure.delimiter, point and not comma)
            for column in gathering.numbers
        ]

    # What the columns are

    def _made(self, gathering: Gathering, rows: Rows, signs: list[Signs]) -> Table:
        structure, answers = self._structure, self._answers
        lines: NDArray[np.uint32] = np.frombuffer(gathering.lines, dtype=np.uint32)
        values: list[Float64] = [np.frombuffer(column.numbers) for column in gathering.numbers]
        flaws = [contradiction(column) or column.flaw for column in gathering.numbers]
        self._take_out_marks(values, flaws, lines)
        usable = [len(numbers) == len(lines) for numbers in values]
        judge = Judge(
            gathering.names,
            bool(structure.header_line),
            [numbers if fits else None for numbers, fits in zip(values, usable, strict=True)],
            len(lines),
            self._stop,
        )
        judge.judge()
        dated = self._dated(gathering, judge)
        place = self._order(dated, gathering.names)
        if place is not None and dated.positions is not None:
            lines = lines[place]
            values = [numbers[place] if fits else numbers for numbers, fits in zip(values, usable, strict=True)]
            dated.positions = replace(dated.positions, values=dated.positions.values[place])
            dated.is_sorted = True
        columns = self._facts(gathering, judge, signs, values, flaws, lines)
        self._close_gaps(values, flaws)
        questions = (dated.question,) if dated.question is not None else ()
        table = Table(
            path=self._path,
            encoding=structure.encoding,
            delimiter=structure.delimiter,
            header_line=structure.header_line,
            skipped=tuple(sorted((*structure.skipped, *rows.skipped))),
            names=tuple(gathering.names),
            count=len(lines),
            lines=lines,
            values=tuple(values),
            flaws=tuple(flaws),
            columns=columns,
            positions=dated.positions,
            order=dated.order,
            dates=dated.dates,
            preview=tuple(gathering.preview),
            aside=tuple(rows.aside),
            questions=questions,
            refusal=self._refusal(gathering.names, columns, dated, values, lines),
            notes=(),
            as_before=answers.as_before,
        )
        return notes_of(table, rows, dated, signs, answers)

    def _take_out_marks(self, values: list[Float64], flaws: list[Flaw | None], lines: NDArray[np.uint32]) -> None:
        marks = self._answers.mark_values
        for index, numbers in enumerate(self._stop.between(values, len(lines)) if marks else ()):
            marked = np.isin(numbers, marks)
            if marked.any():
                values[index] = np.where(marked, np.nan, numbers)
                first = int(np.flatnonzero(marked)[0])
                flaw = flaws[index]
                if flaw is None or (flaw.missing and first < flaw.row):
                    words = f"found {exact(numbers[first])}, which marks a missing value"
                    flaws[index] = Flaw(first, int(lines[first]), words, missing=True)

    def _close_gaps(self, values: list[Float64], flaws: list[Flaw | None]) -> None:
        for index, numbers in enumerate(values):
            flaw = flaws[index]
            gaps = flaw is not None and flaw.missing and not np.all(np.isnan(numbers))
            if gaps and self._answers.missing != "refuse":
                values[index], flaws[index] = filled(numbers, self._answers.missing), None
            values[index].flags.writeable = False

    def _facts(
        self,
        gathering: Gathering,
        judge: Judge,
        signs: list[Signs],
        values: list[Float64],
        flaws: list[Flaw | None],
        lines: NDArray[np.uint32],
    ) -> tuple[ColumnFacts, ...]:
        facts = []
        for index, column in enumerate(self._stop.between(gathering.numbers, len(lines))):
            flaw = flaws[index]
            if index in gathering.dates and not gathering.dates[index].wrong:
                role, reason = Role.DATE, "it contains dates"
            elif index not in judge.roles:
                role, reason = Role.TEXT, f"line {flaw.line}: {flaw.words}" if flaw else "it contains no numbers"
            elif column.is_empty or np.all(np.isnan(values[index])):
                role, reason = Role.EMPTY, "it is empty"
            else:
                role, reason = judge.roles[index]
            if role is Role.VALUE and flaw is not None:
                reason = f"line {flaw.line}: {flaw.words}"
            where = f"{self._path.name}, column {gathering.names[index]!r}"
            marks: tuple[tuple[float, int, int], ...] = ()
            if role in (Role.VALUE, Role.TOTAL):
                numbers = values[index]
                marks = tuple(
                    (mark, int(np.count_nonzero(numbers == mark)), int(lines[numbers == mark].min()))
                    for mark in likely_marks(numbers)
                )
            missing = int(np.count_nonzero(np.isnan(values[index])))
            question = question_of(where, signs[index]) if role is not Role.TEXT else None
            facts.append(ColumnFacts(role, reason, signs[index].decimal.value, missing, marks, question))
        return tuple(facts)

    # Where the rows stand

    def _dated(self, gathering: Gathering, judge: Judge) -> Dated:
        wrong = None
        times = {place: column for place, column in gathering.dates.items() if column.is_time and not column.wrong}
        for place, column in gathering.dates.items():
            if column.wrong:
                wrong = wrong or (place, column.wrong)
                continue
            if column.is_time:
                continue
            orders = column.orders()
            order = self._date_order(orders)
            seconds = column.seconds(order) if orders else None
            if seconds is None:
                wrong = wrong or (place, "one of the dates does not exist")
                continue
            used: tuple[int, ...] = (place,)
            if times and np.any(np.diff(seconds) == 0):
                clock = min(times)
                seconds, used = seconds + np.frombuffer(times[clock].codes), (place, clock)
            question = self._question(gathering.names[place], column.example, orders)
            dates = order * column.has_order
            return Dated(Positions(seconds, True, used), question, "", dates, column.is_in_utc, wrong)
        for place, column in times.items():
            seconds = np.frombuffer(column.codes)
            if np.all(np.diff(seconds) > 0):  # beyond midnight it begins anew
                return Dated(Positions(seconds, False, (place,)), wrong=wrong)
        return Dated(judge.positions(), wrong=wrong)

    def _date_order(self, orders: tuple[str, ...]) -> str:
        if len(orders) > 1:
            return self._answers.dates or DAY_FIRST
        return orders[0] if orders else MONTH_FIRST

    def _question(self, name: str, example: str, orders: tuple[str, ...]) -> OpenQuestion | None:
        moment = date_of(example)
        if moment is None or len(orders) < 2 or self._answers.dates:
            return None
        first, second = moment.first_and_second
        words = {DAY_FIRST: f"day {first} of month {second}", MONTH_FIRST: f"day {second} of month {first}"}
        return OpenQuestion(
            f"{self._path.name}, column {name!r}: the day or the month can come first in these dates, since no "
            f'number in them is above 12; say which, with --dates "day first" ({example} is {words[DAY_FIRST]}) or '
            f'--dates "month first" ({words[MONTH_FIRST]}).',
            "data_dates",
            tuple(Choice(order, f"{order}: {example} is {words[order]}") for order in orders),
        )

    def _order(self, dated: Dated, names: Sequence[str]) -> NDArray[np.int64] | None:
        """Say how the rows stood, and return how they are to be sorted, None where they are to stay."""
        positions = dated.positions
        if positions is None or dated.question is not None:
            return None
        steps = np.diff(positions.values)
        if np.all(steps >= 0):
            dated.order = "oldest first"
            return None
        dated.order = "newest first" if np.all(steps <= 0) else "none"
        is_time = positions.dated or is_time_word(names[positions.columns[0]])
        if self._answers.order == "as it is" or not is_time:
            if not is_time:
                dated.positions, dated.order = None, ""
            return None
        if dated.order == "newest first":
            return np.arange(len(steps) + 1)[::-1]
        return np.argsort(positions.values, kind="stable")

    def _refusal(
        self,
        names: Sequence[str],
        columns: tuple[ColumnFacts, ...],
        dated: Dated,
        values: Sequence[Float64],
        lines: NDArray[np.uint32],
    ) -> str:
        """Return why rows are no moments, "" where they may be."""
        texts = [index for index, column in enumerate(columns) if column.role is Role.TEXT]
        positions = dated.positions
        is_dated = positions is not None and positions.dated
        if self._structure.header_line and names_are_dates(names) and not is_dated and (texts or len(names) > 3):
            return (
                f"{self._path.name}: each row is a place, and the column names are dates; transpose the table, so that "
                "each row is a date and each column a place."
            )
        has_values = any(column.role in (Role.VALUE, Role.TOTAL) for column in columns)
        if self._answers.order or self._answers.as_before or not has_values:
            return ""
        is_time = positions is not None and (is_dated or is_time_word(names[positions.columns[0]]))
        times = [index for index, name in enumerate(names) if is_time_word(name)]
        if not is_time and not times and _are_places(columns, values):
            return (
                f"{self._path.name}: each row is a place, since it has a latitude and a longitude but no date; choose "
                'a file with one row for each date, or use the rows as time steps, with --order "as it is".'
            )
        if positions is not None and is_time:
            moments = positions.values
            if not is_dated and set(times) - set(positions.columns):
                texts = []  # such as the name of a month beside its year
        elif len(times) == 1 and _is_whole(values[times[0]], len(lines)):
            moments = values[times[0]]
            texts = []  # months come again each year
        else:
            return ""
        place = np.argsort(moments, kind="stable")
        repeated = np.flatnonzero(np.diff(moments[place]) == 0)
        if len(repeated) < _REPEATED * len(lines):
            return ""
        used = () if positions is None else positions.columns
        numbers = [index for index in range(len(names)) if index not in times and index not in used]
        each = texts or [
            index
            for index in self._stop.between(numbers, len(lines))
            if _is_whole(values[index], len(lines)) and _is_panel(moments, values[index])
        ]
        if not each:
            return ""
        first, second = sorted(int(lines[place[repeated[0] + further]]) for further in (0, 1))
        return (
            f"{self._path.name}, line {second}: it has the same date as line {first}, because there is one row for "
            f"each date and each {names[each[0]]!r}; keep only one of these, give each its own column, or use the rows "
            'as they are, with --order "as it is".'
        )


def _is_whole(values: Float64, rows: int) -> bool:
    """Say whether a column has a whole number in every row."""
    return len(values) == rows and bool(np.all(np.isfinite(values))) and np.array_equal(values, np.floor(values))


def _are_places(columns: Sequence[ColumnFacts], values: Sequence[Float64]) -> bool:
    """Say whether a latitude and a longitude change from row to row."""
    places = [values[index] for index, column in enumerate(columns) if column.role is Role.PLACE]
    return len(places) > 1 and all(np.any(np.diff(numbers) != 0) for numbers in places)


def _is_panel(moments: Float64, places: Float64) -> bool:
    """Say whether every moment has one row for each of some whole numbers, all of them (rows,)."""
    dates, many = len(np.unique(moments)), len(np.unique(places))
    if min(dates, many) < 2 or dates * many != len(moments):
        return False
    pairs = np.stack([moments, places])[:, np.lexsort((places, moments))]
    return bool(np.all(np.any(np.diff(pairs) != 0, axis=0)))  # none comes twice
