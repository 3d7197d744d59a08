"""What the library says of a run, and how it is found: words, numbers, curves."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from engine.recording.about import About
from engine.recording.library import Run, run_of
from engine.runs.history import History
from engine.runs.metrics import Metrics
from engine.tasks.held_out import HeldOut
from engine.text.amounts import bytes_in_words
from engine.text.dates import date_words
from gui.views.library.reading import Losses, MoreLosses, curves_of, more, nearest, read_gates, read_losses
from gui.views.library.rows import (
    Column,
    differences,
    found_rows,
    labels,
    parsed,
    row_of,
    runs_are,
    runs_in_words,
    sorted_rows,
    tooltip,
)
from tests.gui.views.library.library_runs import CONFIG, STARTED, recorded


def run_with(name: str = "", path: str = "r.lstmrec", **changed: Any) -> Run:
    config = replace(CONFIG, **changed)
    about = About(config, ("loss",), name=name, started=STARTED.isoformat(), steps=10, state="stopped")
    return Run(Path(path), 1000, STARTED, about)


@pytest.mark.parametrize(
    ("query", "words", "wanted"),
    [
        ("", [], []),
        ("seed 3", [], [("seed", "3")]),
        ("adam Seed=3", ["adam"], [("seed", "3")]),
        ("learning rate 1e-2", [], [("learning_rate", "0.01")]),
        ("k=16 cell gru", [], [("cell_size", "16"), ("cell", "gru")]),
        ("rate of decay", ["rate", "of", "decay"], []),
        ("seed", ["seed"], []),
        ("learning rate 10⁻⁵", [], [("learning_rate", "1e-05")]),
        ("rate 1.5·10⁻⁵", ["rate", "1.5·10⁻⁵"], []),
    ],
)
def test_queries(query: str, words: list[str], wanted: list[tuple[str, str]]) -> None:
    assert parsed(query) == (words, wanted)


def test_a_setting_whose_value_is_still_typed_hides_nothing() -> None:
    rows = [row_of(run_with(seed=3)), row_of(run_with(seed=31))]
    assert found_rows(rows, "see") == rows
    assert found_rows(rows, "seed 3") == rows[:1]
    assert found_rows(rows, "seed 4") == []
    assert found_rows(rows, "qqq") == []


def test_projected_runs_are_found_by_n() -> None:
    plain, projected = row_of(run_with()), row_of(run_with(hidden_size=2))
    assert found_rows([plain, projected], "n 2") == [projected]
    assert found_rows([plain, projected], "n 3") == [plain]


def test_unknown_values_sort_last_whichever_way() -> None:
    rows = [row_of(run_with(seed=seed)) for seed in (10, 9)]
    unreadable = row_of(Run(Path("x"), 1, STARTED, problem="damaged"))
    for descending, seeds in ((False, ["9", "10", ""]), (True, ["10", "9", ""])):
        found = sorted_rows([unreadable, *rows], Column.SEED, descending)
        assert [row.texts[Column.SEED] for row in found] == seeds


def test_labels_tell_runs_apart_in_few_words() -> None:
    assert labels([run_with(cell="gru"), run_with(name="mine"), run_with(cell="rnn")]) == ["GRU", "mine", "Plain RNN"]
    assert labels([run_with(seed=1), run_with(seed=2, learning_rate=0.1)]) == ["rate 0.01", "rate 0.1"]
    same = labels([run_with(), run_with()])
    assert len(set(same)) == 2
    assert differences([run_with(seed=1, steps=3), run_with(seed=2, steps=4)]) == ["seed"]


def test_dates_and_room_are_short() -> None:
    now = datetime(2026, 5, 1, tzinfo=UTC)
    local = STARTED.astimezone()
    assert date_words(STARTED, now) == f"{local.day} Jan {local:%H:%M}"
    assert date_words(STARTED, now.replace(year=2027)) == f"{local.day} Jan 2026"
    assert [bytes_in_words(n) for n in (0, 340_000, 3_400_000, 1_200_000_000)] == ["0 kB", "340 kB", "3.4 MB", "1.2 GB"]


@pytest.mark.parametrize("count", [0, 1, 2, 39, 41, 1000, 50_000])
def test_a_curve_holds_every_extreme(count: int) -> None:
    history = History(("loss",), 16_384)
    losses = np.random.default_rng(count).random((count, 1), dtype=np.float32)
    history.append(losses)
    curves = curves_of(Losses(Path("r"), None, None, history), each=3)
    assert curves.steps.shape == curves.median.shape == curves.low.shape == curves.high.shape
    if count:
        assert curves.low.min() == losses.min()
        assert curves.high.max() == losses.max()
        assert curves.steps[0] >= 3
        assert curves.steps[-1] <= 3 * count


def test_where_a_run_diverged_is_marked(tmp_path: Path) -> None:
    path = recorded(tmp_path / "r.lstmrec", losses=[1.0, 0.5, float("inf"), float("nan")], moments=(4,))
    losses = read_losses(path)
    assert losses.ends == ((3, float("inf")),)
    assert losses.moments == (4,)
    fine = read_losses(recorded(tmp_path / "s.lstmrec", losses=[1.0, 0.5]))
    later = more(fine, MoreLosses(Metrics(("loss",), np.array([[0.5], [np.nan]], dtype=np.float32)), (4,)))
    assert [step for step, _ in later.ends] == [4]
    assert later.history.count == 4
    assert read_gates(tmp_path / "s.lstmrec", 1) == "no snapshot yet: let the run train for some steps"


def test_the_nearest_moment_is_the_earlier_of_two() -> None:
    assert [nearest((1, 5, 9), step) for step in (0, 3, 4, 7, 100)] == [0, 0, 1, 1, 2]
    assert nearest((), 4) == 0


def test_a_file_is_one_run_whatever_it_is(tmp_path: Path) -> None:
    (tmp_path / "x.lstmrec").write_bytes(b"\0" * 100)
    row = row_of(run_of(tmp_path / "x.lstmrec"))
    assert row.texts[Column.NAME] == "x"
    assert row.keys[Column.LOSS] is None


def test_runs_in_words() -> None:
    assert [runs_in_words(count, "a") for count in (1, 3, 3000)] == ["“a”", "3 runs", "3,000 runs"]
    assert [runs_are(count, "a") for count in (1, 3)] == ["“a” is", "3 runs are"]


def test_a_run_that_is_judged_on_held_out_rows_says_so_beside_the_trivial_answer() -> None:
    run = run_with()
    assert run.about is not None
    judged = replace(run, about=replace(run.about, held_out=HeldOut(60, "error", 1383.2, "as today", 101.0)))
    row = row_of(judged)
    assert row.texts[Column.HELD_OUT] == "1,383 (101)"
    assert "60 held-out rows" in tooltip(row, Column.HELD_OUT)
    assert row_of(run).texts[Column.HELD_OUT] == ""
    assert sorted_rows([row_of(run), row], Column.HELD_OUT, descending=True)[0] is row
