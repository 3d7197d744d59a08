"""The view of all layers as one product."""

from __future__ import annotations

import numpy as np
import pytest
from pytestqt.qtbot import QtBot

from engine.cell.cells import CELLS
from engine.document import memory
from engine.document.document import Document, blank
from engine.explain.stacked import stacked
from gui.matrix.map import MatrixMap
from gui.views.base import Tools
from gui.views.stacked import stacked as stacked_module
from gui.views.stacked.stacked import StackedView
from gui.window.main_window import MainWindow
from tests.gui.driving import move, traced


@pytest.fixture
def view(qtbot: QtBot, window: MainWindow) -> StackedView:
    tools = Tools(
        model=window.model,
        playback=window.playback,
        light=window.light,
        background=window.background,
        typesetter=window.typesetter,
        appearance=window._appearance,
    )
    view = StackedView(tools)
    qtbot.addWidget(view)
    view.resize(1110, 600)
    view.show()
    qtbot.waitExposed(view)
    return view


def show(qtbot: QtBot, window: MainWindow, document: Document) -> None:
    window.model.replace(document, "")
    traced(qtbot, window)


def resting(view: StackedView, shown: MatrixMap, row: int, column: int = 0) -> None:
    move(shown, shown.cell_rect(row, column).center())


def test_the_worked_example_in_torch_s_order(qtbot: QtBot, window: MainWindow, view: StackedView) -> None:
    qtbot.waitUntil(lambda: view.stack is not None)
    expected_z = [22, 43, 64, 92, 177, 136]
    assert [view.z.texts()[row, 0] for row in range(6)] == [str(value) for value in expected_z]
    assert [view.weights.texts()[4, column] for column in range(6)] == ["5", "6", "7", "8", "9", "10"]
    assert [view.xh.texts()[row, 0] for row in range(6)] == ["1", "2", "3", "4", "5", "6"]
    assert [view.results.texts()[row, 0] for row in range(6)] == ["1.00"] * 6
    assert view.sizes == "12×1 = 12×6 · 6×1 + 12×1"
    assert view.formula.startswith(r"\left[z_i;\ z_f;\ z_C;\ z_o\right] = W")
    assert "all four are one product of 4k×(m+n) = 12×6" in view.notes
    assert "in the order i, f, g, o" in view.notes
    assert "weight_ih is the columns of x (12×3)" in view.notes
    assert "weight_hh the columns of h (12×3)" in view.notes


@pytest.mark.parametrize("cell", list(CELLS))
@pytest.mark.parametrize("size", [1, 16])
def test_every_cell_shows_its_own_numbers(
    qtbot: QtBot, window: MainWindow, view: StackedView, cell: str, size: int
) -> None:
    generator = np.random.default_rng(0)
    document = blank(size, size, size, cell_name=cell).with_inputs(x=generator.normal(size=(2, size)))
    show(qtbot, window, document)
    for t in (0, 1):
        window.playback.seek_step(t)
        stack = stacked(traced(qtbot, window), t)
        assert stack is not None
        shown = [(view.weights, stack.weights.W), (view.xh, stack.xh[:, None]), (view.bias, stack.weights.b[:, None])]
        shown += [(view.z, stack.z[:, None]), (view.results, stack.results[:, None])]
        for matrix_map, values in shown:
            np.testing.assert_array_equal(matrix_map.values, values)
    assert view.peepholes.isVisible() == (cell == "peephole")
    assert ("no such cell" in view.notes) == (cell in ("gru-2014", "peephole", "coupled", "lstm-1997"))
    view.grab()


def test_a_projected_cell_with_an_output_and_drawn_gates(qtbot: QtBot, window: MainWindow, view: StackedView) -> None:
    document = blank(3, 2, 4).with_output("softmax", 3).with_sampled(1)
    show(qtbot, window, document)
    stack = stacked(traced(qtbot, window), 0)
    assert stack is not None
    assert view.weights.values.shape == (16, 5)
    np.testing.assert_array_equal(view.results.values[:, 0], stack.results)
    assert view.results.texts()[0, 0] in ("0", "1")


def test_resting_on_z_lights_its_row_and_all_of_x_and_h(qtbot: QtBot, window: MainWindow, view: StackedView) -> None:
    qtbot.waitUntil(lambda: view.stack is not None)
    with qtbot.waitSignal(window.light.said) as said:
        resting(view, view.z, 4)  # z_f[2]
    assert said.args[0].startswith("z_f[2] = 177")
    assert view.weights.lit[0] == ((slice(4, 5), slice(0, 6)),)
    assert view.xh.lit[0] == ((slice(0, 6), slice(0, 1)),)
    assert view.bias.lit[0] == ((slice(4, 5), slice(0, 1)),)
    assert view.results.lit[1] == ((slice(4, 5), slice(0, 1)),)
    assert view.z.toolTip() == "z_f[2] = 177"
    resting(view, view.z, 0)
    assert view.weights.lit[0] == ((slice(0, 1), slice(0, 6)),)
    window.light.leave()
    assert all(shown.lit == ((), ()) for shown in view._maps)


