"""The tabs above the middle of the window: a tab for each view of the workspace in front."""

from __future__ import annotations

from PySide6.QtCore import QSignalBlocker, Qt, Signal
from PySide6.QtWidgets import QTabBar, QWidget

from gui.appearance.theme import Appearance
from gui.commands.views import VIEWS, Workspace, workspaces
from gui.widgets.layouts import in_row


class ViewTabs(QWidget):
    """A tab for each view of the workspace in front."""

    chosen = Signal(str)
    """The name of a view whose tab was clicked."""

    def __init__(self, appearance: Appearance, end: QWidget) -> None:
        """end: stands at the right end of the line."""
        super().__init__()
        self._views = workspaces()
        self._shown: Workspace | None = None
        self.bar = QTabBar(drawBase=False, expanding=False)
        self.bar.setObjectName("views")
        self.bar.setFocusPolicy(Qt.FocusPolicy.NoFocus)
        self.bar.currentChanged.connect(self._on_tab)
        in_row((self.bar, 1), end, inside=self, margins=0, spacing=appearance.px(2))

    def show_front(self, name: str) -> None:
        """Mark the view in front, among those of its workspace; one that is alone needs no tab."""
        workspace = VIEWS[name].workspace
        views = self._views[workspace]
        with QSignalBlocker(self.bar):
            if workspace != self._shown:
                self._shown = workspace
                while self.bar.count():
                    self.bar.removeTab(0)
                for view in views:
                    self.bar.setTabToolTip(self.bar.addTab(VIEWS[view].title), VIEWS[view].sentence)
            self.bar.setCurrentIndex(views.index(name))
        self.setVisible(len(views) > 1)

    def _on_tab(self, index: int) -> None:
        if index >= 0 and self._shown is not None:
            self.chosen.emit(self._views[self._shown][index])
