"""The box of tasks: those of the program, then the user's own, found in a child process, then a way to write one."""

from __future__ import annotations

from pathlib import Path

from PySide6.QtCore import Qt, QTimer, Signal
from PySide6.QtWidgets import QComboBox

from engine.settings.config import TrainingConfig, setting
from engine.tables.answers import DataError
from engine.tasks import TASKS
from engine.tasks.own import CHILD_DIED, OwnTask, is_own, own_files, put_example, remember_own, tell_own_tasks, words_of
from gui.jobs.background import Background

WRITE = "write"
"""The value of the entry that makes the folder for one's own tasks."""
_WORDS = "Your own task…"


class TaskBox(QComboBox):
    """Lists every task; looks at the user's folder at the start and whenever it is opened."""

    chosen = Signal(str)
    """The value of the setting `task`."""
    found = Signal()
    """Other files, or other sizes in them, than before."""
    said = Signal(str)
    """A sentence for the status line."""

    def __init__(self) -> None:
        super().__init__()
        self._own: tuple[OwnTask, ...] = ()
        self._task = ""
        self._background = Background("tasks", self)
        for value, words in setting("task").choices.items():
            self.addItem(words, value)
        self._built_in = self.count()
        self._list()
        self.activated.connect(self._on_activated)
        QTimer.singleShot(0, self, self.look)  # after the window is there

    def choose(self, task: str) -> None:
        """Show the task of a config, also one whose file is not found (yet)."""
        self._task = task
        self._list()

    def inputs_of(self, config: TrainingConfig) -> str:
        """Return the number of inputs of the task of a config; "m" where only its data tell."""
        for own in self._own:
            if own.value == config.task:
                return str(own.input_size) if own.input_size else "m"
        task = TASKS.get(config.task)
        if task is None or (task.inputs_from and getattr(config, task.inputs_from)):
            return "m"
        return str(task.input_size)

    def look(self) -> None:
        """Find the user's tasks, in a child process where there are any: that runs their files."""
        self._background.run_apart(lambda _dropped: bool(own_files()), self._ask, self._miss, DataError)

    def showPopup(self) -> None:
        self.look()
        super().showPopup()

    def _ask(self, there_are: bool) -> None:
        if there_are:
            self._background.run_in_child(tell_own_tasks, (TrainingConfig(),), self._take, self._miss, CHILD_DIED)
        else:
            self._take(())

    def _take(self, found: tuple[OwnTask, ...]) -> None:
        remember_own(found)
        if found != self._own:
            self._own = found
            self._list()
            self.found.emit()

    def _miss(self, error: Exception) -> None:
        self.said.emit(str(error))

    def _list(self) -> None:
        """List the user's tasks after the program's own, and choose the task in force."""
        entries = [(words_of(own), own.value, own.error or str(own.path)) for own in self._own]
        if is_own(self._task) and self._task not in [own.value for own in self._own]:
            entries.append((self._task, self._task, "This file does not exist yet"))
        entries.append((_WORDS, WRITE, "Make a folder for your own tasks, with an example to start from"))
        for place, (words, value, tip) in enumerate(entries, self._built_in):
            if place >= self.count():
                self.addItem(words)
            self.setItemText(place, words)
            self.setItemData(place, value)
            self.setItemData(place, tip, Qt.ItemDataRole.ToolTipRole)
        while self.count() > self._built_in + len(entries):
            self.removeItem(self.count() - 1)
        self.setCurrentIndex(max(0, self.findData(self._task)))

    def _on_activated(self, index: int) -> None:
        value = self.itemData(index)
        if value == WRITE:
            self.setCurrentIndex(max(0, self.findData(self._task)))
            self._background.run(put_example, self._tell, self._miss, DataError)
            return
        for own in self._own:
            if own.value == value and own.error:
                self.said.emit(own.error)
        self.chosen.emit(value)

    def _tell(self, folder: Path) -> None:
        self.said.emit(f"Your own tasks are Python files in {folder}; edit one, then choose it here")
        self.look()
