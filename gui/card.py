"""Cards: panels with rounded corners and one muted title, in docks or at rest."""

from __future__ import annotations

from PySide6.QtWidgets import QDockWidget, QFrame, QLabel, QVBoxLayout, QWidget

from gui.theme import Appearance


class Card(QFrame):
    """A card around a widget."""

    def __init__(self, inside: QWidget, margin: int = 0) -> None:
        super().__init__()
        self.setObjectName("card")
        layout = QVBoxLayout(self)
        layout.setContentsMargins(margin, margin, margin, margin)
        layout.addWidget(inside)


class CardDock(QDockWidget):
    """A dock that looks like a card; it is moved by its title."""

    def __init__(self, name: str, title: str, inside: QWidget, appearance: Appearance) -> None:
        super().__init__(title)
        self.setObjectName(name)
        self._inside = inside
        px = appearance.px
        # The card holds title and content alike; the dock's own title bar is an empty strip to move it by.
        self._title = title
        self._bar = bar = QLabel(title)
        bar.setObjectName("cardTitle")
        bar.setContentsMargins(px(14), px(8), px(14), px(2))
        self.setTitleBarWidget(bar)
        frame = QFrame()
        frame.setObjectName("cardBody")
        layout = QVBoxLayout(frame)
        layout.setContentsMargins(px(14), px(4), px(14), px(12))
        layout.addWidget(inside)
        self.setWidget(frame)
        features = QDockWidget.DockWidgetFeature
        self.setFeatures(features.DockWidgetMovable | features.DockWidgetClosable | features.DockWidgetFloatable)

    def set_aside(self, words: str) -> None:
        """Put words beside the title, such as what is under the cursor."""
        self._bar.setText(f"{self._title}      {words}" if words else self._title)
