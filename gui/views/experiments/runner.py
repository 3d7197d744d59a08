"""Runs experiments for the window: which one runs, how far it is, and every result since the program started."""

from __future__ import annotations

from collections.abc import Sequence
from itertools import count as counted
from itertools import islice
from statistics import median

from PySide6.QtCore import QElapsedTimer, QObject, Signal

from engine.experiments.experiment import Experiment
from engine.experiments.results import Job, SeedResult
from engine.experiments.worker import ExperimentRun, News, Progress
from engine.runs.messages import State
from gui.jobs.polling import Polling

_REFRESH_MS = 200
"""A number that changes more often cannot be read."""

ByArm = dict[str, list[SeedResult]]


class ExperimentRunner(QObject):
    """Starts and ends runs of experiments, one experiment at a time, and keeps what they bring."""

    changed = Signal()
    """There is something new to show; at most five times a second."""
    ended = Signal(str)
    """The runs are over; one sentence about it."""
    failed = Signal(str, str)
    """One sentence, and the whole traceback where there is one."""

    def __init__(self, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self.experiment: Experiment | None = None
        """The experiment that runs."""
        self.state: State | None = None
        self.progress: Progress | None = None
        self._results: dict[str, ByArm] = {}
        self.run: ExperimentRun | None = None
        """The runs in the background, the last ones after their end."""
        self._waiting: list[Job] = []
        self._asked = 0
        self.cancelling = False
        """Whether the runs were told to end and have not yet."""
        self._since = QElapsedTimer()
        self._polling = Polling(_REFRESH_MS, self._hear, self)
        self._polling.looked.connect(self.changed)  # the clock, too, goes on

    # What there is

    def results(self, experiment: Experiment) -> ByArm:
        """Return the results of each setting, in the order of their coming."""
        return self._results.get(experiment.name, {})

    @property
    def running(self) -> bool:
        """Whether an experiment runs, or is about to end."""
        return self.experiment is not None

    @property
    def present(self) -> Job | None:
        """The run in training."""
        return self._waiting[0] if self.running and self._waiting else None

    @property
    def elapsed_s(self) -> float:
        """How long the present run has taken so far."""
        return self._since.elapsed() / 1000 if self._since.isValid() else 0.0

    @property
    def place(self) -> tuple[int, int]:
        """Which of the runs is in training, from 1, and how many there are."""
        return self._asked - len(self._waiting) + 1, self._asked

    def next_seeds(self, experiment: Experiment, count: int) -> list[int]:
        """Return the next seeds of which not every setting has a result."""
        have = [{result.seed for result in self.results(experiment).get(arm.name, ())} for arm in experiment.arms]
        complete = set.intersection(*have)
        return list(islice((seed for seed in counted(1) if seed not in complete), count))

    def remaining_s(self) -> float | None:
        """Return how long the runs will take as far as earlier ones tell, None while they do not."""
        if self.experiment is None or not self._waiting:
            return None
        own = self.results(self.experiment)
        if any(not own.get(job.arm) for job in self._waiting):
            return None
        each = [median(result.seconds for result in own[job.arm]) for job in self._waiting]
        return max(each[0] - self.elapsed_s, 0.0) + sum(each[1:])

    # What is done

    def begin(self, experiment: Experiment, count: int) -> None:
        """Start the next `count` seeds of an experiment; does nothing while one runs."""
        if self.running:
            return
        own = self._results.setdefault(experiment.name, {})
        self._waiting = [
            Job(arm.name, seed)
            for seed in self.next_seeds(experiment, count)
            for arm in experiment.arms
            if seed not in {result.seed for result in own.get(arm.name, ())}
        ]
        self._asked = len(self._waiting)
        self.experiment, self.state, self.progress = experiment, State.PREPARING, None
        self.cancelling = False
        self._since.invalidate()
        self.run = ExperimentRun(experiment, self._waiting)
        self.run.start()
        self._polling.listen_to(self.run)
        self.changed.emit()

    def cancel(self) -> None:
        """End the runs; what has come stays. Does not wait."""
        if self.run is not None and self.running and not self.cancelling:
            self.cancelling = True
            self.run.stop()
            self.changed.emit()

    def close(self) -> None:
        """End the runs because the window closes; nothing is shown any more."""
        self._polling.stop()
        self.experiment = None
        if self.run is not None:
            self.run.close()

    def _hear(self, news: News) -> None:
        assert self.experiment is not None
        if news.state is State.RUNNING and not self._since.isValid():
            self._since.start()
        self.state, self.progress = news.state, news.progress
        own = self._results[self.experiment.name]
        for job, result in news.results:
            own.setdefault(job.arm, []).append(result)
            self._waiting.remove(job)
            self._since.start()
        if self.progress is not None and self.progress.job != self.present:
            self.progress = None
        if news.over:
            self._finish(news)

    def _finish(self, news: News) -> None:
        made, asked, experiment = self._asked - len(self._waiting), self._asked, self.experiment
        assert experiment is not None
        self.experiment, self.progress, self._waiting = None, None, []
        self.cancelling = False
        if news.state is State.FAILED:
            self.failed.emit(news.error, news.traceback)
        elif news.state is State.STOPPED:
            self.ended.emit(f"{experiment.title}: ended after {made} of {asked} runs; their results stay")
        else:
            self.ended.emit(f"{experiment.title}: {made} run{'s' * (made != 1)} finished")


def all_seeds(results: ByArm, arms: Sequence[str]) -> list[SeedResult]:
    """Return the results of some settings, one after another."""
    return [result for arm in arms for result in results.get(arm, ())]
