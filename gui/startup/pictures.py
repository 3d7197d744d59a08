"""Makes the pictures of README and of the guide, and a short film, from the program as it is: `make pictures`.

Each is written by the command `render`, but for the picture of the whole window, which only a window can give.
"""

from __future__ import annotations

import argparse
import os
import subprocess
import sys
import tempfile
from dataclasses import dataclass
from pathlib import Path

from engine.errors import PlainError, one_line
from engine.shipped import SHIPPED

GUIDE = SHIPPED / "guide"
FILMS = Path("build/pictures")
_TRAIN = ("train", "--task", "adding", "--steps", "2000", "--seed", "3", "--device", "cpu", "--json")
_SIZE = 1920, 1080


@dataclass(frozen=True)
class Shown:
    """A picture or a film. name: of its file. arguments: of `render`, in which RUN stands for a recorded training."""

    name: str
    arguments: tuple[str, ...]


RUN = "RUN"
PICTURES = (
    Shown("diagram.png", ("--example", "worked-example", "--size", "1600x900")),
    Shown("unrolled.png", ("--example", "four-steps", "--view", "unrolled", "--size", "1600x900")),
    Shown("training.png", (RUN, "--view", "live", "--size", "1600x900")),
)
"""Of the guide, beside the whole window."""
MOVING = (
    Shown("pass.mp4", ("--example", "worked-example", "--size", "1280x720")),
    Shown("pass.gif", ("--example", "worked-example", "--size", "640x360", "--seconds", "12")),
    Shown("training.mp4", (RUN, "--view", "side-by-side", "--size", "1280x720", "--seconds", "12")),
)
"""Films, which are made but not kept with the program."""
WINDOW = "window.png"


def main(given: list[str] | None = None) -> int:
    """Make all of them; return the exit status."""
    parser = argparse.ArgumentParser(description=(__doc__ or "").partition("\n")[0])
    parser.add_argument("--pictures", type=Path, default=GUIDE, help="folder of the pictures")
    parser.add_argument("--films", type=Path, default=FILMS, help="folder of the films")
    options = parser.parse_args(given)
    for folder in (options.pictures, options.films):
        folder.mkdir(parents=True, exist_ok=True)
    with tempfile.TemporaryDirectory() as folder:
        run = Path(folder) / "adding.lstmrec"
        _program(*_TRAIN, "--record", str(run))
        for shown, place in ((PICTURES, options.pictures), (MOVING, options.films)):
            for each in shown:
                arguments = (str(run) if word == RUN else word for word in each.arguments)
                _program("render", *arguments, "--out", str(place / each.name))
                print(one_line(f"wrote {place / each.name}"))
        _python("-m", "gui.startup.pictures", "--window", str(options.pictures / WINDOW), str(run))
        print(one_line(f"wrote {options.pictures / WINDOW}"))
    return 0


def _program(*arguments: str) -> None:
    _python(str(Path(__file__).resolve().parents[2] / "main.py"), *arguments)


def _python(*arguments: str) -> None:
    subprocess.run([sys.executable, *arguments], check=True, stdout=subprocess.DEVNULL)


def picture_of_the_window(out: Path, run: Path) -> None:
    """Write a picture of the whole window: the diagram of a recorded network beside its maps."""
    from gui.startup.offscreen import use_known_letters, use_no_screen

    use_no_screen()
    from gui.appearance.stored import Stored
    from gui.jobs.background import anything_to_come
    from gui.startup.application import make_application, make_window
    from gui.startup.demo import until

    application = make_application([])
    use_known_letters()
    with tempfile.TemporaryDirectory() as folder:
        window = make_window(Stored(Path(folder) / "pictures.ini"), "light", record=False)
        window.resize(*_SIZE)
        window.show()
        window.stage.cell.tools.appearance.fit_screen(_SIZE[1])
        until(lambda: window.model.trace is not None, "the trace")
        window.files.open(run)
        until(lambda: bool(window.training.controller.run.moments), "the recorded run")
        window.stage.show_workspace("side-by-side")
        until(lambda: window.following.shown, "its network")
        quiet = 0
        while quiet < _QUIET:
            application.processEvents()
            quiet = 0 if anything_to_come() else quiet + 1
        if not window.grab().save(str(out)):
            raise PlainError(f"{out} could not be written; name another folder with --pictures.")
        window.close()
        until(lambda: not window.isVisible(), "the window to close")


_QUIET = 50
"""Turns of the event loop in which nothing more has come."""


if __name__ == "__main__":
    if sys.argv[1:2] == ["--window"]:
        picture_of_the_window(*map(Path, sys.argv[2:4]))
        os._exit(0)  # its threads have nothing more to do
    sys.exit(main())
