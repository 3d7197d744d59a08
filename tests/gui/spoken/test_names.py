"""No control without a name: the tree that a screen reader walks, in every view, panel, page and dialog."""

from __future__ import annotations

import pytest
from PySide6.QtWidgets import QDialog, QLineEdit, QToolButton, QWidget
from pytestqt.qtbot import QtBot

from gui.commands.views import PAGES, VIEWS, WORKSPACES
from gui.window.main_window import MainWindow
from tests.gui.driving import show_plots, trigger, wait_until
from tests.gui.spoken.heard import faults


@pytest.mark.parametrize("workspace", WORKSPACES)
def test_every_control_of_every_view_has_a_name(window: MainWindow, workspace: str):
    for name in (name for name, row in VIEWS.items() if row.workspace == workspace):
        trigger(window, f"show {name}")
        assert faults(window) == [], name


def test_every_plot_of_the_training_has_a_name(window: MainWindow):
    show_plots(window)
    wait_until(lambda: all(plot.isVisible() for plot in window.training.plots.values()))
    assert faults(window) == []
    for name in window.training.plots:
        window.commands.run(f"panel {name} off")


def test_every_control_of_the_backward_pass_and_the_pages_has_a_name(window: MainWindow):
    window.stage.cell.turn(True)
    assert faults(window) == []
    window.stage.cell.turn(False)
    for name in (*PAGES, "welcome"):
        trigger(window, name)
        assert faults(window) == [], name
        trigger(window, "leave")


@pytest.mark.parametrize("command", ["guide", "keys", "palette", "save picture", "save film", "about"])
def test_every_control_of_the_dialogs_has_a_name(window: MainWindow, command: str):
    trigger(window, command)
    wait_until(lambda: any(box.isVisible() for box in window.findChildren(QDialog)))
    for box in (box for box in window.findChildren(QDialog) if box.isVisible()):
        assert faults(box) == []
        box.close()


@pytest.mark.parametrize(("words", "wrong"), [("", 1), ("›", 1), ("=", 1), ("qt_spinbox", 1), ("Next", 0)])
def test_a_name_is_missed(qtbot: QtBot, words: str, wrong: int):
    """The check finds what it is there for, however deep it stands."""
    outside, inside = QWidget(), QWidget()
    qtbot.addWidget(outside)
    inside.setParent(outside)
    button = QToolButton(inside)
    button.setText(words)
    field = QLineEdit(inside)
    field.setAccessibleName(words)
    outside.show()
    assert len(faults(outside)) == 2 * wrong
