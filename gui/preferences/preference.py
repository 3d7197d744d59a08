"""What a preference is: one declaration that says everything about it."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any, Literal

from gui.views.page import Desk

Section = Literal["Appearance", "Motion", "Recording", "Folders", "Start"]


@dataclass(frozen=True)
class Extra:
    """A button beside a preference.

    do: its work in the background, which returns a sentence for the reader and may raise OSError.
    """

    words: str
    tip: str
    do: Callable[[Desk], str]


@dataclass(frozen=True)
class Preference:
    """One thing that a user can choose for good; it acts at once.

    name: as in "preference text-size". words, sentence: what it is called, and what it does for the reader. usual: its
    default. get: returns what is chosen. put: chooses another, and remembers it. why_not: why it cannot be changed now,
    in one sentence, "" if it can.
    """

    name: str
    section: Section
    words: str
    sentence: str
    usual: Any
    get: Callable[[Desk], Any]
    put: Callable[[Desk, Any], object]
    why_not: Callable[[Desk], str] = lambda _desk: ""


@dataclass(frozen=True)
class Choice(Preference):
    """One of several; choices: what can be chosen now, and its words."""

    choices: Callable[[Desk], Mapping[str, str]] = lambda _desk: {}


@dataclass(frozen=True)
class Number(Preference):
    """A number from low to high, in a unit; whole or not."""

    low: float = 0
    high: float = 1
    step: float = 1
    unit: str = ""
    whole: bool = False


@dataclass(frozen=True)
class Switch(Preference):
    """On or off."""


@dataclass(frozen=True)
class Folder(Preference):
    """A folder, whose default is None; where: it as it is now. extras: what else can be done with it."""

    where: Callable[[Desk], Any] = lambda _desk: None
    chosen: bool = True
    """Whether another folder can be chosen."""
    extras: tuple[Extra, ...] = ()
