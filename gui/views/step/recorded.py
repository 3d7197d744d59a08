"""Repeats a training step of a recorded run from the nearest checkpoint, in a process of its own."""

from __future__ import annotations

from pathlib import Path

from PySide6.QtCore import QObject, QTimer, Signal
from PySide6.QtWidgets import QWidget

from engine.runs.step_apart import StepApart
from engine.session.recorded_step import send_steps_apart
from gui.jobs.background import Background

_REST_MS = 300
"""How long the timeline rests before its step is made again."""
_DIED = "This training step cannot be repeated: the process that does it {words}; close other programs, then try again."


class RecordedSteps(QObject):
    """Makes the step after a recorded moment again; of several that are asked for, the last."""

    taken = Signal(object)
    """A StepApart."""
    failed = Signal(str)
    """One sentence."""

    def __init__(self, view: QWidget) -> None:
        super().__init__(view)
        self._background = Background("step", self)
        self._asked: tuple[Path, int] | None = None
        self._making = False
        self._resting = QTimer(self, singleShot=True, interval=_REST_MS)
        self._resting.timeout.connect(self._make)

    @property
    def busy(self) -> bool:
        """Whether a step is on its way."""
        return self._asked is not None

    def ask(self, path: Path, step: int) -> None:
        """Have the step made that followed the newest checkpoint not beyond `step`."""
        self._asked = path, step
        if not self._making:
            self._resting.start()

    def forget(self) -> None:
        """Make nothing of what was asked for."""
        self._asked = None
        self._resting.stop()

    def _make(self) -> None:
        if self._asked is None:
            return
        self._making = True
        if self._background.busy:
            self._background.tell(self._asked)
        else:
            self._background.run_in_child(send_steps_apart, self._asked, self._take, self._miss, _DIED)
        self._made = self._asked

    def _take(self, apart: StepApart) -> None:
        self._making = False
        if self._asked == self._made:
            self._asked = None
            self.taken.emit(apart)
        else:
            self._make()

    def _miss(self, error: Exception) -> None:
        self._making = False
        if self._asked is not None:
            self._asked = None
            self.failed.emit(str(error))
