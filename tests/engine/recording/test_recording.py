"""A recording: what is written comes back, is gone on with, and is read while it is written."""

import contextlib
import dataclasses
import errno
import itertools
import os
import re
import sqlite3
import subprocess
import sys
import time
from pathlib import Path

import numpy as np
import pytest
from hypothesis import given
from hypothesis.extra import numpy as hnp

import engine.recording.recording
from engine.recording.about import About, Event, RecordingError
from engine.recording.lock import is_written
from engine.recording.packing import PackingError
from engine.recording.parcel import Parcel
from engine.recording.recording import CHUNK, VERSION, Recording
from engine.recording.rows import packed_rows, unpacked_rows
from engine.recording.writer import RecordingWriter, set_of_user
from tests.engine.recordings import (
    COLUMNS,
    FILE,
    LAST,
    about,
    all_rows,
    as_nobody,
    checkpoint,
    closed,
    copied,
    counted,
    parcels,
    written,
)
from tests.timing import assert_within, timed

ROOT = Path(__file__).parents[3]


# What is written comes back


@pytest.mark.parametrize("kind", ["closed", "died"])
def test_everything_that_was_written_comes_back(request: pytest.FixtureRequest, tmp_path: Path, kind: str) -> None:
    path = copied(request.getfixturevalue(f"{kind}_file"), tmp_path)
    with Recording(path) as recording:
        assert recording.columns == COLUMNS
        assert recording.about().steps == LAST
        np.testing.assert_array_equal(np.concatenate(list(recording.rows())), counted(1, LAST))
        ends = [*range(700, LAST, 700), LAST]
        assert recording.steps_of("snapshots") == recording.steps_of("checkpoints") == ends
        assert recording.events() == [
            Event(end, "2026-01-02T03:04:05.678+00:00", f"learning rate {end}") for end in ends
        ]
        found = recording.about()
        expected = about(steps=LAST, state={"closed": "stopped", "died": "running"}[kind])
        same = ("config", "columns", "name", "started", "goal", "steps", "state", "pinned", "notes", "ranks", "resumed")
        assert [getattr(found, name) for name in same] == [getattr(expected, name) for name in same]
        # Column 0 is the loss: it rises, so that the first hundred steps are the best.
        assert (found.best_loss, found.last_loss) == (50.5, LAST)
    beside = {"closed": {path.name}, "died": {path.name, f"{path.name}-wal", f"{path.name}-shm"}}[kind]
    assert {item.name for item in tmp_path.iterdir()} == beside


@pytest.mark.parametrize("first", [1, 2, 700, 701, CHUNK, CHUNK + 1, 2 * CHUNK + 1, LAST, LAST + 1, LAST + 5000])
@pytest.mark.parametrize("kind", ["closed", "died"])
def test_rows_begin_where_they_were_asked_for(
    request: pytest.FixtureRequest, tmp_path: Path, kind: str, first: int
) -> None:
    path = copied(request.getfixturevalue(f"{kind}_file"), tmp_path)
    np.testing.assert_array_equal(all_rows(path, first), counted(first, LAST) if first <= LAST else counted(1, 0))


def test_the_nearest_snapshot_and_the_checkpoint_before_are_found(closed_file: Path) -> None:
    with Recording(closed_file) as recording:
        for asked, nearest in ((-5, 700), (700, 700), (1050, 700), (1051, 1400), (LAST, LAST), (10**9, LAST)):
            found = recording.snapshot(asked)
            assert found is not None
            assert found.step == nearest
            np.testing.assert_array_equal(found.gates[0]["f"], np.full((6, 3), nearest))
        assert recording.checkpoint(699) is None
        for asked, before in ((700, 700), (1399, 700), (10**9, LAST)):
            checkpoint = recording.checkpoint(asked)
            assert checkpoint is not None
            assert checkpoint.step == before


def test_a_run_of_no_steps_is_a_recording(tmp_path: Path) -> None:
    path = closed(tmp_path / FILE)
    with Recording(path) as recording:
        assert recording.about().steps == 0
        assert list(recording.rows()) == recording.steps_of("snapshots") == recording.events() == []
        assert recording.snapshot(3) is recording.checkpoint(3) is None
        assert np.isnan(recording.about().best_loss)


