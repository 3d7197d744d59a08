"""Everything by keyboard: Tab comes to every control, in the order of reading, and one sees where it is."""

from __future__ import annotations

import pytest
from PySide6.QtCore import QPoint, QRect
from PySide6.QtWidgets import (
    QAbstractButton,
    QAbstractItemView,
    QAbstractSlider,
    QAbstractSpinBox,
    QApplication,
    QComboBox,
    QDockWidget,
    QGraphicsView,
    QHeaderView,
    QLineEdit,
    QMainWindow,
    QScrollBar,
    QTabBar,
    QWidget,
)

from gui.commands.views import VIEWS
from gui.window.main_window import MainWindow
from tests.gui.driving import NONE, SHIFT, Key, press, show_plots, trigger, wait_until

_CONTROLS = (
    *(QAbstractButton, QComboBox, QAbstractSpinBox, QLineEdit, QAbstractSlider, QAbstractItemView, QGraphicsView),
    QTabBar,
)
_MOST = 200
"""More stops than any workspace has."""


def is_control(part: QWidget, window: QMainWindow) -> bool:
    """Whether somebody can do something with a part, that is no part of another control."""
    if not isinstance(part, _CONTROLS) or isinstance(part, QScrollBar | QHeaderView) or part.focusProxy() is not None:
        return False
    around = part.parentWidget()
    inner = isinstance(around, QAbstractSpinBox | QComboBox | QAbstractItemView | QTabBar)
    empty = isinstance(part, QTabBar) and not part.count()
    there = part.isVisible() and part.isEnabled() and part.window() is window
    return there and not inner and not empty and not behind(part, window)


def behind(part: QWidget, window: QMainWindow) -> bool:
    """Whether a part is in a card that lies behind another: Qt puts it outside the window."""
    card = next((dock for dock in window.findChildren(QDockWidget) if dock.isAncestorOf(part)), None)
    return card is not None and not card.geometry().intersects(window.rect())


def around(part: QWidget, window: QMainWindow) -> QRect:
    return QRect(part.mapTo(window, QPoint(0, 0)), part.size()).adjusted(-4, -4, 4, 4)


def walked(window: MainWindow, keys: Key = Key.Key_Tab) -> list[QWidget]:
    """Press Tab from the first stop until it comes round, and return what had the keyboard."""
    seen: list[QWidget] = []
    for _ in range(_MOST):
        press(keys, SHIFT if keys is Key.Key_Backtab else NONE)
        focus = QApplication.focusWidget()
        assert focus is not None, f"the keyboard is lost after {seen[-1:]}"
        assert focus.isVisible()
        if focus in seen:
            break
        seen.append(focus)
    return seen


def reached(part: QWidget, stop: QWidget) -> bool:
    """Whether Tab came to a part, to something in it, or to one of its choices: the arrow keys go to the others."""
    group = part.group() if isinstance(part, QAbstractButton) else None
    within = group is not None and group.exclusive() and isinstance(stop, QAbstractButton) and stop.group() is group
    return within or part is stop or part.isAncestorOf(stop)


def missed(window: MainWindow, seen: list[QWidget]) -> list[str]:
    return [
        f"{type(part).__name__} {part.accessibleName() or part.property('text') or part.objectName()}"
        for part in window.findChildren(QWidget)
        if is_control(part, window) and not any(reached(part, one) for one in seen)
        if part is not window.menuWidget() and not part.inherits("QMenuBarExtension")
    ]


@pytest.mark.parametrize("view", VIEWS)
def test_tab_comes_to_every_control_in_reading_order(window: MainWindow, view: str):
    window.resize(1280, 720)
    trigger(window, f"show {view}")
    wait_until(lambda: window.stage.front == view)
    QApplication.processEvents()
    seen = walked(window)
    assert "\n".join(missed(window, seen)) == ""
    if VIEWS[view].workspace == "explore":
        order = [card_of(window, part) for part in seen]
        start = order.index("left")  # the walk began at the view
        turned = order[start:] + order[:start]
        ranks = ["left", "tabs", "view", "foot", "time", "top"]
        places = [ranks.index(card) for card in turned if card in ranks[:-1]]
        assert places == sorted(places), turned


