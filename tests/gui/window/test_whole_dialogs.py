"""Every text in every dialog and every menu is whole on a small screen, with letters of two sizes."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace

import pytest
from PySide6.QtCore import QPoint, QSize
from PySide6.QtWidgets import QApplication, QDialog, QMenu, QMessageBox, QWidget

from gui.appearance.stored import Stored
from gui.runs.dialogs import ask_files, ask_problem, ask_room, ask_to_give_up
from gui.training.reading.page import ReadingPage
from gui.window.main_window import MainWindow
from tests.gui.conftest import Windows
from tests.gui.drawn_text import Drawn, Listener, faults
from tests.gui.driving import trigger, wait_until
from tests.gui.window.walking import Walked, sized

_SCREEN = QSize(1280, 720)


def _nothing() -> None:
    pass


def _ask_about_changes(window: MainWindow) -> None:
    window.inputs.randomise()
    window.files.when_safe(_nothing)


def _read_a_table(window: MainWindow) -> None:
    appearance, config = window._appearance, replace(window.training.controller.config, task="series")
    ReadingPage(config, lambda _config: None, appearance, window).open()


DIALOGS: dict[str, Callable[[MainWindow], object]] = {
    "keys": lambda window: trigger(window, "keys"),
    "palette": lambda window: trigger(window, "palette"),
    "about": lambda window: trigger(window, "about"),
    "open": lambda window: trigger(window, "open"),
    "save as": lambda window: trigger(window, "save as"),
    "save picture": lambda window: trigger(window, "save picture"),
    "unsaved changes": _ask_about_changes,
    "room": lambda window: ask_room(window, 12.3, 10, lambda _decided: None),
    "files": lambda window: ask_files(window, ["/home/somebody/data/a file.csv"], _nothing),
    "give up": lambda window: ask_to_give_up(window, 12_345, "Start over", _nothing),
    "problem": lambda window: ask_problem(window, "The disk is full; free some of it.", _nothing, _nothing),
    "reading": _read_a_table,
}


@pytest.mark.parametrize("factor", [1.0, 1.3])
def test_texts_of_dialogs_and_menus_are_whole(windows: Windows, settings: Stored, factor: float) -> None:
    listener = Listener()
    found: list[str] = []
    with listener.listening():
        window = sized(windows, settings, Walked(_SCREEN.width(), _SCREEN.height(), factor, trained=False))
        wait_until(lambda: window.model.trace is not None)
        for name, show in DIALOGS.items():
            show(window)
            wait_until(lambda: len(_open(window)) == 1)
            (box,) = _open(window)
            if not isinstance(box, QMessageBox):
                box.resize(box.size().boundedTo(_SCREEN))
            assert box.width() <= _SCREEN.width(), name
            assert box.height() <= _SCREEN.height(), name
            found += [f"{name}: {fault}" for fault in faults(_at_rest(listener, box), box)]
            box.reject()
            wait_until(lambda: not _open(window))
        for menu in (menu for menu in window.findChildren(QMenu) if not menu.isEmpty()):
            menu.popup(QPoint())
            assert menu.height() <= _SCREEN.height(), menu.title()  # else it would have a second column
            found += [f"{menu.title()}: {fault}" for fault in faults(_at_rest(listener, menu), menu)]
            menu.hide()
        windows.close(window)
    assert "\n".join(found) == ""


def _open(window: MainWindow) -> list[QDialog]:
    return [box for box in window.findChildren(QDialog) if box.isVisible()]


def _at_rest(listener: Listener, part: QWidget) -> list[Drawn]:
    """Wait until a part draws the same texts twice, and return them."""
    seen: list[list[Drawn]] = []

    def rests() -> bool:
        QApplication.processEvents()
        seen.append(listener.texts(part))
        return bool(seen[-1]) and len(seen) > 1 and seen[-1] == seen[-2]

    wait_until(rests)
    return seen[-1]
