"""The background worker: owns a training run from start to stop, and never lets its caller wait.

A thread of the window's process starts the trainer in a child process of its own, or runs it itself. The
window asks (`request`), goes on painting, and takes what has come (`take`) from a mailbox with one slot.
"""

import threading
from collections.abc import Callable
from dataclasses import replace
from queue import SimpleQueue

from ..recording.recorder import RecordTo
from ..runs.messages import (
    Command,
    ExtendSteps,
    Float32,
    FollowSequence,
    KeepMoment,
    Pause,
    Pull,
    Restrict,
    Resume,
    SetClipNorm,
    SetLearningRate,
    SetProbe,
    SetTwin,
    State,
    Step,
    Stop,
    StopRecording,
    TakeApart,
    Update,
)
from ..settings.config import TrainingConfig
from .channel import Channel
from .child import Child, Ending
from .session import run_session

STOP_GRACE_S = 3.0  # stop wants the last metrics, so a long step may come to its end
CLOSE_GRACE_S = 3.0  # the recording is to be closed
PREPARING_GRACE_S = 0.5  # there is nothing to lose, and torch may be loading

_OVER = (State.STOPPED, State.FAILED)
_WHAT_TO_DO = "choose a smaller batch, cell or sequence length, or start over"


class TrainingWorker:
    """One training run in the background; made for one config, started once.

    record: where the run is recorded, or which recording it goes on with, whose settings are then in force.

    No method waits: commands are obeyed between two steps, updates are fetched with `take`. Only `join` and
    `wait_for_mail` wait, for a test or at the program's end.
    """

    def __init__(self, config: TrainingConfig, record: RecordTo | None = None) -> None:
        self.config = config
        self.record = record
        self._lock = threading.Lock()
        self._mail: Update | None = None
        self._last = Update(State.PREPARING, goal=config.steps, message="starting the child process")
        self._has_mail = threading.Event()
        self._asked = False
        self._over = False
        in_thread = config.worker == "thread"
        self._child = (
            None if in_thread else Child("training", _train, (config, record), self._deliver, self._account_for)
        )
        self._commands: SimpleQueue[Command] = SimpleQueue()
        self._thread = threading.Thread(target=self._run_here, name="training-worker", daemon=True)

    # What the window says

    def start(self) -> None:
        """Start the run; raises RuntimeError when called twice."""
        if self._child is None:
            self._thread.start()
            return
        self._deliver(self._last)
        self._child.start()

    def request(self, wants: frozenset[str] = frozenset()) -> None:
        """Ask for an Update with everything since the last; does nothing while one is still on its way.

        wants: what its snapshot has to bring beside the gates; see `engine.runs.messages.Pull`.
        """
        with self._lock:
            if self._asked or self._over:
                return
            self._asked = True
        self._tell(Pull(wants))

    def take(self) -> Update | None:
        """Return what has come since the last time, as one Update, or None."""
        with self._lock:
            mail, self._mail = self._mail, None
            self._has_mail.clear()
        return mail

    def pause(self) -> None:
        """Pause before the next step."""
        self._tell(Pause())

    def resume(self) -> None:
        """Go on after a pause."""
        self._tell(Resume())

    def step(self, count: int = 1) -> None:
        """Make `count` steps, then pause."""
        self._tell(Step(count))

    def extend(self, count: int) -> None:
        """Add `count` steps to the goal; a finished run goes on."""
        self._tell(ExtendSteps(count))

    def set_learning_rate(self, value: float) -> None:
        """Use another learning rate from the next step on."""
        self._tell(SetLearningRate(value))

    def set_clip_norm(self, value: float) -> None:
        """Clip at another norm from the next step on; 0 switches clipping off."""
        self._tell(SetClipNorm(value))

    def restrict(self, clamped: str, frozen: str) -> None:
        """Clamp gates and freeze weights from the next step on, as the settings of these names say."""
        self._tell(Restrict(clamped, frozen))

    def set_twin(self, on: bool) -> None:
        """Let a plain RNN of the same size learn from the same batches, from now on, or end that."""
        self._tell(SetTwin(on))

    def set_probe(self, example: int | None = None, x: Float32 | None = None) -> None:
        """Look at another sequence: an example of the task by its number, or any x (T, m)."""
        self._tell(SetProbe(example, x))

    def follow_sequence(self, number: int | None) -> None:
        """Look at the gradients through time of one sequence of each batch, 1 … B, or of all."""
        self._tell(FollowSequence(number))

    def take_apart(self) -> None:
        """Make one step on the probe alone and tell everything that it computed, then pause."""
        self._tell(TakeApart())

    def keep_moment(self) -> None:
        """Record a snapshot and a checkpoint of this moment, to come back to."""
        self._tell(KeepMoment())

    def stop_recording(self) -> None:
        """Go on without recording; what is recorded stays."""
        self._tell(StopRecording())

    def stop(self, grace_s: float = STOP_GRACE_S) -> None:
        """End the run after the present step; a child that has not ended after grace_s is terminated.

        The last Update has state stopped and everything since the last answer.
        """
        self._end(grace_s)

    def close(self, grace_s: float = CLOSE_GRACE_S) -> None:
        """End the run because the window closes: as `stop`, with less patience; with little before its first step."""
        self._end(min(grace_s, PREPARING_GRACE_S) if self._last.state is State.PREPARING else grace_s)

    @property
    def alive(self) -> bool:
        """Whether the run, or its child, still exists."""
        return self._thread.is_alive() if self._child is None else self._child.alive

    @property
    def silent(self) -> bool:
        """Whether the child has stopped answering for now; a thread is never said to."""
        return self._child is not None and self._child.silent

    @property
    def child_pid(self) -> int | None:
        """The process id of the child, None before it was started and for a thread."""
        return self._child.pid if self._child else None

    def wait_for_mail(self, timeout_s: float) -> bool:
        """Wait until `take` has something to return; False after timeout_s."""
        return self._has_mail.wait(timeout_s)

    def join(self, timeout_s: float | None = None) -> bool:
        """Wait until the run has ended and its child is gone; False after timeout_s."""
        if self._child is not None:
            return self._child.join(timeout_s)
        if self._thread.ident is not None:
            self._thread.join(timeout_s)
        return not self._thread.is_alive()

    # The threads

    def _tell(self, command: Command) -> None:
        if self._child is None:
            self._commands.put(command)
        else:
            self._child.tell(command)

    def _end(self, grace_s: float) -> None:
        if self._child is None:
            self._commands.put(Stop())  # a thread cannot be terminated; it ends after its present step
        else:
            self._child.end(grace_s)

    def _deliver(self, update: Update) -> None:
        with self._lock:
            self._last = update
            self._over = self._over or update.state in _OVER
            self._mail = update.after(self._mail)
            if update.answer:
                self._asked = False
            self._has_mail.set()

    def _run_here(self) -> None:
        run_session(self.config, Channel(self._commands, self._deliver, "worker thread"), self.record)

    def _account_for(self, ending: Ending) -> None:
        """Say how the child ended, where it did not say so itself."""
        last = self._last
        if last.state in _OVER:
            return
        gone = Update(State.STOPPED, step=last.step, goal=last.goal, place=last.place)
        if not ending.asked:
            what = "choose the thread instead" if "started" in ending.words else _WHAT_TO_DO
            gone = replace(gone, state=State.FAILED, error=f"The training process {ending.words}; {what}.")
        self._deliver(gone)


def _train(
    commands: SimpleQueue[Command], send: Callable[[Update], None], config: TrainingConfig, record: RecordTo | None
) -> None:
    """Run a session in the child process."""
    run_session(config, Channel(commands, send, "child process"), record)
