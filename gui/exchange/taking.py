"""Makes pictures for the window: part by part between the turns of its loop, their files in the background."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from pathlib import Path

from PySide6.QtCore import QObject, QTimer, Signal
from PySide6.QtGui import QGuiApplication, QImage
from PySide6.QtWidgets import QMessageBox, QWidget

from engine.file_kinds import Format
from gui.commands.picture_taker import PictureTaker
from gui.commands.registry import Registry
from gui.document.files import choose_file
from gui.exchange.picture_dialog import PictureDialog, remember, remembered
from gui.exchange.pictures import Drawn, PictureChoice, PictureError, steps_of
from gui.jobs.background import Background
from gui.views.base import Tools
from gui.widgets.message_box import message_box


class Pictures(PictureTaker):
    """Copies and saves pictures of what the window shows, one at a time."""

    said = Signal(str)
    """A sentence for the status line."""

    def __init__(self, tools: Tools, parent: QObject) -> None:
        super().__init__(parent)
        self._tools = tools
        self._background = Background("documents", self)
        self._parts: Iterator[Drawn | None] | None = None
        self._done: Callable[[Drawn], None] = lambda _drawn: None
        self._next = QTimer(self, singleShot=True, interval=0)
        self._next.timeout.connect(self._go_on)

    def register_commands(self, commands: Registry, front: Callable[[], QWidget]) -> None:
        """Say what the commands do that make pictures of the view in front."""
        commands.register("copy picture", lambda: self.copy(front()), possible=lambda: front().isVisible())
        commands.register("save picture", lambda: self.offer(front()), possible=lambda: front().isVisible())

    def copy(self, widget: QWidget) -> None:
        choice = remembered(self._tools.stored)
        pixels = PictureChoice(".png", choice.scale, choice.colours, choice.numbers)

        def put(drawn: Drawn) -> None:
            image = drawn.what
            assert isinstance(image, QImage)
            QGuiApplication.clipboard().setImage(image)
            self.said.emit(f"Copied a picture of {image.width():,} × {image.height():,} pixels")

        self._begin(widget, pixels, put)

    def offer(self, widget: QWidget) -> None:
        stored = self._tools.stored
        dialog = PictureDialog(widget, self._tools.appearance, remembered(stored))

        def copy(choice: PictureChoice) -> None:
            remember(stored, choice)
            self.copy(widget)

        def ask_where(choice: PictureChoice) -> None:
            remember(stored, choice)
            kind = Format("a picture", "pictures", (choice.suffix,))
            name = f"{self._name()}{choice.suffix}"
            choose_file(widget.window(), "Save the picture", self._folder(), [kind], write, name)

        def write(path: Path) -> None:
            if stored is not None:
                stored.setValue("picture/folder", str(path.parent.absolute()))
            self.save(widget, path, remembered(stored))

        dialog.copy_wanted.connect(copy)
        dialog.save_wanted.connect(ask_where)
        dialog.open()

    def save(self, widget: QWidget, path: Path, choice: PictureChoice) -> None:
        """Write a picture of a widget; its file is written beside the window's thread."""

        def write(drawn: Drawn) -> None:
            def written(_nothing: None) -> None:
                self.said.emit(f"Saved {path.name}")

            self._background.run(lambda: drawn.write(path), written, self._refuse, PictureError)

        self._begin(widget, choice, write)

    def end(self) -> None:
        """Leave what is not finished: the window closes."""
        self._next.stop()
        if self._parts is not None:
            parts, self._parts = self._parts, None
            parts.close()  # type: ignore[attr-defined]  # a generator

    def _folder(self) -> str:
        stored, home = self._tools.stored, str(Path.home())
        return stored.text("picture/folder", "the folder of pictures", home) if stored is not None else home

    def _name(self) -> str:
        return self._tools.model.shown.name.partition(":")[0].replace("/", " ") or "picture"

    def _begin(self, widget: QWidget, choice: PictureChoice, done: Callable[[Drawn], None]) -> None:
        if self._parts is not None:
            self.said.emit("The picture before is not finished; try again in a moment")
            return
        self._parts, self._done = steps_of(widget, self._tools.appearance, choice), done
        self._next.start()

    def _go_on(self) -> None:
        """Do one part of the work, and the next in the next turn."""
        if self._parts is None:
            return
        try:
            drawn = next(self._parts)
        except PictureError as error:
            self._parts = None
            self._refuse(error)
            return
        if drawn is None:
            self._next.start()
        else:
            self._parts = None
            self._done(drawn)

    def _refuse(self, error: Exception) -> None:
        parent = self.parent()
        assert isinstance(parent, QWidget)
        message_box(parent.window(), QMessageBox.Icon.Warning, "The picture was not saved", str(error))
