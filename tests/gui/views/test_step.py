"""One training step in slow motion: every number is the step's own, and after the last Space the run goes on."""

from __future__ import annotations

import itertools
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
from PySide6.QtCore import QPoint
from PySide6.QtGui import QAccessible
from pytestqt.qtbot import QtBot

from engine.cell.cells import CELLS
from engine.cell.trace import backpropagate
from engine.document.tracing import trace_document
from engine.runs.messages import Refusal, State, Update
from engine.settings.config import TrainingConfig
from engine.text import numbers
from engine.training.trainer import Trainer
from gui.playback.walk import Walk
from gui.views.base import Tools
from gui.views.step.answer import prepare
from gui.views.step.loss_page import LossPage
from gui.views.step.step import SlowStepView
from gui.views.step.step_walk import Phase, moves_made, phase_of, seek_phase, step_legs
from gui.views.step.weight_page import clipping_words, largest_change
from gui.window.main_window import MainWindow
from tests.gui.driving import CONTROL, SHIFT, Key, click, press

TINY = TrainingConfig(task="parity", sequence_length=4, cell_size=3, batch_size=4, steps=100_000, worker="thread")

SLOW = replace(TINY, sequence_length=2000, batch_size=64)
"""Its first step comes long after it was asked for."""


@pytest.fixture
def config() -> TrainingConfig:
    return TINY


@pytest.fixture
def view(window: MainWindow, qtbot: QtBot, config: TrainingConfig) -> Iterator[SlowStepView]:
    """The view in front, in a run that trains, with a step that was taken apart."""
    controller = window.training.controller
    controller.config = config
    controller.begin()
    qtbot.waitUntil(lambda: controller.run.state is State.RUNNING and controller.run.history.count > 3, timeout=60_000)
    shown = window.stage.view("slow-motion")
    assert isinstance(shown, SlowStepView)
    made_before = shown.apart
    press(Key.Key_E, CONTROL | SHIFT)
    qtbot.waitUntil(lambda: shown.step is not None and shown.apart is not made_before and ready(shown))
    assert window.stage.front == "slow-motion"
    assert controller.run.state is State.PAUSED
    yield shown
    controller.stop()
    qtbot.waitUntil(lambda: not controller.active)


def ready(view: SlowStepView) -> bool:
    return view.step is not None and view.step.apart is view.apart


def weight(view: SlowStepView) -> str:
    """Return the weight whose change is shown."""
    assert view.step is not None
    assert view.walk.stop is not None
    return view.step.weights[view.walk.stop]


def space(view: SlowStepView, qtbot: QtBot) -> None:
    press(Key.Key_Space)
    view.walk._complete()  # its 400 ms are not what is tested here


