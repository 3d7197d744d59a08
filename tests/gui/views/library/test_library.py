"""The library of runs: real recordings, listed, searched, named, opened, compared, put into the bin and back."""

from __future__ import annotations

import os
import threading
from dataclasses import replace
from datetime import timedelta
from pathlib import Path
from typing import Any, cast

import numpy as np
import pytest
from PySide6.QtCore import QPoint, Qt, QUrl
from PySide6.QtGui import QDesktopServices, QFontMetrics
from PySide6.QtWidgets import QApplication, QLineEdit, QMenu, QMessageBox
from pytestqt.qtbot import QtBot

from engine.formats.link import LinkedSettings, read_link
from engine.recording.about import About, RecordingError
from engine.recording.lock import WriterLock
from engine.recording.parcel import Parcel
from engine.recording.recording import Recording
from engine.runs.snapshot import Snapshot
from engine.runs.verdict.findings import Outlook
from engine.runs.verdict.judging import Verdict
from gui.appearance.text_size import NOTE
from gui.appearance.theme import font
from gui.views.library.library import LibraryView
from gui.views.library.rows import Column
from gui.window.main_window import MainWindow
from tests.gui.conftest import Windows
from tests.gui.driving import CONTROL, LEFT, NONE, SHIFT, Key, answer, click, dialog, press, write
from tests.gui.views.library.conftest import PATIENCE_MS, MakeView
from tests.gui.views.library.library_runs import (
    CONFIG,
    STARTED,
    broken_off,
    falling,
    recorded,
    rows_of_losses,
    snapshot,
    writer_of,
)


def wait_until_read(view: LibraryView, qtbot: QtBot) -> None:
    """Wait until everything has come that was asked of the folder before."""
    came: list[None] = []
    view._files.run(lambda: None, came.append)
    qtbot.waitUntil(lambda: bool(came))


def files(view: LibraryView) -> list[str]:
    """The first letters of the listed files."""
    return [row.file.partition(".")[0] for row in view.table.runs.rows]


def text(view: LibraryView, row: int, column: Column) -> str:
    return str(view.table.runs.index(row, column).data())


def middle(view: LibraryView, row: int, column: Column) -> QPoint:
    return view.table.visualRect(view.table.runs.index(row, column)).center()


def click_on(qtbot: QtBot, view: LibraryView, row: int, column: Column, modifiers: Any = NONE) -> None:
    qtbot.mouseClick(view.table.viewport(), LEFT, modifiers, middle(view, row, column))


def double_click_on(qtbot: QtBot, view: LibraryView, row: int, column: Column) -> None:
    at = middle(view, row, column)
    qtbot.mouseClick(view.table.viewport(), LEFT, NONE, at)
    qtbot.mouseDClick(view.table.viewport(), LEFT, NONE, at)


def selected(view: LibraryView) -> list[str]:
    return [row.file.partition(".")[0] for row in view.table.selected]


def about(path: Path) -> About:
    with Recording(path) as recording:
        return recording.about()


def sentences(view: LibraryView) -> list[str]:
    said: list[str] = []
    view.message.connect(said.append)
    return said


# The table


def test_an_empty_library_says_what_to_do(make_view: MakeView, folder: Path, qtbot: QtBot) -> None:
    view = make_view()
    qtbot.waitUntil(view.empty.isVisible)
    assert [button.text() for button in view.empty.buttons] == ["Train (Ctrl+T)"]
    assert "0 runs" in view.footer.taken.text()
    for button in (view.buttons.open, view.buttons.resume, view.buttons.use, view.buttons.compare, view.buttons.delete):
        assert not button.isEnabled()
    click(qtbot, view.footer.on)
    view.refresh()
    qtbot.waitUntil(lambda: "new runs are not recorded" in view.empty.text())
    assert [button.text() for button in view.empty.buttons] == ["Record new runs", "Train (Ctrl+T)"]
    recorded(folder / "a.lstmrec")
    view.refresh()
    qtbot.waitUntil(lambda: files(view) == ["a"])
    assert not view.table.words
    assert not view.empty.isVisible()


