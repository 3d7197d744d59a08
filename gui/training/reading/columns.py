"""The list of a table's columns: what each one is, its first numbers, and the choice of those to learn from."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any, cast

import numpy as np
from PySide6.QtCore import (
    QAbstractItemModel,
    QAbstractTableModel,
    QEvent,
    QModelIndex,
    QPersistentModelIndex,
    QRectF,
    Qt,
    Signal,
)
from PySide6.QtGui import QColor, QFontMetrics, QKeyEvent, QMouseEvent, QPainter, QPen
from PySide6.QtWidgets import QAbstractItemView, QHeaderView, QStyledItemDelegate, QStyleOptionViewItem, QTableView

from engine.settings.config import TrainingConfig
from engine.tables.answers import DataError
from engine.tables.roles import Role
from engine.tables.table import Table
from engine.tasks.outbreak import OutbreakTask, area_columns
from engine.tasks.series import input_columns
from engine.text.numbers import exact
from gui.appearance.text_size import NOTE
from gui.appearance.theme import Appearance, font
from gui.training.reading.words import role_words

_SERIES = ("Forecast", "Input", "Column", "What it is", "First values")
_AREAS = ("Area", "Column", "What it is", "First values")
_FIRST_VALUES = 5
_MOST_LETTERS = 60
_MEASURED = 100
_Index = QModelIndex | QPersistentModelIndex
_CHECK = Qt.ItemDataRole.CheckStateRole


class ColumnsModel(QAbstractTableModel):
    """The columns of one table under one config, a row each."""

    answered = Signal(str, str)
    """A setting that chooses columns, and its new value."""

    def __init__(self, appearance: Appearance) -> None:
        super().__init__()
        self._appearance = appearance
        self._table: Table | None = None
        self._config = TrainingConfig()
        self._names: tuple[str, ...] = _SERIES
        self._forecast: int | None = None
        self._checked: tuple[int, ...] = ()

    @property
    def marks(self) -> int:
        """How many columns at the left are choices."""
        return 1 if self._names is _AREAS else 2

    def show_table(self, table: Table, config: TrainingConfig) -> None:
        """Show the columns of a table, and which of them the settings choose."""
        self.beginResetModel()
        self._table, self._config = table, config
        self._names = _AREAS if config.task == OutbreakTask.name else _SERIES
        self._forecast = None if self._names is _AREAS else _forecast(table, config)
        self._checked = _areas(table, config) if self._names is _AREAS else _inputs(table, config)
        self.endResetModel()

    def rowCount(self, parent: _Index = QModelIndex()) -> int:  # noqa: B008
        return 0 if parent.isValid() or self._table is None else len(self._table.names)

    def columnCount(self, parent: _Index = QModelIndex()) -> int:  # noqa: B008
        return 0 if parent.isValid() else len(self._names)

    def headerData(self, section: int, orientation: Qt.Orientation, role: int = Qt.ItemDataRole.DisplayRole) -> Any:
        if orientation is Qt.Orientation.Horizontal and role == Qt.ItemDataRole.DisplayRole:
            return self._names[section]
        if role == Qt.ItemDataRole.TextAlignmentRole and section < self.marks:
            return Qt.AlignmentFlag.AlignCenter
        return None

    def flags(self, index: _Index) -> Qt.ItemFlag:
        flags = Qt.ItemFlag.ItemIsSelectable | Qt.ItemFlag.ItemIsEnabled
        if index.column() < self.marks and (self._is_usable(index.row()) or self._is_checked(index)):
            flags |= Qt.ItemFlag.ItemIsUserCheckable
        return flags

    def data(self, index: _Index, role: int = Qt.ItemDataRole.DisplayRole) -> Any:
        if self._table is None:
            return None
        table, row = self._table, index.row()
        what = index.column() - self.marks
        match role:
            case Qt.ItemDataRole.DisplayRole if what >= 0:
                return (table.names[row], self._what(table, row), _first(table, row))[what][:_MOST_LETTERS]
            case Qt.ItemDataRole.CheckStateRole if what < 0 and self.flags(index) & Qt.ItemFlag.ItemIsUserCheckable:
                return Qt.CheckState.Checked if self._is_checked(index) else Qt.CheckState.Unchecked
            case Qt.ItemDataRole.ForegroundRole:
                theme = self._appearance.theme
                if what == 1 and table.flaws[row] is not None and table.columns[row].role is not Role.DATE:
                    return QColor(theme.wrong)
                return QColor(theme.ink if self._is_used(row) or what == 0 else theme.muted)
            case Qt.ItemDataRole.FontRole:
                return font(self._appearance.px(NOTE), bold=what == 0 and self._is_used(row))
        return None

    def setData(self, index: _Index, value: Any, role: int = Qt.ItemDataRole.EditRole) -> bool:
        if role != _CHECK or self._table is None or not self.flags(index) & Qt.ItemFlag.ItemIsUserCheckable:
            return False
        row, table = index.row(), self._table
        if self._names is _SERIES and index.column() == 0:
            column = table.value_of(row)
            if column:  # else another column is named like this one's number, and this one has no name of its own
                self.answered.emit("series_column", column)
            return bool(column)
        columns = tuple(sorted(set(self._checked) ^ {row}))
        if self._names is _AREAS:
            self.answered.emit("counts_areas", table.written(columns) if columns else "")
        else:
            alone = not columns or columns == (self._forecast,)
            self.answered.emit("series_inputs", "" if alone else table.written(columns))
        return True

    def is_radio(self, index: _Index) -> bool:
        """Whether of this column of choices only one can be made."""
        return self._names is _SERIES and index.column() == 0

    def _is_usable(self, row: int) -> bool:
        table = self._table
        return table is not None and len(table.values[row]) > 0 and table.columns[row].role is not Role.EMPTY

    def _is_checked(self, index: _Index) -> bool:
        return index.row() == self._forecast if self.is_radio(index) else index.row() in self._checked

    def _is_used(self, row: int) -> bool:
        return row == self._forecast or row in self._checked

    def _what(self, table: Table, row: int) -> str:
        words = role_words(table, row)
        if words == "values" and self._is_used(row):
            return "is forecast" if row == self._forecast else "input" if self._names is _SERIES else "an area"
        return words


def _first(table: Table, row: int) -> str:
    numbers = table.values[row][:_FIRST_VALUES]
    return "   ".join("missing" if np.isnan(number) else exact(float(f"{number:.10g}")) for number in numbers)


def _forecast(table: Table, config: TrainingConfig) -> int | None:
    try:
        return table.find(config.series_column)
    except DataError:  # the page says what is wrong
        return None


def _inputs(table: Table, config: TrainingConfig) -> tuple[int, ...]:
    try:
        if config.series_inputs.strip():
            return table.find_each(config.series_inputs)
        return input_columns(table, config)
    except DataError:
        return ()


def _areas(table: Table, config: TrainingConfig) -> tuple[int, ...]:
    try:
        return area_columns(table, config.counts_areas)
    except DataError:
        return ()


class _Marks(QStyledItemDelegate):
    """Draws the choices, of which a click or Space makes one."""

    def __init__(self, appearance: Appearance, view: QTableView) -> None:
        super().__init__(view)
        self._appearance = appearance

    def paint(self, painter: QPainter, option: QStyleOptionViewItem, index: _Index) -> None:
        state = index.data(_CHECK)
        theme, px = self._appearance.theme, self._appearance.px
        model = index.model()
        side = px(15)
        box = QRectF(0, 0, side, side)
        around = QRectF(cast("Any", option).rect)  # Qt's stubs lack it
        box.moveCenter(around.center())
        focus = self._has_focus(index)
        painter.save()
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        if focus:
            painter.setPen(QPen(QColor(theme.muted), 1, Qt.PenStyle.DotLine))
            painter.drawRoundedRect(around.adjusted(3.5, 1.5, -3.5, -1.5), 5, 5)
        if state is not None:
            chosen = Qt.CheckState(state) is Qt.CheckState.Checked
            round_ = isinstance(model, ColumnsModel) and model.is_radio(index)
            radius = side / 2 if round_ else px(4)
            painter.setPen(QPen(QColor(theme.ink if chosen else theme.muted), 1.2))
            painter.setBrush(QColor(theme.ink if chosen and not round_ else theme.ground))
            painter.drawRoundedRect(box, radius, radius)
            if chosen and round_:
                painter.setPen(Qt.PenStyle.NoPen)
                painter.setBrush(QColor(theme.ink))
                painter.drawEllipse(box.center(), side * 0.28, side * 0.28)
            elif chosen:
                painter.setPen(QPen(QColor(theme.panel), 1.8))
                across, down = box.width(), box.height()
                corners = [(0.22, 0.52), (0.43, 0.72), (0.78, 0.3)]
                points = [box.topLeft() + type(box.topLeft())(x * across, y * down) for x, y in corners]
                painter.drawPolyline(points)
        painter.restore()

    def _has_focus(self, index: _Index) -> bool:
        view = self.parent()
        return isinstance(view, QTableView) and view.hasFocus() and view.currentIndex() == index

    def editorEvent(
        self, event: QEvent, model: QAbstractItemModel, option: QStyleOptionViewItem, index: _Index
    ) -> bool:
        made = False
        if isinstance(event, QMouseEvent):
            made = event.type() == QEvent.Type.MouseButtonRelease and event.button() is Qt.MouseButton.LeftButton
        elif isinstance(event, QKeyEvent):
            made = event.type() == QEvent.Type.KeyPress and event.key() == Qt.Key.Key_Space
        if made:
            checked = index.data(_CHECK) == Qt.CheckState.Checked.value
            return bool(model.setData(index, Qt.CheckState.Unchecked if checked else Qt.CheckState.Checked, _CHECK))
        return False


class ColumnsTable(QTableView):
    """Shows the columns of a table, with a choice of those that are learnt."""

    def __init__(self, appearance: Appearance) -> None:
        super().__init__()
        self._appearance = appearance
        self.columns = ColumnsModel(appearance)
        self.setModel(self.columns)
        self.setAccessibleName("Columns of the file")
        self.setShowGrid(False)
        self.setObjectName("columns")
        self.setTabKeyNavigation(False)
        self.setWordWrap(False)
        self.setSelectionMode(QAbstractItemView.SelectionMode.SingleSelection)
        self.setHorizontalScrollMode(QAbstractItemView.ScrollMode.ScrollPerPixel)
        self.verticalHeader().hide()
        self.verticalHeader().setSectionResizeMode(QHeaderView.ResizeMode.Fixed)
        self.verticalHeader().setDefaultSectionSize(appearance.px(24))
        self.horizontalHeader().setDefaultAlignment(Qt.AlignmentFlag.AlignLeft | Qt.AlignmentFlag.AlignVCenter)
        self.horizontalHeader().setHighlightSections(False)
        self._delegate = _Marks(appearance, self)
        self._plain = QStyledItemDelegate(self)

    def show_table(self, table: Table, config: TrainingConfig) -> None:
        """Show the columns of a table; the row that was current stays so."""
        current = self.currentIndex().row(), self.currentIndex().column()
        top = self.verticalScrollBar().value()
        self.columns.show_table(table, config)
        marks, px = self.columns.marks, self._appearance.px
        widths: Sequence[int] = (*([px(74)] * marks), self._width(marks, 170), self._width(marks + 1, 260))
        for column in range(self.columns.columnCount()):
            self.setItemDelegateForColumn(column, self._delegate if column < marks else self._plain)
            if column < len(widths):
                self.setColumnWidth(column, widths[column])
        for stretch in (False, True):  # anew, or the last column keeps the width that another had
            self.horizontalHeader().setStretchLastSection(stretch)
        if 0 <= current[0] < self.columns.rowCount():
            self.setCurrentIndex(self.columns.index(current[0], min(current[1], self.columns.columnCount() - 1)))
            self.verticalScrollBar().setValue(top)

    def _width(self, column: int, most: int) -> int:
        """Return the width of a column of words, such that numbers have what is left."""
        px, rows = self._appearance.px, range(min(self.columns.rowCount(), _MEASURED))
        measure = QFontMetrics(font(px(NOTE), bold=True))
        texts = (str(self.columns.index(row, column).data()) for row in rows)
        return min(px(most), max((measure.horizontalAdvance(text) for text in texts), default=0) + px(32))
