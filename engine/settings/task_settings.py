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
        "A CSV file with one row per moment; empty means the yearly sunspot numbers that are shipped.",
        "file",
        only_when=("task", "series"),
    )
    series_column: str = _of_data(
        "",
        "Column",
        "The column to forecast, by its name or its number from 1; automatic is the only one that does not count the "
        "rows, belong to a date or stay constant.",
        "text",
        only_when=("task", "series"),
        says="columns",
    )
    series_inputs: str = _of_data(
        "",
        "Input columns",
        "Which columns go in, by name or number and with commas between; empty means the forecast column alone, "
        "all means every column of values.",
        "text",
        only_when=("task", "series"),
        says="columns",
    )
    text_file: str = _of_data(
        "",
        "Text file",
        "A text to learn, character by character; empty means the English one that is shipped.",
        "file",
        only_when=("task", "characters"),
    )
    counts_file: str = _of_data(
        "",
        "Counts file",
        "Your own counts as CSV, a row a day and a column an area; empty means simulated outbreaks.",
        "file",
        only_when=("task", "outbreak"),
    )
    data_decimal: str = _of_data(
        "",
        "Decimal sign",
        "The sign before the decimals of the numbers in the data file, where its own numbers leave that open.",
        "choice",
        choices=("", "point", "comma", "either"),
        choice_labels=("As the file shows", "Point: 1,234.5", "Comma: 1.234,5", "Either, as in older recordings"),
        only_when=_OF_FILES,
        flag="decimal",
        says="reading",
    )
    data_header: str = _of_data(
        "",
        "Names of columns",
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
        "What is done where no number stands: the file is refused, the value before is carried on, or the gap is "
        "bridged by a line between its neighbours.",
        "choice",
        choices=("refuse", "carry", "interpolate"),
        choice_labels=("Refuse", "Carry the last value on", "Interpolate"),
        only_when=_OF_FILES,
        flag="missing",
        says="reading",
    )
    data_marks: str = _of_data(
        "",
        "Marks",
        "Values that mean missing besides an empty cell, NA and their like, with commas between, such as -1, 999.",
        "text",
        only_when=_OF_FILES,
        flag="marks",
        says="reading",
    )
    data_dates: str = _of_data(
        "",
        "Dates",
        "What stands first in dates such as 1/2/2021, where no number above 12 shows it.",
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
        "Rows are sorted by their date, the oldest first, or left as they stand.",
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
        "Which columns of the counts file are areas, by name or number and with commas between; empty means every "
        "column that holds no dates, all means also those that never fall, as totals do.",
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
        "Each area's R0, how many people one infects at first, lies between 0.5 and this; below 1 a disease dies out.",
        "float",
        minimum=0.6,
        maximum=20.0,
        only_when=("task", "outbreak"),
    )
    reported_share: float = _of_data(
        0.3,
        "Reported share",
        "The chance that an infectious person is counted on a day.",
        "float",
        minimum=0.01,
        maximum=1.0,
        only_when=("task", "outbreak"),
    )
