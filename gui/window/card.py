"""Frames with rounded corners around views and panels; a panel also has a title to move it by."""

from __future__ import annotations

from collections.abc import Callable

from PySide6.QtCore import Qt
from PySide6.QtGui import QFontMetrics
from PySide6.QtWidgets import QDockWidget, QFrame, QLabel, QWidget

from gui.appearance.controls import LEAST_HIGH
from gui.appearance.text_size import NOTE
from gui.appearance.theme import Appearance, font
from gui.widgets.layouts import REST, in_column, in_row
from gui.workspaces.late_panel import LatePanel


class Card(QFrame):
    """A card around a widget."""

    def __init__(self, inside: QWidget, margin: int = 0) -> None:
        super().__init__()
        self.setObjectName("card")
        in_column(inside, inside=self, margins=margin)


class CardDock(QDockWidget):
    """A dock that looks like a card; it is moved by its title.

    What a widget offers as `in_title` stands at the right end of its card's title, where it takes no height.
    """

    def __init__(self, name: str, title: str, inside: QWidget, appearance: Appearance) -> None:
        super().__init__(title)
        self.setObjectName(name)
        self.inside = inside
        """What the card is for."""
        px = appearance.px
        # The card holds title and content alike; the dock's own title bar is an empty strip to move it by.
        self._title = title
        self._bar = bar = QLabel(title)
        bar.setObjectName("cardTitle")
        appearance.rescaled.connect(lambda _before, _now: self._give_margins(px))
        self._give_margins(px)
        bar.setMinimumHeight(LEAST_HIGH + 2)
        self._put_in_title(inside, px)
        if isinstance(inside, LatePanel):
            inside.filled.connect(lambda made: self._put_in_title(made, px))
        self.setTitleBarWidget(bar)
        frame = QFrame()
        frame.setObjectName("cardBody")
        self._column = in_column(inside, inside=frame, margins=(px(14), px(4), px(14), px(12)))
        self.setWidget(frame)
        features = QDockWidget.DockWidgetFeature
        self.setFeatures(features.DockWidgetMovable | features.DockWidgetClosable | features.DockWidgetFloatable)

    def _give_margins(self, px: Callable[[float], int]) -> None:
        self._bar.setContentsMargins(px(14), px(8), px(14), px(2))

    def _put_in_title(self, inside: QWidget, px: Callable[[float], int]) -> None:
        controls = getattr(inside, "in_title", None)
        if not isinstance(controls, QWidget):
            return
        controls.setFixedHeight(LEAST_HIGH)
        self._bar.setAttribute(Qt.WidgetAttribute.WA_LayoutOnEntireRect)  # its margins are those of the words
        in_row(
            QFontMetrics(font(px(NOTE), bold=True)).horizontalAdvance(self._title) + px(16),
            REST,
            (controls, 0, Qt.AlignmentFlag.AlignVCenter),
            inside=self._bar,
            margins=(px(14), 2, px(14), 0),
        )

    def lend(self) -> QWidget:
        """Give away what is in the card, to be shown elsewhere for a while."""
        self._column.removeWidget(self.inside)
        return self.inside

    def take_back(self) -> None:
        """Have it again."""
        self._column.addWidget(self.inside)
        self.inside.show()

    def set_aside(self, words: str) -> None:
        """Put words beside the title, such as what is under the cursor."""
        self._bar.setText(f"{self._title}      {words}" if words else self._title)
