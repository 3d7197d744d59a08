"""One training run from its preparation to its end: the loop that runs in a child process or in a thread.

Between two steps it looks for commands. It speaks unasked only when its state changes; metrics and snapshots
leave it when they are asked for, so that nothing queues however slow the window is.
"""

import time
from collections.abc import Callable
from dataclasses import dataclass, field
from queue import Empty, SimpleQueue
from typing import TYPE_CHECKING, Any

from ..errors import FailureReport, UnlessOutOfMemory, sentence_and_text
from ..runs.messages import (
    ChangeSetting,
    Command,
    ExtendSteps,
    FollowSequence,
    KeepMoment,
    Pause,
    Pull,
    Refusal,
    Resume,
    SetProbe,
    State,
    Step,
    Stop,
    StopRecording,
    TakeApart,
    Update,
)
from ..runs.metrics import Float32
from ..runs.snapshot import Snapshot
from ..runs.start import Start
from ..settings.config import ConfigError, TrainingConfig, check
from ..settings.words import change_in_words
from ..training.memory import NO_MEMORY_FOR_A_TWIN, NO_MEMORY_TO_LOOK, out_of_memory_sentence
from ..training.torch_libraries import load_torch_libraries
from .looks import Looks
from .metrics import Rate, SessionMetrics
from .recorded import SessionRecording
from .recorder import RecordTo

if TYPE_CHECKING:
    from ..training.trainer import Trainer

_LOOK_S = 1.0  # between two looks at the recording of a run that rests
_CHECK_INTERVAL_S = 0.1  # how long a run may go on after its loss was no longer finite


def run_session(
    commands: SimpleQueue[Command],
    send: Callable[[Update], None],
    config: TrainingConfig,
    where: str,
    record: RecordTo | None = None,
    start: Start | None = None,
) -> None:
    """Run a training run to its end: until Stop, or until it fails.

    commands: read between two steps. send: does not raise. where: "child process", for a person. record: where it is
    recorded; a recording that is resumed brings its own settings. start: the weights that it begins with, if they
    are given; where they do not fit the task it begins with new ones, and says so. A run that has made its steps
    stays, to answer pulls and to be extended. Whatever goes wrong is sent as an Update with state failed; nothing is
    raised.
    """
    session = _Session(commands, send, config, where, SessionRecording(record), start)
    with FailureReport(session.fail):
        session.prepare()
        session.run()


