"""Shows the page Welcome over the window, leaves it when something that lies below is asked for, and remembers it."""

from __future__ import annotations

from pathlib import Path

from PySide6.QtCore import QEvent, QObject, QPoint, QRect, Qt, QTimer, Signal
from PySide6.QtWidgets import QDockWidget, QMainWindow, QToolBar, QWidget

from engine.document.document import DocumentError
from engine.document.examples import EXAMPLES, load_example
from engine.settings.config import TrainingConfig
from engine.tasks import create_task
from engine.tasks.example import Example, example_of
from gui.commands.command import CommandError
from gui.commands.registry import Registry
from gui.document.files import Files
from gui.jobs.background import Background
from gui.views.base import Tools
from gui.widgets.buttons import CheckBox
from gui.workspaces.welcome.page import TRAINED, WelcomePage
from gui.workspaces.welcome.pictures import Picture, picture_from
from gui.workspaces.welcome.recent import Entry, look

_FIRST = "welcome"
_MOST = 8
"""Files that are listed."""
_STAYS = frozenset(
    {
        *("welcome", "welcome first", "leave", "palette", "keys", "about", "theme", "numbers", "record"),
        *("open", "example", "register", "quit"),
    }
)
"""Commands that do not lead away from the page, or only once they have succeeded."""
_MOVES = (QEvent.Type.Resize, QEvent.Type.Move, QEvent.Type.Show, QEvent.Type.Hide, QEvent.Type.LayoutRequest)


