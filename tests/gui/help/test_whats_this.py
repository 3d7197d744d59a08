"""What's this?: every control of every view and page says something, and a click in the mode shows it."""

from __future__ import annotations

from PySide6.QtCore import QPoint, Qt
from PySide6.QtTest import QTest
from PySide6.QtWidgets import (
    QAbstractButton,
    QAbstractItemView,
    QAbstractSlider,
    QAbstractSpinBox,
    QApplication,
    QComboBox,
    QGraphicsView,
    QLineEdit,
    QScrollBar,
    QTabBar,
    QWhatsThis,
    QWidget,
)
from pytestqt.qtbot import QtBot

from gui.commands.views import PAGES, VIEWS
from gui.help.whats_this import NOTHING, as_rich_text, explained
from gui.window.main_window import MainWindow
from tests.gui.driving import SHIFT, Key, press, trigger, wait_until

_CONTROLS = (
    *(QAbstractButton, QComboBox, QAbstractSpinBox, QLineEdit, QAbstractSlider, QAbstractItemView, QGraphicsView),
    QTabBar,
)


def silent(window: MainWindow) -> list[str]:
    """Return the controls that can be seen and do not say what they are."""
    return [
        f"{type(part).__name__} {part.accessibleName() or part.property('text') or part.objectName()}"
        for part in window.findChildren(QWidget)
        if part.isVisible() and isinstance(part, _CONTROLS) and not isinstance(part, QScrollBar)
        if explained(part, part.rect().center())[1] == NOTHING
    ]


def test_every_control_of_every_view_and_page_says_what_it_is(window: MainWindow):
    for name in VIEWS:
        trigger(window, f"show {name}")
        assert silent(window) == [], name
    for name in PAGES:
        trigger(window, name)
        assert silent(window) == [], name
        trigger(window, "leave")
    trigger(window, "welcome")
    assert silent(window) == []
    trigger(window, "leave")


def boxes() -> list[QWidget]:
    return [box for box in QApplication.topLevelWidgets() if box.inherits("QWhatsThat") and box.isVisible()]


def test_a_click_in_the_mode_shows_the_words_and_does_nothing_else(window: MainWindow, qtbot: QtBot):
    button = next(part for part in window.findChildren(QAbstractButton) if part.isVisible() and part.isCheckable())
    before = button.isChecked()
    press(Key.Key_F1, SHIFT)
    assert QWhatsThis.inWhatsThisMode()
    QTest.mouseClick(button, Qt.MouseButton.LeftButton)
    wait_until(lambda: len(boxes()) == 1)
    assert button.isChecked() == before
    QWhatsThis.hideText()
    wait_until(lambda: not QWhatsThis.inWhatsThisMode() and not boxes())
    QTest.mouseClick(button, Qt.MouseButton.LeftButton)  # the mode is over: it is an ordinary click
    assert boxes() == []
    button.setChecked(before)


def test_return_explains_what_has_the_keyboard(window: MainWindow, qtbot: QtBot):
    button = next(part for part in window.findChildren(QAbstractButton) if part.isVisible() and part.isEnabled())
    button.setFocus()
    press(Key.Key_F1, SHIFT)
    press(Key.Key_Return)
    wait_until(lambda: len(boxes()) == 1)
    assert not QWhatsThis.inWhatsThisMode()
    QWhatsThis.hideText()
    wait_until(lambda: not boxes())


def test_words_from_a_file_stay_plain(qtbot: QtBot):
    part = QLineEdit()
    qtbot.addWidget(part)
    part.setToolTip("<img src='x'> & more")
    part.setAccessibleName("a<b")
    assert (
        as_rich_text(*explained(part, QPoint())) == "<p><b>a&lt;b</b><br>&lt;img src=&#x27;x&#x27;&gt; &amp; more</p>"
    )
