"""The tabs above the middle of the window: a tab for each view of the workspace in front."""

from __future__ import annotations

from collections.abc import Sequence
from functools import partial

from PySide6.QtCore import QEvent, QSignalBlocker, QSize, Qt, Signal
from PySide6.QtGui import QResizeEvent
from PySide6.QtWidgets import QMenu, QTabBar, QToolButton, QWidget

from gui.appearance.theme import Appearance
from gui.commands.views import VIEWS, Workspace, workspaces
from gui.widgets.buttons import tool_button
from gui.widgets.layouts import REST, in_row
from gui.widgets.own_keys import walk_by_keys


class _Bar(QTabBar):
    """Tabs that are never cut: those without room are hidden by whoever counts them."""

    def __init__(self) -> None:
        super().__init__(drawBase=False, expanding=False, usesScrollButtons=False)
        self.setElideMode(Qt.TextElideMode.ElideNone)

    @property
    def widths(self) -> list[int]:
        """How wide each tab is, hidden or not."""
        return [self.tabSizeHint(place).width() for place in range(self.count())]


class ViewTabs(QWidget):
    """A tab for each view of the workspace in front; views whose tabs have no room stand behind a button."""

    chosen = Signal(str)
    """The name of a view whose tab was clicked."""

    def __init__(self, appearance: Appearance, end: QWidget) -> None:
        """end: stands at the right end of the line."""
        super().__init__()
        self._appearance = appearance
        self._views = workspaces()
        self._shown: Workspace | None = None
        self.bar = _Bar()
        self.bar.setObjectName("views")
        walk_by_keys(self.bar)
        self.bar.currentChanged.connect(self._on_tab)
        self.more = tool_button("more", "More ▾", "The other views of this workspace")
        self.more.setPopupMode(QToolButton.ToolButtonPopupMode.InstantPopup)
        self._others = QMenu(self.more)
        self._others.setToolTipsVisible(True)
        self.more.setMenu(self._others)
        self.more.hide()
        self._end = end
        self._gap = appearance.px(2)
        in_row(self.bar, self.more, REST, end, inside=self, margins=0, spacing=self._gap)

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
        self._fit()
        self.setVisible(len(views) > 1)

    def resizeEvent(self, event: QResizeEvent) -> None:
        super().resizeEvent(event)
        self._fit()

    def event(self, event: QEvent) -> bool:
        done = super().event(event)
        if event.type() == QEvent.Type.LayoutRequest:  # other letters, or something else at the end of the line
            self._fit()
        return done

    def minimumSizeHint(self) -> QSize:
        """Let the window be narrow: tabs without room stand behind the button."""
        return QSize(1, super().minimumSizeHint().height())

    def _fit(self) -> None:
        """Show the tabs that have room, the one in front among them, and offer the others behind the button."""
        if self._shown is None:
            return
        end = 0 if self._end.isHidden() else self._end.sizeHint().width() + self._gap
        widths, front = self.bar.widths, self.bar.currentIndex()
        shown = fitting(widths, self.width() - end, front, self.more.sizeHint().width() + self._gap)
        others = [view for place, view in enumerate(self._views[self._shown]) if place not in shown]
        with QSignalBlocker(self.bar):
            for place in range(self.bar.count()):
                if self.bar.isTabVisible(place) is not (place in shown):
                    self.bar.setTabVisible(place, place in shown)
        self.bar.setFixedWidth(sum(widths[place] for place in shown))
        self.more.setVisible(bool(others))
        if [action.data() for action in self._others.actions()] != others:
            self._others.clear()
            for view in others:
                action = self._others.addAction(VIEWS[view].title, partial(self.chosen.emit, view))
                action.setData(view)
                action.setToolTip(VIEWS[view].sentence)

    def _on_tab(self, index: int) -> None:
        if index >= 0 and self._shown is not None:
            self.chosen.emit(self._views[self._shown][index])


def fitting(widths: Sequence[int], room: int, front: int, more: int) -> set[int]:
    """Return which tabs are shown: all that have room, else the first of them beside the button, and always the front.

    widths, room: of each tab and of the line, in pixels. front: the place of the tab in front. more: of the button.
    """
    if sum(widths) <= room:
        return set(range(len(widths)))
    shown, left = {front}, room - more - widths[front]
    for place, width in enumerate(widths):
        if place != front:
            left -= width
            if left < 0:
                break
            shown.add(place)
    return shown
