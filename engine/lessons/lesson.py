"""What a lesson is: stops, each with its beginning and the beats that follow, one for each press of a key."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

from ..errors import PlainError


class LessonError(PlainError):
    """A lesson that cannot be read; its text is one sentence."""


@dataclass(frozen=True)
class Mistake:
    """Something that must be corrected: the line of the file, from 1, and one sentence."""

    line: int
    sentence: str


@dataclass(frozen=True)
class Directive:
    """A line of words that a lesson has carried out, such as "show sum". says: the words of a link."""

    line: int
    text: str
    says: str = ""

    @property
    def name(self) -> str:
        """Its first word."""
        return self.text.split(None, 1)[0]

    @property
    def rest(self) -> str:
        """What follows the first word."""
        return "".join(self.text.split(None, 1)[1:])


@dataclass(frozen=True)
class Words:
    """Text that is shown, as Markdown. links: what its links point at, each as a directive."""

    line: int
    markdown: str
    links: tuple[Directive, ...] = ()


@dataclass(frozen=True)
class Move:
    """Directives that one key carries out, one after the other."""

    line: int
    directives: tuple[Directive, ...]


@dataclass(frozen=True)
class Ask:
    """A question whose answer is predicted, then shown.

    answer: the words of the right one; "" where it is computed. computed: what computes it, such as "shape W_f"; "" for
    none. choices: what can be chosen; none where it is typed. because: a sentence that is shown with the answer.
    """

    line: int
    question: str
    answer: str = ""
    computed: str = ""
    choices: tuple[str, ...] = ()
    because: str = ""


Beat = Words | Move | Ask


@dataclass(frozen=True)
class Stop:
    """One place of a lesson. begin: what brings the window there. notes: what the lecturer sees, and the hall not."""

    line: int
    title: str
    begin: tuple[Directive, ...] = ()
    beats: tuple[Beat, ...] = ()
    notes: tuple[str, ...] = ()


@dataclass(frozen=True)
class Lesson:
    """A whole lesson. minutes: how long it takes, 0 where it does not say. folder: what it opens lies there."""

    title: str
    stops: tuple[Stop, ...]
    about: str = ""
    minutes: int = 0
    folder: Path | None = None
