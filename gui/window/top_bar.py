"""The bar at the top: menus, the switch between the workspaces, the document's name, and two buttons."""

from __future__ import annotations

from PySide6.QtCore import Qt, Signal
from PySide6.QtGui import QAction, QResizeEvent
from PySide6.QtWidgets import QButtonGroup, QFrame, QHBoxLayout, QMenu, QToolButton, QWidget

from gui.appearance.theme import Appearance
from gui.commands.actions import Actions
from gui.commands.views import WORKSPACES, Workspace
from gui.widgets.buttons import say_action, tool_button
from gui.widgets.labels import NameLabel, text_label
from gui.widgets.layouts import in_row
from gui.widgets.own_keys import walk_by_keys
from gui.window.menu_bar import MenuBar

_ONE_MENU = 1500
"""Pixels of width below which the menus stand behind one button, and the button of the keys is left out."""


class WorkspaceSwitch(QFrame):
    """A button for each workspace."""

    chosen = Signal(str)

    def __init__(self, actions: Actions, appearance: Appearance) -> None:
        super().__init__()
        self.setObjectName("workspaces")
        self._group = QButtonGroup(self)
        self.buttons: dict[Workspace, QToolButton] = {}
        for name, row in WORKSPACES.items():
            button = tool_button("workspace", row.title)
            say_action(button, actions[f"workspace {name}"])
            button.setAccessibleName(f"Workspace {row.title}")
            button.setCheckable(True)
            button.clicked.connect(lambda _checked=False, name=name: self.chosen.emit(name))
            self._group.addButton(button)
            walk_by_keys(button)
            self.buttons[name] = button
        in_row(*self.buttons.values(), inside=self, margins=appearance.px(3), spacing=appearance.px(2))

    def show_front(self, name: Workspace | None) -> None:
        """Mark the workspace in front; None where another page lies over it."""
        self._group.setExclusive(name is not None)
        for workspace, button in self.buttons.items():
            button.setChecked(workspace == name)


class TopBar(QWidget):
    """Menus at the left, workspaces in the middle, the document and what a lecturer needs at the right."""

    def __init__(self, menus: MenuBar, actions: Actions, appearance: Appearance) -> None:
        super().__init__()
        px = appearance.px
        self.menus = menus
        self.menu = tool_button("menu", "☰  Menu", "All commands")
        self.menu.setAccessibleName("Menu")
        self.menu.setPopupMode(QToolButton.ToolButtonPopupMode.InstantPopup)
        every = QMenu(self.menu)
        for action in menus.actions():
            every.addAction(action)
        self.menu.setMenu(every)
        self.switch = WorkspaceSwitch(actions, appearance)
        self.name = NameLabel("documentName")
        self.state = text_label()
        self.name.setAlignment(Qt.AlignmentFlag.AlignRight | Qt.AlignmentFlag.AlignVCenter)
        self.present, self.keys = (
            self._of_action(actions[command], words) for command, words in (("present", "Present"), ("keys", "Keys"))
        )
        self.present.clicked.connect(actions["present"].trigger)
        self.keys.clicked.connect(actions["keys"].trigger)
        middle = Qt.AlignmentFlag.AlignVCenter
        self._left, self._right = QWidget(), QWidget()
        in_row((menus, 0, middle), (self.menu, 0, middle), inside=self._left, margins=0).addStretch(1)
        in_row(
            (self.name, 1),
            self.state,
            self.present,
            self.keys,
            inside=self._right,
            margins=0,
            spacing=px(8),
        )
        row: QHBoxLayout = in_row(
            (self._left, 1),
            (self.switch, 0, middle),
            (self._right, 1),
            inside=self,
            margins=(px(4), px(2), px(12), px(2)),
            spacing=px(8),
        )
        self._row = row
        self._arrange()

    @staticmethod
    def _of_action(action: QAction, words: str) -> QToolButton:
        made = tool_button()
        say_action(made, action, words)
        return made

    def show_document(self, name: str, unsaved: bool, saved: bool) -> None:
        """Show what is open, and whether there is something to lose."""
        self.name.show_name(name)
        self.state.setText("unsaved changes" if unsaved else "saved" if saved else "")

    def resizeEvent(self, event: QResizeEvent) -> None:
        super().resizeEvent(event)
        self._arrange()

    def _arrange(self) -> None:
        one = self.width() < _ONE_MENU
        self.menus.setVisible(not one)
        self.menu.setVisible(one)
        self.keys.setVisible(not one)
        self.state.setVisible(not one)
        # The switch stands in the middle where both sides leave it there, else beside the menu.
        self._row.setStretchFactor(self._left, 0 if one else 1)
