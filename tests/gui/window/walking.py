"""A walk of one window through every view, at a size of the window and of its text, before a run or after one."""

from __future__ import annotations

from dataclasses import dataclass

from PySide6.QtWidgets import QApplication

from engine.runs.messages import State
from engine.settings.config import TrainingConfig
from gui.appearance.stored import Stored
from gui.commands.views import VIEWS
from gui.window.main_window import MainWindow
from tests.gui.conftest import Windows
from tests.gui.drawn_text import Drawn, Listener, faults
from tests.gui.driving import wait_until

_SHORT = TrainingConfig(cell_size=8, sequence_length=20, batch_size=8, steps=60)


@dataclass(frozen=True)
class Walked:
    """What is walked. width, height: of screen and window, in pixels; factor: of the text's size."""

    width: int
    height: int
    factor: float = 1.0
    trained: bool = True
    presenting: bool = False


def sized(windows: Windows, settings: Stored, walked: Walked) -> MainWindow:
    """Open a window as it is on a screen of a size, and train in it if that is wanted."""
    settings.setValue("text factor", walked.factor)
    window = windows.open(settings)
    window._appearance.fit_screen(walked.height)
    window.resize(walked.width, walked.height)
    if walked.trained:
        window.training.controller.config = _SHORT
        window.training.controller.begin()
        run = window.training.controller.run
        wait_until(lambda: run.state is State.FINISHED and window.training.controller.told_all)
    if walked.presenting:
        window._show_presenting(True)
    return window


def walk(windows: Windows, settings: Stored, walked: Walked) -> list[str]:
    """Return a sentence for each text that is not whole: where, at what size, which text, and its rectangle."""
    listener = Listener()
    found = []
    with listener.listening():
        window = sized(windows, settings, walked)
        for name in VIEWS:
            window.stage.show_view(name)
            texts = at_rest(listener, window)
            found += [f"{name} at {walked.width}×{walked.height}, {fault}" for fault in faults(texts, window)]
        windows.close(window)
    return found


def at_rest(listener: Listener, window: MainWindow) -> list[Drawn]:
    """Wait until a window draws the same texts twice, and return them."""
    seen: list[list[Drawn]] = []

    def rests() -> bool:
        QApplication.processEvents()
        if not window.typesetter.idle() or window.model.trace is None:
            return False
        seen.append(listener.texts(window))
        return len(seen) > 1 and seen[-1] == seen[-2]

    wait_until(rests)
    return seen[-1]
