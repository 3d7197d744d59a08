"""The view Task: one example of the task; the probe sequence is chosen, typed or drawn here."""

from __future__ import annotations

import html
from functools import partial

import numpy as np
from numpy.typing import NDArray
from PySide6.QtCore import QSignalBlocker, Qt, QTimer
from PySide6.QtGui import QHideEvent, QKeyEvent, QResizeEvent, QShowEvent
from PySide6.QtWidgets import QComboBox, QLabel, QLineEdit, QSizePolicy

from engine.runs.snapshot import Snapshot
from engine.setting import Section
from engine.settings.config import ConfigError, TrainingConfig, check, settings
from engine.tables.answers import DataError
from engine.tasks import Task, create_task
from engine.tasks.example import Example, example_of, how_to_type, typed_inputs
from engine.tasks.own import CHILD_DIED, is_own, tell_own_examples
from gui.appearance.rich_text import RichLabel
from gui.appearance.text_size import TEXT
from gui.jobs.background import Background
from gui.views.base import Tools
from gui.views.hall import only_at_desk
from gui.views.task.answer import answer_of, how_far_off, why_alone
from gui.views.task.example import ExamplePicture
from gui.views.training_view import LabView
from gui.widgets.buttons import Button, CheckBox
from gui.widgets.labels import called, text_label
from gui.widgets.layouts import in_column, in_row
from gui.widgets.own_keys import LendsUndo, OwnKeys
from gui.widgets.spin_boxes import WholeBox

LAST_EXAMPLE = 999
_POLL_MS = 250  # how soon another task of the settings is noticed
_WORDS_MS = 200  # numbers that change more often cannot be read
_READING = "The task is being read …"
_LOW = 24
"""Letters from top to bottom below which the picture needs the room of the words about the task."""
_RETURN = (Qt.Key.Key_Return, Qt.Key.Key_Enter)
_SMALL_WIDTH = 800
"""Below this many pixels the facts are a few lines, and the picture has their room."""


def data_settings(config: TrainingConfig) -> TrainingConfig:
    """Return the config with what decides no example at its default; the sizes may matter to an own task, too."""
    sections = (Section.LEARNT, Section.NETWORK) if is_own(config.task) else ()
    matter = (s.name for s in settings() if s.data or s.name == "seed" or (s.section in sections and not s.live))
    return TrainingConfig(**{name: getattr(config, name) for name in matter})


