"""The first rows of a data file, with the numbers of their lines."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from enum import Enum, auto
from typing import Any

from PySide6.QtCore import QAbstractTableModel, QModelIndex, QPersistentModelIndex, Qt
from PySide6.QtGui import QColor, QFontMetrics
from PySide6.QtWidgets import QAbstractItemView, QHeaderView, QTableView

from engine.tables.answers import Answers
from engine.tables.cells import is_missing
from engine.tables.roles import Role
from engine.tables.table import Table
from engine.text.number_text import readings
from gui.appearance.text_size import NOTE
from gui.appearance.theme import Appearance, font

_MOST_COLUMNS = 40
_MOST_LETTERS = 60
_WIDEST = 240
_Index = QModelIndex | QPersistentModelIndex


class Kind(Enum):
    """What a line of the file is."""

    ASIDE = auto()
    NAMES = auto()
    ROW = auto()
    GAP = auto()


@dataclass(frozen=True)
class Line:
    """A line of the file. number: from 1, 0 for lines that are left out here. wrong: cells that are no numbers."""

    number: int
    kind: Kind
    cells: tuple[str, ...]
    wrong: frozenset[int] = field(default=frozenset())


def lines_of(table: Table, answers: Answers) -> list[Line]:
    """Return the first lines of a file: what is left out, the names, the rows; the last ones that are left out."""
    columns = _columns_of_numbers(table, answers)
    lines = [Line(number, Kind.ASIDE, (text,)) for number, text in table.aside]
    if table.header_line:
        lines.append(Line(table.header_line, Kind.NAMES, table.names[:_MOST_COLUMNS]))
    for number, cells in table.preview:
        wrong = frozenset(place for place in columns if not _is_number(cells, place, answers))
        lines.append(Line(number, Kind.ROW, cells[:_MOST_COLUMNS], wrong))
    lines.sort(key=lambda line: line.number)
    return _with_gaps(lines, table)


def _with_gaps(lines: list[Line], table: Table) -> list[Line]:
    last = table.preview[-1][0] if table.preview else 0
    result: list[Line] = []
    for line in lines:
        before = result[-1].number if result else 0
        left_out = sum(before < number < line.number for number in table.skipped) if line.number < last else 0
        if left_out:
            result.append(Line(0, Kind.GAP, (f"… {left_out:,} more lines that are not rows",)))
        result.append(line)
        more = table.count - len(table.preview)
        if line.number == last and more > 0:
            result.append(Line(0, Kind.GAP, (f"… {more:,} more row{'s' * (more > 1)}",)))
    return result


def _columns_of_numbers(table: Table, answers: Answers) -> list[int]:
    """Return the columns in which a cell that is no number is worth a mark."""
    found = []
    for place, column in enumerate(table.columns[:_MOST_COLUMNS]):
        numbers = [_is_number(cells, place, answers) for _, cells in table.preview]
        if len(table.values[place]) if column.role is not Role.TEXT else sum(numbers) * 2 > len(numbers):
            found.append(place)
    return found


def _is_number(cells: Sequence[str], place: int, answers: Answers) -> bool:
    cell = cells[place].strip() if place < len(cells) else ""
    if is_missing(cell) or cell.casefold() in answers.mark_texts:
        return False
    values = readings(cell)
    return values != (None, None) and not any(value in answers.mark_values for value in values if value is not None)


class PreviewModel(QAbstractTableModel):
    """The lines of a file for a table on the screen."""

    def __init__(self, appearance: Appearance) -> None:
        super().__init__()
        self._appearance = appearance
        self.lines: Sequence[Line] = ()
        """The lines that are shown."""
        self._columns = 1
        self._right: frozenset[int] = frozenset()

    def show_lines(self, lines: Sequence[Line], right: frozenset[int]) -> None:
        """Show other lines; right: the columns of numbers, which stand at the right."""
        self.beginResetModel()
        self.lines, self._right = lines, right
        self._columns = max((len(line.cells) for line in lines), default=1)
        self.endResetModel()

    def rowCount(self, parent: _Index = QModelIndex()) -> int:  # noqa: B008
        return 0 if parent.isValid() else len(self.lines)

    def columnCount(self, parent: _Index = QModelIndex()) -> int:  # noqa: B008
        return 0 if parent.isValid() else self._columns

    def headerData(self, section: int, orientation: Qt.Orientation, role: int = Qt.ItemDataRole.DisplayRole) -> Any:
        if role == Qt.ItemDataRole.DisplayRole and orientation is Qt.Orientation.Vertical:
            number = self.lines[section].number
            return f"{number} " if number else ""
        return None

    def data(self, index: _Index, role: int = Qt.ItemDataRole.DisplayRole) -> Any:
        line, place = self.lines[index.row()], index.column()
        theme = self._appearance.theme
        match role:
            case Qt.ItemDataRole.DisplayRole:
                text = line.cells[place] if place < len(line.cells) else ""
                most = _MOST_LETTERS * (4 if line.kind is Kind.ASIDE else 1)
                text = text if len(text) <= most else f"{text[:most]}…"
                return text or ("empty" if place in line.wrong else "")
            case Qt.ItemDataRole.TextAlignmentRole:
                right = place in self._right and line.kind in (Kind.ROW, Kind.NAMES)
                side = Qt.AlignmentFlag.AlignRight if right else Qt.AlignmentFlag.AlignLeft
                return side | Qt.AlignmentFlag.AlignVCenter
            case Qt.ItemDataRole.ForegroundRole:
                if place in line.wrong:
                    return QColor(theme.wrong)
                return QColor(theme.muted if line.kind in (Kind.ASIDE, Kind.GAP) else theme.ink)
            case Qt.ItemDataRole.BackgroundRole if line.kind is Kind.NAMES:
                return QColor(theme.ground)
            case Qt.ItemDataRole.FontRole:
                face = font(self._appearance.px(NOTE), bold=line.kind is Kind.NAMES)
                face.setItalic(place in line.wrong)
                return face
            case Qt.ItemDataRole.ToolTipRole:
                tips = {Kind.ASIDE: "Left out: not a row of numbers", Kind.NAMES: "The names of the columns"}
                return "This is not a number" if place in line.wrong else tips.get(line.kind)
        return None


class Preview(QTableView):
    """Shows the first lines of a file."""

    def __init__(self, appearance: Appearance) -> None:
        super().__init__()
        self._appearance = appearance
        self.lines = PreviewModel(appearance)
        self.setModel(self.lines)
        self.setAccessibleName("First rows of the file")
        self.setShowGrid(False)
        self.setObjectName("preview")
        self.setTabKeyNavigation(False)
        self.setWordWrap(False)
        self.setSelectionMode(QAbstractItemView.SelectionMode.NoSelection)
        self.setHorizontalScrollMode(QAbstractItemView.ScrollMode.ScrollPerPixel)
        self.horizontalHeader().hide()
        rows = self.verticalHeader()
        rows.setDefaultAlignment(Qt.AlignmentFlag.AlignRight | Qt.AlignmentFlag.AlignVCenter)
        rows.setSectionResizeMode(QHeaderView.ResizeMode.Fixed)
        rows.setMinimumSectionSize(1)
        rows.setDefaultSectionSize(appearance.px(22))

    def show_text(self, lines: Sequence[tuple[int, str]]) -> None:
        """Show the lines of a file that cannot be cut into cells."""
        self.show_lines([Line(number, Kind.ASIDE, (text,)) for number, text in lines], frozenset())

    def show_lines(self, lines: Sequence[Line], right: frozenset[int]) -> None:
        """Show the lines of a table; right: its columns of numbers."""
        self.clearSpans()
        self.lines.show_lines(lines, right)
        columns = self.lines.columnCount()
        px = self._appearance.px
        measure = QFontMetrics(font(px(NOTE), bold=True))
        for row, line in enumerate(lines):
            if columns > 1 and line.kind in (Kind.ASIDE, Kind.GAP):
                self.setSpan(row, 0, 1, columns)
        for column in range(columns):
            counted = (line.cells for line in lines if columns == 1 or line.kind in (Kind.ROW, Kind.NAMES))
            shown = [cells[column] for cells in counted if len(cells) > column]
            widest = max((measure.horizontalAdvance(text[:_MOST_LETTERS]) for text in shown), default=0)
            limit = px(_WIDEST) if columns > 1 else self.viewport().width()
            self.setColumnWidth(column, max(px(44), min(widest, limit) + px(28)))
        self.horizontalHeader().setStretchLastSection(columns == 1)
