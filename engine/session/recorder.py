"""Decides what to record of a run and when; a thread of its own writes, so training does not wait for the disk."""

from __future__ import annotations

import math
import threading
import time
from collections.abc import Callable, Mapping
from dataclasses import asdict, dataclass, replace
from pathlib import Path
from typing import TYPE_CHECKING, Any

from ..errors import FailureReport, UnlessOutOfMemory, sentence_and_text
from ..recording.about import About, Event, RecordingError
from ..recording.checkpoint import Checkpoint
from ..recording.judged import judging_of
from ..recording.parcel import FIRST, Budget, Parcel, Spacing
from ..recording.recording import Recording
from ..recording.writer import RecordingWriter, now, versions
from ..runs.messages import State
from ..runs.metrics import Float32, Metrics
from ..runs.observation import FLOW, OBSERVED, SAMPLE
from ..runs.snapshot import Snapshot
from ..runs.verdict.judging import Judging
from ..settings.config import TrainingConfig

if TYPE_CHECKING:
    from ..training.trainer import Trainer

WRITE_S = 0.45
"""Between two transactions: with the time that one takes, at most a second is lost when the program is killed."""
DURABLE_S = 0.8
"""Between two that wait for the disk: they cost the machine much more, and save a second's work from a power cut."""
SHARE = 0.01
"""Of the time, for checkpoints."""
SNAPSHOT_SHARE, EXTRAS_SHARE = 0.005, 0.005
"""Of the time, for snapshots, and for what is seen besides, such as gradients through time, which takes far longer."""
SNAPSHOT_CREDIT_S, EXTRAS_CREDIT_S = 0.3, 0.6
"""What they may take before: most of what is worth seeing happens in the first seconds."""
_SNAPSHOT_BYTES, _CHECKPOINT_BYTES = 100e6, 60e6  # of one recording, so far as that leaves enough of them
_EXTRAS_RATIO = 1.2  # from one step with extras to the next: some 75 within a million
_CHECKPOINT_S = 1.0
_REST_S, _LOOK_S = 0.5, 0.4  # looks at the file, while there is nothing to write
_NO_MEMORY_S = 60.0  # until the next attempt where there was no memory for a snapshot
_EXTRAS = frozenset({FLOW, OBSERVED, SAMPLE})


@dataclass(frozen=True)
class RecordTo:
    """Where a run is recorded. resume: continue the recording from its newest checkpoint.

    name: what the user calls the run. Travels to the process that trains.
    """

    path: Path
    resume: bool = False
    name: str = ""


def newest_checkpoint(path: Path) -> tuple[Checkpoint, About]:
    """Return where a run can be taken up again, and what is known of it; raises RecordingError where it cannot."""
    with Recording(path) as recording:
        about = recording.about()
        checkpoint = recording.checkpoint(about.steps)
    if checkpoint is None:
        raise RecordingError(f"{path.name} has no checkpoint to resume from; begin a new run with its settings.")
    return checkpoint, about


def settings_to_go_on(recorded: TrainingConfig, here: TrainingConfig) -> TrainingConfig:
    """Return the settings of a resumed run: its own, but the worker and the device that are chosen here.

    A device of "auto" is the one that it had; see `engine.training.devices.device_or_auto` where that may not be there.
    """
    return replace(recorded, worker=here.worker, device=recorded.device if here.device == "auto" else here.device)


def other_device_sentence(before: str, now: str) -> str:
    """Return what a person is told of a run that began on a device which is not here."""
    return f"The run used {before}, which is not available now: it continues on {now}, and its last digits may differ."


