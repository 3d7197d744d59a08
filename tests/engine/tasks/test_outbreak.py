from pathlib import Path

import numpy as np
import pytest
import torch

from engine.settings.config import TrainingConfig
from engine.tables.answers import DataError
from engine.tasks.data_reading import read_data
from engine.tasks.outbreak import POPULATION, OutbreakTask, simulate


def test_nobody_is_lost_and_nobody_comes_back() -> None:
    S, I, R, R0 = simulate(np.random.default_rng(0), 200, 300, 4.0)  # noqa: E741
    assert S.shape == I.shape == R.shape == (200, 300)
    for people in (S, I, R):
        assert people.min() >= 0
    np.testing.assert_array_equal(S + I + R, POPULATION)
    assert np.all(np.diff(S, axis=0) <= 0)
    assert np.all(np.diff(R, axis=0) >= 0)
    assert np.all((I[0] >= 1) & (I[0] <= 5))
    assert np.all((R0 >= 0.5) & (R0 <= 4.0))
    # Where nobody is infectious nothing happens any more.
    over = I[:-1] == 0
    assert np.all(I[1:][over] == 0)


def test_diseases_die_out_or_reach_the_size_that_the_model_demands() -> None:
    _, I, R, R0 = simulate(np.random.default_rng(1), 1000, 500, 3.0)  # noqa: E741
    assert np.all(I[-1] == 0)
    size = R[-1] / POPULATION
    assert np.all(size[R0 < 0.8] < 0.05)
    large = size[(R0 > 2) & (size > 0.2)]
    assert large.size > 100
    assert np.any(size[R0 > 1.5] < 0.05)  # by chance
    # A large outbreak ends where ln(s) = R0 (s - 1), s being the share that was never infected; a step of a day
    # with an infectious time of five makes the discrete model a little worse than the continuous one.
    chosen = (R0 > 2) & (size > 0.2)
    left = np.full(chosen.sum(), 0.01)
    R_day = R0[chosen] / 5 / -np.expm1(-1 / 5)
    for _ in range(500):
        left = np.exp(R_day * (left - 1))
    np.testing.assert_allclose(size[chosen], 1 - left, atol=0.03)


@pytest.mark.parametrize("share", [0.1, 1.0])
def test_the_reported_share_is_reported(share: float) -> None:
    task = OutbreakTask(TrainingConfig(reported_share=share))
    infectious = simulate(np.random.default_rng(3), 60, 400, 3.0).infectious
    counts = task.reported(np.random.default_rng(3), 60, 400)
    assert np.all(counts <= infectious)
    assert counts.sum() / infectious.sum() == pytest.approx(share, rel=0.02)


@pytest.mark.parametrize("T", [10, 50])
def test_the_trivial_loss_is_that_of_answering_with_today(T: int) -> None:
    task = OutbreakTask(TrainingConfig(sequence_length=T))
    x, target = task.examples(np.random.default_rng(0), 4000)
    np.testing.assert_array_equal(x[1:], target[:-1])
    assert x.mean() == pytest.approx(0, abs=0.1)
    assert x.std() == pytest.approx(1, abs=0.1)
    assert task.trivial_loss == pytest.approx(float(np.mean((target - x) ** 2)), rel=0.1)


def test_the_plot_shows_three_areas_in_people() -> None:
    task = OutbreakTask(TrainingConfig(sequence_length=60))
    x, target = task.test_batch()
    assert x.shape == (60, 3, 1)
    assert np.all(target == np.round(target))
    areas = target.reshape(3, 60)
    peaks = areas.max(axis=1)
    assert peaks[0] < 10 < peaks[2]
    assert np.all(np.diff(peaks) >= 0)
    # A network that answers with what it is given is one day late.
    np.testing.assert_allclose(task.shown(x).reshape(3, 60)[:, 1:], areas[:, :-1], rtol=1e-4, atol=1e-3)


