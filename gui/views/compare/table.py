"""The results of a comparison in numbers, a line for each configuration."""

from __future__ import annotations

import math

from PySide6.QtCore import Qt
from PySide6.QtWidgets import QGridLayout, QLabel, QWidget

from engine.comparison.results import ComparisonResults
from engine.comparison.verdicts import front_outlook, verdict_line
from engine.formats.numbers_file import Table, csv_text
from engine.runs.verdict.judging import Verdict
from engine.text import numbers
from engine.text.numbers import brief, share
from gui.appearance.rich_text import RichLabel
from gui.appearance.theme import Appearance
from gui.plots.compare_style import LineSample, in_its_colour, rich_name
from gui.runs.verdict_sign import VerdictSign
from gui.widgets.labels import text_label
from gui.widgets.layouts import discard

_COLUMNS = ("", "last loss", "measure", "steps/s", "seconds", "weights", "verdict")
_NAME, _LOSS, _MEASURE, _RATE, _SECONDS, _WEIGHTS, _NOTE = range(len(_COLUMNS))
_LINE, _SIGN = len(_COLUMNS), len(_COLUMNS) + 1
"""Beside the numbers: a piece of the configuration's line, and the sign of its verdict."""
_PLACES = (1, 2, 3, 4, 5, 6, 8, 0, 7)
"""Where each of them stands in the grid."""


class ResultsTable(QWidget):
    """Loss, measure, speed and size of each configuration."""

    def __init__(self, appearance: Appearance) -> None:
        super().__init__()
        self._appearance = appearance
        self._grid = QGridLayout(self)
        self._grid.setContentsMargins(0, 0, 0, 0)
        self._grid.setHorizontalSpacing(appearance.px(22))
        self._grid.setVerticalSpacing(appearance.px(2))
        self._grid.setColumnStretch(_PLACES[_NOTE], 1)
        self._heads: list[QLabel] = []
        self._names: tuple[str, ...] = ()
        self._lines: list[LineSample] = []
        self.signs: list[VerdictSign] = []
        self.cells: list[list[QLabel]] = []

    def show_names(self, names: tuple[str, ...]) -> None:
        """Begin with these configurations, of which nothing is known yet."""
        discard(*self._heads, *(label for line in self.cells for label in line), *self._lines, *self.signs)
        self.cells, self._names = [], names
        self._heads = [text_label(words, "note") for words in _COLUMNS]
        for place, head in zip(_PLACES, self._heads, strict=False):
            self._grid.addWidget(head, 0, place)
        self._lines = [LineSample(self._appearance, place) for place in range(len(names))]
        self.signs = [VerdictSign(self._appearance) for _ in names]
        for place in range(len(names)):
            numbers_of = (QLabel() for _ in range(_NAME + 1, _NOTE))
            line = [RichLabel(), *numbers_of, text_label("", "note", wrap=True, cut=True)]
            for column, widget in enumerate([*line, self._lines[place], self.signs[place]]):
                self._grid.addWidget(widget, place + 1, _PLACES[column], Qt.AlignmentFlag.AlignVCenter)
            self.signs[place].hide()
            self.cells.append(line)
        self.apply_theme()

    def tables(self) -> list[Table]:
        """Return what stands in it; nothing before there are results."""
        heads = ["configuration", *(head.text() for head in self._heads[1:])]
        lines = [
            [name, *(label.text() for label in line[1:])] for name, line in zip(self._names, self.cells, strict=True)
        ]
        there = any(text for line in lines for text in line[1:])
        return [Table("Results", lambda: csv_text(heads, lines))] if there else []

    def apply_theme(self) -> None:
        """Take the theme's colours."""
        for place, (name, line) in enumerate(zip(self._names, self.cells, strict=True)):
            line[_NAME].setText(in_its_colour(self._appearance.theme, place, rich_name(name)))

    def show_results(self, results: ComparisonResults) -> None:
        """Write what is known now."""
        facts = results.facts
        if facts is not None:
            unit = f", {facts.measure_unit}" if facts.measure_unit else ""
            _write(self._heads[_MEASURE], f"{facts.measure_name}{unit}")
        for config, line in enumerate(self.cells):
            self._show_config(results, config, line)

    def _show_config(self, results: ComparisonResults, config: int, line: list[QLabel]) -> None:
        for column, metric in ((_LOSS, "loss"), (_MEASURE, "measure")):
            value, last = results.final(config, metric)
            is_share = metric == "measure" and results.facts is not None and results.facts.measure_is_share
            _write(line[column], "" if math.isnan(value) else share(value) if is_share else brief(value))
            seeds = f", median of {results.comparison.seeds} seeds" if results.comparison.seeds > 1 else ""
            exactly = f"{numbers.exact(value)}: mean of the last {last:,} steps{seeds}"
            line[column].setToolTip("" if math.isnan(value) else exactly)
        rate = results.steps_per_second(config)
        _write(line[_RATE], "" if math.isnan(rate) else f"{rate:,.0f}" if rate >= 10 else brief(round(rate, 1) or rate))
        _write(line[_SECONDS], f"{results.seconds[config]:,.1f}" if config in results.seconds else "")
        _write(line[_WEIGHTS], f"{results.weights[config]:,}" if config in results.weights else "")
        line[_SECONDS].setToolTip("Time spent training this configuration, over all seeds")
        line[_WEIGHTS].setToolTip("Weights and biases of all layers and of the readout")
        if config in results.problems:  # all the room that numbers would take
            self._grid.addWidget(line[_NOTE], config + 1, _PLACES[_LOSS], 1, _PLACES[_NOTE] - _PLACES[_LOSS] + 1)
        verdicts = [] if config in results.problems else results.verdicts_of(config)
        self.signs[config].setVisible(bool(verdicts))
        self.signs[config].show_outlook(front_outlook(verdicts))
        _write(line[_NOTE], note_of(results, config))
        line[_NOTE].setToolTip("\n".join(_verdict_words(number, one) for number, one in enumerate(verdicts, 1)))


def note_of(results: ComparisonResults, config: int) -> str:
    """Return what is to be said about a configuration: why it was refused, or the verdict on its runs."""
    if config in results.problems:
        return results.problems[config]
    return verdict_line(results.verdicts_of(config), results.comparison.seeds)


def _verdict_words(number: int, verdict: Verdict) -> str:
    return f"Seed {number}: {verdict.sentence}. {verdict.reason}".strip()


def _write(label: QLabel, words: str) -> None:
    if label.text() != words:  # each change lays the table out anew
        label.setText(words)
