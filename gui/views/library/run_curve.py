"""The loss of one recorded run as a curve, read in the background and followed while the run is written."""

from __future__ import annotations

from functools import partial
from pathlib import Path

import numpy as np
from PySide6.QtCore import QSize
from PySide6.QtWidgets import QWidget

from engine.recording.about import RecordingError
from engine.recording.library import Run
from engine.text.numbers import brief
from gui.appearance.theme import Appearance
from gui.jobs.background import Background
from gui.plots.compare_curves import CompareCurves, Line, Picture, trivial_line
from gui.views.library.reading import Losses, curves_of, more, read_losses, read_more
from gui.widgets.labels import text_label
from gui.widgets.layouts import in_column

_HEIGHT = 190
_READING = "Reading the loss …"
_NO_LOSS = "No training step is recorded yet."


class RunCurve(QWidget):
    """Draws a run's loss with the trivial answer's, or says why there is none."""

    def __init__(self, appearance: Appearance) -> None:
        super().__init__()
        self._appearance = appearance
        self._files = Background("library curve", self)
        self._run: Run | None = None
        self._losses: Losses | None = None
        self.curves = CompareCurves(appearance, logarithmic=True)
        self.words = text_label("", "note", wrap=True, cut=True)
        self._said = ""
        self.curves.pointed.connect(self._on_pointed)
        in_column((self.curves, 1), self.words, inside=self, margins=0, spacing=appearance.px(4))

    def sizeHint(self) -> QSize:
        return QSize(0, self._appearance.with_text(_HEIGHT))

    def minimumSizeHint(self) -> QSize:
        return self.sizeHint()

    def show_run(self, run: Run | None) -> None:
        """Draw the loss of a run; of the one that is drawn, what has been written since."""
        before, self._run = self._run, run
        if run is None:
            self._losses = None
            return
        same = before is not None and before.path == run.path
        if same and before is not None and (before.changed, before.steps) == (run.changed, run.steps):
            return
        if not same or self._losses is None or self._losses.problem or run.steps < self._losses.history.count:
            self._losses = None  # another run, or this one goes on from an earlier step
        if not same:
            self._show(Picture("Loss", 1), _READING)
        work = partial(_read, run.path, self._losses)
        self._files.run(work, partial(self._on_read, run.path), _stays, RecordingError, "curve")

    def _on_read(self, path: Path, found: tuple[Losses, Picture]) -> None:
        if self._run is not None and path == self._run.path:
            self._losses, picture = found
            self._show(picture, _words(self._losses))

    def _show(self, picture: Picture, words: str) -> None:
        self.curves.show_picture(picture)
        self._said = words
        self.words.setText(words)

    def _on_pointed(self, step: int) -> None:
        """Say the loss under the cursor."""
        lines = self.curves.picture.lines
        steps = lines[0].curves.steps if lines else np.empty(0)
        if not step or not steps.size or step > steps[-1] + 1:
            self.words.setText(self._said)
            return
        value = float(lines[0].curves.median[int(np.abs(steps - step).argmin())])
        self.words.setText(f"Step {step:,}: {brief(value)}")


def _words(losses: Losses) -> str:
    """Return why there is no curve, or what it is."""
    if losses.problem or not losses.history.count:
        return losses.problem or _NO_LOSS
    name = losses.facts.loss_name.capitalize() if losses.facts is not None else "Loss"
    return f"{name}; band: range of neighbouring steps"


def _stays(_error: Exception) -> None:
    """Leave what was read of a run that has been removed since; the table learns of that by itself."""


def _read(path: Path, before: Losses | None) -> tuple[Losses, Picture]:
    """Return a run's losses and how they are drawn. For a background thread; raises RecordingError."""
    losses = read_losses(path) if before is None else more(before, read_more(path, before.history.count))
    facts, count = losses.facts, losses.history.count
    lines = []
    if count:
        curves = curves_of(losses)
        lines = [Line(brief(float(curves.median[-1])), curves, losses.ends)]
    return losses, Picture("Loss", max(1, count), lines, trivial_line(facts))
