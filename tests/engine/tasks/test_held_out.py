"""A network is judged on rows that training never sees, beside the trivial answer on the same rows."""

import json
import math
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest

from engine.recording.library import Library, run_of
from engine.recording.packing import pack, unpack
from engine.recording.recording import Recording
from engine.runs.messages import Command, Step, Stop, Update
from engine.runs.snapshot import Snapshot
from engine.session.recorder import RecordTo
from engine.session.session import run_session
from engine.settings.config import TrainingConfig
from engine.tasks import create_task
from engine.tasks.held_out import HeldOut
from engine.tasks.outbreak import OutbreakTask
from engine.training.trainer import Trainer
from main import main
from tests.engine.recordings import copied

SMALL = TrainingConfig(cell_size=3, batch_size=2, sequence_length=5, device="cpu")
OLD = Path(__file__).parents[2] / "data" / "version-1.lstmrec"


def ramp(folder: Path, rows: int = 300, by: int = 101) -> Path:
    path = folder / "ramp.csv"
    path.write_text("day,value\n" + "".join(f"{row},{by * row}\n" for row in range(rows)))
    return path


def series(folder: Path) -> TrainingConfig:
    return replace(SMALL, task="series", series_file=str(ramp(folder)), series_column="value", steps=400)


def test_a_ramp_beyond_what_was_trained_on_is_not_solved_however_small_the_loss(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    path = tmp_path / "run.lstmrec"
    common = ["--task", "series", "--series-file", str(ramp(tmp_path)), "--series-column", "value"]
    common += ["--cell-size", "4", "--sequence-length", "10"]
    assert main(["train", *common, "--steps", "900", "--record", str(path), "--json"]) == 0
    end = json.loads(capsys.readouterr().out.splitlines()[-1])
    held_out = end["held_out"]
    assert end["loss"] < 0.01
    assert held_out["rows"] == 60
    assert held_out["trivial"] == {"predicting the present value again": pytest.approx(101)}
    assert held_out["measure"]["root mean squared error of value"] > 5 * 101
    assert main(["show", str(path), "--json"]) == 0
    assert json.loads(capsys.readouterr().out)["held_out"] == held_out
    assert main(["show", str(path)]) == 0
    assert "101 (not better than the trivial answer)" in capsys.readouterr().out
    (run,) = Library(tmp_path).runs()
    assert run.held_out == run_of(path).held_out == HeldOut.of(held_out)
    assert Library(tmp_path).runs()[0].held_out == run.held_out  # as the index remembers it
    again = ["--record", str(path), "--resume", "--series-file", str(tmp_path / "ramp.csv"), "--steps", "900", "--json"]
    assert main(["train", *again]) == 0
    assert json.loads(capsys.readouterr().out.splitlines()[-1])["held_out"] == held_out


def test_the_measure_of_a_series_is_that_of_what_the_plot_shows(tmp_path: Path) -> None:
    trainer = Trainer(series(tmp_path))
    snapshot = trainer.snapshot()
    assert snapshot.held_out is not None
    error = snapshot.prediction - snapshot.target
    assert snapshot.held_out.measure == pytest.approx(math.sqrt(float(np.mean(error**2))))
    assert unpack(pack(snapshot), Snapshot).held_out == snapshot.held_out


def test_own_counts_are_judged_area_by_area_and_simulated_ones_are_not(tmp_path: Path) -> None:
    days = np.arange(100)
    columns = {"a": days % 7, "b": 3 * (days % 40), "c": np.where(days % 2, 10, 40), "d": days % 31}
    path = tmp_path / "counts.csv"
    lines = [",".join(columns), *(",".join(str(values[day]) for values in columns.values()) for day in days)]
    path.write_text("\n".join(lines) + "\n")
    task = OutbreakTask(replace(SMALL, task="outbreak", counts_file=str(path)))
    x, wanted = task.test_batch()
    judged = task.on_held_out(np.repeat(x[-1:], 5, axis=0))  # what the trivial answer says
    assert judged is not None
    assert judged.rows == wanted.size
    assert judged.measure == pytest.approx(judged.trivial, rel=1e-5)
    before, areas = wanted.reshape(3, -1), judged.trivial
    inside = np.mean(np.abs(np.diff(before, axis=1)))
    assert areas == pytest.approx(inside, rel=0.2)
    assert OutbreakTask(replace(SMALL, task="outbreak")).on_held_out(x) is None


def test_the_trivial_answer_of_a_text_is_each_characters_frequency_where_training_looks(tmp_path: Path) -> None:
    path = tmp_path / "text.txt"
    path.write_text("aab" * 300 + "b" * 99 + "z")
    config = replace(SMALL, task="characters", text_file=str(path), sequence_length=9)
    task = create_task(config)
    x, _ = task.test_batch()
    uniform = task.on_held_out(np.zeros_like(x))
    assert uniform is not None
    assert uniform.rows == x.shape[0] * x.shape[1]
    assert uniform.measure == pytest.approx(math.log2(3))
    assert math.isfinite(uniform.trivial)  # of "z", which training never sees
    assert uniform.trivial == pytest.approx(-math.log2(301 / 903), rel=0.2)  # mostly of "b"
    sure = task.on_held_out(60 * np.concatenate([x[1:], x[:1]]))
    assert sure is not None
    assert sure.measure < uniform.measure
    lost = task.on_held_out(np.full_like(x, np.nan))
    assert lost is not None
    assert not lost.is_below_trivial
    assert lost.members["measure"] == {"bits per character": None}
    assert "NaN" in lost.words


@pytest.mark.parametrize("task", ["adding", "sine", "parity"])
def test_tasks_that_draw_their_examples_afresh_hold_nothing_out(task: str) -> None:
    assert Trainer(replace(SMALL, task=task)).snapshot().held_out is None


def test_a_session_records_it_at_every_snapshot(tmp_path: Path) -> None:
    from queue import SimpleQueue

    commands: SimpleQueue[Command] = SimpleQueue()
    commands.put(Step(3))
    updates: list[Update] = []

    def hear(update: Update) -> None:
        updates.append(update)
        if update.step == 3 and len(updates) > 1:
            commands.put(Stop())

    config = replace(series(tmp_path), steps=3)
    run_session(commands, hear, config, "here", RecordTo(tmp_path / "run.lstmrec"))
    with Recording(tmp_path / "run.lstmrec") as recording:
        seen = [recording.snapshot(step) for step in recording.steps_of("snapshots")]
        about = recording.about()
    assert len({one.held_out for one in seen if one is not None}) > 1  # it changes while the network learns
    assert seen[-1] is not None
    assert about.held_out == seen[-1].held_out


def test_a_recording_that_knows_nothing_of_it_opens(tmp_path: Path) -> None:
    with Recording(copied(OLD, tmp_path)) as recording:
        assert recording.about().held_out is None
        snapshot = recording.snapshot(600)
    assert snapshot is not None
    assert snapshot.held_out is None


@pytest.mark.parametrize(
    "members",
    [
        [],
        "text",
        {"rows": 3},
        {"rows": 0, "measure": {"a": 1.0}, "trivial": {"b": 1.0}},
        {"rows": 2.5, "measure": {"a": 1.0}, "trivial": {"b": 1.0}},
        {"rows": 3, "measure": {"a": "1"}, "trivial": {"b": 1.0}},
        {"rows": 3, "measure": {}, "trivial": {"b": 1.0}},
        {"rows": 3, "measure": [1.0], "trivial": {"b": 1.0}},
    ],
)
def test_what_a_damaged_file_says_of_it_is_refused(members: object) -> None:
    with pytest.raises(ValueError, match="held-out"):
        HeldOut.of(members)  # type: ignore[arg-type]
