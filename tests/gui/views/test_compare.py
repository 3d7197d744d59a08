from __future__ import annotations

import os
import signal
from collections.abc import Callable, Iterator
from dataclasses import replace
from itertools import pairwise
from typing import Any

import numpy as np
import psutil
import pytest
from PySide6.QtCore import QPoint, QPointF
from PySide6.QtGui import QContextMenuEvent, QTextDocumentFragment
from PySide6.QtWidgets import QApplication, QComboBox, QMenu, QSpinBox, QWidget
from pytestqt.qtbot import QtBot

from engine.cell.cells import CELLS
from engine.comparison.comparison import EXAMPLES, Comparison, ComparisonUpdate, Look, Run
from engine.comparison.results import ComparisonResults, Curves
from engine.runs.messages import State
from engine.settings.config import TrainingConfig
from gui.appearance.theme import THEMES, load_theme
from gui.plots.compare_curves import Line, Picture
from gui.plots.compare_gates import shown_value
from gui.plots.compare_style import drawn_name, rich_name
from gui.plots.end_names import apart
from gui.plots.gate_maps import maps_of
from gui.plots.ticks import step_ticks, value_ticks
from gui.runs.controller import TrainingController
from gui.views.base import Tools
from gui.views.compare.compare import CompareView
from gui.views.compare.pages import base_line
from gui.views.compare.presets import PRESETS
from gui.views.compare.rows import Row
from gui.views.experiments.experiments import ExperimentsView
from tests.gui.conftest import Windows
from tests.gui.driving import ALT, CONTROL, Key, click, move, press, write

SMALL = TrainingConfig(sequence_length=6, batch_size=8, cell_size=4, steps=500, device="cpu")
PATIENCE_MS = 90_000
_PANEL = 300
"""Pixels of the panel's width."""

MakeView = Callable[..., CompareView]


@pytest.fixture
def make_view(tools: Tools, qtbot: QtBot) -> Iterator[MakeView]:
    """A comparison on the screen, as large as the middle of a window, with its panel at the left."""
    views: list[CompareView] = []
    windows: list[QWidget] = []

    def make(config: TrainingConfig = SMALL, width: int = 1110, height: int = 600) -> CompareView:
        view = CompareView(replace(tools, training=TrainingController(config)))
        window = QWidget()
        qtbot.addWidget(window)
        window.resize(_PANEL + 1200, 900)
        views.append(view)
        windows.append(window)
        for part in (view, view.panel):
            part.setParent(window)
        view.panel.setGeometry(0, 0, _PANEL, 900)
        view.setGeometry(_PANEL, 0, width, height)
        view.panel.show()
        view.show()
        window.show()
        window.activateWindow()
        qtbot.waitUntil(view.isActiveWindow)
        return view

    yield make
    for view in views:
        worker = view.run.worker
        view.run.end()
        if worker is not None:
            qtbot.waitUntil(lambda worker=worker: not worker.alive)
            assert not [pid for pid in worker.child_pids if psutil.pid_exists(pid)]


def pick(qtbot: QtBot, view: CompareView, name: str, seeds: int = 1, steps: int = 20) -> None:
    """Pick a preset with a click, and type how many seeds and steps."""
    click(qtbot, view.panel.presets[name])
    for box, number in ((view.set_up.seeds, seeds), (view.set_up.steps, steps)):
        box.setFocus()
        box.selectAll()
        write(str(number))
        press(Key.Key_Return)
        assert box.value() == number


def reach(qtbot: QtBot, view: CompareView, state: State) -> None:
    qtbot.waitUntil(lambda: view.run.state is state, timeout=PATIENCE_MS)


def drawn(qtbot: QtBot, view: CompareView) -> None:
    """Wait until the comparison has come to its end and all of it is on the screen."""
    reach(qtbot, view, State.FINISHED)
    qtbot.waitUntil(lambda: view.run.told_all)
    assert "finished" in view.status.text()


def choose_example(view: CompareView, number: int) -> None:
    """Type the number of an example."""
    box = view.results.gates.example
    box.setFocus()
    box.selectAll()
    write(str(number))
    press(Key.Key_Return)
    assert box.value() == number
    assert not box.hasFocus()


