"""The picture of one example, the probe that a user makes, and the user's own tasks in the training card."""

from __future__ import annotations

import os
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
from PySide6.QtCore import QPointF, Qt
from pytestqt.qtbot import QtBot

from engine.runs.history import History
from engine.runs.messages import State, Update
from engine.settings.config import TrainingConfig
from engine.tasks import TASKS, create_task
from engine.tasks.example import example_of
from engine.tasks.own import put_example
from engine.training.trainer import Trainer
from gui.appearance.stored import Stored
from gui.appearance.theme import Appearance
from gui.runs.controller import TrainingController
from gui.training.form.task_box import WRITE, TaskBox
from gui.views.base import Tools
from gui.views.task.answer import Answer, rights
from gui.views.task.task import TaskView
from tests.gui.conftest import Windows
from tests.gui.driving import Key, children, click, drag

CONFIG = TrainingConfig(sequence_length=20, cell_size=4, batch_size=4)


@pytest.fixture(autouse=True)
def folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.setenv("LSTM_VISUALIZER_TASKS", str(tmp_path / "tasks"))
    return tmp_path / "tasks"


@pytest.fixture
def view(tools: Tools, qtbot: QtBot) -> Iterator[TaskView]:
    controller = TrainingController(CONFIG)
    shown = TaskView(replace(tools, training=controller))
    qtbot.addWidget(shown)
    shown.resize(1110, 600)
    with qtbot.waitExposed(shown):
        shown.show()
    qtbot.waitUntil(lambda: shown.example is not None)
    yield shown
    controller.close()


def choose(view: TaskView, qtbot: QtBot, **settings: object) -> None:
    view.training.config = replace(view.training.config, **settings)
    title = create_task(view.training.config).title
    qtbot.waitUntil(lambda: view.example is not None and view.example.words.title == title)


def probe(view: TaskView) -> tuple[int | None, np.ndarray | None]:
    """What the controller was told last, as its next run gets it."""
    return view.training._probe


@pytest.mark.parametrize("name", list(TASKS))
def test_every_task_has_its_picture(view: TaskView, qtbot: QtBot, name: str):
    choose(view, qtbot, task=name)
    example = view.example
    assert example is not None
    expected = example_of(create_task(view.training.config), 0)
    np.testing.assert_array_equal(example.x, expected.x)
    picture = view.picture
    blank = picture.grab().toImage()
    blank.fill(blank.pixelColor(0, blank.height() - 1))
    assert picture.grab().toImage() != blank
    if example.symbols is not None:
        assert picture.strip is not None
        assert len(picture.strip.symbols) == example.steps
        at = next(
            QPointF(x, y)
            for y in range(0, 600, 4)
            for x in range(0, 400, 4)
            if picture.strip.step_at(QPointF(x, y)) == 0
        )
    else:
        for number in range(example.words.inputs):
            np.testing.assert_array_equal(picture.rows[number].values, example.x[:, number])
        at = QPointF(picture.x_of(0, picture.box_of(0)), 5)
    assert picture.words_at(at).startswith("t = 1:")
    view.tools.appearance.present(True)
    assert not picture.grab().isNull()


@pytest.mark.parametrize("length", [4, 200])
def test_short_and_long_sequences(view: TaskView, qtbot: QtBot, length: int):
    for name in ("adding", "copying", "characters", "sine"):
        choose(view, qtbot, task=name, sequence_length=length)
        qtbot.waitUntil(lambda: view.example is not None and view.example.steps in (length, length + 20))
        assert not view.picture.grab().isNull()


def test_a_sequence_that_is_too_short_gets_its_sentence(view: TaskView, qtbot: QtBot):
    view.training.config = replace(CONFIG, task="embedded-reber", sequence_length=5)
    qtbot.waitUntil(lambda: "at least 8 time steps" in view.empty.text())
    assert view.example is None


def test_examples_are_picked_with_keys_and_buttons(view: TaskView, qtbot: QtBot):
    view.setFocus()
    qtbot.keyClick(view, Key.Key_Right)
    qtbot.waitUntil(lambda: view.example is not None and view.example.number == 1)
    click(qtbot, view.next)
    qtbot.waitUntil(lambda: view.example is not None and view.example.number == 2)
    np.testing.assert_array_equal(view.example.x, example_of(create_task(CONFIG), 2).x)
    click(qtbot, view.use)
    assert probe(view) == (2, None)
    qtbot.keyClick(view, Key.Key_Left)
    qtbot.keyClick(view, Key.Key_Left)
    qtbot.waitUntil(lambda: view.example is not None and view.example.number == 0)
    click(qtbot, view.use)
    assert probe(view) == (0, None)


