"""The folded panel: where there is no room beside the view it lies over it, and the view stays as it is."""

from __future__ import annotations

import pytest
from PySide6.QtCore import QPoint, QRect
from PySide6.QtWidgets import QApplication, QWidget
from pytestqt.qtbot import QtBot

from gui.appearance.theme import THEMES, load_theme
from gui.window.main_window import MainWindow
from tests.gui.appearance.sight import contrast
from tests.gui.driving import ALT, Key, click, press


def _place(widget: QWidget) -> QRect:
    return QRect(widget.mapTo(widget.window(), QPoint()), widget.size())


@pytest.fixture
def narrow(own_window: MainWindow, qtbot: QtBot) -> MainWindow:
    """A window that has folded its panel by itself."""
    own_window.resize(1000, 640)
    qtbot.waitUntil(lambda: own_window.docks.folded)
    qtbot.waitUntil(lambda: own_window.docks.unfold.isVisible())
    return own_window


@pytest.mark.parametrize(("key", "width"), [(Key.Key_2, 1000), (Key.Key_3, 1000), (Key.Key_6, 1000), (Key.Key_6, 1700)])
def test_it_moves_nothing_beneath_and_goes_by_the_same_key(own_window: MainWindow, qtbot: QtBot, key: Key, width: int):
    window = own_window
    window.resize(width, 640)
    press(key, ALT)
    qtbot.waitUntil(lambda: window.docks.folded)
    parts = (window.stage, window.stage.view(window.stage.front), window.top, window.docks.unfold)
    before = [_place(part) for part in parts]
    press(Key.Key_0, ALT)
    over = window.docks.over
    assert over.isVisible()
    QApplication.processEvents()
    assert [_place(part) for part in parts] == before
    assert window.rect().contains(over.geometry())
    assert window.stage.geometry().intersects(over.geometry())
    press(Key.Key_0, ALT)
    assert not over.isVisible()
    assert [_place(part) for part in parts] == before


def test_side_by_side_has_sizes_weights_inputs_and_settings_in_it(own_window: MainWindow, qtbot: QtBot):
    window = own_window
    window.resize(1700, 900)
    press(Key.Key_6, ALT)
    qtbot.waitUntil(window.docks.unfold.isVisible)
    click(qtbot, window.docks.unfold)
    over = window.docks.over
    seen = set()
    for place in range(over.tabs.count()):
        over.tabs.setCurrentIndex(place)
        seen |= {
            part for part in (window.sizes, window.weights, window.inputs, window.training.panel) if part.isVisible()
        }
    assert seen == {window.sizes, window.weights, window.inputs, window.training.panel}
    click(qtbot, window.docks.unfold)
    assert not over.isVisible()
    press(Key.Key_2, ALT)
    assert window.sizes.isVisible()  # in its card again
    assert window.docks.cards["sizes"].isAncestorOf(window.sizes)


def test_the_keys_go_in_stay_and_come_back(narrow: MainWindow, qtbot: QtBot):
    narrow.view.setFocus()
    press(Key.Key_0, ALT)
    over = narrow.docks.over
    assert over.isAncestorOf(QApplication.focusWidget())
    for _ in range(30):
        press(Key.Key_Tab)
        assert over.isAncestorOf(QApplication.focusWidget())
    press(Key.Key_Escape)
    assert not over.isVisible()
    assert QApplication.focusWidget() is narrow.view


def test_a_click_beside_closes_it_and_one_in_it_does_not(narrow: MainWindow, qtbot: QtBot):
    press(Key.Key_0, ALT)
    over = narrow.docks.over
    click(qtbot, narrow.sizes, QPoint(3, 3))
    assert over.isVisible()
    at = QPoint(over.geometry().right() + 60, over.geometry().center().y())
    beside = narrow.childAt(at)
    assert beside is not None
    click(qtbot, beside, beside.mapFrom(narrow, at))
    assert not over.isVisible()


def test_a_size_set_in_it_counts(narrow: MainWindow, qtbot: QtBot):
    press(Key.Key_0, ALT)
    m = narrow.model.document.m
    narrow.sizes.boxes["m"].stepUp()
    qtbot.waitUntil(lambda: narrow.model.document.m == m + 1)


def test_in_a_low_window_its_tabs_can_be_clicked(narrow: MainWindow, qtbot: QtBot):
    narrow.resize(910, 512)
    press(Key.Key_0, ALT)
    tabs = narrow.docks.over.tabs
    qtbot.waitUntil(lambda: tabs.isVisible() and tabs.height() >= 24)
    click(qtbot, tabs, tabs.tabRect(1).center())
    assert narrow.weights.isVisible()
    assert not narrow.sizes.isVisible()


def test_a_panel_is_gone_to_by_its_name(narrow: MainWindow, qtbot: QtBot):
    narrow.commands.run("panel weights on")
    assert narrow.docks.over.shows(narrow.docks.cards["weights"])
    assert narrow.weights.isVisible()
    press(Key.Key_3, ALT)
    assert not narrow.docks.over.is_open
    narrow.commands.run("panel training on")
    assert narrow.training.panel.isVisible()


def test_with_room_again_the_cards_stand_beside_the_view_as_before(own_window: MainWindow, qtbot: QtBot):
    window = own_window
    window.docks.cards["inputs"].hide()
    window.resize(1000, 640)
    qtbot.waitUntil(lambda: window.docks.folded)
    press(Key.Key_0, ALT)
    press(Key.Key_3, ALT)  # another workspace and back: it still remembers
    press(Key.Key_2, ALT)
    window.resize(1500, 900)
    qtbot.waitUntil(lambda: not window.docks.folded)
    assert not window.docks.over.is_open
    assert {name for name, card in window.docks.cards.items() if card.isVisible()} == {"sizes", "weights"}


@pytest.mark.parametrize("name", THEMES)
def test_its_edge_is_seen(name: str):
    theme = load_theme(name)
    for ground in (theme.panel, theme.ground):
        assert contrast(theme.field, ground) >= 3
