"""One row of the library: what each column says about a run, how it is sorted, and which words find it."""

from __future__ import annotations

import math
import re
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from enum import IntEnum
from functools import cache, cached_property, partial
from typing import Any

from engine.recording.library import Run
from engine.runs.verdict.findings import Outlook
from engine.settings.config import TrainingConfig, setting, settings
from engine.settings.words import in_short
from engine.text import numbers
from engine.text.amounts import bytes_in_words, duration
from engine.text.dates import date_words
from engine.text.number_text import readings


class Column(IntEnum):
    """The columns of the library, from left to right."""

    PIN, NAME, TASK, CELL, LOSS, VERDICT, HELD_OUT, STEPS, STATE, DATE, LENGTH, DEVICE, SEED, NOTES = range(14)


HEADS = (
    *("", "name", "task", "cell", "best loss", "verdict", "held out", "steps", "state", "date", "length", "device"),
    *("seed", "notes"),
)
_TIP = 2_000
"""Characters of notes in a tool tip: a file from somebody else may have a million."""
EDITED = frozenset({Column.NAME, Column.NOTES})
"""Columns that the user writes in."""
NUMBERS = frozenset({Column.LOSS, Column.HELD_OUT, Column.STEPS, Column.LENGTH, Column.SEED})
"""Columns that stand at the right of their place."""
IN_TRAINING, STARTING = "in training", "starting"
UNREADABLE = "unreadable"

_OUTLOOKS = list(Outlook)
"""From the best to the worst, as a click sorts them."""
_SAID_AT_ONCE = 3
_SYMBOLS = {item.symbol.lower(): item.name for item in settings() if item.symbol}


@dataclass(frozen=True, eq=False)
class Row:
    """A run as the table shows it. texts, keys: of each column; a key of None sorts last, whichever way.

    words: all that a search looks through, in small letters. values: the settings by name, as they are searched for.
    signature: what decides whether the run looks as it did.
    """

    run: Run
    texts: tuple[str, ...]
    keys: tuple[Any, ...]
    words: str
    values: dict[str, str]
    signature: tuple[object, ...]

    @cached_property
    def file(self) -> str:
        """The name of its file, by which a run is known among the others."""
        return self.run.path.name

    @property
    def named(self) -> bool:
        """Whether the user has called it something."""
        return self.run.about is not None and bool(self.run.about.name)


def signature_of(run: Run) -> tuple[object, ...]:
    """Return what changes whenever the run is to look different in the table."""
    about = run.about
    if about is None:
        return run.problem, run.changed, run.written
    return about.changed, about.steps, about.name, about.notes, about.pinned, run.state, run.written


def row_of(run: Run) -> Row:
    """Return a run as the table shows it."""
    texts = _texts(run)
    values = _searched_values(run.about.config) if run.about is not None else {}
    said = [text.lower() for text in (*texts, run.path.stem, *_setting_words(values))]
    return Row(run, texts, _keys(run, texts), "\n".join(said), values, signature_of(run))


def state_words(run: Run) -> str:
    """Return where a run stands, in one or two words."""
    if run.about is None:
        return STARTING if run.written else UNREADABLE
    return IN_TRAINING if run.written and run.state in ("running", "preparing") else run.state


def _texts(run: Run) -> tuple[str, ...]:
    about = run.about
    date = date_words(run.started, datetime.now(UTC))
    if about is None:
        return "", run.title, *([""] * 6), state_words(run), date, "", "", "", ""
    loss = "" if math.isnan(run.best_loss) else _loss_words(run.best_loss)
    length = duration(run.seconds) if run.seconds else ""
    first_line = run.notes[:_TIP].strip().partition("\n")[0]
    return (
        *("pinned" if run.pinned else "", run.title, run.task, run.sizes, loss, _verdict_words(run)),
        *(
            _held_out_words(run),
            f"{run.steps:,}",
            state_words(run),
            date,
            length,
            run.device,
            "" if run.seed is None else str(run.seed),
            first_line,
        ),
    )


def _keys(run: Run, texts: Sequence[str]) -> tuple[Any, ...]:
    known = run.about is not None
    return (
        *(not run.pinned, *(texts[column].lower() or None for column in (Column.NAME, Column.TASK, Column.CELL))),
        None if math.isnan(run.best_loss) else run.best_loss,
        _OUTLOOKS.index(run.verdict.outlook) if run.verdict is not None else None,
        run.held_out.measure if run.held_out is not None and math.isfinite(run.held_out.measure) else None,
        *(run.steps if known else None, state_words(run), run.started.timestamp()),
        *(run.seconds if known else None, run.device or None, run.seed, run.notes.strip().lower() or None),
    )


