from __future__ import annotations

import gc
import weakref
from collections.abc import Iterator
from dataclasses import replace
from threading import Event

import numpy as np
import pytest
import shiboken6
from PySide6.QtCore import QPoint, Qt
from PySide6.QtGui import QImage
from PySide6.QtWidgets import QApplication, QLabel
from pytestqt.qtbot import QtBot

from engine.cell.cells import CELLS
from engine.document import memory
from engine.document.document import Document, blank
from engine.document.examples import load_example
from engine.explain.worked_sum import Number, stages, worked_sum
from gui.appearance.theme import Appearance
from gui.appearance.typeset import Typesetter
from gui.document.cell_model import CellModel
from gui.document.highlight import Light
from gui.jobs.background import Background
from gui.matrix.map import MatrixMap
from gui.playback.playback import Playback
from gui.views.base import Tools
from gui.views.worked_sum.sum_line import Box
from gui.views.worked_sum.worked_sum import WorkedSumView
from tests.gui.driving import LEFT, NONE, click, move

SIZES = ((1110, 600), (640, 350))


@pytest.fixture
def tools(appearance: Appearance, typesetter: Typesetter) -> Iterator[Tools]:
    background = Background("documents")
    model, playback = CellModel(load_example("worked-example"), "Worked example", background), Playback()
    model.trace_changed.connect(playback.set_trace)
    yield Tools(model, playback, Light(), background, typesetter, appearance)
    background.close()


@pytest.fixture
def view(tools: Tools, qtbot: QtBot) -> WorkedSumView:
    made = WorkedSumView(tools)
    qtbot.addWidget(made)
    made.resize(1110, 600)
    made.show()
    traced(qtbot, made)
    return made


def traced(qtbot: QtBot, view: WorkedSumView) -> None:
    """Wait until the numbers of the document in force are drawn."""
    qtbot.waitUntil(lambda: view.tools.model.trace is not None)
    qtbot.waitUntil(view.tools.typesetter.idle)


def show(qtbot: QtBot, view: WorkedSumView, document: Document) -> None:
    view.tools.model.replace(document, "")
    traced(qtbot, view)


def resting(qtbot: QtBot, view: WorkedSumView) -> None:
    qtbot.waitUntil(lambda: not view.walk.moving)


def number(view: WorkedSumView, name: str, place: tuple[int, ...]) -> Box:
    """The box of a number that can be seen in the sum."""
    found = (box for box in view.sum_line.visible() if isinstance(box.piece, Number))
    return next(box for box in found if (box.piece.name, box.piece.place) == (name, place))


def type_into(qtbot: QtBot, shown: MatrixMap, row: int, column: int, text: str) -> None:
    qtbot.mouseDClick(shown, LEFT, NONE, shown.cell_rect(row, column).center().toPoint())
    editor = shown.focusWidget()
    assert editor is not None
    qtbot.keyClicks(editor, text)
    qtbot.keyClick(editor, Qt.Key.Key_Return)


def filled(document: Document) -> Document:
    """The document with inputs, states and weights of every sign."""
    values = np.random.default_rng(3)
    for name, value in document.weights.items():
        document = document.with_weight(name, values.normal(size=value.shape).round(2))
    inputs = {"x": document.x.shape, "h0": document.h0.shape, "c0": document.c0.shape}
    return document.with_inputs(**{name: values.normal(size=shape).round(2) for name, shape in inputs.items()})


# ---- the walk


def test_the_first_row_grows_move_by_move(qtbot: QtBot, view: WorkedSumView) -> None:
    assert view.sum_line.text() == ""
    lines = ["a", "b", "c"]
    for position, line in enumerate(("1·1 + 2·2 + 3·3 + 4·4 + 5·5 + 6·6 = 91", "+ 1 = 92", "σ(92) = 1 − 1.1·10⁻⁴⁰")):
        view.walk.next()
        resting(qtbot, view)
        lines[position] = line
        assert view.sum_line.text() == "\n".join(lines[: position + 1])
    assert view.results.lines() == [(0, "1 − 1.1·10⁻⁴⁰")]
    view.walk.back()
    assert view.sum_line.text() == "\n".join(lines[:2])
    assert view.results.lines() == []


