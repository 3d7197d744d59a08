"""The lessons of a window: the page beside the views, its keys and commands, and the files."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Protocol

from PySide6.QtCore import QEvent, QObject, Qt, Signal
from PySide6.QtGui import QKeyEvent
from PySide6.QtWidgets import QApplication, QFileDialog, QMainWindow, QWidget

from engine.errors import PlainError
from engine.lessons.lesson import Lesson, LessonError, Mistake
from engine.lessons.reading import SUFFIX, place_of
from gui.commands.registry import Registry
from gui.commands.views import VIEWS
from gui.document.files import Files
from gui.jobs.background import Background
from gui.lessons.check import check_lesson
from gui.lessons.course import Course
from gui.lessons.reader import Reader
from gui.lessons.recorded import add_stop, directives_of, nearest_example
from gui.lessons.runner import Runner
from gui.lessons.tour import Tour
from gui.playback.walk import Walk
from gui.views.base import Tools
from gui.widgets.layouts import in_row
from gui.widgets.themed.file_dialog import use_own_icons

_WAYS = {Qt.Key.Key_PageDown: "next", Qt.Key.Key_PageUp: "back"}
"""The keys of a clicker."""
_NARROW = 1700
"""Pixels of width at 1080 lines below which the panel at the left is folded while a lesson is on."""


class Stage(Protocol):
    """What shows the views: the name of the one in front, and what the playback's keys move in it."""

    front: str

    @property
    def walk(self) -> Walk: ...


