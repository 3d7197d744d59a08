"""The table of what was predicted against what was right: its counts, its words, and what has room."""

from __future__ import annotations

import numpy as np
import pytest
from PySide6.QtCore import QPoint
from PySide6.QtGui import QColor
from pytestqt.qtbot import QtBot

from gui.appearance.theme import Appearance
from gui.training.confusion import MOST, ConfusionTable, confusion

NAN = float("nan")


def numbers(*values: float) -> np.ndarray:
    return np.array(values, np.float32)


def test_a_row_is_what_was_right_and_a_column_what_was_predicted() -> None:
    found = confusion(numbers(1, 1, 2, 3), numbers(1, 2, 2, 1), ("a", "b", "c"))
    assert found.counts.tolist() == [[1, 1, 0], [0, 1, 0], [1, 0, 0]]
    assert found.names == ("a", "b", "c")
    assert (found.others, found.lost) == (0, 0)


def test_what_is_no_number_is_no_class() -> None:
    found = confusion(numbers(1, 2, 2), numbers(NAN, np.inf, 2), ("a", "b"))
    assert found.counts.sum() == 1
    assert found.lost == 2


@pytest.mark.parametrize("names", [(), ("a",)])
def test_classes_without_a_name_have_their_number(names: tuple[str, ...]) -> None:
    found = confusion(numbers(1, 9), numbers(9, 9), names)
    assert found.names == (names[0] if names else "1", "9")
    assert found.counts.tolist() == [[0, 1], [0, 1]]


def test_of_many_classes_the_largest_have_a_row() -> None:
    target = np.repeat(np.arange(1, 41), np.arange(1, 41)).astype(np.float32)
    found = confusion(target, target, [f"c{number}" for number in range(1, 41)], most=5)
    assert found.names == ("c37", "c38", "c39", "c40", "…")
    assert found.others == 36
    assert found.counts.sum() == target.size
    assert np.diag(found.counts)[:4].tolist() == [37, 38, 39, 40]


def test_a_number_that_no_class_can_have_takes_no_memory() -> None:
    found = confusion(numbers(1e30, 5e8), numbers(5e8, 5e8), ())
    assert found.counts.shape == (1, 1)
    assert found.lost == 1


def test_without_predictions_there_are_the_names_alone() -> None:
    assert confusion(numbers(), numbers(), ("a", "b")).counts.tolist() == [[0, 0], [0, 0]]


@pytest.fixture
def table(appearance: Appearance, qtbot: QtBot) -> ConfusionTable:
    made = ConfusionTable(appearance)
    qtbot.addWidget(made)
    made.resize(900, 700)
    made.show()
    return made


def test_counts_are_coloured_and_told(table: ConfusionTable, appearance: Appearance) -> None:
    names = ("XX", "XY", "YX", "YY")
    table.show_counts(numbers(1, 1, 2, 2, 3, 4), numbers(1, 1, 2, 1, 3, 4), names)
    picture, panel = table.grab().toImage(), QColor(appearance.theme.panel)

    def ground(row: int, column: int) -> QColor:
        return picture.pixelColor(table.cell(row, column).topLeft().toPoint() + QPoint(4, 4))

    assert ground(0, 0) == appearance.theme.role("hidden")
    assert ground(0, 1) == panel
    assert ground(1, 0) not in (panel, appearance.theme.role("hidden"))
    assert table.words == "5 of 6 right"
    assert table.tip_at(table.cell(1, 0).center()) == "target: XY, predicted: XX: 1 of 2"
    assert table.tip_at(table.cell(0, 0).topLeft() / 2) == ""


@pytest.mark.parametrize("size", [(320, 150), (420, 190), (1200, 700)])
def test_every_class_that_has_a_row_can_be_read(
    table: ConfusionTable, appearance: Appearance, size: tuple[int, int]
) -> None:
    table.resize(*size)
    target = np.arange(1, 71, dtype=np.float32)
    table.show_counts(target, target, [f"{number}" for number in range(1, 71)])
    table.grab()
    rows = len(table.found.names)
    assert 3 <= rows <= MOST
    cell = table.cell(rows - 1, rows - 1)
    assert cell.height() >= table.font().pixelSize() or rows == 3
    assert cell.right() <= table.width() + 1
    assert cell.bottom() <= table.height() + 1
    if size[1] == 700:
        assert rows == MOST
    assert table.words == "70 of 70 right"
