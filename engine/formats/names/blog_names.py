"""Finds the weights of cells by the names that this program and courses give them: W_f or Wf, b_f or bf.

One matrix for each gate, k×(m+n), reads x and h together; in which order its columns stand is said by the file, by
whoever reads it, or taken as [x, h]. It may also be in two halves: W_f and U_f, or W_xf and W_hf. Several layers are
named "layer1.W_f", "layer2_reverse.W_f".
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from math import prod

import numpy as np

from ...cell.cells import CELLS
from ...cell.graph import Shape
from ...document.document import LARGEST_SIZE
from ...text.listed import listed
from ..found import Array, FoundLayer, Mapped, NetworkFileError, Told, check_shape, check_sizes
from .halves import Half, Halves, halves
from .stored import Stored, check_amount

_NAME = re.compile(
    r"(?:(?P<stack>.+?)[./])??(?:layer(?P<layer>\d{1,3})(?P<reverse>_reverse)?[./])?"
    r"(?P<kind>[WUbp])_?(?:(?P<of>[xh])_?)?(?P<letter>[fiocgruzhxny])",
    re.DOTALL | re.IGNORECASE,
)
_STACKED = re.compile(r"W_?ih", re.IGNORECASE)
_LETTERS = {"c": "C", "g": "C", "z": "u"}
_READOUT = "y"
_ONE_MATRIX_GRU = {"r", "u", "h"}


@dataclass
class _Weights:
    """The arrays of one layer by this program's names, and what the file calls each."""

    name: str
    layer: int
    reverse: bool
    stored: dict[str, Stored] = field(default_factory=dict)
    written: dict[str, str] = field(default_factory=dict)
    seconds: dict[str, Half] = field(default_factory=dict)
    """The halves of matrices that read h, by the name of the whole."""
    firsts: set[str] = field(default_factory=set)
    """The wholes whose half in `stored` says in its name that it reads x."""
    halves: dict[str, Halves] = field(default_factory=dict)

    @property
    def names(self) -> list[str]:
        """What the file calls all of them."""
        return [*self.written.values(), *(half.name for half in self.seconds.values())]


@dataclass(frozen=True)
class BlogLayers:
    """The layers that were found, W_y and b_y where they are there, and the names of what was used.

    halves: those of the first matrix that was in two, None if none was.
    """

    layers: tuple[FoundLayer, ...]
    readout: tuple[Array, Array] | None
    used: frozenset[str]
    halves: Halves | None


def blog_layers(arrays: Mapping[str, Stored], told: Told, most: int) -> BlogLayers:
    """Return the cells whose weights are among arrays, with the columns of every W turned to [x, h].

    told: `order` is that of the file's columns; "" is [x, h]. most: bytes that they can have. Raises NetworkFileError
    where there is none, or where names or shapes do not fit each other.
    """
    if stacked := [name for name in arrays if _STACKED.fullmatch(name)]:
        raise NetworkFileError(
            f"{stacked[0][:40]} is named almost as torch does; if it stacks the gates in torch's order (i, f, g, o), "
            "name it weight_ih_l0, and the others weight_hh_l0, bias_ih_l0 and bias_hh_l0."
        )
    groups, readout = _groups(arrays)
    used = {name: arrays[name] for group in groups for name in group.names}
    used |= {name: arrays[name] for name in readout.values()}
    if not groups:
        raise NetworkFileError(
            f"no weights of a cell were found: W_f or Wf, b_f or bf and so on were expected, found "
            f"{listed([name[:40] for name in arrays][:8] or ['nothing'])}; name them so, or as torch does "
            "(weight_ih_l0)."
        )
    check_amount(used, most)
    for name, each in used.items():
        each.check_numbers(name)
    order = told.order or "x,h"
    for group in groups:
        _join(group, order)
    layers = tuple(_layer(group, order) for group in groups)
    joined = [each for group in groups for each in group.halves.values()]
    return BlogLayers(
        layers,
        _read_readout(arrays, readout, layers[-1]),
        frozenset(used),
        max(joined, key=lambda each: each.guessed, default=None),
    )


