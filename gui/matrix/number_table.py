"""A table of numbers on the screen: edit, copy and paste blocks."""

from __future__ import annotations

from collections.abc import Callable, Sequence

import numpy as np
from PySide6.QtCore import QEvent, QSize, Qt, Signal
from PySide6.QtGui import QContextMenuEvent, QGuiApplication, QKeyEvent, QKeySequence
from PySide6.QtWidgets import (
    QAbstractItemDelegate,
    QAbstractItemView,
    QHeaderView,
    QTableView,
    QWidget,
)

from engine.errors import PlainError
from engine.formats.link import is_link
from engine.formats.numbers_file import Table
from engine.text.matrix_text import format_matrix
from engine.text.number_text import NumberTextError
from engine.text.numbers import Style
from gui.appearance.theme import Appearance
from gui.commands.number_taker import saving_entries
from gui.commands.picture_taker import taking_entries
from gui.commands.popup import Entry, parted, popup
from gui.jobs.background import Background
from gui.matrix.header import Header
from gui.matrix.number_cells import BLOCK_GAP, Cells
from gui.matrix.number_grid import Content, NumberGrid
from gui.matrix.pasting import Block, Placing, Target, ask, blocks_in, placings
from gui.matrix.tables import matrix_table
from gui.widgets.field_note import FieldNote
from gui.widgets.own_keys import OwnKeys

_READ_AT_ONCE = 1000
"""A pasted text of more characters is read in the background."""
_EDITING = (Qt.Key.Key_F2, Qt.Key.Key_0)
"""Keys that begin to edit a number here, and are commands of the window elsewhere."""
_MEASURED = 2000
"""Numbers up to which each is measured; more have columns of the usual width."""
_BESIDE, _CLOSE, _ABOVE_AND_BELOW = 5, 3, 1
"""Pixels that a number needs around it at its sides, there if it has to be close to the next, and above and below."""
_COLUMN_WIDTHS = {Style.SHORT: 44, Style.LONG: 62, Style.SCIENTIFIC: 80}


