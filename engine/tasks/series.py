"""Series forecast: predict the next value of a column of a CSV file, by default the yearly sunspot numbers."""

import itertools
from collections.abc import Callable, Mapping
from dataclasses import replace
from typing import Any

import numpy as np

from ..shipped import SHIPPED
from ..tables.answers import Answers, DataError, never
from ..tables.dates import Float64
from ..tables.reading import read_table
from ..tables.table import Table
from ..tables.text_file import user_path
from .base import Examples, Float32, Reals, TableTask
from .data_file import answers_of, as_read, axis_of
from .held_out import HeldOut, count_beyond
from .task_settings import READING, TaskSettings

HELD_OUT = 0.2  # the share of the series, at its end, that training never sees
TEST_FORECASTS = 64  # at most; the last ones of the held-out end
MOST_INPUTS = 1024


def series_table(file: str, should_stop: Callable[[], bool] = never, answers: Answers = Answers()) -> Table:  # noqa: B008
    """Return the table that the setting `series_file` means; "" is the shipped one, sunspot numbers of 1700 to 2008.

    Raises DataError, in one sentence, for a file that cannot be read.
    """
    if file:
        return read_table(user_path(file), answers, should_stop)
    return read_table(SHIPPED / "data" / "sunspots-yearly.csv")


def input_columns(table: Table, config: TaskSettings) -> tuple[int, ...]:
    """Return the columns that go in, as the setting `series_inputs` says; "" is the forecast column alone.

    Raises DataError for a column that is not there or holds something else than numbers, and for too many.
    """
    if not config.series_inputs.strip():
        return (table.find(config.series_column),)
    columns = table.find_each(config.series_inputs)
    if not columns:
        raise DataError(
            f"{table.path.name}: {config.series_inputs!r} names no input column; separate names by commas, or leave "
            "Input columns empty."
        )
    if len(columns) > MOST_INPUTS:
        raise DataError(f"{table.path.name}: {len(columns)} input columns are chosen; choose at most {MOST_INPUTS}.")
    for index in columns:
        table.require(index)
    return columns


def trained_rows(file: str, count: int, T: int) -> int:
    """Return how many of a file's rows, from its first, are trained on.

    Raises DataError where sequences of T time steps do not fit into them or nothing is held out.
    """
    rows = _rows_to_train_on(count, T)
    if not rows:
        needed = next(more for more in itertools.count(T + 1) if _rows_to_train_on(more, T))
        raise DataError(
            f"{file} has {count} row{'s' * (count != 1)}, but sequences of {T} time steps need at least {needed}; "
            "choose a shorter sequence length or a longer file."
        )
    return rows


def _rows_to_train_on(count: int, T: int) -> int:
    """Return how many of `count` rows are trained on; 0 where T time steps do not fit or nothing is held out."""
    held_out = int(count * HELD_OUT)
    return count - held_out if held_out >= 1 and count - held_out >= T + 1 else 0


