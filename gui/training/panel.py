"""The panel of the training: all settings of the next run, where the run stands, and the buttons that steer it."""

from __future__ import annotations

from PySide6.QtCore import QElapsedTimer, Qt
from PySide6.QtWidgets import QProgressBar, QWidget

from engine.runs.messages import State, Update
from engine.session.pulse import SILENT
from engine.text.amounts import duration
from gui.appearance.theme import Appearance
from gui.training.form.settings_form import SettingsForm
from gui.training.reading.words import in_window
from gui.widgets.buttons import Button
from gui.widgets.labels import text_label
from gui.widgets.layouts import in_column, in_row, scrolled

_BUTTONS: dict[State | None, str] = {
    State.PREPARING: "Preparing…",
    State.RUNNING: "Pause",
    State.PAUSED: "Continue",
    State.FINISHED: "Continue",
}
_WORDS_MS = 200


class TrainingPanel(QWidget):
    """Shows the settings of the next run, where a run stands, and offers what can be done with it."""

    def __init__(self, form: SettingsForm, appearance: Appearance) -> None:
        super().__init__()
        px = appearance.px
        self.form = form
        self.form.problem_changed.connect(self._show_problem)
        self.area = scrolled(self.form, focus=False)
        self.form.wanted.connect(self.area.ensureWidgetVisible)
        self.problem = text_label(look="wrong", wrap=True, cut=True)
        self.problem.hide()
        self.train, self.step, self.stop, self.again = (
            Button(words) for words in ("Train", "One step", "Stop", "Start over")
        )
        self.train.setObjectName("train")
        self.buttons = {"train": self.train, "one step": self.step, "stop": self.stop, "start over": self.again}
        """What does the same as a command, by its id."""
        rates = {"contrast low": "Too low", "contrast right": "Right", "contrast high": "Too high"}
        contrasts = {name: Button(words) for name, words in rates.items()}
        self.buttons |= contrasts
        self.progress = QProgressBar(textVisible=False, minimum=0, maximum=1000)
        self.status = text_label("Not trained yet", "note", wrap=True, cut=True)
        self.resume = Button("Resume")
        self.resume.hide()
        note = text_label("● acts at once; the rest in the next run", "note", wrap=True, cut=True)
        in_column(
            (self.area, 1),
            self.problem,
            in_row(text_label("Rate", "note"), *((button, 1) for button in contrasts.values()), spacing=px(4)),
            note,
            self.train,
            in_row((self.step, 1), (self.stop, 1), (self.again, 1), spacing=px(6)),
            self.progress,
            self.status,
            (self.resume, 0, Qt.AlignmentFlag.AlignLeft),
            inside=self,
            margins=0,
            spacing=px(6),
        )
        self._state: State | None = None
        self._goes_on: State | None = None
        self._pending = self._resumable = self._silent = False
        self._standing = self.status.text()
        self._said = QElapsedTimer()
        self.show_update(None)

    def _show_problem(self) -> None:
        self.problem.setText(self.form.news)
        self.problem.setVisible(bool(self.form.news))

    def show_pending(self, pending: bool) -> None:
        """Say whether what is chosen here is meant for the next run, because this one keeps its settings."""
        self._pending = pending
        self._update_train()

    @property
    def starts_over(self) -> bool:
        """Whether the main button begins a run with the chosen settings, although there is one that could go on."""
        return self._pending and (self._resumable or self._goes_on is State.FINISHED)

    def _update_train(self) -> None:
        words = "Resume" if self._resumable else _BUTTONS.get(self._goes_on, "Train")
        self.train.setText("Start over" if self.starts_over else words)

    def offer_resume(self, words: str) -> None:
        """Offer to resume an interrupted run, until another one begins; words: what it was."""
        self.status.setText(words)
        self.resume.show()

    def show_update(self, update: Update | None, resumable: bool = False) -> None:
        """Show where the run stands. resumable: it is a recorded one that can be resumed."""
        state = update.state if update else None
        if update is not None:
            self.resume.hide()
        self._goes_on, self._resumable = state, resumable
        self._update_train()
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
        self.progress.setValue(round(1000 * update.step / update.goal) if update.goal else 0)
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
    """Say in one line how far a run has come, how long it takes, and where it runs.

    While it goes on, its step and its speed stand in the time bar, and nowhere else.
    """
    if update.state is State.FAILED:
        return f"Failed: {in_window(update.error)}"
    if update.state is State.PREPARING:
        return (update.message or "preparing").capitalize()
    parts, rate = list[str](), update.steps_per_second
    if update.state is State.RUNNING and update.until_solved:
        parts.append("Until solved")
    elif update.state is State.RUNNING and rate > 0:
        parts.append(f"{duration((update.goal - update.step) / rate)} left")
    elif update.state is State.PAUSED:
        parts.append(update.message or str(update.state).capitalize())
    elif update.state is not State.RUNNING:
        to_make = ", until solved" if update.until_solved else f" / {update.goal:,}" if update.goal else ""
        parts += [f"{update.step:,}{to_make}"] if update.step or update.goal else []
        parts.append(update.message or str(update.state))
    if update.place:
        parts.append(update.place)
    return " · ".join(parts)
