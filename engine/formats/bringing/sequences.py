"""Sequences that a network from elsewhere is fed with: random, typed, a text, or from a file."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from ...errors import PlainError
from ...tables.answers import Answers, DataError, ShouldStop, never
from ...tables.reading import read_table
from ...tables.roles import Role
from ...tasks.characters import read_text
from ...text.listed import listed
from ...text.matrix_text import readings_of_block
from ...text.number_text import NumberTextError
from .arrays import array_of_file

Floats = NDArray[np.float64]

LONGEST = 32_768
"""Time steps that are taken of a sequence, at most."""
RANDOM_STEPS = 20
_NAMED = 8
_COUNTS = Role.DATE, Role.COUNTS
"""Columns that say where a row stands: left out where there are others enough."""
_ESCAPES = {r"\n": "\n", r"\t": "\t", r"\s": " "}


class SequenceError(PlainError):
    """A sequence that a network cannot be fed with; one sentence says why and what to do."""


@dataclass(frozen=True, eq=False)
class Fed:
    """A sequence x (T, m), finite, and in words where it is from: "20 time steps of random numbers"."""

    x: Floats
    words: str


def random_sequence(m: int, steps: int = RANDOM_STEPS, seed: int = 0) -> Fed:
    """Return T time steps of m numbers from a normal distribution with mean 0 and variance 1."""
    x = np.random.default_rng(seed).standard_normal((steps, m))
    return Fed(x, f"{_steps(steps)} of random numbers (mean 0, variance 1, seed {seed})")


def given_sequence(x: NDArray[np.floating], m: int, whose: str = "the network’s file") -> Fed:
    """Return a sequence that is there already, such as in the network's file; whose: in words.

    Raises SequenceError where a layer reads another m.
    """
    if x.shape[1] != m:
        raise SequenceError(
            f"The sequence of {whose} has {_numbers(x.shape[1])} a time step, but the layer reads "
            f"m = {m:,}; choose another."
        )
    return _fed(x, "the sequence", f"{_first(min(len(x), LONGEST), len(x))}, from {whose}")


def typed_sequence(text: str, m: int) -> Fed:
    """Return the sequence that somebody typed, one time step a row; with m = 1, one row may hold all of them.

    Raises SequenceError.
    """
    if not text.strip():
        raise SequenceError(f"Type a row of {_numbers(m)} for each time step, such as {_example(m)}.")
    try:
        blocks = readings_of_block(text)
    except NumberTextError as error:
        raise SequenceError(f"The typed rows cannot be read: {str(error).replace('pasted', 'typed')}.") from error
    for block in blocks:
        if m == 1 and len(block) == 1:
            block = block.T
        if block.shape[1] == m:
            return _fed(block, "the typed rows", "typed")
    raise SequenceError(
        f"Each typed row has {_numbers(blocks[0].shape[1])}, but the layer reads m = {m:,} a time step; type "
        f"{_numbers(m)} in a row."
    )


def vocabulary_of(text: str) -> tuple[str, ...]:
    r"""Return the entries of a vocabulary: one a line, where every line has one word; else the characters, sorted.

    A line of \n, \t or \s stands for a line end, a tab or a space. Raises SequenceError for one with an entry twice.
    """
    lines = text.rstrip("\n").split("\n")
    words = all(line and (line == " " or not any(map(str.isspace, line))) for line in lines)
    if len(lines) < 2 or not words:
        return tuple(sorted(set(text)))
    entries = tuple(_ESCAPES.get(line, line) for line in lines)
    if len(set(entries)) < len(entries):
        twice = next(entry for place, entry in enumerate(entries) if entry in entries[:place])
        raise SequenceError(f"The vocabulary has {_shown(twice)} twice; write each entry once.")
    return entries


def vocabulary_typed(text: str) -> tuple[str, ...]:
    """Return the entries of a vocabulary in one line: its characters, or words with spaces between them."""
    return tuple(text) if len(set(text)) == len(text) else tuple(text.split())


def text_sequence(text: str, m: int, vocabulary: Sequence[str] = ()) -> Fed:
    """Return a text as a sequence: each character, or word, is a row of m numbers, 1 at its place and 0 elsewhere.

    vocabulary: the entries in the order of the network's inputs, words where one has more than a character; the
    characters of the text, sorted, where it is empty. Raises SequenceError where there are not m of them, and for what
    is not among them.
    """
    if not text:
        raise SequenceError("Type a text, or read one from a file.")
    entries = tuple(vocabulary) or tuple(sorted(set(text)))
    if len(entries) != m:
        whose = f"The vocabulary has {_entries(len(entries))}" if vocabulary else f"The text has {_kinds(len(entries))}"
        raise SequenceError(
            f"{whose}, but the layer reads m = {m:,} numbers a time step; give the vocabulary that it was trained "
            f"with, {m:,} entries in their order."
        )
    tokens: Sequence[str] = text.split() if any(len(entry) > 1 for entry in entries) else text
    places = {entry: place for place, entry in enumerate(entries)}
    taken = tokens[:LONGEST]
    missing = sorted({token for token in taken if token not in places})
    if missing:
        more = f" and {len(missing) - _NAMED:,} more" if len(missing) > _NAMED else ""
        are = "is" if len(missing) == 1 else "are"
        raise SequenceError(
            f"{', '.join(map(_shown, missing[:_NAMED]))}{more} {are} in the text, but not in the vocabulary; leave "
            "out what the network does not know, or give its own vocabulary."
        )
    if not taken:
        raise SequenceError("The text has no words; type some.")
    x = np.zeros((len(taken), m))
    x[np.arange(len(taken)), [places[token] for token in taken]] = 1.0
    kind = "word" if tokens is not text else "character"
    return Fed(x, f"{_first(len(taken), len(tokens))} of a text, a {kind} each, one-hot")


def text_of_file(path: Path) -> str:
    """Return a text of a file, at most its first 4 MB; raises SequenceError."""
    try:
        return read_text(path).characters
    except DataError as error:
        raise SequenceError(str(error)) from error


def file_sequence(path: Path, m: int, answers: Answers = Answers(), should_stop: ShouldStop = never) -> Fed:  # noqa: B008
    """Return the sequence of a file: of the columns of numbers of a table, or of the array of a .npy or .npz file.

    Raises SequenceError, or DataError where the table leaves something open or has an error.
    """
    if path.suffix.casefold() in (".npy", ".npz"):
        found, steps, name = array_of_file(path, m, LONGEST, SequenceError)
        return _fed(found, name, f"{name}, {_first(len(found), steps)}")
    table = read_table(path, answers, should_stop)
    columns = table.numeric_columns()
    if len(columns) > m:
        columns = tuple(place for place in columns if table.columns[place].role not in _COUNTS)
    if len(columns) != m:
        names = [table.names[place] for place in columns[:_NAMED]]
        which = f" ({', '.join(names)}{', …' if len(columns) > _NAMED else ''})" if names else ""
        raise SequenceError(
            f"{path.name} has {_columns(len(columns))} of numbers{which}, but the layer reads m = {m:,} a time step; "
            f"leave {_columns(m)} in the table."
        )
    for place in columns:
        table.require(place)
    x = np.stack([table.values[place] for place in columns], axis=1)
    return _fed(x[:LONGEST], path.name, f"{path.name}, {_first(min(len(x), LONGEST), len(x))}")


def _fed(x: NDArray[np.floating], what: str, words: str) -> Fed:
    """Return a checked sequence; raises SequenceError for what is not finite."""
    taken = np.asarray(x[:LONGEST], dtype=np.float64)
    if not np.isfinite(taken).all():
        t, place = (int(number) for number in np.argwhere(~np.isfinite(taken))[0])
        raise SequenceError(
            f"{what[:1].upper()}{what[1:]}: time step {t + 1:,} has NaN or an infinite number as input {place + 1:,}; "
            "correct it."
        )
    if words == "typed":
        words = f"{_first(len(taken), len(x))}, typed"
    return Fed(taken, words)


def _first(taken: int, of: int) -> str:
    return _steps(of) if taken == of else f"the first {taken:,} of {of:,} time steps"


def _steps(count: int) -> str:
    return f"{count:,} time step{'s' * (count != 1)}"


def _numbers(count: int) -> str:
    return f"{count:,} number{'s' * (count != 1)}"


def _columns(count: int) -> str:
    return f"{count:,} column{'s' * (count != 1)}"


def _entries(count: int) -> str:
    return f"{count:,} entr{'y' if count == 1 else 'ies'}"


def _kinds(count: int) -> str:
    return f"{count:,} different character{'s' * (count != 1)}"


def _example(m: int) -> str:
    return listed([" ".join(["0.5", "-1", "0.25", "2"][:m])]) + (" …" if m > 4 else "")


def _shown(entry: str) -> str:
    return (
        f"“{entry}”"
        if entry.isprintable() and entry.strip()
        else {" ": "a space", "\n": "a line end"}.get(entry, f"U+{ord(entry[0]):04X}")
    )
