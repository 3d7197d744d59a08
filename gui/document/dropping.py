"""Files that are dropped on the window are opened."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

from PySide6.QtCore import QEvent, QObject
from PySide6.QtGui import QDragEnterEvent, QDropEvent
from PySide6.QtWidgets import QWidget


class Dropping(QObject):
    """Opens the first file that is dropped on a window; it lives as long as that."""

    def __init__(self, window: QWidget, opened: Callable[[Path], None]) -> None:
        super().__init__(window)
        self._open = opened
        window.setAcceptDrops(True)
        window.installEventFilter(self)

    def eventFilter(self, watched: QObject, event: QEvent) -> bool:
        if isinstance(event, (QDragEnterEvent, QDropEvent)):
            paths = [Path(url.toLocalFile()) for url in event.mimeData().urls() if url.isLocalFile()]
            if paths:
                event.acceptProposedAction()
            if paths and event.type() == QEvent.Type.Drop:
                self._open(paths[0])
            return bool(paths)
        return super().eventFilter(watched, event)
