"""Metrics as CSV and whole runs as .npz: exact, whole or not at all, in little memory."""

from __future__ import annotations

import csv
import tracemalloc
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np
import pytest

import main
from engine.formats import run_numbers
from engine.formats.run_numbers import ExportError, write_metrics, write_run
from engine.formats.streamed_npz import streamed_npz
from engine.recording.about import RecordingError
from engine.recording.parcel import Parcel
from engine.runs.metrics import Float32
from tests.engine.recordings import COLUMNS, all_rows, closed, counted, parcels, snapshot

STEPS = 5000


@pytest.fixture(scope="module")
def run(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return closed(tmp_path_factory.mktemp("runs") / "a, run.lstmrec", parcels(STEPS))


def table(path: Path) -> tuple[list[str], list[list[str]]]:
    with path.open(encoding="utf-8", newline="") as file:
        head, *lines = csv.reader(file)
    return head, lines


def test_every_step_is_a_row_and_every_number_exact(run: Path, tmp_path: Path) -> None:
    assert write_metrics(tmp_path / "m.csv", [run]) == STEPS
    head, lines = table(tmp_path / "m.csv")
    assert head == ["run", "step", *COLUMNS]
    assert {line[0] for line in lines} == {"a, run"}
    assert [int(line[1]) for line in lines] == list(range(1, STEPS + 1))
    assert np.array_equal(np.array([line[2:] for line in lines], dtype=np.float32), all_rows(run))


def test_several_runs_stand_one_after_another_and_what_is_no_number_is_empty(run: Path, tmp_path: Path) -> None:
    rows = counted(1, 3)
    rows[1, 0], rows[2, 0] = np.nan, np.inf
    other = closed(tmp_path / "other.lstmrec", [Parcel([rows])])
    assert write_metrics(tmp_path / "m.csv", [other, run]) == STEPS + 3
    _, lines = table(tmp_path / "m.csv")
    assert [line[0] for line in lines[:4]] == ["other"] * 3 + ["a, run"]
    assert [line[2] for line in lines[:3]] == ["1.0", "", "inf"]


def test_runs_of_one_name_are_told_apart(run: Path, tmp_path: Path) -> None:
    twin = closed(tmp_path / run.name, parcels(3))
    write_metrics(tmp_path / "m.csv", [run, twin])
    _, lines = table(tmp_path / "m.csv")
    assert {line[0] for line in lines} == {str(run), str(twin)}


class _Long:
    """A run of many steps, of which a block at a time is in memory."""

    columns = ("loss", "measure", "a", "b", "c")

    def __init__(self, _path: Path) -> None:
        pass

    def __enter__(self) -> _Long:
        return self

    def __exit__(self, *_error: object) -> None:
        pass

    def rows(self) -> Iterator[Float32]:
        rng = np.random.default_rng(1)
        for _ in range(60):
            yield rng.random((1024, 5), dtype=np.float32)


def test_a_long_run_takes_no_more_memory_than_a_short_one(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(run_numbers, "Recording", _Long)
    tracemalloc.start()
    assert write_metrics(tmp_path / "m.csv", [tmp_path / "long"]) == 60 * 1024
    _, peak = tracemalloc.get_traced_memory()
    tracemalloc.stop()
    assert (tmp_path / "m.csv").stat().st_size > 3_500_000
    assert peak < 1_500_000


def test_an_array_that_comes_in_pieces_takes_little_memory(tmp_path: Path) -> None:
    tracemalloc.start()
    with streamed_npz(tmp_path / "a.npz") as arrays:
        for number in range(60):
            arrays.append("x", np.full((1000, 128), number, dtype=np.float32))  # 30 MB together
    _, peak = tracemalloc.get_traced_memory()
    tracemalloc.stop()
    assert peak < 20_000_000
    with np.load(tmp_path / "a.npz", allow_pickle=False) as found:
        assert found["x"].shape == (60_000, 128)
        assert np.array_equal(found["x"][::1000, 0], np.arange(60))


def test_a_whole_run_as_npz(run: Path, tmp_path: Path) -> None:
    assert write_run(tmp_path / "r.npz", run) == (STEPS, 8)
    rows = all_rows(run)
    with np.load(tmp_path / "r.npz", allow_pickle=False) as found:
        assert np.array_equal(found["metrics.step"], np.arange(1, STEPS + 1))
        for place, name in enumerate(COLUMNS):
            assert np.array_equal(found[f"metrics.{name}"], rows[:, place])
        moments = found["snapshots.step"]
        for name in ("f", "i", "C_tilde", "o", "C", "h"):
            gates = found[f"gates.layer1.{name}"]
            assert gates.shape == (8, 6, 3)
            assert np.array_equal(gates[:, 0, 0], moments)
        assert found["x"].shape == (8, 6, 2)
        assert found["answers"].shape == (8, 6, 1)


def test_probes_of_other_lengths_end_in_nan(tmp_path: Path) -> None:
    short = snapshot(2)
    gates = {name: values[:4] for name, values in short.gates[0].items()}
    short = replace(short, probe=short.probe[:4], gates=(gates,), answers=short.answers[:4])
    path = closed(tmp_path / "two.lstmrec", [Parcel([counted(1, 1)], [snapshot(1)]), Parcel([counted(2, 2)], [short])])
    write_run(tmp_path / "r.npz", path)
    with np.load(tmp_path / "r.npz") as found:
        f = found["gates.layer1.f"]
    assert f.shape == (2, 6, 3)
    assert np.array_equal(np.isnan(f[:, :, 0]).sum(axis=1), [0, 2])


def test_a_run_without_steps_or_snapshots_is_empty_and_no_error(tmp_path: Path) -> None:
    path = closed(tmp_path / "none.lstmrec")
    assert write_metrics(tmp_path / "m.csv", [path]) == 0
    assert write_run(tmp_path / "r.npz", path) == (0, 0)
    with np.load(tmp_path / "r.npz") as found:
        assert found["snapshots.step"].size == 0


def test_a_damaged_run_leaves_the_old_file_whole_and_nothing_beside_it(run: Path, tmp_path: Path) -> None:
    bad = tmp_path / "bad.lstmrec"
    bad.write_bytes(b"nothing of the kind")
    kept = {tmp_path / "m.csv": "old", tmp_path / "r.npz": "old"}
    for path, text in kept.items():
        path.write_text(text)
    with pytest.raises(RecordingError):
        write_metrics(tmp_path / "m.csv", [run, bad])
    with pytest.raises(RecordingError):
        write_run(tmp_path / "r.npz", bad)
    assert {path: path.read_text() for path in kept} == kept
    assert sorted(tmp_path.iterdir()) == sorted([bad, *kept])


def test_a_place_that_cannot_be_written_is_said(run: Path, tmp_path: Path) -> None:
    for write in (lambda path: write_metrics(path, [run]), lambda path: write_run(path, run)):
        with pytest.raises(ExportError, match=r"cannot be written .*; choose another place"):
            write(tmp_path / "no folder" / "m.csv")


# ---- the command


def said(capsys: pytest.CaptureFixture[str], *arguments: Any) -> tuple[int, str, str]:
    status = main.main([str(argument) for argument in arguments])
    captured = capsys.readouterr()
    return status, captured.out, captured.err


def test_the_command_writes_and_says_how_much(run: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    status, out, _ = said(capsys, "export", run, "--csv", tmp_path / "m.csv")
    assert (status, out) == (0, f"{tmp_path / 'm.csv'}: 5,000 steps of 1 run\n")
    status, out, _ = said(capsys, "export", run, "--npz", tmp_path / "r.npz")
    assert (status, out) == (0, f"{tmp_path / 'r.npz'}: 5,000 steps, 8 snapshots\n")


def test_a_run_of_the_library_is_found_by_its_name(
    run: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("LSTM_VISUALIZER_RUNS", str(run.parent))
    assert said(capsys, "export", "a, run", run.name, "--csv", tmp_path / "m.csv")[0] == 0


@pytest.mark.parametrize(
    ("arguments", "sentence"),
    [
        (["--csv", "m.txt"], "m.txt: the name of such a file ends in .csv; choose such a name."),
        (["--npz", "m.lstmrec"], "m.lstmrec: the name of such a file ends in .npz; choose such a name."),
        (["second", "--npz", "m.npz"], "--npz holds one run; name one, or write the metrics of several with --csv."),
    ],
)
def test_what_cannot_be_is_refused_in_a_sentence(
    arguments: list[str], sentence: str, run: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    assert said(capsys, "export", run, *arguments) == (2, "", f"{sentence}\n")


def test_an_unknown_run_is_refused(capsys: pytest.CaptureFixture[str], tmp_path: Path) -> None:
    status, _, error = said(capsys, "export", "no such run", "--csv", tmp_path / "m.csv")
    assert status == 2
    assert "no such run does not exist" in error
    assert not list(tmp_path.iterdir())
