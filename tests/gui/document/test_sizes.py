"""m, n and k: set by typing, kept by what fits, undone by keys."""

from __future__ import annotations

from collections.abc import Iterator
from itertools import pairwise
from threading import Event

import numpy as np
import pytest
from PySide6.QtWidgets import QAbstractSpinBox, QLabel, QMessageBox
from pytestqt.qtbot import QtBot

from engine.document import memory
from engine.document.document import Document, blank
from gui.window.main_window import MainWindow
from tests.gui.driving import (
    CONTROL,
    SHIFT,
    Key,
    answer,
    assert_diagram_shows_trace,
    click,
    dialog,
    press,
    resting,
    traced,
    write,
)


def type_in(box: QAbstractSpinBox, text: str) -> None:
    box.setFocus()
    box.selectAll()
    write(text)
    press(Key.Key_Return)


def sizes(document: Document) -> tuple[int, int, int]:
    return document.m, document.n, document.k


def note(window: MainWindow) -> str:
    return next(label.text() for label in window.sizes.findChildren(QLabel) if label.objectName() == "note")


def choose_filling(window: MainWindow, name: str) -> None:
    box = window.sizes.initialisation
    box.setCurrentIndex(box.findData(name))


def test_another_m_keeps_the_weights_that_fit(window: MainWindow, qtbot: QtBot):
    before = window.model.document
    type_in(window.sizes.boxes["m"], "2")
    after = window.model.document
    assert sizes(after) == (2, 3, 3)
    np.testing.assert_array_equal(after.weights["W_f"][:, :2], before.weights["W_f"][:, :2])
    np.testing.assert_array_equal(after.weights["W_f"][:, 2:], before.weights["W_f"][:, 3:])
    np.testing.assert_array_equal(after.x, before.x[:, :2])
    traced(qtbot, window)
    assert window.scene.columns["x_t"].texts == ["1", "2"]
    window.playback.seek(window.playback.last)
    assert_diagram_shows_trace(window)


def test_new_weights_come_from_the_chosen_filling(window: MainWindow, qtbot: QtBot):
    choose_filling(window, "ones")
    type_in(window.sizes.boxes["m"], "5")
    W = window.model.document.weights["W_f"]
    assert W.shape == (3, 8)
    assert (W[:, 3:5] == 1).all()
    choose_filling(window, "xavier")
    window.sizes.seed.setValue(7)
    type_in(window.sizes.boxes["m"], "6")
    first = window.model.document.weights["W_f"][:, 5].copy()
    press(Key.Key_Z, CONTROL)
    window.sizes.seed.setValue(8)
    type_in(window.sizes.boxes["m"], "6")
    assert not np.array_equal(first, window.model.document.weights["W_f"][:, 5])
    traced(qtbot, window)
    window.playback.seek(window.playback.last)
    assert_diagram_shows_trace(window)


@pytest.mark.parametrize("box", ["n", "k"])
def test_n_and_k_are_one_number_until_they_are_unlinked(window: MainWindow, qtbot: QtBot, box: str):
    assert window.sizes.link.text() == "="
    type_in(window.sizes.boxes[box], "4")
    assert sizes(window.model.document) == (3, 4, 4)
    assert window.sizes.boxes["n"].value() == window.sizes.boxes["k"].value() == 4
    traced(qtbot, window)
    assert_diagram_shows_trace(window)


def test_unlinking_shows_the_projection_and_changes_no_number(window: MainWindow, qtbot: QtBot):
    h = traced(qtbot, window).steps[0]["h_t"].copy()
    assert "n = k" in note(window)
    assert "W_hr" not in window.weights._tabs
    click(qtbot, window.sizes.link)
    assert window.model.document.projected
    assert window.sizes.link.text() == "≠"
    assert "W<sub>hr</sub>" in note(window)
    traced(qtbot, window)
    assert "r_t" in window.scene.columns
    click(qtbot, window.weights._tabs["W_hr"])
    assert window.weights.chosen == "W_hr"
    np.testing.assert_array_equal(window.weights.table.grid.content.values, np.eye(3))
    window.playback.seek(window.playback.last)
    assert_diagram_shows_trace(window)
    assert window.scene.columns["h_t"].values.tolist() == h.tolist()
    node = next(node for node in window.scene._nodes.values() if node.node.layer == "W_hr")
    window.weights.choose("W_f")
    click(qtbot, window.view.viewport(), window.view.mapFromScene(node.scenePos()))
    assert window.weights.chosen == "W_hr"
    window.stage.show_view("diagram")  # the click on the layer has opened its sum
    click(qtbot, window.sizes.link)
    traced(qtbot, window)
    assert "r_t" not in window.scene.columns
    assert window.weights.chosen == "W_f"
    assert "W_hr" not in window.weights._tabs