def test_rows_follow_each_other_and_their_results_stay(qtbot: QtBot, view: WorkedSumView) -> None:
    assert view.walk.last == 9
    view.walk.seek(4)
    assert view.sum_line.text() == "5·1 + 6·2 + 7·3 + 8·4 + 9·5 + 10·6 = 175"
    assert view.maps.matrix.marked == slice(1, 2)
    view.walk.seek(9)
    assert [text for _, text in view.results.lines()] == ["1 − 1.1·10⁻⁴⁰", "1 − 1.3·10⁻⁷⁷", "1 − 8.6·10⁻⁶⁰"]
    view.walk.restart()
    assert (view.sum_line.text(), view.maps.matrix.marked) == ("", None)


def test_terms_appear_one_after_the_other_and_light_up_where_they_come_from(qtbot: QtBot, view: WorkedSumView) -> None:
    view.walk.set_speed(0.25)
    view.walk.seek(3)
    view.walk.next()
    seen = set()
    while view.walk.moving:
        unit = view.sum_line.now
        frames = view.maps.now()
        if unit is not None and unit.columns is not None:
            column = unit.columns.start
            seen.add(column)
            assert frames["matrix"].contains(view.maps.matrix.cell_rect(1, column).center().toPoint())
            assert frames["vector"].contains(view.maps.vector.cell_rect(column, 0).center().toPoint())
            assert view.sum_line.text().count("·") == column + 1
            assert not frames.keys() - {"matrix", "vector"}
        qtbot.wait(5)
    assert len(seen) >= 3
    assert view.maps.now() == {}
    view.walk.next()
    assert view.sum_line.text().endswith("\n+ 2")
    assert view.maps.now().keys() == {"b_f"}


def test_play_through_comes_to_the_end(qtbot: QtBot, view: WorkedSumView) -> None:
    view.walk.set_speed(4)
    view.walk.toggle()
    qtbot.waitUntil(lambda: not view.walk.playing and view.walk.position == view.walk.last)
    assert len(view.results.lines()) == 3


@pytest.mark.parametrize("cell_name", CELLS)
def test_every_layer_of_every_cell_ends_in_the_number_computed(
    qtbot: QtBot, view: WorkedSumView, cell_name: str
) -> None:
    document = blank(2, 3, 3, cell_name=cell_name)
    if document.can_project:
        document = document.resized(projected=True, n=2).with_sampled(1)
    show(qtbot, view, filled(document.with_output("softmax", 3)))
    trace = view.tools.model.trace
    assert trace is not None
    for item in [item for item in trace.cell.parameters if len(item.shape) == 2]:
        view.show_layer(item.name)
        assert (view.layer, view.walk.position) == (item.name, 0)
        rows = len(trace.parameters[item.name])
        assert view.walk.last == rows * stages(trace.cell, item.name)
        view.walk.seek(view.walk.last)
        expected = worked_sum(trace, 0, item.name, rows - 1)
        lines = [line.partition("  ")[0] for line in view.sum_line.text().splitlines()]
        assert lines == list(expected.lines)
        assert view.results.lines()[-1] == (rows - 1, expected.result.text)


def test_a_layer_that_is_gone_gives_way_to_one_that_is_there(qtbot: QtBot, view: WorkedSumView) -> None:
    view.show_layer("W_o")
    view.walk.seek(4)
    show(qtbot, view, blank(2, 2, 2, cell_name="gru"))
    assert (view.layer, view.walk.position) == ("W_r", 0)


def test_it_follows_the_time_step(qtbot: QtBot, view: WorkedSumView) -> None:
    document = filled(blank(2, 2, 2))
    show(qtbot, view, document.with_inputs(x=np.arange(400.0).reshape(200, 2) / 100))
    view.walk.seek(1)
    view.tools.playback.seek_step(150)
    trace = view.tools.model.trace
    assert trace is not None
    assert view.sum_line.text() == worked_sum(trace, 150, "W_f", 0).lines[0]


# ---- editing


