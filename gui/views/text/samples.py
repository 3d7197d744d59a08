"""Shows the texts that a network has sampled during training, newest first."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from PySide6.QtCore import QPointF, QRectF, QSize, Qt
from PySide6.QtGui import QColor, QFont, QFontMetricsF, QPainter, QPaintEvent, QTextLayout, QTextOption
from PySide6.QtWidgets import QWidget

from gui.appearance.text_size import LEAD
from gui.appearance.theme import Appearance, font
from gui.views.text.reading import mark

APART = 1.5
"""By this factor the steps of two samples that are kept lie apart at least: early ones differ more."""
_MOST_LINES = (6, 3)
"""Of the newest sample, and of each before it."""
_LINE = 1.35


class KeptSamples:
    """The newest sample, and earlier ones, each from at most two thirds of the steps of the one after it."""

    def __init__(self) -> None:
        self._kept: list[tuple[int, str]] = []

    def __iter__(self) -> Iterator[tuple[int, str]]:
        """Go through (step, text), newest first."""
        return reversed(self._kept)

    def __len__(self) -> int:
        return len(self._kept)

    def add(self, step: int, text: str) -> bool:
        """Add the sample of a step; return whether anything changed."""
        if not text or (self._kept and step <= self._kept[-1][0]):
            return False
        if len(self._kept) > 1 and self._kept[-1][0] < APART * max(self._kept[-2][0], 1):
            self._kept.pop()
        self._kept.append((step, text))
        return True


class SamplesPane(QWidget):
    """Shows samples, each with its step; a newline is a quiet mark, so that more of a text is seen."""

    def __init__(self, appearance: Appearance) -> None:
        super().__init__()
        self.setAttribute(Qt.WidgetAttribute.WA_OpaquePaintEvent)
        self._appearance = appearance
        self.shown: tuple[tuple[int, str], ...] = ()
        """Step and text of each sample, newest first."""
        self._layouts: dict[tuple[object, ...], QTextLayout] = {}

    @property
    def _letters(self) -> int:
        return self._appearance.text(LEAD)

    def show_samples(self, samples: KeptSamples) -> None:
        """Show other samples."""
        self.shown = tuple(samples)
        self.update()

    def minimumSizeHint(self) -> QSize:
        return QSize(160, 2 * self._letters)

    def _laid_out(self, step: int, text: str, letters: QFont, width: int, most: int) -> QTextLayout:
        theme = self._appearance.theme
        key = (step, text, letters.pixelSize(), width, most, theme.name)
        if key not in self._layouts:
            if len(self._layouts) > 2 * len(self.shown) + 8:
                self._layouts.clear()  # all but a few are of samples that are gone
            self._layouts[key] = _layout(text, letters, width, most, QColor(theme.muted))
        return self._layouts[key]

    def paintEvent(self, event: QPaintEvent) -> None:
        theme = self._appearance.theme
        painter = QPainter(self)
        painter.fillRect(event.rect(), QColor(theme.panel))
        letters, bold = font(self._letters), font(self._letters, bold=True)
        height = round(self._letters * _LINE)
        steps = [f"{step:,}" for step, _ in self.shown]
        metrics = QFontMetricsF(bold)
        column = max((metrics.horizontalAdvance(words) for words in steps), default=0.0) + self._letters
        top = 0.0
        for index, (step, text) in enumerate(self.shown):
            left = int((self.height() - top) // height)
            if left < 1:
                break
            most = min(left, _MOST_LINES[index > 0])
            layout = self._laid_out(step, text, letters, round(self.width() - column), most)
            painter.setFont(bold)
            painter.setPen(QColor(theme.muted))
            place = QRectF(0, top, column - self._letters, height)
            painter.drawText(place, Qt.AlignmentFlag.AlignRight | Qt.AlignmentFlag.AlignVCenter, steps[index])
            painter.setPen(QColor(theme.ink if index == 0 else theme.muted))
            layout.draw(painter, QPointF(column, top + (height - metrics.height()) / 2))
            top += layout.lineCount() * height + self._letters * 0.45


def _written(character: str) -> str:
    return mark(character) if character != " " else character


def _layout(text: str, letters: QFont, width: int, most: int, quiet: QColor) -> QTextLayout:
    """Break a text into at most so many lines, its marks in a quiet colour."""
    layout = QTextLayout("".join(map(_written, text)), letters)
    formats = []
    for start in (place for place, character in enumerate(text) if _written(character) != character):
        part: Any = QTextLayout.FormatRange()  # older stubs of Qt leave its members out
        part.start, part.length = start, 1
        part.format.setForeground(quiet)
        formats.append(part)
    layout.setFormats(formats)
    option = QTextOption()
    option.setWrapMode(QTextOption.WrapMode.WrapAtWordBoundaryOrAnywhere)
    layout.setTextOption(option)
    layout.beginLayout()
    for number in range(most):
        line = layout.createLine()
        if not line.isValid():
            break
        line.setLineWidth(width)
        line.setPosition(QPointF(0, number * round(letters.pixelSize() * _LINE)))
    layout.endLayout()
    return layout
