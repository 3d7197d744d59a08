"""Two real processes that train together through gloo, one of which is sometimes killed."""

import itertools
import json
import os
import signal
import socket
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
import torch

import main
from engine.cell.cells import CELLS
from engine.commands.train.ranks import is_distributed
from engine.recording.about import About
from engine.recording.recording import Recording
from engine.recording.writer import RecordingWriter
from engine.runs.messages import State, Update
from engine.runs.metrics import Float32
from engine.session.ranks import run_distributed
from engine.session.recorder import newest_checkpoint
from engine.session.signals import Signals
from engine.settings.config import ConfigError, TrainingConfig
from engine.tasks import TASKS, create_task
from engine.training.distributed import Float64, Group, Rank, check_everywhere, check_shared, rank_columns
from engine.training.trainer import Trainer
from tests.engine.recordings import COLUMNS, counted, moved, parcels
from tests.engine.recordings import about as about_of
from tests.timing import assert_within, timed

ROOT = Path(__file__).parents[3]
SMALL = TrainingConfig(sequence_length=12, batch_size=6, cell_size=4, clip_norm=0.0, device="cpu")
OWN = """import numpy as np
from engine.tasks.base import Task

class Few(Task):
    input_size = 1
    output_size = 3
    every_step = True
    answers = "symbols"

    def examples(self, rng, count):
        x = rng.uniform(-1, 1, (self.config.sequence_length, count, 1)).astype(np.float32)
        target = np.eye(3, dtype=np.float32)[rng.integers(3, size=x.shape[:2])]
        asked = rng.integers(1, len(x), count)  # each sequence has another number of answers
        return x, target * (np.arange(len(x))[:, None, None] < asked[:, None])
"""
CONFIGS = (
    *(replace(SMALL, task=name) for name in (*TASKS, "own:few")),
    *(replace(SMALL, cell=cell) for cell in CELLS),
    *(replace(SMALL, cell=cell, clamped="f=1", frozen="layer1.b_o") for cell in ("lstm", "peephole")),
    replace(SMALL, layers=2, hidden_size=2, optimizer="sgd", clip_norm=0.01, twin="on"),
    replace(SMALL, dropout=0.4, twin="on"),
    replace(SMALL, task="characters", dropout=0.4),
)


def refuse_on(rank: Rank, number: int) -> None:
    if rank.number == number:
        raise ConfigError("too small")


def compare_gradients() -> None:
    """What each rank of the test below runs; the first says how far it is from one process with the whole batch."""
    torch.set_num_threads(1)
    with Group(Rank.of_environment()) as group:
        assert group.choose_device("cpu") == torch.device("cpu")
        with pytest.raises(ConfigError, match=r"^Rank 1: too small$"):
            check_everywhere(group, lambda: refuse_on(group.rank, 1))
        for number, config in enumerate(CONFIGS):
            task = create_task(config)
            shared = Trainer(config, task, torch.float64, share=group.share)
            alone = Trainer(config, task, torch.float64)
            (row, seen), (row_alone, seen_alone) = (
                trainer.learner.seen_step(*trainer.batch()) for trainer in (shared, alone)
            )
            loss = np.mean(group.all_of(float(row[0].detach())))
            gradients = [np.abs(seen.gradients[name] - g).max() for name, g in seen_alone.gradients.items()]
            largest = max(float(np.abs(g).max()) for g in seen_alone.gradients.values())
            for trainer in (shared, alone):
                trainer.step()
                trainer.snapshot(frozenset({"flow", "observed"}) if group.rank.is_first else frozenset())
                trainer.step()
            weights = [
                np.abs(W - alone.learner.network.all_weights()[name]).max()
                for name, W in shared.learner.network.all_weights().items()
            ]
            off = max(*gradients, abs(loss - float(row_alone[0].detach())), *weights)
            norms = group.all_of(group.batches.take_norms().tolist())
            if group.rank.is_first:
                answer = {"number": number, "off": float(off), "largest": largest, "norms": norms}
                print(json.dumps(answer), flush=True)


def die_in_exchange() -> None:
    """What rank 1 of a test below runs: it is killed when it would give its numbers to rank 0, after its own steps."""
    gathered, blocks = Group.gathered, itertools.count()

    def gathered_or_dead(group: Group, numbers: Float64) -> list[Float64]:
        if next(blocks) == 8:
            os.kill(os.getpid(), signal.SIGKILL)
        return gathered(group, numbers)

    Group.gathered = gathered_or_dead  # type: ignore[method-assign]
    main.main(sys.argv[1:])


