"""The command `main.py train`: trains a network without a window.

The run is in a thread of this process. The main thread asks how it stands, prints, and hears signals at once however
long a step takes.
"""

from __future__ import annotations

import argparse
import math
import signal
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass, field, replace
from pathlib import Path

from ...errors import BAD_INPUT, ENDED, one_line
from ...file_kinds import RECORDING
from ...recording.about import RecordingError
from ...recording.library import run_of
from ...recording.recording import Recording
from ...runs.messages import State, Step, Update
from ...session.signals import leave_terminal, signals_to_end
from ...session.worker import TrainingWorker
from ...settings.config import settings
from .arguments import flag_of, help_of, metavar_of
from .plan import Plan, planned
from .ranks import is_distributed, train_distributed
from .report import SAY_S, Moment, Report, report_for
from .telling import Telling, leave

_LEAVE_S = 1.5  # after a signal: a step that takes longer is given up, the newest checkpoint is in the file already
_WRITTEN_S = 20.0  # for the last checkpoint of a large network to be in the file


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Add what `main.py train` can be told; what is given for a setting is left a text under its name."""
    parser.epilog = (
        "If a setting is given more than once, a flag overrides --set, and --set overrides --config. Ctrl+C, SIGTERM "
        "or a closed terminal ends the run with a checkpoint; --resume continues from it."
    )
    parser.allow_abbrev = False
    parser.argument_default = argparse.SUPPRESS
    parser.add_argument(
        "--config", type=Path, metavar="FILE", help="a TOML file with settings, by their names, or a link to settings"
    )
    parser.add_argument(
        "--set", dest="assignments", action="append", metavar="KEY=VALUE", help="a setting by its name; repeatable"
    )
    parser.add_argument(
        "--record", type=Path, metavar="FILE", help=f"where to record ({RECORDING.suffix}); without it, in the library"
    )
    parser.add_argument("--no-record", action="store_true", help="record nothing")
    parser.add_argument(
        "--resume",
        action="store_true",
        help="continue the recorded run with its settings; --steps is then the total number of steps, --device names "
        "another device, and each file that the recording names must be named again with its own flag",
    )
    parser.add_argument("--json", action="store_true", help="JSON lines, even on a terminal")
    group = parser.add_argument_group("settings")
    for setting in settings():
        group.add_argument(flag_of(setting), dest=setting.name, metavar=metavar_of(setting), help=help_of(setting))


def run(options: argparse.Namespace) -> int:
    """Train as the arguments say and return the exit status.

    0 where the goal was reached or a signal ended the run with a checkpoint, 1 where it ended by itself before, 2 for
    what cannot be trained. After a signal the process ends here.
    """
    if is_distributed():
        return train_distributed(options)
    report = report_for(getattr(options, "json", False))
    plan = planned(options)
    for warning in plan.warnings:
        report.say(f"warning: {warning}")
    return _Training(plan, report).run()


@dataclass
class _Training:
    """One run, from its preparation to its exit status; its methods are called by the main thread."""

    plan: Plan
    report: Report
    status: int = 0
    state: str = "finished"
    signalled_at: float = math.inf
    stopping: bool = False
    cannot_write: bool = False
    diverged: bool = False
    ask_due: float = 0.0
    worker: TrainingWorker = field(init=False)
    telling: Telling = field(init=False)

    def __post_init__(self) -> None:
        plan = self.plan
        self.worker = TrainingWorker(plan.config, plan.record, "this process")
        loss = plan.about.last_loss if plan.about else math.nan
        recorded = str(plan.record.path) if plan.record and plan.record.resume else ""
        moment = Moment(plan.made, plan.goal, loss, held_out=plan.about.held_out if plan.about else None)
        verdict = plan.about.verdict if plan.about else None
        self.telling = Telling(self.report, moment, plan.config, recorded, verdict)

    @property
    def step(self) -> int:
        return self.telling.moment.step

    @property
    def has_begun(self) -> bool:
        """Whether the first step was about to be made."""
        return not math.isnan(self.telling.began)

    def run(self) -> int:
        if self.plan.about is not None and self.plan.made >= self.plan.goal:
            path = self.telling.recorded
            self.report.say(f"{path} already has {self.plan.made:,} steps; ask for more with --steps.")
            return self._end()
        with _signals(self._interrupt):
            if self.plan.record is not None and self.plan.record.resume:
                self.worker.tell(Step(self.plan.goal - self.plan.made))  # whatever goal the recording has
            self.worker.start()
            try:
                self._attend()
            except OSError:  # whoever reads has left, such as `head`, or a terminal that was closed
                self._stop()
                self.worker.join()
                raise
            self.worker.join()
            self._check_recording()
            status = self._end()
            if self.signalled_at < math.inf:
                leave(status)
        return status

    # The main thread

    def _attend(self) -> None:
        """Ask the run how it stands and tell of it, until it is over."""
        while True:
            update = self.worker.take() if self.worker.wait_for_mail(SAY_S) else None
            if update is not None:
                self._hear(update)
                if update.over:
                    return
            moment = time.perf_counter()
            if moment >= self._leave_at:
                self._give_up()
            if moment >= self.ask_due:
                self.ask_due = moment + SAY_S
                self.worker.request()

    def _hear(self, update: Update) -> None:
        if update.state is State.FAILED:
            self.state, self.status = "failed", ENDED if update.traceback else BAD_INPUT
        if update.facts is not None and self.plan.about is None:
            # A task of the user's own may have a goal in its file, and then a limit.
            self.plan = replace(self.plan, goal=update.goal)
            self.telling.moment = replace(self.telling.moment, goal=update.goal)
        self.telling.hear(update)
        if update.state is not State.PREPARING:
            self._hear_whether_it_goes_on(update)

    def _hear_whether_it_goes_on(self, update: Update) -> None:
        """Stop a run that has made its steps, and one that rests because it cannot go on."""
        for refusal in update.refusals:
            self.report.say(refusal.sentence)
        if update.refusals:
            self.cannot_write = any(refusal.what == "recording" for refusal in update.refusals)
        rests = update.state in (State.PAUSED, State.FINISHED)
        if not rests or self.stopping:
            return
        if update.step < self.plan.goal and not update.solved:
            if update.state is State.FINISHED:
                return  # a recording that had reached its goal: the command to go on is on its way
            self.status, self.state = ENDED, "ended"
            if update.diverged:
                self.diverged = True
                self.report.say(update.message)
        self._stop()

    @property
    def _leave_at(self) -> float:
        """When to wait no longer after a signal; before the first step there is nothing to wait for."""
        return self.signalled_at + (_LEAVE_S if self.has_begun else 0.0)

    def _stop(self) -> None:
        self.stopping = True
        self.worker.stop()

    def _interrupt(self, number: int, _frame: object) -> None:
        """Handle a signal that asks for the end; a second one changes nothing."""
        leave_terminal(number)
        if not self.stopping:
            self.state = "interrupted"
        if self.signalled_at == math.inf:
            self.signalled_at = time.perf_counter()
            self._stop()

    # The end

    def _check_recording(self) -> None:
        """See whether the last checkpoint is in the file: a large one takes long, a disk may be full by then."""
        if not self.telling.recorded or self.state == "failed" or self.diverged:
            return  # what came after a loss that is no number is nothing to resume from
        patience_s = 0.0 if self.cannot_write else _WRITTEN_S
        path, until = Path(self.telling.recorded), min(time.perf_counter() + patience_s, self._leave_at)
        while (newest := _newest_checkpoint(path)) < self.step:
            if time.perf_counter() >= until:
                self.status = self.status or ENDED
                self._say_what_is_missing(path, newest)
                return
            time.sleep(SAY_S)

    def _say_what_is_missing(self, path: Path, newest: int) -> None:
        """Say from where a recording can be resumed; why it is not whole may have been said."""
        told = self.cannot_write
        if newest >= 0:
            later = f"{path.name} can be resumed from step {newest:,} of {self.step:,}: later steps were not written"
            self.report.say(one_line(later + ("." if told else "; check whether the disk is full or slow.")))
        elif not told:
            self.report.say(one_line(f"{path} can no longer be read; check whether it was moved or deleted."))

    def _give_up(self) -> None:
        """Leave while a step, or the preparation, still goes on."""
        if not self.has_begun:
            self._remove_what_was_not_begun()
        newest = _newest_checkpoint(Path(self.telling.recorded)) if self.telling.recorded else self.step
        if 0 <= newest < self.step:
            self.report.say(f"The present step takes too long to wait for; --resume continues from step {newest:,}.")
        self._end()
        leave(self.status)

    def _remove_what_was_not_begun(self) -> None:
        """Remove a new file of this run in which there is nothing yet."""
        record = self.plan.record
        if record is not None and not record.resume and record.path.exists() and run_of(record.path).about is None:
            with suppress(OSError):
                record.path.unlink()

    def _end(self) -> int:
        """Say how the run ended, and return the exit status."""
        if self.status != BAD_INPUT:
            self.telling.end(self.state)
        return self.status


def _newest_checkpoint(path: Path) -> int:
    """Return the step from which a recording can be resumed; −1 where that cannot be read."""
    with suppress(RecordingError), Recording(path) as recording:
        return max(recording.steps_of("checkpoints"), default=0)
    return -1


@contextmanager
def _signals(handler: Callable[..., None]) -> Iterator[None]:
    """Let the signals that ask for the end call a function of the main thread."""
    before = {number: signal.signal(number, handler) for number in signals_to_end()}
    try:
        yield
    finally:
        for number, old in before.items():
            signal.signal(number, old)
