"""Reads a data file before a run: what it contains, what it leaves open, and whether the settings can use it."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

import numpy as np

from ..tables.answers import Answers, DataError, ShouldStop, never
from ..tables.cells import is_figure
from ..tables.table import Table
from ..tables.text_file import first_lines, user_path
from . import TASKS
from .base import TableTask
from .outbreak import wrong_count
from .series import series_table, trained_rows
from .task_settings import TaskSettings

_TABLE_TASKS = (task for task in TASKS.values() if issubclass(task, TableTask))
TABLE_TASKS = {task.name: task for task in sorted(_TABLE_TASKS, key=lambda task: not task.reads_shipped)}
"""The tasks that learn from a table, first those that need no file."""
_LINES, _LETTERS = 30, 300  # of a file that is no table


class UnreadableError(DataError):
    """A file that cannot be read as a table. lines: its first ones, with their numbers, none where it is no text."""

    def __init__(self, sentence: str, lines: tuple[tuple[int, str], ...]) -> None:
        super().__init__(sentence)
        self.lines = lines

    def __reduce__(self) -> tuple[Any, ...]:
        return type(self), (str(self), self.lines)

    @property
    def looks_like_a_table(self) -> bool:
        """Whether figures stand in most of its first lines: it is a table with an error, and no text."""
        lines = [line for _, line in self.lines if line.strip()]
        return sum(map(_is_of_figures, lines)) * 2 > len(lines)


def _is_of_figures(line: str) -> bool:
    cells = line.replace(";", " ").replace(",", " ").split()
    return sum(map(is_figure, cells)) * 3 >= len(cells)


@dataclass(frozen=True)
class DataFile:
    """What a table holds, with no more numbers than those of its first rows.

    wrong_counts: a sentence for each column with a number that cannot be a count.
    """

    table: Table
    wrong_counts: Mapping[int, str]
    _judged: dict[tuple[str, ...], DataError | None] = field(default_factory=dict, compare=False, repr=False)
    """What stands against the columns that were asked about last: a window asks several times in a row."""

    @property
    def has_numbers(self) -> bool:
        """Whether it has a column of numbers: else it is a text that happens to be cut into cells."""
        return bool(self.table.numeric_columns())

    def require(self, config: TaskSettings) -> None:
        """Raise what stands against learning this file as the settings say: OpenQuestion, or DataError."""
        self.require_columns(config)
        trained_rows(self.table.path.name, self.table.count, config.sequence_length)

    def require_columns(self, config: TaskSettings) -> None:
        """Raise what stands against the columns that the settings choose, however many rows there are."""
        asked = (config.task, config.series_column, config.series_inputs, config.counts_areas)
        if asked not in self._judged:
            self._judged.clear()
            self._judged[asked] = self._against_columns(config)
        error = self._judged[asked]
        if error is not None:
            raise error.with_traceback(None)

    def _against_columns(self, config: TaskSettings) -> DataError | None:
        try:
            self.table.require_rows()
            TABLE_TASKS[config.task].require_columns(self.table, config, self.wrong_counts)
        except DataError as error:
            return error
        return None


def file_of(config: TaskSettings) -> str:
    """Return the data file that the settings name, "" for what comes with the program."""
    task = TASKS.get(config.task)
    return str(getattr(config, task.data_file)) if task is not None and task.data_file else ""


def read_data(file: str, answers: Answers = Answers(), should_stop: ShouldStop = never) -> DataFile:  # noqa: B008
    """Read a table as answers say; "" is the shipped series.

    Raises UnreadableError, in one sentence, for a file that is no table; ReadingStoppedError where should_stop says so.
    """
    try:
        table = series_table(file, should_stop, answers)
    except DataError as error:
        raise UnreadableError(str(error), _first_lines(file)) from error
    whole = [index for index, numbers in enumerate(table.values) if len(numbers) and not np.isnan(numbers).any()]
    wrong = {index: wrong_count(table, index) for index in whole}
    return DataFile(table.outline(), {index: sentence for index, sentence in wrong.items() if sentence})


def _first_lines(file: str) -> tuple[tuple[int, str], ...]:
    try:
        path = user_path(file)
        return first_lines(path, _LINES, _LETTERS) if path.is_file() else ()
    except (OSError, ValueError):  # what is wrong has been said
        return ()
