"""The settings of the task: which one it is, its data, and how a data file is read."""

from __future__ import annotations

from dataclasses import dataclass, fields
from functools import partial

from ..setting import Section, declared

AS_BEFORE = {"data_decimal": "either", "data_order": "as it is"}
"""How a file was read by runs that were recorded before that could be chosen."""
_learnt = partial(declared, section=Section.LEARNT)
_of_data = partial(_learnt, data=True, compared=False)
_of_reading, _of_columns = partial(_of_data, says="reading"), partial(_of_data, says="columns")


@dataclass(frozen=True)
class TaskSettings:
    """What is learnt; the first of all settings of a run."""

    task: str = "adding"
    """Its name; declared where every task is known."""
    series_file: str = _of_data(
        "",
        "Data file",
        "A CSV file with one row per time step; leave empty for the yearly sunspot numbers.",
        "table",
        zero="yearly sunspot numbers, shipped",
    )
    series_column: str = _of_columns(
        "",
        "Column",
        "The column to forecast, by its name or its number from 1; automatic chooses the only column that is not a "
        "row number, part of a date or constant.",
        "text",
    )
    series_inputs: str = _of_columns(
        "",
        "Input columns",
        "The columns that the network reads, by name or number, separated by commas; leave empty for only the "
        "forecast column, or type all for every column of values.",
        "text",
    )
    text_file: str = _of_data(
        "",
        "Text file",
        "A text to learn, character by character; leave empty for Alice's Adventures in Wonderland.",
        "file",
        zero="Alice’s Adventures in Wonderland, shipped",
    )
    counts_file: str = _of_data(
        "",
        "Counts file",
        "Your own counts as CSV, a row for each day and a column for each area; leave empty for simulated outbreaks.",
        "table",
        zero="simulated outbreaks",
    )
    data_decimal: str = _of_reading(
        "",
        "Decimal sign",
        "Whether numbers in the data file have a decimal point or comma, if the numbers themselves do not show it.",
        "choice",
        choices={
            "": "As the file shows",
            "point": "Point: 1,234.5",
            "comma": "Comma: 1.234,5",
            "either": "Either, as in older recordings",
        },
        flag="decimal",
    )
    data_header: str = _of_reading(
        "",
        "Column names",
        "Whether the first row of the data file names its columns.",
        "choice",
        choices={"": "As the file shows", "yes": "In the first row", "no": "None"},
        flag="header",
    )
    data_missing: str = _of_reading(
        "refuse",
        "Missing values",
        "What to do if a number is missing: refuse the file, repeat the value before, or fill the gap with a line "
        "between its neighbours.",
        "choice",
        choices={"refuse": "Refuse", "carry": "Repeat the last value", "interpolate": "Interpolate"},
        flag="missing",
    )
    data_marks: str = _of_reading(
        "",
        "Marks",
        "Values that mean missing, besides empty cells, NA and the like, separated by commas, such as -1, 999.",
        "text",
        flag="marks",
    )
    data_dates: str = _of_reading(
        "",
        "Dates",
        "What comes first in dates such as 1/2/2021, if no number above 12 shows it.",
        "choice",
        choices={"": "As the file shows", "day first": "Day first", "month first": "Month first"},
        flag="dates",
    )
    data_order: str = _of_reading(
        "",
        "Order of rows",
        "Whether rows are sorted by date, oldest first, or used in the file's order.",
        "choice",
        choices={"": "By date", "as it is": "As it is"},
        flag="order",
    )
    counts_areas: str = _of_columns(
        "",
        "Areas",
        "Which columns of the counts file are areas, by name or number, separated by commas; leave empty for all "
        "columns but dates, or type all to include those that never decrease, as running totals do.",
        "text",
        flag="areas",
    )
    sine_noise: float = _of_data(
        0.1,
        "Noise",
        "The standard deviation of the noise on each value of a sine between -1 and 1.",
        "float",
        minimum=0.0,
        maximum=10.0,
    )
    outbreak_r0: float = _of_data(
        3.0,
        "Largest R0",
        "How many people one person infects at first, at most; areas have 0.5 or more. Below 1 the disease dies out.",
        "float",
        minimum=0.6,
        maximum=20.0,
        only_when=("counts_file", ""),
    )
    reported_share: float = _of_data(
        0.3,
        "Reported fraction",
        "The probability that an infectious person is counted on a given day.",
        "float",
        minimum=0.01,
        maximum=1.0,
        only_when=("counts_file", ""),
    )
    sequence_length: int = _learnt(
        50,
        "Sequence length T",
        "How many time steps a training sequence has; strings may be shorter, and copying memory adds 20.",
        "int",
        unit="time steps",
        minimum=4,
        maximum=5000,
        symbol="T",
        data=True,
    )
    batch_size: int = _learnt(
        32,
        "Batch size B",
        "How many sequences each training step learns from.",
        "int",
        unit="sequences",
        minimum=1,
        maximum=4096,
        symbol="B",
    )
    seed: int = _learnt(
        1,
        "Seed",
        "Determines the initial weights and the data; the same seed gives the same run.",
        "int",
        minimum=0,
        maximum=2**31 - 1,
        compared=False,
        more=True,
    )


READING = tuple(e.name for e in fields(TaskSettings) if e.metadata and e.metadata["setting"].says == "reading")
"""The settings that say how a data file is read."""
