"""Experiments small enough for a test."""

from __future__ import annotations

import time
from collections.abc import Callable, Sequence

from engine.experiments.criteria import mean_squared_error, value_errors
from engine.experiments.experiment import Arm, Experiment, Published
from engine.experiments.judges import Judge, LastSequencesJudge, Test
from engine.experiments.results import Job, SeedResult
from engine.experiments.worker import ExperimentRun, News
from engine.settings.config import TrainingConfig
from engine.tasks.goal import Goal

TINY = TrainingConfig(sequence_length=4, cell_size=6, batch_size=10, learning_rate=0.03, device="cpu")
ORDER = TrainingConfig(task="temporal-order", sequence_length=8, cell_size=8, batch_size=10, device="cpu")


def easy_judge(config: TrainingConfig) -> Judge:
    return LastSequencesJudge(config, value_errors, Goal(0.2, 0.5, last=50), 64, mean_squared_error)


def impossible_judge(config: TrainingConfig) -> Judge:
    return LastSequencesJudge(config, value_errors, Goal(1e-9, 1e-9, last=50), 64)


def tiny(judge_of=easy_judge, bound: int = 2000, arms: Sequence[Arm] = (Arm("", TINY),)) -> Experiment:
    published = Published({"sequences": 5.0}, "5 sequences", "a paper")
    return Experiment("tiny", "Tiny", "error small", published, tuple(arms), judge_of, bound, ("It is tiny.",))


def seed_result(seed: int, solved: bool, sequences: int) -> SeedResult:
    return SeedResult(seed, solved, sequences, 1.5, Test(0 if solved else 9, 10, 0.25))


PATIENCE_S = 90.0


class InBackground:
    """Runs in the background, and all the news there is of them."""

    def __init__(self, experiment: Experiment, jobs: Sequence[Job]) -> None:
        self.run = ExperimentRun(experiment, jobs)
        self.news: list[News] = []
        self.run.start()

    def until(self, condition: Callable[[News], bool]) -> News:
        """Take news until some fulfil the condition, and return those."""
        deadline = time.monotonic() + PATIENCE_S
        while time.monotonic() < deadline:
            news = self.run.take() if self.run.wait_for_mail(0.05) else None
            if news is not None:
                self.news.append(news)
                if condition(news):
                    return news
        raise AssertionError(f"nothing came within {PATIENCE_S} s; the last was {self.news[-1:]}")

    def results(self) -> list[tuple[Job, SeedResult]]:
        return [result for news in self.news for result in news.results]
