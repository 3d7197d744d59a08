"""What a recording says about its run: name, settings, state, versions and the facts of its task."""

from __future__ import annotations

import json
import sqlite3
from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass, field, fields
from typing import Any

from ..errors import PlainError
from ..runs.metrics import ERRORS, metric_names
from ..runs.verdict.judging import Verdict
from ..settings.config import TrainingConfig, config_of
from ..tasks import TASKS
from ..tasks.base import TaskFacts
from ..tasks.goal import goal_of_words
from ..tasks.held_out import HeldOut
from .packing import PackingError, kinds_of, misfit

MOST_STEPS = 2**53
"""Steps beyond which a number in a file is none."""
_MOST_MORE_COLUMNS = 256
_COLUMNS_OF_A_RANK = 2
_NAME_LENGTH = 200
_WORDS_LENGTH = 40_000
"""Of a name, a place, a time; more is not drawn within a frame."""
_KINDS_OF_WRITER: Mapping[str, tuple[type, ...]] = {"pid": (int,), "host": (str,), "started": (int, float)}
_KINDS_IN_WORDS = {str: "text", int: "a whole number", float: "a number", bool: "true or false"}
_MOST_PID = 2**32
MOST_INPUTS = 4096
"""Of a task; see `engine.tasks.own_file`."""


class RecordingError(PlainError):
    """A recording that cannot be used; its text is one sentence that says what to do."""


@dataclass(frozen=True)
class About:
    """What is known of a run without its numbers.

    config: with what was changed since it began. columns: of the metrics. name, notes, pinned: the user's. started,
    changed: ISO times. state: of `engine.runs.messages.State`. place: where it ran; threads: how many. versions: of
    what ran. steps: made; goal: to make. best_loss: the lowest mean over 100 steps in a row; last_loss: the newest.
    start: what the cell is called whose weights it began with, "" where they were drawn.
    writer: who writes it ("pid", "host", "started", "token"), empty when it is closed. resumed: the steps at
    which it was taken up again. ranks: processes that trained together. held_out: of the newest snapshot. verdict: as
    it was when it was last written, None in recordings of earlier versions. seconds: of training, without pauses; NaN
    where that was not recorded.
    """

    config: TrainingConfig
    columns: tuple[str, ...]
    name: str = ""
    notes: str = ""
    pinned: bool = False
    started: str = ""
    changed: str = ""
    state: str = ""
    place: str = ""
    threads: int = 1
    versions: Mapping[str, str] = field(default_factory=dict)
    steps: int = 0
    goal: int = 0
    best_loss: float = float("nan")
    last_loss: float = float("nan")
    writer: Mapping[str, Any] = field(default_factory=dict)
    resumed: tuple[int, ...] = ()
    ranks: int = 1
    held_out: HeldOut | None = None
    start: str = ""
    verdict: Verdict | None = None
    seconds: float = float("nan")


@dataclass(frozen=True)
class Event:
    """What was changed: after how many steps, when (ISO time), and in words."""

    step: int
    at: str
    words: str


def about_members(about: About) -> dict[str, Any]:
    """Return what stands in the table `about`: JSON-like values by key."""
    members = {item.name: getattr(about, item.name) for item in fields(about)}
    held_out = about.held_out.members if about.held_out else None
    verdict = about.verdict.members if about.verdict else None
    return {**members, "config": asdict(about.config), "held_out": held_out, "verdict": verdict}


def write_about(connection: sqlite3.Connection, members: Mapping[str, Any]) -> None:
    """Write some facts about a run; the others stay."""
    rows = [(key, json.dumps(value)) for key, value in members.items()]
    connection.executemany(
        "INSERT INTO about VALUES (?, ?) ON CONFLICT (key) DO UPDATE SET value = excluded.value", rows
    )


