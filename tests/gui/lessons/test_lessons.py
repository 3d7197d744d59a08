"""A lesson in the real window: each key does one thing, and what is the user's comes back."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest

from engine.document.examples import load_example
from engine.lessons.lesson import Ask, Move
from engine.lessons.reading import shipped_lessons
from engine.runs.messages import State
from gui.appearance.stored import Stored
from gui.window.main_window import MainWindow
from tests.gui.conftest import Windows
from tests.gui.driving import Key, press, wait_until

_LESSON = """# A lesson

{example forget-gate}
{show diagram}
{restart}

First words, with the [gate](point:f_t) and the [sum](show:sum).

{operation z_f}

Second words.

{ask What is f? | = f_t | σ of a large number.}

---

## Second

{show sum}

Third words. {set C_0 = 1 1 1}

{ask Sure? | *yes / no}
"""


@pytest.fixture
def lesson(tmp_path: Path) -> Path:
    path = tmp_path / "lesson.md"
    path.write_text(_LESSON, "utf-8")
    return path


def begin(window: MainWindow, path: Path | str) -> None:
    window.lessons.open(str(path))
    wait_until(lambda: window.lessons.course.done == 1)
    rest(window)


def rest(window: MainWindow) -> None:
    wait_until(lambda: not window.lessons.course.runner.busy and window.model.trace is not None)


def go_on(window: MainWindow) -> None:
    press(Key.Key_PageDown)
    rest(window)


def text(window: MainWindow) -> str:
    return window.lessons.reader.text.toPlainText()


def test_each_key_does_one_thing(window: MainWindow, lesson: Path) -> None:
    begin(window, lesson)
    reader = window.lessons.reader
    assert reader.isVisible()
    assert reader.where.text() == "stop 1 of 2"
    assert "First words" in text(window)
    assert "Second" not in text(window)
    assert window.playback.position == 0
    go_on(window)
    assert window.playback.operation is not None
    assert window.playback.operation.name == "z_f"
    assert "Second" not in text(window), "the text stands still while something moves"
    go_on(window)
    assert "Second words" in text(window)
    go_on(window)
    assert reader.question.isVisible()
    go_on(window)
    wait_until(lambda: "[1, 1, 1]. σ of a large number." in text(window))
    assert not reader.question.isVisible()
    go_on(window)
    wait_until(lambda: reader.where.text() == "stop 2 of 2")
    assert window.stage.front == "sum"
    go_on(window)
    assert list(window.model.document.c0) == [1, 1, 1]
    go_on(window)
    assert [button.text() for button in reader.question.choices] == ["yes", "no"]
    reader.question.choices[1].click()
    assert "You said no; it is yes." in text(window)
    assert not reader.next.isEnabled()


def test_a_key_during_a_move_brings_it_to_its_end(window: MainWindow, lesson: Path) -> None:
    begin(window, lesson)
    press(Key.Key_PageDown)
    press(Key.Key_PageDown)
    rest(window)
    assert window.playback.operation is not None
    assert window.playback.operation.name == "z_f"
    assert "Second" not in text(window)


def test_back_takes_the_last_thing_back(window: MainWindow, lesson: Path) -> None:
    begin(window, lesson)
    go_on(window)
    go_on(window)
    press(Key.Key_PageUp)
    rest(window)
    assert "Second" not in text(window)
    press(Key.Key_PageUp)
    rest(window)
    assert window.playback.position == 0
    assert not window.lessons.reader.back.isEnabled()


def test_back_to_the_page_restores_it_and_undo_keeps_what_was_played_with(window: MainWindow, lesson: Path) -> None:
    begin(window, lesson)
    window.commands.run("set C_0 = 7 7 7")
    window.commands.run("show layers")
    window.commands.run("next")
    window.commands.run("page")
    rest(window)
    assert window.stage.front == "diagram"
    assert list(window.model.document.c0) == [0.5, -1, 2]
    assert window.playback.position == 0
    window.commands.run("undo")
    assert list(window.model.document.c0) == [7, 7, 7]
    go_on(window)
    assert list(window.model.document.c0) == [0.5, -1, 2], "a move begins with what the stop has shown"


def test_the_users_own_document_and_settings_come_back(window: MainWindow, lesson: Path) -> None:
    window.commands.run("set C_0 = 3 3 3")
    rest(window)
    own, config = window.model.document, window.training.controller.config
    begin(window, lesson)
    assert window.model.document is not own
    assert window.model.unsaved, "what the user had not saved is still to be lost"
    assert window.model.kept.document is own
    window.commands.run("set C_0 = 9 9 9")
    go_on(window)
    window.commands.run("end lesson")
    rest(window)
    assert window.model.document is own
    assert window.training.controller.config == config
    assert not window.lessons.reader.isVisible()
    press(Key.Key_PageDown)
    wait_until(lambda: window.playback.position == 1)


def test_a_saved_document_is_still_saved_after_a_lesson(window: MainWindow, lesson: Path, tmp_path: Path) -> None:
    assert not window.model.unsaved
    begin(window, lesson)
    window.commands.run("set C_0 = 9 9 9")
    assert not window.model.unsaved
    window.commands.run("end lesson")
    assert not window.model.unsaved


def test_links_point_at_things(window: MainWindow, lesson: Path) -> None:
    begin(window, lesson)
    lit: list[object] = []
    window.light.changed.connect(lambda made_of, _into: lit.append(dict(made_of)))
    window.lessons.reader.text.anchorClicked.emit("point%20f_t")
    assert lit[-1] == {"f_t": (slice(0, 3),)}
    window.lessons.reader.text.anchorClicked.emit("show%20sum")
    assert window.stage.front == "sum"


def test_the_page_stays_in_every_workspace_and_in_a_hall(window: MainWindow, lesson: Path) -> None:
    begin(window, lesson)
    for name in ("train", "compare", "library", "explore"):
        window.commands.run(f"workspace {name}")
        assert window.lessons.reader.isVisible(), name
    window.commands.run("present")
    assert window.lessons.reader.isVisible()
    document = window.lessons.reader.text.document()
    assert document.defaultFont().pixelSize() >= 24 * window.height() / 1080 - 1
    window.commands.run("present")


def test_a_lesson_with_mistakes_is_refused_with_its_line(
    window: MainWindow, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    said: list[str] = []
    monkeypatch.setattr(window.lessons, "_warn", lambda _title, sentence: said.append(sentence))
    path = tmp_path / "l.md"
    path.write_text("# T\n\nText\n\n{shw sum}\n{shw sum}\n", "utf-8")
    window.lessons.open(str(path))
    wait_until(lambda: bool(said))
    assert "l.md, line 5" in said[0]
    assert "There is 1 more mistake" in said[0]
    assert not window.lessons.course.on


def test_a_stop_is_recorded_and_read_back(window: MainWindow, tmp_path: Path) -> None:
    path = tmp_path / "mine.md"
    window.commands.run("example forget-gate")
    wait_until(lambda: window.model.shown.name == "The forget gate")
    rest(window)
    window.commands.run("set b_f = 0 0 0.1")
    rest(window)
    window.commands.run("operation f_t")
    made = window.model.document
    window.lessons._add_stop(path)
    wait_until(path.exists)
    window.commands.run("show sum")
    window.lessons._add_stop(path)
    wait_until(lambda: path.read_text("utf-8").count("---") == 2)
    begin(window, path)
    go_on(window)
    wait_until(lambda: window.lessons.course.place == 1)
    rest(window)
    assert window.model.document.weights.keys() == made.weights.keys()
    assert np.array_equal(window.model.document.weights["b_f"], made.weights["b_f"])
    assert window.playback.operation is not None
    assert window.playback.operation.name == "f_t"
    window.lessons.end()
    window.model.replace(load_example("counter"), "A counter")  # else the window asks as it closes


_FIRST = "forget-gate"


@pytest.mark.parametrize(
    "name", [pytest.param(name, marks=[] if name == _FIRST else pytest.mark.soak) for name in shipped_lessons()]
)
def test_a_shipped_lesson_is_played_to_its_end_by_keys_alone(name: str, windows: Windows, settings: Stored) -> None:
    window = windows.open(settings)
    window.commands.run("workspace learn")
    view = window.stage.view("lessons")
    wait_until(lambda: f"lesson {name}" in view.cards)
    view.cards[f"lesson {name}"].setFocus()
    press(Key.Key_Return)
    course = window.lessons.course
    wait_until(lambda: course.on and course.done == 1)
    rest(window)
    lesson = course.lesson
    assert lesson is not None
    keys = 0
    while not (course.at_end and course.question is None):
        go_on(window)
        wait_until(lambda: not course.runner.busy)
        keys += 1
        assert keys < 500
    moves = sum(isinstance(beat, Move | Ask) for stop in lesson.stops for beat in stop.beats)
    assert keys >= moves
    press(Key.Key_PageDown)
    assert course.on
    window.commands.run("end lesson")


_TRAINS = """# Training

{show live}

Words.

{train adding sequence_length=10 cell_size=4 steps=60 pace=full}
{at step 20}

It has made twenty.

{at step 60}

And all.
"""


def test_a_run_is_shown_at_the_very_step_and_at_its_newest(windows: Windows, settings: Stored, tmp_path: Path) -> None:
    path = tmp_path / "trains.md"
    path.write_text(_TRAINS, "utf-8")
    window = windows.open(settings)
    begin(window, path)
    training = window.training.controller
    go_on(window)
    assert (training.run.state, training.run.history.count) == (State.PAUSED, 20)
    go_on(window)
    assert "It has made twenty" in text(window)
    go_on(window)
    wait_until(lambda: (training.run.state, training.run.history.count) == (State.FINISHED, 60))
    go_on(window)
    assert "And all" in text(window)
    assert window.training.recordings.travel.live  # not back at where the run stood when the stop began
    window.commands.run("end lesson")
