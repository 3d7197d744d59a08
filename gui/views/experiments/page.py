"""One experiment on the screen: its purpose, the main figure, a dot for each seed, a table, and the sources."""

from __future__ import annotations

import html
import math
import re
from collections.abc import Sequence
from dataclasses import replace

from PySide6.QtCore import QRectF, QSize, Qt
from PySide6.QtGui import QColor, QFontMetricsF, QPainter, QPaintEvent
from PySide6.QtWidgets import QFrame, QGridLayout, QLabel, QScrollArea, QSizePolicy, QWidget

from engine.experiments.comparison import NOTHING, Headline, headline, rows
from engine.experiments.experiment import Experiment
from engine.experiments.report import setting_words
from engine.experiments.results import Job
from engine.formats import numbers_file
from gui.appearance.rich_text import RichLabel
from gui.appearance.text_size import FIGURE, LEAD
from gui.appearance.theme import Appearance, font
from gui.views.experiments.runner import ByArm
from gui.views.experiments.seed_dots import SeedDots
from gui.widgets.layouts import REST, discard, in_column

_NOT_RUN = "not run yet"
_DASH = "  –  "
_UNIT = " sequences"


class Figures(QWidget):
    """Our figure beside the paper's, as large as the room allows; one for each setting, side by side."""

    def __init__(self, appearance: Appearance) -> None:
        super().__init__()
        self._appearance = appearance
        self.shown: tuple[tuple[str, Headline], ...] = ()
        self.setSizePolicy(QSizePolicy.Policy.Ignored, QSizePolicy.Policy.Fixed)

    def show_figures(self, shown: Sequence[tuple[str, Headline]]) -> None:
        """Show the name of each setting, "" for none, and its figure."""
        if tuple(shown) != self.shown:
            self.shown = tuple(shown)
            self.setAccessibleName("; ".join(f"{name} {''.join(_parts(line))}".strip() for name, line in shown))
            self.updateGeometry()
            self.update()

    def sizeHint(self) -> QSize:
        appearance = self._appearance
        return QSize(appearance.with_text(200), round(1.3 * appearance.text(FIGURE)) + self._name_height())

    def minimumSizeHint(self) -> QSize:
        return QSize(0, self.sizeHint().height())

    def _name_height(self) -> int:
        return round(1.5 * self._appearance.text(LEAD)) if any(name for name, _ in self.shown) else 0

    def paintEvent(self, event: QPaintEvent) -> None:
        if not self.shown:
            return
        painter = QPainter(self)
        theme = self._appearance.theme
        gap, above = self._appearance.with_text(20), self._name_height()
        room = (self.width() - gap * (len(self.shown) - 1)) / len(self.shown)
        pixels = min(self._fitting(line, room) for _, line in self.shown)
        left = Qt.AlignmentFlag.AlignLeft | Qt.AlignmentFlag.AlignVCenter
        for place, (name, line) in enumerate(self.shown):
            x = place * (room + gap)
            painter.setPen(QColor(theme.muted))
            painter.setFont(font(self._appearance.text(LEAD), bold=True))
            painter.drawText(QRectF(x, 0, room, above), left, name)
            painter.setFont(font(pixels, bold=True))
            ours, dash, paper = _parts(line)
            colours = (theme.run(0) if line.ours else QColor(theme.muted), QColor(theme.muted), theme.role("x"))
            for text, colour in zip((ours, dash, paper), colours, strict=True):
                painter.setPen(colour)
                width = QFontMetricsF(painter.font()).horizontalAdvance(text)
                painter.drawText(QRectF(x, above, width + 2, self.height() - above), left, text)
                x += width
        painter.end()

    def _fitting(self, line: Headline, room: float) -> float:
        pixels = float(self._appearance.text(FIGURE))
        width = QFontMetricsF(font(pixels, bold=True)).horizontalAdvance("".join(_parts(line)))
        return min(pixels, math.floor(pixels * (room - 2) / width))


def _figures(experiment: Experiment, results: ByArm) -> list[tuple[str, Headline]]:
    """Return a figure for each setting; several go without their unit, so that the numbers can be large."""
    lines = [(arm.name, headline(experiment, results.get(arm.name, ()))) for arm in experiment.arms]
    if len(lines) == 1:
        return lines
    return [(name, replace(line, ours=line.ours.removesuffix(_UNIT))) for name, line in lines]


def _parts(line: Headline) -> tuple[str, str, str]:
    return line.ours or _NOT_RUN, _DASH if line.paper else "", line.paper