def test_a_typed_sequence_becomes_the_probe(view: TaskView, qtbot: QtBot):
    said: list[str] = []
    view.message.connect(said.append)
    view.field.setText("0.5 -1 0.25; 0 1")
    qtbot.keyClick(view.field, Key.Key_Return)
    assert "marker has 2 numbers" in said[-1]
    assert view.example.number == 0
    view.field.setText("0.5 -1 0.25; 0 1 1")
    qtbot.keyClick(view.field, Key.Key_Return)
    assert view.example.number is None
    assert view.example.target is None
    click(qtbot, view.use)
    np.testing.assert_array_equal(probe(view)[1], np.array([[0.5, 0], [-1, 1], [0.25, 1]], np.float32))
    view.step(1)
    qtbot.waitUntil(lambda: view.example is not None and view.example.number == 0)


def test_the_button_takes_what_stands_in_the_field(view: TaskView, qtbot: QtBot):
    said: list[str] = []
    view.message.connect(said.append)
    qtbot.keyClicks(view.field, "0.5 -1; 0")
    before = probe(view)
    click(qtbot, view.use)
    assert "marker has 1 number" in said[-1]
    assert probe(view) == before
    qtbot.keyClicks(view.field, " 1")
    click(qtbot, view.use)
    np.testing.assert_array_equal(probe(view)[1], np.array([[0.5, 0], [-1, 1]], np.float32))


def test_a_drawn_curve_becomes_the_probe(view: TaskView, qtbot: QtBot):
    choose(view, qtbot, task="sine")
    before = np.array(view.example.x)
    picture = view.picture
    row, box = picture.rows[0], picture.box_of(0)
    drag(qtbot, picture, QPointF(picture.x_of(2, box), row.y(0.5, box)), QPointF(picture.x_of(9, box), row.y(0.5, box)))
    np.testing.assert_array_equal(view.example.x, before)  # not before "Draw" is checked
    view.draw.setChecked(True)
    drag(
        qtbot, picture, QPointF(picture.x_of(2, box), row.y(0.5, box)), QPointF(picture.x_of(9, box), row.y(-0.5, box))
    )
    drawn = view.example.x[:, 0]
    step = (row.high - row.low) / box.height()  # a pixel
    np.testing.assert_allclose(drawn[2:10], np.linspace(0.5, -0.5, 8), atol=2 * step)
    np.testing.assert_array_equal(np.delete(drawn, range(2, 10)), np.delete(before[:, 0], range(2, 10)))
    click(qtbot, view.use)
    np.testing.assert_array_equal(probe(view)[1][:, 0], drawn)


# What a network predicts


def learnt(view: TaskView, qtbot: QtBot, steps: int = 3, **settings: object) -> Trainer:
    """Let the view show a run of a task that has made some steps."""
    choose(view, qtbot, **settings)
    training = view.training
    trainer = Trainer(training.config)
    run = training.run
    run.config, run.facts = training.config, trainer.task.facts()
    run.history = History(trainer.metric_names)
    for done in (0, steps):
        while trainer.done < done:
            trainer.step()
        run.history.keep(trainer.snapshot())
        run.last = Update(State.STOPPED, step=trainer.done)
        view.show_news()
        if not done:  # an untrained network predicts, too
            qtbot.waitUntil(lambda: view.standing.text().startswith("Before the first training step: "))
    qtbot.waitUntil(lambda: view.standing.text().startswith(f"Step {steps}: "))
    return trainer


@pytest.mark.parametrize("name", list(TASKS))
def test_what_the_network_predicts_is_drawn_onto_the_target(view: TaskView, qtbot: QtBot, name: str):
    qtbot.waitUntil(lambda: "The target alone" in view.standing.text())
    learnt(view, qtbot, task=name)
    answer, example = view.picture.answer, view.example
    assert answer is not None
    assert answer.values.shape == (example.steps, example.words.outputs)
    assert not view.offer.isVisible()
    with_answer = view.picture.grab().toImage()
    view.picture.show_example(example)
    assert view.picture.grab().toImage() != with_answer


