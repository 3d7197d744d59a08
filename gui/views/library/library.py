"""The view Library: a table of all recorded runs to search, open, resume and delete, and a page to compare some."""

from __future__ import annotations

import time
from collections.abc import Callable, Sequence
from dataclasses import replace
from functools import partial
from pathlib import Path
from typing import Any

from PySide6.QtCore import QPoint, Qt, QTimer
from PySide6.QtGui import QKeyEvent, QKeySequence, QResizeEvent
from PySide6.QtWidgets import QMessageBox, QStackedWidget, QWidget

from engine.recording.about import RecordingError
from engine.recording.library import Run
from engine.recording.writer import set_of_user
from gui.commands.popup import Entry, popup
from gui.jobs.background import Background
from gui.views.base import Tools
from gui.views.hall import only_at_desk
from gui.views.library.actions import RunActions, link_entry
from gui.views.library.details import RunDetails
from gui.views.library.folder import Seen, look
from gui.views.library.footer import LibraryFooter
from gui.views.library.overlay import OverlayPage
from gui.views.library.rows import Column, Row, row_of, runs_are, runs_in_words
from gui.views.library.table import RunsTable
from gui.views.library.trash import Binned, BinReport, bring_back, move_to_bin
from gui.views.offers import command
from gui.views.training_view import LabView
from gui.widgets.buttons import Button
from gui.widgets.editor import Editor
from gui.widgets.empty_place import EmptyPlace
from gui.widgets.labels import called
from gui.widgets.layouts import in_column, in_row, show_instead
from gui.widgets.message_box import Buttons, message_box
from gui.widgets.own_keys import OwnKeys

_LOOK_MS = 2000
"""Between two looks at the folder."""
_SHARE = 10
"""Times that reading may take; a library that takes longer is read more seldom."""
_TYPING_MS = 120  # a pause this long between two letters means that the user wants to see what was found
_EMPTY = "No run is recorded yet. Train one, and it is listed here."
_EMPTY_OFF = "No run is recorded yet, and new runs are not recorded. Record them, then train one."


