"""A matrix as a map: wheel to zoom, drag to move, hover to read a number, double-click to type one."""

from __future__ import annotations

import math
from collections.abc import Callable, Sequence

from PySide6.QtCore import QEvent, QPointF, Qt, Signal
from PySide6.QtGui import QContextMenuEvent, QGuiApplication, QMouseEvent, QWheelEvent
from PySide6.QtWidgets import QApplication

from engine.formats.numbers_file import Table
from engine.text import numbers
from engine.text.matrix_text import format_matrix
from gui.appearance.theme import Appearance
from gui.appearance.typeset import Typesetter
from gui.commands.number_taker import saving_entries
from gui.commands.picture_taker import taking_entries
from gui.commands.popup import Entry, parted, popup
from gui.jobs.background import Background
from gui.matrix.content import Content
from gui.matrix.editor import EntryEditor
from gui.matrix.sheet import MatrixSheet
from gui.matrix.tables import matrix_table
from gui.widgets.zoomable import Zoomable

_WHEEL = math.log(1.25)
"""Entries grow by a quarter with each notch of the wheel."""


_LARGEST_COPY = 20_000
"""Entries that are written as text within a frame or two."""


class MatrixMap(MatrixSheet, Zoomable):
    """Shows a matrix as coloured cells, in bands of rows and of columns with a gap between them.

    The wheel zooms about the cursor, dragging moves, a double click beside the entries shows all of them again. If
    `editable`, a double click on an entry edits it. Signals are about the matrix that is on the screen, `name`: a large
    one that was asked for comes later.
    """

    hovered = Signal(int, int)
    """Row and column of the entry under the cursor; -1, -1 when the cursor leaves."""
    clicked = Signal(int, int)
    """Row and column of an entry that was clicked."""
    edited = Signal(int, int, float)
    """Row, column and the number typed there; the map shows it when `show_matrix` brings it."""
    message = Signal(str)
    """Why a typed text is not a number, in one sentence."""

    def __init__(
        self,
        appearance: Appearance,
        typesetter: Typesetter,
        background: Background,
        *,
        editable: bool = False,
        fine: bool = False,
    ) -> None:
        super().__init__(appearance, typesetter, background, fine)
        self._editable = editable
        self._pressed_at: QPointF | None = None
        self._dragged = False
        self._editor: EntryEditor | None = None
        self._editing = (0, 0)
        self._told: Content | None = None
        """What was shown when `hovered` was last emitted."""
        self.more_entries: Callable[[], Sequence[Entry]] = self._copy_entries
        """Returns what its menu offers beside the number under the cursor, and all of the matrix again."""
        self.setMouseTracking(True)
        self.setFocusPolicy(Qt.FocusPolicy.ClickFocus)

    # ---- what is shown

    def _is_asked(self, *, another: bool) -> None:
        if another:
            self._stop_editing()

    def _content_changed(self, *, another: bool) -> None:
        if another:
            self._stop_editing()
            self._rest_on(None)
        self._tell()

    def _moved(self) -> None:
        if self._editor is not None:
            self._editor.stand_on(self.cell_rect(*self._editing))

    @property
    def is_zoomed(self) -> bool:
        return self._zoom > 0

    # ---- mouse

    def wheelEvent(self, event: QWheelEvent) -> None:
        notches = event.angleDelta().y() / 120
        width, height = self._largest_cell()
        range_ = math.log(max(width / self._columns.fitting, height / self._rows.fitting, 1.0))
        if self._content is None or range_ < 0.01 or not notches:
            event.ignore()
            return
        at = event.position()
        zoom = min(max(self._zoom + notches * _WHEEL / range_, 0.0), 1.0)
        if zoom != self._zoom:
            row, column = self._rows.position(at.y()), self._columns.position(at.x())
            self._zoom = zoom
            self._fit()
            self._rows.bring(row, at.y())
            self._columns.bring(column, at.x())
            self._moved()
            self._rest_at(at)

    def mousePressEvent(self, event: QMouseEvent) -> None:
        if event.button() is Qt.MouseButton.LeftButton:
            self._pressed_at, self._dragged = event.position(), False

    def mouseMoveEvent(self, event: QMouseEvent) -> None:
        at = event.position()
        if self._pressed_at is not None and event.buttons() & Qt.MouseButton.LeftButton:
            way = at - self._pressed_at
            if self._dragged or way.manhattanLength() >= QApplication.startDragDistance():
                self._dragged, self._pressed_at = True, at
                self._columns.move(way.x())
                self._rows.move(way.y())
                self._moved()
                self.update()
            return
        self._rest_at(at)

    def mouseReleaseEvent(self, event: QMouseEvent) -> None:
        if self._pressed_at is not None and not self._dragged:
            place = self.entry_at(event.position())
            if place is not None:
                self.clicked.emit(*place)
        self._pressed_at = None

    def mouseDoubleClickEvent(self, event: QMouseEvent) -> None:
        place = self.entry_at(event.position())
        if place is not None and self._editable:
            self._edit(*place)
        else:
            self.show_all()

    def leaveEvent(self, event: QEvent) -> None:
        self._rest_on(None)

    def contextMenuEvent(self, event: QContextMenuEvent) -> None:
        place = self.entry_at(QPointF(event.pos()))
        entries = []
        if place is not None and self._content is not None:
            number = float(self._content.values[place])
            words = f"Copy {self._content.named(*place)} = {numbers.exact(number)}"
            entries.append(Entry(words, lambda: QGuiApplication.clipboard().setText(numbers.copied(number))))
        entries += self.more_entries()
        entries += parted([*saving_entries(self, self.tables()), *taking_entries(self)])
        if self.is_zoomed:
            entries.append(Entry("Show all of the matrix (0)", self.show_all, begins=True))
        popup(self, event.globalPos(), entries)

    def tables(self) -> list[Table]:
        """Return the matrix, to be copied or saved."""
        content = self._content
        return [matrix_table(content.name, content.values)] if content is not None else []

    def _copy_entries(self) -> list[Entry]:
        content = self._content
        if content is None or content.values.size > _LARGEST_COPY:
            return []
        values = content.values
        return [
            Entry(
                f"Copy all {values.shape[0]}×{values.shape[1]} numbers",
                lambda: QGuiApplication.clipboard().setText(format_matrix(values, "tabs")),
            ),
            Entry("Copy as LaTeX", lambda: QGuiApplication.clipboard().setText(format_matrix(values, "latex"))),
        ]

    def _rest_at(self, at: QPointF) -> None:
        self._rest_on(self.entry_at(at))
        self.update()

    def _rest_on(self, place: tuple[int, int] | None) -> None:
        resting = place or (-1, -1)
        if resting == self._resting and self._content is self._told:
            return
        self._resting, self._told = resting, self._content
        self._tell()
        self.update()
        self.hovered.emit(*resting)

    def _tell(self) -> None:
        """Show the number under the cursor in the tool tip."""
        content = self._content
        if content is not None and self._resting != (-1, -1):
            words = f"{content.named(*self._resting)} = {numbers.exact(float(content.values[self._resting]))}"
            self.setToolTip(f"{words}\n{content.scale_text}" if content.scale_text else words)
        else:
            self.setToolTip("")

    # ---- typing a number

    def _edit(self, row: int, column: int) -> None:
        assert self._content is not None
        self._stop_editing()
        name = self._content.named(row, column)
        editor = EntryEditor(self, float(self._content.values[row, column]), self._letters)
        editor.accepted.connect(lambda number: self.edited.emit(row, column, number))
        editor.refused.connect(lambda reason: self.message.emit(f"{name}: {reason}"))
        editor.left.connect(self._stop_editing)
        self._editor, self._editing = editor, (row, column)
        self._moved()
        editor.show()
        editor.setFocus()

    def _stop_editing(self) -> None:
        editor, self._editor = self._editor, None
        if editor is not None:
            had_focus = editor.hasFocus()
            editor.blockSignals(True)  # losing the focus, it would emit what was typed
            editor.hide()
            editor.deleteLater()
            if had_focus:
                self.setFocus()