def test_a_target_that_is_met_is_not_struck_through(view: TaskView, qtbot: QtBot):
    """Its number stands above what is predicted, also where both are the same."""
    learnt(view, qtbot, task="adding")
    picture, example = view.picture, view.example
    met = np.full((example.steps, 1), float(example.target[0]), dtype=np.float32)
    picture.show_example(example, replace(picture.answer, values=met))
    box, row = picture.box_of(len(picture.rows) - 1), picture.rows[-1]
    image, target = picture.grab().toImage(), row.y(float(example.target[0]), box)
    ink, dot = view.tools.appearance.theme.role("output").name(), picture.x_of(example.steps - 1, box)
    written = [
        y
        for y in range(image.height())
        for x in range(round(dot) - 60, round(dot) - 8)
        if image.pixelColor(x, y).name() == ink
    ]
    assert written
    assert max(written) < target - 2


def test_how_far_off_it_is_stands_in_words(view: TaskView, qtbot: QtBot):
    trainer = learnt(view, qtbot, steps=5)
    snapshot = trainer.snapshot()
    told, wanted = float(snapshot.answers[-1, 0]), float(view.example.target[0])
    words = f"it predicts {told:.2f}, the target is {wanted:.2f}: off by {abs(told - wanted):.2f}"
    assert words in view.standing.text()
    row = view.picture.rows[-1]
    assert row.at_end
    np.testing.assert_allclose(row.answer, snapshot.answers[:, 0])
    learnt(view, qtbot, task="copying")
    right = rights(view.example, view.picture.answer)
    assert f"{right.sum()} of {view.example.steps} symbols are right" in view.standing.text()
    learnt(view, qtbot, task="temporal-order")
    assert "it predicts " in view.standing.text()
    learnt(view, qtbot, task="sine")
    assert " on average, by " in view.standing.text()


def test_several_answers_have_their_names(view: TaskView):
    assert view.example is not None
    words = replace(view.example.words, outputs=2)
    target = np.array([0.5, 1.25], dtype=np.float32)
    example = replace(view.example, words=words, target=target, answer_names=("sum", "2"))
    values = np.tile(np.array([0.25, 4.0], np.float32), (example.steps, 1))
    view.picture.show_example(example, Answer(7, values, None))
    titles = [row.title for row in view.picture.rows if row.role == "output"]
    assert titles == ["target after the last time step: sum", "target after the last time step: answer 2"]
    box = view.picture.box_of(0)
    said = view.picture.words_at(QPointF(view.picture.x_of(example.steps - 1, box), box.center().y()))
    assert ": sum 0.5,   predicted 0.25,   target after the last time step: answer 2 1.25,   predicted 4" in said


def test_a_prediction_is_written_anew_only_when_there_is_another(view: TaskView, qtbot: QtBot):
    learnt(view, qtbot)
    qtbot.waitUntil(lambda: not view._said.isActive())


def test_a_network_that_has_diverged_predicts_no_number(view: TaskView, qtbot: QtBot):
    for name in ("adding", "sine", "copying", "temporal-order", "parity"):
        trainer = learnt(view, qtbot, task=name)
        snapshot = trainer.snapshot()
        lost = replace(snapshot, answers=np.full_like(snapshot.answers, np.nan))
        view.training.run.history.keep(lost)
        view.show_news()
        view._say_answer()
        assert "no number" in view.standing.text() or "0 of" in view.standing.text()
        assert not view.picture.grab().isNull()


def test_what_is_missing_for_a_prediction_is_offered(view: TaskView, qtbot: QtBot):
    asked: list[str] = []
    view.asked.connect(asked.append)
    qtbot.waitUntil(view.offer.isVisible)
    click(qtbot, view.offer)
    assert asked == ["train"]
    learnt(view, qtbot)
    view.number.setValue(4)
    qtbot.waitUntil(lambda: view.example is not None and view.example.number == 4)
    assert "another sequence as its probe" in view.standing.text()
    click(qtbot, view.offer)
    assert probe(view) == (4, None)
    view.number.setValue(0)
    qtbot.waitUntil(lambda: view.standing.text().startswith("Step 3: "))
    choose(view, qtbot, task="sine")
    assert "the run learns another task" in view.standing.text()
    click(qtbot, view.offer)
    assert asked == ["train", "start over"]


def test_symbols_cannot_be_drawn(view: TaskView, qtbot: QtBot):
    choose(view, qtbot, task="embedded-reber")
    assert not view.draw.isVisible()
    view.field.setText("BTBTXSETE")
    qtbot.keyClick(view.field, Key.Key_Return)
    assert view.picture.strip.symbols == list("BTBTXSETE")


