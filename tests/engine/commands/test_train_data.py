"""`main.py train` on files as people have them: what is open ends with status 2; a resumed run asks nothing."""

import json
import sqlite3
from pathlib import Path
from typing import Any

import numpy as np
import pytest

import main
from engine.errors import BAD_INPUT
from engine.recording.recording import Recording
from engine.settings.config import TrainingConfig
from engine.tasks.series import SeriesTask

SMALL = (
    *("--task", "series", "--cell-size", "2", "--batch-size", "3", "--sequence-length", "5"),
    *("--device", "cpu", "--steps", "8", "--json"),
)


def train(capsys: pytest.CaptureFixture[str], *arguments: object) -> tuple[int, list[dict[str, Any]], str]:
    status = main.main(["train", *map(str, arguments)])
    captured = capsys.readouterr()
    return status, [json.loads(line) for line in captured.out.splitlines()], captured.err


def written(path: Path, *lines: str) -> Path:
    path.write_text("\n".join(lines) + "\n", "utf-8")
    return path


@pytest.fixture
def visitors(tmp_path: Path) -> Path:
    """Sixty days of visitors, each with a comma before three digits."""
    rows = (f"{day}\t{1 + day % 7},{100 + day * 37 % 900}" for day in range(1, 61))
    return written(tmp_path / "visitors.tsv", "day\tvisitors", *rows)


@pytest.fixture
def shop(tmp_path: Path) -> Path:
    """Sixty days of two columns, the newest first, with a footer."""
    rows = [f"2021-{1 + day // 28:02}-{1 + day % 28:02},{day % 7}.5,{day % 5}" for day in range(60)]
    return written(tmp_path / "shop.csv", "date,sales,visits", *rows[::-1], "Source: the shop")


def test_open_signs_end_with_the_flag_that_answers(capsys: pytest.CaptureFixture[str], visitors: Path) -> None:
    status, lines, said = train(capsys, *SMALL, "--no-record", "--series-file", visitors)
    assert (status, lines) == (BAD_INPUT, [])
    assert said.count("\n") == 1
    assert "visitors.tsv, column 'visitors', line 2: '2,137' can mean 2137 or 2.137" in said
    assert "--decimal point for 2137 or --decimal comma for 2.137" in said
    means = {}
    for decimal in ("point", "comma"):
        status, lines, _ = train(capsys, *SMALL, "--no-record", "--series-file", visitors, "--decimal", decimal)
        assert status == 0
        (means[decimal],) = lines[-1]["measure"].values()
    assert means["point"] / means["comma"] == pytest.approx(1000, rel=1e-3)


def test_several_columns_end_with_their_names_and_the_flag(capsys: pytest.CaptureFixture[str], shop: Path) -> None:
    status, _, said = train(capsys, *SMALL, "--no-record", "--series-file", shop)
    assert status == BAD_INPUT
    assert said == "shop.csv: 2 columns can be forecast; choose one with --series-column: 'sales', 'visits'.\n"


def test_open_dates_and_totals_end_with_their_flags(capsys: pytest.CaptureFixture[str], tmp_path: Path) -> None:
    rows = (f"0{1 + day % 9}/0{1 + day // 9}/2021,{day * 7 % 11}" for day in range(60))
    dates = written(tmp_path / "dates.csv", "date,value", *rows)
    status, _, said = train(capsys, *SMALL, "--no-record", "--series-file", dates)
    assert status == BAD_INPUT
    assert '--dates "day first"' in said
    counts = [day * 7 % 11 for day in range(60)]
    totals = np.cumsum(counts)
    table = (f"2021-{1 + day // 28:02}-{1 + day % 28:02},{counts[day]},{totals[day]}" for day in range(60))
    outbreak = written(tmp_path / "counts.csv", "date,daily,total", *table)
    some = (*SMALL[2:], "--task", "outbreak", "--no-record", "--counts-file", outbreak)
    status, _, said = train(capsys, *some)
    assert status == BAD_INPUT
    assert "'total' never decreases" in said
    assert '--areas "daily" to leave it out or --areas all' in said
    assert train(capsys, *some, "--areas", "daily")[0] == 0
    assert train(capsys, *some, "--areas", "all")[0] == 0


