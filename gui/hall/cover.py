"""A black or white screen over the presentation, as the keys of a clicker ask for it."""

from __future__ import annotations

from PySide6.QtCore import QEvent, QObject, Qt
from PySide6.QtGui import QColor, QKeyEvent, QPainter, QPaintEvent
from PySide6.QtWidgets import QWidget

COLOURS = ("black", "white")


class Cover(QWidget):
    """Lies over the whole window; the next key or click takes it away and does nothing else."""

    def __init__(self, window: QWidget) -> None:
        super().__init__(window)
        self._window = window
        self.setFocusPolicy(Qt.FocusPolicy.StrongFocus)
        self.setAttribute(Qt.WidgetAttribute.WA_OpaquePaintEvent)
        self.colour = COLOURS[0]
        self._before: QWidget | None = None
        """What had the keyboard."""
        self.hide()
        window.installEventFilter(self)

    def show_colour(self, colour: str) -> None:
        """Cover the window with a colour, or uncover it where it has that colour."""
        if self.isVisible() and colour == self.colour:
            self.take_away()
            return
        if not self.isVisible():
            self._before = self._window.focusWidget()
        self.colour = colour
        self.setGeometry(self._window.rect())
        self.setAccessibleName(f"The screen is {colour}; any key shows it again")
        self.show()
        self.raise_()
        self.setFocus()
        self.update()

    def take_away(self) -> None:
        """Show the window again."""
        if self.isVisible():
            self.hide()
            if self._before is not None:
                self._before.setFocus()

    def event(self, event: QEvent) -> bool:
        """Keep every key from the commands."""
        if event.type() == QEvent.Type.ShortcutOverride:
            event.accept()
            return True
        return super().event(event)

    def keyPressEvent(self, event: QKeyEvent) -> None:
        """Uncover; the key for the other colour shows that one."""
        other = {"B": "black", ".": "black", "W": "white", ",": "white"}.get(event.text().upper())
        if other is not None and other != self.colour:
            self.show_colour(other)
        else:
            self.take_away()

    def mousePressEvent(self, _event: object) -> None:
        self.take_away()

    def paintEvent(self, _event: QPaintEvent) -> None:
        QPainter(self).fillRect(self.rect(), QColor(self.colour))

    def eventFilter(self, watched: QObject, event: QEvent) -> bool:
        """Cover all of a window that changes its size."""
        if event.type() == QEvent.Type.Resize:
            self.setGeometry(self._window.rect())
        return False