class SeriesTask(TableTask):
    """Input: values v_1 … v_T of some columns. Target, at every time step: the next value of one column.

    The network predicts at every step, not only at the last: each window then teaches T forecasts, and the probe shows
    how a forecast sharpens as the cell sees more. Each column is normalised by its own mean and standard
    deviation over the part that is trained on. The last fifth is held out; each test forecast sees the T values
    before it, and nothing else. The trivial answer is "the next value is the present one", measured on the
    part that is trained on.

    input_size is that of the object: as many as columns go in. should_stop is asked while a file is read.
    Raises DataError, in one sentence, for a file, a column or a cell that cannot be used; ReadingStoppedError where
    should_stop says so.
    """

    name = "series"
    title = "Series forecast"
    about = "Input: values, one after another. Target, at every time step: the next value."
    uses = (*READING, "series_column", "series_inputs")
    data_file = "series_file"
    reads_shipped = True
    columns_are = "One column is forecast"
    inputs_from = "series_inputs"
    input_size = 1
    output_size = 1
    every_step = True
    loss_name = "mean squared error (normalised)"
    trivial_name = "predicting the present value again"
    prediction_kind = "series"
    criterion = "better than the trivial answer on the held-out rows"
    source = "textbook; the shipped series: yearly sunspot numbers, 1700 to 2008"

    def __init__(self, config: TaskSettings, should_stop: Callable[[], bool] = never) -> None:
        super().__init__(config)
        table = series_table(config.series_file, should_stop, answers_of(config))
        self._file = table.path.name
        table.require_rows()
        index = table.find(config.series_column)
        self._values = table.column(index)
        inputs = input_columns(table, config)
        if config.series_file:
            self.source = f"your data: {self._file}"
            column = config.series_column or table.value_of(index)
            self.config = replace(as_read(config, table), series_column=column)
            self.notes = table.notes
        self.position_name, self._positions = axis_of(table, index)
        self.value_name = table.names[index]
        self.input_names = tuple(table.names[column] for column in inputs)
        self.input_size = len(inputs)
        self.measure_name = f"root mean squared error of {self.value_name}"
        self._trained = trained_rows(self._file, table.count, config.sequence_length)
        refusal = "there is nothing to forecast; choose another column"
        self._mean, self._scale = self._mean_and_scale(self.value_name, self._values, refusal)
        self._normal = self._normalised(self._values, self._mean, self._scale)  # (rows,)
        change = np.diff(self._normal[: self._trained].astype(np.float64))
        self.trivial_loss = float(np.mean(change * change))
        self._inputs = self._normal[:, np.newaxis] if inputs == (index,) else self._input_values(table, inputs)

    def _mean_and_scale(self, name: str, values: Float64, refusal: str) -> tuple[float, float]:
        training = values[: self._trained]
        with np.errstate(over="ignore", invalid="ignore"):
            mean, scale = float(training.mean()), float(training.std())
        if not np.isfinite(scale):
            raise DataError(f"{self._file}, column {name!r}: the numbers are too large; write them in a larger unit.")
        if scale <= 1e-12 * max(1.0, abs(mean)):
            raise DataError(
                f"{self._file}, column {name!r}: all values in the training part are the same, so {refusal}."
            )
        return mean, scale

    def _normalised(self, values: Float64, mean: float, scale: float) -> Float32:
        return np.asarray((values - mean) / scale, dtype=np.float32)

    def _input_values(self, table: Table, inputs: tuple[int, ...]) -> Float32:
        """Return the columns that go in, each normalised by itself, (rows, m)."""
        refusal = "it tells the network nothing; leave it out of the input columns"
        columns = ((table.names[index], table.column(index)) for index in inputs)
        normal = [self._normalised(values, *self._mean_and_scale(name, values, refusal)) for name, values in columns]
        return np.stack(normal, axis=1)

    def examples(self, rng: np.random.Generator, count: int) -> Examples:
        """Draw windows of the part that is trained on: x (T, count, m), target (T, count, 1), one step later."""
        T = self.config.sequence_length
        places = rng.integers(0, self._trained - T, count) + np.arange(T)[:, np.newaxis]  # (T, count)
        return self._inputs[places], self._normal[places + 1][:, :, np.newaxis]

    def probe(self) -> Examples:
        """Return the end of the series: x (T, 1, m), target (T, 1, 1)."""
        T = self.config.sequence_length
        return self._inputs[-T - 1 : -1, np.newaxis], self._normal[-T:, np.newaxis, np.newaxis]

    def _test_places(self) -> np.ndarray[Any, np.dtype[np.int64]]:
        count = self._values.size
        return np.arange(max(self._trained, count - TEST_FORECASTS), count)

    def test_batch(self) -> tuple[Float32, Reals]:
        """Return one window before each held-out value: x (T, N, m), target (N,) in the data's units."""
        T = self.config.sequence_length
        places = self._test_places()
        return self._inputs[places - T + np.arange(T)[:, np.newaxis]], self._values[places]

    def positions(self) -> Reals:
        """Return the year, the day, or whatever counts the rows, of each held-out value, (N,)."""
        positions: Reals = self._positions[self._test_places()]
        return positions

    @staticmethod
    def require_columns(table: Table, config: TaskSettings, wrong_counts: Mapping[int, str]) -> None:
        """Raise DataError or OpenQuestion where the columns that the settings choose cannot be learnt."""
        del wrong_counts  # any number can be forecast
        table.require(table.find(config.series_column))
        input_columns(table, config)

    def network_names(self) -> tuple[tuple[str, ...], str]:
        """Return the names of the normalised columns that go in, and of the one that comes out."""
        return tuple(f"{name}, normalised" for name in self.input_names), super().network_names()[1]

    def in_units(self, output: Float32) -> Reals:
        """Undo the normalisation, same shape, float64."""
        return output.astype(np.float64) * self._scale + self._mean

    def on_held_out(self, output: Float32) -> HeldOut:
        """Return the root mean squared error of the held-out forecasts, and that of the value before each."""
        places = self._test_places()
        wanted = self._values[places]
        measure, trivial = (
            float(np.sqrt(np.mean(np.square(answer - wanted))))
            for answer in (self.shown(output), self._values[places - 1])
        )
        above = count_beyond(wanted, self._values[: self._trained])
        return HeldOut(places.size, self.measure_name, measure, self.trivial_name, trivial, above)

    def batch_loss_and_measure(self, output: Any, target: Any) -> tuple[Any, Any]:
        """Return the mean squared error of normalised values, and its root in the data's units."""
        loss = (output - target).square().mean()
        return loss, loss.detach().sqrt() * self._scale
