"""Plots without pyqtgraph's menu and buttons, and their axes: steps, values, powers of ten."""

from __future__ import annotations

import numpy as np
import pyqtgraph as pg
from numpy.typing import NDArray
from PySide6.QtGui import QFontMetricsF, QPalette

from gui.appearance.text_size import NOTE
from gui.appearance.theme import Appearance, font
from gui.plots.numbers import OwnTable, PlotMenu
from gui.plots.ticks import (
    linear_places,
    linear_words,
    log_places,
    log_words,
    share_words,
    step_ticks,
    whole_places,
)
from gui.widgets.themed.cursor_keys import CursorKeys

TINY = 1e-12
"""What a logarithmic axis shows for 0."""
_BETWEEN_WORDS = 1.7
"""Between the numbers at an axis, in heights of a letter; the first has a word as well."""


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
    """An axis of training steps: whole numbers, written as 10,000."""

    def __init__(self) -> None:
        super().__init__("bottom")
        self.enableAutoSIPrefix(False)

    def tickValues(self, low: float, high: float, size: float) -> list[tuple[float, list[float]]]:
        letters = QFontMetricsF(self.style["tickFont"])
        width = letters.horizontalAdvance(f"{high:,.0f}") + _BETWEEN_WORDS * letters.height()
        places = whole_places(low, high, max(1, int(size // width)))
        return [(1.0, [float(step) for step in places if step >= 0])]  # one can zoom out beyond the first

    def tickStrings(self, values: list[float], scale: float, spacing: float) -> list[str]:
        words = [f"{step:,.0f}" for step in values]
        return [f"step {words[0]}", *words[1:]] if words else []  # at the right end it may have no room


class TimeAxis(pg.AxisItem):
    """An axis of time steps: whole numbers, as many as stand apart from each other."""

    def __init__(self) -> None:
        super().__init__("bottom")
        self.enableAutoSIPrefix(False)

    def tickValues(self, low: float, high: float, size: float) -> list[tuple[float, list[float]]]:
        room = max(2, int(size // (4 * self.style["tickFont"].pixelSize())))
        return [(1.0, [float(t) for t in step_ticks(int(high), room)])]

    def tickStrings(self, values: list[float], scale: float, spacing: float) -> list[str]:
        return [f"{'' if number else 't = '}{value:,.0f}" for number, value in enumerate(values)]


class _VerticalAxis(pg.AxisItem):
    """An axis of values, with as many numbers as fit."""

    def __init__(self, side: str = "left") -> None:
        super().__init__(side)
        self.enableAutoSIPrefix(False)

    def _room(self, size: float) -> int:
        return max(2, int(size // (2 * self.style["tickFont"].pixelSize())))


class ValueAxis(_VerticalAxis):
    """A vertical axis of plain values, all with the same number of decimals; or of shares, as percentages."""

    def __init__(self, side: str = "left", shares: bool = False) -> None:
        super().__init__(side)
        self._shares = shares

    def tickValues(self, low: float, high: float, size: float) -> list[tuple[float, list[float]]]:
        if self._tickSpacing is not None:  # somebody has said which
            return list(super().tickValues(low, high, size)[:1])
        every, places = linear_places(low, high, self._room(size))
        return [(every, places)]

    def tickStrings(self, values: list[float], scale: float, spacing: float) -> list[str]:
        return share_words(values, spacing) if self._shares else linear_words(values, spacing)


class PowerAxis(_VerticalAxis):
    """An axis of decimal logarithms: it writes 10⁻² at -2."""

    def tickValues(self, low: float, high: float, size: float) -> list[tuple[float, list[float]]]:
        return [(1.0, log_places(low, high, self._room(size)))]

    def tickStrings(self, values: list[float], scale: float, spacing: float) -> list[str]:
        return log_words(values)


def plot_widget(*, mouse: bool = False, numbers: OwnTable | None = None, **axes: pg.AxisItem) -> pg.PlotWidget:
    """Return a plot with these axes by side; see `keep_still`."""
    widget = pg.PlotWidget(axisItems=axes, background=None)
    keep_still(widget, mouse=mouse, numbers=numbers)
    return widget


def keep_still(widget: pg.PlotWidget, *, mouse: bool = False, numbers: OwnTable | None = None) -> None:
    """Make a plot opaque, with a menu of ours in place of pyqtgraph's menu and buttons.

    mouse: whether the user can move and zoom it. numbers: what its menu copies; what is drawn if None.
    """
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
    steps, powers = (isinstance(plot.getAxis(side), kind) for side, kind in (("bottom", StepAxis), ("left", PowerAxis)))
    box = plot.getViewBox()
    CursorKeys(widget, widget.viewport(), lambda: widget.mapFromScene(box.sceneBoundingRect()).boundingRect())
    PlotMenu(widget, "step" if steps else "x", powers, numbers)


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
