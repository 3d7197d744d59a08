"""What is read and answered in every task, drawn without a window: curves, marks, letters, chances."""

from __future__ import annotations

import re
from dataclasses import replace

import numpy as np
import pytest
from PySide6.QtCore import QPointF, QRectF
from PySide6.QtGui import QImage, QPainter
from pytestqt.qtbot import QtBot

from engine.runs.snapshot import Snapshot
from engine.settings.config import TrainingConfig
from engine.tasks import TASKS, create_task
from engine.tasks.example import Example, example_of
from engine.training.trainer import Trainer
from gui.appearance.theme import Appearance
from gui.appearance.typeset import Typesetter
from gui.plots.gate_maps import MAPS
from gui.views.live.lanes.answer import Answers
from gui.views.live.lanes.pen import Pencil, larger_end, metrics
from gui.views.live.lanes.picture import LivePicture
from gui.views.live.lanes.reading import Reading, reading_of
from gui.views.live.maps import Wanted, pictured
from gui.views.live.scales import Scaling
from gui.views.live.words import Teller, came_in


def settings_of(task: str, T: int = 0) -> TrainingConfig:
    """Return settings of a small network; T: 0 is a short sequence, as long as the task needs."""
    length = T or max(12, TASKS[task].shortest)
    return TrainingConfig(task=task, sequence_length=length, cell_size=4, batch_size=2, device="cpu")


def made(task: str, T: int = 0) -> tuple[Snapshot, Example]:
    """Return a network of a task as it begins, and the example that it is shown on."""
    config = settings_of(task, T)
    return Trainer(config).snapshot(), example_of(create_task(config), 0)


@pytest.fixture
def picture(qtbot: QtBot, typesetter: Typesetter, appearance: Appearance) -> LivePicture:
    widget = LivePicture(typesetter, appearance)
    qtbot.addWidget(widget)
    widget.resize(1000, 560)
    return widget


def drawn(picture: LivePicture, snapshot: Snapshot, reading: Reading) -> QImage:
    """Draw a snapshot, and return the picture."""
    picture.reading, picture.answers = reading, Answers(reading, snapshot.answers)
    picture.wanted = [Wanted(spec, 0) for spec in MAPS.values()]
    theme = picture._appearance.theme
    picture.shown = pictured(picture.wanted, snapshot, picture.room, Scaling(), theme)
    picture.forget_ground()
    return picture.grab().toImage()


@pytest.mark.parametrize("task", list(TASKS))
def test_every_task_is_read_and_answered(picture: LivePicture, task: str):
    snapshot, example = made(task)
    reading = reading_of(snapshot.probe, None, example)
    np.testing.assert_array_equal(reading.x, snapshot.probe)
    assert len(reading.inputs) == reading.x.shape[1]
    assert len(reading.names) == snapshot.answers.shape[1]
    assert reading.target is not None
    assert np.isfinite(reading.target[-1]).all()
    assert came_in(reading, 3)
    teller = Teller(picture._appearance.theme, picture._appearance.digits)
    said = teller.answer(Answers(reading, snapshot.answers), reading.steps - 1)
    if reading.by_class:
        assert reading.answers is not None
        assert reading.answers[-1] == reading.target[-1].argmax()
        assert reading.names[int(snapshot.answers[-1].argmax())] in said
        np.testing.assert_allclose(reading.chances(snapshot.answers).sum(axis=1), 1, rtol=1e-5)
    else:
        assert (
            f"the target is {float(reading.target[-1, 0]):.3f}".replace("-", "−") in said
            or abs(float(reading.target[-1, 0])) > 9
        )
    image = drawn(picture, snapshot, reading)
    for lane in (picture.lanes.input, picture.lanes.marks, picture.lanes.answer):
        if lane is not None:
            part = image.copy(lane.toAlignedRect())
            assert len({part.pixel(x, y) for x in range(0, part.width(), 2) for y in range(part.height())}) > 1


def test_marks_have_a_lane_and_the_numbers_that_they_mark():
    snapshot, example = made("adding")
    reading = reading_of(snapshot.probe, None, example)
    assert reading.curves == (0,)
    assert reading.marks == (1,)
    assert list(reading.marked_steps) == np.flatnonzero(example.x[:, 1] > 0).tolist()


def test_the_scale_of_many_inputs_is_written_as_numbers_are(picture: LivePicture, monkeypatch: pytest.MonkeyPatch):
    written: list[str] = []
    monkeypatch.setattr(Pencil, "write", lambda _pencil, _box, words, *_how, **_more: written.append(words))
    picture.reading = reading_of(np.linspace(-12_345, 12_345, 360).reshape(12, 30), None, None)
    picture.grab()
    assert "±12,300" in written