class RunRecorder:
    """Records one run. All methods are called by the thread that trains, between two steps, and none waits.

    problem: one sentence where the recording cannot be written; nothing is lost, and `go_on` tries again.
    """

    def __init__(
        self, trainer: Trainer, to: RecordTo, about: About, facts: Mapping[str, Any], collect: Callable[[], object]
    ) -> None:
        """Begin, or go on; raises RecordingError.

        collect: fetches the metrics of all steps made so far and hands them to `add`.
        about: of a resumed run only state, place and ranks are taken, and columns that it lacks are added.
        """
        self._trainer = trainer
        self._collect = collect
        self.path = to.path
        self._trained = _Stopwatch()
        if to.resume:
            self._writer = RecordingWriter.reopen(to.path, trainer.done, about.columns)
            with Recording(to.path) as recording:
                self._trained.total = recording.about().seconds
        else:
            self._writer = RecordingWriter(to.path, about, facts)
        self._stepped = trainer.done
        self._rows: list[Float32] = []
        self._snapshots: list[Snapshot] = []
        self._checkpoints: list[Checkpoint] = []
        self._events: list[Event] = []
        self._about: dict[str, Any] = {name: getattr(about, name) for name in ("state", "place", "ranks")}
        self._lost = False
        """Whether a loss was no finite number: what comes after it is nothing to resume from."""
        self._changed_config = False
        self._snapshots_at = Spacing(_SNAPSHOT_BYTES, trainer.done)
        self._kept_at = Spacing(_CHECKPOINT_BYTES, trainer.done)
        so_far = self.judging_so_far() if to.resume else None
        self._judging = so_far or Judging(trainer.config, trainer.task.facts())
        self._verdict: dict[str, Any] = {}
        """As it was last written."""
        self._is_over = False
        self._for_snapshots, self._for_extras = (
            Budget(SNAPSHOT_SHARE, SNAPSHOT_CREDIT_S),
            Budget(EXTRAS_SHARE, EXTRAS_CREDIT_S),
        )
        self._extras_at = trainer.done
        """The step from which on the next extras are taken."""
        self._checkpoint_due = self._write_due = 0.0
        self._seen = self._saved = self._kept = -1
        """The steps of the newest snapshot, of the newest checkpoint and of the newest that is kept."""
        self._changed = threading.Condition()
        self._parcel: Parcel | None = None
        self._unwritten: Parcel | None = None
        self._closing = False
        self._last_state = ""
        self._durable = 0.0
        """When the last transaction began that a power cut would not undo."""
        self.problem = ""
        self._thread = threading.Thread(target=self._write, name="training-recording", daemon=True)
        self._thread.start()
        self.after_step()

    @property
    def next_snapshot(self) -> int:
        """The step after which the next snapshot is taken, if there is time for it."""
        return self._snapshots_at.next

    # What the run says

    def add(self, metrics: Metrics) -> None:
        """Record the metrics of the steps that follow the last."""
        self._judging.see(metrics)
        self._rows.append(metrics.of(self._writer.columns))
        self._lost = self._lost or metrics.lost is not None

    def add_event(self, step: int, words: str) -> None:
        """Record what was changed, and the settings that are in force from now on."""
        self._events.append(Event(step, now(), words))
        self._changed_config = True  # what is changed may be changed after it is told
        self._saved = self._kept = -1  # what is in force is another
        self._checkpoint_due = self._write_due = 0.0

    def offer(self, snapshot: Snapshot) -> None:
        """Record a snapshot that was made for somebody else, if one is due: it costs nothing more."""
        if snapshot.step >= self._snapshots_at.next:
            self._record(snapshot)

    def say(self, **about: Any) -> None:
        """Record facts of `About` that have changed."""
        self._about |= about
        if "state" in about:
            self._is_over = about["state"] in (State.FINISHED, State.STOPPED)
            self._trained.go(time.perf_counter(), about["state"] == State.RUNNING)

    def after_step(self) -> None:
        """Record what is due after the steps made so far; cheap where nothing is."""
        done, moment = self._trainer.done, time.perf_counter()
        if done != self._stepped:
            self._stepped = done
            self._trained.go(moment, True)
        if done + 1 >= self._snapshots_at.next and self._for_snapshots.allows(moment):
            extras = done + 1 >= self._extras_at and self._for_extras.allows(moment)
            if done >= self._snapshots_at.next:
                self._take_snapshot(_EXTRAS if extras and done >= self._extras_at else frozenset())
            if extras:
                self._trainer.look_closely()  # at the step before the next snapshot
        if moment >= self._write_due:
            self._hand_over(moment)

    def rest(self) -> None:
        """Record everything as it is now: the run pauses, or ends."""
        if self._trainer.done != self._seen:
            self._take_snapshot(_EXTRAS)
        if self._trainer.done != self._kept:
            self._take_checkpoint(kept=True)
        # A run that rests comes by no more: it waits for the parcel before this one, if not for a disk that hangs.
        self._wait_until_idle(time.perf_counter() + _REST_S)
        self._durable = 0.0  # nothing may come after it for long
        self._trained.go(time.perf_counter(), False)
        self._hand_over(time.perf_counter())

    def keep(self) -> None:
        """Record a snapshot and a checkpoint of this moment, because the user wants them."""
        self.add_event(self._trainer.done, "snapshot recorded")
        self.rest()

    def _take_snapshot(self, wants: frozenset[str]) -> None:
        start = time.perf_counter()
        snapshot = None
        with UnlessOutOfMemory():  # which is no reason to end a training
            snapshot = self._trainer.snapshot(wants)
        if snapshot is None:
            self._trainer.free_memory()
            self._for_snapshots.spend(_NO_MEMORY_S * SNAPSHOT_SHARE)
            return
        self._record(snapshot)
        took, extras = time.perf_counter() - start, sum(self._trainer.extras_seconds(wants).values())
        self._for_snapshots.spend(took - extras)
        self._for_extras.spend(extras)

    def _record(self, snapshot: Snapshot) -> None:
        self._snapshots.append(snapshot)
        self._judging.see_snapshot(snapshot)
        self._seen = snapshot.step
        if snapshot.held_out is not None:
            self._about["held_out"] = snapshot.held_out.members
        if snapshot.extras.any:
            self._extras_at = int(snapshot.step * _EXTRAS_RATIO) + 1
        self._snapshots_at.took(snapshot.step, snapshot.nbytes)

    def _take_checkpoint(self, kept: bool = False) -> None:
        if self._lost or (self._trainer.done == self._saved and not kept):
            return
        start = time.perf_counter()
        kept = kept or self._trainer.done >= self._kept_at.next
        checkpoint = self._trainer.checkpoint(kept)
        self._checkpoints.append(checkpoint)
        self._saved = checkpoint.step
        if kept:
            self._kept = checkpoint.step
            self._kept_at.took(max(checkpoint.step, FIRST), checkpoint.nbytes)
        end = time.perf_counter()
        self._checkpoint_due = end + max(_CHECKPOINT_S, (end - start) / SHARE)

    # The thread that writes

    def _hand_over(self, moment: float) -> None:
        """Give the thread what has come, unless it is still busy with the last; then everything waits here."""
        self._write_due = moment + WRITE_S
        with self._changed:
            if self._parcel is not None or self.problem:
                return
        self._collect()  # a checkpoint is of no use without the metrics of all steps before it
        if self._changed_config:
            self._changed_config = False
            self._about["config"] = asdict(self._trainer.config)
        if moment >= self._checkpoint_due:
            self._take_checkpoint()
        self._judge()
        rows = [block for block in self._rows if len(block)]
        if rows:
            self._about["seconds"] = self._trained.at(moment)
        parcel = Parcel(rows, self._snapshots, self._checkpoints, self._events, self._about)
        if not parcel and not self._unwritten:
            return
        self._rows, self._snapshots, self._checkpoints, self._events, self._about = [], [], [], [], {}
        with self._changed:
            self._parcel = parcel.after(self._unwritten) if self._unwritten else parcel
            self._unwritten = None
            self._changed.notify_all()

    def judging_so_far(self) -> Judging | None:
        """Return what has seen the steps of a run that is resumed."""
        with Recording(self.path) as recording:
            return judging_of(recording, self._trainer.done)

    def _judge(self) -> None:
        """Record the verdict where it is another one than before."""
        if not self._judging.count:
            return
        self._judging.config = self._trainer.config
        verdict = self._judging.verdict(self._is_over).members
        if verdict != self._verdict:
            self._about["verdict"] = self._verdict = verdict

    def _write(self) -> None:
        while True:
            with self._changed:
                if self._parcel is None and not self._closing:
                    self._changed.wait(_LOOK_S)
                parcel, closing = self._parcel, self._closing
            if parcel is None and closing:
                self._end()
                return
            with FailureReport(self._keep_unwritten):
                if parcel is not None:
                    self._write_parcel(parcel)
                elif not self.problem:
                    self._writer.check()

    def _write_parcel(self, parcel: Parcel) -> None:
        begin = time.perf_counter()
        durable = begin - self._durable >= DURABLE_S or self._closing
        self._writer.write(parcel, durable)
        self._durable = begin if durable else self._durable
        with self._changed:
            self._parcel = None
            self._changed.notify_all()
        self._spare(time.perf_counter() - begin, parcel)

    def _end(self) -> None:
        """Close the file, or let go of it where it cannot be written."""
        if self.problem:
            self._writer.give_up()
            return
        with FailureReport(self._keep_unwritten):
            self._writer.close({"state": self._last_state})

    def _keep_unwritten(self, error: Exception) -> None:
        with self._changed:
            self.problem, _ = sentence_and_text(error, "The recording")
            self._unwritten, self._parcel = self._parcel or self._unwritten, None
            self._changed.notify_all()

    def _spare(self, took: float, parcel: Parcel) -> None:
        """Let large checkpoints come so seldom that writing them takes a small share of the time."""
        if parcel.checkpoints and took > SHARE * _CHECKPOINT_S:
            self._checkpoint_due = max(self._checkpoint_due, time.perf_counter() + took / (10 * SHARE))

    def go_on(self) -> None:
        """Try again after a problem."""
        with self._changed:
            self.problem = ""
        self._write_due = 0.0

    def close(self, timeout_s: float, state: str, whole: bool = True) -> None:
        """Write everything that is left and close the recording; gives up after timeout_s.

        Waits: it is called when the run has ended. whole: with a last snapshot and checkpoint; not after an error.
        Whatever is not written is lost, `problem` says why.
        """
        self.go_on()  # there may be room by now
        self._is_over = True
        if whole:
            self.rest()
        else:
            self._checkpoint_due = math.inf  # of a step that went wrong there is none
        deadline = time.perf_counter() + timeout_s
        self._wait_until_idle(deadline)
        self._hand_over(time.perf_counter())  # what had to wait for the last parcel
        self._wait_until_idle(deadline)
        with self._changed:
            self._last_state = state
            self._closing = True
            self._changed.notify_all()
        self._thread.join(max(0.0, deadline - time.perf_counter()))
        if self._thread.is_alive():  # it goes on as long as its process lives
            self.problem = f"The last part of {self.path.name} is still being written; its last steps may be missing."

    def _wait_until_idle(self, deadline: float) -> None:
        with self._changed:
            while self._parcel is not None and time.perf_counter() < deadline:
                self._changed.wait(max(0.001, deadline - time.perf_counter()))


class _Stopwatch:
    """How long a run has trained, without its pauses; total: seconds until it stopped last, NaN where unknown."""

    def __init__(self) -> None:
        self.total = 0.0
        self._since: float | None = None

    def go(self, moment: float, on: bool) -> None:
        """Let it run from a moment on, or stop then."""
        if on and self._since is None:
            self._since = moment
        elif not on and self._since is not None:
            self.total, self._since = self.at(moment), None

    def at(self, moment: float) -> float:
        """Return the seconds until a moment."""
        return self.total + (0.0 if self._since is None else moment - self._since)


def about_run(trainer: Trainer, place: str, threads: int, goal: int, name: str) -> About:
    """Return what a new recording says of a run."""
    return About(
        config=trainer.config,
        columns=trainer.metric_names,
        name=name,
        started=now(),
        state="running",
        place=place,
        threads=threads,
        versions=versions(),
        goal=goal,
        start=trainer.start.name if trainer.start is not None else "",
    )