def test_only_the_newest_checkpoint_stays_unless_it_is_kept(tmp_path: Path) -> None:
    writer = written(tmp_path / FILE)
    writer.write(Parcel([counted(1, 9)], checkpoints=[checkpoint(3), checkpoint(5, kept=True), checkpoint(9)]))
    with Recording(tmp_path / FILE) as recording:
        assert recording.steps_of("checkpoints") == [5, 9]
        writer.write(Parcel([counted(10, 12)], checkpoints=[checkpoint(12)]))
        assert recording.steps_of("checkpoints") == [5, 12]
    writer.close({})


@pytest.mark.parametrize("sizes", [[1] * 30, [CHUNK], [3 * CHUNK + 5, 1, CHUNK - 7], [CHUNK - 1, 1, 1]])
def test_parcels_of_any_size_make_the_same_run(tmp_path: Path, sizes: list[int]) -> None:
    writer = written(tmp_path / FILE)
    done = 0
    for size in sizes:
        half = size // 2
        writer.write(Parcel([counted(done + 1, done + half), counted(done + half + 1, done + size)]))
        done += size
        assert writer.count == done
        with Recording(tmp_path / FILE) as recording:
            assert recording.about().steps == done
    np.testing.assert_array_equal(all_rows(tmp_path / FILE), counted(1, done))
    writer.close({})
    np.testing.assert_array_equal(all_rows(tmp_path / FILE), counted(1, done))


@given(hnp.arrays(np.float32, hnp.array_shapes(min_dims=2, max_dims=2, min_side=1, max_side=20)))
def test_packed_rows_come_back_bit_for_bit(rows: np.ndarray) -> None:
    found = unpacked_rows(packed_rows(rows), *rows.shape)
    assert found.tobytes() == rows.tobytes()
    assert found.shape == rows.shape


def test_rows_of_another_size_are_refused() -> None:
    data = packed_rows(counted(1, 10))
    for bad, steps in ((data, 9), (data, 11), (data[:-3], 10), (b"", 10), (b"text", 10)):
        with pytest.raises(PackingError):
            unpacked_rows(bad, steps, len(COLUMNS))


def test_losses_that_are_no_numbers_are_recorded_and_do_not_count_as_best(tmp_path: Path) -> None:
    rows = counted(1, 300)
    rows[:150, 0] = np.nan
    rows[299, 0] = np.inf
    path = closed(tmp_path / FILE, [Parcel([rows])])
    np.testing.assert_array_equal(all_rows(path), rows)
    with Recording(path) as recording:
        assert np.isnan(recording.about().best_loss) or recording.about().best_loss > 150
        assert recording.about().last_loss == np.inf


# The format is the documented one


def _documented() -> dict[str, str]:
    lines = re.findall(r"^\| (\w+) \| [^|]+ \| ([^|]+) \|$", engine.recording.recording.__doc__ or "", re.MULTILINE)
    return {table: columns for table, columns in lines if table != "table"}


def test_the_format_is_the_documented_one(died_file: Path, tmp_path: Path) -> None:
    path = copied(died_file, tmp_path)
    with contextlib.closing(sqlite3.connect(path)) as database:
        tables = {name for (name,) in database.execute("SELECT name FROM sqlite_schema WHERE type = 'table'")}
        documented = _documented()
        assert set(documented) == tables
        for table, columns in documented.items():
            there = [name for _, name, *_ in database.execute(f"PRAGMA table_info({table})")]
            said = re.sub(r"\(.*?\)|:.*|;.*", "", columns)
            assert re.findall(r"\w+", said) == there, table
        assert (
            f"application_id` is 0x{database.execute('PRAGMA application_id').fetchone()[0]:X}"
            in engine.recording.recording.__doc__
        )
        assert database.execute("PRAGMA user_version").fetchone()[0] == VERSION
        keys = {key for (key,) in database.execute("SELECT key FROM about")}
        assert keys - {"facts"} == {item.name for item in dataclasses.fields(About)}
        # By hand, as the documentation says it.
        (first, steps, data) = database.execute("SELECT * FROM recent ORDER BY first LIMIT 1").fetchone()
        np.testing.assert_array_equal(np.frombuffer(data, "<f4").reshape(steps, -1), counted(first, first + steps - 1))
        assert database.execute("SELECT steps FROM metrics").fetchall() == [(CHUNK,), (CHUNK,)]
        for table in ("metrics", "snapshots", "checkpoints"):
            for (data,) in database.execute(f"SELECT data FROM {table}"):
                assert not data.startswith(b"\x80")  # no pickle


# Going on with a recording