class NumberTable(QTableView):
    """A table of numbers to edit, and to paste blocks into."""

    rested = Signal(int, int)
    """Row and column of the number under the cursor; -1 when the cursor leaves."""
    link_pasted = Signal(str)
    """A link was pasted in place of numbers."""
    message = Signal(str)
    """A sentence for the user: what was copied, or why a text or a paste was refused."""
    lengthened = Signal(int, object)
    """A row, and numbers (rows, columns) to put from there on, also beyond the last row of that quantity."""

    def __init__(self, appearance: Appearance, background: Background) -> None:
        super().__init__()
        self._background = background
        self.grid = NumberGrid(appearance)
        self._appearance = appearance
        appearance.changed.connect(self._fit)
        self.more_entries: Callable[[], Sequence[Entry]] = tuple
        """Returns what its menu offers beside copying and pasting."""
        self.note = FieldNote(self, self._last_row_ends)
        """Why the last text or paste was refused, beside the table until something else is done in it."""
        self.grid.refused.connect(self.refuse)
        self.setHorizontalHeader(Header(self.grid, Qt.Orientation.Horizontal, self))
        self.setVerticalHeader(Header(self.grid, Qt.Orientation.Vertical, self))
        self.setModel(self.grid)
        self.setItemDelegate(Cells(self.grid, appearance, self, self.is_lit))
        self._lit: list[tuple[slice, slice]] = []
        OwnKeys(self, _is_own)
        self.selectionModel().selectionChanged.connect(lambda *_: self.note.show_sentence(""))
        self.setMouseTracking(True)
        self.entered.connect(lambda index: self.rested.emit(index.row(), index.column()))
        self.setShowGrid(False)
        self.setFrameShape(QTableView.Shape.NoFrame)
        self.setSelectionMode(QAbstractItemView.SelectionMode.ContiguousSelection)
        self.setHorizontalScrollMode(QAbstractItemView.ScrollMode.ScrollPerPixel)
        self.setCornerButtonEnabled(False)
        self.setTabKeyNavigation(False)
        self._triggers = self.editTriggers()
        for header, size in ((self.horizontalHeader(), self._column_width), (self.verticalHeader(), self._row_height)):
            header.setSectionResizeMode(QHeaderView.ResizeMode.Fixed)
            header.setMinimumSectionSize(8)
            header.setDefaultSectionSize(size)
            header.setHighlightSections(False)
        self.verticalHeader().setDefaultAlignment(Qt.AlignmentFlag.AlignCenter)

    def show_content(self, content: Content) -> None:
        """Show other numbers; columns are as wide as the room allows."""
        if content is not self.grid.content:
            self.note.show_sentence("")
        self.grid.show_content(content)
        self._fit()
        self.executeDelayedItemsLayout()  # while painting, Qt would do it itself and paint everything twice

    @property
    def read_only(self) -> bool:
        """Whether no number can be typed."""
        return self.editTriggers() == self.EditTrigger.NoEditTriggers

    def set_read_only(self, read_only: bool) -> None:
        """Let no number be typed, or let them again."""
        self.setEditTriggers(self.EditTrigger.NoEditTriggers if read_only else self._triggers)

    def show_light(self, blocks: Sequence[tuple[slice, slice]]) -> None:
        """Frame blocks of rows and columns: what the number under the cursor was computed from."""
        if list(blocks) != self._lit:
            self._lit = list(blocks)
            self.viewport().update()

    def is_lit(self, row: int, column: int) -> bool:
        """Whether a number is framed."""
        return any(r.start <= row < r.stop and c.start <= column < c.stop for r, c in self._lit)

    def leaveEvent(self, event: QEvent) -> None:
        super().leaveEvent(event)
        self.rested.emit(-1, -1)

    def sizeHint(self) -> QSize:
        rows = min(self.grid.rowCount(), 6)
        height = rows * self._row_height + self.horizontalHeader().sizeHint().height() + 4
        return QSize(self._appearance.px(280), height)

    def minimumSizeHint(self) -> QSize:
        return QSize(80, self._lowest_row * 2)

    def resizeEvent(self, event: object) -> None:
        super().resizeEvent(event)  # type: ignore[arg-type]  # QResizeEvent, as Qt calls it
        self._fit()

    def keyPressEvent(self, event: QKeyEvent) -> None:
        if event.matches(QKeySequence.StandardKey.Copy):
            self.copy()
        elif event.matches(QKeySequence.StandardKey.Paste):
            self.paste()
        elif event.key() in (Qt.Key.Key_Delete, Qt.Key.Key_Backspace):
            self._clear()
        else:
            super().keyPressEvent(event)

    def contextMenuEvent(self, event: QContextMenuEvent) -> None:
        index, clicked = self.indexAt(event.pos()), event.reason() == QContextMenuEvent.Reason.Mouse
        if clicked and index.isValid() and not self.selectionModel().isSelected(index):
            self.setCurrentIndex(index)  # what is done is done with what was clicked
        popup(self, event.globalPos(), self.entries())

    def entries(self) -> list[Entry]:
        """Return what its menu offers."""
        selected = self.selectionModel().hasSelection()
        copying = [
            Entry(f"Copy {self._selection_in_words()}", self.copy if selected else None),
            Entry("Copy all", self.copy_all),
            Entry("Copy as LaTeX", lambda: self.copy("latex")),
        ]
        taking = parted([*saving_entries(self, self.tables()), *taking_entries(self)])
        if self.read_only:
            return [*copying, *taking]
        zeros = Entry("Set to 0", self._clear if selected else None, begins=True)
        return [*copying, Entry("Paste", self.paste), zeros, *self.more_entries(), *taking]

    def tables(self) -> list[Table]:
        """Return all of its numbers, to be copied or saved."""
        content = self.grid.content
        if not content.values.size:
            return []
        lengths = content.lengths or [content.values.shape[1]] * len(content.values)
        there = np.arange(content.values.shape[1]) < np.asarray(lengths)[:, None]
        return [matrix_table("", np.where(there, content.values, np.nan), content.column_names)]

    def closeEditor(self, editor: QWidget, hint: QAbstractItemDelegate.EndEditHint) -> None:
        if hint == QAbstractItemDelegate.EndEditHint.RevertModelCache:  # Escape
            self.grid.forgive(self.currentIndex().row(), self.currentIndex().column())
        super().closeEditor(editor, hint)

    def copy(self, style: str = "tabs") -> None:
        """Copy the selected block, or everything, as text with every digit; rows keep their own lengths."""
        self._copy(style, self._selected())
        more = "; “Copy all” copies the whole table" if self.selectionModel().hasSelection() else ""
        self.message.emit(f"Copied {self._selection_in_words()}{more}")

    def copy_all(self, style: str = "tabs") -> None:
        """Copy every number of the table, whatever is selected."""
        self._copy(style, (0, 0, self.grid.rowCount(), self.grid.columnCount()))
        self.message.emit(f"Copied all {self.grid.rowCount()}×{self.grid.columnCount()} numbers")

    def _selection_in_words(self) -> str:
        """Return how much a copy takes: "one number, W_f, column of x[2], row 1", "2×3 numbers"."""
        row, column, rows, columns = self._selected()
        if (rows, columns) == (1, 1):
            return f"one number, {self.grid.named(row, column)}"
        everything = not self.selectionModel().hasSelection()
        return f"{'all ' if everything else ''}{rows}×{columns} numbers"

    def _copy(self, style: str, selected: tuple[int, int, int, int]) -> None:
        row, column, rows, columns = selected
        block = self.grid.content.values[row : row + rows, column : column + columns]
        lengths = self._lengths(row, column, rows, columns)
        if all(length == columns for length in lengths):
            text = format_matrix(block, style)
        else:
            lines = [format_matrix(entries[None, :length]) for entries, length in zip(block, lengths, strict=True)]
            text = "\n".join(lines)
            if style == "numpy":  # which has no array of such rows
                text = "[[" + text.replace("\t", ", ").replace("\n", "],\n [") + "]]"
        QGuiApplication.clipboard().setText(text)

    def paste(self) -> None:
        """Paste the numbers in the clipboard at the selected cell; a long text is read in the background."""
        text, content = QGuiApplication.clipboard().text(), self.grid.content
        if is_link(text):
            self.link_pasted.emit(text)
            return
        if self.read_only:
            return
        target = Target(*self._selected(), nothing=not self.selectionModel().hasSelection())

        def read() -> list[Block]:
            return blocks_in(text, bool(content.lengths))

        def put(placing: Placing) -> None:
            if self.grid.content is content:
                self._put(placing)
            else:
                self.refuse("Nothing was pasted, because the table has changed meanwhile: paste again")

        def place(blocks: list[Block]) -> None:
            found = placings(blocks, content.areas, target, self._lengths)
            if len(found) > 1:
                ask(self, found, put)
            else:
                put(found[0])

        if len(text) > _READ_AT_ONCE:
            self._background.run(
                read, lambda blocks: self._or_say(lambda: place(blocks)), self._refuse_paste, NumberTextError
            )
        else:
            self._or_say(lambda: place(read()))

    def _or_say(self, action: Callable[[], None]) -> None:
        try:
            action()
        except PlainError as error:
            self._refuse_paste(error)

    def _refuse_paste(self, error: Exception) -> None:
        self.refuse(f"Nothing was pasted: {error}")

    def _last_row_ends(self) -> int:
        return min(self.height(), self.horizontalHeader().height() + self.verticalHeader().length())

    def refuse(self, sentence: str) -> None:
        """Say beside the table why something was refused."""
        self.note.show_sentence(sentence)
        self.message.emit(sentence)

    def _put(self, placing: Placing) -> None:
        self.note.show_sentence("")
        row, column, block = placing.row, placing.column, placing.block
        if placing.beyond:
            self.lengthened.emit(row, block.values)
            return
        given = np.arange(block.values.shape[1]) < np.array(block.lengths)[:, None]
        before = self.grid.content.values[row : row + block.values.shape[0], column : column + block.values.shape[1]]
        self.grid.put(row, column, np.where(given, block.values, before))

    def _clear(self) -> None:
        row, column, rows, columns = self._selected()
        if self.selectionModel().hasSelection() and not self.read_only:
            self.grid.put(row, column, np.zeros((rows, columns)))

    def _selected(self) -> tuple[int, int, int, int]:
        """Return row, column, rows, columns of the selection; the whole table without one."""
        indexes = self.selectionModel().selectedIndexes()
        if not indexes:
            return 0, 0, self.grid.rowCount(), self.grid.columnCount()
        rows, columns = [i.row() for i in indexes], [i.column() for i in indexes]
        return min(rows), min(columns), max(rows) - min(rows) + 1, max(columns) - min(columns) + 1

    def _lengths(self, row: int, column: int, rows: int, columns: int) -> list[int]:
        """Return how many numbers exist in each row of a block."""
        content = self.grid.content
        ends = content.lengths or (self.grid.columnCount(),) * self.grid.rowCount()
        return [max(0, min(columns, end - column)) for end in ends[row : row + rows]]

    @property
    def _column_width(self) -> int:
        return self._appearance.px(_COLUMN_WIDTHS[self._appearance.digits])

    @property
    def _row_height(self) -> int:
        return self._appearance.px(30)

    @property
    def _lowest_row(self) -> int:
        """The height of a row in which a number can still be read."""
        return min(self._row_height, self.fontMetrics().height() + _ABOVE_AND_BELOW)

    def _fit(self) -> None:
        """Give rows and columns the room that there is, so that nothing scrolls that need not."""
        rows, columns = self.grid.rowCount(), self.grid.columnCount()
        if not rows or not columns:
            return
        room = self.maximumViewportSize()  # that without scroll bars: what they take is not to make others necessary
        height = min(self._row_height, room.height() // rows)
        if height < self._lowest_row:
            height = self._row_height
            room.setWidth(room.width() - self.verticalScrollBar().sizeHint().width())
        self.verticalHeader().setDefaultSectionSize(height)
        header = self.horizontalHeader()
        widths = self._widths(room.width())
        header.setDefaultSectionSize(min(widths))
        for column, width in enumerate(widths):
            if header.sectionSize(column) != width:
                header.resizeSection(column, width)

    def _widths(self, room: int) -> list[int]:
        """Return equal widths if every number has room then, else what each column needs; or, to scroll, −0.02's."""
        columns, usual = self.grid.columnCount(), self._column_width
        gaps = [BLOCK_GAP - 1 if column in self.grid.content.block_ends else 0 for column in range(columns)]
        room -= sum(gaps)
        each, needs = room // columns, self._needs()
        beside = (room - sum(needs)) // columns
        if each >= max(needs) + _BESIDE or (each >= usual and beside < _CLOSE):
            widths = [min(each, 2 * usual)] * columns
        elif beside >= _CLOSE:
            widths = [need + beside for need in needs]
        else:
            widths = [usual * 9 // 8] * columns
        return [width + gap for width, gap in zip(widths, gaps, strict=True)]

    def _needs(self) -> list[int]:
        """Return for each column the width of its longest number; of many numbers, that of the usual column."""
        values = self.grid.content.values
        if values.size > _MEASURED:
            return [self._column_width - _BESIDE] * self.grid.columnCount()
        measured, (rows, columns) = self.fontMetrics().horizontalAdvance, values.shape
        there, written = self.grid.exists, self.grid.written
        texts = ({written(row, column) for row in range(rows) if there(row, column)} for column in range(columns))
        return [max(map(measured, each), default=0) for each in texts]


def _is_own(event: QKeyEvent) -> bool:
    """Return whether a key that is a command of the window elsewhere belongs to the table here."""
    keys = QKeySequence.StandardKey
    return event.key() in _EDITING or event.matches(keys.Copy) or event.matches(keys.Paste)
