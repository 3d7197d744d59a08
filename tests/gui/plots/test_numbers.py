"""A plot's menu copies its numbers, and resets its zoom."""

from __future__ import annotations

from collections.abc import Iterator

import numpy as np
import pyqtgraph as pg
import pytest
from PySide6.QtGui import QGuiApplication
from PySide6.QtWidgets import QApplication
from pytestqt.qtbot import QtBot

from engine.runs.history import History
from gui.appearance.theme import Appearance
from gui.plots.axes import PowerAxis, StepAxis, plot_widget, styled_axis
from gui.plots.curve_stack import CurveStack
from gui.plots.curves import CurvesPlot, CurveStyle
from gui.plots.numbers import Maps, table_of
from tests.gui.menus import choose_entry, entries, menu_at


@pytest.fixture(autouse=True)
def no_menu_left() -> Iterator[None]:
    yield
    menu = QApplication.activePopupWidget()
    if menu is not None:
        menu.close()


def test_series_with_the_same_places_share_a_column_and_others_do_not():
    x, other = np.array([1.0, 2.0, 3.0]), np.array([0.5])
    assert table_of([("a", x, x / 4), ("b", x, np.array([1, np.nan, np.inf]))], "t") == (
        "t,a,b\n1,0.25,1\n2,0.5,\n3,0.75,inf\n"
    )
    assert table_of([("a", x, x), ('1, "2"', other, other)]) == (
        'x of a,a,"x of 1, ""2""","1, ""2"""\n1,1,0.5,0.5\n2,2,,\n3,3,,\n'
    )


def test_maps_have_a_column_for_each_unit_and_too_many_numbers_are_not_offered():
    maps = {"f": np.array([[0.5, 1.0], [0.25, 0.0]], np.float32)}
    assert Maps(4, lambda: maps).table() == "t,f 1,f 2\n1,0.5,1\n2,0.25,0\n"
    (entry,) = Maps(10**6, lambda: maps).entries()
    assert (entry.words, entry.do) == ("1,000,000 numbers are too many to copy as text", None)


def test_what_is_drawn_is_copied_as_values_also_from_a_logarithmic_axis(qtbot: QtBot, appearance: Appearance):
    widget = plot_widget(bottom=StepAxis(), left=PowerAxis())
    styled_axis(widget.getPlotItem(), appearance)
    qtbot.addWidget(widget)
    widget.resize(300, 200)
    widget.show()
    stack = CurveStack()
    stack.set_curves({"loss": (np.array([1.0, 2.0]), np.array([-1.0, 2.0]))})
    widget.getPlotItem().addItem(stack)
    widget.getPlotItem().addItem(pg.PlotCurveItem(np.array([1.0, 2.0]), np.array([0.0, 1.0]), name="norm"))
    choose_entry(menu_at(widget.viewport()), "Copy the numbers as CSV")
    assert QGuiApplication.clipboard().text() == "step,loss,norm\n1,0.1,1\n2,100,10\n"


def test_a_run_s_curves_are_copied_step_by_step_and_the_zoom_is_reset(qtbot: QtBot, appearance: Appearance):
    plot = CurvesPlot(appearance, {"loss": CurveStyle("input", name="loss")})
    qtbot.addWidget(plot)
    plot.resize(400, 250)
    plot.show()
    history = History(("loss",))
    history.append(np.linspace(1.0, 0.5, 300, dtype=np.float32)[:, None])
    plot.show_history(history, {"loss": "loss"})
    menu = menu_at(plot.widget.viewport())
    assert "Reset the zoom (0)" not in entries(menu)
    choose_entry(menu, "Copy the numbers as CSV")
    lines = QGuiApplication.clipboard().text().splitlines()
    assert lines[0] == "step,loss"
    assert len(lines) == 301
    assert lines[1].split(",") == ["1", "1"]
    assert float(lines[300].split(",")[1]) == pytest.approx(0.5)
    plot.plot.getViewBox().setXRange(10, 20)
    plot.plot.getViewBox().sigRangeChangedManually.emit((True, True))
    assert plot.is_zoomed
    choose_entry(menu_at(plot.widget.viewport()), "Reset the zoom (0)")
    assert not plot.is_zoomed
