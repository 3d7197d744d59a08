"""The view of a text: colours, expectations and samples are the snapshot's own."""

from __future__ import annotations

import time
from collections.abc import Iterator
from dataclasses import replace
from itertools import pairwise

import numpy as np
import pytest
import torch
from PySide6.QtCore import QPointF
from PySide6.QtGui import QColor
from PySide6.QtWidgets import QApplication
from pytestqt.qtbot import QtBot

from engine.cell.cells import CELLS
from engine.runs.observation import SAMPLE, Extras
from engine.runs.snapshot import Snapshot
from engine.settings.config import TrainingConfig
from engine.tasks import create_task
from engine.text.numbers import Style
from engine.training.trainer import Trainer
from gui.plots.gate_maps import MAPS, Ranges
from gui.runs.controller import TrainingController
from gui.views.base import Tools
from gui.views.text.guesses import Guess, guesses
from gui.views.text.reading import broken, mark
from gui.views.text.samples import KeptSamples
from gui.views.text.text import TextView
from gui.window.main_window import MainWindow
from tests.gui.driving import Key, move, press
from tests.timing import assert_within, timed

SMALL = TrainingConfig(task="characters", sequence_length=40, cell_size=6, batch_size=4, seed=3)


def trained(config: TrainingConfig, steps: int = 3, wants: frozenset[str] = TextView.wants) -> tuple[Trainer, Snapshot]:
    torch.set_num_threads(1)
    trainer = Trainer(config)
    for _ in range(steps):
        trainer.step()
    return trainer, trainer.snapshot(wants)


@pytest.fixture
def view(tools: Tools, qtbot: QtBot) -> Iterator[TextView]:
    controller = TrainingController(SMALL)
    view = TextView(replace(tools, training=controller))
    qtbot.addWidget(view)
    view.resize(1110, 600)
    view.show()
    view.activateWindow()
    view.setFocus()
    qtbot.waitUntil(view.reading.hasFocus if view.page.isVisible() else view.isActiveWindow)
    yield view
    controller.close()


def show(view: TextView, trainer: Trainer, snapshot: Snapshot) -> None:
    view.training.run.facts = trainer.task.facts()
    view.training.run.history.last_snapshot = snapshot
    view.show_news()
    view.reading.setFocus()


def choose(view: TextView, value: str, unit: int = 1, layer: int = 0) -> None:
    view.value.setCurrentIndex(view.value.findData(value))
    view.layer.setCurrentIndex(layer)
    view.unit.setValue(unit)


@pytest.mark.parametrize("cell", list(CELLS))
def test_every_value_of_every_cell_colours_the_text(view: TextView, cell: str) -> None:
    trainer, snapshot = trained(replace(SMALL, cell=cell, layers=2))
    show(view, trainer, snapshot)
    x, _ = trainer.task.probe()
    assert view.reading.text == "".join(trainer.task.alphabet[code] for code in x[:, 0].argmax(axis=1))
    offered = [view.value.itemData(index) for index in range(view.value.count())]
    assert sorted(offered) == sorted(snapshot.gates[0])
    for name in offered:
        for layer in range(2):
            choose(view, name, 4, layer)
            values = snapshot.gates[layer][name][:, 3]
            low = float(view.low.text().replace("−", "-"))
            high = float(view.high.text())
            assert low in (0.0, -high)
            assert low <= values.min() <= values.max() <= high
            exact = (values.astype(np.float64) - low) * (255 / (high - low))
            assert np.abs(view.reading.places - exact).max() < 0.5001, "a colour is not the nearest one"
            assert view.value_at(7) == values[7]


def test_a_character_stands_on_the_colour_of_its_number(view: TextView) -> None:
    show(view, *trained(SMALL))
    theme = view.tools.appearance.theme
    for name, table in (("f", theme.gate("forget")), ("o", theme.gate("output")), ("h", theme.diverging)):
        choose(view, name, 2)
        image = view.reading.grab().toImage()
        for place in (5, 20, 39):
            corner = view.reading.rect_of(place).topLeft() + QPointF(2, 3)
            assert image.pixelColor(corner.toPoint()) == QColor(*table[view.reading.places[place]].tolist())


