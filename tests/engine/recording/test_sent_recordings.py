"""Recordings that somebody sends: made by a real run, then changed to do harm. Each gets its one sentence."""

from __future__ import annotations

import contextlib
import json
import os
import shutil
import socket
import sqlite3
import subprocess
import sys
import tracemalloc
import zlib
from collections.abc import Callable, Iterator
from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np
import pytest

import main
from engine.errors import PlainError
from engine.recording import database
from engine.recording.about import RecordingError
from engine.recording.checkpoint import unpacked
from engine.recording.database import Database
from engine.recording.folder import FOLDER_VARIABLE
from engine.recording.library import run_of
from engine.recording.packing import PackingError, pack, pack_arrays, unpack, unpack_arrays
from engine.recording.recorded_run import read_run
from engine.recording.recording import Recording
from engine.recording.writer import RecordingWriter, set_of_user
from engine.runs.observation import Extras
from engine.runs.snapshot import Snapshot
from engine.session.recorded_step import step_apart_at
from engine.session.recorder import newest_checkpoint
from engine.settings.config import TrainingConfig

ROOT = Path(__file__).parents[3]
STEPS = 60
MOST_BYTES = 80_000_000
"""What reading a small run may take at most, whatever its file says."""


@pytest.fixture(scope="module")
def real(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A recording of the program's own command line."""
    path = tmp_path_factory.mktemp("real") / "run.lstmrec"
    small = "--cell-size 3 --layers 2 --hidden-size 2 --sequence-length 6 --batch-size 4 --twin on --device cpu"
    assert main.main(["train", *small.split(), "--steps", str(STEPS), "--record", str(path)]) == 0
    return path


@pytest.fixture
def sent(real: Path, tmp_path: Path) -> Path:
    shutil.copy(real, tmp_path)
    return tmp_path / real.name


@contextlib.contextmanager
def changed(path: Path) -> Iterator[sqlite3.Connection]:
    with contextlib.closing(sqlite3.connect(path)) as connection, connection:
        yield connection


def change_last(path: Path, table: str, change: Callable[[bytes], bytes]) -> None:
    with changed(path) as connection:
        step, data = connection.execute(f"SELECT step, data FROM {table} ORDER BY step DESC LIMIT 1").fetchone()
        connection.execute(f"UPDATE {table} SET data = ? WHERE step = ?", (change(data), step))


def refusal(ask: Callable[[], object]) -> str:
    """The one sentence that is said; anything else is a fault."""
    with pytest.raises(PlainError) as error:
        ask()
    sentence = str(error.value)
    assert "\n" not in sentence
    assert sentence.endswith(".")
    return sentence


HUGE = 10**400
"""A whole number that JSON can hold and no float."""


# A checkpoint never corrupts memory


def with_arrays(change: Callable[[dict[str, np.ndarray]], object]) -> Callable[[bytes], bytes]:
    def changed_bytes(data: bytes) -> bytes:
        checkpoint = unpacked(data)
        arrays = dict(checkpoint.arrays)
        change(arrays)
        return replace(checkpoint, arrays=arrays).packed()

    return changed_bytes


def scalar_moments(arrays: dict[str, np.ndarray]) -> None:
    for name in arrays:
        if "exp_avg" in name:
            arrays[name] = np.float32(0.1).reshape(())


def put(name: str, value: Callable[[np.ndarray], Any]) -> Callable[[dict[str, np.ndarray]], None]:
    return lambda arrays: arrays.update({name: np.asarray(value(arrays.get(name, np.zeros(2, np.float32))))})


def test_a_scalar_for_a_moment_is_refused_before_it_is_written_beyond(sent: Path) -> None:
    """In a process of its own: Adam wrote outside of the array, and the process died of a signal."""
    change_last(sent, "checkpoints", with_arrays(scalar_moments))
    before = sent.read_bytes()
    command = [sys.executable, "main.py", "train", "--resume", "--steps", "400", "--record", str(sent)]
    ended = subprocess.run(command, cwd=ROOT, capture_output=True, text=True, timeout=100, check=False)
    assert ended.returncode == 2, ended.stderr[-2000:]
    assert "optimizer.0.exp_avg was expected as float32 (12, 2), found float32 ()" in ended.stderr
    assert sent.read_bytes() == before


WEIGHT, MOMENT = "network.readout.weight", "optimizer.0.exp_avg"


@pytest.mark.parametrize(
    ("what", "change"),
    [
        ("optimizer.0.exp_avg", scalar_moments),
        (WEIGHT, put(WEIGHT, lambda W: W.reshape(-1))),
        (WEIGHT, put(WEIGHT, lambda W: W.astype(np.float64))),
        (WEIGHT, put(WEIGHT, lambda W: W.astype(np.int32))),
        (WEIGHT, put(WEIGHT, lambda W: W * np.nan)),
        (WEIGHT, lambda arrays: arrays.pop(WEIGHT)),
        ("network.more", put("network.more", np.array)),
        (WEIGHT, put(f"twin.{WEIGHT}", np.ravel)),
        (MOMENT, put(MOMENT, lambda m: m[:1])),
        (MOMENT, put(MOMENT, lambda m: np.full_like(m, np.inf))),
        ("optimizer.0.exp_avg_sq", put("optimizer.0.exp_avg_sq", lambda v: -np.abs(v) - 1)),
        ("optimizer.0.step", put("optimizer.0.step", lambda _: np.ones(3, np.float32))),
        *(("optimizer.0.step", put("optimizer.0.step", lambda _, n=n: np.float32(n))) for n in (-1, 0.5, 1e30)),
        ("optimizer.0.exp_avg", lambda arrays: arrays.pop(MOMENT)),
        ("optimizer.0.square_avg", put("optimizer.0.square_avg", np.array)),
        ("optimizer.99.exp_avg", put("optimizer.99.exp_avg", np.array)),
        ("optimizer.x", put("optimizer.x", np.array)),
        ("optimizer.-1.step", put("optimizer.-1.step", np.array)),
        ("random", put("random", lambda state: state[:7])),
        ("random", put("random", lambda state: state.astype(np.float32))),
        ("probe sequence", put("probe", lambda _: np.zeros((3, 7), np.float32))),
        ("probe sequence", put("probe", lambda _: np.zeros((0, 2), np.float32))),
        ("probe", put("probe", lambda _: np.full((3, 2), np.nan, np.float32))),
    ],
)
def test_every_array_of_a_checkpoint_is_checked(sent: Path, what: str, change: Callable[..., object]) -> None:
    change_last(sent, "checkpoints", with_arrays(change))
    assert what in refusal(lambda: step_apart_at(sent, STEPS))


@pytest.mark.parametrize(
    ("members", "words"),
    [
        ({"step": STEPS + 1}, f"the checkpoint should be of step {STEPS}"),
        ({"step": "60"}, "step is something else"),
        ({"step": True}, "step is something else"),
        ({"example": -1}, "the number of its example should be from 0"),
        ({"example": 2**40}, "the number of its example should be from 0"),
        ({"followed": 5}, "should follow a sequence of its batch"),
        ({"config": []}, "a checkpoint was expected"),
    ],
)
def test_what_a_checkpoint_says_is_checked(sent: Path, members: dict[str, Any], words: str) -> None:
    def change(data: bytes) -> bytes:
        arrays, about = unpack_arrays(data)
        return pack_arrays(arrays, {**about, **members})

    change_last(sent, "checkpoints", change)
    assert words in refusal(lambda: newest_checkpoint(sent))


# Nothing grows beyond what the run can need


def bomb(megabytes: int) -> bytes:
    packing = zlib.compressobj(1)
    return b"".join(packing.compress(bytes(10_000_000)) for _ in range(megabytes // 10)) + packing.flush()


@pytest.mark.parametrize("table", ["snapshots", "extras", "metrics"])
def test_a_deflated_part_is_not_inflated_beyond_what_its_run_can_need(sent: Path, table: str) -> None:
    if table == "metrics":
        with changed(sent) as connection:
            connection.execute("UPDATE metrics SET steps = 65536, data = ?", (bomb(300),))
    else:
        change_last(sent, table, lambda _: bomb(300))
    tracemalloc.start()
    try:
        sentence = refusal(lambda: read_run(sent))
        _, peak = tracemalloc.get_traced_memory()
    finally:
        tracemalloc.stop()
    assert "which its run cannot have written" in sentence
    assert peak < MOST_BYTES


@pytest.mark.parametrize("steps", [0, -1, 10**9, 2**62])
def test_a_false_count_of_steps_is_noticed_by_whoever_asks_anything(sent: Path, steps: int) -> None:
    with changed(sent) as connection:
        connection.execute("UPDATE metrics SET steps = ?", (steps,))
    words = f"1 to 65,536 steps were expected, found {steps}"
    assert words in refusal(lambda: read_run(sent))
    assert words in refusal(lambda: newest_checkpoint(sent))
    assert words in run_of(sent).problem


@pytest.mark.parametrize("first", [2**62, 2**40, 2, 0, -5])
def test_steps_that_do_not_begin_with_the_first_are_noticed(sent: Path, first: int) -> None:
    with changed(sent) as connection:
        connection.execute("UPDATE metrics SET first = ?", (first,))
    assert f"step 1 was expected, found {first}" in refusal(lambda: read_run(sent))
    assert "step 1 was expected" in run_of(sent).problem


def test_a_checkpoint_that_is_longer_than_any_is_not_read(sent: Path) -> None:
    with changed(sent) as connection:
        connection.execute("UPDATE checkpoints SET data = zeroblob(100000000)")
    tracemalloc.start()
    try:
        assert "too big" in refusal(lambda: newest_checkpoint(sent))
        _, peak = tracemalloc.get_traced_memory()
    finally:
        tracemalloc.stop()
    assert peak < MOST_BYTES


@pytest.mark.parametrize("words", ["[" * 200_000, "[" * 200_000 + "]" * 200_000, '{"map": ' * 100_000, "1" * 5000])
def test_a_description_without_an_end_is_refused(words: str) -> None:
    text = np.frombuffer(words.encode(), dtype=np.uint8)
    arrays, _ = unpack_arrays(pack_arrays({"0": np.zeros(3)}, {}))
    import safetensors.numpy

    data = safetensors.numpy.save({**arrays, "about": text})
    with pytest.raises(PackingError):
        unpack(data, Extras)


def test_a_long_description_is_not_read(sent: Path) -> None:
    def change(data: bytes) -> bytes:
        arrays, about = unpack_arrays(zlib.decompress(data))
        return zlib.compress(pack_arrays(arrays, {**about, "more": [{}] * 500_000}))

    change_last(sent, "extras", change)
    assert "a short description of the arrays was expected" in refusal(lambda: read_run(sent))


def test_facts_about_a_run_are_short(sent: Path) -> None:
    with changed(sent) as connection:
        connection.execute("UPDATE about SET value = ? WHERE key = 'notes'", (json.dumps("x" * 5_000_000),))
    assert "too big" in run_of(sent).problem


# Nothing in a file runs, and no question lasts for ever

ENDLESS = "WITH RECURSIVE r(n) AS (VALUES (1) UNION ALL SELECT n + 1 FROM r) SELECT n AS"


@pytest.mark.parametrize("table", ["about", "metrics", "snapshots", "events"])
def test_a_view_in_place_of_a_table_is_refused(sent: Path, table: str) -> None:
    with changed(sent) as connection:
        columns = [name for _, name, *_ in connection.execute(f"PRAGMA table_info({table})")]
        connection.execute(f"ALTER TABLE {table} RENAME TO old")
        connection.execute(f"CREATE VIEW {table} AS {ENDLESS} {', n AS '.join(columns)} FROM r")
    assert f"{table} in it is not a plain table" in run_of(sent).problem


def test_a_view_that_says_that_it_is_a_table_is_refused(sent: Path) -> None:
    with changed(sent) as connection:
        connection.execute("DROP TABLE events")
        connection.execute(f"CREATE VIEW events AS {ENDLESS} number, n AS step, n AS at, n AS words FROM r")
        connection.execute("PRAGMA writable_schema = ON")
        connection.execute("UPDATE sqlite_master SET type = 'table', rootpage = 3 WHERE name = 'events'")
    refusal(lambda: read_run(sent))


def test_a_table_that_computes_is_refused(sent: Path) -> None:
    with changed(sent) as connection:
        connection.execute("DROP TABLE events")
        connection.execute(
            "CREATE TABLE events (number INTEGER PRIMARY KEY, step INTEGER NOT NULL, at TEXT NOT NULL, words TEXT AS "
            "(hex(zeroblob(1000000))) NOT NULL)"
        )
    assert "its table events is missing or different" in refusal(lambda: read_run(sent))


@pytest.mark.parametrize(
    "statement", ["AFTER UPDATE ON about", "BEFORE INSERT ON recent", "AFTER DELETE ON checkpoints"]
)
def test_a_trigger_never_runs(sent: Path, statement: str) -> None:
    with changed(sent) as connection:
        connection.execute(f"CREATE TRIGGER harm {statement} BEGIN DELETE FROM snapshots; END")
    before = sent.read_bytes()
    for ask in (
        lambda: newest_checkpoint(sent),
        lambda: set_of_user(sent, name="mine"),
        lambda: RecordingWriter.reopen(sent, STEPS),
    ):
        assert "harm in it is not a plain table" in refusal(ask)
    assert sent.read_bytes() == before


@pytest.mark.parametrize("statement", ["CREATE INDEX i ON events (hex(words))", "CREATE VIEW v AS SELECT 1"])
def test_whatever_else_is_no_plain_table_is_refused(sent: Path, statement: str) -> None:
    with changed(sent) as connection:
        connection.execute(statement)
    assert "is not a plain table" in run_of(sent).problem


def test_tables_and_columns_of_a_later_version_are_left_alone(sent: Path) -> None:
    with changed(sent) as connection:
        connection.execute("CREATE TABLE later (a, b)")
        connection.execute("ALTER TABLE events ADD COLUMN mood TEXT")
        connection.execute("ALTER TABLE about ADD COLUMN since INTEGER")
        connection.execute("INSERT INTO about VALUES ('more', '1', 3)")
    assert read_run(sent).about.steps == STEPS


@pytest.fixture
def tables(real: Path) -> Iterator[Database]:
    found = Database(real, ())
    yield found
    found.close()


def test_a_question_without_an_end_is_given_up(tables: Database, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(database, "LONGEST_S", 0.05)
    with pytest.raises(PackingError, match=r"reading it took longer than 0\.05 s"):
        tables.ask("SELECT count(*) FROM about a, about b, about c, about d, about e, about f, about g, about h")
    assert tables.ask("SELECT 1") == [(1,)]


def test_an_answer_is_no_longer_than_the_file(tables: Database) -> None:
    with pytest.raises(PackingError, match="returns more data than the file contains"):
        tables.ask("SELECT a.value, b.value FROM about a, about b, about c, about d, about e")


def test_no_view_and_no_trigger_is_read_however_it_came_there(sent: Path) -> None:
    with changed(sent) as connection:
        connection.execute("CREATE VIEW seen AS SELECT value FROM about")
    with contextlib.closing(Database(sent, ())) as tables, pytest.raises(sqlite3.DatabaseError, match="prohibited"):
        tables.ask("SELECT * FROM seen")


# What is shown is what goes on


def with_setting(path: Path, **values: Any) -> None:
    with changed(path) as connection:
        ((text,),) = connection.execute("SELECT value FROM about WHERE key = 'config'").fetchall()
        members = {**json.loads(text), **values}
        connection.execute("UPDATE about SET value = ? WHERE key = 'config'", (json.dumps(members),))


@pytest.mark.parametrize(
    ("name", "value", "words"),
    [
        ("seed", 9, "Seed (seed) is 9, but 1 in its checkpoint"),
        ("batch_size", 8, "Batch size B (batch_size) is 8, but 4"),
        ("task", "multiplication", "Task (task) is 'multiplication', but 'adding'"),
        ("text_file", "/etc/hostname", "Text file (text_file)"),
        ("dropout", 0.5, "Dropout (dropout) is 0.5, but 0 in its checkpoint"),
        ("optimizer", "sgd", "Optimizer (optimizer)"),
        ("sequence_length", 9, "Sequence length T (sequence_length)"),
    ],
)
def test_settings_shown_and_resumed_are_the_same(sent: Path, name: str, value: Any, words: str) -> None:
    with_setting(sent, **{name: value})
    assert words in refusal(lambda: newest_checkpoint(sent))
    assert words in refusal(lambda: step_apart_at(sent, STEPS))


def test_what_may_change_while_a_run_goes_on_may_differ(sent: Path) -> None:
    with_setting(sent, learning_rate=0.5, clip_norm=0.0, twin="off", steps=7, device="cuda:3", worker="thread")
    assert newest_checkpoint(sent)[0].config.learning_rate == TrainingConfig().learning_rate


# Damage that looks right


def packed_with(change: Callable[[Any], Any], kind: type) -> Callable[[bytes], bytes]:
    return lambda data: zlib.compress(pack(change(unpack(zlib.decompress(data), kind))))


def longer(values: Any) -> Any:
    return np.concatenate([values, values[:1]])


def in_layer(part: str, name: str, change: Callable[[Any], Any]) -> Callable[[Snapshot], Snapshot]:
    def changed_snapshot(seen: Snapshot) -> Snapshot:
        first, *others = getattr(seen, part)
        return replace(seen, **{part: ({**first, name: change(first[name])}, *others)})

    return changed_snapshot


def in_flow(change: Callable[[Any], Any]) -> Callable[[Extras], Extras]:
    def changed_extras(extras: Extras) -> Extras:
        assert extras.flow is not None
        return replace(extras, flow=change(extras.flow))

    return changed_extras


def in_all(change: Callable[[Any], Any]) -> Callable[[Any], Any]:
    def of_layer(layer: Any) -> Any:
        return replace(
            layer,
            states={name: change(norms) for name, norms in layer.states.items()},
            parts={name: change(norms) for name, norms in layer.parts.items()},
        )

    return lambda flow: replace(flow, layers=tuple(map(of_layer, flow.layers)))


def in_weights(change: Callable[[Any], Any]) -> Callable[[Extras], Extras]:
    def changed_extras(extras: Extras) -> Extras:
        assert extras.observed is not None
        weights = {name: change(facts) for name, facts in extras.observed.weights.items()}
        return replace(extras, observed=replace(extras.observed, weights=weights))

    return changed_extras


SNAPSHOTS: dict[str, Callable[[Snapshot], Snapshot]] = {
    "of another step": lambda seen: replace(seen, step=3),
    "of another cell": lambda seen: replace(seen, cell="gru"),
    "a layer too few": lambda seen: replace(seen, weights=seen.weights[:1]),
    "a layer too many": lambda seen: replace(seen, gates=(*seen.gates, seen.gates[1])),
    "a weight of another shape": in_layer("weights", "W_f", longer),
    "a weight turned": in_layer("weights", "W_f", lambda W: np.ascontiguousarray(W.T)),
    "a weight of whole numbers": in_layer("weights", "b_i", lambda b: b.astype(np.int32)),
    "a gate with a step too many": in_layer("gates", "f", longer),
    "a gate that is flat": in_layer("gates", "C", np.ravel),
    "a weight that the cell has not": lambda seen: replace(
        seen, weights=({**seen.weights[0], "W_x": seen.weights[0]["W_f"]}, seen.weights[1])
    ),
    "another number of inputs": lambda seen: replace(seen, probe=np.zeros((6, 5), np.float32)),
    "an input that is no number": lambda seen: replace(seen, probe=np.full_like(seen.probe, np.nan)),
    "no input": lambda seen: replace(seen, probe=seen.probe[:0]),
    "a prediction too many": lambda seen: replace(seen, prediction=longer(seen.prediction)),
    "a place that is no number": lambda seen: replace(seen, position=np.full_like(seen.position, np.inf)),
    "answers of more outputs than any": lambda seen: replace(seen, answers=np.zeros((6, 999), np.float32)),
    "answers of no output": lambda seen: replace(seen, answers=np.zeros((6, 0), np.float32)),
    "answers to other steps": lambda seen: replace(seen, answers=longer(seen.answers)),
}
EXTRAS: dict[str, Callable[[Extras], Extras]] = {
    "another length in one moment": in_flow(in_all(longer)),
    "a gradient that is flat": in_flow(in_all(lambda norms: norms.reshape(1, -1))),
    "a layer too few": in_flow(lambda flow: replace(flow, layers=flow.layers[:1])),
    "a sequence that is not there": in_flow(lambda flow: replace(flow, sequence=99)),
    "before the first step": in_flow(lambda flow: replace(flow, step=-1)),
    "gradients of the plain RNN in its place": lambda extras: replace(extras, flow=extras.twin_flow),
    "a histogram with an edge too few": in_weights(
        lambda facts: replace(facts, values=replace(facts.values, edges=facts.values.edges[1:]))
    ),
    "a histogram whose edges fall": in_weights(
        lambda facts: replace(facts, gradients=replace(facts.gradients, edges=-facts.gradients.edges))
    ),
    "a weight too few": lambda extras: replace(
        extras, observed=extras.observed and replace(extras.observed, weights={})
    ),
}


@pytest.mark.parametrize("damage", SNAPSHOTS)
def test_a_snapshot_that_its_run_cannot_have_made_is_refused(sent: Path, damage: str) -> None:
    change_last(sent, "snapshots", packed_with(SNAPSHOTS[damage], Snapshot))
    assert "is damaged" in refusal(lambda: read_run(sent))


@pytest.mark.parametrize("damage", EXTRAS)
def test_what_was_seen_besides_is_checked(sent: Path, damage: str) -> None:
    change_last(sent, "extras", packed_with(EXTRAS[damage], Extras))
    assert "is damaged" in refusal(lambda: read_run(sent))


@pytest.mark.parametrize("member", ["step", "probe", "weights", "cell", "gates"])
@pytest.mark.parametrize("value", [None, "x", -1.5, [1], {"map": {}}, {"array": "0"}])
def test_a_field_of_another_kind_is_refused(sent: Path, member: str, value: Any) -> None:
    def change(data: bytes) -> bytes:
        arrays, about = unpack_arrays(zlib.decompress(data))
        if about["value"]["Snapshot"][member] == value:
            value_here: Any = True
        else:
            value_here = value
        about["value"]["Snapshot"][member] = value_here
        return zlib.compress(pack_arrays(arrays, about))

    change_last(sent, "snapshots", change)
    assert "is damaged" in refusal(lambda: read_run(sent))


@pytest.mark.parametrize("table", ["snapshots", "extras", "checkpoints"])
@pytest.mark.parametrize("step", [-1, STEPS + 1, 2**62, -(2**62)])
def test_moments_lie_within_the_run(sent: Path, table: str, step: int) -> None:
    with changed(sent) as connection:
        connection.execute(f"UPDATE {table} SET step = ? WHERE step = (SELECT max(step) FROM {table})", (step,))
    assert f"{table} of steps from 0 to {STEPS} were expected" in refusal(lambda: read_run(sent))


@pytest.mark.parametrize(
    ("key", "value"),
    [
        ("columns", ["loss"]),
        ("columns", ["loss"] * 20),
        ("columns", []),
        ("columns", "loss"),
        ("goal", -1),
        ("goal", 2**60),
        ("threads", 1.5),
        ("ranks", 10**6),
        ("resumed", [-3]),
        ("resumed", ["x"]),
        ("versions", {"torch": 2}),
        ("best_loss", "low"),
        ("started", 7),
        ("pinned", 1),
        ("config", {"cell": "unknown"}),
        ("config", 3),
        ("facts", {"title": 5}),
        ("facts", []),
        *((key, HUGE) for key in ("best_loss", "last_loss", "seconds")),
        ("held_out", {"rows": 3, "measure": {"error": HUGE}, "trivial": {"mean": 1.0}}),
        ("held_out", {"rows": HUGE, "measure": {"error": 1.0}, "trivial": {"mean": 1.0}}),
    ],
    ids=str,
)
def test_facts_that_cannot_be_are_refused(sent: Path, key: str, value: Any) -> None:
    with changed(sent) as connection:
        connection.execute("UPDATE about SET value = ? WHERE key = ?", (json.dumps(value), key))
    assert "is damaged" in refusal(lambda: read_run(sent))


@pytest.mark.parametrize("seconds", [1e300, -5.0, float("nan"), float("inf")])
def test_a_run_that_says_that_it_lasted_for_ever_is_listed_all_the_same(
    sent: Path, seconds: float, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    with changed(sent) as connection:
        connection.execute("UPDATE about SET value = ? WHERE key = 'seconds'", (json.dumps(seconds),))
    monkeypatch.setenv(FOLDER_VARIABLE, str(sent.parent))
    assert main.main(["runs"]) == 0
    assert sent.name in capsys.readouterr().out


@pytest.mark.parametrize(
    ("member", "value"),
    [
        ("title", 5),
        ("trivial_loss", "none"),
        ("trivial_loss", HUGE),
        ("input_names", []),
        ("input_names", ["x"]),
        ("input_names", 3),
        ("alphabet", ["a"]),
        ("alphabet", ["a", "bc"]),
        ("alphabet", ["a", ""]),
        ("measure_is_share", 1),
    ],
    ids=str,
)
def test_facts_about_a_task_are_of_their_kinds(sent: Path, member: str, value: Any) -> None:
    with_fact(sent, member, value)
    assert "is damaged" in refusal(lambda: read_run(sent))


def with_fact(path: Path, member: str, value: Any) -> None:
    with changed(path) as connection:
        ((text,),) = connection.execute("SELECT value FROM about WHERE key = 'facts'").fetchall()
        facts = json.dumps({**json.loads(text), member: value})
        connection.execute("UPDATE about SET value = ? WHERE key = 'facts'", (facts,))


@pytest.mark.parametrize("outputs", [1, 3, 16])
def test_the_answers_of_a_text_rate_each_character_of_its_alphabet(sent: Path, outputs: int) -> None:
    with_fact(sent, "alphabet", ["a", "b"])
    answers = np.zeros((6, outputs), np.float32)
    change_last(sent, "snapshots", packed_with(lambda seen: replace(seen, answers=answers), Snapshot))
    with Recording(sent) as recording:
        sentence = refusal(lambda: recording.snapshot(STEPS))
        assert "(each answer should rate the 2 characters of its alphabet); choose another" in sentence


@pytest.mark.skipif(sys.platform == "win32", reason="there are no such files")
def test_a_pipe_is_not_waited_for(tmp_path: Path) -> None:
    os.mkfifo(tmp_path / "pipe.lstmrec")
    with pytest.raises(RecordingError, match="is not a recording"):
        Recording(tmp_path / "pipe.lstmrec")


@pytest.mark.skipif(sys.platform == "win32", reason="there are no such files")
def test_a_device_is_not_waited_for(tmp_path: Path) -> None:
    ends = os.openpty()
    try:
        for number, device in enumerate((os.ttyname(ends[1]), "/dev/zero")):
            link = tmp_path / f"{number}.lstmrec"
            link.symlink_to(device)
            with pytest.raises(RecordingError, match="is not a recording"):
                Recording(link)
    finally:
        for end in ends:
            os.close(end)


@pytest.mark.skipif(sys.platform != "linux", reason="elsewhere nobody says which files are open")
def test_a_database_that_cannot_be_opened_is_let_go_of(real: Path, tmp_path: Path) -> None:
    path = Path(shutil.copy(real, tmp_path / ("a" * 255)))
    with pytest.raises(OSError, match="name too long"):  # of the file beside it
        Database(path, ())
    assert str(path) not in {os.path.realpath(item) for item in Path("/proc/self/fd").iterdir()}


@pytest.mark.parametrize(
    ("key", "value", "words"),
    [
        ("name", 7, "its entry 'name' is not text"),
        ("pinned", 1, "its entry 'pinned' is not true or false"),
        ("goal", "far", "its entry 'goal' is not a whole number"),
        ("best_loss", "low", "its entry 'best_loss' is not a number"),
        ("ranks", 10**6, "its numbers of threads, ranks or steps are impossible"),
        ("config", 3, "its settings are missing"),
        ("writer", {"pid": "x"}, "the 'pid' of the process that writes it is not a whole number"),
    ],
    ids=str,
)
def test_what_is_damaged_is_said_in_plain_words(sent: Path, key: str, value: Any, words: str) -> None:
    with changed(sent) as connection:
        connection.execute("UPDATE about SET value = ? WHERE key = ?", (json.dumps(value), key))
    assert refusal(lambda: read_run(sent)) == f"{sent.name} is damaged ({words}); choose another recording."


def test_what_was_not_changed_is_read_whole(sent: Path) -> None:
    run = read_run(sent)
    assert (run.about.steps, run.last_checkpoint) == (STEPS, STEPS)
    assert len(run.history.samples) > 1
    assert step_apart_at(sent, STEPS).step == STEPS + 1


@pytest.mark.parametrize(
    "writer",
    [
        {"pid": "x"},
        {"pid": -1},
        {"pid": 2**70},
        {"pid": True},
        {"pid": 1.5},
        {"started": "x"},
        {"host": 3},
        {"host": None},
    ],
    ids=str,
)
def test_a_writer_that_cannot_be_is_refused(sent: Path, writer: dict[str, Any]) -> None:
    with changed(sent) as connection:
        whole = {"pid": os.getpid(), "host": socket.gethostname(), "started": 1.0, **writer}
        connection.execute("UPDATE about SET value = ? WHERE key = 'writer'", (json.dumps(whole),))
    assert "is damaged" in run_of(sent).problem


def test_columns_are_no_more_than_its_ranks_can_have(sent: Path) -> None:
    with changed(sent) as connection:
        ((text,),) = connection.execute("SELECT value FROM about WHERE key = 'columns'").fetchall()
        columns = [*json.loads(text), *(f"rank{number}.loss" for number in range(1000))]
        connection.execute("UPDATE about SET value = ? WHERE key = 'columns'", (json.dumps(columns),))
    assert "it has too many columns" in refusal(lambda: read_run(sent))