def test_a_weight_is_changed_where_it_stands_and_every_number_follows(qtbot: QtBot, view: WorkedSumView) -> None:
    view.walk.seek(3)
    type_into(qtbot, view.maps.matrix, 0, 5, "16")
    qtbot.waitUntil(lambda: view.sum_line.text().startswith("1·1 + 2·2 + 3·3 + 4·4 + 5·5 + 16·6 = 151\n+ 1 = 152"))
    assert view.tools.model.document.weights["W_f"][0, 5] == 16
    type_into(qtbot, view.maps.operands["b_f"], 0, 0, "-152")
    qtbot.waitUntil(lambda: view.sum_line.text().endswith("+ (−152) = −1\nσ(−1) = 0.27"))
    assert view.results.lines() == [(0, "0.27")]
    view.tools.model.undo_stack.undo()
    qtbot.waitUntil(lambda: "+ 1 = 152" in view.sum_line.text())


def test_two_edits_at_once_both_count(qtbot: QtBot, view: WorkedSumView) -> None:
    view.maps.edited.emit("W_f", (0, 0), 7.0)
    view.maps.edited.emit("W_f", (2, 1), 8.0)
    weights = view.tools.model
    qtbot.waitUntil(lambda: (weights.document.weights["W_f"][0, 0], weights.document.weights["W_f"][2, 1]) == (7, 8))


def test_a_text_that_is_no_number_is_said_and_changes_nothing(qtbot: QtBot, view: WorkedSumView) -> None:
    with qtbot.waitSignal(view.message) as said:
        type_into(qtbot, view.maps.matrix, 1, 1, "abc")
    assert "W_f[2, 2]" in said.args[0]
    assert view.tools.model.document.weights["W_f"][1, 1] == 6


def test_only_weights_can_be_changed(qtbot: QtBot, view: WorkedSumView) -> None:
    show(qtbot, view, filled(blank(2, 2, 2, cell_name="peephole")))
    before = view.tools.model.document
    assert list(view.maps.operands) == ["p_f", "C_prev", "b_f"]
    for shown in (view.maps.operands["C_prev"], view.maps.vector):
        qtbot.mouseDClick(shown, LEFT, NONE, shown.cell_rect(0, 0).center().toPoint())
        assert shown.focusWidget() in (None, shown)
    type_into(qtbot, view.maps.operands["p_f"], 1, 0, "0.25")
    qtbot.waitUntil(lambda: view.tools.model.document is not before)
    assert view.tools.model.document.weights["p_f"][1] == 0.25


# ---- the mouse and the keys


def test_resting_on_a_number_lights_what_made_it(qtbot: QtBot, view: WorkedSumView) -> None:
    view.walk.seek(6)
    said: list[str] = []
    view.tools.light.said.connect(said.append)
    move(view.sum_line, number(view, "f_t", (1,)).rect.center())
    assert said[-1].startswith("f_t[2] = 1")
    assert "computed from row 2 of W_f" in said[-1]
    assert view.maps.matrix.lit[0] == ((slice(1, 2), slice(0, 6)),)
    assert view.maps.vector.lit[0] == ((slice(0, 3), slice(0, 1)), (slice(3, 6), slice(0, 1)))
    assert view.maps.operands["b_f"].lit[0] == ((slice(1, 2), slice(0, 1)),)
    move(view.sum_line, number(view, "W_f", (1, 4)).rect.center())
    assert view.maps.matrix.lit[0] == ((slice(1, 2), slice(4, 5)),)
    move(view.sum_line, number(view, "h_prev", (1,)).rect.center())
    assert view.maps.vector.lit[0] == ((slice(4, 5), slice(0, 1)),)
    move(view.maps.vector, view.maps.vector.cell_rect(0, 0).center())
    assert said[-1].startswith("x_t[1] = 1")
    move(view.maps.matrix, view.maps.matrix.cell_rect(2, 3).center())
    assert said[-1].startswith("W_f[3, 4] = 6")


def test_a_click_on_a_row_goes_there(qtbot: QtBot, view: WorkedSumView) -> None:
    shown = view.maps.matrix
    qtbot.mouseClick(shown, LEFT, NONE, shown.cell_rect(2, 0).center().toPoint())
    assert (view.walk.t, view.walk.moment.done) == (2, 3)
    view.walk.seek(5)
    qtbot.mouseClick(shown, LEFT, NONE, shown.cell_rect(1, 3).center().toPoint())
    assert view.walk.position == 5  # it is that row already