def test_how_a_file_was_read_is_told_recorded_and_shown(capsys: pytest.CaptureFixture[str], shop: Path) -> None:
    path = shop.with_name("run.lstmrec")
    asked = (*SMALL, "--series-file", shop, "--series-column", "sales", "--record", path)
    status, lines, said = train(capsys, *asked)
    assert status == 0
    notes = [
        "Line 62 left out: not a row of numbers.",
        "The newest row comes first; now sorted by date, oldest first.",
    ]
    assert lines[-1]["read"] == notes
    assert [line.removeprefix("note: ") for line in said.splitlines()] == notes
    assert main.main(["show", str(path), "--json"]) == 0
    shown = json.loads(capsys.readouterr().out)
    assert shown["read"] == notes
    kept = {"series_column": "sales", "data_decimal": "point", "data_header": "yes", "data_missing": "refuse"}
    assert {name: shown["settings"][name] for name in kept} == kept


def test_a_resumed_run_asks_nothing_and_goes_on_as_if_it_had_never_ended(
    capsys: pytest.CaptureFixture[str], tmp_path: Path
) -> None:
    rows = [f"2021-{1 + day // 28:02}-{1 + day % 28:02};{1 + day % 7},{100 + day * 37 % 900}" for day in range(60)]
    file = written(tmp_path / "data.csv", "date;value", *rows)
    whole, parts = tmp_path / "whole.lstmrec", tmp_path / "parts.lstmrec"
    given = (*SMALL, "--series-file", file, "--decimal", "comma")
    assert train(capsys, *given, "--record", whole)[0] == 0
    assert train(capsys, *given, "--record", parts, "--steps", "4")[0] == 0
    # A column that came later would be asked for now.
    written(file, "date;value;other", *(f"{row};{day % 5}" for day, row in enumerate(rows)))
    status, lines, _ = train(capsys, "--resume", "--record", parts, "--series-file", file, "--steps", "8", "--json")
    assert (status, lines[-1]["steps"]) == (0, 8)
    arrays = []
    for path in (whole, parts):
        with Recording(path) as recording:
            checkpoint = recording.checkpoint(8)
            assert checkpoint is not None
            arrays.append({name: array for name, array in checkpoint.arrays.items() if name != "random"})
    for name, array in arrays[0].items():
        np.testing.assert_array_equal(array, arrays[1][name])


def without_answers(path: Path) -> None:
    """Make a recording one of before it could be said how a file is read."""
    with sqlite3.connect(path) as connection:
        (text,) = connection.execute("SELECT value FROM about WHERE key = 'config'").fetchone()
        config = {name: value for name, value in json.loads(text).items() if not name.startswith(("data_", "counts_a"))}
        config["series_column"] = ""
        connection.execute("UPDATE about SET value = ? WHERE key = 'config'", (json.dumps(config),))


def test_a_recording_made_before_is_read_as_it_was(capsys: pytest.CaptureFixture[str], shop: Path) -> None:
    text = "\n".join(shop.read_text("utf-8").splitlines()[:-1])
    shop.write_text(text.replace(",", ";").replace(".", ","), "utf-8")
    path = shop.with_name("old.lstmrec")
    assert train(capsys, *SMALL, "--series-file", shop, "--series-column", "sales", "--record", path)[0] == 0
    without_answers(path)
    with Recording(path) as recording:
        config = recording.about().config
    assert config.data_decimal == "either"
    task = SeriesTask(config)
    assert task.value_name == "sales", "the first column of numbers"
    assert task.positions()[-1] == 60, "rows, as they stand"
    now = SeriesTask(TrainingConfig(task="series", series_file=str(shop), series_column="sales", sequence_length=5))
    np.testing.assert_array_equal(task.test_batch()[1], now._values[::-1][-12:])
    assert main.main(["show", str(path)]) == 0
