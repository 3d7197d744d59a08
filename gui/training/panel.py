"""The training panel: the task, the network, settings that may change in a run, buttons and progress."""

from __future__ import annotations

from functools import partial

from PySide6.QtCore import QElapsedTimer, QSignalBlocker, Qt, Signal
from PySide6.QtWidgets import QGridLayout, QProgressBar, QWidget

from engine.cell.cells import CELLS
from engine.runs.messages import State, Update
from engine.session.pulse import SILENT
from engine.settings.config import TrainingConfig, setting, settings
from engine.settings.words import in_short
from engine.text.amounts import duration
from gui.appearance.theme import Appearance
from gui.training.reading.words import in_window
from gui.training.task_box import TaskBox
from gui.widgets.buttons import Button
from gui.widgets.labels import text_label
from gui.widgets.layouts import REST, in_column, in_row
from gui.widgets.setting_boxes import number_box, put_value

_BUTTONS: dict[State | None, str] = {
    State.PREPARING: "Preparing…",
    State.RUNNING: "Pause",
    State.PAUSED: "Continue",
    State.FINISHED: "Continue",
}
_WORDS_MS = 200


class TrainingPanel(QWidget):
    """Shows a run and offers what can be done with it."""

    task_chosen = Signal(str)
    setting_changed = Signal(str, object)
    """A live setting by its name, and its new value."""
    said = Signal(str)
    """A sentence for the status line."""

    def __init__(self, appearance: Appearance) -> None:
        super().__init__()
        px = appearance.px
        self.task = TaskBox()
        self.task.setToolTip(setting("task").sentence)
        self.task.chosen.connect(self.task_chosen)
        self.task.said.connect(self.said)
        self.task.found.connect(self._update_network)
        self._config = TrainingConfig()
        self.network = text_label(look="", cut=True)  # a long line must not widen the dock
        self.settings = Button("Settings…")
        self.live = {item.name: number_box(item) for item in settings() if item.live and item.kind in ("int", "float")}
        """A box for each number that may change while a run goes on, by the setting's name."""
        for name, box in self.live.items():
            box.setToolTip(setting(name).sentence)
            box.valueChanged.connect(partial(self.setting_changed.emit, name))
        self.train, self.step, self.stop, self.again = (
            Button(words) for words in ("Train", "One step", "Stop", "Start over")
        )
        self.train.setObjectName("train")
        self.buttons = {"train": self.train, "one step": self.step, "stop": self.stop, "start over": self.again}
        self.buttons["settings"] = self.settings
        """What does the same as a command, by its id."""
        self.progress = QProgressBar(textVisible=False, minimum=0, maximum=1000)
        self.status = text_label("Not trained yet", "note", wrap=True, cut=True)
        self.resume = Button("Resume")
        self.resume.hide()
        grid = QGridLayout()
        grid.setHorizontalSpacing(px(10))
        grid.setVerticalSpacing(px(6))
        grid.addWidget(text_label("Task"), 0, 0)
        grid.addWidget(self.task, 0, 1, 1, 2)
        grid.addWidget(self.settings, 0, 3)
        grid.addWidget(text_label("Network"), 1, 0)
        grid.addWidget(self.network, 1, 1, 1, 3)
        for place, (name, box) in enumerate(self.live.items()):
            label, left = text_label((setting(name).short or setting(name).label).capitalize()), 2 * (place % 2)
            if left:
                label.setAlignment(Qt.AlignmentFlag.AlignRight | Qt.AlignmentFlag.AlignVCenter)
            grid.addWidget(label, 2 + place // 2, left)
            grid.addWidget(box, 2 + place // 2, left + 1)
        grid.setColumnStretch(1, 1)
        grid.setColumnStretch(3, 1)
        buttons = in_row((self.train, 2), spacing=px(8))
        for button in (self.step, self.stop, self.again):
            buttons.addWidget(button, 1)
        in_column(
            grid,
            buttons,
            self.progress,
            self.status,
            (self.resume, 0, Qt.AlignmentFlag.AlignLeft),
            REST,
            inside=self,
            margins=0,
            spacing=px(8),
        )
        self.setMinimumHeight(px(206))
        self._state: State | None = None
        self._pending = self._silent = False
        self._standing = self.status.text()
        self._said = QElapsedTimer()
        self.show_update(None)

    def show_config(self, config: TrainingConfig) -> None:
        """Show the settings of the next run."""
        self._config = config
        self.task.choose(config.task)
        self._update_network()
        for name, box in self.live.items():
            value = getattr(config, name)
            if box.value() != value:  # else a text that was refused may stand there
                with QSignalBlocker(box):  # this is the config's own value
                    put_value(box, value)

    def _update_network(self) -> None:
        """Say what is trained; how many inputs there are may only be known when the user's files are read."""
        config = self._config
        k, n = config.cell_size, config.n
        sizes = f"{self.task.inputs_of(config)} → {k}" + (f" → {n}" if config.projected else "")
        layers = f", {config.layers}×" if config.layers > 1 else ""
        lengths = f"T = {config.sequence_length}, B = {config.batch_size}"
        cell = CELLS[config.cell](False, "x,h", None).title
        held = f", clamped: {config.clamped}" if config.clamped else ""
        after = "next: " if self._pending else ""
        self.network.setText(
            f"{after}{cell} {sizes}{layers}, {in_short(config, setting('optimizer'))}, {lengths}{held}"
        )
        self.network.setToolTip(f"{config.layers} layers: {self.network.text()}" if layers else self.network.text())

    def show_pending(self, pending: bool) -> None:
        """Say whether what is chosen here is meant for the next run, because this one keeps its settings."""
        if pending != self._pending:
            self._pending = pending
            self._update_network()

    def offer_resume(self, words: str) -> None:
        """Offer to resume an interrupted run, until another one begins; words: what it was."""
        self.status.setText(words)
        self.resume.show()

    def show_update(self, update: Update | None, resumable: bool = False) -> None:
        """Show where the run stands. resumable: it is a recorded one that can be resumed."""
        state = update.state if update else None
        if update is not None:
            self.resume.hide()
        words = "Resume" if resumable else _BUTTONS.get(state, "Train")
        self.train.setText("Start over" if self._pending and (resumable or state is State.FINISHED) else words)
        self.train.setEnabled(state is not State.PREPARING)
        steerable = state in (State.RUNNING, State.PAUSED)
        self.step.setEnabled(state is not State.PREPARING)
        self.stop.setEnabled(steerable or state in (State.PREPARING, State.FINISHED))
        self.again.setEnabled(state is not None and state is not State.PREPARING)
        if update is None:
            return
        # A number that changes thirty times a second cannot be read, and each change lays the card out anew.
        running = state is State.RUNNING and self._state is state
        if running and self._said.isValid() and self._said.elapsed() < _WORDS_MS:
            return
        self._state = state
        self._said.start()
        self.progress.setValue(round(1000 * update.step / max(1, update.goal)))
        self._standing = status_line(update)
        self._update_status()

    def show_silence(self, silent: bool) -> None:
        """Say that the training process has stopped answering, or where the run stands again."""
        if silent != self._silent:
            self._silent = silent
            self._update_status()

    def _update_status(self) -> None:
        self.status.setText(SILENT if self._silent else self._standing)


def status_line(update: Update) -> str:
    """Say in one line how far a run is, how fast, how long it takes, and where it runs."""
    if update.state is State.FAILED:
        return f"Failed: {in_window(update.error)}"
    if update.state is State.PREPARING:
        return (update.message or "preparing").capitalize()
    parts = [f"{update.step:,} / {update.goal:,}"]
    rate = update.steps_per_second
    if update.state is State.RUNNING and rate > 0:
        parts += [f"{rate:,.0f} steps/s", f"{duration((update.goal - update.step) / rate)} left"]
    elif update.state is not State.RUNNING:
        parts.append(update.message or str(update.state))
    if update.place:
        parts.append(update.place)
    return " · ".join(parts)
