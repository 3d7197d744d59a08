"""The view Live in the real window: every number that it draws and says is that of the snapshot."""

from __future__ import annotations

import re
from threading import Thread, current_thread, main_thread

import numpy as np
import pytest
from PySide6.QtCore import QPointF
from pytestqt.qtbot import QtBot

from engine.cell.cells import CELLS
from engine.runs.messages import State
from engine.settings.config import TrainingConfig
from gui.appearance.stored import Stored
from gui.plots.gate_maps import maps_of
from gui.views.live.choices import OPENING, STACK
from gui.views.live.lanes.input import room_of
from gui.views.live.lanes.picture import Framed, LivePicture
from gui.views.live.lanes.reading import Reading, reading_of
from gui.views.live.live import LiveView
from gui.views.live.opening import order_of
from gui.views.live.scales import ROOT
from tests.gui.driving import CONTROL, Key, activate, click, move, press
from tests.gui.views.live.conftest import Open

SMALL = TrainingConfig(sequence_length=12, cell_size=4, batch_size=8, steps=30, worker="thread", device="cpu")


def train(qtbot: QtBot, view: LiveView) -> None:
    """Train to the end; wait until the newest network and its target are shown."""
    activate(qtbot, view.window())
    press(Key.Key_T, CONTROL)
    run = view.training.run
    qtbot.waitUntil(lambda: run.state is State.FINISHED)
    qtbot.waitUntil(lambda: view.training.told_all)
    qtbot.waitUntil(lambda: view.snapshot is run.history.last_snapshot and view.snapshot is not None)
    qtbot.waitUntil(lambda: view.reading is not None and view.reading.target is not None)
    qtbot.waitUntil(lambda: bool(view.picture.shown))


def plain(view: LiveView) -> str:
    """Return what is said at the cursor, without colours."""
    return " ".join(re.sub("<[^>]*>", "", part) for part in view.sentences())


@pytest.mark.parametrize("cell", ["lstm", "lstm-1997", "gru", "rnn"])
def test_every_kind_of_cell_has_its_maps_and_its_words(open_with: Open, qtbot: QtBot, cell: str):
    view = open_with(cell=cell, steps=5)
    train(qtbot, view)
    maps = maps_of(CELLS[cell]())
    assert [one.wanted.spec.name for one in view.picture.shown] == list(maps)
    for place, shown in enumerate(view.picture.shown):
        values = view.snapshot.gates[0][shown.wanted.spec.name]
        np.testing.assert_array_equal(shown.values, values)
        move(view.picture, view.picture.centre(place, 2, 5))
        assert view.picture.framed == Framed(5, place, 2)
        assert "Unit 3" in plain(view)
        assert f"h = {float(view.snapshot.gates[0]['h'][5, 2]):.2f}".replace("-", "−") in plain(view) or cell == "rnn"


def test_a_task_of_symbols_shows_what_is_expected(open_with: Open, qtbot: QtBot):
    view = open_with(task="anbn", steps=3)
    train(qtbot, view)
    reading, snapshot = view.reading, view.snapshot
    np.testing.assert_array_equal(reading.x, snapshot.probe)
    view.picture.move_to(Framed(reading.steps - 1, 0, 0))
    assert f"It expects {reading.names[int(snapshot.answers[-1].argmax())]}" in plain(view)


def test_the_words_are_the_numbers_of_the_unit(open_with: Open, qtbot: QtBot):
    view = open_with()
    train(qtbot, view)
    gates = view.snapshot.gates[0]
    f, i, new, o, C, h = (float(gates[name][7, 1]) for name in ("f", "i", "C_tilde", "o", "C", "h"))
    before = float(gates["C"][6, 1])
    view.picture.move_to(Framed(7, 4, 1))
    said = plain(view)
    for part in (
        f"t = 8: value {float(view.snapshot.probe[7, 0]):.2f}",
        f"keeps f = {f:.2f} of C = {before:.2f}",
        f"= {i:.2f} · {new:.2f} = {i * new:.2f}, so C = {C:.2f}",
        f"passes on o = {o:.2f} of tanh(C): h = {h:.2f}",
        f"the target is {float(view.reading.target[-1, 0]):.3f}",
    ):
        assert part.replace("-", "−") in said
    assert f"{float(view.snapshot.answers[7, 0]):.3f}".replace("-", "−") in said


