import os
import signal
import subprocess
import sys
import threading
import time
from collections.abc import Callable, Iterator
from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np
import psutil
import pytest

from engine.runs.ending import SOLVED
from engine.runs.messages import (
    ChangeSetting,
    ExtendSteps,
    FollowSequence,
    Pause,
    Resume,
    SetProbe,
    State,
    Step,
    TakeApart,
    Update,
)
from engine.runs.metrics import BEFORE_LAYERS, Metrics
from engine.runs.observation import FLOW, OBSERVED
from engine.session.worker import TrainingWorker
from engine.settings.config import TrainingConfig
from engine.text.numbers import brief
from tests.timing import assert_within, timed

SMALL: dict[str, Any] = {"sequence_length": 6, "batch_size": 16, "cell_size": 8, "steps": 200}
KINDS = ["process", "thread"]
PATIENCE_S = 60.0

Start = Callable[..., "Run"]


class Run:
    """A worker, and everything it has said."""

    def __init__(self, **settings: Any) -> None:
        self.worker = TrainingWorker(TrainingConfig(**{**SMALL, **settings}))
        self.updates: list[Update] = []
        self.worker.start()

    def until(
        self, condition: Callable[[Update], bool], ask: bool = True, wants: frozenset[str] = frozenset()
    ) -> Update:
        """Take updates until one fulfils the condition, and return it."""
        deadline = time.monotonic() + PATIENCE_S
        while time.monotonic() < deadline:
            if ask:
                self.worker.request(wants)
            if not self.worker.wait_for_mail(0.05):
                continue
            update = self.worker.take()
            if update is None:
                continue
            self.updates.append(update)
            if condition(update):
                return update
        raise AssertionError(f"nothing came within {PATIENCE_S} s; the last was {self.updates[-1:]}")

    def state(self, state: State, ask: bool = True) -> Update:
        return self.until(lambda update: update.state is state, ask)

    def answer(self) -> Update:
        """The answer to a question asked now."""
        return self.until(lambda update: update.answer)

    def rows(self) -> np.ndarray:
        return np.concatenate([update.metrics.values for update in self.updates if update.metrics is not None])


@pytest.fixture
def start() -> Iterator[Start]:
    runs: list[Run] = []

    def begin(**settings: Any) -> Run:
        runs.append(Run(**settings))
        return runs[-1]

    yield begin
    for run in runs:
        run.worker.close(grace_s=0.5)
    assert all(run.worker.join(10) for run in runs)
    assert not [child for child in psutil.Process().children() if child.pid in {r.worker.child_pid for r in runs}]
    # The closers outlive their runs by a moment.
    for thread in threading.enumerate():
        if thread.name.startswith("training") and thread is not threading.current_thread():
            thread.join(5)
    assert not [thread for thread in threading.enumerate() if thread.name.startswith("training")]


@pytest.mark.parametrize("kind", KINDS)
def test_trains_to_the_end_and_the_loss_falls(real_children: None, start: Start, kind: str) -> None:
    run = start(worker=kind)
    run.state(State.FINISHED)
    last = run.answer()
    rows = run.rows()
    assert len(rows) == last.step == last.goal == 200
    assert rows[-20:, 0].mean() < 0.6 * rows[:20, 0].mean()
    # The snapshot of the last step may have come with an answer before this one; none is sent twice.
    snapshots = [update.snapshot for update in (*run.updates, last) if update.snapshot is not None]
    assert snapshots[-1].step == 200
    assert last.steps_per_second > 0
    ready = next(update for update in run.updates if update.facts is not None)
    assert ready.facts is not None
    assert ready.facts.name == "adding"
    assert ("cpu", ready.devices[0][1]) == ready.devices[0]
    where = {"process": "child process", "thread": "worker thread"}[kind]
    assert last.place.startswith(f"{where}, ")
    assert last.place.endswith(" CPU")
    # It rests, can be stepped and extended, and is then stopped.
    run.worker.tell(Step())
    one_more = run.until(lambda update: update.state is State.FINISHED and update.step == 201)
    assert one_more.goal == 201
    run.worker.tell(ExtendSteps(9))
    run.until(lambda update: update.state is State.FINISHED and update.step == 210)
    run.worker.stop()
    run.state(State.STOPPED)
    assert len(run.rows()) == 210
    assert run.worker.join(5)


