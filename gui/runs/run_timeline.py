"""The time bar of a run: train or pause, one step, the pace, and the line of its steps, which can be dragged."""

from __future__ import annotations

from collections.abc import Mapping

from PySide6.QtCore import QSize, QTimer
from PySide6.QtGui import QAction, QResizeEvent
from PySide6.QtWidgets import QLabel, QWidget

from engine.runs.messages import State
from gui.appearance.icons import icon
from gui.appearance.style import fit_text
from gui.appearance.text_size import TEXT
from gui.appearance.theme import Appearance
from gui.runs.controller import TrainingController
from gui.runs.pace_choice import PaceChoice
from gui.runs.step_line import StepLine
from gui.runs.travel import RunTravel
from gui.widgets.buttons import Button, say_action, tool_button
from gui.widgets.layouts import in_row

_WORDS_MS = 200
"""Between two looks of what changes all the time: more often it cannot be read."""
_NARROW, _NARROWER, _NARROWEST = 60, 48, 36
"""Widths, in letters, below which the measured speed, and then the word before the pace, have no room."""


class RunTimeline(QWidget):
    """Steers the run that is shown, says where in it one looks, and leads back to the newest step."""

    def __init__(self, controller: TrainingController, travel: RunTravel, appearance: Appearance) -> None:
        super().__init__()
        self._controller, self._travel, self._appearance = controller, travel, appearance
        self.train, self.step = tool_button("runTrain"), tool_button("runStep")
        self._actions: Mapping[str, QAction] = {}
        self._pictured: tuple[object, ...] = ()
        self.pace = PaceChoice(appearance)
        self.pace.chosen.connect(controller.set_pace)
        self.bar = StepLine(travel, appearance)
        self.where = QLabel()
        self.live = Button("Newest")
        self.live.setToolTip("Show the newest step again")
        self.live.clicked.connect(travel.go_live)
        parts = (self.train, self.step, self.pace, (self.bar, 1), self.where, self.live)
        self._row = in_row(*parts, inside=self)
        self._again = QTimer(self, singleShot=True, interval=_WORDS_MS)
        self._again.timeout.connect(self._update)
        self._state: State | None = None
        travel.moved.connect(self._update)
        travel.run.changed.connect(self._update)
        travel.run.updated.connect(self._on_updated)
        controller.pace_changed.connect(self._on_pace)
        appearance.changed.connect(self._on_appearance)
        self._on_appearance()
        self._on_pace()

    def use(self, actions: Mapping[str, QAction]) -> None:
        """Let the buttons trigger the commands that do the same."""
        self._actions = actions
        for button, name in ((self.train, "train"), (self.step, "one step")):
            button.clicked.connect(actions[name].trigger)
            say_action(button, actions[name])
            button.setAccessibleName(actions[name].statusTip())

    def resizeEvent(self, event: QResizeEvent) -> None:
        super().resizeEvent(event)
        self._leave_out()

    def _leave_out(self) -> None:
        """Leave out what the line of steps needs the room of."""
        letters = self.width() / self._appearance.text(TEXT)
        self.pace.measured.setVisible(letters >= _NARROW)
        self.pace.word.setVisible(letters >= _NARROWER)
        self.live.setVisible(letters >= _NARROWEST or not self._travel.live)

    def _on_appearance(self) -> None:
        fit_text(self, self._appearance)
        size = self._appearance.text(TEXT)
        self.bar.setFixedHeight(round(2.6 * size))
        self.pace.fit()
        self._row.setContentsMargins(size // 2, size // 4, size // 2, size // 4)
        self._row.setSpacing(round(0.6 * size))
        for button in (self.train, self.step):
            button.setIconSize(QSize(round(1.3 * size), round(1.3 * size)))
        self._pictured = ()
        self._leave_out()
        self._update()

    def _on_pace(self) -> None:
        self.pace.show_pace(self._controller.pace)

    def _on_updated(self) -> None:
        state = self._travel.run.state
        if state is not self._state:
            self._state = state
            self._update()
        elif not self._again.isActive():
            self._again.start()

    def _update(self) -> None:
        travel, run = self._travel, self._travel.run
        self.where.setText(travel.words)
        self.live.setEnabled(not travel.live)
        self._leave_out()
        self.pace.show_speed(run.last if self._controller.active else None)
        self._show_state(run.state if self._controller.active else None)
        self.bar.update()

    def _show_state(self, state: State | None) -> None:
        shown = "pause" if state is State.RUNNING else "play"
        for button in (self.train, self.step):
            button.setEnabled(state is not State.PREPARING)
        theme, pixels = self._appearance.theme, round(1.3 * self._appearance.text(TEXT))
        if self._pictured != (shown, theme.name, pixels):
            self._pictured = shown, theme.name, pixels
            self.train.setIcon(icon(shown, theme.ink, pixels))
            self.step.setIcon(icon("next", theme.ink, pixels))
