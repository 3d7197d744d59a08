"""A run in training: makes its steps at its pace, rests, and says where it stands.

It speaks unasked only when its state changes; metrics and snapshots leave it when they are asked for, so that nothing
queues however slow the window is.
"""

from __future__ import annotations

import time
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

from ..errors import FailureReport, UnlessOutOfMemory, sentence_and_text
from ..runs.divergence import Divergence
from ..runs.ending import SOLVED, ends_when_solved, most_steps
from ..runs.messages import Refusal, State, Update
from ..runs.metrics import Metrics, goal_of, joined
from ..runs.start import Start
from ..runs.verdict.judging import Judging
from ..settings.config import TrainingConfig, check
from ..settings.words import change_in_words
from ..training.memory import NO_MEMORY_FOR_A_TWIN, out_of_memory_sentence
from ..training.torch_libraries import load_torch_libraries
from .pacing import Pacer
from .recorded import SessionRecording

if TYPE_CHECKING:
    from ..training.trainer import Trainer

_CHECK_INTERVAL_S = 0.1  # how long a run may go on after its loss was no longer finite
_SOLVED_EVERY = 20  # steps between two looks whether the task is solved


@dataclass
class SessionMetrics:
    """Metrics that nobody has asked for yet."""

    _pending: list[Metrics] = field(default_factory=list)
    _divergence: Divergence = field(default_factory=Divergence)

    def go_on(self, step: int) -> None:
        """Say how many steps were made before."""
        self._divergence.count = step

    def add(self, metrics: Metrics) -> str:
        """Add the metrics of the next steps; returns a sentence where a loss is no finite number."""
        self._pending.append(metrics)
        return self._divergence.sentence if self._divergence.see(metrics) else ""

    def take(self) -> Metrics | None:
        """Return the metrics that have come since the last time, or None."""
        pending, self._pending = self._pending, []
        return joined(pending)


