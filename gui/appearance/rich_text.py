"""Symbols in a sentence of rich text."""

from __future__ import annotations


def rich_symbol(name: str) -> str:
    """Return "C_t" as rich text."""
    letter, _, index = name.partition("_")
    return f"<i>{letter}</i><sub>{index}</sub>"
