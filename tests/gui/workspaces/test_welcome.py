"""Welcome: what it offers, that nothing of it is cut, what leads away from it, and which keys it leaves alone."""

from __future__ import annotations

import os
from collections.abc import Callable
from pathlib import Path

import pytest
from PySide6.QtCore import QPoint, QRect, Qt
from PySide6.QtWidgets import QAbstractButton, QApplication, QLabel, QMessageBox, QWidget
from pytestqt.qtbot import QtBot

from engine.document.document_file import write_document
from engine.document.examples import ABOUT, EXAMPLES, load_example
from engine.recording.library import Library
from engine.runs.messages import State
from gui.appearance.stored import Stored
from gui.help.keys import KeysWindow
from gui.widgets.labels import NameLabel
from gui.widgets.themed.focus_ring import Ring
from gui.window.main_window import MainWindow
from gui.workspaces.welcome.page import TRAINED, WelcomePage
from gui.workspaces.welcome.pictures import Columns, Fading, Maps, Steps, picture_from
from gui.workspaces.welcome.recent import look
from tests.gui.conftest import Windows
from tests.gui.drawn_text import Listener, faults
from tests.gui.driving import ALT, CONTROL, Key, answer, click, dialog, press, sentence_of, trigger
from tests.gui.window.walking import at_rest


@pytest.fixture
def page(window: MainWindow, qtbot: QtBot) -> WelcomePage:
    """The page as it stands over the window, with all that is read for it."""
    window.files.recent = []
    return shown(window, qtbot)


def shown(window: MainWindow, qtbot: QtBot) -> WelcomePage:
    window.welcome.show()
    page = window.welcome.page
    assert page is not None
    qtbot.waitUntil(lambda: bool(page.entries) or bool(page.nothing.text()))
    qtbot.waitUntil(lambda: all(card.above.picture is not None for card in page.examples.values()))
    return page


# What stands on it


def test_every_example_has_a_card_with_a_picture_and_a_sentence(page: WelcomePage, qtbot: QtBot):
    assert set(page.examples) == set(EXAMPLES) == set(ABOUT)
    assert {name for name, card in page.examples.items() if card.isVisible()} < set(EXAMPLES)
    click(qtbot, page.all)
    assert all(card.isVisible() for card in page.examples.values())
    qtbot.waitUntil(page._tools.typesetter.idle)
    pictures = {name: card.above.grab().toImage() for name, card in page.examples.items()}
    assert len({bytes(image.constBits()) for image in pictures.values()}) == len(EXAMPLES), "two look the same"
    click(qtbot, page.all)


@pytest.mark.parametrize(
    ("name", "kind"),
    [("worked-example", Columns), ("four-steps", Maps), ("latch", Steps), ("vanishing", Fading)],
)
def test_a_picture_is_of_the_kind_that_shows_most(name: str, kind: type):
    assert isinstance(picture_from(load_example(name)), kind)


def test_a_picture_has_the_examples_numbers():
    counter = picture_from(load_example("counter"))
    assert isinstance(counter, Steps)
    assert counter.value.numbers[:, 0].round(6).tolist() == [1, 1, 2, 3, 3, 4]
    gate = picture_from(load_example("gate-values"))
    assert isinstance(gate, Columns)
    forget = next(value for value in gate.values if value.role == "forget")
    assert forget.numbers.round(6).tolist() == [0.5, 0.8, 0.9]


def test_files_and_runs_say_what_they_hold(own_window: MainWindow, qtbot: QtBot, tmp_path: Path):
    window = own_window
    document, gone, broken = (tmp_path / f"{name}.lstmviz" for name in ("mine", "gone", "broken"))
    write_document(document, load_example("four-steps"))
    broken.write_text("{")
    pipe = tmp_path / "pipe.lstmviz"
    os.mkfifo(pipe)
    window.files.recent = [str(path) for path in (document, gone, broken, pipe)]
    page = shown(window, qtbot)
    qtbot.waitUntil(lambda: len(page.entries) == 4)
    said = {card.title: card.about.replace("\u00a0", " ") for card in page.entries}
    assert said["mine"].endswith("LSTM, m = 2, n = 4, k = 4, 4 time steps")
    assert said["gone"] == f"no longer in {tmp_path}"
    assert said["broken"].endswith("cannot be read")
    assert said["pipe"].endswith("cannot be read")
    assert page.entries[-1].title == "gone"
    window.files.recent = []