def test_an_own_task_that_is_broken_says_so_and_is_read_again(view: TaskView, qtbot: QtBot, folder: Path):
    folder.mkdir()
    file = folder / "mine.py"
    file.write_text("x = (", encoding="utf-8")
    view.training.config = replace(CONFIG, task="own:mine")
    qtbot.waitUntil(lambda: "mine.py, line 1" in view.empty.text())
    assert view.empty.isVisible()
    assert not view.picture.isVisible()
    text = "import numpy as np\nfrom engine.tasks.base import Task\nclass Many(Task):\n"
    text += "    input_size = 40\n    output_size = 1\n    every_step = False\n"
    text += "    def examples(self, rng, count):\n"
    text += "        return rng.normal(size=(9, count, 40)).astype(np.float32), np.ones((count, 1), np.float32)\n"
    file.write_text(text, encoding="utf-8")
    view.hide()
    view.show()
    qtbot.waitUntil(lambda: view.example is not None)
    assert view.example.x.shape == (9, 40)
    assert view.picture.rows[0].values.shape == (40, 9)  # many inputs are a map
    assert not view.picture.grab().isNull()


def own_text(folder: Path, before: str = "") -> Path:
    """Put a task of one input into the folder, with words before it."""
    put_example()
    file = folder / "first_value.py"
    file.write_text(before + file.read_text("utf-8"), encoding="utf-8")
    return file


def test_an_own_task_runs_in_no_process_of_the_window(real_children: None, view: TaskView, qtbot: QtBot, folder: Path):
    own_text(folder, "import os\nopen(__file__ + '.pids', 'a').write(f'{os.getpid()}\\n')\n")
    view.training.config = replace(CONFIG, task="own:first_value")
    qtbot.waitUntil(lambda: view.title.text() == "Remember the first value")
    view.step(1)
    view.step(1)
    qtbot.waitUntil(lambda: view.example is not None and view.example.number == 2)
    pids = (folder / "first_value.py.pids").read_text("utf-8").split()
    assert len(pids) == 1  # one child draws every example
    assert pids != [str(os.getpid())]
    view.hide()
    qtbot.waitUntil(lambda: int(pids[0]) not in children())


def test_an_own_task_that_ends_its_process_is_told(view: TaskView, qtbot: QtBot, folder: Path):
    own_text(folder, "import os\nos._exit(3)\n")
    view.training.config = replace(CONFIG, task="own:first_value")
    qtbot.waitUntil(lambda: "(exit code 3)" in view.empty.text())


def test_the_learning_rate_erases_nothing_that_was_typed(view: TaskView, qtbot: QtBot, folder: Path):
    own_text(folder)
    view.training.config = replace(CONFIG, task="own:first_value")
    qtbot.waitUntil(lambda: view.title.text() == "Remember the first value")
    view.field.setText("1 2 3")
    qtbot.keyClick(view.field, Key.Key_Return)
    view.training.config = replace(
        view.training.config, learning_rate=0.5, clip_norm=0.0, steps=7, optimizer="sgd", momentum=0.1, worker="thread"
    )
    view.refresh()
    assert view.example.number is None
    view.training.config = replace(view.training.config, seed=5)
    view.refresh()
    qtbot.waitUntil(lambda: view.example is not None and view.example.number == 0)


@pytest.mark.parametrize("other", [{"seed": 7}, {"sequence_length": 25}])
def test_an_example_that_the_run_has_not_is_no_probe(view: TaskView, qtbot: QtBot, other: dict[str, int]):
    said: list[str] = []
    view.message.connect(said.append)
    view.training.config = replace(CONFIG, worker="thread")
    view.training.begin()
    qtbot.waitUntil(lambda: view.training.run.state is State.RUNNING, timeout=60_000)
    view.training.change_setting("learning_rate", 0.5)
    click(qtbot, view.use)
    assert probe(view) == (0, None)
    before = np.array(view.example.x)
    view.training.config = replace(view.training.config, **other)
    view.step(1)
    qtbot.waitUntil(lambda: view.example.number == 1 and not np.array_equal(view.example.x, before))
    click(qtbot, view.use)
    assert probe(view) == (0, None)
    assert said[-1].startswith("The run has other settings")
    assert "Ctrl+R" in said[-1]
    view.training.config = view.training.run.config
    view.refresh()
    expected = example_of(create_task(CONFIG), 1).x
    qtbot.waitUntil(lambda: np.array_equal(view.example.x, expected))
    click(qtbot, view.use)
    assert probe(view) == (1, None)
    worker = view.training.worker
    view.training.close()
    qtbot.waitUntil(lambda: not worker.alive)


