"""What the field calls the values of a cell; said by their declaration."""

from __future__ import annotations

from ..cell.graph import Operation


def names_of(item: Operation) -> tuple[str, str, str]:
    """Return its name, and shorter ones for where there is no room: "forget gate f", "forget f", "f"."""
    word, letter = item.word or item.role, item.symbol.removesuffix("_t")
    thing = "gate " if item.is_gate else "state " if item.role in ("cell", "hidden") else ""
    return f"{word} {thing}{letter}", f"{word} {letter}", letter
