"""Compares some runs of the library: their losses in one plot, and their gates at the same training step."""

from __future__ import annotations

from collections.abc import Sequence
from functools import partial
from pathlib import Path

import numpy as np
from PySide6.QtCore import QSignalBlocker, Qt, Signal
from PySide6.QtGui import QColor, QKeyEvent, QMouseEvent, QPainter, QPaintEvent, QPen, QResizeEvent
from PySide6.QtWidgets import QLabel, QSlider, QTabBar, QWidget

from engine.recording.about import RecordingError
from engine.recording.library import Run
from engine.runs.snapshot import Snapshot
from engine.settings.config import setting
from engine.text.numbers import brief
from gui.appearance.theme import Appearance
from gui.jobs.background import Background
from gui.plots.compare_curves import CompareCurves, Line, Picture, trivial_line
from gui.plots.compare_gates import Column, CompareGates
from gui.plots.compare_style import MOST_RUNS
from gui.views.library.reading import Losses, MoreLosses, curves_of, more, nearest, read_gates, read_losses, read_more
from gui.views.library.rows import differences, labels
from gui.widgets.buttons import Button
from gui.widgets.labels import called
from gui.widgets.layouts import in_column, in_row
from gui.widgets.own_keys import OwnKeys
from gui.widgets.spin_boxes import WholeBox

_ROOM_FOR_BOTH = 430
"""Height in which curves and gates stand below each other, in pixels at 1080 lines."""
_MOVES = (Qt.Key.Key_Home, Qt.Key.Key_End, Qt.Key.Key_PageUp, Qt.Key.Key_PageDown)
_ARROWS = (Qt.Key.Key_Left, Qt.Key.Key_Right, Qt.Key.Key_Up, Qt.Key.Key_Down)


class LossCurves(CompareCurves):
    """Losses of runs; a click chooses the step at which their gates are seen."""

    clicked = Signal(float)
    """A place on the axis."""

    def __init__(self, appearance: Appearance) -> None:
        super().__init__(appearance, logarithmic=True)
        self._chosen: list[float] = []
        self.setToolTip("Click to show the gates at that training step")

    def choose(self, places: list[float]) -> None:
        """Mark a place of the axis for each run; one line where all are the same."""
        if places != self._chosen:
            self._chosen = places
            self.update()

    def paintEvent(self, event: QPaintEvent) -> None:
        super().paintEvent(event)
        if not self.picture.lines:
            return
        theme, area, same = self._appearance.theme, self.area(), len(set(self._chosen)) == 1
        painter = QPainter(self)
        for number, place in enumerate(self._chosen[:1] if same else self._chosen):
            x = round(self.place(place, 1.0).x())
            painter.setPen(QPen(QColor(theme.ink) if same else theme.run(number), 1))
            if x <= area.right() + 1:
                painter.drawLine(x, round(area.top()), x, round(area.bottom()))
        painter.end()

    def mousePressEvent(self, event: QMouseEvent) -> None:
        area = self.area()
        if area.contains(event.position()) and self.picture.lines:
            share = (event.position().x() - area.left()) / area.width()
            self.clicked.emit(1 + share * (self.picture.steps - 1))


class RunGates(CompareGates):
    """Maps of recorded snapshots: each shows the run's own probe, for there is one run of each."""

    def __init__(self, appearance: Appearance) -> None:
        super().__init__(appearance)
        self.example.hide()

    def _on_choice(self) -> None:
        super()._on_choice()
        self._scale.setText(self._scale.text().removesuffix("first seed").rstrip())


