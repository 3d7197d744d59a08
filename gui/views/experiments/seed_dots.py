"""A dot for each seed on a logarithmic axis of sequences, a line for each setting, and the paper's figure."""

from __future__ import annotations

import math
from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from PySide6.QtCore import QEvent, QPointF, QRectF, QSize, Qt
from PySide6.QtGui import QColor, QFontMetricsF, QHelpEvent, QPainter, QPaintEvent, QPen
from PySide6.QtWidgets import QSizePolicy, QToolTip, QWidget

from engine.experiments.experiment import Experiment
from engine.experiments.report import seed_line
from engine.experiments.results import Job, SeedResult, median_sequences, quartiles
from gui.appearance.text_size import TEXT
from gui.appearance.theme import Appearance, font, pale
from gui.views.experiments.runner import ByArm

_DOT, _LANE = 9, 34
"""At 1080 lines: a dot's width, the height of a setting's line."""
_SPREAD = (0.0, -0.24, 0.24, -0.12, 0.12, -0.36, 0.36)
"""How far seeds stand beside the middle of their line, so that those of nearly the same figure can be told apart."""
_BAND_ALPHA = 60
_TICKS = (1, 2, 5)
_UNIT = "sequences"


@dataclass(frozen=True)
class Dot:
    """One seed on the screen."""

    arm: str
    result: SeedResult
    at: QPointF


