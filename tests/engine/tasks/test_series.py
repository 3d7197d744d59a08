from pathlib import Path

import numpy as np
import pytest

from engine.config import TrainingConfig
from engine.tasks.series import SeriesTask, columns_of
from engine.tasks.table import DataError


def series(path: Path | str = "", column: str = "", T: int = 10) -> SeriesTask:
    return SeriesTask(TrainingConfig(task="series", series_file=str(path), series_column=column, sequence_length=T))


def csv_file(folder: Path, values: np.ndarray) -> Path:
    path = folder / "values.csv"
    path.write_text("day,cases\n" + "".join(f"{day},{value}\n" for day, value in enumerate(values)))
    return path


def test_the_shipped_sunspots_are_the_default() -> None:
    task = series(T=50)
    assert task.value_name == "sunspots"
    assert task.position_name == "year"
    assert task.positions()[-1] == 2008
    x, target = task.test_batch()
    assert x.shape == (50, target.size, 1)
    assert target[-1] == pytest.approx(2.9)
    assert "1900,9.5" in (Path("resources/data/sunspots-yearly.csv")).read_text()


def test_windows_pair_each_value_with_the_next_and_leave_the_end_out(tmp_path: Path) -> None:
    values = np.arange(100.0)
    task = series(csv_file(tmp_path, values), "cases")
    x, target = task.examples(np.random.default_rng(0), 500)
    assert x.shape == target.shape == (10, 500, 1)
    np.testing.assert_array_equal(x[1:], target[:-1])
    shown = task.in_units(target)
    np.testing.assert_allclose(task.in_units(x) + 1, shown, atol=1e-3)
    assert shown.max() == pytest.approx(79, abs=1e-3)  # the last fifth is held out
    assert shown.min() == pytest.approx(1, abs=1e-3)


def test_each_test_forecast_sees_the_values_just_before_it(tmp_path: Path) -> None:
    task = series(csv_file(tmp_path, np.arange(100.0)), "cases")
    x, target = task.test_batch()
    np.testing.assert_array_equal(target, np.arange(80, 100))
    np.testing.assert_allclose(task.in_units(x)[-1, :, 0], target - 1, atol=1e-3)
    probe, following = task.probe()
    assert probe.shape == following.shape == (10, 1, 1)
    np.testing.assert_allclose(task.in_units(following)[-1], 99, atol=1e-3)


def test_the_trivial_loss_is_that_of_answering_with_the_present_value(tmp_path: Path) -> None:
    values = np.random.default_rng(0).normal(size=200)
    task = series(csv_file(tmp_path, values))
    training = values[:160]
    expected = np.mean(np.diff(training) ** 2) / training.var()
    assert task.trivial_loss == pytest.approx(expected, rel=1e-4)


def test_loss_is_normalised_and_measure_in_units(tmp_path: Path) -> None:
    torch = pytest.importorskip("torch")
    task = series(csv_file(tmp_path, np.arange(100.0)))
    target = torch.zeros(10, 2, 1)
    loss, measure = task.batch_loss_and_measure(target + 0.5, target)
    assert float(loss) == pytest.approx(0.25)
    assert float(measure) == pytest.approx(0.5 * np.arange(80.0).std(), rel=1e-5)


def test_too_few_rows_and_a_constant_column_are_refused(tmp_path: Path) -> None:
    with pytest.raises(DataError, match=r"values\.csv has 12 rows, .* 10 time steps need at least 15"):
        series(csv_file(tmp_path, np.arange(12.0)))
    series(csv_file(tmp_path, np.arange(15.0)))
    with pytest.raises(DataError, match=r"'cases': all values .* are the same"):
        series(csv_file(tmp_path, np.full(50, 3.0)), "cases")


def test_the_columns_to_pick_from(tmp_path: Path) -> None:
    path = tmp_path / "flu.csv"
    path.write_text("year,place,cases,deaths\n1,A,3,1\n2,B,1,0\n")
    found = columns_of(str(path))
    assert found.automatic == "cases"
    assert [choice.value for choice in found.choices] == ["year", "cases", "deaths"]
    assert [found.value(column) for column in ("", "Deaths", "4", "place", "births")] == [
        "",
        "deaths",
        "deaths",
        "place",
        "births",
    ]
    for column in ("", "year", "4"):
        found.check(column)
    with pytest.raises(DataError, match="no column 'births'"):
        found.check("births")
    with pytest.raises(DataError, match="line 2, column 'place': a number was expected"):
        found.check("place")
    assert columns_of("").automatic == "sunspots"


def test_a_file_without_columns_to_pick_from(tmp_path: Path) -> None:
    path = tmp_path / "places.csv"
    path.write_text("place\nA\nB\n")
    with pytest.raises(DataError, match="no column of numbers"):
        columns_of(str(path))
    with pytest.raises(DataError, match="there is no such home folder"):
        columns_of("~nobody-of-this-name/flu.csv")
