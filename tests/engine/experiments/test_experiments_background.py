"""Experiments in the background of a window."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import threading
import time
from collections.abc import Callable, Iterator, Sequence
from dataclasses import replace
from pathlib import Path

import psutil
import pytest

from engine.experiments.experiment import Arm, Experiment
from engine.experiments.judges import Judge
from engine.experiments.results import Job
from engine.experiments.running import run_seed
from engine.experiments.worker import News
from engine.runs.messages import State
from engine.settings.config import TrainingConfig
from tests.engine.experiments.tiny_experiments import (
    TINY,
    InBackground,
    easy_judge,
    impossible_judge,
    seed_result,
    tiny,
)
from tests.timing import assert_within, timed

ROOT = Path(__file__).parents[3]


@pytest.fixture
def in_background() -> Iterator[Callable[..., InBackground]]:
    begun: list[InBackground] = []

    def begin(experiment: Experiment, jobs: Sequence[Job]) -> InBackground:
        begun.append(InBackground(experiment, jobs))
        return begun[-1]

    yield begin
    for one in begun:
        one.run.stop()
        assert one.run.join(10)
        assert one.run.child_pid not in {child.pid for child in psutil.Process().children()}
    for thread in threading.enumerate():  # those who end the runs outlive them by a moment
        if thread.name == "training-closer":
            thread.join(5)


def test_in_the_background_the_results_are_those_of_the_foreground(real_children: None, in_background) -> None:
    arms = [Arm("low", TINY), Arm("high", replace(TINY, learning_rate=0.05))]
    experiment = tiny(arms=arms)
    jobs = [Job("low", 3), Job("high", 3), Job("low", 4)]
    begun = in_background(experiment, jobs)
    last = begun.until(lambda news: news.over)
    assert last.state is State.FINISHED
    assert begun.news[0].state in (State.PREPARING, State.FINISHED)
    assert [job for job, _ in begun.results()] == jobs
    for job, result in begun.results():
        here = run_seed(experiment.arm(job.arm).config, easy_judge, job.seed, experiment.bound)
        assert replace(result, seconds=0) == replace(here, seconds=0)
    assert begun.run.join(10)


def test_progress_tells_which_seed_and_how_far(in_background) -> None:
    begun = in_background(tiny(impossible_judge, bound=10_000_000), [Job("", 7)])
    first = begun.until(lambda news: news.progress is not None).progress
    later = begun.until(lambda news: news.progress is not None and news.progress.loss is not None).progress
    assert first.job == later.job == Job("", 7)
    assert first.sequences < later.sequences
    assert 0 < later.loss < 10


@timed
def test_cancel_ends_the_run_within_two_seconds_and_keeps_what_there_is(in_background) -> None:
    arms = [Arm("quick", TINY), Arm("long", replace(TINY, learning_rate=1e-6))]
    experiment = replace(tiny(arms=arms), bound=50_000_000)
    begun = in_background(experiment, [Job("quick", 1), Job("long", 1)])
    begun.until(lambda news: news.progress is not None and news.progress.job.arm == "long")
    child = psutil.Process(begun.run.child_pid)
    asked = time.monotonic()
    begun.run.stop()
    assert_within(time.monotonic() - asked, 0.1)  # it does not wait
    last = begun.until(lambda news: news.over)
    assert_within(time.monotonic() - asked, 2.0)
    assert last.state is State.STOPPED
    assert not last.error
    assert [job for job, _ in begun.results()] == [Job("quick", 1)]
    assert begun.run.join(2)
    assert not child.is_running()


def test_cancel_while_the_child_is_being_started(in_background) -> None:
    begun = in_background(tiny(impossible_judge, bound=10_000_000), [Job("", 1)])
    begun.run.stop()
    assert begun.until(lambda news: news.over).state is State.STOPPED


@pytest.mark.skipif(os.name == "nt", reason="a signal of POSIX")
def test_a_killed_child_is_one_sentence(in_background) -> None:
    begun = in_background(tiny(impossible_judge, bound=10_000_000), [Job("", 1)])
    begun.until(lambda news: news.progress is not None)
    os.kill(begun.run.child_pid, signal.SIGKILL)
    last = begun.until(lambda news: news.over)
    assert last.state is State.FAILED
    assert "was killed (SIGKILL, exit code -9)" in last.error
    assert "\n" not in last.error


def broken_judge(config: TrainingConfig) -> Judge:
    raise ValueError("no judge today")


def test_an_error_in_the_child_is_one_sentence_with_its_traceback(in_background) -> None:
    last = in_background(tiny(broken_judge), [Job("", 1)]).until(lambda news: news.over)
    assert last.state is State.FAILED
    assert last.error == "The experiment ended with an error, ValueError: no judge today; the results so far are kept."
    assert "broken_judge" in last.traceback


def test_a_setting_that_cannot_be_trained_is_named(in_background) -> None:
    experiment = tiny(arms=[Arm("", replace(TINY, cell_size=0))])
    last = in_background(experiment, [Job("", 1)]).until(lambda news: news.over)
    assert last.state is State.FAILED
    assert "cell" in last.error.casefold()
    assert not last.traceback


def test_news_that_nobody_took_keep_their_results() -> None:
    one, two = ((Job("", seed), seed_result(seed, True, 30)) for seed in (1, 2))
    joined = News(State.FINISHED).after(News(State.RUNNING, results=(two,)).after(News(State.RUNNING, results=(one,))))
    assert joined == News(State.FINISHED, results=(one, two))


@pytest.mark.skipif(os.name == "nt", reason="a signal of POSIX")
def test_the_child_ends_when_its_window_is_killed() -> None:
    """A process that starts an experiment is killed, so that nobody can tell the child to end."""
    code = (
        "from tests.engine.experiments.tiny_experiments import InBackground, impossible_judge, tiny\n"
        "from engine.experiments.results import Job\n"
        "if __name__ == '__main__':\n"
        "    begun = InBackground(tiny(impossible_judge, bound=10_000_000), [Job('', 1)])\n"
        "    begun.until(lambda news: news.progress is not None)\n"
        "    print(begun.run.child_pid, flush=True)\n"
        "    begun.until(lambda news: False)\n"
    )
    with subprocess.Popen([sys.executable, "-c", code], cwd=ROOT, stdout=subprocess.PIPE, encoding="utf-8") as process:
        try:
            assert process.stdout is not None
            child = psutil.Process(int(process.stdout.readline()))
        finally:
            process.kill()
    child.wait(5)


def test_the_background_loads_no_torch() -> None:
    code = (
        "import sys, engine.experiments.worker, engine.experiments.comparison, engine.experiments.catalogue\n"
        "assert not {'torch', 'PySide6', 'gui'} & set(sys.modules)"
    )
    subprocess.run([sys.executable, "-c", code], cwd=ROOT, check=True, timeout=60)
