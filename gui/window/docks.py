"""The panels around the middle of the window: where each one is in each workspace, and what is remembered of that."""

from __future__ import annotations

from collections.abc import Mapping
from functools import partial
from itertools import pairwise

from PySide6.QtCore import QByteArray, QChildEvent, QEvent, QObject, QRect, QSize, Qt, QTimer
from PySide6.QtWidgets import QMainWindow, QTabBar, QTabWidget, QToolBar, QWidget

from gui.appearance.stored import Stored
from gui.appearance.theme import Appearance
from gui.commands.registry import Registry
from gui.commands.views import PANELS, WORKSPACES, Workspace
from gui.widgets.buttons import tool_button
from gui.widgets.own_keys import walk_by_keys
from gui.window.card import CardDock
from gui.window.panel_over import PanelOver
from gui.workspaces.late_panel import LatePanel

_LAYOUT_VERSION = 3
"""Raised when docks change, so that a remembered layout of older docks is left alone."""
_AREAS = {
    "left": Qt.DockWidgetArea.LeftDockWidgetArea,
    "right": Qt.DockWidgetArea.RightDockWidgetArea,
    "bottom": Qt.DockWidgetArea.BottomDockWidgetArea,
}
_WIDTHS: dict[Workspace, int] = {"explore": 340, "train": 300, "compare": 300, "side-by-side": 340}
"""Of the panel at the left at first, in pixels of a screen of 1080 lines."""
_LEAST_PLOT = 270
"""Pixels of a screen of 1080 lines in which a plot at the right can still be read."""
_NARROW = 1100
"""Pixels of a window's width below which the panel is folded."""
_LEAST = 480, 320
"""Pixels of the smallest window."""
_BARS, _GAP = 90, 12
"""Pixels that a window's bars take of its height, and that lie between two cards."""
_ALWAYS_FOLDED: tuple[Workspace, ...] = ("side-by-side",)
"""Workspaces whose view needs the whole width: their panel is only laid over it."""
_REPLACED = "Each workspace now arranges its own panels; the old arrangement was replaced"


class _CardTabs(QObject):
    """Says what the tabs of cards are that lie over each other: Qt makes them whenever it needs them."""

    def __init__(self, window: QMainWindow) -> None:
        super().__init__(window)
        window.installEventFilter(self)

    def eventFilter(self, watched: QObject, event: QEvent) -> bool:
        if event.type() == QEvent.Type.ChildPolished and isinstance(event, QChildEvent):
            bar = event.child()
            if isinstance(bar, QTabBar):
                bar.setElideMode(Qt.TextElideMode.ElideNone)
                bar.setAccessibleName("Cards at this side")
                walk_by_keys(bar)
                bar.setWhatsThis("The cards at this side, one at a time; a window that is high enough has room for all")
        return False


