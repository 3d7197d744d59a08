"""The menu bar, from the declarations of the actions."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from pathlib import Path

from PySide6.QtGui import QAction
from PySide6.QtWidgets import QMenu, QMenuBar, QSizePolicy

from gui.appearance.rich_text import without_mnemonics
from gui.commands.actions import MENUS, SUBMENUS


class MenuBar(QMenuBar):
    """Every menu, with submenus, and the documents opened last."""

    def __init__(self, actions: Mapping[str, QAction], open_file: Callable[[Path], object]) -> None:
        super().__init__()
        self._open_file = open_file
        self.setSizePolicy(QSizePolicy.Policy.Minimum, QSizePolicy.Policy.Preferred)
        self.recent = QMenu("Open &recent", self)
        submenus = {"RECENT": self.recent}
        for entry, (title, names) in SUBMENUS.items():
            submenus[entry] = QMenu(title, self)
            submenus[entry].setToolTipsVisible(True)
            submenus[entry].addActions([actions[name] for name in names])
        for title, entries in MENUS.items():
            menu = self.addMenu(title)
            menu.setToolTipsVisible(True)
            for entry in entries:
                if entry == "-":
                    menu.addSeparator()
                elif entry in submenus:
                    menu.addMenu(submenus[entry])
                else:
                    menu.addAction(actions[entry])

    def show_recent(self, paths: Iterable[str]) -> None:
        """Offer these documents to be opened again, the last one first."""
        self.recent.clear()
        for path in paths:
            action = self.recent.addAction(without_mnemonics(path))
            action.triggered.connect(lambda _checked=False, path=path: self._open_file(Path(path)))
        self.recent.setEnabled(not self.recent.isEmpty())
