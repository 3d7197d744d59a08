"""Shows the likeliest next characters and their probabilities as bars."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray
from PySide6.QtCore import QEvent, QRectF, QSize, Qt
from PySide6.QtGui import QColor, QFontMetricsF, QHelpEvent, QPainter, QPaintEvent, QPen, QResizeEvent
from PySide6.QtWidgets import QLabel, QToolTip, QWidget

from engine.text import numbers
from gui.appearance.style import fit_label
from gui.appearance.text_size import TITLE
from gui.appearance.theme import Appearance, font
from gui.views.text.reading import mark

LIKELIEST = 5
"""How many are shown; the true next one comes besides, if it is not among them."""
TRUE = " ✓"
"""Marks the true next one."""
_LONGEST = (0.5, 0.0088, 8.8e-88)
"""Probabilities whose words are as long as any, in each style."""
_TALLEST = 60
"""Height of a row at 1080 lines."""
_SPACE = "␣"
"""Alone, a space is seen better so."""


@dataclass(frozen=True)
class Guess:
    """A character that may come next: its probability, how many are likelier, and whether it is the true one."""

    character: str
    probability: float
    rank: int
    true: bool


def guesses(logits: NDArray[np.floating], alphabet: Sequence[str], true: int | None) -> tuple[Guess, ...]:
    """Return the likeliest next characters, likeliest first, and the true one.

    logits: (V,). true: the code of the character that really comes, None if it is not known. Empty where logits are
    not finite.
    """
    values = np.asarray(logits, dtype=np.float64)
    if not np.all(np.isfinite(values)):
        return ()
    powers = np.exp(values - values.max())
    p = powers / powers.sum()
    order = np.argsort(-p, kind="stable")
    shown = [*enumerate(order[:LIKELIEST].tolist())]
    if true is not None and true not in order[:LIKELIEST]:
        shown.append((int(np.flatnonzero(order == true)[0]), true))
    return tuple(Guess(alphabet[code], float(p[code]), rank, code == true) for rank, code in shown)


class GuessesPane(QWidget):
    """Shows guesses as rows of a letter, a bar from 0 to 1, and a number; the true one has a frame and a sign."""

    def __init__(self, appearance: Appearance) -> None:
        super().__init__()
        self.setAttribute(Qt.WidgetAttribute.WA_OpaquePaintEvent)
        self._appearance = appearance
        self.shown: tuple[Guess, ...] = ()
        """What the bars show."""
        self.labels = [(QLabel(self), QLabel(self)) for _ in range(LIKELIEST + 1)]
        """The character and the probability of each row."""
        for character, _ in self.labels:
            character.setAlignment(Qt.AlignmentFlag.AlignCenter)

    def show_guesses(self, shown: tuple[Guess, ...]) -> None:
        """Show other guesses."""
        if shown != self.shown:
            self.shown = shown
            self.restyle()

    def restyle(self) -> None:
        """Write the guesses in the colours, digits and size of text in force."""
        for index, (character, number) in enumerate(self.labels):
            guess = self.shown[index] if index < len(self.shown) else None
            for label in (character, number):
                label.setVisible(guess is not None)
            if guess is not None:
                character.setText(_SPACE if guess.character == " " else mark(guess.character))
                number.setText(self._appearance.written(guess.probability, True) + (TRUE if guess.true else ""))
                fit_label(number, self._size(index), bold=guess.true)
                fit_label(character, self._size(index), bold=True)
        self._place()
        self.update()

    def resizeEvent(self, event: QResizeEvent) -> None:
        super().resizeEvent(event)
        self.restyle()

    def minimumSizeHint(self) -> QSize:
        return QSize(120, (LIKELIEST + 1) * self._appearance.text(TITLE))

    def _size(self, index: int) -> int:
        return round(min(self._appearance.text(TITLE), self.row(index).height() * 0.72))

    @property
    def _columns(self) -> tuple[float, float]:
        """The widths of a character, and of a number with the gap before it."""
        metrics = QFontMetricsF(font(self._appearance.text(TITLE), bold=True))
        character = metrics.horizontalAdvance("W") * 1.6
        written = (self._appearance.written(share, True) for share in _LONGEST)
        widest = max(metrics.horizontalAdvance(words + TRUE) for words in written)
        return character, 0.25 * character + widest

    def row(self, index: int) -> QRectF:
        """Return where a row stands; the sixth is a little apart."""
        height = min(self._appearance.with_text(_TALLEST), self.height() / (LIKELIEST + 1.3))
        apart = 0.3 * height if index >= LIKELIEST else 0.0
        return QRectF(0, index * height + apart, self.width(), height)

    def track(self, index: int) -> QRectF:
        """Return the place of a row's bar, from 0 to 1."""
        row, (character, number) = self.row(index), self._columns
        thick = row.height() * 0.62
        room = max(row.width() - character - number, 1.0)
        return QRectF(character, row.center().y() - thick / 2, room, thick)

    def bar(self, index: int) -> QRectF:
        """Return the bar of a row, as long as its probability says."""
        bar = self.track(index)
        bar.setWidth(bar.width() * self.shown[index].probability)
        return bar

    def _place(self) -> None:
        """Put the labels at both ends of the bars."""
        for index, (character, number) in enumerate(self.labels):
            row, track = self.row(index), self.track(index)
            character.setGeometry(QRectF(0, row.top(), track.left() * 0.8, row.height()).toRect())
            beside = track.right() + track.left() * 0.25
            number.setGeometry(QRectF(beside, row.top(), row.right() - beside, row.height()).toRect())

    def event(self, event: QEvent) -> bool:
        if event.type() == QEvent.Type.ToolTip and isinstance(event, QHelpEvent):
            at = event.pos().toPointF()
            tips = (_tip(guess) for index, guess in enumerate(self.shown) if self.row(index).contains(at))
            QToolTip.showText(event.globalPos(), next(tips, ""), self)
            return True
        return super().event(event)

    def paintEvent(self, event: QPaintEvent) -> None:
        theme = self._appearance.theme
        painter = QPainter(self)
        painter.fillRect(event.rect(), QColor(theme.panel))
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        for index, guess in enumerate(self.shown):
            painter.fillRect(self.track(index), QColor(theme.ground))
            painter.fillRect(self.bar(index), theme.role("output"))
            if guess.true:
                painter.setPen(QPen(QColor(theme.ink), 2))
                painter.drawRect(self.track(index))


def _tip(guess: Guess) -> str:
    bits = -np.log2(guess.probability) if guess.probability > 0 else np.inf
    cost = f"\nthe true next character: a loss of {numbers.grouped(float(bits))} bits" if guess.true else ""
    return f"p = {numbers.exact(guess.probability)}, rank {guess.rank + 1} by probability{cost}"
