"""Has the example of the probe made in the background: its target and its names, which a snapshot does not bring."""

from __future__ import annotations

from PySide6.QtCore import QObject, Signal

from engine.errors import PlainError
from engine.settings.config import ConfigError, TrainingConfig, check, data_of
from engine.tables.answers import DataError
from engine.tasks import create_task
from engine.tasks.example import Example, example_of
from engine.tasks.own import CHILD_DIED, is_own, tell_own_examples
from gui.jobs.background import Background
from gui.runs.controller import TrainingController

_NO_MEMORY = "There is not enough memory for an example of this task; choose a shorter sequence"


class ProbeExample(QObject):
    """Knows the example of a run's task that is its probe, or the first one where the probe is a sequence of one's own.

    Once a run has steps, everything but the target can be shown without it.
    """

    made = Signal()
    """The example is there, or it cannot be made."""

    def __init__(self, training: TrainingController, parent: QObject) -> None:
        super().__init__(parent)
        self._training = training
        self._background = Background("examples", self)
        self._asked: tuple[object, ...] = ()
        self.example: Example | None = None
        """The example; None before it is made, and where it cannot be."""
        self.problem = ""
        """Why it cannot be made, in one sentence."""

    def ask(self, config: TrainingConfig) -> None:
        """Have the example made of a run with these settings, unless that was done."""
        number = self._training.probe or 0
        refusal = self._refusal(config)
        asked = (data_of(config), config.seed, config.cell_size, number, refusal)
        if asked == self._asked:
            return
        if asked[:2] != self._asked[:2]:
            self.example = None
        self._asked, self.problem = asked, refusal
        if refusal:
            self.made.emit()
            return
        if is_own(config.task):
            arguments = (config, number)
            self._background.run_in_child(tell_own_examples, arguments, self._take, self._miss, CHILD_DIED)
        else:
            self._background.run_apart(
                lambda _dropped: example_of(create_task(config), number),
                self._take,
                self._miss,
                (ConfigError, DataError, MemoryError),
            )

    def _refusal(self, config: TrainingConfig) -> str:
        """Return why there can be no example of these settings; "" where nothing is known against it."""
        try:
            check(config)
        except ConfigError as error:
            return str(error)
        return self._training.named.unread(config)

    def _take(self, example: Example) -> None:
        self.example, self.problem = example, ""
        self._background.drop()  # a child of one's own task would wait for another number
        self.made.emit()

    def _miss(self, error: Exception) -> None:
        self.example, self.problem = None, str(error) if isinstance(error, PlainError) else _NO_MEMORY
        self.made.emit()
