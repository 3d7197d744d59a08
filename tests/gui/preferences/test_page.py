"""The page of preferences: each row acts at once, is remembered, and goes back; the page comes and goes."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any

import platformdirs
import pytest
from PySide6.QtCore import QPoint, QRect
from PySide6.QtWidgets import QAbstractButton, QApplication, QComboBox, QFileDialog, QLabel, QWidget
from pytestqt.qtbot import QtBot

from engine.recording.folder import FOLDER_VARIABLE, choose_folder
from engine.runs.messages import State
from gui.appearance.stored import Stored
from gui.appearance.theme import Appearance
from gui.commands.command import CommandError
from gui.help.palette import Palette
from gui.preferences.page import PreferencesPage
from gui.preferences.preference import Folder
from gui.preferences.rows import PREFERENCES
from gui.widgets.buttons import CheckBox
from gui.widgets.spin_boxes import RealBox, WholeBox
from gui.window.main_window import MainWindow
from tests.gui.conftest import Windows
from tests.gui.driving import CONTROL, Key, click, dialog, press, trigger, write


@pytest.fixture(autouse=True)
def config(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """Where the user's own themes and the choice of a folder are."""
    monkeypatch.setattr(platformdirs, "user_config_dir", lambda *_args, **_more: str(tmp_path / "config"))
    return tmp_path / "config"


def opened(window: MainWindow) -> PreferencesPage:
    press(Key.Key_Comma, CONTROL)
    page = window.pages.page
    assert isinstance(page, PreferencesPage)
    return page


def choose(combo: QWidget, words: str) -> None:
    """Choose an entry as a click in the list does."""
    assert isinstance(combo, QComboBox)
    combo.setCurrentIndex(combo.findText(words))
    combo.activated.emit(combo.currentIndex())


def type_in(box: QWidget, text: str) -> None:
    assert isinstance(box, WholeBox | RealBox)
    box.setFocus()
    box.selectAll()
    write(text)
    press(Key.Key_Return)


# How it comes and goes


def test_it_takes_the_room_of_everything_and_gives_it_back(window: MainWindow):
    shown = {name for name, card in window.docks.cards.items() if card.isVisible()}
    page = opened(window)
    assert page.isVisible()
    assert not window.stage.isVisible()
    assert not any(card.isVisible() for card in window.docks.cards.values())
    press(Key.Key_Escape)
    assert window.stage.isVisible()
    assert window.pages.front == ""
    assert {name for name, card in window.docks.cards.items() if card.isVisible()} == shown
    assert window.stage.isAncestorOf(QApplication.focusWidget())  # type: ignore[arg-type]  # there is one


def test_escape_leaves_an_editor_before_the_page(window: MainWindow, qtbot: QtBot):
    page = opened(window)
    page.keys.search.setFocus()
    qtbot.waitUntil(page.keys.search.hasFocus)
    press(Key.Key_Escape)
    assert window.pages.front == "preferences"
    press(Key.Key_Escape)
    assert window.pages.front == ""


@pytest.mark.parametrize("line", ["show sizes", "show diagram", "workspace train", "workspace explore"])
def test_going_to_a_view_leaves_it(window: MainWindow, line: str):
    opened(window)
    window.commands.run(line)
    assert window.pages.front == ""
    assert window.stage.isVisible()


def test_settings_of_the_run_lead_out_of_it(window: MainWindow, qtbot: QtBot):
    window.commands.run("workspace train")
    page = opened(window)
    window.commands.run("setting learning_rate")
    assert not page.isVisible()
    qtbot.waitUntil(window.training.panel.form.field("learning_rate").hasFocus)
    opened(window)
    window.commands.run("settings")
    qtbot.waitUntil(window.training.panel.form.task.hasFocus)


def test_weights_and_recorded_runs_lead_out_of_it(window: MainWindow):
    page = opened(window)
    window.commands.run("weights 2")
    assert not page.isVisible()
    assert window.weights.isVisible()
    window.commands.run("workspace train")
    opened(window)
    window.training.recordings.opened.emit()
    assert not page.isVisible()
    assert window.stage.front == "live"


def test_a_hall_never_sees_it(window: MainWindow):
    opened(window)
    press(Key.Key_F5)
    assert window.presenting.on
    assert window.stage.isVisible()
    press(Key.Key_Comma, CONTROL)
    assert window.pages.front == ""
    with pytest.raises(CommandError):
        window.commands.run("preference theme")
    window.presenting.end()


def test_the_playback_rests_while_nobody_sees_the_cell(window: MainWindow):
    page = opened(window)
    page.setFocus()
    for key in (Key.Key_Space, Key.Key_PageDown, Key.Key_Return):
        press(key)
    assert window.playback.position == 0