class TaskView(LabView):
    """Shows an example of the chosen task as a learner must understand it; works before any run.

    What is typed or drawn is tested only when it is used as the probe; training learns from none of it.
    """

    def __init__(self, tools: Tools) -> None:
        super().__init__(tools)
        self._config: TrainingConfig | None = None
        self._example_config: TrainingConfig | None = None  # what the shown example was made for
        self._task: Task | None = None
        self.example: Example | None = None
        """What is shown; None while it is being made or where the task cannot be used."""
        self._problem = ""
        self._background = Background("examples", self)
        self.while_shown(_POLL_MS, self.refresh)
        self.title, self.about = text_label("", "title", cut=True), text_label(wrap=True, cut=True)
        self.facts, self.empty = RichLabel(look="small", wrap=True), text_label(_READING, wrap=True, cut=True)
        self.number = called("Example", WholeBox())
        self.number.setRange(0, LAST_EXAMPLE)
        self.number.setSpecialValueText("0, the probe")
        self.number.setToolTip("Which example is shown; 0 is the probe sequence unless you choose another")
        self.previous, self.next = called("Previous example", Button("‹")), called("Next example", Button("›"))
        self.previous.setToolTip("The previous example (Left)")
        self.next.setToolTip("The next example (Right)")
        self.picture = called("Picture of the example", ExamplePicture(tools.appearance))
        self.standing = text_label("", "strong", wrap=True, cut=True)
        """How far the network's prediction is from the target, or why there is none."""
        self.offer = Button("")
        """What brings a prediction."""
        self.offer.hide()
        self._offered = ""
        self._answered: Snapshot | None = None
        self._words_due = False
        self._said = QTimer(self, singleShot=True, interval=_WORDS_MS)
        self._said.timeout.connect(self._on_said)
        self.field = called("Sequence to type", QLineEdit())
        LendsUndo(self.field)
        OwnKeys(self.field, lambda event: event.key() in _RETURN)  # it ends the typing, and plays nothing
        self.draw = CheckBox("Draw")
        self.draw.setToolTip("Draw the values of an input with the mouse")
        self.input = called("Input to draw", QComboBox())
        self.input.setToolTip("Which input the mouse draws")
        only_at_desk(self.input)  # it would be a word alone, without what draws
        self.use = Button("Use as probe")
        self.use.setToolTip("Show in all heatmaps what the network does with this sequence; training does not change")
        self._lay_out()
        self.number.valueChanged.connect(lambda _number: self._ask())
        self.previous.clicked.connect(lambda: self.step(-1))
        self.next.clicked.connect(lambda: self.step(1))
        self.field.returnPressed.connect(self._on_typed)
        self.draw.toggled.connect(lambda _on: self._update_drawing())
        self.input.currentIndexChanged.connect(lambda _index: self._update_drawing())
        self.use.clicked.connect(self.use_as_probe)
        self.offer.clicked.connect(self._on_offer)
        self.picture.hovered.connect(self.message)
        self.picture.drawn.connect(self._on_drawn)

    def step(self, by: int) -> None:
        """Show another example, so many further."""
        self.field.setModified(False)
        if self.example is not None and self.example.number is None:
            self._ask()  # back from what was typed to the example that it began with
        else:
            self.number.setValue(self.number.value() + by)

    def show_news(self) -> None:
        """Draw what the network predicts now; numbers follow at most five times a second."""
        if self.example is not None and self.training.run.history.shown is not self._answered:
            self._show_answer()

    def show_run(self) -> None:
        self._answered = None
        if self.isVisible():
            self._show_answer()

    def _show_answer(self) -> None:
        """Set what the network of the run predicts against the target, or say why nothing can be set against it."""
        example, snapshot = self.example, self.training.run.history.shown
        if example is None:
            return
        self._answered = snapshot
        same = snapshot is not None and self._learns_this()
        answer = answer_of(example, snapshot) if snapshot is not None and same else None
        before = self.picture.answer
        if answer is not None or before is not None:
            self.picture.show_example(example, answer)
        if answer is not None and snapshot is not None:
            if before is None or not self._said.isActive():
                self._say_answer()
            else:
                self._words_due = True
            return
        self._offer_answer(same)

    def _learns_this(self) -> bool:
        """Whether the run that is shown learns the task of the example, with its data."""
        return self._example_config == data_settings(self.training.run.config)

    def _say_answer(self) -> None:
        """Write how far the prediction is from the target."""
        answer, example = self.picture.answer, self.example
        self._words_due = False
        if answer is None or example is None:
            return
        self._said.start()
        off = how_far_off(example, answer, self.tools.appearance.digits)
        when = f"Step {answer.step:,}" if answer.step else "Before the first training step"
        self.standing.setText(f"{when}: {off}" if off else when)
        self.offer.hide()

    def _on_said(self) -> None:
        if self._words_due:
            self._say_answer()

    def _offer_answer(self, same: bool) -> None:
        """Say what is missing for a prediction, and offer what brings it."""
        run = self.training.run
        words, line, sentence = "", "", ""
        if run.last is None:
            words, line, sentence = "Train (Ctrl+T)", "train", "The target alone: no network has been trained yet."
        elif run.history.shown is None:
            sentence = "The network is being prepared …" if self.training.active else "No network of this run was kept."
        elif not same:
            words, line = "Start over (Ctrl+R)", "start over"
            sentence = why_alone(run.config)
        else:
            words, sentence = "Use as probe", "The target alone: the network is shown another sequence as its probe."
        self.standing.setText(sentence)
        self.offer.setText(words)
        self.offer.setVisible(bool(words))
        self._offered = line

    def _on_offer(self) -> None:
        if self._offered:
            self.asked.emit(self._offered)
        else:
            self.use_as_probe()

    def showEvent(self, event: QShowEvent) -> None:
        if is_own(self.training.config.task):
            self._config = None  # the file may have been changed
        super().showEvent(event)

    def hideEvent(self, event: QHideEvent) -> None:
        super().hideEvent(event)
        if self._config is not None and is_own(self._config.task):
            self._background.drop()

    def resizeEvent(self, event: QResizeEvent) -> None:
        super().resizeEvent(event)
        self.restyle()

    def keyPressEvent(self, event: QKeyEvent) -> None:
        if event.key() in (Qt.Key.Key_Left, Qt.Key.Key_Right):
            self.step(1 if event.key() == Qt.Key.Key_Right else -1)
        else:
            super().keyPressEvent(event)

    def use_as_probe(self) -> None:
        """Let the run show what it does with the sequence that is shown, or has just been typed."""
        if self.field.isModified() and self.field.text().strip() and not self._on_typed():
            return
        example = self.example
        if example is None:
            self.message.emit(self._problem or "There is no example yet; wait until one is shown")
            return
        if self.training.active and self.training.config.task != self.training.run.config.task:
            self.message.emit("The run learns another task; start over (Ctrl+R) to use this one, then set the probe")
            return
        if self.training.active and self._example_config != data_settings(self.training.run.config):
            self.message.emit("The run has other settings than this example; start over (Ctrl+R), then set the probe")
            return
        if example.number is None:
            self.training.set_probe(x=np.array(example.x))
        else:
            self.training.set_probe(example=example.number)
        name = "your sequence" if example.number is None else f"example {example.number}"
        later = "" if self.training.active else " from the next run on"
        self.message.emit(f"The heatmaps show {name}{later}; training does not change")

    # Making the example

    def refresh(self) -> None:
        """Ask for an example where the settings that decide it have changed."""
        if self.isVisible() and self._config != data_settings(self.training.config):
            self._ask()
        self.show_news()

    def _ask(self) -> None:
        """Have the example made in the background; a task that was made for these settings is used again."""
        config = self.training.config
        wanted = data_settings(config)
        number = self.number.value()
        same = wanted == self._config
        kept = self._task if same else None
        if wanted.task != (self._config.task if self._config else ""):
            self.example = None
            self.draw.setChecked(False)
            self.field.clear()
        unread = self.training.named.unread(config)
        if unread:
            self._config = None  # it may be agreed to at any moment
            self._refuse(unread)
            return
        self._config = wanted
        try:
            check(wanted)  # a sequence that is too short for the task, above all
        except ConfigError as error:
            self._miss(error)
            return
        if is_own(config.task):
            if same and self._background.busy:
                self._background.tell(number)
            else:
                take = partial(self._take, wanted, None)
                self._background.run_in_child(tell_own_examples, (config, number), take, self._miss, CHILD_DIED)
            return

        def work(_dropped: object) -> tuple[Task, Example]:
            task = kept or create_task(config)
            return task, example_of(task, number)

        def done(made: tuple[Task, Example]) -> None:
            self._take(wanted, *made)

        self._background.run_apart(work, done, self._miss, (ConfigError, DataError, MemoryError))

    def _take(self, config: TrainingConfig, task: Task | None, example: Example) -> None:
        self._example_config, self._task = config, task
        self._problem = ""
        self._show(example)

    def _miss(self, error: Exception) -> None:
        self._refuse(str(error) or "There is not enough memory for this task; choose a shorter sequence length.")

    def _refuse(self, problem: str) -> None:
        """Show a sentence in place of an example."""
        self._task, self.example = None, None
        self._problem = problem
        self._show(None)

    def _on_typed(self) -> bool:
        """Show what was typed; return whether it could be used."""
        if self.example is None:
            self.message.emit(self._problem)
            return False
        try:
            x = typed_inputs(self.example, self.field.text())
        except DataError as error:
            self.message.emit(str(error))
            return False
        self._show(self.example.with_inputs(x))
        self.field.setModified(False)
        self.message.emit("This is your sequence; press “Use as probe” to show what the network does with it")
        return True

    def _on_drawn(self, x: NDArray[np.float32]) -> None:
        if self.example is not None:
            self.field.setModified(False)  # what was typed before is not what is meant now
            self._show(self.example.with_inputs(x))

    # Showing it

    def _show(self, example: Example | None) -> None:
        self.example = example
        there = example is not None
        for widget in (self.picture, self.facts, self.field, self.use, self.standing):
            widget.setVisible(there)
        self.empty.setVisible(not there)
        self.empty.setText(self._problem or _READING)
        if example is None:
            self.title.setText(self.training.config.task)
            for unknown in (self.about, self.draw, self.input, self.offer):
                unknown.hide()
            return
        self.picture.show_example(example)
        self._show_answer()
        self.title.setText(example.words.title + ("  ·  your sequence" if example.number is None else ""))
        self.about.setText(example.words.about)
        self._update_facts(example)
        self._leave_out(example)
        self._update_inputs(example)

    def _leave_out(self, example: Example) -> None:
        """Leave the picture its room in a low window, and cut no words in a narrow one."""
        text = self.tools.appearance.text(TEXT)
        low = self.height() < _LOW * text
        self.about.setVisible(bool(example.words.about) and not low)
        self.facts.setVisible(not low)
        how = f"Type one: {how_to_type(example)}"
        fits = self.field.fontMetrics().horizontalAdvance(how) <= self.width() / 2  # the rest is for buttons
        self.field.setPlaceholderText(how if fits else "Type one")

    def _update_facts(self, example: Example) -> None:
        appearance = self.tools.appearance
        words, written, muted = example.words, appearance.written, appearance.theme.muted
        plural = "s" if words.outputs > 1 else ""
        when = "at every time step" if words.every_step else "after the last time step"
        facts = {
            "sizes": f"m = {words.inputs}, T = {example.steps:,}, {words.outputs:,} output{plural} {when}",
            "loss": words.loss,
            "measure": words.measure,
            "trivial answer": f"{words.trivial_name}: loss {written(words.trivial_loss)}",
            "solved": words.criterion,
            "source": words.source,
        }
        if appearance.presenting or self.width() < _SMALL_WIDTH:
            del facts["source"], facts["measure"]
        parts = (f'<span style="color:{muted}">{name}</span>&nbsp; {html.escape(text)}' for name, text in facts.items())
        self.facts.setText(" &nbsp; ".join(parts))
        self.facts.setToolTip(f"{words.measure}\n{words.source}")

    def _update_inputs(self, example: Example) -> None:
        drawable = [row.input for row in self.picture.rows if row.input >= 0]
        self.draw.setVisible(bool(drawable))
        names = [example.input_names[number] for number in drawable]
        if [self.input.itemText(place) for place in range(self.input.count())] != names:
            with QSignalBlocker(self.input):
                self.input.clear()
                self.input.addItems(names)
        self.input.setVisible(len(names) > 1)
        self._update_drawing()

    def _update_drawing(self) -> None:
        drawing = self.draw.isChecked() and self.example is not None and self.input.count() > 0
        self.picture.drawing = max(0, self.input.currentIndex()) if drawing else None
        self.picture.setCursor(Qt.CursorShape.CrossCursor if drawing else Qt.CursorShape.ArrowCursor)

    def _lay_out(self) -> None:
        px = self.tools.appearance.px
        top = in_row((self.title, 1), QLabel("example"), self.previous, self.number, self.next, spacing=px(6))
        bottom = in_row((self.field, 1), self.draw, self.input, self.use, spacing=px(8))
        answer = in_row((self.standing, 1), self.offer, spacing=px(8))
        parts = top, self.about, answer, (self.picture, 1), (self.empty, 1), self.facts, bottom
        in_column(*parts, inside=self, margins=(px(14), px(10)), spacing=px(6))
        self.empty.setAlignment(Qt.AlignmentFlag.AlignCenter)
        self.facts.setMinimumWidth(10)
        self.facts.setSizePolicy(QSizePolicy.Policy.Preferred, QSizePolicy.Policy.Minimum)
        self.picture.hide()
        self._show(None)

    def restyle(self) -> None:
        """Write the facts in the colours in force, and no more of them than there is room for."""
        if self.example is not None:
            self._update_facts(self.example)
            self._leave_out(self.example)
            self._say_answer()  # with as many decimals as are wanted now
