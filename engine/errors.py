"""Errors that people read, exit statuses, and how any other error in background work becomes a sentence."""

from __future__ import annotations

import traceback
from collections.abc import Callable, Iterable
from difflib import get_close_matches
from types import TracebackType

_UNSEEN = (
    *range(0x20),
    *range(0x7F, 0xA0),
    *(0x61C, 0x200E, 0x200F),
    *range(0x2028, 0x202F),
    *range(0x2066, 0x206A),
)
"""Codes that begin a new line, speak to a terminal or turn the direction of the letters after them."""
_ESCAPES = {code: chr(code).encode("unicode_escape").decode("ascii") for code in _UNSEEN}

_SIGNS = ("outofmemory", "memoryerror", "out of memory", "can't allocate memory", "not enough memory")
_NO_MEMORY = "There is not enough memory for this run; choose a smaller batch, cell or sequence length."


ENDED = 1
"""Exit status: a run did not reach its goal and was not interrupted, or something else has ended before its end."""
BAD_INPUT = 2
"""Exit status: the user's input cannot be used."""
INTERRUPTED = 130
"""Exit status after Ctrl+C, as shells have it."""


def one_line(text: str) -> str:
    """Return a text that may come from elsewhere, such as a file's name, in one line: a line break as \\n."""
    return text.translate(_ESCAPES)


class PlainError(Exception):
    """An error that a person reads: its text is a sentence that says what is wrong, where, and what to do.

    It is one line, whatever the names in it hold.
    """

    status = BAD_INPUT
    """The exit status of a command that it ends."""

    def __str__(self) -> str:
        return one_line(super().__str__())


class FailureReport:
    """Hands whatever ends a piece of work to a function; a context manager, so that no kind of error is left out."""

    def __init__(self, tell: Callable[[Exception], None]) -> None:
        self._tell = tell

    def __enter__(self) -> None:
        return None

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> bool:
        if not isinstance(error, Exception):
            return False
        self._tell(error)
        return True


def sentence_and_text(error: Exception, what: str) -> tuple[str, str]:
    """Return an error as one sentence, and its traceback where the sentence does not say all, else "".

    what: what has ended, as the sentence begins: "Training".
    """
    if isinstance(error, PlainError):
        return str(error), ""
    text = "".join(traceback.format_exception(error))
    if is_out_of_memory(error):
        return _NO_MEMORY, text
    return f"{what} ended with an error, {type(error).__name__}: {first_line(error)}", text


def first_line(error: BaseException) -> str:
    """Return the first line of what an error says, to stand within a sentence."""
    return (str(error).splitlines() or ["no reason given"])[0][:200]


def is_out_of_memory(error: BaseException) -> bool:
    """Return whether an error says that memory has run out; torch says it in three ways."""
    words = f"{type(error).__name__} {error}".casefold()
    return any(sign in words for sign in _SIGNS)


class UnlessOutOfMemory:
    """Ends a `with` block without an error when memory runs out in it; every other error is raised."""

    def __enter__(self) -> None:
        return None

    def __exit__(self, kind: type[BaseException] | None, error: BaseException | None, trace: object) -> bool:
        return isinstance(error, (MemoryError, RuntimeError)) and is_out_of_memory(error)  # torch's are RuntimeErrors


def nearest(written: str, known: Iterable[str]) -> str:
    """Return the known word that is nearest to a mistyped one, "" where none is near."""
    return next(iter(get_close_matches(written, known, 1)), "")


def did_you_mean(written: str, known: Iterable[str]) -> str:
    """Return the end of a sentence that names what is nearest to a mistyped word, or all where nothing is near."""
    words = list(known)
    if near := nearest(written, words):
        return f"; did you mean “{near}”?"
    if not words:
        return "; leave it out"
    shown = words if len(words) <= 12 else [*words[:12], "…"]
    return f"; there is {', '.join(shown)}"