def test_without_files_it_says_what_will_stand_there(own_window: MainWindow, qtbot: QtBot):
    page = shown(own_window, qtbot)
    qtbot.waitUntil(lambda: page.entries == [])
    assert "listed here" in page.nothing.text()


def test_a_run_says_how_it_went(windows: Windows, settings: Stored, qtbot: QtBot, runs_folder: Path):
    window = windows.open(settings)
    window.commands.run("train adding steps=3 batch_size=4")
    qtbot.waitUntil(lambda: window.training.controller.run.state is State.FINISHED)
    window.training.controller.stop()
    qtbot.waitUntil(lambda: [entry.there for entry in look([], Library(runs_folder), 8)] == [True])
    page = shown(window, qtbot)
    (card,) = page.entries
    assert card.title == "Adding problem"
    assert card.about.replace("\u00a0", " ").endswith("too early, 3 steps · LSTM k 16, 1 layer")
    click(qtbot, card)
    qtbot.waitUntil(lambda: not page.isVisible())
    assert window.stage.front == "live"
    assert [Path(path).parent for path in window.files.recent] == [runs_folder]


# What leads away from it


@pytest.mark.parametrize("how", ["click", "return"])
def test_an_example_is_opened(window: MainWindow, page: WelcomePage, qtbot: QtBot, how: str):
    window.stage.show_view("sum")
    card = page.examples["counter"]
    if how == "click":
        click(qtbot, card)
    else:
        card.setFocus()
        press(Key.Key_Return)
    qtbot.waitUntil(lambda: window.model.shown.name == "A counter")
    assert not page.isVisible()
    assert window.stage.front == "diagram"


def test_a_file_that_cannot_be_read_gets_a_sentence_and_the_page_stays(
    own_window: MainWindow, qtbot: QtBot, tmp_path: Path
):
    window = own_window
    window.files.recent = [str(tmp_path / "gone.lstmviz")]
    page = shown(window, qtbot)
    qtbot.waitUntil(lambda: len(page.entries) == 1)
    click(qtbot, page.entries[0])
    assert "gone.lstmviz: cannot be read" in sentence_of(qtbot, window)
    assert page.isVisible()
    window.files.recent = []


@pytest.mark.parametrize(
    ("key", "modifiers", "seen"),
    [
        (Key.Key_Space, Qt.KeyboardModifier.NoModifier, lambda window: window.playback.position == 1),
        (Key.Key_3, ALT, lambda window: window.stage.workspace == "train"),
        (Key.Key_2, ALT, lambda window: window.stage.workspace == "explore"),
        (Key.Key_F5, Qt.KeyboardModifier.NoModifier, lambda window: window.presenting.on),
        (Key.Key_F3, Qt.KeyboardModifier.NoModifier, lambda window: window.stage.front == "sum"),
        (Key.Key_2, CONTROL, lambda window: window.stage.front == "task"),
        (Key.Key_PageDown, Qt.KeyboardModifier.NoModifier, lambda window: window.playback.position == 1),
        (Key.Key_Escape, Qt.KeyboardModifier.NoModifier, lambda window: window.stage.front == "diagram"),
    ],
)
def test_keys_do_what_they_always_do(
    window: MainWindow,
    page: WelcomePage,
    key: Key,
    modifiers: Qt.KeyboardModifier,
    seen: Callable[[MainWindow], bool],
):
    press(key, modifiers)
    assert not page.isVisible()
    assert seen(window)


def test_the_page_stays_while_something_is_looked_up(window: MainWindow, page: WelcomePage, qtbot: QtBot):
    press(Key.Key_F1, CONTROL)
    dialog(qtbot, window, KeysWindow).reject()
    light = page.grab().toImage()
    trigger(window, "theme dark")
    assert page.grab().toImage() != light
    trigger(window, "theme light")
    assert page.isVisible()


def test_over_the_preferences_it_has_the_keyboard(window: MainWindow, page: WelcomePage, qtbot: QtBot):
    window.commands.run("preferences")
    assert not page.isVisible()
    press(Key.Key_Home, ALT)
    assert page.isVisible()
    assert page.isAncestorOf(QApplication.focusWidget())  # type: ignore[arg-type]  # there is one
    assert window.pages.front == ""