@contextmanager
def ranks(*commands: list[str], **environment: str) -> Iterator[list[subprocess.Popen[str]]]:
    """One process for each command, which are ranks 0, 1, … of one run."""
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port = free.getsockname()[1]
    whole = {**os.environ, "WORLD_SIZE": str(len(commands)), "MASTER_ADDR": "127.0.0.1", "MASTER_PORT": str(port)}
    whole |= {"OMP_NUM_THREADS": "1", "GLOO_SOCKET_IFNAME": "lo", **environment}
    processes = [
        subprocess.Popen(
            [sys.executable, *command],
            cwd=ROOT,
            env={**whole, "RANK": str(number), "LOCAL_RANK": str(number)},
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
            text=True,
        )
        for number, command in enumerate(commands)
    ]
    try:
        yield processes
    finally:
        for process in processes:
            process.kill()
            process.communicate()


def training(path: Path, *arguments: str) -> list[str]:
    return ["main.py", "train", "--json", "--record", str(path), *arguments]


NEW = ("--task", "embedded-reber", "--batch-size", "4", "--sequence-length", "10", "--cell-size", "4")


def run(*command: str) -> subprocess.CompletedProcess[str]:
    return subprocess.run([sys.executable, *command], cwd=ROOT, capture_output=True, text=True, timeout=100)


def wait_for_step(process: subprocess.Popen[str], step: int) -> None:
    assert process.stdout is not None
    for line in process.stdout:
        if json.loads(line)["step"] >= step:
            return
    assert process.stderr is not None
    pytest.fail(f"the run ended before step {step}: {process.stderr.read()}")


def recorded(path: Path) -> tuple[About, Float32]:
    with Recording(path) as recording:
        return recording.about(), np.concatenate(list(recording.rows()))


def last_line(text: str) -> dict[str, object]:
    return dict(json.loads(text.splitlines()[-1]))


def test_two_ranks_have_the_gradients_of_one_with_the_whole_batch(tmp_path: Path) -> None:
    (tmp_path / "few.py").write_text(OWN, encoding="utf-8")
    command = ["-c", "from tests.engine.session.test_ranks import compare_gradients; compare_gradients()"]
    with ranks(command, command, LSTM_VISUALIZER_TASKS=str(tmp_path)) as processes:
        (out, err), (_, err_1) = (process.communicate(timeout=100) for process in processes)
    answers = [json.loads(line) for line in out.splitlines()]
    assert len(answers) == len(CONFIGS), err + err_1
    for answer in answers:
        assert answer["off"] <= 1e-12, CONFIGS[answer["number"]]
        assert answer["largest"] > 1e-6
        first, second = answer["norms"]
        assert len(first) == len(second) == 3
        assert first != second


@timed
def test_a_killed_rank_ends_the_run_and_it_goes_on_with_one_or_two(tmp_path: Path) -> None:
    path = tmp_path / "run.lstmrec"
    command = training(path, *NEW, "--steps", "1000000")
    with ranks(command, command) as (first, second):
        wait_for_step(first, 30)
        second.kill()
        begin = time.perf_counter()
        out, err = first.communicate(timeout=60)
        assert_within(time.perf_counter() - begin, 30.0)
    assert first.returncode == 1
    assert "Rank 1 of 2 (counted from 0) was lost." in err
    assert last_line(out)["state"] == "failed"
    about, rows = recorded(path)
    checkpoint, _ = newest_checkpoint(path)
    assert checkpoint.step == about.steps == len(rows) >= 30
    assert about.ranks == 2
    assert about.columns[-4:] == rank_columns(2)
    assert about.place == "2 ranks, gloo, 1 thread each, CPU"
    known = rows[:30, -4:]
    assert np.isfinite(known).all()
    assert (known > 0).all()
    assert np.isfinite(rows[:, :4]).all()
    # The gradient that is trained with is the mean of those of the ranks, so that it is no longer than they are.
    assert (rows[:30, 2] <= known[:, [1, 3]].mean(axis=1) * (1 + 1e-5)).all()

    alone = run(*training(path, "--resume", "--steps", str(about.steps + 20)))
    assert alone.returncode == 0, alone.stderr
    goal = about.steps + 40
    moved(path, "mps")
    torchrun = ["-m", "torch.distributed.run", "--nproc-per-node", "2", "--standalone"]
    together = run(*torchrun, *training(path, "--resume", "--steps", str(goal)))
    assert together.returncode == 0, together.stderr
    assert last_line(together.stdout) == {**last_line(together.stdout), "done": True, "steps": goal}
    assert together.stderr.count("The run used mps, which is not available now: it continues on cpu") == 1
    after, more = recorded(path)
    assert (after.steps, after.state, after.ranks) == (goal, "finished", 2)
    assert after.resumed == (about.steps, about.steps + 20)
    np.testing.assert_array_equal(more[: about.steps], rows)
    assert np.isnan(more[about.steps : -20, -4:]).all()
    assert np.isfinite(more[-20:, -4:]).all()


