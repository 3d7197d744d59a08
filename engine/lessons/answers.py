"""The right answer to a question of a lesson, computed from the numbers of the moment, and whether one given fits."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from ..cell.graph import Array
from ..document.document import Document, DocumentError
from ..document.tracing import trace_document
from ..errors import did_you_mean
from ..text.matrix_text import readings_of_block
from ..text.number_text import NumberTextError
from ..text.numbers import short
from .lesson import LessonError

_EXPRESSION = re.compile(
    r"(?P<shape>shape\s+)?(?P<name>[^\W\d][\w~]*)(?:\[(?P<entry>\d+)\])?(?:\s+t\s*=\s*(?P<t>\d+))?"
    r"(?:\s+if\s+(?P<held>[^\W\d][\w~]*)\s*=\s*(?P<value>.+))?"
)
_SIGNS = str.maketrans({"−": "-", "x": "×", "X": "×", "*": "×"})
_DECIMALS = re.compile(r"\d+(?:\.(\d*))?")
"""Each number of a text, with its decimals."""
_SHOWN = 0.006
"""What somebody who reads two decimals may be off by."""


@dataclass(frozen=True)
class Expression:
    """What is computed: the value, the shape or an entry of `name`, at time step t, where another value is held.

    entry, t: from 1; None for all entries, and for the last time step. held: the name of a value that is held at
    `value` in every time step; "" where none is.
    """

    name: str
    is_shape: bool = False
    entry: int | None = None
    t: int | None = None
    held: str = ""
    value: str = ""


def expression(text: str) -> Expression:
    """Return what "C_t", "shape W_f", "f_t[2] t=3" or "C_t if f_t = 0" means; raise LessonError for another text."""
    found = _EXPRESSION.fullmatch(text.strip())
    if found is None:
        raise LessonError(f"“{text}” cannot be computed; write a name, such as C_t, shape W_f or C_t if f_t = 0")
    entry, t = (None if found[part] is None else int(found[part]) for part in ("entry", "t"))
    return Expression(
        found["name"], bool(found["shape"]), entry, t, found["held"] or "", (found["value"] or "").strip()
    )


def answer_of(text: str, document: Document) -> str:
    """Return the answer that an expression has for a document, as a person reads it; raise LessonError where none."""
    wanted = expression(text)
    found = _computed(wanted, document)
    if wanted.is_shape:
        return "×".join(map(str, found.shape if found.ndim > 1 else (*found.shape, 1)))
    if found.ndim == 0:
        return short(float(found))
    rows = np.atleast_2d(found)
    lines = ["[" + ", ".join(short(float(entry)) for entry in row) + "]" for row in rows]
    return lines[0] if found.ndim < 2 else "[" + ", ".join(lines) + "]"


def check_number(words: str, text: str, document: Document) -> None:
    """Raise LessonError where the numbers that a text gives are not, to their last digit, those of an expression.

    words: what the text says, such as "[0.5, 0.88]" or "3×6"; text: the expression.
    """
    wanted = expression(text)
    right = answer_of(text, document)
    if wanted.is_shape:
        same = _plain(words) == _plain(right)
    else:
        given, found = _block(words), _computed(wanted, document)
        same = given is not None and given.size == found.size
        if same and given is not None:
            last = [0.5 * 10.0 ** -len(decimals) for decimals in _DECIMALS.findall(words)]
            same = len(last) == given.size and bool((abs(given.ravel() - found.ravel()) <= np.array(last) + 1e-9).all())
    if not same:
        raise LessonError(f"The text says “{words}”, but {text} is {right}; correct one of them")


def _computed(wanted: Expression, document: Document) -> NDArray[np.float64]:
    """Return the value, or the entry, that is wanted; raise LessonError where there is none."""
    cell = document.cell
    names = [*cell.shapes]
    for name in filter(None, (wanted.name, wanted.held)):
        if name not in names:
            raise LessonError(f"This cell has no {name}{did_you_mean(name, names)}")
    steps = len(document.x)
    if wanted.t is not None and not 1 <= wanted.t <= steps:
        raise LessonError(f"There is no time step {wanted.t}; choose one from 1 to {steps}")
    try:
        values = _values(wanted, document)
    except (DocumentError, NumberTextError) as error:
        raise LessonError(str(error)) from error
    found = np.asarray(values[wanted.name], dtype=np.float64)
    if wanted.entry is None or wanted.is_shape:
        return found
    if found.ndim != 1 or not 1 <= wanted.entry <= len(found):
        raise LessonError(f"{wanted.name} has no entry {wanted.entry}; choose one from 1 to {len(found)}")
    return np.asarray(found[wanted.entry - 1])


def _values(wanted: Expression, document: Document) -> Mapping[str, Array]:
    """Return the values and parameters of a time step by name."""
    trace = trace_document(document)
    t = len(trace.steps) - 1 if wanted.t is None else wanted.t - 1
    if not wanted.held:
        return {**trace.parameters, **trace.steps[t]}
    cell, parameters = trace.cell, dict(trace.parameters)
    shape = np.shape(trace.value(0, wanted.held))
    block = readings_of_block(wanted.value)[0]
    if block.size not in (1, int(np.prod(shape))):
        raise LessonError(f"{wanted.held} has {int(np.prod(shape))} entries; write one number or all of them")
    held = np.broadcast_to(block.ravel(), shape) if block.size == 1 else block.reshape(shape)
    if wanted.held in parameters:
        parameters[wanted.held] = held
    state: dict[str, Array] = {}
    values: dict[str, Array] = {}
    for step in trace.steps[: t + 1]:
        values = {item.name: state.get(item.name, step[item.name]) for item in cell.inputs}
        if wanted.held in values:
            values[wanted.held] = held
        for operation in cell.operations:
            arguments = (parameters[name] if name in parameters else values[name] for name in operation.inputs)
            is_held = operation.name == wanted.held
            values[operation.name] = held if is_held else operation.kind.forward(*arguments)
        state = {name: values[source] for name, source in cell.carried.items()}
    return {**parameters, **values}


def fits(given: str, right: str) -> bool:
    """Return whether an answer that was typed is the right one: the same words, shape or numbers as far as shown."""
    mine, its = _plain(given), _plain(right)
    if mine == its:
        return bool(mine)
    mine_block, its_block = _block(given), _block(right)
    if mine_block is None or its_block is None or mine_block.size != its_block.size:
        return False
    return bool(np.allclose(mine_block.ravel(), its_block.ravel(), rtol=0.01, atol=_SHOWN))


def _plain(text: str) -> str:
    """Return a text without what does not matter: case, spaces, how × is written, the full stop."""
    plain = text.casefold().translate(_SIGNS).replace(" by ", "×").strip().rstrip(".")
    return re.sub(r"\s+", " " if re.search(r"[^\W\d_]{2}", plain) else "", plain)


def _block(text: str) -> NDArray[np.float64] | None:
    if not text.strip() or len(text) > 1000:
        return None
    try:
        return readings_of_block(text)[0]
    except NumberTextError:
        return None
