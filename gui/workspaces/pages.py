"""The room of the window: the view in front, or a page in its place and that of all panels; below, a run's line."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from functools import partial

from PySide6.QtCore import Signal
from PySide6.QtWidgets import QStackedWidget, QWidget

from gui.appearance.chosen.folder import ChosenFolder
from gui.appearance.stored import Stored
from gui.commands.keymap import Keymap
from gui.commands.registry import Registry
from gui.commands.views import PAGES, found
from gui.document.files import Files
from gui.views.base import Tools
from gui.widgets.layouts import Part, in_column


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

    def step_out(self) -> bool:
        """Leave what is innermost in the page; return whether there was anything."""
        return False

    def end(self) -> None:
        """End what goes on in the background: the window closes."""


class Pages(QWidget):
    """Shows the stage, or a page in its place."""

    changed = Signal()
    """Another page is in front, or none."""
    message = Signal(str)

    def __init__(self, stage: QWidget, below: QWidget | None, desk: Desk, take_room: Callable[[bool], None]) -> None:
        """below: what stays where it is. take_room: hides what stands around, True, or brings it back."""
        super().__init__()
        self._stage, self._desk, self._take_room = stage, desk, take_room
        self._stack = QStackedWidget()
        parts: list[Part] = [(self._stack, 1)] if below is None else [(self._stack, 1), below]
        in_column(*parts, inside=self, margins=0, spacing=desk.tools.appearance.px(12))
        self._made: dict[str, Page] = {}
        self.front = ""
        """Name of the page in front; "" where it is the stage."""
        self._stack.addWidget(stage)

    def register_commands(self, commands: Registry) -> None:
        """Say what the commands do that open pages."""
        for name in PAGES:
            commands.register(name, partial(self.open, name), possible=self.is_possible)

    def is_possible(self) -> bool:
        """Whether a page may take the room: not in a hall."""
        return not self._desk.tools.appearance.presenting

    @property
    def page(self) -> Page | None:
        """The page in front; None where it is the stage."""
        return self._made.get(self.front)

    def open(self, name: str) -> Page:
        """Bring a page to the front, made if it was not yet looked at; return it."""
        if name not in self._made:
            page = self._made[name] = found(PAGES[name].place)(self._desk)
            page.message.connect(self.message)
            page.left.connect(self.leave)
            self._stack.addWidget(page)
        if not self.front:
            self._take_room(True)
        self.front = name
        self._stack.setCurrentWidget(self._made[name])
        self._made[name].begin()
        self.changed.emit()
        return self._made[name]

    def leave(self) -> bool:
        """Show the stage again; return whether a page was in its place."""
        if not self.front:
            return False
        self.front = ""
        self._stack.setCurrentWidget(self._stage)
        self._take_room(False)
        self.changed.emit()
        return True

    def step_out(self) -> bool:
        """Leave what is innermost in a page, or the page; return whether one was in front."""
        page = self.page
        if page is None:
            return False
        if not page.step_out():
            self.leave()
        return True

    def end(self) -> None:
        """Leave the page, and end what goes on in the background for any: the window closes."""
        self.leave()
        for page in self._made.values():
            page.end()
