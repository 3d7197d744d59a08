"""Carries commands out: knows which function each one calls, and reads a line of text as a command.

Functions stand beside what they act on and are registered here by the command's id. One that is registered for the
first words of an id serves every id that begins with them: "show" gets the view of "show sum" as an argument.
"""

from __future__ import annotations

import inspect
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from functools import partial

from engine.errors import nearest
from gui.commands.command import TO, Command, CommandError


def _always(**_arguments: object) -> bool:
    return True


def _never(**_arguments: object) -> bool:
    return False


@dataclass(frozen=True)
class Bound:
    """What a line of words does, whether that is in force, and whether it can be done now."""

    do: Callable[[], object]
    is_on: Callable[[], bool]
    is_possible: Callable[[], bool]


class Registry:
    """Knows every command of the table and what it does."""

    def __init__(self, commands: Mapping[str, Command]) -> None:
        self.commands = commands
        self.told: Callable[[], None] = lambda: None
        """Called when a command has been done, so that what shows its state can follow."""
        self.asked: Callable[[str], None] = lambda _command: None
        """Called with the id that a function was registered for, before it does what it was asked for."""
        self._works: dict[str, tuple[Callable[..., object], Callable[..., bool], Callable[..., bool]]] = {}
        """By the id that it was registered for: what to do, whether it is in force, and whether it is possible."""

    def register(
        self,
        command: str,
        do: Callable[..., object],
        on: Callable[..., bool] = _never,
        possible: Callable[..., bool] = _always,
    ) -> None:
        """Say what a command does, by its id; raises KeyError for one that the table does not have.

        do, on (whether it is in force) and possible are called with the command's arguments by name; TypeError where
        one cannot take them. Without `on` nothing of it can be in force.
        """
        needed = [argument.name for argument in self.commands[command].arguments if argument.needed]
        for function in (do, on, possible):
            inspect.signature(function).bind(**dict.fromkeys(needed))
        self._works[command] = do, on, possible

    def run(self, line: str) -> None:
        """Carry out a line such as "set m=4"; raises CommandError where it cannot be understood or obeyed."""
        bound = self.bound(line)
        if not bound.is_possible():
            raise CommandError(f"“{line}” cannot be done now")
        bound.do()

    def bound(self, line: str) -> Bound:
        """Return what a line does; raises CommandError where it is no command, with the one that may be meant."""
        words = line.split()
        # The longest beginning of the line that something was registered for.
        beginnings = ((count, " ".join(words[:count])) for count in range(len(words), 0, -1))
        count, name = next(((count, name) for count, name in beginnings if name in self._works), (0, ""))
        if not count:
            raise CommandError(f"There is no command “{line}”{self._nearest(words)}")
        command = self.commands[name]
        values = command.read("".join(line.split(None, count)[count:]))
        wanted = values.pop(TO.name, None) if TO in command.arguments else None
        work, on, possible = self._works[name]
        is_on = partial(on, **values)

        def do() -> None:
            if wanted is None or is_on() != (wanted == "on"):
                self.asked(name)
                work(**values)
            self.told()

        return Bound(do, is_on, partial(possible, **values))

    def _nearest(self, words: list[str]) -> str:
        """Return the end of a sentence: which command the beginning of a line may mean."""
        for count in range(len(words), 0, -1):
            known = [name for name in self.commands if len(name.split()) == count]
            if near := nearest(" ".join(words[:count]), known):
                return f"; did you mean “{near}”?"
        return "; Ctrl+P searches them all"
