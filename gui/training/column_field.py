"""Which columns of a data file are meant: one to forecast, some that go in."""

from __future__ import annotations

from PySide6.QtCore import QModelIndex, QPersistentModelIndex, QStringListModel, Qt
from PySide6.QtWidgets import QComboBox, QCompleter, QLineEdit

from engine.tasks.series import Columns

_MOST_NAMES = 40  # in a tooltip


class ColumnField(QComboBox):
    """The columns of numbers that the data file has; before it is read, only the one that is chosen."""

    def __init__(self) -> None:
        super().__init__()
        self._columns: Columns | None = None
        self.show_columns(None)

    def show_columns(self, columns: Columns | None) -> None:
        """List the columns of a file, None while they are not known; what is chosen stays chosen."""
        chosen = self.currentData() or ""
        self._columns = columns
        self.clear()
        self.addItem(f"Automatic ({columns.automatic})" if columns and columns.automatic else "Automatic", "")
        for choice in columns.choices if columns else ():
            self.addItem(choice.words, choice.value)
        self.choose(chosen)

    def choose(self, column: str) -> None:
        """Choose a column, also one that this file has not: nothing that was chosen is lost."""
        value = self._columns.value(column) if self._columns else column
        if self.findData(value) < 0:
            self.addItem(self._words_for_absent(column), value)
        self.setCurrentIndex(self.findData(value))

    def _words_for_absent(self, column: str) -> str:
        if self._columns is None:
            return column
        return f"{column} ({'not in this file' if self._columns.index(column) is None else 'no numbers'})"


class InputsField(QLineEdit):
    """The columns that go in, by name or number and with commas between; each name is completed as it is typed."""

    def __init__(self, sentence: str) -> None:
        super().__init__()
        self._sentence = sentence
        self._names = QStringListModel(self)
        self.setPlaceholderText("the forecast column alone")
        self.setToolTip(sentence)
        self.setCompleter(_LastName(self._names, self))

    def show_columns(self, columns: Columns | None) -> None:
        """Offer the columns of a file, None while they are not known."""
        self._names.setStringList(_written(columns) if columns else [])
        self.setToolTip(self._sentence + (f"\n{_listed(columns)}" if columns else ""))


class _LastName(QCompleter):
    """Completes what stands behind the last comma."""

    def __init__(self, names: QStringListModel, line: QLineEdit) -> None:
        super().__init__(names, line)
        self._line = line
        self.setCaseSensitivity(Qt.CaseSensitivity.CaseInsensitive)

    def splitPath(self, path: str) -> list[str]:
        return [path.rpartition(",")[2].strip()]

    def pathFromIndex(self, index: QModelIndex | QPersistentModelIndex) -> str:
        before, comma, _ = self._line.text().rpartition(",")
        return f"{before}{comma}{' ' if comma else ''}{index.data()}"


def _written(columns: Columns) -> list[str]:
    """Return what can be written; a column with a comma in its name is written by its number."""
    return ["all", *(str(choice.index + 1) if "," in choice.value else choice.value for choice in columns.choices)]


def _listed(columns: Columns) -> str:
    """Return the columns with their numbers, as a sentence of a tooltip."""
    names = [f"{choice.index + 1} {columns.table.names[choice.index]}" for choice in columns.choices[:_MOST_NAMES]]
    more = " …" if len(columns.choices) > _MOST_NAMES else ""
    return f"{columns.table.path.name} has: {', '.join(names)}{more}"
