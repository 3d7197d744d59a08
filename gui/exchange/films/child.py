"""Makes a film in a process of its own, by the command `render`, while the window goes on."""

from __future__ import annotations

import json
import subprocess
import sys
import tempfile
from collections.abc import Sequence
from contextlib import suppress
from dataclasses import dataclass
from functools import partial
from pathlib import Path
from threading import Event

from PySide6.QtCore import QObject, QTimer, Signal

from engine.errors import INTERRUPTED, PlainError
from gui.jobs.background import Background

_GRACE_MS = 3000
"""So long a cancelled process may take to leave nothing behind."""
_LONGEST_SENTENCE = 500
_NO_PROCESS = "The film cannot be made: its process did not start ({why}); close other programs, then try again."
_ENDED = "The film was not made: its process was ended, often because memory ran out."


class NoFilmError(PlainError):
    """There is no film; the message is one sentence."""


@dataclass(frozen=True)
class Made:
    """A film that was written, and its size; None for one that was cancelled."""

    path: Path | None
    nbytes: int = 0


class FilmProcess(QObject):
    """One film at a time: how far it has come, where it is, or why there is none."""

    progressed = Signal(int, int)
    """So many frames are made, of so many."""
    finished = Signal(object, int)
    """The Path of the film, and its bytes."""
    failed = Signal(str)
    """One sentence: there is no film."""
    cancelled = Signal()
    """There is none because somebody said so."""

    def __init__(self, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self._background = Background("films", self)
        self._process: subprocess.Popen[str] | None = None
        self._cancelling = self._slow = False
        self.busy = False
        """Whether a film is being made."""
        self._patience = QTimer(self, singleShot=True, interval=_GRACE_MS)
        self._patience.timeout.connect(self._kill)

    def begin(self, arguments: Sequence[str]) -> None:
        """Make a film; arguments: those of `render`, with its file and --out. Only when none is being made."""
        self.busy, self._cancelling, self._process = True, False, None
        main = str(Path(__file__).resolve().parents[3] / "main.py")
        command = (sys.executable, main, "render", *arguments, "--json", "--steered")
        self._background.run_apart(partial(self._make, command), self._on_made, self._on_failed, NoFilmError)

    def be_slow(self, slow: bool) -> None:
        """Leave the processor to a training, or take it again."""
        if slow != self._slow:
            self._slow = slow
            self._tell("slow\n" if slow else "fast\n")

    def cancel(self) -> None:
        """Make no film; `cancelled` follows when nothing of it is left."""
        if self.busy and not self._cancelling:
            self._cancelling = True
            self._tell("stop\n")
            self._patience.start()

    def _make(self, command: Sequence[str], dropped: Event) -> Made:
        """Run the command and pass on what it says; in a thread. When the window goes, its pipe ends, and it too."""
        with tempfile.TemporaryFile("w+", encoding="utf-8") as errors:
            pipe = subprocess.PIPE
            try:
                process = subprocess.Popen(
                    command, stdin=pipe, stdout=pipe, stderr=errors, text=True, encoding="utf-8", errors="replace"
                )
            except OSError as error:
                raise NoFilmError(_NO_PROCESS.format(why=error.strerror)) from error
            self._process = process
            with process:
                self._tell("stop\n" if self._cancelling else "slow\n" if self._slow else "fast\n")
                made = Made(None)
                temporary: Path | None = None
                assert process.stdout is not None
                for line in process.stdout:
                    said = json.loads(line)
                    if "done" in said:
                        made = Made(Path(said["out"]), int(said["bytes"]))
                    elif "temporary" in said:
                        temporary = Path(said["temporary"])
                    elif not dropped.is_set():
                        self.progressed.emit(int(said["frame"]), int(said["frames"]))
                status = process.wait()
            if status != 0 and temporary is not None:
                with suppress(OSError):  # a process that was killed leaves it; where that can't be, the film is told of
                    temporary.unlink(missing_ok=True)
            if status == 0 or self._cancelling or status == INTERRUPTED:
                return made
            errors.seek(0)
            words = errors.read().strip().splitlines()
        raise NoFilmError(_ENDED if status < 0 or not words else words[-1][:_LONGEST_SENTENCE])

    def _tell(self, line: str) -> None:
        process = self._process
        if process is None or process.stdin is None:
            return
        try:
            process.stdin.write(line)
            process.stdin.flush()
        except (OSError, ValueError):
            return  # it has ended, which its own last word tells

    def _on_made(self, made: Made) -> None:
        self._rest()
        if made.path is None:
            self.cancelled.emit()
        else:
            self.finished.emit(made.path, made.nbytes)

    def _on_failed(self, error: Exception) -> None:
        self._rest()
        self.failed.emit(str(error))

    def _rest(self) -> None:
        self._patience.stop()
        self.busy, self._process = False, None

    def _kill(self) -> None:
        if self._process is not None:
            self._process.kill()
