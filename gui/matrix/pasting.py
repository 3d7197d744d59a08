"""Where a pasted block goes in a table: into the selected quantity, never on into the next one."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray
from PySide6.QtWidgets import QMessageBox, QWidget

from engine.errors import PlainError
from engine.text.matrix_text import in_words, readings_of_block
from gui.widgets.message_box import put_sign

Floats = NDArray[np.float64]


class PasteError(PlainError, ValueError):
    """A block cannot be pasted there; the message is one sentence for the user."""


@dataclass(frozen=True)
class Area:
    """The numbers of one quantity in a table: its first cell and its size. grows: rows may be added at its end."""

    name: str
    row: int
    column: int
    rows: int
    columns: int
    grows: bool = False

    def holds(self, row: int, column: int) -> bool:
        """Whether a cell is one of its numbers."""
        return 0 <= row - self.row < self.rows and 0 <= column - self.column < self.columns


@dataclass(frozen=True)
class Target:
    """The selection: its first cell, its rows and columns; nothing: the selection is empty, and this is the table."""

    row: int
    column: int
    rows: int
    columns: int
    nothing: bool = False


@dataclass(frozen=True)
class Block:
    """A block of numbers; lengths: how many numbers each row has; what follows them in `values` does not count."""

    values: Floats
    lengths: tuple[int, ...]


@dataclass(frozen=True)
class Placing:
    """A block and its first cell. area: the quantity that it goes into, None for the selected cells."""

    block: Block
    row: int
    column: int
    area: Area | None

    @property
    def words(self) -> str:
        """What tells it from other placings."""
        where = f" into {self.area.name}" if self.area else ""
        return in_words(self.block.values) + where

    @property
    def beyond(self) -> bool:
        """Whether it continues after the last row of its area."""
        return self.area is not None and self.row + len(self.block.values) > self.area.row + self.area.rows


def blocks_in(text: str, ragged: bool) -> list[Block]:
    """Return the blocks that a text can mean, the likeliest first.

    ragged: rows may differ in length, as a table of such rows copies them: separated by tabs. A spreadsheet makes
    them equally long, with empty cells at their ends.
    Raises NumberTextError for text that is not a block of numbers.
    """
    if ragged and "\t" in text and not set("[({|&\\") & set(text):
        lines = [line.rstrip() for line in text.strip("\r\n").splitlines()]
        lengths = tuple(line.count("\t") + 1 if line else 0 for line in lines)
        width = max(lengths)
        padded = "\n".join((line or "0") + "\t0" * (width - max(n, 1)) for line, n in zip(lines, lengths, strict=True))
        return [Block(values, lengths) for values in readings_of_block(padded)]
    if ragged and "\n\n" in text.strip("\r\n").replace("\r\n", "\n"):  # a copied column that not every row has
        lines = text.strip("\r\n").splitlines()
        return [
            Block(values, tuple(bool(line.strip()) for line in lines))
            for values in readings_of_block("\n".join(line if line.strip() else "0" for line in lines))
        ]
    return [Block(values, (values.shape[1],) * len(values)) for values in readings_of_block(text)]


def placings(
    blocks: Sequence[Block], areas: Sequence[Area], target: Target, room: Callable[[int, int, int, int], list[int]]
) -> list[Placing]:
    """Return the places for the blocks that a text can mean, the likeliest first; if there are several, ask the user.

    room: how many numbers exist in each row of a block, by its first row and column, its rows and columns.
    Raises PasteError, in one sentence, if none fits.
    """
    found = [placing for block in blocks for placing in _placings(block, areas, target, room)]
    if not found:
        raise PasteError(_why_not(blocks[0], areas, target))
    return found


def ask(parent: QWidget, found: Sequence[Placing], chosen: Callable[[Placing], None]) -> None:
    """Ask which of several placings is meant; the first is offered, and nothing happens if none is chosen."""
    box = QMessageBox(QMessageBox.Icon.Question, "Paste", "The pasted text can be read in several ways. Which one?")
    put_sign(box)
    box.setParent(parent.window(), box.windowFlags())
    buttons = {box.addButton(each.words, QMessageBox.ButtonRole.AcceptRole): each for each in found}
    box.setDefaultButton(next(iter(buttons)))
    box.addButton(QMessageBox.StandardButton.Cancel)
    box.buttonClicked.connect(lambda button: chosen(buttons[button]) if button in buttons else None)
    box.finished.connect(box.deleteLater)
    box.open()


def _placings(
    block: Block, areas: Sequence[Area], target: Target, room: Callable[[int, int, int, int], list[int]]
) -> list[Placing]:
    row, column = target.row, target.column
    rows, columns = block.values.shape
    if (rows, columns) == (1, 1) and not target.nothing:  # one number fills what is selected
        filled = np.full((target.rows, target.columns), block.values[0, 0])
        return [Placing(Block(filled, tuple(room(row, column, *filled.shape))), row, column, None)]
    here = Placing(block, row, column, None)
    there = room(row, column, rows, columns)
    exact = (rows, columns) == (target.rows, target.columns)
    fits = len(there) == rows and all(given <= exist for given, exist in zip(block.lengths, there, strict=True))
    if target.nothing:
        whole = exact and list(block.lengths) == there
        first = _into(block, areas[0], row, column)
        # A table that does not grow is one thing, and what is copied from all of it is pasted over all of it.
        return ([first] if first and (areas[0].grows or not whole) else []) + ([here] if whole else [])
    if exact and fits and rows * columns > 1:
        return [here]
    area = _area_at(areas, target)
    if area is None:
        return []
    placing, last = _into(block, area, row, column), areas[-1]
    is_all = (rows, columns) == (last.row + last.rows, last.column + last.columns)
    if placing is None and not area.grows and (row, column) == (0, 0) and fits and is_all:
        return [here]
    return [placing] if placing else []


def _area_at(areas: Sequence[Area], target: Target) -> Area | None:
    return next((area for area in areas if area.holds(target.row, target.column)), None)


def _into(block: Block, area: Area, row: int, column: int) -> Placing | None:
    """Put a block into an area from one of its cells on; a vector also transposed if it then fills a row or column."""
    rows, columns = block.values.shape
    even = len(set(block.lengths)) == 1
    wide_enough = column + columns <= area.column + area.columns
    full = even and column == area.column and columns == area.columns
    if wide_enough and (row + rows <= area.row + area.rows or (area.grows and full)):
        return Placing(block, row, column, area)
    if not even or 1 not in (rows, columns):
        return None
    length = rows * columns
    turned = Block(block.values.T, (rows,) * columns)
    fills_row = rows > 1 and column == area.column and length == area.columns
    fills_column = columns > 1 and area.columns == 1 and (area.grows or (row == area.row and length == area.rows))
    return Placing(turned, row, column, area) if fills_row or fills_column else None


def _why_not(block: Block, areas: Sequence[Area], target: Target) -> str:
    size = f"{block.values.shape[0]}×{block.values.shape[1]}"
    area = _area_at(areas, target)
    if area is None:
        return f"the block is {size}, and there is no number at the selected place; select its first cell in the table"
    row, column = target.row - area.row, target.column - area.column
    if area.grows:
        holds = f"{area.name} takes rows of {area.columns}"
    elif 1 in (area.rows, area.columns):
        holds = f"{area.name} has {area.rows * area.columns} numbers"
    else:
        holds = f"{area.name} is {area.rows}×{area.columns}"
    begin = f" and the block would begin at its row {row + 1}, column {column + 1}" if (row, column) != (0, 0) else ""
    return f"the block is {size}, but {holds}{begin}; select the cell where the block begins, or change the sizes"
