"""Chooses where runs are recorded; opens, follows and resumes recorded runs."""

from __future__ import annotations

import os
from collections.abc import Callable
from datetime import datetime
from functools import partial
from pathlib import Path

from PySide6.QtCore import QElapsedTimer, QObject, QTimer, Signal

from engine.recording.about import RecordingError
from engine.recording.folder import choose_folder, chosen_folder, runs_folder, take_damaged
from engine.recording.library import Library, Run
from engine.recording.recorded_run import AT_ONCE, News, RecordedRun, read_moments, read_news, read_rows, read_run
from engine.recording.recording import CHUNK
from engine.runs.history import History
from engine.runs.messages import Update
from engine.runs.pyramid import Pyramid
from engine.session.recorder import RecordTo
from engine.setting import ELSEWHERE
from engine.settings.config import TrainingConfig
from engine.shipped import SHIPPED
from gui.appearance.stored import Stored
from gui.jobs.background import Background
from gui.runs.controller import TrainingController
from gui.runs.travel import RunTravel

_ON, _LIMIT, _REMOVES = "recording/on", "recording/limit_gb", "recording/removes"
USUAL_LIMIT_GB, LEAST_GB, MOST_GB = 5.0, 0.1, 10_000.0
_MOMENTS_MS = 1000
"""Between two looks at which moments the run in training has recorded."""
_FOLLOW_MS = 400
_BYTES = 1e9
_MOST_LENT = 400_000
"""Steps beyond which a plot is as good with the groups that are kept."""