class Table(QWidget):
    """The rows of the comparison: the paper's figures and ours."""

    def __init__(self, appearance: Appearance) -> None:
        super().__init__()
        self._grid = QGridLayout(self)
        self._grid.setContentsMargins(0, 0, 0, 0)
        self._grid.setHorizontalSpacing(appearance.px(24))
        self._grid.setVerticalSpacing(appearance.px(4))
        self._labels: dict[tuple[int, int], QLabel] = {}
        self._papers = 1
        """How many columns are the paper's: none where it has no figure."""

    def show_rows(self, experiment: Experiment, results: ByArm) -> None:
        """Show an experiment's figures."""
        heads = [arm.name or "here" for arm in experiment.arms]
        compared = rows(experiment, results)
        self._papers = 1 if any(row.published != NOTHING for row in compared) else 0
        lines = [("", *["the paper"][: self._papers], *heads)]
        lines += [(row.label, *[row.published][: self._papers], *row.ours) for row in compared]
        for place in [key for key in self._labels if key[0] >= len(lines) or key[1] >= len(lines[0])]:
            discard(self._labels.pop(place))
        for line, cells in enumerate(lines):
            for column, text in enumerate(cells):
                self._label(line, column).setText(text)
        for column in range(self._grid.columnCount()):
            # Two columns stand close together, and one of an experiment before takes no room.
            last = len(heads) == 1 and column == self._papers + 1
            self._grid.setColumnStretch(column, 0 if not 0 < column < len(lines[0]) else 2 if last else 1)

    def tables(self) -> list[numbers_file.Table]:
        """Return the paper's figures and ours."""
        heads, *lines = self.texts() or [[]]
        return [numbers_file.Table("Figures", lambda: numbers_file.csv_text(heads, lines))] if lines else []

    def texts(self) -> list[list[str]]:
        """Return what stands in each line."""
        lines = 1 + max((line for line, _ in self._labels), default=-1)
        columns = 1 + max((column for _, column in self._labels), default=-1)
        return [[self._labels[line, column].text() for column in range(columns)] for line in range(lines)]

    def _label(self, line: int, column: int) -> QLabel:
        if (line, column) not in self._labels:
            label = QLabel(wordWrap=column > 0 and line > 0)
            self._labels[line, column] = label
            self._grid.addWidget(label, line, column, Qt.AlignmentFlag.AlignTop)
        label = self._labels[line, column]
        kind = "muted" if line == 0 or column == 0 else "ours" if column > self._papers else "theirs"
        if label.objectName() != kind:
            label.setObjectName(kind)
            label.style().polish(label)  # the style sheet goes by this name
        return label


class ExperimentPage(QScrollArea):
    """Everything there is to see of one experiment, from its purpose down to what differs."""

    def __init__(self, first: Experiment, appearance: Appearance) -> None:
        super().__init__()
        self._experiment: Experiment | None = None
        self.setFrameShape(QFrame.Shape.NoFrame)
        self.setWidgetResizable(True)
        self.setHorizontalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOff)
        self.setFocusPolicy(Qt.FocusPolicy.TabFocus)
        self.setAccessibleName("The experiment that is chosen")
        self.title, self.purpose, self.words = QLabel(), QLabel(), RichLabel()
        self.title.setObjectName("title")
        self.words.setTextInteractionFlags(Qt.TextInteractionFlag.TextSelectableByMouse)
        self.figures = Figures(appearance)
        self.dots = SeedDots(first, appearance)
        self.table = Table(appearance)
        inside = QWidget()
        for label in (self.title, self.purpose, self.words):
            label.setWordWrap(True)
        in_column(
            self.title,
            self.purpose,
            self.figures,
            self.dots,
            self.table,
            self.words,
            REST,
            inside=inside,
            margins=(0, 0, appearance.px(10), 0),
            spacing=appearance.px(8),
        )
        self.setWidget(inside)

    def show_experiment(self, experiment: Experiment, results: ByArm, now: tuple[Job, int] | None) -> None:
        """Show an experiment and its results; now: the job of the present run, and its sequences so far."""
        if experiment is not self._experiment:
            self._experiment = experiment
            self.title.setText(experiment.title)
            self.purpose.setText(experiment.purpose)
            self.words.setText(_words(experiment))
            self.verticalScrollBar().setValue(0)
        self.figures.show_figures(_figures(experiment, results))
        self.dots.show_results(experiment, results, now)
        self.table.show_rows(experiment, results)


def _words(experiment: Experiment) -> str:
    """Return in rich text where the figures come from, when a seed is solved, and what differs."""
    published, several = experiment.published, len(experiment.arms) > 1
    parts = [
        ("The paper", f"{published.words}. {published.source}"),
        ("Solved when", experiment.criterion),
        ("Limit", f"a seed that needs more than {experiment.bound:,} sequences counts as not solved"),
    ]
    for arm in experiment.arms:
        parts.append((f"Setting, {arm.name}" if several else "Setting here", setting_words(arm.config)))
    lines = [f"<p><b>{html.escape(head)}:</b> {_rich(text)}</p>" for head, text in parts]
    differs = "".join(f"<li>{_rich(difference)}</li>" for difference in experiment.differences)
    return "".join(lines) + f"<p><b>What differs from the paper:</b></p><ul>{differs}</ul>"


def _rich(text: str) -> str:
    """Return a sentence as rich text, with symbols such as b_f written as in a formula."""
    return re.sub(r"\b([a-zA-Z])_([a-z])\b", r"<i>\1<sub>\2</sub></i>", html.escape(text))
