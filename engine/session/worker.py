"""Owns a training run from start to stop, in a child process of its own or in a thread of this process."""

from typing import Literal

from ..runs.ending import ends_when_solved, most_steps
from ..runs.messages import Pull, State, Update
from ..runs.pace import FULL, Pace
from ..runs.start import Start
from ..settings.config import TrainingConfig
from .mailbox import Worker
from .recorder import RecordTo
from .session import run_session

PREPARING_GRACE_S = 0.5  # there is nothing to lose, and torch may be loading

_WHAT_TO_DO = "choose a smaller batch, cell or sequence length, or start over"


class TrainingWorker(Worker[Update]):
    """One training run in the background.

    record: where the run is recorded, or which recording it resumes, whose settings are then used.
    where: the run is trained, as its settings say if None. pace: at which it begins. start: the
    weights that it begins with, if they are given.
    """

    close_grace_s = 3.0  # the recording is to be closed

    def __init__(
        self,
        config: TrainingConfig,
        record: RecordTo | None = None,
        where: Literal["child process", "worker thread", "this process"] | None = None,
        pace: Pace = FULL,
        start: Start | None = None,
    ) -> None:
        self.config = config
        self.record = record
        where = where or ("worker thread" if config.worker == "thread" else "child process")
        is_new = record is None or not record.resume
        beginning = Update(
            State.PREPARING,
            "starting the child process",
            goal=most_steps(config),
            until_solved=is_new and ends_when_solved(config),
        )
        here = where != "child process"
        super().__init__("training", run_session, [(config, where, record, pace, start)], beginning, here)

    def request(self, wants: frozenset[str] = frozenset()) -> None:
        """Ask for an Update with everything since the last; does nothing while one is still on its way.

        wants: what its snapshot has to bring beside the gates; see `engine.runs.messages.Pull`.
        """
        self._ask(Pull(wants))

    def close(self, grace_s: float | None = None) -> None:
        """End the run because the window closes; one that has made no step yet has little time for it."""
        grace_s = self.close_grace_s if grace_s is None else grace_s
        self.stop(min(grace_s, PREPARING_GRACE_S) if self._last[0].state is State.PREPARING else grace_s)

    def _end_in_words(self, ending: str) -> str:
        what = "choose the thread instead" if "started" in ending else _WHAT_TO_DO
        return f"The training process {ending}; {what}."
