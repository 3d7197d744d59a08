"""Noisy sine: predict the next value of a wave whose period and phase the network does not know."""

from typing import Any

import numpy as np

from .base import TEST_STREAM, Examples, Float32, Task
from .task_settings import TaskSettings

PERIODS = (10.0, 40.0)  # time steps; each sequence has its own
TEST_FORECASTS = 64


class SineTask(Task):
    """Input: values v_t = sin(2π t / period + phase) + noise. Target, at every time step: the next value.

    Period and phase are uniform and differ from sequence to sequence. No forecast can have a smaller mean
    squared error than the variance of the noise. The trivial answer is "the next value is the present one".
    """

    name = "sine"
    title = "Noisy sine"
    about = "Input: a noisy sine of unknown period and phase. Target, at every time step: the next value."
    uses = ("sine_noise",)
    input_size = 1
    output_size = 1
    every_step = True
    loss_name = "mean squared error"
    measure_name = "root mean squared error"
    trivial_name = "predicting the present value again"
    prediction_kind = "series"
    position_name = "time step"
    value_name = "next value of a sine"
    input_names = ("value",)
    criterion = "root mean squared error close to the standard deviation of the noise, the lowest possible"
    source = "textbook"

    def __init__(self, config: TaskSettings) -> None:
        super().__init__(config)
        # Over all phases, E[(sin(a + d) - sin a)²] = 1 - cos d; both values carry noise of their own.
        change = 1 - np.cos(2 * np.pi / np.linspace(*PERIODS, 10_001))
        self.trivial_loss = float((change[1:] + change[:-1]).mean() / 2 + 2 * config.sine_noise**2)

    def waves(self, rng: np.random.Generator, steps: int, count: int) -> Float32:
        """Draw `count` waves, (steps, count)."""
        period, phase = rng.uniform(*PERIODS, count), rng.uniform(0, 2 * np.pi, count)
        wave = np.sin(2 * np.pi * np.arange(steps)[:, np.newaxis] / period + phase)
        return np.asarray(wave + self.config.sine_noise * rng.standard_normal(wave.shape), dtype=np.float32)

    def examples(self, rng: np.random.Generator, count: int) -> Examples:
        """Draw examples: x and target (T, count, 1), one step apart."""
        wave = self.waves(rng, self.config.sequence_length + 1, count)[:, :, np.newaxis]
        return wave[:-1], wave[1:]

    def test_batch(self) -> Examples:
        """Return T values before each of 64 neighbouring ones of a fixed wave: x (T, 64, 1), target (64,)."""
        T = self.config.sequence_length
        wave = self.waves(np.random.default_rng((self.config.seed, TEST_STREAM)), T + TEST_FORECASTS, 1)[:, 0]
        x = wave[np.arange(T)[:, np.newaxis] + np.arange(TEST_FORECASTS)]
        return x[:, :, np.newaxis], wave[T:]

    def batch_loss_and_measure(self, output: Any, target: Any) -> tuple[Any, Any]:
        """Return the mean squared error, and its root."""
        loss = (output - target).square().mean()
        return loss, loss.detach().sqrt()
