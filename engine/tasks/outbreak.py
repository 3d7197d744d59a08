"""Forecast of an outbreak: predict how many infectious people an area reports tomorrow.

The counts are the user's own, or those of areas that are simulated by the SIR model of Kermack and McKendrick 1927
in its stochastic form in discrete time (chain binomial: Bailey 1975, "The Mathematical Theory of Infectious
Diseases").
"""

from collections.abc import Callable, Mapping
from typing import Any, NamedTuple

import numpy as np
from numpy.typing import NDArray

from ..tables.answers import Choice, DataError, OpenQuestion, never
from ..tables.reading import read_table
from ..tables.roles import Role
from ..tables.table import Table
from ..tables.text_file import user_path
from ..text.numbers import exact
from .base import SCALE_STREAM, TEST_STREAM, Examples, Float32, Reals, TableTask
from .data_file import answers_of, as_read, axis_of
from .held_out import HeldOut, count_beyond
from .series import TEST_FORECASTS, trained_rows
from .task_settings import READING, TaskSettings

People = NDArray[np.int64]

POPULATION = 10_000
INFECTIOUS_DAYS = 5.0
FIRST_CASES = 5  # at most
SMALLEST_R0 = 0.5
MOST_NAMED = 6  # columns, in a sentence
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


class OwnCounts:
    """The user's own counts, a row a day and a column an area, zeros allowed; sequences have T days.

    chosen: the columns that are areas, as the setting `counts_areas` has it. A column of dates, or one that only
    counts up, is no area. The last fifth of the days is held out; of these the plot shows up to 64, for up to three
    areas: wanted (N,) has each count shown, day_before (N,) that of the day before, positions (N,) the day; areas
    after one another are counted through.
    Raises DataError, with line and column, for a cell that is no whole number of at least 0, and where there are too
    few days or all counts are the same; OpenQuestion where columns look like totals of others and nobody has chosen.
    """

    def __init__(self, table: Table, chosen: str, T: int) -> None:
        table.require_rows()
        columns = area_columns(table, chosen)
        self._T, self.file = T, table.path.name
        for index in columns:
            table.require(index)
            wrong = wrong_count(table, index)
            if wrong:
                raise DataError(wrong)
        self.logs = np.empty((table.count, len(columns)), dtype=np.float32)  # ln(1 + count)
        for place, index in enumerate(columns):
            self.logs[:, place] = np.log1p(table.column(index))
        self._trained = trained_rows(self.file, table.count, T)
        training = self.trained
        self.mean = float(training.mean(dtype=np.float64))
        self.scale = float(training.std(dtype=np.float64))
        if self.scale <= 1e-6 * max(1.0, self.mean):
            raise DataError(
                f"{self.file}: all counts in the training part are the same, so there is nothing to "
                "forecast; choose another file."
            )
        change = np.diff(training, axis=0) / np.float32(self.scale)
        self.trivial_loss = float(np.mean(change * change, dtype=np.float64))
        shown = np.arange(max(self._trained, table.count - TEST_FORECASTS), table.count)
        order = np.argsort(self.logs[shown].max(axis=0), kind="stable")
        places = order[[0, order.size // 2, -1]] if order.size > 3 else np.arange(order.size)
        self._days, self._areas = np.tile(shown, places.size), np.repeat(places, shown.size)
        counts = np.stack([table.column(columns[place]) for place in places], axis=1)
        self.wanted, self.day_before = (counts[shown - ago].T.ravel() for ago in (0, 1))
        one = places.size == 1
        self.positions = axis_of(table)[1][shown] if one else np.arange(1.0, 1 + self.wanted.size)
        names = ", ".join(table.names[columns[place]][:20] for place in places)
        self.position_name = f"day, {names}" if one else f"day, {names} one after another"

    @property
    def trained(self) -> Float32:
        """What is trained on, as ln(1 + count) (days, areas)."""
        return self.logs[: self._trained]

    def windows(self, rng: np.random.Generator, count: int) -> Float32:
        """Draw T + 1 days of what is trained on, of any area, as ln(1 + count) (T + 1, count)."""
        starts = rng.integers(0, self._trained - self._T, count)
        areas = rng.integers(0, self.logs.shape[1], count)
        drawn: Float32 = self.logs[starts + np.arange(self._T + 1)[:, np.newaxis], areas]
        return drawn

    def end(self) -> Float32:
        """Return the last T + 1 days of the area that reports most in them, as ln(1 + count) (T + 1, 1)."""
        last = self.logs[-self._T - 1 :]
        return last[:, [int(np.argmax(last.sum(axis=0)))]]

    def before(self) -> Float32:
        """Return the T days before each day shown, as ln(1 + count) (T, N)."""
        days: Float32 = self.logs[self._days - self._T + np.arange(self._T)[:, np.newaxis], self._areas]
        return days


def area_columns(table: Table, chosen: str) -> tuple[int, ...]:
    """Return the columns that are areas, as the setting `counts_areas` has it.

    Raises DataError for a column that is not there; OpenQuestion where columns look like totals of others and nobody
    has chosen.
    """
    if chosen and chosen.strip().casefold() != "all":
        return table.find_each(chosen)
    dates = (Role.DATE, Role.COUNTS, Role.PLACE, Role.EMPTY)
    columns = [index for index, column in enumerate(table.columns) if column.role not in dates]
    first = table.flaws[0]
    if columns[:1] == [0] and len(table.names) > 1 and first is not None and first.row == 0 and not first.missing:
        columns = columns[1:]
    if not columns:
        columns = list(range(len(table.names) > 1, len(table.names)))
    totals = [index for index in columns if table.columns[index].role is Role.TOTAL]
    if totals and not chosen and not table.as_before:
        areas = [index for index in columns if table.columns[index].role is not Role.TOTAL]
        raise _question_of_totals(table, areas, totals)
    return tuple(columns)


def _question_of_totals(table: Table, areas: list[int], totals: list[int]) -> OpenQuestion:
    names = ", ".join(repr(table.names[index]) for index in totals[:MOST_NAMED]) + " …" * (len(totals) > MOST_NAMED)
    without = table.written(areas)
    return OpenQuestion(
        f"{table.path.name}: {names} never decrease{'s' * (len(totals) == 1)}, as running totals do; say "
        f'which columns are areas, with --areas "{without}" to leave {"them" if len(totals) > 1 else "it"} out or '
        "--areas all.",
        "counts_areas",
        (Choice(without, f"without {names}"), Choice("all", "every column")),
    )


def wrong_count(table: Table, index: int) -> str:
    """Return a sentence on the first number of a column that is no whole number of at least 0, "" if none is wrong."""
    values = table.values[index]
    wrong = np.flatnonzero((values < 0) | (values != np.floor(values)))
    if not wrong.size:
        return ""
    return (
        f"{table.path.name}, line {table.lines[wrong[0]]}, column {table.names[index]!r}: a whole number of at "
        f"least 0 was expected, but found {exact(values[wrong[0]])}; correct the cell or remove its row."
    )


class OutbreakTask(TableTask):
    """Input: reported counts y_1 … y_T of one area. Target, at every time step: the next count.

    Each infectious person is reported with the same probability: y ~ Binomial(I, reported_share). Where R0 is below 1,
    and by chance also above, the disease dies out; elsewhere it sweeps through the area. The network reads and
    predicts ln(1 + y), normalised by mean and standard deviation over many areas, so that a
    day with few cases weighs as much as one with many. The trivial answer is "tomorrow as today".

    Where the setting `counts_file` names a file, its counts y take the place of simulated ones: windows of all areas,
    of the earlier four fifths of the days, are learnt from; each test forecast sees the T days before it.
    should_stop is asked while the file is read.
    Raises DataError, in one sentence, for a file or a cell that cannot be used; ReadingStoppedError where should_stop
    says so.
    """

    name = "outbreak"
    title = "Outbreak counts"
    about = (
        "Input: infectious people reported each day. Target: tomorrow's count. Once the outbreak is over, old counts "
        "no longer matter."
    )
    uses = (*READING, "counts_areas", "outbreak_r0", "reported_share")
    data_file = "counts_file"
    columns_are = "Each column is an area of an outbreak"
    input_size = 1
    output_size = 1
    every_step = True
    loss_name = "mean squared error of ln(1 + count) (normalised)"
    measure_name = "mean absolute error of the count"
    measure_unit = "people"
    trivial_name = "predicting today's count again"
    prediction_kind = "series"
    position_name = "day, for three areas one after another"
    value_name = "reported infectious people"
    input_names = ("ln(1 + count), normalised",)
    criterion = "better than the trivial answer; for your own counts, on the held-out days"
    source = "SIR model: Kermack and McKendrick 1927; chain binomial: Bailey 1975"

    def __init__(self, config: TaskSettings, should_stop: Callable[[], bool] = never) -> None:
        super().__init__(config)
        self._own: OwnCounts | None = None
        if config.counts_file:
            table = read_table(user_path(config.counts_file), answers_of(config), should_stop)
            own = self._own = OwnCounts(table, config.counts_areas, config.sequence_length)
            self.config, self.notes = as_read(config, table), table.notes
            self._mean, self._scale, self.trivial_loss = own.mean, own.scale, own.trivial_loss
            self.position_name, self.value_name = own.position_name, "count of the day"
            self.source = f"your counts: {own.file}"
        else:
            self._prepare_simulated()

    def _prepare_simulated(self) -> None:
        config = self.config
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

    def _normalised(self, logs: NDArray[np.floating[Any]]) -> Float32:
        return np.asarray((logs - self._mean) / self._scale, dtype=np.float32)[:, :, np.newaxis]

    def examples(self, rng: np.random.Generator, count: int) -> Examples:
        """Draw examples: x and target (T, count, 1), one day apart."""
        if self._own is not None:
            values = self._normalised(self._own.windows(rng, count))
        else:
            values = self._normalised(np.log1p(self.reported(rng, self.config.sequence_length + 1, count)))
        return values[:-1], values[1:]

    def probe(self) -> Examples:
        """Return an area that is drawn, or the end of the user's own that reports most: (T, 1, 1) each."""
        if self._own is None:
            return super().probe()
        values = self._normalised(self._own.end())
        return values[:-1], values[1:]

    def _test_counts(self) -> People:
        """Return the counts of three of 64 areas, (days, 3): by their peak the lowest, the middle and the highest."""
        rng = np.random.default_rng((self.config.seed, TEST_STREAM))
        days = min(self.config.sequence_length, SHOWN_DAYS) + 1
        counts = self.reported(rng, days, TEST_AREAS)
        order = np.argsort(counts.max(axis=0), kind="stable")
        return counts[:, order[[0, TEST_AREAS // 2, -1]]]

    def test_batch(self) -> tuple[Float32, Reals]:
        """Return three fixed areas, x (days, 3, 1), and the counts to forecast, area after area (3 days,).

        Of the user's own counts: the T days before each forecast, x (T, N, 1), and the counts (N,).
        """
        if self._own is not None:
            return self._normalised(self._own.before()), self._own.wanted
        counts = self._test_counts()
        return self._normalised(np.log1p(counts[:-1])), counts[1:].T.ravel().astype(np.float32)

    def positions(self) -> Reals:
        """Return the day of each count, areas counted through one after another, (N,)."""
        return super().positions() if self._own is None else self._own.positions

    def on_held_out(self, output: Float32) -> HeldOut | None:
        """Return the mean absolute error of the user's held-out counts, and that of the count before each."""
        if self._own is None:
            return None
        wanted = self._own.wanted
        measure, trivial = (
            float(np.mean(np.abs(answer - wanted))) for answer in (self.shown(output), self._own.day_before)
        )
        above = count_beyond(np.log1p(wanted).astype(np.float32), self._own.trained)
        return HeldOut(wanted.size, self.measure_name, measure, self.trivial_name, trivial, above)

    @staticmethod
    def require_columns(table: Table, config: TaskSettings, wrong_counts: Mapping[int, str]) -> None:
        """Raise DataError or OpenQuestion where a column that the settings choose holds no counts."""
        for index in area_columns(table, config.counts_areas):
            table.require(index)
            if index in wrong_counts:
                raise DataError(wrong_counts[index])

    def network_names(self) -> tuple[tuple[str, ...], str]:
        """Return the names of the logarithms that go in and come out."""
        return self.input_names, f"next {self.input_names[0]}"

    def in_units(self, output: Float32) -> Reals:
        """Turn normalised logarithms into counts, none below 0, same shape, float64."""
        return np.maximum(np.expm1(output.astype(np.float64) * self._scale + self._mean), 0)

    def shown(self, output: Float32) -> Reals:
        """Return the forecast of each count shown, area after area (N,)."""
        if self._own is not None:
            return super().shown(output)
        return self.in_units(output[:, :, 0].T.ravel())

    def batch_loss_and_measure(self, output: Any, target: Any) -> tuple[Any, Any]:
        """Return the mean squared error of normalised logarithms, and the mean absolute error in people."""
        loss = (output - target).square().mean()
        forecast, count = (
            (values.detach() * self._scale + self._mean).expm1().clamp(min=0) for values in (output, target)
        )
        return loss, (forecast - count).abs().mean()