def test_the_words_follow_the_training_without_a_move_of_the_mouse(open_with: Open, qtbot: QtBot):
    view = open_with(steps=100_000_000)
    activate(qtbot, view.window())
    press(Key.Key_T, CONTROL)
    run = view.training.run
    qtbot.waitUntil(lambda: run.history.shown is not None and view.snapshot is run.history.shown)
    qtbot.waitUntil(lambda: "keeps" in view.words.label.text() and "Before the" not in view.words.label.text())
    before, step = view.words.label.text(), view.snapshot.step
    qtbot.waitUntil(lambda: view.words.label.text() != before and view.snapshot.step > step)


def test_one_map_has_the_room_of_all(open_with: Open, qtbot: QtBot):
    view = open_with()
    train(qtbot, view)
    before = view.picture.lanes.maps
    click(qtbot, view.choices.maps["C"])
    assert [one.wanted.spec.name for one in view.picture.shown] == ["C"]
    (alone,) = view.picture.lanes.maps
    assert alone.height() > 4 * before[0].height()
    click(qtbot, view.choices.all)
    assert len(view.picture.shown) == 6


def test_one_layer_or_the_stack(open_with: Open, qtbot: QtBot):
    view = open_with(layers=2)
    train(qtbot, view)
    layer = view.choices.layer
    layer.setCurrentIndex(1)
    assert {one.wanted.layer for one in view.picture.shown} == {1}
    np.testing.assert_array_equal(view.picture.shown[0].values, view.snapshot.gates[1]["f"])
    view.choices.choose("C")
    layer.setCurrentIndex(layer.findData(str(STACK)))
    assert [(one.wanted.spec.name, one.wanted.layer) for one in view.picture.shown] == [("C", 0), ("C", 1)]
    view.picture.move_to(Framed(3, 1, 2))
    assert "Unit 3 of layer 2" in plain(view)


def test_a_projection_has_fewer_hidden_states(open_with: Open, qtbot: QtBot):
    view = open_with(hidden_size=2)
    train(qtbot, view)
    assert [one.units for one in view.picture.shown] == [4, 4, 4, 4, 4, 2]
    view.picture.move_to(Framed(5, 4, 3))
    assert "to the projection" in plain(view)
    view.picture.move_to(Framed(5, 5, 1))
    assert "the projection makes h" in plain(view)


def test_units_are_sorted_on_demand(open_with: Open, qtbot: QtBot):
    view = open_with()
    train(qtbot, view)
    order = view.choices.order
    order.setCurrentIndex(order.findData(OPENING))
    order.activated.emit(order.currentIndex())
    first = view.snapshot.gates[0]["i"].argmax(axis=0)
    for shown in view.picture.shown:
        opened = [int(first[unit]) for unit in shown.ordered]
        assert opened == sorted(opened)
    assert view.picture.order_words == ("sorted by opening", f"at step {view.snapshot.step}")


def test_units_of_very_many_numbers_are_sorted_beside_the_window(
    open_with: Open, qtbot: QtBot, monkeypatch: pytest.MonkeyPatch
):
    sorted_in: list[Thread] = []

    def seen(*given):
        sorted_in.append(current_thread())
        return order_of(*given)

    monkeypatch.setattr("gui.views.live.pictures.order_of", seen)
    view = open_with(sequence_length=400, cell_size=400)
    qtbot.waitUntil(lambda: view.snapshot is not None and bool(view.picture.shown))
    order = view.choices.order
    order.setCurrentIndex(order.findData(OPENING))
    order.activated.emit(order.currentIndex())
    qtbot.waitUntil(lambda: bool(view.picture.shown) and bool(view.picture.shown[0].ordered))
    assert view.picture.shown[0].ordered == tuple(order_of(view.cell, view.snapshot.gates[0]).tolist())
    assert sorted_in
    assert main_thread() not in sorted_in


