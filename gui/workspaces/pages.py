"""The room of the window: the view in front, or a page in its place and that of all panels; below, a run's line."""

from __future__ import annotations

from collections.abc import Callable
from functools import partial
from pathlib import Path

from PySide6.QtCore import Signal
from PySide6.QtWidgets import QStackedWidget, QWidget

from gui.commands.registry import Registry
from gui.commands.views import PAGES, found
from gui.views.page import Desk, Page
from gui.widgets.layouts import Part, in_column


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
        for name, row in PAGES.items():
            if row.opener:
                desk.files.openers[row.opener] = partial(self.open_file, name)

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
            page.setWhatsThis(PAGES[name].sentence)
            page.setAccessibleName(PAGES[name].title)
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

    def open_file(self, name: str, path: Path) -> None:
        """Open a file on the page for its kind; in a hall there is none."""
        if self.is_possible():
            self.open(name).open_file(path)
        else:
            self.message.emit(f"{path.name} opens on a page of its own; leave the presentation first (Esc)")

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