def assert_shows(view: CompareView, example: int) -> None:
    """Assert that every map shows this example, as it came."""
    results = view.run.results
    assert results is not None
    assert view.results.gates.maps.shown
    for place, shown in enumerate(view.results.gates.maps.shown):
        assert shown is not None
        snapshot = results.snapshots[Look(place, example)]
        np.testing.assert_array_equal(shown[1], snapshot.gates[0][shown[0]])


def assert_waits(view: CompareView, example: int) -> None:
    """Assert that no map is shown, and that each says why."""
    maps = view.results.gates.maps
    assert set(maps.shown) == {None}
    assert set(maps.missing) == {f"example {example} is on its way"}


def choose(qtbot: QtBot, row: Row, name: str, place: int = -1) -> Any:
    """Let a row change a setting, with the keyboard; return the field of its value."""
    change = row.changes[place]
    box = change.setting
    box.setFocus()
    for _ in range(box.count()):
        if box.currentData() == name:
            break
        press(Key.Key_Down if box.currentIndex() < box.findData(name) else Key.Key_Up)
    assert box.currentData() == name
    assert change.value is not None
    return change.value


# Setting up


def test_before_anything_is_picked_two_cells_can_be_compared_at_once(make_view: MakeView) -> None:
    view = make_view()
    assert view.set_up.isVisible()
    assert [button.accessibleName() for button in view.panel.presets.values()] == [p.title for p in PRESETS.values()]
    assert [card.told.name for card in view.panel.cards] == ["LSTM", "Plain RNN"]
    assert view.start.isEnabled()
    assert not view.pause.isEnabled()
    assert not view.stop.isEnabled()
    assert not view.tabs.isTabEnabled(1)


def test_before_a_comparison_its_empty_curves_and_gates_stand_below_the_settings(
    make_view: MakeView, qtbot: QtBot
) -> None:
    view = make_view(height=850)
    assert view.set_up.isVisible()
    assert view.results.loss.isVisible()
    assert view.results.gates.maps.missing == ["not yet trained"] * 2
    assert view.results.reading.text().endswith("Start trains each with 3 seeds for 500 steps")
    view.set_up.seeds.setValue(1)
    assert view.results.reading.text().endswith("Start trains each with one seed for 500 steps")
    click(qtbot, view.panel.presets["variants"])
    assert view.results.gates.maps.missing == ["not yet trained"] * 4
    assert view.set_up.rows.add.isVisible()
    bottom = view.set_up.mapTo(view, view.set_up.rect().bottomLeft()).y()
    steps = view.set_up.steps
    assert steps.mapTo(view, steps.rect().bottomLeft()).y() <= bottom  # no row is cut off
    view.resize(1110, 400)
    assert view.set_up.isVisible()
    assert not view.results.isVisible()


def test_experiments_shown_first_have_their_own_list_and_start(windows: Windows, settings: Any) -> None:
    window = windows.open(settings)
    window.resize(1400, 900)
    press(Key.Key_9, CONTROL)
    view = window.stage.view("compare")
    assert isinstance(view, CompareView)
    assert view.panel.isVisible()
    assert not view.panel.published.isVisible()
    assert not view.start.isVisible()


def test_a_card_opens_the_settings_of_its_configuration(make_view: MakeView, qtbot: QtBot) -> None:
    view = make_view()
    click(qtbot, view.panel.presets["optimizers"])
    assert [card.told.name for card in view.panel.cards] == ["Adam", "RMSprop", "SGD"]
    with qtbot.waitSignal(view.wanted) as wanted:
        click(qtbot, view.panel.cards[1])
    assert wanted.args == ["compare"]
    setting = view.set_up.rows.rows[1].changes[0].setting
    assert setting.hasFocus()
    for _ in range(2):
        press(Key.Key_Up)  # another setting is changed
    assert view.panel.cards[1].told.name == view.set_up.rows.rows[1].name.text()
    assert view.panel.cards[1].told.name != "RMSprop"


