"""The table of the library: keeps the selection and the place while runs come and go, and has keys of its own."""

from __future__ import annotations

from collections.abc import Sequence, Set
from dataclasses import dataclass, field

from PySide6.QtCore import QItemSelection, QItemSelectionModel, QPoint, Qt, Signal
from PySide6.QtGui import QColor, QKeyEvent, QMouseEvent, QPainter, QPaintEvent, QResizeEvent
from PySide6.QtWidgets import QAbstractItemDelegate, QAbstractItemView, QHeaderView, QTableView, QWidget

from gui.appearance.text_size import NOTE, TEXT
from gui.appearance.theme import Appearance, font
from gui.views.library.cells import Cells
from gui.views.library.model import COLUMNS, RunsModel, exchanged
from gui.views.library.rows import EDITED, Column, Row
from gui.views.library.widths import heading, needed, shared
from gui.widgets.own_keys import OwnKeys

_Key = Qt.Key
_WIDTHS = {
    Column.PIN: 28,
    Column.NAME: 150,
    Column.TASK: 120,
    Column.CELL: 146,
    Column.LOSS: 84,
    Column.VERDICT: 92,
    Column.HELD_OUT: 96,
    Column.STEPS: 64,
    Column.STATE: 94,
    Column.DATE: 106,
    Column.LENGTH: 58,
    Column.DEVICE: 58,
    Column.SEED: 48,
    Column.NOTES: 50,
}
"""Widths at 1080 lines: the least of columns of figures, and that to which columns of words give way."""
_AT_DESK = (Column.PIN, Column.DATE, Column.LENGTH, Column.DEVICE, Column.SEED, Column.NOTES)
"""Columns that a hall need not see: the others are as wide as it then needs them."""
_LAST = (Column.DEVICE, Column.LENGTH, Column.SEED, Column.NOTES, Column.HELD_OUT)
"""Columns that are left out, in this order, where the window is too narrow for all."""
_IN_DETAILS = (Column.LENGTH, Column.DEVICE, Column.SEED, Column.NOTES)
_IN_DETAILS_OF_A_HALL = (Column.TASK, Column.CELL, Column.HELD_OUT)
"""Columns that go where there is no room and the details beside the table say the same; in a hall, those too."""
_ROW = 1.9
"""Height of a line over the size of its text."""
_OWN_KEYS = frozenset(
    (
        *(_Key.Key_F2, _Key.Key_Return, _Key.Key_Enter, _Key.Key_Delete, _Key.Key_D),
        *(_Key.Key_P, _Key.Key_N, _Key.Key_S),
        *(_Key.Key_Home, _Key.Key_End, _Key.Key_PageUp, _Key.Key_PageDown),
    )
)
"""Keys that mean something here; some of them are shortcuts of the window elsewhere."""


@dataclass(frozen=True)
class _Kept:
    """What a table keeps while its rows become other ones. top: the first line that is seen, None at the top;
    offset: how far it lies from there, in pixels."""

    selected: set[str] = field(default_factory=set)
    current: str | None = None
    row: int = 0
    column: int = int(Column.NAME)
    top: str | None = None
    offset: int = 0


