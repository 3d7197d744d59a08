"""Heatmaps of several networks side by side: one value of each, on the same sequence, in the same colours."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property, lru_cache

import numpy as np
from numpy.typing import NDArray
from PySide6.QtCore import QPointF, QRectF, Qt, Signal
from PySide6.QtGui import QColor, QContextMenuEvent, QMouseEvent, QPainter, QPaintEvent
from PySide6.QtWidgets import QComboBox, QWidget

from engine.cell.cell import Cell
from engine.comparison.comparison import EXAMPLES
from engine.formats.numbers_file import Table
from engine.runs.snapshot import Snapshot
from engine.text.numbers import grouped
from gui.appearance.colour_maps import SHARE, Limits, MapImage, largest_size, lasting_limits
from gui.appearance.text_size import NOTE, TEXT
from gui.appearance.theme import Appearance, font
from gui.commands.number_taker import number_entries
from gui.commands.popup import Entry, popup
from gui.plots.compare_style import drawn_name
from gui.plots.gate_maps import MAPS, MapSpec, maps_of
from gui.plots.heat_map import Grid, map_picture, paint_map, said
from gui.plots.numbers import Maps, picture_entries
from gui.widgets.choices import LayerBox, offer
from gui.widgets.labels import called, text_label
from gui.widgets.layouts import in_column, in_row
from gui.widgets.spin_boxes import WholeBox

_MOST = 1000, 400
"""Steps and units drawn at most: a screen has no more pixels."""


@dataclass(frozen=True, eq=False)
class Column:
    """One network: its name, its cell, its newest snapshot, its layers, and the words in an empty map."""

    name: str
    cell: Cell | None
    snapshot: Snapshot | None
    layers: int = 1
    missing: str = ""

    @cached_property
    def specs(self) -> Mapping[str, MapSpec]:
        """The cell's values by their short names."""
        return maps_of(self.cell) if self.cell is not None else {}


def shown_value(specs: Mapping[str, MapSpec], wanted: str, wanted_is_gate: bool) -> str:
    """Return the value that a network shows: the wanted one, else its first of the same kind, else its h."""
    if wanted in specs:
        return wanted
    return next((name for name, spec in specs.items() if spec.gate == wanted_is_gate), "h")


class CompareGates(QWidget):
    """A choice of value, layer and example, and a map for each network."""

    hovered = Signal(str)
    """What is under the cursor, or ""."""
    example_chosen = Signal(int)
    """The number of the task's example that all maps are to show; 0 is the probe sequence."""

    def __init__(self, appearance: Appearance) -> None:
        super().__init__()
        self.maps = _Maps(appearance)
        self.maps.hovered.connect(self.hovered)
        self.value = called("Value that is shown", QComboBox())
        self.value.setToolTip("The value that each network shows; a network without it shows another one and says so")
        self.value.setSizeAdjustPolicy(QComboBox.SizeAdjustPolicy.AdjustToContents)  # it is filled anew while shown
        self.layer = LayerBox("The layer that is shown; a network with fewer layers shows its last")
        self.example = called("Example", WholeBox())
        self.example.setRange(0, EXAMPLES - 1)
        self.example.setPrefix("example ")
        self.example.setToolTip("The example that the maps show; 0 is the probe sequence. Training is not affected")
        self.example.valueChanged.connect(self.example_chosen)
        self._scale = text_label("", "note")
        for box in (self.value, self.layer):
            box.setFocusPolicy(Qt.FocusPolicy.TabFocus)
            box.activated.connect(self._on_choice)
        row = in_row(self.value, self.layer, self.example, (self._scale, 1), spacing=appearance.px(8))
        in_column(row, (self.maps, 1), inside=self, margins=0, spacing=appearance.px(4))

    def show_columns(self, columns: Sequence[Column]) -> None:
        """Show networks, one beside the other."""
        # Not from the snapshots: the choice stays while those of another example are still to come.
        values = {name: spec.words for column in columns for name, spec in column.specs.items()}
        layers = max((column.layers for column in columns), default=1)
        offer(self.value, values or {"f": MAPS["f"].words})
        self.layer.offer(layers)
        self.maps.show_columns(columns)
        self._on_choice()

    def _on_choice(self) -> None:
        self.maps.choose(self.value.currentData() or "f", self.layer.layer)
        self._scale.setText(
            "   ".join(filter(None, (self.maps.scale_words, "unit 1 on top, time step →", "first seed")))
        )


