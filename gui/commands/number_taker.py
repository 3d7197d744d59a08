"""Who takes numbers away, as CSV or .npz: menus at the cursor ask the window for it."""

from __future__ import annotations

from collections.abc import Sequence

from PySide6.QtCore import QObject, Signal
from PySide6.QtGui import QGuiApplication
from PySide6.QtWidgets import QWidget

from engine.formats.numbers_file import Table, csv_of
from gui.commands.popup import Entry

MOST_NUMBERS = 20_000
"""That are written as text within a frame or two."""


class NumberSaver(QObject):
    """Takes numbers that are to be saved; a window has one, among its children."""

    wanted = Signal(object)
    """Tables, to be saved in a file that the user chooses."""


def saver_of(widget: QWidget) -> NumberSaver | None:
    """Return what saves numbers in the window of a widget."""
    found = widget.window().findChild(NumberSaver)
    return found if isinstance(found, NumberSaver) else None


def number_entries(widget: QWidget, tables: Sequence[Table]) -> list[Entry]:
    """Return what a menu offers for numbers: to copy them as CSV, if they are not too many, and to save them."""
    if not tables:
        return []
    count = sum(table.count for table in tables)
    copying = Entry("Copy the numbers as CSV", lambda: copy_tables(tables))
    if count > MOST_NUMBERS:
        copying = Entry(f"{count:,} numbers are too many to copy as text", None)
    return [copying, *saving_entries(widget, tables)]


def saving_entries(widget: QWidget, tables: Sequence[Table]) -> list[Entry]:
    """Return what a menu offers that copies numbers in ways of its own: to save them."""
    saver = saver_of(widget)
    return [Entry("Save the numbers…", lambda: saver.wanted.emit(tables))] if saver is not None and tables else []


def copy_tables(tables: Sequence[Table]) -> None:
    """Put tables in the clipboard, as CSV."""
    QGuiApplication.clipboard().setText(csv_of(tables))
