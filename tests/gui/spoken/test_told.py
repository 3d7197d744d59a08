"""What a screen reader hears of the diagram and of plots."""

from __future__ import annotations

import numpy as np
import pytest
from PySide6.QtCore import Qt
from PySide6.QtGui import QAccessible
from PySide6.QtWidgets import QWidget
from pytestqt.qtbot import QtBot

from engine.runs.history import History
from gui.appearance.theme import Appearance
from gui.diagram.view import CellView
from gui.plots.curves import CurvesPlot, CurveStyle
from gui.spoken import news
from gui.spoken.news import listed
from gui.window.main_window import MainWindow
from tests.gui.driving import wait_until
from tests.gui.spoken.heard import Heard, nodes


def parts(view: CellView) -> list[Heard]:
    interface = QAccessible.queryAccessibleInterface(view)
    assert interface is not None
    return [one for one in nodes(interface) if "_Node" in one.path]


def says(view: CellView, name: str) -> bool:
    return any(one.name == name for one in parts(view))


def test_the_diagram_is_a_tree_of_its_parts_with_their_values(window: MainWindow, announced: list[str]):
    window.playback.seek(window.playback.last)
    wait_until(lambda: says(window.view, "output gate, 3 units: 0.30, 0.90, 0.60"))
    assert says(window.view, "input, 3 entries: 1, 2, 3")
    assert says(window.view, "x and h together, 6 entries: 1, 2, 3, 4, 5, 6")
    within = {one.name.partition(",")[0]: one.path.count("_Node") for one in parts(window.view)}
    assert (within["Cell"], within["input"], within["forget gate"], within["hidden state"]) == (1, 1, 2, 2)
    window.playback.restart()
    wait_until(lambda: says(window.view, "forget gate, 3 units: not computed yet"))


def test_the_backward_pass_says_gradients(window: MainWindow, announced: list[str]):
    cell = window.stage.cell
    cell.turn(True)
    wait_until(lambda: cell.back.last > 0)
    cell.back.seek(cell.back.last)
    wait_until(lambda: any(one.name.startswith("gradient of forget gate, 3 units: ") for one in parts(window.view)))
    for position in range(cell.back.last + 1):  # also to the gradients of weights, which have no numbers there
        cell.back.seek(position)
    assert "∂L/∂W_f computed" in announced
    assert any(words.startswith("∂L/∂o_t computed: ") for words in announced)
    cell.turn(False)


def test_each_operation_is_announced_once_as_it_is_computed(window: MainWindow, announced: list[str]):
    names = [operation.name for operation in window.model.trace.cell.operations]
    window.playback.restart()
    announced.clear()
    for _ in range(names.index("o_t") + 1):
        window.playback.next()
        window.playback.seek(window.playback.position)
    assert announced[-1] == "o_t computed: 0.30, 0.90, 0.60"
    assert len(announced) == len(set(announced)) == names.index("o_t") + 1
    window._appearance.changed.emit()  # it is painted anew, and nothing is computed
    assert announced[-1] == "o_t computed: 0.30, 0.90, 0.60"
    assert len(announced) == names.index("o_t") + 1


def test_nobody_sees_the_tree(window: MainWindow, announced: list[str]):
    window.playback.seek(window.playback.last)
    wait_until(lambda: says(window.view, "output gate, 3 units: 0.30, 0.90, 0.60"))
    viewport = window.view.viewport()
    made = list(viewport.findChildren(QWidget, "spoken"))
    with_tree = window.view.grab().toImage()
    for node in made:
        node.hide()
    assert window.view.grab().toImage() == with_tree
    through = Qt.WidgetAttribute.WA_TransparentForMouseEvents
    assert all(node.testAttribute(through) and node.focusPolicy() is Qt.FocusPolicy.NoFocus for node in made)
    for node in made:
        node.show()


def test_without_a_screen_reader_no_widget_is_made(own_window: MainWindow):
    assert not QAccessible.isActive()
    own_window.playback.seek(own_window.playback.last)
    assert own_window.view.viewport().findChildren(QWidget, "spoken") == []


@pytest.mark.parametrize(
    ("values", "words"),
    [
        ([0.5], "0.5"),
        ([0.5, 0.25], "0.5, 0.25"),
        (np.zeros((2, 2)), "0.0, 0.0, 0.0, 0.0"),
        (np.ones(13), ", ".join(["1.0"] * 12) + " and 1 more"),
        (np.ones(1012), ", ".join(["1.0"] * 12) + " and 1,000 more"),
        ([], ""),
    ],
)
def test_numbers_one_after_the_other(values: list[float], words: str):
    assert listed(values, str) == words


def curves(qtbot: QtBot, appearance: Appearance, names: tuple[str, ...]) -> tuple[CurvesPlot, History]:
    plot = CurvesPlot(appearance, {name: CurveStyle("cell", name=name) for name in names})
    qtbot.addWidget(plot)
    plot.call("Loss")
    plot.resize(400, 200)
    history = History(names)
    plot.show()
    plot.show_history(history, {name: name for name in names})
    return plot, history


def test_a_plot_says_its_newest_value_once_a_second(
    qtbot: QtBot, appearance: Appearance, announced: list[str], monkeypatch: pytest.MonkeyPatch
):
    plot, history = curves(qtbot, appearance, ("loss",))
    plot._told._rest.setInterval(60_000)  # the second, as long as the test takes
    history.append(np.array([[0.5]] * 1137 + [[0.031]], dtype=np.float32))
    plot.refresh()
    assert plot.widget.accessibleName() == "Loss, newest value 0.031 at step 1,138"
    history.append(np.array([[0.02]], dtype=np.float32))
    plot.refresh()
    assert plot.widget.accessibleName() == "Loss, newest value 0.031 at step 1,138"
    plot._told._rest.timeout.emit()
    assert plot.widget.accessibleName() == "Loss, newest value 0.02 at step 1,139"
    assert news.SECOND_MS == 1000


def test_a_plot_of_several_curves_says_each(qtbot: QtBot, appearance: Appearance, announced: list[str]):
    plot, history = curves(qtbot, appearance, ("W_f", "W_i"))
    history.append(np.array([[0.5, np.nan]], dtype=np.float32))
    plot.refresh()
    assert plot.widget.accessibleName() == "Loss, newest value 0.5 at step 1"
    plot.redraw()
    history.append(np.array([[0.5, 0.25]], dtype=np.float32))
    plot._told._rest.stop()
    plot.refresh()
    assert plot.widget.accessibleName() == "Loss, newest values at step 2: W_f 0.5, W_i 0.25"


def test_a_plot_keeps_its_title_where_nobody_listens(qtbot: QtBot, appearance: Appearance):
    plot, history = curves(qtbot, appearance, ("loss",))
    history.append(np.array([[0.5]], dtype=np.float32))
    plot.refresh()
    assert plot.widget.accessibleName() == "Loss"