@pytest.mark.soak
def test_no_step_is_missing_where_a_rank_dies_between_two_blocks(tmp_path: Path) -> None:
    path = tmp_path / "run.lstmrec"
    command = training(path, *NEW, "--steps", "1000000")
    dying = ["-c", "from tests.engine.session.test_ranks import die_in_exchange; die_in_exchange()", *command[1:]]
    with ranks(command, dying) as (first, second):
        _, err = first.communicate(timeout=100)
        second.communicate(timeout=10)
    assert second.returncode == -signal.SIGKILL
    assert "Rank 1 of 2 (counted from 0) was lost." in err
    about, rows = recorded(path)
    assert newest_checkpoint(path)[0].step == about.steps == len(rows) > 8
    assert np.isfinite(rows[:, :4]).all()
    assert f"can be resumed from step {about.steps}" in err


@timed
def test_a_signal_to_any_rank_ends_all_with_a_checkpoint(tmp_path: Path) -> None:
    path = tmp_path / "run.lstmrec"
    command = training(path, *NEW, "--steps", "1000000")
    with ranks(command, command) as (first, second):
        wait_for_step(first, 30)
        second.send_signal(signal.SIGTERM)
        begin = time.perf_counter()
        out, err = first.communicate(timeout=60)
        second.communicate(timeout=60)
        assert_within(time.perf_counter() - begin, 2.0)
    assert (first.returncode, second.returncode) == (0, 0), err
    about, rows = recorded(path)
    assert about.state == "stopped"
    assert last_line(out)["state"] == "interrupted"
    assert newest_checkpoint(path)[0].step == about.steps == len(rows) >= 30


def test_a_recording_gets_the_columns_of_ranks_when_it_is_gone_on_with(tmp_path: Path) -> None:
    path = tmp_path / "run.lstmrec"
    writer = RecordingWriter(path, about_of())
    for parcel in parcels(5000):  # one chunk, and steps that make none yet
        writer.write(parcel)
    writer.close({})
    names = (*COLUMNS, *rank_columns(3))
    RecordingWriter.reopen(path, 4900, names).close({})
    RecordingWriter.reopen(path, 4900, COLUMNS).close({})  # a column that is there stays
    with Recording(path) as recording:
        assert recording.columns == recording.about().columns == names
        rows = np.concatenate(list(recording.rows()))
    np.testing.assert_array_equal(rows[:, : len(COLUMNS)], counted(1, 4900))
    assert np.isnan(rows[:, len(COLUMNS) :]).all()


def test_what_stands_in_the_environment() -> None:
    given = {"RANK": "1", "WORLD_SIZE": "4", "LOCAL_RANK": "0", "MASTER_ADDR": "node1", "MASTER_PORT": "29500"}
    assert Rank.of_environment(given) == Rank(1, 4, 0)
    assert is_distributed(given)
    assert not is_distributed({})
    assert not is_distributed({"WORLD_SIZE": "1"})
    for changed, words in (
        ({"MASTER_ADDR": ""}, "MASTER_ADDR is not set"),
        ({"RANK": "x"}, "whole numbers"),
        ({"RANK": "4"}, "expected 0 … 3"),
    ):
        with pytest.raises(ConfigError, match=words):
            Rank.of_environment({**given, **changed})
    with pytest.raises(ConfigError, match="multiple of 4"):
        check_shared(replace(SMALL, batch_size=6), 4)
    check_shared(replace(SMALL, batch_size=8), 4)


def test_ranks_that_are_not_found_are_said(monkeypatch: pytest.MonkeyPatch) -> None:
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port = str(free.getsockname()[1])
    given = {"RANK": "1", "WORLD_SIZE": "2", "LOCAL_RANK": "1", "MASTER_ADDR": "127.0.0.1", "MASTER_PORT": port}
    for name, value in given.items():
        monkeypatch.setenv(name, value)
    monkeypatch.setattr("engine.training.distributed.TIMEOUT_S", 1.0)
    heard: list[Update] = []
    with Signals() as signals:
        assert run_distributed(SMALL, None, 10, heard.append, signals) == 2
    assert heard[-1].state is State.FAILED
    assert f"Rank 1 did not find the other 1 at 127.0.0.1:{port}" in heard[-1].error
