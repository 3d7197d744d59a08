"""One training run in several processes, from its preparation to its end: the loop of each rank.

Ranks speak with each other only between blocks of steps: all give their numbers to the first rank, which records them
and says how many steps the next block has, or that the run ends. So all make the same steps, whoever was told to stop.
"""

import os
import time
from collections.abc import Callable
from dataclasses import asdict, dataclass, field, replace
from pathlib import Path
from typing import Any

import numpy as np

from ..errors import BAD_INPUT, ENDED, FailureReport, sentence_and_text
from ..recording.about import RecordingError
from ..recording.checkpoint import Checkpoint
from ..runs.divergence import Divergence
from ..runs.messages import State, Update
from ..runs.metrics import Metrics
from ..setting import ConfigError
from ..settings.config import TrainingConfig, as_learnt, check
from ..tasks import create_task
from ..training.devices import describe_device
from ..training.distributed import Group, LostRankError, Rank, check_everywhere, check_shared, rank_columns
from ..training.memory import check_memory
from ..training.placement import choose_threads, set_threads, warm_up
from ..training.preparation import in_words
from ..training.trainer import Trainer
from .recorder import (
    RecordTo,
    RunRecorder,
    about_run,
    newest_checkpoint,
    other_device_sentence,
    settings_to_go_on,
)
from .signals import Signals

_BLOCK_S = 0.25
"""Seconds of training between two exchanges: what is recorded lags behind by this, and a signal waits for it."""
_GIVE_UP_S = 1.5
"""After a signal: a step that takes longer than this is given up, and the newest checkpoint is that on the disk."""
_LOST_GIVE_UP_S = 12.0
"""The same after a rank was lost, with the time to find out which."""
_CLOSE_S, _CLOSE_LOST_S, _CLOSE_SOON_S = 60.0, 8.0, 0.8
"""For the last checkpoint of a large network to be in the file: at the end, after a rank was lost, after a signal."""
_GIVEN_UP = "The present step takes too long to wait for; --resume continues from the newest checkpoint in the file."
_HEAD = 2  # numbers before those of steps: whether to stop, steps per second
_OF_PARTS = ("loss", "measure")
"""Metrics of a step that each rank has of its own part of the batch; those of the batch are their mean."""

Tell = Callable[[Update], object]


def run_distributed(config: TrainingConfig, record: RecordTo | None, goal: int, tell: Tell, signals: Signals) -> int:
    """Train as one rank of several, as torchrun has started them; return this process's exit status.

    config, record, goal: those of the first rank count. record: where it records; a recording that is resumed brings
    its own settings. goal: how many steps the run has then made in all. tell: called with an Update, on the first rank
    when the state changes and after each block of steps, with their metrics, on another one where something went wrong
    there alone; its last one says how the run ended. A signal ends the run after the present block on all ranks,
    whichever was told; the first writes a checkpoint. Raises nothing.
    """
    try:
        rank = Rank.of_environment()
        with Group(rank) as group:
            say = tell if rank.is_first else lambda _update: None  # another rank does
            return _Session(group, config, record, goal, say, tell, signals).run()
    except ConfigError as error:  # the other ranks were not found
        tell(Update(State.FAILED, goal=goal, error=str(error)))
        return BAD_INPUT