def test_a_folder_that_cannot_be_read_gets_its_sentence(make_view: MakeView, folder: Path, qtbot: QtBot) -> None:
    folder.rmdir()
    folder.write_text("no folder")
    view = make_view()
    qtbot.waitUntil(lambda: "LSTM_VISUALIZER_RUNS" in view.table.words)
    folder.unlink()
    folder.mkdir()
    recorded(folder / "a.lstmrec")
    view.refresh()
    qtbot.waitUntil(lambda: files(view) == ["a"])


def test_every_column_says_what_the_run_is(make_view: MakeView, three: Path) -> None:
    view = make_view(runs=3)
    assert files(view) == ["c", "b", "a"]  # the newest first
    assert selected(view) == ["c"]
    assert text(view, 0, Column.NAME) == "Adding problem, GRU k 3, 1 layer"
    assert text(view, 0, Column.NOTES) == "for Monday"
    assert text(view, 1, Column.NAME) == "baseline"
    assert [text(view, 1, column) for column in (Column.TASK, Column.CELL)] == ["Adding problem", "LSTM k 3, 1 layer"]
    assert [text(view, 1, column) for column in (Column.STEPS, Column.SEED)] == ["300", "3"]
    assert text(view, 1, Column.DEVICE) == "cpu"
    best = float(np.mean(np.float32(falling(300, 0.01))[-100:]))
    assert float(text(view, 1, Column.LOSS)) == pytest.approx(best, rel=0.01)
    assert text(view, 2, Column.LOSS) == ""
    assert text(view, 2, Column.STATE) == "stopped"
    assert "3 runs" in view.footer.taken.text()


def test_what_cannot_be_read_what_broke_off_and_what_is_written_say_so(
    make_view: MakeView, folder: Path, qtbot: QtBot
) -> None:
    (folder / "x.lstmrec").write_bytes(b"something else, longer than a header")
    broken_off(folder / "y.lstmrec", falling(50, 0.1))
    writer = writer_of(folder / "z.lstmrec", losses=falling(20, 0.1))
    view = make_view(runs=3)
    states = {row.file[0]: row.texts[Column.STATE] for row in view.table.runs.rows}
    assert states == {"x": "unreadable", "y": "interrupted", "z": "in training"}
    place = files(view).index("x")
    tip = view.table.runs.index(place, Column.NAME).data(3)  # ToolTipRole
    assert "is not a recording" in tip
    click_on(qtbot, view, place, Column.TASK)
    assert not view.buttons.open.isEnabled()
    assert view.buttons.delete.isEnabled()
    said = sentences(view)
    press(Key.Key_Return)
    assert said == [tip]
    click_on(qtbot, view, files(view).index("z"), Column.TASK)
    assert view.buttons.open.text() == "Follow"
    assert not view.buttons.resume.isEnabled()
    writer.write(Parcel([rows_of_losses(CONFIG, [0.05] * 30)]))
    qtbot.waitUntil(lambda: text(view, files(view).index("z"), Column.STEPS) == "50", timeout=PATIENCE_MS)
    assert selected(view) == ["z"]
    writer.close({"state": "stopped"})
    qtbot.waitUntil(lambda: text(view, files(view).index("z"), Column.STATE) == "stopped", timeout=PATIENCE_MS)
    assert view.buttons.open.text() == "Open"


def test_a_run_just_begun_is_starting_and_not_unreadable(make_view: MakeView, folder: Path, qtbot: QtBot) -> None:
    path = folder / "x.lstmrec"
    lock = WriterLock(path, {})
    try:
        path.touch()  # as a writer leaves it for a moment
        view = make_view(runs=1)
        assert text(view, 0, Column.STATE) == "starting"
        assert "has just been begun" in view.table.runs.index(0, Column.NAME).data(3)  # ToolTipRole
        with pytest.raises(RecordingError, match="still being written"):
            view.recordings.library.remove(view.table.runs.rows[0].run)
    finally:
        lock.release()
    view.refresh()
    qtbot.waitUntil(lambda: text(view, 0, Column.STATE) == "unreadable")