def test_the_cards_tell_the_verdicts_of_what_they_show(make_view: MakeView, qtbot: QtBot) -> None:
    view = make_view()
    pick(qtbot, view, "cells", steps=20)
    assert [card.sign.isVisible() for card in view.panel.cards] == [False, False]
    click(qtbot, view.start)
    drawn(qtbot, view)
    assert all(card.sign.isVisible() for card in view.panel.cards)
    assert [card.words.text() for card in view.panel.cards] == [line[-1].text() for line in view.results.table.cells]
    click(qtbot, view.panel.presets["variants"])  # of which the LSTM was trained, with the same settings
    assert [card.sign.isVisible() for card in view.panel.cards] == [True, False, False, False]


def test_the_workspace_has_its_panel(windows: Windows, settings: Any, qtbot: QtBot) -> None:
    window = windows.open(settings)
    window.resize(1400, 900)
    card = window.docks.cards["configurations"]
    assert not card.isVisible()
    press(Key.Key_4, ALT)
    view = window.stage.view("compare")
    assert isinstance(view, CompareView)
    assert card.isAncestorOf(view.panel)
    assert view.panel.isVisible()
    assert not view.panel.cards[0].sign.isVisible()
    name = list(view.panel.experiments)[3]
    click(qtbot, view.panel.experiments[name])
    assert window.stage.front == "experiments"
    experiments = window.stage.view("experiments")
    assert isinstance(experiments, ExperimentsView)
    assert experiments.chosen.name == name
    assert view.panel.isVisible()
    assert not view.panel.published.isVisible()  # the view lists them itself
    assert not view.start.isVisible()  # the view has its own
    click(qtbot, view.panel.presets["biases"])
    assert window.stage.front == "compare"
    assert view.panel.published.isVisible()
    assert len(view.panel.cards) == 3
    press(Key.Key_0, ALT)
    assert not view.panel.isVisible()
    window.resize(1000, 700)
    press(Key.Key_0, ALT)
    assert window.docks.over.shows(card)
    click(qtbot, view.panel.cards[2])
    assert view.set_up.rows.rows[2].changes[0].setting.hasFocus()
    window.docks.over.close_over()
    press(Key.Key_3, ALT)
    assert not view.panel.isVisible()


@pytest.mark.parametrize(
    ("name", "names"),
    [
        ("cells", ["LSTM", "Plain RNN"]),
        ("biases", ["<i>b</i><sub>f</sub> = 0", "<i>b</i><sub>f</sub> = 1", "chrono"]),
        ("optimizers", ["Adam", "RMSprop", "SGD"]),
        ("variants", ["LSTM", "GRU", "Peepholes", "Coupled gates"]),
        ("change", ["rate 0.01", "rate 0.001"]),
    ],
)
@pytest.mark.parametrize("config", [SMALL, replace(SMALL, hidden_size=2, clamped="f=1", frozen="layer1.W_f")])
def test_a_preset_is_set_up_with_one_click(
    make_view: MakeView, qtbot: QtBot, name: str, names: list[str], config: TrainingConfig
) -> None:
    view = make_view(config)
    click(qtbot, view.panel.presets[name])
    rows = view.set_up.rows
    assert view.set_up.isVisible()
    assert [row.name.text() for row in rows.rows] == names
    assert rows.problems == [""] * len(names)
    assert view.start.isEnabled()
    assert [config.steps for config in rows.configs] == [500] * len(names)
    assert base_line(view.base) in view.set_up.base_words.text()


def test_rows_are_added_changed_and_removed(make_view: MakeView, qtbot: QtBot) -> None:
    view = make_view()
    click(qtbot, view.panel.presets["cells"])
    rows = view.set_up.rows
    click(qtbot, rows.add)
    click(qtbot, rows.add)
    assert len(rows.rows) == 4
    assert not rows.add.isEnabled()
    assert [row.name.text() for row in rows.rows][1:] == ["Plain RNN (1)", "Plain RNN (2)", "Plain RNN (3)"]
    box = choose(qtbot, rows.rows[2], "cell_size")
    assert isinstance(box, QSpinBox)
    assert box.value() == 4
    box.setFocus()
    box.selectAll()
    write("9")
    press(Key.Key_Return)
    assert rows.configs[2].cell_size == 9
    assert rows.configs[2].cell == "lstm"
    assert "k = 9" in rows.rows[2].name.text()
    click(qtbot, rows.rows[2].more)
    combo = choose(qtbot, rows.rows[2], "optimizer")
    assert isinstance(combo, QComboBox)
    combo.setFocus()
    press(Key.Key_Down)
    assert rows.choices[2] == {"cell_size": 9, "optimizer": "rmsprop"}
    for _ in range(2):
        click(qtbot, rows.rows[0].remove)
    assert len(rows.rows) == 2
    assert not rows.rows[0].remove.isEnabled()
    assert rows.add.isEnabled()