def test_what_is_not_saved_is_asked_for_and_the_page_stays(window: MainWindow, page: WelcomePage, qtbot: QtBot):
    window.commands.run("set m=2")
    qtbot.waitUntil(lambda: window.model.unsaved)
    window.welcome.show()
    click(qtbot, page.examples["counter"])
    box = dialog(qtbot, window, QMessageBox)
    assert "unsaved changes" in box.text()
    answer(qtbot, box, QMessageBox.StandardButton.Cancel)
    assert page.isVisible()
    assert window.model.document.m == 2
    window.model.undo_stack.setClean()


def test_all_runs_are_in_the_library(window: MainWindow, page: WelcomePage, qtbot: QtBot):
    click(qtbot, next(button for button in page.stops() if button.text() == "All runs"))
    assert window.stage.front == "library"
    assert not page.isVisible()


def test_escape_leaves_the_page_alone(window: MainWindow, qtbot: QtBot):
    window.stage.show_view("sum")
    page = shown(window, qtbot)
    press(Key.Key_Escape)
    assert not page.isVisible()
    assert window.stage.front == "sum"
    press(Key.Key_Space)
    assert window.stage.walk.position or window.playback.position


def test_it_comes_back_by_its_command(window: MainWindow, page: WelcomePage, qtbot: QtBot):
    press(Key.Key_Escape)
    assert not page.isVisible()
    press(Key.Key_Home, ALT)
    assert page.isVisible()
    assert not any(button.isChecked() for button in window.top.switch.buttons.values())
    click(qtbot, window.top.switch.buttons["explore"])
    assert not page.isVisible()
    assert window.top.switch.buttons["explore"].isChecked()


def test_a_task_is_trained_with_one_click(windows: Windows, settings: Stored, qtbot: QtBot):
    window = windows.open(settings)
    page = shown(window, qtbot)
    click(qtbot, page.tasks["temporal-order"])
    assert not page.isVisible()
    assert window.stage.front == "live"
    assert window.training.controller.run.config.task == "temporal-order"
    window.training.controller.stop()


def test_a_task_that_cannot_be_trained_gets_a_sentence_and_the_page_stays(
    windows: Windows, settings: Stored, qtbot: QtBot
):
    settings.setValue("training", '{"sequence_length": 5000, "cell_size": 1024, "batch_size": 4096, "layers": 4}')
    window = windows.open(settings)
    page = shown(window, qtbot)
    click(qtbot, page.tasks["temporal-order"])
    assert "memory" in sentence_of(qtbot, window)
    assert page.isVisible()
    assert window.stage.front == "diagram"


# Keys within it


def test_tab_and_arrows_go_from_card_to_card_and_nowhere_else(window: MainWindow, page: WelcomePage):
    first = page.examples["worked-example"]
    assert QApplication.focusWidget() is first
    press(Key.Key_Right)
    assert QApplication.focusWidget() is page.examples["four-steps"]
    press(Key.Key_Left)
    assert QApplication.focusWidget() is first
    press(Key.Key_Down)
    below = QApplication.focusWidget()
    assert below is not first
    assert isinstance(below, QAbstractButton)
    first.setFocus()
    seen = []
    for _ in range(60):
        press(Key.Key_Tab)
        focus = QApplication.focusWidget()
        assert focus is not None
        assert page.isAncestorOf(focus)
        if focus is first:
            break
        seen.append(focus)
        rings = [ring for ring in window.findChildren(Ring) if ring.isVisible() and ring.control is focus]
        assert len(rings) == 1
        siblings = rings[0].parentWidget().children()
        assert page not in siblings or siblings.index(rings[0]) > siblings.index(page), f"no ring at {focus}"
    assert set(page.tasks.values()) <= set(seen)
    assert page.at_start in seen
    assert page.close_page in seen


# Whether it is shown at the start