@pytest.mark.parametrize("kind", KINDS)
def test_pause_step_resume_and_stop(start: Start, kind: str) -> None:
    run = start(worker=kind, steps=1_000_000)
    run.until(lambda update: update.step > 20)
    run.worker.tell(Pause())
    run.state(State.PAUSED, ask=False)
    paused = run.answer()
    assert run.answer().step == paused.step
    assert run.updates[-1].metrics is None
    run.worker.tell(Step())
    one = run.until(lambda update: update.state is State.PAUSED and update.step == paused.step + 1, ask=False)
    run.worker.tell(Step(5))
    run.until(lambda update: update.state is State.PAUSED and update.step == one.step + 5, ask=False)
    assert run.answer().snapshot is not None
    run.worker.tell(Resume())
    run.until(lambda update: update.state is State.RUNNING and update.step > one.step + 20)
    run.worker.stop()
    last = run.state(State.STOPPED, ask=False)
    assert len(run.rows()) == last.step  # not one step is lost
    assert run.worker.join(5)
    assert not run.worker.alive


@pytest.mark.parametrize("kind", KINDS)
def test_learning_rate_and_clipping_reach_the_run(start: Start, kind: str) -> None:
    run = start(worker=kind, steps=1_000_000, optimizer="sgd", momentum=0.0)
    run.until(lambda update: update.step > 0)
    run.worker.tell(ChangeSetting("learning_rate", 0.0))
    run.until(lambda update: update.refusals and "from 0.000001 to 1,000" in update.refusals[0].sentence)
    run.worker.tell(ChangeSetting("learning_rate", 1e-6))
    run.worker.tell(ChangeSetting("clip_norm", 0.5))
    run.worker.tell(Pause())
    run.state(State.PAUSED)
    before = run.until(lambda update: update.answer and update.state is State.PAUSED)
    run.worker.tell(Step(10))
    run.until(lambda update: update.state is State.PAUSED and update.step == before.step + 10)
    after = next(update.snapshot for update in reversed(run.updates) if update.snapshot is not None)
    if after.step != before.step + 10:
        found = run.answer().snapshot
        assert found is not None
        after = found
    earlier = [update.snapshot for update in run.updates if update.snapshot is not None]
    known = next(snapshot for snapshot in earlier if snapshot.step == before.step)
    np.testing.assert_allclose(known.weights[0]["W_f"], after.weights[0]["W_f"], rtol=0, atol=6e-6)


@pytest.mark.parametrize("kind", KINDS)
def test_what_is_wanted_comes_with_a_snapshot(start: Start, kind: str) -> None:
    run = start(worker=kind, steps=1_000_000, twin="on")
    wants = frozenset({FLOW, OBSERVED})
    seen = run.until(lambda update: bool(update.snapshot and update.snapshot.extras.observed), wants=wants)
    assert seen.snapshot is not None
    assert set(seen.snapshot.extras.observed.weights) >= {"layer1.W_f", "layer1.b_o", "W_out", "b_out"}
    seen = run.until(lambda update: bool(update.snapshot and update.snapshot.extras.flow), wants=wants)
    extras = seen.snapshot.extras
    assert extras.flow.layers[0].states["C_t"].shape == (6,)
    assert extras.twin_flow.layers[0].states["h_t"].shape == (6,)
    # Nobody looks any more: what comes from now on is a plain snapshot, and the plain RNN can be left out.
    run.worker.tell(ChangeSetting("twin", "off"))
    step = run.answer().step
    plain = run.until(lambda update: bool(update.snapshot and update.snapshot.step > step))
    assert plain.snapshot.extras.flow is None
    assert np.isnan(run.rows()[-1, BEFORE_LAYERS.index("twin_loss")])


@pytest.mark.parametrize("kind", KINDS)
def test_clamps_freezing_and_the_probe_reach_the_run_and_are_told(start: Start, kind: str) -> None:
    run = start(worker=kind, steps=1_000_000)
    run.until(lambda update: update.step > 0)
    run.worker.tell(ChangeSetting("clamped", "f=1"))
    run.worker.tell(ChangeSetting("frozen", "layer1.W_o"))
    run.worker.tell(SetProbe(x=np.ones((9, 2), dtype=np.float32)))
    clamped = run.until(lambda update: bool(update.snapshot and update.snapshot.gates[0]["f"].shape == (9, 8)))
    np.testing.assert_array_equal(clamped.snapshot.gates[0]["f"], 1)
    frozen = clamped.snapshot.weights[0]["W_o"]
    later = run.until(lambda update: bool(update.snapshot and update.step > clamped.step + 5))
    np.testing.assert_array_equal(later.snapshot.weights[0]["W_o"], frozen)
    words = [text for update in run.updates for _, text in update.events if text != SOLVED]
    assert words == ["clamped: f=1", "frozen: layer1.W_o", "probe: a sequence of one's own"]
    # A sequence that does not fit gets a sentence, and the run goes on.
    run.worker.tell(SetProbe(x=np.ones((9, 5), dtype=np.float32)))
    run.until(lambda update: update.refusals and "× 2 finite numbers" in update.refusals[0].sentence)
    assert run.until(lambda update: update.step > later.step).state is State.RUNNING