def test_space_by_space_through_the_whole_step_and_training_goes_on(
    view: SlowStepView, window: MainWindow, qtbot: QtBot
):
    step, apart = view.step, view.apart
    assert step is not None
    assert apart is not None
    cell = step.trace.cell
    assert view.strip.phase is Phase.FORWARD
    assert view.number.text() == f"Step {apart.step:,}"
    # Forward: what the diagram shows is what a trace of the weights before the step says.
    expected = trace_document(apart.document(0))
    for t in range(4):
        for operation in cell.operations:
            space(view, qtbot)
            column = view.scene.column_of(operation.name)
            assert column is not None
            np.testing.assert_array_equal(column.values, expected.steps[t][operation.name])
            assert view.walk.t == t
            assert view.strip.phase is Phase.FORWARD
    # The loss.
    space(view, qtbot)
    assert view.strip.phase is Phase.LOSS
    assert view.loss.isVisible()
    h = np.stack([values["h_t"] for values in expected.steps])
    given = h @ apart.before["W_out"].T.astype(float) + apart.before["b_out"]
    np.testing.assert_allclose(view.loss.given.values, given.T, atol=1e-12)
    np.testing.assert_allclose(view.loss.chances.values.sum(axis=0), 1)
    np.testing.assert_array_equal(view.loss.target.values, apart.target[:, 0].T)
    np.testing.assert_allclose(view.loss.reaching.values[0], np.linalg.norm(apart.arriving[0], axis=1))
    entropy = -np.log(view.loss.chances.values[view.loss.target.values > 0]).mean()
    assert entropy == pytest.approx(apart.loss, rel=1e-4)
    assert f"Loss {numbers.written(apart.loss)}" in view.loss.words
    assert "cross-entropy (nats)" in view.loss.words
    assert "4 of 4 time steps" in view.loss.words
    # Backward through time, every derivative.
    gradients = backpropagate(expected, [{"h_t": row.astype(float)} for row in apart.arriving[0]])
    for move in step.way.moves:
        space(view, qtbot)
        assert view.strip.phase is Phase.BACKWARD
        assert step.way.move(moves_made(view.walk)) is move
        assert view.walk.t == move.t
    assert view.walk.leg.backwards
    column = view.scene.column_of("h_prev")
    assert column is not None
    np.testing.assert_allclose(column.values, gradients.steps[0]["h_prev"], rtol=0, atol=1e-12)
    # Each weight: the numbers of the step itself.
    assert [name.removeprefix("layer1.") for name in step.weights] == [
        *(item.name for item in cell.parameters),
        "W_out",
        "b_out",
    ]
    for name in step.weights:
        space(view, qtbot)
        assert view.strip.phase is Phase.WEIGHTS
        parts = (apart.before[name], apart.gradients[name], apart.change(name), apart.after[name])
        for shown, values in zip(view.weights.maps, parts, strict=True):
            np.testing.assert_array_equal(shown.values, values.reshape(shown.values.shape))
        place = largest_change(apart, name)
        assert place is not None
        assert np.abs(apart.change(name))[place] == np.abs(apart.change(name)).max()
        assert f"[{', '.join(str(index + 1) for index in place)}]" in view.weights.words
        assert "Adam, rate η = 0.01" in view.weights.words
    assert window.training.controller.run.state is State.PAUSED
    # The last Space.
    press(Key.Key_Space)
    assert view.strip.phase is Phase.CONTINUES
    controller = window.training.controller
    qtbot.waitUntil(lambda: controller.run.state is State.RUNNING and controller.run.history.count > apart.step + 2)
    press(Key.Key_Space)  # one too many pauses nothing
    assert view.going_on
    made = controller.run.history.count
    qtbot.waitUntil(lambda: controller.run.state is State.RUNNING and controller.run.history.count > made + 2)


def test_a_screen_reader_names_the_phases_and_goes_to_one(view: SlowStepView, qtbot: QtBot):
    interface = QAccessible.queryAccessibleInterface(view.strip)
    assert interface is not None
    names = [interface.child(place).text(QAccessible.Text.Name) for place in range(5)]
    assert names == ["Forward", "Loss", "Backward", "Weights", view.strip.ending]
    action = interface.child(Phase.BACKWARD).actionInterface()
    action.doAction(action.pressAction())
    assert view.strip.phase is Phase.BACKWARD
    assert view.walk.leg.backwards


def test_phases_are_skipped_by_keys_and_by_the_strip(view: SlowStepView, window: MainWindow, qtbot: QtBot):
    found = [view.strip.phase]
    for _ in range(3):
        press(Key.Key_Right, CONTROL)
        found.append(view.strip.phase)
    assert found == [Phase.FORWARD, Phase.LOSS, Phase.BACKWARD, Phase.WEIGHTS]
    press(Key.Key_Left, CONTROL)
    assert view.strip.phase is Phase.BACKWARD
    click(qtbot, view.strip, view.strip.tabRect(Phase.FORWARD).center())
    assert view.walk.position == 0
    click(qtbot, view.strip, view.strip.tabRect(Phase.LOSS).center())
    assert view.strip.phase is Phase.LOSS
    click(qtbot, view.strip, view.strip.tabRect(Phase.CONTINUES).center())
    assert view.strip.phase is Phase.CONTINUES
    qtbot.waitUntil(lambda: window.training.controller.run.state is State.RUNNING)
    press(Key.Key_Left, CONTROL)  # a look back leaves the run alone
    assert view.strip.phase is Phase.WEIGHTS
    assert window.training.controller.run.state is State.RUNNING


