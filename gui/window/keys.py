"""The window of keys: every action with its keys and what it does, to be searched."""

from __future__ import annotations

from collections.abc import Iterable, Iterator

from PySide6.QtCore import Qt
from PySide6.QtGui import QColor, QFont, QKeySequence
from PySide6.QtWidgets import (
    QDialog,
    QDialogButtonBox,
    QLineEdit,
    QTreeWidget,
    QTreeWidgetItem,
    QVBoxLayout,
    QWidget,
)

from gui.appearance.theme import Appearance
from gui.commands.actions import ACTIONS, MENUS, SUBMENUS

_IN_FULL = ("TRAINING",)  # menus within a menu whose entries are named one by one; of others it is their number


class KeysWindow(QDialog):
    """Every action with its keys, menu by menu, as high as the screen allows; words, or a key, find lines."""

    def __init__(self, appearance: Appearance, parent: QWidget) -> None:
        super().__init__(parent)
        self.setAttribute(Qt.WidgetAttribute.WA_DeleteOnClose)
        self.setWindowTitle("Keys")
        self.search = QLineEdit()
        self.search.setPlaceholderText("Search: a word, or a key")
        self.search.setClearButtonEnabled(True)
        self.search.textChanged.connect(self._find)
        self.lines = self._made_lines(appearance)
        buttons = QDialogButtonBox(QDialogButtonBox.StandardButton.Close)
        buttons.rejected.connect(self.reject)
        close = buttons.button(QDialogButtonBox.StandardButton.Close)
        close.setAutoDefault(False)  # Return in the field of the search closes nothing
        layout = QVBoxLayout(self)
        for widget in (self.search, self.lines, buttons):
            layout.addWidget(widget)
        room = parent.screen().availableGeometry()
        self.resize(min(appearance.px(900), int(0.95 * room.width())), int(0.9 * room.height()))

    @property
    def shown(self) -> list[tuple[str, str]]:
        """Keys and sentence of every line that is not hidden."""
        return [(line.text(0), line.text(1)) for _, lines in self._menus() for line in lines if not line.isHidden()]

    def _made_lines(self, appearance: Appearance) -> QTreeWidget:
        tree = QTreeWidget()
        tree.setColumnCount(2)
        tree.setHeaderHidden(True)
        tree.setRootIsDecorated(False)
        tree.setIndentation(0)
        tree.setUniformRowHeights(True)  # a letter typed must not lay out a page
        tree.setFrameShape(QTreeWidget.Shape.NoFrame)
        tree.setSelectionMode(QTreeWidget.SelectionMode.NoSelection)
        tree.setFocusPolicy(Qt.FocusPolicy.ClickFocus)
        heading = QFont(tree.font())
        heading.setBold(True)
        for title, names in MENUS.items():
            menu = QTreeWidgetItem([title.replace("&", ""), ""])
            menu.setFont(0, heading)
            menu.setForeground(0, QColor(appearance.theme.muted))
            menu.addChildren([QTreeWidgetItem(list(line)) for line in _lines(names)])
            tree.addTopLevelItem(menu)
        tree.expandAll()
        tree.setColumnWidth(0, appearance.px(230))
        return tree

    def _menus(self) -> Iterator[tuple[QTreeWidgetItem, list[QTreeWidgetItem]]]:
        for place in range(self.lines.topLevelItemCount()):
            menu = self.lines.topLevelItem(place)
            if menu is not None:
                lines = (menu.child(line) for line in range(menu.childCount()))
                yield menu, [line for line in lines if line is not None]

    def _find(self, wanted: str) -> None:
        """Show the lines in which each of these words occurs, in the keys, the sentence or the menu's name."""
        words = wanted.casefold().split()
        for menu, lines in self._menus():
            for line in lines:
                text = f"{menu.text(0)} {line.text(0)} {line.text(1)}".casefold()
                line.setHidden(not all(word in text for word in words))
            menu.setHidden(all(line.isHidden() for line in lines))


def _lines(names: Iterable[str]) -> Iterator[tuple[str, str]]:
    """Yield keys and sentence of each entry of a menu."""
    for name in names:
        if name in ACTIONS:
            yield "   ".join(map(_native, ACTIONS[name].keys)), ACTIONS[name].sentence
        elif name in _IN_FULL:
            yield from _lines(SUBMENUS[name][1])
        elif name in SUBMENUS:
            title, members = SUBMENUS[name]
            first, last = (ACTIONS[member].keys[0] for member in (members[0], members[-1]))
            yield f"{_native(first)} … {_native(last)}", f"{title.replace('&', '')}, by number"


def _native(key: str) -> str:
    return QKeySequence(key).toString(QKeySequence.SequenceFormat.NativeText)
