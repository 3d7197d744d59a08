"""The shapes of a cell: every equation as vectors and matrices with their axes, and why each has these axes.

All of it is read off the declared cell. An equation stops at the values that have a name in the field, as a
formula does; each vector and matrix in it knows the parts of its axes, so that [x_t, h_{t-1}] has m + n rows.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from string import Formatter

from ..cell import formula
from ..cell.cell import Cell, shape_text, size_in_numbers, sizes_text
from ..cell.graph import CONCATENATE, PRODUCT, Kind, Operation
from ..cell.trace import Trace
from ..text.listed import listed

AXES: Mapping[str, str] = {"m": "inputs", "n": "hidden states", "k": "cell states", "p": "outputs"}
"""What each size counts."""

_LISTED = 4
"""So many names of one shape are listed; of more it is said how many there are."""


@dataclass(frozen=True)
class Drawn:
    """A vector or a matrix as a grid: rows × columns, each axis in the parts that it consists of."""

    name: str
    latex: str
    role: str
    rows: tuple[str, ...]
    columns: tuple[str, ...] = ()
    """None for a vector, which is a column of width 1."""
    parts: tuple[Drawn, ...] = ()
    """The vectors that stand in it one after the other, for [x_t, h_{t-1}]."""
    equal: str = ""
    """Another size that its rows must equal here: n of h_t is k where o_t ∘ tanh(C_t) is not projected."""


Piece = str | Drawn
"""A sign in LaTeX, or a vector or matrix."""


@dataclass(frozen=True)
class Equation:
    """How one named value is computed, in shapes: f_t = σ( W_f · [x, h] + b_f )."""

    name: str
    pieces: tuple[Piece, ...]

    @property
    def drawn(self) -> tuple[Drawn, ...]:
        """Its vectors and matrices; the first is the result."""
        return tuple(piece for piece in self.pieces if isinstance(piece, Drawn))


@dataclass(frozen=True)
class Picture:
    """What is drawn of a cell: what comes in, how it is joined, and every equation in the order computed.

    The uniform numbers of a gate that is drawn stand in its equation alone.
    """

    given: tuple[Drawn, ...]
    joined: Drawn
    equations: tuple[Equation, ...]


def picture(cell: Cell) -> Picture:
    """Return the shapes of a cell: vectors and matrices with the parts of their axes."""
    joined = next(operation for operation in cell.operations if operation.kind is CONCATENATE)
    equations = tuple(_equation(cell, operation) for operation in cell.operations if not operation.spelled_out)
    given = tuple(_drawn(cell, item.name) for item in cell.inputs if item not in cell.draws)
    return Picture(given, _drawn(cell, joined.name), equations)


def why(cell: Cell, sizes: Mapping[str, int], name: str) -> str:
    """Return why a vector or matrix has its shape: "W_f is k×(m+n) = 3×6: one row for each entry of f_t, …".

    Raises KeyError for an unknown name.
    """
    shape = cell.shapes[name]
    item = cell.described(name)
    line = f"{item.symbol} is {_both(cell, sizes, name)}"
    if len(shape) == 2:
        vector = next(o.inputs[1] for o in cell.operations if o.kind is PRODUCT and o.inputs[0] == name)
        column = f"one column for each entry of {_spoken(cell, vector)}"
        return f"{line}: one row for each entry of {cell.described(_result(cell, name)).symbol}, {column}"
    if isinstance(item, Operation) and item.kind is CONCATENATE:
        counts = [f"the {sizes[cell.shapes[part][0]]} of {cell.described(part).symbol}" for part in item.inputs]
        return f"{line}: {', then '.join(counts)}"
    if any(parameter.name == name for parameter in cell.parameters):
        return f"{line}: one entry for each entry of {cell.described(_result(cell, name)).symbol}"
    axis = shape[0]
    return f"{line}: one entry for each of the {axis} = {sizes[axis]} {AXES[axis]}"


def what_changed(before: Trace, after: Trace) -> str:
    """Return what became of the shapes, in one sentence; empty where none has changed.

    Found by comparing every shape in numbers, so that "no other shape changes" is true.
    """
    if before.cell.name != after.cell.name:
        return ""
    then, now = _shapes(before), _shapes(after)
    cell, sizes = after.cell, after.sizes
    clauses = [f"{_names(cell, [name])} is new ({_both(cell, sizes, name)})" for name in now if name not in then]
    clauses += [f"{_names(before.cell, [name])} is gone" for name in then if name not in now]
    clauses += _grown(after, then, now)
    if clauses:
        changed = {name: size for name, size in sizes.items() if before.sizes.get(name, size) != size}
        head = f"{sizes_text(changed)}: " if changed else ""
        return f"{head}{listed(clauses)}; no other shape changes."
    turned = [name for name in now if _turned(before.cell, cell, name)]
    if turned:
        matrices = [name for name, shape in now.items() if len(shape) == 2]
        which = "every W" if turned == matrices else _names(cell, turned)
        moved = f"The columns of {which} were swapped together with the entries of the vector"
        return f"{moved}; every sum, and so every result, stays the same."
    return ""


# ---- equations


def _drawn(cell: Cell, name: str, equal: str = "") -> Drawn:
    item, shape = cell.described(name), cell.shapes[name]
    axes = [tuple(axis.split("+")) for axis in shape]
    names = item.inputs if isinstance(item, Operation) and item.kind is CONCATENATE else ()
    parts = tuple(_drawn(cell, part) for part in names)
    return Drawn(name, item.latex, item.role, axes[0], axes[1] if len(axes) > 1 else (), parts, equal)


def _equation(cell: Cell, operation: Operation) -> Equation:
    computed = operation.kind.shape([cell.shapes[name] for name in operation.inputs])
    equal = computed[0] if computed != cell.shapes[operation.name] else ""
    right, _ = _spelled_out(cell, operation)
    return Equation(operation.name, (_drawn(cell, operation.name, equal), "=", *right))


def _spelled_out(cell: Cell, operation: Operation) -> tuple[list[Piece], int]:
    """Return an operation's right side and how tightly it holds together."""
    arguments = []
    for source in operation.inputs:
        argument = cell.described(source)
        if isinstance(argument, Operation) and argument.spelled_out and argument.kind is not CONCATENATE:
            pieces, binding = _spelled_out(cell, argument)
        else:
            pieces, binding = [_drawn(cell, source)], operation.kind.needs
        arguments.append(["(", *pieces, ")"] if binding < operation.kind.needs else pieces)
    return list(_filled_in(operation.kind, arguments)), operation.kind.binding