def test_a_value_that_does_not_fit_gets_its_sentence(make_view: MakeView, qtbot: QtBot) -> None:
    view = make_view()
    said: list[str] = []
    view.message.connect(said.append)
    click(qtbot, view.panel.presets["change"])
    for row in view.set_up.rows.rows:
        box = choose(qtbot, row, "hidden_size")
        box.setFocus()
        box.selectAll()
        write("9")
        press(Key.Key_Return)
        assert "proj_size" in row.problem.text()
        assert row.problem.isVisible()
    click(qtbot, view.start)
    assert view.run.worker is None  # nothing is left to be trained
    assert "proj_size" in said[-1]


def test_the_present_settings_are_those_of_the_moment(make_view: MakeView, qtbot: QtBot) -> None:
    view = make_view()
    click(qtbot, view.panel.presets["cells"])
    view.training.config = replace(SMALL, cell_size=7)
    view.hide()
    view.show()
    assert "k = 7" in view.set_up.base_words.text()
    assert [config.cell_size for config in view.set_up.rows.configs] == [7, 7]
    box = choose(qtbot, view.set_up.rows.rows[0], "cell_size")
    assert isinstance(box, QSpinBox)
    assert box.value() == 7


# Training


def test_a_comparison_from_click_to_end(make_view: MakeView, qtbot: QtBot) -> None:
    view = make_view()
    pick(qtbot, view, "cells", seeds=2, steps=20)
    click(qtbot, view.start)
    assert view.results.isVisible()
    assert view.start.text() == "Start over"
    drawn(qtbot, view)
    results = view.run.results
    assert results is not None
    assert [history.count for history in results.histories.values()] == [20] * 4
    assert view.progress.value() == 1000
    for metric, plot in (("loss", view.results.loss), ("measure", view.results.measure)):
        assert [line.name for line in plot.picture.lines] == ["LSTM", "Plain RNN"]
        for place, line in enumerate(plot.picture.lines):
            runs = [results.histories[Run(place, seed)].column(metric) for seed in range(2)]
            np.testing.assert_allclose(line.curves.median, np.median(runs, axis=0), rtol=1e-5)
            np.testing.assert_allclose(line.curves.high, np.max(runs, axis=0), rtol=1e-5)
    assert results.facts is not None
    assert view.results.loss.picture.trivial is not None
    assert view.results.loss.picture.trivial[0] == results.facts.trivial_loss
    # The gates of both, of the first seed; the plain cell has no forget gate and says so.
    (lstm, rnn) = view.results.gates.maps.shown
    assert lstm is not None
    assert rnn is not None
    np.testing.assert_array_equal(lstm[1], results.snapshots[Look(0, 0)].gates[0]["f"])
    assert (lstm[0], rnn[0]) == ("f", "h")
    cells = view.results.table.cells
    names = [QTextDocumentFragment.fromHtml(line[0].text()).toPlainText() for line in cells]
    assert names == ["LSTM", "Plain RNN"]
    assert [line[1].text() for line in cells] == [f"{results.final(place)[0]:.3g}" for place in range(2)]
    assert cells[0][5].text() == f"{results.weights[0]:,}"
    assert [line[-1].text() for line in cells] == ["All 2 seeds too early to say"] * 2
    assert cells[0][-1].toolTip().splitlines()[1].startswith("Seed 2: Too early to say: 20 of the 250 steps ")
    assert all(sign.isVisible() for sign in view.results.table.signs)
    # Resting on the curves reads them, and leaving tells again what they are.
    plot = view.results.loss
    at = plot.place(10, float(plot.picture.lines[0].curves.median[9]))
    move(plot, QPointF(at))
    assert view.results.reading.text().startswith("Step 10: loss LSTM ")
    move(plot, QPointF(1, 1))
    assert "same batches; median of 2 seeds" in view.results.reading.text()
    assert view.start.text() == "Start"