def tooltip(row: Row, column: int) -> str:
    """Return all that is known of a run, or its problem; in a column that is edited or rounded, what belongs to it."""
    run = row.run
    about = run.about
    if about is None:
        return run.problem
    if column == Column.NOTES and run.notes:
        return run.notes[:_TIP]
    if column == Column.LOSS and not math.isnan(run.best_loss):
        return f"{numbers.exact(run.best_loss)}: the lowest mean loss over 100 training steps in a row"
    if column == Column.VERDICT and run.verdict is not None:
        return "\n".join(filter(None, (f"{run.verdict.sentence}.", run.verdict.reason, f"{run.verdict.advice}.")))
    if column == Column.HELD_OUT and run.held_out is not None:
        held_out = run.held_out
        return (
            f"{held_out.measure_name} on {held_out.rows:,} held-out rows, which training never sees; in brackets: "
            f"{held_out.trivial_name}"
        )
    size = bytes_in_words(run.nbytes)
    goal = f" of {about.goal:,}" if about.goal > about.steps else ""
    lines = [
        run.title,
        ", ".join([run.task, run.sizes, *_data_words(run, about.config)]),
        f"{about.steps:,}{goal} steps, {state_words(run)}, {size}",
        f"{run.started.astimezone():%Y-%m-%d %H:%M:%S}",
        *([about.place] if about.place else []),
        run.path.name,
    ]
    if column in EDITED:
        lines.append("F2 or a double-click edits it")
    return "\n".join(lines)


def _data_words(run: Run, config: TrainingConfig) -> list[str]:
    """Return what is known of the sequences of a run: nothing of one that was made elsewhere."""
    return [] if run.is_elsewhere else [f"T = {config.sequence_length}", f"B = {config.batch_size}"]


def _held_out_words(run: Run) -> str:
    held_out = run.held_out
    return f"{numbers.grouped(held_out.measure)} ({numbers.grouped(held_out.trivial)})" if held_out is not None else ""


def _verdict_words(run: Run) -> str:
    return str(run.verdict.outlook) if run.verdict is not None else ""


def _loss_words(loss: float) -> str:
    """Return a loss with three digits: runs are told apart by them."""
    plain = loss == 0 or 1e-3 <= abs(loss) < 9_999.5
    return numbers.brief(loss) if plain else numbers.short(loss, style=numbers.Style.SCIENTIFIC)


# Sorting and searching


def sorted_rows(rows: Sequence[Row], column: int, descending: bool) -> list[Row]:
    """Return rows in the order of a column; those of which it knows nothing come last, equal ones stay as they are."""
    known = [row for row in rows if row.keys[column] is not None]
    unknown = [row for row in rows if row.keys[column] is None]
    return sorted(known, key=lambda row: row.keys[column], reverse=descending) + unknown


def found_rows(rows: Sequence[Row], query: str) -> list[Row]:
    """Return the rows that have every word of a query; a setting's name with its value behind it is one word.

    A name whose value is still to be typed hides nothing.
    """
    words, wanted = parsed(query)
    found = _having(rows, words, wanted)
    for used in range(1, len(words) + 1):
        if found:
            break
        if any(name.startswith(" ".join(words[-used:])) for name in _names()):
            found = _having(rows, words[:-used], wanted)
    return found


def _having(rows: Sequence[Row], words: Sequence[str], wanted: Sequence[tuple[str, str]]) -> list[Row]:
    return [
        row
        for row in rows
        if all(row.values.get(name) == value for name, value in wanted) and all(word in row.words for word in words)
    ]


def parsed(query: str) -> tuple[list[str], list[tuple[str, str]]]:
    """Return what a query asks for: words, and settings (name, value): "adam seed 3" is [adam] and [(seed, 3)]."""
    parts = re.sub(r"\s*=\s*", " ", query.lower()).split()
    words: list[str] = []
    wanted: list[tuple[str, str]] = []
    while parts:
        name, used = _setting_name(parts)
        if name and len(parts) > used:
            wanted.append((name, _plain(parts[used])))
            del parts[: used + 1]
        else:
            words.append(parts.pop(0))
    return words, wanted


