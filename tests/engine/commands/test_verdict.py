"""The verdict where commands print it, and in what is recorded."""

from __future__ import annotations

import json
import shlex
import sqlite3
from collections.abc import Sequence
from contextlib import closing
from pathlib import Path
from typing import Any

import pytest

import main
from engine.commands.train.report import verdict_lines
from engine.errors import ENDED
from engine.recording.library import run_of
from engine.recording.recorded_run import read_run
from engine.runs.verdict.findings import Outlook
from engine.runs.verdict.judging import Try, Verdict
from tests.engine.recording.test_recording_versions import OLD

STATES = {str(outlook) for outlook in Outlook}
SMALL = "--cell-size 3 --batch-size 50 --sequence-length 6 --device cpu"


@pytest.fixture(autouse=True)
def folder(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> Path:
    monkeypatch.setenv("LSTM_VISUALIZER_RUNS", str(tmp_path / "runs"))
    return tmp_path


def told(capsys: pytest.CaptureFixture[str], words: str, *more: object) -> str:
    assert main.main([*shlex.split(words), *map(str, more)]) == 0
    return capsys.readouterr().out


def last_line(capsys: pytest.CaptureFixture[str], words: str, *more: object) -> dict[str, Any]:
    found: dict[str, Any] = json.loads(told(capsys, f"train --json {words}", *more).splitlines()[-1])
    return found


def test_a_run_ends_with_its_verdict_and_its_recording_has_it(capsys: pytest.CaptureFixture[str], folder: Path) -> None:
    path = folder / "run.lstmrec"
    line = last_line(capsys, f"{SMALL} --steps 45 --record", path)
    verdict = line["verdict"]
    assert list(line)[-1] == "verdict"
    assert list(verdict) == ["state", "sentence", "reason", "try"]
    assert verdict["state"] in STATES
    assert verdict["state"] != "too early"  # 40 of 50 are 2,000 sequences
    shown = json.loads(told(capsys, "show --json", path))
    assert shown["verdict"] == verdict
    assert json.loads(told(capsys, "runs --json")) == []
    assert f"  verdict     {verdict['sentence']}. " in told(capsys, "show", path)
    assert read_run(path).judging is not None
    run = run_of(path)
    assert run.verdict is not None
    assert run.verdict.members == verdict


def test_a_run_that_goes_on_is_judged_from_its_first_step_on(capsys: pytest.CaptureFixture[str], folder: Path) -> None:
    path, whole = folder / "parts.lstmrec", folder / "whole.lstmrec"
    assert last_line(capsys, f"{SMALL} --steps 25 --record", path)["verdict"]["state"] == "too early"
    # To a multiple of what is drawn at once the same: the batches are those of one run.
    parts = last_line(capsys, "--resume --steps 60 --record", path)["verdict"]
    assert parts == last_line(capsys, f"{SMALL} --steps 60 --record", whole)["verdict"]
    again = last_line(capsys, "--resume --steps 60 --record", path)
    assert again["verdict"] == parts


def test_a_run_without_a_step_has_none(capsys: pytest.CaptureFixture[str], folder: Path) -> None:
    assert verdict_lines(None) == []
    (folder / "file").write_text("no folder")
    assert main.main(["train", "--json", *SMALL.split(), "--record", str(folder / "file" / "run.lstmrec")]) == ENDED
    assert json.loads(capsys.readouterr().out.splitlines()[-1])["verdict"] is None


def test_a_person_reads_sentence_reason_and_what_to_try() -> None:
    tried = Try("cell", "lstm", "Try an LSTM: its cell line carries the error back")
    verdict = Verdict(Outlook.NOT_LEARNING, "Not learning: no better", "The loss is 3, the other 2.", tried)
    assert verdict_lines(verdict) == [
        "Not learning: no better.",
        "  The loss is 3, the other 2.",
        "  Try an LSTM: its cell line carries the error back.",
    ]
    assert verdict_lines(Verdict(Outlook.TOO_EARLY, "Too early"))[-1] == "  Nothing to change."


def test_what_a_file_says_of_a_run_speaks_to_no_terminal() -> None:
    hostile = Verdict(Outlook.SOLVED, "a\x1b[2J", "b\nc", Try("cell", "lstm", "d\x9b1m"))
    assert verdict_lines(hostile) == ["a\\x1b[2J.", "  b\\nc", "  d\\x9b1m."]


def test_an_old_recording_is_judged_by_its_metrics(capsys: pytest.CaptureFixture[str]) -> None:
    shown = json.loads(told(capsys, "show --json", OLD))
    assert shown["verdict"]["state"] in STATES
    assert run_of(OLD).verdict is None  # the library reads no metrics


def test_a_verdict_that_somebody_wrote_into_a_file_proposes_no_path(
    capsys: pytest.CaptureFixture[str], folder: Path
) -> None:
    path = folder / "run.lstmrec"
    last_line(capsys, f"{SMALL} --steps 3 --record", path)
    evil = {"setting": "text_file", "value": "/etc/passwd", "sentence": "Try this: it is good"}

    def write(verdict: object) -> None:
        with closing(sqlite3.connect(path)) as connection, connection:
            connection.execute("UPDATE about SET value = ? WHERE key = 'verdict'", (json.dumps(verdict),))

    write({"state": "solved", "sentence": "Solved", "reason": "", "try": evil})
    assert json.loads(told(capsys, "show --json", path))["verdict"]["try"] is None
    for wrong in ("solved", {"state": "splendid", "sentence": "a", "reason": "", "try": None}, 3):
        write(wrong)
        assert main.main(["show", str(path)]) == 2
        assert "is damaged" in capsys.readouterr().err


@pytest.mark.parametrize("arguments", [["--task", "parity", "--layers", "2"], ["--task", "sine", "--cell", "gru"]])
def test_other_tasks_and_cells(capsys: pytest.CaptureFixture[str], arguments: Sequence[str]) -> None:
    line = last_line(capsys, f"{SMALL} --steps 3 --no-record", *arguments)
    assert line["verdict"]["state"] == "too early"
    assert line["verdict"]["sentence"].startswith("Too early to say: 3 of the 40 steps ")
    assert line["verdict"]["try"] is None


def test_a_goal_is_declared_by_flag_and_by_file(capsys: pytest.CaptureFixture[str], folder: Path) -> None:
    toml = folder / "run.toml"
    toml.write_text('task = "sine"\nuntil = "solved"\ngoal = "loss below 1000 for 7 steps"\n')
    for given in (
        ["--config", str(toml)],
        ["--task", "sine", "--until", "solved", "--goal", "loss < 1000 for 7 steps"],
    ):
        line = last_line(capsys, f"{SMALL} --no-record", *given)
        assert line["steps"] == 20  # a run looks every 20 steps whether it is solved
        assert line["verdict"]["state"] == "solved"
        assert line["verdict"]["sentence"] == "Solved at step 7: loss below 1,000 at each of the last 7 steps"


def test_a_goal_that_nobody_understands_gets_a_sentence(capsys: pytest.CaptureFixture[str]) -> None:
    assert main.main(["train", "--no-record", "--goal", "perfect"]) == 2
    assert "Goal (goal) is 'perfect'; write loss or measure, below or above, a number, " in capsys.readouterr().err


def test_without_a_criterion_json_says_what_to_declare(capsys: pytest.CaptureFixture[str]) -> None:
    line = last_line(capsys, "--task sine --cell-size 4 --steps 200 --no-record --device cpu")
    assert line["verdict"]["state"] == "no criterion"
    tried = line["verdict"]["try"]
    assert tried["setting"] == "goal"
    assert tried["sentence"].startswith(
        f"Declare what counts as solved: such as {tried['value']}, which this run reaches; "
    )
