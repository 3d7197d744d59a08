"""Trains the cell that is shown, or a network from elsewhere: its kind, sizes and, where the task fits, its weights."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, replace
from functools import partial

from PySide6.QtCore import QObject, Signal
from PySide6.QtWidgets import QMessageBox, QWidget

from engine.runs.start import Start, start_of, tasks_with
from engine.settings.config import ConfigError, TrainingConfig
from engine.tasks import TASKS
from engine.tasks.data_reading import file_of
from gui.commands.registry import Registry
from gui.document.cell_model import CellModel
from gui.runs.controller import TrainingController
from gui.widgets.message_box import Buttons, message_box

_OTHERS = Buttons.Yes, Buttons.YesToAll
"""The buttons of the first other tasks; the sentence names all."""


@dataclass(frozen=True, eq=False)
class _Prepared:
    """Weights for a run, the settings that it would have, and how they are called in a sentence."""

    start: Start
    config: TrainingConfig
    called: str


class ThisCell(QObject):
    """Takes the shown cell into a training; asks where its weights do not fit the task."""

    refused = Signal(str, str)
    """A title and a sentence: why this cell cannot be trained."""
    said = Signal(str)
    begun = Signal()
    """A run of the cell begins: the diagram is to show how it learns."""

    def __init__(
        self,
        model: CellModel,
        controller: TrainingController,
        begin: Callable[[TrainingConfig], None],
        window: QWidget,
    ) -> None:
        """begin: uses settings, and begins a run with them."""
        super().__init__(window)
        self._model, self._controller, self._begin, self._window = model, controller, begin, window

    def register_commands(self, commands: Registry) -> None:
        """Say what the commands do that train the shown cell."""
        commands.register("train cell", self.train)
        commands.register("new weights", self.forget, possible=lambda: self._controller.start is not None)

    def train(self) -> None:
        """Begin a run with the cell that is shown, as it is now; its weights are converted in the background."""
        document, name = self._model.document, self._model.shown.name
        self._prepare(lambda: start_of(document, name), self._on_prepared, "this cell")

    def train_from(self, make: Callable[[], Start]) -> None:
        """Begin a run with other weights, which are made in the background; the user says which task they learn.

        make: may raise ConfigError.
        """
        self._prepare(make, self._ask, "this network")

    def _prepare(self, make: Callable[[], Start], done: Callable[[_Prepared], None], called: str) -> None:
        config = self._controller.config

        def prepare() -> _Prepared:
            start = make()
            return _Prepared(start, start.settings(config), called)

        def refuse(error: Exception) -> None:
            self.refused.emit(f"{called.capitalize()} cannot be trained", str(error))

        self._model.background.run(prepare, done, refuse, ConfigError)

    def forget(self) -> None:
        """Let the next run begin with new weights."""
        self._controller.start = None
        self.said.emit("The next run begins with new weights")

    def _on_prepared(self, found: _Prepared) -> None:
        if _inputs_of(found.config) in (None, found.start.m):
            self._begin_with(found.config, found.start)
        else:
            self._ask(found)

    def _begin_with(self, config: TrainingConfig, start: Start | None) -> None:
        self._controller.start = start
        self._begin(config)
        self.begun.emit()
        if start is not None:
            self.said.emit(f"The next run begins with the weights of “{start.name}”; its readout is new")

    def _ask(self, found: _Prepared) -> None:
        """Say which tasks read as many inputs as there are, the chosen one first, and let the user choose."""
        start, m, task = found.start, _inputs_of(found.config), TASKS.get(found.config.task)
        others = tasks_with(start.m)
        if task is None or m != start.m:
            inputs = f"{m} input{'s' * (m != 1)}" if m is not None else "as many inputs as its data say"
            title = task.title if task is not None else "of your own"
            sentence = f"The task “{title}” has {inputs}, but {found.called} has m = {start.m}: its weights do not fit."
        else:
            others = {found.config.task: task.title} | others
            sentence = f"“{start.name}” has m = {start.m}: it keeps its weights, and gets a new readout for the task."
        more = (
            f"Tasks with m = {start.m}: {', '.join(others.values())}."
            if others
            else f"No task that comes with the program has m = {start.m}."
        )
        choices = dict(zip(_OTHERS, others.items(), strict=False))
        words = {button: f"Train “{title}”" for button, (_, title) in choices.items()}
        words |= {Buttons.No: "New weights", Buttons.Cancel: "Cancel"}
        box = message_box(self._window, QMessageBox.Icon.NoIcon, "Which task?", sentence, more, words)
        box.finished.connect(partial(self._on_answer, found, {button: name for button, (name, _) in choices.items()}))

    def _on_answer(self, found: _Prepared, others: dict[QMessageBox.StandardButton, str], button: int) -> None:
        chosen = Buttons(button)
        if chosen in others:
            self._begin_with(replace(found.config, task=others[chosen]), found.start)
        elif chosen == Buttons.No:
            self._begin_with(found.config, None)
            self.said.emit(f"The next run begins with new weights, of {found.called}'s kind and sizes")


def _inputs_of(config: TrainingConfig) -> int | None:
    """Return how many inputs a task has; None where its data or the user's own file say so when it begins."""
    task = TASKS.get(config.task)
    return None if task is None or file_of(config) else task.input_size
