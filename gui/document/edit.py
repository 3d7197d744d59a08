"""An edit that waits for its turn, and what of the user's is kept while a lesson shows its own documents."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

from engine.document.document import Document
from gui.document.undo import Shown

Change = Callable[[Document], Document]
"""From a document to the next; may raise DocumentError. It is called in the background, and again if need be."""


@dataclass(frozen=True, eq=False)
class Edit:
    """An edit that waits for its turn, or is being computed."""

    change: Change
    text: str
    largest: int
    """The largest size that it has to do with."""
    open: Callable[[Document], None] | None = None
    """Takes the result, where that is another document rather than the next of this one."""
    held: tuple[Edit, ...] = ()
    """What waited before a new document was asked for; it goes on where there is to be none after all."""


@dataclass(frozen=True)
class Lent:
    """The user's document, while others stand in its place. unsaved: whether it would be lost without a copy."""

    shown: Shown
    unsaved: bool
    given: Document | None
    nothing_to_lose: bool