@dataclass
class RunInTraining:
    """One run. send: see `run_session`."""

    send: Callable[[Update], None]
    config: TrainingConfig
    where: str
    recording: SessionRecording
    pacer: Pacer
    given: Start | None = None
    """The weights that it begins with, if they are given."""
    state: State = State.PREPARING
    divergence: str = ""
    told_problem: str = ""
    """Why the recording cannot be written, as it was last said."""
    place: str = ""
    goal: int = 0
    began_at: int = 0
    """The steps that were made before this session."""
    pause_at: int | None = None
    judging: Judging | None = None
    """What sees whether the task is solved; None where that is not said in numbers."""
    solved: bool = False
    """Whether it has been solved once."""
    until_solved: bool = False
    """Whether it ends when that happens."""
    ended_solved: bool = False
    """Whether it has just ended because it was solved."""
    trainer: Trainer | None = None
    metrics: SessionMetrics = field(default_factory=SessionMetrics)
    events: list[tuple[int, str]] = field(default_factory=list)
    check_due: float = 0.0

    # What is said

    def update(self, message: str = "", **more: Any) -> Update:
        """Return where the run stands, with what there is to say besides."""
        step = self.trainer.done if self.trainer else 0
        return Update(
            self.state,
            step=step,
            goal=self.goal,
            until_solved=self.until_solved,
            solved=self.ended_solved,
            # An answer may overtake the word that it became so.
            message=message or self.divergence or (self._solved_in_words if self.ended_solved else ""),
            diverged=bool(self.divergence),
            steps_per_second=self.pacer.measured() if self.state is State.RUNNING else self.pacer.per_s,
            place=self.place + self._why_plain(),
            recorded=str(self.recording.path or ""),
            **more,
        )

    @property
    def _solved_in_words(self) -> str:
        at = self.judging.solved_at if self.judging is not None else None
        return f"{SOLVED} at step {at or self.goal:,}"

    def _why_plain(self) -> str:
        """Return why steps are not recorded on a GPU, for the place; known after some steps."""
        reason = self.trainer.learner.plain_because if self.trainer else ""
        return f", {reason}" if reason else ""

    def change(self, state: State, message: str = "") -> None:
        """Say that it has another state."""
        self.state = state
        self.send(self.update(message))

    def take_events(self) -> tuple[tuple[int, str], ...]:
        """Return what was changed since the last time."""
        events, self.events = tuple(self.events), []
        return events

    def fail(self, error: Exception) -> None:
        """Say what went wrong, and end."""
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
        self.until_solved = ends_when_solved(self.config) and self.recording.resumed is None
        self.change(State.PREPARING, "loading torch")
        load_torch_libraries()
        # Not earlier: a window must not wait for torch.
        from ..training.preparation import prepared

        ready = prepared(
            self.recording.with_device_here(self.config),
            lambda message: self.change(State.PREPARING, message),
            self.recording.threads_before,
            self.given,
        )
        self.config, self.trainer = ready.trainer.config, ready.trainer
        self.place = f"{self.where}, {ready.place}"
        if self.recording.resumed is not None:
            self.trainer.restore(self.recording.resumed[0])
            self.began_at = self.trainer.done
            self.metrics.go_on(self.began_at)
        else:
            self.trainer.look_closely()  # at the first step, with which later ones are compared
            self.goal = most_steps(self.config, self.trainer.task.facts())  # a user's own task has a goal in its file
        self.begin()
        if self.trainer.done >= self.goal:
            self.state = State.FINISHED
        problem = self.recording.begin(self.trainer, self.place, ready.threads, self.goal, self.collect)
        self._begin_to_judge(self.trainer)
        if self.recording.resumed is not None and self.recording.resumed[0].followed:
            self.note("gradients of all sequences")  # whoever resumes looks at these
        words, sentence = self.recording.moved_to(self.config.device)
        if words:
            self.note(words)
        moved = (Refusal("device", sentence),) if sentence else ()
        refusals = (*moved, *self._told_of_start(self.trainer))
        self.send(self.update(facts=self.trainer.task.facts(), devices=ready.devices, refusals=refusals))
        if problem:
            self.rest(State.PAUSED, Refusal("recording", problem))

    def _begin_to_judge(self, trainer: Trainer) -> None:
        """See from now on whether the task is solved; a run that has ended because it was is not ended once more."""
        facts = trainer.task.facts()
        if goal_of(trainer.config, facts) is None:
            return
        self.judging = self.recording.judging_so_far() or Judging(trainer.config, facts)
        self.solved = self.judging.solved_at is not None
        self.until_solved = ends_when_solved(trainer.config, facts)
        if self.state is State.FINISHED and self.judging.solved:
            self.ended_solved, self.until_solved = self.until_solved, False

    def _told_of_start(self, trainer: Trainer) -> tuple[Refusal, ...]:
        """Note that the run begins with given weights; or return why it does not."""
        if self.given is None:
            return ()
        if trainer.start is None:
            return (Refusal("start", self.given.misfit(trainer.task.title, trainer.task.input_size)),)
        self.note(f"begins with the weights of “{self.given.name}”")
        return ()

    def the_trainer(self) -> Trainer:
        """Return the trainer, which is there once the run is prepared."""
        if self.trainer is None:
            raise RuntimeError("the run was not prepared")
        return self.trainer

    # Steps

    def step(self) -> None:
        """Make one step, and rest where that was the last for now."""
        trainer = self.the_trainer()
        if not self._made_step(trainer):
            return
        # Seen at fixed steps, so that the same run ends at the same step at any speed.
        is_asked = self.until_solved and trainer.done % _SOLVED_EVERY == 0
        if self.pacer.made(trainer.done) >= self.check_due or is_asked:
            self.collect()
        problem = self.recording.after_step()
        if self.state is not State.RUNNING:
            return  # diverged
        if problem:
            self.told_problem = problem
            self.rest(State.PAUSED, Refusal("recording", problem))
        elif is_asked and self.judging is not None and self.judging.solved:  # and not once, and no longer
            self.goal, self.until_solved, self.ended_solved = trainer.done, False, True
            self.recording.say(goal=self.goal)
            self.rest(State.FINISHED)
        elif trainer.done >= self.goal:
            self.rest(State.FINISHED)
        elif self.pause_at is not None and trainer.done >= self.pause_at:
            self.rest(State.PAUSED)

    def end_elsewhere(self, was_changed: str) -> None:
        """End where the settings say now, of which one was changed; a run that has ended waits to go on.

        Of a run that is further already, the number of steps is left as it is; a limit is not.
        """
        if self.ended_solved and was_changed == "limit":
            return
        trainer = self.the_trainer()
        self.until_solved = self.judging is not None and ends_when_solved(trainer.config, trainer.task.facts())
        self.ended_solved = False
        goal = most_steps(trainer.config, trainer.task.facts())
        if goal > trainer.done or (was_changed == "limit" and self.until_solved):
            self.goal = max(goal, trainer.done)
        self.recording.say(goal=self.goal)
        if self.state is State.RUNNING and trainer.done >= self.goal:
            self.rest(State.FINISHED)
            return
        if self.state in (State.PAUSED, State.FINISHED):
            self.state = State.PAUSED if trainer.done < self.goal else State.FINISHED
            self.recording.say(state=self.state)
        self.change(self.state)

    def _made_step(self, trainer: Trainer) -> bool:
        """Make one step; where memory runs out in it the run rests as it was before, and nothing is lost."""
        with UnlessOutOfMemory():
            trainer.step()
            return True
        trainer.free_memory()  # not while the error still holds what it was about
        self.rest(State.PAUSED, Refusal("memory", out_of_memory_sentence(self.config, trainer.done)))
        return False

    def begin(self) -> None:
        """Make steps from now on; the first at once."""
        self.ended_solved = False
        self.state = State.RUNNING
        done = self.the_trainer().done
        self.pacer.begin(done)
        if self.pacer.pace.one_at_a_time and self.pause_at is None:
            self.pause_at = done + 1

    def rest(self, state: State, *refusals: Refusal) -> None:
        """Make no more steps for now, and say why that was not wished, if it was not."""
        self.pause_at = None
        self.collect()
        if self.state is State.RUNNING:  # not if collecting found that the run diverged
            self.pacer.measured()
            self.state = state
            self.recording.rest(state)
            self.send(self.update(refusals=refusals))

    def go_on(self) -> None:
        """Train again; where nothing can be recorded yet, say so and rest."""
        if self.ended_solved:  # it is wanted to go on all the same, also when it is resumed
            trainer = self.the_trainer()
            before = trainer.config
            trainer.change_setting("until", "steps")
            self.note(change_in_words(before, trainer.config))
        problem = self.recording.go_on()
        self.begin()
        self.recording.say(state=State.RUNNING, goal=self.goal)
        if problem:
            self.rest(State.PAUSED, Refusal("recording", problem))
        else:
            self.change(State.RUNNING)

    def note(self, words: str) -> None:
        """Note what was changed at this step."""
        step = self.the_trainer().done
        self.events.append((step, words))
        self.recording.event(step, words)

    def refuse(self, what: str, sentence: str) -> None:
        """Say why something was not done."""
        self.send(self.update(refusals=(Refusal(what, sentence),)))

    def tell_of_recording(self) -> None:
        """Record what was changed although no step comes; say once why it cannot be written."""
        problem = self.recording.after_step()
        if problem and problem != self.told_problem:
            self.refuse("recording", problem)
        self.told_problem = problem

    def collect(self) -> None:
        """Fetch the metrics since the last time, and pause where a loss among them is not finite."""
        metrics = self.the_trainer().drain()
        self.check_due = time.perf_counter() + _CHECK_INTERVAL_S
        self._tell_of_a_lost_twin()
        if not len(metrics):
            return
        self.recording.add(metrics)
        self._judge(metrics)
        divergence = self.metrics.add(metrics)
        if divergence and self.state is State.RUNNING:
            self._diverge(divergence)

    def _judge(self, metrics: Metrics) -> None:
        """Note the step at which the task is solved for the first time."""
        if self.judging is None:
            return
        self.judging.see(metrics)
        at = self.judging.solved_at
        if at is not None and not self.solved:
            self.solved = True
            self.events.append((at, SOLVED))
            self.recording.event(at, SOLVED)

    def _tell_of_a_lost_twin(self) -> None:
        trainer = self.the_trainer()
        if trainer.twin_given_up:
            trainer.twin_given_up = False
            self.note("plain RNN as a baseline: off, not enough memory")
            self.refuse("twin", NO_MEMORY_FOR_A_TWIN)

    def _diverge(self, sentence: str) -> None:
        self.pause_at = None
        # Said once: a run that is resumed all the same tells where it went wrong, not where it went on.
        self.divergence = self.divergence or sentence
        self.recording.say(state=State.PAUSED)
        self.change(State.PAUSED, self.divergence)
