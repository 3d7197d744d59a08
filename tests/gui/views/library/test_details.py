"""The details of the chosen run: what they say, when they are there, and the notes that are written in them."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import pytest
from PySide6.QtCore import Qt
from pytestqt.qtbot import QtBot

from engine.recording.parcel import Parcel
from engine.recording.recording import Recording
from engine.runs.verdict.findings import Outlook
from engine.runs.verdict.judging import Try, Verdict
from gui.views.library.library import LibraryView
from gui.views.library.notes import MOST
from gui.views.library.rows import Column
from tests.gui.driving import CONTROL, SHIFT, Key, click, press, write
from tests.gui.views.library.conftest import PATIENCE_MS, MakeView
from tests.gui.views.library.library_runs import CONFIG, falling, recorded, rows_of_losses, writer_of

WIDE = 1900
NEVER = Verdict(
    Outlook.NOT_LEARNING,
    "Not learning: no better than always answering the mean, after 3,000 steps",
    "The loss is 0.163.",
    Try("cell", "lstm", "LSTM instead of RNN: gradients vanish"),
)


def buttons(view: LibraryView) -> list[str]:
    """What can be pressed for the chosen runs, in order."""
    found = view.buttons
    every = (found.open, found.resume, found.use, found.compare, found.delete)
    return [button.text() for button in every if button.isVisible()]


def steps_drawn(view: LibraryView) -> int:
    return int(view.details.curve.curves.picture.steps)


def notes_of(path: Path) -> str:
    with Recording(path) as recording:
        return str(recording.about().notes)


def test_the_chosen_run_has_its_verdict_loss_settings_and_notes(
    make_view: MakeView, folder: Path, qtbot: QtBot
) -> None:
    config = replace(CONFIG, cell="rnn", optimizer="sgd")
    recorded(folder / "a.lstmrec", config, losses=falling(300, 0.01), verdict=NEVER, name="too long", notes="one\ntwo")
    view = make_view(width=WIDE, runs=1)
    details = view.details
    assert details.isVisible()
    assert details.name.text() == "too long"
    assert "Plain RNN" in details.what.text()
    assert details.verdict.text() == f"{NEVER.sentence}."
    assert details.reason.text() == NEVER.reason
    assert details.advice.text() == "LSTM instead of RNN: gradients vanish."
    assert details.facts.text().startswith("300 of 400 steps")
    assert "Cell: Plain RNN (usually LSTM)" in details.settings.text().splitlines()
    assert "Sequence length T: 6 (usually 50)" in details.settings.text().splitlines()
    assert "Device" not in details.settings.text()
    assert details.notes.toPlainText() == "one\ntwo"
    assert buttons(view) == ["Open", "Resume", "Use settings", "Delete"]
    qtbot.waitUntil(lambda: steps_drawn(view) == 300)
    line = details.curve.curves.picture.lines[0]
    assert line.curves.median[-1] == pytest.approx(0.01, rel=0.1)
    assert details.curve.curves.picture.trivial is not None
    at = details.curve.curves.place(150, 0.1).toPoint()
    qtbot.mouseMove(details.curve.curves, at)
    qtbot.waitUntil(lambda: details.curve.words.text().startswith("Step 1"))
    click(qtbot, view.buttons.open)
    qtbot.waitUntil(lambda: view.training.run.recorded is not None)


def test_several_none_and_an_unreadable_run_say_what_can_be_done(
    make_view: MakeView, three: Path, qtbot: QtBot
) -> None:
    (three / "x.lstmrec").write_bytes(b"something else, longer than a header")
    view = make_view(width=WIDE, runs=4)
    details = view.details
    qtbot.waitUntil(lambda: details.name.text() == "x")
    assert "is not a recording" in details.words.text()
    assert not details.notes.isVisible()
    view.table.select({"c.lstmrec"})
    press(Key.Key_Down)
    press(Key.Key_Down, SHIFT)
    assert details.name.text() == "2 runs are chosen"
    assert "baseline" in details.words.text()
    assert "They differ in cell" in details.words.text()
    assert buttons(view) == ["Compare", "Delete"]
    view.table.selectAll()
    assert details.name.text() == "4 runs are chosen"
    view.table.clearSelection()
    assert details.name.text() == "No run is chosen"
    assert buttons(view) == []
    view.search.setText("nowhere")
    qtbot.waitUntil(lambda: bool(view.table.words))
    assert details.name.text() == "No run is chosen"


def test_with_little_room_the_details_are_folded_and_that_is_remembered(
    make_view: MakeView, three: Path, qtbot: QtBot
) -> None:
    view = make_view(width=1250, runs=3)
    assert not view.details.isVisible()
    assert buttons(view) == ["Open", "Resume", "Use settings", "Compare", "Delete"]
    press(Key.Key_D)
    assert view.details.isVisible()
    assert view.fold.isChecked()
    assert buttons(view) == ["Open", "Resume", "Use settings", "Delete"]
    assert view.table.horizontalScrollBar().maximum() == 0
    view.resize(WIDE, 600)
    assert view.details.isVisible()
    click(qtbot, view.fold)
    assert not view.details.isVisible()
    another = make_view(width=1250, runs=3)
    assert another.details.isVisible()
    another.resize(WIDE, 600)
    assert not another.details.isVisible()


def test_an_empty_library_has_no_details(make_view: MakeView, folder: Path, qtbot: QtBot) -> None:
    view = make_view(width=WIDE)
    qtbot.waitUntil(view.empty.isVisible)
    assert not view.details.isVisible()
    qtbot.waitUntil(view.empty.hasFocus)  # not the number at the foot, which a key would change
    recorded(folder / "a.lstmrec")
    view.refresh()
    qtbot.waitUntil(view.details.isVisible)
    qtbot.waitUntil(view.table.hasFocus)
    assert view.details.curve.words.text() in ("Reading the loss …", "No training step is recorded yet.")
    qtbot.waitUntil(lambda: view.details.curve.words.text() == "No training step is recorded yet.")


def test_a_run_that_is_written_is_followed(make_view: MakeView, folder: Path, qtbot: QtBot) -> None:
    writer = writer_of(folder / "z.lstmrec", losses=falling(50, 0.1))
    view = make_view(width=WIDE, runs=1)
    qtbot.waitUntil(lambda: steps_drawn(view) == 50)
    assert buttons(view)[0] == "Follow"
    writer.write(Parcel([rows_of_losses(CONFIG, [0.05] * 250)]))
    qtbot.waitUntil(lambda: steps_drawn(view) == 300, timeout=PATIENCE_MS)
    assert view.details.facts.text().startswith("300 of 400 steps")
    assert "in training" in view.details.facts.text()
    writer.close({"state": "stopped"})
    qtbot.waitUntil(lambda: "stopped" in view.details.facts.text(), timeout=PATIENCE_MS)


def test_notes_are_the_same_in_the_details_and_in_the_table(make_view: MakeView, three: Path, qtbot: QtBot) -> None:
    view = make_view(width=WIDE, runs=3)
    notes, table = view.details.notes, view.table
    press(Key.Key_N)
    assert notes.hasFocus()
    notes.selectAll()
    write("first")
    press(Key.Key_Return)
    write("second")
    press(Key.Key_Return, CONTROL)
    assert table.hasFocus()
    assert table.runs.rows[0].run.notes == "first\nsecond"
    qtbot.waitUntil(lambda: notes_of(three / "c.lstmrec") == "first\nsecond")
    assert table.runs.index(0, Column.NOTES).data() == "first"
    press(Key.Key_N)
    write(" thoughts")
    press(Key.Key_Escape)  # takes back what was typed
    assert notes.toPlainText() == "first\nsecond"
    press(Key.Key_N)
    write("!")
    row = view.table.visualRect(table.runs.index(1, Column.TASK)).center()
    click(qtbot, table.viewport(), row)  # another run: what was typed belongs to the first
    assert notes.toPlainText() == ""
    qtbot.waitUntil(lambda: "!" in notes_of(three / "c.lstmrec"))
    assert notes_of(three / "b.lstmrec") == ""
    table.runs.setData(table.runs.index(1, Column.NOTES), "from the table")
    assert notes.toPlainText() == "from the table"


def test_notes_are_kept_at_a_pause_in_the_typing_and_esc_still_takes_them_back(
    make_view: MakeView, three: Path, qtbot: QtBot
) -> None:
    view = make_view(width=WIDE, runs=3)
    notes = view.details.notes
    press(Key.Key_N)
    before = notes.toPlainText()
    write("thoughts ")
    qtbot.waitUntil(lambda: notes_of(three / "c.lstmrec") == f"thoughts {before}", timeout=PATIENCE_MS)
    write("on ")
    assert notes.hasFocus()
    assert notes.toPlainText() == f"thoughts on {before}"
    press(Key.Key_Escape)
    assert notes.toPlainText() == before
    qtbot.waitUntil(lambda: notes_of(three / "c.lstmrec") == before, timeout=PATIENCE_MS)


def test_undo_is_that_of_the_notes_while_there_is_something_and_then_the_librarys(
    make_view: MakeView, three: Path, qtbot: QtBot
) -> None:
    view = make_view(width=WIDE, runs=3)
    press(Key.Key_Delete)
    qtbot.waitUntil(lambda: len(view.table.runs.rows) == 2)
    notes = view.details.notes
    notes.setFocus()
    write("x")
    press(Key.Key_Z, CONTROL)
    assert notes.toPlainText() == ""
    assert len(view.table.runs.rows) == 2
    press(Key.Key_Z, CONTROL)
    qtbot.waitUntil(lambda: len(view.table.runs.rows) == 3)


def test_a_hall_sees_the_details_without_their_buttons_and_notes(make_view: MakeView, three: Path) -> None:
    view = make_view(width=WIDE, runs=3)
    before = buttons(view)
    view.tools.appearance.present(True)
    press(Key.Key_D)
    assert view.details.isVisible()
    assert view.details.verdict.isVisible()
    assert not view.details.notes.isVisible()
    view.table.selectAll()
    assert not [button for button in buttons(view) if button]
    view.table.select({"c.lstmrec"})
    view.tools.appearance.present(False)
    assert buttons(view) == before
    assert view.details.notes.isVisible()


def test_of_endless_notes_the_beginning_is_read_and_nothing_is_changed(
    make_view: MakeView, folder: Path, qtbot: QtBot
) -> None:
    endless = "x" * 1_000_000
    recorded(folder / "a.lstmrec", notes=endless)
    view = make_view(width=WIDE)
    notes = view.details.notes
    qtbot.waitUntil(notes.isReadOnly)
    assert notes.toPlainText() == "x" * MOST + " …\n990,000 more characters"
    notes.setFocus()
    view.table.setFocus()
    assert notes_of(folder / "a.lstmrec") == endless
    tip = view.table.runs.data(view.table.runs.index(0, Column.NOTES), Qt.ItemDataRole.ToolTipRole)
    assert len(tip) < MOST
