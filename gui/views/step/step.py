"""The view Slow motion: one training step as forward pass, loss, backward pass and the change of each weight."""

from __future__ import annotations

from typing import ClassVar

import numpy as np
from PySide6.QtCore import Qt
from PySide6.QtGui import QKeySequence, QResizeEvent, QShortcut
from PySide6.QtWidgets import QStackedWidget, QWidget

from engine.document.document import DocumentError
from engine.runs.messages import Refusal, State, Update
from engine.runs.step_apart import StepApart
from engine.settings.config import ConfigError, check
from engine.tasks.base import TaskFacts
from gui.diagram.formula import FormulaPanel
from gui.diagram.formula_line import typeset_way
from gui.diagram.scene import CellScene
from gui.diagram.view import CellView
from gui.playback.walk import Leg, Walk
from gui.plots.numbers import Maps
from gui.views.base import Tools
from gui.views.step.answer import Prepared
from gui.views.step.drawing import show_cell, show_progress
from gui.views.step.loss_page import LossPage
from gui.views.step.phases import PhaseStrip
from gui.views.step.recorded import RecordedSteps
from gui.views.step.step_walk import Phase, phase_of, prepared_walk, previous_phase, seek_phase, start_of
from gui.views.step.weight_page import WeightPage
from gui.views.training_view import LabView
from gui.widgets.buttons import Button
from gui.widgets.choices import LayerBox
from gui.widgets.empty_place import EmptyPlace, Offer
from gui.widgets.labels import text_label
from gui.widgets.layouts import REST, in_column, in_row

_EMPTY = "Here one training step is seen in slow motion, on one example; training continues afterwards."
_WAITING = "The training step is being prepared …"
_NO_MEMORY = "There is not enough memory for slow motion; choose a smaller cell or a shorter sequence"
_NARROW = 900
"""Below this many pixels at 1080 lines there are fewer buttons, with shorter words."""
_MARGIN, _GAP = 14, 12
"""Pixels at 1080 lines at the ends of the line above, and between its parts."""


