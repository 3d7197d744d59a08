"""What the menu File offers beside documents: what leaves the program."""

from __future__ import annotations

from gui.commands.command import Command
from gui.commands.menu import SEPARATOR, Menu

Entries = tuple[Command | Menu | str, ...]


def exchange_entries() -> Entries:
    """Return the entries of the menu File that take something out of the program, as another part of the menu."""
    return (
        SEPARATOR,
        Command(
            "save film", "Save a fil&m…", "Save the walk through the cell, a training or one step of it as MP4 or GIF"
        ),
    )
