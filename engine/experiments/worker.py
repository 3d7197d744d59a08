"""An experiment in the background: a thread starts a child process, which makes one run after another.

As `engine.session.worker` for a training run: no method waits, and what has come is taken from a mailbox with one
slot. The child hears nothing; it ends by itself when nobody listens any more, and otherwise it is terminated.
"""

import threading
from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from enum import StrEnum
from functools import partial
from queue import SimpleQueue

from ..errors import FailureReport, sentence_and_text
from ..session.child import Child, Ending
from .experiment import Experiment
from .results import Job, SeedResult

CLOSE_GRACE_S = 0.2
"""For results that are on their way; a run that is given up has nothing to save."""


class Stage(StrEnum):
    """Where the runs stand; after the last three of them nothing more comes."""

    PREPARING = "preparing"
    RUNNING = "running"
    FINISHED = "finished"
    CANCELLED = "cancelled"
    FAILED = "failed"


_OVER = (Stage.FINISHED, Stage.CANCELLED, Stage.FAILED)


@dataclass(frozen=True)
class Progress:
    """How far the present run is: sequences so far, and the mean loss of late, None before there is one."""

    job: Job
    sequences: int
    loss: float | None = None


@dataclass(frozen=True)
class News:
    """What the runs have to say: tiny, a few a second.

    progress: of the run that goes on, None between two of them. results: those that have come since the last time.
    error: one sentence; trace: the whole of it, "" where the sentence says all.
    """

    stage: Stage
    progress: Progress | None = None
    results: tuple[tuple[Job, SeedResult], ...] = ()
    error: str = ""
    trace: str = ""

    @property
    def over(self) -> bool:
        """Whether nothing more comes."""
        return self.stage in _OVER

    def after(self, older: "News | None") -> "News":
        """Return this news with the results of older ones that nobody took."""
        return self if older is None else replace(self, results=older.results + self.results)


class ExperimentRun:
    """Some runs of an experiment in the background, one after another; made for them once, started once."""

    def __init__(self, experiment: Experiment, jobs: Sequence[Job]) -> None:
        self.experiment = experiment
        self.jobs = tuple(jobs)
        self._lock = threading.Lock()
        self._mail: News | None = None
        self._has_mail = threading.Event()
        self._told_end = False
        arguments = experiment, self.jobs
        self._child = Child("training-experiment", _run, arguments, self._deliver, self._account_for)

    def start(self) -> None:
        """Start the runs; raises RuntimeError when called twice."""
        self._deliver(News(Stage.PREPARING))
        self._child.start()

    def take(self) -> News | None:
        """Return what has come since the last time, or None."""
        with self._lock:
            mail, self._mail = self._mail, None
            self._has_mail.clear()
        return mail

    def cancel(self, grace_s: float = CLOSE_GRACE_S) -> None:
        """End the runs: what is finished stays, the present one is given up. Does not wait.

        The last news has stage cancelled, at most about a second later.
        """
        self._child.end(grace_s)

    @property
    def alive(self) -> bool:
        """Whether the runs, or their child, still exist."""
        return self._child.alive

    @property
    def silent(self) -> bool:
        """Whether the child has stopped answering for now."""
        return self._child.silent

    @property
    def child_pid(self) -> int | None:
        """The process id of the child, None before it was started."""
        return self._child.pid

    def wait_for_mail(self, timeout_s: float) -> bool:
        """Wait until `take` has something to return; False after timeout_s."""
        return self._has_mail.wait(timeout_s)

    def join(self, timeout_s: float | None = None) -> bool:
        """Wait until the runs have ended and the child is gone; False after timeout_s."""
        return self._child.join(timeout_s)

    def _deliver(self, news: News) -> None:
        with self._lock:
            self._told_end = news.over
            self._mail = news.after(self._mail)
            self._has_mail.set()

    def _account_for(self, ending: Ending) -> None:
        """Say how the child ended, where it did not say so itself."""
        if self._told_end:
            return
        gone = News(Stage.CANCELLED)
        if not ending.asked:
            sentence = f"The experiment's process {ending.words}; results so far stay, run it again."
            gone = News(Stage.FAILED, error=sentence)
        self._deliver(gone)


def _run(
    commands: SimpleQueue[object], send: Callable[[News], None], experiment: Experiment, jobs: Sequence[Job]
) -> None:
    """Make the runs in the child process and send their news; whatever ends them early is the last news.

    A run hears no commands: one that is given up has nothing to save, and its process is terminated.
    """
    del commands
    with FailureReport(partial(_tell_failure, send)):
        from .running import run_jobs

        def told_of(job: Job) -> Callable[[int, float | None], None]:
            return lambda sequences, loss: send(News(Stage.RUNNING, Progress(job, sequences, loss)))

        for job, result in run_jobs(experiment, jobs, told_of):
            send(News(Stage.RUNNING, results=((job, result),)))
        send(News(Stage.FINISHED))


def _tell_failure(send: Callable[[News], None], error: Exception) -> None:
    sentence, text = sentence_and_text(error, "The experiment")
    send(
        News(
            Stage.FAILED, error=f"{sentence.removesuffix('.')}; results so far stay." if text else sentence, trace=text
        )
    )
