"""The panels around the middle of the window: where each one is, its size, and what is remembered of that."""

from __future__ import annotations

from collections.abc import Mapping

from PySide6.QtCore import QByteArray, QRect, QSize, Qt
from PySide6.QtWidgets import QMainWindow, QWidget

from gui.appearance.stored import Stored
from gui.appearance.theme import Appearance
from gui.commands.registry import Registry
from gui.commands.views import PANELS
from gui.window.card import CardDock

_LAYOUT_VERSION = 1
"""Raised when docks change, so that a remembered layout of older docks is left alone."""
_AREAS = {
    "left": Qt.DockWidgetArea.LeftDockWidgetArea,
    "right": Qt.DockWidgetArea.RightDockWidgetArea,
    "bottom": Qt.DockWidgetArea.BottomDockWidgetArea,
}


class Docks:
    """Places a card for each panel in a window: left, right and below."""

    def __init__(self, window: QMainWindow, panels: Mapping[str, QWidget], appearance: Appearance) -> None:
        """panels: what stands in each card, by its name in PANELS."""
        self._window, self._appearance = window, appearance
        self._remembers = False
        self._default = QByteArray()
        self.cards: dict[str, CardDock] = {}
        for name, row in PANELS.items():
            dock = CardDock(name, row.title, panels[name], appearance)
            window.addDockWidget(_AREAS[row.side], dock)
            self.cards[name] = dock
        area = Qt.DockWidgetArea
        window.setCorner(Qt.Corner.BottomLeftCorner, area.BottomDockWidgetArea)
        window.setCorner(Qt.Corner.BottomRightCorner, area.BottomDockWidgetArea)
        window.setDockOptions(QMainWindow.DockOption.AllowTabbedDocks | QMainWindow.DockOption.AllowNestedDocks)

    def share_room(self) -> None:
        """Give every card the room that it has at first; the middle gets what is left."""
        px, window, cards = self._appearance.px, self._window, self.cards
        window.resizeDocks([cards["sizes"]], [px(360)], Qt.Orientation.Horizontal)
        window.resizeDocks([cards["training"]], [px(400)], Qt.Orientation.Horizontal)
        window.resizeDocks([cards["gates"]], [round(0.13 * window.height())], Qt.Orientation.Vertical)
        for side in ("left", "right"):
            rows = {name: row for name, row in PANELS.items() if row.side == side}
            heights = [px(row.height) for row in rows.values()]
            window.resizeDocks([cards[name] for name in rows], heights, Qt.Orientation.Vertical)

    def share_room_at_first(self) -> None:
        """Share the room where nothing was remembered.

        Not before the window is shown: one that never was divides its room in another way.
        """
        if not self._remembers:
            self._remembers = True
            self.share_room()

    def raise_card(self, name: str) -> None:
        """Show a card, before others that share its place."""
        self.cards[name].show()
        self.cards[name].raise_()

    def register_commands(self, commands: Registry) -> None:
        """Say what the commands do that show and hide cards."""
        commands.register(
            "panel",
            lambda name: self.cards[name].setVisible(not self.cards[name].isVisible()),
            on=lambda name: self.cards[name].toggleViewAction().isChecked(),
            possible=lambda name: not self._appearance.presenting,
        )
        commands.register("reset layout", self.reset)

    def restore(self, stored: Stored) -> None:
        """Bring the window and its cards to where they were the last time, and remember where they stand at first."""
        self._default = self._window.saveState(_LAYOUT_VERSION)
        geometry = stored.data("geometry", "the place of the window")
        state = stored.data("layout", "the places of the panels")
        # Qt takes bytes that are cut off for a place all the same.
        whole = geometry is not None and geometry.size() >= self._window.saveGeometry().size()
        if geometry is None or not (whole and self._window.restoreGeometry(geometry)):
            if geometry is not None:
                stored.leave_out("geometry", "the place of the window")
            room = self._window.screen().availableGeometry()
            largest = QSize(self._appearance.px(1920), self._appearance.px(1080))
            self._window.setGeometry(QRect(room.topLeft(), room.size().boundedTo(largest)))
        self._remembers = state is not None and self._window.restoreState(state, _LAYOUT_VERSION)
        if state is not None and not self._remembers:
            stored.leave_out("layout", "the places of the panels")

    def save(self, stored: Stored) -> None:
        """Remember where everything stands."""
        stored.setValue("geometry", self._window.saveGeometry())
        stored.setValue("layout", self._window.saveState(_LAYOUT_VERSION))

    def reset(self) -> None:
        """Put every card back to its first place."""
        self._window.restoreState(self._default, _LAYOUT_VERSION)
        for dock in self.cards.values():
            dock.show()
        self.share_room()
