"""Series and outbreaks out of files as people have them."""

from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest

from engine.settings.config import TrainingConfig
from engine.tables.answers import DataError, OpenQuestion
from engine.tasks.data_reading import read_data
from engine.tasks.outbreak import OutbreakTask
from engine.tasks.series import SeriesTask

CONFIG = TrainingConfig(task="series", sequence_length=5)


def file(folder: Path, *lines: str) -> str:
    path = folder / "data.csv"
    path.write_text("\n".join(lines) + "\n", "utf-8")
    return str(path)


def series(file: str, **settings: str) -> SeriesTask:
    return SeriesTask(replace(CONFIG, series_file=file, **settings))


def dates(unit: str, step: int = 1, start: str = "2020-01-01T00:00") -> list[str]:
    return [str(np.datetime64(start) + np.timedelta64(step * place, unit)) for place in range(50)]


@pytest.mark.parametrize(
    ("stamps", "name", "last"),
    [
        (dates("D"), "days from 2020-01-01", 49),
        (dates("h"), "hours from 2020-01-01 00:00:00", 49),
        (dates("m", 15), "minutes from 2020-01-01 00:00:00", 49 * 15),
        (dates("s"), "seconds from 2020-01-01 00:00:00", 49),
        ([f"{1990 + month // 12}-{1 + month % 12:02}" for month in range(50)], "year", 1994 + 31 / 365),
        ([f"{1900 + year}" for year in range(50)], "date", 1949),
    ],
)
def test_points_stand_where_their_dates_are(tmp_path: Path, stamps: list[str], name: str, last: float) -> None:
    task = series(file(tmp_path, "date,v", *(f"{stamp},{row % 7}" for row, stamp in enumerate(stamps))))
    assert task.position_name == name
    positions = task.positions()
    assert positions.dtype == np.float64
    assert positions[-1] == pytest.approx(last, abs=1e-9)
    assert np.all(np.diff(positions) > 0)


def test_stamps_beyond_float32_do_not_fall_together(tmp_path: Path) -> None:
    stamps = (f"2021010100{minute:02}" for minute in range(50))
    task = series(file(tmp_path, "stamp,v", *(f"{stamp},{row % 7}" for row, stamp in enumerate(stamps))))
    assert task.value_name == "v"
    assert len(set(task.positions().tolist())) == task.positions().size


def test_a_series_is_learnt_forwards_in_time(tmp_path: Path) -> None:
    rows = [f"{stamp},{place % 9}" for place, stamp in enumerate(dates("D"))]
    forwards = series(file(tmp_path, "date,v", *rows)).test_batch()
    backwards = series(file(tmp_path, "date,v", *rows[::-1])).test_batch()
    for one, other in zip(forwards, backwards, strict=True):
        np.testing.assert_array_equal(one, other)


def test_what_the_file_says_is_kept_with_the_settings(tmp_path: Path) -> None:
    path = file(
        tmp_path, "Datum;Wert;Rest", *(f"{stamp};{row % 7},5;{row % 3}" for row, stamp in enumerate(dates("D")))
    )
    with pytest.raises(OpenQuestion, match="2 columns can be forecast"):
        series(path)
    task = series(path, series_column="Wert")
    assert (task.config.data_header, task.config.series_column) == ("yes", "Wert")
    again = SeriesTask(task.config)
    np.testing.assert_array_equal(again.test_batch()[0], task.test_batch()[0])
    assert again.config == task.config


def test_the_shipped_series_asks_nothing_and_keeps_its_settings() -> None:
    task = SeriesTask(CONFIG)
    assert task.config == CONFIG
    assert task.facts().notes == ()
    assert task.position_name == "year"


def test_missing_values_of_an_input_are_told_with_the_flag(tmp_path: Path) -> None:
    rows = (f"{stamp},{row % 7},{'NA' if row == 20 else row % 5}" for row, stamp in enumerate(dates("D")))
    path = file(tmp_path, "date,v,w", *rows)
    with pytest.raises(DataError, match=r"line 22, column 'w': .* found 'NA'; .* --missing carry"):
        series(path, series_column="v", series_inputs="all")
    task = series(path, series_column="v", series_inputs="all", data_missing="carry")
    assert task.input_names == ("v", "w")
    assert task.facts().notes == ("“w” has 1 missing value, filled with the value before.",)


def counts(folder: Path) -> str:
    rng = np.random.default_rng(2)
    daily = rng.poisson(8, (60, 2))
    rows = np.hstack([daily, np.cumsum(daily, axis=0)])
    stamps = (str(np.datetime64("2020-03-01") + day) for day in range(60))
    return file(
        folder, "date,A,B,sum A,sum B", *(",".join([s, *map(str, r)]) for s, r in zip(stamps, rows, strict=True))
    )


def test_totals_become_areas_only_where_that_is_said(tmp_path: Path) -> None:
    path = counts(tmp_path)
    with pytest.raises(OpenQuestion, match="'sum A', 'sum B' never decrease, as running totals do") as asked:
        read_data(path).require(TrainingConfig(task="outbreak", sequence_length=5))
    assert asked.value.setting == "counts_areas"
    without, everything = (choice.value for choice in asked.value.choices)
    config = TrainingConfig(task="outbreak", counts_file=path, sequence_length=5)
    two = OutbreakTask(replace(config, counts_areas=without))
    assert two.position_name == "day, A, B one after another"
    four = OutbreakTask(replace(config, counts_areas=everything))
    assert "sum" in four.position_name
    assert two.examples(np.random.default_rng(0), 400)[0].shape == (5, 400, 1)
    with pytest.raises(DataError, match="no column 'C'"):
        OutbreakTask(replace(config, counts_areas="A, C"))
