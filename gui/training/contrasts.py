"""The command that shows a run that was trained before, in Live; its file is the program's own and is only read."""

from __future__ import annotations

from collections.abc import Callable

from engine.experiments.contrasts import CONTRASTS
from gui.commands.registry import Registry
from gui.runs.recordings import Recordings
from gui.runs.shown_run import ShownRun


def register_contrasts(commands: Registry, recordings: Recordings, run: ShownRun, say: Callable[[str], None]) -> None:
    """Say what the command "contrast" does; say: tells what is to be seen."""

    def show(name: str) -> None:
        commands.run("show live")
        recordings.open(CONTRASTS[name].path)

    def tell() -> None:
        for name, contrast in CONTRASTS.items():
            if is_shown(name):
                say(contrast.sentence)

    def is_shown(name: str) -> bool:
        return run.recorded is not None and run.recorded.path == CONTRASTS[name].path

    recordings.opened.connect(tell)
    commands.register("contrast", show, on=is_shown)