def test_units_are_those_of_the_value(view: TextView) -> None:
    trainer, snapshot = trained(replace(SMALL, hidden_size=4))
    show(view, trainer, snapshot)
    choose(view, "C", 6)
    assert (view.unit.value(), view.of_units.text()) == (6, "of 6")
    choose(view, "h", 6)
    assert (view.unit.value(), view.of_units.text()) == (4, "of 4")
    assert view.value_at(0) == snapshot.gates[0]["h"][0, 3]


def test_expectations_are_softmax_of_the_answers(view: TextView) -> None:
    trainer, snapshot = trained(SMALL, 30)
    show(view, trainer, snapshot)
    alphabet = trainer.task.alphabet
    codes = trainer.task.probe()[1][:, 0].argmax(axis=1)  # what really comes next
    for place in (0, 17, 38):
        view.reading.point_at(place)
        p = torch.from_numpy(snapshot.answers[place].astype(np.float64)).softmax(0).numpy()
        shown = view.guesses.shown
        assert [guess.probability for guess in shown[:5]] == pytest.approx(sorted(p, reverse=True)[:5])
        for guess in shown:
            assert guess.probability == pytest.approx(p[alphabet.index(guess.character)])
            assert guess.true == (alphabet[codes[place]] == guess.character)
        assert sum(guess.true for guess in shown) == 1
        assert len(shown) == 5 + (shown[-1].rank >= 5)
        lengths = [view.guesses.bar(index).width() for index in range(len(shown))]
        ratio = lengths[0] / shown[0].probability
        assert lengths == pytest.approx([guess.probability * ratio for guess in shown])
    view.reading.point_at(39)
    assert not any(guess.true for guess in view.guesses.shown)
    assert "the text shown ends" in view.expected.text()


def test_the_true_character_is_shown_even_where_it_is_unlikely() -> None:
    shown = guesses(np.array([5.0, 4, 3, 2, 1, 0, -1]), "abcdefg", 6)
    assert [(guess.character, guess.rank, guess.true) for guess in shown[4:]] == [("e", 4, False), ("g", 6, True)]
    assert guesses(np.array([np.nan, 1.0]), "ab", 0) == ()
    assert [guess.character for guess in guesses(np.array([0.0, 1.0]), "ab", None)] == ["b", "a"]


def test_arrow_keys_and_the_mouse_point_at_characters(view: TextView, qtbot: QtBot) -> None:
    trainer, snapshot = trained(replace(SMALL, sequence_length=300))
    show(view, trainer, snapshot)
    qtbot.waitUntil(view.reading.hasFocus)
    reading = view.reading
    said: list[str] = []
    view.message.connect(said.append)
    press(Key.Key_Right)
    press(Key.Key_Right)
    press(Key.Key_Left)
    assert reading.pointed == 1
    press(Key.Key_Down)
    below = reading.rect_of(reading.pointed)
    assert below.top() > reading.rect_of(1).top()
    press(Key.Key_Up)
    assert reading.pointed in (0, 1, 2)
    press(Key.Key_End)
    assert reading.pointed == 299
    press(Key.Key_Right)
    assert reading.pointed == 299
    press(Key.Key_Home)
    assert reading.pointed == 0
    press(Key.Key_Left)
    assert reading.pointed == 0
    move(reading, reading.rect_of(123).center())
    assert reading.pointed == 123
    assert said[-1] == reading.toolTip()
    assert "t = 124" in said[-1]
    assert view.tools.appearance.written(view.value_at(123)) in said[-1]
    assert view.guesses.shown == guesses(
        snapshot.answers[123], trainer.task.alphabet, int(snapshot.probe[124].argmax())
    )


def test_a_long_text_scrolls_to_the_character_that_is_pointed_at(view: TextView, qtbot: QtBot) -> None:
    show(view, *trained(replace(SMALL, sequence_length=5000, batch_size=1), 0, frozenset()))
    reading, area = view.reading, view.area
    qtbot.waitUntil(lambda: area.verticalScrollBar().maximum() > 0)
    assert area.height() < view.height() / 2
    reading.point_at(4999)
    seen = reading.visibleRegion().boundingRect()
    assert seen.contains(reading.rect_of(4999).center().toPoint())


