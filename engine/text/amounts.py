"""Durations and numbers of bytes, written as text."""

from __future__ import annotations


def duration(seconds: float) -> str:
    """Return a time in words: "12 s", "3 min", "1.5 h"."""
    if seconds < 120:
        return f"{seconds:.0f} s"
    return f"{seconds / 60:.0f} min" if seconds < 7200 else f"{seconds / 3600:.1f} h"


def numbers_of_bytes(nbytes: float) -> str:
    """Return an amount of room in words: "340 kB", "3.4 MB", "1.2 GB"."""
    for unit, size in (("GB", 1e9), ("MB", 1e6)):
        if nbytes >= size:
            return f"{nbytes / size:.3g} {unit}"
    return f"{nbytes / 1e3:.0f} kB"
