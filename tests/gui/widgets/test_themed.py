"""What shows the theme: the ring of the focus, the legend, the program's own signs in boxes and file dialogs."""

from __future__ import annotations

from pathlib import Path

import pytest
from PySide6.QtCore import QPoint, Qt
from PySide6.QtGui import QColor, QImage
from PySide6.QtWidgets import (
    QAbstractButton,
    QAbstractSpinBox,
    QApplication,
    QComboBox,
    QFileDialog,
    QLineEdit,
    QMessageBox,
    QScrollArea,
    QSpinBox,
    QToolButton,
    QTreeView,
    QVBoxLayout,
    QWidget,
)
from pytestqt.qtbot import QtBot

from engine.cell.cells import CELLS
from gui.appearance.controls import LEAST_HIGH, least_height
from gui.appearance.style import style_sheet
from gui.appearance.theme import Appearance
from gui.widgets.buttons import Button
from gui.widgets.message_box import Buttons, message_box
from gui.widgets.themed.file_dialog import use_own_icons
from gui.widgets.themed.focus_ring import FocusRing
from gui.widgets.themed.legend import Legend
from gui.window.main_window import MainWindow


def colours(image: QImage) -> set[str]:
    return {image.pixelColor(x, y).name() for x in range(image.width()) for y in range(image.height())}


@pytest.fixture
def page(qtbot: QtBot) -> QWidget:
    """A window with a button, a box, and a field in an area that scrolls."""
    window = QWidget()
    inside, area = QWidget(), QScrollArea()
    QVBoxLayout(inside).addWidget(QLineEdit("text"))
    area.setWidget(inside)
    column = QVBoxLayout(window)
    for part in (Button("Copy"), QSpinBox(), area):
        column.addWidget(part)
    qtbot.addWidget(window)
    window.resize(300, 300)
    window.show()
    window.activateWindow()
    qtbot.waitUntil(window.isActiveWindow)
    return window


def focus(qtbot: QtBot, widget: QWidget) -> None:
    widget.setFocus(Qt.FocusReason.TabFocusReason)
    qtbot.waitUntil(lambda: QApplication.focusWidget() is widget)


@pytest.mark.parametrize("kind", [Button, QSpinBox, QLineEdit])
def test_a_ring_stands_two_pixels_outside_of_the_control_that_has_the_focus(
    page: QWidget, appearance: Appearance, qtbot: QtBot, kind: type[QWidget]
) -> None:
    rings = FocusRing(page, appearance)
    control = next(part for part in page.findChildren(kind) if not isinstance(part.parent(), QAbstractSpinBox))
    focus(qtbot, control)
    ring = rings.ring
    assert ring is not None
    assert ring.isVisible()
    host = ring.parentWidget()
    assert ring.geometry().adjusted(4, 4, -4, -4).topLeft() == control.mapTo(host, QPoint(0, 0))
    assert ring.geometry().adjusted(4, 4, -4, -4).size() == control.size()
    assert QColor(appearance.theme.select_edge).name() in colours(ring.grab().toImage())
    page.resize(420, 360)
    qtbot.waitUntil(lambda: ring.geometry().adjusted(4, 4, -4, -4).size() == control.size())


def test_the_ring_goes_where_the_focus_goes_and_with_the_control(
    page: QWidget, appearance: Appearance, qtbot: QtBot
) -> None:
    rings = FocusRing(page, appearance)
    button, box = page.findChildren(Button)[0], page.findChildren(QSpinBox)[0]
    focus(qtbot, button)
    first = rings.ring
    focus(qtbot, box)
    assert rings.ring is not None
    assert rings.ring is not first
    box.setEnabled(False)
    area = page.findChild(QScrollArea)  # the keyboard goes on to it, and that is seen, too
    qtbot.waitUntil(lambda: rings.ring is not None and rings.ring.control is area and rings.ring.isVisible())
    page.setFocusPolicy(Qt.FocusPolicy.StrongFocus)
    focus(qtbot, page)
    assert rings.ring is None, "a view is no control"


def test_everything_that_can_be_clicked_is_high_enough(window: MainWindow) -> None:
    seen = [
        part
        for kind in (QAbstractButton, QComboBox, QAbstractSpinBox)
        for part in window.findChildren(kind)
        if part.isVisible() and type(part) is not QAbstractButton  # the corner of a table
    ]
    assert seen
    low = {(type(part).__name__, part.objectName(), part.height()) for part in seen if part.height() < LEAST_HIGH}
    assert not low


