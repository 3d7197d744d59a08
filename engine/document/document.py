"""A document: the sizes, weights, inputs and initial state that a user sets, saves and hands out.

A document never changes: every edit makes a new one that shares the arrays it did not touch, so that undo is
keeping the old one and a background thread may read any of them.
"""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from types import MappingProxyType
from typing import Any

import numpy as np
from numpy.typing import ArrayLike, NDArray

from ..cell.cell import Cell, shape_text, size_in_numbers
from ..cell.cells import CELLS, ORDERS, OUTPUTS
from ..cell.graph import Shape
from ..cell.initialise import fresh
from ..errors import PlainError
from ..text.number_text import LARGEST
from ..text.numbers import in_full
from .filling import Aside, blocks_of, filled, keep_what_fits, known_arrays, loses, made, set_aside

Matrix = NDArray[np.float64]

LARGEST_SIZE = 4096
LARGEST_SEED = 2**31 - 1
_COMPARED = 10_000
"""Numbers that are compared in no time."""
OUTPUT_WEIGHTS = ("W_y", "b_y")
"""The optional output layer y_t: p×n and p×1, with p as its owner likes."""


class DocumentError(PlainError, ValueError):
    """A document that is not valid; the message is one sentence: the key, what was expected, what was found."""


@dataclass(frozen=True, eq=False)
class Document:
    """Sizes m (input), n (hidden), k (cell), the weights by name, and a sequence to run them on.

    `weights` holds what the cell declares: for the LSTM W_f W_i W_C W_o of k×(m+n), b_f b_i b_C b_o of k×1, W_hr
    of n×k where h_t is projected, and W_y, b_y where there is an output, whose last function `output` names. `x` is
    T×m; `h0` n×1 and `c0` k×1 are the state before the first step (a cell without C leaves c0 alone).
    `lesson` is what its author says of it, a few sentences, and `notes` a sentence more for when the operation
    named is on the screen, such as {"z_i": …}; a name that the cell does not have is kept and ignored.
    `sampled` is None for gates as they are, or the seed that each gate unit is drawn with, as 0 or 1. `extra` and
    `extra_weights` keep keys of a file that this program does not know. `aside` holds what another cell, an output or
    a projection had and this cell has no place for, by name; it comes back with them, and is in no file.

    Raises DocumentError where a shape does not fit or an entry is not finite.
    """

    m: int
    n: int
    k: int
    weights: Mapping[str, Matrix]
    x: Matrix
    h0: Matrix
    c0: Matrix
    order: str = "x,h"
    cell_name: str = "lstm"
    output: str = "sigmoid"
    lesson: str = ""
    sampled: int | None = None
    notes: Mapping[str, str] = field(default_factory=dict)
    extra: Mapping[str, Any] = field(default_factory=dict)
    extra_weights: Mapping[str, Any] = field(default_factory=dict)
    aside: Mapping[str, Aside] = field(default_factory=dict)

    def __post_init__(self) -> None:
        for name in ("m", "n", "k"):
            check_size(name, getattr(self, name))
        if self.order not in ORDERS:
            raise DocumentError(f"order: expected {' or '.join(map(brief, ORDERS))}, found {brief(self.order)}")
        if self.cell_name not in CELLS:
            raise DocumentError(f"cell: expected one of {', '.join(CELLS)}, found {brief(self.cell_name)}")
        if not isinstance(self.lesson, str):
            raise DocumentError(f"lesson: expected a text, found {brief(self.lesson)}")
        _check_seed("sampled", self.sampled)
        _check_notes(self.notes)
        if not isinstance(self.output, str) or self.output not in OUTPUTS:
            raise DocumentError(f"output: expected one of {', '.join(OUTPUTS)}, found {brief(self.output)}")
        stateless = not self.can_project
        if stateless and (self.projected or self.n != self.k):
            raise DocumentError(
                f"cell: the {CELLS[self.cell_name](False, self.order, None).title} has no cell state, so n and k must "
                f"be equal, without W_hr; found n = {self.n}, k = {self.k}"
            )
        if self.n != self.k and "W_hr" not in self.weights:
            raise DocumentError(
                f"weights.W_hr: expected {self.n}×{self.k} (n×k), found nothing; n = {self.n} and "
                f"k = {self.k} differ, so h_t needs this projection"
            )
        checked = {
            item.name: self._checked(f"weights.{item.name}", self.weights.get(item.name), item.shape)
            for item in self.cell.parameters
        }
        unknown = set(self.weights) - set(checked)
        if unknown:
            raise DocumentError(f"weights.{min(unknown)}: this cell has no such weight; remove it")
        object.__setattr__(self, "weights", MappingProxyType(checked))
        rows_of_x = _length(self.x)
        if rows_of_x == 0:
            raise DocumentError(f"x: expected at least one row of m = {self.m} numbers, found none")
        object.__setattr__(self, "x", checked_array("x", self.x, (rows_of_x, self.m), ("T", "m")))
        object.__setattr__(self, "h0", self._checked("h0", self.h0, ("n",)))
        object.__setattr__(self, "c0", self._checked("c0", self.c0, ("k",)))
        for name in ("notes", "extra", "extra_weights", "aside"):
            object.__setattr__(self, name, MappingProxyType(dict(getattr(self, name))))

    def _checked(self, key: str, value: ArrayLike | None, shape: Shape) -> Matrix:
        return checked_array(key, value, size_in_numbers(shape, self.sizes), shape)

    @property
    def sizes(self) -> dict[str, int]:
        """The sizes by symbol; p, that of the output, where there is one."""
        sizes = {"m": self.m, "n": self.n, "k": self.k}
        return {**sizes, "p": output_size(self.weights)} if self.has_output else sizes

    @property
    def projected(self) -> bool:
        """Whether n is unlinked from k: h_t = W_hr (o_t ∘ tanh(C_t))."""
        return "W_hr" in self.weights

    @property
    def has_output(self) -> bool:
        """Whether y_t = g(W_y h_t + b_y) follows h_t."""
        return any(name in self.weights for name in OUTPUT_WEIGHTS)

    @property
    def cell(self) -> Cell:
        """The declared cell that this document sets the weights of."""
        output = self.output if self.has_output else None
        return CELLS[self.cell_name](self.projected, self.order, output, self.sampled is not None)

    @property
    def can_project(self) -> bool:
        """Whether n may differ from k: there has to be a cell state to project h_t from."""
        return CELLS[self.cell_name](False, self.order, None).has_state

    def blocks(self, name: str) -> dict[str, int]:
        """Return the column blocks of a matrix by the symbol of their size, in the order that they stand.

        {"m": 3, "n": 3} of W_f, {"k": 3} of W_hr.
        """
        return {axis: self.sizes[axis] for axis in self.cell.shapes[name][1].split("+")}

    def is_like(self, other: Document) -> bool:
        """Whether another document holds the same words and numbers; large arrays are the same only if they are one."""
        told = ("m", "n", "k", "order", "cell_name", "output", "lesson", "sampled", "notes", "extra", "extra_weights")
        if self.weights.keys() != other.weights.keys():
            return False
        if any(getattr(self, name) != getattr(other, name) for name in told):
            return False
        arrays = [(self.weights[name], other.weights[name]) for name in self.weights]
        arrays += [(self.x, other.x), (self.h0, other.h0), (self.c0, other.c0)]
        return all(mine is its or (mine.size <= _COMPARED and np.array_equal(mine, its)) for mine, its in arrays)

    def with_weight(self, name: str, value: ArrayLike) -> Document:
        """Return the document with one weight replaced."""
        weights: dict[str, Any] = {**self.weights, name: value}  # checked in __post_init__
        return replace(self, weights=weights)

    def with_inputs(self, **inputs: ArrayLike) -> Document:
        """Return the document with x, h0 or c0 replaced."""
        return replace(self, **inputs)  # type: ignore[arg-type]  # arrays are checked in __post_init__

    def with_sampled(self, seed: int | None) -> Document:
        """Return the document with every gate unit drawn as 0 or 1, or with None with its gates as they are.

        A cell without gates computes the same. Raises DocumentError for a seed out of bounds.
        """
        return self if seed == self.sampled else replace(self, sampled=seed)

    def with_order(self, order: str) -> Document:
        """Return the same cell with the columns of every W in another order; no result changes."""
        if order == self.order:
            return self
        turned = dict(self.weights)
        for name, value in self.weights.items():
            blocks = tuple(self.blocks(name).values()) if value.ndim == 2 else ()
            if len(blocks) == 2:
                turned[name] = made(np.roll(value, -blocks[0], axis=1))
        aside = {name: entry.turned() for name, entry in self.aside.items()}
        return replace(self, order=order, weights=turned, aside=aside)

    def with_cell(self, cell_name: str, initialisation: str = "xavier", seed: int = 0) -> Document:
        """Return the same sizes and inputs with another cell; weights of the same name and shape are kept.

        What the other cell has no place for is set aside, a projection with its n too, and comes back with a cell
        that has one. Raises DocumentError for an unknown cell.
        """
        if cell_name not in CELLS:
            raise DocumentError(f"cell: expected one of {', '.join(CELLS)}, found {brief(cell_name)}")
        if cell_name == self.cell_name:
            return self
        stateful = CELLS[cell_name](False, self.order, None).has_state
        linked = self.resized(projected=False) if self.projected and not stateful else self
        cell = CELLS[cell_name](linked.projected, self.order, self.output if self.has_output else None)
        weights = filled(cell, linked.sizes, linked.weights, linked.sizes, initialisation, seed, self.aside)
        aside = self._set_aside(weights)
        if linked is not self:
            aside["h0"] = Aside(self.h0)
        changed = replace(linked, cell_name=cell_name, weights=weights, aside=aside)
        return changed._projected_again() if stateful and "W_hr" in aside else changed

    def with_output(
        self, output: str | None, p: int | None = None, initialisation: str = "xavier", seed: int = 0
    ) -> Document:
        """Return the document with an output of p entries ending in `output`, or with none.

        p is that of the output there is if it is None, else of the one there was last, else 1.
        """
        weights: dict[str, Any] = {name: value for name, value in self.weights.items() if name not in OUTPUT_WEIGHTS}
        if output is None:
            return replace(self, weights=weights, aside=self._set_aside(weights))
        before = {name: self.aside[name].numbers for name in OUTPUT_WEIGHTS if name in self.aside}
        p = output_size(self.weights if self.has_output else before) if p is None else p
        for name, shape in (("W_y", (p, self.n)), ("b_y", (p,))):
            new = fresh(initialisation, name, shape, (), seed)
            for kept in (before, self.weights):
                if name in kept:
                    keep_what_fits(new, kept[name])
            weights[name] = made(new)
        aside = {name: entry for name, entry in self.aside.items() if name not in OUTPUT_WEIGHTS}
        return replace(self, weights=weights, output=output, aside=aside)

    def resized(
        self,
        *,
        m: int | None = None,
        n: int | None = None,
        k: int | None = None,
        projected: bool | None = None,
        initialisation: str = "xavier",
        seed: int = 0,
    ) -> Document:
        """Return the document with other sizes: what still fits is kept, the rest is filled.

        Columns of W keep to their block (x_t or h_{t-1}) when the other block changes. New weights come from
        the initialisation; new entries of x, h0 and c0 are 0. Unprojected, n becomes k. A projection that is
        new is identity-like, so that unlinking alone changes no result.

        Raises DocumentError for a size out of bounds.
        """
        k = self.k if k is None else k
        projected = self.projected if projected is None else projected
        sizes = {
            "m": self.m if m is None else m,
            "k": k,
            "n": (self.n if n is None else n) if projected else k,
        }
        for name, value in sizes.items():
            check_size(name, value)
        if self.has_output:
            sizes["p"] = self.sizes["p"]
        cell = CELLS[self.cell_name](projected, self.order, self.output if self.has_output else None)
        weights = filled(cell, sizes, self.weights, self.sizes, initialisation, seed)
        inputs = {"x": np.zeros((len(self.x), sizes["m"])), "h0": np.zeros(sizes["n"]), "c0": np.zeros(k)}
        for name, new in inputs.items():
            keep_what_fits(new, getattr(self, name))
        sizes.pop("p", None)
        return replace(self, **sizes, weights=weights, **inputs)  # type: ignore[arg-type]

    def _projected_again(self) -> Document:
        """Return the document with the projection that was set aside, its n, and what was set aside with it."""
        cell = CELLS[self.cell_name](True, self.order, self.output if self.has_output else None)
        sizes = {**self.sizes, "n": len(self.aside["W_hr"].numbers)}
        weights = filled(cell, sizes, self.weights, self.sizes, "xavier", 0, self.aside)
        h0 = np.zeros(sizes["n"])
        for kept in (self.aside["h0"].numbers, self.h0):
            keep_what_fits(h0, kept)
        projected = replace(self, n=sizes["n"], weights=weights, h0=h0)
        aside = {name: entry for name, entry in self._set_aside(weights).items() if name not in ("W_hr", "h0")}
        return replace(projected, aside=aside)

    def _set_aside(self, weights: Mapping[str, Matrix]) -> dict[str, Aside]:
        """Return what is aside when others take the place of these weights."""
        aside = {**self.aside, **set_aside(self.cell, self.sizes, self.weights, weights)}
        return {name: entry for name, entry in aside.items() if loses(entry.numbers, weights.get(name))}


