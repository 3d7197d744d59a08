"""What the library asks before runs are gone for good."""

from __future__ import annotations

from collections.abc import Callable, Sequence

from PySide6.QtWidgets import QMessageBox, QWidget

from engine.recording.library import Run
from gui.views.library.rows import runs_in_words


def ask_to_remove(window: QWidget, runs: Sequence[Run], remove: Callable[[], None]) -> None:
    """Ask whether runs that no bin takes are to be removed for good; what comes of it is left to `remove`."""
    buttons = QMessageBox.StandardButton
    words = f"There is no bin here: remove {runs_in_words(len(runs), runs[0].title)} for good?"
    box = QMessageBox(QMessageBox.Icon.Question, "Delete runs", words)
    box.setParent(window, box.windowFlags())
    box.setInformativeText("Nothing brings them back.")
    box.setStandardButtons(buttons.Ok | buttons.Cancel)
    box.button(buttons.Ok).setText("Remove for good")
    box.setDefaultButton(buttons.Cancel)
    box.accepted.connect(remove)
    box.finished.connect(box.deleteLater)
    box.open()