def test_the_least_height_grows_with_the_screen(appearance: Appearance) -> None:
    found = []
    for scale in (0.5, 0.8, 0.9, 1.0, 2.0):
        appearance.scale = scale
        found.append(least_height(appearance))
    assert found == [24, 24, 28, 32, 64]


@pytest.mark.parametrize("name", CELLS)
def test_the_legend_names_the_colours_of_the_cell(appearance: Appearance, qtbot: QtBot, name: str) -> None:
    legend = Legend(appearance)
    qtbot.addWidget(legend)
    cell = CELLS[name]()
    legend.show_cell(cell)
    legend.resize(1400, 30)
    legend.show()
    qtbot.waitUntil(lambda: legend.line.size() == legend.line.sizeHint())
    words, roles = legend.line.words, {operation.role for operation in cell.named} - {"x"}
    assert len(words) == len(roles) + (4 if cell.gates else 3)
    assert words[-2:] == ["now", "to come"]
    assert ("gate 0 1" in words) == bool(cell.gates)
    painted = colours(legend.line.grab().toImage())
    for role in roles:
        assert appearance.theme.role(role).name() in painted, role
    now = QColor(appearance.theme.now)
    assert any(abs(QColor(each).hue() - now.hue()) < 4 and QColor(each).saturation() > 200 for each in painted)


def test_where_there_is_no_room_a_button_shows_the_legend_upright(appearance: Appearance, qtbot: QtBot) -> None:
    legend = Legend(appearance)
    qtbot.addWidget(legend)
    legend.show_cell(CELLS["lstm"]())
    legend.resize(1400, 30)
    legend.show()
    assert legend.line.isVisible()
    assert not legend.button.isVisible()
    legend.resize(300, 30)
    assert not legend.line.isVisible()
    legend.button.click()
    qtbot.waitUntil(legend.column.isVisible)
    assert legend.column.words == legend.line.words
    assert legend.column.height() > 5 * legend.line.sizeHint().height()
    legend.column.window().hide()


def test_a_box_has_the_programs_sign_in_the_colours_of_the_theme(page: QWidget, appearance: Appearance) -> None:
    QApplication.setPalette(appearance.palette())
    for kind, colour in (
        (QMessageBox.Icon.Question, appearance.theme.ink),
        (QMessageBox.Icon.Information, appearance.theme.ink),
        (QMessageBox.Icon.Warning, appearance.theme.wrong),
        (QMessageBox.Icon.Critical, appearance.theme.wrong),
    ):
        box = message_box(page, kind, "Title", "A sentence.", buttons={Buttons.Ok: ""})
        assert QColor(colour).name() in colours(box.iconPixmap().toImage()), kind
        box.done(0)


def test_a_file_dialog_has_the_programs_icons(
    page: QWidget, appearance: Appearance, tmp_path: Path, qtbot: QtBot
) -> None:
    QApplication.setPalette(appearance.palette())
    (tmp_path / "a folder").mkdir()
    (tmp_path / "a file.txt").write_text("1")
    dialog = QFileDialog(page, "Open", str(tmp_path))
    dialog.setOption(QFileDialog.Option.DontUseNativeDialog)
    dialog.setViewMode(QFileDialog.ViewMode.Detail)
    dialog.open()
    use_own_icons(dialog)
    ink = QColor(appearance.theme.ink).name()
    for name in ("backButton", "toParentButton", "newFolderButton", "listModeButton", "detailModeButton"):
        button = dialog.findChild(QToolButton, name)
        assert button is not None
        assert ink in colours(button.icon().pixmap(18).toImage()), name
    view = dialog.findChild(QTreeView, "treeView")
    assert view is not None
    model, root = view.model(), view.rootIndex()
    qtbot.waitUntil(lambda: model.rowCount(root) == 2)
    delegate = view.itemDelegate()
    icons = {
        model.index(row, 0, root).data(): delegate._icon_of(model.index(row, 0, root)).cacheKey() for row in (0, 1)
    }
    assert icons["a folder"] != icons["a file.txt"]
    dialog.done(0)


def test_the_sheet_has_every_state_of_a_control(appearance: Appearance) -> None:
    sheet = style_sheet(appearance)
    for widget in ("QPushButton", "QToolButton", "QComboBox", "QSpinBox", "QLineEdit"):
        for state in (":hover", ":disabled"):
            assert f"{widget}{state}" in sheet
    for state in (":pressed", ":checked"):
        assert f"QPushButton{state}" in sheet
    for state in (":hover", ":pressed", ":selected", ":disabled"):
        assert f"QTabBar::tab{state}" in sheet