class LibraryView(LabView):
    """Lists recorded runs; opens, resumes, names, pins, compares and removes them."""

    has_run_timeline = False

    def __init__(self, tools: Tools) -> None:
        super().__init__(tools)
        if tools.recordings is None:
            raise ValueError("the library needs the recordings in its tools")
        self.recordings = tools.recordings
        self._files = Background("library", self)
        self._rows: dict[Path, Row] = {}
        self._seen = Seen()
        self._nbytes = 0
        self._changes = 0  # what was read before the last of them is out of date
        self._bins: list[tuple[Binned, ...]] = []
        self._timer = self.while_shown(_LOOK_MS, self._on_timer)
        self._typing = QTimer(self, singleShot=True, interval=_TYPING_MS)
        self.search = called("Search the recorded runs", Editor())
        self.table, self.empty = called("Recorded runs", RunsTable(tools.appearance)), EmptyPlace(tools.appearance)
        self.empty.hide()
        self.footer = LibraryFooter(self.recordings, tools.appearance)
        self.overlay = OverlayPage(self._files, tools.appearance)
        self.buttons, self.details = RunActions(tools.appearance), RunDetails(tools.appearance, tools.stored)
        self.undo, self.fold = Button("Undo"), Button("Details")
        self._stack = QStackedWidget()
        self._set_up()
        self._connect()
        self._update_buttons()

    def _set_up(self) -> None:
        px = self.tools.appearance.px
        self.search.setPlaceholderText("Search: task, notes, seed 3 …")
        self.search.setToolTip("List the runs that contain all of these words, or a setting’s value: seed 3 (Ctrl+F)")
        self.search.setClearButtonEnabled(False)
        self.undo.setToolTip("Bring back the runs deleted last (Ctrl+Z)")
        self.fold.setToolTip("Show the loss, the settings and the notes of the chosen run beside the table (D)")
        self.fold.setCheckable(True)
        self._head = in_row((self.search, 1), self.buttons, self.undo, self.fold, spacing=px(6))
        page, listed = QWidget(), QWidget()
        in_column((self.table, 1), (self.empty, 1), self.footer, inside=listed, margins=0, spacing=px(8))
        beside = in_row((listed, 1), self.details, spacing=px(12))
        in_column(self._head, (beside, 1), inside=page, margins=0, spacing=px(8))
        self.details.hide()
        self._stack.addWidget(page)
        self._stack.addWidget(self.overlay)
        in_column(self._stack, inside=self, margins=(px(12), px(8), px(12), px(10)))
        self.setFocusProxy(self.table)
        self.undo.hide()
        only_at_desk(self.search, self.footer, self.fold)

    def _connect(self) -> None:
        OwnKeys(self, self._means)
        self._typing.timeout.connect(self._on_search)
        self.search.textChanged.connect(lambda _text: self._typing.start())
        self.search.returnPressed.connect(self._leave_search)
        self.table.chosen.connect(self._update_buttons)
        self.table.opened.connect(self._open)
        self.table.pin_wanted.connect(self._pin)
        self.table.bin_wanted.connect(self._delete)
        self.table.setContextMenuPolicy(Qt.ContextMenuPolicy.CustomContextMenu)
        self.table.customContextMenuRequested.connect(self._show_menu)
        self.table.runs.written_in.connect(self._on_written)
        self.buttons.open.clicked.connect(lambda: self._with_one(self._open))
        self.buttons.resume.clicked.connect(lambda: self._with_one(self._resume))
        self.buttons.use.clicked.connect(lambda: self._with_one(self._use))
        self.buttons.compare.clicked.connect(self._compare)
        self.buttons.delete.clicked.connect(self._delete)
        self.fold.clicked.connect(self._show_details)
        self.table.details_wanted.connect(self.fold.click)
        self.table.notes_wanted.connect(self._write_notes)
        self.details.notes.written.connect(lambda row, notes: self._on_written(row, Column.NOTES, notes))
        self.details.notes.left.connect(self.table.setFocus)
        self.undo.clicked.connect(self._undo)
        self.overlay.closed.connect(self.show_table)
        self.footer.message.connect(self.message)

    # Reading the folder

    def show_news(self) -> None:
        """Draw nothing: the run in training is read from its file."""

    def restyle(self) -> None:
        self.table.fit_text()
        self._arrange()

    def refresh(self) -> None:
        """Read the folder in the background; what is asked for meanwhile is read once more afterwards."""
        library, seen, known, changes = self.recordings.library, self._seen, self._rows, self._changes

        def work() -> tuple[Seen, float]:
            begin_s = time.thread_time()
            return look(library, seen, known), time.thread_time() - begin_s

        self._files.run(work, partial(self._on_read, changes), self._on_unreadable, RecordingError, "folder")

    def _on_timer(self) -> None:
        if self._stack.currentWidget() is self.overlay:
            self.overlay.follow()
        self.refresh()

    def _on_read(self, changes: int, found: tuple[Seen, float]) -> None:
        seen, took_s = found
        self._timer.setInterval(max(_LOOK_MS, round(_SHARE * 1000 * took_s)))
        if changes != self._changes:
            return  # it is read again after what was changed
        if seen is not self._seen:
            self._seen = seen
            self._rows = {row.run.path: row for row in seen.rows}
            self._nbytes = sum(row.run.nbytes for row in seen.rows)
            self.table.show_rows(seen.rows)
            self._update_buttons()
        self._update_words()

    def _on_unreadable(self, error: Exception) -> None:
        self._seen, self._rows, self._nbytes = Seen(), {}, 0
        self.table.show_rows([])
        self.table.show_words(str(error))
        show_instead(self.table, self.empty, takes_keys=True)
        self._arrange()

    def _update_words(self) -> None:
        """Say how many runs there are, and what to do where none is shown."""
        self.footer.show_room(len(self._rows), self._nbytes)
        if self._rows:
            words = f"No run contains all of these words: {self.search.text().strip()}. Esc shows all runs."
            self.table.show_words(words)
            show_instead(self.table, self.empty, takes_keys=True)
            self._arrange()
            return
        train = command(self, "Train (Ctrl+T)", "train", "Train the network with the chosen task and settings")
        record = command(self, "Record new runs", "record", "Record each run in a file of its own")
        offers = (train,) if self.recordings.on else (record, train)
        self.empty.show_offers(_EMPTY if self.recordings.on else _EMPTY_OFF, *offers)
        show_instead(self.empty, self.table, takes_keys=True)
        self._arrange()

    # The details

    def _show_details(self, shown: bool) -> None:
        self.details.want(self.width(), shown)
        self._arrange()

    def _write_notes(self) -> None:
        if self.details.isHidden():
            self.fold.click()
        self.details.notes.setFocus()

    def _arrange(self) -> None:
        """Have the details beside the table, and the buttons at their foot, or all buttons in the head."""
        if self._stack.currentWidget() is not self.overlay:
            self.setFocusProxy(self.empty if self.table.isHidden() else self.table)
        wanted, there = self.details.wanted(self.width()), bool(self._rows)
        self.fold.setChecked(wanted)
        self.fold.setEnabled(there)
        self.details.fit_width(self.width())
        shown = wanted and there
        if shown != self.details.isHidden():
            return
        if shown:
            self.details.take(self.buttons)
        else:
            self._head.insertWidget(1, self.buttons)
            self.buttons.set_apart(False)
        self.details.setVisible(shown)
        self.table.stand_beside(shown)
        self._update_buttons()

    def resizeEvent(self, event: QResizeEvent) -> None:
        super().resizeEvent(event)
        self._arrange()

    # Searching

    def _on_search(self) -> None:
        self.table.runs.search(self.search.text())
        self._update_words()

    def _leave_search(self) -> None:
        self._typing.stop()
        self._on_search()
        if self.table.runs.rows:
            self.table.setFocus()

    # What is done with runs

    def _with_one(self, act: Callable[[Row], None]) -> None:
        rows = self.table.selected
        if len(rows) == 1:
            act(rows[0])

    def _open(self, row: Row) -> None:
        if row.run.about is None:
            self.message.emit(row.run.problem)
        else:
            self.recordings.open(row.run.path)

    def _resume(self, row: Row) -> None:
        self.recordings.resume(row.run.path)

    def _use(self, row: Row) -> None:
        """Let the next run have the settings of this one; where it is computed stays as it is."""
        if row.run.about is None:
            return
        here = self.training.config
        config = self.recordings.named.came_with(row.run.about.config, here)
        config = replace(config, worker=here.worker, device=here.device)
        self.training.config = config
        self.recordings.settings_wanted.emit(config)
        begins = "Start over (Ctrl+R)" if self.training.active else "Train (Ctrl+T)"
        self.message.emit(f"The next run has the settings of “{row.run.title}”; {begins} starts it")

    def _compare(self) -> None:
        rows = [row for row in self.table.selected if row.run.about is not None]
        if self.buttons.compare.isEnabled():  # they are neither too few nor too many
            self._stack.setCurrentWidget(self.overlay)
            self.setFocusProxy(self.overlay.slider)
            self.overlay.slider.setFocus()
            self.overlay.show_runs([row.run for row in rows])

    def show_table(self) -> None:
        """Return from the overlay to the table."""
        self._stack.setCurrentIndex(0)
        self.setFocusProxy(self.table)
        self.table.setFocus()

    def _show_menu(self, at: QPoint) -> None:
        """Offer for the runs under the cursor what the buttons and keys do."""
        self.table.select_at(at)
        table, rows = self.table, self.table.selected
        some, pinned = bool(rows), all(row.run.pinned for row in rows)
        named = [
            Entry("Rename", partial(table.write, int(Column.NAME)) if len(rows) == 1 else None, begins=True),
            Entry("Write notes", partial(table.write, int(Column.NOTES)) if len(rows) == 1 else None),
            Entry("Unpin" if some and pinned else "Pin", partial(self._pin, rows) if some else None),
            Entry("Delete", self._delete if some else None, begins=True),
        ]
        offered = [
            Entry(button.text(), button.click if button.isEnabled() else None) for button in self.buttons.offered
        ]
        popup(self, table.viewport().mapToGlobal(at), [*offered, link_entry(rows, self.message.emit), *named])

    # What the user keeps of a run

    def _on_written(self, row: Row, column: int, text: str) -> None:
        row = self._rows.get(row.run.path, row)  # it may have changed while that was written
        self._change([row], **({"name": text.strip()} if column == Column.NAME else {"notes": text}))

    def _pin(self, rows: Sequence[Row]) -> None:
        """Pin runs, or no longer if all of them are."""
        rows = [row for row in rows if row.run.about is not None]
        if rows:
            self._change(rows, pinned=not all(row.run.pinned for row in rows))

    def _change(self, rows: Sequence[Row], **members: Any) -> None:
        """Show at once what the user has changed, and write it in the background."""
        changed = [replace(row.run, about=replace(row.run.about, **members)) for row in rows if row.run.about]
        fresh = [row_of(run) for run in changed]
        self._rows = {**self._rows, **{row.run.path: row for row in fresh}}
        self._seen = Seen()
        self.table.exchange(fresh)
        self._update_buttons()
        self._write(lambda run: set_of_user(run.path, **members), [row.run for row in rows])

    def _write(self, act: Callable[[Run], object], runs: Sequence[Run]) -> None:
        """Do something with the files of runs in the background, then read the folder."""
        self._changes += 1

        def work() -> None:
            for run in runs:
                act(run)

        self._files.run(work, lambda _none: self.refresh(), self._on_unchanged, RecordingError)

    def _on_unchanged(self, error: Exception) -> None:
        self._changes += 1
        self.message.emit(str(error))
        self.refresh()

    # The bin

    def _delete(self) -> None:
        runs = [row.run for row in self.table.selected]
        if runs:
            self._changes += 1
            self._files.run(lambda: move_to_bin(runs), self._on_binned)

    def _on_binned(self, report: BinReport) -> None:
        if report.binned:
            self._bins.append(report.binned)
            self.message.emit(f"{runs_are(len(report.binned), report.binned[0].title)} in the bin; Ctrl+Z brings back")
        if report.problems:
            self.message.emit(report.problems[0])
        if report.without:
            self._ask_to_remove(report.without)
        self.undo.setVisible(bool(self._bins))
        self.refresh()

    def _ask_to_remove(self, runs: Sequence[Run]) -> None:
        """Ask whether runs that no bin takes are to be removed for good."""
        words = f"This folder has no bin. Remove {runs_in_words(len(runs), runs[0].title)} for good?"
        icon, more = QMessageBox.Icon.Question, "They cannot be brought back."
        buttons = {Buttons.Ok: "Remove for good", Buttons.Cancel: ""}
        box = message_box(self.window(), icon, "Delete runs", words, more, buttons, Buttons.Cancel)
        box.accepted.connect(lambda: self._write(self.recordings.library.remove, runs))

    def _undo(self) -> None:
        """Bring back what was deleted last."""
        if self._bins:
            binned = self._bins.pop()
            self._changes += 1
            self._files.run(lambda: bring_back(binned), partial(self._on_back, binned))
            self.undo.setVisible(bool(self._bins))

    def _on_back(self, binned: Sequence[Binned], problems: list[str]) -> None:
        self.message.emit(problems[0] if problems else f"{runs_are(len(binned), binned[0].title)} back from the bin")
        self.refresh()

    # Keys

    def keyPressEvent(self, event: QKeyEvent) -> None:
        act = self._means(event)
        if act is not None:
            act()
        else:
            super().keyPressEvent(event)

    def _means(self, event: QKeyEvent) -> Callable[[], object] | None:
        """Return what a key does here; None where it is the window's."""
        on_table = self._stack.currentWidget() is not self.overlay
        if event.matches(QKeySequence.StandardKey.Undo) and self._bins and on_table:
            return self._undo
        if event.matches(QKeySequence.StandardKey.Find) and on_table:
            return self.search.setFocus
        if event.key() == Qt.Key.Key_Escape and not on_table:
            return self.show_table
        if event.key() == Qt.Key.Key_Escape and self.search.text():
            return self._clear_search
        return None

    def _clear_search(self) -> None:
        self.search.clear()
        self._leave_search()

    # Words

    def _update_buttons(self) -> None:
        rows = self.table.selected
        self.buttons.show_rows(rows)
        if not self.details.isHidden():
            self.details.show_rows(rows)
