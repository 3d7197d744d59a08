"""Forecast of the next value of a series: one column of a CSV file, by default the yearly sunspot numbers."""

from dataclasses import dataclass
from importlib.resources import as_file, files
from pathlib import Path
from typing import Any

import numpy as np

from engine.config import TrainingConfig
from engine.tasks.base import Examples, Float32, Task
from engine.tasks.table import Column, DataError, Table, read_table

HELD_OUT = 0.2  # the share of the series, at its end, that training never sees
TEST_FORECASTS = 64  # at most; the last ones of the held-out end


def shipped_series() -> Table:
    """Return the yearly sunspot numbers, 1700 to 2008."""
    with as_file(files("resources") / "data" / "sunspots-yearly.csv") as path:
        return read_table(path)


def series_table(file: str) -> Table:
    """Return the table that the setting `series_file` means; "" is the shipped one.

    Raises DataError, in one sentence, for a file that cannot be read.
    """
    if not file:
        return shipped_series()
    try:
        path = Path(file).expanduser()
    except RuntimeError as error:  # ~somebody
        raise DataError(f"{file}: there is no such home folder; choose another file.") from error
    return read_table(path)


@dataclass(frozen=True)
class Columns:
    """The columns of a data file that can be forecast, for a list to pick from.

    automatic: the name of the column that "" means. choices: those that begin with a number.
    """

    table: Table
    automatic: str
    choices: tuple[Column, ...]

    def index(self, column: str) -> int | None:
        """Return the place of the column that a setting means, None if the file has none such."""
        try:
            return self.table.find(column)
        except DataError:
            return None

    def value(self, column: str) -> str:
        """Return the choice that means the same column, written as in `choices`; `column` itself if none does."""
        if not column:
            return ""
        index = self.index(column)
        return next((choice.value for choice in self.choices if choice.index == index), column)

    def check(self, column: str) -> None:
        """Raise DataError, in one sentence, for a column that the file has not or that begins with no number."""
        if not column:
            return  # there is an automatic column, or there were no Columns
        index = self.table.find(column)
        if index not in self.table.numeric_columns():
            self.table.column(index)  # refuses its first cell by name


def columns_of(file: str) -> Columns:
    """Return the columns to pick from in the file that the setting `series_file` means.

    Raises DataError, in one sentence, for a file that cannot be read or has no column of numbers.
    """
    table = series_table(file)
    return Columns(table, table.names[table.find("")], table.choices())


class SeriesTask(Task):
    """Values v_1 … v_T of one column go in, and at every step the network answers with the next value.

    It answers at every step, not only at the last: each window then teaches T forecasts, and the probe shows
    how a forecast sharpens as the cell sees more. Values are normalised by the mean and the standard
    deviation of the part that is trained on. The last fifth is held out; each test forecast sees the T values
    before it, and nothing else. The trivial answer is "the next value is the present one", measured on the
    part that is trained on.

    Raises DataError, in one sentence, for a file, a column or a cell that cannot be used.
    """

    name = "series"
    title = "Series forecast"
    input_size = 1
    output_size = 1
    every_step = True
    loss_name = "mean squared error (normalised)"
    trivial_name = "answering with the present value"
    prediction_kind = "series"
    criterion = "below the trivial answer"
    source = "textbook; the shipped series: yearly sunspot numbers, 1700 to 2008"

    def __init__(self, config: TrainingConfig) -> None:
        super().__init__(config)
        table = series_table(config.series_file)
        index = table.find(config.series_column)
        self._values = table.column(index)
        counting = table.counting_column()
        usable = counting is not None and counting != index
        self.position_name = table.names[0] if usable else "row"
        count = self._values.size
        self._positions = table.column(0) if usable else np.arange(1.0, count + 1)
        self.value_name = table.names[index]
        self.input_names = (self.value_name,)
        self.measure_name = f"root mean squared error of {self.value_name}"
        self._normalise(table.path.name)

    def _normalise(self, file: str) -> None:
        T = self.config.sequence_length
        count = self._values.size
        held_out = int(count * HELD_OUT)
        self._trained = count - held_out
        needed = int(np.ceil((T + 1) / (1 - HELD_OUT))) + 1
        if self._trained < T + 1 or held_out < 1:
            raise DataError(
                f"{file} has {count} rows, but sequences of {T} time steps need at least {max(needed, 5)}; "
                "choose a shorter sequence length or a longer file."
            )
        training = self._values[: self._trained]
        self._mean = float(training.mean())
        self._scale = float(training.std())
        if not np.isfinite(self._scale) or self._scale <= 1e-12 * max(1.0, abs(self._mean)):
            raise DataError(
                f"{file}, column {self.value_name!r}: all values that would be trained on are the same, so "
                "there is nothing to forecast; choose another column."
            )
        self._normal = ((self._values - self._mean) / self._scale).astype(np.float32)
        change = np.diff(self._normal[: self._trained].astype(np.float64))
        self.trivial_loss = float(np.mean(change * change))

    def examples(self, rng: np.random.Generator, count: int) -> Examples:
        """Draw windows of the part that is trained on: x and target (T, count, 1), one step apart."""
        T = self.config.sequence_length
        starts = rng.integers(0, self._trained - T, count)
        window = self._normal[starts + np.arange(T + 1)[:, np.newaxis]]  # (T + 1, count)
        return window[:-1, :, np.newaxis], window[1:, :, np.newaxis]

    def probe(self) -> Examples:
        """Return the last T + 1 values of the series: x (T, 1, 1), target (T, 1, 1)."""
        end = self._normal[-self.config.sequence_length - 1 :, np.newaxis, np.newaxis]
        return end[:-1], end[1:]

    def _test_places(self) -> np.ndarray[Any, np.dtype[np.int64]]:
        count = self._values.size
        return np.arange(max(self._trained, count - TEST_FORECASTS), count)

    def test_batch(self) -> Examples:
        """Return one window before each held-out value: x (T, N, 1), target (N,) in the data's units."""
        T = self.config.sequence_length
        places = self._test_places()
        x = self._normal[places - T + np.arange(T)[:, np.newaxis]]
        return x[:, :, np.newaxis], self._values[places].astype(np.float32)

    def positions(self) -> Float32:
        """Return the year, or whatever the first column counts, of each held-out value, (N,)."""
        return np.asarray(self._positions[self._test_places()], dtype=np.float32)

    def in_units(self, output: Float32) -> Float32:
        """Undo the normalisation, same shape."""
        return np.asarray(output * self._scale + self._mean, dtype=np.float32)

    def batch_loss_and_measure(self, output: Any, target: Any) -> tuple[Any, Any]:
        """Return the mean squared error of normalised values, and its root in the data's units."""
        loss = (output - target).square().mean()
        return loss, loss.detach().sqrt() * self._scale