def test_the_timeline_takes_the_walk_anywhere(view: SlowStepView, window: MainWindow):
    timeline = window.stage.timeline
    assert timeline.isVisible()
    walk = view.walk
    walk.seek_step(2)
    assert (phase_of(walk), walk.t, walk.moment.done) == (Phase.FORWARD, 2, len(walk.leg.stops))
    walk.seek_stop(1)
    assert (walk.t, walk.moment.done, walk.stop) == (2, 2, 1)
    seek_phase(walk, Phase.BACKWARD)
    assert (walk.t, walk.stop, walk.leg.backwards) == (3, 0, True)
    walk.seek_step(1)
    assert (phase_of(walk), walk.t, walk.stop) == (Phase.BACKWARD, 1, len(walk.leg.stops) - 1)
    walk.seek_stop(0)
    assert (walk.t, walk.stop) == (1, 0)
    seek_phase(walk, Phase.WEIGHTS)
    walk.seek_stop(2)
    assert view.step is not None
    assert weight(view) == view.step.weights[2]
    assert not timeline.grab().isNull()


def test_the_next_step_begins_at_once_and_another_run_keeps_the_last(
    view: SlowStepView, window: MainWindow, qtbot: QtBot
):
    first = view.apart
    assert first is not None
    view.walk.seek(view.walk.last)
    click(qtbot, view.take, QPoint(5, 5))
    assert "being prepared" in view.empty.text()
    qtbot.waitUntil(lambda: view.apart is not first and ready(view))
    assert view.apart is not None
    assert view.apart.step == first.step + 1
    assert view.walk.position == 0
    np.testing.assert_array_equal(view.apart.before["layer1.W_f"], first.after["layer1.W_f"])
    controller = window.training.controller
    controller.begin()
    qtbot.waitUntil(lambda: controller.run.state is State.RUNNING, timeout=60_000)
    assert ready(view)
    assert not view.go.isEnabled()
    said: list[str] = []
    view.message.connect(said.append)
    press(Key.Key_Right, CONTROL)
    view.go_on()
    assert "run of this training step has ended" in said[0]
    assert view.strip.phase is Phase.LOSS


@pytest.mark.parametrize("config", [replace(TINY, layers=2, cell="gru", task="adding", clip_norm=0.01)])
def test_layers_and_clipping(view: SlowStepView, qtbot: QtBot):
    apart = view.apart
    assert apart is not None
    assert view.layer.isVisible()
    assert view.layer.currentText() == "layer 2"
    assert clipping_words(apart).endswith(f"every gradient × {numbers.written(apart.clip_factor)}")
    seek_phase(view.walk, Phase.WEIGHTS)
    assert weight(view) == "layer2.W_r"
    assert "clipped to" in view.weights.words
    view.layer.setCurrentIndex(0)
    qtbot.waitUntil(lambda: view.step is not None and view.step.layer == 0)
    assert weight(view) == "layer1.W_r"  # the same phase
    seek_phase(view.walk, Phase.LOSS)
    assert "Only h of layer 2 at t = 4" in view.loss.words
    assert not view.loss.chances.isVisible()


def test_a_network_that_has_diverged_gets_a_sentence(view: SlowStepView, qtbot: QtBot):
    apart = view.apart
    assert apart is not None
    before = {**apart.before, "layer1.W_f": np.full_like(apart.before["layer1.W_f"], np.nan)}
    said: list[str] = []
    view.message.connect(said.append)
    view.training.taken_apart.emit(replace(apart, before=before))
    qtbot.waitUntil(lambda: bool(said))
    assert said[0].startswith(f"Training step {apart.step:,} cannot be shown: weights.W_f[0][0]")
    assert view.empty.isVisible()
    assert view.step is None
    assert view.go.isEnabled()


