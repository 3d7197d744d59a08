"""Text has the size of what it is for, at a desk and in a hall, also when that changes while the window is open."""

from __future__ import annotations

import pytest
from PySide6.QtGui import QAccessible
from PySide6.QtWidgets import QAbstractButton, QComboBox, QLabel, QLineEdit, QTabBar, QWidget
from pytestqt.qtbot import QtBot

from gui.appearance.math_widgets import MathLabel
from gui.appearance.style import fit_label
from gui.appearance.text_size import (
    FIGURE,
    FORMULA,
    LEAD,
    NOTE,
    SMALLEST,
    SMALLEST_IN_A_HALL,
    SYMBOL,
    TEXT,
    TITLE,
    in_a_hall,
)
from gui.appearance.theme import Appearance, load_theme
from gui.appearance.typeset import Typesetter
from gui.commands.views import VIEWS
from gui.window.main_window import MainWindow

SIZES = (SMALLEST, NOTE, TEXT, LEAD, SYMBOL, TITLE, FORMULA, FIGURE)
WRITTEN = (QLabel, QAbstractButton, QComboBox, QLineEdit, QTabBar)


def pixels(widget: QWidget) -> int:
    widget.ensurePolished()
    return widget.font().pixelSize()


def named(parent: QWidget, name: str) -> QLabel:
    label = parent.findChild(QLabel, name)
    assert label is not None, name
    return label


def test_no_text_is_too_small_for_a_hall(appearance: Appearance) -> None:
    desk = [appearance.text(size) for size in SIZES]
    assert desk == [appearance.px(size) for size in SIZES]
    appearance.present(True)
    hall = [appearance.text(size) for size in SIZES]
    assert min(hall) >= appearance.px(SMALLEST_IN_A_HALL)
    assert all(large > small for large, small in zip(hall, desk, strict=True))
    assert hall == [appearance.px(in_a_hall(size)) for size in SIZES]
    appearance.present(False)
    assert [appearance.text(size) for size in SIZES] == desk


def test_labels_follow_the_scale_and_the_theme_while_the_window_is_open(own_window: MainWindow) -> None:
    appearance = own_window._appearance
    labels = {"cardTitle": NOTE, "documentName": LEAD, "note": NOTE, "muted": TEXT}
    for scale in (1.0, 1.3, 0.8):
        appearance.scale = scale
        for name, size in labels.items():
            assert pixels(named(own_window, name)) == round(size * scale), (name, scale)
    appearance.choose("dark")
    colour = named(own_window, "muted").palette().windowText().color().name()
    assert colour == load_theme("dark").muted.lower()


def test_in_a_hall_everything_in_every_view_is_large_and_at_the_desk_again_as_before(
    own_window: MainWindow, qtbot: QtBot
) -> None:
    window, appearance = own_window, own_window._appearance
    note = pixels(named(window, "note"))

    def sizes(name: str) -> dict[int, int]:
        window.stage.show_view(name)
        shown = [part for kind in WRITTEN for part in window.stage.view(name).findChildren(kind) if part.isVisible()]
        return {id(part): pixels(part) for part in shown}

    before = {name: sizes(name) for name in VIEWS}
    window.presenting.begin()
    for name in VIEWS:
        assert all(size >= appearance.px(SMALLEST_IN_A_HALL) for size in sizes(name).values()), name
    assert pixels(named(window, "note")) == note  # what is set at the desk waits as it was
    window.presenting.end()
    qtbot.waitUntil(lambda: not window.isFullScreen())
    for name in VIEWS:
        again = sizes(name)
        assert {key: again[key] for key in before[name] if key in again} == {
            key: size for key, size in before[name].items() if key in again
        }, name


@pytest.mark.parametrize("scale", [0.8, 1.0, 1.3])
def test_a_formula_grows_with_the_text(
    appearance: Appearance, typesetter: Typesetter, qtbot: QtBot, scale: float
) -> None:
    label = MathLabel("C_t", "cell", SYMBOL, typesetter, appearance)
    qtbot.addWidget(label)
    qtbot.waitUntil(typesetter.idle)
    appearance.scale = scale
    desk = label.sizeHint()
    appearance.present(True)
    hall = label.sizeHint()
    assert hall.height() >= 1.5 * desk.height() > 1.4 * SYMBOL * scale * 0.9
    interface = QAccessible.queryAccessibleInterface(label)
    assert interface is not None
    assert interface.text(QAccessible.Text.Name) == "C_t"


def test_text_that_fits_its_room_is_of_that_size_below_the_windows_style_sheet(own_window: MainWindow) -> None:
    label = QLabel("letters", own_window)
    fit_label(label, 31, bold=True)
    assert pixels(label) == 31
    assert label.font().bold() or label.font().weight() == 600
