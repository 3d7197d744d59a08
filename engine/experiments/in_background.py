"""An experiment in the background: a thread starts a child process, which makes one run after another.

As `engine.worker` for a training run: no method waits, and what has come is taken from a mailbox with one slot. The
child hears nothing; it ends by itself when nobody listens any more, and otherwise it is terminated.
"""

import contextlib
import multiprocessing
import os
import signal
import threading
import traceback
from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from enum import StrEnum
from multiprocessing.connection import Connection
from multiprocessing.context import SpawnProcess
from types import TracebackType

from engine.config import ConfigError
from engine.experiments.experiment import Experiment
from engine.experiments.results import Job, SeedResult

CLOSE_GRACE_S = 0.2
"""For results that are on their way; a run that is given up has nothing to save."""
_EXIT_S = 2.0  # for the child to be gone after its last word
_KILL_AFTER_S = 0.5  # between SIGTERM and SIGKILL


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
        self._ending = threading.Event()
        self._over = threading.Event()
        self._told_end = False
        self._process: SpawnProcess | None = None
        self._thread = threading.Thread(target=self._run, name="training-experiment", daemon=True)

    def start(self) -> None:
        """Start the runs; raises RuntimeError when called twice."""
        self._thread.start()

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
        self._ending.set()
        if self._thread.is_alive():
            # A thread that waits in place of the window, which may not.
            threading.Thread(target=self._end_child, args=(grace_s,), name="training-closer", daemon=True).start()

    @property
    def alive(self) -> bool:
        """Whether the runs, or their child, still exist."""
        return self._thread.is_alive()

    @property
    def child_pid(self) -> int | None:
        """The process id of the child, None before it was started."""
        return self._process.pid if self._process else None

    def wait_for_mail(self, timeout_s: float) -> bool:
        """Wait until `take` has something to return; False after timeout_s."""
        return self._has_mail.wait(timeout_s)

    def join(self, timeout_s: float | None = None) -> bool:
        """Wait until the runs have ended and the child is gone; False after timeout_s."""
        if self._thread.ident is not None:
            self._thread.join(timeout_s)
        return not self._thread.is_alive()

    # The threads

    def _end_child(self, grace_s: float) -> None:
        if self._over.wait(grace_s):
            return
        while self._process is None:  # it is being started at this moment
            if self._over.wait(0.01):
                return
        self._process.terminate()
        if not self._over.wait(_KILL_AFTER_S):
            self._process.kill()

    def _deliver(self, news: News) -> None:
        with self._lock:
            self._told_end = news.over
            self._mail = news.after(self._mail)
            self._has_mail.set()

    def _run(self) -> None:
        try:
            self._deliver(News(Stage.PREPARING))
            self._run_child()
        finally:
            self._over.set()

    def _run_child(self) -> None:
        context = multiprocessing.get_context("spawn")
        news_out, news_in = context.Pipe(duplex=False)
        listening, gone = context.Pipe(duplex=False)  # never sent on: its end of file says that nobody listens
        process = context.Process(
            target=_child, args=(self.experiment, self.jobs, news_in, listening), name="experiment", daemon=True
        )
        try:
            process.start()
        except (OSError, RuntimeError) as error:
            gone.close()
            news_out.close()
            self._deliver(
                News(Stage.FAILED, error=f"The experiment's process could not be started ({error}); try again.")
            )
            return
        finally:
            # The child's ends, so that each side sees the other one's death as an end of file.
            news_in.close()
            listening.close()
        self._process = process
        with news_out, gone:
            self._receive(news_out)
        process.join(_EXIT_S)
        process.kill()  # does nothing to a child that has ended
        process.join()
        if not self._told_end:
            self._deliver(self._account_for(process.exitcode))

    def _receive(self, news: Connection) -> None:
        while True:
            try:
                self._deliver(news.recv())
            except (EOFError, OSError):
                return

    def _account_for(self, exit_code: int | None) -> News:
        """Say why the child ended without a word."""
        if self._ending.is_set():
            return News(Stage.CANCELLED)
        if exit_code is not None and exit_code < 0:
            known = -exit_code in set(signal.Signals)
            name = signal.Signals(-exit_code).name if known else f"signal {-exit_code}"
            why = f"was killed ({name}, exit code {exit_code}), often because memory ran out"
        else:
            why = f"ended without a word (exit code {exit_code})"
        return News(Stage.FAILED, error=f"The experiment's process {why}; results so far stay, run it again.")


def _child(experiment: Experiment, jobs: Sequence[Job], outbox: Connection, listening: Connection) -> None:
    """Make the runs in the child process."""
    signal.signal(signal.SIGINT, signal.SIG_IGN)  # Ctrl+C in a terminal is the window's to handle

    def end_when_alone() -> None:
        try:
            listening.recv()
        except (EOFError, OSError):
            os._exit(0)  # the window is gone: nobody is left to tell

    threading.Thread(target=end_when_alone, name="training-listener", daemon=True).start()
    _tell_all(experiment, jobs, outbox)
    outbox.close()
    os._exit(0)  # taking torch's 1,900 modules down in good order takes a second, and nothing is left to save


def _tell_all(experiment: Experiment, jobs: Sequence[Job], outbox: Connection) -> None:
    """Send the news of every run; whatever ends them early is the last news."""
    with _FailureReport(outbox):
        from engine.experiments.running import run_jobs

        def told_of(job: Job) -> Callable[[int, float | None], None]:
            return lambda sequences, loss: outbox.send(News(Stage.RUNNING, Progress(job, sequences, loss)))

        for job, result in run_jobs(experiment, jobs, told_of):
            outbox.send(News(Stage.RUNNING, results=((job, result),)))
        outbox.send(News(Stage.FINISHED))


class _FailureReport:
    """Sends whatever ends the runs; a context manager, so that no kind of error is left out."""

    def __init__(self, outbox: Connection) -> None:
        self._outbox = outbox

    def __enter__(self) -> None:
        return None

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> bool:
        if not isinstance(error, Exception):
            return False
        text = "" if isinstance(error, ConfigError) else "".join(traceback.format_exception(error))
        with contextlib.suppress(OSError):  # the window is gone
            self._outbox.send(News(Stage.FAILED, error=_sentence(error), trace=text))
        return True


def _sentence(error: Exception) -> str:
    """Return one sentence for a person."""
    if isinstance(error, ConfigError):
        return str(error)
    first_line = (str(error).splitlines() or ["no further text"])[0]
    return f"The experiment ended with an error, {type(error).__name__}: {first_line}; results so far stay."
