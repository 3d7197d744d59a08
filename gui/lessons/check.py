"""Checks a lesson against the program: every directive is a command that a lesson may use, and can be obeyed.

The lesson is gone through without a window, with the cell that each directive would leave. Qt is not needed for it.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable
from dataclasses import replace
from pathlib import Path

import numpy as np

from engine.commands.train.arguments import value_of_text
from engine.document.by_hand import read_gates
from engine.document.document import Document, refilled
from engine.document.document_file import read_document
from engine.document.examples import load_example
from engine.errors import PlainError, did_you_mean, nearest
from engine.lessons.answers import answer_of, check_number
from engine.lessons.lesson import Ask, Beat, Directive, Lesson, LessonError, Mistake, Move, Words
from engine.lessons.parsing import OWN
from engine.lessons.reading import beside, read_lesson
from engine.recording.recorded_run import read_run
from engine.runs.pace import pace_of_text
from engine.setting import ConfigError
from engine.settings.config import TrainingConfig, check, setting
from engine.tasks import TASKS
from engine.text.number_text import parse_number
from gui.commands.command import Command, CommandError, Value
from gui.commands.table import commands
from gui.document.set_values import change_of
from gui.lessons.allowed import LINKS, allowed_commands, command_of

FIRST = "worked-example"
"""The example that a lesson begins with, until it opens another."""
_FILLING = "xavier", 0
_MOST_STEPS, _LARGEST_SIZE = 10_000_000, 512


def _longer(document: Document, more: int) -> Document:
    return document.with_inputs(x=np.vstack([document.x, np.repeat(document.x[-1:], more, axis=0)]))


_CHANGES: dict[str, Callable[[Document], Document]] = {
    "link": lambda old: old.resized(projected=not old.projected),
    "order": lambda old: old.with_order("x,h" if old.order == "h,x" else "h,x"),
    "add step": lambda old: _longer(old, 1),
    "continue": lambda old: _longer(old, 8),
    "remove step": lambda old: old.with_inputs(x=old.x[:-1]) if len(old.x) > 1 else old,
}
"""What other commands do to the cell, so far as sizes and names go."""


def check_lesson(path: Path) -> tuple[Lesson, list[Mistake]]:
    """Return a lesson and every mistake in it, in the order of the lines; raise LessonError for a file that is none."""
    lesson, mistakes = read_lesson(path)
    found = [*mistakes, *_Check(lesson).mistakes()]
    return lesson, sorted(found, key=lambda mistake: mistake.line)


class _Check:
    def __init__(self, lesson: Lesson) -> None:
        self._lesson = lesson
        self._known, self._every = allowed_commands(), commands()
        self._document: Document | None = load_example(FIRST)
        """The cell that stands there; None while it is that of a network, whose operations are not known."""
        self._own = self._document
        self._found: list[Mistake] = []
        self._works: dict[str, Callable[[Command, dict[str, Value]], None]] = {
            "example": self._do_example,
            "fill": self._do_fill,
            "cell": self._do_cell,
            "output": self._do_output,
            "set": self._do_set,
            "gate": self._do_gate,
            "weights": self._do_weights,
            "operation": self._do_operation,
            "pace": self._do_pace,
            "task": self._do_task,
            "experiment": self._do_experiment,
            "train": self._do_train,
        }

    def mistakes(self) -> list[Mistake]:
        for stop in self._lesson.stops:
            self._try_all(stop.begin)
            for beat in stop.beats:
                self._try_beat(beat)
        return self._found

    def _try_beat(self, beat: Beat) -> None:
        if isinstance(beat, Move):
            self._try_all(beat.directives)
        elif isinstance(beat, Words):
            for link in beat.links:
                self._try(link, self._link)
        elif isinstance(beat, Ask) and beat.computed and self._document is not None:
            self._try(Directive(beat.line, beat.computed), self._answer)

    def _try_all(self, directives: Iterable[Directive]) -> None:
        for directive in directives:
            self._try(directive, self._directive)

    def _try(self, directive: Directive, work: Callable[[Directive], object]) -> None:
        try:
            work(directive)
        except PlainError as error:
            self._found.append(Mistake(directive.line, str(error)))

    def _answer(self, directive: Directive) -> None:
        assert self._document is not None
        answer_of(directive.text, self._document)

    # ---- links

    def _link(self, directive: Directive) -> None:
        if directive.name not in LINKS:
            raise LessonError(f"A link cannot begin with “{directive.name}:”{did_you_mean(directive.name, LINKS)}")
        if directive.name == "point":
            self._known_name(directive.rest)
        elif directive.name == "value":
            if self._document is not None:
                check_number(directive.says, directive.rest, self._document)
        else:
            self._obey(directive.text, False)

    def _known_name(self, name: str) -> None:
        if not name:
            raise LessonError("“point” needs a name, such as point:f_t")
        if self._document is not None and name not in (names := list(self._document.cell.shapes)):
            raise LessonError(f"This cell has no {name}{did_you_mean(name, names)}")

    # ---- directives

    def _directive(self, directive: Directive) -> None:
        if directive.name == "open":
            self._open(directive.rest)
        elif directive.name == "at":
            step_of(directive.text)
        elif directive.name == "point":
            self._known_name(directive.rest)
        else:
            self._obey(directive.text, True)

    def _open(self, name: str) -> None:
        path = beside(self._lesson, name)
        if path.suffix.casefold() == ".lstmrec":
            read_run(path)
            return
        self._document = self._own = read_document(path)[0]

    def _obey(self, line: str, changes: bool) -> None:
        """Read a line as a command; where it changes the cell, change it."""
        found = command_of(line, self._known)
        if found is None:
            raise LessonError(self._unknown(line))
        command, rest = found
        values = command.read(rest)
        work = self._works.get(command.id) or self._works.get(command.id.split()[0])
        if command.id == "show network":
            self._document = None
        elif command.id == "own cell":
            self._document = self._own
        elif command.id in _CHANGES and changes:
            self._change(_CHANGES[command.id])
        elif work is not None and command.id != "train cell" and (changes or command.id == "operation"):
            work(command, values)

    def _unknown(self, line: str) -> str:
        words = line.split()
        refused = command_of(line, self._every)
        if refused is not None:
            return f"A lesson may not use “{refused[0].id}”; leave it out"
        known = [*self._known, *OWN, "point"]
        for count in range(min(len(words), 3), 0, -1):
            of_length = [name for name in known if len(name.split()) == count]
            if near := nearest(" ".join(words[:count]), of_length):
                return f"There is no directive “{line}”; did you mean “{near}”?"
        return f"There is no directive “{line}”; the guide’s page on lessons lists them all"

    # ---- what changes the cell

    def _change(self, change: Callable[[Document], Document]) -> None:
        if self._document is not None:
            self._document = self._own = change(self._document)

    @staticmethod
    def _argument(command: Command, values: dict[str, Value]) -> str:
        """Return the one word that a command asks for, also where it stands in the id: "example counter"."""
        return str(next(iter(values.values()))) if values else command.id.split(None, 1)[1]

    def _do_example(self, command: Command, values: dict[str, Value]) -> None:
        self._document = self._own = load_example(self._argument(command, values))

    def _do_fill(self, command: Command, values: dict[str, Value]) -> None:
        self._change(lambda old: refilled(old, self._argument(command, values)))

    def _do_cell(self, command: Command, values: dict[str, Value]) -> None:
        self._change(lambda old: old.with_cell(self._argument(command, values), *_FILLING))

    def _do_output(self, command: Command, values: dict[str, Value]) -> None:
        kind = self._argument(command, values)
        self._change(lambda old: old.with_output(None if kind == "none" else kind, None, *_FILLING))

    def _do_set(self, command: Command, values: dict[str, Value]) -> None:
        if self._document is None:
            raise LessonError("This is a network’s cell, which cannot be set; write {own cell} before")
        change = change_of(self._document, _FILLING, values)
        for name in ("m", "n", "k", "p"):
            if name in values and parse_number(str(values[name])) > _LARGEST_SIZE:
                raise LessonError(f"{name}: a lesson sets sizes up to {_LARGEST_SIZE}; choose a smaller one")
        self._change(change)

    def _do_gate(self, command: Command, values: dict[str, Value]) -> None:
        arguments = {argument.name for argument in command.arguments}
        if self._document is not None:
            read_gates(self._document.cell, {name: text for name, text in values.items() if name not in arguments})

    def _do_weights(self, command: Command, values: dict[str, Value]) -> None:
        number = int(self._argument(command, values))
        if self._document is not None:
            count = sum(value.ndim == 2 for value in self._document.weights.values())
            if not 1 <= number <= count:
                raise LessonError(f"There is no matrix {number}; choose one from 1 to {count}")

    def _do_operation(self, command: Command, values: dict[str, Value]) -> None:
        if self._document is None:
            return
        name, t = str(values["name"]), values.get("t")
        names = [operation.name for operation in self._document.cell.operations]
        if name not in names:
            raise CommandError(f"This cell has no operation {name}{did_you_mean(name, names)}")
        steps = len(self._document.x)
        if t is not None and not 1 <= int(t) <= steps:
            raise CommandError(f"There is no time step {t}; choose one from 1 to {steps}")

    # ---- the training

    def _do_pace(self, command: Command, values: dict[str, Value]) -> None:
        pace_of_text(self._argument(command, values))

    def _do_task(self, command: Command, values: dict[str, Value]) -> None:
        _check_task(self._argument(command, values))

    def _do_experiment(self, command: Command, values: dict[str, Value]) -> None:
        from engine.experiments.catalogue import EXPERIMENTS

        name = self._argument(command, values)
        if name not in EXPERIMENTS:
            raise LessonError(f"There is no experiment “{name}”{did_you_mean(name, EXPERIMENTS)}")

    def _do_train(self, command: Command, values: dict[str, Value]) -> None:
        given = dict(values)
        if "pace" in given:
            pace_of_text(str(given.pop("pace")))
        _check_task(str(given.get("task", TrainingConfig().task)))
        for name in given:
            if setting(name).kind in ("file", "table") or name == "worker":
                raise LessonError(f"A lesson may not set {name}; leave it out")
        try:
            config = replace(
                TrainingConfig(), **{name: value_of_text(setting(name), str(text)) for name, text in given.items()}
            )
            check(config)
        except ConfigError as error:
            raise LessonError(str(error)) from error


def step_of(text: str) -> int:
    """Return the training step of "at step 300"; raise LessonError for another text."""
    words = text.split()
    if len(words) == 3 and words[:2] == ["at", "step"] and words[2].isascii() and words[2].isdigit():
        step = int(words[2][:12])
        if 1 <= step <= _MOST_STEPS:
            return step
    raise LessonError(f"“at” needs a training step from 1 to {_MOST_STEPS:,}, as in {{at step 300}}")


def _check_task(name: str) -> None:
    if name not in TASKS:
        raise LessonError(f"There is no task “{name}”{did_you_mean(name, TASKS)}")
