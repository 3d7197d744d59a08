"""Trains a comparison in the background, and never lets its caller wait.

One child process trains all runs in turn; where the machine has cores to spare, several children train side by
side. The window asks (`request`), goes on painting, and takes what has come (`take`) from a mailbox with one slot.
"""

import os
import threading
from collections.abc import Callable, Sequence
from dataclasses import replace
from functools import partial
from queue import SimpleQueue

from ..runs.messages import Pause, Resume, State
from ..session.child import Child, Ending
from ..session.worker import STOP_GRACE_S
from .comparison import OVER, Ask, Comparison, ComparisonCommand, ComparisonUpdate, Run
from .lane import Lane, run_lane

CLOSE_GRACE_S = 1.0  # nothing of it is to be saved
_SPARE_CORES = 2  # for the window and the rest of the machine
_CORES_FOR_MORE = 4


def usual_children(comparison: Comparison) -> int:
    """Return how many children a comparison has: one, or side by side where the machine has cores to spare."""
    cores = len(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else os.cpu_count() or 1
    return min(cores - _SPARE_CORES, len(comparison.runs)) if cores >= _CORES_FOR_MORE else 1


class ComparisonWorker:
    """One comparison in the background; started once.

    children: how many processes train, see `usual_children`. No method waits: commands are obeyed between two
    steps, updates are fetched with `take`. Only `join` and `wait_for_mail` wait, for a test.
    """

    def __init__(self, comparison: Comparison, children: int | None = None) -> None:
        self.comparison = comparison
        count = max(1, min(children or usual_children(comparison), len(comparison.runs)))
        runs = comparison.runs
        self._lock = threading.Lock()
        self._mail: ComparisonUpdate | None = None
        self._has_mail = threading.Event()
        self._states = [State.PREPARING] * count
        self._asked: set[int] = set()
        self._children = [
            Child(
                "training-comparison",
                _train,
                (comparison, tuple(runs[number::count]), count > 1),
                partial(self._deliver, number),
                partial(self._account_for, number),
            )
            for number in range(count)
        ]

    def start(self) -> None:
        """Start training; raises RuntimeError when called twice."""
        for number, child in enumerate(self._children):
            self._deliver(number, ComparisonUpdate(State.PREPARING, message="starting the child process"))
            child.start()

    def request(self, example: int | None = None) -> None:
        """Ask for an update with everything since the last; does nothing where one is still on its way.

        example: the number of the task's example of which snapshots are wanted; None: of none.
        """
        for number, child in enumerate(self._children):
            with self._lock:
                if number in self._asked or self._states[number] in OVER:
                    continue
                self._asked.add(number)
            child.tell(Ask(example))

    def take(self) -> ComparisonUpdate | None:
        """Return what has come since the last time, of all children, as one update, or None."""
        with self._lock:
            mail, self._mail = self._mail, None
            self._has_mail.clear()
        return mail

    def pause(self) -> None:
        """Pause before the next step."""
        self._tell(Pause())

    def resume(self) -> None:
        """Go on after a pause."""
        self._tell(Resume())

    def stop(self, grace_s: float = STOP_GRACE_S) -> None:
        """End after the present step; a child that has not ended after grace_s is terminated.

        The last update has state stopped and everything since the last answer.
        """
        for child in self._children:
            child.end(grace_s)

    def close(self, grace_s: float = CLOSE_GRACE_S) -> None:
        """End because the window closes: as `stop`, with less patience."""
        self.stop(grace_s)

    @property
    def children(self) -> int:
        """How many processes train side by side."""
        return len(self._children)

    @property
    def state(self) -> State:
        """Where the whole stands: over only when every child is."""
        with self._lock:
            return self._state()

    @property
    def alive(self) -> bool:
        """Whether the comparison, or a child of it, still exists."""
        return any(child.alive for child in self._children)

    @property
    def silent(self) -> bool:
        """Whether a child has stopped answering for now."""
        return any(child.silent for child in self._children)

    @property
    def child_pids(self) -> list[int]:
        """The process ids of the children that were started."""
        return [child.pid for child in self._children if child.pid is not None]

    def wait_for_mail(self, timeout_s: float) -> bool:
        """Wait until `take` has something to return; False after timeout_s."""
        return self._has_mail.wait(timeout_s)

    def join(self, timeout_s: float | None = None) -> bool:
        """Wait until all has ended and no child is left; False where one took longer than timeout_s."""
        return all(child.join(timeout_s) for child in self._children)

    def _tell(self, command: ComparisonCommand) -> None:
        for child in self._children:
            child.tell(command)

    def _state(self) -> State:
        going = [state for state in self._states if state not in OVER]
        order = (State.RUNNING, State.PAUSED, State.PREPARING) if going else (State.FAILED, State.STOPPED)
        return next((state for state in order if state in (going or self._states)), State.FINISHED)

    def _deliver(self, number: int, update: ComparisonUpdate) -> None:
        with self._lock:
            self._states[number] = update.state
            if update.answer or update.state in OVER:
                self._asked.discard(number)
            whole = replace(update, state=self._state(), answer=update.answer and not self._asked)
            self._mail = whole.after(self._mail)
            self._has_mail.set()

    def _account_for(self, number: int, ending: Ending) -> None:
        """Say how a child ended, where it did not say so itself."""
        with self._lock:
            told = self._states[number] in OVER
        if told:
            return
        gone = ComparisonUpdate(State.STOPPED)
        if not ending.asked:
            sentence = (
                f"A training process {ending.words}; choose a smaller batch, cell or sequence length, or start again."
            )
            gone = ComparisonUpdate(State.FAILED, error=sentence)
        self._deliver(number, gone)


def _train(
    commands: SimpleQueue[ComparisonCommand],
    send: Callable[[ComparisonUpdate], None],
    comparison: Comparison,
    runs: Sequence[Run],
    side_by_side: bool,
) -> None:
    """Train some runs in the child process."""
    run_lane(Lane(comparison, runs, side_by_side, commands, send))
