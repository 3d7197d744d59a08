"""What a lesson may have carried out: nothing that writes, opens a file or a dialog, quits, or keeps a preference."""

from __future__ import annotations

from gui.commands.command import Command
from gui.commands.table import commands

_ALLOWED = (
    # the cell and its numbers
    *("example", "fill", "cell", "output", "set", "gate", "link", "order", "add step", "continue", "remove step"),
    "randomise inputs",
    # where one goes
    *(
        "workspace",
        "show",
        "panel",
        "fold",
        "experiment",
        "weights",
        "backwards",
        "check",
        "contrast",
        "names",
        "hide",
        "reset zoom",
    ),
    # the walk
    *("operation", "next", "back", "play", "restart"),
    # the training
    *("train", "train cell", "task", "pace", "until", "one step", "slow step", "stop", "newest"),
    *("show network", "own cell", "hold", "contrast"),
)
LINKS = ("point", "value", "show", "operation", "weights", "panel", "example")
"""What a link in the text can do; "point" lights a value of the cell up, "value" a number that the text gives."""


def allowed_commands() -> dict[str, Command]:
    """Return the commands that a lesson may use, by id: those of the table, and their entries in menus."""
    every = commands()
    return {name: command for name, command in every.items() if _base(name, every) in _ALLOWED}


def _base(name: str, every: dict[str, Command]) -> str:
    """Return the id that an entry of a menu belongs to: "example" for "example counter"."""
    if name in _ALLOWED:
        return name
    first, _, rest = name.partition(" ")
    if first not in every or every[name].arguments:
        return name
    choices = [choice for argument in every[first].arguments for choice in argument.choices]
    return first if rest in choices or first in ("weights", "pace") else name


def command_of(line: str, known: dict[str, Command]) -> tuple[Command, str] | None:
    """Return the command that a line begins with, the longest id first, and what follows; None where it is none."""
    words = line.split()
    for count in range(len(words), 0, -1):
        name = " ".join(words[:count])
        if name in known:
            return known[name], "".join(line.split(None, count)[count:])
    return None
