"""What plots, views and lists say their numbers are, and the menu that copies and saves them.

Whoever has numbers to take away has a method `tables`; the rest is found here: a view's are those of its parts.
"""

from __future__ import annotations

from collections.abc import Sequence

from PySide6.QtCore import QAbstractItemModel, QObject, Qt, Signal
from PySide6.QtGui import QGuiApplication
from PySide6.QtWidgets import QTableView, QWidget

from engine.formats.numbers_file import Table, csv_of, csv_text
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
    saver = saver_of(widget)
    return [copying, *([Entry("Save the numbers…", lambda: saver.wanted.emit(tables))] if saver is not None else [])]


def copy_tables(tables: Sequence[Table]) -> None:
    """Put tables in the clipboard, as CSV."""
    QGuiApplication.clipboard().setText(csv_of(tables))


def tables_within(thing: QObject) -> list[Table]:
    """Return the tables of all parts of a widget that can be seen, each with the title that stands over it."""
    found: list[Table] = []
    for part in thing.children():
        if isinstance(part, QWidget) and not part.isVisible():
            continue
        tables = getattr(part, "tables", None)
        if callable(tables):
            found += tables()
        elif isinstance(part, QTableView):
            found += [model_table("Table", part.model())] if part.model() is not None else []
        else:
            found += tables_within(part)
    return found


def model_table(title: str, model: QAbstractItemModel) -> Table:
    """Return what a model of Qt shows, row by row, as texts."""

    def write() -> str:
        across = range(model.columnCount())
        heads = [str(model.headerData(column, Qt.Orientation.Horizontal) or "") for column in across]
        lines = [[str(model.index(row, c).data() or "") for c in across] for row in range(model.rowCount())]
        return csv_text(heads, lines)

    return Table(title, write, count=model.rowCount() * model.columnCount())


def title_over(widget: QWidget) -> str:
    """Return the title of the part that a plot stands in; "" where it has none."""
    around: QObject | None = widget
    while around is not None:
        title = getattr(around, "title", None)
        words = getattr(title, "text", None)
        if callable(words) and str(words()):
            return str(words())
        around = around.parent()
    return ""