@dataclass
class _Session:
    commands: SimpleQueue[Command]
    send: Callable[[Update], None]
    config: TrainingConfig
    where: str
    recording: SessionRecording
    start: Start | None = None
    state: State = State.PREPARING
    last_state: State = State.PREPARING
    """Where it stood when it was told to stop."""
    divergence: str = ""
    told_problem: str = ""
    """Why the recording cannot be written, as it was last said."""
    place: str = ""
    goal: int = 0
    pause_at: int | None = None
    trainer: "Trainer | None" = None
    metrics: SessionMetrics = field(default_factory=SessionMetrics)
    events: list[tuple[int, str]] = field(default_factory=list)
    check_due: float = 0.0
    looks: Looks = field(default_factory=Looks)
    rate: Rate = field(default_factory=Rate)

    # What is said

    def update(self, message: str = "", **more: Any) -> Update:
        step = self.trainer.done if self.trainer else 0
        return Update(
            self.state,
            step=step,
            goal=self.goal,
            message=message or self.divergence,  # an answer may overtake the word that it became so
            diverged=bool(self.divergence),
            steps_per_second=self._steps_per_second(),
            place=self.place + self._why_plain(),
            recorded=str(self.recording.path or ""),
            **more,
        )

    def _why_plain(self) -> str:
        """Return why steps are not recorded on a GPU, for the place; known after some steps."""
        reason = self.trainer.learner.plain_because if self.trainer else ""
        return f", {reason}" if reason else ""

    def change(self, state: State, message: str = "") -> None:
        self.state = state
        self.send(self.update(message))

    def take_events(self) -> tuple[tuple[int, str], ...]:
        events, self.events = tuple(self.events), []
        return events

    def _steps_per_second(self) -> float:
        if self.trainer is None or self.state is not State.RUNNING:
            return self.rate.per_s
        return self.rate.after(self.trainer.done)

    def fail(self, error: Exception) -> None:
        self.state = State.FAILED
        sentence, text = sentence_and_text(error, "Training")
        with FailureReport(lambda _second: None):  # the first error is told; a broken device cannot be read any more
            self.recording.close(State.FAILED, whole=False)
        metrics, events = self.metrics.take(), self.take_events()
        self.send(self.update(error=sentence, traceback=text, metrics=metrics, events=events))

    # Preparation

    def prepare(self) -> None:
        """Make the trainer, and begin to record it; raises what `prepared` and a recording raise."""
        self.config, self.goal = self.recording.take_up(self.config)
        check(self.config)
        self.change(State.PREPARING, "loading torch")
        load_torch_libraries()
        # Not earlier: a window must not wait for torch.
        from ..training.preparation import prepared

        ready = prepared(
            self.recording.with_device_here(self.config),
            lambda message: self.change(State.PREPARING, message),
            self.recording.threads_before,
            self.start,
        )
        self.config, self.trainer = ready.trainer.config, ready.trainer
        self.place = f"{self.where}, {ready.place}"
        if self.recording.resumed is not None:
            self.trainer.restore(self.recording.resumed[0])
            self.metrics.go_on(self.trainer.done)
        self._start()
        if self.trainer.done >= self.goal:
            self.state = State.FINISHED
        problem = self.recording.begin(self.trainer, self.place, ready.threads, self.goal, self._collect)
        if self.recording.resumed is not None and self.recording.resumed[0].followed:
            self._note("gradients of all sequences")  # whoever resumes looks at these
        words, sentence = self.recording.moved_to(self.config.device)
        if words:
            self._note(words)
        moved = (Refusal("device", sentence),) if sentence else ()
        refusals = (*moved, *self._told_of_start(self.trainer))
        self.send(self.update(facts=self.trainer.task.facts(), devices=ready.devices, refusals=refusals))
        if problem:
            self._rest(State.PAUSED, Refusal("recording", problem))

    def _told_of_start(self, trainer: "Trainer") -> tuple[Refusal, ...]:
        """Note that the run begins with given weights; or return why it does not."""
        start = self.start
        if start is None:
            return ()
        if trainer.start is None:
            return (Refusal("start", start.misfit(trainer.task.title, trainer.task.input_size)),)
        self._note(f"begins with the weights of “{start.name}”")
        return ()

    # The loop

    def run(self) -> None:
        """Make steps and obey commands until Stop."""
        while self.state is not State.STOPPED:
            self.last_state = self.state
            if self.state is not State.RUNNING:
                self._rest_until_told()
            elif self.commands.empty():
                self._step()
            else:
                self._obey(self.commands.get())
        self._collect()
        self.recording.close(State.FINISHED if self.last_state is State.FINISHED else State.STOPPED)
        metrics, events = self.metrics.take(), self.take_events()
        self.send(self.update(metrics=metrics, events=events, snapshot=self._snapshot()))

    def _rest_until_told(self) -> None:
        """Sleep until there is a command; meanwhile say so if what is left cannot be written."""
        try:
            self._obey(self.commands.get(timeout=_LOOK_S))
        except Empty:
            self._tell_of_recording()

    def _tell_of_recording(self) -> None:
        """Record what was changed although no step comes; say once why it cannot be written."""
        problem = self.recording.after_step()
        if problem and problem != self.told_problem:
            self._refuse("recording", problem)
        self.told_problem = problem

    def _the_trainer(self) -> "Trainer":
        if self.trainer is None:
            raise RuntimeError("the run was not prepared")
        return self.trainer

    def _step(self) -> None:
        trainer = self._the_trainer()
        if not self._made_step(trainer):
            return
        if time.perf_counter() >= self.check_due:
            self._collect()
        problem = self.recording.after_step()
        if self.state is not State.RUNNING:
            return  # diverged
        if problem:
            self.told_problem = problem
            self._rest(State.PAUSED, Refusal("recording", problem))
        elif trainer.done >= self.goal:
            self._rest(State.FINISHED)
        elif self.pause_at is not None and trainer.done >= self.pause_at:
            self._rest(State.PAUSED)

    def _made_step(self, trainer: "Trainer") -> bool:
        """Make one step; where memory runs out in it the run rests as it was before, and nothing is lost."""
        with UnlessOutOfMemory():
            trainer.step()
            return True
        trainer.free_memory()  # not while the error still holds what it was about
        self._rest(State.PAUSED, Refusal("memory", out_of_memory_sentence(self.config, trainer.done)))
        return False

    def _start(self) -> None:
        self.state = State.RUNNING
        self.rate.begin(self._the_trainer().done)

    def _rest(self, state: State, *refusals: Refusal) -> None:
        self.pause_at = None
        self._collect()
        if self.state is State.RUNNING:  # not if collecting found that the run diverged
            self._steps_per_second()
            self.state = state
            self.recording.rest(state)
            self.send(self.update(refusals=refusals))

    def _obey(self, command: Command) -> None:
        """Do what the window wants; where there is no memory for it, say so and go on without."""
        with UnlessOutOfMemory():
            self._do(command)
            if self.state is not State.RUNNING:
                self._tell_of_recording()
            return
        self._the_trainer().free_memory()
        refusals = (Refusal("memory", NO_MEMORY_TO_LOOK),)
        if isinstance(command, Pull):
            self.looks.without(command.wants)
            self.send(self.update(metrics=self.metrics.take(), answer=True, refusals=refusals))
        else:
            self.send(self.update(refusals=refusals))

    def _do(self, command: Command) -> None:
        trainer = self._the_trainer()
        match command:
            case Pull(wants):
                self._answer(wants)
            case Pause() if self.state is State.RUNNING:
                self._rest(State.PAUSED)
            case Resume() if self.state is State.PAUSED:
                self.pause_at = None
                self._go_on()
            case Step(count) if self.state in (State.RUNNING, State.PAUSED, State.FINISHED):
                self.pause_at = trainer.done + max(count, 1)
                self.goal = max(self.goal, self.pause_at)
                self._go_on()
            case ExtendSteps(count):
                self.goal += max(count, 0)
                if self.state is State.FINISHED and self.goal > trainer.done:
                    self._go_on()
                else:
                    self.change(self.state)
            case ChangeSetting(name, value):
                self._change_setting(name, value)
            case SetProbe(example, x):
                self._set_probe(example, x)
            case FollowSequence(number) if (number or 0) != trainer.followed:
                trainer.follow_sequence(number)
                self._note(f"gradients of {f'sequence {number}' if number else 'all sequences'}")
                self.looks.at_once()
            case KeepMoment() if self.recording.keep():
                self.events.append((trainer.done, "snapshot recorded"))
            case StopRecording():
                self.recording.give_up()
                self.change(self.state)
            case TakeApart() if self.state in (State.RUNNING, State.PAUSED, State.FINISHED):
                problem = self.recording.go_on()  # no step is made that could not be recorded
                if problem:
                    self._refuse("recording", problem)
                else:
                    self._take_apart()
            case Stop():
                self.state = State.STOPPED

    def _go_on(self) -> None:
        """Train again; where nothing can be recorded yet, say so and rest."""
        problem = self.recording.go_on()
        self._start()
        self.recording.say(state=State.RUNNING, goal=self.goal)
        if problem:
            self._rest(State.PAUSED, Refusal("recording", problem))
        else:
            self.change(State.RUNNING)

    def _note(self, words: str) -> None:
        step = self._the_trainer().done
        self.events.append((step, words))
        self.recording.event(step, words)

    def _refuse(self, what: str, sentence: str) -> None:
        self.send(self.update(refusals=(Refusal(what, sentence),)))

    def _change_setting(self, name: str, value: float | str) -> None:
        trainer = self._the_trainer()
        before = trainer.config
        try:
            trainer.change_setting(name, value)
        except ConfigError as error:
            self._refuse("settings", str(error))
            return
        words = change_in_words(before, trainer.config)
        if words:
            self._note(words)
        self.looks.at_once()

    def _set_probe(self, example: int | None, x: Float32 | None) -> None:
        try:
            self._the_trainer().set_probe(example, x)
        except ConfigError as error:
            self._refuse("probe", str(error))
            return
        self.looks.at_once()

    def _take_apart(self) -> None:
        trainer = self._the_trainer()
        self._rest(State.PAUSED)
        apart = trainer.step_apart()
        self.goal = max(self.goal, trainer.done)
        self.state = State.RUNNING  # so that a loss that is lost is told
        self._collect()
        if self.state is State.RUNNING:
            self.state = State.PAUSED if trainer.done < self.goal else State.FINISHED
        self.send(self.update(apart=apart))

    def _answer(self, wants: frozenset[str]) -> None:
        self._collect()
        snapshot = self._snapshot(wants)
        start = time.perf_counter()
        metrics, events = self.metrics.take(), self.take_events()
        self.send(self.update(metrics=metrics, snapshot=snapshot, events=events, answer=True))
        if snapshot is not None:
            self.looks.sent(time.perf_counter() - start)

    def _snapshot(self, wants: frozenset[str] = frozenset()) -> Snapshot | None:
        snapshot = self.looks.snapshot(self._the_trainer(), self.state is State.RUNNING, wants)
        if snapshot is not None:
            self.recording.offer(snapshot)
        return snapshot

    def _collect(self) -> None:
        """Fetch the metrics since the last time, and pause where a loss among them is not finite."""
        metrics = self._the_trainer().drain()
        self.check_due = time.perf_counter() + _CHECK_INTERVAL_S
        self._tell_of_a_lost_twin()
        if not len(metrics):
            return
        self.recording.add(metrics)
        divergence = self.metrics.add(metrics)
        if divergence and self.state is State.RUNNING:
            self._diverge(divergence)

    def _tell_of_a_lost_twin(self) -> None:
        trainer = self._the_trainer()
        if trainer.twin_given_up:
            trainer.twin_given_up = False
            self._note("plain RNN as a baseline: off, not enough memory")
            self._refuse("twin", NO_MEMORY_FOR_A_TWIN)

    def _diverge(self, sentence: str) -> None:
        self.pause_at = None
        # Said once: a run that is resumed all the same tells where it went wrong, not where it went on.
        self.divergence = self.divergence or sentence
        self.recording.say(state=State.PAUSED)
        self.change(State.PAUSED, self.divergence)
