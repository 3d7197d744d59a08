"""The menu Training: what is done with a run."""

from __future__ import annotations

from engine.experiments.contrasts import CONTRASTS
from engine.settings.config import setting, settings
from gui.commands.command import Argument, Command
from gui.commands.menu import SEPARATOR, Menu, switch

PACE = Argument("pace", "full, 1 (a step a key) or some steps a second, such as 50/s")
UNTIL = tuple(setting("until").choices)
"""Until when a run goes on."""
_PACES = (
    ("&1 step a key", "1", "Make a step each time that you press Ctrl+E"),
    ("&5 steps a second", "5/s", "Make 5 training steps a second"),
    ("5&0 steps a second", "50/s", "Make 50 training steps a second, slow enough to watch"),
    ("&Full speed", "full", "Train as fast as it goes"),
)


def _pace(words: str, text: str, sentence: str) -> Command:
    return Command(f"pace {text}", words, sentence, checkable=True)


def training_menu() -> Menu:
    """Return the menu with what is done with a run."""
    return Menu(
        "&Training",
        (
            Command(
                "train",
                "&Train or pause",
                "Train the network, or pause the training",
                ("Ctrl+T",),
                arguments=(
                    Argument("task", "the task to learn; the chosen one if left out"),
                    *(Argument(item.name, item.sentence) for item in settings() if item.name != "task"),
                    PACE,
                ),
            ),
            Command("one step", "One trai&ning step", "Make one training step, then pause", ("Ctrl+E",)),
            Menu("P&ace", tuple(_pace(words, text, sentence) for words, text, sentence in _PACES)),
            Menu(
                "Goes on &until",
                (
                    Command(
                        "until solved",
                        "It is &solved",
                        "Stop the run as soon as its task is solved, at the latest at its limit",
                        checkable=True,
                    ),
                    Command("until steps", "Its &last step", "Let the run make all its training steps", checkable=True),
                ),
            ),
            Command(
                "slow step",
                "One step in slow &motion",
                "Watch one training step in slow motion, on one example; training continues afterwards",
                ("Ctrl+Shift+E",),
            ),
            Command("stop", "Sto&p", "End the training; what it showed stays on the screen", ("Ctrl+.",)),
            Command(
                "start over",
                "Start &over",
                "Train again with the present settings and new weights, or those of the cell that was trained",
                ("Ctrl+R",),
            ),
            Command(
                "new weights",
                "Be&gin with new weights",
                "Begin the next run with new weights, not with those taken from a cell",
            ),
            SEPARATOR,
            switch("record", "Re&cord runs", "Record each run in a file of its own, from the next run on"),
            Command(
                "keep", "Record a snaps&hot", "Record a snapshot of this training step, to come back to it", ("Ctrl+K",)
            ),
            Menu(
                "Trained &before",
                tuple(Command(each.line, each.words, each.sentence) for each in CONTRASTS.values()),
            ),
            Command("newest", "Back to the ne&west step", "Show the newest training step again", ("Ctrl+End",)),
            Command("resume", "&Resume the recorded run", "Resume the recorded run that is shown"),
            SEPARATOR,
            Command("settings", "Training &settings", "Choose task, network, optimizer and device"),
            Command("copy command", "Copy as a command", "Copy the training as a command for a terminal"),
            Command(
                "copy settings link",
                "Copy a lin&k to these settings",
                "Copy the settings of the next run as a short text, for a mail",
            ),
            Command(
                "show network",
                "Show the network in the &diagram",
                "Show the network's cell while it learns: its weights, gates and state change with it",
                ("Ctrl+D",),
            ),
            switch("hold", "Ho&ld these weights", "Stay at the training step that the diagram shows", ("Ctrl+H",)),
            Command(
                "copy network",
                "Copy the network to &edit it",
                "Make the shown network your own document, to change its weights and inputs",
                ("Ctrl+Shift+C",),
            ),
            Command(
                "own cell",
                "Back to &your own cell",
                "Leave the network; your document is as you left it",
                ("Ctrl+Shift+D",),
            ),
        ),
    )
