import numpy as np
import pytest
import torch

from engine.config import TrainingConfig
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
