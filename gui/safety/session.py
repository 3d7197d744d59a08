"""A folder for each window that is open, with a copy of what is not saved and the report of a crash.

At a clean end it goes. One that stays was left behind: by a crash, a kill or a power cut. Whether its window still
lives is told by a lock that ends with the process, however that ends; children of the program do not hold it.
"""

from __future__ import annotations

import faulthandler
import json
import os
import platform
import secrets
import shutil
from collections.abc import Iterable
from contextlib import suppress
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from threading import Lock
from typing import TYPE_CHECKING, Any, TextIO

import platformdirs

from engine.document.document import Document
from engine.document.document_file import write_document
from engine.shipped import FILES, NAME, version

if TYPE_CHECKING:
    from filelock import BaseFileLock

COPY, ABOUT, REPORT, PROGRAM, LOCK = "unsaved.lstmviz", "about.json", "report.txt", "program.txt", "lock"
_PATIENCE_S = 1.0  # with one that only looks whether it is locked
_LONGEST_REPORT = 200_000
"""Characters of a report; a program that raises again and again must not fill the disk."""
_LONGEST_NAME = 500
_MOST_LEFT = 8
"""Folders that are kept for the next start; older ones go."""


@dataclass(frozen=True)
class Left:
    """What a window left behind. copy: a document that was not saved; report: of its crash, "" without one."""

    folder: Path
    when: datetime
    name: str
    path: Path | None
    """Where the document was saved last, None where it never was."""
    copy: Path | None
    report: str


def sessions_folder() -> Path:
    """Return where the folders are; it need not exist."""
    return Path(platformdirs.user_data_dir(FILES, appauthor=False)) / "sessions"


class Session:
    """The folder of this process. Every method but `report` and `end` reads or writes the disk for a while."""

    def __init__(self, root: Path, others: Iterable[Path] = ()) -> None:
        """root: where its folder is. others: where other windows may have left something behind, too."""
        self._root, self._others = root, set(others)
        self.folder: Path | None = None
        """None before it is made, and after the end."""
        self._lock: BaseFileLock | None = None
        self._report: TextIO | None = None
        self._written = 0
        self._ended = False
        self._alone = Lock()

    def begin(self) -> list[Left]:
        """Make the folder, and return what other windows have left behind, the newest first. Raises OSError."""
        from filelock import FileLock  # not needed before the window is shown

        found = [left for root in {self._root} | self._others for left in left_behind(root)]
        folder = self._root / f"{os.getpid()}-{secrets.token_hex(4)}"
        with self._alone:
            if self._ended:
                return []
            folder.mkdir(parents=True)
            self._lock = FileLock(folder / LOCK, thread_local=False)
            with suppress(NotImplementedError):  # a disk without locks: then nothing of it is ever offered
                self._lock.acquire(timeout=_PATIENCE_S)
            self.folder = folder
        return found

    def watch_for_crashes(self) -> None:
        """Write down where the program was, should it crash from now on. Raises OSError."""
        with self._alone:
            if self.folder is None:
                return
            about = f"{NAME} {version()}, Python {platform.python_version()}, {platform.platform()}\n"
            self._report = open(self.folder / REPORT, "w", encoding="utf-8", buffering=1)  # noqa: SIM115  # to the end
            faulthandler.enable(self._report)
            (self.folder / PROGRAM).write_text(about, encoding="utf-8")

    def report(self, text: str) -> None:
        """Add an exception that nobody expected to the report, in any thread; it counts if the program then ends."""
        with self._alone, suppress(OSError):
            if self._report is not None and self._written < _LONGEST_REPORT:
                self._written += self._report.write(f"{text[:_LONGEST_REPORT]}\n")

    def copy(self, document: Document, name: str, path: Path | None) -> None:
        """Copy a document that is not saved, whole or not at all. Raises DocumentError and OSError."""
        folder = self.folder
        if folder is None:
            return
        about = {"name": name, "path": None if path is None else os.fspath(path.absolute())}
        (folder / ABOUT).write_text(json.dumps(about), encoding="utf-8")
        write_document(folder / COPY, document)

    def drop_copy(self) -> None:
        """Remove the copy: everything is saved, or given up."""
        if self.folder is not None:
            with suppress(OSError):
                (self.folder / COPY).unlink(missing_ok=True)

    def move(self, root: Path) -> None:
        """Go on in a folder elsewhere; the copy has to be made anew. Raises OSError, and then stays where it is."""
        root.mkdir(parents=True, exist_ok=True)
        if not os.access(root, os.W_OK):
            raise PermissionError(0, "nothing may be written there")
        watched, before = self._report is not None, self._root
        self._leave()
        self._root = root
        try:
            self.begin()
        except OSError:
            self._root = before
            self.begin()
            raise
        finally:
            if watched:
                self.watch_for_crashes()

    def end(self) -> None:
        """Leave nothing behind: the program ends as it should."""
        self._ended = True
        self._leave()

    def _leave(self) -> None:
        with self._alone:
            folder, self.folder = self.folder, None
            if self._report is not None:
                faulthandler.disable()
                self._report.close()
                self._report = None
            if self._lock is not None:
                self._lock.release()
                self._lock = None
            if folder is not None:
                shutil.rmtree(folder, ignore_errors=True)