def test_samples_newest_first_and_from_all_of_the_run(view: TextView, qtbot: QtBot) -> None:
    trainer, snapshot = trained(SMALL, 2)
    assert snapshot.extras.sample
    assert set(snapshot.extras.sample) <= set(trainer.task.alphabet)
    show(view, trainer, snapshot)
    qtbot.waitUntil(lambda: view.samples.shown == ((2, snapshot.extras.sample),))
    show(view, trainer, replace(snapshot, step=3, extras=Extras()))  # nobody asked for one
    later = replace(snapshot, step=40, extras=Extras(sample="and Alice"))
    show(view, trainer, later)
    qtbot.waitUntil(lambda: view.samples.shown == ((40, "and Alice"), (2, snapshot.extras.sample)))
    view.training.run.history.last_snapshot = None
    view.show_run()
    show(view, trainer, replace(snapshot, step=1, extras=Extras(sample="q")))
    qtbot.waitUntil(lambda: view.samples.shown == ((1, "q"),))


def test_kept_samples_lie_apart() -> None:
    kept = KeptSamples()
    for step in range(10, 10_001, 10):
        kept.add(step, f"text {step}")
    steps = [step for step, _ in kept]
    assert steps[0] == 10_000
    assert steps[-1] == 10
    assert len(steps) < 22
    assert all(later >= 1.5 * earlier for later, earlier in pairwise(steps[1:]))
    assert not kept.add(10_000, "again")
    assert not kept.add(10_010, "")


def test_lines_break_between_words_and_hold_every_character() -> None:
    text = "a cat-nap\n\nunbreakable so"
    lines = broken(text, [1.0] * len(text), 6)
    cut = ["".join(text[place] for place in lines.range_of(number)) for number in range(len(lines.starts))]
    assert "".join(cut) == text
    assert cut == ["a cat-", "nap\n", "\n", "unbrea", "kable ", "so"]
    for number in range(len(cut)):
        found = lines.range_of(number)
        assert [lines.left[place] for place in found] == list(range(len(found)))
        assert all(lines.line(place) == number for place in found)


def test_what_there_is_to_do_where_there_is_no_text(view: TextView) -> None:
    training, asked = view.training, list[str]()
    view.asked.connect(asked.append)
    view.refresh()
    assert view.empty.text() == "The next run learns: Characters of a text."
    view.empty.buttons[0].click()
    assert asked.pop() == "train"
    training.config = replace(SMALL, task="adding")
    view.refresh()
    assert view.empty.text() == "Text is read and written by the task Characters of a text."
    training.run.facts = create_task(replace(SMALL, task="adding")).facts()
    view.refresh()
    assert view.empty.isVisible()
    assert not view.page.isVisible()
    assert view.empty.text().startswith("This run learns: Adding problem. Text is read")
    said: list[str] = []
    view.message.connect(said.append)
    view.asked.connect(lambda _line: setattr(training, "config", SMALL))  # as the window does
    view.empty.buttons[0].click()
    assert asked.pop() == "task characters"
    assert said == ["The next run learns: Characters of a text"]
    assert view.empty.text() == "This run learns: Adding problem. The next run learns: Characters of a text."
    view.empty.buttons[0].click()
    assert asked.pop() == "start over"
    show(view, *trained(SMALL))
    assert view.page.isVisible()
    assert not view.empty.isVisible()


def test_a_network_that_has_diverged_expects_nothing(view: TextView) -> None:
    trainer = Trainer(SMALL)
    with torch.no_grad():
        for parameter in trainer.network.parameters():
            parameter.fill_(float("nan"))
    show(view, trainer, trainer.snapshot(TextView.wants))
    assert view.guesses.shown == ()
    assert "diverged" in view.expected.text()
    view.grab()


def test_guesses_stand_in_labels(view: TextView) -> None:
    show(view, *trained(SMALL))
    written = view.tools.appearance.written
    for guess, (character, number) in zip(view.guesses.shown, view.guesses.labels, strict=False):
        assert character.text() == ("␣" if guess.character == " " else mark(guess.character))
        assert number.text() == written(guess.probability, True) + (" ✓" if guess.true else "")
        assert character.isVisible()
        assert number.width() >= number.sizeHint().width()


@pytest.mark.parametrize("style", list(Style))
def test_a_small_probability_has_its_room_in_every_style(view: TextView, style: Style) -> None:
    view.tools.appearance.choose_digits(style)
    view.guesses.show_guesses((Guess("a", 0.9, 0, False), Guess("b", 1.23e-11, 1, True)))
    for _, number in view.guesses.labels[:2]:
        assert number.width() >= number.sizeHint().width()


