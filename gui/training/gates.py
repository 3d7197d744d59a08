"""Heatmaps of the gates over the probe sequence: time to the right, unit 1 on top, in a choice of colour ranges."""

from __future__ import annotations

from typing import Self

from PySide6.QtCore import QSignalBlocker, Qt, Signal
from PySide6.QtGui import QShowEvent
from PySide6.QtWidgets import QComboBox, QLabel, QWidget

from engine.cell.cells import CELLS
from engine.runs.history import History
from engine.runs.snapshot import Snapshot
from engine.tasks.base import TaskFacts
from engine.text.numbers import grouped
from gui.appearance.colour_maps import Limits
from gui.appearance.stored import Stored
from gui.appearance.theme import Appearance
from gui.plots.gate_maps import FIXED, MAPS, RANGES, Ranges, maps_of
from gui.plots.gate_picture import GatePicture, Place
from gui.plots.heat_map import said
from gui.plots.numbers import Maps
from gui.training.docked import DockedPlot
from gui.views.base import Tools
from gui.widgets.choices import LayerBox, offer
from gui.widgets.labels import called, text_label
from gui.widgets.layouts import in_column, in_row
from gui.widgets.spin_boxes import WholeBox

_LAST_EXAMPLE = 999
_OWN = -1
_SETTING = "gate_ranges"


class GatesPlot(DockedPlot):
    """The heatmaps of one layer; resting on one reads it, a click takes the diagram to that time step.

    Its controls stand in the card's title (`in_title`): the maps need all the height that there is.
    """

    hovered = Signal(str)
    """What is under the cursor, or nothing."""
    step_clicked = Signal(int, int)
    """Layer and time step, both from 0."""
    example_chosen = Signal(int)
    """The number of the task's example that all maps are to show; 0 is the probe."""

    def __init__(self, appearance: Appearance, stored: Stored | None = None) -> None:
        super().__init__()
        self._stored = stored
        self._cell, self._maps = "lstm", MAPS
        self._ranges = Ranges()
        self.limits: dict[str, Limits] = {}
        """The values of each map's first and last colour."""
        self._shown: tuple[Snapshot, int] | None = None
        self._newest: Snapshot | None = None
        self.layer = LayerBox("The layer whose gates are shown")
        self.picture = called("Gates over time, a map for each gate and state", GatePicture(appearance))
        self.picture.setToolTip("Click to show that time step in the diagram, with the network's present weights")
        self.picture.set_maps(self._maps)
        self.picture.rested.connect(self._on_rested)
        self.picture.clicked.connect(lambda place: self.step_clicked.emit(self.layer.layer, place.t))
        self.ranges = called("Range of the colours", QComboBox())
        self.example = called("Example", WholeBox())
        self.in_title = self._make_controls(appearance)
        self._empty = QLabel("Train (Ctrl+T) to see the gates open and close", alignment=Qt.AlignmentFlag.AlignCenter)
        self._empty.setObjectName("muted")
        in_column(self.picture, self._empty, inside=self, margins=0)
        self.picture.hide()
        self.setMinimumHeight(appearance.px(70))
        known = stored.text(_SETTING, "the ranges of the gates", FIXED, RANGES) if stored is not None else FIXED
        self.choose_ranges(known)

    def _make_controls(self, appearance: Appearance) -> QWidget:
        offer(self.ranges, RANGES)
        self.ranges.setToolTip(
            "The values from the first colour to the last. Fixed: 0 to 1 for gates, ±1 or the largest so far for "
            "others; per map: the values of each map; per layer: the same for all gates, and for candidate and h"
        )
        self.ranges.currentIndexChanged.connect(self._on_ranges)
        self.layer.currentIndexChanged.connect(self._on_layer)
        self.example.setRange(0, _LAST_EXAMPLE)
        self.example.setPrefix("example ")
        self.example.setToolTip("The example of the task that all heatmaps show, 0 at first; training is not affected")
        self.example.valueChanged.connect(self._on_example)
        row = QWidget()
        controls = (text_label("colours", "note"), self.ranges, self.layer, self.example)
        in_row(*controls, inside=row, margins=0, spacing=appearance.px(8))
        return row

    @classmethod
    def made(cls, tools: Tools) -> Self:
        return cls(tools.appearance, tools.stored)

    def show_run(self, history: History, layers: int) -> None:
        self._shown = self._newest = None
        self._ranges.clear()
        self.limits = {}
        self.picture.clear()
        self.picture.hide()
        self._empty.show()
        self.layer.offer(layers, 0)

    def show_probe(self, example: int | None) -> None:
        """Say which example of the task the maps show; None: a sequence of the user's own."""
        own = example is None
        with QSignalBlocker(self.example):
            self.example.setMinimum(_OWN if own else 0)
            self.example.setSpecialValueText("own" if own else "")
            self.example.setValue(_OWN if example is None else example)

    def choose_ranges(self, choice: str) -> None:
        """Let the colours stand for other values: a key of RANGES; another one is taken for "fixed"."""
        self.ranges.setCurrentIndex(max(0, self.ranges.findData(choice)))

    def show_news(self, history: History, facts: TaskFacts | None) -> None:
        if history.shown is not None:
            self.show_snapshot(history.shown)

    def show_snapshot(self, snapshot: Snapshot) -> None:
        """Draw the gates of a snapshot, as soon as they can be seen."""
        self._newest = snapshot
        layer = self.layer.layer
        if self._shown == (snapshot, layer) or not self.isVisible() or layer >= snapshot.layers:
            return
        self._shown = snapshot, layer
        self._empty.hide()
        self.picture.show()
        if snapshot.cell != self._cell:
            self._cell = snapshot.cell
            self._maps = maps_of(CELLS[snapshot.cell]())
            self.picture.set_maps(self._maps)
        self._draw()

    def _draw(self) -> None:
        if self._shown is not None:
            snapshot, layer = self._shown
            self.limits = self._ranges.limits(self._maps, snapshot.gates[layer])
            self.picture.show_values(snapshot.gates[layer], self.limits)

    def showEvent(self, event: QShowEvent) -> None:
        super().showEvent(event)
        if self._newest is not None:
            self.show_snapshot(self._newest)

    def value_at(self, name: str, unit: int, t: int) -> float:
        """Return what a map shows for a unit and a time step, both from 0."""
        assert self._shown is not None
        snapshot, layer = self._shown
        return float(snapshot.gates[layer][name][t, unit])

    def numbers_shown(self) -> Maps | None:
        if self._shown is None:
            return None
        snapshot, layer = self._shown
        maps = {self._maps[name].name: snapshot.gates[layer][name] for name in self._maps}
        return Maps(sum(values.size for values in maps.values()), lambda: maps)

    def _on_layer(self) -> None:
        if self._newest is not None:
            self.show_snapshot(self._newest)
            self.picture.update_titles()

    def _on_ranges(self) -> None:
        self._ranges.choice = str(self.ranges.currentData())
        if self._stored is not None:
            self._stored.setValue(_SETTING, self._ranges.choice)
        self._draw()
        self.picture.update_titles()

    def _on_example(self, number: int) -> None:
        if number != _OWN:
            self.show_probe(number)
            self.example_chosen.emit(number)

    def _on_rested(self, place: Place | None) -> None:
        if place is None:
            self.hovered.emit("")
            return
        value = grouped(self.value_at(place.name, place.unit, place.t))
        self.hovered.emit(said(self._maps[place.name].words, place.unit, place.t, value))