def _groups(arrays: Mapping[str, Stored]) -> tuple[list[_Weights], dict[str, str]]:
    groups: dict[tuple[str, int, bool], _Weights] = {}
    readout: dict[str, str] = {}
    matches = {name: found for name in arrays if (found := _NAME.fullmatch(name))}
    of_r = any((found["of"], found["letter"]) in (("x", "r"), ("X", "R")) for found in matches.values())
    for name, found in matches.items():
        written, kind, of = found["letter"].lower(), found["kind"].upper(), (found["of"] or "").lower()
        letter = "hr" if (kind, of, written) == ("W", "h", "r") and not of_r else _LETTERS.get(written, written)
        ours = f"{'W' if kind in 'WU' else kind.lower()}_{letter}"
        key = found["stack"] or "", int(found["layer"] or 1) - 1, bool(found["reverse"])
        if of and kind in "BP" and letter != _READOUT:
            raise NetworkFileError(f"{name} is not known here; add up all biases of a gate, and name their sum {ours}.")
        group = groups.setdefault(key, _Weights(*key)) if letter != _READOUT else None
        if group is not None and letter != "hr" and (kind == "U" or of == "h"):
            if ours in group.seconds:
                raise NetworkFileError(f"{group.seconds[ours].name} and {name} are the same; leave one of them out.")
            group.seconds[ours] = Half(name, arrays[name])
            continue
        if group is not None and of == "x":
            group.firsts.add(ours)
        taken = readout if group is None else group.written
        if ours in taken:
            raise NetworkFileError(f"{taken[ours]} and {name} are both {ours}; leave one of them out.")
        taken[ours] = name
        if group is not None:
            group.stored[ours] = arrays[name]
    return sorted(groups.values(), key=lambda each: (each.name, each.layer, each.reverse)), readout


def _join(group: _Weights, order: str) -> None:
    """Put the two halves of each matrix that has two side by side, in this order."""
    projection = group.stored.get("W_hr")
    n = projection.shape[0] if projection is not None and projection.shape else None
    if missing := sorted(group.firsts - group.seconds.keys()):
        raise NetworkFileError(f"there is no matrix of h beside {group.written[missing[0]]}; add it.")
    for name, second in group.seconds.items():
        if name not in group.stored:
            raise NetworkFileError(
                f"there is no matrix of x beside {second.name}; add it, named W_x{name[2:].lower()}."
            )
        first = Half(group.written[name], group.stored[name])
        group.halves[name] = halves(first, second, n, may_swap=name not in group.firsts)
        group.stored[name] = group.halves[name].joined(order)


def _layer(group: _Weights, order: str) -> FoundLayer:
    cell = _cell(group)
    matrices = {name: each for name, each in group.stored.items() if name.startswith("W_")}
    for name, each in matrices.items():
        if len(each.shape) != 2:
            raise NetworkFileError(f"{group.written[name]} should be a matrix, but is {each.shape_words}; correct it.")
    declared = CELLS[cell]("W_hr" in matrices, "x,h", None)
    joined = next(item.name for item in declared.parameters if item.shape[-1] == "m+n")
    if joined not in matrices:
        raise NetworkFileError(f"there is no {joined} beside {next(iter(group.written.values()))}; add it.")
    k, width = matrices[joined].shape
    n = matrices["W_hr"].shape[0] if "W_hr" in matrices else k
    if width <= n:
        bias = group.stored.get(f"b_{joined[2:]}")
        turned = bias is not None and prod(bias.shape) == width < k
        what = f"transpose it to {width}×{k}" if turned else "add the matrix of h, or transpose it"
        raise NetworkFileError(
            f"{group.written[joined]} is {k}×{width}, but k×(m+n) was expected, a row for each number of the state and "
            f"more columns than h has numbers; {what}."
        )
    m = width - n
    sizes = {"m": m, "n": n, "k": k}
    check_sizes(group.written[joined], sizes)
    for item in declared.parameters:
        _check_stored(item.name, item.shape, group, sizes)
    weights = {name: _weight(name, each.read(), (m, n), order) for name, each in group.stored.items()}
    mapped = [Mapped(name, _words(name, group, order, (m, n))) for name in weights]
    if not any(name.startswith("b_") for name in weights):
        biases = [item for item in declared.parameters if item.name.startswith("b_")]
        weights |= {item.name: np.zeros(k if item.shape == ("k",) else n) for item in biases}
        mapped += [Mapped(item.name, "0: the file has no biases") for item in biases]
    return FoundLayer(group.name, cell, m, n, k, weights, group.layer, group.reverse, tuple(mapped), order)


