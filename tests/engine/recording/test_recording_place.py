"""A recording whose file is deleted, moved, replaced or cut short while it is written; names that are no text."""

import os
import shutil
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest

from engine.recording.about import RecordingError
from engine.recording.library import Library
from engine.recording.lock import ENDING, check_name
from engine.recording.parcel import Parcel
from engine.recording.recording import Recording
from engine.recording.writer import RecordingWriter, set_of_user
from engine.runs.messages import Pause, Resume, State, StopRecording
from tests.engine.recording.real_runs import CONFIG, FILE, Run, assert_whole, runs_in, undisturbed
from tests.engine.recordings import COLUMNS, all_rows, closed, counted, parcels, written
from tests.timing import assert_within, timed

ROOT = Path(__file__).parents[3]
pytestmark = pytest.mark.skipif(sys.platform == "win32", reason="Windows lets nobody take away a file that is open")


def beside(path: Path, end: str) -> Path:
    return path.with_name(path.name + end)


def delete(path: Path) -> None:
    path.unlink()


def remove_folder(path: Path) -> None:
    shutil.rmtree(path.parent)


def move_folder(path: Path) -> None:
    path.parent.rename(path.parent.with_name("elsewhere"))


def replace_by_another(path: Path) -> None:
    """By a recording that is being written itself."""
    for end in ("", "-wal"):
        os.replace(beside(path.parent.parent / FILE, end), beside(path, end))