def test_no_name_is_cut_while_there_is_room(make_view: MakeView, folder: Path, qtbot: QtBot) -> None:
    name = "Adding problem, forget bias 1, gradients clipped at 1, for Monday's lecture"
    recorded(folder / "a.lstmrec", name=name)
    recorded(folder / "b.lstmrec", replace(CONFIG, cell="peephole"))
    view = make_view(width=1900, runs=2)
    needed = QFontMetrics(font(view.tools.appearance.text(NOTE))).horizontalAdvance(name)
    assert view.table.columnWidth(Column.NAME) > needed
    assert view.table.horizontalScrollBar().maximum() == 0
    view.table.setColumnWidth(Column.NAME, 60)  # by hand
    view.resize(1700, 600)
    assert view.table.columnWidth(Column.NAME) == 60
    narrow = make_view(width=1110, runs=2)
    assert narrow.table.columnWidth(Column.NAME) < needed
    assert narrow.table.horizontalScrollBar().maximum() == 0


def test_the_menu_of_a_run_does_what_the_buttons_do(make_view: MakeView, three: Path, qtbot: QtBot) -> None:
    view = make_view(runs=3)
    at = middle(view, 1, Column.TASK)
    view.table.customContextMenuRequested.emit(at)
    menu = QApplication.activePopupWidget()
    assert isinstance(menu, QMenu)
    assert selected(view) == ["b"]
    offered = {action.text(): action for action in menu.actions() if not action.isSeparator()}
    kept = ["Rename", "Write notes", "Pin", "Delete"]
    assert [*offered] == ["Open", "Resume", "Use settings", "Compare", "Copy a link to its settings", *kept]
    assert not offered["Compare"].isEnabled()
    offered["Copy a link to its settings"].trigger()
    linked, about = read_link(QApplication.clipboard().text()), view.table.runs.rows[1].run.about
    assert isinstance(linked, LinkedSettings)
    assert about is not None
    assert linked.on_this_machine(about.config) == about.config
    offered["Pin"].trigger()
    menu.close()
    qtbot.waitUntil(lambda: view.table.runs.rows[1].run.pinned)


