"""The run that is shown, trained in this window or recorded, with everything that is known of it."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime
from pathlib import Path

from PySide6.QtCore import QObject, Signal

from engine.recording.recorded_run import News, RecordedRun
from engine.runs.ending import ends_when_solved, most_steps
from engine.runs.history import KEPT, History
from engine.runs.messages import State, Update
from engine.runs.metrics import metric_names
from engine.runs.snapshot import Snapshot
from engine.runs.start import Start
from engine.runs.verdict.judging import Judging, Verdict
from engine.settings.config import TrainingConfig
from engine.tasks.base import TaskFacts
from engine.tasks.goal import Goal


class ShownRun(QObject):
    """Owns everything that is known of the run that is shown. Another run takes its place at once, in one call.

    history: its metrics, and the moment of it that is looked at (`history.looked_at`).
    """

    changed = Signal()
    """Another run is shown."""
    updated = Signal(object)
    """An Update has come; history, facts and snapshot are up to date. The first one follows `changed`."""
    moments_changed = Signal()
    """Other moments than before can be looked at."""
    moment_changed = Signal()
    """Another moment is looked at, or the newest again."""

    def __init__(self, config: TrainingConfig, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self.config = config
        """Its settings, with everything that was changed while it went on."""
        self.history = History(metric_names(config), KEPT)
        self.facts: TaskFacts | None = None
        self.last: Update | None = None
        """The last that was heard of it; None before the first run."""
        self.start: Start | None = None
        """The weights that it began with, where they were given."""
        self.of_lesson = False
        """Whether a lesson began it, so that nobody is asked before another takes its place."""
        self._judging: Judging | None = None
        """What has seen all of its steps; None before its task is known."""
        self.recorded: RecordedRun | None = None
        """The recording that is shown, as it was read; None for a run that is trained in this window."""
        self.path: Path | None = None
        """The file that it is recorded in, as far as that is known."""
        self.moments: tuple[int, ...] = ()
        """The steps that have a snapshot in that file."""

    @property
    def state(self) -> State | None:
        """Where it stands; None before the first run."""
        return self.last.state if self.last else None

    @property
    def verdict(self) -> Verdict | None:
        """What is to be said of it now; None before its first step."""
        judging = self._judging
        if judging is None or not judging.count:
            return None
        judging.config = self.config
        is_followed = self.recorded is not None and self.recorded.written
        return judging.verdict(over=not is_followed and self.state in (State.FINISHED, State.STOPPED, State.FAILED))

    @property
    def goal(self) -> Goal | None:
        """What counts as solved; None where nobody says it, and before its task is known."""
        return self._judging.goal if self._judging is not None else None

    @property
    def resumable(self) -> bool:
        """Whether it is a recording that can be resumed."""
        run = self.recorded
        return run is not None and not run.written and run.last_checkpoint >= 0

    @property
    def is_kept(self) -> bool:
        """Whether it is in a file, so that nothing of it is lost when another run begins."""
        return self.recorded is not None or bool(self.last is not None and self.last.recorded)

    @property
    def badge(self) -> str:
        """What is said of it beside its step: "recorded", "following, 0.8 s behind"; "" for one trained here."""
        run = self.recorded
        if run is None or not run.written:
            return "" if run is None else "recorded"
        if self.history.count < run.about.steps:
            return "following"  # not all of it is read yet
        return f"following, {_seconds_since(run.about.changed):.1f} s behind"

    def begin(self, config: TrainingConfig, run: RecordedRun | None = None, start: Start | None = None) -> None:
        """Show a run that begins now. run: the one that it resumes, read up to the step where it goes on.

        start: the weights that it begins with, where they are given.
        """
        self.start = start if run is None else run.start
        history = run.history if run is not None else History(metric_names(config), KEPT)
        until_solved = run is None and ends_when_solved(config)
        goal = run.about.goal if run is not None else most_steps(config)
        last = Update(State.PREPARING, "preparing", step=history.count, goal=goal, until_solved=until_solved)
        self._judging = run.judging if run is not None else None
        self._show(config, history, run.facts if run is not None else None, last)

    def show_recorded(self, config: TrainingConfig, run: RecordedRun) -> None:
        """Show a run that was read from its recording. config: its settings, as they may be used here."""
        about, self.start = run.about, run.start
        last = Update(State.STOPPED, step=about.steps, goal=about.goal, message=run.words, place=about.place)
        self._judging = run.judging
        self._show(config, run.history, run.facts, last, run)

    def _show(
        self,
        config: TrainingConfig,
        history: History,
        facts: TaskFacts | None,
        last: Update,
        recorded: RecordedRun | None = None,
    ) -> None:
        self.config, self.history, self.facts, self.last, self.recorded = config, history, facts, last, recorded
        self.of_lesson = False
        self.path, self.moments = (recorded.path, recorded.moments) if recorded is not None else (None, ())
        self.changed.emit()
        self.updated.emit(last)

    def take(self, update: Update) -> None:
        """Take what has come of the run that is trained in this window."""
        self.last = update
        self.facts = update.facts or self.facts
        if update.recorded:
            self.path = Path(update.recorded)
        if self._judging is None and self.facts is not None:
            self._judging = Judging(self.config, self.facts)
        if update.metrics is not None:
            self.history.append(update.metrics.of(self.history.metric_names))
            if self._judging is not None:
                self._judging.see(update.metrics)
        self._keep(update.snapshot)
        self.history.events += update.events
        self.updated.emit(update)

    def take_news(self, news: News) -> None:
        """Take what has come to the recording that is shown, while another process writes it."""
        if self.recorded is None or self.last is None:
            return
        if news.facts is not None and news.facts.measure_name != (self.facts.measure_name if self.facts else ""):
            self.facts = news.facts  # whoever writes it has only now learnt what is measured
        self.history.append(news.metrics.of(self.history.metric_names))
        if self._judging is not None and len(news.metrics):
            self._judging.see(news.metrics)
        self.history.events += [(event.step, event.words) for event in news.events]
        self._keep(news.snapshot)
        events = self.recorded.events + len(news.events)
        self.recorded = replace(self.recorded, about=news.about, written=news.written, events=events)
        self.recorded.divergence.see(news.metrics)
        self.last = replace(self.last, step=news.about.steps, goal=news.about.goal, message=self.recorded.words)
        self.learn_moments(news.moments)
        self.updated.emit(self.last)

    def _keep(self, snapshot: Snapshot | None) -> None:
        if snapshot is not None:
            self.history.keep(snapshot)
            if self._judging is not None:
                self._judging.see_snapshot(snapshot)

    def take_no_more(self) -> None:
        """Show the recording as far as it was read: what another process writes in it can be read no longer."""
        if self.recorded is not None:
            self.recorded = replace(self.recorded, written=False)
            self.updated.emit(self.last)

    def learn_moments(self, moments: tuple[int, ...]) -> None:
        """Take note of the moments that are recorded by now."""
        if moments != self.moments:
            self.moments = moments
            self.moments_changed.emit()

    def look_at(self, snapshot: Snapshot | None) -> None:
        """Look at a recorded moment, or with None at the newest."""
        if snapshot is not self.history.looked_at:
            self.history.looked_at = snapshot
            self.moment_changed.emit()


def _seconds_since(moment: str) -> float:
    """Return how long ago an ISO time was."""
    try:
        return max(0.0, (datetime.now(UTC) - datetime.fromisoformat(moment)).total_seconds())
    except ValueError:
        return 0.0
