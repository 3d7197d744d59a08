"""A table of what a network predicted against what was right: counts of symbols or classes, as numbers and colours."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray
from PySide6.QtCore import QEvent, QPointF, QRectF, QSize, Qt
from PySide6.QtGui import QColor, QFontMetricsF, QHelpEvent, QPainter, QPaintEvent, QPen
from PySide6.QtWidgets import QSizePolicy, QToolTip, QWidget

from gui.appearance.text_size import NOTE
from gui.appearance.theme import Appearance, font
from gui.plots.strip import short_names

MOST = 30
"""Classes that have a row of their own; of more, those that occur most often have, and the rest is one."""
_OTHERS = "…"
_LARGEST = 1e9
"""No number of a class is larger."""
_ROW, _COLUMN = 1.35, 2.3
"""Height and width that a class needs at least, in letters."""
_WIDEST = 5.0
"""Width of a column at most, in letters: a table of two classes is no pair of barn doors."""


@dataclass(frozen=True, eq=False)
class Confusion:
    """Counts (classes, classes): a row for what was right, a column for what was predicted.

    names: of each class. others: how many classes the last one stands for, 0 where it is one itself.
    lost: predictions that are no numbers, which a network gives that has diverged.
    """

    counts: NDArray[np.int64]
    names: tuple[str, ...]
    others: int = 0
    lost: int = 0


def confusion(
    target: NDArray[np.floating], prediction: NDArray[np.floating], names: Sequence[str], most: int = MOST
) -> Confusion:
    """Count predictions (N,) against targets (N,), both numbers of classes from 1; NaN is no prediction.

    names: of each class; where there are none, or too few, they are called by their numbers. Of more than `most`
    classes the ones that occur most often have a row, and the last row is that of all others.
    """
    known = (np.abs(prediction) < _LARGEST) & (np.abs(target) < _LARGEST)
    right, told = (np.rint(array[known]).astype(np.int64) for array in (target, prediction))
    classes, times = np.unique(np.concatenate([right, told]), return_counts=True)
    if len(names) <= most:  # all of them, also those that did not occur
        classes, before, seen = np.union1d(classes, np.arange(1, len(names) + 1)), times, classes
        times = np.zeros(classes.size, np.int64)
        times[np.searchsorted(classes, seen)] = before
    others = 0
    if classes.size > most:
        own = np.sort(np.argsort(-times, kind="stable")[: most - 1])
        others, classes = classes.size - own.size, classes[own]
    size = classes.size + (others > 0)
    places = [_places_among(classes, array) for array in (right, told)]
    counts = np.zeros((size, size), np.int64)
    np.add.at(counts, (places[0], places[1]), 1)
    called = [names[number - 1] if 1 <= number <= len(names) else str(number) for number in classes.tolist()]
    lost = int(np.count_nonzero(~known))
    return Confusion(counts, (*called, *([_OTHERS] if others else [])), others, lost)


def _places_among(classes: NDArray[np.int64], numbers: NDArray[np.int64]) -> NDArray[np.intp]:
    """Return the place of each number among some classes in ascending order, that after the last for all others."""
    places = np.searchsorted(classes, numbers)
    there = np.append(classes, np.iinfo(np.int64).max)[places] == numbers
    return np.where(there, places, classes.size)


class ConfusionTable(QWidget):
    """Draws the counts; as many classes have a row as can be read in the room there is."""

    def __init__(self, appearance: Appearance) -> None:
        super().__init__()
        self._appearance = appearance
        self._shown: tuple[NDArray[np.floating], NDArray[np.floating], tuple[str, ...]] | None = None
        self.found = Confusion(np.zeros((0, 0), np.int64), ())
        """What is drawn."""
        self.setSizePolicy(QSizePolicy.Policy.Expanding, QSizePolicy.Policy.Expanding)
        appearance.changed.connect(self.update)

    def minimumSizeHint(self) -> QSize:
        return QSize(8 * self._letters, 6 * self._letters)

    @property
    def _letters(self) -> int:
        return self._appearance.text(NOTE)

    def show_counts(self, target: NDArray[np.floating], prediction: NDArray[np.floating], names: Sequence[str]) -> None:
        """Count these, and draw."""
        self._shown = target, prediction, tuple(names)
        self._count()
        self.update()

    def _count(self) -> None:
        if self._shown is not None:
            down, across = (self.height() - self._top) / self._letters, (self.width() - self._left) / self._letters
            fits = int(min(down / _ROW, across / _COLUMN))
            self.found = confusion(*self._shown, most=min(max(fits, 3), MOST))

    @property
    def _top(self) -> float:
        """Height of the title above the columns and of their names."""
        return 2.9 * self._letters

    @property
    def _left(self) -> float:
        return 5.2 * self._letters

    def cell(self, row: int, column: int) -> QRectF:
        """Return where a count stands."""
        size = max(1, len(self.found.names))
        width = min((self.width() - self._left) / size, _WIDEST * self._letters)
        height = min((self.height() - self._top) / size, 2.2 * self._letters)
        return QRectF(self._left + column * width, self._top + row * height, width, height)

    def paintEvent(self, event: QPaintEvent) -> None:
        self._count()  # the room may be another
        if not self.found.names:
            return
        theme, letters = self._appearance.theme, self._letters
        painter = QPainter(self)
        painter.setFont(font(letters))
        painter.setPen(QColor(theme.muted))
        middle, right = Qt.AlignmentFlag.AlignVCenter, Qt.AlignmentFlag.AlignRight
        painter.drawText(QRectF(0, 0, self.width() - 2, 1.4 * letters), int(middle | right), self.words)
        painter.drawText(QRectF(self._left, 0, self.width(), 1.4 * letters), int(middle), "predicted →")
        beside = QRectF(0, 1.4 * letters, self._left - 0.5 * letters, 1.4 * letters)
        painter.drawText(beside, int(middle | right), "target ↓")
        signs = short_names(self.found.names)
        for place, sign in enumerate(signs):
            above, beside = self.cell(0, place), self.cell(place, 0)
            box = QRectF(above.left(), self._top - 1.45 * letters, above.width(), 1.4 * letters)
            painter.setPen(QColor(theme.ink))
            painter.drawText(box, int(Qt.AlignmentFlag.AlignCenter), sign)
            box = QRectF(0, beside.top(), self._left - 0.5 * letters, beside.height())
            name = QFontMetricsF(painter.font()).elidedText(
                self.found.names[place], Qt.TextElideMode.ElideRight, box.width()
            )
            painter.drawText(box, int(middle | right), name)
        self._paint_counts(painter)
        painter.end()

    def _paint_counts(self, painter: QPainter) -> None:
        """Colour each count by its share of its row: what was right often, and what was taken for something else."""
        theme, counts = self._appearance.theme, self.found.counts
        metrics = QFontMetricsF(painter.font())
        of_row = np.maximum(counts.sum(axis=1, keepdims=True), 1)
        shares = counts / of_row
        own = len(counts) - (self.found.others > 0)  # among all others nothing is known to be right
        for row, column in np.ndindex(*counts.shape):
            right = row == column < own
            box = self.cell(row, column).adjusted(0.5, 0.5, -0.5, -0.5)
            full = theme.role("hidden") if right else QColor(theme.wrong)
            ground = _between(QColor(theme.panel), full, float(shares[row, column]))
            painter.fillRect(box, ground)
            text = f"{counts[row, column]:,}"
            if counts[row, column] and metrics.horizontalAdvance(text) < box.width():
                painter.setPen(theme.on(ground))
                painter.drawText(box, int(Qt.AlignmentFlag.AlignCenter), text)
            painter.setPen(QPen(QColor(theme.muted if right else theme.edge), 1))
            painter.drawRect(box)

    @property
    def words(self) -> str:
        """How many are right: "41 of 64 right", and whether some are no numbers."""
        total = int(self.found.counts.sum())
        if self._shown is not None:
            target, prediction, _ = self._shown
            right = int(np.count_nonzero(np.rint(prediction) == np.rint(target)))
            lost = f", {self.found.lost:,} no number" if self.found.lost else ""
            return f"{right:,} of {total + self.found.lost:,} right{lost}"
        return ""

    def tip_at(self, at: QPointF) -> str:
        """Return a count in words; "" beside the table."""
        first = self.cell(0, 0)
        column = int((at.x() - first.left()) // first.width())
        row = int((at.y() - first.top()) // first.height())
        size = len(self.found.names)
        if not (0 <= row < size and 0 <= column < size):
            return ""
        count, of = int(self.found.counts[row, column]), int(self.found.counts[row].sum())
        right, told = self.found.names[row], self.found.names[column]
        more = f"\n{_OTHERS}: all {self.found.others} classes that occur less often" if self.found.others else ""
        return f"target: {right}, predicted: {told}: {count:,} of {of:,}{more}"

    def event(self, event: QEvent) -> bool:
        if event.type() is QEvent.Type.ToolTip and isinstance(event, QHelpEvent):
            tip = self.tip_at(QPointF(event.pos())) if self.found.names else ""
            QToolTip.showText(event.globalPos(), tip) if tip else QToolTip.hideText()
            return True
        return super().event(event)


def _between(low: QColor, high: QColor, share: float) -> QColor:
    """Return a colour so far from one to another; a small share is seen, too."""
    share = float(np.sqrt(share))
    parts = ((high.redF(), low.redF()), (high.greenF(), low.greenF()), (high.blueF(), low.blueF()))
    return QColor.fromRgbF(*(there + (here - there) * share for here, there in parts))