def test_a_right_click_offers_the_numbers_of_every_picture(make_view: MakeView, qtbot: QtBot) -> None:
    view = make_view()
    assert view.results.loss.entries() == []  # a picture is the window's to make
    pick(qtbot, view, "cells", seeds=2, steps=20)
    click(qtbot, view.start)
    drawn(qtbot, view)
    results = view.run.results
    assert results is not None
    for metric, plot in (("loss", view.results.loss), ("measure", view.results.measure)):
        assert [entry.words for entry in plot.entries()] == ["Copy the numbers as CSV"]
        assert any(table.write() == plot.table() for table in view.tables())
        head, *rows = plot.table().splitlines()
        assert head.startswith('step,LSTM,"LSTM, low","LSTM, high",Plain RNN,')
        curves = results.curves(0, metric)
        np.testing.assert_allclose([float(row.split(",")[1]) for row in rows], curves.median)
        np.testing.assert_allclose([float(row.split(",")[3]) for row in rows], curves.high)
    maps = view.results.gates.maps
    (copy, *_) = maps.entries()
    assert copy.do is not None
    copy.do()
    head, *rows = QApplication.clipboard().text().splitlines()
    assert head.startswith("t,LSTM: f 1,LSTM: f 2,")
    assert head.endswith("Plain RNN: h 4")
    assert len(rows) == 6
    QApplication.sendEvent(maps, QContextMenuEvent(QContextMenuEvent.Reason.Mouse, QPoint(9, 9), QPoint(9, 9)))
    qtbot.waitUntil(lambda: bool(maps.findChildren(QMenu)))
    for menu in maps.findChildren(QMenu):
        menu.close()


def test_pause_resume_and_stop(make_view: MakeView, qtbot: QtBot) -> None:
    view = make_view()
    pick(qtbot, view, "optimizers", steps=100_000)
    view.start.setFocus()
    press(Key.Key_Space)  # on a button, Space presses it
    reach(qtbot, view, State.RUNNING)
    qtbot.waitUntil(lambda: any("left" in part for part in view.status.text().split(" · ")), timeout=PATIENCE_MS)
    click(qtbot, view.pause)
    reach(qtbot, view, State.PAUSED)
    assert view.pause.text() == "Continue"
    click(qtbot, view.pause)
    reach(qtbot, view, State.RUNNING)
    click(qtbot, view.stop)
    reach(qtbot, view, State.STOPPED)
    qtbot.waitUntil(lambda: "stopped" in view.status.text())
    assert view.results.loss.picture.lines[0].curves.steps.size > 0  # what was found stays
    assert not view.stop.isEnabled()


def test_a_paused_comparison_rests_and_a_hidden_one_sends_no_snapshots(
    make_view: MakeView, qtbot: QtBot, monkeypatch: pytest.MonkeyPatch
) -> None:
    view = make_view()
    pick(qtbot, view, "optimizers", steps=100_000)
    click(qtbot, view.start)
    reach(qtbot, view, State.RUNNING)
    worker, run = view.run.worker, view.run
    assert worker is not None
    asked: list[int | None] = []
    turns: list[object] = []
    request, take = worker.request, worker.take
    monkeypatch.setattr(worker, "request", lambda example=None: (asked.append(example), request(example)))
    monkeypatch.setattr(worker, "take", lambda: (turns.append(None), take())[1])
    view.hide()
    qtbot.waitUntil(lambda: asked[-1:] == [None])
    asked.clear()
    qtbot.waitUntil(lambda: len(asked) > 3)
    assert set(asked) == {None}

    def rests() -> None:
        """Wait until all has been told, and then for some turns in which nothing is asked."""
        qtbot.waitUntil(lambda: run.resting, timeout=PATIENCE_MS)
        asked.clear()
        after = len(turns) + 20
        qtbot.waitUntil(lambda: len(turns) > after)
        assert asked == []

    run.pause_or_resume()  # the button is hidden
    rests()
    view.show()  # now the snapshots are wanted
    qtbot.waitUntil(lambda: asked[:1] == [0])
    rests()
    results = run.results
    assert results is not None
    made = {place: results.histories[Run(place, 0)].count for place in range(3)}
    assert {look.config: snapshot.step for look, snapshot in results.snapshots.items()} == made
    choose_example(view, 6)  # now another one is wanted
    assert_waits(view, 6)
    qtbot.waitUntil(lambda: asked[:1] == [6])
    rests()
    assert_shows(view, 6)
    assert {look.config: snapshot.step for look, snapshot in results.snapshots.items()} == made
    choose_example(view, 0)  # of the same step, and still there
    assert_shows(view, 0)
    click(qtbot, view.pause)
    reach(qtbot, view, State.RUNNING)
    qtbot.waitUntil(lambda: results.histories[Run(0, 0)].count > made[0] + 20, timeout=PATIENCE_MS)