class _Maps(QWidget):
    """Paints the maps."""

    hovered = Signal(str)

    def __init__(self, appearance: Appearance) -> None:
        super().__init__()
        self._appearance = appearance
        self._columns: Sequence[Column] = ()
        self._value, self._layer = "f", 0
        self.limits: Limits = (-1.0, 1.0)
        """The values of the first and the last colour for values of either sign, the same for all networks."""
        self.shown: list[tuple[str, NDArray[np.float32]] | None] = []
        """Name and values (T, units) of each map."""
        self._drawn_name = lru_cache(64)(drawn_name)
        self._pictures: list[MapImage | None] = []
        self.setAttribute(Qt.WidgetAttribute.WA_OpaquePaintEvent)
        self.setMouseTracking(True)
        appearance.changed.connect(self._make)

    @property
    def missing(self) -> list[str]:
        """The words in each map, "" if it has a picture."""
        pairs = zip(self._columns, self.shown, strict=False)
        return [column.missing if shown is None else "" for column, shown in pairs]

    @property
    def scale_words(self) -> str:
        """The range of the colours."""
        kinds = {column.specs[name].gate for column, (name, _) in self._pairs()}
        words = ["0 … 1"] if True in kinds else []
        return " or ".join([*words, f"±{grouped(self.limits[1])}"] if False in kinds else words)

    @property
    def _letters(self) -> int:
        return self._appearance.text(TEXT)

    @property
    def _small(self) -> int:
        return self._appearance.text(NOTE)

    def show_columns(self, columns: Sequence[Column]) -> None:
        self._columns = columns

    def choose(self, value: str, layer: int) -> None:
        self._value, self._layer = value, layer
        self._make()

    def _pairs(self) -> list[tuple[Column, tuple[str, NDArray[np.float32]]]]:
        pairs = zip(self._columns, self.shown, strict=False)
        return [(column, shown) for column, shown in pairs if shown is not None]

    def _make(self) -> None:
        """Turn values into pictures, with the same colours for all of a kind."""
        wanted = next((column.specs[self._value] for column in self._columns if self._value in column.specs), None)
        self.shown = [self._chosen_of(column, wanted is not None and wanted.gate) for column in self._columns]
        free = [values for column, (name, values) in self._pairs() if not column.specs[name].gate]
        self.limits = lasting_limits(max(map(largest_size, free), default=0.0))
        self._pictures = [
            None if shown is None else self._picture(column.specs[shown[0]], shown[1])
            for column, shown in zip(self._columns, self.shown, strict=True)
        ]
        self.update()

    def _chosen_of(self, column: Column, wanted_is_gate: bool) -> tuple[str, NDArray[np.float32]] | None:
        if column.snapshot is None or column.cell is None:
            return None
        gates = column.snapshot.gates[min(self._layer, column.snapshot.layers - 1)]
        name = shown_value(column.specs, self._value, wanted_is_gate)
        return name, np.asarray(gates[name], dtype=np.float32)

    def _picture(self, spec: MapSpec, values: NDArray[np.float32]) -> MapImage:
        limits = SHARE if spec.gate else self.limits
        return map_picture(values, limits, self._appearance.theme, spec.gate_role, _MOST)

    def boxes(self) -> list[QRectF]:
        """Return the rectangle of each map."""
        count = max(1, len(self._columns))
        gap, top = 1.0 * self._letters, 1.5 * self._letters + 1.5 * self._small
        width = (self.width() - gap * (count - 1)) / count
        # In whole pixels, so that a picture and its frame meet.
        lefts = [round(n * (width + gap)) for n in range(count)]
        return [QRectF(left, round(top), int(width), max(4, self.height() - round(top))) for left in lefts]

    def paintEvent(self, event: QPaintEvent) -> None:
        theme = self._appearance.theme
        painter = QPainter(self)
        painter.fillRect(self.rect(), QColor(theme.panel))
        for place, (column, box) in enumerate(zip(self._columns, self.boxes(), strict=False)):
            painter.save()
            painter.setClipRect(QRectF(box.left(), 0, box.width(), self.height()))
            painter.setFont(font(self._letters, bold=True))
            painter.setPen(theme.run(place))
            painter.drawStaticText(
                QPointF(box.left(), 0), self._drawn_name(column.name, self._letters, int(box.width()), 1)
            )
            painter.setFont(font(self._small))
            painter.setPen(QColor(theme.muted))
            line = QRectF(box.left(), 1.4 * self._letters, box.width(), 1.5 * self._small)
            painter.drawText(line, Qt.AlignmentFlag.AlignVCenter, self._words(place))
            picture = self._pictures[place] if place < len(self._pictures) else None
            if picture is None:
                painter.fillRect(box, QColor(theme.ground))
                inside = box.adjusted(6, 4, -6, -4)
                wrapped = Qt.AlignmentFlag.AlignCenter | Qt.TextFlag.TextWordWrap
                painter.drawText(inside, wrapped, self.missing[place])
            else:
                paint_map(painter, picture, box, theme)
            painter.restore()
        painter.end()

    def _words(self, place: int) -> str:
        shown, column = self.shown[place], self._columns[place]
        if shown is None or column.snapshot is None:
            return ""
        wanted = next(other.specs[self._value].names[-1] for other in self._columns if self._value in other.specs)
        instead = "" if shown[0] == self._value else f" (has no {wanted})"
        return f"{column.specs[shown[0]].words}{instead}, step {column.snapshot.step:,}"

    def contextMenuEvent(self, event: QContextMenuEvent) -> None:
        popup(self, event.globalPos(), self.entries())

    def entries(self) -> list[Entry]:
        """Return what the menu at the cursor offers."""
        return [*number_entries(self, self.tables()), *picture_entries(self)]

    def tables(self) -> list[Table]:
        """Return the maps that are drawn."""
        pairs = self._pairs()
        count = sum(values.size for _, (_, values) in pairs)
        maps = Maps(count, lambda: {f"{column.name}: {name}": values for column, (name, values) in pairs})
        return [maps.named("Maps")] if pairs else []

    def mouseMoveEvent(self, event: QMouseEvent) -> None:
        for column, box, shown in zip(self._columns, self.boxes(), self.shown, strict=False):
            place = Grid(box, *shown[1].shape).place_at(event.position()) if shown is not None else None
            if shown is not None and place is not None:
                unit, t = place
                words = said(column.specs[shown[0]].words, unit, t, grouped(float(shown[1][t, unit])))
                self.hovered.emit(f"{column.name}: {words}")
                return
        self.hovered.emit("")

    def leaveEvent(self, event: object) -> None:
        super().leaveEvent(event)  # type: ignore[arg-type]  # QEvent, as Qt calls it
        self.hovered.emit("")