def test_a_tab_chooses_the_layer(qtbot: QtBot, view: WorkedSumView) -> None:
    view.walk.seek(2)
    click(qtbot, view.tab("W_i"))
    assert (view.layer, view.walk.position) == ("W_i", 0)
    view.walk.seek(2)
    assert view.sum_line.text() == "1·1 + 1·2 + 1·3 + 1·4 + 1·5 + 1·6 = 21\n+ 1 = 22"


# ---- the picture


@pytest.mark.parametrize("size", SIZES)
@pytest.mark.parametrize(
    ("document", "layer"),
    [
        (load_example("worked-example"), "W_f"),
        (filled(blank(2, 3, 3, cell_name="gru")), "W_n"),
        (filled(blank(16, 16, 16, cell_name="peephole")), "W_o"),
        (replace(filled(blank(64, 64, 64)), sampled=1), "W_f"),
        (filled(blank(1, 1, 1)), "W_C"),
    ],
    ids=["worked example", "gru", "k16", "k64", "one"],
)
def test_all_of_a_row_can_be_read(
    qtbot: QtBot, view: WorkedSumView, document: Document, layer: str, size: tuple[int, int]
) -> None:
    view.tools.appearance.scale = 0.8 if size[1] < 500 else 1.0
    view.resize(*size)
    show(qtbot, view, document)
    view.show_layer(layer)
    view.walk.seek_step(0)
    qtbot.waitUntil(view.tools.typesetter.idle)
    qtbot.waitUntil(lambda: view.sum_line.height() >= max(box.rect.bottom() for box in view.sum_line.visible()) - 1)
    assert max(box.rect.right() for box in view.sum_line.visible()) <= view.sum_line.width() + 1
    assert view.sum_line.letters >= 14
    bottoms = [view.maps.geometry().bottom(), view.sum_line.geometry().bottom()]
    assert view.maps.geometry().bottom() < view.sum_line.geometry().top()
    assert max(bottoms) < view.height()
    assert view.size().toTuple() == size


def test_the_results_of_the_rows_stand_in_labels(qtbot: QtBot, view: WorkedSumView) -> None:
    show(qtbot, view, load_example("worked-example"))
    view.walk.seek(6)
    texts = [label.text() for label in view.results.findChildren(QLabel) if label.isVisible()]
    assert texts == ["row 1", view.results.lines()[0][1], "row 2", view.results.lines()[1][1]]
    view.walk.restart()
    assert not any(label.isVisible() for label in view.results.findChildren(QLabel))


def test_letters_for_a_hall(qtbot: QtBot, view: WorkedSumView) -> None:
    view.tools.appearance.scale = 1.0
    view.walk.seek(3)
    view.tools.appearance.present(True)
    assert view.sum_line.letters >= 24
    view.tools.appearance.present(False)


def test_a_large_matrix_is_drawn_in_the_background(qtbot: QtBot, view: WorkedSumView) -> None:
    document = blank(512, 512, 512, "zeros").with_inputs(x=np.ones((1, 512)))
    show(qtbot, view, document.with_weight("W_f", np.ones((512, 1024))))
    qtbot.waitUntil(lambda: not view.maps.matrix.preparing)
    view.walk.seek_step(511)
    assert "(1014 more)" in view.sum_line.text()
    assert "= 512\n+ 0 = 512\n" in view.sum_line.text()
    assert view.results.lines()[-1][0] == 511
    assert len(view.results.lines()) < 40
    view.walk.set_speed(0.25)
    view.walk.seek(1)
    view.walk.back()
    view.walk.next()
    qtbot.waitUntil(lambda: view.sum_line.now is not None and view.sum_line.now.columns == slice(7, 1021))
    frame = view.maps.now()["matrix"]
    assert frame.width() > 0.9 * (view.maps.matrix.cell_rect(0, 1023).right() - view.maps.matrix.cell_rect(0, 0).left())


