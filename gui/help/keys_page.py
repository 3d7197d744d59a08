"""The guide's page of keys: every command that has one, as Markdown.

As a module it prints the page with the keys of the beginning: python -m gui.help.keys_page
"""

from __future__ import annotations

import sys

from gui.commands.keymap import Keymap
from gui.commands.table import commands, menus

_HEAD = """# Keys

Every key can be changed in the preferences. On a Mac, press the Command key in place of Ctrl.
"""


def keys_page(keymap: Keymap) -> str:
    """Return the page: a table of keys and sentences for each menu."""
    parts = [_HEAD]
    for menu in menus():
        rows = [
            f"| {keymap.words(command.id)} | {keymap.retold(command.sentence)} |"
            for command in menu.commands
            if keymap.keys(command.id)
        ]
        if rows:
            parts.append(
                "\n".join((f"## {menu.words.replace('&', '')}\n", "| key | what it does |", "|---|---|", *rows))
            )
    return "\n".join(parts[:1]) + "\n" + "\n\n".join(parts[1:]) + "\n"


if __name__ == "__main__":
    sys.stdout.write(keys_page(Keymap(commands())))
