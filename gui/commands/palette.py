"""Everything that the palette finds: commands, examples, tasks, experiments, settings and the words of the guide.

Each entry but those of the guide is a line that the registry carries out. Qt is not needed for it.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from engine.experiments.catalogue import EXPERIMENTS
from engine.settings.config import settings
from engine.tasks import TASKS
from gui.commands.keymap import Keymap
from gui.commands.table import commands, menus

_ROW = re.compile(r"^\| (?!word \|)(?P<word>[^|]+) \| (?P<meaning>[^|]+) \|", re.MULTILINE)
_MARKS = re.compile(r"[*`]")


@dataclass(frozen=True)
class Entry:
    """One thing that can be found.

    kind: the menu that it stands in, or "Example", "Task", "Setting" …. line: the command that Return carries out, ""
    where there is only something to read.
    """

    kind: str
    words: str
    sentence: str
    line: str
    keys: tuple[str, ...] = ()

    @property
    def text(self) -> str:
        """What is searched."""
        return f"{self.words} {self.kind} {self.line} {' '.join(self.keys)} {self.sentence}".casefold()


def entries(keymap: Keymap | None = None) -> list[Entry]:
    """Return everything that can be done, in the order of the menus; then tasks, experiments and settings.

    keymap: the keys of now; those of the table without it.
    """
    known = keymap or Keymap(commands())
    of_menus = (
        Entry(
            "Example" if command.id.startswith("example ") else menu.words.replace("&", ""),
            command.words.replace("&", ""),
            known.retold(command.sentence),
            command.id,
            known.keys(command.id),
        )
        for menu in menus()
        for command in menu.commands
    )
    tasks = (Entry("Task", task.title, task.about, f"task {task.name}") for task in TASKS.values())
    experiments = (
        Entry("Experiment", one.title, f"Repeat what was published: {one.published.source}", f"experiment {name}")
        for name, one in EXPERIMENTS.items()
    )
    chosen = (Entry("Setting", one.label, one.sentence, f"setting {one.name}") for one in settings() if not one.says)
    return [*of_menus, *tasks, *experiments, *chosen]


def words_of_guide(glossary: str) -> list[Entry]:
    """Return the words that the guide explains. glossary: its page, a table in Markdown."""
    rows = _ROW.finditer(glossary)
    return [
        Entry("Word", _MARKS.sub("", row["word"]).strip(), _MARKS.sub("", row["meaning"]).strip(), "") for row in rows
    ]


def search(everything: Sequence[Entry], wanted: str, most: int = 60) -> list[Entry]:
    """Return the entries in which each word of `wanted` occurs: first what can be done and has it in its own words."""
    words = wanted.casefold().split()
    found = [entry for entry in everything if all(word in entry.text for word in words)]
    return sorted(found, key=lambda entry: _rank(entry, words))[:most]


def _rank(entry: Entry, words: Iterable[str]) -> tuple[bool, bool, bool]:
    """Return what sorts an entry: whether its own words lack what was typed, it cannot be done, it begins otherwise."""
    own, whole = entry.words.casefold(), " ".join(words)
    return not all(word in own for word in words), not entry.line, not own.startswith(whole)
