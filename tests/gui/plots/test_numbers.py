"""A plot's menu copies its numbers, and resets its zoom."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from typing import Any

import numpy as np
import pyqtgraph as pg
import pytest
from PySide6.QtGui import QGuiApplication
from PySide6.QtWidgets import QApplication, QWidget
from pytestqt.qtbot import QtBot

from engine.runs.history import History
from engine.settings.config import TrainingConfig
from engine.tasks import create_task
from engine.tasks.example import example_of
from gui.appearance.theme import Appearance
from gui.commands.number_taker import number_entries
from gui.plots.axes import PowerAxis, StepAxis, plot_widget, styled_axis
from gui.plots.curve_stack import CurveStack
from gui.plots.curves import CurvesPlot, CurveStyle
from gui.plots.gate_maps import MAPS, range_words
from gui.plots.heat_map import said
from gui.plots.numbers import Maps, table_of, tables_within
from gui.plots.strip import Strip
from gui.widgets.layouts import in_column
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


def test_maps_have_a_column_for_each_unit_and_too_many_numbers_are_not_offered(qtbot: QtBot):
    maps = {"f": np.array([[0.5, 1.0], [0.25, 0.0]], np.float32)}
    assert Maps(4, lambda: maps).table() == "t,f 1,f 2\n1,0.5,1\n2,0.25,0\n"
    widget = QWidget()
    qtbot.addWidget(widget)
    (entry,) = number_entries(widget, [Maps(10**6, lambda: maps).named()])
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


def test_what_is_saved_are_the_numbers_of_that_moment_and_their_text_is_made_later(
    qtbot: QtBot, monkeypatch: pytest.MonkeyPatch
):
    holder, widget = QWidget(), plot_widget(bottom=StepAxis())
    qtbot.addWidget(holder)
    in_column(widget, inside=holder)
    holder.show()
    curve = widget.getPlotItem().plot([1.0, 2.0], [3.0, 4.0], name="loss")
    made: list[int] = []

    def counted(*given: Any) -> str:
        made.append(1)
        return table_of(*given)

    monkeypatch.setattr("gui.plots.numbers.table_of", counted)
    (taken,) = [table.taken() for table in tables_within(holder)]
    assert (taken.apart, made) == (True, []), "the window only takes the numbers"
    curve.setData([1.0], [9.0])
    assert taken.write() == "step,loss\n1,3\n2,4\n"


def test_a_run_s_curves_are_copied_step_by_step_and_the_zoom_is_reset(
    qtbot: QtBot, appearance: Appearance, monkeypatch: pytest.MonkeyPatch
):
    written: list[str] = []
    monkeypatch.setattr("gui.plots.numbers.table_of", lambda *series: written.append("") or table_of(*series))
    plot = CurvesPlot(appearance, {"loss": CurveStyle("input", name="loss")})
    qtbot.addWidget(plot)
    plot.resize(400, 250)
    plot.show()
    history = History(("loss",))
    history.append(np.linspace(1.0, 0.5, 300, dtype=np.float32)[:, None])
    plot.show_history(history, {"loss": "loss"})
    menu = menu_at(plot.widget.viewport())
    assert "Reset the zoom (0)" not in entries(menu)
    assert not written, "a long table is written when it is wanted, not whenever the menu opens"
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


def test_there_is_no_step_before_the_first(qtbot: QtBot, appearance: Appearance):
    axis = StepAxis()
    widget = plot_widget(bottom=axis, left=PowerAxis())
    qtbot.addWidget(widget)
    styled_axis(widget.getPlotItem(), appearance)
    ((_, places),) = axis.tickValues(-900.0, 2100.0, 600.0)
    assert places[0] == 0
    assert len(places) > 2


@pytest.mark.parametrize(("limit", "words"), [(1.0, "±1"), (5000.0, "±5,000"), (2e6, "±2,000,000"), (0.04, "±0.04")])
def test_the_scale_of_a_map_is_written_as_numbers_are(limit: float, words: str):
    assert range_words(MAPS["C"], (-limit, limit)) == words


def test_a_time_step_has_its_thousands_apart():
    assert said("cell state C", 1023, 4999, "0.25") == "cell state C, unit 1,024, t = 5,000: 0.25"


def test_what_is_predicted_has_the_name_and_the_sign_that_symbols_have():
    names = ("standing still", "standing up", "walking")
    example = replace(
        example_of(create_task(TrainingConfig(task="copying", sequence_length=4)), 0),
        x=np.eye(3, dtype=np.float32)[[0, 0]],
        input_names=names,
        answer_names=names,
        symbols=np.array([0, 0]),
        answers=np.array([0, 0]),
        target=np.zeros((2, 3), np.float32),
    )
    assert example.words.every_step
    strip = Strip(example, np.array([1, 2]), np.array([False, False]))
    assert strip.words_at(0).endswith(",   target standing still,   predicted standing up")
    assert {name for _, name in strip.legend()} == set(names)