def test_another_example_is_shown_while_training_goes_on(make_view: MakeView, qtbot: QtBot) -> None:
    view = make_view()
    pick(qtbot, view, "cells", steps=100_000)
    click(qtbot, view.start)
    reach(qtbot, view, State.RUNNING)
    maps, results = view.results.gates.maps, view.run.results
    assert results is not None
    qtbot.waitUntil(lambda: len(maps.shown) == 2 and None not in maps.shown, timeout=PATIENCE_MS)
    value = view.results.gates.value
    value.setFocus()
    press(Key.Key_End)  # hidden h, which both have
    for example in (3, 7):
        choose_example(view, example)
        assert_waits(view, example)  # nothing stale is shown
        qtbot.waitUntil(lambda: None not in maps.shown, timeout=PATIENCE_MS)
        assert_shows(view, example)
        assert value.currentData() == "h"
    assert view.run.state is State.RUNNING


def test_after_the_end_every_example_can_be_chosen_and_the_next_comparison_begins_with_it(
    make_view: MakeView, qtbot: QtBot
) -> None:
    view = make_view()
    pick(qtbot, view, "cells", seeds=2, steps=20)
    click(qtbot, view.start)
    drawn(qtbot, view)
    assert view.run.worker is not None
    qtbot.waitUntil(lambda: not view.run.worker.alive)
    pictures = set()
    for example in range(EXAMPLES):
        choose_example(view, example)
        assert_shows(view, example)
        pictures.add(view.results.gates.maps.shown[0][1].tobytes())
    assert len(pictures) == EXAMPLES
    first = view.run.results
    click(qtbot, view.start)
    assert view.run.results is not first
    drawn(qtbot, view)
    assert view.results.gates.example.value() == EXAMPLES - 1
    assert_shows(view, EXAMPLES - 1)


def test_an_empty_map_says_why(make_view: MakeView) -> None:
    view = make_view()
    configs = (SMALL, replace(SMALL, cell="gru"), replace(SMALL, cell="gru", hidden_size=2))
    results = ComparisonResults(Comparison(configs))
    view.results.show_comparison(results)
    maps = view.results.gates.maps
    assert maps.missing == ["not yet trained"] * 3
    row = np.ones((1, 2), dtype=np.float32)
    results.take(ComparisonUpdate(State.RUNNING, rows={Run(0, 0): row}, problems={2: "no"}))
    view.results.draw_gates()
    assert maps.missing == ["example 0 is on its way", "not yet trained", "cannot be trained"]
    results.take(ComparisonUpdate(State.FAILED))
    view.results.draw_gates()
    assert maps.missing == ["example 0 was not kept; choose another", "not yet trained", "cannot be trained"]


