"""Recordings that are damaged or something else: one sentence each, no crash, and nothing is changed."""

import contextlib
import dataclasses
import json
import os
import re
import sqlite3
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from engine.recording.about import About, Event, RecordingError
from engine.recording.checkpoint import Checkpoint
from engine.recording.parcel import Parcel
from engine.recording.recording import APPLICATION_ID, CHUNK, VERSION, Recording
from engine.recording.writer import RecordingWriter, set_of_user
from engine.runs.snapshot import Snapshot
from tests.engine.recordings import (
    CONFIG,
    FILE,
    LAST,
    QUESTIONS,
    all_rows,
    as_nobody,
    closed,
    copied,
    counted,
    snapshot,
)


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
    assert "is not a recording of this program" in _sentence(tmp_path / "folder")
    assert "does not exist; choose another" in _sentence(tmp_path / "nothing")


@pytest.mark.parametrize("journal", ["DELETE", "WAL"])
def test_a_database_of_another_program_gets_a_sentence(tmp_path: Path, journal: str) -> None:
    path = tmp_path / "photos.db"
    with contextlib.closing(sqlite3.connect(path)) as database:
        database.execute(f"PRAGMA journal_mode = {journal}")
        database.execute("CREATE TABLE photos (a)")
        database.commit()
    assert "is a database from another program" in _sentence(path)
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
    assert "contains no run" in _sentence(path)


@pytest.mark.skipif(not hasattr(os, "geteuid"), reason="permissions of Unix")
def test_a_file_that_may_not_be_read_gets_a_sentence(closed_file: Path, tmp_path: Path) -> None:
    path = copied(closed_file, tmp_path)
    path.chmod(0)
    with as_nobody(), pytest.raises(RecordingError, match=r"cannot be read \(Permission denied\); choose another\.$"):
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
                assert answer is None or isinstance(answer, Checkpoint)
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
    try:
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
        _check_kinds(path)
    finally:  # whatever ends an example, the next must find an empty folder
        for item in tmp_path.iterdir():
            item.unlink()


def test_damaged_chunks_are_noticed(closed_file: Path, tmp_path: Path) -> None:
    """Of every place in the packed metrics, one bit that is turned is noticed, unless the numbers are the same."""
    path = copied(closed_file, tmp_path)
    whole, noticed = all_rows(path), 0
    with contextlib.closing(sqlite3.connect(path)) as database:
        first, data = database.execute("SELECT first, data FROM metrics ORDER BY first DESC LIMIT 1").fetchone()
        for place in range(0, len(data), max(len(data) // 40, 1)):
            bad = bytearray(data)
            bad[place] ^= 4
            database.execute("UPDATE metrics SET data = ? WHERE first = ?", (bytes(bad), first))
            database.commit()
            try:
                np.testing.assert_array_equal(all_rows(path), whole)  # repeated from another place that is alike
            except RecordingError as error:
                assert re.search(r"is damaged .*; choose another recording\.$", str(error))  # noqa: PT017
                noticed += 1
            with Recording(path) as recording:  # the rest can still be looked at
                assert recording.snapshot(5) is not None
    assert noticed > 30


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
        assert recording.steps_of("snapshots") == [5]