def is_found(picture: LivePicture, reading: Reading) -> bool:
    """Return whether the map of an input has been made for the room that it has now."""
    box, coarse = picture.lanes.input, picture.coarse
    return box is not None and coarse is not None and coarse.reading is reading and coarse.room == room_of(box)


@pytest.mark.parametrize("signs", [False, True])
def test_very_many_inputs_are_made_a_map_beside_the_window(
    open_with: Open, qtbot: QtBot, monkeypatch: pytest.MonkeyPatch, signs: bool
):
    made_in: list[tuple[Reading, Thread]] = []
    coarse = Reading.coarse

    def seen(reading, columns, rows):
        made_in.append((reading, current_thread()))
        return coarse(reading, columns, rows)

    monkeypatch.setattr(Reading, "coarse", seen)
    view = open_with()
    qtbot.waitUntil(lambda: view.snapshot is not None)
    rng = np.random.default_rng(0)
    x = rng.uniform(-1, 1, (4000, 300)) if not signs else np.eye(300)[rng.integers(0, 300, 4000)]
    reading = view.picture.reading = reading_of(x.astype(np.float32), None, None)
    for size in ((1920, 1080), (1280, 720)):
        view.window().resize(*size)
        view.pictures.arrange(maps_of(view.cell), 1)
        qtbot.waitUntil(lambda: is_found(view.picture, reading))
        view.picture.grab()
    threads = [thread for read, thread in made_in if read is reading]
    assert threads
    assert main_thread() not in threads


def test_scales_are_remembered_and_said(open_with: Open, qtbot: QtBot, settings: Stored):
    view = open_with()
    train(qtbot, view)
    assert [shown.ends for shown in view.picture.shown][:2] == [("1", "0"), ("1", "0")]
    assert view.picture.shown[4].words[0] == "own max"
    click(qtbot, view.choices.spread)
    low, high = float(view.snapshot.gates[0]["f"].min()), float(view.snapshot.gates[0]["f"].max())
    upper, lower = (float(end) for end in view.picture.shown[0].ends)
    assert lower <= low < high <= upper
    assert upper - lower < 2 * (high - low)
    view.choices.scale.setCurrentIndex(view.choices.scale.findData(ROOT))
    assert view.picture.shown[4].words == ("root",)
    assert settings.value("live_scale") == ROOT
    assert settings.flag("live_spread", "", False) is True


def test_a_click_holds_the_frame(open_with: Open, qtbot: QtBot):
    view = open_with()
    train(qtbot, view)
    framed: list[tuple[int, int]] = []
    view.moment_framed.connect(lambda layer, t: framed.append((layer, t)) if view.held else None)
    click(qtbot, view.picture, view.picture.centre(4, 1, 3).toPoint())
    move(view.picture, view.picture.centre(1, 0, 9))
    assert view.picture.framed == Framed(3, 4, 1)
    assert framed[-1] == (0, 3)
    click(qtbot, view.picture, view.picture.centre(4, 2, 5).toPoint())
    move(view.picture, view.picture.centre(1, 0, 9))
    assert view.picture.framed == Framed(9, 1, 0)


def test_keys_move_the_frame(open_with: Open, qtbot: QtBot):
    view = open_with()
    train(qtbot, view)
    view.picture.setFocus()
    view.picture.move_to(Framed(3, 4, 1))
    for key, expected in (
        (Key.Key_Right, Framed(4, 4, 1)),
        (Key.Key_Down, Framed(4, 4, 2)),
        (Key.Key_Left, Framed(3, 4, 2)),
        (Key.Key_Up, Framed(3, 4, 1)),
    ):
        press(key)
        assert view.picture.framed == expected


def test_two_keys_go_from_map_to_map(open_with: Open, qtbot: QtBot):
    view = open_with()
    train(qtbot, view)
    on, back = Key.Key_Period, Key.Key_Comma
    for key, expected in ((on, "f"), (on, "i"), (back, "f"), (back, ""), (back, "h")):
        press(key)
        assert view.choices.chosen == expected