def test_yellow_is_there_only_while_something_happens(qtbot: QtBot, view: WorkedSumView) -> None:
    def has_yellow() -> bool:
        picture: QImage = view.sum_line.grab().toImage()
        points = (QPoint(x, y) for x in range(0, picture.width(), 4) for y in range(0, picture.height(), 4))
        colours = (picture.pixelColor(point) for point in points)
        return any(colour.blue() < colour.red() - 60 and colour.green() > 180 for colour in colours)

    view.walk.set_speed(0.25)
    view.walk.next()
    assert has_yellow()
    view.walk.seek(1)
    assert not has_yellow()


def large(qtbot: QtBot, view: WorkedSumView, size: int = 300) -> Document:
    document = blank(size, size, size)
    show(qtbot, view, document)
    qtbot.waitUntil(lambda: not view.maps.matrix.preparing)
    return document


def test_a_number_typed_in_a_large_matrix_is_unsaved_at_once_and_is_for_its_own_document(
    qtbot: QtBot, view: WorkedSumView
) -> None:
    model = view.tools.model
    large(qtbot, view)
    type_into(qtbot, view.maps.matrix, 0, 0, "7")
    assert model.unsaved, "the window would close without asking"
    opened = blank(300, 300, 300)
    model.replace(opened, "opened meanwhile")
    qtbot.waitUntil(lambda: model.trace is not None)
    assert model.document is opened
    assert not model.unsaved


def test_a_typed_number_is_refused_where_there_is_no_memory_for_a_copy(
    qtbot: QtBot, view: WorkedSumView, monkeypatch: pytest.MonkeyPatch
) -> None:
    model, said = view.tools.model, list[str]()
    document = large(qtbot, view, 1024)
    model.message.connect(said.append)
    monkeypatch.setattr(memory, "available_bytes", lambda: 1_000)
    type_into(qtbot, view.maps.matrix, 0, 0, "7")
    qtbot.waitUntil(lambda: not model.waiting)
    assert "W_f: a change needs" in said[-1]
    assert model.document is document


def test_a_number_goes_into_the_matrix_that_is_seen(qtbot: QtBot, view: WorkedSumView) -> None:
    document, free = large(qtbot, view), Event()
    view.tools.background.run(lambda: free.wait(30), lambda _: None)
    view.show_layer("W_i")
    assert view.maps.matrix.preparing
    type_into(qtbot, view.maps.matrix, 0, 0, "7")
    free.set()
    qtbot.waitUntil(lambda: not view.tools.model.waiting and not view.maps.matrix.preparing)
    after = view.tools.model.document
    assert after.weights["W_i"] is document.weights["W_i"]
    assert (after.weights["W_f"] != document.weights["W_f"]).sum() == 1


def test_a_large_matrix_has_its_room_when_it_comes_after_the_layout(qtbot: QtBot, tools: Tools) -> None:
    tools.model.replace(blank(300, 300, 300), "")
    qtbot.waitUntil(lambda: tools.model.trace is not None)
    made = WorkedSumView(tools)
    qtbot.addWidget(made)
    made.resize(1110, 600)
    made.show()
    qtbot.waitUntil(lambda: made.maps.matrix.values.size > 0)
    qtbot.waitUntil(tools.typesetter.idle)
    qtbot.waitUntil(lambda: made.maps.matrix.width() > 300)
    assert made.maps.matrix.height() > 150
    qtbot.waitUntil(lambda: made.maps.vector.width() > 60)  # x_t stands beside its bracket


def test_the_frame_of_what_happens_now_stays_on_its_entries(qtbot: QtBot, view: WorkedSumView) -> None:
    view.walk.set_speed(0.25)
    view.walk.next()
    qtbot.waitUntil(lambda: view.sum_line.now is not None and view.sum_line.now.columns == slice(1, 2))
    view._walk._frames.stop()
    for size in SIZES:
        view.resize(*size)
        QApplication.processEvents()
        assert view.maps.now()["matrix"] == view.maps.matrix.cell_rect(0, 1)


def test_a_view_that_goes_leaves_nothing_at_the_typesetter(qtbot: QtBot, tools: Tools) -> None:
    made = WorkedSumView(tools)
    heading = weakref.ref(made._heading)
    shiboken6.delete(made)
    del made
    gc.collect()
    assert heading() is None
