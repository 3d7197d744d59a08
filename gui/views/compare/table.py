"""The results of a comparison in numbers, a line for each configuration."""

from __future__ import annotations

import math

from PySide6.QtWidgets import QGridLayout, QLabel, QWidget

from engine.comparison.results import ComparisonResults
from engine.text import numbers
from engine.text.numbers import brief
from gui.appearance.rich_text import RichLabel
from gui.appearance.theme import Appearance
from gui.plots.compare_style import in_its_colour, rich_name
from gui.widgets.labels import text_label
from gui.widgets.layouts import discard

_COLUMNS = ("", "last loss", "measure", "steps/s", "seconds", "weights", "")
_NAME, _LOSS, _MEASURE, _RATE, _SECONDS, _WEIGHTS, _NOTE = range(len(_COLUMNS))


class ResultsTable(QWidget):
    """Loss, measure, speed and size of each configuration."""

    def __init__(self, appearance: Appearance) -> None:
        super().__init__()
        self._appearance = appearance
        self._grid = QGridLayout(self)
        self._grid.setContentsMargins(0, 0, 0, 0)
        self._grid.setHorizontalSpacing(appearance.px(22))
        self._grid.setVerticalSpacing(appearance.px(2))
        self._grid.setColumnStretch(_NOTE, 1)
        self._heads: list[QLabel] = []
        self._names: tuple[str, ...] = ()
        self.cells: list[list[QLabel]] = []

    def show_names(self, names: tuple[str, ...]) -> None:
        """Begin with these configurations, of which nothing is known yet."""
        discard(*self._heads, *(label for line in self.cells for label in line))
        self.cells, self._names = [], names
        self._heads = [text_label(words, "note") for words in _COLUMNS]
        for column, head in enumerate(self._heads):
            self._grid.addWidget(head, 0, column)
        for place in range(len(names)):
            numbers_of = (QLabel() for _ in range(_NAME + 1, _NOTE))
            line = [RichLabel(), *numbers_of, text_label("", "note", wrap=True, cut=True)]
            for column, label in enumerate(line):
                self._grid.addWidget(label, place + 1, column)
            self.cells.append(line)
        self.apply_theme()

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
            _write(line[column], "" if math.isnan(value) else brief(value))
            seeds = f", median of {results.comparison.seeds} seeds" if results.comparison.seeds > 1 else ""
            line[column].setToolTip(f"{numbers.exact(value)}: mean of the last {last} steps{seeds}" if value else "")
        rate = results.steps_per_second(config)
        _write(line[_RATE], "" if math.isnan(rate) else f"{rate:,.0f}" if rate >= 10 else brief(round(rate, 1) or rate))
        _write(line[_SECONDS], f"{results.seconds[config]:.1f}" if config in results.seconds else "")
        _write(line[_WEIGHTS], f"{results.weights[config]:,}" if config in results.weights else "")
        line[_SECONDS].setToolTip("Time spent training this configuration, over all seeds")
        line[_WEIGHTS].setToolTip("Weights and biases of all layers and of the readout")
        if config in results.problems:  # all the room that numbers would take
            self._grid.addWidget(line[_NOTE], config + 1, _LOSS, 1, _NOTE)
        _write(line[_NOTE], note_of(results, config))


def note_of(results: ComparisonResults, config: int) -> str:
    """Return what is to be said about a configuration: why it was refused, or where it diverged."""
    if config in results.problems:
        return results.problems[config]
    ends = results.ends(config)
    if not ends:
        return ""
    seeds = results.comparison.seeds
    which = f" with {len(ends)} of {seeds} seeds, first" if seeds > 1 else ""
    return f"diverged{which} at step {min(step for step, _ in ends):,}"


def _write(label: QLabel, words: str) -> None:
    if label.text() != words:  # each change lays the table out anew
        label.setText(words)
