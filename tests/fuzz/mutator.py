"""Damage of the kinds that files and pasted texts come with, drawn from a seed."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from random import Random

_SIGNS = ("", "\n", "\r\n", "\t", ",", ";", " ", '"', "'", "[", "]", "{", "}", "(", ")", "\\", "=", "#", "...")
_NUMBERS = ("0", "-1", "1e400", "-1e-400", "NaN", "Infinity", "null", "9" * 400, "1,234", "1.234,5", "0x10", "−")
_LETTERS = ("\x00", "\ufeff", "\N{NO-BREAK SPACE}", "\N{RIGHT-TO-LEFT MARK}", "<img src=file:x>", "a" * 5000)
_DEEP = ("[" * 2000, '{"a":' * 500, "(" * 200)
_TOKENS = [text.encode() for text in (*_SIGNS, *_NUMBERS, *_LETTERS, *_DEEP)] + [b"\xff\xfe", b"\xc3"]


def mutations(seeds: Sequence[bytes], count: int, seed: int) -> Iterator[bytes]:
    """Yield `count` damaged versions of the seeds: every change is drawn from `seed` and the number of the version."""
    for number in range(count):
        random = Random(f"{seed} {number}")  # the text, so that one version can be made again alone
        data = bytearray(random.choice(seeds))
        for _ in range(random.choice((1, 1, 2, 4, 16))):
            random.choice(_WAYS)(random, data, seeds)
        yield bytes(data)


def _place(random: Random, data: bytearray) -> tuple[int, int]:
    start = random.randint(0, len(data))
    return start, min(len(data), start + random.choice((1, 2, 4, 8, 64, 1024)))


def _flip(random: Random, data: bytearray, _: Sequence[bytes]) -> None:
    if data:
        data[random.randrange(len(data))] ^= 1 << random.randrange(8)


def _set(random: Random, data: bytearray, _: Sequence[bytes]) -> None:
    if data:
        data[random.randrange(len(data))] = random.choice((0, 1, 0x7F, 0x80, 0xFF, random.randrange(256)))


def _delete(random: Random, data: bytearray, _: Sequence[bytes]) -> None:
    start, end = _place(random, data)
    del data[start:end]


def _double(random: Random, data: bytearray, _: Sequence[bytes]) -> None:
    start, end = _place(random, data)
    data[start:start] = data[start:end] * random.choice((1, 2, 8))


def _insert(random: Random, data: bytearray, _: Sequence[bytes]) -> None:
    start, _end = _place(random, data)
    data[start:start] = random.choice(_TOKENS)


def _replace(random: Random, data: bytearray, _: Sequence[bytes]) -> None:
    start, end = _place(random, data)
    data[start:end] = random.choice(_TOKENS)


def _cut(random: Random, data: bytearray, _: Sequence[bytes]) -> None:
    del data[random.randint(0, len(data)) :]


def _splice(random: Random, data: bytearray, seeds: Sequence[bytes]) -> None:
    other = random.choice(seeds)
    start, end = _place(random, data)
    begin = random.randint(0, len(other))
    data[start:end] = other[begin : begin + random.choice((4, 32, 256, 4096))]


_WAYS = (_flip, _set, _delete, _double, _insert, _insert, _replace, _replace, _cut, _splice)
