"""What is asked about runs: where there is no room, where one cannot be written, and which files it names."""

from __future__ import annotations

from collections.abc import Callable, Sequence

from PySide6.QtWidgets import QMessageBox, QWidget

_Buttons = QMessageBox.StandardButton


def ask_room(window: QWidget, taken_gb: float, limit_gb: float, decided: Callable[[bool], None]) -> None:
    """Ask whether the oldest recordings are to make room; `decided` hears whether they are."""
    words = f"The recorded runs take {taken_gb:.1f} GB, more than {limit_gb:g} GB."
    box = _box(window, QMessageBox.Icon.Question, "Room for recordings", words)
    box.setInformativeText(
        "Shall the oldest make room for new ones, now and from now on? Pinned runs stay. The Library (Ctrl+8) says "
        "how much room there is."
    )
    _offer(box, {_Buttons.Yes: "Remove the oldest", _Buttons.No: "Keep all"})
    box.setDefaultButton(_Buttons.No)
    box.finished.connect(lambda button: decided(button == _Buttons.Yes))
    box.open()


def ask_files(window: QWidget, files: Sequence[str], agreed: Callable[[], object]) -> None:
    """Ask whether files that a recording names may be read here; `agreed` is called if so."""
    it, what = ("it", "a file") if len(files) == 1 else ("them", "files")
    box = _box(window, QMessageBox.Icon.Question, f"Read {what}?", f"This recording uses {what} on your computer:")
    named = "\n".join(files)
    box.setInformativeText(
        f"{named}\n\nRead {it}? A recording can come from anyone, and a task of your own is a program that will be run."
    )
    _offer(box, {_Buttons.Yes: f"Read {it}", _Buttons.Cancel: "Cancel"})
    box.setDefaultButton(_Buttons.Cancel)
    box.finished.connect(lambda button: agreed() if button == _Buttons.Yes else None)
    box.open()


def ask_to_give_up(window: QWidget, steps: int, agreed: Callable[[], object]) -> None:
    """Ask whether a run of so many steps, which is not recorded, may be lost; `agreed` is called if so."""
    box = _box(window, QMessageBox.Icon.Question, "Start over", f"Give up the run of {steps:,} steps?")
    box.setInformativeText("Its weights and curves will be gone.")
    _offer(box, {_Buttons.Ok: "Start over", _Buttons.Cancel: "Cancel"})
    box.setDefaultButton(_Buttons.Ok)
    box.accepted.connect(agreed)
    box.open()


def ask_problem(window: QWidget, sentence: str, again: Callable[[], None], without: Callable[[], None]) -> None:
    """Tell that a run is paused because it cannot be recorded; it goes on by trying again, or without recording."""
    box = _box(window, QMessageBox.Icon.Warning, "Training is paused", sentence)
    _offer(
        box, {_Buttons.Retry: "Try again", _Buttons.Ignore: "Go on without recording", _Buttons.Close: "Stay paused"}
    )
    ways = {_Buttons.Retry: again, _Buttons.Ignore: without}
    box.finished.connect(lambda button: ways.get(_Buttons(button), lambda: None)())
    box.open()


def _box(window: QWidget, icon: QMessageBox.Icon, title: str, words: str) -> QMessageBox:
    box = QMessageBox(icon, title, words)
    box.setParent(window, box.windowFlags())
    box.finished.connect(box.deleteLater)
    return box


def _offer(box: QMessageBox, words: dict[QMessageBox.StandardButton, str]) -> None:
    for button, text in words.items():
        box.addButton(button).setText(text)
