"""The window of keys: every action with its keys and what it does, to be searched."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from html import escape

from PySide6.QtCore import Qt
from PySide6.QtGui import QKeySequence
from PySide6.QtWidgets import QDialog, QDialogButtonBox, QLineEdit, QTextBrowser, QVBoxLayout, QWidget

from gui.actions import ACTIONS, MENUS, SUBMENUS
from gui.theme import Appearance

_SECOND_COLUMN = 3  # the menu that it begins with
_IN_FULL = ("TRAINING",)  # menus within a menu whose entries are named one by one; of others it is their number


class KeysWindow(QDialog):
    """Every action with its keys, menu by menu, as high as the screen allows; words, or a key, find lines."""

    def __init__(self, appearance: Appearance, parent: QWidget) -> None:
        super().__init__(parent)
        self.setAttribute(Qt.WidgetAttribute.WA_DeleteOnClose)
        self.setWindowTitle("Keys")
        self._muted = appearance.theme.muted
        self.search = QLineEdit()
        self.search.setPlaceholderText("Search: a word, or a key")
        self.search.setClearButtonEnabled(True)
        self.search.textChanged.connect(self._show)
        self.words = QTextBrowser()
        self.words.setFocusPolicy(Qt.FocusPolicy.ClickFocus)
        self.words.setFrameShape(QTextBrowser.Shape.NoFrame)
        buttons = QDialogButtonBox(QDialogButtonBox.StandardButton.Close)
        buttons.rejected.connect(self.reject)
        close = buttons.button(QDialogButtonBox.StandardButton.Close)
        close.setAutoDefault(False)  # Return in the field of the search closes nothing
        layout = QVBoxLayout(self)
        for widget in (self.search, self.words, buttons):
            layout.addWidget(widget)
        self._show("")
        room = parent.screen().availableGeometry()
        self.resize(min(appearance.px(1140), int(0.95 * room.width())), int(0.9 * room.height()))

    def _show(self, wanted: str) -> None:
        """Show the lines in which each of these words occurs, in the keys, the sentence or the menu's name."""
        words = wanted.casefold().split()
        menus = list(MENUS.items())
        columns = [self._menus(some, words) for some in (menus[:_SECOND_COLUMN], menus[_SECOND_COLUMN:])]
        if any(columns):
            cells = "".join(_cell(column) for column in columns if column)
            self.words.setHtml(f"<table width='100%'><tr>{cells}</tr></table>")
        else:
            self.words.setPlainText("No action is called so, and no key.")

    def _menus(self, menus: Iterable[tuple[str, tuple[str, ...]]], words: list[str]) -> str:
        found = []
        for title, names in menus:
            title = title.replace("&", "")
            rows = [
                f"<tr><td style='white-space: pre; padding-right: 16px'>{escape(keys)}</td><td>{escape(says)}</td></tr>"
                for keys, says in _lines(names)
                if all(word in f"{title} {keys} {says}".casefold() for word in words)
            ]
            if rows:
                table = f"<table cellpadding='0' cellspacing='1'>{''.join(rows)}</table>"
                found.append(f"<p style='color: {self._muted}'><b>{title}</b></p>{table}")
        return "".join(found)


def _cell(column: str) -> str:
    return f"<td width='50%' style='padding-right: 16px'>{column}</td>"


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
