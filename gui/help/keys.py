"""The window of keyboard shortcuts: every command with its keys and what it does, to be searched."""

from __future__ import annotations

from PySide6.QtCore import Qt
from PySide6.QtGui import QColor, QFont, QIcon
from PySide6.QtWidgets import QDialog, QDialogButtonBox, QLineEdit, QTreeWidget, QTreeWidgetItem, QWidget

from gui.appearance.theme import Appearance
from gui.commands.keymap import Keymap
from gui.commands.table import menus
from gui.widgets.layouts import in_column

_WORDS = Qt.ItemDataRole.UserRole
"""What the entry of the menu says, to be searched."""


class KeysWindow(QDialog):
    """The commands that have keys, menu by menu, as high as the screen allows; a search finds the others, too."""

    def __init__(self, keymap: Keymap, appearance: Appearance, parent: QWidget) -> None:
        super().__init__(parent)
        self.setAttribute(Qt.WidgetAttribute.WA_DeleteOnClose)
        self.setWindowTitle("Keyboard shortcuts")
        self.search = QLineEdit(placeholderText="Search: a word, or a key", clearButtonEnabled=True)
        self.search.setAccessibleName("Find a command or a key")
        self.search.textChanged.connect(self._find)
        self._menus: list[tuple[QTreeWidgetItem, list[QTreeWidgetItem]]] = []
        """Of each menu its heading and its lines."""
        self.lines = QTreeWidget(columnCount=2)
        self.lines.setAccessibleName("Commands and their keys")
        self._make_lines(keymap, appearance)
        self._find("")
        buttons = QDialogButtonBox(QDialogButtonBox.StandardButton.Close)
        buttons.rejected.connect(self.reject)
        # Return in the field of the search closes nothing.
        close = buttons.button(QDialogButtonBox.StandardButton.Close)
        close.setAutoDefault(False)
        close.setIcon(QIcon())  # it would be the system's
        in_column(self.search, self.lines, buttons, inside=self)
        room = parent.screen().availableGeometry()
        self.lines.ensurePolished()  # with the letters that it will have
        self.lines.setColumnWidth(0, self._widest(0) + appearance.px(24))
        wanted = self.lines.columnWidth(0) + self._widest(1) + appearance.px(70)
        self.resize(min(wanted, int(0.95 * room.width())), int(0.9 * room.height()))

    def _make_lines(self, keymap: Keymap, appearance: Appearance) -> None:
        tree = self.lines
        tree.setHeaderHidden(True)
        tree.setRootIsDecorated(False)
        tree.setIndentation(0)
        tree.setUniformRowHeights(True)  # a letter typed must not lay out a page
        tree.setFrameShape(QTreeWidget.Shape.NoFrame)
        tree.setSelectionMode(QTreeWidget.SelectionMode.NoSelection)
        tree.setFocusPolicy(Qt.FocusPolicy.ClickFocus)
        heading = QFont(tree.font())
        heading.setWeight(QFont.Weight.DemiBold)
        for menu in menus():
            top = QTreeWidgetItem(tree, [menu.words.replace("&", ""), ""])
            top.setFont(0, heading)
            top.setForeground(0, QColor(appearance.theme.muted))
            lines = []
            for command in menu.commands:
                lines.append(QTreeWidgetItem(top, [keymap.words(command.id, "   "), keymap.retold(command.sentence)]))
                lines[-1].setData(0, _WORDS, command.words.replace("&", ""))
            self._menus.append((top, lines))
        tree.expandAll()

    def _widest(self, column: int) -> int:
        """Return how wide the longest text of a column is, found or not."""
        width = self.lines.fontMetrics().horizontalAdvance
        return max(width(line.text(column)) for _menu, lines in self._menus for line in lines)

    def _find(self, wanted: str) -> None:
        """Show the lines in which each of these words occurs, in the keys, the sentence or the menu."""
        words = wanted.casefold().split()
        for menu, lines in self._menus:
            for line in lines:
                text = f"{menu.text(0)} {line.data(0, _WORDS)} {line.text(0)} {line.text(1)}".casefold()
                line.setHidden(not all(word in text for word in words) if words else not line.text(0))
            menu.setHidden(all(line.isHidden() for line in lines))
