"""Asks about runs: what to remove, what to read, what to discard, and what to do if one cannot be recorded."""

from __future__ import annotations

from collections.abc import Callable, Sequence

from PySide6.QtWidgets import QMessageBox, QWidget

from gui.widgets.message_box import Buttons, message_box

_QUESTION = QMessageBox.Icon.Question


def ask_room(window: QWidget, taken_gb: float, limit_gb: float, decided: Callable[[bool], None]) -> None:
    """Ask whether the oldest recordings are to make room; `decided` hears whether they are."""
    words = f"The recorded runs take {taken_gb:.1f} GB, more than {limit_gb:g} GB."
    more = (
        "Remove the oldest ones whenever there is not enough space, starting now? Pinned runs stay. The Library "
        "(Ctrl+8) shows how much space is taken."
    )
    buttons = {Buttons.Yes: "Remove the oldest", Buttons.No: "Keep all"}
    box = message_box(window, _QUESTION, "Space for recordings", words, more, buttons, Buttons.No)
    box.finished.connect(lambda button: decided(button == Buttons.Yes))


def ask_files(window: QWidget, files: Sequence[str], agreed: Callable[[], object]) -> None:
    """Ask whether files that a recording names may be read here; `agreed` is called if so."""
    it, what = ("it", "a file") if len(files) == 1 else ("them", "files")
    words, named = f"This recording uses {what} on your computer:", "\n".join(files)
    more = f"{named}\n\nRead {it}? A recording can come from anyone, and a task of your own is a program that is run."
    buttons = {Buttons.Yes: f"Read {it}", Buttons.Cancel: "Cancel"}
    box = message_box(window, _QUESTION, f"Read {what}?", words, more, buttons, Buttons.Cancel)
    box.finished.connect(lambda button: agreed() if button == Buttons.Yes else None)


def ask_to_give_up(window: QWidget, steps: int, instead: str, agreed: Callable[[], object]) -> None:
    """Ask whether a run of so many steps, which is not recorded, may be lost; `agreed` is called if so.

    instead: what is done then, on the button.
    """
    words, more = (
        f"Discard this run of {steps:,} training steps?",
        "It is not recorded: its weights and curves will be lost.",
    )
    buttons = {Buttons.Ok: instead, Buttons.Cancel: "Cancel"}
    message_box(window, _QUESTION, instead, words, more, buttons, Buttons.Ok).accepted.connect(agreed)


def ask_problem(window: QWidget, sentence: str, again: Callable[[], None], without: Callable[[], None]) -> None:
    """Say that a run is paused because it cannot be recorded; `again` or `without` recording lets it continue."""
    buttons = {Buttons.Retry: "Try again", Buttons.Ignore: "Continue without recording", Buttons.Close: "Stay paused"}
    box = message_box(window, QMessageBox.Icon.Warning, "Training is paused", sentence, buttons=buttons)
    ways = {Buttons.Retry: again, Buttons.Ignore: without}
    box.finished.connect(lambda button: ways.get(Buttons(button), lambda: None)())