@pytest.mark.parametrize("kind", KINDS)
def test_the_sequence_to_follow_reaches_a_run_that_rests_and_is_told(start: Start, kind: str) -> None:
    run = start(worker=kind, steps=1_000_000)
    wants = frozenset({FLOW})

    def flow_of(number: int) -> Callable[[Update], bool]:
        def came(update: Update) -> bool:
            flow = update.snapshot.extras.flow if update.snapshot else None
            return flow is not None and flow.sequence == number

        return came

    of_all = run.until(flow_of(0), wants=wants)
    run.worker.tell(FollowSequence(3))
    run.until(flow_of(3), wants=wants)
    run.worker.tell(Pause())
    run.state(State.PAUSED)
    paused = run.answer()
    norms = []
    for number in (5, 16):
        run.worker.tell(FollowSequence(number))
        update = run.until(flow_of(number), wants=wants)
        assert (update.state, update.step) == (State.PAUSED, paused.step)
        assert update.snapshot.extras.flow.step == paused.step + 1
        norms.append(update.snapshot.extras.flow.layers[0].states["h_t"])
    assert not np.array_equal(*norms)
    run.worker.tell(FollowSequence(None))
    run.worker.tell(FollowSequence(None))  # what is followed already is no event
    run.until(flow_of(0), wants=wants)
    events = [event for update in run.updates for event in update.events if event[1] != SOLVED]
    followed = [f"gradients of {words}" for words in ("sequence 3", "sequence 5", "sequence 16", "all sequences")]
    assert [words for _, words in events] == followed
    assert of_all.step <= events[0][0] <= paused.step
    assert {step for step, _ in events[1:]} == {paused.step}


@pytest.mark.parametrize("kind", KINDS)
def test_what_is_told_while_an_answer_is_on_its_way_is_shown_all_the_same(start: Start, kind: str) -> None:
    run = start(worker=kind, steps=1_000_000)
    wants = frozenset({FLOW})
    run.until(lambda update: update.snapshot is not None, wants=wants)
    run.worker.tell(Pause())
    run.state(State.PAUSED)
    run.answer()
    for number in (5, 16):
        run.updates.clear()
        run.worker.request(wants)
        run.worker.tell(FollowSequence(number))
        run.until(lambda update: update.answer, wants=wants)  # as a window that asks until it has the answer
        flows = [update.snapshot.extras.flow for update in run.updates if update.snapshot is not None]
        assert flows
        assert flows[-1].sequence == number


@pytest.mark.parametrize("kind", KINDS)
def test_a_step_taken_apart_rests_until_it_is_told_to_go_on(start: Start, kind: str) -> None:
    run = start(worker=kind, steps=1_000_000)
    run.until(lambda update: update.step > 3)
    run.worker.tell(TakeApart())
    told = run.until(lambda update: update.apart is not None)
    assert told.state is State.PAUSED
    assert told.apart.step == told.step
    assert run.answer().step == told.step
    assert run.rows()[told.step - 1, 0] == np.float32(told.apart.loss)
    run.worker.tell(Resume())
    run.until(lambda update: update.step > told.step)


@pytest.mark.parametrize("kind", KINDS)
def test_a_loss_that_is_lost_pauses_the_run(start: Start, kind: str) -> None:
    run = start(worker=kind, steps=1_000_000, optimizer="sgd", clip_norm=0.0, learning_rate=1000.0)
    lost = run.until(lambda update: update.diverged, ask=False)
    assert lost.state is State.PAUSED
    run.answer()
    rows = run.rows()
    first = int(np.flatnonzero(~np.isfinite(rows[:, 0]))[0])
    assert f"at step {first + 1};" in lost.message
    norm = rows[:first, 2][np.isfinite(rows[:first, 2])][-1]
    assert f"the last finite gradient norm was {brief(float(norm))}" in lost.message
    assert "Lower the learning rate" in lost.message
    # Resuming does no harm: the run pauses again and says the same.
    run.worker.tell(Resume())
    again = run.until(lambda update: update.state is State.PAUSED and update.step > lost.step, ask=False)
    assert again.message == lost.message


@pytest.mark.parametrize("kind", KINDS)
def test_what_goes_wrong_comes_back_as_a_sentence(start: Start, kind: str, tmp_path: Path) -> None:
    gone = start(worker=kind, task="series", series_file=str(tmp_path / "gone.csv")).state(State.FAILED)
    assert "gone.csv: the file cannot be read" in gone.error
    assert not gone.traceback
    refused = start(worker=kind, cell_size=4, hidden_size=5).state(State.FAILED)
    assert "proj_size" in refused.error


