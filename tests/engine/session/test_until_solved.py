"""A run that goes on until its task is solved: it ends there, says so, and can go on all the same."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import numpy as np
import pytest

from engine.recording.recording import Recording
from engine.runs.ending import SOLVED, ends_when_solved, most_steps
from engine.runs.messages import ChangeSetting, ExtendSteps, Pause, Pull, Resume, State, Stop, Update
from engine.runs.pace import FULL, Pace
from engine.session.recorder import RecordTo
from engine.settings.config import TrainingConfig
from engine.shipped import SHIPPED
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


# "Stop when solved", switched while the run goes on


def test_a_run_of_so_many_steps_is_told_to_stop_when_it_is_solved_and_the_recording_has_it(tmp_path: Path) -> None:
    path = tmp_path / "run.lstmrec"
    session = Session(Pace(400.0), RecordTo(path), **EASY, steps=5000)
    session.made(5)
    session.commands.put(ChangeSetting("until", "solved"))
    told = session.until(lambda update: update.until_solved)
    assert told.goal == 100_000
    assert solved(session).solved
    session.end()
    assert [words for _, words in events(session)] == ["stops when solved", SOLVED]
    with Recording(path) as recording:
        assert recording.about().config.until == "solved"
        assert [event.words for event in recording.events()] == ["stops when solved", SOLVED]


def test_what_was_switched_is_resumed_so(tmp_path: Path) -> None:
    path = tmp_path / "run.lstmrec"
    session = Session(Pace(300.0), RecordTo(path), **EASY, steps=5000)
    session.made(5)
    session.commands.put(ChangeSetting("until", "solved"))
    session.until(lambda update: update.until_solved)
    session.commands.put(Pause())
    session.until(lambda update: update.state is State.PAUSED)
    session.end()
    again = Session(FULL, RecordTo(path, resume=True), **EASY)
    last = solved(again)
    assert last.solved
    assert last.step < 2000
    again.end()


def test_a_run_that_is_to_stop_when_solved_is_told_to_make_its_steps() -> None:
    session = Session(Pace(300.0), **EASY, until="solved", steps=150)
    session.made(5)
    session.commands.put(ChangeSetting("until", "steps"))
    told = session.until(lambda update: not update.until_solved and update.goal == 150)
    assert told.state is State.RUNNING
    last = solved(session)
    assert (last.step, last.solved) == (150, False)
    # Further than its steps already, it goes on to its limit when it is switched so, and back again.
    session.commands.put(ChangeSetting("limit", 400))
    session.commands.put(ChangeSetting("until", "solved"))
    rested = session.until(lambda update: update.until_solved)
    assert (rested.state, rested.goal) == (State.PAUSED, 400)
    session.commands.put(Resume())
    last = solved(session)
    assert last.solved
    assert last.step < 400
    session.end()


def test_a_limit_is_raised_and_lowered_while_the_run_goes_on() -> None:
    session = Session(FULL, **EASY, until="solved", limit=30)
    assert solved(session).step == 30
    session.commands.put(ChangeSetting("limit", 40))
    assert session.until(lambda update: update.goal == 40).state is State.PAUSED
    session.commands.put(ChangeSetting("limit", 20))
    assert session.until(lambda update: update.goal == 30).state is State.FINISHED
    # Continuing after the limit still ends when it is solved.
    session.commands.put(ExtendSteps(3000))
    last = session.until(lambda update: update.state is State.FINISHED and update.step > 30)
    assert last.solved
    session.end()


# A goal that was declared


def test_a_run_ends_at_a_declared_goal_and_its_recording_knows_it(tmp_path: Path) -> None:
    path = tmp_path / "run.lstmrec"
    settings: dict[str, Any] = {"task": "sine", "until": "solved", "goal": "measure below 1000 for 30 steps"}
    session = Session(FULL, RecordTo(path), **settings)
    last = solved(session)
    assert (last.step, last.solved, last.message) == (40, True, "solved at step 30")
    session.end()
    with Recording(path) as recording:
        verdict = recording.about().verdict
    assert verdict is not None
    assert verdict.sentence.startswith("Solved at step 30: ")
    assert verdict.sentence.endswith(" below 1,000 at each of the last 30 steps")


def test_a_users_own_task_declares_its_goal_in_its_file(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    source = (
        (SHIPPED / "tasks" / "first_value.py").read_text().replace("measure below 0.05 for 100", "loss below 9 for 10")
    )
    (tmp_path / "mine.py").write_text(source)
    monkeypatch.setenv("LSTM_VISUALIZER_TASKS", str(tmp_path))
    session = Session(FULL, task="own:mine", until="solved", limit=500)
    last = solved(session)
    assert (last.step, last.solved) == (20, True)
    session.end()