class Docks:
    """Places a card for each panel in a window: left, right and below; each workspace has its own arrangement."""

    def __init__(
        self, window: QMainWindow, panels: Mapping[str, QWidget], late: Mapping[str, QWidget], appearance: Appearance
    ) -> None:
        """panels, late: what stands in each card, by its name in PANELS; what is late is taken when it is looked at."""
        self._window, self._appearance = window, appearance
        window.setMinimumSize(*_LEAST)  # else the panels that fold for want of room would not let it be so small
        self.front: Workspace = "explore"
        """The workspace whose panels stand in the window."""
        self.news = ""
        """What is to be said of the arrangement, once."""
        self._layouts: dict[Workspace, QByteArray] = {}
        self._away: dict[Workspace, list[CardDock]] = {}
        """The cards that were folded, by workspace."""
        self._default = QByteArray()
        self._shown = self._hidden = self._folded_by_width = False
        self.cards: dict[str, CardDock] = {}
        for name, row in PANELS.items():
            inside = panels[name] if name in panels else LatePanel(partial(late.__getitem__, name))
            if row.side == "right":
                inside.setMinimumWidth(appearance.px(_LEAST_PLOT))
            dock = CardDock(name, row.title, inside, appearance)
            dock.setWhatsThis(row.sentence)
            window.addDockWidget(_AREAS[row.side], dock)
            self.cards[name] = dock
        _CardTabs(window)
        area = Qt.DockWidgetArea
        window.setCorner(Qt.Corner.BottomLeftCorner, area.LeftDockWidgetArea)
        window.setCorner(Qt.Corner.BottomRightCorner, area.BottomDockWidgetArea)
        window.setDockOptions(QMainWindow.DockOption.AllowTabbedDocks | QMainWindow.DockOption.AllowNestedDocks)
        window.setTabPosition(area.LeftDockWidgetArea, QTabWidget.TabPosition.North)
        self._edge = QToolBar("Folded panel", window, movable=False, floatable=False)
        self._edge.setObjectName("folded")
        self._edge.setContextMenuPolicy(Qt.ContextMenuPolicy.PreventContextMenu)
        self.unfold = tool_button("unfold", "›", "Open the panel at the left (Alt+0)")
        self.unfold.setAccessibleName("Open the panel")
        self._edge.addWidget(self.unfold)
        window.addToolBar(Qt.ToolBarArea.LeftToolBarArea, self._edge)
        self.over = PanelOver(window, self._edge, appearance)
        """What is in the cards, while the folded panel is open."""
        self.unfold.clicked.connect(lambda: self.fold(self.over.is_open))
        self.over.changed.connect(self._update_edge)
        self._scales: dict[Workspace, float] = {}
        """The scale at which the cards of a workspace stood when it was left."""
        appearance.rescaled.connect(self._on_rescaled)

    # ---- workspaces

    def show_workspace(self, name: Workspace) -> None:
        """Put the panels of a workspace where they were there the last time."""
        if name == self.front:
            return
        self.over.close_over()
        if not self._hidden:
            self._remember()
        self.front = name
        if not self._hidden:
            self._arrange()

    def _remember(self) -> None:
        """Keep where the cards stand; those that are folded for want of room alone, as they stand where there is."""
        if self._folded_by_width:
            self._put_beside(True)
        self._layouts[self.front] = self._window.saveState(_LAYOUT_VERSION)
        self._scales[self.front] = self._appearance.scale

    def _on_rescaled(self, before: float, now: float) -> None:
        """Let the cards keep their width in letters, as soon as the letters have their new size."""
        QTimer.singleShot(0, self._window, lambda: self._rescale(before, now))

    def _rescale(self, before: float, now: float) -> None:
        if self._shown and not self._hidden:
            for side in ("left", "right"):
                cards = [card for card in self._at(side) if card.isVisible()]
                widths = [round(card.width() * now / before) for card in cards[:1]]
                self._window.resizeDocks(cards[:1], widths, Qt.Orientation.Horizontal)

    def hide_all(self) -> None:
        """Leave the view alone in the window: somebody presents."""
        self.over.close_over()
        self._remember()
        self._hidden = True
        for part in (*self.cards.values(), self._edge):
            part.hide()

    def bring_back(self) -> None:
        """Show the panels of the workspace in front again."""
        self._hidden = False
        self._arrange()

    @property
    def _left(self) -> list[CardDock]:
        return self._at("left")

    def _at(self, side: str) -> list[CardDock]:
        """Return the cards of the workspace in front that stand at a side, whether they are shown or not."""
        return [
            card
            for name, card in self.cards.items()
            if self.front in PANELS[name].workspaces
            and self._window.dockWidgetArea(card) is _AREAS[side]
            and not card.isFloating()
        ]

    @property
    def folded(self) -> bool:
        """Whether the workspace has a panel at the left, and none of its cards is shown."""
        return bool(self._left) and all(card.isHidden() for card in self._left)

    @property
    def lies_over(self) -> bool:
        """Whether the panel, where it is opened, lies over the view; there is no room for it beside that."""
        return self.front in _ALWAYS_FOLDED or self._window.width() < _NARROW

    def fold(self, on: bool) -> None:
        """Fold the panel at the left away, or open it again."""
        if self._hidden or (on and self.over.close_over()):
            return
        if not on and self.lies_over:
            self._open_over()
            return
        self._put_beside(not on)

    def _open_over(self, front: CardDock | None = None) -> None:
        if self._left:
            self.over.open(self._left, self._appearance.px(_WIDTHS.get(self.front, 340)), front)

    def _put_beside(self, on: bool) -> None:
        """Let the panel stand beside the view, with the cards that it had, or fold it."""
        if on:
            cards = self._away.pop(self.front, self._left)
        else:
            cards = self._away[self.front] = [card for card in self._left if not card.isHidden()]
        for card in cards:
            card.setVisible(on)
        self._folded_by_width = False
        self._update_edge()

    def fit(self) -> None:
        """Follow the window's size: fold the panel where it is narrow, and make tabs of its cards where it is low."""
        if self._hidden or not self._shown:
            return
        self._tab_cards()
        self.over.fit()
        if self.lies_over and not self.folded:
            self._put_beside(False)
            self._folded_by_width = self.front not in _ALWAYS_FOLDED
        elif not self.lies_over and self._folded_by_width:
            self.over.close_over()
            self._put_beside(True)

    def _tab_cards(self) -> None:
        """Lay the cards at the left over each other, or one below the other."""
        cards = self._left
        if len(cards) < 2:
            return
        needed = sum(card.minimumSizeHint().height() + _GAP for card in cards)
        wanted = self._window.height() - self._appearance.px(_BARS) < needed or len(cards) > 3
        if wanted == bool(self._window.tabifiedDockWidgets(cards[0])):
            return
        for before, card in pairwise(cards):
            if wanted:
                self._window.tabifyDockWidget(before, card)
            else:
                self._window.addDockWidget(_AREAS["left"], card)
        cards[0].raise_()
        if not wanted:
            self._share_room()

    def _arrange(self) -> None:
        state = self._layouts.get(self.front)
        if state is None or not self._window.restoreState(state, _LAYOUT_VERSION):
            self._arrange_at_first()
        elif self._scales.get(self.front, self._appearance.scale) != self._appearance.scale:
            self._rescale(self._scales[self.front], self._appearance.scale)
        self._folded_by_width = False
        self._update_edge()
        self.fit()

    def _arrange_at_first(self) -> None:
        self._window.restoreState(self._default, _LAYOUT_VERSION)
        folded = self.front in _ALWAYS_FOLDED
        for name, card in self.cards.items():
            row = PANELS[name]
            card.setVisible(self.front in row.workspaces and row.shown and not folded)
        self._share_room()

    def _share_room(self) -> None:
        """Give every card the room that it has at first; the middle gets what is left."""
        px, window, cards = self._appearance.px, self._window, self.cards
        left = self._left
        if left:
            window.resizeDocks([left[0]], [px(_WIDTHS.get(self.front, 340))], Qt.Orientation.Horizontal)
        window.resizeDocks([cards["loss"]], [px(400)], Qt.Orientation.Horizontal)
        window.resizeDocks([cards["gates"]], [round(0.2 * window.height())], Qt.Orientation.Vertical)
        for side in ("left", "right"):
            rows = {name: row for name, row in PANELS.items() if row.side == side and self.front in row.workspaces}
            heights = [px(row.height) for row in rows.values()]
            window.resizeDocks([cards[name] for name in rows], heights, Qt.Orientation.Vertical)

    def _update_edge(self) -> None:
        self._edge.setVisible(self.folded and not self._hidden)
        self.unfold.setText("‹" if self.over.is_open else "›")
        self.unfold.setToolTip(f"{'Close' if self.over.is_open else 'Open'} the panel at the left (Alt+0)")
        self.unfold.setAccessibleName(f"{'Close' if self.over.is_open else 'Open'} the panel")

    # ---- one card

    def raise_card(self, name: str) -> None:
        """Show a card of the workspace in front, before others that share its place."""
        card = self.cards[name]
        if self.front not in PANELS[name].workspaces or self._hidden:
            return
        if self.lies_over and card in self._left:
            self._open_over(card)
            return
        card.show()
        card.raise_()
        self._update_edge()

    def _show_card(self, name: str) -> None:
        card = self.cards[name]
        if self.over.shows(card):
            self.over.close_over()
        elif card.isHidden():
            self.raise_card(name)
        else:
            card.hide()
            self._update_edge()

    def register_commands(self, commands: Registry) -> None:
        """Say what the commands do that show and hide cards."""
        commands.register(
            "panel",
            self._show_card,
            on=lambda name: self.cards[name].toggleViewAction().isChecked() or self.over.shows(self.cards[name]),
            possible=lambda name: not self._hidden and self.front in PANELS[name].workspaces,
        )
        commands.register(
            "fold",
            lambda: self.fold(self.over.is_open or not self.folded),
            on=lambda: self.folded and not self.over.is_open,
            possible=lambda: bool(self._left) and not self._hidden,
        )
        commands.register("reset layout", self.reset)

    # ---- what is remembered

    def restore(self, stored: Stored) -> None:
        """Bring the window and its cards to where they were the last time."""
        self._default = self._window.saveState(_LAYOUT_VERSION)
        geometry = stored.data("geometry", "the place of the window")
        # Qt takes bytes that are cut off for a place all the same.
        whole = geometry is not None and geometry.size() >= self._window.saveGeometry().size()
        if geometry is None or not (whole and self._window.restoreGeometry(geometry)):
            if geometry is not None:
                stored.leave_out("geometry", "the place of the window")
            room = self._window.screen().availableGeometry()
            largest = QSize(self._appearance.px(1920), self._appearance.px(1080))
            self._window.setGeometry(QRect(room.topLeft(), room.size().boundedTo(largest)))
        if stored.contains("layout"):
            stored.remove("layout")
            self.news = _REPLACED
        for name in WORKSPACES:
            state = stored.data(f"places/{name}", "the places of the panels")
            if state is not None and not self._window.restoreState(state, _LAYOUT_VERSION):
                stored.leave_out(f"places/{name}", "the places of the panels")
            elif state is not None:
                self._layouts[name] = state
        self._arrange()

    def share_room_at_first(self) -> None:
        """Share the room where nothing was remembered.

        Not before the window is shown: one that never was divides its room in another way.
        """
        if not self._shown:
            self._shown = True
            if self.front not in self._layouts:
                self._share_room()
            self.fit()

    def save(self, stored: Stored) -> None:
        """Remember where everything stands."""
        self.over.close_over()
        if not self._hidden:  # else it was remembered when they were hidden
            self._remember()
        stored.setValue("geometry", self._window.saveGeometry())
        for name, state in self._layouts.items():
            stored.setValue(f"places/{name}", state)

    def reset(self) -> None:
        """Put every card of every workspace back to its first place."""
        self._layouts, self._away = {}, {}
        self.over.close_over()
        if not self._hidden:
            self._arrange()
