"""The settings of the task: which one, its data, and how a data file is read."""

from __future__ import annotations

from dataclasses import dataclass
from functools import partial

from .setting import OWN, Section, declared

_OF_FILES = ("task", "series", "outbreak")
AS_BEFORE = {"data_decimal": "either", "data_order": "as it is"}
"""How a file was read by runs that were recorded before that could be chosen."""
_of_data = partial(declared, section=Section.LEARNT, data=True, compared=False)


@dataclass(frozen=True)
class TaskSettings:
    """What is learnt; the first of all settings of a run."""

    task: str = _of_data(
        "adding",
        "Task",
        "What the network learns.",
        "choice",
        choices=(
            "adding",
            "multiplication",
            "temporal-order",
            "temporal-order-3",
            "embedded-reber",
            "continual-reber",
            "copying",
            "anbn",
            "anbncn",
            "parity",
            "sine",
            "outbreak",
            "series",
            "characters",
        ),
        choice_labels=(
            "Adding problem",
            "Multiplication problem",
            "Temporal order, 2 symbols",
            "Temporal order, 3 symbols",
            "Embedded Reber grammar",
            "Continual Reber grammar",
            "Copying memory",
            "aⁿbⁿ",
            "aⁿbⁿcⁿ",
            "Parity",
            "Noisy sine",
            "Outbreak counts",
            "Series forecast",
            "Characters of a text",
        ),
        accepts=f"{OWN}.+",  # whether there is such a file is found out when it is loaded
    )
    series_file: str = _of_data(
        "",
        "Data file",
        "A CSV file with one row per time step; leave empty for the yearly sunspot numbers.",
        "file",
        only_when=("task", "series"),
    )
    series_column: str = _of_data(
        "",
        "Column",
        "The column to forecast, by its name or its number from 1; automatic chooses the only column that is not a "
        "row number, part of a date or constant.",
        "text",
        only_when=("task", "series"),
        says="columns",
    )
    series_inputs: str = _of_data(
        "",
        "Input columns",
        "The columns that the network reads, by name or number, separated by commas; leave empty for only the "
        "forecast column, or type all for every column of values.",
        "text",
        only_when=("task", "series"),
        says="columns",
    )
    text_file: str = _of_data(
        "",
        "Text file",
        "A text to learn, character by character; leave empty for Alice's Adventures in Wonderland.",
        "file",
        only_when=("task", "characters"),
    )
    counts_file: str = _of_data(
        "",
        "Counts file",
        "Your own counts as CSV, a row for each day and a column for each area; leave empty for simulated outbreaks.",
        "file",
        only_when=("task", "outbreak"),
    )
    data_decimal: str = _of_data(
        "",
        "Decimal sign",
        "Whether numbers in the data file have a decimal point or comma, if the numbers themselves do not show it.",
        "choice",
        choices=("", "point", "comma", "either"),
        choice_labels=("As the file shows", "Point: 1,234.5", "Comma: 1.234,5", "Either, as in older recordings"),
        only_when=_OF_FILES,
        flag="decimal",
        says="reading",
    )
    data_header: str = _of_data(
        "",
        "Column names",
        "Whether the first row of the data file names its columns.",
        "choice",
        choices=("", "yes", "no"),
        choice_labels=("As the file shows", "In the first row", "None"),
        only_when=_OF_FILES,
        flag="header",
        says="reading",
    )
    data_missing: str = _of_data(
        "refuse",
        "Missing values",
        "What to do if a number is missing: refuse the file, repeat the value before, or fill the gap with a line "
        "between its neighbours.",
        "choice",
        choices=("refuse", "carry", "interpolate"),
        choice_labels=("Refuse", "Repeat the last value", "Interpolate"),
        only_when=_OF_FILES,
        flag="missing",
        says="reading",
    )
    data_marks: str = _of_data(
        "",
        "Marks",
        "Values that mean missing, besides empty cells, NA and the like, separated by commas, such as -1, 999.",
        "text",
        only_when=_OF_FILES,
        flag="marks",
        says="reading",
    )
    data_dates: str = _of_data(
        "",
        "Dates",
        "What comes first in dates such as 1/2/2021, if no number above 12 shows it.",
        "choice",
        choices=("", "day first", "month first"),
        choice_labels=("As the file shows", "Day first", "Month first"),
        only_when=_OF_FILES,
        flag="dates",
        says="reading",
    )
    data_order: str = _of_data(
        "",
        "Order of rows",
        "Whether rows are sorted by date, oldest first, or used in the file's order.",
        "choice",
        choices=("", "as it is"),
        choice_labels=("By date", "As it is"),
        only_when=_OF_FILES,
        flag="order",
        says="reading",
    )
    counts_areas: str = _of_data(
        "",
        "Areas",
        "Which columns of the counts file are areas, by name or number, separated by commas; leave empty for all "
        "columns but dates, or type all to include those that never decrease, as running totals do.",
        "text",
        only_when=("task", "outbreak"),
        flag="areas",
        says="columns",
    )
    sine_noise: float = _of_data(
        0.1,
        "Noise",
        "The standard deviation of the noise on each value of a sine between -1 and 1.",
        "float",
        minimum=0.0,
        maximum=10.0,
        only_when=("task", "sine"),
    )
    outbreak_r0: float = _of_data(
        3.0,
        "Largest R0",
        "How many people one person infects at first, at most; areas have 0.5 or more. Below 1 the disease dies out.",
        "float",
        minimum=0.6,
        maximum=20.0,
        only_when=("task", "outbreak"),
    )
    reported_share: float = _of_data(
        0.3,
        "Reported share",
        "The probability that an infectious person is counted on a given day.",
        "float",
        minimum=0.01,
        maximum=1.0,
        only_when=("task", "outbreak"),
    )
