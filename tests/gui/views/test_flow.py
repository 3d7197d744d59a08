"""Gradients through time of a run, in the real window, against the numbers of its snapshots."""

from __future__ import annotations

import json
from collections.abc import Callable
from dataclasses import asdict, replace

import numpy as np
import pytest
from PySide6.QtCore import Qt
from PySide6.QtGui import QGuiApplication
from PySide6.QtTest import QTest
from pytestqt.qtbot import QtBot

from engine.cell.cells import CELLS
from engine.runs.gradient_flow import ways
from engine.runs.history import History
from engine.runs.messages import State, Update
from engine.runs.observation import LayerFlow
from engine.settings.config import ConfigError, TrainingConfig
from gui.appearance.stored import Stored
from gui.plots.axes import log10
from gui.views.flow.flow import FlowView
from gui.views.flow.flow_map import DECADES, Scale, recorded
from gui.views.flow.ways import TWIN, way_lines
from gui.views.flow.words import ONE_STEP, comes_in, left_over
from gui.window.main_window import MainWindow
from tests.gui.conftest import Windows
from tests.gui.driving import CONTROL, Key, activate, click, press
from tests.gui.menus import choose_entry, menu_at

SMALL = TrainingConfig(sequence_length=10, cell_size=4, batch_size=8, steps=60, worker="thread", device="cpu")
PATIENCE_MS = 60_000

Open = Callable[..., FlowView]


@pytest.fixture
def open_with(windows: Windows, settings: Stored, qtbot: QtBot) -> Open:
    """Open the window of a user who has chosen these settings the last time, and bring the view to the front."""

    def opened(**chosen: object) -> FlowView:
        settings.setValue("training", json.dumps(asdict(replace(SMALL, **chosen))))
        window = windows.open(settings)
        activate(qtbot, window)
        press(Key.Key_3, CONTROL)
        view = window.stage.view("flow")
        assert isinstance(view, FlowView)
        assert window.stage.front == "flow"
        return view

    return opened


def train(qtbot: QtBot, view: FlowView) -> None:
    """Train to the end; wait until the newest gradients are shown."""
    activate(qtbot, view.window())
    press(Key.Key_T, CONTROL)
    qtbot.waitUntil(lambda: view.training.run.state is State.FINISHED, timeout=PATIENCE_MS)

    def shown() -> bool:
        snapshot = view.training.run.history.last_snapshot
        return snapshot is not None and snapshot.step >= SMALL.steps and snapshot.extras.flow is not None

    qtbot.waitUntil(lambda: shown() and view.training.told_all, timeout=PATIENCE_MS)
    view.refresh()


def newest(view: FlowView, layer: int = 0) -> LayerFlow:
    snapshot = view.training.run.history.last_snapshot
    assert snapshot is not None
    assert snapshot.extras.flow is not None
    flow: LayerFlow = snapshot.extras.flow.layers[layer]
    return flow


def assert_shows(view: FlowView, layer: int = 0) -> None:
    """Check that curves and map hold the snapshot's numbers."""
    flow = newest(view, layer)
    assert set(view.now.norms) - {TWIN} == set(flow.states)
    for name, norms in flow.states.items():
        np.testing.assert_array_equal(view.now.norms[name], norms)
    assert set(view.ways.norms) == set(ways(view.shown_config.made_cell))
    for name, norms in flow.parts.items():
        np.testing.assert_array_equal(view.ways.norms[name], norms)
    steps, norms = view.map.shown
    assert steps[-1] == view.training.run.history.last_snapshot.step
    np.testing.assert_array_equal(norms[-1], flow.states[view.chosen])
    choose_entry(menu_at(view.map.widget.viewport()), "Copy the numbers as CSV")
    head, *rows = QGuiApplication.clipboard().text().splitlines()
    assert head == "step," + ",".join(f"t = {t}" for t in range(1, norms.shape[1] + 1))
    copied = np.array([[float(cell) for cell in row.split(",")] for row in rows])
    np.testing.assert_array_equal(copied[:, 0], steps)
    np.testing.assert_array_equal(copied[:, 1:].astype(np.float32), norms)


def test_before_a_run_it_offers_one(open_with: Open, qtbot: QtBot):
    view = open_with()
    assert view.now.is_empty
    assert view.empty.isVisible()
    (button,) = view.empty.buttons
    button.click()
    qtbot.waitUntil(lambda: view.training.run.state is State.FINISHED, timeout=PATIENCE_MS)
    qtbot.waitUntil(lambda: not view.empty.isVisible())


