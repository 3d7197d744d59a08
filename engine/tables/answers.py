"""How a user wants a file to be read, the questions that a file leaves open, and errors in data."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass
from typing import Any, TypeVar

from ..errors import PlainError

EITHER = "either"
CHUNK_CELLS = 4000
"""About two milliseconds of reading: as long as a window may wait for its turn."""
_Item = TypeVar("_Item")
ShouldStop = Callable[[], bool]


class DataError(PlainError, ValueError):
    """Data that cannot be used; its text is one sentence with file, line and column."""


class ReadingStoppedError(Exception):
    """A file was not read to its end because nobody wants it any more."""


@dataclass(frozen=True)
class Choice:
    """One answer to an open question: the value of the setting, and what it means for this file."""

    value: str
    words: str


class OpenQuestion(DataError):  # noqa: N818  what it is, to a window that asks it
    """What a file leaves open, in one sentence with the flag to give.

    setting: the field of the run's settings that answers it. choices: the likeliest first.
    """

    def __init__(self, sentence: str, setting: str, choices: tuple[Choice, ...]) -> None:
        super().__init__(sentence)
        self.setting = setting
        self.choices = choices

    def __reduce__(self) -> tuple[Any, ...]:
        return type(self), (str(self), self.setting, self.choices)


@dataclass(frozen=True)
class Answers:
    """How a file is to be read; "" means as the file itself says.

    decimal: "point", "comma", or "either", as recordings have it that were made before this could be chosen: then the
    whole file is read as it was then. header:
    "yes", "no". missing: "refuse", "carry" (the last value before), "interpolate" (on a line). marks: what means
    missing besides an empty cell and its like, with commas between. dates: "day first", "month first". order: "as it
    is".
    """

    decimal: str = ""
    header: str = ""
    missing: str = "refuse"
    marks: str = ""
    dates: str = ""
    order: str = ""

    @property
    def as_before(self) -> bool:
        """Whether a file is read as recordings had it that were made before this could be chosen."""
        return self.decimal == EITHER

    @property
    def mark_texts(self) -> frozenset[str]:
        """The marks as texts in small letters."""
        return frozenset(part.strip().casefold() for part in self.marks.split(",") if part.strip())

    @property
    def mark_values(self) -> tuple[float, ...]:
        """The marks that are numbers."""
        found = []
        for text in self.mark_texts:
            try:
                found.append(float(text))
            except ValueError:
                continue  # a word
        return tuple(found)


def never() -> bool:
    """Say that a file is to be read to its end."""
    return False


@dataclass(frozen=True)
class Stop:
    """Whether reading a file is to go on: asked between parts of work that take a few milliseconds each."""

    file: str
    asked: ShouldStop = never

    def heed(self) -> None:
        """Raise ReadingStoppedError if reading is to go no further."""
        if self.asked():
            raise ReadingStoppedError(self.file)

    def between(self, columns: Iterable[_Item], rows: int) -> Iterator[_Item]:
        """Yield columns of so many rows; raises as `heed` where it is asked between them."""
        every = max(1, CHUNK_CELLS // max(1, rows))
        for place, column in enumerate(columns):
            if place % every == 0:
                self.heed()
            yield column
