"""The command "set": gives sizes, inputs and weights new values by their names, as one change."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import TYPE_CHECKING

import numpy as np
from numpy.typing import NDArray

from engine.document.document import Document, check_size
from engine.errors import did_you_mean
from engine.text.matrix_text import in_words, readings_of_block
from engine.text.number_text import NumberTextError, parse_number
from gui.commands.command import CommandError, Value
from gui.document.size_changes import Filling, check_memory

if TYPE_CHECKING:
    from gui.document.cell_model import CellModel  # a lesson is checked without a window

_SIZES = ("m", "n", "k", "p")
_INPUTS = {"x": "x", "h_0": "h0", "C_0": "c0"}
"""Fields of a document by their symbols."""


def set_values(model: CellModel, filling: Filling, values: Mapping[str, Value]) -> None:
    """Set sizes, x, h_0, C_0 and weights to what was written, as one change that undo takes back.

    Sizes come first, so that a matrix may have the new ones. Raises CommandError for a name or a text that cannot be
    used; what does not fit the cell goes to the model's message, and nothing changes.
    """
    sizes = {name: _size(name, str(text)) for name, text in values.items() if name in _SIZES}
    model.change(change_of(model.document, filling, values), f"set {', '.join(values)}", max(sizes.values(), default=0))


def change_of(document: Document, filling: Filling, values: Mapping[str, Value]) -> Callable[[Document], Document]:
    """Return the change that sets values of a document; see `set_values`, which has the same errors."""
    if not values:
        raise CommandError("“set” needs a name and a value, such as m=4 or C_0 = 1 0 0")
    known = [name for name in _SIZES if name in document.sizes]
    known += [*_INPUTS, *document.weights]
    unknown = next((name for name in values if name not in known), None)
    if unknown is not None:
        raise CommandError(f"“set” does not know {unknown}{did_you_mean(unknown, known)}")
    sizes = {name: _size(name, str(text)) for name, text in values.items() if name in _SIZES}
    blocks = {name: _block(name, str(text)) for name, text in values.items() if name not in _SIZES}
    if not document.projected and len({sizes.get("n"), sizes.get("k")} - {None}) == 1:
        sizes["k"] = sizes.pop("n", sizes.get("k", 0))  # n follows k

    def change(old: Document) -> Document:
        new = _resized(old, sizes, filling)
        for name, block in blocks.items():
            if name in _INPUTS:
                new = new.with_inputs(**{_INPUTS[name]: block if name == "x" else block.ravel()})
            else:
                new = new.with_weight(name, block if new.weights[name].ndim == 2 else block.ravel())
        return new

    return change


def _resized(document: Document, sizes: dict[str, int], filling: Filling) -> Document:
    if not sizes:
        return document
    initialisation, seed = filling
    apart = document.projected or sizes.get("n", sizes.get("k")) != sizes.get("k", sizes.get("n"))
    check_memory(document, "set", sizes=sizes, projected=apart and document.can_project)
    cell = {name: size for name, size in sizes.items() if name != "p"}
    if cell:
        document = document.resized(
            **cell, projected=apart and document.can_project, initialisation=initialisation, seed=seed
        )
    return document.with_output(document.output, sizes["p"], *filling) if "p" in sizes else document


def _size(name: str, text: str) -> int:
    try:
        number = parse_number(text)
        size = int(number) if number == int(number) else number
        check_size(name, size)
    except (NumberTextError, ValueError) as error:
        raise CommandError(f"“set”, {name}: {error}") from error
    return int(size)


def _block(name: str, text: str) -> NDArray[np.float64]:
    try:
        readings = readings_of_block(text)
    except NumberTextError as error:
        raise CommandError(f"“set”, {name}: {error}") from error
    if len(readings) > 1:
        ways = " or ".join(in_words(block) for block in readings)
        raise CommandError(f"“set”, {name}: “{text}” can mean {ways}; write decimals with a point")
    return readings[0]