def test_unlinked_n_may_be_larger_than_k_and_the_note_says_what_that_means(window: MainWindow, qtbot: QtBot):
    click(qtbot, window.sizes.link)
    type_in(window.sizes.boxes["n"], "5")
    assert sizes(window.model.document) == (3, 5, 3)
    assert "Training needs n" in note(window)
    traced(qtbot, window)
    window.playback.seek(window.playback.last)
    assert_diagram_shows_trace(window)
    type_in(window.sizes.boxes["n"], "2")
    assert "Training needs n" not in note(window)
    traced(qtbot, window)
    window.playback.seek(window.playback.last)
    assert_diagram_shows_trace(window)


def test_linking_fills_what_is_new_from_the_chosen_filling(window: MainWindow, qtbot: QtBot):
    click(qtbot, window.sizes.link)
    type_in(window.sizes.boxes["n"], "2")
    choose_filling(window, "ones")
    click(qtbot, window.sizes.link)
    assert sizes(window.model.document) == (3, 3, 3)
    assert (window.model.document.weights["W_f"][:, 5] == 1).all()


def test_undo_and_redo_of_sizes(window: MainWindow, qtbot: QtBot):
    original = window.model.document
    type_in(window.sizes.boxes["m"], "2")
    type_in(window.sizes.boxes["k"], "5")
    click(qtbot, window.sizes.link)
    assert "unlink" in window.actions_by_name["undo"].text()
    for _ in range(3):
        press(Key.Key_Z, CONTROL)
    assert window.model.document is original
    assert window.sizes.boxes["m"].value() == 3
    assert window.sizes.link.text() == "="
    assert not window.actions_by_name["undo"].isEnabled()
    assert not window.model.unsaved
    press(Key.Key_Y, CONTROL)
    press(Key.Key_Z, CONTROL | SHIFT)
    assert sizes(window.model.document) == (2, 5, 5)
    traced(qtbot, window)
    assert_diagram_shows_trace(window)


def test_sizes_keep_within_their_bounds(window: MainWindow):
    for name, box in window.sizes.boxes.items():
        assert (box.minimum(), box.maximum()) == (1, 4096), name
    type_in(window.sizes.boxes["m"], "0")
    assert window.model.document.m >= 1


def test_every_number_of_the_largest_cell(window: MainWindow, qtbot: QtBot):
    type_in(window.sizes.boxes["m"], "64")
    type_in(window.sizes.boxes["k"], "64")
    assert sizes(window.model.document) == (64, 64, 64)
    traced(qtbot, window)
    window.playback.seek(window.playback.last)
    assert_diagram_shows_trace(window)
    assert not window.grab().isNull()


@pytest.fixture
def busy(window: MainWindow) -> Iterator[Event]:
    """The window's background has other work to do first, until the event is set."""
    free = Event()
    window.background.run(lambda: free.wait(10), lambda _nothing: None)
    yield free
    free.set()


def settled(qtbot: QtBot, window: MainWindow) -> None:
    qtbot.waitUntil(lambda: not window.model.waiting)


def settled_in_background(qtbot: QtBot, window: MainWindow) -> None:
    """Wait until the background has done all that it was given up to now."""
    done: list[None] = []
    window.background.run(lambda: None, done.append)
    qtbot.waitUntil(lambda: bool(done))


def test_sizes_typed_faster_than_they_are_computed_are_all_kept(window: MainWindow, qtbot: QtBot, busy: Event):
    boxes = window.sizes.boxes
    type_in(boxes["k"], "300")
    assert window.model.waiting, "the window waited for a large cell"
    assert boxes["n"].value() == 300, "n is linked to k"
    type_in(boxes["m"], "200")
    assert window.model.document.k == 3
    busy.set()
    settled(qtbot, window)
    assert sizes(window.model.document) == (200, 300, 300)
    assert [boxes[name].value() for name in "mnk"] == [200, 300, 300]
    assert [window.model.undo_stack.text(i) for i in range(2)] == ["k = 300", "m = 200"]
    traced(qtbot, window)
    window.playback.seek(window.playback.last)
    assert_diagram_shows_trace(window)
    press(Key.Key_Z, CONTROL)
    assert sizes(window.model.document) == (3, 300, 300)
    assert boxes["m"].value() == 3


def test_undo_of_a_size_that_is_being_computed(window: MainWindow, qtbot: QtBot, busy: Event):
    before = window.model.document
    type_in(window.sizes.boxes["k"], "300")
    press(Key.Key_Z, CONTROL)
    assert not window.model.waiting
    assert [window.sizes.boxes[name].value() for name in "mnk"] == [3, 3, 3]
    busy.set()
    settled_in_background(qtbot, window)
    assert window.model.document is before


