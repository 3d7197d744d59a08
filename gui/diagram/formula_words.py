"""The words in the formula's block: what is said beside the numbers, and the card of what the cursor rests on."""

from __future__ import annotations

from collections.abc import Sequence

from PySide6.QtCore import QPointF, QRectF, Qt
from PySide6.QtGui import QColor, QFontMetricsF, QPainter

from engine.explain.explanation import Explanation
from gui.appearance.rich_text import with_low_t
from gui.appearance.text_size import LEAD, NOTE, TEXT
from gui.appearance.theme import Appearance, font
from gui.appearance.typeset import Typesetter

_WRAPPED = Qt.AlignmentFlag.AlignLeft | Qt.AlignmentFlag.AlignTop | Qt.TextFlag.TextWordWrap
_LINE = Qt.AlignmentFlag.AlignLeft | Qt.AlignmentFlag.AlignVCenter
_BAR, _GAP = 4, 14


def fitting(sentences: Sequence[str], metrics: QFontMetricsF, room: QRectF) -> str:
    """Return the sentences that fit into a room, a paragraph each; of one that does not, the words that do."""
    paragraphs: list[str] = []
    for sentence in sentences:
        words = sentence.split(" ")
        for count in range(len(words), 0, -1):
            cut = " ".join(words[:count]) + ("" if count == len(words) else " …")
            text = "\n".join((*paragraphs, cut))
            if metrics.boundingRect(QRectF(0, 0, room.width(), 1e6), _WRAPPED, text).height() <= room.height() + 1:
                break
        else:
            break
        paragraphs.append(cut)
        if count < len(words):
            break
    return "\n".join(paragraphs)


def draw_sentences(painter: QPainter, sentences: Sequence[str], room: QRectF, pixels: float, colour: QColor) -> None:
    """Draw sentences, a paragraph each, in the middle of a room; what does not fit is left out."""
    painter.setFont(font(pixels))
    painter.setPen(colour)
    text = fitting(sentences, QFontMetricsF(painter.font()), room)
    centred = Qt.AlignmentFlag.AlignLeft | Qt.AlignmentFlag.AlignVCenter | Qt.TextFlag.TextWordWrap
    painter.drawText(room, centred, text)


def draw_card(
    painter: QPainter, said: Explanation, room: QRectF, typesetter: Typesetter, appearance: Appearance
) -> None:
    """Draw what is said of a place: its name and formula in its colour, and its sentences below."""
    theme, px, text = appearance.theme, appearance.px, appearance.text
    colour = theme.role(said.role)
    bar = QRectF(room.left(), room.top(), px(_BAR), room.height())
    painter.fillRect(bar, colour)
    inside = room.adjusted(px(_GAP), 0, 0, 0)
    top = QRectF(inside.left(), inside.top(), inside.width(), 1.5 * text(LEAD))
    painter.setFont(font(text(LEAD), bold=True))
    painter.setPen(colour)
    painter.drawText(top, _LINE, said.name)
    x = top.left() + QFontMetricsF(painter.font()).horizontalAdvance(said.name) + px(_GAP)
    formula = typesetter.formula(said.latex) if said.latex else None
    if formula is not None:
        size = formula.size(text(LEAD))
        shrink = min(1.0, top.height() / size.height())
        if x + size.width() * shrink <= top.right():
            at = QPointF(x, top.center().y() - size.height() * shrink / 2)
            typesetter.draw(painter, said.latex, at, text(LEAD) * shrink, colour)
            x += size.width() * shrink + px(_GAP)
    if said.layer:
        painter.setFont(font(text(NOTE)))
        painter.setPen(QColor(theme.muted))
        hint = f"Click: the sum of {said.layer}, term by term"
        if x + QFontMetricsF(painter.font()).horizontalAdvance(hint) <= top.right():
            painter.drawText(QRectF(x, top.top(), top.right() - x, top.height()), _LINE, hint)
    below = QRectF(inside.left(), top.bottom(), inside.width(), inside.bottom() - top.bottom())
    painter.setFont(font(text(TEXT)))
    painter.setPen(QColor(theme.ink))
    words = fitting([with_low_t(line) for line in said.sentences], QFontMetricsF(painter.font()), below)
    painter.drawText(below, _WRAPPED, words)
