"""Documents on disk, as the window meets them."""

from __future__ import annotations

import json
import os
from pathlib import Path
from threading import Event

import pytest
from PySide6.QtWidgets import QFileDialog, QMessageBox
from pytestqt.qtbot import QtBot

import main
from engine.document.document import blank
from engine.document.document_file import read_document, write_document
from engine.errors import BAD_INPUT
from engine.file_kinds import FORMATS, Format, format_of
from gui.appearance.stored import Stored
from gui.document.files import Files
from gui.window.main_window import MainWindow
from tests.gui.conftest import Windows
from tests.gui.driving import (
    CONTROL,
    SHIFT,
    Key,
    answer,
    assert_diagram_shows_trace,
    choose_file,
    dialog,
    dialogs,
    press,
    sentence_of,
    traced,
)


@pytest.fixture
def other(tmp_path: Path) -> Path:
    """A document of another user's, on disk."""
    path = tmp_path / "other.lstmviz"
    write_document(path, blank(2, 4, 4, seed=5))
    return path


def opened(qtbot: QtBot, window: MainWindow, path: Path) -> None:
    window.files.open(path)
    qtbot.waitUntil(lambda: window.model.shown.path == path)
    traced(qtbot, window)


@pytest.mark.parametrize(
    ("name", "is_recording"),
    [("run.lstmrec", True), ("RUN.LSTMREC", True), ("Run.LstmRec", True), ("A.CSV", False), ("b.Txt", False)],
)
def test_a_file_is_known_by_its_ending_however_it_is_written(
    window: MainWindow, tmp_path: Path, name: str, is_recording: bool
) -> None:
    path = tmp_path / name  # there is none: only where it is sent to counts
    recordings: list[Path] = []
    data: list[Path] = []
    files = Files(window.model, window.files._background, window.files._stored, window)  # whom nobody else hears
    files.openers = {"recordings": recordings.append, "data": data.append}
    files.open(path)
    assert (recordings, data) == (([path], []) if is_recording else ([], [path]))
    files.deleteLater()


TOY = """
from pathlib import Path
from engine.document.document import DocumentError, blank

def read_document(path):
    sizes = [int(word) for word in Path(path).read_text().split()]
    if len(sizes) != 3:
        raise DocumentError("expected three sizes; write m, n and k.")
    return blank(*sizes), ["its weights are 0"]

def write_document(path, document):
    Path(path).write_text(f"{document.m} {document.n} {document.k}")
"""


def test_a_format_is_a_file_and_a_row(
    qtbot: QtBot,
    window: MainWindow,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
) -> None:
    (tmp_path / "toy_format.py").write_text(TOY)
    monkeypatch.syspath_prepend(tmp_path)
    monkeypatch.setitem(FORMATS, "toy", Format("a toy", "toys", (".toy",), module="toy_format"))
    path = tmp_path / "a.TOY"
    path.write_text("2 4 3")
    window.files.open_dialog()
    shown = dialog(qtbot, window, QFileDialog).nameFilters()
    assert "*.toy" in shown[0]
    assert "Toys (*.toy)" in shown
    choose_file(qtbot, window, path)
    qtbot.waitUntil(lambda: window.model.shown.path == path)
    traced(qtbot, window)
    assert (window.model.document.m, window.model.document.n, window.model.document.k) == (2, 4, 3)
    assert window.statusBar().currentMessage() == "its weights are 0"
    window.inputs.add_step()
    window.files.save_dialog()
    assert "*.toy" in dialog(qtbot, window, QFileDialog).nameFilters()[0]
    choose_file(qtbot, window, tmp_path / "b.toy")
    qtbot.waitUntil(lambda: window.model.shown.path == tmp_path / "b.toy")
    assert (tmp_path / "b.toy").read_text() == "2 4 3"
    assert main.main(["trace", str(path)]) == 0
    assert "m = 2, n = 4, k = 3" in capsys.readouterr().out
    path.write_text("2")
    assert main.main(["trace", str(path)]) == BAD_INPUT
    assert capsys.readouterr().err == "expected three sizes; write m, n and k.\n"
    assert "a toy (.toy)" in " ".join(main.window_parser().format_help().split())


def test_every_format_that_is_no_document_has_an_opener(window: MainWindow) -> None:
    assert {each.opener for each in FORMATS.values()} == {"", *window.files.openers}
    assert all(each.opener or each.module for each in FORMATS.values())