def _check_stored(name: str, shape: Shape, group: _Weights, sizes: Mapping[str, int]) -> None:
    """Raise NetworkFileError, before anything is read, unless a weight has its shape; a bias may be k×1."""
    stored = group.stored.get(name)
    if stored is None and name.startswith("b_") and not any(other.startswith("b_") for other in group.stored):
        return
    found = None if stored is None else stored.shape
    if found is not None and len(shape) == 1 and len(found) == 2 and 1 in found:
        found = (prod(found),)
    check_shape(group.written.get(name, name), found, shape, sizes)


def _cell(group: _Weights) -> str:
    """Return which cell has these weights: all of them, or at least its letters."""
    found = group.stored.keys() - {"W_hr"}
    letters = {name[2:] for name in found if name[0] in "Wb"}
    if letters == _ONE_MATRIX_GRU:
        raise NetworkFileError(
            "its GRU has one matrix W_h for x and r ∘ h, and whether z = 1 keeps h or replaces it is not known; split "
            "W_h into W_x and W_n, name b_h b_x, and name z u if it keeps h, and it is read as the GRU of 2014."
        )
    weights = {name: {item.name for item in make(False, "x,h", None).parameters} for name, make in CELLS.items()}
    peepholes = {name for name in found if name.startswith("p_")}
    for name, declared in weights.items():
        if declared == found:
            return name
    for name, declared in weights.items():
        same = {weight[2:] for weight in declared if weight[0] in "Wb"} == letters
        if same and bool(peepholes) == any(weight.startswith("p_") for weight in declared):
            return name
    raise NetworkFileError(
        f"{listed(sorted(group.names)[:8])} are the weights of no cell: an LSTM has W_f, W_i, W_C and W_o, "
        "a GRU W_r, W_u, W_x and W_n, a plain RNN W_h; add what is missing."
    )


def _weight(name: str, array: Array, sizes: tuple[int, int], order: str) -> Array:
    """Return a weight in its shape here: columns [x, h]; a bias or peephole that is k×1 as k numbers."""
    m, n = sizes
    if array.ndim == 2 and not name.startswith("W_") and 1 in array.shape:
        return array.reshape(-1)
    is_joined = array.ndim == 2 and array.shape[1] == m + n
    return np.roll(array, -n, axis=1) if is_joined and order == "h,x" and name != "W_hr" else array


def _words(name: str, group: _Weights, order: str, sizes: tuple[int, int]) -> str:
    m, n = sizes
    if name in group.halves:
        return f"{group.halves[name].words}, side by side"
    written, stored = group.written[name], group.stored[name]
    if len(stored.shape) == 2 and stored.shape[1] == m + n and name != "W_hr":
        parts = (("x", m), ("h", n)) if order == "x,h" else (("h", n), ("x", m))
        (first, width), (second, _) = parts
        return f"{written}, {_columns(1, width)} read {first}, {_columns(width + 1, m + n)} read {second}"
    return f"{written}, {stored.shape_words}" if len(stored.shape) == 2 else written


def _columns(first: int, last: int) -> str:
    return f"column {first}" if first == last else f"columns {first}–{last}"


def _read_readout(
    arrays: Mapping[str, Stored], names: Mapping[str, str], last: FoundLayer
) -> tuple[Array, Array] | None:
    if "W_y" not in names:
        return None
    shape = arrays[names["W_y"]].shape
    if len(shape) != 2 or shape[1] != last.n or not 0 < shape[0] <= LARGEST_SIZE:
        raise NetworkFileError(
            f"{names['W_y']} should have {last.n} columns, one for each number of h, and at most {LARGEST_SIZE:,} "
            f"rows, but is {arrays[names['W_y']].shape_words}; correct it, or leave it out."
        )
    if "b_y" in names and prod(arrays[names["b_y"]].shape) != shape[0]:
        raise NetworkFileError(
            f"{names['b_y']} should have {shape[0]} numbers, one for each row of {names['W_y']}; correct it."
        )
    W = arrays[names["W_y"]].read()
    b = arrays[names["b_y"]].read().reshape(-1) if "b_y" in names else np.zeros(len(W))
    if not (np.isfinite(W).all() and np.isfinite(b).all()):
        raise NetworkFileError("W_y or b_y holds NaN or an infinite number; correct it, or leave the output out.")
    return W, b