def test_without_a_run_one_begins_in_the_child_process(window: MainWindow, qtbot: QtBot):
    controller = window.training.controller
    assert not controller.active
    controller.config = replace(TINY, worker="process", twin="off")
    shown = window.stage.view("slow-motion")
    assert isinstance(shown, SlowStepView)
    before = shown.apart
    press(Key.Key_E, CONTROL | SHIFT)
    assert "being prepared" in shown.empty.text()
    qtbot.waitUntil(lambda: shown.apart is not before and ready(shown), timeout=60_000)
    assert shown.apart is not None
    assert controller.run.state is State.PAUSED
    assert controller.run.last is not None
    assert shown.apart.step == controller.run.last.step
    click(qtbot, shown.go, QPoint(5, 5))
    qtbot.waitUntil(lambda: controller.run.state is State.RUNNING)
    assert not shown.going_on  # the walk is not at its end
    controller.stop()
    qtbot.waitUntil(lambda: not controller.active)


def test_a_run_that_ends_before_its_step_comes_leaves_no_waiting(window: MainWindow, qtbot: QtBot):
    controller = window.training.controller
    controller.config = TINY
    shown = window.stage.view("slow-motion")
    assert isinstance(shown, SlowStepView)
    window.stage.show_view("slow-motion")
    press(Key.Key_E, CONTROL | SHIFT)
    controller.stop()
    qtbot.waitUntil(lambda: not controller.active)
    qtbot.waitUntil(lambda: "being prepared" not in shown.empty.text() or not shown.empty.isVisible())
    assert shown.take.isEnabled()


def test_starting_over_ends_the_waiting(window: MainWindow, qtbot: QtBot):
    controller = window.training.controller
    controller.config = SLOW
    shown = window.stage.view("slow-motion")
    assert isinstance(shown, SlowStepView)
    press(Key.Key_E, CONTROL | SHIFT)
    assert not shown.take.isEnabled()
    controller.config = TINY
    controller.begin()
    assert shown.take.isEnabled()
    assert "being prepared" not in shown.empty.text() or not shown.empty.isVisible()
    press(Key.Key_E, CONTROL | SHIFT)  # of the new run
    qtbot.waitUntil(lambda: ready(shown) and shown.take.isEnabled(), timeout=60_000)
    controller.stop()
    qtbot.waitUntil(lambda: controller.run.state is State.STOPPED)


@pytest.mark.parametrize("how", ["stopped", "refused"])
def test_a_hidden_view_waits_no_longer_either(window: MainWindow, qtbot: QtBot, how: str):
    controller = window.training.controller
    controller.config = SLOW
    shown = window.stage.view("slow-motion")
    assert isinstance(shown, SlowStepView)
    press(Key.Key_E, CONTROL | SHIFT)
    window.stage.show_view("diagram")
    assert not shown.take.isEnabled()
    if how == "refused":
        controller.refused.emit(Refusal("memory", "There is not enough memory."))
        assert shown.take.isEnabled()
    controller.stop()
    qtbot.waitUntil(lambda: controller.run.state is State.STOPPED)
    assert shown.take.isEnabled()


