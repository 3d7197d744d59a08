"""The menu Learn: what is done with a lesson, and what the workspace of that name offers."""

from __future__ import annotations

from dataclasses import dataclass

from engine.experiments.contrasts import CONTRASTS
from gui.commands.command import Command
from gui.commands.menu import SEPARATOR, Menu
from gui.commands.views import VIEWS


@dataclass(frozen=True)
class Offered:
    """A card of the workspace Learn beside those of the lessons. line: the command that it carries out."""

    title: str
    sentence: str
    line: str


OFFERED = (
    Offered("A tour of two minutes", "A cell, a training, and a step into it; any key stops it", "tour"),
    *(Offered(contrast.title, contrast.sentence, contrast.line) for contrast in CONTRASTS.values()),
)
"""In their order; one whose command is not in the table is left out."""


def learn_menu() -> Menu:
    """Return the menu with what is done with a lesson."""
    row = VIEWS["lessons"]
    return Menu(
        "&Learn",
        (
            Command("show lessons", row.words, row.sentence, row.keys, checkable=True),
            Command("tour", "A &tour of two minutes", "See a cell, a training and a step into it; any key stops it"),
            Command("open lesson", "&Open a lesson…", "Open a lesson of your own, a Markdown file"),
            SEPARATOR,
            Command(
                "lesson next",
                "&Go on",
                "Show what follows in the lesson, or play the move announced; PgDn does it, too",
            ),
            Command("lesson back", "Go bac&k", "Take back the last thing of the lesson; PgUp does it, too"),
            Command(
                "page",
                "Back to the &page",
                "Bring back the numbers and the view of the lesson’s stop; undo returns to yours",
                ("Ctrl+Home",),
            ),
            SEPARATOR,
            Command("add stop", "&Add a stop…", "Write what is on the screen to the end of a lesson’s file"),
            Command("end lesson", "&End the lesson", "End the lesson; your own document stands there again"),
        ),
    )
