"""Heatmaps of the gates over the probe sequence: time across, units up, fixed ranges that mean something."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import pyqtgraph as pg
from numpy.typing import NDArray
from PySide6.QtCore import QPointF, QRectF, Qt, Signal
from PySide6.QtGui import QPalette
from PySide6.QtWidgets import QComboBox, QLabel, QVBoxLayout, QWidget

from engine.snapshot import Snapshot
from gui.theme import Appearance


@dataclass(frozen=True)
class MapSpec:
    """One heatmap: its words, its colour's role, and whether it runs from 0 to 1 or from -limit to limit."""

    words: str
    role: str
    gate: bool


MAPS = {
    "f": MapSpec("forget f", "forget", True),
    "i": MapSpec("input i", "input", True),
    "C_tilde": MapSpec("candidate C̃", "candidate", False),
    "o": MapSpec("output o", "output", True),
    "C": MapSpec("cell C", "cell", False),
    "h": MapSpec("hidden h", "hidden", False),
}


class GatesPlot(QWidget):
    """Six heatmaps of one layer; resting on one reads it, a click takes the diagram to that time step."""

    hovered = Signal(str)
    """What is under the cursor, or nothing."""
    step_clicked = Signal(int, int)
    """Layer and time step, both from 0."""

    def __init__(self, appearance: Appearance) -> None:
        super().__init__()
        self._appearance = appearance
        self._shown: tuple[Snapshot, int] | None = None
        self._newest: Snapshot | None = None
        self._cell_limit = 1.0
        self.layer = QComboBox()
        self.layer.setToolTip("The layer whose gates are shown")
        self.layer.currentIndexChanged.connect(self._on_layer)
        self.layer.hide()
        self.widget = pg.GraphicsLayoutWidget()
        self.widget.setBackground(None)
        self.widget.setFrameShape(pg.GraphicsLayoutWidget.Shape.NoFrame)
        # Opaque, in the card's colour: Qt need not paint the card and the window below for each frame.
        self.widget.viewport().setAutoFillBackground(True)
        self.widget.viewport().setBackgroundRole(QPalette.ColorRole.Base)
        self.widget.ci.setContentsMargins(0, 0, 0, 0)
        self.widget.ci.setSpacing(2)
        self.widget.setToolTip("A click takes the diagram to that time step, with the network's present weights")
        self._boxes: dict[str, pg.ViewBox] = {}
        self._titles: dict[str, pg.LabelItem] = {}
        self.images: dict[str, pg.ImageItem] = {}
        for column, name in enumerate(MAPS):
            title = self._titles[name] = self.widget.addLabel("", row=0, col=column, justify="left")
            title.item.setCacheMode(pg.LabelItem.CacheMode.DeviceCoordinateCache)
            box = self.widget.addViewBox(row=1, col=column, enableMenu=False, enableMouse=False, defaultPadding=0)
            box.setBorder(pg.mkPen(None))
            image = pg.ImageItem(axisOrder="row-major")
            box.addItem(image)
            self._boxes[name], self.images[name] = box, image
            self.widget.ci.layout.setColumnStretchFactor(column, 1)
            self.widget.ci.layout.setColumnPreferredWidth(column, 100)
        self.widget.ci.layout.setHorizontalSpacing(appearance.px(14))
        self.widget.scene().sigMouseMoved.connect(self._on_hover)
        self.widget.scene().sigMouseClicked.connect(self._on_click)
        self._empty = QLabel("Train to see the gates open and close")
        self._empty.setObjectName("muted")
        self._empty.setAlignment(Qt.AlignmentFlag.AlignCenter)
        layout = QVBoxLayout(self)
        layout.setContentsMargins(0, 0, 0, 0)
        layout.setSpacing(0)
        layout.addWidget(self.layer, 0, Qt.AlignmentFlag.AlignLeft)
        layout.addWidget(self.widget)
        layout.addWidget(self._empty)
        self.widget.hide()
        self.setMinimumHeight(appearance.px(70))
        appearance.changed.connect(self._apply_theme)
        self._apply_theme()

    def show_run(self, layers: int) -> None:
        """Begin with a run that has no snapshot yet."""
        self._shown = self._newest = None
        self._cell_limit = 1.0
        for image in self.images.values():
            image.clear()
        self.widget.hide()
        self._empty.show()
        self.layer.blockSignals(True)  # the run decides
        self.layer.clear()
        self.layer.addItems([f"layer {number}" for number in range(1, layers + 1)])
        self.layer.blockSignals(False)
        self.layer.setVisible(layers > 1)

    def show_snapshot(self, snapshot: Snapshot) -> None:
        """Draw the gates of a snapshot, as soon as they can be seen."""
        self._newest = snapshot
        layer = max(0, self.layer.currentIndex())
        if self._shown == (snapshot, layer) or not self.isVisible():
            return
        self._shown = (snapshot, layer)
        self._empty.hide()
        self.widget.show()
        gates = snapshot.gates[layer]
        largest = float(np.abs(gates["C"]).max(initial=0.0))
        if np.isfinite(largest) and largest > self._cell_limit:
            self._cell_limit = _round_up(largest)
            self._name_maps()
        for name, image in self.images.items():
            values = gates[name].T  # (units, time)
            fresh = image.image is None or image.image.shape != values.shape
            # As places in the table of 256 colours: pyqtgraph would work them out again at each paint.
            low, high = self.limits(name)
            with np.errstate(invalid="ignore"):  # a network that has diverged is drawn as it is
                places = np.clip((values - low) * (255 / (high - low)), 0, 255).astype(np.uint8)
            image.setImage(places, autoLevels=False, levels=(0, 255))
            if fresh:
                units, steps = values.shape
                self._boxes[name].setRange(QRectF(0, 0, steps, units), padding=0)

    def showEvent(self, event: object) -> None:
        super().showEvent(event)  # type: ignore[arg-type]  # QShowEvent, as Qt calls it
        if self._newest is not None:
            self.show_snapshot(self._newest)

    def value_at(self, name: str, unit: int, t: int) -> float:
        """Return what a map shows for a unit and a time step, both from 0."""
        assert self._shown is not None
        snapshot, layer = self._shown
        return float(snapshot.gates[layer][name][t, unit])

    def limits(self, name: str) -> tuple[float, float]:
        """Return the values of a map's first and last colour."""
        if MAPS[name].gate:
            return 0.0, 1.0
        limit = self._cell_limit if name == "C" else 1.0
        return -limit, limit

    def _on_layer(self) -> None:
        if self._shown is not None:
            snapshot, _ = self._shown
            self._shown = None
            self.show_snapshot(snapshot)

    def _place(self, point: QPointF) -> tuple[str, int, int] | None:
        for name, box in self._boxes.items():
            values: NDArray[np.float32] | None = self.images[name].image
            if values is not None and box.sceneBoundingRect().contains(point):
                at = box.mapSceneToView(point)
                t, unit = int(at.x()), int(at.y())
                if 0 <= unit < values.shape[0] and 0 <= t < values.shape[1]:
                    return name, unit, t
        return None

    def _on_hover(self, point: QPointF) -> None:
        place = self._place(point)
        if place is None:
            self.hovered.emit("")
            return
        name, unit, t = place
        self.hovered.emit(f"{MAPS[name].words}, unit {unit + 1}, t = {t + 1}: {self.value_at(name, unit, t):.4g}")

    def _on_click(self, event: object) -> None:
        place = self._place(event.scenePos())  # type: ignore[attr-defined]  # pyqtgraph's MouseClickEvent
        if place is not None:
            self.step_clicked.emit(max(0, self.layer.currentIndex()), place[2])

    def _name_maps(self) -> None:
        theme = self._appearance.theme
        for name, spec in MAPS.items():
            _, high = self.limits(name)
            scale = "0 … 1" if spec.gate else f"±{high:g}"
            size = f"{self._appearance.px(14)}px"
            self._titles[name].setText(
                f'<span style="font-weight:600;color:{theme.role(spec.role).name()}">{spec.words}</span>'
                f'<span style="color:{theme.muted}">&nbsp;&nbsp;{scale}</span>',
                size=size,
                justify="left",
            )

    def _apply_theme(self) -> None:
        theme = self._appearance.theme
        for name, image in self.images.items():
            spec = MAPS[name]
            image.setLookupTable(theme.gate(spec.role) if spec.gate else theme.diverging)
            self._boxes[name].setBackgroundColor(theme.ground)
        self._name_maps()


def _round_up(value: float) -> float:
    """Return the next of 1, 2, 5, 10, 20 …, so that the range of C seldom changes."""
    power = 10 ** np.floor(np.log10(value))
    return float(next(step * power for step in (1, 2, 5, 10) if step * power >= value))
