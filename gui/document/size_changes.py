"""Edits that change the sizes of a cell: they keep what still fits and refuse what memory cannot hold."""

from __future__ import annotations

from collections.abc import Collection, Mapping
from typing import TYPE_CHECKING

from engine.cell.cells import CELLS
from engine.document.document import OUTPUT_WEIGHTS, Document
from engine.document.memory import check_fits

if TYPE_CHECKING:
    from gui.document.cell_model import CellModel  # a lesson is checked without a window

Filling = tuple[str, int]
"""What fills weights that are new: an initialisation and its seed."""


def change_size(model: CellModel, name: str, size: int, filling: Filling) -> None:
    """Set m, n, k or p; while n and k are linked they are one number, whichever of the two is set."""

    def change(document: Document) -> Document:
        if name == "p":
            check_memory(document, name, sizes={"p": size}, kept=set(document.weights) - set(OUTPUT_WEIGHTS))
            return document.with_output(document.output, size, *filling)
        sizes = {"k" if name == "n" and not document.projected else name: size}
        check_memory(document, name, sizes=sizes)
        return document.resized(**sizes, initialisation=filling[0], seed=filling[1])  # type: ignore[arg-type]

    model.change(change, f"{name} = {size}", size)


def toggle_link(model: CellModel, filling: Filling) -> None:
    """Let n follow k, or set it free."""
    unlink = not model.document.projected

    def change(document: Document) -> Document:
        check_memory(document, "n", projected=unlink)
        return document.resized(projected=unlink, initialisation=filling[0], seed=filling[1])

    model.change(change, "unlink n from k" if unlink else "link n to k")


def turn_columns(model: CellModel) -> None:
    """Let the columns of every W stand in the other order."""

    def change(document: Document) -> Document:
        check_memory(document, "order")
        return document.with_order("x,h" if document.order == "h,x" else "h,x")

    model.change(change, "swap the columns")


def check_memory(
    document: Document,
    key: str,
    *,
    cell_name: str = "",
    projected: bool | None = None,
    sizes: Mapping[str, int] | None = None,
    kept: Collection[str] = (),
) -> None:
    """Raise DocumentError unless there is memory for a document's weights at other sizes, or of another cell."""
    projected = document.projected if projected is None else projected
    after = {**document.sizes, **(sizes or {})}
    if not projected:
        after["n"] = after["k"]
    output = document.output if document.has_output else None
    cell = CELLS[cell_name or document.cell_name](projected, document.order, output, document.sampled is not None)
    check_fits(key, cell, after, len(document.x), kept)