def blank(
    m: int = 3, n: int = 3, k: int = 3, initialisation: str = "xavier", seed: int = 0, cell_name: str = "lstm"
) -> Document:
    """Return a new document with fresh weights, one step of inputs and a zero state."""
    sizes = {"m": m, "n": n, "k": k}
    for name, size in sizes.items():
        check_size(name, size)
    cell = CELLS[cell_name](n != k, "x,h", None)
    weights = filled(cell, sizes, {}, {}, initialisation, seed)
    x, h0, c0 = np.zeros((1, m)), np.zeros(n), np.zeros(k)
    return Document(m=m, n=n, k=k, weights=weights, x=x, h0=h0, c0=c0, cell_name=cell_name)


def refilled(document: Document, initialisation: str, seed: int = 0, only: frozenset[str] | None = None) -> Document:
    """Return the document with every weight, or those named in `only`, filled afresh."""
    weights = dict(document.weights)
    for item in document.cell.parameters:
        if only is None or item.name in only:
            shape, blocks = weights[item.name].shape, blocks_of(item, document.sizes)
            weights[item.name] = made(fresh(initialisation, item.name, shape, blocks, seed))
    return replace(document, weights=weights)


def output_size(weights: Mapping[str, Any]) -> int:
    """Return p, the length of b_y or else of W_y, and 1 where neither tells."""
    return _length(weights.get("b_y")) or _length(weights.get("W_y")) or 1