def test_what_is_not_known_has_no_number_and_a_share_is_never_rounded_to_all(make_view: MakeView) -> None:
    page = make_view().results
    page.show_comparison(ComparisonResults(Comparison((SMALL, replace(SMALL, cell="gru")))))
    assert [line[column].toolTip() for line in page.table.cells for column in (1, 2)] == [""] * 4
    steps, values = np.array([1.0, 2.0]), np.array([0.5, 0.9996])
    for plot, shares in ((page.loss, False), (page.measure, True)):
        plot.show_picture(Picture("", 2, [Line("LSTM", Curves(steps, values, values, values))], shares=shares))
    page.loss.pointed.emit(2)
    assert page.reading.text() == "Step 2: loss LSTM 1; measure LSTM 99.96 %"


def test_one_refused_and_one_diverged_beside_the_others(make_view: MakeView, qtbot: QtBot) -> None:
    view = make_view(replace(SMALL, optimizer="sgd", clip_norm=0.0))
    pick(qtbot, view, "change", steps=200)
    rows = view.set_up.rows
    box = choose(qtbot, rows.rows[1], "learning_rate")
    box.setFocus()
    box.selectAll()
    write("1000")
    press(Key.Key_Return)
    click(qtbot, rows.add)
    size = choose(qtbot, rows.rows[2], "hidden_size")
    size.setFocus()
    size.selectAll()
    write("9")
    press(Key.Key_Return)
    click(qtbot, view.start)
    drawn(qtbot, view)
    notes = [line[-1].text() for line in view.results.table.cells]
    results = view.run.results
    assert results is not None
    step = results.diverged[Run(1, 0)]
    assert notes[0] == "Too early to say: 200 of the 250 steps that a judgement needs"
    assert notes[1] == f"Diverged at step {step}: the loss is no longer a finite number"
    assert "proj_size" in notes[2]
    assert [end for end, _ in view.results.loss.picture.lines[1].ends] == [step]
    assert results.histories[Run(0, 0)].count == 200
    assert view.results.gates.maps.shown[2] is None


def test_a_stopped_and_a_killed_child_are_told_in_a_sentence(make_view: MakeView, qtbot: QtBot) -> None:
    view = make_view()
    said: list[str] = []
    view.message.connect(said.append)
    pick(qtbot, view, "optimizers", steps=100_000)
    click(qtbot, view.start)
    reach(qtbot, view, State.RUNNING)
    assert view.run.worker is not None
    assert "answer" not in view.status.text()
    for pid in view.run.worker.child_pids:
        os.kill(pid, signal.SIGSTOP)
    qtbot.waitUntil(lambda: "is not responding" in view.status.text())
    for pid in view.run.worker.child_pids:
        os.kill(pid, signal.SIGKILL)
    reach(qtbot, view, State.FAILED)
    assert "SIGKILL" in said[-1]
    qtbot.waitUntil(lambda: "SIGKILL" in view.status.text())
    assert view.start.isEnabled()


def test_a_window_that_closes_leaves_no_child(windows: Windows, settings: Any, qtbot: QtBot) -> None:
    window = windows.open(settings)
    window.stage.show_view("compare")
    view = window.stage.view("compare")
    assert isinstance(view, CompareView)
    view.training.config = SMALL
    pick(qtbot, view, "optimizers", steps=100_000)
    click(qtbot, view.start)
    reach(qtbot, view, State.RUNNING)
    window.stage.show_view("diagram")  # the comparison goes on unseen
    worker = view.run.worker
    assert worker is not None
    windows.close(window)  # asserts that no child and no thread is left
    assert not worker.alive


# Places and pictures


def test_little_room_has_a_tab_for_each_part(make_view: MakeView, qtbot: QtBot) -> None:
    view = make_view()
    view.resize(640, 350)
    words = [view.tabs.tabText(place) for place in range(view.tabs.count())]
    view.resize(1110, 700)
    wide = [view.tabs.tabText(place) for place in range(view.tabs.count())]
    assert words == ["Set up", "Curves", "Gates", "Table"]
    assert wide == ["Set up", "Results"]


def test_tabs_show_their_part(make_view: MakeView, qtbot: QtBot) -> None:
    view = make_view(width=640, height=350)
    pick(qtbot, view, "cells", steps=20)
    click(qtbot, view.start)
    drawn(qtbot, view)
    parts = (view.results.loss, view.results.gates, view.results.table)
    for place, part in enumerate(parts):
        click(qtbot, view.tabs, view.tabs.tabRect(1 + place).center())
        assert [other.isVisible() for other in parts] == [other is part for other in parts]
    view.resize(1110, 700)
    assert all(part.isVisible() for part in parts)


