"""What the commands of the menu Help do that open a window or ask for a click."""

from __future__ import annotations

from collections.abc import Callable

from PySide6.QtWidgets import QWidget

from gui.appearance.theme import Appearance
from gui.commands.keymap import Keymap
from gui.commands.registry import Registry
from gui.help.about import show_about
from gui.help.guide import GuideCommand
from gui.help.keys import KeysWindow
from gui.help.palette import Palette
from gui.help.whats_this import WhatsThis


def register_help(
    commands: Registry, keymap: Keymap, appearance: Appearance, window: QWidget, front: Callable[[], str]
) -> None:
    """Register them. front: returns the name of the view in front, "" where something lies over it."""
    guide, whats_this = GuideCommand(keymap, appearance, window, front), WhatsThis(window)
    commands.register("guide", guide.open, possible=guide.is_possible)
    commands.register("what is this", whats_this.begin)
    commands.register("palette", lambda: Palette(commands, keymap, appearance, window).open())
    commands.register("keys", lambda: KeysWindow(keymap, appearance, window).open())
    commands.register("about", lambda: show_about(window))
