"""One training run from its preparation to its end: the loop that runs in a child process or in a thread.

Between two steps it looks for commands, and it obeys them at once while it rests or waits for its next step.
"""

import time
from collections.abc import Callable
from dataclasses import dataclass, field
from queue import Empty, SimpleQueue

from ..errors import FailureReport, UnlessOutOfMemory
from ..runs.messages import (
    ChangeSetting,
    Command,
    ExtendSteps,
    FollowSequence,
    KeepMoment,
    Pause,
    PauseAt,
    Pull,
    Refusal,
    Resume,
    SetPace,
    SetProbe,
    State,
    Step,
    Stop,
    StopRecording,
    TakeApart,
    Update,
)
from ..runs.metrics import Float32
from ..runs.pace import FULL, Pace
from ..runs.snapshot import Snapshot
from ..runs.start import Start
from ..settings.config import ConfigError, TrainingConfig
from ..settings.words import change_in_words
from ..training.memory import NO_MEMORY_TO_LOOK
from .looks import Looks
from .pacing import Pacer
from .recorded import SessionRecording
from .recorder import RecordTo
from .running import RunInTraining

_LOOK_S = 1.0  # between two looks at the recording of a run that rests or waits


def run_session(
    commands: SimpleQueue[Command],
    send: Callable[[Update], None],
    config: TrainingConfig,
    where: str,
    record: RecordTo | None = None,
    pace: Pace = FULL,
    start: Start | None = None,
) -> None:
    """Run a training run to its end: until Stop, or until it fails.

    commands: read between two steps. send: does not raise. where: "child process", for a person. record: where it is
    recorded; a recording that is resumed brings its own settings. pace: at which it begins. start: the weights that
    it begins with, if they are given; where they do not fit the task it begins with new ones, and says so. A run that
    has made its steps stays, to answer pulls and to be extended. Whatever goes wrong is sent as an Update with state
    failed; nothing is raised.
    """
    session = _Session(send, config, where, SessionRecording(record), Pacer(pace), start, commands=commands)
    with FailureReport(session.fail):
        session.prepare()
        session.run()