@pytest.mark.parametrize("steps", [TINY.steps, 5])
def test_a_run_that_rested_stays_so_until_it_is_told(window: MainWindow, qtbot: QtBot, steps: int):
    controller = window.training.controller
    controller.config = replace(TINY, steps=steps)
    controller.begin()
    qtbot.waitUntil(lambda: controller.run.state in (State.RUNNING, State.FINISHED), timeout=60_000)
    state, ending = (State.FINISHED, "Finished") if steps == 5 else (State.PAUSED, "Paused")
    if state is State.PAUSED:
        controller.train_or_pause()
    qtbot.waitUntil(lambda: controller.run.state is state)
    shown = window.stage.view("slow-motion")
    assert isinstance(shown, SlowStepView)
    for _ in range(2):  # the second is taken while the first rests
        before = shown.apart
        press(Key.Key_E, CONTROL | SHIFT)
        qtbot.waitUntil(lambda before=before: shown.apart is not before and ready(shown))
        assert controller.run.state is state
        assert shown.strip.ending == ending
        shown.walk.seek(shown.walk.last)
        press(Key.Key_Space)
        assert shown.strip.phase is Phase.CONTINUES
        assert not shown.going_on
    told: list[Update] = []
    controller.run.updated.connect(told.append)
    controller.set_probe(0)  # obeyed after whatever the last Space asked for
    qtbot.waitUntil(lambda: any(update.snapshot is not None for update in told))
    assert {update.state for update in told} == {state}
    assert shown.apart is not None
    assert told[-1].step == shown.apart.step
    click(qtbot, shown.go, QPoint(5, 5))
    qtbot.waitUntil(lambda: controller.run.last is not None and controller.run.last.step > told[0].step)
    controller.stop()
    qtbot.waitUntil(lambda: controller.run.state is State.STOPPED)


def test_who_pauses_during_the_walk_means_it(view: SlowStepView, window: MainWindow, qtbot: QtBot):
    controller = window.training.controller
    assert view.strip.ending == "Continues"
    for state in (State.RUNNING, State.PAUSED):
        controller.train_or_pause()
        qtbot.waitUntil(lambda state=state: controller.run.state is state)
    view.walk.seek(view.walk.last)
    press(Key.Key_Space)
    assert view.stays
    assert view.strip.ending == "Paused"
    assert view.strip.phase is Phase.CONTINUES


def test_no_phase_is_cut_at_any_width(view: SlowStepView, window: MainWindow, qtbot: QtBot):
    strip = view.strip
    for width in range(1000, 1700, 10):
        window.resize(width, 720)
        qtbot.waitUntil(lambda width=width: window.width() == width and strip.width() >= strip.sizeHint().width())
        row = [part for part in (view.number, view.example, strip, view.take, view.go) if part.isVisible()]
        assert all(left.geometry().right() < right.geometry().left() for left, right in itertools.pairwise(row))


def test_it_is_said_which_example_the_step_is_made_on(view: SlowStepView, window: MainWindow, qtbot: QtBot):
    controller = window.training.controller
    assert view.example.text() == "on example 0"
    before = view.apart
    controller.set_probe(3)
    view.begin()
    qtbot.waitUntil(lambda: view.apart is not before and ready(view))
    assert view.apart is not None
    assert view.apart.example == 3
    assert view.example.text() == "on example 3"
    assert view.number.toolTip() == "This training step was made on example 3 of the task"
    seek_phase(view.walk, Phase.LOSS)
    assert "on example 3 of the task" in view.loss.words
    controller.set_probe(0)


CLASSES = """
import numpy as np
from torch.nn.functional import cross_entropy

from engine.tasks import Task


class Classes(Task):
    \"\"\"Says at the end which of three numbers was the largest; the target is its number.\"\"\"

    input_size = 3
    output_size = 3
    every_step = False
    answers = "symbols"
    trivial_loss = 1.0986

    def examples(self, rng, count):
        x = rng.random((4, count, 3), dtype=np.float32)
        return x, x[-1].argmax(-1)[:, None].astype(np.float32)

    def batch_loss_and_measure(self, output, target):
        right = output.detach().argmax(-1) == target[:, 0]
        return cross_entropy(output, target[:, 0].long()), right.float().mean()
"""


