"""Every declared cell in the window: chosen, drawn, played to the end, with its numbers and where they come from."""

from __future__ import annotations

import numpy as np
import pytest
from pytestqt.qtbot import QtBot

from engine.cell.cells import CELLS, OUTPUTS
from engine.document.document import blank
from gui.diagram.items import SwitchItem
from gui.diagram.layouts.cells import layout_of
from gui.window.main_window import MainWindow
from tests.gui.driving import assert_diagram_shows_trace, click, traced


def choose(window: MainWindow, action: str) -> None:
    window.actions_by_name[action].trigger()


@pytest.mark.parametrize("output", [None, *OUTPUTS])
@pytest.mark.parametrize("name", CELLS)
def test_a_layout_shows_every_value_of_its_cell(name: str, output: str | None) -> None:
    cell = CELLS[name](False, "x,h", output)
    layout = layout_of(cell)
    shown = {value for slot in layout.slots.values() for value in slot.values}
    assert shown == {item.name for item in cell.inputs} | {operation.name for operation in cell.operations}
    assert {operation.name for operation in cell.operations} - {"xh"} == {
        operation for node in layout.nodes.values() for operation in node.operations
    }
    assert set(layout.routes) == {operation.name for operation in cell.operations}
    layers = {node.layer for node in layout.nodes.values() if node.layer}
    assert layers == {item.name for item in cell.parameters if len(item.shape) == 2}


@pytest.mark.parametrize("name", CELLS)
def test_a_cell_is_chosen_and_played_to_its_end(window: MainWindow, qtbot: QtBot, name: str):
    choose(window, f"cell {name}")
    choose(window, "output softmax")
    trace = traced(qtbot, window)
    assert trace.cell.name == name
    assert window.actions_by_name[f"cell {name}"].isChecked()
    assert not window.actions_by_name["output none"].isChecked()
    for position in range(1, window.playback.last + 1):
        window.playback.seek(position)
        assert_diagram_shows_trace(window)
        window.formula.grab()
    assert not window.view.grab().isNull()
    for matrix in window.weights.matrices:
        window.weights.choose(matrix)
        window.weights.randomise()
    assert traced(qtbot, window).cell.name == name
    choose(window, "cell lstm")
    window.model.undo_stack.setClean()


def test_undo_takes_a_cell_back(window: MainWindow, qtbot: QtBot):
    before = window.model.document
    choose(window, "cell gru")
    assert window.model.document.cell_name == "gru"
    assert not window.sizes.link.isEnabled()
    assert window.inputs.table.grid.rowCount() == len(before.x) + 1  # no C
    window.model.undo_stack.undo()
    assert window.model.document is before
    assert window.actions_by_name["cell lstm"].isChecked()
    assert window.sizes.link.isEnabled()
    assert window.inputs.table.grid.rowCount() == len(before.x) + 2


def test_the_columns_turn_and_no_result_changes(window: MainWindow, qtbot: QtBot):
    before = traced(qtbot, window)
    header = window.weights.table.grid.content.columns
    choose(window, "order")
    after = traced(qtbot, window)
    assert window.model.document.order == "h,x"
    assert window.weights.table.grid.content.columns[:3] == header[3:6]
    np.testing.assert_allclose(after.steps[0]["h_t"], before.steps[0]["h_t"], rtol=0, atol=1e-12)
    choose(window, "order")
    assert window.weights.table.grid.content.columns == header
    window.model.undo_stack.setClean()


def test_the_output_grows(window: MainWindow, qtbot: QtBot):
    assert not window.sizes.boxes["p"].isVisible()
    choose(window, "output sigmoid")
    assert window.sizes.boxes["p"].isVisible()
    window.sizes.boxes["p"].setValue(4)
    trace = traced(qtbot, window)
    assert trace.steps[0]["y_t"].shape == (4,)
    window.playback.seek(window.playback.last)
    assert_diagram_shows_trace(window)
    choose(window, "output none")
    assert "y_t" not in traced(qtbot, window).steps[0]
    window.model.undo_stack.setClean()


def test_resting_on_a_number_lights_up_what_it_was_made_of(window: MainWindow, qtbot: QtBot):
    window.model.replace(blank(2, 3, 3, seed=1), "fresh")
    traced(qtbot, window)
    window.playback.seek(3)
    window.scene.rested.emit("z_f", 1)
    columns = window.scene.columns
    assert columns["xh"].lit == ((slice(0, 5),), None)
    assert columns["x_t"].lit[0] == (slice(0, 2),)
    assert columns["h_prev"].lit[0] == (slice(0, 3),)
    assert columns["C_prev"].lit == (None, None)
    table = window.weights.table
    assert [column for column in range(6) if table.is_lit(1, column)] == list(range(6))
    assert not any(table.is_lit(row, column) for row in (0, 2) for column in range(6))
    assert "z_f[2] = " in window.statusBar().currentMessage()
    assert "row 2 of W_f, x_t, h_{t-1}, b_f[2]" in window.statusBar().currentMessage()
    # The other way: what a weight goes into.
    window.playback.seek(window.playback.last)
    assert columns["xh"].lit == (None, None)
    table.rested.emit(1, 0)
    assert columns["f_t"].lit == (None, (slice(1, 2),))
    assert columns["i_t"].lit == (None, None)
    table.rested.emit(-1, -1)
    assert columns["f_t"].lit == (None, None)


def test_resting_on_a_number_of_the_formula(window: MainWindow, qtbot: QtBot):
    traced(qtbot, window)
    window.playback.seek(14)  # C_t
    qtbot.waitUntil(lambda: window.formula.numbers is not None and not window.formula.numbers.missing)
    window.formula.rested.emit("C_t", (2,))
    assert window.scene.columns["kept"].lit[0] == (slice(2, 3),)
    assert window.scene.columns["added"].lit[0] == (slice(2, 3),)
    assert window.scene.columns["f_t"].lit[0] == (slice(2, 3),)
    window.inputs.table.rested.emit(0, 0)
    assert window.scene.columns["f_t"].lit == (None, (slice(0, 3),))
    window.light.leave()
    assert window.statusBar().currentMessage() == ""


def test_the_output_is_switched_in_the_diagram(window: MainWindow, qtbot: QtBot):
    def switch() -> SwitchItem:
        (item,) = (item for item in window.scene.items() if isinstance(item, SwitchItem))
        return item

    for there in (True, False):
        at = window.view.mapFromScene(switch().scenePos())
        click(qtbot, window.view.viewport(), at)
        assert window.model.document.has_output is there
        assert ("y_t" in traced(qtbot, window).steps[0]) is there
    window.model.undo_stack.setClean()


def test_resting_on_what_is_not_there_any_more_lights_nothing(window: MainWindow, qtbot: QtBot):
    trace = traced(qtbot, window)
    for name, place in (("r_t", (0,)), ("f_t", (9,)), ("W_f", (0,))):
        window.light.rest_on(trace, 0, "f_t", (0,))
        assert window.statusBar().currentMessage() != ""
        window.light.rest_on(trace, 0, name, place)
        assert window.statusBar().currentMessage() == ""