class RunsTable(QTableView):
    """Runs as lines; keeps what is selected, where it is scrolled to and what is being written, whatever comes."""

    opened = Signal(object)
    """A Row, by Return or a double click."""
    chosen = Signal()
    """Other lines are selected."""
    pin_wanted = Signal(object)
    """Rows that are to be pinned, or no longer."""
    bin_wanted = Signal()
    details_wanted = Signal()
    """They are to be shown, or no longer."""
    notes_wanted = Signal()
    """Notes are to be written, and have no column here."""

    def __init__(self, appearance: Appearance) -> None:
        super().__init__()
        self._appearance = appearance
        self._words = ""
        self._late: Sequence[Row] | None = None
        self._kept = _Kept()
        self._keeps_place = self._fitting = self._has_details = False
        self._by_hand: set[Column] = set()
        """Columns that somebody has made wider or narrower."""
        self.runs = RunsModel(self)
        self.setModel(self.runs)
        self.setItemDelegate(Cells(self, self.runs, appearance))
        self.setSelectionBehavior(QAbstractItemView.SelectionBehavior.SelectRows)
        self.setSelectionMode(QAbstractItemView.SelectionMode.ExtendedSelection)
        self.setEditTriggers(QAbstractItemView.EditTrigger.NoEditTriggers)  # keys and clicks are told apart below
        self.setVerticalScrollMode(QAbstractItemView.ScrollMode.ScrollPerPixel)
        self.setHorizontalScrollMode(QAbstractItemView.ScrollMode.ScrollPerPixel)
        self.setShowGrid(False)
        self.setWordWrap(False)
        self.setTabKeyNavigation(False)
        self.setFrameShape(QTableView.Shape.NoFrame)
        self.viewport().setAutoFillBackground(True)
        self.setMouseTracking(True)
        self._set_up_headers()
        OwnKeys(self, _is_own)  # else F2 would show the diagram, and Return would play it
        self.runs.modelAboutToBeReset.connect(self._keep)
        self.runs.modelReset.connect(self._restore)
        self.selectionModel().selectionChanged.connect(lambda *_: self.chosen.emit())

    def _set_up_headers(self) -> None:
        across, down = self.horizontalHeader(), self.verticalHeader()
        down.hide()
        down.setSectionResizeMode(QHeaderView.ResizeMode.Fixed)
        down.setMinimumSectionSize(8)
        across.setHighlightSections(False)
        across.setMinimumSectionSize(self._appearance.px(24))
        across.setStretchLastSection(True)
        across.sectionResized.connect(self._on_resized)
        across.setSortIndicator(self.runs.column, Qt.SortOrder.DescendingOrder)
        self.setSortingEnabled(True)
        self.setObjectName("runs")
        # A header that knew the selection would ask for all of it whenever it is painted.
        across.setSelectionModel(QItemSelectionModel(self.runs, self))

    def fit_text(self) -> None:
        """Make rows and columns as large as their text needs them."""
        pixels = self._appearance.text(NOTE)
        if self.verticalHeader().defaultSectionSize() != round(_ROW * pixels):
            self._by_hand.clear()
            self.verticalHeader().setDefaultSectionSize(round(_ROW * pixels))
        self._fit_columns()

    def _fit_columns(self) -> None:
        """Share the room among the columns; one that somebody has made wider or narrower stays as it is."""
        pixels = self._appearance.text(NOTE)
        scale = pixels / NOTE
        whole = needed(self.runs.rows, pixels, scale)
        left_out = set(_AT_DESK) if self._appearance.presenting else set()
        if self._appearance.presenting and not any(row.texts[Column.HELD_OUT] for row in self.runs.rows):
            left_out.add(Column.HELD_OUT)  # its room is that of names
        least = (min(need, self._usual(column)) if column == Column.NOTES else need for column, need in whole.items())
        if self._has_details and sum(least) > self.viewport().width():
            left_out |= {*_IN_DETAILS, *(_IN_DETAILS_OF_A_HALL if self._appearance.presenting else ())}
        self._fitting = True  # a column that is hidden is not one that somebody has made narrow
        for column in Column:
            self.setColumnHidden(column, column in left_out)
        shown = [column for column in Column if column not in left_out]
        needs = {column: whole[column] for column in shown}
        usual = {column: self._usual(column) for column in shown}
        for column in self._by_hand & needs.keys():
            needs[column] = usual[column] = self.columnWidth(column)
        widths = shared(needs, usual, self.viewport().width())
        for column in _LAST:
            spare = self.viewport().width() - sum(widths.values())  # the last column takes it
            notes = widths.get(Column.NOTES)
            is_cut = notes is not None and notes + spare < heading(Column.NOTES, pixels, scale)
            if (spare < 0 or is_cut) and column not in self._by_hand:
                self.setColumnHidden(column, True)
                widths.pop(column, None)
        for column, width in widths.items():
            if column not in self._by_hand and self.columnWidth(column) != width:
                self.setColumnWidth(column, width)
        self._fitting = False

    def _usual(self, column: Column) -> int:
        return round(_WIDTHS[column] * self._appearance.text(NOTE) / NOTE)

    def stand_beside(self, details: bool) -> None:
        """Leave out what the details say, where there is no room for it, or nothing where there are none."""
        if details != self._has_details:
            self._has_details = details
            self._fit_columns()

    def _on_resized(self, column: int, _before: int, _after: int) -> None:
        last = max(each for each in Column if not self.isColumnHidden(each))
        if not self._fitting and column != last:  # the last takes what is left
            self._by_hand.add(Column(column))

    def resizeEvent(self, event: QResizeEvent) -> None:
        super().resizeEvent(event)
        self._fit_columns()

    # What is shown

    def show_rows(self, rows: Sequence[Row]) -> None:
        """Show these runs; later, if something is being written or dragged now."""
        if self.writing:
            self._late = rows
            return
        self._late, self._keeps_place = None, True
        self.runs.show_rows(rows)
        self._keeps_place = False
        self._fit_columns()

    def exchange(self, rows: Sequence[Row]) -> None:
        """Show some rows as they are now, in their places: what the user has just changed."""
        self.runs.exchange(rows)
        if self._late is not None:
            self._late = exchanged(self._late, rows)

    @property
    def words(self) -> str:
        """What is written where there are no runs."""
        return "" if self.runs.rows else self._words

    def show_words(self, words: str) -> None:
        """Write something else where there are no runs."""
        if words != self._words:
            self._words = words
            self.viewport().update()

    def paintEvent(self, event: QPaintEvent) -> None:
        super().paintEvent(event)
        if not self.words:
            return
        painter = QPainter(self.viewport())
        painter.setFont(font(self._appearance.text(TEXT)))
        painter.setPen(QColor(self._appearance.theme.muted))
        margin = self._appearance.px(24)
        inside = self.viewport().rect().adjusted(margin, margin, -margin, -margin)
        painter.drawText(inside, Qt.AlignmentFlag.AlignCenter | Qt.TextFlag.TextWordWrap, self.words)
        painter.end()

    @property
    def writing(self) -> bool:
        """Whether a name or notes are being written, or lines are being chosen with the mouse."""
        return self.state() in (QAbstractItemView.State.EditingState, QAbstractItemView.State.DragSelectingState)

    @property
    def selected(self) -> list[Row]:
        """The selected rows, from top to bottom."""
        selection = self.selectionModel().selection()  # of whole lines; Qt's own list asks for every cell of them
        parts = [selection.at(number) for number in range(selection.count())]
        places = {place for part in parts for place in range(part.top(), part.bottom() + 1)}
        return [self.runs.rows[place] for place in sorted(places)]

    def select(self, files: Set[str]) -> None:
        """Select the runs of these files, as far as they are shown."""
        places = [place for place, row in enumerate(self.runs.rows) if row.file in files] if files else []
        selection = QItemSelection()
        first = 0
        for number, place in enumerate(places):
            if number + 1 == len(places) or places[number + 1] != place + 1:
                selection.select(self.runs.index(places[first], 0), self.runs.index(place, COLUMNS - 1))
                first = number + 1
        self.selectionModel().select(selection, QItemSelectionModel.SelectionFlag.ClearAndSelect)

    def select_at(self, at: QPoint) -> None:
        """Select the run at a point of the table, unless it is one of those selected."""
        index = self.indexAt(at)
        if index.isValid() and not self.selectionModel().isSelected(index):
            self.setCurrentIndex(index)

    def _keep(self) -> None:
        """Take note of what is selected and seen, because all rows are about to be other ones."""
        rows, current, top = self.runs.rows, self.currentIndex(), self.rowAt(0)
        self._kept = _Kept(
            {row.file for row in self.selected},
            rows[current.row()].file if current.isValid() else None,
            current.row(),
            max(current.column(), int(Column.NAME)),
            rows[top].file if top >= 0 and self.verticalScrollBar().value() > 0 else None,
            self.rowViewportPosition(top) if top >= 0 else 0,
        )

    def _restore(self) -> None:
        """Select and show what was kept, as far as it is still there."""
        kept, rows = self._kept, self.runs.rows
        self.select(kept.selected)
        if rows:
            place = self._place_of(kept.current)
            if place is None:
                place = min(max(kept.row, 0), len(rows) - 1)
            index = self.runs.index(place, kept.column)
            self.selectionModel().setCurrentIndex(index, QItemSelectionModel.SelectionFlag.NoUpdate)
            if kept.current is None:
                self.select({rows[place].file})  # the newest, as the library is first looked at
            top = self._place_of(kept.top)
            if self._keeps_place and top is not None:
                self.verticalScrollBar().setValue(top * self.verticalHeader().defaultSectionSize() - kept.offset)
            elif not self._keeps_place and kept.current in kept.selected:
                self.scrollTo(index)
        self.chosen.emit()

    def _place_of(self, file: str | None) -> int | None:
        if file is None:
            return None
        return next((place for place, row in enumerate(self.runs.rows) if row.file == file), None)

    # Writing

    def write(self, column: int) -> None:
        """Let the user write in a column of the line that the cursor is in."""
        index = self.runs.index(self.currentIndex().row(), column)
        if column == Column.NOTES and (self._has_details or self.isColumnHidden(column)):
            self.notes_wanted.emit()
        elif index.flags() & Qt.ItemFlag.ItemIsEditable:
            self.setCurrentIndex(index)
            self.scrollTo(index)
            self.edit(index)

    def closeEditor(self, editor: QWidget, hint: QAbstractItemDelegate.EndEditHint) -> None:
        super().closeEditor(editor, hint)
        self.setFocus()
        if self._late is not None and not self.writing:
            self.show_rows(self._late)

    # Keys and clicks

    def keyPressEvent(self, event: QKeyEvent) -> None:
        if not _is_own(event) or not self._act(event.key()):
            super().keyPressEvent(event)

    def _act(self, key: int) -> bool:
        """Do what a key means; return whether it means something that a table does not know of."""
        index = self.currentIndex()
        if key in (_Key.Key_Return, _Key.Key_Enter):
            if index.isValid() and not self.writing:  # else it ends the writing
                self.opened.emit(self.runs.rows[index.row()])
        elif key == _Key.Key_F2:
            self.write(Column.NOTES if index.column() == Column.NOTES else Column.NAME)
        elif key == _Key.Key_N:
            self.write(Column.NOTES)
        elif key == _Key.Key_P:
            self.pin_wanted.emit(self.selected)
        elif key == _Key.Key_S:
            self._sort_by_current()
        elif key == _Key.Key_D:
            self.details_wanted.emit()
        elif key == _Key.Key_Delete:
            self.bin_wanted.emit()
        else:
            return False
        return True

    def _sort_by_current(self) -> None:
        column = max(0, self.currentIndex().column())
        other_way = column == self.runs.column and not self.runs.descending
        self.sortByColumn(column, Qt.SortOrder.DescendingOrder if other_way else Qt.SortOrder.AscendingOrder)

    def mousePressEvent(self, event: QMouseEvent) -> None:
        index = self.indexAt(event.position().toPoint())
        if index.isValid() and index.column() == Column.PIN and event.button() == Qt.MouseButton.LeftButton:
            self.pin_wanted.emit([self.runs.rows[index.row()]])
            return
        super().mousePressEvent(event)

    def mouseDoubleClickEvent(self, event: QMouseEvent) -> None:
        index = self.indexAt(event.position().toPoint())
        if not index.isValid() or event.button() != Qt.MouseButton.LeftButton:
            return
        if index.column() in EDITED:
            self.selectionModel().setCurrentIndex(index, QItemSelectionModel.SelectionFlag.NoUpdate)
            self.write(index.column())
        elif index.column() != Column.PIN:
            self.opened.emit(self.runs.rows[index.row()])


def _is_own(event: QKeyEvent) -> bool:
    plain = event.modifiers() in (Qt.KeyboardModifier.NoModifier, Qt.KeyboardModifier.KeypadModifier)
    return plain and event.key() in _OWN_KEYS
