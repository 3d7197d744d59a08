"""Plots without pyqtgraph's menu and buttons, and their axes: steps, values, powers of ten."""

from __future__ import annotations

import numpy as np
import pyqtgraph as pg
from numpy.typing import NDArray
from PySide6.QtGui import QPalette

from engine.text.numbers import power_of_ten
from gui.appearance.text_size import NOTE
from gui.appearance.theme import Appearance, font

TINY = 1e-12
"""What a logarithmic axis shows for 0."""


def styled_axis(plot: pg.PlotItem, appearance: Appearance) -> None:
    """Give a plot's axes the theme's colours and fonts."""
    theme = appearance.theme
    plot.getViewBox().setBackgroundColor(None)
    for side in ("left", "bottom", "right"):
        axis = plot.getAxis(side)
        axis.setPen(pg.mkPen(theme.edge))
        axis.setTextPen(pg.mkPen(theme.muted))
        axis.setCacheMode(pg.AxisItem.CacheMode.DeviceCoordinateCache)  # its text takes longer to paint than the curves
        axis.setStyle(tickFont=font(appearance.text(NOTE)), tickLength=-4, tickTextOffset=5, maxTickLevel=0)


class StepAxis(pg.AxisItem):
    """An axis of training steps, written as 1,500 and 20k, never 1.5 ×1e3."""

    def __init__(self) -> None:
        super().__init__("bottom")
        self.enableAutoSIPrefix(False)

    def tickStrings(self, values: list[float], scale: float, spacing: float) -> list[str]:
        return [f"{v / 1000:g}k" if v >= 10_000 and v % 100 == 0 else f"{v:,.0f}" for v in values]


class ValueAxis(pg.AxisItem):
    """A vertical axis of plain values, with as many numbers as fit."""

    def __init__(self, side: str) -> None:
        super().__init__(side)
        self.enableAutoSIPrefix(False)

    def tickValues(self, low: float, high: float, size: float) -> list[tuple[float, list[float]]]:
        levels = super().tickValues(low, high, size)
        if not levels:
            return []
        spacing, values = levels[0]
        every = -(-len(values) // _ticks_that_fit(self, size)) or 1
        return [(spacing * every, list(values)[::every])]


def _ticks_that_fit(axis: pg.AxisItem, size: float) -> int:
    return max(2, int(size // (2 * axis.style["tickFont"].pixelSize())))


class PowerAxis(pg.AxisItem):
    """An axis of decimal logarithms: it writes 10⁻² at -2."""

    def __init__(self) -> None:
        super().__init__("left")
        self.enableAutoSIPrefix(False)

    def tickValues(self, low: float, high: float, size: float) -> list[tuple[float, list[float]]]:
        room = _ticks_that_fit(self, size)
        decades = np.arange(np.ceil(low), np.floor(high) + 1)
        if len(decades) >= 2:
            every = -(-len(decades) // room)
            return [(float(every), [float(d) for d in decades[::every]])]
        return [(0.3, _between_powers(low, high, room))]

    def tickStrings(self, values: list[float], scale: float, spacing: float) -> list[str]:
        return [power_of_ten(round(v)) if abs(v - round(v)) < 1e-6 else f"{10**v:.1g}" for v in values]


def _between_powers(low: float, high: float, room: int) -> list[float]:
    """Return logarithms of 1, 2, 3, 5, 10, 20 … in an axis of less than a decade, about `room` of them."""
    powers = range(int(np.floor(low)), int(np.ceil(high)))
    between = [v for d in powers for f in (1, 2, 3, 5) if low <= (v := float(d + np.log10(f))) <= high]
    return between[:: -(-len(between) // room) or 1]


def plot_widget(*, mouse: bool = False, **axes: pg.AxisItem) -> pg.PlotWidget:
    """Return a plot with these axes by side; `mouse`: whether the user can move and zoom it."""
    widget = pg.PlotWidget(axisItems=axes, background=None)
    keep_still(widget, mouse=mouse)
    return widget


def keep_still(widget: pg.PlotWidget, *, mouse: bool = False) -> None:
    """Make a plot opaque, without pyqtgraph's menu and buttons; `mouse`: whether the user can move and zoom it."""
    widget.setFrameShape(pg.PlotWidget.Shape.NoFrame)
    # Opaque, so that Qt need not paint the panel and the window below it for each frame.
    widget.viewport().setAutoFillBackground(True)
    widget.viewport().setBackgroundRole(QPalette.ColorRole.Base)
    plot = widget.getPlotItem()
    plot.layout.setContentsMargins(0, 6, 4, 0)
    plot.hideButtons()
    plot.setMenuEnabled(False)
    # pyqtgraph makes the menu all the same, a window without a parent. Left to the garbage collector after the plot's
    # window is destroyed, it would crash the program.
    plot.ctrlMenu.setParent(widget, plot.ctrlMenu.windowFlags())
    plot.setMouseEnabled(mouse, mouse)
    for side in ("left", "bottom"):
        plot.getAxis(side).enableAutoSIPrefix(False)


def log10(values: NDArray[np.floating], least: float = 0.0) -> NDArray[np.float64]:
    """Return decimal logarithms, smaller values taken as `least`; NaN, a gap in a curve, where there is none."""
    with np.errstate(divide="ignore", invalid="ignore"):
        logs = np.log10(np.maximum(values.astype(np.float64), least))
    return np.where(np.isfinite(logs), logs, np.nan)


def fit_ticks(plot: pg.PlotItem, appearance: Appearance) -> None:
    """Give a plot's axes the room that their numbers need."""
    ticks = appearance.text(NOTE)
    plot.getAxis("bottom").setHeight(round(1.9 * ticks))
    plot.layout.setContentsMargins(0, round(0.6 * ticks), 4, 0)


def last_step_shown(count: int) -> float:
    """Return the last step of an axis over `count` steps: axes grow by a tenth at a time."""
    return float(20 * 1.1 ** max(0, np.ceil(np.log(max(count, 1) / 20) / np.log(1.1))))


def log_range(low: float, high: float) -> tuple[float, float]:
    """Return the ends of an axis for logarithms, in quarters of a decade: it rests while the curves move a little."""
    margin = max(0.05, 0.06 * (high - low))
    return float(np.floor((low - margin) * 4) / 4), float(np.ceil((high + margin) * 4) / 4)


def step_ticks(steps: int, room: int) -> list[int]:
    """Return about `room` steps at most to write at an axis from 1 to `steps`."""
    every = next(f * 10**p for p in range(10) for f in (1, 2, 5) if steps / (f * 10**p) <= room)
    return list(range(every, steps + 1, every)) or [steps]


def value_ticks(low: float, high: float, room: int, logarithmic: bool) -> list[tuple[float, str]]:
    """Return places and words of a vertical axis; logarithmic: places are decimal logarithms, words the values."""
    if not logarithmic:
        every = next(f * 10.0**p for p in range(-9, 10) for f in (1, 2, 5) if (high - low) / (f * 10.0**p) <= room)
        count = int(np.floor(high / every + 1e-9))
        return [(place * every, f"{place * every:.6g}") for place in range(int(np.ceil(low / every)), count + 1)]
    decades = list(range(int(np.ceil(low)), int(np.floor(high)) + 1))
    if len(decades) >= 2:
        return [(float(d), power_of_ten(d)) for d in decades[:: -(-len(decades) // room)]]
    return [(v, f"{10**v:.1g}") for v in _between_powers(low, high, room)]
