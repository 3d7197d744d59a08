"""The messages between the window and a training run: frozen objects that can be sent between processes."""

from dataclasses import dataclass, replace
from enum import StrEnum
from typing import Any, Self

from ..tasks.base import TaskFacts
from .metrics import Float32, Metrics, joined
from .pace import Pace
from .snapshot import Snapshot
from .step_apart import StepApart


class State(StrEnum):
    """Where a run stands; finished, stopped and failed runs make no more steps by themselves."""

    PREPARING = "preparing"
    RUNNING = "running"
    PAUSED = "paused"
    FINISHED = "finished"
    STOPPED = "stopped"
    FAILED = "failed"


@dataclass(frozen=True)
class Pull:
    """Asks for one Update with everything since the last answer.

    wants: what its snapshot has to bring beside the gates, of FLOW, OBSERVED and SAMPLE in engine.runs.observation.
    """

    wants: frozenset[str] = frozenset()


@dataclass(frozen=True)
class Pause:
    """Pauses before the next step."""


@dataclass(frozen=True)
class Resume:
    """Goes on to the last step."""


@dataclass(frozen=True)
class Step:
    """Makes `count` steps, then pauses."""

    count: int = 1


@dataclass(frozen=True)
class PauseAt:
    """Goes on until `step` has been made, then pauses; at once where it has been."""

    step: int


@dataclass(frozen=True)
class SetPace:
    """Makes steps at another pace; one that rests because each step was asked for goes on."""

    pace: Pace


@dataclass(frozen=True)
class ExtendSteps:
    """Adds `count` steps to the goal; a finished run goes on."""

    count: int


@dataclass(frozen=True)
class ChangeSetting:
    """Gives a live setting another value from the next step on."""

    name: str
    value: float | str


@dataclass(frozen=True, eq=False)
class SetProbe:
    """Another probe sequence: an example of the task by its number, or any x (T, m)."""

    example: int | None = None
    x: Float32 | None = None


@dataclass(frozen=True)
class FollowSequence:
    """Looks at the gradients through time of one sequence of each batch, 1 … B, or of all where it is None."""

    number: int | None


@dataclass(frozen=True)
class TakeApart:
    """Makes one step on the probe alone, tells everything that it computed, and pauses."""


@dataclass(frozen=True)
class KeepMoment:
    """Records a snapshot and a checkpoint of this moment, to come back to."""


@dataclass(frozen=True)
class StopRecording:
    """Goes on without recording; what is recorded stays."""


@dataclass(frozen=True)
class Stop:
    """Ends the run."""


Command = (
    Pull
    | Pause
    | PauseAt
    | Resume
    | Step
    | SetPace
    | ExtendSteps
    | ChangeSetting
    | SetProbe
    | FollowSequence
    | TakeApart
    | KeepMoment
    | StopRecording
    | Stop
)


@dataclass(frozen=True)
class Refusal:
    """Why something that was asked of the run was not done, or not in that way.

    what: "probe", "twin", "memory", "settings", "recording", "device" or "start". sentence: one, for a person.
    """

    what: str
    sentence: str


@dataclass(frozen=True, eq=False)
class Said:
    """What work in the background says, of whatever kind it is.

    message: one sentence for a person, or "". place: where the work is done, "child process, 1 thread, CPU". error: one
    sentence; traceback: the whole of it, "" where the sentence says all. answer: whether it was asked for.
    """

    state: State
    message: str = ""
    place: str = ""
    error: str = ""
    traceback: str = ""
    answer: bool = False

    @property
    def over(self) -> bool:
        """Whether nothing more comes."""
        return self.state in (State.FINISHED, State.STOPPED, State.FAILED)

    def after(self, older: Self | None) -> Self:
        """Return this with what an older one that nobody took brought."""
        return self if older is None else replace(self, **self._kept_of(older))

    def ended(self, state: State, error: str = "") -> Self:
        """Return the last word in place of a child that was lost after this one."""
        return type(self)(state, place=self.place, error=error)

    def _kept_of(self, older: Self) -> dict[str, Any]:
        """Return the fields that an older one changes."""
        return {
            "place": self.place or older.place,
            "error": self.error or older.error,
            "traceback": self.traceback or older.traceback,
            "answer": self.answer or older.answer,
        }


@dataclass(frozen=True, eq=False)
class Update(Said):
    """What a run has to say.

    Unasked it is tiny and tells a change of state; the answer to a Pull, and the last word of a run, carry
    metrics and perhaps a snapshot.

    step: steps made; goal: steps to make. until_solved: the goal is only a limit, for the run ends when its task is
    solved; solved: it did so. diverged: the loss is no longer a finite number. metrics: of every step since
    the last answer; None where there are none. events: what was changed since the last answer, each with the number of
    steps made before. snapshot: None where nothing changed, or where it would slow training down.
    apart: a step that was taken apart. refusals: why commands were not obeyed. recorded: the file that
    it is recorded to, or "". facts, devices ((id, name) of each): sent once, when the run is ready.
    """

    step: int = 0
    goal: int = 0
    until_solved: bool = False
    solved: bool = False
    diverged: bool = False
    metrics: Metrics | None = None
    snapshot: Snapshot | None = None
    events: tuple[tuple[int, str], ...] = ()
    apart: StepApart | None = None
    refusals: tuple[Refusal, ...] = ()
    steps_per_second: float = 0.0
    recorded: str = ""
    facts: TaskFacts | None = None
    devices: tuple[tuple[str, str], ...] = ()

    @property
    def steps_in_words(self) -> str:
        """How far it is: "step 800 of 3,000", "step 800, until solved", and "step 800" where no more are to come."""
        until = ", until solved" if self.until_solved else f" of {self.goal:,}" if self.goal > self.step else ""
        return f"step {self.step:,}{until}"

    @property
    def over(self) -> bool:
        """Whether nothing more comes; a finished run can be given more steps."""
        return self.state in (State.STOPPED, State.FAILED)

    def ended(self, state: State, error: str = "") -> Self:
        """Return the last word in place of a child that was lost after this one."""
        return replace(super().ended(state, error), step=self.step, goal=self.goal)

    def _kept_of(self, older: Self) -> dict[str, Any]:
        return super()._kept_of(older) | {
            "metrics": joined((older.metrics, self.metrics)),
            "snapshot": self.snapshot or older.snapshot,
            "events": older.events + self.events,
            "apart": self.apart or older.apart,
            "refusals": older.refusals + self.refusals,
            "facts": self.facts or older.facts,
            "devices": self.devices or older.devices,
        }