def test_a_target_that_is_a_class_number_is_left_out(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, tools: Tools, qtbot: QtBot
):
    (tmp_path / "classes.py").write_text(CLASSES)
    monkeypatch.setenv("LSTM_VISUALIZER_TASKS", str(tmp_path))
    trainer = Trainer(replace(TINY, task="own:classes"))
    step = prepare(trainer.step_apart(), 0, "cross-entropy (nats)")
    assert step.answer.target is None
    assert step.answer.largest(0)[0] == step.answer.given[:, 0].argmax()
    page = LossPage(tools)
    qtbot.addWidget(page)
    page.show()
    page.show_loss(step, trainer.task.facts())
    assert not page.target.isVisible()
    assert page.chances.isVisible()
    assert "target" not in page.words
    page.show_loss(step, replace(trainer.task.facts(), answer_names=("red", "green", "3")))
    assert all(name in page.words for name in ("red", "green", "answer 3"))


@pytest.mark.parametrize("task", ["adding", "sine"])
def test_dropout_is_in_the_answer_and_told(tools: Tools, qtbot: QtBot, task: str):
    trainer = Trainer(replace(TINY, task=task, dropout=0.5))
    step = prepare(trainer.step_apart(), 0, trainer.task.loss_name)
    kept = step.apart.kept
    assert set(np.unique(kept)) == {0.0, 2.0}
    assert step.answer.target is not None
    assert np.mean((step.answer.given - step.answer.target) ** 2) == pytest.approx(step.apart.loss, rel=1e-5)
    page = LossPage(tools)
    qtbot.addWidget(page)
    page.show_loss(step, trainer.task.facts())
    dropped = np.count_nonzero(kept == 0)
    assert (
        f"Dropout before the readout: {dropped} of {kept.size} values of h set to 0, the others times 2." in page.words
    )
    page.show_loss(prepare(Trainer(replace(TINY, task=task)).step_apart(), 0, "mean square"), trainer.task.facts())
    assert "Dropout" not in page.words


def test_without_a_step_it_says_what_to_do(own_window: MainWindow):
    own_window.stage.show_view("slow-motion")
    view = own_window.stage.view("slow-motion")
    assert isinstance(view, SlowStepView)
    assert [button.text() for button in view.empty.buttons] == ["Show a training step (Ctrl+Shift+E)"]
    assert view.strip.phase is None
    press(Key.Key_Right, CONTROL)
    assert own_window.training.controller.run.state is None


@pytest.mark.parametrize("T", [1, 5])
@pytest.mark.parametrize("name", CELLS)
def test_every_cell_can_be_walked_through(name: str, T: int):
    config = replace(TINY, cell=name, sequence_length=max(T, 2), layers=2)
    trainer = Trainer(config)
    if T == 1:
        trainer.set_probe(None, np.ones((1, trainer.task.input_size), dtype=np.float32))
    apart = trainer.step_apart()
    for layer in range(2):
        step = prepare(apart, layer, trainer.task.loss_name)
        walk = Walk()
        walk.take(step_legs(step))
        seen = set()
        for position in range(walk.last + 1):
            walk.seek(position)
            seen.add(phase_of(walk))
            assert walk.stop is None or 0 <= walk.stop < len(walk.leg.stops)
            assert 0 <= walk.t < walk.steps
        assert len(seen) == 4
        total = {move.target: move.total() for move in step.way.moves if move.target in step.trace.parameters}
        for weight, gradient in total.items():
            of_step = apart.gradients[f"layer{layer + 1}.{weight}"]
            np.testing.assert_allclose(gradient, of_step, rtol=1e-3, atol=1e-5)


def test_a_clicker_takes_the_first_step_apart(window: MainWindow, qtbot: QtBot) -> None:
    controller = window.training.controller
    controller.config = TINY
    window.stage.show_view("slow-motion")
    view = window.stage.view("slow-motion")
    assert isinstance(view, SlowStepView)
    press(Key.Key_PageDown)
    qtbot.waitUntil(lambda: ready(view), timeout=60_000)
    assert not view.walk.playing
    before = view.walk.position
    press(Key.Key_PageDown)
    assert view.walk.position == before + 1
    controller.stop()
    qtbot.waitUntil(lambda: not controller.active)