def may_hold_something(root: Path) -> bool:
    """Return whether there are folders of other windows, which may have left something behind; looks at names alone."""
    try:
        with os.scandir(root) as entries:
            return next(entries, None) is not None
    except OSError:  # there is none yet
        return False


def left_behind(root: Path) -> list[Left]:
    """Return what windows that no longer live have left in their folders, the newest first; others are removed."""
    try:
        folders = [entry for entry in root.iterdir() if entry.is_dir()]
    except OSError:  # there is none yet
        return []
    found = [left for folder in folders if not _lives(folder) and (left := _left_in(folder)) is not None]
    found.sort(key=lambda left: left.when, reverse=True)
    for left in found[_MOST_LEFT:]:
        forget(left)
    return found[:_MOST_LEFT]


def forget(left: Left) -> None:
    """Remove what was left behind."""
    shutil.rmtree(left.folder, ignore_errors=True)


def _lives(folder: Path) -> bool:
    """Return whether the window of a folder is open, or that cannot be known."""
    from filelock import FileLock, Timeout

    if not (folder / LOCK).exists():
        return True  # it has just been made
    lock = FileLock(folder / LOCK, thread_local=False)
    try:
        lock.acquire(timeout=0)
    except (Timeout, OSError, NotImplementedError):
        return True
    lock.release()
    return False


def _left_in(folder: Path) -> Left | None:
    """Return what is in a folder whose window is gone; one without anything is removed."""
    copy, report = folder / COPY, _text_of(folder / REPORT)
    if not copy.is_file() and not report:
        shutil.rmtree(folder, ignore_errors=True)
        return None
    moments = [path.stat().st_mtime for path in (copy, folder / REPORT) if path.exists()]
    about = _about_in(folder / ABOUT)
    name, path = about.get("name"), about.get("path")
    return Left(
        folder,
        datetime.fromtimestamp(max(moments), UTC),
        name[:_LONGEST_NAME] if isinstance(name, str) and name else "Untitled",
        Path(path) if isinstance(path, str) and path else None,
        copy if copy.is_file() else None,
        _text_of(folder / PROGRAM) + report if report else "",
    )


def _about_in(path: Path) -> dict[str, Any]:
    try:
        found = json.loads(_text_of(path))
    except (ValueError, RecursionError):
        return {}
    return found if isinstance(found, dict) else {}


def _text_of(path: Path) -> str:
    try:
        with path.open(encoding="utf-8", errors="replace") as file:
            return file.read(_LONGEST_REPORT)
    except OSError:
        return ""
