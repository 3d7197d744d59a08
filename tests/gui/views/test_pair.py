from __future__ import annotations

from collections.abc import Iterator

import numpy as np
import pytest
import shiboken6
from PySide6.QtCore import QPointF
from PySide6.QtGui import QTextDocumentFragment
from PySide6.QtWidgets import QLabel
from pytestqt.qtbot import QtBot

from engine.cell.cells import CELLS
from engine.cell.trace import Trace
from engine.document.document import blank
from engine.document.examples import load_example
from engine.document.tracing import trace_document
from engine.text import numbers
from gui.diagram.scene import CellScene
from gui.playback.walk import Walk
from gui.views.base import Tools
from gui.views.sequence.pair import PairView, own_moment, pair_legs
from tests.gui.driving import click, move


@pytest.fixture
def traces() -> tuple[Trace, Trace]:
    document = load_example("four-steps")
    return trace_document(document), trace_document(document.with_cell("rnn"))


@pytest.fixture
def walk(traces: tuple[Trace, Trace]) -> Walk:
    made = Walk()
    made.set_speed(4)
    made.take(pair_legs(*traces))
    return made


@pytest.fixture
def view(tools: Tools, qtbot: QtBot) -> Iterator[PairView]:
    made = PairView(tools)
    made.resize(1110, 600)
    made.show()
    made.walk.set_speed(4)
    choose(qtbot, made, "gru")
    yield made
    shiboken6.delete(made)


def choose(qtbot: QtBot, view: PairView, name: str) -> None:
    view.choice.setCurrentIndex(view.choice.findData(name))
    paired(qtbot, view)


def titles_of(view: PairView) -> list[str]:
    return [QTextDocumentFragment.fromHtml(label.text()).toPlainText() for label in view.titles]


def paired(qtbot: QtBot, view: PairView) -> None:
    """Wait until the present document and the chosen cell are on the screen."""

    def there() -> bool:
        document = view.tools.model.document
        other = document.with_cell(view.choice.currentData())
        titles = [f"{shown.cell.title}, " for shown in (document, other)]
        written = all(words.startswith(title) for words, title in zip(titles_of(view), titles, strict=True))
        return other is not document and written and view.walk.steps == len(document.x)

    qtbot.waitUntil(there)


def assert_shows(scene: CellScene, trace: Trace, t: int, done: int) -> None:
    """Every column shows the newest of its values that is computed, number for number."""
    computed = {item.name for item in trace.cell.inputs}
    computed |= {operation.name for operation in trace.cell.operations[:done]}
    for column in scene.columns.values():
        here = [name for name in column.slot.values if name in computed]
        if here:
            assert column.name == here[-1]
            np.testing.assert_array_equal(column.values, trace.steps[t][here[-1]])
        else:
            assert column.texts == []


def words(view: PairView) -> str:
    return " ".join(label.text() for label in view.findChildren(QLabel) if label.isVisible())


# The walk


def test_both_cells_are_walked_through_together(walk: Walk, traces: tuple[Trace, Trace]):
    lstm, rnn = (len(trace.cell.operations) for trace in traces)
    assert walk.last == 4 * lstm
    for position in range(walk.last + 1):
        walk.seek(position)
        t, before = divmod(max(position - 1, 0), lstm)
        done = before + 1 if position else 0
        left, right = (own_moment(walk.moment, trace) for trace in traces)
        assert (left.t, left.done) == (right.t, left.done) == (t, done)
        assert right.done == min(done, rnn)
        assert (right.current is None) == (done > rnn or not done), "a cell that waits has nothing going on"


def test_only_the_cell_that_has_something_to_do_moves(walk: Walk, traces: tuple[Trace, Trace], qtbot: QtBot):
    def moving() -> list[bool]:
        return [own_moment(walk.moment, trace).moving for trace in traces]

    walk.next()
    assert moving() == [True, True]
    walk.seek(len(traces[1].cell.operations))
    walk.next()
    assert moving() == [True, False]
    qtbot.waitUntil(lambda: not walk.moving)


def test_new_numbers_of_the_same_cells_leave_the_walk_where_it_is(walk: Walk, traces: tuple[Trace, Trace]):
    walk.seek(30)
    walk.take(pair_legs(*traces), None)
    assert walk.position == 30
    walk.take(pair_legs(traces[1], traces[0]))
    assert walk.position == 0