def test_panels_stay_away_while_it_is_there(window: MainWindow):
    opened(window)
    assert not window.commands.bound("panel weights").is_possible()
    window.commands.run("reset layout")
    assert not any(card.isVisible() for card in window.docks.cards.values())
    window.pages.leave()
    assert window.docks.cards["weights"].isVisible()


def test_a_window_that_closes_with_it_begins_with_its_panels(windows: Windows, settings: Stored):
    window = windows.open(settings)
    window.commands.run("preferences")
    windows.close(window)
    assert windows.open(settings).docks.cards["weights"].isVisible()


def test_a_run_that_goes_on_has_its_line_below(windows: Windows, settings: Stored, qtbot: QtBot):
    window = windows.open(settings)
    window.commands.run("train adding pace=5/s")
    window.stage.show_view("live")
    controller, strip = window.training.controller, window.stage.strip
    qtbot.waitUntil(lambda: controller.run.state is State.RUNNING)
    assert strip is not None
    assert not strip.isVisible()
    page = opened(window)
    qtbot.waitUntil(strip.isVisible)
    assert strip.mapTo(window, QPoint(0, 0)).y() >= page.mapTo(window, page.rect().bottomLeft()).y()
    click(qtbot, strip.pause)
    qtbot.waitUntil(lambda: controller.run.state is State.PAUSED)
    assert page.isVisible()
    click(qtbot, strip.open)
    assert window.stage.front == "live"
    assert not strip.isVisible()
    controller.stop()


def test_a_window_that_is_closed_while_it_saves_begins_with_its_panels(windows: Windows, settings: Stored):
    window = windows.open(settings)
    window.commands.run("preferences")
    window.docks.save(settings)  # as where the page was opened while the last file was being written
    windows.close(window)
    assert windows.open(settings).docks.cards["weights"].isVisible()


# What is found


def test_each_is_found_by_its_words_and_gone_to(window: MainWindow, qtbot: QtBot):
    press(Key.Key_P, CONTROL)
    palette = dialog(qtbot, window, Palette)
    qtbot.waitUntil(palette.field.hasFocus)
    write("text size")
    press(Key.Key_Return)
    page = window.pages.page
    assert isinstance(page, PreferencesPage)
    qtbot.waitUntil(page.lines["text-size"].field.hasFocus)


def test_each_has_a_command_and_an_unknown_one_is_refused_with_the_nearest(window: MainWindow):
    for row in PREFERENCES:
        window.commands.run(f"preference {row.name}")
    with pytest.raises(CommandError, match="theme"):
        window.commands.run("preference them")
    window.commands.run("preference keys")
    page = window.pages.page
    assert isinstance(page, PreferencesPage)
    assert page.keys.search.hasFocus()


def test_tab_reaches_every_field(window: MainWindow):
    page = opened(window)
    press(Key.Key_Tab)
    assert page.lines["theme"].field.hasFocus()
    wanted = {line.field for line in page.lines.values() if line.field.isEnabled()}
    reached = set()
    for _ in range(60):
        at = QApplication.focusWidget()
        while at is not None:
            reached.add(at)
            at = at.parentWidget()
        press(Key.Key_Tab)
    assert wanted <= reached
    assert {page.keys.search, page.keys.table} <= reached


# Each row

Act = Callable[[PreferencesPage], object]
Read = Callable[[MainWindow], Any]

ROWS: dict[str, tuple[Act, Read, Any]] = {
    "theme": (lambda page: choose(page.lines["theme"].field, "Dark"), lambda w: w._appearance.theme.name, "dark"),
    "text-size": (
        lambda page: type_in(page.lines["text-size"].field, "130"),
        lambda w: w._appearance.text_factor,
        1.3,
    ),
    "decimals": (
        lambda page: choose(page.lines["decimals"].field, "Four: 92 and 0.8808"),
        lambda w: w._appearance.written(0.88079),
        "0.8808",
    ),
    "names": (lambda page: page.lines["names"].field.click(), lambda w: w.stage.cell.names, False),  # type: ignore[attr-defined]
    "motion": (lambda page: choose(page.lines["motion"].field, "Never"), lambda w: w.playback.still, True),
    "speed": (lambda page: type_in(page.lines["speed"].field, "2"), lambda w: w.playback.speed, 2.0),
    "record": (lambda page: page.lines["record"].field.click(), lambda w: w.training.recordings.on, False),  # type: ignore[attr-defined]
    "room": (lambda page: type_in(page.lines["room"].field, "7"), lambda w: w.training.recordings.limit_gb, 7.0),
    "welcome": (lambda page: page.lines["welcome"].field.click(), lambda w: w.welcome.first, False),  # type: ignore[attr-defined]
    "oldest": (
        lambda page: choose(page.lines["oldest"].field, "Keep all"),
        lambda w: w.training.recordings.removes,
        False,
    ),
}