def test_a_run_that_has_ended_is_drawn_as_soon_as_the_view_is_looked_at(
    windows: Windows, settings: Stored, qtbot: QtBot
):
    """No other update comes that would draw what was left out."""
    settings.setValue("training", json.dumps(asdict(SMALL)))
    window = windows.open(settings)
    window.training.train()
    run = window.training.controller.run
    qtbot.waitUntil(lambda: run.state is State.FINISHED and window.training.controller.told_all, timeout=PATIENCE_MS)
    window.stage.show_view("flow")
    view = window.stage.view("flow")
    assert isinstance(view, FlowView)
    steps, norms = run.history.samples.series("flow.1.C_t")
    np.testing.assert_array_equal(view.map.shown[0], steps)
    np.testing.assert_array_equal(view.map.shown[1], norms)


def test_a_recording_without_gradients_offers_another_run(open_with: Open):
    view = open_with()
    run = view.training.run
    run.history = History(("loss",))
    run.history.append(np.ones((5, 1), np.float32))
    run.last = Update(State.STOPPED, step=5)
    view.refresh()
    assert view.empty.isVisible()
    assert "This run has ended, and nothing of this was kept" in view.empty.text()
    assert [button.text() for button in view.empty.buttons] == ["Start over (Ctrl+R)"]


@pytest.mark.parametrize("cell", list(CELLS))
def test_every_cell_shows_its_snapshot(open_with: Open, qtbot: QtBot, cell: str):
    view = open_with(cell=cell, layers=2)
    train(qtbot, view)
    assert_shows(view)
    assert "from layer 2" in view.where.text()
    view.controls.layer.setCurrentIndex(1)
    assert_shows(view, layer=1)
    assert "only at the last time step, t = 10" in view.where.text()
    assert view.controls.state.isVisible() == CELLS[cell]().has_state
    t, logs = view.now.stack.points("h_t")
    np.testing.assert_allclose(logs, log10(newest(view, 1).states["h_t"]))
    np.testing.assert_array_equal(t, np.arange(1, 11))


def test_a_projected_cell_whose_run_is_in_a_child_process(open_with: Open, qtbot: QtBot):
    view = open_with(cell_size=6, hidden_size=3, worker="process")
    train(qtbot, view)
    assert_shows(view)


def test_the_plain_rnn_comes_and_goes_with_its_box(open_with: Open, qtbot: QtBot):
    view = open_with(steps=100_000_000)
    activate(qtbot, view.window())
    press(Key.Key_T, CONTROL)
    qtbot.waitUntil(lambda: "C_t" in view.now.norms, timeout=PATIENCE_MS)
    assert not view.twin_map.isVisible()
    click(qtbot, view.controls.twin)
    assert view.training.config.twin == "on"
    qtbot.waitUntil(lambda: TWIN in view.now.norms and not view.twin_map.is_empty, timeout=PATIENCE_MS)
    qtbot.waitUntil(lambda: "plain RNN" in view.sentence.text(), timeout=PATIENCE_MS)
    np.testing.assert_array_equal(view.now.norms[TWIN], view.twin_flow.states["h_t"])
    assert view.map.bar.ends == view.twin_map.bar.ends
    click(qtbot, view.controls.twin)
    assert TWIN not in view.now.norms
    assert not view.twin_map.isVisible()
    assert "plain RNN" not in view.sentence.text()


def followed(view: FlowView) -> int | None:
    """Return the sequence whose curves are drawn, 0 for all; None where they are not those of the newest snapshot."""
    snapshot = view.training.run.history.last_snapshot
    flow = snapshot.extras.flow if snapshot is not None else None
    if flow is None or view.now.norms.get("h_t") is not flow.layers[0].states["h_t"]:
        return None
    return flow.sequence


def choose(view: FlowView, sequence: int) -> None:
    """Type a sequence into its box."""
    box = view.controls.sequence
    box.setFocus()
    box.selectAll()
    QTest.keyClicks(box, str(sequence))
    QTest.keyClick(box, Qt.Key.Key_Return)
    assert box.value() == sequence


