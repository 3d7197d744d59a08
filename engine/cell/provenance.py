"""What a number was computed from and what it is used for, entry by entry, derived from the declared cell.

A selection of entries is a slice for each axis: what one entry reads is always a row, a part of a vector, or one.
"""

from __future__ import annotations

from collections.abc import Mapping

from .cell import Cell, size_in_numbers
from .graph import CONCATENATE, PRODUCT, SOFTMAX, Operation

Selection = tuple[slice, ...]
"""Entries of one value: (rows,) of a vector, (rows, columns) of a matrix."""

Place = tuple[int, ...]
"""One entry, (i,) or (i, j), from 0."""


def made_by(cell: Cell, sizes: Mapping[str, int], name: str, place: Place) -> dict[str, Selection]:
    """Return the entries that entry `place` of a value was made of, by name.

    Goes back through what a formula spells out: an entry of f_t is made of a row of W_f, an entry of b_f and the
    whole of x_t and h_{t-1}, and on the way of an entry of a_f and of z_f. Nothing for an input or a weight.
    Raises KeyError for an unknown name.
    """
    found: dict[str, Selection] = {}
    _go_back(cell, sizes, name, tuple(slice(i, i + 1) for i in place), found)
    return found


def goes_into(cell: Cell, sizes: Mapping[str, int], name: str, place: Place) -> dict[str, Selection]:
    """Return the entries that read entry `place` of a value, a weight or an input, by name.

    Goes on through what a formula spells out: an entry of x_t goes into all of f_t, i_t, C̃_t and o_t.
    """
    found: dict[str, Selection] = {}
    waiting: list[tuple[str, Selection]] = [(name, tuple(slice(i, i + 1) for i in place))]
    while waiting:
        source, selected = waiting.pop()
        for operation in cell.operations:
            for number, read in enumerate(operation.inputs):
                if read == source:
                    reached = _read_by(cell, sizes, operation, number, selected)
                    _add(found, operation.name, reached)
                    if operation.spelled_out:
                        waiting.append((operation.name, reached))
    return found


def _go_back(cell: Cell, sizes: Mapping[str, int], name: str, selected: Selection, found: dict[str, Selection]) -> None:
    item = cell.described(name)
    if not isinstance(item, Operation):
        return
    for number, source in enumerate(item.inputs):
        reads = _reads(cell, sizes, item, number, selected)
        if any(part.start >= part.stop for part in reads):
            continue
        _add(found, source, reads)
        origin = cell.described(source)
        if isinstance(origin, Operation) and origin.spelled_out:
            _go_back(cell, sizes, source, reads, found)


def _shape(cell: Cell, sizes: Mapping[str, int], name: str) -> tuple[int, ...]:
    return size_in_numbers(cell.shapes[name], sizes)


def _all(shape: tuple[int, ...]) -> Selection:
    return tuple(slice(0, size) for size in shape)


def _offset(cell: Cell, sizes: Mapping[str, int], operation: Operation, number: int) -> int:
    """Return where an input of a concatenation begins in its result."""
    return sum(_shape(cell, sizes, before)[0] for before in operation.inputs[:number])


def _reads(cell: Cell, sizes: Mapping[str, int], operation: Operation, number: int, selected: Selection) -> Selection:
    """Return what of its input `number` an operation reads for the selected entries of its result."""
    shape = _shape(cell, sizes, operation.inputs[number])
    rows = selected[0]
    if operation.kind is CONCATENATE:
        offset = _offset(cell, sizes, operation, number)
        return (slice(max(rows.start - offset, 0), min(rows.stop - offset, shape[0])),)
    if operation.kind is PRODUCT:
        return (rows, slice(0, shape[1])) if len(shape) == 2 else _all(shape)
    return _all(shape) if operation.kind is SOFTMAX else (rows,)


def _read_by(cell: Cell, sizes: Mapping[str, int], operation: Operation, number: int, selected: Selection) -> Selection:
    """Return which entries of an operation's result read the selected entries of its input `number`."""
    rows = selected[0]
    whole = _all(_shape(cell, sizes, operation.name))
    if operation.kind is CONCATENATE:
        offset = _offset(cell, sizes, operation, number)
        return (slice(rows.start + offset, rows.stop + offset),)
    if operation.kind is PRODUCT:
        return (rows,) if len(selected) == 2 else whole
    return whole if operation.kind is SOFTMAX else (rows,)


def _add(found: dict[str, Selection], name: str, selected: Selection) -> None:
    """Add entries; a value that is reached in two ways has both, and what lies between."""
    if name in found:
        both = zip(found[name], selected, strict=True)
        selected = tuple(slice(min(a.start, b.start), max(a.stop, b.stop)) for a, b in both)
    found[name] = selected