@pytest.mark.parametrize(
    ("name", "expected"),
    [("a.lstmviz", "document"), ("a.lstmrec", "recording"), ("A.CSV", "table"), ("a.txt", "table"), ("a.md", "text"),
     ("a", "document"), ("a.json", "document"), (".lstmrec", "document")],
)  # fmt: skip
def test_what_a_name_says_of_a_file(name: str, expected: str) -> None:
    assert format_of(Path(name)) is FORMATS[expected]


def edit(window: MainWindow) -> None:
    window.inputs.add_step()


def test_open_by_the_dialog(window: MainWindow, qtbot: QtBot, other: Path):
    window.playback.seek(4)
    press(Key.Key_O, CONTROL)
    choose_file(qtbot, window, other)
    qtbot.waitUntil(lambda: window.model.shown.path == other)
    traced(qtbot, window)
    assert window.windowTitle() == "other – LSTM Visualizer"
    assert window.model.document.m == 2
    assert window.sizes.boxes["k"].value() == 4
    assert not window.model.undo_stack.canUndo()
    window.playback.seek(window.playback.last)
    assert_diagram_shows_trace(window)
    assert window.statusBar().currentMessage() == "Opened other.lstmviz"


def test_save_as_then_save(window: MainWindow, qtbot: QtBot, tmp_path: Path):
    edit(window)
    press(Key.Key_S, CONTROL)  # it has no file yet: asks where
    choose_file(qtbot, window, tmp_path / "mine")  # the dialog adds the suffix
    path = tmp_path / "mine.lstmviz"
    qtbot.waitUntil(lambda: not window.model.unsaved)
    assert window.model.shown.path == path
    assert window.windowTitle() == "mine – LSTM Visualizer"
    assert len(read_document(path)[0].x) == 2
    edit(window)
    assert window.windowTitle() == "mine * – LSTM Visualizer"
    press(Key.Key_S, CONTROL)
    qtbot.waitUntil(lambda: not window.model.unsaved)
    assert not dialogs(window, QFileDialog)
    document, warnings = read_document(path)
    assert len(document.x) == 3
    assert not warnings
    press(Key.Key_S, CONTROL | SHIFT)
    choose_file(qtbot, window, tmp_path / "second.lstmviz")
    qtbot.waitUntil(lambda: window.model.shown.name == "second")
    assert len(read_document(path)[0].x) == 3


def test_a_cancelled_dialog_changes_nothing(window: MainWindow, qtbot: QtBot, tmp_path: Path):
    edit(window)
    press(Key.Key_S, CONTROL)
    dialog(qtbot, window, QFileDialog).reject()
    assert window.model.unsaved
    assert window.model.shown.path is None
    assert not list(tmp_path.glob("*.lstmviz"))


@pytest.mark.parametrize(
    ("change", "named"),
    [
        (lambda m: m["weights"].pop("W_f"), ["W_f", "4×6"]),
        (lambda m: m["weights"].update(b_i=[1, 2]), ["b_i", "4 numbers", "2 numbers"]),
        (lambda m: m["x"][0].__setitem__(0, "one"), ["x"]),
        (lambda m: m.update(k=3), ["W_f", "3×6", "4×6"]),
        (lambda m: m.update(format="something else"), ["format"]),
    ],
)
def test_a_damaged_file_gets_a_sentence_and_the_screen_stays(
    window: MainWindow, qtbot: QtBot, other: Path, change, named: list[str]
):
    members = json.loads(other.read_text("utf-8"))
    change(members)
    other.write_text(json.dumps(members), "utf-8")
    before = window.model.shown
    window.playback.seek(5)
    window.files.open(other)
    sentence = sentence_of(qtbot, window)
    for word in ("other.lstmviz", *named):
        assert word in sentence
    assert window.model.shown is before
    assert window.playback.position == 5
    assert_diagram_shows_trace(window)
    assert str(other) not in window.files.recent


def test_a_truncated_file_and_one_that_is_not_there(window: MainWindow, qtbot: QtBot, other: Path, tmp_path: Path):
    before = window.model.shown
    other.write_text(other.read_text("utf-8")[:300], "utf-8")
    window.files.open(other)
    assert "other.lstmviz" in sentence_of(qtbot, window)
    window.files.open(tmp_path / "missing.lstmviz")
    assert "missing.lstmviz" in sentence_of(qtbot, window)
    assert window.model.shown is before


