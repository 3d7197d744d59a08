from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest

from engine.settings.config import TrainingConfig
from engine.tables.answers import DataError
from engine.tasks.series import SeriesTask, trained_rows


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
    task = series(csv_file(tmp_path, np.arange(100.0)), "cases")
    target = torch.zeros(10, 2, 1)
    loss, measure = task.batch_loss_and_measure(target + 0.5, target)
    assert float(loss) == pytest.approx(0.25)
    assert float(measure) == pytest.approx(0.5 * np.arange(80.0).std(), rel=1e-5)


def test_too_few_rows_and_a_constant_column_are_refused(tmp_path: Path) -> None:
    with pytest.raises(DataError, match=r"values\.csv has 12 rows, .* 10 time steps need at least 13"):
        series(csv_file(tmp_path, np.arange(12.0)), "cases")
    series(csv_file(tmp_path, np.arange(13.0)), "cases")
    with pytest.raises(DataError, match=r"'cases': all values .* are the same"):
        series(csv_file(tmp_path, np.full(50, 3.0)), "cases")


def flu(folder: Path, **columns: np.ndarray) -> Path:
    """Write 100 weeks with cases, deaths and further columns."""
    weeks = np.arange(1, 101)
    numbers = {"cases": weeks % 7 * 10.0, "deaths": weeks % 5 / 2.0, **columns}
    path = folder / "flu.csv"
    lines = [",".join(["year", "place", *numbers])]
    lines += [",".join([str(w), "A", *(str(column[w - 1]) for column in numbers.values())]) for w in weeks]
    path.write_text("\n".join(lines))
    return path


def several(path: Path, inputs: str, column: str = "cases", T: int = 10) -> SeriesTask:
    settings = TrainingConfig(task="series", series_file=str(path), series_column=column, series_inputs=inputs)
    return SeriesTask(replace(settings, sequence_length=T))


@pytest.mark.parametrize("inputs", ["all", "cases, deaths", "3,4", " Deaths ,3"])
def test_several_columns_go_in_and_one_is_forecast(tmp_path: Path, inputs: str) -> None:
    path = flu(tmp_path)
    task = several(path, inputs)
    alone = series(path, "cases")
    assert task.input_size == 2
    assert SeriesTask.input_size == 1
    order = [1, 0] if inputs.startswith(" D") else [0, 1]
    assert task.input_names == tuple(np.array(["cases", "deaths"])[order])
    assert task.trivial_loss == alone.trivial_loss
    assert task.value_name == "cases"
    x, target = task.examples(np.random.default_rng(0), 50)
    assert x.shape == (10, 50, 2)
    assert target.shape == (10, 50, 1)
    cases, deaths = (x[:, :, place] for place in order)
    alone_x, alone_target = alone.examples(np.random.default_rng(0), 50)
    np.testing.assert_array_equal(target, alone_target)
    np.testing.assert_array_equal(cases, alone_x[:, :, 0])
    # Each column by its own mean and deviation, over the first 80 weeks; the two go together by their week.
    weeks = np.arange(1, 101)
    normal = (weeks % 5 / 2 - (weeks[:80] % 5 / 2).mean()) / (weeks[:80] % 5 / 2).std()
    starts = np.random.default_rng(0).integers(0, 70, 50)
    np.testing.assert_allclose(deaths, normal[starts + np.arange(10)[:, np.newaxis]], rtol=1e-5)
    probe, following = task.probe()
    assert probe.shape == (10, 1, 2)
    np.testing.assert_allclose(probe[:, 0, order[1]], normal[-11:-1], rtol=1e-5)
    np.testing.assert_array_equal(following, alone.probe()[1])
    test_x, test_target = task.test_batch()
    assert test_x.shape == (10, 20, 2)
    np.testing.assert_array_equal(test_x[:, :, order[0]], alone.test_batch()[0][:, :, 0])
    np.testing.assert_array_equal(test_target, alone.test_batch()[1])


def test_a_column_can_be_forecast_from_others_alone(tmp_path: Path) -> None:
    task = several(flu(tmp_path), "deaths, year")
    assert task.input_names == ("deaths", "year")
    x, target = task.examples(np.random.default_rng(0), 5)
    assert np.abs(x[1:, :, 0] - target[:-1, :, 0]).max() > 0.5


def test_several_columns_are_trained_with(tmp_path: Path) -> None:
    trainer = pytest.importorskip("engine.training.trainer")
    config = TrainingConfig(task="series", series_file=str(flu(tmp_path)), series_inputs="all", series_column="cases")
    made = trainer.Trainer(replace(config, cell_size=4, sequence_length=10, device="cpu"))
    for _ in range(3):
        made.step()
    assert np.isfinite(made.drain()["loss"]).all()  # the loss
    assert made.snapshot().step == 3


@pytest.mark.parametrize(
    ("inputs", "sentence"),
    [
        ("cases, births", r"flu\.csv: there is no column 'births'; choose one of 'year', 'place'"),
        ("cases, 2", r"flu\.csv, line 2, column 'place': a number was expected, but found 'A'"),
        ("cases, flat", r"flu\.csv, column 'flat': all values .* the same, so it tells the network nothing; leave it"),
        (", ,", r"flu\.csv: ', ,' names no input column"),
    ],
)
def test_input_columns_that_cannot_be_used(tmp_path: Path, inputs: str, sentence: str) -> None:
    with pytest.raises(DataError, match=sentence):
        several(flu(tmp_path, flat=np.where(np.arange(100) < 80, 4.0, 5.0)), inputs)


def test_numbers_too_large_to_be_squared(tmp_path: Path) -> None:
    with pytest.raises(DataError, match=r"column 'money': the numbers are too large"):
        several(flu(tmp_path, money=np.linspace(1e200, 1e201, 100)), "money")


def test_too_many_input_columns(tmp_path: Path) -> None:
    path = tmp_path / "wide.csv"
    rows = np.random.default_rng(0).normal(size=(30, 1100)).round(3)
    path.write_text("\n".join(",".join(map(str, row)) for row in rows))
    with pytest.raises(DataError, match=r"wide\.csv: 1100 input columns are chosen; choose at most 1024"):
        several(path, "all", "1")


@pytest.mark.parametrize("T", [4, 10, 50, 51, 52, 53, 99, 1234])
def test_the_length_that_is_named_is_the_shortest_that_is_accepted(T: int) -> None:
    with pytest.raises(DataError, match=f"sequences of {T} time steps need at least") as refused:
        trained_rows("short.csv", 3, T)
    named = int(str(refused.value).split("at least ")[1].split(";")[0])
    assert trained_rows("short.csv", named, T) > T
    with pytest.raises(DataError, match=f"at least {named};"):
        trained_rows("short.csv", named - 1, T)
