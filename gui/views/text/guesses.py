"""The likeliest next characters and their probabilities, as bars."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray
from PySide6.QtCore import QEvent, QRectF, QSize, Qt
from PySide6.QtGui import QColor, QFontMetricsF, QHelpEvent, QPainter, QPaintEvent, QPen
from PySide6.QtWidgets import QToolTip, QWidget

from engine.text import numbers
from gui.appearance.theme import Appearance, font
from gui.views.text.reading import mark

LIKELIEST = 5
"""How many are shown; the true next one comes besides, if it is not among them."""
TRUE = " ✓"
"""Marks the true next one."""
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
        self._letters = 15
        self._shown: tuple[Guess, ...] = ()
        self._columns: tuple[float, float] = (0.0, 0.0)
        self._tall = 30.0

    @property
    def shown(self) -> tuple[Guess, ...]:
        """What the bars show."""
        return self._shown

    def use_letters(self, pixels: int, tallest: int) -> None:
        """Write in letters of a size; a row is at most so tall."""
        self._letters, self._tall = pixels, float(tallest)
        metrics = QFontMetricsF(font(pixels, bold=True))
        letter = metrics.horizontalAdvance("W") * 1.6
        widest = max(metrics.horizontalAdvance(words) for words in ("0.0000", "2.0e−3"))
        self._columns = (letter, widest + metrics.horizontalAdvance(TRUE))
        self.update()

    def show_guesses(self, shown: tuple[Guess, ...]) -> None:
        """Show other guesses."""
        if shown != self._shown:
            self._shown = shown
            self.update()

    def minimumSizeHint(self) -> QSize:
        return QSize(120, (LIKELIEST + 1) * self._letters)

    def row(self, index: int) -> QRectF:
        """Return where a row stands; the sixth is a little apart."""
        height = min(self._tall, self.height() / (LIKELIEST + 1.3))
        apart = 0.3 * height if index >= LIKELIEST else 0.0
        return QRectF(0, index * height + apart, self.width(), height)

    def bar(self, index: int) -> QRectF:
        """Return the bar of a row, as long as its probability says."""
        row, (letter, number) = self.row(index), self._columns
        room = max(row.width() - letter - number, 1.0)
        thick = row.height() * 0.62
        return QRectF(letter, row.center().y() - thick / 2, room * self._shown[index].probability, thick)

    def event(self, event: QEvent) -> bool:
        if event.type() == QEvent.Type.ToolTip and isinstance(event, QHelpEvent):
            for index, guess in enumerate(self._shown):
                if self.row(index).contains(event.pos().toPointF()):
                    QToolTip.showText(event.globalPos(), _tip(guess), self)
                    return True
            QToolTip.hideText()
            return True
        return super().event(event)

    def paintEvent(self, event: QPaintEvent) -> None:
        painter = QPainter(self)
        painter.fillRect(event.rect(), QColor(self._appearance.theme.panel))
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        for index, guess in enumerate(self._shown):
            self._paint_row(painter, index, guess)

    def _paint_row(self, painter: QPainter, index: int, guess: Guess) -> None:
        theme, (letter, number) = self._appearance.theme, self._columns
        row, bar = self.row(index), self.bar(index)
        ink = QColor(theme.ink)
        size = min(self._letters, row.height() * 0.72)
        painter.setFont(font(size, bold=True))
        painter.setPen(ink)
        shown = _SPACE if guess.character == " " else mark(guess.character)
        painter.drawText(QRectF(0, row.top(), letter * 0.8, row.height()), Qt.AlignmentFlag.AlignCenter, shown)
        track = QRectF(letter, bar.top(), row.width() - letter - number, bar.height())
        painter.fillRect(track, QColor(theme.ground))
        painter.fillRect(bar, theme.role("output"))
        if guess.true:
            painter.setPen(QPen(ink, 2))
            painter.drawRect(track)
        painter.setPen(ink)
        painter.setFont(font(size, bold=guess.true))
        words = self._appearance.written(guess.probability, True) + (TRUE if guess.true else "")
        beside = QRectF(track.right() + letter * 0.25, row.top(), number, row.height())
        painter.drawText(beside, Qt.AlignmentFlag.AlignLeft | Qt.AlignmentFlag.AlignVCenter, words)


def _tip(guess: Guess) -> str:
    bits = -np.log2(guess.probability) if guess.probability > 0 else np.inf
    cost = f"\nthe true next one; it costs {bits:.4g} bits" if guess.true else ""
    return f"p = {numbers.exact(guess.probability)}, number {guess.rank + 1} by probability{cost}"
