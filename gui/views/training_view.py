"""What every view of a training run has in common."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any, ClassVar

from engine.settings.config import TrainingConfig
from gui.playback.walk import Walk
from gui.plots.numbers import Maps
from gui.runs.controller import TrainingController
from gui.views.base import Tools, View

_MOST_TURNS = 3
"""Times that parts are placed anew because placing them has changed the view's size."""


class LabView(View):
    """One way to look at a training run.

    A view draws from `training.run`: its history, the newest snapshot and the task's facts. `show_run` is called when
    another run is shown, `show_news` at most thirty times a second and only while the view is on the screen, each time
    in a turn of the event loop of its own. What takes longer than a turn may is shared out over several by `news`.
    """

    has_timeline: ClassVar[bool] = False
    shows_cell: ClassVar[bool] = False
    has_run_timeline: ClassVar[bool] = True
    """Whether what is shown is the run's, so that its timeline belongs below it."""
    wants: ClassVar[frozenset[str]] = frozenset()
    """What snapshots have to bring beside the gates while this view is in front; see `engine.runs.messages.Pull`."""

    def __init__(self, tools: Tools) -> None:
        super().__init__(tools)
        if tools.training is None:
            raise ValueError("a view of the training needs the training in its tools")
        self.training: TrainingController = tools.training
        self.training.run.changed.connect(self.show_run)
        self._look: tuple[Any, ...] = ()
        self._dressing = False

    @property
    def walk(self) -> Walk:
        """The snapshots of the run, where the view shows the run."""
        recordings = self.tools.recordings
        return recordings.travel if recordings is not None and self.has_run_timeline else super().walk

    @property
    def shown_config(self) -> TrainingConfig:
        """The settings of the run that is shown, or of the next one if there is none."""
        return self.training.run.config if self.training.run.last is not None else self.training.config

    def recorded_at(self, step: int) -> str:
        """Return which moment is shown, in words; step: the one that what is drawn was recorded at.

        Where that stands in for another it says so: "step 800, recorded at 780".
        """
        shown = self.training.run.history.shown
        if shown is None or shown.step == step:
            return f"step {step:,}" if step else "before the first training step"
        return f"step {shown.step:,}, recorded at {step:,}"

    @property
    def when(self) -> str:
        """From when on a changed setting counts, as the end of a sentence."""
        return "from the next training step on" if self.training.active else "in the next run"

    def show_run(self) -> None:
        """Begin with a run that has neither steps nor snapshots yet; by default nothing is to be forgotten."""

    def wanted_look(self) -> tuple[Any, ...]:
        """Return what the places of the view's parts depend on: theme, letters, room, choices."""
        return ()

    def put_on(self) -> None:
        """Place the parts as the wanted look asks."""

    def dress(self) -> bool:
        """Place the parts anew if another look is wanted; return whether it was.

        Doing so may change the view's own size: then it is done again, and never within itself.
        """
        if self._dressing:
            return False
        self._dressing, changed = True, False
        for _ in range(_MOST_TURNS):
            if self.wanted_look() == self._look:
                break
            self._look, changed = self.wanted_look(), True
            self.put_on()
        self._dressing = False
        return changed

    def numbers_shown(self) -> Maps | None:
        return None  # plots have menus of their own

    def show_news(self) -> None:
        """Draw what the last update brought."""
        raise NotImplementedError

    def news(self) -> Sequence[Callable[[], None]]:
        """Return what draws the last update, in parts that each have a turn of the event loop of their own.

        While a run goes on, the first is drawn with every update, of the others only some in their turn.
        """
        return (self.show_news,)

    def refresh(self) -> None:
        """Draw everything: the view has come to the front, or the theme has changed."""
        self.show_news()
