"""The heatmaps of a cell, and the values of their first and last colours."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from engine.cell.cell import Cell
from engine.cell.cells import CELLS
from engine.explain.value_names import names_of
from engine.runs.snapshot import shown_values
from engine.text.numbers import grouped
from gui.appearance.colour_maps import SHARE, Limits, extremes, largest_size, lasting_limits

Values = Mapping[str, NDArray[np.floating]]

FIXED, PER_MAP, PER_LAYER = "fixed", "map", "layer"
RANGES = {FIXED: "fixed", PER_MAP: "per map", PER_LAYER: "per layer"}
"""The words for what the user can choose."""
_FLAT = 1e-6
"""Values that differ by less have no range of their own."""


@dataclass(frozen=True)
class MapSpec:
    """One heatmap: the short name of its values, their names, their role, whether they are between 0 and 1."""

    name: str
    names: tuple[str, str, str]
    """From long to short: "forget gate f", "forget f", "f"."""
    role: str
    gate: bool

    @property
    def words(self) -> str:
        """The name of its values."""
        return self.names[0]

    @property
    def gate_role(self) -> str | None:
        """The role whose colours run from 0 to 1; None for values of either sign."""
        return self.role if self.gate else None

    @property
    def kind(self) -> str:
        """What it can be compared with: gates; results of tanh; the cell state, which may be much larger."""
        return "gate" if self.gate else "state" if self.role == "cell" else "squashed"


def maps_of(cell: Cell) -> dict[str, MapSpec]:
    """Return a cell's heatmaps by short name: gates and candidate as they are computed, then the carried values."""
    carried = set(cell.carried.values())
    pairs = sorted(shown_values(cell).items(), key=lambda pair: pair[1] in carried)
    maps = {}
    for short, name in pairs:
        operation = cell.operation(name)
        maps[short] = MapSpec(short, names_of(operation), operation.role, operation.kind.is_share)
    return maps


MAPS = maps_of(CELLS["lstm"]())
"""The maps of an LSTM."""


class Ranges:
    """The values of each map's first and last colour, by the user's choice.

    Fixed: gates 0 to 1, others ±1, or ± the largest so far if that is more. Per map: a gate from its least to its
    largest value, others ± their largest. Per layer: the same, with one range for all maps of a kind.
    """

    def __init__(self) -> None:
        self.choice = FIXED
        self._largest: dict[str, float] = {}

    def clear(self) -> None:
        """Forget the largest values, for another run."""
        self._largest = {}

    def limits(self, maps: Mapping[str, MapSpec], values: Values) -> dict[str, Limits]:
        """Return the limits of the maps of one layer, (T, units) each; values that are not finite are left out."""
        if self.choice == FIXED:
            return {name: self._fixed(spec, values[name]) for name, spec in maps.items()}
        found = {name: extremes(values[name]) for name in maps}
        if self.choice == PER_LAYER:
            kinds = {name: spec.kind for name, spec in maps.items()}
            for kind in set(kinds.values()):
                same = [name for name in maps if kinds[name] == kind]
                lows, highs = zip(*(found[name] for name in same), strict=True)
                found |= dict.fromkeys(same, (min(lows), max(highs)))
        return {name: _own_limits(spec, *found[name]) for name, spec in maps.items()}

    def _fixed(self, spec: MapSpec, values: NDArray[np.floating]) -> Limits:
        if spec.gate:
            return SHARE
        largest = max(self._largest.get(spec.name, 0.0), largest_size(values))
        self._largest[spec.name] = largest
        return lasting_limits(largest)


def range_words(spec: MapSpec, limits: Limits) -> str:
    """Return a map's limits in words: "0 … 1", "0.12 … 0.87", "±1"."""
    low, high = limits
    if not spec.gate:
        return f"±{grouped(high)}"
    if limits == SHARE:
        return "0 … 1"
    decimals = _decimals(high - low)
    return f"{low:.{decimals}f} … {high:.{decimals}f}"


def _own_limits(spec: MapSpec, low: float, high: float) -> Limits:
    """Return limits around values, rounded outwards to two digits, so that their words are short and seldom change."""
    if not spec.gate:
        most = max(high, -low)
        if most < _FLAT:
            return -1.0, 1.0
        step = 10.0 ** -_decimals(most)
        limit = float(np.ceil(most / step - _FLAT) * step)
        return -limit, limit
    if not high - low > _FLAT:
        return SHARE
    step = 10.0 ** -_decimals(high - low)
    return max(0.0, float(np.floor(low / step + _FLAT) * step)), min(1.0, float(np.ceil(high / step - _FLAT) * step))


def _decimals(size: float) -> int:
    """Return how many decimals show two digits of a size below 1; 0 from 10 on."""
    return max(0, 1 - int(np.floor(np.log10(size) + _FLAT)))