def test_at_first_the_frame_stands_on_a_marked_step(open_with: Open, qtbot: QtBot):
    view = open_with()
    train(qtbot, view)
    marked = np.flatnonzero(view.reading.x[:, 1] > 0)
    assert view.picture.framed.t == marked[-1]
    assert view.pictures.framed_map.spec.name == "C"
    assert "marked" in plain(view)
    view.picture.move_to(Framed(0, 4, 1))
    assert "marker −1" in plain(view)


def test_another_example_is_shown_with_its_target(open_with: Open, qtbot: QtBot):
    view = open_with()
    train(qtbot, view)
    before = view.reading.target[-1, 0]
    view.choices.example.setValue(3)
    qtbot.waitUntil(lambda: view.reading.target is not None and view.reading.target[-1, 0] != before)
    np.testing.assert_array_equal(view.reading.x, view.snapshot.probe)
    assert view.training.probe == 3


def test_a_recorded_moment_is_shown(open_with: Open, qtbot: QtBot):
    view = open_with(worker="process", steps=400)
    train(qtbot, view)
    travel = view.tools.recordings.travel
    qtbot.waitUntil(lambda: travel.possible)
    travel.go_to(0)
    qtbot.waitUntil(lambda: view.snapshot is not None and view.snapshot.step == travel.run.moments[0])
    travel.go_live()
    qtbot.waitUntil(lambda: view.snapshot is view.training.run.history.last_snapshot)


def test_what_is_to_come_is_told_from_what_is_computed(open_with: Open, qtbot: QtBot):
    view = open_with()
    train(qtbot, view)
    whole = view.picture.grab().toImage()
    view.show_now(4)
    assert view.picture.framed.t == 4
    assert view.picture.answers.last == 4
    walked = view.picture.grab().toImage()
    box = view.picture.lanes.maps[1]
    early, late = (QPointF(view.picture.lanes.x_of(t + 0.5, 12), box.center().y()).toPoint() for t in (1, 9))
    assert whole.pixel(early) == walked.pixel(early)
    around = [(late.x() + x, late.y() + y) for x in range(-5, 6) for y in range(-5, 6)]
    assert any(whole.pixel(*at) != walked.pixel(*at) for at in around)
    view.choices.example.setValue(2)  # another sequence: the walk still stands where it stood
    qtbot.waitUntil(lambda: view.training.probe == 2 and view.reading.target is not None)
    assert view.framed_t == 4
    view.show_now(None)
    assert view.picture.answers.until is None


@pytest.mark.parametrize("size", [(1920, 1080), (1280, 720), (910, 560)])
def test_it_keeps_what_matters_at_every_size(open_with: Open, qtbot: QtBot, size: tuple[int, int]):
    view = open_with()
    view.window().resize(*size)
    train(qtbot, view)
    lanes = view.picture.lanes
    assert lanes.input is not None
    assert lanes.answer is not None
    assert len(view.picture.shown) in (1, 6)
    assert all(box.height() >= 12 for box in lanes.maps)
    assert lanes.axis.bottom() <= view.picture.height() + 1
    assert "keeps" in view.words.label.text()
    before = view.picture.grab().toImage()
    view.picture.move_to(Framed(2, 0, 0))
    assert view.picture.grab().toImage() != before


def test_plots_that_would_be_too_low_are_shown_one_at_a_time(open_with: Open, qtbot: QtBot):
    view = open_with()

    def shown() -> list[str]:
        return [name for name, part in view.beside.parts.items() if part.isVisible()]

    assert shown() == ["loss", "measure", "gradients"]
    assert not view.beside.tabs.isVisible()
    view.window().resize(1280, 560)
    qtbot.waitUntil(lambda: shown() == ["loss"])
    one = view.beside.parts["loss"].height()
    for number, name in enumerate(("measure", "gradients", "loss")):
        click(qtbot, view.beside.tabs.segments[(number + 1) % 3])
        assert shown() == [name]
    assert one > view.beside.height() / 2
    view.window().resize(1920, 1080)
    qtbot.waitUntil(lambda: len(shown()) == 3)
