import json
import os
import shutil
import sqlite3
import time
from collections.abc import Iterator
from contextlib import closing
from datetime import UTC, datetime
from pathlib import Path

import pytest

from engine.recording.about import RecordingError
from engine.recording.folder import runs_folder
from engine.recording.library import INDEX, Library, run_of
from engine.recording.parcel import Parcel
from engine.recording.recording import Recording
from engine.recording.writer import RecordingWriter, set_of_user
from engine.settings.config import TrainingConfig
from tests.engine.recordings import closed, counted, died, parcels, written
from tests.timing import assert_within, timed

MANY = 1000
NOW = datetime(2026, 11, 23, 10, 12, 5)


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    return tmp_path / "runs"


@pytest.fixture
def library(folder: Path) -> Library:
    folder.mkdir()
    return Library(folder)


@pytest.fixture
def live(library: Library) -> Iterator[RecordingWriter]:
    writer = written(
        library.folder / "live.lstmrec", parcels(700), state="running", started="2026-05-01T00:00:00+00:00"
    )
    yield writer
    writer.close({"state": "stopped"})


def titles(library: Library) -> list[str]:
    return [run.title for run in library.runs()]


def dated(library: Library, name: str, day: int, steps: int = 20, **more: object) -> Path:
    started = f"2026-01-{day:02}T00:00:00.000+00:00"
    return closed(library.folder / f"{name}.lstmrec", [Parcel([counted(1, steps)])], name=name, started=started, **more)