class Recordings(QObject):
    """Says where the next run is recorded; shows, follows and resumes recorded ones. Reads files in the background."""

    said = Signal(str)
    refused = Signal(str)
    """One sentence that must be seen; nothing was changed."""
    on_changed = Signal()
    """Runs are recorded from the next one on, or not; or something else about that has changed."""
    folder_changed = Signal()
    """Runs are recorded elsewhere from the next one on."""
    opened = Signal()
    """A recorded run is shown."""
    room_wanted = Signal(float, float)
    """The recordings take so many GB of so many, and nobody has said yet what is to become of the oldest."""
    settings_wanted = Signal(object)
    """A TrainingConfig: the next run is to have the settings of a recorded one."""
    details_lent = Signal()
    """The history knows details of the past that it had forgotten."""
    broken_off = Signal(object)
    """A Run whose process died before it was closed."""

    def __init__(self, controller: TrainingController, stored: Stored, never: bool = False) -> None:
        """never: nothing is recorded in this window, whatever the user has chosen before."""
        super().__init__(controller)
        self._controller = controller
        self._run = controller.run
        self._stored = stored
        self._never = never
        self._on = stored.flag(_ON, "whether runs are recorded", True) is not False
        self.limit_gb = stored.number(_LIMIT, "the room for recordings", USUAL_LIMIT_GB, LEAST_GB, MOST_GB)
        """What all recordings together may take."""
        self.removes = stored.flag(_REMOVES, "what becomes of the oldest recordings", None)
        """Whether the oldest recordings go when there is no more room; None where nobody has said so yet."""
        self._files = Background("recordings", self)
        self.named = controller.named
        """The files that recordings name."""
        self.when_given_up: Callable[[str, Callable[[], object]], object] = lambda _words, then: then()
        """Carries out what ends the run that is shown, after asking where it would be lost; words: on the button."""
        if take_damaged():
            stored.leave_out("recording/folder", "the folder of the recordings")
        self.chosen_folder = chosen_folder()
        """Where the user wants runs to be recorded; None for the usual place."""
        self.library = Library(runs_folder())
        self.travel = RunTravel(self._run, self._files, self)
        self.travel.refused.connect(self.said)
        self._begun = 0
        """How many runs were begun to be recorded."""
        self._asked_room = False
        self._looked = QElapsedTimer()
        controller.recording_for = self._record_to
        self._run.changed.connect(self._on_changed)
        self._run.updated.connect(self._on_updated)

    # Where runs are recorded

    @property
    def on(self) -> bool:
        """Whether the next run is recorded."""
        return not self._never and self._on

    def set_on(self, on: bool) -> None:
        """Record runs from the next one on, or not."""
        self._never, self._on = False, on
        self._stored.setValue(_ON, "true" if on else "false")
        self.on_changed.emit()

    def set_limit(self, gigabytes: float) -> None:
        """Let all recordings together take so much."""
        self.limit_gb = gigabytes
        self._stored.setValue(_LIMIT, gigabytes)
        self.on_changed.emit()

    def removes_oldest(self, removes: bool) -> None:
        """Take note of what was answered: whether the oldest runs go when there is no more room."""
        self.set_removes(removes)
        if removes:
            self.make_room()

    def set_removes(self, removes: bool | None) -> None:
        """Let the oldest runs go from the next run on when there is no more room, or not; None: ask."""
        self.removes, self._asked_room = removes, False
        if removes is None:
            self._stored.remove(_REMOVES)
        else:
            self._stored.setValue(_REMOVES, "true" if removes else "false")
        self.on_changed.emit()

    def choose_folder(self, folder: Path | None) -> None:
        """Record in another folder from the next run on, and look for runs there; None: in the usual one."""

        def work() -> tuple[Path | None, Path]:
            choose_folder(folder)
            return chosen_folder(), runs_folder()

        def taken(folders: tuple[Path | None, Path]) -> None:
            self.chosen_folder, self.library = folders[0], Library(folders[1])
            self.folder_changed.emit()

        self._files.run(work, taken, self._miss, RecordingError)

    def _record_to(self, config: TrainingConfig) -> RecordTo | None:
        if not self.on:
            return None
        self.make_room()
        self._begun += 1  # the window's thread looks at no disk: process and number make the name its own
        path = self.library.path_for(config, datetime.now(), f"{os.getpid()}-{self._begun}")
        return RecordTo(path)

    def make_room(self) -> None:
        """Remove the oldest unpinned runs beyond the limit, if the user has agreed; ask once where nobody knows."""
        agreed = self.removes
        limit = self.limit_gb * _BYTES

        def work() -> tuple[float, int]:
            total = self.library.total_bytes()
            beyond = self.library.oldest_beyond(int(limit)) if total > limit else []
            if agreed:
                for run in beyond:
                    self.library.remove(run)
            return total, len(beyond)

        self._files.run(work, partial(self._on_room, agreed), self._miss, RecordingError)

    def _on_room(self, agreed: bool | None, found: tuple[float, int]) -> None:
        total, runs = found
        if runs and agreed:
            self.said.emit(f"{runs} of the oldest recordings were removed to make room")
        elif runs and agreed is None and not self._asked_room:
            self._asked_room = True
            self.room_wanted.emit(total / _BYTES, self.limit_gb)

    # Runs that were recorded

    def open(self, path: Path) -> None:
        """Show a recorded run as it was; the run in training ends, if there is one. Nothing changes if it cannot be."""
        if self._controller.active and self._run.path == path:
            self.travel.go_live()
            self.opened.emit()
            return

        def show(run: RecordedRun) -> None:
            self.when_given_up("Open", partial(self._show, run))

        self._read(path, lambda: read_run(path), show)

    def show_read(self, run: RecordedRun) -> None:
        """Show a recorded run that was read already, such as one that comes with a lesson."""
        self.when_given_up("Open", partial(self._controller.show_recorded, run))

    def resume(self, path: Path) -> None:
        """Resume a recorded run from its last checkpoint."""

        def upto() -> RecordedRun:
            whole = read_run(path)
            if path.is_relative_to(SHIPPED):
                raise RecordingError(
                    f"{path.name} belongs to the program and stays as it is; begin a new run (Ctrl+R)."
                )
            if whole.written:
                raise RecordingError(f"{path.name} is still being trained by another process; open it to follow it.")
            if whole.about.config.task == ELSEWHERE:
                raise RecordingError(
                    f"{path.name} cannot be resumed: the network was trained elsewhere, and only what it computes was "
                    "recorded; go on where it was trained."
                )
            if whole.last_checkpoint < 0:
                raise RecordingError(
                    f"{path.name} has no checkpoint to resume from; begin a new run with its settings."
                )
            return read_run(path, upto=whole.last_checkpoint)

        self._read(path, upto, self._go_on)

    def _go_on(self, run: RecordedRun) -> None:
        """Resume a run that was read, after asking for the files that it names."""
        config = self.named.came_with(run.about.config, self._controller.config)
        if not self.named.asks(config, partial(self.resume, run.path)):
            self.when_given_up("Resume", partial(self._controller.resume, run))

    def look_for_broken_off(self) -> None:
        """Say `broken_off` if the newest run of the library ended without being closed."""

        def newest() -> Run | None:
            return next((run for run in self.library.runs()[:1] if run.state == "interrupted"), None)

        def tell(run: Run | None) -> None:
            if run is not None and self._run.last is None:
                self.broken_off.emit(run)

        self._files.run(newest, tell, self._miss, RecordingError)

    def lend_details(self, first: int, last: int) -> None:
        """Let the history have the steps from first to last again, which it has forgotten and the recording has."""
        path, history = self._run.path, self._run.history
        if path is None or last - first > _MOST_LENT:
            return
        first = first - (first - 1) % CHUNK  # groups of steps stay where they are while the plot is drawn along
        last = min(history.count, last + CHUNK)

        def lend(rows: Pyramid) -> None:
            if history is self._run.history and rows.count:
                history.lend(first, rows)
                self.details_lent.emit()

        def read() -> Pyramid:
            pyramid = Pyramid(len(history.metric_names))
            pyramid.append(read_rows(path, first, last))
            return pyramid

        self._files.run(read, lend, self._say, RecordingError, "details")

    def _read(self, path: Path, work: Callable[[], RecordedRun], done: Callable[[RecordedRun], None]) -> None:
        self.said.emit(f"Reading {path.name}")
        self._files.run(work, done, self._miss, RecordingError)

    def _show(self, run: RecordedRun) -> None:
        self._controller.show_recorded(run)
        self.said.emit(f"Opened {run.path.name}")
        self.opened.emit()

    def _say(self, error: Exception) -> None:
        self.said.emit(str(error))

    def _miss(self, error: Exception) -> None:
        self.said.emit("")  # nothing is read any more
        self.refused.emit(str(error))

    # What goes on

    def _on_changed(self) -> None:
        self._looked.invalidate()
        if self._run.recorded is not None and self._run.recorded.written:
            self._follow_later(self._run.history)

    def _on_updated(self, update: Update) -> None:
        """Learn which moments the run in training has recorded, now and then."""
        if not update.recorded:
            return
        if self._looked.isValid() and self._looked.elapsed() < _MOMENTS_MS and update.metrics is not None:
            return
        self._looked.start()
        path = Path(update.recorded)
        read, learn = partial(read_moments, path), partial(self._learn, path)
        self._files.run(read, learn, self._say, RecordingError, "moments")

    def _learn(self, path: Path, moments: tuple[int, ...]) -> None:
        if path == self._run.path:
            self._run.learn_moments(moments)

    def _follow_later(self, history: History) -> None:
        QTimer.singleShot(_FOLLOW_MS, self, partial(self._follow, history))

    def _follow(self, history: History) -> None:
        """Read what has come to the run of this history, if it is still shown."""
        run = self._run.recorded
        if run is None or history is not self._run.history:
            return
        newest = history.last_snapshot.step if history.last_snapshot is not None else -1
        read = partial(read_news, run.path, history.count, newest, run.events)
        self._files.run(read, partial(self._take_news, history), partial(self._lose, history), RecordingError)

    def _take_news(self, history: History, news: News) -> None:
        if history is not self._run.history:
            return  # of a run that was opened anew, or of another
        self._run.take_news(news)
        if len(news.metrics) == AT_ONCE:
            self._follow(history)  # there is more
        elif news.written:
            self._follow_later(history)

    def _lose(self, history: History, error: Exception) -> None:
        if history is self._run.history:
            self._run.take_no_more()
            self.said.emit(str(error))