def card_of(window: MainWindow, part: QWidget) -> str:
    stage = window.stage
    if any(window.docks.cards[name].isAncestorOf(part) for name in ("sizes", "weights", "inputs")):
        return "left"
    if stage._tabs.isAncestorOf(part):
        return "tabs"
    if stage.view(stage.front) is part or stage.view(stage.front).isAncestorOf(part):
        return "view"
    if stage.formula is part or stage.formula.isAncestorOf(part):
        return "foot"
    if window.transport is part or window.transport.isAncestorOf(part) or stage.timeline is part:
        return "time"
    return "top"


def test_the_walk_backwards_is_the_same(window: MainWindow):
    window.resize(1280, 720)
    window.view.setFocus()
    there, back = walked(window), walked(window, Key.Key_Backtab)
    assert set(there) == set(back)
    assert there[:-1] == list(reversed(back))[1:] or set(there) == set(back)


@pytest.mark.parametrize("view", ["diagram", "activations", "live", "compare", "library", "side-by-side"])
def test_one_sees_where_the_keyboard_is(window: MainWindow, view: str):
    window.resize(1280, 720)
    trigger(window, f"show {view}")
    QApplication.processEvents()
    stops = walked(window)
    for part in stops:
        press(Key.Key_Tab)
        focus = QApplication.focusWidget()
        assert focus is not None
        room = around(focus, window)
        with_focus = window.grab(room).toImage()
        window.setFocus()
        assert not with_focus.isNull(), f"{focus} is out of sight"
        assert window.grab(room).toImage() != with_focus, f"nothing shows that the keyboard is at {focus}"
        focus.setFocus()
        assert part is not None


def test_tab_goes_from_a_view_to_its_first_control(window: MainWindow):
    for name in ("sizes", "activations", "unrolled"):
        trigger(window, f"show {name}")
        view = window.stage.view(name)
        assert QApplication.focusWidget() is view
        press(Key.Key_Tab)
        assert view.isAncestorOf(QApplication.focusWidget())


def test_the_arrow_keys_move_a_cursor_over_a_plot_and_return_clicks(window: MainWindow):
    show_plots(window)
    trigger(window, "show activations")
    window.stage.view("activations").setFocus()
    curves = window.stage.view("activations").findChildren(QGraphicsView)[0]
    position = window.playback.position
    curves.setFocus()
    crosses = [child for child in curves.viewport().children() if type(child).__name__ == "_Cross"]
    assert [cross.isVisible() for cross in crosses] == [False]
    press(Key.Key_Right)
    before = crosses[0].pos()
    assert crosses[0].isVisible()
    press(Key.Key_Right)
    press(Key.Key_Right, SHIFT)
    assert crosses[0].x() > before.x()
    assert crosses[0].y() == before.y()
    press(Key.Key_Return)
    assert window.playback.position == position
    press(Key.Key_Tab)
    assert not crosses[0].isVisible()


def test_the_tabs_go_on_by_arrow_keys_and_keep_the_keyboard(window: MainWindow):
    bar = window.stage._tabs.bar
    bar.setFocus()
    press(Key.Key_Right)
    assert (window.stage.front, QApplication.focusWidget()) == ("sum", bar)
    press(Key.Key_Left)
    assert (window.stage.front, QApplication.focusWidget()) == ("diagram", bar)


def test_transport_and_speed_are_pressed_by_keys(window: MainWindow):
    window.playback.restart()
    button = window.transport._buttons["next"]
    button.setFocus()
    press(Key.Key_Return)
    assert window.playback.position == 1
    window.transport.speed.setFocus()
    press(Key.Key_Right)
    assert window.transport.speed.value() > 0
    assert window.playback.position == 1
