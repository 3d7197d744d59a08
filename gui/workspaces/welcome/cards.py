"""Cards that are opened by a click or Return, and the picture on one."""

from __future__ import annotations

from collections.abc import Sequence

from PySide6.QtCore import QRectF
from PySide6.QtGui import QPainter, QPaintEvent
from PySide6.QtWidgets import QGridLayout, QLabel, QSizePolicy, QWidget

from gui.appearance.theme import Appearance
from gui.appearance.typeset import Typesetter
from gui.widgets.buttons import CardButton
from gui.widgets.labels import NameLabel, text_label
from gui.widgets.layouts import REST, in_column
from gui.workspaces.welcome.pictures import Brush, Picture


class PictureArea(QWidget):
    """A place for a picture, which may come later."""

    def __init__(self, appearance: Appearance, typesetter: Typesetter) -> None:
        super().__init__()
        self._appearance, self._typesetter = appearance, typesetter
        self.picture: Picture | None = None
        """What is drawn; None before it is made."""
        self.setSizePolicy(QSizePolicy.Policy.Ignored, QSizePolicy.Policy.Fixed)
        typesetter.ready.connect(lambda _latex: self.update())

    def show_picture(self, picture: Picture) -> None:
        """Draw a picture."""
        self.picture = picture
        self.update()

    def paintEvent(self, event: QPaintEvent) -> None:
        if self.picture is None:
            return
        painter = QPainter(self)
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        area = QRectF(self.rect()).adjusted(0.5, 0.5, -0.5, -0.5)
        self.picture.paint(Brush(painter, self._appearance, self._typesetter), area)
        painter.end()


class Card(CardButton):
    """A title and a few words, below a picture if there is one; a click or Return opens what it stands for."""

    def __init__(
        self,
        title: str,
        about: str,
        appearance: Appearance,
        above: QWidget | None = None,
        words: QLabel | None = None,
    ) -> None:
        """words: a label that shows the title, if not an ordinary one."""
        super().__init__()
        px = appearance.px
        self.title, self.about, self.above = title, about, above
        self.setAccessibleName(title)
        self.setAccessibleDescription(about)
        self.words = words or text_label(title, "strong", wrap=True, cut=True)
        self.note = text_label(about, "note", wrap=True, cut=True)
        parts = (above,) if above is not None else ()
        self.take(in_column(*parts, self.words, self.note, REST, margins=(px(12), px(10)), spacing=px(3)))


class NameCard(Card):
    """A card whose title somebody typed: it is cut short where there is no room."""

    def __init__(self, title: str, about: str, appearance: Appearance, there: bool = True) -> None:
        """there: whether what it stands for can be opened."""
        name = NameLabel("strong" if there else "muted")
        name.show_name(title)
        super().__init__(title, about, appearance, words=name)
        self.setObjectName("entry")


class CardGrid(QWidget):
    """Cards in rows of equal columns."""

    def __init__(self, cards: Sequence[QWidget], appearance: Appearance) -> None:
        super().__init__()
        self.cards = list(cards)
        self._appearance = appearance
        self._shown = (0, 0)
        self._grid = QGridLayout(self)
        self._grid.setContentsMargins(0, 0, 0, 0)
        for card in self.cards:
            card.setParent(self)
            card.hide()

    def arrange(self, columns: int, most: int) -> None:
        """Show the first cards in so many columns, at most so many of them."""
        if (columns, most) == self._shown:
            return
        before, self._shown = self._shown[0], (columns, most)
        self._grid.setSpacing(self._appearance.px(12))
        for number, card in enumerate(self.cards):
            self._grid.removeWidget(card)
            if number < most:
                self._grid.addWidget(card, number // columns, number % columns)
            card.setVisible(number < most)
        for column in range(max(before, columns)):
            self._grid.setColumnStretch(column, 1 if column < columns else 0)
