"""The maps of a snapshot as pictures of so many pixels, with the unit behind each row."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field

import numpy as np
from numpy.typing import NDArray
from PySide6.QtCore import QRectF

from engine.runs.snapshot import Snapshot
from gui.appearance.colour_maps import MapImage, picture_of
from gui.appearance.theme import Theme
from gui.plots.gate_maps import MapSpec
from gui.views.live.scales import Scaling, scaled
from gui.views.live.sharing import places_of_row, row_of, shared, sharing

Values = NDArray[np.floating]


@dataclass(frozen=True)
class Wanted:
    """A map that is to be shown: of which layer (from 0) and value, in which order of units."""

    spec: MapSpec
    layer: int
    order: tuple[int, ...] = ()
    """The units from the top down, from 0; empty: as they are numbered."""


@dataclass(frozen=True, eq=False)
class Shown:
    """A map as it is drawn: values (T, units), its picture, the ends of its bar from the top and the words between."""

    wanted: Wanted
    values: Values
    picture: MapImage
    rows: int
    """How many rows of pixels there are at most."""
    ends: tuple[str, str]
    words: tuple[str, ...] = ()
    ordered: tuple[int, ...] = field(default=())

    @property
    def units(self) -> int:
        """How many units there are."""
        return int(self.values.shape[1])

    @property
    def together(self) -> int:
        """How many units share a row, at most."""
        return sharing(self.units, self.rows)

    def unit_at(self, box: QRectF, y: float, t: int) -> int:
        """Return the unit at a height of its box; of those that share a row the one that is shown there at step t."""
        place = int((y - box.top()) / max(1.0, box.height()) * self.units)
        place = min(max(place, 0), self.units - 1)
        row, _ = row_of(place, self.units, self.rows)
        there = [self._unit(place) for place in places_of_row(row, self.units, self.rows)]
        sizes = np.abs(self.values[t, there])
        return there[int(np.argmax(np.nan_to_num(sizes, nan=np.inf)))]

    def cell(self, box: QRectF, unit: int, t: int) -> QRectF:
        """Return where a unit stands at a time step, both from 0: the whole row, if others share it."""
        place = self.ordered.index(unit) if self.ordered else unit
        row, rows = row_of(place, self.units, self.rows)
        width, height = box.width() / len(self.values), box.height() / rows
        return QRectF(box.left() + t * width, box.top() + row * height, width, height)

    def unit_below(self, unit: int, down: int) -> int:
        """Return the unit so many places below another one, above it if negative; at most the last or the first."""
        order = self.ordered or tuple(range(self.units))
        at = order.index(unit) if unit in order else 0
        return order[min(max(at + down, 0), self.units - 1)]

    def _unit(self, place: int) -> int:
        return self.ordered[place] if self.ordered else place


def pictured(
    wanted: Sequence[Wanted], snapshot: Snapshot, room: Mapping[int, tuple[int, int]], scaling: Scaling, theme: Theme
) -> list[Shown]:
    """Return maps as they are drawn; room: columns and rows of pixels that each has, by its place.

    Takes longer than a frame where units times time steps are many.
    """
    return [_shown(one, snapshot, *room[place], scaling, theme) for place, one in enumerate(wanted)]


def _shown(wanted: Wanted, snapshot: Snapshot, columns: int, rows: int, scaling: Scaling, theme: Theme) -> Shown:
    spec, values = wanted.spec, snapshot.gates[wanted.layer][wanted.spec.name]
    order = wanted.order if len(wanted.order) == values.shape[1] else ()
    # Time first: what is left is small, and the largest of each unit is still there.
    drawn = scaled(spec, shared(values, columns, 0, spec.gate), scaling)
    by_unit = drawn.values[:, list(order)] if order else drawn.values
    picture = picture_of(shared(by_unit, rows, 1, spec.gate).T, drawn.limits, theme, spec.gate_role)
    return Shown(wanted, values, picture, rows, drawn.ends, drawn.words, order)


def numbers_in(wanted: Sequence[Wanted], snapshot: Snapshot) -> int:
    """Return how many numbers so many maps have."""
    return sum(snapshot.gates[one.layer][one.spec.name].size for one in wanted)