def test_in_a_hall_every_letter_is_large_and_nothing_is_cut(view: TextView, qtbot: QtBot) -> None:
    show(view, *trained(SMALL))
    view.resize(1920, 1000)
    view.tools.appearance.present(True)
    scale = view.tools.appearance.scale
    labels = (view.expected, view.written, view.of_units, view.low, view.value)
    qtbot.waitUntil(lambda: all(label.fontInfo().pixelSize() >= 24 * scale - 1 for label in labels))
    assert view.reading.rect_of(0).height() >= 24 * scale
    assert view.guesses.row(5).bottom() <= view.guesses.height() + 1
    view.tools.appearance.present(False)
    qtbot.waitUntil(lambda: view.expected.fontInfo().pixelSize() < 24 * scale - 1)


@timed
def test_news_cost_less_than_a_frame(view: TextView) -> None:
    trainer, snapshot = trained(replace(SMALL, sequence_length=200, cell_size=64))
    costs = []
    for step in range(4, 24):
        show(view, trainer, replace(snapshot, step=step))
        begin = time.perf_counter()
        view.training.run.history.last_snapshot = replace(snapshot, step=100 * step)
        view.show_news()
        costs.append(time.perf_counter() - begin)
        QApplication.processEvents()
    assert_within(sorted(costs)[len(costs) // 2], 0.008)


def test_a_run_in_the_window_reads_and_writes(window: MainWindow, qtbot: QtBot) -> None:
    training = window.training.controller
    window.stage.show_view("text")
    view = window.stage.view("text")
    assert isinstance(view, TextView)
    assert SAMPLE in view.wants
    training.config = replace(SMALL, steps=100_000, worker="thread")
    training.begin()
    qtbot.waitUntil(lambda: len(view.samples.shown) > 0, timeout=60_000)
    assert training.run.facts is not None
    assert view.reading.text
    assert view.guesses.shown
    assert set(view.samples.shown[0][1]) <= set(training.run.facts.alphabet)
    view.reading.point_at(0)  # where another test has left the mouse, a character may be pointed at already
    press(Key.Key_Right)
    assert view.reading.pointed == 1  # the view in front has the keyboard
    training.stop()
    qtbot.waitUntil(lambda: not training.active)


def test_a_character_that_was_read_with_nan_is_hatched(view: TextView) -> None:
    trainer, snapshot = trained(SMALL)
    gates = {name: values.copy() for name, values in snapshot.gates[0].items()}
    gates["C"][5:, 0] = np.nan
    show(view, trainer, replace(snapshot, gates=(gates,)))
    choose(view, "C")
    picture = view.reading.grab().toImage()
    ink = QColor(view.tools.appearance.theme.ink).rgb()

    def lines(place: int) -> int:
        area = view.reading.rect_of(place).adjusted(1, 1, -1, -1).toRect()
        rows, columns = range(area.top(), area.bottom()), range(area.left(), area.right())
        return sum(picture.pixelColor(x, y).rgb() == ink for y in rows for x in columns)

    spaces = [place for place, character in enumerate(view.reading.text) if character in " \n"]
    before, after = [place for place in spaces if place < 5], [place for place in spaces if place >= 5]
    assert after
    assert all(lines(place) > 3 for place in after)
    assert max((lines(place) for place in before), default=0) < min(map(lines, after))
    view.reading.point_at(after[0])
    assert "NaN" in view.reading.toolTip()


def test_a_value_has_the_name_and_the_range_that_it_has_in_the_gates(view: TextView) -> None:
    trainer, snapshot = trained(SMALL)
    gates = {name: values.copy() for name, values in snapshot.gates[0].items()}
    gates["C"][5, 0] = np.nan
    gates["C"][7, 1] = -35.0
    show(view, trainer, replace(snapshot, gates=(gates,)))
    assert [view.value.itemText(index) for index in range(view.value.count())] == [spec.words for spec in MAPS.values()]
    choose(view, "C")
    assert (view.low.text(), view.high.text()) == ("−50", "50")
    assert Ranges().limits(MAPS, gates)["C"] == (-50, 50)
    choose(view, "o")
    assert (view.low.text(), view.high.text()) == ("0", "1")
