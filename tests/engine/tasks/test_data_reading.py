"""A data file before a run: what it holds, what it leaves open, and whether the settings can use it."""

import pickle
import time
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest

from engine.settings.config import TrainingConfig
from engine.tables.answers import Answers, DataError, OpenQuestion
from engine.tables.rows import MOST_COLUMNS
from engine.tasks.data_reading import UnreadableError, file_of, read_data
from tests.timing import assert_within, timed

TABLES = Path(__file__).parents[2] / "data" / "tables"


def flu(folder: Path) -> str:
    path = folder / "flu.csv"
    rows = (f"{1900 + week},{'BA'[week % 2]},{week % 7},{week % 5}" for week in range(100))
    path.write_text("\n".join(("year,place,cases,deaths", *rows)), "utf-8")
    return str(path)


def test_what_stands_against_the_settings(tmp_path: Path) -> None:
    found = read_data(flu(tmp_path))
    for column in ("deaths", "year", "4"):
        found.require(TrainingConfig(task="series", series_column=column))
    with pytest.raises(OpenQuestion, match="2 columns can be forecast; choose one with --series-column") as asked:
        found.require(TrainingConfig(task="series"))
    assert [choice.value for choice in asked.value.choices] == ["cases", "deaths"]
    config = TrainingConfig(task="series", series_column="cases")
    for changed, sentence in (
        (replace(config, series_column="births"), "no column 'births'"),
        (replace(config, series_column="place"), "line 2, column 'place': a number was expected"),
        (replace(config, series_inputs="cases, births"), "no column 'births'"),
        (replace(config, sequence_length=80), "has 100 rows, but sequences of 80 time steps need at least 101"),
    ):
        with pytest.raises(DataError, match=sentence):
            found.require(changed)
    read_data("").require(TrainingConfig(task="series"))  # the shipped one


@timed
@pytest.mark.parametrize("task", ["series", "outbreak"])
def test_what_stands_against_a_wide_table_is_known_at_once(tmp_path: Path, task: str) -> None:
    path = tmp_path / "wide.csv"
    width = MOST_COLUMNS
    rows = (",".join(str(row * column % 7 if column % 3 else row * row) for column in range(width)) for row in range(9))
    path.write_text("\n".join((",".join(f"c{column}" for column in range(width)), *rows)), "utf-8")
    found = read_data(str(path))
    begun = time.perf_counter()
    with pytest.raises(OpenQuestion):
        found.require(TrainingConfig(task=task))
    assert_within(time.perf_counter() - begun, 0.008)  # as long as a window may wait for its turn


def test_an_answer_is_judged_anew(tmp_path: Path) -> None:
    found = read_data(flu(tmp_path))
    config = TrainingConfig(task="series", series_column="births")
    for _ in range(2):
        with pytest.raises(DataError, match="no column 'births'"):
            found.require(config)
        found.require(replace(config, series_column="deaths"))
        with pytest.raises(OpenQuestion):
            found.require(replace(config, series_column=""))


def test_the_numbers_of_the_first_rows_are_kept_as_they_are_read_and_as_they_stand() -> None:
    path = str(TABLES / "signs" / "tab-thousands.tsv")
    for decimal, numbers in (("point", [950, 1020, 1234]), ("comma", [950, 1.02, 1.234])):
        table = read_data(path, Answers(decimal=decimal)).table
        np.testing.assert_array_equal(table.values[1], numbers)
    newest = read_data(str(TABLES / "dates" / "newest-first.csv")).table
    cells = [cells for _, cells in newest.preview]
    assert newest.order == "newest first"
    for place, numbers in enumerate(newest.values):
        if len(numbers):
            np.testing.assert_allclose(numbers, [float(row[place]) for row in cells])


def test_lines_that_are_no_rows_are_kept_the_first_and_the_last(tmp_path: Path) -> None:
    path = tmp_path / "long.csv"
    head = "".join(f"# comment {line}\n" for line in range(1, 51))
    path.write_text(head + "day,value\n" + "".join(f"{day},{day % 7}\n" for day in range(60)) + "Source: nobody\n")
    table = read_data(str(path)).table
    assert [line for line, _ in table.aside] == [1, 2, 3, 4, 48, 49, 50, 112]
    assert table.aside[0][1] == "# comment 1"
    assert table.aside[-1][1].startswith("Source: nobody")
    assert len(table.lines) == len(table.preview) == 20


def test_a_file_that_is_no_table_has_its_first_lines(tmp_path: Path) -> None:
    path = tmp_path / "data.csv"
    path.write_text('day,value\n1,2\n2,"3\n3,4\n')
    with pytest.raises(UnreadableError, match="line 3: a quotation mark is opened") as refused:
        read_data(str(path))
    assert refused.value.lines[2] == (3, '2,"3')
    assert refused.value.looks_like_a_table
    assert pickle.loads(pickle.dumps(refused.value)).lines == refused.value.lines
    path.write_text('"Well, we shall see,\nhe said, and 3 days later he went.\n')
    with pytest.raises(UnreadableError) as refused:
        read_data(str(path))
    assert not refused.value.looks_like_a_table
    with pytest.raises(UnreadableError, match="there is no such home folder") as refused:
        read_data("~nobody-of-this-name/flu.csv")
    assert refused.value.lines == ()


@pytest.mark.parametrize(
    ("header", "columns"),
    [
        ("a,b,c", (0, 2)),
        ("a,'b, c',d".replace("'", '"'), (1, 2)),
        ("x,x,y", (1, 2)),
        ("all,b,c", (0,)),
        ("2,1,x", (1, 0)),
    ],
)
def test_columns_are_written_as_they_are_found_again(tmp_path: Path, header: str, columns: tuple[int, ...]) -> None:
    path = tmp_path / "data.csv"
    path.write_text(f"{header}\n" + "".join(f"{row % 5},{row % 3},{row % 4}\n" for row in range(20)))
    table = read_data(str(path), Answers(header="yes")).table
    assert table.find_each(table.written(columns)) == columns


def test_the_file_of_a_task() -> None:
    config = TrainingConfig(series_file="a", counts_file="b", text_file="c")
    assert [file_of(replace(config, task=task)) for task in ("series", "outbreak", "characters", "adding")] == [
        *("a", "b"),
        *("c", ""),
    ]