def test_symbols_are_letters_where_there_is_room_and_rows_where_not(picture: LivePicture):
    snapshot, example = made("temporal-order")
    reading = reading_of(snapshot.probe, None, example)
    assert [came_in(reading, t) for t in range(3)] == [
        f"it reads {example.input_names[place]}" for place in example.symbols[:3]
    ]
    wide = drawn(picture, snapshot, reading)
    picture.resize(330, 560)
    narrow = drawn(picture, snapshot, reading)
    lane = picture.lanes.input
    frame = narrow.pixelColor(QPointF(lane.center().x(), lane.top()).toPoint())
    assert frame.name() == picture._appearance.theme.edge.lower()
    assert wide.width() == 1000


def test_a_sequence_of_ones_own_has_no_target(picture: LivePicture):
    snapshot, example = made("adding")
    x = np.array(example.x)
    x[3, 0] += 0.25
    reading = reading_of(x, None, example)
    assert reading.target is None
    teller = Teller(picture._appearance.theme, picture._appearance.digits)
    assert "target" not in teller.answer(Answers(reading, snapshot.answers), 5)
    drawn(picture, snapshot, reading)


def test_without_an_example_the_numbers_are_shown_all_the_same(picture: LivePicture):
    """The data of a recording may not be there any more."""
    snapshot, _ = made("adding")
    reading = reading_of(snapshot.probe, None, None)
    assert reading.inputs == ("input 1", "input 2")
    assert reading.target is None
    drawn(picture, snapshot, reading)


@pytest.mark.parametrize("task", list(TASKS))
def test_before_an_example_is_made_the_answers_have_their_names(picture: LivePicture, task: str):
    """Making one may take seconds, in which a run that goes on is looked at for the first time."""
    snapshot, example = made(task)
    facts = create_task(settings_of(task)).facts()
    reading, known = reading_of(snapshot.probe, facts, None), reading_of(snapshot.probe, None, example)
    assert (reading.names, reading.by_class) == (known.names, known.by_class)
    teller = Teller(picture._appearance.theme, picture._appearance.digits)
    assert teller.answer(Answers(reading, snapshot.answers), reading.steps - 1)
    drawn(picture, snapshot, reading)


def test_the_last_line_of_a_name_loses_what_follows_a_comma(
    picture: LivePicture, appearance: Appearance, monkeypatch: pytest.MonkeyPatch
):
    written: list[str] = []
    monkeypatch.setattr(Pencil, "write", lambda _pencil, _box, words, *_how, **_more: written.append(words))
    monkeypatch.setattr(Pencil, "note", 24)
    name, width = "ln(1 + count), normalised", metrics(24).horizontalAdvance("ln(1 + count), norm")
    pencil = Pencil(QPainter(), appearance, picture.lanes, 1, 1)
    for height, lines in ((30, ["ln(1 + count)"]), (80, ["ln(1 + count),", "normalised"])):
        written.clear()
        pencil.write_lines(QRectF(0, 0, width, height), name)
        assert written == lines


def test_a_range_that_has_no_room_leaves_its_larger_end():
    wide = metrics(24).horizontalAdvance("0.23–0.62")
    assert larger_end("0.23–0.62", wide, 24) == "0.23–0.62"
    assert larger_end("0.23–0.62", wide - 1, 24) == "≤ 0.62"
    assert larger_end("−1 … 1", 1, 24) == "−1 … 1"


def test_more_steps_than_pixels_are_drawn(picture: LivePicture):
    snapshot, example = made("adding", 2000)
    drawn(picture, snapshot, reading_of(snapshot.probe, None, example))
    assert picture.lanes.step_at(picture.lanes.axis.right(), 2000) == 1999


def test_several_answers_are_all_told_or_the_one_that_is_chosen(picture: LivePicture, appearance: Appearance):
    snapshot, example = made("adding")
    three = snapshot.answers[:, :1] + np.arange(3, dtype=np.float32)
    target = np.array([0.5, 1.25, 2.0], dtype=np.float32)
    words = replace(example.words, outputs=3)
    example = replace(example, words=words, target=target, answer_names=("sum", "product", "3"))
    reading = reading_of(snapshot.probe, None, example)
    assert reading.outputs == ("sum", "product", "answer 3")
    teller, last = Teller(appearance.theme, appearance.digits), reading.steps - 1
    said = re.sub("<[^>]*>", "", teller.answer(Answers(reading, three), last))
    values = [f"{float(value):.3f}".replace("-", "−") for value in three[-1]]
    assert said == (
        f"The answers are sum {values[0]} (target 0.500), product {values[1]} (target 1.250), "
        f"answer 3 {values[2]} (target 2.000)."
    )
    said = re.sub("<[^>]*>", "", teller.answer(Answers(reading, three, chosen=1), last))
    assert said.startswith("product ")
    assert said.endswith(f"{values[1]}; the target is 1.250.")
    images = []
    for chosen in (None, 0, 2):
        picture.reading, picture.answers = reading, Answers(reading, three, chosen=chosen)
        picture.wanted = [Wanted(spec, 0) for spec in MAPS.values()]
        picture.forget_ground()
        images.append(picture.grab().toImage())
    assert images[0] != images[1] != images[2]
