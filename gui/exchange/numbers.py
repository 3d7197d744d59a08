"""Saves the numbers of plots, views and tables as CSV or .npz."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from functools import partial
from pathlib import Path

from PySide6.QtCore import Signal
from PySide6.QtWidgets import QWidget

from engine.formats.numbers_file import NumbersError, Table, write_numbers
from engine.text.file_name import file_name
from engine.text.listed import listed
from gui.commands.command import CommandError
from gui.commands.number_taker import MOST_NUMBERS, NumberSaver, copy_tables
from gui.commands.registry import Registry
from gui.exchange.saving import SavedKind, choose_saved
from gui.jobs.background import Background

_KINDS = (SavedKind("CSV", ".csv"), SavedKind("NumPy arrays", ".npz"))
_NAMED = 4
"""Files that are named when there are several."""
_NONE = "This view has no numbers to take away yet; train a network, or open a cell or a recorded run"


class NumbersExport(NumberSaver):
    """Lets the user choose a file for numbers, and writes it in the background."""

    said = Signal(str)
    """A sentence for the status line."""
    refused = Signal(str)
    """A sentence that the user must see: nothing was written."""

    def __init__(self, window: QWidget, background: Background, shown: Callable[[], Sequence[Table]]) -> None:
        """shown: returns the numbers of the view in front."""
        super().__init__(window)
        self._window, self._background, self._shown = window, background, shown
        self.wanted.connect(self.save)

    def register_commands(self, commands: Registry) -> None:
        """Say what copies and saves the numbers of the view in front."""
        commands.register("copy numbers", self._copy_shown)
        commands.register("save numbers", lambda: self.save(self._there()))

    def _there(self) -> Sequence[Table]:
        tables = self._shown()
        if not tables:
            raise CommandError(_NONE)
        return tables

    def _copy_shown(self) -> None:
        tables = self._there()
        count = sum(table.count for table in tables)
        if count > MOST_NUMBERS:
            raise CommandError(f"{count:,} numbers are too many to copy as text; save them in a file instead")
        copy_tables(tables)
        self.said.emit("Copied the numbers of this view as CSV")

    def save(self, tables: Sequence[Table]) -> None:
        """Let the user choose a file for some tables."""
        name = file_name(tables[0].title or "numbers") if len(tables) == 1 else "numbers"
        # What is shown now is saved, however long the dialog stays open.
        taken = [table.taken() for table in tables]
        choose_saved(self._window, "Save the numbers", name, _KINDS, lambda path, _kind: self.write(path, taken))

    def write(self, path: Path, tables: Sequence[Table]) -> None:
        """Write tables, as the ending of the name says."""
        self._background.run(
            partial(write_numbers, path, tables),
            self._tell,
            lambda error: self.refused.emit(str(error)),
            NumbersError,
        )

    def _tell(self, written: Sequence[Path]) -> None:
        names = [path.name for path in written]
        shown = listed(names if len(names) <= _NAMED else [*names[: _NAMED - 1], "others"])
        what = "the numbers" if len(names) == 1 else f"{len(names)} tables"
        self.said.emit(f"Saved {what} in {shown}")
