"""The words of the page on a data file: what the file is, what its columns are, and what was found in it."""

from __future__ import annotations

import re
from collections.abc import Sequence

from engine.settings.config import Setting, TrainingConfig, settings
from engine.tables.answers import EITHER, DataError, OpenQuestion
from engine.tables.roles import Role
from engine.tables.table import Table
from engine.tasks.outbreak import OutbreakTask, area_columns
from engine.tasks.series import input_columns
from engine.text.numbers import exact

COLUMNS = tuple(setting.name for setting in settings() if setting.says == "columns")
"""The settings that choose its columns."""

_SIGNS = {",": "commas", ";": "semicolons", "\t": "tabs", "|": "bars", " ": "spaces", "": ""}
_ENCODINGS = {
    "utf-8": "UTF-8",
    "utf-8-sig": "UTF-8",
    "utf-16-le": "UTF-16",
    "utf-16-be": "UTF-16",
    "cp1252": "Windows-1252",
}
_FLAG = re.compile(r"--([a-z][a-z-]*)(?:(=|\s)(\"[^\"]*\"|[-\w.]*\w))?")
_SETTINGS = {setting.flag or setting.name.replace("_", "-"): setting for setting in settings()}
_MOST_NAMED = 4


def facts_of(table: Table) -> str:
    """Return one line of what a file is."""
    rows = f"{table.count:,} row{'s' * (table.count != 1)}, "
    columns = f"{len(table.names):,} column{'s' * (len(table.names) != 1)}"
    sign = _SIGNS.get(table.delimiter, repr(table.delimiter)) if len(table.names) > 1 else ""
    encoding = _ENCODINGS.get(table.encoding, table.encoding)
    return " · ".join(filter(None, (rows + columns, sign, encoding, f"decimal {decimal_of(table)}")))


def decimal_of(table: Table) -> str:
    """Return the sign before decimals, "point" or "comma", or both where columns differ."""
    usable = [index for index, column in enumerate(table.columns) if column.role not in (Role.TEXT, Role.EMPTY)]
    signed = [index for index in usable if _has_sign(table, index)]
    signs = {table.columns[index].decimal for index in signed or usable}
    return " or ".join(sorted(signs, reverse=True)) or "point"


def _has_sign(table: Table, index: int) -> bool:
    """Say whether numbers of a column are seen to have decimals: those of the others could be read either way."""
    column = table.columns[index]
    cells = (cells[index] for _, cells in table.preview if index < len(cells))
    return column.decimal == "comma" or (len(table.values[index]) > 0 and any("." in cell for cell in cells))


def found_words(name: str, table: Table) -> str:
    """Return what the file itself says about one answer; "" where it says nothing that is worth a word."""
    missing = sum(column.missing for column in table.columns if column.role in (Role.VALUE, Role.TOTAL))
    dated = table.positions is not None and table.positions.dated
    match name:
        case "data_decimal":
            return decimal_of(table)
        case "data_header":
            return f"in line {table.header_line}" if table.header_line else "none"
        case "data_missing":
            return f"{missing:,} missing" if missing else "none missing"
        case "data_dates":
            return table.dates or ("clear from the file" if dated else "no dates")
        case "data_order":
            return "not in order" if table.order == "none" else table.order or "no dates"
    return ""


def role_words(table: Table, index: int) -> str:
    """Return what a column is, and why it cannot be used if so, in a few words."""
    column, flaw = table.columns[index], table.flaws[index]
    if column.role is Role.TEXT:
        return f"not numbers: line {flaw.line}: {flaw.words}" if flaw is not None else "not numbers"
    if flaw is not None and flaw.missing and column.role is not Role.EMPTY:
        return f"{column.missing:,} missing: line {flaw.line}: {flaw.words}"
    if column.role is Role.TOTAL:
        return "never decreases, as running totals do"
    return column.reason.removeprefix("it ") or "values"


def learnt_words(table: Table, config: TrainingConfig) -> str:
    """Return what is learnt of a table; "" where that is open or cannot be."""
    try:
        if config.task == OutbreakTask.name:
            areas = [table.names[index] for index in area_columns(table, config.counts_areas)]
            return f"{len(areas):,} area{'s' * (len(areas) > 1)}: {some(areas)}"
        forecast = table.find(config.series_column)
        inputs = input_columns(table, config)
    except DataError:
        return ""
    words = f"{some([table.names[forecast]])} is forecast"
    return words if inputs == (forecast,) else f"{words}, from {some([table.names[index] for index in inputs])}"


def notes_of(table: Table) -> list[str]:
    """Return the notes on a table in the words of the page; what looks like marks has buttons of its own."""
    return [in_window(note) for note in table.notes if "--marks=" not in note]


def column_question(question: OpenQuestion) -> str:
    """Return what is open about the choice of columns, and what was chosen meanwhile."""
    if question.setting == "counts_areas":
        return f"Some columns never decrease, as running totals do. For now: {question.choices[0].words}."
    names = some([choice.words for choice in question.choices])
    return f"Which column is to be forecast? Candidates: {names}. The first is used for now."


def marks_of(table: Table) -> list[tuple[str, str]]:
    """Return what looks like a mark for a missing value, and a sentence on each."""
    found: dict[str, str] = {}
    for index, column in enumerate(table.columns):
        for mark, count, line in column.marks:
            rows = f"{count:,} row{'s' * (count > 1)}"
            sentence = f"“{table.names[index][:40]}” has {exact(mark)} in {rows}, first in line {line}."
            found.setdefault(f"{mark:.10g}", sentence)
    return list(found.items())


def in_window(sentence: str) -> str:
    """Return a sentence with the fields of the window in place of the flags of the command line."""
    return _FLAG.sub(_field, sentence)


def _field(found: re.Match[str]) -> str:
    flag, between, value = found.groups()
    setting = _SETTINGS.get(flag)
    if setting is None:
        return found.group()
    bare = (value or "").strip('"')
    if setting.choices and bare in setting.choices:
        return f"“{setting.label}: {setting.choices[bare]}”"
    if value and (between == "=" or value.startswith('"')):
        return f"“{setting.label}: {bare}”"
    return f"“{setting.label}”{between or ''}{value or ''}"


def choices_of(setting: Setting, value: str) -> list[tuple[str, str]]:
    """Return the choices of an answer with their words; one that only old recordings have, where it is in force."""
    return [(choice, words) for choice, words in setting.choices.items() if choice != EITHER or value == EITHER]


def some(names: Sequence[str]) -> str:
    """Return a few names as a sentence has them."""
    named = ", ".join(f"“{name[:40]}”" for name in names[:_MOST_NAMED])
    return f"{named} and {len(names) - _MOST_NAMED:,} more" if len(names) > _MOST_NAMED else named
