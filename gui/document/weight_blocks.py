"""A matrix and the vectors of its layer as one block of columns: what the table of weights shows, copies and takes."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from engine.document.document import Document, DocumentError
from engine.text.matrix_text import readings_of_block
from gui.matrix.pasting import Area, Block, PasteError, Placing


def vectors_of(document: Document, name: str) -> list[str]:
    """Name the vectors that belong to a matrix: what its layer sees of the state, and its bias."""
    return [vector for vector in (letter + name[1:] for letter in "pb") if vector in document.weights]


def joined(document: Document, name: str) -> NDArray[np.float64]:
    """Return a copy of W, with each vector of its layer as one column more."""
    return np.column_stack([document.weights[part] for part in (name, *vectors_of(document, name))])


def areas_of(document: Document, name: str) -> tuple[Area, ...]:
    """Return the quantities in the columns of a matrix with its vectors."""
    rows, width = document.weights[name].shape
    vectors = enumerate(vectors_of(document, name), width)
    return (Area(name, 0, 0, rows, width), *(Area(vector, 0, column, rows, 1) for column, vector in vectors))


def whole_placings(document: Document, name: str, text: str) -> list[Placing]:
    """Return what a text can mean that replaces a whole matrix, with its vectors or without.

    Raises NumberTextError for text that is no block, PasteError where none of its readings has that shape.
    """
    areas = areas_of(document, name)
    rows, width = areas[0].rows, areas[0].columns
    blocks = [Block(values, (values.shape[1],) * len(values)) for values in readings_of_block(text)]
    found = [block for block in blocks if block.values.shape in ((rows, width), (rows, width + len(areas) - 1))]
    if not found:
        size = "×".join(map(str, blocks[0].values.shape))
        raise PasteError(
            f"the block is {size}, but {name} is {rows}×{width} and is replaced as a whole; copy one of that shape"
        )
    return [Placing(block, 0, 0, areas[0] if block.values.shape[1] == width else None) for block in found]


def with_joined(document: Document, name: str, matrix: NDArray[np.float64]) -> Document:
    """Return the document with another W, and the vectors of its layer if they are there as columns.

    Raises DocumentError where the matrix has another shape.
    """
    rows, width = document.weights[name].shape
    vectors = vectors_of(document, name)
    if matrix.shape not in ((rows, width), (rows, width + len(vectors))):
        found = "×".join(map(str, matrix.shape))
        raise DocumentError(
            f"the block is {found}, but {name} is {rows}×{width} and is replaced as a whole; copy one of that shape"
        )
    changed = document.with_weight(name, matrix[:, :width])
    for place, vector in enumerate(vectors, width):
        if place < matrix.shape[1]:
            changed = changed.with_weight(vector, matrix[:, place])
    return changed