class Welcome(QObject):
    """The page of a window, made when it is first shown."""

    changed = Signal(bool)
    """Whether it is shown."""
    wanted = Signal(str)
    """The name of a view to bring to the front."""
    first_changed = Signal(bool)
    """Whether the program begins with it, from the next start on."""
    said = Signal(str)
    """A sentence for the status line."""

    def __init__(self, window: QMainWindow, tools: Tools, files: Files, below: QWidget | None) -> None:
        """below: the line of a run that goes on, which the page leaves free."""
        super().__init__(window)
        self._window, self._tools, self._files, self._below = window, tools, files, below
        self._commands: Registry | None = None
        self._background = Background("recent-files", self)
        self._pictures = Background("example-pictures", self)
        self.page: WelcomePage | None = None
        """None before it was first shown."""
        self._own = self._trains = False
        self._place_soon = QTimer(self, singleShot=True, interval=0)
        self._place_soon.timeout.connect(self._place)
        tools.model.opened.connect(self._on_opened)
        files.recent_changed.connect(self._look)
        if tools.recordings is not None:
            tools.recordings.opened.connect(self.leave)
        if tools.training is not None:
            tools.training.run.changed.connect(self._on_run)
            tools.training.next_changed.connect(self._on_settings)

    def register_commands(self, commands: Registry) -> None:
        """Say what the commands do that show the page, now or at the start."""
        self._commands = commands
        commands.register("welcome", self.show, possible=lambda: not self._tools.appearance.presenting)
        commands.register("welcome first", lambda: self.begin_with_it(not self.first), on=lambda: self.first)
        commands.asked = self._on_asked

    # ---- whether it is shown

    @property
    def first(self) -> bool:
        """Whether the program begins with it, if it is not given a file."""
        stored = self._tools.stored
        return stored is None or stored.flag(_FIRST, "whether Welcome is shown first", True) is not False

    def begin_with_it(self, on: bool) -> None:
        """Begin with it or not, from the next start on."""
        if self._tools.stored is not None:
            self._tools.stored.setValue(_FIRST, "true" if on else "false")
        self.first_changed.emit(on)

    @property
    def shown(self) -> bool:
        """Whether it lies over the window."""
        return self.page is not None and not self.page.isHidden()

    def show_first(self) -> None:
        """Show it at the start, unless somebody has switched that off."""
        if self.first:
            self.show()

    def show(self) -> None:
        """Lay it over the window, with what there is now."""
        if self.page is None:
            self.page = self._made()
        self._place()
        self.page.show()
        self.changed.emit(True)
        self.page.begin()  # last: another page that gives way would hand the keyboard to what lies below
        self._look()

    def leave(self) -> bool:
        """Take it away; return whether it was there."""
        if not self.shown:
            return False
        assert self.page is not None
        self._window.setFocus()  # not to another part of the page as it goes
        self.page.hide()
        self._trains = False
        self.changed.emit(False)
        return True

    def _on_asked(self, command: str) -> None:
        """Something is to be done: what lies below is to be seen for that, but for some commands."""
        if not self._own and command not in _STAYS:
            self.leave()

    def _on_opened(self) -> None:
        """A document was opened: its cell is to be seen."""
        if self.leave():
            self.wanted.emit("diagram")

    def _on_run(self) -> None:
        """A run has begun, or another one is shown."""
        if self._trains and self.leave():
            self.wanted.emit("live")

    def _on_settings(self) -> None:
        """The next run has other settings: those of a table or a text that was opened."""
        if not self._own and self.leave():
            self.wanted.emit("live")

    # ---- what stands on it

    def _made(self) -> WelcomePage:
        at_start = CheckBox("Show this page at the start")
        at_start.setToolTip("The menu View, Workspaces, has this switch, too")
        at_start.setChecked(self.first)
        at_start.clicked.connect(lambda: self._obey("welcome first"))
        self.first_changed.connect(at_start.setChecked)
        page = WelcomePage(self._window, self._tools, at_start)
        page.asked.connect(self._obey)
        page.file_wanted.connect(self._open)
        page.left.connect(self.leave)
        page.painted.connect(self._draw)
        for part in (self._window, self._window.menuWidget(), self._window.statusBar(), self._below):
            if part is not None:
                part.installEventFilter(self)
        return page

    def _obey(self, line: str) -> None:
        """Carry out a command of the page, which stays where that cannot be done."""
        assert self._commands is not None
        self._trains = line.startswith("train ")
        self._own = self._trains
        try:
            self._commands.run(line)
        except CommandError as error:
            self.said.emit(str(error))
        finally:
            self._own = False

    def _open(self, path: Path) -> None:
        self._files.open(path)

    def _look(self) -> None:
        """Read which files there are, and what they hold."""
        if not self.shown or self._tools.recordings is None:
            return
        paths, library = tuple(self._files.recent), self._tools.recordings.library
        self._background.run_apart(lambda _dropped: look(paths, library, _MOST), self._list, self._miss, OSError)

    def _list(self, entries: list[Entry]) -> None:
        if self.page is not None:
            self.page.show_entries(entries)

    def _miss(self, error: Exception) -> None:
        self.said.emit(f"The files used last cannot be read ({error})")

    def _draw(self) -> None:
        """Make the pictures, now that the page is on the screen."""
        page = self.page
        assert page is not None
        self._pictures.run(_pictures, page.show_pictures, self._miss_pictures, DocumentError)
        self._pictures.run(_examples, page.show_examples)

    def _miss_pictures(self, error: Exception) -> None:
        self.said.emit(str(error))

    # ---- where it lies

    def eventFilter(self, watched: QObject, event: QEvent) -> bool:
        if event.type() in _MOVES and self.shown:
            self._place()
            self._place_soon.start()  # what lies around it may be placed after this
        return False

    def _place(self) -> None:
        """Cover everything below the menus, down to the status line, but for the line of a run that goes on."""
        window, page = self._window, self.page
        if page is None:
            return
        bars = [window.menuWidget(), *window.findChildren(QToolBar)]
        above = Qt.ToolBarArea.TopToolBarArea
        tops = [
            bar.geometry().bottom() + 1
            for bar in bars
            if bar.isVisible() and (not isinstance(bar, QToolBar) or window.toolBarArea(bar) is above)
        ]
        status, strip = window.statusBar(), self._below
        top, bottom = max(tops, default=0), status.geometry().top() if status.isVisible() else window.height()
        page.setGeometry(QRect(0, top, window.width(), max(0, bottom - top)))
        if strip is not None and strip.isVisible():
            page.leave_free(QRect(strip.mapTo(window, QPoint(0, 0)) - page.pos(), strip.size()))
        else:
            page.leave_free(QRect())
        # Qt raises what it lays out anew. Not otherwise: the ring of the focus lies above the page.
        order = window.children()
        below = [window.centralWidget(), *bars, *window.findChildren(QDockWidget)]
        if any(order.index(part) > order.index(page) for part in below if part in order):
            page.raise_()


def _pictures() -> dict[str, Picture]:
    return {name: picture_from(load_example(name)) for name in EXAMPLES}


def _examples() -> dict[str, Example]:
    return {name: example_of(create_task(TrainingConfig(task=name)), 0) for name in TRAINED}