class SeedDots(QWidget):
    """Draws the results of one experiment; unsolved seeds are hollow, where they were given up."""

    def __init__(self, experiment: Experiment, appearance: Appearance) -> None:
        super().__init__()
        self._appearance, self._px = appearance, appearance.with_text
        self._experiment = experiment
        self._results: ByArm = {}
        self._now: tuple[Job, int] | None = None
        self.setSizePolicy(QSizePolicy.Policy.Expanding, QSizePolicy.Policy.Fixed)

    def show_results(self, experiment: Experiment, results: ByArm, now: tuple[Job, int] | None) -> None:
        """Show the results of an experiment; now: the job of the present run, and its sequences so far."""
        if experiment is not self._experiment:
            self._experiment = experiment
            self.updateGeometry()
        self._results, self._now = results, now
        self.update()

    def sizeHint(self) -> QSize:
        lanes = self._px(len(self._experiment.arms) * _LANE + 2.2 * TEXT)
        return QSize(self._px(320), lanes + self._head_height())

    def minimumSizeHint(self) -> QSize:
        return QSize(self._px(200), self.sizeHint().height())

    # Where things are

    @property
    def limits(self) -> tuple[float, float]:
        """The first and the last number of sequences on the axis."""
        paper = self._experiment.published.figures.get("sequences")
        seen = [result.sequences for own in self._results.values() for result in own]
        numbers = [float(self._experiment.bound), *seen, *([paper] if paper else [])]
        low = min([self._experiment.bound / 100, *(number / 2 for number in seen), *([paper / 10] if paper else [])])
        return max(low, 1.0), 1.35 * max(numbers)

    def x_of(self, sequences: float) -> float:
        """Return where a number of sequences is on the screen; what is before the axis stands at its beginning."""
        low, high = self.limits
        left, right = self._ends()
        share = math.log(max(sequences, low) / low) / math.log(high / low)
        return left + share * (right - left)

    def dots(self) -> list[Dot]:
        """Return every seed, the newest last."""
        height = self._px(_LANE)
        return [
            Dot(
                arm.name,
                result,
                QPointF(self.x_of(result.sequences), self._lane(row) + height * _SPREAD[place % len(_SPREAD)]),
            )
            for row, arm in enumerate(self._experiment.arms)
            for place, result in enumerate(self._results.get(arm.name, ()))
        ]

    def _ends(self) -> tuple[float, float]:
        names = [arm.name for arm in self._experiment.arms if arm.name]
        metrics = QFontMetricsF(font(self._appearance.text(TEXT)))
        left = max((metrics.horizontalAdvance(name) for name in names), default=0.0)
        return left + self._px(12), self.width() - metrics.horizontalAdvance(_UNIT) - self._px(10)

    def _lane(self, row: int) -> float:
        return self._head_height() + self._px(_LANE) * (row + 0.5)

    @property
    def _bottom(self) -> float:
        return self._lane(len(self._experiment.arms) - 1) + self._px(_LANE) / 2

    def _head_height(self) -> int:
        paper = "sequences" in self._experiment.published.figures
        return round(1.5 * self._appearance.text(TEXT)) if paper else 0

    def tip_at(self, point: QPointF) -> str:
        """Return what there is to say of the seed at a point, "" where there is none."""
        near = [dot for dot in self.dots() if (dot.at - point).manhattanLength() <= self._px(_DOT)]
        return "\n".join(
            f"{f'{dot.arm}, ' if dot.arm else ''}seed {dot.result.seed}: {seed_line(dot.result)}" for dot in near
        )

    def event(self, event: QEvent) -> bool:
        if event.type() is QEvent.Type.ToolTip and isinstance(event, QHelpEvent):
            tip = self.tip_at(QPointF(event.pos()))
            QToolTip.showText(event.globalPos(), tip) if tip else QToolTip.hideText()
            return True
        return super().event(event)

    # Painting

    def paintEvent(self, event: QPaintEvent) -> None:
        painter = QPainter(self)
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        painter.setFont(font(self._appearance.text(TEXT)))
        theme = self._appearance.theme
        painter.fillRect(self.rect(), QColor(theme.panel))
        self._draw_axis(painter)
        for row, arm in enumerate(self._experiment.arms):
            self._draw_lane(painter, row, arm.name, self._results.get(arm.name, ()))
        self._draw_paper(painter)
        size = self._px(_DOT)
        ours = theme.run(0)
        for dot in self.dots():
            painter.setPen(QPen(ours, max(1.5, size / 5)))
            painter.setBrush(ours if dot.result.solved else QColor(theme.panel))
            painter.drawEllipse(dot.at, size / 2, size / 2)
        self._draw_now(painter)
        painter.end()

    def _draw_axis(self, painter: QPainter) -> None:
        theme = self._appearance.theme
        left, right = self._ends()
        bottom, height = self._bottom, round(1.5 * self._appearance.text(TEXT))
        metrics = QFontMetricsF(painter.font())
        painter.setPen(QColor(theme.edge))
        painter.drawLine(QPointF(left, bottom), QPointF(right, bottom))
        painter.setPen(QColor(theme.muted))
        beside = QRectF(right, bottom - height, self.width() - right, height)  # above the last number
        painter.drawText(beside, Qt.AlignmentFlag.AlignRight | Qt.AlignmentFlag.AlignVCenter, _UNIT)
        taken = 0.0
        for number in _ticks(*self.limits):
            x = self.x_of(number)
            text = f"{number:,.0f}"
            half = metrics.horizontalAdvance(text) / 2
            painter.setPen(QColor(theme.edge))
            painter.drawLine(QPointF(x, bottom), QPointF(x, bottom + self._px(4)))
            if x - half < taken or x + half > self.width():
                continue
            taken = x + half + self._px(12)
            painter.setPen(QColor(theme.muted))
            painter.drawText(QRectF(x - half - 1, bottom, 2 * half + 2, height), Qt.AlignmentFlag.AlignCenter, text)

    def _draw_lane(self, painter: QPainter, row: int, name: str, results: Sequence[SeedResult]) -> None:
        theme, y, half = self._appearance.theme, self._lane(row), 0.42 * self._px(_LANE)
        left, right = self._ends()
        painter.setPen(QColor(theme.edge))
        painter.drawLine(QPointF(left, y), QPointF(right, y))
        painter.setPen(QColor(theme.ink))
        vertically = Qt.AlignmentFlag.AlignVCenter | Qt.AlignmentFlag.AlignLeft
        painter.drawText(QRectF(0, y - half, left, 2 * half), vertically, name)
        both, middle, ours = quartiles(results), median_sequences(results), theme.run(0)
        if both is not None and len(results) > 2:
            begin, end = self.x_of(both[0]), self.x_of(self._experiment.bound if both[1] is None else both[1])
            painter.fillRect(QRectF(begin, y - half, max(end - begin, 1.0), 2 * half), pale(ours, _BAND_ALPHA))
        if middle is not None and len(results) > 1:
            x = self.x_of(middle)
            painter.setPen(QPen(ours, max(2, self._px(3))))
            painter.drawLine(QPointF(x, y - half), QPointF(x, y + half))

    def _draw_paper(self, painter: QPainter) -> None:
        figures = self._experiment.published.figures
        if "sequences" not in figures:
            return
        theme, x = self._appearance.theme, self.x_of(figures["sequences"])
        head = float(self._head_height())
        painter.setPen(QPen(QColor(theme.ink), max(2, self._px(2))))
        painter.drawLine(QPointF(x, head), QPointF(x, self._bottom))
        painter.setFont(font(self._appearance.text(TEXT), bold=True))
        text = f"the paper: {figures['sequences']:,.0f}"
        width = QFontMetricsF(painter.font()).horizontalAdvance(text) + 2
        begin = min(max(x - width / 2, 0.0), self.width() - width)
        painter.drawText(QRectF(begin, 0, width, head), Qt.AlignmentFlag.AlignCenter, text)
        painter.setFont(font(self._appearance.text(TEXT)))

    def _draw_now(self, painter: QPainter) -> None:
        """Mark how far the present run is."""
        if self._now is None:
            return
        job, sequences = self._now
        rows = [row for row, arm in enumerate(self._experiment.arms) if arm.name == job.arm]
        if rows:
            y, half, size = self._lane(rows[0]), 0.42 * self._px(_LANE), self._px(_DOT)
            x = self.x_of(sequences)
            painter.setPen(QPen(QColor(self._appearance.theme.now), max(2, size / 3)))
            painter.drawLine(QPointF(x, y - half), QPointF(x, y + half))


def _ticks(low: float, high: float) -> Iterator[float]:
    """Yield 1, 2 and 5 times the powers of ten within limits; only the powers where those are many."""
    factors = _TICKS if high / low < 1000 else (1,)
    for power in range(math.floor(math.log10(low)), math.ceil(math.log10(high)) + 1):
        for factor in factors:
            if low <= factor * 10**power <= high:
                yield float(factor * 10**power)