def test_a_click_on_a_head_sorts_and_what_is_unknown_comes_last(make_view: MakeView, three: Path, qtbot: QtBot) -> None:
    view = make_view(runs=3)
    header = view.table.horizontalHeader()
    at = QPoint(header.sectionViewportPosition(Column.LOSS) + 20, header.height() // 2)
    click_on(qtbot, view, 1, Column.TASK)
    qtbot.mouseClick(header.viewport(), LEFT, NONE, at)
    assert files(view) == ["c", "b", "a"]
    qtbot.mouseClick(header.viewport(), LEFT, NONE, at)
    assert files(view) == ["b", "c", "a"]
    assert selected(view) == ["b"]
    view.table.setFocus()
    while view.table.currentIndex().column() != Column.STEPS:
        press(Key.Key_Right)
    press(Key.Key_S)
    assert files(view) == ["a", "b", "c"]
    press(Key.Key_S)
    assert files(view) == ["c", "b", "a"]


def test_a_search_finds_words_and_settings(make_view: MakeView, three: Path, qtbot: QtBot) -> None:
    view = make_view(runs=3)
    press(Key.Key_F, CONTROL)
    assert view.search.hasFocus()
    write("seed 3")
    qtbot.waitUntil(lambda: files(view) == ["b"], timeout=PATIENCE_MS)
    view.search.selectAll()
    write("gru monday")
    qtbot.waitUntil(lambda: files(view) == ["c"], timeout=PATIENCE_MS)
    view.search.selectAll()
    write("nowhere")
    qtbot.waitUntil(lambda: files(view) == [], timeout=PATIENCE_MS)
    assert "nowhere" in view.table.words
    press(Key.Key_Escape)
    assert files(view) == ["c", "b", "a"]
    assert view.table.hasFocus()
    press(Key.Key_F, CONTROL)
    write("sgd")
    press(Key.Key_Return)  # at once, without waiting for the typing to pause
    assert files(view) == ["b"]
    assert view.table.hasFocus()


def test_selection_and_place_stay_when_runs_come_and_go(make_view: MakeView, folder: Path, qtbot: QtBot) -> None:
    for number in range(40):
        started = (STARTED + timedelta(minutes=number)).isoformat()
        recorded(folder / f"{number:02d}.lstmrec", started=started)
    view = make_view(height=300, runs=40)
    view.table.verticalScrollBar().setValue(20 * view.table.verticalHeader().defaultSectionSize() + 3)
    click_on(qtbot, view, 22, Column.TASK)
    click_on(qtbot, view, 24, Column.TASK, CONTROL)
    before, top = selected(view), view.table.runs.rows[view.table.rowAt(0)].file
    offset = view.table.rowViewportPosition(view.table.rowAt(0))
    assert len(before) == 2
    recorded(folder / "new.lstmrec", started=(STARTED + timedelta(days=1)).isoformat())
    (folder / "38.lstmrec").unlink()
    (folder / "37.lstmrec").unlink()
    qtbot.waitUntil(lambda: "new" in files(view) and "37" not in files(view), timeout=PATIENCE_MS)
    assert selected(view) == before
    assert view.table.runs.rows[view.table.rowAt(0)].file == top
    assert view.table.rowViewportPosition(view.table.rowAt(0)) == offset


# What the user keeps of a run


def editor(view: LibraryView) -> QLineEdit:
    found = QApplication.focusWidget()
    assert isinstance(found, QLineEdit)
    assert found is not view.search
    return found


def test_a_run_is_renamed_with_the_keyboard(make_view: MakeView, three: Path, qtbot: QtBot) -> None:
    view = make_view(runs=3)
    press(Key.Key_Down)
    press(Key.Key_F2)
    assert editor(view).text() == "baseline"
    write("twice as good")
    recorded(three / "d.lstmrec", started=(STARTED + timedelta(days=1)).isoformat())
    view.refresh()
    wait_until_read(view, qtbot)  # the news have come and wait
    assert editor(view).text() == "twice as good"
    press(Key.Key_Return)
    assert "twice as good" in [row.texts[Column.NAME] for row in view.table.runs.rows]
    qtbot.waitUntil(lambda: about(three / "b.lstmrec").name == "twice as good")
    qtbot.waitUntil(lambda: files(view) == ["d", "c", "b", "a"])
    assert text(view, 2, Column.NAME) == "twice as good"
    assert selected(view) == ["b"]
    assert view.table.hasFocus()


def test_notes_are_written_by_double_click_or_key(make_view: MakeView, three: Path, qtbot: QtBot) -> None:
    view = make_view(runs=3)
    double_click_on(qtbot, view, 1, Column.NOTES)
    editor(view)
    write("not so bad")
    press(Key.Key_Return)
    qtbot.waitUntil(lambda: about(three / "b.lstmrec").notes == "not so bad")
    press(Key.Key_Up)
    press(Key.Key_N)
    assert editor(view).text() == "for Monday"
    write("gone")
    press(Key.Key_Escape)
    assert view.table.hasFocus()
    assert text(view, 0, Column.NOTES) == "for Monday"


def test_a_name_that_cannot_be_kept_is_taken_back(make_view: MakeView, three: Path, qtbot: QtBot) -> None:
    view = make_view(runs=3)
    said = sentences(view)
    press(Key.Key_F2)
    write("too late")
    (three / "c.lstmrec").unlink()
    press(Key.Key_Return)
    qtbot.waitUntil(lambda: files(view) == ["b", "a"])
    assert "c.lstmrec" in said[0]


def test_runs_are_pinned_by_click_and_key(make_view: MakeView, three: Path, qtbot: QtBot) -> None:
    view = make_view(runs=3)
    click_on(qtbot, view, 1, Column.PIN)
    assert text(view, 1, Column.PIN) == "pinned"
    assert selected(view) == ["c"]  # a click on the pin selects nothing
    qtbot.waitUntil(lambda: about(three / "b.lstmrec").pinned)
    press(Key.Key_Down, SHIFT)
    press(Key.Key_P)
    qtbot.waitUntil(lambda: about(three / "c.lstmrec").pinned)
    assert about(three / "b.lstmrec").pinned  # pinned together, as not all were
    press(Key.Key_P)
    qtbot.waitUntil(lambda: not about(three / "c.lstmrec").pinned and not about(three / "b.lstmrec").pinned)
    wait_until_read(view, qtbot)
    assert {text(view, row, Column.PIN) for row in range(3)} == {""}


# What is done with a run


def test_return_and_a_double_click_open_a_run(make_view: MakeView, three: Path, qtbot: QtBot) -> None:
    view = make_view(runs=3)
    press(Key.Key_Return)
    qtbot.waitUntil(lambda: view.training.run.recorded is not None)
    assert view.training.run.recorded is not None
    assert view.training.run.recorded.path == three / "c.lstmrec"
    double_click_on(qtbot, view, 1, Column.STEPS)
    qtbot.waitUntil(lambda: cast(Any, view.training.run.recorded).path == three / "b.lstmrec")
    assert view.training.run.history.count == 300


def test_a_run_without_a_checkpoint_is_not_resumed(make_view: MakeView, three: Path, qtbot: QtBot) -> None:
    view = make_view(runs=3)
    refused: list[str] = []
    view.recordings.refused.connect(refused.append)
    click(qtbot, view.buttons.resume)
    qtbot.waitUntil(lambda: bool(refused))
    assert "c.lstmrec has no checkpoint" in refused[0]
    assert not view.training.active


def test_the_next_run_gets_the_settings_of_one(make_view: MakeView, three: Path, qtbot: QtBot) -> None:
    view = make_view(runs=3)
    said, wanted = sentences(view), []
    view.recordings.settings_wanted.connect(wanted.append)
    press(Key.Key_Down)
    click(qtbot, view.buttons.use)
    assert view.training.config == replace(CONFIG, seed=3, optimizer="sgd")
    assert wanted == [view.training.config]
    assert "baseline" in said[-1]
    assert "Ctrl+T" in said[-1]


def test_the_footer_sets_room_and_recording(
    make_view: MakeView, three: Path, qtbot: QtBot, monkeypatch: pytest.MonkeyPatch
) -> None:
    view = make_view(runs=3)
    assert view.recordings.on
    click(qtbot, view.footer.on)
    assert not view.recordings.on
    view.footer.limit.setFocus()
    view.footer.limit.selectAll()
    write("2.5")
    press(Key.Key_Return)
    assert view.recordings.limit_gb == 2.5
    shown: list[QUrl] = []
    monkeypatch.setattr(QDesktopServices, "openUrl", lambda url: shown.append(url) or True)
    click(qtbot, view.footer.show_folder)
    assert [url.toLocalFile() for url in shown] == [str(three)]


# The bin


def test_runs_go_to_the_bin_and_come_back(make_view: MakeView, three: Path, tmp_path: Path, qtbot: QtBot) -> None:
    view = make_view(runs=3)
    said = sentences(view)
    before = (three / "b.lstmrec").read_bytes()
    assert not view.undo.isVisible()
    press(Key.Key_Down, SHIFT)
    assert selected(view) == ["c", "b"]
    press(Key.Key_Delete)
    qtbot.waitUntil(lambda: files(view) == ["a"])
    bin_files = tmp_path / "data" / "Trash" / "files"
    assert sorted(os.listdir(bin_files)) == ["b.lstmrec", "c.lstmrec"]
    assert "2 runs are in the bin" in said[-1]
    assert view.undo.isVisible()
    view.table.selectAll()
    press(Key.Key_Delete)
    qtbot.waitUntil(lambda: files(view) == [])
    click(qtbot, view.undo)
    qtbot.waitUntil(lambda: files(view) == ["a"])
    press(Key.Key_Z, CONTROL)
    qtbot.waitUntil(lambda: files(view) == ["c", "b", "a"])
    assert not view.undo.isVisible()
    assert (three / "b.lstmrec").read_bytes() == before
    assert not os.listdir(bin_files)
    assert not os.listdir(tmp_path / "data" / "Trash" / "info")


def test_a_run_that_broke_off_goes_whole(make_view: MakeView, folder: Path, tmp_path: Path, qtbot: QtBot) -> None:
    broken_off(folder / "y.lstmrec", falling(50, 0.1))
    view = make_view(runs=1)
    view.table.setFocus()
    press(Key.Key_Delete)
    qtbot.waitUntil(lambda: files(view) == [])
    in_bin = tmp_path / "data" / "Trash" / "files" / "y.lstmrec"
    with Recording(in_bin) as recording:
        assert recording.about().steps == 50
    assert [name for name in os.listdir(folder) if name.startswith("y")] == []


def test_a_run_that_is_written_stays(make_view: MakeView, folder: Path, qtbot: QtBot) -> None:
    writer = writer_of(folder / "z.lstmrec", losses=falling(20, 0.1))
    view = make_view(runs=1)
    said = sentences(view)
    press(Key.Key_Delete)
    qtbot.waitUntil(lambda: bool(said))
    assert f"still being written by process {os.getpid()}" in said[0]
    assert (folder / "z.lstmrec").exists()
    assert not view.undo.isVisible()
    writer.close({})


def test_what_has_another_in_its_place_stays_in_the_bin(
    make_view: MakeView, three: Path, tmp_path: Path, qtbot: QtBot
) -> None:
    view = make_view(runs=3)
    said = sentences(view)
    press(Key.Key_Delete)
    qtbot.waitUntil(lambda: files(view) == ["b", "a"])
    recorded(three / "c.lstmrec")
    press(Key.Key_Z, CONTROL)
    qtbot.waitUntil(lambda: "cannot be brought back" in said[-1])
    assert (tmp_path / "data" / "Trash" / "files" / "c.lstmrec").exists()


@pytest.mark.parametrize("sure", [False, True])
def test_without_a_bin_removing_is_asked_for(
    make_view: MakeView, three: Path, qtbot: QtBot, monkeypatch: pytest.MonkeyPatch, sure: bool
) -> None:
    monkeypatch.setenv("XDG_DATA_HOME", "/dev/null/nowhere")
    view = make_view(runs=3)
    press(Key.Key_Delete)
    box = dialog(qtbot, view.window(), QMessageBox)
    assert "no bin" in box.text()
    buttons = QMessageBox.StandardButton
    assert box.defaultButton() is box.button(buttons.Cancel)
    answer(qtbot, box, buttons.Ok if sure else buttons.Cancel)
    if sure:
        qtbot.waitUntil(lambda: files(view) == ["b", "a"])
    assert (three / "c.lstmrec").exists() is not sure
    assert not view.undo.isVisible()


# Runs over each other


def compared(qtbot: QtBot, view: LibraryView) -> None:
    """Compare the first two runs, with the keyboard but for the last click."""
    view.table.setFocus()
    press(Key.Key_Down, SHIFT)
    click(qtbot, view.buttons.compare)
    assert view.overlay.isVisible()
    qtbot.waitUntil(lambda: view.overlay.resting)


def shown_gates(view: LibraryView) -> list[Snapshot]:
    return [gates for gates in view.overlay._gates if isinstance(gates, Snapshot)]


def test_losses_lie_over_each_other_and_gates_side_by_side(make_view: MakeView, three: Path, qtbot: QtBot) -> None:
    view = make_view(height=800, runs=3)
    assert not view.buttons.compare.isEnabled()
    compared(qtbot, view)
    overlay = view.overlay
    picture = overlay.curves.picture
    assert [line.name for line in picture.lines] == ["GRU", "baseline"]
    assert picture.steps == 400
    assert picture.unit == "step"
    for line, losses in zip(picture.lines, (falling(400, 0.002), falling(300, 0.01)), strict=True):
        assert line.curves.median[-1] == pytest.approx(losses[-1], rel=0.1)
        assert np.all(line.curves.low <= line.curves.median)
        assert np.all(line.curves.median <= line.curves.high)
    assert "cell" in overlay.reading.text()
    assert [gates.step for gates in shown_gates(view)] == [400, 300]  # the last of each
    overlay.step.setFocus()
    overlay.step.selectAll()
    write("120")
    press(Key.Key_Return)
    qtbot.waitUntil(lambda: overlay.resting)
    assert [gates.step for gates in shown_gates(view)] == [150, 100]  # the nearest of each
    shown = overlay.gates.maps.shown
    assert [float(cast(Any, values)[1][0, 0]) for values in shown] == pytest.approx([0.15, 0.1])
    overlay.slider.setFocus()
    press(Key.Key_Home)
    qtbot.waitUntil(lambda: overlay.resting)
    assert overlay.step.value() == 1
    assert [gates.step for gates in shown_gates(view)] == [1, 1]
    at = overlay.curves.place(300, 0.1).toPoint()
    qtbot.mouseClick(overlay.curves, LEFT, NONE, at)
    qtbot.waitUntil(lambda: overlay.resting)
    assert overlay.step.value() == pytest.approx(300, abs=2)
    press(Key.Key_Escape)
    assert view.table.isVisible()
    assert view.table.hasFocus()
    assert selected(view) == ["c", "b"]


def test_keys_walk_through_the_steps_where_a_hall_does_not_see_the_slider(
    make_view: MakeView, three: Path, qtbot: QtBot
) -> None:
    view = make_view(height=800, runs=3)
    compared(qtbot, view)
    overlay = view.overlay
    overlay.slider.setFocus()
    view.tools.appearance.present(True)
    assert not overlay.slider.isVisible()
    assert not overlay.step.hasFocus()  # a hall would see its cursor
    press(Key.Key_Home)
    assert overlay.step.value() == 1
    press(Key.Key_Right)
    assert overlay.step.value() == 100
    view.tools.appearance.present(False)
    assert overlay.slider.isVisible()


def test_with_other_batches_the_axis_counts_sequences(make_view: MakeView, folder: Path, qtbot: QtBot) -> None:
    recorded(folder / "a.lstmrec", losses=falling(100, 0.01), moments=(100,))
    recorded(folder / "b.lstmrec", replace(CONFIG, batch_size=8), losses=falling(100, 0.01), moments=(100,))
    view = make_view(runs=2)
    compared(qtbot, view)
    picture = view.overlay.curves.picture
    assert picture.unit == "sequence"
    assert picture.steps == 800
    assert sorted(line.curves.steps[-1] for line in picture.lines) == pytest.approx([400, 800], rel=0.05)
    assert sorted(line.name for line in picture.lines) == ["B = 4", "B = 8"]


def test_a_run_that_goes_on_is_followed(make_view: MakeView, three: Path, qtbot: QtBot) -> None:
    newest = (STARTED + timedelta(days=1)).isoformat()
    writer = writer_of(three / "z.lstmrec", losses=falling(50, 0.1), moments=(50,), started=newest)
    view = make_view(runs=4)
    compared(qtbot, view)
    assert view.overlay.curves.picture.lines[0].curves.steps[-1] <= 50
    writer.write(Parcel([rows_of_losses(CONFIG, [0.05] * 550)], [snapshot(CONFIG, 600)]))
    qtbot.waitUntil(lambda: view.overlay.curves.picture.steps == 600, timeout=PATIENCE_MS)
    qtbot.waitUntil(lambda: view.overlay.resting)
    assert shown_gates(view)[0].step == 600  # who stood at the end stays there
    writer.close({})


def test_a_run_that_is_gone_says_so_in_its_place(make_view: MakeView, three: Path, qtbot: QtBot) -> None:
    view = make_view(runs=3)
    view._timer.stop()
    (three / "c.lstmrec").unlink()
    compared(qtbot, view)
    assert "c.lstmrec" in view.overlay.reading.text()
    missing, other = view.overlay.gates.maps.missing
    assert "does not exist" in missing
    assert other == ""


def test_there_are_tabs_where_there_is_little_room(make_view: MakeView, three: Path, qtbot: QtBot) -> None:
    view = make_view(width=640, height=350, runs=3)
    compared(qtbot, view)
    overlay = view.overlay
    assert overlay.tabs.isVisible()
    assert overlay.curves.isVisible()
    assert not overlay.gates.isVisible()
    overlay.tabs.setFocus()
    press(Key.Key_Right)
    assert overlay.gates.isVisible()
    assert not overlay.curves.isVisible()
    view.resize(1110, 700)
    qtbot.waitUntil(lambda: overlay.curves.isVisible() and overlay.gates.isVisible())


def test_letters_are_for_a_hall_while_presenting(make_view: MakeView, three: Path, qtbot: QtBot) -> None:
    view = make_view(width=1900, height=1000, runs=3)
    desk = view.table.rowHeight(0)
    view.tools.appearance.present(True)
    view.ensurePolished()
    scale = view.tools.appearance.scale
    assert view.table.rowHeight(0) > 1.5 * desk
    for widget in (
        view.search,
        view.buttons.open,
        view.footer.taken,
        view.footer.folder,
        view.table.horizontalHeader(),
    ):
        assert widget.fontInfo().pixelSize() >= round(24 * scale)
    view.tools.appearance.present(False)
    assert view.table.rowHeight(0) == desk


def test_keys_of_the_library_are_not_the_windows(
    three: Path, own_window: MainWindow, windows: Windows, qtbot: QtBot
) -> None:
    press(Key.Key_8, CONTROL)
    view = cast(LibraryView, own_window.stage.view("library"))
    assert own_window.stage.front == "library"
    qtbot.waitUntil(lambda: files(view) == ["c", "b", "a"])
    assert view.table.hasFocus()
    for key in (Key.Key_End, Key.Key_Home, Key.Key_PageDown, Key.Key_PageUp, Key.Key_Down):
        press(key)
    assert selected(view) == ["b"]
    press(Key.Key_F2)
    assert own_window.stage.front == "library"
    write("mine")
    press(Key.Key_Return)
    assert text(view, 1, Column.NAME) == "mine"
    press(Key.Key_Delete)
    qtbot.waitUntil(lambda: files(view) == ["c", "a"])
    press(Key.Key_Z, CONTROL)
    qtbot.waitUntil(lambda: files(view) == ["c", "b", "a"])
    with qtbot.waitSignal(own_window.training.recordings.opened):
        press(Key.Key_Return)
    assert own_window.training.controller.run.recorded is not None
    press(Key.Key_8, CONTROL)
    press(Key.Key_Escape)
    assert own_window.stage.front == "library"  # there is nothing left to leave
    windows.close(own_window)
    assert not [thread for thread in threading.enumerate() if thread.name.startswith("library")]


def test_the_verdict_of_a_run_has_a_column_that_sorts_from_solved_to_diverged(
    make_view: MakeView, folder: Path
) -> None:
    said = {
        "a": Verdict(Outlook.DIVERGED, "Diverged at step 2: the loss is 3·10⁷, the trivial answer’s 0.04"),
        "b": Verdict(Outlook.SOLVED, "Solved at step 63: the last 2,000 sequences within 0.03", "Asked are 0.04."),
        "c": None,  # an old recording
    }
    for name, verdict in said.items():
        recorded(folder / f"{name}.lstmrec", losses=falling(50, 0.1), verdict=verdict)
    view = make_view(runs=3)
    found = {row.file[0]: row.texts[Column.VERDICT] for row in view.table.runs.rows}
    assert found == {"a": "diverged", "b": "solved", "c": ""}
    view.table.sortByColumn(Column.VERDICT, Qt.SortOrder.AscendingOrder)
    assert files(view) == ["b", "a", "c"]
    tip = view.table.runs.data(view.table.runs.index(0, Column.VERDICT), Qt.ItemDataRole.ToolTipRole)
    assert tip.splitlines() == [
        "Solved at step 63: the last 2,000 sequences within 0.03.",
        "Asked are 0.04.",
        "Nothing to change.",
    ]