def about_of(values: Mapping[str, Any]) -> About:
    """Return what `about_members` was given, as JSON has kept it; keys that are not known are left out.

    Raises PackingError for facts that cannot be.
    """
    known = {item.name for item in fields(About)}
    members = {key: _with_tuples(value) for key, value in values.items() if key in known}
    config = values.get("config")
    if not isinstance(config, dict):
        raise PackingError("its settings are missing")
    try:
        objects = {"held_out": HeldOut.of(members.get("held_out")), "verdict": Verdict.of(members.get("verdict"))}
        about = About(**{**members, **objects, "config": config_of(config)})
    except (TypeError, ValueError) as error:
        raise PackingError(str(error)) from error
    wrong = misfit(about)
    if wrong:
        raise PackingError(f"its entry {wrong!r} is not {_in_words(kinds_of(About)[wrong])}")
    numbers = (about.threads, about.steps, about.goal, about.ranks, *about.resumed)
    if not all(0 <= number <= MOST_STEPS for number in numbers) or about.ranks > about.config.batch_size:
        raise PackingError("its numbers of threads, ranks or steps are impossible")
    words = (about.name, about.started, about.changed, about.state, about.place, about.start)
    if max(map(len, words)) > _WORDS_LENGTH:
        raise PackingError(f"its name, a time or a place is longer than {_WORDS_LENGTH:,} characters")
    _check_writer(about.writer)
    _check_columns(about.config, about.columns)
    return about


def _check_writer(writer: Mapping[str, Any]) -> None:
    """Raise PackingError for a process that cannot be."""
    for name, kinds in _KINDS_OF_WRITER.items():
        if name in writer and (not isinstance(writer[name], kinds) or isinstance(writer[name], bool)):
            raise PackingError(f"the {name!r} of the process that writes it is not {_in_words(kinds[-1])}")
    if not 0 <= writer.get("pid", 0) < _MOST_PID:
        raise PackingError("the process that writes it has an impossible number")


def _check_columns(config: TrainingConfig, columns: Sequence[str]) -> None:
    """Raise PackingError unless there are all columns of these settings; more come from ranks, which share a batch."""
    own = metric_names(config)
    most = len(own) + min(_COLUMNS_OF_A_RANK * config.batch_size, _MOST_MORE_COLUMNS)
    if len(columns) > most or len(set(columns)) < len(columns) or max(map(len, columns), default=0) > _NAME_LENGTH:
        raise PackingError("it has too many columns, or some without a short name of their own")
    missing = [name for name in own if name not in columns and name not in ERRORS]
    if missing:
        raise PackingError(f"its column {missing[0]} is missing")


def facts_of(values: Any) -> TaskFacts:
    """Return what a window says about a task, as JSON has kept it; raises PackingError for what cannot be."""
    if not isinstance(values, dict):
        raise PackingError("the facts about its task are missing")
    members = {name: _with_tuples(value) for name, value in values.items()}
    try:
        if members["name"] in TASKS:  # what an earlier version did not declare, it guessed when it drew
            members["prediction_kind"] = TASKS[members["name"]].prediction_kind
        facts = TaskFacts(**members)
    except (TypeError, KeyError) as error:
        raise PackingError(str(error)) from error
    wrong = misfit(facts)
    if wrong:
        raise PackingError(f"the fact {wrong!r} about its task is not {_in_words(kinds_of(TaskFacts)[wrong])}")
    if not 0 < len(facts.input_names) <= MOST_INPUTS:
        raise PackingError(f"its task should have 1 to {MOST_INPUTS:,} inputs")
    if len(facts.alphabet) not in (0, len(facts.input_names)) or any(len(letter) != 1 for letter in facts.alphabet):
        raise PackingError("its alphabet should hold one character for each input")
    try:
        goal_of_words(facts.own_goal)
    except ValueError as error:
        raise PackingError(str(error)) from error
    return facts


def _in_words(kind: Any) -> str:
    """Return what a value of a kind is, for a sentence about one that is not."""
    return _KINDS_IN_WORDS.get(kind, "what it should be")


def _with_tuples(value: Any) -> Any:
    return tuple(value) if isinstance(value, list) else value
