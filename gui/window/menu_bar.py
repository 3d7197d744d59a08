"""The menu bar, from the table of commands."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from pathlib import Path

from PySide6.QtGui import QAction
from PySide6.QtWidgets import QMenu, QMenuBar, QSizePolicy

from gui.appearance.rich_text import without_mnemonics
from gui.commands.command import Command
from gui.commands.menu import RECENT, Menu


class MenuBar(QMenuBar):
    """Every menu, with the menus within it, and the files opened last."""

    def __init__(
        self, menus: Iterable[Menu], actions: Mapping[str, QAction], open_file: Callable[[Path], object]
    ) -> None:
        super().__init__()
        self._open_file = open_file
        self.setSizePolicy(QSizePolicy.Policy.Minimum, QSizePolicy.Policy.Preferred)
        self.recent = QMenu("Open &recent", self)
        for menu in menus:
            self.addMenu(self._made(menu, actions))

    def _made(self, menu: Menu, actions: Mapping[str, QAction]) -> QMenu:
        made = QMenu(menu.words, self)
        made.setToolTipsVisible(True)
        for entry in menu.entries:
            if isinstance(entry, Command):
                made.addAction(actions[entry.id])
            elif isinstance(entry, Menu):
                made.addMenu(self._made(entry, actions))
            elif entry == RECENT:
                made.addMenu(self.recent)
            else:
                made.addSeparator()
        return made

    def show_recent(self, paths: Iterable[str]) -> None:
        """Offer these files to be opened again, the last one first."""
        self.recent.clear()
        for path in paths:
            action = self.recent.addAction(without_mnemonics(path))
            action.triggered.connect(lambda _checked=False, path=path: self._open_file(Path(path)))
        self.recent.setEnabled(not self.recent.isEmpty())
