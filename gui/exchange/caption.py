"""The words below a film's picture: the operation in formula and numbers, or one sentence, for the last row."""

from __future__ import annotations

from PySide6.QtWidgets import QWidget

from engine.explain.notes import note_of
from engine.settings.words import title_of
from engine.text import numbers
from gui.commands.views import VIEWS
from gui.diagram.formula import FormulaPanel
from gui.playback.walk import Walk
from gui.runs.controller import TrainingController
from gui.views.base import Tools, View
from gui.views.step.step import SlowStepView
from gui.views.step.step_walk import Phase, phase_of
from gui.widgets.labels import NameLabel
from gui.widgets.layouts import in_column

_WITH_FORMULA = ("diagram",)
_PHASES = {
    Phase.FORWARD: "Forward pass: the network reads one example",
    Phase.LOSS: "Loss: how far the prediction is from the target",
    Phase.BACKWARD: "Backward pass: the gradient travels back through time",
    Phase.WEIGHTS: "Update: every weight changes a little",
}
_IN_TIME = (Phase.FORWARD, Phase.BACKWARD)
"""The phases that go through the time steps."""


class Caption(QWidget):
    """Says what the picture above shows."""

    def __init__(self, tools: Tools, view: View, name: str) -> None:
        super().__init__()
        self._tools, self._view, self._name = tools, view, name
        self.formula: FormulaPanel | None = None
        """Of the operation, below the diagram of a document."""
        self.line = NameLabel("title")
        """One sentence, below everything else."""
        px = tools.appearance.px
        if name in _WITH_FORMULA and not tools.model.visiting:
            self.formula = FormulaPanel(tools.typesetter, tools.appearance)
            self.line.setParent(self)
            self.line.hide()
            in_column(self.formula, inside=self, margins=0)
        else:
            in_column(self.line, inside=self, margins=(px(24), px(8), px(24), px(16)))
        for walk in (tools.playback, view.walk):
            walk.moved.connect(self.refresh)
            walk.renewed.connect(self.refresh)
            walk.progressed.connect(self._on_progressed)
        if tools.training is not None:
            tools.training.run.moment_changed.connect(self.refresh)
        self.refresh()

    def refresh(self) -> None:
        """Say what is shown now."""
        if self.formula is not None:
            self._show_formula(self.formula)
        else:
            self.line.show_name(self.sentence)

    @property
    def sentence(self) -> str:
        """What is shown, in one sentence."""
        training, view = self._tools.training, self._view
        if isinstance(view, SlowStepView):
            return sentence_of_phase(view)
        if training is not None and training.run.last is not None:
            return sentence_of_step(training)
        return sentence_of_stop(view.walk, VIEWS[self._name].title)

    def _on_progressed(self) -> None:
        if self.formula is not None:
            self.formula.show_progress(self._tools.playback.progress)

    def _show_formula(self, formula: FormulaPanel) -> None:
        trace, playback, model = self._tools.model.latest_trace, self._tools.playback, self._tools.model
        if trace is None:
            return
        operation = playback.operation
        formula.show_progress(playback.progress)
        formula.show_operation(trace, playback.moment.t, operation.name if operation else None)
        notes = model.document.notes
        formula.show_note(note_of(trace.cell, operation.name, notes) if operation else "")


def sentence_of_step(training: TrainingController) -> str:
    """Return which training step of a run is shown, and its loss, in words."""
    run = training.run
    count = run.history.count
    step = run.history.shown.step if run.history.shown is not None else count
    words = [title_of(run.config, run.facts.title if run.facts is not None else "")]
    words.append(f"training step {step:,} of {count:,}" if step else "before the first training step")
    if step:
        _, (loss,) = run.history.averaged(["loss"], step, step, 1)
        words.append(f"loss {numbers.short(float(loss[-1]))}")
    return " · ".join(words)


def sentence_of_phase(view: SlowStepView) -> str:
    """Return which part of a training step is shown, and what happens in it."""
    if view.step is None:
        return ""
    phase = phase_of(view.walk)
    when = f" · t = {view.walk.t + 1:,} of {view.walk.steps:,}" if phase in _IN_TIME else ""
    return f"{_PHASES[phase]}{when}"


def sentence_of_stop(walk: Walk, title: str) -> str:
    """Return where a walk stands, in words: "Unrolled · t = 2 of 4 · Forget: f_t = σ(z_f)"."""
    words = [title]
    if walk.steps > 1:
        words.append(f"t = {walk.t + 1:,} of {walk.steps:,}")
    if walk.stop is not None and not walk.by_legs and walk.leg.stops:
        stop = walk.leg.stops[walk.stop]
        words.append(f"{stop.phase}: {stop.text}" if stop.phase else stop.text)
    return " · ".join(words)
