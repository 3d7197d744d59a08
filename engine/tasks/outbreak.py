"""Forecast of an outbreak: how many infectious people an area reports tomorrow.

The areas are simulated by the SIR model of Kermack and McKendrick 1927 in its stochastic form in discrete time
(chain binomial: Bailey 1975, "The Mathematical Theory of Infectious Diseases").
"""

from typing import Any, NamedTuple

import numpy as np
from numpy.typing import NDArray

from engine.config import TrainingConfig
from engine.tasks.base import SCALE_STREAM, TEST_STREAM, Examples, Float32, Task

People = NDArray[np.int64]

POPULATION = 10_000
INFECTIOUS_DAYS = 5.0
FIRST_CASES = 5  # at most
SMALLEST_R0 = 0.5
TEST_AREAS = 64  # three of them are shown
SHOWN_DAYS = 150  # at most, of each area
_SCALE_VALUES = 100_000  # reported counts that mean, deviation and trivial loss are measured on


class Epidemic(NamedTuple):
    """People of each area at the end of each day, (days, areas), and its R0 (areas,)."""

    susceptible: People
    infectious: People
    recovered: People
    R0: NDArray[np.float64]


def simulate(rng: np.random.Generator, days: int, areas: int, largest_R0: float) -> Epidemic:
    """Let a disease run through areas of 10,000 people, with 1 to 5 infectious ones on the first day.

    Of S susceptible people, Binomial(S, 1 - exp(-R0 / 5 · I / 10,000)) are infected a day; of I infectious ones,
    Binomial(I, 1 - exp(-1 / 5)) recover. R0 of an area is uniform between 0.5 and the largest.
    """
    R0 = rng.uniform(SMALLEST_R0, largest_R0, areas)
    I = rng.integers(1, FIRST_CASES + 1, areas)  # noqa: E741  SIR's own letters
    S = POPULATION - I
    susceptible, infectious = np.empty((days, areas), dtype=np.int64), np.empty((days, areas), dtype=np.int64)
    for day in range(days):
        susceptible[day], infectious[day] = S, I
        infected = rng.binomial(S, -np.expm1(-R0 / INFECTIOUS_DAYS * I / POPULATION))
        recovering = rng.binomial(I, -np.expm1(-1 / INFECTIOUS_DAYS))
        S, I = S - infected, I + infected - recovering  # noqa: E741
    return Epidemic(susceptible, infectious, POPULATION - susceptible - infectious, R0)


class OutbreakTask(Task):
    """Reported counts y_1 … y_T of one area go in, and at every step the network answers with the next count.

    Each infectious person is reported with the same chance: y ~ Binomial(I, reported share). Where R0 is below 1,
    and by chance also above, the disease dies out; elsewhere it sweeps through the area. The network sees and
    answers ln(1 + y), normalised by mean and standard deviation over many areas, so that a
    day with few cases weighs as much as one with many. The trivial answer is "tomorrow as today".
    """

    name = "outbreak"
    title = "Outbreak counts"
    input_size = 1
    output_size = 1
    every_step = True
    loss_name = "mean squared error of ln(1 + count) (normalised)"
    measure_name = "mean absolute error of the count"
    measure_unit = "people"
    trivial_name = "answering with today's count"
    prediction_kind = "series"
    position_name = "day, three areas one after another"
    value_name = "reported infectious people"
    input_names = ("ln(1 + count), normalised",)
    criterion = "below the trivial answer"
    source = "SIR model: Kermack and McKendrick 1927; chain binomial: Bailey 1975"

    def __init__(self, config: TrainingConfig) -> None:
        super().__init__(config)
        T = config.sequence_length
        areas = min(1000, max(TEST_AREAS, _SCALE_VALUES // T))
        rng = np.random.default_rng((config.seed, SCALE_STREAM))
        logs = np.log1p(self.reported(rng, T + 1, areas))
        self._mean = float(logs.mean())
        self._scale = float(logs.std()) or 1.0  # every count may be 0 where next to nobody is reported
        change = np.diff(logs, axis=0) / self._scale
        self.trivial_loss = float(np.mean(change * change))

    def reported(self, rng: np.random.Generator, days: int, areas: int) -> People:
        """Draw areas and return the count that each reports each day, (days, areas)."""
        epidemic = simulate(rng, days, areas, self.config.outbreak_r0)
        return rng.binomial(epidemic.infectious, self.config.reported_share)

    def _normalised(self, counts: People) -> Float32:
        return np.asarray((np.log1p(counts) - self._mean) / self._scale, dtype=np.float32)

    def examples(self, rng: np.random.Generator, count: int) -> Examples:
        """Draw examples: x and target (T, count, 1), one day apart."""
        values = self._normalised(self.reported(rng, self.config.sequence_length + 1, count))[:, :, np.newaxis]
        return values[:-1], values[1:]

    def _test_counts(self) -> People:
        """Return the counts of three of 64 areas, (days, 3): by their peak the lowest, the middle and the highest."""
        rng = np.random.default_rng((self.config.seed, TEST_STREAM))
        days = min(self.config.sequence_length, SHOWN_DAYS) + 1
        counts = self.reported(rng, days, TEST_AREAS)
        order = np.argsort(counts.max(axis=0), kind="stable")
        return counts[:, order[[0, TEST_AREAS // 2, -1]]]

    def test_batch(self) -> Examples:
        """Return three fixed areas, x (days, 3, 1), and the counts to forecast, area after area (3 days,)."""
        counts = self._test_counts()
        return self._normalised(counts[:-1])[:, :, np.newaxis], counts[1:].T.ravel().astype(np.float32)

    def in_units(self, output: Float32) -> Float32:
        """Turn normalised logarithms into counts, none below 0, same shape."""
        return np.asarray(np.maximum(np.expm1(output * self._scale + self._mean), 0), dtype=np.float32)

    def shown(self, output: Float32) -> Float32:
        """Return the forecast of each count shown, area after area (3 days,)."""
        return self.in_units(output[:, :, 0].T.ravel())

    def batch_loss_and_measure(self, output: Any, target: Any) -> tuple[Any, Any]:
        """Return the mean squared error of normalised logarithms, and the mean absolute error in people."""
        loss = (output - target).square().mean()
        forecast, count = (
            (values.detach() * self._scale + self._mean).expm1().clamp(min=0) for values in (output, target)
        )
        return loss, (forecast - count).abs().mean()