def _length(value: object) -> int:
    try:
        return len(value)  # type: ignore[arg-type]  # what has no length is caught
    except TypeError:
        return 0


def brief(value: object) -> str:
    """Return what was found as a file writes it, short enough for a sentence: null, "text", a list of 3."""
    if value is None:
        return "null"
    if isinstance(value, Mapping):
        return "an object"
    if isinstance(value, list):
        return f"a list of {len(value)}"
    text = json.dumps(value, ensure_ascii=False, default=repr)
    return text if len(text) <= 40 else text[:37] + "…"


def check_size(name: str, value: object) -> None:
    """Raise DocumentError unless a size is a whole number from 1 to LARGEST_SIZE."""
    if isinstance(value, bool) or not isinstance(value, int) or not 1 <= value <= LARGEST_SIZE:
        raise DocumentError(f"{name}: expected a whole number from 1 to {LARGEST_SIZE}, found {brief(value)}")


def _check_seed(key: str, value: object) -> None:
    """Raise DocumentError unless a seed is None or a whole number from 0 to LARGEST_SEED."""
    whole = isinstance(value, int) and not isinstance(value, bool)
    if value is not None and not (whole and 0 <= value <= LARGEST_SEED):  # type: ignore[operator]  # it is whole
        raise DocumentError(
            f"{key}: expected a whole number from 0 to {LARGEST_SEED}, or null for gates that are not drawn at random, "
            f"found {brief(value)}"
        )