def test_one_sequence_is_followed_while_the_run_goes_on_and_while_it_rests(open_with: Open, qtbot: QtBot):
    view = open_with(steps=100_000_000, twin="on")
    activate(qtbot, view.window())
    press(Key.Key_T, CONTROL)
    qtbot.waitUntil(lambda: followed(view) == 0, timeout=PATIENCE_MS)
    assert view.controls.sequence.text() == "all sequences"
    assert "mean over all" not in view.where.text()
    choose(view, 3)
    assert view.controls.sequence.text() == "sequence 3"
    qtbot.waitUntil(lambda: followed(view) == 3, timeout=PATIENCE_MS)
    assert view.now.words.text().endswith("sequence 3")
    assert "Only sequence 3 is shown; L stays the mean over all 8" in view.where.text()
    press(Key.Key_T, CONTROL)
    qtbot.waitUntil(lambda: view.training.run.state is State.PAUSED and view.training.told_all, timeout=PATIENCE_MS)
    step, third = view.training.run.history.count, newest(view)
    choose(view, 8)
    qtbot.waitUntil(lambda: followed(view) == 8, timeout=PATIENCE_MS)
    view.refresh()
    assert_shows(view)
    assert not np.array_equal(newest(view).states["h_t"], third.states["h_t"])
    assert newest(view).saturation == third.saturation  # that is of all sequences
    np.testing.assert_array_equal(view.now.norms[TWIN], view.twin_flow.states["h_t"])
    choose(view, 0)
    qtbot.waitUntil(lambda: followed(view) == 0, timeout=PATIENCE_MS)
    assert view.training.run.history.count == step
    assert "mean over all" not in view.where.text()
    marked = [words for at, words in view.training.run.history.events if words.startswith("gradients of ")]
    assert marked == ["gradients of sequence 3", "gradients of sequence 8", "gradients of all sequences"]
    view.refresh()
    assert set(view.map.events.marked) >= {(step, "gradients of sequence 8"), (step, "gradients of all sequences")}


def test_the_sequence_is_chosen_before_a_run_and_kept_where_it_is_there(open_with: Open, qtbot: QtBot):
    view = open_with()
    choose(view, 7)
    train(qtbot, view)
    assert followed(view) == 7
    for batch_size, expected in ((7, 7), (4, 0), (8, 0)):
        view.training.config = replace(view.training.config, batch_size=batch_size)
        activate(qtbot, view.window())
        press(Key.Key_R, CONTROL)
        assert view.controls.sequence.value() == expected
        assert view.controls.sequence.maximum() == batch_size
        qtbot.waitUntil(lambda: view.training.run.state is State.FINISHED, timeout=PATIENCE_MS)
        qtbot.waitUntil(lambda expected=expected: followed(view) == expected, timeout=PATIENCE_MS)


def test_a_batch_of_one_offers_no_choice(open_with: Open, qtbot: QtBot):
    view = open_with(batch_size=1)
    assert not view.controls.sequence.isVisible()
    train(qtbot, view)
    assert_shows(view)
    assert not view.controls.sequence.isVisible()
    with pytest.raises(ConfigError, match="expected 1 … 1"):
        view.training.follow_sequence(2)
    assert view.training.followed_sequence == 0


def test_the_chosen_state_is_told_and_mapped(open_with: Open, qtbot: QtBot):
    view = open_with()
    train(qtbot, view)
    flow = newest(view)
    for number, name in enumerate(("C_t", "h_t")):
        click(qtbot, view.controls.state.segments[number])
        assert view.chosen == name
        assert_shows(view)
        assert view.sentence.text() == left_over(flow, name, None, view.tools.appearance.digits)


def test_hovering_tells_the_numbers(open_with: Open, qtbot: QtBot):
    view = open_with()
    train(qtbot, view)
    written = view.tools.appearance.written
    flow = newest(view)
    words = view.now.told(view.now.widget, 3.2, 0.0)
    assert words.startswith("t = 3: ")
    assert f"‖∂L/∂C_t‖ {written(float(flow.states['C_t'][2]))}" in words
    assert f"through W_f {written(float(flow.parts['a_f'][2]))}" in view.ways.told(view.ways.widget, 3, 0)
    step = view.map.shown[0][-1]
    words = view.map.told(view.map.widget, float(step) + 0.5, 10.0)
    assert words == f"Step {step:,}, t = 10: ‖∂L/∂C_t‖ {written(float(flow.states['C_t'][9]))}"
    assert view.now.told(view.now.widget, 40, 0) == ""


def test_little_room_shows_one_page_at_a_time(open_with: Open, qtbot: QtBot):
    view = open_with(twin="on", layers=2)
    train(qtbot, view)
    window = view.window()
    assert isinstance(window, MainWindow)
    assert all(part.isVisible() for part in (view.now, view.ways, view.map, view.twin_map))
    assert not view.controls.pages.isVisible()
    window.resize(1000, 600)
    qtbot.waitUntil(view.controls.pages.isVisible)
    controls = view.controls
    widgets = [controls.layer, controls.sequence, controls.state, controls.twin, *controls.pages.segments]
    # Beside each other or in two rows, but never cut off.
    qtbot.waitUntil(lambda: all(widget.width() >= widget.sizeHint().width() for widget in widgets))
    for number, parts in enumerate(((view.now,), (view.map, view.twin_map), (view.ways,))):
        click(qtbot, view.controls.pages.segments[number])
        assert {part for part in (view.now, view.ways, view.map, view.twin_map) if part.isVisible()} == set(parts)
    window.presenting.begin()
    ticks = view.now.plot.getAxis("bottom").style
    qtbot.waitUntil(lambda: ticks["tickFont"].pixelSize() >= 24 * view.tools.appearance.scale)
    assert view.sentence.font().pixelSize() >= 24 * view.tools.appearance.scale
    qtbot.waitUntil(lambda: all(part.isVisible() for part in (view.now, view.ways, view.map, view.twin_map)))
    assert not view.controls.pages.isVisible()
    window.presenting.end()


