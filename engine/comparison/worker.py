"""Trains a comparison in the background.

One child process trains all runs in turn; where the machine has cores to spare, several children train side by
side.
"""

from dataclasses import replace

from ..machine import core_count
from ..runs.messages import State
from ..session.mailbox import Worker
from .comparison import Ask, Comparison, ComparisonUpdate
from .lane import run_lane

_SPARE_CORES = 2  # for the window and the rest of the machine
_CORES_FOR_MORE = 4


def usual_children(comparison: Comparison) -> int:
    """Return how many children a comparison has: one, or side by side where the machine has cores to spare."""
    cores = core_count()
    return min(cores - _SPARE_CORES, len(comparison.runs)) if cores >= _CORES_FOR_MORE else 1


class ComparisonWorker(Worker[ComparisonUpdate]):
    """One comparison in the background; children: how many processes train, see `usual_children`."""

    def __init__(self, comparison: Comparison, children: int | None = None) -> None:
        self.comparison = comparison
        count = max(1, min(children or usual_children(comparison), len(comparison.runs)))
        runs = comparison.runs
        super().__init__(
            "training-comparison",
            run_lane,
            [(comparison, tuple(runs[number::count]), count > 1) for number in range(count)],
            ComparisonUpdate(State.PREPARING, message="starting the child process"),
        )

    def request(self, example: int | None = None) -> None:
        """Ask for an update with everything since the last; does nothing where one is still on its way.

        example: the number of the task's example of which snapshots are wanted; None: of none.
        """
        self._ask(Ask(example))

    @property
    def children(self) -> int:
        """How many processes train side by side."""
        return len(self._hosts)

    def _state(self) -> State:
        """Return where the comparison stands: over only when every child is."""
        going = [last.state for last in self._last if not last.over]
        order = (State.RUNNING, State.PAUSED, State.PREPARING) if going else (State.FAILED, State.STOPPED)
        states = going or [last.state for last in self._last]
        return next((state for state in order if state in states), State.FINISHED)

    def _whole(self, said: ComparisonUpdate) -> ComparisonUpdate:
        return replace(said, state=self._state(), answer=said.answer and not self._asked)

    def _end_in_words(self, ending: str) -> str:
        return f"A training process {ending}; choose a smaller batch, cell or sequence length, or start over."
