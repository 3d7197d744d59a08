"""An empty place says what is missing, and offers what fills it."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from functools import partial

from PySide6.QtCore import QRectF, QSize, Qt
from PySide6.QtGui import QColor, QPainter, QPaintEvent, QPen, QResizeEvent
from PySide6.QtWidgets import QBoxLayout, QSizePolicy, QWidget

from gui.appearance.theme import Appearance
from gui.widgets.buttons import Button
from gui.widgets.labels import text_label
from gui.widgets.layouts import REST, discard, in_column

_RADIUS = 8
_DASHES = (4, 4)
_FRAMED_FROM = (260, 110)
"""From this size on, at 1080 lines, a frame says that something belongs here; in less it would be one box more."""


@dataclass(frozen=True)
class Offer:
    """What fills an empty place: the words of its button, what it does, and its tool tip."""

    words: str
    do: Callable[[], object]
    tip: str = ""


class EmptyPlace(QWidget):
    """One sentence in a dashed frame, below it a button for each offer, and a note.

    None of these buttons is filled with ink: the one main button of a workspace stands beside it.
    """

    def __init__(self, appearance: Appearance) -> None:
        super().__init__()
        self._appearance = appearance
        self._offers: tuple[Offer, ...] = ()
        self.sentence = text_label("", "lead", wrap=True, cut=True)
        self.note = text_label("", "note", wrap=True, cut=True)
        self.buttons: list[Button] = []
        """What can be pressed, in the order of the offers."""
        for label in (self.sentence, self.note):
            label.setAlignment(Qt.AlignmentFlag.AlignCenter)
        self._row = QBoxLayout(QBoxLayout.Direction.LeftToRight)
        self._row.setSpacing(appearance.px(10))
        self._row.addStretch(1)
        self._row.addStretch(1)
        px = appearance.px
        parts = REST, self.sentence, self._row, self.note, REST
        in_column(*parts, inside=self, margins=(px(16), px(8)), spacing=px(10))
        self.setSizePolicy(QSizePolicy.Policy.Expanding, QSizePolicy.Policy.Expanding)

    def text(self) -> str:
        """Return the sentence."""
        return self.sentence.text()

    def show_offers(self, sentence: str, *offers: Offer, note: str = "") -> None:
        """Say what is missing, and offer what fills it. Costs nothing where the words are those that stand there."""
        self.sentence.setText(sentence)
        self.note.setText(note)
        self.note.setVisible(bool(note))
        before, self._offers = [(one.words, one.tip) for one in self._offers], offers
        if before != [(one.words, one.tip) for one in offers]:
            discard(*self.buttons)
            self.buttons = [self._made(place, offer) for place, offer in enumerate(offers)]
            self._arrange()

    def _made(self, place: int, offer: Offer) -> Button:
        button = Button(offer.words)
        button.setToolTip(offer.tip)
        button.clicked.connect(partial(self._on_clicked, place))
        self._row.insertWidget(self._row.count() - 1, button, 0, Qt.AlignmentFlag.AlignCenter)
        return button

    def _on_clicked(self, place: int, _checked: bool = False) -> None:
        self._offers[place].do()

    def minimumSizeHint(self) -> QSize:
        """Be as narrow as its place: the words take more lines then."""
        return QSize(self._appearance.px(120), self._appearance.px(60))

    def resizeEvent(self, event: QResizeEvent) -> None:
        super().resizeEvent(event)
        self._arrange()

    def _arrange(self) -> None:
        """Put the buttons side by side where all of them have room."""
        needed = sum(button.sizeHint().width() + self._row.spacing() for button in self.buttons)
        direction = QBoxLayout.Direction
        fits = needed <= self.width() - 2 * self._appearance.px(16)
        self._row.setDirection(direction.LeftToRight if fits else direction.TopToBottom)

    def paintEvent(self, event: QPaintEvent) -> None:
        px = self._appearance.px
        if self.width() < px(_FRAMED_FROM[0]) or self.height() < px(_FRAMED_FROM[1]):
            return
        painter = QPainter(self)
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        pen = QPen(QColor(self._appearance.theme.muted), 1)
        pen.setDashPattern(_DASHES)
        painter.setPen(pen)
        painter.drawRoundedRect(QRectF(self.rect()).adjusted(1, 1, -1, -1), px(_RADIUS), px(_RADIUS))
        painter.end()
