"""Reads lessons from files, and what lies beside them; knows those that come with the program."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

from ..errors import did_you_mean
from ..shipped import SHIPPED
from .lesson import Lesson, LessonError, Mistake
from .parsing import parse

FOLDER = SHIPPED / "lessons"
SUFFIX = ".md"
LARGEST = 2**20
"""Bytes of a lesson, and of each file that it opens."""
SHIPPED_LESSONS = (
    "sizes",
    "forget-gate",
    "input-gate",
    "cell-line",
    "output-gate",
    "soft-or-stochastic",
    "derivatives",
    "adding",
    "outbreak",
    "clamp",
)
"""The names of the program's own lessons, in the order in which they are offered."""
TOUR = "tour"
"""A lesson more, which plays by itself."""
OPENED = (".lstmviz", ".lstmrec")
"""What a lesson may open: documents and recorded runs."""


def shipped_lessons() -> list[str]:
    """Return the names of the program's own lessons that are there, in the order in which they are offered."""
    return [name for name in SHIPPED_LESSONS if (FOLDER / f"{name}{SUFFIX}").is_file()]


def place_of(given: str) -> Path:
    """Return the file that a name of a shipped lesson or a path means; raise LessonError for an unknown one."""
    names = shipped_lessons()
    if given in (*names, TOUR):
        return FOLDER / f"{given}{SUFFIX}"
    path = Path(given)
    if path.suffix.casefold() != SUFFIX and not path.exists():
        raise LessonError(f"There is no lesson “{given}”{did_you_mean(given, names)}")
    return path


def text_of(path: Path) -> str:
    """Return the text of a lesson's file; raise LessonError, in one sentence, where it cannot be read."""
    try:
        if path.exists() and not path.is_file():
            raise OSError(0, "it is a folder or a device")
        with path.open("rb") as file:
            content = file.read(LARGEST + 1)
    except OSError as error:
        reason = (error.strerror or str(error)).lower()
        raise LessonError(f"{path.name or path}: cannot be read ({reason}); choose another file") from error
    if len(content) > LARGEST:
        raise LessonError(f"{path.name}: expected a lesson of at most 1 MB, found more; part it into several")
    try:
        return content.decode("utf-8-sig")
    except UnicodeDecodeError as error:
        line = content[: error.start].count(b"\n") + 1
        raise LessonError(
            f"{path.name}:{line}: expected UTF-8 text, found other data; save the file as UTF-8"
        ) from None


def read_lesson(path: Path) -> tuple[Lesson, list[Mistake]]:
    """Return the lesson in a file, with every mistake of its text and those of the files that it opens.

    Raises LessonError, in one sentence, for a file that is no text.
    """
    lesson, mistakes = parse(text_of(path))
    return replace(lesson, folder=path.resolve().parent), mistakes


def beside(lesson: Lesson, name: str) -> Path:
    """Return the path of a file that a lesson opens: in its folder or below; raise LessonError for any other.

    Also raised where it is not there, is larger than 1 MB, or is neither a document nor a recorded run.
    """
    if lesson.folder is None:
        raise LessonError(f"{name}: this lesson has no folder; save it first")
    folder = lesson.folder.resolve()
    try:
        path = (folder / name).resolve()
        if not path.is_relative_to(folder):
            raise LessonError(f"{name}: a lesson opens only files that lie in its own folder; copy it there")
        if path.suffix.casefold() not in OPENED:
            raise LessonError(f"{name}: a lesson opens only {' and '.join(OPENED)}; save it as one of them")
        if not path.is_file():
            near = [each.name for each in folder.iterdir() if each.suffix.casefold() in OPENED]
            raise LessonError(f"{name}: there is no such file beside the lesson{did_you_mean(name, near)}")
        size = path.stat().st_size
    except (OSError, ValueError) as error:
        raise LessonError(f"{name}: cannot be read; give the file a plain name") from error
    if size > LARGEST:
        raise LessonError(f"{name}: expected a file of at most 1 MB, found {size / LARGEST:.1f} MB; make it smaller")
    return path