class Lessons(QObject):
    """Opens lessons, and stands beside the views while one is on."""

    said = Signal(str)
    """A sentence for the status line."""

    def __init__(
        self,
        window: QMainWindow,
        tools: Tools,
        commands: Registry,
        files: Files,
        stage: Stage,
        warn: Callable[[str, str], None],
    ) -> None:
        """warn: shows a title and a sentence that must be seen."""
        super().__init__(window)
        self._window, self._tools, self._commands, self._stage, self._warn = window, tools, commands, stage, warn
        self._background = Background("lessons", self)
        runner = Runner(tools, commands, lambda: stage.front, lambda: stage.walk, self)
        self.course = Course(tools, commands, runner, self)
        self.tour = Tour(self.course, self.open, self)
        self.reader = Reader(self.course, tools.appearance)
        self.reader.followed.connect(runner.follow)
        self.windows: list[QWidget] = [window]
        """Those in which a clicker's keys go through the lesson."""
        self._folded = False
        self._recorded: Path | None = None
        """Where stops are added."""
        for part in (runner, self.course, self.tour):
            part.said.connect(self.said)
        self.course.began.connect(self._on_began)
        self.course.ended.connect(self._on_ended)
        files.before_leaving = self.end
        tools.appearance.changed.connect(self.fit)
        window.installEventFilter(self)

    def around(self, middle: QWidget) -> QWidget:
        """Return a widget with the page at the left of what it speaks of."""
        both = QWidget()
        in_row(self.reader, (middle, 1), inside=both, margins=0, spacing=self._tools.appearance.px(12))
        return both

    def fit(self) -> None:
        """Follow the window's width."""
        self.reader.fit(self._window.width())

    def register_commands(self, commands: Registry) -> None:
        """Say what the commands of lessons do."""
        course, on = self.course, lambda: self.course.on
        commands.register("lesson", self.open)
        self.tour.register_commands(commands)
        commands.register("open lesson", self.open_dialog)
        commands.register("lesson next", course.next, possible=on)
        commands.register("lesson back", course.back, possible=lambda: course.on and not course.at_begin)
        commands.register("page", course.to_page, possible=on)
        commands.register("add stop", self.add_stop, possible=lambda: not self._tools.model.visiting)
        commands.register("end lesson", self.end, possible=on)

    # ---- files

    def open(self, name: str) -> None:
        """Open a lesson by its name or its file; one with mistakes is not begun."""

        def show(read: tuple[Path, Lesson, list[Mistake]]) -> None:
            path, lesson, mistakes = read
            if mistakes:
                first, more = mistakes[0], len(mistakes) - 1
                rest = f" There {'is 1 more mistake' if more == 1 else f'are {more} more mistakes'}." if more else ""
                self._refuse(
                    f"{path.name}, line {first.line}: {first.sentence}.{rest} “lstm-visualizer lesson FILE --check” "
                    "lists them all."
                )
            elif not lesson.stops:
                self._refuse(f"{path.name}: there is no text; write some below the title")
            else:
                self.course.begin(lesson)

        def read() -> tuple[Path, Lesson, list[Mistake]]:
            path = place_of(name)
            return path, *check_lesson(path)

        self._background.run(read, show, lambda error: self._refuse(str(error)), PlainError)

    def _refuse(self, sentence: str) -> None:
        self._warn("No lesson was begun", sentence)

    def open_dialog(self) -> None:
        """Let the user choose a lesson's file."""
        dialog = self._dialog("Open a lesson")
        dialog.fileSelected.connect(self.open)
        dialog.open()

    def add_stop(self) -> None:
        """Write what is on the screen to the end of a lesson's file; the file is asked for once."""
        if self._recorded is not None:
            self._add_stop(self._recorded)
            return
        dialog = self._dialog("Add a stop to which lesson?")
        dialog.setAcceptMode(QFileDialog.AcceptMode.AcceptSave)
        dialog.setOption(QFileDialog.Option.DontConfirmOverwrite)  # it is added to
        dialog.setDefaultSuffix(SUFFIX[1:])
        dialog.fileSelected.connect(lambda chosen: self._add_stop(Path(chosen)))
        dialog.open()

    def _dialog(self, title: str) -> QFileDialog:
        dialog = QFileDialog(self._window, title)
        dialog.setNameFilters([f"Lessons (*{SUFFIX})", "All files (*)"])
        use_own_icons(dialog)
        dialog.finished.connect(dialog.deleteLater)
        return dialog

    def _add_stop(self, path: Path) -> None:
        document, view, playback = self._tools.model.document, self._stage.front, self._tools.playback
        operation = playback.operation.name if playback.operation else ""
        backwards, t = self._commands.bound("backwards").is_on(), playback.t + 1

        def work() -> int:
            example = nearest_example(document)
            return add_stop(path, VIEWS[view].title, directives_of(document, example, view, operation, t, backwards))

        def told(stops: int) -> None:
            self._recorded = path
            self.said.emit(f"Added stop {stops} to {path.name}; write its text there")

        self._background.run(work, told, lambda error: self._refuse(str(error)), (PlainError, LessonError))

    # ---- while one is on

    def end(self) -> None:
        """End the lesson, if one is on."""
        self.course.end()

    def _on_began(self) -> None:
        self.fit()
        application = QApplication.instance()
        assert application is not None
        application.installEventFilter(self)
        fold = self._commands.bound("fold")
        narrow = self._window.width() < self._tools.appearance.px(_NARROW)
        self._folded = narrow and fold.is_possible() and not fold.is_on()
        if self._folded:
            self._commands.run("fold on")
        self._commands.told()

    def _on_ended(self) -> None:
        application = QApplication.instance()
        assert application is not None
        application.removeEventFilter(self)
        if self._folded and self._commands.bound("fold").is_possible():
            self._commands.run("fold off")
        self._commands.told()

    def eventFilter(self, watched: QObject, event: QEvent) -> bool:
        if event.type() == QEvent.Type.Resize and watched is self._window:
            self.fit()
        keys = QEvent.Type.ShortcutOverride, QEvent.Type.KeyPress
        if not self.course.on or event.type() not in keys or not isinstance(event, QKeyEvent):
            return False
        way = _WAYS.get(Qt.Key(event.key()))
        bare = event.modifiers() in (Qt.KeyboardModifier.NoModifier, Qt.KeyboardModifier.KeypadModifier)
        inside = isinstance(watched, QWidget) and watched.window() in self.windows
        if way is None or not bare or not inside or QApplication.activePopupWidget() is not None:
            return False
        event.accept()
        if event.type() == QEvent.Type.KeyPress:
            self.next_or_back(way)
        return True

    def next_or_back(self, way: str) -> None:
        """Do what a key of a clicker does: "next" or "back"."""
        (self.course.next if way == "next" else self.course.back)()
