"""Trains the runs of a comparison in one child process, from their preparation to their end.

The configurations take turns, a few steps each, so that their curves grow together: first all with the first seed,
then all with the next. As in a run of its own, metrics and snapshots leave only when they are asked for; of a run
that ends, the last snapshots of every example are kept, for its network is gone afterwards.
"""

import time
from collections import defaultdict
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field, replace
from functools import partial
from queue import SimpleQueue
from typing import TYPE_CHECKING, Any

import numpy as np

from ..errors import FailureReport, sentence_and_text
from ..runs.messages import Pause, Resume, State, Stop
from ..runs.metrics import Float32, Metrics, joined
from ..runs.snapshot import Snapshot
from ..runs.verdict.judging import Judging, Verdict
from ..session.looks import SNAPSHOT_SHARE
from ..settings.config import TrainingConfig
from ..tasks.base import Task, TaskFacts
from ..training.memory import check_memory, weight_count
from .comparison import (
    EXAMPLES,
    METRICS,
    Ask,
    Comparison,
    ComparisonCommand,
    ComparisonUpdate,
    Look,
    Run,
)

if TYPE_CHECKING:
    from ..training.trainer import Trainer

_MOST_BYTES = 16_000_000
"""Gates of one example beyond which those of the others are not kept."""
TURN_STEPS = 10
"""Steps of one configuration before the next one's turn."""
_LAST_LOOKS_S = 1.0  # after Stop, whose grace is longer: the metrics must leave as well


def run_lane(
    commands: SimpleQueue[ComparisonCommand],
    send: Callable[[ComparisonUpdate], None],
    comparison: Comparison,
    runs: Sequence[Run],
    side_by_side: bool,
) -> None:
    """Train runs of a comparison to their end, or until Stop; whatever goes wrong is sent, nothing is raised.

    side_by_side: whether other children train at the same time. send: does not raise.
    """
    session = _Session(commands, send, comparison, runs, side_by_side)
    with FailureReport(session.fail):
        session.prepare()
        session.run()


@dataclass(eq=False)
class _Entry:
    """One run that is being trained. shown: the examples that were looked at since the step shown_step.

    unjudged: metrics that its judge has not seen yet; it sees them together, when somebody asks for the verdict.
    """

    run: Run
    trainer: "Trainer"
    judging: Judging
    shown_step: int = -1
    shown: set[int] = field(default_factory=set)
    over: bool = False
    unjudged: list[Metrics] = field(default_factory=list)

    def verdict(self, over: bool) -> Verdict | None:
        """Return what is to be said of it; None before its first step."""
        news, self.unjudged = joined(self.unjudged), []
        if news is not None:
            self.judging.see(news)
        return self.judging.verdict(over) if self.judging.count else None

    def is_news(self, example: int) -> bool:
        """Say whether this example was not looked at since the last step, and take it for looked at."""
        if self.shown_step != self.trainer.done:
            self.shown_step = self.trainer.done
            self.shown.clear()
        news = example not in self.shown
        self.shown.add(example)
        return news


