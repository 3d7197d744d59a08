"""The window of keyboard shortcuts: every command with its keys and what it does, to be searched."""

from __future__ import annotations

from collections.abc import Iterator

from PySide6.QtCore import Qt
from PySide6.QtGui import QColor, QFont
from PySide6.QtWidgets import (
    QDialog,
    QDialogButtonBox,
    QLineEdit,
    QTreeWidget,
    QTreeWidgetItem,
    QWidget,
)

from gui.appearance.theme import Appearance
from gui.commands.actions import keys_in_words
from gui.commands.table import menus
from gui.widgets.layouts import in_column

_WORDS = Qt.ItemDataRole.UserRole
"""What the entry of the menu says, to be searched."""


class KeysWindow(QDialog):
    """The commands that have keys, menu by menu, as high as the screen allows; a search finds the others, too."""

    def __init__(self, appearance: Appearance, parent: QWidget) -> None:
        super().__init__(parent)
        self.setAttribute(Qt.WidgetAttribute.WA_DeleteOnClose)
        self.setWindowTitle("Keyboard shortcuts")
        self.search = QLineEdit()
        self.search.setPlaceholderText("Search: a word, or a key")
        self.search.setClearButtonEnabled(True)
        self.search.textChanged.connect(self._find)
        self.lines = self._made_lines(appearance)
        self._find("")
        buttons = QDialogButtonBox(QDialogButtonBox.StandardButton.Close)
        buttons.rejected.connect(self.reject)
        close = buttons.button(QDialogButtonBox.StandardButton.Close)
        close.setAutoDefault(False)  # Return in the field of the search closes nothing
        in_column(self.search, self.lines, buttons, inside=self)
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
        for menu in menus():
            line = QTreeWidgetItem([menu.words.replace("&", ""), ""])
            line.setFont(0, heading)
            line.setForeground(0, QColor(appearance.theme.muted))
            line.addChildren(
                [QTreeWidgetItem([keys_in_words(command, "   "), command.sentence]) for command in menu.commands]
            )
            for place, command in enumerate(menu.commands):
                line.child(place).setData(0, _WORDS, command.words.replace("&", ""))
            tree.addTopLevelItem(line)
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
        """Show the lines in which each of these words occurs, in the keys, the sentence or the menu."""
        words = wanted.casefold().split()
        for menu, lines in self._menus():
            for line in lines:
                text = f"{menu.text(0)} {line.data(0, _WORDS)} {line.text(0)} {line.text(1)}".casefold()
                line.setHidden(not all(word in text for word in words) if words else not line.text(0))
            menu.setHidden(all(line.isHidden() for line in lines))