@dataclass(kw_only=True)
class _Session(RunInTraining):
    """A run that obeys commands."""

    commands: SimpleQueue[Command]
    last_state: State = State.PREPARING
    """Where it stood when it was told to stop."""
    looks: Looks = field(default_factory=Looks)

    def run(self) -> None:
        """Make steps and obey commands until Stop."""
        while self.state is not State.STOPPED:
            self.last_state = self.state
            if self.state is not State.RUNNING:
                self._wait(_LOOK_S)
            elif self.pacer.wait_s > 0:
                self._wait(min(self.pacer.wait_s, _LOOK_S))
            elif self.commands.empty():
                self.step()
            else:
                self._obey(self.commands.get())
        self.collect()
        self.recording.close(State.FINISHED if self.last_state is State.FINISHED else State.STOPPED)
        metrics, events = self.metrics.take(), self.take_events()
        self.send(self.update(metrics=metrics, events=events, snapshot=self._snapshot()))

    def _wait(self, seconds: float) -> None:
        """Sleep until there is a command, at most so long; meanwhile say so if what is left cannot be written."""
        try:
            self._obey(self.commands.get(timeout=seconds))
        except Empty:
            self.tell_of_recording()

    def _obey(self, command: Command) -> None:
        """Do what the window wants; where there is no memory for it, say so and go on without."""
        with UnlessOutOfMemory():
            self._do(command)
            if self.state is not State.RUNNING:
                self.tell_of_recording()
            return
        self.the_trainer().free_memory()
        refusals = (Refusal("memory", NO_MEMORY_TO_LOOK),)
        if isinstance(command, Pull):
            self.looks.without(command.wants)
            self.send(self.update(metrics=self.metrics.take(), answer=True, refusals=refusals))
        else:
            self.send(self.update(refusals=refusals))

    def _do(self, command: Command) -> None:
        trainer = self.the_trainer()
        match command:
            case Pull(wants):
                self._answer(wants)
            case Pause() if self.state is State.RUNNING:
                self.rest(State.PAUSED)
            case Resume() if self.state is State.PAUSED:
                self.pause_at = None
                self.go_on()
            case Step(count) if self.state in (State.RUNNING, State.PAUSED, State.FINISHED):
                self.pause_at = trainer.done + max(count, 1)
                self.goal = max(self.goal, self.pause_at)
                self.go_on()
            case PauseAt(step) if step > trainer.done:
                self.pause_at = step
                if self.state is State.PAUSED:
                    self.go_on()
            case PauseAt() if self.state is State.RUNNING:
                self.rest(State.PAUSED)
            case SetPace(pace):
                self._keep_pace(pace)
            case ExtendSteps(count):
                self.goal += max(count, 0)
                if self.state is State.FINISHED and self.goal > trainer.done:
                    self.go_on()
                else:
                    self.change(self.state)
            case ChangeSetting(name, value):
                self._change_setting(name, value)
            case SetProbe(example, x):
                self._set_probe(example, x)
            case FollowSequence(number) if (number or 0) != trainer.followed:
                trainer.follow_sequence(number)
                self.note(f"gradients of {f'sequence {number}' if number else 'all sequences'}")
                self.looks.at_once()
            case KeepMoment() if self.recording.keep():
                self.events.append((trainer.done, "snapshot recorded"))
            case StopRecording():
                self.recording.give_up()
                self.change(self.state)
            case TakeApart() if self.state in (State.RUNNING, State.PAUSED, State.FINISHED):
                problem = self.recording.go_on()  # no step is made that could not be recorded
                if problem:
                    self.refuse("recording", problem)
                else:
                    self._take_apart()
            case Stop():
                self.state = State.STOPPED

    def _keep_pace(self, pace: Pace) -> None:
        was_asked = self.pacer.pace.one_at_a_time
        self.pacer.keep(pace)
        if pace.one_at_a_time and self.state is State.RUNNING:
            self.rest(State.PAUSED)
        elif was_asked and not pace.one_at_a_time and self.state is State.PAUSED and not self.divergence:
            self.go_on()

    def _change_setting(self, name: str, value: float | str) -> None:
        trainer = self.the_trainer()
        before = trainer.config
        try:
            trainer.change_setting(name, value)
        except ConfigError as error:
            self.refuse("settings", str(error))
            return
        words = change_in_words(before, trainer.config)
        if words:
            self.note(words)
        if name in ("until", "limit"):
            self.end_elsewhere(name)
        self.looks.at_once()

    def _set_probe(self, example: int | None, x: Float32 | None) -> None:
        try:
            self.the_trainer().set_probe(example, x)
        except ConfigError as error:
            self.refuse("probe", str(error))
            return
        if self.the_trainer().done > self.began_at:  # before that, nothing else was shown
            self.note("probe: a sequence of one's own" if x is not None else f"probe: example {example or 0}")
        self.looks.at_once()

    def _take_apart(self) -> None:
        trainer = self.the_trainer()
        self.rest(State.PAUSED)
        apart = trainer.step_apart()
        self.goal = max(self.goal, trainer.done)
        self.state = State.RUNNING  # so that a loss that is lost is told
        self.collect()
        if self.state is State.RUNNING:
            self.state = State.PAUSED if trainer.done < self.goal else State.FINISHED
        self.send(self.update(apart=apart))

    def _answer(self, wants: frozenset[str]) -> None:
        self.collect()
        snapshot = self._snapshot(wants)
        start = time.perf_counter()
        metrics, events = self.metrics.take(), self.take_events()
        self.send(self.update(metrics=metrics, snapshot=snapshot, events=events, answer=True))
        if snapshot is not None:
            self.looks.sent(time.perf_counter() - start)

    def _snapshot(self, wants: frozenset[str] = frozenset()) -> Snapshot | None:
        snapshot = self.looks.snapshot(self.the_trainer(), self._hurries, wants)
        if snapshot is not None:
            self.recording.offer(snapshot)
        return snapshot

    @property
    def _hurries(self) -> bool:
        """Whether a look would hold up a step: not while the run rests, or waits for its next step."""
        return self.state is State.RUNNING and self.pacer.wait_s <= 0