@dataclass
class _Session:
    commands: SimpleQueue[ComparisonCommand]
    send: Callable[[ComparisonUpdate], None]
    comparison: Comparison
    runs: Sequence[Run]
    side_by_side: bool
    state: State = State.PREPARING
    place: str = ""
    device: str = "cpu"
    facts: TaskFacts | None = None
    live: list[_Entry] = field(default_factory=list)
    tasks: dict[int, Task] = field(default_factory=dict)
    problems: dict[int, str] = field(default_factory=dict)
    weights: dict[int, int] = field(default_factory=dict)
    rows: dict[Run, list[Float32]] = field(default_factory=lambda: defaultdict(list))
    seconds: dict[int, float] = field(default_factory=lambda: defaultdict(float))
    diverged: dict[Run, int] = field(default_factory=dict)
    verdicts: dict[Run, Verdict] = field(default_factory=dict)
    """Of runs that were judged since the last answer."""
    snapshots: dict[Look, Snapshot] = field(default_factory=dict)
    snapshot_due: float = 0.0
    example: int = 0

    def stopped(self) -> bool:
        return self.state is State.STOPPED

    # What is said

    def say(self, state: State, message: str = "") -> None:
        self.state = state
        self.send(self.update(message=message))

    def update(self, **more: Any) -> ComparisonUpdate:
        return ComparisonUpdate(
            self.state,
            place=self.place,
            weights=dict(self.weights),
            problems=dict(self.problems),
            facts=self.facts,
            **more,
        )

    def full_update(self, **more: Any) -> ComparisonUpdate:
        rows = {run: np.concatenate(parts) for run, parts in self.rows.items()}
        snapshots, seconds = dict(self.snapshots), dict(self.seconds)
        for entry in self.live:
            self._judge(entry)
        verdicts = dict(self.verdicts)
        self.verdicts.clear()
        self.rows.clear()
        self.snapshots.clear()
        self.seconds.clear()
        known = {"rows": rows, "snapshots": snapshots, "seconds": seconds, "verdicts": verdicts}
        return self.update(**known, diverged=dict(self.diverged), **more)

    def fail(self, error: Exception) -> None:
        """Tell that nothing goes on, and why."""
        self.state = State.FAILED
        self.live.clear()  # nothing more is asked of what went wrong
        sentence, text = sentence_and_text(error, "It")
        self.send(self.full_update(error=sentence, traceback=text))

    # Preparation

    def prepare(self) -> None:
        """Load torch, look at every configuration, choose the number of threads."""
        self.say(State.PREPARING, "loading torch")
        # Not earlier: a window must not wait for torch.
        from ..training.preparation import device_for, in_words, threads_for

        for number in sorted({run.config for run in self.runs}):
            with FailureReport(partial(self._refuse, number)):
                self._prepare_config(number)
        if not self.tasks:
            return
        choice = device_for(*self._first(), partial(self.say, State.PREPARING), not self.side_by_side)
        self.device = choice.device
        for number, task in tuple(self.tasks.items()):
            with FailureReport(partial(self._refuse, number)):
                check_memory(self.comparison.config_of(Run(number, 0)), task, self.device)
        if not self.tasks:
            return
        config, task = self._first()
        threads = threads_for(replace(config, device=self.device), task, 1 if self.side_by_side else 0)
        self.place = f"child process, {in_words(threads)}, {choice.words}"
        self.say(State.RUNNING)

    def _prepare_config(self, number: int) -> None:
        from ..training.preparation import task_for

        config = self.comparison.config_of(Run(number, 0))
        # Each by itself, as before a run of its own: where only all of them together are too much, the run that finds
        # no memory says so.
        task = self.tasks[number] = task_for(config)
        self.weights[number] = weight_count(config, task.input_size, task.output_size)
        self.facts = self.facts or task.facts()

    def _first(self) -> tuple[TrainingConfig, Task]:
        """Return the first configuration that can be trained: it chooses for all."""
        number = min(self.tasks)
        return self.comparison.config_of(Run(number, 0)), self.tasks[number]

    def _refuse(self, number: int, error: Exception) -> None:
        """Leave a configuration out, with its sentence; the others go on."""
        self.problems[number], _ = sentence_and_text(error, "It")
        self.tasks.pop(number, None)
        for entry in self.live:
            entry.over = entry.over or entry.run.config == number

    # The loop

    def run(self) -> None:
        """Train seed after seed, and say the last word."""
        for seed in sorted({run.seed for run in self.runs}):
            self._train([run for run in self.runs if run.seed == seed])
            if self.stopped():
                break
        if not self.stopped():
            self.state = State.FINISHED
        self.send(self.full_update())

    def _train(self, runs: Sequence[Run]) -> None:
        for run in runs:
            if run.config in self.tasks:
                with FailureReport(partial(self._refuse, run.config)):
                    self.live.append(self._begun(run))
        while self.live and not self.stopped():
            for entry in self.live:
                with FailureReport(partial(self._refuse, entry.run.config)):
                    self._take_turn(entry)
                if self.stopped():
                    break
            self._let_go()
        self._collect_all()
        self._keep_last(self.live)
        self._judge_last(self.live)
        self.live.clear()

    def _begun(self, run: Run) -> _Entry:
        from ..tasks import create_task
        from ..training.trainer import Trainer

        config = self.comparison.config_of(run)
        task = self.tasks[run.config] if run.seed == 0 else create_task(config)
        return _Entry(run, Trainer(replace(config, device=self.device), task), Judging(config, task.facts()))

    def _take_turn(self, entry: _Entry) -> None:
        config, goal = entry.run.config, self.comparison.steps
        for _ in range(TURN_STEPS):
            if not self._heed() or entry.over or entry.trainer.done >= goal:
                return
            begin = time.perf_counter()
            entry.trainer.step()
            self.seconds[config] += time.perf_counter() - begin
        begin = time.perf_counter()
        self._collect(entry)  # waits for a device that works behind the program's back
        self.seconds[config] += time.perf_counter() - begin

    def _let_go(self) -> None:
        """Drop the runs that have ended, with their last snapshots."""
        goal = self.comparison.steps
        ended = [entry for entry in self.live if entry.over or entry.trainer.done >= goal]
        for entry in ended:
            self._collect(entry)
        self._keep_last(ended)
        self._judge_last(ended)
        self.live = [entry for entry in self.live if entry not in ended]

    def _heed(self) -> bool:
        """Obey what is asked between two steps; return whether training goes on."""
        while not self.stopped() and (self.state is State.PAUSED or not self.commands.empty()):
            self._obey(self.commands.get())  # sleeps while paused
        return not self.stopped()

    def _obey(self, command: ComparisonCommand) -> None:
        match command:
            case Ask(example):
                self._collect_all()
                if example is not None:
                    self._look(example)
                self.send(self.full_update(answer=True))
            case Pause() if self.state is State.RUNNING:
                self.say(State.PAUSED)
            case Resume() if self.state is State.PAUSED:
                self.say(State.RUNNING)
            case Stop():
                self.state = State.STOPPED

    def _collect_all(self) -> None:
        for entry in self.live:
            self._collect(entry)

    def _collect(self, entry: _Entry) -> None:
        """Fetch the metrics of a run; it ends at the first loss that is not finite."""
        metrics = entry.trainer.drain()
        if not len(metrics) or entry.run in self.diverged:
            return
        entry.unjudged.append(metrics)
        rows = metrics.of(METRICS)
        if (lost := metrics.lost) is not None:
            self.diverged[entry.run] = entry.trainer.done - len(rows) + lost + 1
            rows = rows[: lost + 1]
            entry.over = True
        self.rows[entry.run].append(rows)

    def _look(self, example: int) -> None:
        """Make snapshots of an example; of the same one not so often that training is slowed down."""
        another, self.example = example != self.example, example
        begin = time.perf_counter()
        if another or self.state is State.PAUSED or begin >= self.snapshot_due:
            for entry in self.live:
                self._keep_snapshot(entry, example)
            end = time.perf_counter()
            self.snapshot_due = end + (end - begin) / SNAPSHOT_SHARE

    def _keep_last(self, ended: Sequence[_Entry]) -> None:
        """Make the last snapshots of every example, that looked at first; after Stop, as many as there is time for."""
        for entry in ended:
            self._keep_snapshot(entry, self.example)
        begin = time.perf_counter()
        for example in range(EXAMPLES):
            for entry in ended:
                if _gate_bytes(self.snapshots.get(Look(entry.run.config, self.example))) > _MOST_BYTES:
                    continue  # eight times as much would be held by the window, too
                # Those of a large network take long, and the window still asks and steers.
                if not self._heed() and time.perf_counter() - begin > _LAST_LOOKS_S:
                    return
                self._keep_snapshot(entry, example)

    def _keep_snapshot(self, entry: _Entry, example: int) -> None:
        """Make the newest snapshot of a run of the first seed, unless it is known."""
        if entry.run.seed == 0 and entry.is_news(example):
            with FailureReport(partial(self._refuse, entry.run.config)):
                self.snapshots[Look(entry.run.config, example)] = self._snapshot(entry, example)

    def _judge_last(self, ended: Sequence[_Entry]) -> None:
        """Say the last word on runs, those of other seeds on held-out rows, too, if there is time for it."""
        for entry in ended:
            if entry.run.seed and not self.stopped():
                with FailureReport(partial(self._refuse, entry.run.config)):
                    entry.judging.see_snapshot(entry.trainer.snapshot())
            self._judge(entry, over=True)

    def _judge(self, entry: _Entry, over: bool = False) -> None:
        if (verdict := entry.verdict(over)) is not None:
            self.verdicts[entry.run] = verdict

    def _snapshot(self, entry: _Entry, example: int) -> Snapshot:
        entry.trainer.set_probe(example, None)
        made = entry.trainer.snapshot()
        entry.judging.see_snapshot(made)
        kept = (one for look, one in self.snapshots.items() if look.config == entry.run.config)
        alike = next((one for one in kept if one.step == made.step), None)
        return made if alike is None else replace(made, weights=alike.weights)  # sent and held once


def _gate_bytes(snapshot: Snapshot | None) -> int:
    gates = snapshot.gates if snapshot is not None else ()
    return sum(array.nbytes for layer in gates for array in layer.values())