@dataclass
class _Session:
    group: Group
    config: TrainingConfig
    record: RecordTo | None
    goal: int
    tell: Tell
    """Says nothing on another rank than the first."""
    tell_own: Tell
    signals: Signals
    state: State = State.PREPARING
    place: str = ""
    rate: float = 0.0
    trainer: Trainer | None = None
    recorder: RunRecorder | None = None
    checkpoint: Checkpoint | None = None
    any_device: bool = False
    """Whether a resumed run may have another device than it had."""
    stop_wanted: bool = False
    unrecorded: Metrics | None = None
    """Metrics of steps that the other ranks have not added theirs to yet."""
    divergence: Divergence = field(default_factory=Divergence)
    status: int = ENDED

    def update(self, message: str = "", **more: Any) -> Update:
        return Update(
            self.state,
            step=self.trainer.done if self.trainer else 0,
            goal=self.goal,
            message=message,
            steps_per_second=self.rate,
            place=self.place,
            recorded=str(self.recorder.path) if self.recorder else "",
            **more,
        )

    def run(self) -> int:
        with FailureReport(self._fail):
            self.status = self._train(self._prepared())
        return self.status

    def _fail(self, error: Exception) -> None:
        """Say what ended the run; the status follows from it."""
        if isinstance(error, LostRankError):
            self.group.report("")
            self.status = self._end_without(str(error))
            return
        known = isinstance(error, (ConfigError, RecordingError))  # then it is the same on all ranks
        self.status = BAD_INPUT if known else ENDED
        sentence, text = sentence_and_text(error, "Training")
        if not known:
            self.group.report(sentence)
        self._close(State.FAILED, _CLOSE_SOON_S, whole=False)
        (self.tell if known else self.tell_own)(self.update(error=sentence, traceback=text))

    # Preparation

    def _prepared(self) -> Trainer:
        """Return the trainer, which is being recorded; raises ConfigError and RecordingError on all ranks alike."""
        self.tell(self.update("waiting for the other ranks"))
        self._take_up()
        rank = self.group.rank
        check_everywhere(self.group, self._check)
        device = self.group.choose_device(self.config.device, self.any_device)
        self.config = replace(self.config, device=str(device))
        self.tell(self.update("preparing the optimizer"))
        threads, trainer = check_everywhere(self.group, self._make_trainer)
        if self.checkpoint is not None:
            trainer.restore(self.checkpoint)
            self.divergence.count = trainer.done
        self.trainer = trainer
        each = f"{in_words(threads)} each"
        self.place = f"{rank.count} ranks, {self.group.backend}, {each}, {describe_device(device)}"
        self.state = State.RUNNING
        self._begin_to_record(trainer, threads)
        self.tell(self.update(self._other_device(), facts=trainer.task.facts()))
        self.signals.giving_up = lambda: self.tell(self.update(_GIVEN_UP))
        self.signals.patience_s = _GIVE_UP_S
        return trainer

    def _take_up(self) -> None:
        """Use what the first rank was told; only there must a recording that is resumed exist."""
        problem = ""
        if self.record is not None and self.record.resume and self.group.rank.is_first:
            try:
                self.checkpoint, _ = newest_checkpoint(self.record.path)
                self.any_device = self.config.device == "auto"
                self.config = settings_to_go_on(self.checkpoint.config, self.config)
            except RecordingError as error:
                problem = str(error)
        given = self.group.from_first((self.config, self.goal, self.checkpoint, self.any_device, problem))
        self.config, self.goal, self.checkpoint, self.any_device, problem = given
        if problem:
            raise RecordingError(problem)

    def _check(self) -> None:
        check(self.config)
        check_shared(self.config, self.group.rank.count)

    def _make_trainer(self) -> tuple[int, Trainer]:
        task = create_task(self.config)
        self.config = as_learnt(self.config, task.config)
        part = replace(self.config, batch_size=self.config.batch_size // self.group.rank.count)
        # On a CPU all ranks of a machine need room for their parts.
        check_memory(self.config if self.group.device.type == "cpu" else part, task, str(self.group.device))
        warm_up(replace(part, device="cpu"), task)
        said = os.environ.get("OMP_NUM_THREADS", "")  # by torchrun, where a machine has several ranks
        threads = int(said) if said.isdecimal() and int(said) else choose_threads(part, task)
        set_threads(threads)
        return threads, Trainer(self.config, task, share=self.group.share)

    def _begin_to_record(self, trainer: Trainer, threads: int) -> None:
        """Begin on the first rank; raises RecordingError on all where that cannot be."""
        problem = ""
        if self.record is not None and self.group.rank.is_first:
            ranks = self.group.rank.count
            about = about_run(trainer, self.place, threads, self.goal, self.record.name)
            about = replace(about, ranks=ranks, columns=(*about.columns, *rank_columns(ranks)))
            facts = asdict(trainer.task.facts())
            try:
                # Nothing to collect: it is called only between blocks, when it has the metrics of all steps.
                self.recorder = RunRecorder(trainer, self.record, about, facts, lambda: None)
                self.recorder.say(goal=self.goal)
            except RecordingError as error:
                problem = str(error)
        problem = self.group.from_first(problem)
        if problem:
            raise RecordingError(problem)

    def _other_device(self) -> str:
        """Note where a resumed run is computed, if that is elsewhere; return what to say of it, or ""."""
        if self.checkpoint is None or self.trainer is None:
            return ""
        before, now = (name.partition(":")[0] for name in (self.checkpoint.config.device, self.config.device))
        if before in (now, "auto"):
            return ""
        if self.recorder is not None:
            self.recorder.add_event(self.trainer.done, f"device {before} → {now}")
        return other_device_sentence(before, now) if self.any_device else ""

    # The loop

    def _train(self, trainer: Trainer) -> int:
        """Make block after block until the first rank says that the run ends; return the exit status."""
        wanted, problem = min(1, self.goal - trainer.done), ""
        while True:
            steps, trouble = self.group.verdict(0 if problem else wanted, bool(problem))
            if steps <= 0:
                break
            begin = time.perf_counter()
            for _ in range(steps):
                trainer.step()
            problem = self._exchange(trainer, steps, begin)
            wanted = self._next_block(trainer, steps, time.perf_counter() - begin)
        finished = trainer.done >= self.goal
        if trouble or finished:
            self._close(State.PAUSED if trouble else State.FINISHED)
        else:
            self._close(State.STOPPED, _CLOSE_SOON_S)
        last = trainer.snapshot() if self.group.rank.is_first and not trouble else None
        self.tell(self.update(error=problem, snapshot=last))
        return ENDED if trouble else 0

    def _next_block(self, trainer: Trainer, steps: int, seconds: float) -> int:
        """Return how many steps come before the next exchange, at most twice as many as last time; 0 ends the run."""
        if self.stop_wanted:
            return 0
        done = trainer.done
        block = min(max(1, int(steps * _BLOCK_S / max(seconds, 1e-9))), 2 * steps, self.goal - done)
        snapshot = self.recorder.next_snapshot if self.recorder else 0
        # A snapshot stands at its own step, and the step before it is looked at closely.
        return min([block, *(ahead for ahead in (snapshot - 1 - done, snapshot - done) if ahead > 0)])

    def _exchange(self, trainer: Trainer, steps: int, begin: float) -> str:
        """Give the numbers of a block to the first rank; returns, there, why the run cannot go on, or ""."""
        metrics, norms = trainer.drain(), self.group.batches.take_norms()
        self.unrecorded = metrics
        seconds = time.perf_counter() - begin
        alone = max(seconds - self.group.batches.take_waited(), 1e-9)
        head = [float(self.signals.stopping), steps / alone]
        of_part = [metrics[name] for name in _OF_PARTS]
        found = self.group.gathered(np.concatenate([head, *of_part, norms], dtype=np.float64))
        if not found:
            return ""
        self.unrecorded = None
        self.stop_wanted = any(numbers[0] for numbers in found)
        self.rate = steps / seconds
        of_steps = np.stack([numbers[_HEAD:].reshape(-1, steps) for numbers in found])  # (ranks, 3, steps)
        for place, name in enumerate(_OF_PARTS):
            metrics[name][:] = of_steps[:, place].mean(axis=0)
        of_ranks = np.empty((steps, len(found), 2), dtype=np.float32)
        of_ranks[:, :, 0] = [numbers[1] for numbers in found]
        of_ranks[:, :, 1] = of_steps[:, -1].T
        problem = self.divergence.sentence if self.divergence.see(metrics) else ""
        if self.recorder is not None:
            names = (*metrics.names, *rank_columns(len(found)))
            self.recorder.add(Metrics(names, np.column_stack([metrics.values, of_ranks.reshape(steps, -1)])))
            self.recorder.after_step()
            problem = problem or self.recorder.problem
        self.tell(self.update(metrics=metrics, answer=True))
        return problem

    # The end

    def _close(self, state: State, within_s: float = _CLOSE_S, whole: bool = True) -> None:
        self.state = state
        if self.recorder is not None:
            self.recorder.close(within_s, state, whole)

    def _end_without(self, reason: str) -> int:
        """End because another rank is gone: say which, and keep what was trained."""
        if self.signals.stopping and self.state is State.PREPARING:
            return 0
        self.signals.end_within(_LOST_GIVE_UP_S, ENDED)
        if not self.group.rank.is_first:
            return ENDED
        sentence = self.group.account_for(reason)
        if self.recorder is None or self.trainer is None:
            self.state = State.FAILED
            self.tell(self.update(error=sentence))
            return ENDED
        self.tell(self.update(sentence))  # before anything that may wait for a GPU
        # Loss and measure of these last steps are those of the first rank's own part of the batches.
        self.recorder.add(self.trainer.drain() if self.unrecorded is None else self.unrecorded)
        self.recorder.add_event(self.trainer.done, sentence)
        self._close(State.FAILED, _CLOSE_LOST_S)
        self.tell(self.update(error=_where_to_go_on(self.recorder.path)))
        return ENDED


def _where_to_go_on(path: Path) -> str:
    """Return the sentence that says from where a recording can be resumed."""
    try:
        checkpoint, _ = newest_checkpoint(path)
    except RecordingError as error:
        return str(error)
    return f"{path.name} can be resumed from step {checkpoint.step:,}, with --resume and any number of ranks."
