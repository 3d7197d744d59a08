"""Durations, numbers of bytes and changes, written as text."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from math import ceil

from .numbers import Style, written


def duration(seconds: float) -> str:
    """Return a time in words: "12 s", "3 min", "1.5 h"."""
    if seconds < 120:
        return f"{seconds:.0f} s"
    return f"{seconds / 60:.0f} min" if seconds < 7200 else f"{seconds / 3600:.1f} h"


def bytes_in_words(count: int, whole: Callable[[float], int] = ceil) -> str:
    """Return an amount of memory or disk in words: "340 kB", "3.4 MB", "1.2 GB".

    whole: rounds it; `floor` for what is free, so that what is refused never looks as if it would fit.
    """
    for unit, size in (("GB", 10**9), ("MB", 10**6)):
        if count >= size:
            return f"{whole(count * 10 / size) / 10:.1f} {unit}"
    return f"{whole(count / 1000)} kB"


def changes(ratios: Mapping[str, float], style: Style = Style.SHORT) -> str:
    """Return what becomes of a size in some places, by its ratio to the old one; empty for none.

    Such as "along C grows 1.24-fold, in the plain RNN it shrinks to 0.20 of its size".
    """
    parts: list[str] = []
    for where, ratio in ratios.items():
        words = written(ratio, True, style=style)
        change = f"grows {words}-fold" if ratio > 1 else f"shrinks to {words} of its size"
        parts.append(f"{where} {'it ' if parts else ''}{change if ratio else 'vanishes'}")
    return ", ".join(parts)
