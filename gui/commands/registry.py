"""Carries commands out: which function each calls, which are checked, and lines of text as commands.

Functions stand beside what they act on and are registered here by the command's id. One that is registered for the
first words of an id does what all of them ask: "show" is told which view "show sum" names.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from functools import partial

from gui.commands.command import TO, Command, CommandError, did_you_mean


def _always(**_arguments: object) -> bool:
    return True


def _never(**_arguments: object) -> bool:
    return False


@dataclass(frozen=True)
class Bound:
    """A line of words that is understood: what it does, whether that is in force, and whether it can be done now."""

    do: Callable[[], object]
    is_on: Callable[[], bool]
    is_possible: Callable[[], bool]


@dataclass(frozen=True)
class _Work:
    do: Callable[..., object]
    on: Callable[..., bool] | None
    possible: Callable[..., bool]


class Registry:
    """Knows every command of the table and what it does."""

    def __init__(self, commands: Mapping[str, Command]) -> None:
        self.commands = commands
        self._works: dict[str, _Work] = {}

    def register(
        self,
        command: str,
        do: Callable[..., object],
        on: Callable[..., bool] | None = None,
        possible: Callable[..., bool] = _always,
    ) -> None:
        """Say what a command does, by its id; raises KeyError for one that the table does not have.

        do, on (whether it is in force) and possible are called with the command's arguments by name. Without `on`
        nothing of it can be in force.
        """
        self.commands[command]
        self._works[command] = _Work(do, on, possible)

    def run(self, line: str) -> None:
        """Carry out a line such as "set m=4"; raises CommandError where it cannot be understood or obeyed."""
        bound = self.bound(line)
        if not bound.is_possible():
            raise CommandError(f"“{line}” cannot be done now")
        bound.do()

    def bound(self, line: str) -> Bound:
        """Return what a line does; raises CommandError where it is no command, with the one that may be meant."""
        words = line.split()
        registered = self._registered(" ".join(words))
        if registered is None:
            raise CommandError(f"There is no command “{line}”{did_you_mean(line, self.commands)}")
        work, command = self._works[registered], self.commands[registered]
        values = command.read(_after(line, registered))
        wanted = values.pop(TO.name, None) if TO in command.arguments else None
        is_on = partial(work.on or _never, **values)
        do = partial(work.do, **values)

        def switch() -> None:
            if is_on() != (wanted == "on"):
                do()

        return Bound(do if wanted is None else switch, is_on, partial(work.possible, **values))

    def _registered(self, line: str) -> str | None:
        """Return the longest beginning of a line that something was registered for."""
        words = line.split()
        beginnings = (" ".join(words[:count]) for count in range(len(words), 0, -1))
        return next((name for name in beginnings if name in self._works), None)


def _after(line: str, command: str) -> str:
    """Return what stands in a line after a command's words."""
    return line.split(None, len(command.split()))[-1] if len(line.split()) > len(command.split()) else ""
