import numpy as np
import pytest

from engine.settings.config import TrainingConfig
from engine.tasks.sine import SineTask


def test_without_noise_each_value_follows_from_the_two_before() -> None:
    task = SineTask(TrainingConfig(sequence_length=60, sine_noise=0.0))
    x, target = task.examples(np.random.default_rng(0), 200)
    np.testing.assert_array_equal(x[1:], target[:-1])
    wave = np.concatenate([x[:1], target])[:, :, 0].astype(np.float64)
    # sin(a + d) + sin(a - d) = 2 cos d · sin a: one factor a sequence, and it tells the period.
    factor = np.sum((wave[2:] + wave[:-2]) * wave[1:-1], axis=0) / np.sum(wave[1:-1] ** 2, axis=0)
    np.testing.assert_allclose(wave[2:] + wave[:-2], factor * wave[1:-1], atol=1e-5)
    periods = 2 * np.pi / np.arccos(factor / 2)
    assert 10 - 0.01 <= periods.min() < 12
    assert 38 < periods.max() <= 40 + 0.1


@pytest.mark.parametrize("noise", [0.0, 0.1, 1.0])
def test_the_trivial_loss_is_that_of_answering_with_the_present_value(noise: float) -> None:
    task = SineTask(TrainingConfig(sine_noise=noise))
    x, target = task.examples(np.random.default_rng(0), 20_000)
    assert task.trivial_loss == pytest.approx(float(np.mean((target - x) ** 2)), rel=0.02)


def test_noise_is_as_large_as_set() -> None:
    quiet, loud = (SineTask(TrainingConfig(sine_noise=noise)) for noise in (0.0, 0.5))
    rngs = [np.random.default_rng(4), np.random.default_rng(4)]
    difference = loud.waves(rngs[0], 100, 200) - quiet.waves(rngs[1], 100, 200)
    assert difference.std() == pytest.approx(0.5, rel=0.02)


def test_each_forecast_of_the_plot_sees_what_came_before_it() -> None:
    x, target = SineTask(TrainingConfig(sequence_length=20)).test_batch()
    assert x.shape == (20, 64, 1)
    np.testing.assert_array_equal(x[-1, 1:, 0], target[:-1])
    np.testing.assert_array_equal(x[1:, :-1], x[:-1, 1:])
