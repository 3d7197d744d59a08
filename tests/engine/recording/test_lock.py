"""A recording is written by one process at a time."""

import os
import shutil
import sqlite3
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Iterator
from contextlib import closing
from dataclasses import replace
from pathlib import Path

import numpy as np
import psutil
import pytest

from engine.recording.about import About, RecordingError, write_about
from engine.recording.library import Library
from engine.recording.lock import ENDING, LOCKED_S, is_written, lock_path
from engine.recording.parcel import Parcel
from engine.recording.recording import Recording
from engine.recording.writer import RecordingWriter
from engine.runs.messages import State
from tests.engine.recording.locked import locked
from tests.engine.recording.real_runs import CONFIG, FILE, Run, runs_in
from tests.engine.recordings import all_rows, as_nobody, closed, counted, parcels, written


def about(path: Path) -> About:
    with Recording(path) as recording:
        return recording.about()


def say_writer(path: Path, **changes: object) -> None:
    """Let a recording say something else of who writes it."""
    with closing(sqlite3.connect(path)) as connection, connection:
        write_about(connection, {"writer": {**about(path).writer, **changes}})


@pytest.mark.parametrize("shift_s", [-3.0, 0.0, 3.0])
def test_a_second_writer_is_refused_whatever_a_clock_says(tmp_path: Path, shift_s: float) -> None:
    path = tmp_path / FILE
    writer = written(path, parcels(700))
    token = about(path).writer
    say_writer(path, started=token["started"] + shift_s)
    assert is_written(path, about(path))
    with pytest.raises(RecordingError, match=rf"still being written by process {token['pid']}; stop that first\.$"):
        RecordingWriter.reopen(path, 700)
    writer.write(Parcel([counted(701, 800)]))
    writer.close({})
    np.testing.assert_array_equal(all_rows(path), counted(1, 800))
    RecordingWriter.reopen(path, 800).close({})


def test_a_link_leads_to_the_same_lock(tmp_path: Path) -> None:
    path, link = tmp_path / FILE, tmp_path / "link.lstmrec"
    writer = written(path, parcels(700))
    link.symlink_to(path)
    assert is_written(link, about(link))
    with pytest.raises(RecordingError, match="still being written"):
        RecordingWriter.reopen(link, 700)
    writer.close({})


def test_who_is_taken_over_without_a_lock_writes_no_more(tmp_path: Path) -> None:
    """As in a folder that several machines share, where locks may not be known."""
    path = tmp_path / FILE
    first = written(path, parcels(700))
    lock_path(path).unlink()
    second = RecordingWriter.reopen(path, 700)
    second.write(Parcel([counted(701, 800)]))
    with pytest.raises(
        RecordingError, match=rf"is being written by process {os.getpid()} now; train without recording"
    ):
        first.write(Parcel([counted(701, 900, shift=0.5)]))
    with pytest.raises(RecordingError, match="is being written by"):
        first.close({"state": "stopped"})
    second.write(Parcel([counted(801, 900)]))
    second.close({"state": "finished"})
    np.testing.assert_array_equal(all_rows(path), counted(1, 900))
    assert about(path).state == "finished"


def test_nothing_is_left_beside_a_recording(tmp_path: Path) -> None:
    path = tmp_path / FILE
    writer = written(path, parcels(700))
    assert lock_path(path).exists()
    writer.close({})
    assert [item.name for item in tmp_path.iterdir()] == [FILE]
    with pytest.raises(RecordingError, match="exists already"):
        RecordingWriter(path, about(path))
    with pytest.raises(RecordingError, match="fewer than"):
        RecordingWriter.reopen(path, 701)
    shutil.copy(__file__, tmp_path / "other.lstmrec")
    with pytest.raises(RecordingError, match="not a recording"):
        RecordingWriter.reopen(tmp_path / "other.lstmrec", 1)
    assert sorted(item.name for item in tmp_path.iterdir()) == ["other.lstmrec", FILE]


def test_who_only_looks_keeps_nobody_from_writing(tmp_path: Path) -> None:
    path = closed(tmp_path / FILE, parcels(700))
    code = (
        "import sys; from pathlib import Path; from engine.recording.lock import is_written; "
        "from engine.recording.recording import Recording\n"
        "path = Path(sys.argv[1])\n"
        "about = Recording(path).about()\n"
        "print(flush=True)\n"
        "while True: is_written(path, about)"
    )
    writer = RecordingWriter.reopen(path, 700)
    with subprocess.Popen([sys.executable, "-c", code, str(path)], stdout=subprocess.PIPE) as looker:
        assert looker.stdout is not None
        looker.stdout.readline()
        for _ in range(20):
            writer.close({})
            writer = RecordingWriter.reopen(path, 700)
        looker.kill()
    writer.close({})


