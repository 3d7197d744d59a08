"""Carries out the commands of training, and keeps the training panel and the plots up to date."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from functools import partial

from PySide6.QtCore import QObject, Signal
from PySide6.QtGui import QGuiApplication
from PySide6.QtWidgets import QMessageBox, QWidget

from engine.commands.train.arguments import value_of_text
from engine.errors import did_you_mean
from engine.formats.link import LinkedSettings, LinkError, link_of_settings
from engine.machine import available_bytes
from engine.recording.library import Run
from engine.runs.messages import Refusal, State, Update
from engine.runs.observation import FLOW, OBSERVED
from engine.runs.pace import PaceError, pace_of_text
from engine.setting import OWN
from engine.settings.config import ConfigError, TrainingConfig, check, live_as, setting, settings
from engine.training.memory import refuse_what_never_fits
from gui.appearance.stored import Stored
from gui.commands.command import CommandError, Value
from gui.commands.registry import Registry
from gui.network.this_cell import ThisCell
from gui.runs.controller import TrainingController
from gui.runs.devices import KnownDevices
from gui.runs.dialogs import ask_files, ask_problem, ask_room, ask_to_give_up
from gui.training.contrasts import register_contrasts
from gui.training.docked_plots import DockedPlots
from gui.training.form.settings_form import SettingsForm
from gui.training.panel import TrainingPanel
from gui.training.reading.opening import DataOpening
from gui.training.reading.words import in_window
from gui.training.stored_config import store_config, store_pace, stored_pace
from gui.training.torch_on_windows import too_late_for
from gui.training.turns import DrawingTurns
from gui.views.base import Tools
from gui.views.training_view import LabView
from gui.widgets.message_box import message_box
from gui.widgets.resting_cursor import tell_again

_RECORDED = frozenset({FLOW, OBSERVED})
_WORTH_ASKING = 1000
"""Steps of a run that is not thrown away by one key."""


class TrainingRoom(QObject):
    """Makes the training's widgets and keeps them up to date; the window only places them."""

    said = Signal(str)
    warned = Signal(str, str)
    where_changed = Signal(str)
    settings_wanted = Signal()
    """The panel of the training is to be shown."""
    slow_motion_wanted = Signal()
    """One training step is to be shown in slow motion."""
    diagram_wanted = Signal()
    """The diagram is to come to the front: it shows the network."""

    def __init__(self, window: QWidget, controller: TrainingController, stored: Stored, tools: Tools) -> None:
        super().__init__(window)
        appearance = tools.appearance
        self._window = window
        self._appearance = appearance
        self._stored = stored
        self.controller = controller
        self.lab: Callable[[], LabView | None] = lambda: None
        """Returns the view of the training that is in front."""
        assert tools.recordings is not None
        assert tools.following is not None
        self.recordings, self.following = tools.recordings, tools.following
        self.this_cell = ThisCell(tools.model, controller, self._begin_with, window)
        self.this_cell.begun.connect(self.following.follow)
        self.this_cell.said.connect(self.said)
        self.this_cell.refused.connect(self.warned)
        controller.set_pace(stored_pace(stored))
        controller.pace_changed.connect(lambda: store_pace(stored, controller.pace))
        self._devices = KnownDevices(self)
        self._devices.missed.connect(self.said)
        self.turns = DrawingTurns(lambda: tools.playback.moment.moving, self)
        self.turns.done.connect(self._on_drawn)
        named = tools.recordings.named
        form = SettingsForm(controller.config, self._use_form, lambda config: not named.unread(config), appearance)
        self.panel = TrainingPanel(form, appearance)
        self.plots = DockedPlots(tools)
        self._shown_config = self.controller.config
        self._begins: Callable[[], None] | None = None
        """What was asked for while a data file was being read that it needs."""
        self.panel.form.data_read.connect(self._on_data_read)
        self.panel.form.said.connect(self.said)
        self.panel.form.devices_wanted.connect(self._devices.look)
        self._devices.found.connect(self.panel.form.show_devices)
        self.panel.form.live_changed.connect(self.controller.change_setting)
        self.controller.run.changed.connect(self._on_another_run)
        self.controller.run.updated.connect(self._on_updated)
        self.controller.diverged.connect(lambda sentence: self.warned.emit("Training is paused", sentence))
        self.controller.refused.connect(self._on_refused)
        self.controller.failed.connect(self._on_failed)
        self.controller.silent.connect(self.panel.show_silence)
        self.controller.next_changed.connect(self._on_next_changed)
        self.controller.run.moment_changed.connect(self._draw_all)
        self.recordings.when_given_up = self._when_given_up
        self.recordings.said.connect(self.said)
        self.recordings.refused.connect(lambda sentence: self.warned.emit("Nothing was changed", sentence))
        self.recordings.settings_wanted.connect(self._use)
        self.recordings.broken_off.connect(self._on_broken_off)
        self.recordings.named.leave_wanted.connect(partial(ask_files, self._window))
        self.recordings.room_wanted.connect(
            lambda taken, limit: ask_room(self._window, taken, limit, self.recordings.removes_oldest)
        )
        self.data = DataOpening(lambda: self.controller.config, appearance, window)
        self.data.used.connect(self._choose)
        self.data.said.connect(self.said)
        self.data.refused.connect(lambda sentence: self.warned.emit("Nothing was changed", sentence))

    def register_commands(self, commands: Registry) -> None:
        """Say what the commands of the training do."""
        commands.register("train", self._train_with)
        commands.register("task", self._choose_task)
        commands.register("one step", self.step)
        commands.register("pace", self._set_pace, on=lambda pace: pace == str(self.controller.pace))
        commands.register(
            "until", self.controller.set_until, on=lambda until: until == self.controller.live_config.until
        )
        commands.register("slow step", self.take_apart)
        commands.register("stop", self._stop)
        commands.register("start over", self.start_over)
        commands.register("settings", self.open_settings)
        commands.register("copy settings link", self._copy_link)
        commands.register("setting", self._go_to_setting)
        commands.register("record", self.toggle_recording, on=lambda: self.recordings.on)
        commands.register("keep", self.keep_moment)
        commands.register("resume", self.resume)
        register_contrasts(commands, self.recordings, self.controller.run, self.said.emit)
        commands.register("newest", self.recordings.travel.go_live)
        commands.register("show network", self._on_show_network)
        self.this_cell.register_commands(commands)

    def _set_pace(self, pace: str) -> None:
        try:
            self.controller.set_pace(pace_of_text(pace))
        except PaceError as error:
            raise CommandError(str(error)) from error

    def _train_with(self, pace: str = "", **values: Value) -> None:
        """Train or pause; with settings, begin a run that has them. pace: from now on, the present one if left out."""
        if pace:
            self._set_pace(pace)
        if not values:
            self.train()
            return
        _known_task(str(values.get("task", OWN)))
        try:
            given = {name: value_of_text(setting(name), str(value)) for name, value in values.items()}
            config = replace(self.controller.config, **given)
            check(config)
        except ConfigError as error:
            raise CommandError(str(error)) from error
        self._begin_with(config)

    def _begin_with(self, config: TrainingConfig) -> None:
        self._choose(config)
        self.start_over()

    def train(self) -> None:
        """Train or pause; a config that cannot be trained gets its sentence.

        A run that has ended does not continue if other settings were chosen since: then this starts over.
        """
        recorded = self.controller.run.recorded is not None
        if (recorded or self.controller.run.state is State.FINISHED) and self.controller.differs:
            self.start_over()
        elif recorded and self.controller.run.resumable:
            self.resume()
        elif self.controller.active or self._can_begin(self.train):
            self.controller.train_or_pause()

    def resume(self) -> None:
        """Resume the recorded run that is shown."""
        run = self.controller.run.recorded
        if run is None:
            self.said.emit("Open a recorded run first (Ctrl+8), then resume it")
        else:
            self.recordings.resume(run.path)

    def toggle_recording(self) -> None:
        """Record runs from the next one on, or not."""
        self.recordings.set_on(not self.recordings.on)
        self.said.emit("The next run is recorded" if self.recordings.on else "The next run is not recorded")

    def keep_moment(self) -> None:
        """Record this step of the run, to come back to it."""
        if self.controller.active and self.controller.run.is_kept:
            self.controller.keep_moment()
            self.said.emit("Snapshot recorded; the timeline leads back to it")
        else:
            self.said.emit("No run is being recorded; train one first (Ctrl+T)")

    def step(self) -> None:
        """Do one training step, then pause."""
        if self.controller.active or self._can_begin(self.step):
            self.controller.step()

    def take_apart(self) -> None:
        """Show one training step in slow motion."""
        if self.controller.active or self._can_begin(self.take_apart):
            self.slow_motion_wanted.emit()

    def _can_begin(self, again: Callable[[], None]) -> bool:
        """Return whether a run can begin; where a file has to be asked for first, or read, `again` follows."""
        self._begins = None
        self.panel.form.show_config(self.controller.config)  # a view may have changed it
        reason = self.panel.form.check()
        config = self.controller.config
        try:
            check(config)
            refuse_what_never_fits(config, available_bytes())
        except ConfigError as error:
            reason = str(error)
        reason = reason or too_late_for(config.worker)
        if reason:
            self.warned.emit("Training cannot begin", reason)
        elif self.panel.form.reading:
            self.said.emit("Training begins as soon as the data file has been read")
            self._begins = again
            return False
        return not reason and not self.recordings.named.asks(config, again)

    def _stop(self) -> None:
        self._begins = None
        self.controller.stop()

    def _on_data_read(self) -> None:
        begins, self._begins = self._begins, None
        if begins is not None:
            begins()

    def start_over(self) -> None:
        """Begin anew; a run that took some time is only given up after asking."""
        if self._can_begin(self.start_over):
            self._when_given_up("Start over", self.controller.begin)

    def _when_given_up(self, words: str, then: Callable[[], object]) -> None:
        run = self.controller.run
        made = run.history.count
        if made < _WORTH_ASKING or run.is_kept or run.of_lesson:  # what is recorded is not given up
            then()
        else:
            ask_to_give_up(self._window, made, words, then)

    def _go_to_setting(self, name: str) -> None:
        if name not in (known := [one.name for one in settings() if not one.says]):
            raise CommandError(f"There is no setting “{name}”{did_you_mean(name, known)}")
        self.settings_wanted.emit()
        self.panel.form.go_to(name)

    def open_settings(self) -> None:
        """Go to the settings; devices are looked for meanwhile."""
        self.settings_wanted.emit()
        self.panel.form.task.setFocus()
        self._devices.look()  # by the time that somebody has found the box they are known

    def _on_show_network(self) -> None:
        if self.following.follow(self.plots.layer):
            self.diagram_wanted.emit()

    def close(self) -> None:
        """End training because the window closes; remembers the settings, waits for nothing."""
        self._begins = None
        self.panel.form.close_data()
        store_config(self._stored, self.recordings.named.to_keep(self.controller.config))
        self.controller.close()

    def _choose(self, config: TrainingConfig) -> None:
        """Use settings that the user has chosen, with the files that they name."""
        self.recordings.named.chosen(config)
        self._use(config)

    def use_linked(self, linked: LinkedSettings) -> None:
        """Choose the settings that came in a link, and go to them."""
        self._choose(linked.on_this_machine(self.controller.config))
        self.settings_wanted.emit()
        self.said.emit("; ".join(linked.warnings) or "These are the settings of the link; the next run has them")

    def _copy_link(self) -> None:
        try:
            QGuiApplication.clipboard().setText(link_of_settings(self.controller.config))
        except LinkError as error:
            self.warned.emit("No link", str(error))
        else:
            self.said.emit("Copied a link to these settings: paste it into a mail, or into this window elsewhere")

    def _choose_task(self, name: str) -> None:
        self._use_form(replace(self.controller.config, task=_known_task(name)))

    def _use_form(self, config: TrainingConfig) -> None:
        """Use what was chosen in the form; files that stood there before are not chosen by it."""
        self.recordings.named.chosen(config, besides=self.controller.config)
        self._use(config)

    def _use(self, config: TrainingConfig) -> None:
        before = self.controller.config
        self.controller.use_next(config)
        if self.controller.active:
            self.controller.use_live(before)
        self.panel.show_pending(self._is_for_another_run)
        if self._is_for_another_run and live_as(before, config) != config:
            kept = "This run has ended" if self.panel.starts_over else "This run keeps its settings"
            self.said.emit(f"{kept}; Start over (Ctrl+R) begins one with the new ones")

    @property
    def _is_for_another_run(self) -> bool:
        """Whether what is chosen is for another run than the one that is shown."""
        there = self.controller.active or self.controller.run.recorded is not None
        return there and self.controller.differs

    def _on_next_changed(self) -> None:
        self._shown_config = self.controller.config
        self.panel.form.show_config(self._shown_config)
        self.panel.show_pending(self.controller.active and self.controller.differs)

    def _on_another_run(self) -> None:
        self._begins = None

    def _on_updated(self, update: Update) -> None:
        if self.controller.config is not self._shown_config:  # a view has changed what is live, such as a clamp
            self._shown_config = self.controller.config
            self.panel.form.show_config(self._shown_config)
        self.panel.show_pending(self._is_for_another_run)
        self.panel.show_update(update, self.controller.run.resumable)
        if update.place:
            self.where_changed.emit(f"Training: {update.place}")
        if update.devices:
            self._devices.all = update.devices
            self.panel.form.show_devices(update.devices)
        self._draw_all()

    def _draw_all(self) -> None:
        run, lab = self.controller.run, self.lab()
        seen, unseen = self.plots.drawings()
        parts: list[Callable[[], None]] = []
        if lab is not None and lab.isVisible():
            parts = [partial(self._draw_lab, lab, draw) for draw in lab.news()]
        some = run.state is State.RUNNING and run.history.looked_at is None
        self.turns.draw(parts[:1], parts[1:] + seen, unseen, some)

    def _on_drawn(self) -> None:
        tell_again(self._window)
        self.ask()

    def ask(self) -> None:
        """Ask the run for what is new, and for what the view in front wants to see."""
        lab = self.lab()
        # These are always sampled: whoever looks at them late wants to see how they came about.
        self.controller.ask(_RECORDED | lab.wants if lab is not None else _RECORDED)

    def _draw_lab(self, lab: LabView, draw: Callable[[], None]) -> None:
        if lab is self.lab() and lab.isVisible():
            draw()

    def _on_broken_off(self, run: Run) -> None:
        words = f"The last run, {run.title}, was interrupted at step {run.steps:,}."
        self.panel.offer_resume(words)
        self.said.emit(f"{words} Resume it in Train (Alt+3)")
        self.panel.resume.clicked.connect(lambda: self.recordings.resume(run.path))

    def _go_on_unrecorded(self) -> None:
        self.controller.stop_recording()
        self.controller.train_or_pause()

    def _on_refused(self, refusal: Refusal) -> None:
        if refusal.what == "recording":
            again = self.controller.train_or_pause
            ask_problem(self._window, refusal.sentence, again, self._go_on_unrecorded)
        elif refusal.what == "memory" and self.controller.run.state is State.PAUSED:
            self.warned.emit("Training is paused", refusal.sentence)
        else:
            self.said.emit(refusal.sentence)

    def _on_failed(self, sentence: str, traceback: str) -> None:
        box = message_box(self._window, QMessageBox.Icon.Warning, "Training has failed", in_window(sentence))
        box.setDetailedText(traceback)


def _known_task(task: str) -> str:
    """Return a task's name as it was given; raise CommandError where there is none of that name."""
    if task not in setting("task").choices and not task.startswith(OWN):
        raise CommandError(f"There is no task “{task}”{did_you_mean(task, setting('task').choices)}")
    return task