PLACES = [0, 1, 300, 700, CHUNK - 1, CHUNK, CHUNK + 1, 2 * CHUNK - 1, 2 * CHUNK, 2 * CHUNK + 350, LAST - 1, LAST]


@pytest.mark.parametrize("step", PLACES)
@pytest.mark.parametrize("kind", ["closed", "died"])
def test_going_on_drops_exactly_what_lies_beyond(
    request: pytest.FixtureRequest, tmp_path: Path, kind: str, step: int
) -> None:
    path = copied(request.getfixturevalue(f"{kind}_file"), tmp_path)
    writer = RecordingWriter.reopen(path, step)
    assert writer.count == step
    np.testing.assert_array_equal(all_rows(path), counted(1, step))
    ends = [end for end in [*range(700, LAST, 700), LAST] if end <= step]
    with Recording(path) as recording:
        assert recording.about().steps == step
        assert recording.steps_of("snapshots") == recording.steps_of("checkpoints") == ends
        assert [event.step for event in recording.events()] == ends
        assert recording.about().resumed == (step,)
        assert is_written(path, recording.about())
    for parcel in parcels(LAST + 900, size=450, first=step + 1, shift=0.5):
        writer.write(parcel)
    expected = np.concatenate([counted(1, step), counted(step + 1, LAST + 900, 0.5)])
    np.testing.assert_array_equal(all_rows(path), expected)
    writer.close({"state": "finished"})
    np.testing.assert_array_equal(all_rows(path), expected)
    with Recording(path) as recording:
        assert recording.about().state == "finished"
        assert not recording.about().writer
    assert [item.name for item in tmp_path.iterdir()] == [FILE]


def test_going_on_again_and_again_adds_up(tmp_path: Path) -> None:
    path = closed(tmp_path / FILE, parcels(1000, size=90))
    kept = 1000
    for back in (3, 250, 1, 600):
        kept -= back
        writer = RecordingWriter.reopen(path, kept)
        for parcel in parcels(kept + 120, size=50, first=kept + 1):
            writer.write(parcel)
        kept += 120
        writer.close({})
    np.testing.assert_array_equal(all_rows(path), counted(1, kept))
    with Recording(path) as recording:
        assert recording.about().resumed == (997, 867, 986, 506)


def test_what_is_still_written_is_not_gone_on_with(tmp_path: Path) -> None:
    writer = written(tmp_path / FILE, parcels(50))
    with pytest.raises(RecordingError, match=rf"still being written by process {os.getpid()}; stop that first\.$"):
        RecordingWriter.reopen(tmp_path / FILE, 10)
    writer.write(Parcel([counted(51, 60)]))
    writer.close({})
    np.testing.assert_array_equal(all_rows(tmp_path / FILE), counted(1, 60))


def test_a_file_that_is_there_is_not_written_over(tmp_path: Path) -> None:
    path = tmp_path / FILE
    path.write_text("my thesis", encoding="utf-8")
    with pytest.raises(RecordingError, match="exists already; choose another name"):
        RecordingWriter(path, about())
    assert path.read_text(encoding="utf-8") == "my thesis"


@pytest.mark.skipif(not hasattr(os, "geteuid"), reason="permissions of Unix")
def test_a_folder_that_may_not_be_written_to_gets_a_sentence(tmp_path: Path) -> None:
    tmp_path.chmod(0o500)
    with (
        as_nobody(),
        pytest.raises(
            RecordingError,
            match=r"cannot be created: .*Permission denied.*, or train without recording\.$",
        ),
    ):
        RecordingWriter(tmp_path / FILE, about())
    tmp_path.chmod(0o700)
    assert list(tmp_path.iterdir()) == []


def test_name_notes_and_pin_can_be_changed_while_it_is_written(tmp_path: Path) -> None:
    path = tmp_path / FILE
    writer = written(path, parcels(50))
    set_of_user(path, name="ünïcode “name”", notes="a\nb", pinned=True)
    writer.write(Parcel([counted(51, 60)]))
    writer.close({})
    with Recording(path) as recording:
        found = recording.about()
    assert (found.name, found.notes, found.pinned, found.steps) == ("ünïcode “name”", "a\nb", True, 60)


# A disk that is full: the real error of the database, which may use no more pages


def _leave_pages(writer: RecordingWriter, more: int) -> None:
    (count,) = writer._connection.execute("PRAGMA page_count").fetchone()
    writer._connection.execute(f"PRAGMA max_page_count = {count + more}")


