"""The table of preferences: to add one, write its row here; page, palette and `preference NAME` read it."""

from __future__ import annotations

import os
from typing import Any

from engine.recording.folder import FOLDER_VARIABLE
from engine.text.numbers import Style
from gui.appearance.chosen.motion import FULL, NONE, SPEEDS, SYSTEM
from gui.appearance.theme import OWN, TEXT_FACTORS
from gui.appearance.theme_file import own_themes_folder
from gui.commands.palette import Entry
from gui.preferences.own_themes import copy_theme
from gui.preferences.preference import Choice, Extra, Folder, Number, Preference, Switch
from gui.runs.recordings import LEAST_GB, MOST_GB, USUAL_LIMIT_GB, Recordings
from gui.views.page import Desk

KEYS = "keys"
"""`preference keys` goes to the table of keys."""
_ASK, _REMOVE, _KEEP = "ask", "remove", "keep"
_OLDEST = {_ASK: None, _REMOVE: True, _KEEP: False}


def _themes(desk: Desk) -> dict[str, str]:
    own = {name: f"Own: {name.removeprefix(OWN)}" for name in desk.tools.appearance.own}
    return {"system": "Follow the system", "light": "Light", "dark": "Dark", "projector": "Projector", **own}


def _by_command(name: str) -> dict[str, Any]:
    """Return how the state of a command that switches something is read and set."""
    return {
        "get": lambda desk: desk.commands.bound(name).is_on(),
        "put": lambda desk, on: desk.commands.run(f"{name} {'on' if on else 'off'}"),
    }


def _recordings(desk: Desk) -> Recordings:
    assert desk.tools.recordings is not None
    return desk.tools.recordings


def _set_oldest(desk: Desk, choice: str) -> None:
    _recordings(desk).set_removes(_OLDEST[choice])


def _oldest(desk: Desk) -> str:
    removes = _recordings(desk).removes
    return next(choice for choice, stands_for in _OLDEST.items() if stands_for is removes)


def _copy_theme(desk: Desk) -> str:
    path = copy_theme(desk.tools.appearance.theme)
    return f"{path.name} has the present colours; change them in any text editor"


def _named_folder(_desk: Desk) -> str:
    given = os.environ.get(FOLDER_VARIABLE, "")
    return f"The environment variable {FOLDER_VARIABLE} names this folder; remove it to choose here" if given else ""