class OverlayPage(QWidget):
    """Curves over each other, maps side by side, and one step for all."""

    closed = Signal()

    def __init__(self, files: Background, appearance: Appearance) -> None:
        super().__init__()
        self._files = files
        self._appearance = appearance
        self._runs: Sequence[Run] = ()
        self._names: list[str] = []
        self._losses: list[Losses] = []
        self._gates: list[Snapshot | str | None] = []
        self._moments: list[int] = []
        self._pointed = 0
        self._reading: frozenset[Path] = frozenset()
        self._wanted: int | None = None
        self._busy = False
        self._number = 0  # of the runs that are shown: what was asked for others is dropped
        self.back = Button("Back")
        self.back.setToolTip("Back to the table (Esc)")
        self.tabs = called("Curves or gates", QTabBar())
        self.slider = called("Training step, slider", QSlider(Qt.Orientation.Horizontal))
        for widget in (self, self.slider):
            OwnKeys(widget, lambda event: event.key() in _MOVES)
        self.step = called("Training step", WholeBox())
        self.curves, self.gates = LossCurves(appearance), RunGates(appearance)
        self.reading = QLabel()
        self._lay_out(appearance)
        self.back.clicked.connect(self.closed)
        self.tabs.currentChanged.connect(self._show_parts)
        self.slider.valueChanged.connect(self._on_slider)
        self.step.valueChanged.connect(self._on_step)
        self.curves.clicked.connect(self._on_clicked)
        self.curves.pointed.connect(self._on_pointed)
        self.gates.hovered.connect(self._on_hovered)

    def _lay_out(self, appearance: Appearance) -> None:
        px = appearance.px
        self.tabs.setObjectName("views")
        self.tabs.setDrawBase(False)
        self.tabs.setExpanding(False)
        self.tabs.setFocusPolicy(Qt.FocusPolicy.TabFocus)
        for words in ("Curves", "Gates"):
            self.tabs.addTab(words)
        self.slider.setFocusPolicy(Qt.FocusPolicy.StrongFocus)
        self.slider.setToolTip("The training step that all heatmaps show, through all snapshots of these runs")
        self.step.setPrefix("step ")
        self.step.setToolTip("Any training step; each run shows its nearest snapshot and says which")
        self.reading.setObjectName("note")
        self.reading.setMinimumWidth(10)
        row = in_row(self.back, self.tabs, (self.slider, 1), self.step, spacing=px(10))
        in_column(row, (self.curves, 5), self.reading, (self.gates, 4), inside=self, margins=0, spacing=px(8))

    def keyPressEvent(self, event: QKeyEvent) -> None:
        """Let the keys move the slider where it is not seen: a hall sees only its step."""
        if event.key() in _ARROWS or event.key() in _MOVES:
            self.slider.keyPressEvent(event)
        else:
            super().keyPressEvent(event)

    # What is shown

    def show_runs(self, runs: Sequence[Run]) -> None:
        """Show other runs, at most MOST_RUNS; they are read in the background."""
        self._number += 1
        self._runs = tuple(runs[:MOST_RUNS])
        self._names = labels(self._runs)
        self._losses, self._moments = [], []
        self._gates = [None] * len(self._runs)
        self._wanted, self._busy = None, False
        self.curves.show_picture(Picture("Reading the runs", 1))
        self._draw_gates()
        self.reading.setText("")
        paths = [run.path for run in self._runs]
        done = partial(self._on_losses, self._number)
        self._files.run(lambda: [read_losses(path) for path in paths], done)

    def follow(self) -> None:
        """Read what has come to runs that were still being written."""
        if not self._losses or self._reading:
            return
        wanted = {
            losses.path: losses.history.count
            for run, losses in zip(self._runs, self._losses, strict=True)
            if run.written and losses.about is not None
        }
        if not wanted:
            return
        self._reading = frozenset(wanted)

        def work() -> dict[Path, MoreLosses]:
            return {path: read_more(path, count) for path, count in wanted.items()}

        self._files.run(work, partial(self._on_more, self._number), self._on_no_more, RecordingError)

    def _on_losses(self, number: int, losses: list[Losses]) -> None:
        if number != self._number:
            return
        self._losses = losses
        self._gates = [found.problem or None for found in losses]
        self._update_moments()
        self._draw_curves()
        last = self._moments[-1] if self._moments else 0
        with QSignalBlocker(self.step):
            self.step.setValue(last)
        self._on_step(last)

    def _on_more(self, number: int, found: dict[Path, MoreLosses]) -> None:
        self._reading = frozenset()
        if number != self._number:
            return
        self._losses = [more(old, found[old.path]) if old.path in found else old for old in self._losses]
        at_end = self._moments and self.step.value() >= self._moments[-1]
        self._update_moments()
        self._draw_curves()
        if at_end:
            self.step.setValue(self._moments[-1])

    def _on_no_more(self, _error: Exception) -> None:
        self._reading = frozenset()  # it may have been removed; what was read of it stays

    def _update_moments(self) -> None:
        self._moments = sorted({moment for losses in self._losses for moment in losses.moments})
        made = max((losses.history.count for losses in self._losses), default=0)
        with QSignalBlocker(self.slider), QSignalBlocker(self.step):
            self.slider.setRange(0, max(0, len(self._moments) - 1))
            self.step.setRange(0, max([made, *self._moments]))
            self.slider.setValue(nearest(self._moments, self.step.value()))

    # The step

    def _on_slider(self, place: int) -> None:
        if place < len(self._moments):
            self.step.setValue(self._moments[place])

    def _on_clicked(self, place: float) -> None:
        if self._losses:
            self.step.setValue(round(place / self._each[0]))

    def _on_step(self, step: int) -> None:
        with QSignalBlocker(self.slider):
            self.slider.setValue(nearest(self._moments, step))
        self.curves.choose([float(step * counted) for counted in self._each])
        self._wanted = step
        self._read_gates()

    def _read_gates(self) -> None:
        """Read the snapshots of the step that was asked for last; one question at a time."""
        if self._busy or self._wanted is None or not self._losses:
            return
        step, self._wanted, self._busy = self._wanted, None, True
        wanted = []
        for losses, shown in zip(self._losses, self._gates, strict=True):
            there = losses.moments[nearest(losses.moments, step)] if losses.moments else -1
            same = isinstance(shown, Snapshot) and shown.step == there
            wanted.append(None if same or losses.problem else losses.path)

        def work() -> list[Snapshot | str | None]:
            return [read_gates(path, step) if path is not None else None for path in wanted]

        self._files.run(work, partial(self._on_gates, self._number))

    def _on_gates(self, number: int, found: list[Snapshot | str | None]) -> None:
        if number != self._number:
            return
        self._busy = False
        self._gates = [new if new is not None else old for old, new in zip(self._gates, found, strict=True)]
        self._draw_gates()
        self._read_gates()

    @property
    def resting(self) -> bool:
        """Whether all that was asked for is shown."""
        return not self._busy and self._wanted is None and (not self._runs or bool(self._losses))

    # Drawing

    @property
    def _each(self) -> list[int]:
        """What a step of each run counts on the axis: 1, or its batch where batches differ; 1 of an unreadable run."""
        sizes = [losses.about.config.batch_size if losses.about is not None else 0 for losses in self._losses]
        differ = len({size for size in sizes if size}) > 1
        return [size if size and differ else 1 for size in sizes]

    def _draw_curves(self) -> None:
        lines, each = [], self._each
        for name, losses, counted in zip(self._names, self._losses, each, strict=True):
            ends = [(step * counted, value) for step, value in losses.ends]
            lines.append(Line(name, curves_of(losses, counted), ends))
        counts = [losses.history.count * counted for losses, counted in zip(self._losses, each, strict=True)]
        facts = [losses.facts for losses in self._losses if losses.facts is not None]
        alike = len({(each.loss_name, trivial_line(each)) for each in facts}) == 1
        title = f"Loss: {facts[0].loss_name}" if alike else "Loss"
        trivial = trivial_line(facts[0]) if alike else None
        unit = "step" if set(each) <= {1} else "sequence"
        self.curves.show_picture(Picture(title, max([1, *counts]), lines, trivial, unit=unit))
        self._read()

    def _draw_gates(self) -> None:
        columns = []
        for name, run, gates in zip(self._names, self._runs, self._gates, strict=True):
            config = run.about.config if run.about is not None else None
            snapshot = gates if isinstance(gates, Snapshot) else None
            missing = gates if isinstance(gates, str) else "is being read"
            cell = config.made_cell if config is not None else None
            columns.append(Column(name, cell, snapshot, config.layers if config is not None else 1, missing))
        self.gates.show_columns(columns)

    def _on_pointed(self, step: int) -> None:
        self._pointed = step
        self._read()

    def _on_hovered(self, words: str) -> None:
        if words:
            self._say(words)
        else:
            self._read()

    def _read(self) -> None:
        """Say what the runs differ in, or their losses under the cursor."""
        if not self._losses:
            return
        if not self._pointed:
            self._say(self._difference_words())
            return
        parts = []
        for line in self.curves.picture.lines:
            steps = line.curves.steps
            if steps.size and self._pointed <= steps[-1] + 1:
                value = float(line.curves.median[int(np.abs(steps - self._pointed).argmin())])
                parts.append(f"{line.name} {brief(value)}")
        self._say(f"{self.curves.picture.unit.capitalize()} {self._pointed:,}: {', '.join(parts)}")

    def _difference_words(self) -> str:
        problems = [losses.problem for losses in self._losses if losses.problem]
        if problems:
            return problems[0]
        differing = differences(self._runs)
        words = f"{len(self._runs)} runs with the same settings"
        if differing:
            names = ", ".join(setting(name).label_inside for name in differing)
            words = f"{len(self._runs)} runs that differ in {names}"
        if "task" in differing:
            return f"{words}: their losses cannot be compared"
        return f"{words}; each band spans the lowest to the highest loss of neighbouring steps"

    def _say(self, words: str) -> None:
        self.reading.setText(words)
        self.reading.setToolTip(words)

    # Places

    def _show_parts(self) -> None:
        both = self.height() >= self._appearance.with_text(_ROOM_FOR_BOTH)
        self.tabs.setVisible(not both)
        self.curves.setVisible(both or self.tabs.currentIndex() == 0)
        self.gates.setVisible(both or self.tabs.currentIndex() == 1)

    def resizeEvent(self, event: QResizeEvent) -> None:
        super().resizeEvent(event)
        self._show_parts()