@pytest.mark.skipif(sys.platform == "win32", reason="permissions of Unix")
def test_a_run_is_known_to_be_written_where_nothing_may_be() -> None:
    with tempfile.TemporaryDirectory() as name:  # not pytest's, which nobody else may enter
        folder = Path(name)
        path = folder / FILE
        writer = written(path, parcels(700))
        for item in (*folder.iterdir(), folder):
            item.chmod(0o555)
        with as_nobody():
            assert is_written(path, about(path))
        folder.chmod(0o755)
        writer.close({})
        with as_nobody():
            assert not is_written(path, about(path))


def test_a_copy_of_a_run_that_is_written_is_free(tmp_path: Path) -> None:
    path, copies = tmp_path / FILE, tmp_path / "copies"
    writer = written(path, parcels(700))
    copies.mkdir()
    for end in ("", "-wal", ENDING):
        shutil.copy(f"{path}{end}", copies)
    library = Library(copies)
    (run,) = library.runs()
    assert not run.written
    RecordingWriter.reopen(copies / FILE, 700).close({})
    assert [item.name for item in copies.iterdir() if item.name.startswith(FILE)] == [FILE]
    shutil.copy(f"{path}{ENDING}", copies)
    library.remove(run)
    assert not [item.name for item in copies.iterdir() if item.name.startswith(FILE)]
    writer.close({})


@pytest.fixture
def start(tmp_path: Path) -> Iterator[Callable[..., Run]]:
    with runs_in(tmp_path) as begin:
        yield begin


def test_a_child_that_was_killed_leaves_its_recording_free(start: Callable[..., Run]) -> None:
    run = start(replace(CONFIG, steps=10_000_000))
    run.until(lambda update: update.step > 0 and len(all_rows(run.path)) > 0)
    assert is_written(run.path, about(run.path))
    assert run.worker.child_pid is not None
    psutil.Process(run.worker.child_pid).kill()
    run.state(State.FAILED)
    assert not is_written(run.path, about(run.path))
    writer = RecordingWriter.reopen(run.path, 0)
    writer.close({})
    assert [item.name for item in run.path.parent.iterdir()] == [FILE]


# A file that another program holds locked


def test_a_file_that_is_locked_is_waited_for_and_training_goes_on(start: Callable[..., Run]) -> None:
    assert LOCKED_S > 20.0  # see tests/soak for ten seconds
    locked(start, 1.2)


def test_a_file_that_stays_locked_is_said_to_be(tmp_path: Path) -> None:
    path = tmp_path / FILE
    writer = written(path, parcels(700))
    writer._connection.execute("PRAGMA busy_timeout = 100")  # instead of a minute
    with closing(sqlite3.connect(path, isolation_level=None)) as other:
        other.execute("BEGIN EXCLUSIVE")
        begin = time.monotonic()
        with pytest.raises(
            RecordingError, match=r"another program has locked it for 60 s; close that program, or train"
        ):
            writer.write(Parcel([counted(701, 710)]))
        assert time.monotonic() - begin < 5.0
        other.execute("ROLLBACK")
    writer.write(Parcel([counted(701, 710)]))
    writer.close({})
    np.testing.assert_array_equal(all_rows(path), counted(1, 710))


def test_the_locks_of_a_run_that_was_gone_on_with_last(tmp_path: Path) -> None:
    """Another process that is done with the file must not think that it was the last, and take the -wal away."""
    path = closed(tmp_path / FILE, parcels(700))
    writer = RecordingWriter.reopen(path, 700)
    code = "import sqlite3, sys; c = sqlite3.connect(sys.argv[1]); print(c.execute('SELECT * FROM about').fetchall())"
    subprocess.run([sys.executable, "-c", f"{code}; c.close()", str(path)], check=True, capture_output=True)
    writer.write(Parcel([counted(701, 800)]))
    writer.close({})
    np.testing.assert_array_equal(all_rows(path), counted(1, 800))
    assert [item.name for item in tmp_path.iterdir()] == [FILE]