def _filled_in(kind: Kind, arguments: Sequence[Sequence[Piece]]) -> Iterator[Piece]:
    """Put the arguments into the places of a kind's LaTeX; what stands between them becomes signs."""
    sign = ""
    for literal, place, _, _ in Formatter().parse(kind.latex):
        sign += literal
        if place is not None:
            yield from _signs(r"\cdot" if kind is PRODUCT and sign else sign)
            yield from arguments[int(place)]
            sign = ""
    yield from _signs(sign)


def _signs(latex: str) -> Iterator[str]:
    """Split LaTeX between two arguments into signs; round brackets are signs of their own."""
    for sign in re.split(r"(\\left\(|\\right\))", latex):
        if sign.strip():
            yield sign.strip().removeprefix(r"\left").removeprefix(r"\right")


# ---- sentences


def _result(cell: Cell, name: str) -> str:
    """Return the named value in whose equation a weight stands."""
    return next(e.name for e in picture(cell).equations if any(drawn.name == name for drawn in e.drawn))


def _spoken(cell: Cell, name: str) -> str:
    item = cell.described(name)
    hidden = isinstance(item, Operation) and item.spelled_out and item.kind is not CONCATENATE
    return formula.text(cell, name) if hidden else item.symbol


def _shapes(trace: Trace) -> dict[str, tuple[int, ...]]:
    """Return the shape in numbers of everything that the picture shows, by name, weights last."""
    drawn = picture(trace.cell)
    names = [*(item.name for item in trace.cell.inputs), drawn.joined.name]
    names += [equation.name for equation in drawn.equations] + [item.name for item in trace.cell.parameters]
    return {name: size_in_numbers(trace.cell.shapes[name], trace.sizes) for name in names}


def _grown(after: Trace, then: Mapping[str, tuple[int, ...]], now: Mapping[str, tuple[int, ...]]) -> list[str]:
    """Return a clause for each group of one symbolic shape that has changed its numbers."""
    groups: dict[tuple[str, tuple[bool, ...]], list[str]] = {}
    for name, shape in now.items():
        if name in then and then[name] != shape:
            changed = tuple(old != new for old, new in zip(then[name], shape, strict=True))
            groups.setdefault((shape_text(after.cell.shapes[name]), changed), []).append(name)
    clauses = []
    for (symbols, changed), names in groups.items():
        shape, kinds = now[names[0]], ("entries",) if len(changed) == 1 else ("rows", "columns")
        counts = [_counted(count, kind) for count, kind, new in zip(shape, kinds, changed, strict=True) if new]
        many, things = len(names) > _LISTED, "vectors" if len(changed) == 1 else "matrices"
        subject = f"each of the {len(names)} {things} of {symbols}" if many else _names(after.cell, names)
        clauses.append(f"{subject} {'has' if many or len(names) == 1 else 'have'} {' and '.join(counts)}")
    return clauses


def _counted(count: int, things: str) -> str:
    one = {"entries": "entry", "rows": "row", "columns": "column"}
    return f"{count} {one[things] if count == 1 else things}"


def _both(cell: Cell, sizes: Mapping[str, int], name: str) -> str:
    """Return a shape in symbols and in numbers: "k×1 = 3×1"."""
    return f"{shape_text(cell.shapes[name])} = {shape_text(cell.shapes[name], sizes)}"


def _names(cell: Cell, names: Sequence[str]) -> str:
    return listed([cell.described(name).symbol for name in names])


def _turned(before: Cell, after: Cell, name: str) -> bool:
    shapes = before.shapes[name], after.shapes[name]
    return len(shapes[0]) == 2 and shapes[0] != shapes[1]
