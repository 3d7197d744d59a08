"""The menus' commands as Qt actions: words, keys, tool tips and check marks."""

from __future__ import annotations

from functools import partial

from PySide6.QtGui import QAction, QKeySequence
from PySide6.QtWidgets import QWidget

from gui.commands.command import Command
from gui.commands.keymap import Keymap
from gui.commands.menu import Menu
from gui.commands.registry import Bound, Registry


class Actions(dict[str, QAction]):
    """Every command of the menus by its id."""

    def __init__(self, parent: QWidget, registry: Registry, menus: tuple[Menu, ...], keymap: Keymap) -> None:
        self._commands = [command for menu in menus for command in menu.commands]
        super().__init__({command.id: _made(parent, command) for command in self._commands})
        self._registry, self._keymap = registry, keymap
        self._bound: dict[str, Bound] = {}
        for name, action in self.items():
            action.triggered.connect(partial(self._do, name))
        keymap.changed.connect(self._update_keys)
        self._update_keys()

    def bind(self) -> None:
        """Learn what each does; raises CommandError for one that nothing was registered for."""
        self._bound = {name: self._registry.bound(name) for name in self}
        self._registry.told = self.update_states  # Qt has turned the check of what was clicked, too
        self.update_states()

    def update_states(self) -> None:
        """Check what is in force, and offer what can be done now."""
        for name, bound in self._bound.items():
            action = self[name]
            if action.isCheckable():
                action.setChecked(bound.is_on())
            action.setEnabled(bound.is_possible())

    def _update_keys(self) -> None:
        for command in self._commands:
            action, keys = self[command.id], [QKeySequence(key) for key in self._keymap.keys(command.id)]
            if keys != action.shortcuts():
                action.setShortcuts(keys)
            words, sentence = self._keymap.words(command.id), self._keymap.retold(command.sentence)
            action.setToolTip(f"{sentence} ({words})" if words else sentence)
            action.setStatusTip(sentence)

    def _do(self, name: str, _checked: bool = False) -> None:
        self._bound[name].do()


def _made(parent: QWidget, command: Command) -> QAction:
    action = QAction(command.words, parent)
    action.setObjectName(command.id)
    action.setCheckable(command.checkable)
    parent.addAction(action)
    return action
