"""Runs a comparison for the window: asks its worker for news and takes what has come, without waiting."""

from __future__ import annotations

from collections.abc import Callable

from PySide6.QtCore import QObject, Signal
from PySide6.QtWidgets import QWidget

from engine.comparison.comparison import Comparison, ComparisonUpdate
from engine.comparison.results import ComparisonResults
from engine.comparison.worker import ComparisonWorker
from engine.runs.messages import Pause, Resume, State
from gui.jobs.polling import Polling

_QUIET = 2
"""Answers in a row that bring nothing, until a paused comparison has told all: the first may have been on its way."""
_TURN_MS = 16
"""Between two things done for a comparison; each in a turn of the event loop of its own."""


class CompareRun(QObject):
    """Starts, steers and ends a comparison; collects its results and has them drawn piece by piece."""

    changed = Signal()
    """The state is another one, or a process has stopped answering or answers again."""
    failed = Signal(str)
    """One sentence about what ended the comparison."""

    def __init__(self, parent: QWidget, drawings: Callable[[], list[Callable[[], None]]]) -> None:
        """parent: where results are looked at; while it is hidden, snapshots are not asked for.

        drawings: what is to be drawn of new results now; nothing of what is not on the screen.
        """
        super().__init__(parent)
        self._place = parent
        self._looked_at = False
        self._quiet = 0  # answers in a row that brought nothing while paused
        self._example = 0
        self._drawings = drawings
        self._to_draw: list[Callable[[], None]] = []
        self.worker: ComparisonWorker | None = None
        """The worker of the present comparison."""
        self.results: ComparisonResults | None = None
        self.last: ComparisonUpdate | None = None
        self._polling = Polling(_TURN_MS, self._hear, self, self._has_drawn)
        self._polling.silent.connect(self.changed)
        self._polling.looked.connect(self._on_looked)

    @property
    def state(self) -> State | None:
        """Where the comparison stands; None before the first."""
        return self.last.state if self.last is not None else None

    @property
    def active(self) -> bool:
        """Whether there is a comparison that can be steered."""
        return self.last is not None and not self.last.over

    @property
    def told_all(self) -> bool:
        """Whether the comparison is over and everything that came of it is drawn."""
        return not self.active and not self._polling.active

    @property
    def example(self) -> int:
        """The number of the task's example of which snapshots are asked for; also in the next comparison."""
        return self._example

    @example.setter
    def example(self, number: int) -> None:
        if number != self._example:
            self._example = number
            self._quiet = 0  # a paused comparison has something to tell again

    def begin(self, comparison: Comparison) -> None:
        """Begin a comparison; one that goes on is ended first."""
        self.end()
        self.results = ComparisonResults(comparison)
        self.worker = ComparisonWorker(comparison)
        self.last = ComparisonUpdate(State.PREPARING, message="starting the child process")
        self._to_draw = []
        self._quiet = 0
        self.worker.start()
        self._ask(self.worker)
        self._polling.listen_to(self.worker)
        self.changed.emit()

    def pause_or_resume(self) -> None:
        """Pause, or go on."""
        if self.worker is not None and self.state is State.RUNNING:
            self.worker.tell(Pause())
        elif self.worker is not None and self.state is State.PAUSED:
            self.worker.tell(Resume())

    def stop(self) -> None:
        """End after the present step; what was found stays."""
        if self.worker is not None and self.active:
            self.worker.stop()

    def end(self) -> None:
        """End because another one begins or the window closes; hears of nothing any more, and does not wait."""
        self._polling.stop()
        if self.worker is not None:
            self.worker.close()
            self.worker = None
        if self.active:
            self.last = ComparisonUpdate(State.STOPPED)

    @property
    def resting(self) -> bool:
        """Whether the comparison is paused and everything until then has come."""
        return self.state is State.PAUSED and self._quiet >= _QUIET

    def _has_drawn(self) -> bool:
        """Draw one thing of what has come; return whether there was nothing left, so that the next can be taken."""
        if not self._to_draw:
            return True
        self._to_draw.pop(0)()
        return False

    def _on_looked(self) -> None:
        if not self._to_draw and self.active and self.worker is not None:
            self._ask(self.worker)

    def _ask(self, worker: ComparisonWorker) -> None:
        """Ask for the next update, if there is something to be told; one that is on its way is not asked for twice."""
        before, self._looked_at = self._looked_at, self._place.isVisible()
        if self._looked_at and not before:
            self._quiet = 0  # the snapshots were not asked for
        if not self.resting:
            worker.request(self._example if self._looked_at else None)

    def _hear(self, update: ComparisonUpdate) -> None:
        assert self.results is not None
        before, self.last = self.state, update
        self.results.take(update)
        nothing = update.answer and not update.rows and not update.snapshots
        self._quiet = self._quiet + 1 if nothing and update.state is State.PAUSED else 0
        self._to_draw = self._drawings()
        if update.state is not before:
            self.changed.emit()
        if update.error:
            self.failed.emit(update.error)
