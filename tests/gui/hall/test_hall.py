"""A hall sees numbers and pictures: nothing that is to be clicked, and no path of this computer."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest
from PySide6.QtCore import QPoint, Qt
from PySide6.QtGui import QCursor
from PySide6.QtWidgets import (
    QAbstractSpinBox,
    QApplication,
    QCheckBox,
    QComboBox,
    QLabel,
    QLineEdit,
    QPushButton,
    QSlider,
    QToolButton,
    QWidget,
)
from pytestqt.qtbot import QtBot

from gui.commands.views import VIEWS
from gui.diagram.items import SwitchItem
from gui.hall import presenting
from gui.window.main_window import MainWindow


@pytest.fixture
def hall(window: MainWindow) -> Iterator[MainWindow]:
    """A window that presents."""
    window.presenting.begin()
    yield window
    window.presenting.end()


def to_be_clicked(view: QWidget) -> list[str]:
    """The controls of a view that are on the screen."""
    found = []
    for part in view.findChildren(QWidget):
        if not part.isVisible():
            continue
        button = isinstance(part, QPushButton | QToolButton) and not part.isCheckable()
        line = isinstance(part, QLineEdit) and not isinstance(part.parentWidget(), QAbstractSpinBox | QComboBox)
        if button or isinstance(part, QCheckBox | QSlider) or (line and not part.text()):
            found.append(f"{type(part).__name__} {getattr(part, 'text', str)()!r}")
    return found


@pytest.mark.parametrize("name", VIEWS)
def test_no_view_shows_a_control_or_a_path(hall: MainWindow, qtbot: QtBot, name: str):
    hall.stage.show_view(name)
    view = hall.stage.view(name)
    assert view.isVisible()
    qtbot.waitUntil(lambda: to_be_clicked(view) == [])
    home = str(Path.home())
    for label in view.findChildren(QLabel):
        if label.isVisible():
            assert home not in label.text()
            assert "~/" not in label.text()


def test_the_desk_has_them_again(own_window: MainWindow, qtbot: QtBot):
    window = own_window
    window.stage.show_view("library")
    library = window.stage.view("library")
    qtbot.waitUntil(library.empty.isVisible)  # its folder has been read
    before = to_be_clicked(library)
    assert before
    window.presenting.begin()
    assert to_be_clicked(library) == []
    window.presenting.end()
    assert to_be_clicked(library) == before


def test_the_diagram_offers_no_output_to_a_hall(window: MainWindow):
    def switches() -> list[bool]:
        return [item.isVisible() for item in window.scene.items() if isinstance(item, SwitchItem)]

    assert switches() == [True]
    window.presenting.begin()
    assert switches() == [False]
    window.presenting.end()
    assert switches() == [True]


def test_the_cursor_is_hidden_while_it_rests(window: MainWindow, qtbot: QtBot, monkeypatch: pytest.MonkeyPatch):
    monkeypatch.setattr(presenting, "_RESTS_MS", 200)

    def hidden() -> bool:
        cursor = QApplication.overrideCursor()
        return cursor is not None and cursor.shape() is Qt.CursorShape.BlankCursor

    QCursor.setPos(window.mapToGlobal(QPoint(50, 50)))
    window.presenting.begin()
    qtbot.waitUntil(hidden)
    QCursor.setPos(window.mapToGlobal(QPoint(90, 90)))
    qtbot.waitUntil(lambda: not hidden())
    qtbot.waitUntil(hidden)
    window.presenting.end()
    assert not hidden()