@pytest.mark.parametrize("kind", KINDS)
def test_an_unexpected_exception_comes_back_as_its_own_text(start: Start, kind: str) -> None:
    run = start(worker=kind, steps=1_000_000)
    run.until(lambda update: update.step > 0)
    run.worker.tell(Step("two"))  # type: ignore[arg-type]  # the mistake is the test
    failed = run.state(State.FAILED)
    assert failed.error.startswith("Training ended with an error, ")
    assert "Traceback (most recent call last)" in failed.traceback
    assert "run_session" in failed.traceback
    assert run.worker.join(10)
    run.worker.request()
    assert run.worker.take() is None


def test_a_child_that_is_killed_is_told(start: Start) -> None:
    run = start(worker="process", steps=1_000_000)
    running = run.until(lambda update: update.step > 0)
    pid = run.worker.child_pid
    assert pid is not None
    os.kill(pid, signal.SIGKILL)
    failed = run.state(State.FAILED, ask=False)
    assert "SIGKILL" in failed.error
    assert "exit code -9" in failed.error
    assert failed.step >= 0
    assert failed.goal == running.goal
    assert run.worker.join(5)


@timed
@pytest.mark.parametrize("moment", ["at once", "while loading", "while training"])
def test_closing_leaves_no_child_within_two_seconds(real_children: None, start: Start, moment: str) -> None:
    run = start(worker="process", steps=1_000_000)
    if moment == "while loading":
        run.until(lambda update: update.message == "loading torch", ask=False)
    elif moment == "while training":
        run.until(lambda update: update.step > 0)
    begin = time.monotonic()
    run.worker.close()
    assert_within(time.monotonic() - begin, 0.05)  # closing does not wait
    assert run.worker.join(10)
    assert_within(time.monotonic() - begin, 2.0)
    pid = run.worker.child_pid
    assert pid is not None
    assert not psutil.pid_exists(pid)
    assert run.state(State.STOPPED, ask=False)


def test_a_child_that_hangs_is_ended(start: Start) -> None:
    run = start(worker="process", steps=1_000_000)
    run.until(lambda update: update.step > 0)
    pid = run.worker.child_pid
    assert pid is not None
    os.kill(pid, signal.SIGSTOP)
    for _ in range(20_000):
        run.worker.tell(
            ChangeSetting("learning_rate", 0.01)
        )  # more than a pipe holds: nobody may wait for the child to read it
    run.worker.close(grace_s=0.2)
    assert run.worker.join(10)
    assert not psutil.pid_exists(pid)
    run.state(State.STOPPED, ask=False)


def test_a_window_that_is_killed_leaves_no_child() -> None:
    code = (
        "from engine.settings.config import TrainingConfig\n"
        "from engine.session.worker import TrainingWorker\n"
        "import threading\n"
        "worker = TrainingWorker(TrainingConfig(steps=1_000_000))\n"
        "worker.start()\n"
        "while not worker.wait_for_mail(0.05) or worker.take().state != 'running':\n"
        "    pass\n"
        "print(worker.child_pid, flush=True)\n"
        "threading.Event().wait()\n"
    )
    with subprocess.Popen([sys.executable, "-c", code], stdout=subprocess.PIPE, text=True) as window:
        assert window.stdout is not None
        child = psutil.Process(int(window.stdout.readline()))
        window.kill()
        child.wait(timeout=10)
    assert not child.is_running()


def test_an_untaken_update_joins_a_newer_one() -> None:
    rows = Metrics(("loss", "measure"), np.zeros((3, 2), dtype=np.float32))
    older = Update(State.RUNNING, step=3, metrics=rows, error="lost?", answer=True)
    both = Update(State.PAUSED, step=5, metrics=replace(rows, values=rows.values[:2])).after(older)
    assert both.state is State.PAUSED
    assert both.step == 5
    assert both.metrics is not None
    assert len(both.metrics) == 5
    assert both.error == "lost?"
    assert Update(State.RUNNING).after(older).metrics is rows
    assert Update(State.RUNNING).after(None).metrics is None


def test_nothing_queues_while_nobody_takes(start: Start) -> None:
    run = start(worker="process", steps=3000)
    for _ in range(1000):
        run.worker.request()  # at most one is on its way
    run.state(State.FINISHED)
    assert sum(update.answer for update in run.updates) <= len(run.updates)
    run.answer()
    assert len(run.rows()) == 3000
