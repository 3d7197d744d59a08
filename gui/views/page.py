"""A page: what takes the room of the view in front and of all panels for a while, and what it works with."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

from PySide6.QtCore import QEvent, Signal
from PySide6.QtGui import QKeyEvent
from PySide6.QtWidgets import QWidget

from gui.appearance.chosen.folder import ChosenFolder
from gui.appearance.stored import Stored
from gui.commands.keymap import PLAYBACK, Keymap
from gui.commands.pressed import key_of
from gui.commands.registry import Registry
from gui.document.files import Files
from gui.network.this_cell import ThisCell
from gui.views.base import Tools


@dataclass(frozen=True, eq=False)
class Desk:
    """What a page reads and works with; the same for all of them."""

    tools: Tools
    commands: Registry
    keymap: Keymap
    files: Files
    stored: Stored
    copies: ChosenFolder
    """Where unsaved work is copied."""
    this_cell: ThisCell
    """Takes weights that are given into a training."""


class Page(QWidget):
    """Takes the room of the window for a while; made when it is first looked at."""

    message = Signal(str)
    """A sentence for the status line."""
    left = Signal()
    """Whoever sits there has done with it."""

    def __init__(self, desk: Desk) -> None:
        super().__init__()
        self.desk = desk

    def begin(self) -> None:
        """Take the keyboard: the page has come to the front."""
        self.setFocus()

    def open_file(self, path: Path) -> None:
        """Show a file of the kind that the page opens."""
        raise NotImplementedError

    def step_out(self) -> bool:
        """Leave what is innermost in the page; return whether there was anything."""
        return False

    def end(self) -> None:
        """End what goes on in the background: the window closes."""

    def event(self, event: QEvent) -> bool:
        """Keep the playback's keys from a cell that nobody sees."""
        if event.type() != QEvent.Type.ShortcutOverride or not isinstance(event, QKeyEvent):
            return super().event(event)
        event.setAccepted((key_of(event) or "") in PLAYBACK)
        return event.isAccepted()
