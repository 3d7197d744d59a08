"""Trains the cell that is shown: its kind, its sizes and, where the task has as many inputs, its own weights."""

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
    """A cell's weights for a run, and the settings that it would have."""

    start: Start
    config: TrainingConfig


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
        document, name, config = self._model.document, self._model.shown.name, self._controller.config

        def prepare() -> _Prepared:
            start = start_of(document, name)
            return _Prepared(start, start.settings(config))

        self._model.background.run(
            prepare,
            self._on_prepared,
            lambda error: self.refused.emit("This cell cannot be trained", str(error)),
            ConfigError,
        )

    def forget(self) -> None:
        """Let the next run begin with new weights."""
        self._controller.start = None
        self.said.emit("The next run begins with new weights")

    def _on_prepared(self, found: _Prepared) -> None:
        m = _inputs_of(found.config)
        if m is None or m == found.start.m:
            self._begin_with(found.config, found.start)
        else:
            self._ask(found, m)

    def _begin_with(self, config: TrainingConfig, start: Start | None) -> None:
        self._controller.start = start
        self._begin(config)
        self.begun.emit()
        if start is not None:
            self.said.emit(f"The next run begins with the weights of “{start.name}”; its readout is new")

    def _ask(self, found: _Prepared, m: int) -> None:
        """Say that the task reads another number of inputs, and which tasks read as many as the cell has."""
        start, task = found.start, TASKS[found.config.task].title
        inputs = f"{m} input{'s' * (m != 1)}"
        sentence = f"The task “{task}” has {inputs}, but this cell has m = {start.m}: its weights do not fit."
        others = tasks_with(start.m)
        more = (
            f"Tasks with m = {start.m}: {', '.join(others.values())}."
            if others
            else f"No task that comes with the program has m = {start.m}."
        )
        choices = dict(zip(_OTHERS, others.items(), strict=False))
        words = {button: f"Train “{title}”" for button, (_, title) in choices.items()}
        words |= {Buttons.No: "New weights", Buttons.Cancel: "Cancel"}
        box = message_box(self._window, QMessageBox.Icon.NoIcon, "Train this cell", sentence, more, words)
        box.finished.connect(partial(self._on_answer, found, {button: name for button, (name, _) in choices.items()}))

    def _on_answer(self, found: _Prepared, others: dict[QMessageBox.StandardButton, str], button: int) -> None:
        chosen = Buttons(button)
        if chosen in others:
            self._begin_with(replace(found.config, task=others[chosen]), found.start)
        elif chosen == Buttons.No:
            self._begin_with(found.config, None)
            self.said.emit("The next run begins with new weights, of this cell's kind and sizes")


def _inputs_of(config: TrainingConfig) -> int | None:
    """Return how many inputs a task has; None where its data or the user's own file say so when it begins."""
    task = TASKS.get(config.task)
    return None if task is None or file_of(config) else task.input_size
