import contextlib
import dataclasses
import json
import os
import re
import shutil
import sqlite3
import subprocess
import sys
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from hypothesis.extra import numpy as hnp

import engine.recording
from engine.checkpoint import Checkpoint, unpacked
from engine.config import TrainingConfig
from engine.packing import PackingError
from engine.recording import (
    APPLICATION_ID,
    CHUNK,
    VERSION,
    About,
    Event,
    Recording,
    RecordingError,
    packed_rows,
    unpacked_rows,
)
from engine.recording_writer import Parcel, RecordingWriter, is_written, set_of_user
from engine.snapshot import Snapshot
from tests.engine.recordings import (
    COLUMNS,
    CONFIG,
    QUESTIONS,
    about,
    all_rows,
    checkpoint,
    closed,
    counted,
    died,
    parcels,
    snapshot,
    written,
)
from tests.timing import timed

ROOT = Path(__file__).parents[2]
LAST = 2 * CHUNK + 700
FILE = "run.lstmrec"


@contextlib.contextmanager
def _as_nobody() -> Iterator[None]:
    """As a user who owns nothing: root may read and write everything."""
    user = os.geteuid()
    try:
        if user == 0:
            os.seteuid(65534)
        yield
    finally:
        os.seteuid(user)


@pytest.fixture(scope="session")
def closed_file(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A recording of LAST steps that has ended."""
    return closed(tmp_path_factory.mktemp("closed") / FILE, parcels(LAST))


@pytest.fixture(scope="session")
def died_file(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The same, of a writer that was killed; it has its -wal beside it."""
    return died(tmp_path_factory.mktemp("died") / FILE, parcels(LAST))


def copied(path: Path, folder: Path) -> Path:
    for part in path.parent.glob(f"{path.name}*"):
        shutil.copy(part, folder)
    return folder / path.name


# What is written comes back


@pytest.mark.parametrize("kind", ["closed", "died"])
def test_everything_that_was_written_comes_back(request: pytest.FixtureRequest, tmp_path: Path, kind: str) -> None:
    path = copied(request.getfixturevalue(f"{kind}_file"), tmp_path)
    with Recording(path) as recording:
        assert recording.columns == COLUMNS
        assert recording.count() == LAST
        np.testing.assert_array_equal(np.concatenate(list(recording.rows())), counted(1, LAST))
        ends = [*range(700, LAST, 700), LAST]
        assert recording.snapshot_steps() == recording.checkpoint_steps() == ends
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
            data = recording.checkpoint(asked)
            assert data is not None
            assert unpacked(data).step == before


def test_a_run_of_no_steps_is_a_recording(tmp_path: Path) -> None:
    path = closed(tmp_path / FILE)
    with Recording(path) as recording:
        assert recording.count() == recording.about().steps == 0
        assert list(recording.rows()) == recording.snapshot_steps() == recording.events() == []
        assert recording.snapshot(3) is recording.checkpoint(3) is None
        assert np.isnan(recording.about().best_loss)


def test_only_the_newest_checkpoint_stays_unless_it_is_kept(tmp_path: Path) -> None:
    writer = written(tmp_path / FILE)
    writer.write(Parcel([counted(1, 9)], checkpoints=[checkpoint(3), checkpoint(5, kept=True), checkpoint(9)]))
    with Recording(tmp_path / FILE) as recording:
        assert recording.checkpoint_steps() == [5, 9]
        writer.write(Parcel([counted(10, 12)], checkpoints=[checkpoint(12)]))
        assert recording.checkpoint_steps() == [5, 12]
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
            assert recording.count() == done
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
    lines = re.findall(r"^\| (\w+) \| [^|]+ \| ([^|]+) \|$", engine.recording.__doc__ or "", re.MULTILINE)
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
            in engine.recording.__doc__
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
        assert recording.count() == step
        assert recording.snapshot_steps() == recording.checkpoint_steps() == ends
        assert [event.step for event in recording.events()] == ends
        assert recording.about().resumed == (step,)
        assert is_written(recording.about())
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
    with pytest.raises(RecordingError, match=rf"still being written by process {os.getpid()}; end that first\.$"):
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
        _as_nobody(),
        pytest.raises(
            RecordingError,
            match=r"cannot be begun: .*Permission denied.*, or train without recording\.$",
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
from engine.recording import Recording
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
    assert recording.count() >= seen
    steps = recording.snapshot_steps()
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
    assert longest < 4.0  # a writer that is locked out waits 5 s
    np.testing.assert_array_equal(all_rows(path), counted(1, 40_000))


# Files that cannot be used: one sentence, and nothing is changed


def _seen(folder: Path) -> dict[str, bytes | None]:
    return {str(item): item.read_bytes() if item.is_file() else None for item in folder.rglob("*")}


def _sentence(path: Path) -> str:
    """What is said of a file that cannot be opened; checks that nothing has changed."""
    before = _seen(path.parent)
    with pytest.raises(RecordingError) as refusal:
        Recording(path)
    assert _seen(path.parent) == before
    text = str(refusal.value)
    assert "\n" not in text
    assert text.endswith(".")
    assert path.name in text
    return text


def test_what_is_no_recording_gets_a_sentence(tmp_path: Path) -> None:
    (tmp_path / "text").write_text("Once upon a time " * 100, encoding="utf-8")
    (tmp_path / "empty").touch()
    (tmp_path / "folder").mkdir()
    assert "is not a recording of this program" in _sentence(tmp_path / "text")
    assert "is not a recording of this program" in _sentence(tmp_path / "empty")
    assert "cannot be read" in _sentence(tmp_path / "folder")
    assert "does not exist; choose another" in _sentence(tmp_path / "nothing")


@pytest.mark.parametrize("journal", ["DELETE", "WAL"])
def test_a_database_of_another_program_gets_a_sentence(tmp_path: Path, journal: str) -> None:
    path = tmp_path / "photos.db"
    with contextlib.closing(sqlite3.connect(path)) as database:
        database.execute(f"PRAGMA journal_mode = {journal}")
        database.execute("CREATE TABLE photos (a)")
        database.commit()
    assert "is a database of another program" in _sentence(path)
    assert [item.name for item in tmp_path.iterdir()] == ["photos.db"]


@pytest.mark.parametrize("version", [VERSION + 1, 2**31 - 1])
def test_a_newer_version_gets_a_sentence(closed_file: Path, tmp_path: Path, version: int) -> None:
    path = copied(closed_file, tmp_path)
    with contextlib.closing(sqlite3.connect(path)) as database:
        database.execute(f"PRAGMA user_version = {version}")
    assert f"newer version of this program (format {version}, this one reads up to {VERSION})" in _sentence(path)
    with pytest.raises(RecordingError, match="newer version"):
        set_of_user(path, name="mine")
    with pytest.raises(RecordingError, match="newer version"):
        RecordingWriter.reopen(path, 5)


def test_a_run_that_died_before_its_first_word_gets_a_sentence(tmp_path: Path) -> None:
    path = tmp_path / FILE
    with contextlib.closing(sqlite3.connect(path)) as database:
        database.execute(f"PRAGMA application_id = {APPLICATION_ID}")
    assert "holds no run" in _sentence(path)


@pytest.mark.skipif(not hasattr(os, "geteuid"), reason="permissions of Unix")
def test_a_file_that_may_not_be_read_gets_a_sentence(closed_file: Path, tmp_path: Path) -> None:
    path = copied(closed_file, tmp_path)
    path.chmod(0)
    with _as_nobody(), pytest.raises(RecordingError, match=r"cannot be read \(Permission denied\); choose another\.$"):
        Recording(path)
    path.chmod(0o600)
    np.testing.assert_array_equal(all_rows(path), counted(1, LAST))


def _answers(path: Path) -> Iterator[tuple[str, Any]]:
    """What a recording says to every question; RecordingError where it says that."""
    for name, ask in QUESTIONS.items():
        answer: Any
        try:
            with Recording(path) as recording:
                answer = ask(recording)
        except RecordingError as error:
            answer = error
        yield name, answer


def _check_kinds(path: Path) -> None:
    """Every answer is a sentence, or of the right kind."""
    for name, answer in _answers(path):
        if isinstance(answer, RecordingError):
            assert "\n" not in str(answer)
            continue
        match name:
            case "about":
                assert isinstance(answer, About)
                assert isinstance(answer.steps, int)
                for text in (answer.name, answer.notes, answer.started, answer.state, answer.place):
                    assert isinstance(text, str)
                assert isinstance(answer.threads, int)
                assert isinstance(answer.pinned, bool)
                assert isinstance(answer.writer, dict)
                assert isinstance(answer.versions, dict)
                assert all(isinstance(step, int) for step in answer.resumed)
            case "count":
                assert answer >= 0
            case "rows" | "later rows":
                assert all(block.ndim == 2 and block.dtype == np.float32 for block in answer)
            case "snapshot":
                assert answer is None or isinstance(answer, Snapshot)
            case "checkpoint":
                assert answer is None or isinstance(answer, bytes)
                if answer is not None:
                    with contextlib.suppress(PackingError):
                        assert isinstance(unpacked(answer), Checkpoint)
            case "events":
                assert all(isinstance(event, Event) for event in answer)


def _plain(answer: Any) -> Any:
    if isinstance(answer, Snapshot):
        return answer.step, answer.gates[0]["f"].tobytes()
    return (
        [block.tobytes() for block in answer]
        if isinstance(answer, list) and answer[:1] and isinstance(answer[0], np.ndarray)
        else repr(answer)
    )


def test_a_truncated_file_says_so_or_says_what_is_right(closed_file: Path, tmp_path: Path) -> None:
    right = {name: _plain(answer) for name, answer in _answers(closed_file)}
    data = closed_file.read_bytes()
    path = tmp_path / FILE
    refused = 0
    for size in [*range(0, 200, 9), *range(200, len(data), len(data) // 150), len(data) - 1]:
        path.write_bytes(data[:size])
        for name, answer in _answers(path):
            if isinstance(answer, RecordingError):
                refused += 1
            else:
                assert _plain(answer) == right[name], (size, name)
        assert path.read_bytes() == data[:size]
        assert [item.name for item in tmp_path.iterdir()] == [FILE]
    assert refused > 100


@given(st.data())
@settings(max_examples=150, deadline=10_000, suppress_health_check=[HealthCheck.function_scoped_fixture])
def test_damaged_bytes_never_crash(closed_file: Path, died_file: Path, tmp_path: Path, data: st.DataObject) -> None:
    path = copied(data.draw(st.sampled_from([closed_file, died_file])), tmp_path)
    part = data.draw(st.sampled_from(sorted(item for item in tmp_path.iterdir() if not item.name.endswith("-shm"))))
    content = bytearray(part.read_bytes())
    for _ in range(data.draw(st.integers(1, 8))):
        # The first page says what all others are: it is hit as often as all of them.
        end = data.draw(st.sampled_from([120, 4096, len(content)]))
        place = data.draw(st.integers(0, end - 1))
        length = data.draw(st.sampled_from([1, 1, 1, 4, 600]))
        content[place : place + length] = data.draw(st.binary(min_size=1, max_size=4)) * length
    part.write_bytes(content)
    try:
        _check_kinds(path)
    finally:
        for item in tmp_path.iterdir():
            item.unlink()


def test_damaged_chunks_are_noticed(closed_file: Path, tmp_path: Path) -> None:
    """Of every place in the packed metrics, one bit that is turned is noticed, and so is one that is lost."""
    path = copied(closed_file, tmp_path)
    with contextlib.closing(sqlite3.connect(path)) as database:
        first, data = database.execute("SELECT first, data FROM metrics ORDER BY first DESC LIMIT 1").fetchone()
        for place in range(0, len(data), max(len(data) // 40, 1)):
            bad = bytearray(data)
            bad[place] ^= 4
            database.execute("UPDATE metrics SET data = ? WHERE first = ?", (bytes(bad), first))
            database.commit()
            with pytest.raises(RecordingError, match=r"is damaged .*; choose another recording\.$"):
                all_rows(path)
            with Recording(path) as recording:  # the rest can still be looked at
                assert recording.snapshot(5) is not None


def test_steps_that_are_missing_are_noticed(closed_file: Path, tmp_path: Path) -> None:
    path = copied(closed_file, tmp_path)
    with contextlib.closing(sqlite3.connect(path)) as database:
        database.execute("DELETE FROM metrics WHERE first = ?", (CHUNK + 1,))
        database.commit()
    with pytest.raises(RecordingError, match="is damaged"):
        all_rows(path)


VALUES = [None, True, -1, 2**70, 1.5, float("nan"), "x", [], ["x"], {}, {"a": 1}, [[1]], "9" * 5000]


@pytest.mark.parametrize("key", [*(item.name for item in dataclasses.fields(About)), "facts", "unknown"])
def test_facts_of_any_kind_never_crash(closed_file: Path, tmp_path: Path, key: str) -> None:
    path = copied(closed_file, tmp_path)
    with contextlib.closing(sqlite3.connect(path)) as database:
        for text in [*map(json.dumps, VALUES), "", "{", "[" * 100_000, b"\xff\xfe", 7, None]:
            if text is None:
                database.execute("DELETE FROM about WHERE key = ?", (key,))
            else:
                database.execute("INSERT OR REPLACE INTO about VALUES (?, ?)", (key, text))
            database.commit()
            _check_kinds(path)


@pytest.mark.parametrize("table", ["metrics", "recent", "snapshots", "checkpoints", "events"])
def test_tables_of_any_content_never_crash(closed_file: Path, tmp_path: Path, table: str) -> None:
    path = copied(closed_file, tmp_path)
    with contextlib.closing(sqlite3.connect(path)) as database:
        columns = [name for _, name, *_ in database.execute(f"PRAGMA table_info({table})")]
        for value in (0, -1, 2**62, -(2**62), "x", b"", b"\x00" * 100, 1.5):
            for column in columns:
                database.execute("SAVEPOINT before")
                with contextlib.suppress(sqlite3.IntegrityError):
                    key = f"(SELECT max({columns[0]}) FROM {table})"
                    database.execute(f"UPDATE {table} SET {column} = ? WHERE {columns[0]} = {key}", (value,))
                    row = [value if name == column else 10**6 for name in columns]
                    database.execute(f"INSERT INTO {table} VALUES ({', '.join('?' * len(row))})", row)
                database.commit()
                _check_kinds(path)
        database.execute(f"DROP TABLE {table}")
        database.commit()
        _check_kinds(path)


def test_config_of_another_time_keeps_what_is_known(closed_file: Path, tmp_path: Path) -> None:
    path = copied(closed_file, tmp_path)
    members = {**dataclasses.asdict(CONFIG), "given up": 3}
    del members["momentum"]
    with contextlib.closing(sqlite3.connect(path)) as database:
        database.execute("UPDATE about SET value = ? WHERE key = 'config'", (json.dumps(members),))
        database.execute("INSERT INTO about VALUES ('mood', '\"good\"')")
        database.execute("CREATE TABLE later (a)")
        database.commit()
    with Recording(path) as recording:
        assert recording.about().config == CONFIG


def test_snapshots_that_were_written_twice_are_the_newest(tmp_path: Path) -> None:
    path = closed(tmp_path / FILE, [Parcel([counted(1, 5)], [snapshot(5)]), Parcel([], [snapshot(5)])])
    with Recording(path) as recording:
        assert recording.snapshot_steps() == [5]


# A recording of each version is read for ever


OLD = ROOT / "tests" / "data" / "version-1.lstmrec"


def make_version_1(path: Path) -> None:
    """Make the recording that lies in tests/data, with the program as it was when its format was made.

    Not called by a test: the file stays as it is, and so do the numbers below.
    """
    import torch

    from engine.observation import FLOW, OBSERVED
    from engine.run_recorder import about_run
    from engine.trainer import Trainer

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
        writer.write(Parcel([trainer.drain()], [trainer.snapshot(wants)], kept, [event]))
    writer.write(Parcel(about={"notes": "Kept for ever: σ ∘ tanh.", "pinned": True}))
    writer.close({"state": "stopped"})
    with contextlib.closing(sqlite3.connect(path)) as database:
        database.execute("VACUUM")  # nothing of this machine stays in pages that became free


def test_a_recording_of_version_1_is_read_for_ever(tmp_path: Path) -> None:
    before = OLD.read_bytes()
    with Recording(OLD) as recording:
        about = recording.about()
        rows = np.concatenate(list(recording.rows()))
        assert recording.count() == 600
        assert recording.snapshot_steps() == [0, 5, 250, 600]
        assert recording.checkpoint_steps() == [250, 600]
        assert [event.step for event in recording.events()] == [5, 250, 600]
        assert recording.events()[1].words == "learning rate 0.01 → 0.02"
        facts, seen, data = recording.facts(), recording.snapshot(250), recording.checkpoint(400)
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
    assert data is not None
    checkpoint = unpacked(data)
    assert (checkpoint.step, len(checkpoint.arrays)) == (250, 53)
    assert checkpoint.arrays["network.recurrent.kernel.weight_hr_l0"].astype(float).sum() == pytest.approx(
        -1.6705521792173386, rel=1e-12
    )
    assert OLD.read_bytes() == before


def test_a_recording_of_version_1_is_gone_on_with(tmp_path: Path) -> None:
    from engine.run_recorder import newest_checkpoint
    from engine.trainer import Trainer

    path = copied(OLD, tmp_path)
    checkpoint, about = newest_checkpoint(path)
    trainer = Trainer(checkpoint.config)
    trainer.restore(checkpoint)
    writer = RecordingWriter.reopen(path, trainer.done)
    for _ in range(20):
        trainer.step()
    writer.write(Parcel([trainer.drain()], [trainer.snapshot()], [trainer.checkpoint()]))
    writer.close({"state": "stopped"})
    rows = all_rows(path)
    assert len(rows) == about.steps + 20
    assert rows[:600].tobytes() == all_rows(OLD).tobytes()
    assert rows[600:, 0].mean() < 0.01  # it has learnt before
