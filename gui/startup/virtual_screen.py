"""Runs a command on a virtual screen, for machines without a display.

Run as `python -m gui.startup.virtual_screen COMMAND …`: the command sees a screen of 1920×1080.
"""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager

from engine.errors import ENDED, PlainError


class NoScreenError(PlainError):
    """There is no Xvfb, or it did not start; the message says what to do."""


@contextmanager
def virtual_screen() -> Iterator[dict[str, str]]:
    """Start Xvfb and yield an environment in which programs use it; end it afterwards."""
    if shutil.which("Xvfb") is None:
        raise NoScreenError("Xvfb is not installed; type: sudo apt-get install -y xvfb xdotool")
    read_end, write_end = os.pipe()
    server = subprocess.Popen(
        ["Xvfb", "-displayfd", str(write_end), "-screen", "0", "1920x1080x24", "-nolisten", "tcp"],
        pass_fds=(write_end,),
        stdout=subprocess.DEVNULL,
        stderr=subprocess.DEVNULL,
    )
    os.close(write_end)
    try:
        with os.fdopen(read_end) as answer:
            number = answer.readline().strip()  # written when the screen is there; empty if Xvfb has ended
        if not number:
            raise NoScreenError("Xvfb did not start; to see why, type: Xvfb :99 -screen 0 1920x1080x24")
        environment = {key: value for key, value in os.environ.items() if key != "QT_QPA_PLATFORM"}
        yield {**environment, "DISPLAY": f":{number}"}
    finally:
        server.terminate()
        server.wait()


def main(command: list[str]) -> int:
    """Run a command on a virtual screen; return its exit status."""
    try:
        with virtual_screen() as environment:
            return subprocess.run(command, env=environment, check=False).returncode
    except NoScreenError as error:
        print(error, file=sys.stderr)
        return ENDED


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
