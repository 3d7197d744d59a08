"""The tabs above the middle of the window, and the switch between Cell and Training."""

from __future__ import annotations

from PySide6.QtCore import QSignalBlocker, Qt, Signal
from PySide6.QtGui import QResizeEvent
from PySide6.QtWidgets import QButtonGroup, QGridLayout, QTabBar, QToolButton, QWidget

from gui.appearance.theme import Appearance
from gui.commands.views import VIEWS, workspaces
from gui.widgets.buttons import tool_button
from gui.widgets.layouts import in_row


class ViewTabs(QWidget):
    """A switch between the workspaces, and a tab for each view of the one in front.

    Where there is no room for all of them in one line, the tabs have a line of their own.
    """

    chosen = Signal(str)
    """The name of a view whose tab was clicked."""

    def __init__(self, appearance: Appearance, end: QWidget) -> None:
        """end: stands at the right end of the line."""
        super().__init__()
        self._workspaces = workspaces()
        self._shown = ""
        self._last = {workspace: names[0] for workspace, names in self._workspaces.items()}
        """The view that was in front last, of each workspace."""
        self._switch = QButtonGroup(self)
        self.groups: dict[str, QToolButton] = {}
        self._grid = QGridLayout(self)
        self._grid.setContentsMargins(0, 0, 0, 0)
        self._grid.setSpacing(appearance.px(2))
        self._grid.setColumnStretch(1, 1)
        self._end = end
        self._grid.addWidget(end, 0, 2)
        for workspace in self._workspaces:
            button = tool_button("group", workspace, f"Views of the {workspace.lower()}")
            button.setCheckable(True)
            button.clicked.connect(lambda _checked=False, name=workspace: self.chosen.emit(self._last[name]))
            self._switch.addButton(button)
            self.groups[workspace] = button
        self._grid.addLayout(in_row(*self.groups.values(), spacing=appearance.px(2)), 0, 0)
        self.bar = QTabBar(drawBase=False, expanding=False)
        self.bar.setObjectName("views")
        self.bar.setFocusPolicy(Qt.FocusPolicy.NoFocus)
        self.bar.currentChanged.connect(self._on_tab)
        self._grid.addWidget(self.bar, 0, 1)
        self._in_line = True
        self.show_front(self._last[next(iter(self._last))])

    def show_front(self, name: str) -> None:
        """Mark the view in front, in its workspace."""
        workspace = VIEWS[name].workspace
        self._last[workspace] = name
        with QSignalBlocker(self.bar):
            if workspace != self._shown:
                self._shown = workspace
                self.groups[workspace].setChecked(True)
                while self.bar.count():
                    self.bar.removeTab(0)
                for view in self._workspaces[workspace]:
                    self.bar.setTabToolTip(self.bar.addTab(VIEWS[view].title), VIEWS[view].sentence)
            self.bar.setCurrentIndex(self._workspaces[workspace].index(name))
        self._share_line()

    def resizeEvent(self, event: QResizeEvent) -> None:
        super().resizeEvent(event)
        self._share_line()

    def _share_line(self) -> None:
        """Let the tabs stand in the line of the switch, or below it."""
        others = (*self.groups.values(), self._end)
        taken = sum(part.sizeHint().width() + self._grid.spacing() for part in others)
        in_line = taken + self.bar.sizeHint().width() <= self.width()
        if in_line != self._in_line:
            self._in_line = in_line
            self._grid.addWidget(self.bar, *((0, 1) if in_line else (1, 0, 1, 3)))

    def _on_tab(self, index: int) -> None:
        if index >= 0:
            self.chosen.emit(self._workspaces[self._shown][index])
