"""The title of the window: the document in force, or the network that stands in its place."""

from __future__ import annotations

from collections.abc import Callable

from PySide6.QtCore import QTimer
from PySide6.QtWidgets import QWidget

from gui.document.cell_model import CellModel
from gui.network.following import Following

_BETWEEN_MS = 500
"""Between two titles while they name the step of a network that learns."""


class WindowTitle(QTimer):
    """Says in a window's title what is open, and tells when that is said."""

    def __init__(
        self, window: QWidget, model: CellModel, following: Following, told: Callable[[str, bool, bool], None]
    ) -> None:
        """told: takes the document's name, whether it has unsaved changes, and whether it was ever saved."""
        super().__init__(window, singleShot=True, interval=_BETWEEN_MS)
        self._window, self._model, self._following, self._told = window, model, following, told
        self.timeout.connect(self.update_title)
        model.title_changed.connect(self.update_title)
        following.changed.connect(self._on_following)
        self.update_title()

    def update_title(self) -> None:
        """Say what is open now."""
        shown, unsaved = self._model.shown, self._model.unsaved
        self._told(shown.name, unsaved, shown.path is not None)
        name = self._following.title if self._model.visiting else shown.name
        name = name.replace("[*]", "[*][*]")  # Qt's place for a mark of its own
        self._window.setWindowTitle(f"{name}{' *' if unsaved else ''} – LSTM Visualizer")

    def _on_following(self) -> None:
        if not self.isActive():
            self.start()