def test_a_shorter_sequence_ends_the_walk_at_its_end(walk: Walk, traces: tuple[Trace, Trace]):
    walk.seek(walk.last)
    short = load_example("four-steps")
    short = short.with_inputs(x=short.x[:2])
    walk.take(pair_legs(trace_document(short), trace_document(short.with_cell("rnn"))), None)
    assert walk.position == walk.last == 2 * len(walk.leg.stops)


def test_the_timeline_goes_to_an_operation_and_to_a_step(walk: Walk):
    walk.seek_step(2)
    assert (walk.t, walk.stop) == (2, len(walk.leg.stops) - 1)
    walk.seek_stop(3)
    assert (walk.t, walk.stop) == (2, 3)
    assert len(walk.leg.stops) == len(walk.leg.stops)
    assert walk.leg.stops[0].text == "LSTM: xh = [x_t, h_{t-1}]\nPlain RNN: xh = [x_t, h_{t-1}]"


def test_without_numbers_nothing_moves():
    walk = Walk()
    walk.next()
    walk.seek(4)
    assert (walk.position, walk.last, walk.steps, walk.t, walk.stop) == (0, 0, 0, 0, None)


# The view


@pytest.mark.parametrize("name", [name for name in CELLS if name != "lstm"])
def test_each_side_shows_its_own_numbers(view: PairView, tools: Tools, qtbot: QtBot, name: str):
    choose(qtbot, view, name)
    document = tools.model.document
    traces = trace_document(document), trace_document(document.with_cell(name))
    for scene, trace in zip(view.scenes, traces, strict=True):  # all of the first step, before anything is played
        assert_shows(scene, trace, 0, len(trace.cell.operations))
    click(qtbot, view.hide_later)
    for position in (0, 3, len(view.walk.leg.stops), len(view.walk.leg.stops) + 9, view.walk.last):
        view.walk.seek(position)
        for which, trace in enumerate(traces):
            moment = own_moment(view.walk.moment, trace)
            assert_shows(view.scenes[which], trace, moment.t, moment.done)


def test_the_numbers_are_there_after_a_move(view: PairView, tools: Tools, qtbot: QtBot):
    document = tools.model.document
    view.walk.seek(11)
    view.walk.next()
    qtbot.waitUntil(lambda: not view.walk.moving)
    assert_shows(view.scenes[0], trace_document(document), 0, 12)
    assert_shows(view.scenes[1], trace_document(document.with_cell("gru")), 0, 12)


def test_the_titles_count_the_weights(view: PairView, tools: Tools, qtbot: QtBot):
    tools.model.replace(load_example("worked-example"), "Worked example")
    paired(qtbot, view)
    choose(qtbot, view, "coupled")
    assert titles_of(view) == ["LSTM, 84 weights", "LSTM with coupled gates, 63 weights"]


def test_a_sentence_says_what_is_shared(view: PairView, qtbot: QtBot):
    assert "share no weight" in words(view)
    choose(qtbot, view, "coupled")
    assert "all weights on the right" in words(view)
    choose(qtbot, view, "peephole")
    assert "other weights on the right are new (Xavier, seed 0)" in words(view)


def test_a_cell_that_cannot_project_says_so(view: PairView, tools: Tools, qtbot: QtBot):
    tools.model.replace(blank(2, 5, 3).with_inputs(h0=[1, 2, 3, 4, 5]), "projected")
    paired(qtbot, view)
    assert "GRU has no projection: h has 3 entries there, not 5; its first h is cut." in words(view)
    choose(qtbot, view, "coupled")
    assert "no projection" not in words(view)


def test_an_edit_changes_both_sides(view: PairView, tools: Tools, qtbot: QtBot):
    view.walk.seek(5)
    document = tools.model.document.with_inputs(x=tools.model.document.x * 2 + 1)
    tools.model.edit(document, "x")
    expected = document.x[0]
    for scene in view.scenes:
        qtbot.waitUntil(lambda scene=scene: np.array_equal(scene.columns["x_t"].values, expected))
    assert view.walk.position == 5
    assert_shows(view.scenes[1], trace_document(document.with_cell("gru")), 0, 5)
    choose(qtbot, view, "rnn")
    assert view.walk.position == 0, "another cell is another walk"


