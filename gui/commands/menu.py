"""What menus are made of: a menu, and the kinds of commands that stand in one or ask for something."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass

from gui.commands.command import TO, Argument, Command

RECENT = "recent"
"""Stands in a menu for the files opened last."""
SEPARATOR = "-"


@dataclass(frozen=True)
class Menu:
    """A menu, or one within another."""

    words: str
    entries: tuple[Command | Menu | str, ...]

    @property
    def commands(self) -> Iterator[Command]:
        """Its commands and those of the menus within it, from the top down."""
        for entry in self.entries:
            if isinstance(entry, Command):
                yield entry
            elif isinstance(entry, Menu):
                yield from entry.commands


def choice(name: str, sentence: str, choices: Iterable[str], of: str = "name") -> Command:
    """Return a command that asks for one of a few words; of: what they are."""
    words = tuple(choices)
    argument = Argument(of, f"one of {', '.join(words)}", choices=words, needed=True)
    return Command(name, "", sentence, arguments=(argument,))


def named(name: str, sentence: str, what: str) -> Command:
    """Return a command that asks for a name, of which there are too many for a menu."""
    return Command(name, "", sentence, arguments=(Argument("name", what, needed=True),))


def switch(name: str, words: str, sentence: str, keys: tuple[str, ...] = ()) -> Command:
    """Return a command that switches something on or off."""
    return Command(name, words, sentence, keys, checkable=True, arguments=(TO,))
