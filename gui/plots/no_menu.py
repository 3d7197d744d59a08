"""Plots without the menu of the library's options."""

from __future__ import annotations

import pyqtgraph as pg


def without_menu(widget: pg.PlotWidget) -> None:
    """Turn a plot's menu off, and let it go with the plot."""
    plot = widget.getPlotItem()
    plot.setMenuEnabled(False)
    # The library makes it all the same, a window of its own without a parent. Left to the garbage collector after
    # the plot's window is destroyed, it takes the program down.
    plot.ctrlMenu.setParent(widget, plot.ctrlMenu.windowFlags())
