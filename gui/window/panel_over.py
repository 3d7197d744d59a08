"""The panel while it is folded: its cards laid over the left edge of the view, which stays as it is beneath."""

from __future__ import annotations

from collections.abc import Sequence

from PySide6.QtCore import QEvent, QObject, QRect, QSignalBlocker, Qt, Signal
from PySide6.QtGui import QMouseEvent
from PySide6.QtWidgets import QApplication, QFrame, QLabel, QMainWindow, QTabBar, QWidget
from shiboken6 import isValid

from gui.appearance.theme import Appearance
from gui.widgets.layouts import in_column
from gui.window.card import CardDock

_GAP, _MARGIN = 8, 12


class PanelOver(QFrame):
    """Holds what is in the cards while it is open: one below the other where all have room, else behind tabs.

    Esc and a click beside it close it; the keys go to its first control and come back to where they were.
    """

    changed = Signal()
    """It was opened or closed."""

    def __init__(self, window: QMainWindow, edge: QWidget, appearance: Appearance) -> None:
        """edge: the strip with the button that opens it; a click there is not one beside it."""
        super().__init__(window)
        self.setObjectName("panelOver")
        self._window, self._edge, self._appearance = window, edge, appearance
        px = appearance.px
        self.tabs = QTabBar(drawBase=False, expanding=False)
        self.tabs.setAccessibleName("Cards of the panel")
        self.tabs.setFocusPolicy(Qt.FocusPolicy.NoFocus)
        self.tabs.currentChanged.connect(self._show_parts)
        self._column = in_column(self.tabs, inside=self, margins=px(_MARGIN), spacing=px(_GAP))
        self._cards: list[CardDock] = []
        self._titles: list[QLabel] = []
        self._width = 0
        self._before: QWidget | None = None
        self.hide()

    @property
    def is_open(self) -> bool:
        """Whether it lies over the view."""
        return bool(self._cards)

    def shows(self, card: CardDock) -> bool:
        """Whether a card can be read in it now."""
        return card in self._cards and card.inside.isVisible()

    def open(self, cards: Sequence[CardDock], width: int, front: CardDock | None = None) -> None:
        """Lay cards over the view. width: in pixels, if they can be so narrow; front: the one to be seen."""
        if not self.is_open:
            self._before = QApplication.focusWidget()
            self._take(cards)
            self._width = width
            application = QApplication.instance()
            assert application is not None
            application.installEventFilter(self)
        if front is not None:
            self.tabs.setCurrentIndex(self._cards.index(front))
        self.fit()
        self.show()
        self.raise_()
        self._focus_first()
        self.changed.emit()

    def close_over(self) -> bool:
        """Give the cards what is in them, and the keys back; return whether it was open."""
        if not self.is_open:
            return False
        application = QApplication.instance()
        if application is not None:
            application.removeEventFilter(self)
        had_keys = self.isAncestorOf(QApplication.focusWidget() or self._window)
        self.hide()
        for card in self._cards:
            card.take_back()
        for title in self._titles:
            title.deleteLater()
        self._cards, self._titles = [], []
        before, self._before = self._before, None
        if had_keys and before is not None and isValid(before) and before.isVisible():
            before.setFocus()
        self.changed.emit()
        return True

    def _take(self, cards: Sequence[CardDock]) -> None:
        self._cards = list(cards)
        for card in cards:
            title = QLabel(card.windowTitle())
            title.setObjectName("heading")
            self._titles.append(title)
            self._column.addWidget(title)
            self._column.addWidget(card.lend(), 1)
        with QSignalBlocker(self.tabs):
            while self.tabs.count():
                self.tabs.removeTab(0)
            for card in cards:
                self.tabs.addTab(card.windowTitle())

    def fit(self) -> None:
        """Follow the size of the window."""
        if not self.is_open:
            return
        room = self._window.centralWidget().geometry()
        left = self._edge.geometry().right() + 1
        gap = self._appearance.px(_GAP)
        needed = sum(part.minimumSizeHint().height() + gap for part in (*self._titles, *self._insides()))
        tabs = len(self._cards) > 1 and needed + 2 * self._appearance.px(_MARGIN) > room.height()
        self.tabs.setVisible(tabs)
        self.tabs.setFixedHeight(self.tabs.sizeHint().height())  # the parts would take all of it
        self._show_parts()
        least = max((part.minimumSizeHint().width() for part in self._insides()), default=0)
        width = max(self._width, least + 2 * self._appearance.px(_MARGIN), self.tabs.sizeHint().width() if tabs else 0)
        self.setGeometry(QRect(left, room.top(), min(width, self._window.width() - left), room.height()))

    def _insides(self) -> list[QWidget]:
        return [card.inside for card in self._cards]

    def _show_parts(self) -> None:
        """Show the part of the tab in front alone, or all of them with their titles."""
        tabs = not self.tabs.isHidden()
        for place, (title, inside) in enumerate(zip(self._titles, self._insides(), strict=True)):
            title.setVisible(not tabs)
            inside.setVisible(not tabs or place == self.tabs.currentIndex())

    # ---- keys and clicks

    @property
    def _controls(self) -> list[QWidget]:
        """What the keys can go to, in order. Qt's own chain would make each part the child of another in Python."""
        return [part for part in self.findChildren(QWidget) if part.isVisible() and part.isEnabled() and _takes(part)]

    def _focus_first(self) -> None:
        for part in self._controls[:1]:
            part.setFocus(Qt.FocusReason.TabFocusReason)

    def focusNextPrevChild(self, forward: bool) -> bool:
        """Keep Tab within it: what lies beneath cannot be seen."""
        controls, part = self._controls, QApplication.focusWidget()
        if part not in controls:
            return super().focusNextPrevChild(forward)
        reason = Qt.FocusReason.TabFocusReason if forward else Qt.FocusReason.BacktabFocusReason
        controls[(controls.index(part) + (1 if forward else -1)) % len(controls)].setFocus(reason)
        return True

    def mousePressEvent(self, event: QMouseEvent) -> None:
        event.accept()  # what nobody in it wants would go on to the window, as a click beside it

    def eventFilter(self, watched: QObject, event: QEvent) -> bool:
        if event.type() == QEvent.Type.MouseButtonPress and isinstance(watched, QWidget):
            mine = watched is self or self.isAncestorOf(watched)
            of_edge = watched is self._edge or self._edge.isAncestorOf(watched)
            if watched.window() is self._window and not mine and not of_edge:
                self.close_over()
        return False


def _takes(part: QWidget) -> bool:
    return bool(part.focusPolicy().value & Qt.FocusPolicy.TabFocus.value) and part.focusProxy() is None