def cut_wal(path: Path) -> None:
    wal = beside(path, "-wal")
    os.truncate(wal, wal.stat().st_size // 2)


def delete_wal(path: Path) -> None:
    beside(path, "-wal").unlink()


def cut(path: Path) -> None:
    os.truncate(path, 0)


HARMS = [
    (delete, r"run\.lstmrec was deleted or moved during the recording; put it back, or train without recording\.$"),
    (remove_folder, r"folder/run\.lstmrec was deleted or moved"),
    (move_folder, r"folder/run\.lstmrec was deleted or moved"),
    (replace_by_another, r"run\.lstmrec was replaced by another file"),
    (cut_wal, r"run\.lstmrec-wal, which belongs to the recording, was truncated .*; train without recording, or"),
    (delete_wal, r"run\.lstmrec-wal, which belongs to the recording, was deleted"),
    (cut, r"run\.lstmrec was truncated"),
]


@pytest.mark.parametrize(("harm", "words"), HARMS, ids=[harm.__name__ for harm, _ in HARMS])
def test_what_becomes_of_a_file_is_said_and_nothing_else_is_written_to(
    tmp_path: Path, harm: Callable[[Path], None], words: str
) -> None:
    path = tmp_path / "folder" / FILE
    writer = written(path, [Parcel([counted(1, 50)])])
    other = written(tmp_path / FILE, [Parcel([counted(1, 20)])])
    writer.check()
    harm(path)
    kept = {item: item.read_bytes() for item in tmp_path.rglob("*.lstmrec*") if not item.name.endswith("-shm")}
    for attempt in (writer.check, lambda: writer.write(Parcel([counted(51, 60)])), lambda: writer.close({})):
        with pytest.raises(RecordingError, match=words) as refused:
            attempt()
        assert "full" not in str(refused.value)
    left = {item: item.read_bytes() for item in kept if item.exists()}
    assert left.items() <= kept.items() or harm in (delete_wal, move_folder)  # then it is closed where it lies
    if harm in (cut_wal, replace_by_another):
        assert kept.keys() - left.keys() <= {beside(path, ENDING)}
    other.give_up()


def test_a_new_run_may_have_the_name_of_one_that_was_deleted(tmp_path: Path) -> None:
    path = tmp_path / FILE
    writer = written(path, parcels(700))
    path.unlink()
    writer.give_up()
    assert beside(path, "-wal").exists()  # it may belong to a file that was moved
    written(path, [Parcel([counted(1, 20)])]).close({})
    np.testing.assert_array_equal(all_rows(path), counted(1, 20))
    assert [item.name for item in tmp_path.iterdir()] == [FILE]


# Locks, which a process has on a file until any handle of its own to it is closed


def rename_elsewhere(path: Path) -> None:
    """In a process of its own, which takes the -wal away where nobody else seems to use it."""
    code = "import sys, pathlib, engine.recording.writer as w; w.set_of_user(pathlib.Path(sys.argv[1]), name='theirs')"
    subprocess.run([sys.executable, "-c", code, str(path)], cwd=ROOT, check=True, timeout=60)


def read_here(path: Path) -> None:
    with Recording(path) as recording:
        recording.about()


@pytest.mark.parametrize("harm", [None, read_here, lambda path: set_of_user(path, notes="mine")])
def test_a_run_that_goes_on_with_more_columns_is_read_here_and_renamed_elsewhere(
    tmp_path: Path, harm: Callable[[Path], object] | None
) -> None:
    path = closed(tmp_path / FILE, parcels(5000))
    more = (*COLUMNS, "one more")
    writer = RecordingWriter.reopen(path, 4500, more)
    if harm is not None:
        harm(path)
    rename_elsewhere(path)
    rows = np.full((100, len(more)), 1.0, dtype=np.float32)
    writer.write(Parcel([rows]))
    writer.close({"state": "stopped"})
    expected = np.full((4600, len(more)), np.nan, dtype=np.float32)
    expected[:4500, :-1], expected[4500:] = counted(1, 4500), rows
    np.testing.assert_array_equal(all_rows(path), expected)
    with Recording(path) as recording:
        assert recording.about().name == "theirs"
    assert [item.name for item in tmp_path.iterdir()] == [FILE]


def test_a_run_of_this_process_is_read_here_and_renamed_elsewhere(start: Callable[..., Run]) -> None:
    run = start(replace(SLOW, worker="thread"))
    run.until(lambda update: update.step > 0)
    for _ in range(3):
        recorded = len(all_rows(run.path))
        rename_elsewhere(run.path)
        run.until(lambda update, recorded=recorded: update.refusals or len(all_rows(run.path)) > recorded)
    run.worker.stop()
    assert run.state(State.STOPPED)
    assert not [update.refusals for update in run.updates if update.refusals]


def test_a_file_that_is_no_longer_written_here_is_looked_at_before_sqlite(tmp_path: Path) -> None:
    path = closed(tmp_path / FILE, parcels(700))
    path.write_bytes(b"no database" * 100)  # the same file on the disk
    with pytest.raises(RecordingError, match="which would be a database"):
        read_here(path)


@pytest.fixture
def start(tmp_path: Path) -> Iterator[Callable[..., Run]]:
    with runs_in(tmp_path / "folder") as begin:
        yield begin


SLOW = replace(CONFIG, sequence_length=60, batch_size=32, steps=10_000_000)


@timed
def test_a_run_whose_folder_is_moved_pauses_and_goes_on_when_it_is_back(
    start: Callable[..., Run], tmp_path: Path
) -> None:
    run = start(SLOW)
    run.until(lambda update: update.step > 10 and len(all_rows(run.path)) > 0)
    (tmp_path / "folder").rename(tmp_path / "elsewhere")
    begin = time.monotonic()
    paused = run.until(lambda update: update.refusals)
    took_s = time.monotonic() - begin
    assert paused.refusals
    assert paused.refusals[0].what == "recording"
    assert str(run.path) in paused.refusals[0].sentence
    run.state(State.PAUSED)
    run.worker.tell(Resume())  # it is not back yet
    run.until(lambda update: update.refusals and update is not paused)
    run.state(State.PAUSED)
    (tmp_path / "elsewhere").rename(tmp_path / "folder")
    run.worker.tell(Resume())
    run.until(lambda update: update.step > paused.step + 20)
    run.worker.stop()
    stopped = run.state(State.STOPPED)
    assert run.worker.join(10)
    assert assert_whole(run.path, undisturbed(SLOW, stopped.step)) == stopped.step
    assert [item.name for item in run.path.parent.iterdir()] == [FILE]
    assert_within(took_s, 2.0)


@timed
def test_a_run_that_rests_hears_that_its_file_is_deleted_and_goes_on_without(start: Callable[..., Run]) -> None:
    run = start(SLOW)
    run.until(lambda update: update.step > 0)
    run.worker.tell(Pause())
    run.state(State.PAUSED)
    run.path.unlink()
    begin = time.monotonic()
    told = run.until(lambda update: update.refusals)
    took_s = time.monotonic() - begin
    assert told.refusals
    assert "was deleted or moved" in told.refusals[0].sentence
    run.worker.tell(StopRecording())
    run.worker.tell(Resume())
    run.until(lambda update: update.step > told.step + 5 and not update.recorded)
    assert not [item for item in run.path.parent.iterdir() if item.name.endswith(ENDING)]
    assert_within(took_s, 2.0)


# Names


@pytest.mark.skipif(sys.platform != "linux", reason="elsewhere every name is a text")
def test_a_folder_and_a_file_whose_names_are_no_text_are_as_good_as_any(tmp_path: Path) -> None:
    folder = tmp_path / os.fsdecode(b"caf\xe9")
    library = Library(folder)
    path = folder / os.fsdecode(b"na\xefve.lstmrec")
    closed(path, parcels(700))
    writer = RecordingWriter.reopen(path, 700)
    writer.write(Parcel([counted(701, 800)]))
    assert [run.written for run in library.runs()] == [True]
    writer.close({"state": "stopped"})
    np.testing.assert_array_equal(all_rows(path), counted(1, 800))
    for seen in (library, Library(folder)):
        (run,) = seen.runs()
        assert (run.path, run.steps, run.written) == (path, 800, False)
    set_of_user(run.path, name="mine")
    with Recording(path) as recording:
        assert recording.about().name == "mine"
    library.remove(run)
    assert library.runs() == []


def test_a_name_that_is_too_long_for_what_lies_beside_it_is_refused(tmp_path: Path) -> None:
    longest = max(length for length in range(200, 256) if _fits(tmp_path, length))
    path = tmp_path / ("a" * (longest - len(".lstmrec")) + ".lstmrec")
    closed(path, parcels(700))
    assert [item.name for item in tmp_path.iterdir()] == [path.name]
    with pytest.raises(RecordingError, match=r"the name is too long .* choose a shorter one\.$"):
        closed(path.with_name("a" + path.name), parcels(700))
    assert [item.name for item in tmp_path.iterdir()] == [path.name]


def _fits(folder: Path, length: int) -> bool:
    try:
        check_name(folder / ("a" * length))
    except RecordingError:
        return False
    return True