def test_what_did_not_fit_is_written_whole_when_there_is_room(tmp_path: Path) -> None:
    path = tmp_path / FILE
    items = parcels(CHUNK + 1400)
    writer = written(path, items[:2])
    refused = 0
    for parcel in items[2:]:
        before = all_rows(path)
        _leave_pages(writer, 0)
        try:
            writer.write(parcel)
        except RecordingError as error:
            refusal = str(error)
            assert writer.count == len(before)
            np.testing.assert_array_equal(all_rows(path), before)
            _leave_pages(writer, 10_000)
            writer.write(parcel)
            refused += 1
        # Where a chunk was packed, it may fit into pages that became free.
    assert refused > 3
    assert refusal == (
        f"The recording {FILE} cannot be written: the disk with {tmp_path} is full; make room, or train without "
        "recording."
    )
    writer.close({})
    np.testing.assert_array_equal(all_rows(path), counted(1, CHUNK + 1400))
    with Recording(path) as recording:
        assert recording.about().best_loss == 50.5
        assert len(recording.events()) == len(items)


# Readers in other processes while it is written

READER = """
import sys, time
import numpy as np
from pathlib import Path
from engine.recording.recording import Recording
path, stays = Path(sys.argv[1]), sys.argv[2] == "stays"
seen, looks, longest, columns, state = 0, 0, 0.0, None, ""
print("ready", flush=True)
open_one = Recording(path) if stays else None
while True:
    begin = time.perf_counter()
    recording = open_one or Recording(path)
    state = recording.about().state
    for rows in recording.rows(seen + 1):
        columns = np.arange(rows.shape[1], dtype=np.float32) / 16
        expected = np.arange(seen + 1, seen + 1 + len(rows), dtype=np.float32)[:, None] + columns
        assert np.array_equal(rows, expected), (seen, rows[:2])
        seen += len(rows)
    assert recording.about().steps >= seen
    steps = recording.steps_of("snapshots")
    if steps:
        found = recording.snapshot(steps[-1])
        assert found is not None and found.step >= steps[-1], (found.step, steps[-1])
        assert recording.checkpoint(10**9) is not None
    recording.events()
    if open_one is None:
        recording.close()
    longest = max(longest, time.perf_counter() - begin)
    looks += 1
    if state == "stopped":
        break
print(seen, looks, longest)
"""


@timed
def test_two_readers_never_hold_up_the_writer_nor_see_half_a_step(tmp_path: Path) -> None:
    path = tmp_path / FILE
    writer = written(path)
    readers = [
        subprocess.Popen([sys.executable, "-c", READER, str(path), kind], cwd=ROOT, stdout=subprocess.PIPE, text=True)
        for kind in ("stays", "comes back")
    ]
    try:
        for reader in readers:
            assert reader.stdout is not None
            assert reader.stdout.readline() == "ready\n"
        longest = 0.0
        items = parcels(40_000, size=130)
        for parcel in items:
            begin = time.perf_counter()
            writer.write(parcel)
            longest = max(longest, time.perf_counter() - begin)
        writer.close({"state": "stopped"})
        for reader in readers:
            output, _ = reader.communicate(timeout=60)
            assert reader.returncode == 0, output
            seen, looks, _ = output.split()
            assert int(seen) == 40_000
            assert int(looks) > 10
    finally:
        for reader in readers:
            reader.kill()
            reader.communicate()
    assert_within(longest, 4.0)  # a writer that is locked out waits 5 s
    np.testing.assert_array_equal(all_rows(path), counted(1, 40_000))


@pytest.mark.parametrize("gone_at", range(4))
def test_whoever_reads_while_the_writer_closes_finds_the_run(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, gone_at: int
) -> None:
    """What SQLite keeps beside the file goes at that moment, between two looks at it."""
    path, looks, stat = tmp_path / FILE, itertools.count(), Path.stat
    writer = written(path, [Parcel([counted(1, 30)])])

    def looked_at(looked: Path, **more: bool) -> os.stat_result:
        if looked.name.endswith("-wal") and next(looks) >= gone_at:
            raise FileNotFoundError(errno.ENOENT, "it has just gone")
        return stat(looked, **more)

    with monkeypatch.context() as moment:
        moment.setattr(Path, "stat", looked_at)
        assert len(all_rows(path)) == 30
    writer.close({"state": "stopped"})