def test_an_own_task_trains_and_its_error_is_told(tools: Tools, qtbot: QtBot, folder: Path):
    put_example()
    config = replace(CONFIG, task="own:first_value", steps=30)
    controller = TrainingController(config)
    controller.begin()
    qtbot.waitUntil(lambda: controller.run.state is State.FINISHED, timeout=60_000)
    assert controller.run.facts is not None
    assert controller.run.facts.title == "Remember the first value"
    file = folder / "first_value.py"
    file.write_text(file.read_text("utf-8").replace("target = x[0]", "target = x[0] + nothing"), encoding="utf-8")
    with qtbot.waitSignal(controller.failed, timeout=60_000) as failed:
        controller.begin()
    sentence, trace = failed.args
    assert "first_value.py, line" in sentence
    assert "NameError" in sentence
    assert trace == ""
    worker = controller.worker
    assert worker is not None
    controller.close()
    qtbot.waitUntil(lambda: not worker.alive)


# The training card's box


@pytest.fixture
def box(qtbot: QtBot, appearance: Appearance) -> TaskBox:
    made = TaskBox()
    qtbot.addWidget(made)
    made.show()
    return made


def test_the_box_makes_the_folder_and_lists_what_is_in_it(box: TaskBox, qtbot: QtBot, folder: Path):
    box.choose("sine")
    assert box.currentData() == "sine"
    assert [box.itemData(place) for place in range(len(TASKS))] == list(TASKS)
    with qtbot.waitSignal(box.said) as said, qtbot.assertNotEmitted(box.chosen):
        box.activated.emit(box.findData(WRITE))
    assert str(folder) in said.args[0]
    qtbot.waitUntil(lambda: box.findData("own:first_value") >= 0)
    assert box.currentData() == "sine"
    assert box.itemData(box.count() - 1) == WRITE
    with qtbot.waitSignal(box.chosen) as chosen:
        box.activated.emit(box.findData("own:first_value"))
    assert chosen.args == ["own:first_value"]
    assert box.inputs_of(TrainingConfig(task="own:first_value")) == "1"


def test_a_broken_file_has_a_mark_and_its_sentence(box: TaskBox, qtbot: QtBot, folder: Path):
    folder.mkdir()
    (folder / "mine.py").write_text("def", encoding="utf-8")
    box.look()
    qtbot.waitUntil(lambda: box.findData("own:mine") >= 0)
    place = box.findData("own:mine")
    assert "⚠" in box.itemText(place)
    assert "mine.py, line 1" in box.itemData(place, Qt.ItemDataRole.ToolTipRole)
    (folder / "mine.py").unlink()
    box.look()
    qtbot.waitUntil(lambda: box.findData("own:mine") < 0)


def test_a_chosen_task_whose_file_is_gone_stays_chosen(box: TaskBox, qtbot: QtBot):
    box.choose("own:gone")
    assert box.currentData() == "own:gone"
    box.choose("adding")
    assert box.findData("own:gone") < 0


def test_the_box_runs_no_file_in_the_window(box: TaskBox, qtbot: QtBot, folder: Path):
    folder.mkdir()
    (folder / "mine.py").write_text("import os\nopen(__file__ + '.pid', 'w').write(str(os.getpid()))", encoding="utf-8")
    box.look()
    qtbot.waitUntil(lambda: box.findData("own:mine") >= 0)
    assert (folder / "mine.py.pid").read_text("utf-8") != str(os.getpid())


@pytest.mark.parametrize("made", [False, True])
def test_without_files_there_is_no_child(box: TaskBox, qtbot: QtBot, folder: Path, made: bool):
    if made:
        folder.mkdir()
    before = children()
    box.look()
    qtbot.waitUntil(lambda: not box._background.busy)
    assert children() == before


def test_a_home_folder_that_is_not_there_is_said(box: TaskBox, qtbot: QtBot, monkeypatch: pytest.MonkeyPatch):
    monkeypatch.setenv("LSTM_VISUALIZER_TASKS", "~nobody-of-this-name/tasks")
    with qtbot.waitSignal(box.said) as said:
        box.look()
    assert "no such home folder" in said.args[0]
    with qtbot.waitSignal(box.said) as said:
        box.activated.emit(box.findData(WRITE))
    assert "no such home folder" in said.args[0]


def test_a_file_that_never_ends_ends_with_the_window(windows: Windows, settings: Stored, folder: Path, qtbot: QtBot):
    folder.mkdir()
    (folder / "mine.py").write_text("open(__file__ + '.seen', 'w').close()\nwhile True:\n    pass\n", encoding="utf-8")
    window = windows.open(settings)
    qtbot.waitUntil((folder / "mine.py.seen").exists)
    assert windows.children()
    windows.close(window)  # checks that no child and no thread is left
