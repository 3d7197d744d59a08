"""Two small windows of words: every key, and what this program is."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from importlib.metadata import PackageNotFoundError, version

from PySide6.QtCore import Qt
from PySide6.QtGui import QKeySequence
from PySide6.QtWidgets import QDialog, QDialogButtonBox, QGridLayout, QLabel, QMessageBox, QVBoxLayout, QWidget

from gui.actions import ACTIONS, MENUS, SUBMENUS


def show_keys(parent: QWidget) -> None:
    """Show every action with its keys, menu by menu."""
    dialog = QDialog(parent)
    dialog.setAttribute(Qt.WidgetAttribute.WA_DeleteOnClose)
    dialog.setWindowTitle("Keys")
    grid = QGridLayout()
    grid.setHorizontalSpacing(18)
    column = line = 0
    for number, (title, names) in enumerate(MENUS.items()):
        if number == 3:
            column, line = 3, 0
        heading = QLabel(title.replace("&", ""))
        heading.setObjectName("heading")
        grid.addWidget(heading, line, column, 1, 2)
        line += 1
        for keys, sentence in _lines(names):
            grid.addWidget(QLabel(keys), line, column)
            grid.addWidget(QLabel(sentence), line, column + 1)
            line += 1
    grid.setColumnMinimumWidth(2, 24)
    buttons = QDialogButtonBox(QDialogButtonBox.StandardButton.Close)
    buttons.rejected.connect(dialog.reject)
    layout = QVBoxLayout(dialog)
    layout.addLayout(grid)
    layout.addWidget(buttons)
    dialog.open()


def _lines(names: Iterable[str]) -> Iterator[tuple[str, str]]:
    """Yield keys and sentence of each entry of a menu; a menu within it becomes one line."""
    for name in names:
        if name in ACTIONS:
            keys = ACTIONS[name].keys
            yield "   ".join(map(_native, keys)), ACTIONS[name].sentence
        elif name in SUBMENUS:
            title, members = SUBMENUS[name]
            first, last = (ACTIONS[member].keys[0] for member in (members[0], members[-1]))
            yield f"{_native(first)} … {_native(last)}", f"{title.replace('&', '')}, by number"


def _native(key: str) -> str:
    return QKeySequence(key).toString(QKeySequence.SequenceFormat.NativeText)


def show_about(parent: QWidget) -> None:
    """Show version, licence and sources."""
    try:
        number = version("lstm-visualizer")
    except PackageNotFoundError:
        number = "not installed"
    box = QMessageBox(parent)
    box.setAttribute(Qt.WidgetAttribute.WA_DeleteOnClose)
    box.setWindowTitle("About")
    box.setText(f"LSTM Visualizer {number}")
    box.setInformativeText(
        "Walk through the LSTM cell number by number, and watch one being trained. MIT licence.\n\n"
        "Letters: Inter, SIL Open Font License. Formulas: ziamath. Yearly sunspot numbers: National Geophysical "
        "Data Center, public domain. Text: Lewis Carroll 1865, Alice's Adventures in Wonderland, public domain."
    )
    box.open()