def _check_notes(notes: object) -> None:
    """Raise DocumentError unless notes are texts by name."""
    if not isinstance(notes, Mapping):
        raise DocumentError(f"notes: expected an object with a sentence for each operation, found {brief(notes)}")
    for name, note in notes.items():
        if not isinstance(note, str):
            key = brief(name).strip('"')
            raise DocumentError(f"notes.{key}: expected a text, found {brief(note)}")


def expected_shape(shape: tuple[int, ...], symbols: Shape) -> str:
    """Return the shape that an array must have, for an error: "expected 3×6 (k×(m+n))"."""
    return f"expected {'×'.join(map(str, shape)) if len(shape) > 1 else f'{shape[0]} numbers'} ({shape_text(symbols)})"


def checked_array(key: str, value: ArrayLike | None, shape: tuple[int, ...], symbols: Shape) -> Matrix:
    """Return a read-only float64 array of the shape; raise DocumentError naming the key otherwise."""
    expected = expected_shape(shape, symbols)
    if value is None:
        raise DocumentError(f"{key}: {expected}, found nothing; add it")
    known = known_arrays.get(id(value))
    if known is value and not known.flags.writeable:
        array = known
    else:
        try:
            array = np.array(value, dtype=np.float64)
        except (TypeError, ValueError, OverflowError):
            raise DocumentError(f"{key}: {expected}, found something that is not a block of numbers") from None
        array.flags.writeable = False
    if array.shape != shape:
        found = "×".join(map(str, array.shape)) if array.ndim > 1 else f"{array.size} numbers"
        raise DocumentError(f"{key}: {expected}, found {found}")
    # NaN is on neither side; and looking at the extremes alone needs no second array as large.
    if array is not known and array.size and not (array.min() >= -LARGEST and array.max() <= LARGEST):
        where = tuple(int(axis) for axis in np.argwhere(~(np.abs(array) <= LARGEST))[0])
        raise DocumentError(
            f"{key}[{']['.join(map(str, where))}]: expected a number between −10¹⁰⁰ and 10¹⁰⁰, found "
            f"{in_full(array[where])}; {key} has the shape {'×'.join(map(str, shape))}"
        )
    known_arrays[id(array)] = array
    return array