PREFERENCES: tuple[Preference, ...] = (
    Choice(
        "theme",
        "Appearance",
        "Theme",
        "Light, dark, black on white for a bright room, or that of the system. Your own themes are listed here, too.",
        "system",
        lambda desk: desk.tools.appearance.choice,
        lambda desk, name: desk.tools.appearance.choose(name),
        choices=_themes,
    ),
    Number(
        "text-size",
        "Appearance",
        "Text size",
        "Makes all text larger or smaller, and with it what stands around it; at 100 % it is as the system asks.",
        100,
        lambda desk: round(100 * desk.tools.appearance.text_factor),
        lambda desk, percent: desk.tools.appearance.choose_text_factor(percent / 100),
        low=100 * TEXT_FACTORS[0],
        high=100 * TEXT_FACTORS[1],
        step=10,
        unit="%",
        whole=True,
    ),
    Choice(
        "decimals",
        "Appearance",
        "Decimals",
        "How many digits the diagram, the tables and the formulas show; hovering over a number shows all of them.",
        Style.SHORT.value,
        lambda desk: desk.tools.appearance.digits.value,
        lambda desk, style: desk.tools.appearance.choose_digits(Style(style)),
        choices=lambda _desk: {
            Style.SHORT.value: "Two: 92 and 0.88",
            Style.LONG.value: "Four: 92 and 0.8808",
            Style.SCIENTIFIC.value: "Powers of ten: 9.20·10¹",
        },
    ),
    Switch(
        "names",
        "Appearance",
        "Names in the diagram",
        "Names the gates, the states and the lines of the cell in its diagram.",
        True,
        **_by_command("names"),
    ),
    Folder(
        "own-themes",
        "Appearance",
        "Own colours",
        "A theme is a file with a colour for each role and sign. Each such file here is listed under Theme; a copy of "
        "the present one is a good start. What you save in it is shown at once.",
        None,
        lambda _desk: None,
        lambda _desk, _folder: None,
        where=lambda _desk: own_themes_folder(),
        chosen=False,
        extras=(
            Extra("Copy the present theme", "Write the colours that are shown into a file in this folder", _copy_theme),
        ),
    ),
    Choice(
        "motion",
        "Motion",
        "Motion",
        "Without motion a result appears at once: no token travels, and nothing glides to a new place.",
        SYSTEM,
        lambda desk: desk.tools.appearance.motion.choice,
        lambda desk, choice: desk.tools.appearance.motion.choose(choice),
        choices=lambda _desk: {SYSTEM: "Follow the system", FULL: "Always", NONE: "Never"},
    ),
    Number(
        "speed",
        "Motion",
        "Speed of the playback",
        "How fast operations follow each other, and how fast their tokens travel.",
        1.0,
        lambda desk: desk.tools.appearance.motion.speed,
        lambda desk, speed: desk.tools.appearance.motion.set_speed(speed),
        low=SPEEDS[0],
        high=SPEEDS[1],
        step=0.25,
        unit="×",
    ),
    Switch(
        "record",
        "Recording",
        "Record runs",
        "From the next run on, each has a file of its own with the metrics of every step. Snapshots and checkpoints "
        "are taken as often as 2 % of the time of training allows, up to some 160 MB for each run.",
        True,
        lambda desk: _recordings(desk).on,
        lambda desk, on: _recordings(desk).set_on(on),
    ),
    Number(
        "room",
        "Recording",
        "Room for recordings",
        "What all recordings together may take; pinned ones are never deleted.",
        USUAL_LIMIT_GB,
        lambda desk: _recordings(desk).limit_gb,
        lambda desk, gigabytes: _recordings(desk).set_limit(gigabytes),
        low=LEAST_GB,
        high=MOST_GB,
        unit="GB",
    ),
    Choice(
        "oldest",
        "Recording",
        "When there is no more room",
        "What becomes of the oldest runs when the recordings take more than that.",
        _ASK,
        _oldest,
        _set_oldest,
        choices=lambda _desk: {_ASK: "Ask", _REMOVE: "Delete the oldest", _KEEP: "Keep all"},
    ),
    Folder(
        "runs-folder",
        "Folders",
        "Recorded runs",
        "Where runs are recorded, and where the library looks for them. Runs that are elsewhere stay there.",
        None,
        lambda desk: _recordings(desk).chosen_folder,
        lambda desk, folder: _recordings(desk).choose_folder(folder),
        why_not=_named_folder,
        where=lambda desk: _recordings(desk).library.folder,
    ),
    Folder(
        "copies-folder",
        "Folders",
        "Unsaved work",
        "Where a copy is kept of what is not saved, in case the program ends unexpectedly.",
        None,
        lambda desk: desk.copies.chosen,
        lambda desk, folder: desk.copies.choose(folder),
        where=lambda desk: desk.copies.path,
    ),
    Switch(
        "welcome",
        "Start",
        "Begin with Welcome",
        "Files used last, examples and tasks are shown first when the program starts without a file.",
        True,
        **_by_command("welcome first"),
    ),
)
"""Every preference, in the order of the page."""


def entries_of_preferences() -> list[Entry]:
    """Return what the palette finds of them."""
    rows = (Entry("Preference", row.words, row.sentence, f"preference {row.name}") for row in PREFERENCES)
    keys = "Change the key of any command, or go back to the usual ones"
    return [*rows, Entry("Preference", "Keys", keys, f"preference {KEYS}")]
