"""What shipped lessons say of trainings is what these trainings do, with the settings that stand in the lesson."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from functools import cache

import numpy as np
import pytest
import torch
from numpy.typing import NDArray

from engine.commands.train.arguments import value_of_text
from engine.lessons.reading import place_of, read_lesson
from engine.settings.config import TrainingConfig, setting
from engine.tasks import TASKS
from engine.training.trainer import Trainer
from gui.commands.table import commands

MEAN_OF = 20
"""Steps whose losses are averaged: a single batch says little."""


@pytest.fixture(scope="module", autouse=True)
def one_thread() -> Iterator[None]:
    before = torch.get_num_threads()
    torch.set_num_threads(1)
    yield
    torch.set_num_threads(before)


@cache
def losses(lesson: str, number: int = 0, most: int = 10_000) -> NDArray[np.float64]:
    """Return the loss of each step, up to `most`, of the training that a lesson begins as its `number`-th."""
    stops = read_lesson(place_of(lesson))[0].stops
    lines = [one.rest for stop in stops for one in stop.begin if one.name == "train"]
    values = commands()["train"].read(lines[number])
    values.pop("pace")
    texts = {name: value_of_text(setting(name), str(text)) for name, text in values.items()}
    config = replace(TrainingConfig(), **texts)
    trainer = Trainer(config)
    for _ in range(min(config.steps, most)):
        trainer.step()
    return np.asarray(trainer.drain()["loss"])


def trivial(task: str) -> float:
    """Return the loss of a task's trivial answer."""
    return TASKS[task](TrainingConfig(task=task)).trivial_loss


def near(lesson: str, step: int, number: int = 0) -> float:
    return float(losses(lesson, number)[max(0, step - MEAN_OF) : step].mean())


def test_the_adding_problem_is_learnt_as_the_lesson_says():
    baseline, begun = trivial("adding"), losses("adding", most=600)
    assert begun[0] > 3 * baseline  # random weights do worse than the trivial answer
    assert begun[60 - MEAN_OF : 60].mean() == pytest.approx(baseline, rel=0.25)  # the mean has been found, no more
    assert begun[-MEAN_OF:].mean() < baseline / 50  # and then the loss falls at once


@pytest.mark.soak
def test_the_adding_problem_is_nearly_solved_in_the_end():
    assert near("adding", 2000) < trivial("adding") / 200


@pytest.mark.soak
def test_outbreaks_are_learnt_as_the_lesson_says():
    baseline = trivial("outbreak")
    assert losses("outbreak")[0] > 10 * baseline
    assert near("outbreak", 150) == pytest.approx(baseline, rel=0.35)
    assert near("outbreak", 1500) < 0.85 * baseline


@pytest.mark.soak
def test_gates_that_are_clamped_do_what_the_lesson_says():
    baseline = trivial("adding")
    whole, no_memory, no_forgetting, always_writing = (near("clamp", 1500, number) for number in range(4))
    assert whole < baseline / 100
    assert no_memory > baseline / 2
    assert no_forgetting < 2 * whole
    assert 4 * whole < always_writing < baseline / 4