def test_use_this_cell_makes_the_two_change_places(view: PairView, tools: Tools, qtbot: QtBot):
    expected = tools.model.document.with_cell("gru")
    click(qtbot, view.use)
    document = tools.model.document
    assert document.cell_name == "gru"
    for name, weight in expected.weights.items():
        np.testing.assert_array_equal(document.weights[name], weight)
    assert tools.model.undo_stack.undoText() == "cell GRU"
    paired(qtbot, view)
    assert view.choice.currentData() == "lstm"
    tools.model.undo_stack.undo()
    paired(qtbot, view)
    assert view.choice.currentData() == "gru"


def test_the_choice_is_remembered_while_another_view_is_in_front(view: PairView, tools: Tools, qtbot: QtBot):
    choose(qtbot, view, "peephole")
    view.hide()
    tools.model.replace(load_example("worked-example"), "Worked example")
    qtbot.waitUntil(lambda: tools.model.trace is not None)
    view.show()
    paired(qtbot, view)
    assert view.choice.currentData() == "peephole"


def test_the_maps_show_h_of_both(view: PairView, tools: Tools):
    document = tools.model.document
    for which, shown in enumerate((document, document.with_cell("gru"))):
        trace = trace_document(shown)
        for t in range(4):
            move(view.maps, view.maps.cell_rect(which, t, 1).center())
            value = numbers.exact(float(trace.steps[t]["h_t"][1]))
            assert f"{shown.cell.title}: h_t, unit 2, t = {t + 1}: {value}" in view.maps.toolTip()
    assert view.maps.cell_rect(0, 2, 0).left() == view.maps.cell_rect(1, 2, 0).left()


def test_a_click_in_a_map_goes_to_that_step(view: PairView, qtbot: QtBot):
    click(qtbot, view.maps, view.maps.cell_rect(1, 2, 0).center().toPoint())
    assert view.walk.position == 3 * len(view.walk.leg.stops)


def test_resting_on_a_number_lights_up_its_own_cell(view: PairView, tools: Tools):
    view.walk.seek(view.walk.last)
    said: list[str] = []
    view.message.connect(said.append)
    view.scenes[1].rested.emit("u_t", 0)
    assert view.scenes[1].columns["x_t"].lit[0] is not None
    assert view.scenes[0].columns["x_t"].lit[0] is None
    assert said[-1].startswith("u_t[1] = ")
    view.scenes[1].rested.emit("u_t", None)
    assert view.scenes[1].columns["x_t"].lit[0] is None
    view.scenes[0].rested.emit("f_t", 0)
    assert view.scenes[0].columns["x_t"].lit[0] is not None
    assert view.scenes[1].columns["x_t"].lit[0] is None


def test_where_it_is_higher_than_wide_they_stand_below_each_other(view: PairView, qtbot: QtBot):
    def places() -> tuple[QPointF, QPointF]:
        left, right = (each.mapTo(view, each.rect().topLeft()) for each in view.views)
        return QPointF(left), QPointF(right)

    assert places()[0].y() == places()[1].y()
    view.resize(600, 900)
    qtbot.waitUntil(lambda: places()[0].x() == places()[1].x())
    assert places()[0].y() < places()[1].y()


def test_it_fits_beside_the_panels_of_a_small_screen(view: PairView):
    assert view.minimumSizeHint().width() <= 640


def test_in_a_hall_the_letters_are_large(view: PairView):
    view.tools.appearance.present(True)
    assert view.use.font().pixelSize() >= 24
    view.tools.appearance.present(False)
    assert view.use.font().pixelSize() < 24


def test_it_begins_where_the_playback_stands(view: PairView, qtbot: QtBot) -> None:
    assert view.walk.position == 0
    playback = view.tools.playback
    playback.seek_step(2)
    view.hide()
    view.show()
    assert view.walk.t == 2
    view.walk.seek(1)
    view.hide()
    view.show()
    assert view.walk.position == 1, "a walk that has begun goes on"
    view.walk.restart()
    playback.next()
    view.refresh()
    assert view.walk.position == 0, "it has not come to the front"
    view.hide()
    view.tools.model.replace(load_example("four-steps"), "")
    qtbot.waitUntil(lambda: view.tools.model.trace is not None)
    playback.seek_step(1)
    view.show()
    qtbot.waitUntil(lambda: view.walk.t == 1)
