"""A run that goes on until its task is solved: it ends there, says so, and can go on all the same."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import numpy as np
import pytest

from engine.recording.recording import Recording
from engine.runs.ending import SOLVED, ends_when_solved, most_steps
from engine.runs.messages import ExtendSteps, Pull, State, Stop, Update
from engine.runs.pace import FULL, Pace
from engine.session.recorder import RecordTo
from engine.settings.config import TrainingConfig
from engine.tasks import TASKS
from tests.engine.session.sessions import Session

EASY: dict[str, Any] = {"task": "temporal-order", "sequence_length": 10, "batch_size": 100, "cell_size": 8}
EASY |= {"learning_rate": 0.03}
"""Solved after some seventy steps."""


def solved(session: Session) -> Update:
    return session.until(lambda update: update.state is State.FINISHED)


def events(session: Session) -> list[tuple[int, str]]:
    return [event for update in session.updates for event in update.events]


def test_tasks_that_say_in_numbers_what_solved_is_end_so_and_others_after_their_steps() -> None:
    for name, task in TASKS.items():
        config = TrainingConfig(task=name, until="solved", steps=77, limit=88)
        assert ends_when_solved(config) == (task.goal is not None)
        assert most_steps(config) == (88 if task.goal is not None else 77)
    assert not ends_when_solved(TrainingConfig())
    assert not ends_when_solved(TrainingConfig(task="own:/tmp/task.py", until="solved"))


@pytest.mark.parametrize("pace", [FULL, Pace(2000.0)])
def test_a_run_ends_where_it_is_solved_at_the_same_step_at_any_pace(pace: Pace) -> None:
    session = Session(pace, **EASY, until="solved")
    last = solved(session)
    session.commands.put(Pull())
    session.until(lambda update: update.answer)
    ((at, words),) = events(session)
    assert words == SOLVED
    assert last.message == f"solved at step {at:,}"
    assert last.solved
    assert not last.until_solved
    assert at <= last.step == last.goal < at + 20
    assert last.step < 2000
    whole = Session(FULL, **EASY, steps=last.step)
    solved(whole)
    assert events(whole) == events(session) or not events(whole)
    np.testing.assert_array_equal(session.rows(), whole.all_rows())
    whole.end()
    # It goes on when that is wanted, and is not stopped again.
    session.commands.put(ExtendSteps(100))
    on = session.until(lambda update: update.state is State.FINISHED)
    assert on.step == last.step + 100
    assert not on.solved
    session.end()


def test_a_run_that_is_not_solved_ends_at_its_limit() -> None:
    session = Session(FULL, **EASY, until="solved", limit=30)
    last = solved(session)
    assert last.step == 30
    assert not last.solved
    session.end()


def test_a_solved_run_that_is_resumed_goes_on_to_its_goal(tmp_path: Path) -> None:
    path = tmp_path / "run.lstmrec"
    session = Session(FULL, RecordTo(path), **EASY, until="solved")
    last = solved(session)
    session.end()
    with Recording(path) as recording:
        assert [event.words for event in recording.events()] == [SOLVED]
        assert recording.about().goal == last.step
    again = Session(FULL, RecordTo(path, resume=True), **EASY, until="solved")
    again.until(lambda update: update.state is State.FINISHED)
    again.commands.put(ExtendSteps(60))
    assert again.until(lambda update: update.state is State.FINISHED and update.step > last.step).step == last.step + 60
    again.commands.put(Stop())
    again.end()