class SlowStepView(LabView):
    """Shows a step that was really made; Space walks through it, and after its last weight the run goes on."""

    has_timeline: ClassVar[bool] = True

    def __init__(self, tools: Tools) -> None:
        super().__init__(tools)
        self.apart: StepApart | None = None
        """The step that is shown, or is being made ready."""
        self.step: Prepared | None = None
        """What is walked through; None before the first."""
        self._facts: TaskFacts | None = None
        self._waiting = False
        self._of_run = False
        self._resumes = False  # whether the run rests for the walk alone, and goes on after it
        self._ended = False
        self._problem = ""
        self._walk = Walk(self)
        self._recorded = RecordedSteps(self)
        self._moment: int | None = None
        """The recorded moment whose step is shown, or is on its way; None for the newest."""
        self.scene = CellScene(tools.appearance, tools.typesetter)
        self.view = CellView(self.scene)
        self.formula = FormulaPanel(tools.typesetter, tools.appearance)
        self.loss, self.weights = LossPage(tools), WeightPage(tools)
        self.strip = PhaseStrip(tools.appearance)
        self.number, self.example, self.empty = text_label("", "strong"), text_label(), EmptyPlace(tools.appearance)
        self.layer = LayerBox("The layer whose operations are shown")
        self.take, self.go = Button(""), Button("Continue training")
        self.take.setToolTip("Make the next training step on one example and walk through it (Ctrl+Shift+E)")
        self.go.setToolTip("Continue the run from here; a finished run gets as many steps again")
        self._lay_out()
        self._connect()
        self._update()

    @property
    def walk(self) -> Walk:
        return self._walk

    @property
    def going_on(self) -> bool:
        """Whether the walk is at its end and training was told to go on."""
        return self._at_end and not self.stays

    @property
    def stays(self) -> bool:
        """Whether the run stays as it is after the walk: finished, or paused by somebody else than this view."""
        if not self._of_run or not self.training.active:
            return False
        state = self.training.run.state
        return state is State.FINISHED or (state is State.PAUSED and not self._resumes)

    @property
    def _at_end(self) -> bool:
        return self._ended and self._walk.position == self._walk.last

    def begin(self) -> None:
        """Have the next step taken apart; the run rests after it, and the walk begins when it is there."""
        if self._looks_back:
            if not self.training.named.asks(self.training.run.config, self.begin):
                self._take_recorded()
            return
        if not self.training.active:
            try:
                check(self.training.config)
            except ConfigError as error:
                self.message.emit(str(error))
                return
            if self.training.named.asks(self.training.config, self.begin):
                return
        self._problem = ""
        rests = self.training.active and self.training.run.state in (State.PAUSED, State.FINISHED)
        resumes = self._resumes or not rests  # whether the run would train on by itself
        self.training.take_apart()  # may begin a run, which is told before it returns
        self._waiting, self._resumes = True, resumes
        self._update()

    @property
    def _looks_back(self) -> bool:
        """Whether a recorded moment is looked at, or a recorded run, so that its step is made again."""
        recordings = self.tools.recordings
        return recordings is not None and (self.training.run.recorded is not None or not recordings.travel.live)

    def _take_recorded(self) -> None:
        recordings, run = self.tools.recordings, self.training.run
        if recordings is None or run.path is None:
            return
        step = recordings.travel.step
        self._problem, self._waiting = "", True
        self._recorded.ask(run.path, run.history.count if step is None else step)
        self._update()

    def _on_recorded(self, apart: StepApart) -> None:
        self._on_taken(apart)
        self._of_run = False  # made once more, beside the run

    def _on_recorded_missed(self, sentence: str) -> None:
        self._waiting, self._problem = False, sentence
        self.message.emit(sentence)
        self._update()

    def go_on(self) -> None:
        """Let the run train on; says why where it cannot."""
        if self._waiting:
            return
        state = self.training.run.state
        if self._looks_back:
            self.message.emit("This training step is past; use the timeline below to reach others or the newest")
            return
        if not self._of_run or not self.training.active:
            self.message.emit("The run of this training step has ended; Ctrl+Shift+E shows a step of the next run")
            return
        self._ended = True
        if state in (State.PAUSED, State.FINISHED):
            self.training.train_or_pause()
        self._update()

    def show_run(self) -> None:
        """The step that is shown stays until the next is taken, but this run is not its own."""
        self._waiting = self._of_run = self._resumes = False
        self._update()

    def show_news(self) -> None:
        moment = self.training.run.history.moment
        if moment != self._moment:  # the timeline stands elsewhere
            self._moment = moment
            unread = self.training.named.unread(self.training.run.config)
            if self._looks_back and self.apart is not None and not unread:
                self._take_recorded()
        self._update_header()

    def refresh(self) -> None:
        self.loss.refresh()
        self.weights.refresh()
        self._update()

    def resizeEvent(self, event: QResizeEvent) -> None:
        super().resizeEvent(event)
        self._use_room()

    # ---- a step comes, or does not

    def _on_updated(self, update: Update) -> None:
        """Hear of the run, also while the view is hidden."""
        if update.state is State.RUNNING and not self._waiting:
            self._resumes = False  # whoever pauses it from now on means it
        self._give_up_waiting()

    def _on_refused(self, refusal: Refusal) -> None:
        if refusal.what == "memory" and self._waiting:
            self._waiting = False
            self._update()

    def _give_up_waiting(self) -> None:
        """Wait no longer where the run has ended."""
        if self._waiting and not self.training.active and not self._recorded.busy:
            self._waiting = False
            self._update()

    def numbers_shown(self) -> Maps | None:
        apart = self.apart
        if apart is None:
            return None
        sets = {"before": apart.before, "gradient": apart.gradients, "after": apart.after}
        maps = {f"{name} {what}": np.atleast_2d(W) for what, of in sets.items() for name, W in of.items()}
        return Maps(sum(W.size for W in maps.values()), lambda: maps)

    def _on_taken(self, apart: StepApart) -> None:
        self.apart, self._facts = apart, self.training.run.facts
        self._waiting, self._of_run, self._ended = False, True, False
        if self.layer.count() != apart.layers:
            self.layer.offer(apart.layers, apart.layers - 1)  # the one that the loss reads
        self._prepare()

    def _prepare(self) -> None:
        """Make the chosen layer ready in the background; what was shown stays meanwhile."""
        apart, layer = self.apart, self.layer.currentIndex()
        if apart is None or layer < 0:
            return
        loss = self._facts.loss_name if self._facts is not None else ""
        self.tools.background.run(
            lambda: prepared_walk(apart, layer, loss),
            self._take,
            lambda error: self._refuse(apart, error),
            (DocumentError, MemoryError),
        )

    def _take(self, ready: tuple[Prepared, list[Leg]]) -> None:
        step, legs = ready
        if step.apart is not self.apart or step.layer != self.layer.currentIndex():
            return  # another was asked for since
        self._problem = ""
        self.formula.prepare(step.trace.cell)
        typeset_way(self.tools.typesetter, step.way)
        another_layer = self.step is not None and self.step.apart is step.apart
        self.step = step
        self._walk.take(legs, start_of(legs, phase_of(self._walk)) if another_layer else 0)

    def _refuse(self, apart: StepApart, error: Exception) -> None:
        if apart is not self.apart:
            return
        self._problem = f"Training step {apart.step:,} cannot be shown: {error}" if str(error) else _NO_MEMORY
        self.message.emit(self._problem)
        self.step = None
        self._walk.take(())

    # ---- showing it

    def _on_moved(self) -> None:
        if self._walk.position != self._walk.last:
            self._ended = False
        self._update()

    def _update(self) -> None:
        self._update_header()
        step, phase = self.step, phase_of(self._walk)
        if step is None or self._waiting:
            again = "Show a training step (Ctrl+Shift+E)"
            tip = "Make the next training step on one example and walk through it; a run begins if there is none"
            offers = () if self._waiting else (Offer(again, self.begin, tip),)
            self.empty.show_offers(_WAITING if self._waiting else self._problem or _EMPTY, *offers)
            self._show_page(self._nothing)
        elif phase is Phase.LOSS and self._facts is not None:
            self.loss.show_loss(step, self._facts)
            self._show_page(self.loss)
        elif phase is Phase.WEIGHTS and self._walk.stop is not None:
            self.weights.show_weight(step, step.weights[self._walk.stop])
            self._show_page(self.weights)
        else:
            self._show_page(self.view)
            show_cell(self.scene, self.formula, step, self._walk)

    def _on_progress(self) -> None:
        step, walk = self.step, self._walk
        if step is not None and self.isVisible() and self._pages.currentWidget() is self.view:
            show_progress(self.scene, self.formula, step, walk)

    def _show_page(self, page: QWidget) -> None:
        self._pages.setCurrentWidget(page)
        self.formula.setVisible(page is self.view)

    def _on_end(self) -> None:
        """Let the run go on after the walk, or leave it as it was before; without a step to walk through, take one."""
        if self.step is None:
            if not self._waiting:
                self.begin()
        elif self.stays and not self._waiting:
            self._ended = True
            self._update()
        else:
            self.go_on()

    def _update_header(self) -> None:
        self._give_up_waiting()
        apart = self.apart
        there = self.step is not None and not self._waiting
        phase = Phase.CONTINUES if self._at_end else phase_of(self._walk)
        stays = "Finished" if self.training.run.state is State.FINISHED else "Paused"
        self.strip.show_phase(phase if there else None, stays if self.stays else "Continues")
        words, made_on = "", ""
        if there and self.going_on and self.training.run.last is not None:
            words = f"Step {self.training.run.last.step:,}"
        elif there and apart is not None:
            words, made_on = f"Step {apart.step:,}", f"on example {apart.example:,}"
        for label, text in ((self.number, words), (self.example, made_on)):
            label.setText(text)
            label.setToolTip(f"This training step was made {made_on} of the task" if made_on else "")
        self.layer.setVisible(there and self.layer.count() > 1)
        self._show_example()
        self.take.setEnabled(not self._waiting)
        rests = self.training.active and self.training.run.state is not State.RUNNING
        self.go.setEnabled(not self._waiting and rests and self._of_run)

    # ---- its parts

    def _connect(self) -> None:
        self.training.taken_apart.connect(self._on_taken)
        self._recorded.taken.connect(self._on_recorded)
        self._recorded.failed.connect(self._on_recorded_missed)
        self.training.run.updated.connect(self._on_updated)
        self.training.refused.connect(self._on_refused)
        self._walk.moved.connect(self._on_moved)
        self._walk.progressed.connect(self._on_progress)
        self._walk.ended.connect(self._on_end)
        self.strip.clicked.connect(self._on_phase)
        self.layer.currentIndexChanged.connect(lambda _index: self._prepare())
        self.take.clicked.connect(self.begin)
        self.go.clicked.connect(self.go_on)
        here = Qt.ShortcutContext.WidgetWithChildrenShortcut
        QShortcut(QKeySequence("Ctrl+Right"), self, lambda: self._on_phase(phase_of(self._walk) + 1), context=here)
        QShortcut(QKeySequence("Ctrl+Left"), self, lambda: previous_phase(self._walk), context=here)

    def _on_phase(self, number: int) -> None:
        phase = Phase(number)
        if phase is Phase.CONTINUES and self.step is not None:
            self._walk.seek(self._walk.last)
            self._on_end()
        else:
            seek_phase(self._walk, phase)

    def _show_example(self) -> None:
        """Name the example where there is room for it; the tooltip of the step's number and the loss page do, too."""
        others = [part for part in (self.number, self.strip, self.layer, self.take, self.go) if not part.isHidden()]
        needed = sum(part.sizeHint().width() + self.px(_GAP) for part in (*others, self.example))
        self.example.setVisible(self.width() >= needed + 2 * self.px(_MARGIN))

    def _lay_out(self) -> None:
        px = self.tools.appearance.px
        parts = self.number, self.example, self.strip, REST, self.layer, self.take, self.go
        row = in_row(*parts, margins=(px(_MARGIN), px(6), px(_MARGIN), px(2)), spacing=px(_GAP))
        self.view.setMinimumSize(px(200), px(120))
        self._pages, self._nothing = QStackedWidget(), QWidget()
        in_column(self.empty, inside=self._nothing, margins=(px(14), px(6), px(14), px(8)))  # its frame is no card's
        for page in (self._nothing, self.view, self.loss, self.weights):
            self._pages.addWidget(page)
        in_column(row, (self._pages, 1), self.formula, inside=self, margins=0, spacing=0)
        self.formula.hide()

    def restyle(self) -> None:
        self._use_room()
        for page in (self.loss, self.weights):
            page.restyle()

    def _use_room(self) -> None:
        """Use fewer words where there is little room."""
        narrow = self.width() < self.px(_NARROW)
        self.take.setText("Next step" if narrow else "Show the next step")
        self.go.setVisible(not narrow)  # the last word of the strip does the same, and Ctrl+T
        self._show_example()