def test_a_size_that_cannot_fit_is_refused_and_nothing_is_lost(
    window: MainWindow, qtbot: QtBot, monkeypatch: pytest.MonkeyPatch
):
    monkeypatch.setattr(memory, "available_bytes", lambda: 1_000_000_000)
    before = window.model.document
    type_in(window.sizes.boxes["m"], "4096")
    settled(qtbot, window)
    assert window.model.document.m == 4096
    type_in(window.sizes.boxes["k"], "4096")
    settled(qtbot, window)
    sentence = "k: a cell with m = n = k = 4096 needs 1.4 GB of memory, but only 1.0 GB is free; choose smaller sizes"
    assert window.statusBar().currentMessage() == sentence
    assert sizes(window.model.document) == (4096, 3, 3)
    assert [window.sizes.boxes[name].value() for name in "mnk"] == [4096, 3, 3]
    np.testing.assert_array_equal(window.model.document.weights["W_f"][:, :3], before.weights["W_f"][:, :3])
    traced(qtbot, window)
    window.playback.seek(window.playback.last)
    assert_diagram_shows_trace(window)


@pytest.mark.parametrize("action", ["new", "cell gru", "order", "fill ones", "link"])
def test_an_action_without_memory_for_it_changes_nothing(
    window: MainWindow, qtbot: QtBot, monkeypatch: pytest.MonkeyPatch, action: str
):
    large = blank(500, 500, 500)
    window.model.replace(large, "large")
    traced(qtbot, window)
    monkeypatch.setattr(memory, "available_bytes", lambda: 1_000)
    window.actions_by_name[action].trigger()
    settled(qtbot, window)
    assert "of memory, but only 1 kB is free; choose smaller sizes" in window.statusBar().currentMessage()
    assert window.model.document is large
    assert window.actions_by_name["cell lstm"].isChecked()
    assert not window.actions_by_name["order"].isChecked()
    monkeypatch.undo()
    window.actions_by_name[action].trigger()
    settled(qtbot, window)
    assert window.model.document is not large
    traced(qtbot, window)
    window.playback.seek(window.playback.last)
    assert_diagram_shows_trace(window)


@pytest.mark.parametrize("name", ["gru", "lstm"])
def test_a_new_cell_has_the_sizes_that_were_typed_last(window: MainWindow, qtbot: QtBot, busy: Event, name: str):
    window.actions_by_name[f"cell {name}"].trigger()
    window.model.undo_stack.setClean()
    type_in(window.sizes.boxes["n"], "100")
    assert window.model.waiting
    window.actions_by_name["new"].trigger()
    answer(qtbot, dialog(qtbot, window, QMessageBox), QMessageBox.StandardButton.Discard)
    busy.set()
    settled(qtbot, window)
    assert sizes(window.model.document) == (3, 100, 100)
    assert window.model.shown.name == "New cell"
    assert window.model.document.cell_name == name
    assert not window.model.undo_stack.canUndo()
    traced(qtbot, window)


@pytest.mark.parametrize("place", ["m", "seed", "learning_rate", "clip_norm"])
def test_keys_of_the_playback_in_a_spin_box(window: MainWindow, qtbot: QtBot, place: str):
    boxes: dict[str, QAbstractSpinBox] = {
        **window.sizes.boxes,
        "seed": window.sizes.seed,
        "learning_rate": window.training.panel.form.field("learning_rate"),
        "clip_norm": window.training.panel.form.field("clip_norm"),
    }
    box = boxes[place]
    window.playback.set_speed(4)
    type_in(box, "2")
    assert window.playback.position == 0, "Return in a box plays"
    assert not window.playback.playing
    assert box.value() == 2  # type: ignore[attr-defined]  # all of them are numbers
    box.setFocus()
    press(Key.Key_Space)
    resting(qtbot, window.playback)
    assert window.playback.position == 1, "Space is lost in a box"


@pytest.mark.parametrize("cell", ["gru", "rnn"])
def test_a_cell_without_a_cell_state_offers_neither_k_nor_the_link(window: MainWindow, qtbot: QtBot, cell: str):
    panel = window.sizes
    assert panel.boxes["k"].isVisible()
    panel.choose_cell(cell)
    traced(qtbot, window)
    assert not panel.boxes["k"].isVisible()
    assert not panel.link.isVisible()
    assert panel.boxes["n"].isVisible()
    panel.boxes["n"].setValue(5)
    assert (window.model.document.n, panel.boxes["n"].value()) == (5, 5)
    panel.choose_cell("lstm")
    assert panel.boxes["k"].isVisible()
    assert panel.link.isVisible()
    assert panel.boxes["k"].value() == 5


def test_the_note_of_several_lines_takes_no_room_from_the_boxes(own_window: MainWindow, qtbot: QtBot):
    window = own_window
    window._appearance.fit_screen(720)
    window.resize(1280, 720)

    def apart() -> bool:
        boxes = [window.sizes.boxes[name].geometry() for name in ("m", "n", "k")]
        return all(above.bottom() + 1 < below.top() for above, below in pairwise(boxes))

    qtbot.waitUntil(apart)