@pytest.mark.parametrize("name", ROWS)
def test_it_acts_at_once_and_is_remembered_and_goes_back(window: MainWindow, name: str):
    act, read, wanted = ROWS[name]
    page = opened(window)
    line = page.lines[name]
    line.to_default()
    before = read(window)
    assert before != wanted
    assert not line.reset.isVisible()
    act(page)
    assert read(window) == wanted
    assert line.row.get(page.desk) != line.row.usual
    assert line.reset.isVisible()
    line.reset.click()
    assert read(window) == before
    assert not line.reset.isVisible()


def test_every_row_that_is_no_folder_is_tested():
    assert {row.name for row in PREFERENCES if not isinstance(row, Folder)} == ROWS.keys()


def test_everything_is_remembered(windows: Windows, settings: Stored):
    window = windows.open(settings, None)
    page = opened(window)
    for act, _read, _wanted in ROWS.values():
        act(page)
    windows.close(window)
    again = windows.open(settings, None)
    for name, (_act, read, wanted) in ROWS.items():
        assert read(again) == wanted, name


def test_all_go_back_to_their_defaults(window: MainWindow):
    page = opened(window)
    for act, _read, _wanted in ROWS.values():
        act(page)
    assert page.all_defaults.isEnabled()
    page.all_defaults.click()
    for line in page.lines.values():
        assert line.row.get(page.desk) == line.row.usual, line.row.name
    assert not page.all_defaults.isEnabled()


def test_the_menu_and_the_page_are_one_setting(window: MainWindow):
    page = opened(window)
    trigger(window, "theme dark")
    combo = page.lines["theme"].field
    assert isinstance(combo, QComboBox)
    assert combo.currentData() == "dark"
    trigger(window, "numbers long")
    assert page.lines["decimals"].field.currentData() == "long"  # type: ignore[attr-defined]
    trigger(window, "names")
    check = page.lines["names"].field
    assert isinstance(check, CheckBox)
    page.refresh()
    assert check.isChecked() == window.stage.cell.names
    page.to_defaults()
    assert window.actions_by_name["theme system"].isChecked()


def test_a_number_out_of_bounds_is_refused_beside_its_field(window: MainWindow):
    page = opened(window)
    type_in(page.lines["text-size"].field, "400")
    field = page.lines["text-size"].field
    assert isinstance(field, WholeBox)
    assert "from 80 to 200" in field.refusal
    assert window._appearance.text_factor == 1.0
    press(Key.Key_Escape)


def test_damaged_values_are_the_default_and_said_once(windows: Windows, settings: Stored):
    for key, value in {
        "theme": "mauve",
        "text factor": "huge",
        "digits": "7",
        "motion": "[]",
        "speed": "-1",
        "recording/on": "perhaps",
        "recording/limit_gb": "all",
        "recording/removes": "2",
        "copies folder": "not/absolute",
        "keys/train": "{",
    }.items():
        settings.setValue(key, value)
    window = windows.open(settings, None)
    page = opened(window)
    for line in page.lines.values():
        assert line.row.get(page.desk) == line.row.usual, line.row.name
    said = window.statusBar().currentMessage()
    for words in ("the theme", "the size of text", "the speed of the playback", "some of your own keys"):
        assert words in said
    windows.close(window)
    assert "remembered settings" not in windows.open(settings, None).statusBar().currentMessage()


def test_the_text_of_the_whole_window_follows_its_size(window: MainWindow):
    page = opened(window)
    before = page.title.sizeHint().height()
    type_in(page.lines["text-size"].field, "160")
    assert page.title.sizeHint().height() > before
    page.to_defaults()


# Folders


def chosen_in_dialog(window: MainWindow, page: PreferencesPage, name: str, folder: Path, qtbot: QtBot) -> None:
    line = page.lines[name]
    click(qtbot, line.field)
    box = dialog(qtbot, window, QFileDialog)
    box.fileSelected.emit(str(folder))
    box.reject()


