"""Runs an experiment in the background: a child process makes one run after another."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from functools import partial
from queue import SimpleQueue
from typing import Any, Self

from ..errors import FailureReport, sentence_and_text
from ..runs.messages import Said, State
from ..session.mailbox import Worker
from .experiment import Experiment
from .results import Job, SeedResult


@dataclass(frozen=True)
class Progress:
    """How far the present run is: sequences so far, and the mean loss of late, None before there is one."""

    job: Job
    sequences: int
    loss: float | None = None


@dataclass(frozen=True)
class News(Said):
    """What the runs have to say: tiny, a few a second.

    progress: of the run that goes on, None between two of them. results: those that have come since the last time.
    """

    progress: Progress | None = None
    results: tuple[tuple[Job, SeedResult], ...] = ()

    def _kept_of(self, older: Self) -> dict[str, Any]:
        return super()._kept_of(older) | {"results": older.results + self.results}


class ExperimentRun(Worker[News]):
    """Some runs of an experiment in the background, one after another.

    The child hears nothing: it ends by itself when nobody listens any more, and is terminated otherwise. What is
    finished stays; a run that is given up has nothing to save.
    """

    stop_grace_s = close_grace_s = 0.2  # for results that are on their way

    def __init__(self, experiment: Experiment, jobs: Sequence[Job]) -> None:
        self.experiment = experiment
        self.jobs = tuple(jobs)
        super().__init__("training-experiment", _run, [(experiment, self.jobs)], News(State.PREPARING))

    def _end_in_words(self, ending: str) -> str:
        return f"The experiment's process {ending}; the results so far are kept. Run it again."


def _run(
    commands: SimpleQueue[object], send: Callable[[News], None], experiment: Experiment, jobs: Sequence[Job]
) -> None:
    """Make the runs in the child process and send their news; whatever ends them early is the last news."""
    del commands
    with FailureReport(partial(_tell_failure, send)):
        from .running import run_jobs

        def told_of(job: Job) -> Callable[[int, float | None], None]:
            return lambda sequences, loss: send(News(State.RUNNING, progress=Progress(job, sequences, loss)))

        for job, result in run_jobs(experiment, jobs, told_of):
            send(News(State.RUNNING, results=((job, result),)))
        send(News(State.FINISHED))


def _tell_failure(send: Callable[[News], None], error: Exception) -> None:
    sentence, text = sentence_and_text(error, "The experiment")
    if text:
        sentence = f"{sentence.removesuffix('.')}; the results so far are kept."
    send(News(State.FAILED, error=sentence, traceback=text))