def test_a_new_run_forgets_the_last(open_with: Open, qtbot: QtBot):
    view = open_with()
    train(qtbot, view)
    view.training.config = replace(view.training.config, cell="gru", sequence_length=7)
    activate(qtbot, view.window())
    press(Key.Key_R, CONTROL)
    assert view.now.is_empty
    qtbot.waitUntil(lambda: view.training.run.state is State.FINISHED and "h_t" in view.now.norms, timeout=PATIENCE_MS)
    assert set(view.now.norms) == {"h_t"}
    assert len(view.now.norms["h_t"]) == 7
    assert {line.key for line in way_lines(view.shown_config.made_cell, "the loss")} == set(view.ways.norms)


def test_the_colours_reach_as_far_as_the_moments_that_came_while_it_was_hidden(open_with: Open, qtbot: QtBot):
    view = open_with()
    train(qtbot, view)
    high = view.scale.high
    view.window().stage.show_view("diagram")
    history = view.training.run.history
    history.samples.append(history.count + 1, {"flow.1.C_t": np.full(10, 10.0 ** (high + 2.5))})
    view.window().stage.show_view("flow")
    assert view.scale.high == high + 3


def made(norms: list[float], direct: list[float]) -> LayerFlow:
    """A layer with these ‖∂L/∂h_t‖, of which these come in at the step itself."""
    return LayerFlow({"h_t": np.array(norms, np.float32)}, {"direct": np.array(direct, np.float32)}, {})


def test_sentences_follow_the_numbers():
    last = made([1e-3, 0.01, 0.5], [0, 0, 0.5])
    assert comes_in(last, 1, 1) == "The gradient enters from the loss only at the last time step, t = 3"
    assert left_over(last, "h_t", None).startswith("From t = 3 back to t = 1, the gradient along <i>h")
    assert left_over(last, "h_t", None).endswith("shrinks to 2·10⁻³ of its size.")
    twin = made([0, 0, 0.5], [0, 0, 0.5])
    assert left_over(last, "h_t", twin).endswith(", in the plain RNN it vanishes.")
    grown = made([1.0, 0.7, 0.5], [0, 0, 0.5])
    assert left_over(grown, "h_t", None).endswith("grows 2.00-fold.")
    some = made([0.1, 0.5, 0.5], [0, 0.2, 0.5])
    assert comes_in(some, 1, 1) == "The gradient enters from the loss at t = 2 … 3"
    assert left_over(some, "h_t", None).startswith("From t = 2 back to t = 1, ")
    assert left_over(some, "h_t", None).endswith("shrinks to 0.20 of its size.")
    every = made([0.5, 0.4, 0.3], [0.01, 0.2, 0.3])
    assert comes_in(every, 1, 2) == "The gradient enters from layer 2 at every time step"
    assert "it is 0.50" in left_over(every, "h_t", None)
    assert left_over(made([0.5], [0.5]), "h_t", None) == ONE_STEP
    diverged = made([np.nan, np.nan], [0, np.nan])
    assert "diverged" in comes_in(diverged, 1, 1)
    assert left_over(diverged, "h_t", None) == ""


def test_colours_tell_a_bounded_number_of_decades_apart():
    scale = Scale()
    scale.widen(np.array([np.nan, -3.2, -1.5]))
    assert (scale.low, scale.high) == (-4, -1)
    scale.widen(np.array([-40.0, -2.0]))
    assert (scale.low, scale.high) == (-1 - DECADES, -1)
    scale.clear()
    assert not scale.known


def test_a_map_is_filled_where_something_was_recorded_and_empty_elsewhere():
    width = 10.0
    edges = np.arange(width, 1000 + width, width)
    every = np.arange(0, 1000, 25)  # more seldom than there are columns
    found, near = recorded(every, edges, width)
    assert near[: int(975 / width)].all()
    assert (every[found] <= edges).all()
    paused = every[(every < 300) | (every > 700)]
    found, near = recorded(paused, edges, width)
    steps = edges[near]
    assert near[edges <= 275].all()
    assert near[(edges > 725) & (edges <= 975)].all()
    assert not ((steps > 300 + width) & (steps < 725 - width)).any(), "a pause is filled with the moment before it"
    seldom = np.array([0, 1, 2, 3, 5, 500])  # as a recording has them: the last one stands for itself alone
    _, near = recorded(seldom, edges, width)
    assert near[0]
    assert near[int(500 / width) - 1]
    assert np.count_nonzero(near) <= 4
