"""Decides which maps there are and in which order their units, and has their pictures made as snapshots come."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from functools import partial

import numpy as np
from numpy.typing import NDArray
from PySide6.QtCore import QObject, Signal

from engine.cell.cell import Cell
from engine.cell.cells import CELLS
from engine.runs.snapshot import Snapshot
from gui.appearance.theme import Appearance
from gui.jobs.background import Background
from gui.plots.gate_maps import MapSpec
from gui.views.live.choices import ALL, STACK, Choices
from gui.views.live.lanes.input import room_of
from gui.views.live.lanes.picture import Framed, LivePicture
from gui.views.live.lanes.reading import Coarse
from gui.views.live.maps import Shown, Wanted, numbers_in, pictured
from gui.views.live.opening import order_of, widest_at
from gui.views.live.scales import STATES

_AT_ONCE = 150_000
"""Numbers of maps that are turned into pictures at once; more take longer than a frame, and are done beside it."""


def cell_of(snapshot: Snapshot) -> Cell:
    """Return the cell of a snapshot's network."""
    return CELLS[snapshot.cell]("W_hr" in snapshot.weights[0], "x,h", None)


class Pictures(QObject):
    """The maps of a picture: those that are chosen and have room, in the colours of the newest snapshot."""

    first_drawn = Signal()
    """Maps are drawn for the first time, so that there are units to frame."""

    def __init__(self, picture: LivePicture, choices: Choices, appearance: Appearance, parent: QObject) -> None:
        super().__init__(parent)
        self._picture, self._choices, self._appearance = picture, choices, appearance
        self.snapshot: Snapshot | None = None
        """What is drawn; None before the first of a run."""
        self._orders: dict[int, tuple[int, ...] | None] = {}
        """Of each layer the order that was found; None while it is being found."""
        self._order_step = 0
        self._maps: dict[str, MapSpec] = {}
        self._count = 0
        self._background = Background("pictures", self)
        self._busy = False

    def clear(self) -> None:
        """Forget the run."""
        self.snapshot = None
        self._orders = {}
        self._picture.shown = ()

    def forget_orders(self) -> None:
        """Sort the units anew."""
        self._orders = {}

    def close(self) -> None:
        """End what is done beside the window's thread."""
        self._background.close()

    # ---- which maps

    def layers(self, count: int) -> range:
        """Return the layers that are shown, from 0, of a network with so many."""
        layer = self._choices.shown_layer
        one = min(layer, count - 1)
        return range(count) if layer == STACK else range(one, one + 1)

    def arrange(self, maps: dict[str, MapSpec], layers: int) -> None:
        """Give each map that is to be shown its lane: all of them, if there is room, or one."""
        self._maps, self._count = maps, layers
        shown, chosen = self.layers(layers), self._choices.chosen
        alone = chosen or ("C" if "C" in maps else "h")
        possible = self._picture.has_room_for(len(maps) * len(shown))
        self._choices.allow_all(possible, alone)
        names = list(maps) if chosen == ALL and possible else [alone]
        wanted = [Wanted(maps[name], layer, self._order(layer)) for layer in shown for name in names]
        if wanted != list(self._picture.wanted):
            framed = self.framed_map
            self._picture.wanted, self._picture.shown = wanted, ()
            self._keep_frame(framed)
            self._picture.order_words = ("sorted by opening", f"at step {self._order_step:,}")
        self._picture.forget_ground()
        self._prepare_inputs()
        self.draw()

    def _order(self, layer: int) -> tuple[int, ...]:
        """Return the units of a layer in the order in which they are shown; empty: as they are numbered.

        Of many numbers it is found in the background; until then they are as they are numbered.
        """
        snapshot = self.snapshot
        if not self._choices.by_opening or snapshot is None or layer >= snapshot.layers:
            return ()
        if layer not in self._orders:
            self._order_step = snapshot.step
            values = snapshot.gates[layer]
            work = partial(order_of, cell_of(snapshot), values)
            if values["h"].size <= _AT_ONCE:
                self._orders[layer] = tuple(work().tolist())
            else:
                self._orders[layer] = None
                self._background.run(work, partial(self._on_order, layer, self._orders))
        return self._orders[layer] or ()

    def _on_order(self, layer: int, orders: dict[int, tuple[int, ...] | None], found: NDArray[np.intp]) -> None:
        """Sort by an order that is found, unless it has been forgotten since."""
        if orders is self._orders:
            orders[layer] = tuple(found.tolist())
            self.arrange(self._maps, self._count)

    # ---- the frame

    @property
    def framed_map(self) -> Wanted | None:
        """The map on which the frame stands."""
        place, wanted = self._picture.framed.map, self._picture.wanted
        return wanted[place] if place is not None and place < len(wanted) else None

    def widest(self, t: int) -> Framed:
        """Return the unit of the state that a time step, from 0, opens farthest beyond what is usual."""
        snapshot, wanted = self.snapshot, self._picture.wanted
        if snapshot is None or len(snapshot.probe) <= t:
            return Framed(t)
        # The maps may still be those of another cell, whose states this one does not have.
        known = snapshot.gates[0]
        places = [at for at, one in enumerate(wanted) if one.spec.role in STATES and one.spec.name in known]
        if not places:
            return Framed(t)
        layer = min(wanted[places[0]].layer, snapshot.layers - 1)
        unit = widest_at(cell_of(snapshot), snapshot.gates[layer], t, _AT_ONCE)
        units = snapshot.gates[layer][wanted[places[0]].spec.name].shape[1]
        return Framed(t, places[0], min(unit, units - 1))

    def _keep_frame(self, framed: Wanted | None) -> None:
        """Let the frame stand on the same value, wherever its map is now, or else on the first of the states."""
        cursor, wanted = self._picture.framed, self._picture.wanted
        if framed is None:
            self._picture.framed = self.widest(cursor.t)
            return
        same = [at for at, one in enumerate(wanted) if (one.spec, one.layer) == (framed.spec, framed.layer)]
        states = [at for at, one in enumerate(wanted) if one.spec.role in STATES]
        self._picture.framed = replace(cursor, map=next(iter([*same, *states, 0])))

    # ---- their pictures

    def _prepare_inputs(self) -> None:
        """Have found what is drawn of many inputs over many time steps, and draw it then."""
        reading, known, box = self._picture.reading, self._picture.coarse, self._picture.lanes.input
        if reading is None or reading.is_small or box is None:
            return
        if known is None or known.reading is not reading or known.room != room_of(box):
            self._background.run(partial(reading.coarse, *room_of(box)), self._on_inputs, kind="inputs")

    def _on_inputs(self, coarse: Coarse) -> None:
        if coarse.reading is self._picture.reading:
            self._picture.coarse = coarse
            self._picture.forget_ground()

    def draw(self) -> None:
        """Turn the snapshot into pictures; of many numbers beside the window's thread, the newest first."""
        snapshot, wanted = self.snapshot, tuple(self._picture.wanted)
        if snapshot is None or not wanted or not self._picture.isVisible():
            return
        if any(one.layer >= snapshot.layers or one.spec.name not in snapshot.gates[one.layer] for one in wanted):
            return  # of another network; its maps come with the next choice
        theme, scaling = self._appearance.theme, self._choices.scaling
        work = partial(pictured, wanted, snapshot, self._picture.room, scaling, theme)
        if numbers_in(wanted, snapshot) <= _AT_ONCE:
            self._show(work())
        elif not self._busy:
            self._busy = True
            self._background.run(work, partial(self._on_pictures, snapshot, wanted))

    def _on_pictures(self, snapshot: Snapshot, wanted: Sequence[Wanted], shown: list[Shown]) -> None:
        self._busy = False
        same = tuple(self._picture.wanted) == tuple(wanted)
        if same and self.snapshot is not None:
            self._show(shown)
        if snapshot is not self.snapshot or not same:
            self.draw()

    def _show(self, shown: list[Shown]) -> None:
        before = [(one.units, one.together, one.ordered) for one in self._picture.shown]
        self._picture.shown = shown
        if before != [(one.units, one.together, one.ordered) for one in shown]:
            self._picture.forget_ground()  # names say how many units share a row
        if not before:
            self.first_drawn.emit()
        self._picture.update()