def test_the_measure_is_in_people() -> None:
    task = OutbreakTask(TrainingConfig())
    x, target = (torch.from_numpy(array) for array in task.examples(np.random.default_rng(0), 50))
    loss, measure = task.batch_loss_and_measure(x, target)
    today, tomorrow = task.in_units(x.numpy()), task.in_units(target.numpy())
    assert float(measure) == pytest.approx(float(np.abs(today - tomorrow).mean()), rel=1e-3)
    assert float(loss) == pytest.approx(float(((x - target) ** 2).mean()), rel=1e-5)


def test_settings_at_their_ends_can_be_used() -> None:
    for r0, share, T in ((0.6, 0.01, 4), (0.6, 0.01, 600), (20.0, 1.0, 4), (20.0, 1.0, 600)):
        task = OutbreakTask(TrainingConfig(outbreak_r0=r0, reported_share=share, sequence_length=T))
        x, _ = task.examples(np.random.default_rng(0), 20)
        assert np.all(np.isfinite(x))
        assert np.isfinite(task.trivial_loss)


def counts_file(folder: Path, counts: np.ndarray, dates: bool = True) -> Path:
    """Write counts (days, areas) as people keep them: a date, or a number, a day."""
    path = folder / "counts.csv"
    names = ["date" if dates else "day", *(f"Area {place}" for place in range(1, counts.shape[1] + 1))]
    lines = [",".join(names)]
    for day, row in enumerate(counts, 1):
        lines.append(",".join([f"2020-{1 + day // 28:02}-{1 + day % 28:02}" if dates else str(day), *map(str, row)]))
    path.write_text("\n".join(lines))
    return path


def own(path: Path, T: int = 10) -> OutbreakTask:
    return OutbreakTask(TrainingConfig(task="outbreak", counts_file=str(path), sequence_length=T))


@pytest.fixture
def counts() -> np.ndarray:
    """100 days of five areas; in the last one nobody is ill any more after 30 days."""
    rng = np.random.default_rng(5)
    found = rng.poisson([2, 500, 20, 9_000_000, 40], (100, 5))
    found[30:, 4] = 0
    return found


@pytest.mark.parametrize("dates", [True, False])
def test_own_counts_are_learnt_from(tmp_path: Path, counts: np.ndarray, dates: bool) -> None:
    task = own(counts_file(tmp_path, counts, dates))
    x, target = task.examples(np.random.default_rng(0), 2000)
    assert x.shape == target.shape == (10, 2000, 1)
    assert x.dtype == target.dtype == np.float32
    np.testing.assert_array_equal(x[1:], target[:-1])
    # Each example is ten days and the next of one area, of the first 80 days, normalised over all of these.
    logs = np.log1p(counts[:80])
    windows = np.lib.stride_tricks.sliding_window_view((logs - logs.mean()) / logs.std(), 11, axis=0)
    known = {tuple(np.round(window, 4)) for window in windows.reshape(-1, 11)}
    drawn = np.concatenate([x, target[-1:]])[:, :, 0].T
    found = [any(np.abs(np.array(list(known)) - row).max(axis=1) < 1e-3) for row in drawn[:50]]
    assert all(found)
    assert task.trivial_loss == pytest.approx(float(np.mean((np.diff(logs, axis=0) / logs.std()) ** 2)), rel=1e-4)
    again, _ = task.examples(np.random.default_rng(0), 2000)
    np.testing.assert_array_equal(x, again)


