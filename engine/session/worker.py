"""Owns a training run from start to stop, in a child process of its own or in a thread of this process."""

from typing import Literal

from ..recording.recorder import RecordTo
from ..runs.messages import (
    ChangeSetting,
    ExtendSteps,
    Float32,
    FollowSequence,
    KeepMoment,
    Pause,
    Pull,
    Resume,
    SetProbe,
    State,
    Step,
    StopRecording,
    TakeApart,
    Update,
)
from ..settings.config import TrainingConfig
from .mailbox import Worker
from .session import run_session

PREPARING_GRACE_S = 0.5  # there is nothing to lose, and torch may be loading

_WHAT_TO_DO = "choose a smaller batch, cell or sequence length, or start over"


class TrainingWorker(Worker[Update]):
    """One training run in the background.

    record: where the run is recorded, or which recording it goes on with, whose settings are then in force.
    where: the run is trained, as its settings say if None.
    """

    close_grace_s = 3.0  # the recording is to be closed

    def __init__(
        self,
        config: TrainingConfig,
        record: RecordTo | None = None,
        where: Literal["child process", "worker thread", "this process"] | None = None,
    ) -> None:
        self.config = config
        self.record = record
        where = where or ("worker thread" if config.worker == "thread" else "child process")
        beginning = Update(State.PREPARING, goal=config.steps, message="starting the child process")
        here = where != "child process"
        super().__init__("training", run_session, [(config, where, record)], beginning, here)

    def request(self, wants: frozenset[str] = frozenset()) -> None:
        """Ask for an Update with everything since the last; does nothing while one is still on its way.

        wants: what its snapshot has to bring beside the gates; see `engine.runs.messages.Pull`.
        """
        self._ask(Pull(wants))

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

    def change_setting(self, name: str, value: float | str) -> None:
        """Give a live setting another value from the next step on; one that it cannot have is refused."""
        self._tell(ChangeSetting(name, value))

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

    def close(self, grace_s: float | None = None) -> None:
        """End the run because the window closes; one that has made no step yet has little time for it."""
        grace_s = self.close_grace_s if grace_s is None else grace_s
        self.stop(min(grace_s, PREPARING_GRACE_S) if self._last[0].state is State.PREPARING else grace_s)

    def _end_in_words(self, ending: str) -> str:
        what = "choose the thread instead" if "started" in ending else _WHAT_TO_DO
        return f"The training process {ending}; {what}."
