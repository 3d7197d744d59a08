"""The pace of a run: it obeys at once while it waits, spins nowhere, and its results do not depend on it."""

from __future__ import annotations

import time

import numpy as np
import pytest

from engine.runs.messages import Pause, PauseAt, Resume, SetPace, State, Step
from engine.runs.pace import FULL, ONE_AT_A_TIME, Pace, PaceError, pace_of_text
from engine.session.pacing import Pacer
from tests.engine.session.sessions import Session
from tests.timing import assert_within


@pytest.mark.parametrize(
    ("text", "pace"),
    [("full", FULL), ("1", ONE_AT_A_TIME), ("50/s", Pace(50.0)), (" 0.5 / s", Pace(0.5)), ("FULL", FULL)],
)
def test_a_pace_is_read(text: str, pace: Pace) -> None:
    assert pace_of_text(text) == pace
    assert pace_of_text(str(pace)) == pace


@pytest.mark.parametrize("text", ["", "fast", "50", "0/s", "-5/s", "50/m", "nan/s", "inf/s", "1e9/s", "5/s/s"])
def test_what_is_no_pace_gets_a_sentence(text: str) -> None:
    with pytest.raises(PaceError, match="write full, 1") as refused:
        pace_of_text(text)
    assert "\n" not in str(refused.value)


def test_steps_come_at_the_pace_and_the_speed_is_measured() -> None:
    session = Session(Pace(100.0))
    first = session.made(1)
    began = time.perf_counter()
    last = session.made(first.step + 60)
    took = time.perf_counter() - began
    assert (last.step - first.step) / took < 115  # never faster; a busy machine may be slower
    assert last.steps_per_second < 115
    session.end()


def test_a_run_that_waits_obeys_at_once_and_uses_no_time() -> None:
    session = Session(Pace(0.05))  # 20 s between two steps
    session.made(1)
    used = time.process_time()
    time.sleep(0.3)
    assert time.process_time() - used < 0.15
    began = time.perf_counter()
    session.commands.put(Pause())
    session.until(lambda update: update.state is State.PAUSED)
    session.commands.put(Step())
    assert session.until(lambda update: update.state is State.PAUSED).step == 2
    session.commands.put(Resume())
    session.commands.put(SetPace(FULL))
    session.made(50)
    session.end()
    assert_within(time.perf_counter() - began, 10)


def test_one_step_at_a_time_rests_after_each_and_goes_on_at_another_pace() -> None:
    session = Session(ONE_AT_A_TIME)
    assert session.until(lambda update: update.state is State.PAUSED).step == 1
    session.commands.put(Resume())
    assert session.until(lambda update: update.state is State.PAUSED).step == 2
    session.commands.put(Step(3))
    assert session.until(lambda update: update.state is State.PAUSED).step == 5
    session.commands.put(SetPace(FULL))
    session.made(40)
    session.commands.put(SetPace(ONE_AT_A_TIME))
    rested = session.until(lambda update: update.state is State.PAUSED)
    assert session.ask().step == rested.step
    session.end()


def test_a_run_pauses_at_the_step_that_was_asked_for() -> None:
    session = Session(FULL)
    session.commands.put(PauseAt(30))
    assert session.until(lambda update: update.state is State.PAUSED).step == 30
    session.commands.put(PauseAt(45))
    assert session.until(lambda update: update.state is State.PAUSED and update.step > 30).step == 45
    session.commands.put(Resume())
    session.made(60)
    session.commands.put(PauseAt(50))  # it is further already
    rested = session.until(lambda update: update.state is State.PAUSED and update.step > 45)
    assert session.ask().step == rested.step
    session.end()


def test_results_do_not_depend_on_the_pace() -> None:
    found = []
    for pace in (FULL, Pace(400.0), ONE_AT_A_TIME):
        session = Session(pace, steps=40)
        if pace.one_at_a_time:
            session.commands.put(Step(40))
        session.until(lambda update: update.state is State.FINISHED)
        session.ask()
        updates = session.end()
        snapshot = next(update.snapshot for update in reversed(updates) if update.snapshot is not None)
        found.append((session.rows(), snapshot))
    for metrics, snapshot in found[1:]:
        np.testing.assert_array_equal(metrics, found[0][0])
        np.testing.assert_array_equal(snapshot.prediction, found[0][1].prediction)


def test_a_late_step_does_not_make_the_next_ones_hurry() -> None:
    pacer = Pacer(Pace(1000.0))
    pacer.begin(0)
    time.sleep(0.3)
    pacer.made(1)
    made = 1
    while pacer.wait_s == 0 and made < 300:
        made += 1
        pacer.made(made)
    assert made <= 120  # 50 ms are caught up, not 300
