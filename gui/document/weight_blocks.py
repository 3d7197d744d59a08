"""Joins a matrix and the vectors of its layer into one block of columns, as the table of weights shows them."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from engine.document.document import Document, DocumentError
from engine.text.matrix_text import in_words, readings_of_block
from engine.text.number_text import NumberTextError
from gui.matrix.pasting import Area


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


def whole_block(document: Document, name: str, text: str) -> NDArray[np.float64]:
    """Return the block in a text that replaces a whole matrix, with its vectors or without.

    Raises NumberTextError for text that is no block, or is open, DocumentError where no reading of it has that shape.
    """
    rows, width = document.weights[name].shape
    wanted = ((rows, width), (rows, width + len(vectors_of(document, name))))
    blocks = readings_of_block(text)
    found = [block for block in blocks if block.shape in wanted]
    if not found:
        raise _other_shape(name, (rows, width), blocks[0])
    if len(found) > 1:
        raise NumberTextError(
            f"the text can mean {in_words(found[0])} or {in_words(found[1])}; write it with decimal points"
        )
    return found[0]


def with_joined(document: Document, name: str, matrix: NDArray[np.float64]) -> Document:
    """Return the document with another W, and the vectors of its layer if they are there as columns.

    Raises DocumentError where the matrix has another shape.
    """
    rows, width = document.weights[name].shape
    vectors = vectors_of(document, name)
    if matrix.shape not in ((rows, width), (rows, width + len(vectors))):
        raise _other_shape(name, (rows, width), matrix)
    changed = document.with_weight(name, matrix[:, :width])
    for place, vector in enumerate(vectors, width):
        if place < matrix.shape[1]:
            changed = changed.with_weight(vector, matrix[:, place])
    return changed


def _other_shape(name: str, shape: tuple[int, int], block: NDArray[np.float64]) -> DocumentError:
    found, wanted = ("×".join(map(str, sizes)) for sizes in (block.shape, shape))
    return DocumentError(
        f"the block is {found}, but {name} is {wanted} and can only be replaced as a whole; copy a block of that shape"
    )
