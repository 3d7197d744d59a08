"""A table of steps with summaries of groups of them: extremes, middles and sums of any range, in bounded memory.

Level 0 holds the steps, level 1 the summary of each FACTOR of them, level 2 of each FACTOR², and so on, each made from
the level below as steps come. A level may forget its oldest entries; coarser levels then still know of those steps:

    level 2  ████████████████████████
    level 1          ░░░░████████████
    level 0                  ░░░█████
             1                   count

Steps are counted from 0 here, and ranges leave out their end.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

FACTOR = 8
"""Entries of one level that become one entry of the next."""
FEWEST = 64
"""The least number of entries of each level that a pyramid can keep."""
_CHUNK = 4096  # entries that are stored together where none are forgotten
_PIECE = 2048  # entries that are summed up at once: what is made of them on the way fits a processor's near memory

Float32 = NDArray[np.float32]
Float64 = NDArray[np.float64]
Places = NDArray[np.intp]
Values = NDArray[Any]


@dataclass(frozen=True)
class Summary:
    """What groups of neighbouring steps come to; each array is (groups, columns), or (rows, groups, columns).

    minimum, maximum: NaN where a group is nothing else. total and counted are of the values that are finite: a mean
    can leave the others out. middle: about the median, the median of the medians of smaller groups (Rousseeuw and
    Bassett 1990, the remedian), so that a few values that stick out do not move it; NaN where a group is nothing else.
    """

    minimum: Float32
    maximum: Float32
    total: Float64
    counted: NDArray[np.int32]
    middle: Float32

    @classmethod
    def of_steps(cls, values: Float32) -> "Summary":
        """Return the summary of steps, (steps, columns) or (rows, steps, columns), each a group of its own."""
        finite = np.isfinite(values)
        with np.errstate(invalid="ignore"):  # a file may hold the NaN that signals
            total = values.astype(np.float64)
        np.copyto(total, 0, where=~finite)
        return cls(values, values, total, finite.astype(np.int32), values)

    @classmethod
    def joined(cls, summaries: Sequence["Summary"]) -> "Summary":
        """Return the groups of several summaries, one after the other."""
        parts = zip(*(summary.parts for summary in summaries), strict=True)
        return cls(*(np.concatenate(blocks) for blocks in parts))

    @property
    def parts(self) -> tuple[Values, ...]:
        """Its arrays, in the order of their declaration."""
        return self.minimum, self.maximum, self.total, self.counted, self.middle

    def grouped(self, size: int) -> "Summary":
        """Return the summary of each `size` neighbouring groups; their number is a multiple of it."""
        return Summary(*(_stacked(part, size) for part in self.parts)).folded()

    def folded(self) -> "Summary":
        """Return the summary of what stands at the same place along the first of three axes."""
        reducers = (np.fmin, np.fmax, np.add, np.add)
        least, most, total, counted = map(_folded, reducers, self.parts[:-1])
        return Summary(least, most, total, counted, _median(self.middle))


def _stacked(part: Values, size: int) -> Values:
    """Return (entries, columns) as (size, entries / size, columns): neighbours stand one above the other."""
    stack: Values = part.reshape(len(part) // size, size, part.shape[1]).swapaxes(0, 1)
    return stack


def _folded(reducer: np.ufunc, stack: Values) -> Values:
    # Halving works on many entries at a time, which is several times as fast as reducing 8 by 8.
    while len(stack) > 1 and len(stack) % 2 == 0:
        half = len(stack) // 2
        stack = reducer(stack[:half], stack[half:])
    folded: Values = stack[0] if len(stack) == 1 else reducer.reduce(stack, axis=0, dtype=stack.dtype)
    return folded


_SORTING = (
    *((0, 2), (1, 3), (4, 6), (5, 7)),
    *((0, 4), (1, 5), (2, 6), (3, 7)),
    *((0, 1), (2, 3), (4, 5), (6, 7)),
    *((2, 4), (3, 5)),
    *((1, 4), (3, 6)),
    *((1, 2), (3, 4), (5, 6)),
)
"""Pairs of places to be put in order, one after the other, until eight values are sorted (Knuth, vol. 3, 5.3.4)."""


def _median(stack: Float32) -> Float32:
    """Return the medians along the first axis of (rows, groups, columns); a NaN counts for none, or as another value.

    Most stacks have FACTOR rows: sorting them pair by pair works on whole rows, several times as fast as numpy's sort.
    """
    if len(stack) == 1:
        alone: Float32 = stack[0]
        return alone
    with np.errstate(invalid="ignore", over="ignore"):  # infinities, and a file may hold the NaN that signals
        if len(stack) == len({place for pair in _SORTING for place in pair}):
            rows = list(stack)
            for low, high in _SORTING:
                rows[low], rows[high] = np.fmin(rows[low], rows[high]), np.fmax(rows[low], rows[high])
            return _between(rows[3], rows[4])
        ordered = np.sort(stack, axis=0)  # NaN comes last
        counts = len(stack) - np.isnan(stack).sum(axis=0)
        low, high = (np.maximum(counts - 1, 0) // 2)[np.newaxis], (counts // 2)[np.newaxis]
        return _between(
            np.take_along_axis(ordered, low, axis=0)[0],
            np.take_along_axis(ordered, np.minimum(high, len(stack) - 1), axis=0)[0],
        )


def _between(low: Float32, high: Float32) -> Float32:
    middle: Float32 = low + (high - low) * np.float32(0.5)
    return np.where(low == high, low, middle)  # between two infinities of the same sign as well


def _size(number: int) -> int:
    """Return how many steps an entry of a level stands for."""
    return int(FACTOR**number)


class _Level:
    """Entries, each a row of one or several arrays, stored in chunks: growing never copies, forgetting drops chunks."""

    def __init__(self, columns: int, chunk: int, dtypes: Sequence[type]) -> None:
        self._shape = (chunk, columns)
        self._dtypes = tuple(dtypes)
        self._chunks: list[tuple[Values, ...]] = []
        self.count = 0
        """How many entries have come."""
        self.forgotten = 0
        """How many of them, the oldest, are gone: whole chunks."""

    @property
    def nbytes(self) -> int:
        return sum(part.nbytes for chunk in self._chunks for part in chunk)

    def extend(self, parts: Sequence[Values]) -> None:
        done, size = 0, len(parts[0])
        while done < size:
            at = self.count % self._shape[0]
            if at == 0:
                self._chunks.append(tuple(np.empty(self._shape, dtype=dtype) for dtype in self._dtypes))
            fits = min(self._shape[0] - at, size - done)
            for chunk, part in zip(self._chunks[-1], parts, strict=True):
                chunk[at : at + fits] = part[done : done + fits]
            self.count += fits
            done += fits

    def between(self, start: int, stop: int, places: Places | None = None) -> list[Values]:
        """Return entries start to stop; of some columns a copy, of all of them perhaps the stored ones."""
        chunk = self._shape[0]
        dropped = self.forgotten // chunk
        pieces = []
        for number in range(start // chunk, max(start // chunk + 1, -(-stop // chunk))):
            at = number * chunk
            rows = slice(max(start - at, 0), stop - at)
            stored = self._chunks[number - dropped] if number - dropped < len(self._chunks) else self._nothing()
            pieces.append([part[rows] if places is None else part[rows].take(places, axis=1) for part in stored])
        return pieces[0] if len(pieces) == 1 else [np.concatenate(parts) for parts in zip(*pieces, strict=True)]

    def _nothing(self) -> tuple[Values, ...]:
        return tuple(np.empty((0, self._shape[1]), dtype=dtype) for dtype in self._dtypes)

    def forget_before(self, entry: int) -> None:
        """Drop the chunks that hold nothing but entries before this one."""
        chunk = self._shape[0]
        drop = max(0, entry - self.forgotten) // chunk
        del self._chunks[:drop]
        self.forgotten += drop * chunk


class Pyramid:
    """Steps of some columns, and summaries of their groups.

    keep: how many entries of each level are kept at least, the newest; about an eighth more are at most. None keeps
    every step. Raises ValueError for fewer than FEWEST.
    """

    # What the methods rely on: a chunk is a multiple of FACTOR, a level keeps at least its last FACTOR entries, and
    # what a level has forgotten, all finer ones have. So the step before a forgotten end is always the end of a
    # whole entry of the next level, and the coarsest level, of fewer than FACTOR entries, forgets nothing.

    def __init__(self, columns: int, keep: int | None = None) -> None:
        if keep is not None and keep < FEWEST:
            raise ValueError(f"{keep} entries would be kept; at least {FEWEST} are needed")
        self.columns = columns
        self._keep = keep
        self._chunk = _CHUNK if keep is None else keep // (8 * FACTOR) * FACTOR
        self._levels = [_Level(columns, self._chunk, (np.float32,))]

    @property
    def count(self) -> int:
        """How many steps have come."""
        return self._levels[0].count

    @property
    def forgotten(self) -> int:
        """How many steps, the oldest, are no longer known one by one."""
        return self._first_kept(0)

    @property
    def kept_bytes(self) -> int:
        """The bytes of all that is stored."""
        return sum(level.nbytes for level in self._levels)

    def append(self, rows: Float32) -> None:
        """Append steps (steps, columns)."""
        self._levels[0].extend([rows])
        self._sum_up()
        if self._keep is not None:
            for level in self._levels:
                level.forget_before(level.count - self._keep)

    def _sum_up(self) -> None:
        """Bring every level up to the one below."""
        number = 0
        while below := self._levels[number].count // FACTOR:
            if number + 1 == len(self._levels):
                self._levels.append(
                    _Level(self.columns, self._chunk, (np.float32, np.float32, np.float64, np.int32, np.float32))
                )
            above = self._levels[number + 1]
            if below == above.count:
                return
            for start in range(above.count * FACTOR, below * FACTOR, _PIECE):
                above.extend(self._grouped(number, start, min(start + _PIECE, below * FACTOR)).parts)
            number += 1

    def _grouped(self, number: int, start: int, stop: int) -> Summary:
        """Return what entries start to stop of a level come to as entries of the next."""
        if number:
            return self._entries(number, start, stop).grouped(FACTOR)
        steps = _stacked(self._levels[0].between(start, stop)[0], FACTOR)
        return Summary.of_steps(np.ascontiguousarray(steps)).folded()  # in this order its arrays lie as they are read

    def thin(self, most: int) -> None:
        """Forget the steps, and what else it takes, until no level has many more than `most` entries."""
        for level in self._levels:
            if level.count > most:
                level.forget_before(level.count - FACTOR)

    def steps(self, places: Places, start: int, stop: int) -> Float32:
        """Return steps start to stop, none of them forgotten, of some columns: (steps, places), a copy."""
        values: Float32 = self._levels[0].between(start, stop, places)[0]
        return values

    def size_for(self, start: int, group: int) -> int:
        """Return how many steps an entry stands for, of the level for groups of `group` steps from `start` on.

        It is the greatest size that is not beyond `group`; where its entries at `start` were forgotten, it is the
        least that is there, and greater than `group`.
        """
        return _size(self._level_for(start, group))

    def _level_for(self, start: int, group: int) -> int:
        number = 0
        while number + 1 < len(self._levels) and _size(number + 1) <= group:
            number += 1
        while self._first_kept(number) > start:
            number += 1
        return number

    def _first_kept(self, number: int) -> int:
        return self._levels[number].forgotten * _size(number)

    def in_groups(self, places: Places, start: int, stop: int, group: int) -> tuple[NDArray[np.int64], Summary]:
        """Return the edges of groups of steps, (groups + 1,), and what the groups come to in some columns.

        Groups have `group` steps or a little more, and are aligned to multiples of their size, so that a growing
        curve does not flicker; the ragged ends are groups of their own. Where details were forgotten, groups are
        larger, and the range is widened to whole entries of what is there.
        """
        number = self._level_for(start, group)
        size = _size(number)
        group = -(-group // size) * size
        start, stop = self._widened(start, stop)
        begin = min(-(-start // group) * group, stop)
        end = max(begin, stop // group * group)
        edges, summaries = np.arange(begin, end + 1, group), []
        if start < begin:
            edges = np.insert(edges, 0, start)
            summaries.append(self._summed(number, places, start, begin))
        summaries.append(self._entries(number, begin // size, end // size, places).grouped(group // size))
        if end < stop:
            edges = np.append(edges, stop)
            summaries.append(self._summed(number, places, end, stop))
        return edges, Summary.joined(summaries)

    def _widened(self, start: int, stop: int) -> tuple[int, int]:
        """Return a range that holds the one asked for and begins and ends where entries do that are kept."""
        if start < stop:
            first, last = self.size_for(start, 1), self.size_for(stop - 1, 1)
            start, stop = start // first * first, -(-stop // last) * last
        return start, stop

    def _entries(self, number: int, start: int, stop: int, places: Places | None = None) -> Summary:
        """Return entries start to stop of a level; those of level 0 are the steps themselves."""
        parts = self._levels[number].between(start, stop, places)
        return Summary(*parts) if number else Summary.of_steps(parts[0])

    def _summed(self, number: int, places: Places, start: int, stop: int) -> Summary:
        """Return the summary of a widened range as one group."""
        pieces = Summary.joined(self._pieces(number, places, start, stop))
        return pieces.grouped(len(pieces.total))

    def _pieces(self, number: int, places: Places, start: int, stop: int) -> list[Summary]:
        """Return a widened range in entries of a level, and at its ends in entries of finer levels."""
        if start >= stop:
            return []
        size = _size(number)
        begin, end = -(-start // size), min(stop // size, self._levels[number].count)
        if begin >= end:
            return self._pieces(number - 1, places, start, stop)
        return [
            *self._pieces(number - 1, places, start, begin * size),
            self._entries(number, begin, end, places),
            *self._pieces(number - 1, places, end * size, stop),
        ]