@pytest.mark.parametrize("theme", THEMES)
@pytest.mark.parametrize("missing", [0, 1], ids=["protanopia", "deuteranopia"])
def test_colours_stay_apart_without_red_and_green(theme: str, missing: int) -> None:
    """Responses of the eye's three kinds of cones after Viénot, Brettel and Mollon 1999; one kind is missing."""
    colours = [load_theme(theme).run(place) for place in range(4)]
    rgb = np.array([[c.redF(), c.greenF(), c.blueF()] for c in colours]) ** 2.2
    cones = np.array([[17.8824, 43.5161, 4.11935], [3.45565, 27.1554, 3.86714], [0.0299566, 0.184309, 1.46709]])
    seen = np.delete((rgb @ cones.T / cones.sum(axis=1)) ** (1 / 2.2), missing, axis=1)
    distances = [np.linalg.norm(seen[a] - seen[b]) for a in range(4) for b in range(a)]
    assert min(distances) > 0.1


def test_names_do_not_overlap() -> None:
    tops = apart([10.0, 12.0, 13.0, 95.0], [20.0] * 4, 0.0, 100.0)
    assert tops[0] >= 0
    assert tops[-1] + 20 <= 100
    assert all(below - above >= 20 for above, below in pairwise(tops))


@pytest.mark.parametrize("logarithmic", [True, False])
@pytest.mark.parametrize(("low", "high"), [(-3.0, 0.0), (-0.2, 0.1), (-12.0, 30.0), (0.0, 1.0), (0.0, 12_345.0)])
def test_ticks_lie_on_the_axis(low: float, high: float, logarithmic: bool) -> None:
    ticks = value_ticks(low, high, 5, logarithmic)
    assert ticks
    assert len({words for _, words in ticks}) == len(ticks) <= 6
    assert all(low - 1e-6 <= value <= high + 1e-6 for value, _ in ticks)


def test_an_axis_of_shares_has_percentages() -> None:
    assert [words for _, words in value_ticks(0.0, 1.0, 5, logarithmic=False, shares=True)] == [
        "0 %",
        "20 %",
        "40 %",
        "60 %",
        "80 %",
        "100 %",
    ]


@pytest.mark.parametrize("steps", [1, 7, 20, 1500, 100_000])
def test_steps_are_named_within_the_axis(steps: int) -> None:
    ticks = step_ticks(steps, 5)
    assert ticks
    assert ticks[-1] <= steps
    assert len(ticks) <= 5


def test_a_cell_without_the_value_shows_one_of_the_same_kind() -> None:
    gru, rnn, lstm, coupled = (maps_of(CELLS[name]()) for name in ("gru", "rnn", "lstm", "coupled"))
    assert list(gru) == ["r", "u", "h_tilde", "h"]
    assert shown_value(gru, "f", True) == "r"
    assert shown_value(gru, "C", False) == "h_tilde"
    assert shown_value(rnn, "f", True) == "h"
    assert shown_value(lstm, "C", False) == "C"
    assert lstm["o"].gate
    assert not lstm["C_tilde"].gate
    assert coupled["i"].gate


def test_a_long_name_is_cut_to_the_lines_it_has(application: QApplication) -> None:
    name, letters = "b_f = 3, GRU, n = 64, Adam, rate 0.5, T = 50, B = 32", 15
    short, whole = drawn_name("GRU", letters, 200, 1), drawn_name(name, letters, 2000, 1)
    for lines in (1, 2):
        cut = drawn_name(name, letters, 120, lines)
        assert cut.text().endswith("…")
        assert cut.size().height() < (lines + 0.6) * short.size().height()
        assert cut.size().width() <= 121
    assert whole.text() == rich_name(name)


def test_names_are_written_with_real_subscripts() -> None:
    assert rich_name("b_f = 0") == "<i>b</i><sub>f</sub> = 0"
    assert rich_name("<LSTM>") == "&lt;LSTM&gt;"