def test_the_switch_is_remembered_and_is_one(windows: Windows, settings: Stored, qtbot: QtBot):
    window = windows.open(settings)
    page = shown(window, qtbot)
    action = window.actions_by_name["welcome first"]
    assert action.isChecked()
    assert page.at_start.isChecked()
    click(qtbot, page.at_start, QPoint(8, page.at_start.height() // 2))
    assert not action.isChecked()
    assert not window.welcome.first
    trigger(window, "welcome first")
    assert page.at_start.isChecked()
    trigger(window, "welcome first")
    assert not page.at_start.isChecked()
    press(Key.Key_Escape)
    window.welcome.show_first()
    assert not window.welcome.shown


# Room


def cut(page: QWidget) -> list[str]:
    """Words on a page that are cut or lie over each other."""
    every = page.findChildren(QLabel)
    labels = [label for label in every if label.isVisible() and label.text() and not isinstance(label, NameLabel)]
    wrong = []
    for label in labels:
        needed = label.heightForWidth(label.width()) if label.wordWrap() else label.sizeHint().height()
        if label.height() < needed or (not label.wordWrap() and label.width() < label.sizeHint().width()):
            wrong.append(f"{label.text()}: {label.size().toTuple()}")
    rooms = [QRect(label.mapTo(page, QPoint(0, 0)), label.size()) for label in labels]
    for number, room in enumerate(rooms):
        wrong += [labels[number].text() for other in rooms[:number] if room.intersects(other)]
    buttons = [button for button in page.findChildren(QAbstractButton) if button.isVisible() and button.text()]
    wrong += [button.text() for button in buttons if button.width() < button.sizeHint().width()]
    return wrong


@pytest.mark.parametrize("factor", [1.0, 1.3])
@pytest.mark.parametrize(("width", "height"), [(910, 512), (1280, 720), (1920, 1080)])
def test_nothing_is_cut(
    windows: Windows, settings: Stored, qtbot: QtBot, tmp_path: Path, width: int, height: int, factor: float
):
    document = tmp_path / "a cell with a name that is longer than any place for it can ever be.lstmviz"
    write_document(document, load_example("four-steps"))
    settings.setValue("text factor", factor)
    settings.setValue("recent", [str(document), str(tmp_path / "gone.lstmviz")])
    listener = Listener()
    with listener.listening():
        window = windows.open(settings)
        window._appearance.fit_screen(height)
        window.resize(width, height)
        page = shown(window, qtbot)
        qtbot.waitUntil(lambda: page.size().width() == window.width() == width)
        assert not page._right.horizontalScrollBar().isVisible()
        assert page.geometry().top() >= window.menuWidget().geometry().bottom()
        assert page.geometry().bottom() < window.statusBar().geometry().top() + 1
        for _ in range(2):
            qtbot.waitUntil(lambda: cut(page) == [])
            texts = [text for text in at_rest(listener, window) if page.isAncestorOf(text.by)]
            assert len(texts) > 20
            assert faults(texts, window) == []
            click(qtbot, page.all)


def test_it_follows_the_screen(windows: Windows, settings: Stored, qtbot: QtBot):
    window = windows.open(settings)
    window.resize(1280, 720)
    page = shown(window, qtbot)
    card = page.examples["worked-example"]

    before = page._left.width(), card.words.height()
    window._appearance.fit_screen(720)
    qtbot.waitUntil(lambda: card.words.height() < before[1])
    assert page._left.width() == window._appearance.px(400 if page.width() >= window._appearance.px(1400) else 280)
    assert cut(page) == []
    window._appearance.fit_screen(1080)
    qtbot.waitUntil(lambda: (page._left.width(), card.words.height()) == before)


def test_a_run_that_goes_on_has_its_line_below(windows: Windows, settings: Stored, qtbot: QtBot):
    window = windows.open(settings)
    window.commands.run("train adding pace=5/s")
    window.stage.show_view("live")
    qtbot.waitUntil(lambda: window.training.controller.run.last is not None)
    page = shown(window, qtbot)
    strip = window.stage.strip
    assert strip is not None
    qtbot.waitUntil(strip.isVisible)
    line = QRect(strip.mapTo(window, QPoint(0, 0)) - page.pos(), strip.size())
    qtbot.waitUntil(lambda: not page.mask().isEmpty() and not page.mask().intersects(line))
    assert page.mask().contains(QRect(2, line.top() + 2, 4, 4)), "the panel beside it is not to be seen"
    assert page._left.mapTo(page, page._left.rect().bottomLeft()).y() < line.top()
    qtbot.waitUntil(lambda: cut(page) == [])
    press(Key.Key_Escape)
    assert not strip.isVisible()
    window.training.controller.stop()


def test_tasks_have_pictures_of_their_first_example(page: WelcomePage, qtbot: QtBot):
    assert set(page.tasks) == set(TRAINED)
    qtbot.waitUntil(lambda: all(card.above.accessibleName() for card in page.tasks.values()))
