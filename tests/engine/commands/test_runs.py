import contextlib
import json
import sqlite3
from pathlib import Path
from typing import Any

import pytest

import main
from engine.commands.runs import length_words
from engine.errors import BAD_INPUT
from engine.recording.parcel import Parcel
from engine.text.amounts import bytes_in_words
from tests.engine.recordings import closed, counted, died, parcels, written


@pytest.fixture(autouse=True)
def folder(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> Path:
    monkeypatch.setenv("LSTM_VISUALIZER_RUNS", str(tmp_path))
    return tmp_path


def command(capsys: pytest.CaptureFixture[str], *arguments: str) -> tuple[int, str, str]:
    status = main.main(list(arguments))
    captured = capsys.readouterr()
    return status, captured.out, captured.err


def said_as_json(capsys: pytest.CaptureFixture[str], *arguments: str) -> Any:
    status, out, err = command(capsys, *arguments, "--json")
    assert (status, err) == (0, "")
    return json.loads(out, parse_constant=lambda text: pytest.fail(f"{text} is no JSON"))


def test_an_empty_library_says_how_to_fill_it(capsys: pytest.CaptureFixture[str], folder: Path) -> None:
    status, out, _ = command(capsys, "runs")
    assert status == 0
    assert str(folder) in out
    assert "main.py train" in out
    assert said_as_json(capsys, "runs") == []


@pytest.mark.parametrize("name", ["/", ".", ""])
def test_what_has_no_name_is_no_recording(capsys: pytest.CaptureFixture[str], name: str) -> None:
    status, out, err = command(capsys, "show", name)
    assert (status, out) == (BAD_INPUT, "")
    assert "is not a recording of this program" in err
    assert len(err.splitlines()) == 1


def test_runs_are_a_table_newest_first(capsys: pytest.CaptureFixture[str], folder: Path) -> None:
    closed(folder / "a.lstmrec", [Parcel([counted(1, 200)])], name="first", pinned=True)
    closed(folder / "b.lstmrec", [], name="second", started="2026-06-01T00:00:00+00:00")
    (folder / "c.lstmrec").write_text("no database")
    status, out, err = command(capsys, "runs")
    lines = out.splitlines()
    assert (status, err) == (0, "")
    assert lines[0].split()[:2] == ["started", "title"]
    rows = {line.split()[-1]: line for line in lines[1:4]}
    assert "first (pinned)" in rows["a.lstmrec"]
    assert "200" in rows["a.lstmrec"]
    assert "50.5" in rows["a.lstmrec"]
    assert "–" in rows["b.lstmrec"]  # there is no loss yet
    assert "cannot be read" in rows["c.lstmrec"]
    assert out.index("b.lstmrec") < out.index("a.lstmrec")
    assert lines[4].startswith("3 runs, ")


def test_a_file_that_has_no_end_is_listed_with_its_sentence(capsys: pytest.CaptureFixture[str], folder: Path) -> None:
    path = closed(folder / "a.lstmrec", [Parcel([counted(1, 200)])])
    with contextlib.closing(sqlite3.connect(path)) as connection, connection:
        connection.execute("DROP TABLE about")
        connection.execute(
            "CREATE VIEW about AS WITH RECURSIVE r(n) AS (VALUES (1) UNION ALL SELECT n + 1 FROM r) SELECT n AS key, "
            "n AS value FROM r"
        )
    (run,) = said_as_json(capsys, "runs")
    assert run["problem"] == "a.lstmrec is damaged (about in it is not a plain table); choose another recording."


def test_runs_as_json_have_every_fact(capsys: pytest.CaptureFixture[str], folder: Path) -> None:
    closed(folder / "a.lstmrec", [Parcel([counted(1, 50)])], name="first", notes="x")
    (folder / "c.lstmrec").write_text("no database")
    runs = {Path(run["file"]).stem: run for run in said_as_json(capsys, "runs")}
    assert runs["a"]["title"] == "first"
    assert (runs["a"]["task"], runs["a"]["steps"], runs["a"]["goal"], runs["a"]["seed"]) == ("adding", 50, 20_000, 1)
    assert (runs["a"]["best_loss"], runs["a"]["notes"], runs["a"]["written"]) == (None, "x", False)
    assert "not a recording" in runs["c"]["problem"]


def test_show_says_what_a_recording_holds(capsys: pytest.CaptureFixture[str], folder: Path) -> None:
    path = closed(folder / "a.lstmrec", parcels(2100), versions={"torch": "2.9"}, place="here", notes="look at f")
    status, out, err = command(capsys, "show", str(path))
    assert (status, err) == (0, "")
    facts = {line[2:14].strip(): line[14:] for line in out.splitlines()[1:]}
    assert facts["steps"] == "2,100 of 20,000"
    assert facts["settings"].startswith("task = adding, sequence_length = 6, batch_size = 4, cell_size = 3")
    assert "learning_rate" not in facts["settings"]
    assert facts["loss"] == "best 50.5 (mean of 100 steps), last 2,100"
    assert facts["snapshots"] == facts["checkpoints"] == "3, from step 700 to 2,100"
    assert (facts["versions"], facts["ran in"], facts["notes"]) == ("torch 2.9", "here", "look at f")
    assert facts["changed"] == "after step 2,100: learning rate 2100"
    assert "resumed" not in facts


def test_show_as_json(capsys: pytest.CaptureFixture[str], folder: Path) -> None:
    path = closed(folder / "a.lstmrec", parcels(1400))
    said = said_as_json(capsys, "show", str(path))
    assert said["settings"]["learning_rate"] == 0.01
    assert said["changed_settings"]["cell_size"] == 3
    assert said["last_loss"] == 1400
    assert said["snapshots"] == said["checkpoints"] == [700, 1400]
    assert [event["words"] for event in said["events"]] == ["learning rate 700", "learning rate 1400"]
    assert said["columns"][0] == "loss"


def test_show_while_it_is_written_and_after_its_process_died(capsys: pytest.CaptureFixture[str], folder: Path) -> None:
    path = folder / "live.lstmrec"
    writer = written(path, parcels(700), state="running")
    assert "is being written by process" in command(capsys, "show", str(path))[1]
    assert said_as_json(capsys, "show", str(path))["written"] is True
    writer.close({"state": "stopped"})
    assert "is being written" not in command(capsys, "show", str(path))[1]
    dead = died(folder / "dead.lstmrec", parcels(700))
    assert "interrupted" in command(capsys, "show", str(dead))[1]


@pytest.mark.parametrize(("name", "content"), [("none", None), ("text", b"no database"), ("empty", b"")])
def test_what_is_no_recording_gets_one_sentence(
    capsys: pytest.CaptureFixture[str], folder: Path, name: str, content: bytes | None
) -> None:
    path = folder / f"{name}.lstmrec"
    if content is not None:
        path.write_bytes(content)
    status, out, err = command(capsys, "show", str(path))
    assert (status, out) == (BAD_INPUT, "")
    assert err.count("\n") == 1
    assert path.name in err


def test_a_folder_that_cannot_be_gets_one_sentence(
    capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch, folder: Path
) -> None:
    (folder / "file").write_text("")
    monkeypatch.setenv("LSTM_VISUALIZER_RUNS", str(folder / "file"))
    status, out, err = command(capsys, "runs")
    assert (status, out) == (BAD_INPUT, "")
    assert "LSTM_VISUALIZER_RUNS" in err


def test_sizes_and_lengths_in_words() -> None:
    assert [bytes_in_words(size) for size in (0, 1, 999_001, 1_260_000, 2 * 10**9)] == [
        "0 kB",
        "1 kB",
        "1000 kB",
        "1.3 MB",
        "2.0 GB",
    ]
    assert length_words(65.4) == "0:01:05"
