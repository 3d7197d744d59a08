"""The page on a data file: shows how it is read, asks what it leaves open, and says why it cannot be used."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, replace
from functools import partial
from pathlib import Path
from typing import Any

from PySide6.QtCore import Qt, QTimer
from PySide6.QtGui import QIcon
from PySide6.QtWidgets import QDialog, QDialogButtonBox, QHBoxLayout, QProgressBar, QPushButton, QWidget

from engine.settings.config import TrainingConfig, setting
from engine.tables.answers import Answers, DataError, OpenQuestion, ShouldStop
from engine.tasks.data_file import answers_of
from engine.tasks.data_reading import TABLE_TASKS, DataFile, UnreadableError, file_of, read_data
from engine.tasks.series import SeriesTask
from engine.tasks.task_settings import READING
from engine.text.numbers import exact
from gui.appearance.theme import Appearance
from gui.training.file_field import FileReader
from gui.training.reading.answers import AnswersForm
from gui.training.reading.cards import card, plain
from gui.training.reading.columns import ColumnsTable
from gui.training.reading.preview import Line, Preview, lines_of
from gui.training.reading.words import COLUMNS, column_question, facts_of, found_words, in_window, marks_of, notes_of
from gui.widgets.layouts import in_column, in_row, scrolled
from gui.widgets.segments import Segments

_LONG_MS = 1000  # reading that takes longer is spoken of
_MOST_ANSWERS = 0.55  # of the page's height; then they are scrolled
_MOST_NOTES = 12
_MOST_MARKS = 3
_SHIPPED = "Yearly sunspot numbers (example)"


@dataclass(frozen=True)
class _OnPage:
    """What the page shows of a table, made where it is read.

    found: what the file itself says about each answer. marks: what looks like marks, with a sentence on each.
    """

    data: DataFile
    lines: list[Line]
    facts: str
    found: dict[str, str]
    marks: list[tuple[str, str]]
    notes: list[str]


def _read_for_page(wanted: tuple[str, Answers], should_stop: ShouldStop) -> _OnPage:
    data = read_data(*wanted, should_stop)
    found = {name: found_words(name, data.table) for name in READING}
    table = data.table
    return _OnPage(data, lines_of(table, wanted[1]), facts_of(table), found, marks_of(table), notes_of(table))


class ReadingPage(QDialog):
    """Shows the table that a config names as it is read; "Use" hands the answered config on."""

    def __init__(
        self, config: TrainingConfig, use: Callable[[TrainingConfig], None], appearance: Appearance, parent: QWidget
    ) -> None:
        super().__init__(parent)
        self.setAttribute(Qt.WidgetAttribute.WA_DeleteOnClose)
        self.setWindowTitle("How this file is read")
        self._appearance = appearance
        self._config = config if config.task in TABLE_TASKS else replace(config, task=SeriesTask.name)
        self._file = file_of(self._config)
        self._use = use
        self._on_page: _OnPage | None = None
        self._read_with = self._config
        """The settings that the table on the screen was read with."""
        self._asked: dict[str, OpenQuestion] = {}
        self._use_when_read = False
        self._reader = FileReader(_read_for_page, self)
        self._reader.finished.connect(self._on_read)
        self._long = QTimer(self, singleShot=True, interval=_LONG_MS)
        self._long.timeout.connect(self._update_progress)
        self._make()
        self._read()

    def values(self) -> TrainingConfig:
        """Return the settings as they stand on the page; they are not checked."""
        return self._config

    def answer(self, name: str, value: str) -> None:
        """Give an answer: a setting of how the file is read, or of its columns."""
        self._use_when_read = False
        self._config = with_answer(self._config, name, value)
        if name in READING:
            self._read()
        else:
            self._show_choice()

    @property
    def _data(self) -> DataFile | None:
        return self._on_page.data if self._on_page is not None else None

    def accept(self) -> None:
        if self._reader.busy:
            self._use_when_read = True
            self._update_progress()
        elif self._data is None or self._reader.error is not None:
            self._read()  # it may have been mended meanwhile
        elif not self._obstacle():
            self._use(self._config)
            super().accept()

    def done(self, result: int) -> None:
        self._use_when_read = False
        self._long.stop()
        self._reader.forget()
        super().done(result)

    # Making the page

    def _make(self) -> None:
        px = self._appearance.px
        self.facts = plain("muted")
        self._tasks = Segments(tuple((task.columns_are, "") for task in TABLE_TASKS.values()), self._appearance)
        self._tasks.setToolTip("What to learn from the file: the next value of a series, or an outbreak in every area")
        self._tasks.choose(list(TABLE_TASKS).index(self._config.task))
        self._tasks.chosen.connect(self._on_task)
        for segment in self._tasks.segments:
            segment.setAutoDefault(False)
            segment.setEnabled(bool(self._file))  # the shipped file has no areas
        name = plain("documentName")
        name.setText(Path(self._file).name or _SHIPPED)
        name.setMinimumWidth(px(80))
        head = in_row(name, (self.facts, 1), self._tasks, spacing=px(16))
        self.preview = Preview(self._appearance)
        self.columns = ColumnsTable(self._appearance)
        self.columns.columns.answered.connect(self.answer)
        self.form = AnswersForm(self._appearance)
        self.form.answered.connect(self.answer)
        self.question = plain("openQuestion")
        rows = card(self._appearance, "First rows of the file", self.preview)
        self._columns_card = card(self._appearance, "Columns", self.question, self.columns)
        self._answers = scrolled(self.form, focus=False)
        answers = card(self._appearance, "How it is read", self._answers)
        notes = QWidget()
        self._notes = in_column(inside=notes, margins=(0, 0, px(8), 0))
        self._notes_card = card(self._appearance, "Worth knowing", scrolled(notes, focus=False))
        left = in_column((rows, 3), (self._columns_card, 2), spacing=px(12))
        right = in_column((answers, 3), (self._notes_card, 2), spacing=px(12))
        middle = in_row((left, 7), (right, 4), spacing=px(12))
        in_column(head, (middle, 1), self._foot(), inside=self, margins=(px(16), px(12)), spacing=px(10))
        self._columns_card.hide()
        self._notes_card.hide()
        self._use_button.setDefault(True)
        self._use_button.setFocus()
        self._take_size()

    def _foot(self) -> QHBoxLayout:
        px = self._appearance.px
        self.problem = plain("problem")
        self.progress = QProgressBar(textVisible=False, minimum=0, maximum=0)
        self.progress.setFixedWidth(px(160))
        self.stop = QPushButton("Stop reading", autoDefault=False)
        self.stop.clicked.connect(self._on_stop)
        button = QDialogButtonBox.StandardButton
        buttons = QDialogButtonBox(button.Ok | button.Cancel)
        use, cancel = buttons.button(button.Ok), buttons.button(button.Cancel)
        self._use_button = use
        use.setText("Use")
        cancel.setAutoDefault(False)
        for made in (use, cancel):
            made.setIcon(QIcon())
        buttons.accepted.connect(self.accept)
        buttons.rejected.connect(self.reject)
        foot = in_row((self.problem, 1), spacing=px(12))
        for widget in (self.progress, self.stop, buttons):
            foot.addWidget(widget, 0, Qt.AlignmentFlag.AlignVCenter)
        return foot

    def _take_size(self) -> None:
        """Take most of the screen, and no more than its rows need on a large one."""
        px = self._appearance.px
        room = self.screen().availableGeometry() if self.screen() else None
        width, height = px(1500), px(900)
        if room is not None:
            width, height = min(width, round(room.width() * 0.96)), min(height, round(room.height() * 0.92))
        self.resize(width, height)

    # Reading

    def _read(self) -> None:
        """Read the file anew as the answers have it; what is on the screen stays until that is done."""
        if not self._reader.busy:
            self._long.start()
        self._reader.read((self._file, answers_of(self._config)))
        self._show_answers()
        self._update_progress()

    def _on_read(self) -> None:
        self._long.stop()
        if self._reader.content is not None:
            self._on_page, self._read_with = self._reader.content, self._config
        known = len(self._asked)
        self._show()
        use, self._use_when_read = self._use_when_read, False
        if use and not self._reader.busy and len(self._asked) == known and not self._obstacle():
            self.accept()  # not where something has just been asked: nobody has seen it

    def _on_stop(self) -> None:
        """Read no further: the answers are again those of the table on the screen, if there is one."""
        self._reader.forget()
        self._long.stop()
        if self._data is None:
            self.reject()
            return
        before: dict[str, Any] = {name: getattr(self._read_with, name) for name in READING}
        self._config = replace(self._config, **before)
        self._show()

    def _on_task(self, number: int) -> None:
        task = list(TABLE_TASKS)[number]
        named: dict[str, Any] = {"task": task, TABLE_TASKS[task].data_file: self._file}
        self._config = replace(self._config, **named)
        self._show_choice()

    # What is shown

    def _show(self) -> None:
        """Show the table, or why there is none."""
        if self._on_page is not None:
            self.facts.setText(self._on_page.facts)
            table = self._on_page.data.table
            self.preview.show_lines(self._on_page.lines, frozenset(i for i, v in enumerate(table.values) if len(v)))
            self._show_notes(self._on_page)
        elif isinstance(self._reader.error, UnreadableError):
            self.preview.show_text(self._reader.error.lines)
        self._show_choice()

    def _show_choice(self) -> None:
        """Show what is chosen: the likeliest answer to what the table leaves open, unless somebody has answered."""
        if self._ask():
            self._read()
            return
        if self._data is not None:
            self.columns.show_table(self._data.table, self._config)
        self._columns_card.setVisible(self._data is not None)
        matters = partial(getattr, self._config)
        of_columns = (self._asked[name] for name in COLUMNS if name in self._asked)
        asked = next((question for question in of_columns if setting(question.setting).matters(matters)), None)
        self.question.setText("" if asked is None else column_question(asked))
        self.question.setVisible(asked is not None)
        self._show_answers()
        self._update_progress()

    def _show_answers(self) -> None:
        self.form.show_answers(self._config, self._on_page.found if self._on_page is not None else {}, self._asked)
        self._answers.setMinimumHeight(min(self.form.sizeHint().height(), round(self.height() * _MOST_ANSWERS)))

    def _ask(self) -> bool:
        """Choose the likeliest answers to what is open; return whether the file has to be read anew with them."""
        while self._data is not None and self._reader.error is None:
            try:
                self._data.require(self._config)
            except OpenQuestion as question:
                name = question.setting
                if name in self._asked or getattr(self._config, name):
                    return False
                self._asked[name] = question
                self._config = with_answer(self._config, name, question.choices[0].value)
                if name in READING:
                    return True
            except DataError:
                return False
            else:
                return False
        return False

    def _obstacle(self) -> str:
        """Return what stands against using the file, "" if nothing does."""
        if self._reader.error is not None:
            return in_window(str(self._reader.error))
        if self._data is None:
            return ""
        try:
            self._data.require(self._config)
        except DataError as error:
            return in_window(str(error))
        return ""

    def _show_notes(self, shown: _OnPage) -> None:
        for _ in range(self._notes.count()):
            widget = self._notes.takeAt(0).widget()
            if isinstance(widget, QWidget):  # no stretch
                widget.deleteLater()
        marks, notes = shown.marks[:_MOST_MARKS], shown.notes
        for mark, sentence in marks:
            self._add_note(sentence)
            button = QPushButton(f"{exact(float(mark))} means missing", autoDefault=False)
            button.clicked.connect(lambda _=False, mark=mark: self._take_mark(mark))
            self._notes.addWidget(button, 0, Qt.AlignmentFlag.AlignLeft)
        for note in notes[:_MOST_NOTES]:
            self._add_note(note)
        if len(notes) > _MOST_NOTES:
            self._add_note(f"… and {len(notes) - _MOST_NOTES:,} more like these.")
        self._notes.addStretch(1)
        self._notes_card.setVisible(bool(marks or notes))

    def _add_note(self, sentence: str) -> None:
        label = plain("")
        label.setText(sentence)
        self._notes.addWidget(label)

    def _take_mark(self, mark: str) -> None:
        marks = self._config.data_marks
        self.answer("data_marks", f"{marks}, {mark}" if marks.strip() else mark)

    def _update_progress(self) -> None:
        """Say what stands against using the file, or that it is being read."""
        is_long = self._reader.busy and (self._use_when_read or not self._long.isActive())
        self.progress.setVisible(is_long)
        self.stop.setVisible(is_long)
        self.problem.setText("The file is being read …" if is_long else "" if self._reader.busy else self._obstacle())


def with_answer(config: TrainingConfig, name: str, value: str) -> TrainingConfig:
    """Return a config with another answer."""
    answer: dict[str, Any] = {name: value}
    return replace(config, **answer)
