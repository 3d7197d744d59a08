"""Which heatmaps a cell has, and which values their first and last colours stand for."""

from __future__ import annotations

import math
from collections.abc import Iterable, Mapping
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from engine.cell.cell import Cell, plain_symbol
from engine.cell.cells import CELLS
from engine.explain.value_names import VALUE_WORDS
from engine.runs.snapshot import shown_values
from gui.appearance.colour_maps import round_up

Values = Mapping[str, NDArray[np.floating]]
Limits = tuple[float, float]

FIXED, PER_MAP, PER_LAYER = "fixed", "map", "layer"
RANGES = {FIXED: "fixed", PER_MAP: "per map", PER_LAYER: "per layer"}
"""What the user may choose between, with its words."""
_FLAT = 1e-6
"""What differs by less has no range of its own."""


@dataclass(frozen=True)
class MapSpec:
    """One heatmap: the short name of its values, word and symbol, its colour's role, whether it is a gate (0 to 1)."""

    name: str
    word: str
    symbol: str
    role: str
    gate: bool

    @property
    def words(self) -> str:
        """Word and symbol: "forget f"."""
        return f"{self.word} {self.symbol}"

    @property
    def kind(self) -> str:
        """What it can be compared with: gates; what went through tanh; the cell state, which may be much larger."""
        return "gate" if self.gate else "state" if self.role == "cell" else "squashed"


def maps_of(cell: Cell) -> dict[str, MapSpec]:
    """Return a cell's heatmaps by short name: gates and candidate as they are computed, then what is carried over."""
    carried = set(cell.carried.values())
    pairs = sorted(shown_values(cell).items(), key=lambda pair: pair[1] in carried)
    maps = {}
    for short, name in pairs:
        operation = cell.operation(name)
        symbol = plain_symbol(operation).removesuffix("_t")
        word = VALUE_WORDS.get(short, operation.role)
        maps[short] = MapSpec(short, word, symbol, operation.role, operation.kind.is_share)
    return maps


MAPS = maps_of(CELLS["lstm"]())
"""The maps of an LSTM."""


class Ranges:
    """The values of each map's first and last colour, in the way chosen.

    fixed: gates 0 to 1, others ±1, or ± the largest so far where that is more. Per map: a gate from its least to its
    largest value, others ± their largest. Per layer: the same, with all maps of a kind together.
    """

    def __init__(self) -> None:
        self.choice = FIXED
        self._largest: dict[str, float] = {}

    def clear(self) -> None:
        """Forget the largest values: another run begins."""
        self._largest = {}

    def limits(self, maps: Mapping[str, MapSpec], values: Values) -> dict[str, Limits]:
        """Return the limits of the maps of one layer, (T, units) each; values that are not finite are left out."""
        if self.choice == FIXED:
            return {name: self._fixed(spec, values[name]) for name, spec in maps.items()}
        found = {name: _extremes(values[name]) for name in maps}
        if self.choice == PER_LAYER:
            kinds = {name: spec.kind for name, spec in maps.items()}
            common = {kind: _around(found[name] for name in maps if kinds[name] == kind) for kind in kinds.values()}
            found = {name: common[kinds[name]] for name in maps}
        return {name: _own_limits(spec, *found[name]) for name, spec in maps.items()}

    def _fixed(self, spec: MapSpec, values: NDArray[np.floating]) -> Limits:
        if spec.gate:
            return 0.0, 1.0
        limit = self._largest.get(spec.name, 1.0)
        low, high = _extremes(values)
        if max(high, -low) > limit:
            limit = self._largest[spec.name] = round_up(max(high, -low))
        return -limit, limit


def range_words(spec: MapSpec, limits: Limits) -> str:
    """Return a map's limits in words: "0 … 1", "0.12 … 0.87", "±1"."""
    low, high = limits
    if not spec.gate:
        return f"±{high:g}"
    if limits == (0.0, 1.0):
        return "0 … 1"
    decimals = _decimals(high - low)
    return f"{low:.{decimals}f} … {high:.{decimals}f}"


def _extremes(values: NDArray[np.floating]) -> Limits:
    """Return least and largest of what is finite; inf, -inf where nothing is."""
    low, high = float(values.min(initial=np.inf)), float(values.max(initial=-np.inf))
    if not (math.isfinite(low) and math.isfinite(high)):
        finite = values[np.isfinite(values)]
        low, high = float(finite.min(initial=np.inf)), float(finite.max(initial=-np.inf))
    return low, high


def _around(pairs: Iterable[Limits]) -> Limits:
    lows, highs = [np.inf], [-np.inf]
    for low, high in pairs:
        lows.append(low)
        highs.append(high)
    return min(lows), max(highs)


def _own_limits(spec: MapSpec, low: float, high: float) -> Limits:
    """Return limits around values, rounded outwards to two digits, so that their words are short and rest."""
    if not spec.gate:
        most = max(high, -low)
        if most < _FLAT:
            return -1.0, 1.0
        step = 10.0 ** -_decimals(most)
        limit = float(np.ceil(most / step - _FLAT) * step)
        return -limit, limit
    if not high - low > _FLAT:
        return 0.0, 1.0
    step = 10.0 ** -_decimals(high - low)
    return max(0.0, float(np.floor(low / step + _FLAT) * step)), min(1.0, float(np.ceil(high / step - _FLAT) * step))


def _decimals(size: float) -> int:
    """Return how many decimals show two digits of a size below 1; 0 from 10 on."""
    return max(0, 1 - int(np.floor(np.log10(size) + _FLAT)))