def test_the_folder_is_the_users_or_that_of_the_variable(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.delenv("LSTM_VISUALIZER_RUNS", raising=False)
    assert runs_folder().parts[-2:] == ("lstm-visualizer", "runs")
    monkeypatch.setenv("LSTM_VISUALIZER_RUNS", str(tmp_path))
    assert runs_folder() == tmp_path
    monkeypatch.setenv("LSTM_VISUALIZER_RUNS", "~there_is_no_such_user/runs")
    with pytest.raises(RecordingError, match="no such home folder"):
        runs_folder()


def test_a_folder_that_is_not_there_has_no_runs_and_is_not_made(folder: Path) -> None:
    library = Library(folder)
    assert library.runs() == []
    assert library.total_bytes() == 0
    assert not folder.exists()


def test_a_run_tells_what_a_table_shows(library: Library) -> None:
    path = dated(library, "mine", 3, steps=200, pinned=True, notes="slow")
    (run,) = library.runs()
    assert (run.path, run.title, run.task, run.sizes) == (path, "mine", "Adding problem", "LSTM k 3, 1 layer")
    assert (run.seed, run.device, run.steps, run.pinned, run.notes) == (1, "cpu", 200, True, "slow")
    assert run.best_loss == pytest.approx(50.5)  # the mean of the losses 1 to 100
    assert run.started == datetime(2026, 1, 3, tzinfo=UTC)
    assert run.nbytes == path.stat().st_size
    assert (run.written, run.problem, run.state) == (False, "", "stopped")
    assert run.seconds > 0


def test_a_run_without_a_name_is_called_by_task_and_sizes(library: Library) -> None:
    closed(library.folder / "x.lstmrec", parcels(20), name="")
    assert titles(library) == ["Adding problem, LSTM k 3, 1 layer"]


def test_the_newest_comes_first_however_files_are_called(library: Library) -> None:
    for name, day in (("b", 2), ("a", 1), ("c", 3)):
        dated(library, name, day)
    (library.folder / "notes.txt").write_text("no recording")
    assert titles(library) == ["c", "b", "a"]


def test_what_cannot_be_read_has_its_sentence_and_is_read_when_it_can_be(library: Library) -> None:
    path = library.folder / "broken.lstmrec"
    path.write_text("no database")
    (run,) = library.runs()
    assert run.about is None
    assert "not a recording" in run.problem
    assert (run.title, run.task, run.steps, run.state) == ("broken", "", 0, "")
    path.unlink()
    closed(path, parcels(20), name="mended")
    assert titles(library) == ["mended"]


def test_only_what_has_changed_is_read_again(library: Library, monkeypatch: pytest.MonkeyPatch) -> None:
    paths = [dated(library, name, 1 + place) for place, name in enumerate("abc")]
    before = library.runs()
    opened: list[Path] = []
    begin = Recording.__init__

    def counting(self: Recording, path: Path) -> None:
        opened.append(path)
        begin(self, path)

    monkeypatch.setattr(Recording, "__init__", counting)
    assert library.runs() == before
    assert opened == []
    set_of_user(paths[1], name="another")
    opened.clear()
    assert titles(library) == ["c", "another", "a"]
    assert opened == [paths[1]]


def test_a_file_that_is_gone_is_listed_no_more_and_one_in_its_place_is_read(library: Library) -> None:
    path = dated(library, "a", 1)
    assert titles(library) == ["a"]
    path.unlink()
    assert titles(library) == []
    shutil.move(dated(library, "other", 2), path)
    assert titles(library) == ["other"]


@pytest.mark.parametrize("damage", ["text", "cut", "other table", "other rows", "folder", "view"])
def test_a_damaged_index_is_made_anew(library: Library, damage: str) -> None:
    for day in range(1, 10):
        dated(library, f"run {day}", day)
    expected = titles(library)
    index = library.folder / INDEX
    if damage == "text":
        index.write_text("this is no database" * 500)
    elif damage == "cut":
        index.write_bytes(index.read_bytes()[:5000])
    elif damage == "folder":
        index.unlink()
        index.mkdir()
    else:
        connection = sqlite3.connect(index)
        with connection:
            if damage == "other table":
                connection.execute("ALTER TABLE runs RENAME TO others")
            elif damage == "view":
                connection.execute("DROP TABLE runs")
                endless = "WITH RECURSIVE r(n) AS (VALUES (1) UNION ALL SELECT n + 1 FROM r) SELECT n, n, n FROM r"
                connection.execute(f"CREATE VIEW runs (name, stamp, about) AS {endless}")
            else:
                connection.execute("UPDATE runs SET about = '{\"config\": 3}'")
        connection.close()
    assert titles(library) == expected
    assert titles(library) == expected


def test_a_run_that_is_written_is_seen_as_it_goes_on(library: Library, live: RecordingWriter) -> None:
    (run,) = library.runs()
    assert (run.written, run.state, run.steps) == (True, "running", 700)
    assert run.nbytes > live.path.stat().st_size  # with the files beside it
    assert library.total_bytes() == run.nbytes
    live.write(Parcel([counted(701, 900)]))
    assert library.runs()[0].steps == 900


def test_a_run_whose_process_died_is_broken_off_and_one_that_made_its_steps_is_finished(library: Library) -> None:
    died(library.folder / "dead.lstmrec", parcels(700))
    dated(library, "whole", 1, steps=30, goal=30)
    assert {run.path.stem: run.state for run in library.runs() if run.path.stem in ("dead", "whole")} == {
        "dead": "interrupted",
        "whole": "finished",
    }


def test_name_notes_and_pin_are_kept_in_the_recording(library: Library) -> None:
    dated(library, "a", 1)
    set_of_user(library.runs()[0].path, name="forgets nothing")
    set_of_user(library.runs()[0].path, notes="b_f = 3\nseed 1")
    set_of_user(library.runs()[0].path, pinned=True)
    (run,) = library.runs()
    assert (run.title, run.notes, run.pinned) == ("forgets nothing", "b_f = 3\nseed 1", True)
    assert run.path.name == "a.lstmrec"


def test_a_run_that_is_written_can_be_named(library: Library, live: RecordingWriter) -> None:
    set_of_user(library.runs()[0].path, name="now")
    live.write(Parcel([counted(701, 800)]))
    (run,) = library.runs()
    assert (run.title, run.steps) == ("now", 800)


def test_a_new_path_is_readable_free_and_valid_everywhere(library: Library) -> None:
    path = library.new_path(TrainingConfig(), NOW)
    assert path == library.folder / "2026-11-23 10.12.05 adding k16.lstmrec"
    path.touch()
    assert library.new_path(TrainingConfig(), NOW).name == "2026-11-23 10.12.05 adding k16 (2).lstmrec"
    assert library.new_path(TrainingConfig(), NOW, "77").name == "2026-11-23 10.12.05 adding k16 77.lstmrec"
    own = library.new_path(TrainingConfig(task='own:a/b:c*"?<>|' + "x" * 300), NOW).name
    assert not set(own) & set('/\\:*?"<>|')
    assert len(own) < 150


def test_the_oldest_that_may_go_make_room_for_the_rest(library: Library, live: RecordingWriter) -> None:
    for day, name in enumerate("abcde", 1):
        dated(library, name, day, pinned=name == "a")
    (library.folder / "z.lstmrec").write_text("cannot be read")
    assert library.oldest_beyond(library.total_bytes()) == []
    size = {run.title: run.nbytes for run in library.runs()}
    going = library.oldest_beyond(library.total_bytes() - size["b"] - 1)
    assert [run.title for run in going] == ["b", "c"]
    assert [run.title for run in library.oldest_beyond(0)] == ["b", "c", "d", "e"]  # neither pinned nor written
    assert live.path.exists()


def test_a_run_is_removed_with_what_lies_beside_it(library: Library) -> None:
    path = died(library.folder / "dead.lstmrec", parcels(700))
    (library.folder / "written-dead.lstmrec").unlink()
    assert Path(f"{path}-wal").exists()
    library.remove(library.runs()[0])
    assert [file.name for file in library.folder.iterdir() if "dead" in file.name] == []


def test_what_cannot_be_read_can_be_removed(library: Library) -> None:
    (library.folder / "broken.lstmrec").write_text("no database")
    library.remove(library.runs()[0])
    assert library.runs() == []


def test_a_run_that_is_written_is_not_removed(library: Library, live: RecordingWriter) -> None:
    with pytest.raises(RecordingError, match="still being written"):
        library.remove(library.runs()[0])
    assert run_of(live.path).steps == 700


@timed
@pytest.mark.parametrize(
    ("writer", "words"),
    [
        ({}, "process {pid};"),
        ({"host": "elsewhere"}, "process {pid} on elsewhere;"),
        ({"pid": None}, "another process;"),
    ],
    ids=str,
)
def test_who_writes_a_run_is_told_wherever_that_is(
    library: Library, live: RecordingWriter, writer: dict[str, object], words: str
) -> None:
    with closing(sqlite3.connect(live.path)) as connection, connection:
        ((text,),) = connection.execute("SELECT value FROM about WHERE key = 'writer'").fetchall()
        told = {key: value for key, value in {**json.loads(text), **writer}.items() if value is not None}
        connection.execute("UPDATE about SET value = ? WHERE key = 'writer'", (json.dumps(told),))
    (run,) = library.runs()
    with pytest.raises(RecordingError, match=f"still being written by {words.format(pid=os.getpid())}"):
        library.remove(run)
    with closing(sqlite3.connect(live.path)) as connection, connection:
        connection.execute("UPDATE about SET value = ? WHERE key = 'writer'", (text,))


def test_a_thousand_runs_are_listed_at_once(library: Library) -> None:
    first = dated(library, "one", 1)
    for number in range(1, MANY):
        shutil.copy(first, library.folder / f"{number}.lstmrec")
    start = time.perf_counter()
    assert len(library.runs()) == MANY
    reading = time.perf_counter() - start
    times = []
    for _ in range(3):
        start = time.perf_counter()
        assert len(library.runs()) == MANY
        times.append(time.perf_counter() - start)
    print(f"read {reading:.2f} s, then listed in {min(times):.3f} s")
    # 0.3 s where nothing else runs; in any case far less than reading each file takes.
    assert_within(min(times), max(0.3, reading / 4))