def _setting_name(parts: Sequence[str]) -> tuple[str, int]:
    """Return the setting that a query begins with and how many words name it; "" where it is an ordinary word."""
    if parts[0] in _SYMBOLS and len(parts) > 1 and _is_number(parts[1]):
        return _SYMBOLS[parts[0]], 1
    for used in range(min(4, len(parts)), 0, -1):
        name = _names().get(" ".join(parts[:used]))
        # "rate of decay" is no value; "cell gru" and "task adding" are.
        if name is not None and len(parts) > used and _can_be(name, parts[used]):
            return name, used
    return "", 0


def _can_be(name: str, value: str) -> bool:
    declared = setting(name)
    return _is_number(value) if declared.kind in ("int", "float") else value in declared.choices


def _is_number(text: str) -> bool:
    return readings(text)[0] is not None


def _plain(value: str) -> str:
    """Return a value as searches compare it: 1e-2 is 0.01, and 10⁻⁵, as the program writes it, 1e-05."""
    number = readings(value)[0]
    return value if number is None else f"{number:g}"


@cache
def _names() -> dict[str, str]:
    """Return the settings by their names, by those with spaces, and by their labels, in small letters."""
    found: dict[str, str] = {}
    for item in settings():
        found |= {item.name: item.name, item.name.replace("_", " "): item.name, item.label.lower(): item.name}
    return found


def _searched_values(config: TrainingConfig) -> dict[str, str]:
    """Return the settings that matter in a config, as searches compare them."""
    values = {}
    for item in settings():
        if item.matters(partial(getattr, config)):
            value = getattr(config, item.name)
            values[item.name] = value.lower() if isinstance(value, str) else f"{value:g}"
    values["hidden_size"] = f"{config.n:g}"  # 0 means as many as k
    return values


def _setting_words(values: dict[str, str]) -> list[str]:
    """Return the values of settings in words, as the form writes them; names are what all runs have in common."""
    words = []
    for name, value in values.items():
        declared = setting(name)
        if declared.kind not in ("int", "float"):
            words.append(f"{value} {declared.choices.get(value, '')}")
    return words


# Telling runs apart


def labels(runs: Sequence[Run]) -> list[str]:
    """Return short names that tell runs apart: what the user calls them, or else what their settings differ in."""
    differing = differences(runs)
    count = next((count for count in range(1, _SAID_AT_ONCE) if _apart(runs, differing[:count])), _SAID_AT_ONCE)
    found: list[str] = []
    for run in runs:
        name = (run.about.name if run.about else "") or ", ".join(_said(run, name) for name in differing[:count])
        name = name or f"{run.title}, {run.started.astimezone():%H:%M}"
        same = sum(each == name or each.startswith(f"{name} (") for each in found)
        found.append(f"{name} ({same + 1})" if same else name)
    return found


def _apart(runs: Sequence[Run], names: Sequence[str]) -> bool:
    """Return whether some settings are enough to tell runs apart."""
    return len({tuple(_said(run, name) for name in names) for run in runs}) == len(runs)


def differences(runs: Sequence[Run]) -> list[str]:
    """Return the settings, by name, in which runs differ, the seed last; not how long they went on, nor where."""
    configs = [run.about.config for run in runs if run.about is not None]
    differing = [
        item
        for item in settings()
        if not item.circumstance
        and len({getattr(config, item.name) for config in configs if item.matters(partial(getattr, config))}) > 1
    ]
    return [item.name for item in sorted(differing, key=lambda item: not (item.data or item.compared))]


def _said(run: Run, name: str) -> str:
    """Return a setting of a run in a few words: "GRU", "seed 3", "k = 64"."""
    if run.about is None:
        return ""
    value = getattr(run.about.config, name)
    return in_short(run.about.config, setting(name)) or setting(name).choices.get(value, "")


def runs_in_words(count: int, title: str) -> str:
    """Return "“title”" for one run and "3 runs" for several."""
    return f"“{title}”" if count == 1 else f"{count:,} runs"


def runs_are(count: int, title: str) -> str:
    """Return the same as the beginning of a sentence: "“title” is", "3 runs are"."""
    return f"{runs_in_words(count, title)} {'is' if count == 1 else 'are'}"
