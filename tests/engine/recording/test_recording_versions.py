"""A recording of each version of the format is read for ever."""

import contextlib
import dataclasses
import sqlite3
from pathlib import Path

import numpy as np
import pytest

from engine.recording.about import Event
from engine.recording.parcel import Parcel
from engine.recording.recording import Recording
from engine.recording.writer import RecordingWriter
from engine.settings.config import TrainingConfig
from tests.engine.recordings import all_rows, copied

ROOT = Path(__file__).parents[3]


OLD = ROOT / "tests" / "data" / "version-1.lstmrec"


def make_version_1(path: Path) -> None:
    """Make the recording that lies in tests/data, with the program as it was when its format was made.

    Not called by a test: the file stays as it is, and so do the numbers below.
    """
    import torch

    from engine.runs.observation import FLOW, OBSERVED
    from engine.session.recorder import about_run
    from engine.training.trainer import Trainer

    torch.set_num_threads(1)
    config = TrainingConfig(
        cell_size=3, hidden_size=2, sequence_length=6, batch_size=4, device="cpu", seed=8, twin="on", steps=5000
    )
    trainer = Trainer(config)
    wants = frozenset({FLOW, OBSERVED})
    facts = dataclasses.asdict(trainer.task.facts())
    begun = about_run(trainer, "child process, 1 thread, CPU", 1, 5000, "the first")
    said = {"started": "2026-01-02T03:04:00.000+00:00", "versions": {"program": "0.1.0", "torch": "2.13.0"}}
    writer = RecordingWriter(path, dataclasses.replace(begun, **said), facts)
    writer.write(Parcel([], [trainer.snapshot(wants)], [trainer.checkpoint()]))
    for last in (5, 250, 600):
        while trainer.done < last:
            trainer.look_closely()
            trainer.step()
        kept = [trainer.checkpoint(kept=last == 250)]
        event = Event(last, "2026-01-02T03:04:05.678+00:00", "learning rate 0.01 → 0.02")
        writer.write(Parcel([trainer.drain().values], [trainer.snapshot(wants)], kept, [event]))
    writer.write(Parcel(about={"notes": "Kept for ever: σ ∘ tanh.", "pinned": True}))
    writer.close({"state": "stopped"})
    with contextlib.closing(sqlite3.connect(path)) as database:
        database.execute("VACUUM")  # nothing of this machine stays in pages that became free


def test_a_recording_of_version_1_is_read_for_ever(tmp_path: Path) -> None:
    before = OLD.read_bytes()
    with Recording(OLD) as recording:
        about = recording.about()
        rows = np.concatenate(list(recording.rows()))
        assert recording.about().steps == 600
        assert recording.steps_of("snapshots") == [0, 5, 250, 600]
        assert recording.steps_of("checkpoints") == [250, 600]
        assert [event.step for event in recording.events()] == [5, 250, 600]
        assert recording.events()[1].words == "learning rate 0.01 → 0.02"
        facts, seen, checkpoint = recording.facts(), recording.snapshot(250), recording.checkpoint(400)
    assert about.config == TrainingConfig(
        cell_size=3, hidden_size=2, sequence_length=6, batch_size=4, device="cpu", seed=8, twin="on", steps=5000
    )
    assert (about.name, about.notes, about.pinned) == ("the first", "Kept for ever: σ ∘ tanh.", True)
    assert (about.started, about.state, about.goal) == ("2026-01-02T03:04:00.000+00:00", "stopped", 5000)
    assert (about.place, about.threads, about.ranks) == ("child process, 1 thread, CPU", 1, 1)
    assert about.versions == {"program": "0.1.0", "torch": "2.13.0"}
    assert (about.best_loss, about.last_loss) == (0.0009780410000530537, 0.0012289322912693024)
    assert about.columns[:5] == ("loss", "measure", "grad_norm", "applied_norm", "twin_loss")
    assert about.columns[5:8] + about.columns[-1:] == ("layer1.W_i", "layer1.W_f", "layer1.W_C", "layer1.W_hr")
    # Read off the file when it was made.
    assert rows.shape == (600, 14)
    some = rows[[0, 249, 599]][:, [0, 2, 4, -1]]
    assert some.tolist() == [
        [0.20446228981018066, 0.8672062754631042, 0.04604830965399742, 0.07240410149097443],
        [0.003265584586188197, 0.10096936672925949, 0.03974544629454613, 0.007665712386369705],
        [0.0012289322912693024, 0.09116779267787933, 0.021827856078743935, 0.01287462655454874],
    ]
    assert rows.astype(float).sum() == pytest.approx(516.6668409088134, rel=1e-12)
    assert facts is not None
    assert (facts.title, facts.input_names, facts.trivial_loss) == (
        "Adding problem",
        ("value", "marker"),
        0.024305555555555552,
    )
    assert seen is not None
    assert (seen.step, seen.cell, seen.layers) == (250, "lstm", 1)
    assert seen.gates[0]["C"][-1].tolist() == [0.4042733609676361, 0.13442450761795044, -0.3988882899284363]
    assert seen.weights[0]["W_f"][0].tolist() == [
        0.3260788023471832,
        -0.6342375874519348,
        -1.2085273265838623,
        -0.001052976120263338,
    ]
    assert seen.extras.flow is not None
    assert seen.extras.observed is not None
    assert seen.extras.twin_flow is not None
    assert seen.extras.flow.layers[0].states["C_t"][0] == np.float32(0.03320000693202019)
    assert seen.extras.observed.weights["layer1.W_f"].ratio == pytest.approx(0.0026571857786336747, rel=1e-6)
    assert checkpoint is not None
    assert (checkpoint.step, len(checkpoint.arrays)) == (250, 53)
    assert checkpoint.arrays["network.recurrent.kernel.weight_hr_l0"].astype(float).sum() == pytest.approx(
        -1.6705521792173386, rel=1e-12
    )
    assert OLD.read_bytes() == before


def test_a_recording_of_version_1_is_gone_on_with(tmp_path: Path) -> None:
    from engine.session.recorder import newest_checkpoint
    from engine.training.trainer import Trainer

    path = copied(OLD, tmp_path)
    checkpoint, about = newest_checkpoint(path)
    trainer = Trainer(checkpoint.config)
    trainer.restore(checkpoint)
    writer = RecordingWriter.reopen(path, trainer.done, trainer.metric_names)
    for _ in range(20):
        trainer.step()
    writer.write(Parcel([trainer.drain().values], [trainer.snapshot()], [trainer.checkpoint()]))
    writer.close({"state": "stopped"})
    rows = all_rows(path)
    assert len(rows) == about.steps + 20
    assert rows[:600, : len(about.columns)].tobytes() == all_rows(OLD).tobytes()
    assert rows[600:, 0].mean() < 0.01  # it has learnt before