def test_own_counts_are_tested_on_the_last_fifth(tmp_path: Path, counts: np.ndarray) -> None:
    task = own(counts_file(tmp_path, counts))
    x, target = task.test_batch()
    assert x.shape == (10, 60, 1)
    # By the peak of the days shown: the area that has died out, the middle one, the largest.
    np.testing.assert_array_equal(target.reshape(3, 20), counts[80:, [4, 2, 3]].T.astype(np.float32))
    # A network that answers with what it is given is one day late, in people.
    answers = task.shown(x).reshape(3, 20)
    np.testing.assert_allclose(answers, counts[79:99, [4, 2, 3]].T, rtol=1e-5, atol=1e-4)
    np.testing.assert_array_equal(task.positions(), np.arange(1, 61))
    facts = task.facts()
    assert facts.position_name == "day, Area 5, Area 3, Area 4 one after another"
    assert facts.value_name == "count of the day"
    assert facts.measure_unit == "people"
    assert task.source == "your counts: counts.csv"


def test_a_single_area_is_shown_over_its_days(tmp_path: Path, counts: np.ndarray) -> None:
    task = own(counts_file(tmp_path, counts[:, 1:2], dates=False))
    assert task.position_name == "day, Area 1"
    np.testing.assert_array_equal(task.positions(), np.arange(81, 101))
    path = tmp_path / "one.csv"
    path.write_text("\n".join(map(str, counts[:, 1])))
    np.testing.assert_array_equal(own(path).test_batch()[1], counts[80:, 1])


def test_the_probe_is_the_end_of_the_area_that_reports_most(tmp_path: Path, counts: np.ndarray) -> None:
    task = own(counts_file(tmp_path, counts))
    x, target = task.probe()
    assert x.shape == target.shape == (10, 1, 1)
    np.testing.assert_allclose(task.in_units(target)[:, 0, 0], counts[-10:, 3], rtol=1e-5)
    np.testing.assert_array_equal(x[1:], target[:-1])


def test_own_counts_measure_in_people(tmp_path: Path, counts: np.ndarray) -> None:
    task = own(counts_file(tmp_path, counts[:, :3]))
    x, target = (torch.from_numpy(array) for array in task.examples(np.random.default_rng(0), 50))
    _, measure = task.batch_loss_and_measure(x, target)
    today, tomorrow = task.in_units(x.numpy()), task.in_units(target.numpy())
    assert float(measure) == pytest.approx(float(np.abs(today - tomorrow).mean()), rel=1e-3)


@pytest.mark.parametrize(
    ("content", "sentence"),
    [
        ("day,A,B\n1,5,2\n2,5,-1\n", r"line 3, column 'B': a whole number of at least 0 was expected, .* found −1;"),
        ("day,A\n1,5\n2,5.5\n", r"line 3, column 'A': a whole number of at least 0 was expected, but found 5\.5;"),
        ("day,A,B\n1,5,2\n2,,3\n", r"line 3, column 'A': a number was expected, but the cell is empty"),
        ("day,A,B\n1,5,2\n2,4,few\n", r"line 3, column 'B': a number was expected, but found 'few'"),
        ("place\nBern\nBasel\n", r"line 2, column 'place': a number was expected, but found 'Bern'"),
        ("", r"counts\.csv is empty"),
    ],
)
def test_cells_that_are_no_counts(tmp_path: Path, content: str, sentence: str) -> None:
    path = tmp_path / "counts.csv"
    path.write_text(content)
    with pytest.raises(DataError, match=sentence):
        own(path)
    with pytest.raises(DataError, match=sentence):
        read_data(str(path)).require(TrainingConfig(task="outbreak"))


def test_too_few_days_and_counts_that_never_change(tmp_path: Path, counts: np.ndarray) -> None:
    path = counts_file(tmp_path, counts)
    with pytest.raises(DataError, match="has 100 rows, but sequences of 80 time steps need at least 101"):
        own(path, T=80)
    own(path, T=79)
    data = read_data(str(path))
    data.require(TrainingConfig(task="outbreak", sequence_length=79))
    with pytest.raises(DataError, match="has 100 rows"):
        data.require(TrainingConfig(task="outbreak", sequence_length=80))
    with pytest.raises(DataError, match="all counts in the training part are the same"):
        own(counts_file(tmp_path, np.zeros((100, 2), dtype=int)))