def test_an_unknown_key_is_named_and_kept(window: MainWindow, qtbot: QtBot, other: Path):
    members = json.loads(other.read_text("utf-8"))
    members["lecture"] = {"hall": 5}
    other.write_text(json.dumps(members), "utf-8")
    opened(qtbot, window, other)
    assert "lecture" in window.statusBar().currentMessage()
    edit(window)
    press(Key.Key_S, CONTROL)
    qtbot.waitUntil(lambda: not window.model.unsaved)
    assert json.loads(other.read_text("utf-8"))["lecture"] == {"hall": 5}


def test_a_file_that_cannot_be_written_gets_a_sentence(window: MainWindow, qtbot: QtBot, tmp_path: Path):
    edit(window)
    window.files._write(tmp_path / "no such folder" / "mine.lstmviz", None)
    assert "mine.lstmviz: cannot be written" in sentence_of(qtbot, window)
    assert window.model.unsaved
    assert window.model.shown.path is None


def test_closing_and_saving_in_vain_keeps_the_window(window: MainWindow, qtbot: QtBot, other: Path, tmp_path: Path):
    folder = tmp_path / "stick"
    folder.mkdir()
    other = other.rename(folder / "other.lstmviz")
    opened(qtbot, window, other)
    edit(window)
    os.rename(folder, tmp_path / "pulled out")
    window.close()
    answer(qtbot, dialog(qtbot, window, QMessageBox), QMessageBox.StandardButton.Save)
    assert "cannot be written" in sentence_of(qtbot, window)
    assert window.isVisible()
    assert window.model.unsaved


def test_recent_files_newest_first_and_remembered(
    windows: Windows, settings: Stored, qtbot: QtBot, other: Path, tmp_path: Path
):
    window = windows.open(settings)
    assert not window._menus.recent.isEnabled()
    second = tmp_path / "second.lstmviz"
    write_document(second, blank(1, 2, 2))
    opened(qtbot, window, other)
    opened(qtbot, window, second)
    opened(qtbot, window, other)
    assert [action.text() for action in window._menus.recent.actions()] == [str(other), str(second)]
    windows.close(window)
    settings.sync()
    window = windows.open(Stored(Path(settings.fileName())))
    entries = window._menus.recent.actions()
    assert [action.text() for action in entries] == [str(other), str(second)]
    entries[1].trigger()
    qtbot.waitUntil(lambda: window.model.shown.path == second)


def test_opening_asks_for_what_is_not_saved(window: MainWindow, qtbot: QtBot, other: Path):
    edit(window)
    edited = window.model.document
    window.files.open(other)
    answer(qtbot, dialog(qtbot, window, QMessageBox), QMessageBox.StandardButton.Cancel)
    assert window.model.document is edited
    window.files.open(other)
    answer(qtbot, dialog(qtbot, window, QMessageBox), QMessageBox.StandardButton.Discard)
    qtbot.waitUntil(lambda: window.model.shown.path == other)
    assert not window.model.unsaved


def test_a_file_opened_while_another_is_read(window: MainWindow, qtbot: QtBot, other: Path, tmp_path: Path):
    second = tmp_path / "second.lstmviz"
    write_document(second, blank(1, 2, 2))
    window.files.open(other)
    window.files.open(second)
    qtbot.waitUntil(lambda: window.model.shown.path == second)
    traced(qtbot, window)
    assert window.model.document.m == 1
    window.playback.seek(window.playback.last)
    assert_diagram_shows_trace(window)


def test_what_is_edited_while_a_file_is_read_is_asked_for(window: MainWindow, qtbot: QtBot, other: Path):
    go_on = Event()
    window.background.run(go_on.wait, lambda _done: None)  # the disk is slow
    window.files.open(other)
    edit(window)
    mine = window.model.document
    go_on.set()
    answer(qtbot, dialog(qtbot, window, QMessageBox), QMessageBox.StandardButton.Cancel)
    assert window.model.document is mine
    window.model.undo_stack.undo()
    opened(qtbot, window, other)


def test_what_is_edited_while_the_file_is_saved_is_asked_for_before_closing(
    own_window: MainWindow, qtbot: QtBot, tmp_path: Path
):
    window = own_window
    edit(window)
    window.model.saved(blank(1, 1, 1), tmp_path / "slow.lstmviz")  # it has a name from now on
    go_on = Event()
    window.background.run(go_on.wait, lambda _done: None)
    window.close()
    answer(qtbot, dialog(qtbot, window, QMessageBox), QMessageBox.StandardButton.Save)
    edit(window)
    go_on.set()
    answer(qtbot, dialog(qtbot, window, QMessageBox), QMessageBox.StandardButton.Cancel)
    assert window.isVisible()
    assert window.model.unsaved
    window.model.undo_stack.setClean()