def test_runs_are_recorded_in_the_folder_that_was_chosen(
    own_window: MainWindow, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, qtbot: QtBot
):
    window = own_window
    page = opened(window)
    assert not page.lines["runs-folder"].field.isEnabled()
    assert FOLDER_VARIABLE in page.lines["runs-folder"].sentence.text()
    monkeypatch.delenv(FOLDER_VARIABLE)
    page.refresh()
    wanted = tmp_path / "elsewhere"
    chosen_in_dialog(window, page, "runs-folder", wanted, qtbot)
    recordings = window.training.recordings
    qtbot.waitUntil(lambda: recordings.library.folder == wanted)
    assert wanted.is_dir()
    assert page.lines["runs-folder"].path.toolTip() == str(wanted)
    page.lines["runs-folder"].reset.click()
    qtbot.waitUntil(lambda: recordings.library.folder != wanted)


def test_another_window_that_chooses_a_folder_changes_nothing_here(
    own_window: MainWindow, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
):
    monkeypatch.delenv(FOLDER_VARIABLE)
    line = opened(own_window).lines["runs-folder"]
    before = line.path.toolTip()
    choose_folder(tmp_path / "elsewhere")
    line.refresh()
    assert line.path.toolTip() == before
    assert not line.reset.isVisible()


def test_a_folder_that_cannot_be_written_is_refused(
    own_window: MainWindow, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, qtbot: QtBot
):
    monkeypatch.delenv(FOLDER_VARIABLE)
    (tmp_path / "a file").write_text("in the way")
    recordings = own_window.training.recordings
    before, said = recordings.library.folder, []
    recordings.refused.disconnect()
    recordings.refused.connect(said.append)
    page = opened(own_window)
    chosen_in_dialog(own_window, page, "runs-folder", tmp_path / "a file" / "runs", qtbot)
    qtbot.waitUntil(lambda: bool(said))
    assert "choose another folder" in said[0]
    assert recordings.library.folder == before


def test_a_copy_of_the_theme_is_offered_as_a_theme(own_window: MainWindow, config: Path, qtbot: QtBot):
    page = opened(own_window)
    (copy,) = [
        button
        for button in page.lines["own-themes"].findChildren(QAbstractButton)
        if button.text() == "Copy the present theme"
    ]
    click(qtbot, copy)
    combo = page.lines["theme"].field
    assert isinstance(combo, QComboBox)
    qtbot.waitUntil(lambda: combo.findText("Own: my light") >= 0)
    choose(combo, "Own: my light")
    assert own_window._appearance.theme.name == "my light"
    (config / "themes" / "my light.toml").write_text("ink = 7", "utf-8")
    page._look()
    qtbot.waitUntil(page.news.isVisible)
    assert "my light.toml" in page.news.text()


# Room


def _cut(page: QWidget) -> list[str]:
    """The words of the page that have not the room that they need."""
    found = []
    for part in page.findChildren(QWidget):
        if not part.isVisible() or not isinstance(part, QLabel | QAbstractButton) or not part.text():
            continue
        if isinstance(part, QLabel) and part.wordWrap():
            if part.height() < part.heightForWidth(part.width()):
                found.append(part.text())
        elif part.width() < part.minimumSizeHint().width() or part.height() < part.minimumSizeHint().height() - 1:
            found.append(part.text())
    return found


def _over(page: QWidget) -> list[tuple[str, str]]:
    """Pairs of words that overlap on the page."""
    parts = [part for part in page.findChildren(QWidget) if isinstance(part, QLabel | QAbstractButton | QComboBox)]
    places = [
        (part, QRect(part.mapTo(page, QPoint(0, 0)), part.size()))
        for part in parts
        if part.isVisible() and not part.visibleRegion().isEmpty()
    ]
    return [
        (one.objectName(), other.objectName())
        for index, (one, place) in enumerate(places)
        for other, meets in places[index + 1 :]
        if place.intersects(meets) and not one.isAncestorOf(other) and not other.isAncestorOf(one)
    ]


@pytest.mark.parametrize("size", [(910, 512), (1280, 720), (1920, 1080)])
@pytest.mark.parametrize("factor", [1.0, 1.3])
def test_nothing_is_cut_and_nothing_overlaps(window: MainWindow, qtbot: QtBot, size: tuple[int, int], factor: float):
    appearance: Appearance = window._appearance
    page = opened(window)
    appearance.fit_screen(size[1])
    appearance.choose_text_factor(factor)
    window.resize(*size)
    QApplication.processEvents()
    for shown in (0, 1):
        page.switch.segments[shown].click()
        qtbot.waitUntil(lambda: _cut(page) == [])
        assert _over(page) == []
    assert page._list.horizontalScrollBar().maximum() == 0
    page.switch.segments[0].click()
    appearance.choose_text_factor(1.0)
    appearance.fit_screen(1080)
    window.resize(1920, 1080)
