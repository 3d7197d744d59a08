"""Weights that a network of torch computes from others, which alone are in its file: weight_norm and spectral_norm.

weight_norm (https://arxiv.org/abs/1602.07868) is g · v / ‖v‖, with the norm of each row where g has a number for each,
as usual, or over another axis, or over all. spectral_norm (https://arxiv.org/abs/1802.05957) is V / (uᵀ V w): u and w
are the singular vectors as far as torch has found them, which are in the file as well. torch names the parts in one way
in `torch.nn.utils`, and in another in its `parametrizations`.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from functools import partial

import numpy as np

from ...text.listed import listed
from ..found import Array
from .stored import FULL, HALF, Stored

Shape = tuple[int, ...]

_NEW = re.compile(r"(?P<before>(?:.+\.)??)parametrizations\.(?P<name>[^.]+)\.(?P<part>.+)", re.DOTALL)
_OLD = re.compile(r"(?P<name>(?:.+\.)?(?:weight|bias)[^.]*)_(?P<part>g|v|u|orig)", re.DOTALL)
_RECURRENT = re.compile(r"(?:.+\.)?(?:weight_(?:ih|hh|hr)|bias_[ih]h)(?:_l\d{1,3}(?:_reverse)?)?", re.DOTALL)
"""What the arrays of a recurrent layer are called."""
_NAMED = 4


@dataclass(frozen=True)
class _Way:
    """How a weight is computed: from which parts, as torch names them, with which formula.

    matrix: the number of the part that has the weight's shape. fits: whether parts of these shapes can be such ones.
    compute: returns the weight, given the parts in double precision.
    """

    title: str
    formula: str
    parts: tuple[str, ...]
    matrix: int
    fits: Callable[..., bool]
    compute: Callable[..., Array]


def _are_norm_and_direction(g: Shape, v: Shape) -> bool:
    of_one_axis = [tuple(size if at == axis else 1 for at, size in enumerate(v)) for axis in range(len(v))]
    return g in [(), *of_one_axis] and all(v)


def _weight_norm(g: Array, v: Array) -> Array:
    axes = tuple(at for at in range(v.ndim) if g.ndim == 0 or g.shape[at] == 1)
    norm: Array = np.sqrt(np.square(v).sum(axis=axes, keepdims=True))
    return g * (v / norm)


def _are_matrix_and_vectors(matrix: Shape, left: Shape, right: Shape) -> bool:
    return len(matrix) == 2 and all(matrix) and (left, right) == (matrix[:1], matrix[1:])


def _spectral_norm(matrix: Array, left: Array, right: Array) -> Array:
    return np.divide(matrix, left @ matrix @ right)


_NORM = partial(_Way, "weight_norm", "g · v / ‖v‖", matrix=1, fits=_are_norm_and_direction, compute=_weight_norm)
_SPECTRAL = partial(
    _Way,
    "spectral_norm",
    "the matrix that was learnt, divided by its largest singular value",
    matrix=0,
    fits=_are_matrix_and_vectors,
    compute=_spectral_norm,
)
_WAYS = (
    _NORM(parts=("original0", "original1")),
    _NORM(parts=("g", "v")),
    _SPECTRAL(parts=("original", "0._u", "0._v")),
    _SPECTRAL(parts=("orig", "u", "v")),
)


@dataclass(frozen=True)
class Whole:
    """All arrays of a file, with each weight that can be computed in place of what it is computed from.

    unknown: weights of recurrent layers that are computed in another way. notes: a sentence for each way that was used.
    """

    arrays: dict[str, Stored]
    unknown: frozenset[str]
    notes: list[str]


def whole_weights(arrays: Mapping[str, Stored]) -> Whole:
    """Return the arrays of a file, every weight that can be computed where the first of its parts stands."""
    parts: dict[str, dict[str, str]] = {}
    for name in arrays:
        of, part = _part(name)
        if of and of not in arrays:
            parts.setdefault(of, {})[part] = name
    ways = {of: way for of, names in parts.items() if (way := _way(names, arrays))}
    whole: dict[str, Stored] = {}
    for name, stored in arrays.items():
        of, _ = _part(name)
        if of not in ways:
            whole[name] = stored
        elif of not in whole:
            whole[of] = _computed(ways[of], [arrays[parts[of][part]] for part in ways[of].parts])
    unknown = frozenset(of for of in parts if of not in ways and _RECURRENT.fullmatch(of))
    return Whole(whole, unknown, _notes(ways))


def is_part_of_layer(name: str) -> bool:
    """Return whether an array of this name is one that a weight of a recurrent layer is computed from."""
    return _RECURRENT.fullmatch(_part(name)[0]) is not None


def _part(name: str) -> tuple[str, str]:
    """Return the weight that an array of this name belongs to, and as which part; "" where it is none."""
    found = _NEW.fullmatch(name)
    if found:
        return f"{found['before']}{found['name']}", found["part"]
    found = _OLD.fullmatch(name)
    return (found["name"], found["part"]) if found else ("", "")


def _way(names: Mapping[str, str], arrays: Mapping[str, Stored]) -> _Way | None:
    """Return how a weight is computed from parts; names: of their arrays, by part."""
    are_real = all(arrays[name].dtype in FULL or arrays[name].dtype in HALF for name in names.values())
    for way in _WAYS if are_real else ():
        if names.keys() == set(way.parts) and way.fits(*(arrays[names[part]].shape for part in way.parts)):
            return way
    return None


def _computed(way: _Way, parts: Sequence[Stored]) -> Stored:
    matrix = parts[way.matrix]

    def read() -> Array:
        numbers = [part.read() for part in parts]
        with np.errstate(all="ignore"):  # what is not finite is refused
            whole = way.compute(*(each.astype(np.float64) for each in numbers))
            return whole.astype(numbers[way.matrix].dtype)

    return Stored(matrix.shape, matrix.dtype, read)


def _notes(ways: Mapping[str, _Way]) -> list[str]:
    """Return a sentence for each way: "weight_hh_l0 is computed as weight_norm does: g · v / ‖v‖"."""
    by_title: dict[str, list[str]] = {}
    formulas = {way.title: way.formula for way in ways.values()}
    for of, way in ways.items():
        by_title.setdefault(way.title, []).append(of)
    notes = []
    for title, names in by_title.items():
        shown = [*names[:_NAMED], "others"] if len(names) > _NAMED + 1 else names
        verb = "is" if len(names) == 1 else "are"
        notes.append(f"{listed(shown)} {verb} computed as {title} does: {formulas[title]}")
    return notes
