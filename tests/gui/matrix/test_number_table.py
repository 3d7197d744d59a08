"""The table of numbers: every number is written whole, whatever shares its room."""

from __future__ import annotations

from collections.abc import Iterator

import numpy as np
import pytest
from PySide6.QtCore import Qt
from PySide6.QtWidgets import QAbstractItemDelegate, QApplication, QLineEdit
from pytestqt.qtbot import QtBot

from engine.text import numbers
from gui.appearance.theme import Appearance
from gui.jobs.background import Background
from gui.matrix.number_grid import Content
from gui.matrix.number_table import NumberTable
from tests.gui.driving import close_background

BLOCK_ENDS = frozenset({1, 5})
W = np.array(
    [[-0.04, -0.21, -0.35, -0.08, 0.97, 0.98, 1], [-1.07, -0.95, 0.67, -0.66, 1.13, -0.59, 1]],
)


@pytest.fixture
def table(qtbot: QtBot, appearance: Appearance) -> Iterator[NumberTable]:
    background = Background("documents")
    table = NumberTable(appearance, background)
    qtbot.addWidget(table)
    table.show()
    yield table
    close_background(table)
    background.close()


def shown_in(table: NumberTable, column: int, row: int) -> str:
    """Return a number as it is written in the room that its cell has."""
    room = table.columnWidth(column) - (6 if column in BLOCK_ENDS else 1)
    return table.grid.written(row, column, lambda text: table.fontMetrics().horizontalAdvance(text) <= room)


@pytest.mark.parametrize("over", [-14, 0, 30])
def test_the_last_column_of_a_block_has_its_decimals_too(table: NumberTable, over: int):
    columns = tuple(f"{column + 1}" for column in range(7))
    table.show_content(Content(W, ("1", "2"), columns, block_ends=BLOCK_ENDS))
    letters = table.fontMetrics().horizontalAdvance
    needed = 6 * (letters("−0.04") + 5) + letters("1") + 5 + 2 * 5
    beside = table.width() - table.maximumViewportSize().width() + table.verticalHeader().sizeHint().width()
    table.resize(needed + over + beside, 200)
    QApplication.processEvents()
    for row, column in np.ndindex(W.shape):
        assert shown_in(table, column, row) == table.grid.written(row, column)
    assert table.horizontalScrollBar().maximum() == 0


def test_columns_are_equally_wide_where_there_is_room(table: NumberTable):
    columns = tuple(f"{column + 1}" for column in range(7))
    table.show_content(Content(W, ("1", "2"), columns))
    table.resize(700, 200)
    QApplication.processEvents()
    assert len({table.columnWidth(column) for column in range(7)}) == 1


def test_what_is_typed_has_room_in_a_narrow_column(table: NumberTable):
    columns = tuple(f"{column + 1}" for column in range(7))
    table.show_content(Content(W, ("1", "2"), columns, block_ends=BLOCK_ENDS))
    table.resize(330, 200)
    QApplication.processEvents()
    table.edit(table.model().index(0, 6))
    editor = table.viewport().findChild(QLineEdit)
    assert isinstance(editor, QLineEdit)
    assert editor.width() >= table.fontMetrics().horizontalAdvance("−0.0000")
    assert table.viewport().rect().contains(editor.geometry())
    table.closeEditor(editor, QAbstractItemDelegate.EndEditHint.RevertModelCache)


@pytest.mark.parametrize("value", [1e-5, -1.25e-7, 5e-324, 1e15, 1e16, 123456789012345680000.0, 1.7976931348623157e308])
def test_a_power_of_ten_is_shown_whole_while_it_is_edited_and_read_as_the_same_number(table: NumberTable, value: float):
    table.show_content(Content(np.array([[value, 2.0]]), ("1",), ("1", "2"), row_names=("row",)))
    table.resize(600, 200)
    QApplication.processEvents()
    edited: list[object] = []
    refused: list[str] = []
    table.grid.edited.connect(lambda row, column, block: edited.append(block))
    table.grid.refused.connect(refused.append)
    place = table.model().index(0, 0)
    table.edit(place)
    editor = table.viewport().findChild(QLineEdit)
    assert isinstance(editor, QLineEdit)
    assert "·10" in editor.text()
    assert editor.width() >= editor.fontMetrics().horizontalAdvance(editor.text())
    table.commitData(editor)
    table.closeEditor(editor, QAbstractItemDelegate.EndEditHint.NoHint)
    assert not edited
    assert not refused
    assert table.model().data(place, Qt.ItemDataRole.ToolTipRole).endswith(numbers.exact(value))
    table.copy_all()
    assert QApplication.clipboard().text() == f"{value!r}\t2.0"