def test_resting_on_an_entry_of_x_lights_all_that_reads_it(qtbot: QtBot, window: MainWindow, view: StackedView) -> None:
    qtbot.waitUntil(lambda: view.stack is not None)
    resting(view, view.xh, 4)
    assert view.xh.toolTip() == "h_{t-1}[2] = 5"
    assert [rows for rows, _ in view.z.lit[1]] == [slice(0, 3), slice(3, 6), slice(6, 9), slice(9, 12)]


def test_weights_are_named_by_their_layer(qtbot: QtBot, window: MainWindow, view: StackedView) -> None:
    qtbot.waitUntil(lambda: view.stack is not None)
    with qtbot.waitSignal(window.light.said) as said:
        resting(view, view.weights, 3, 5)
    assert view.weights.toolTip() == "W_f[1, 6] = 6"
    assert said.args[0].startswith("W_f[1, 6] = 6")


def test_another_order_of_columns_slides_and_moves_the_numbers(
    qtbot: QtBot, window: MainWindow, view: StackedView
) -> None:
    qtbot.waitUntil(lambda: view.stack is not None)
    window.model.edit(window.model.document.with_order("h,x"), "order")
    traced(qtbot, window)
    qtbot.waitUntil(lambda: not view.weights.sliding and not view.xh.sliding)
    assert [view.xh.texts()[row, 0] for row in range(6)] == ["4", "5", "6", "1", "2", "3"]
    assert [view.weights.texts()[3, column] for column in range(6)] == ["4", "5", "6", "1", "2", "3"]


def test_a_large_cell_is_stacked_in_the_background(qtbot: QtBot, window: MainWindow, view: StackedView) -> None:
    show(qtbot, window, blank(200, 200, 200))
    qtbot.waitUntil(lambda: view.weights.values.shape == (800, 400))
    trace = traced(qtbot, window)
    np.testing.assert_array_equal(view.weights.values[200:400], trace.parameters["W_f"])
    assert view.z.texts() == {}  # a strip


def test_letters_grow_for_a_hall(qtbot: QtBot, window: MainWindow, view: StackedView) -> None:
    qtbot.waitUntil(lambda: view.stack is not None)
    view.resize(1800, 950)
    before = view.z.cell_rect(0, 0).height()
    view.tools.appearance.present(True)
    assert view.z.cell_rect(0, 0).height() > before * 1.3
    assert view.z.texts()[0, 0] == "22"


@pytest.mark.parametrize("how", ["too little is free", "none is left on the way"])
def test_a_stack_without_memory_says_so_and_the_next_one_comes(
    qtbot: QtBot, window: MainWindow, view: StackedView, monkeypatch: pytest.MonkeyPatch, how: str
) -> None:
    def short_of_memory(_trace: object) -> object:
        raise MemoryError

    said: list[str] = []
    view.message.connect(said.append)
    large, others = blank(600, 600, 600), blank(200, 200, 200)
    if how == "too little is free":
        monkeypatch.setattr(memory, "available_bytes", lambda: 1_000)
        sentence = "The view of all layers at once: a copy of the weights needs"
    else:
        monkeypatch.setattr(stacked_module, "stacked_weights", short_of_memory)
        sentence = "There is not enough memory"
    show(qtbot, window, large)
    qtbot.waitUntil(lambda: bool(said))
    view.refresh()
    assert len(said) == 1
    assert said[0].startswith(sentence)
    assert view.stack is None
    monkeypatch.undo()
    show(qtbot, window, others)
    qtbot.waitUntil(lambda: view.weights.values.shape == (800, 400))


def test_the_cursor_on_a_stack_that_is_replaced(qtbot: QtBot, window: MainWindow, view: StackedView) -> None:
    show(qtbot, window, blank(400, 400, 400))
    qtbot.waitUntil(lambda: view.weights.values.shape == (1600, 800))
    show(qtbot, window, blank(200, 200, 200))
    resting(view, view.weights, 1500, 700)  # of the large one, if that is still on the screen
    qtbot.waitUntil(lambda: view.weights.values.shape == (800, 400))
    resting(view, view.weights, 700, 300)
    assert view.weights.toolTip().startswith("W_o[101, 301]")
