"""What `main.py train` does as one of several processes that torchrun has started."""

from __future__ import annotations

import argparse
import math
import os
import sys
import time
from collections.abc import Mapping
from contextlib import suppress
from dataclasses import dataclass, field, replace

from ...recording.recording import RecordingError
from ...runs.messages import Float32, State, Update
from ...session.signals import Signals
from ...settings.config import ConfigError, TrainingConfig
from ...training.torch_libraries import load_torch_libraries
from ..status import BAD_INPUT
from .plan import Plan, planned
from .report import SAY_S, Moment, Outcome, Report, report_for


def is_distributed(environment: Mapping[str, str] = os.environ) -> bool:
    """Return whether this process is one of several, as torchrun says in the environment."""
    count = environment.get("WORLD_SIZE", "")
    return count.isdecimal() and int(count) > 1


def train_distributed(options: argparse.Namespace) -> int:
    """Train as one rank of several. The first reads the arguments, records and speaks; the process ends here.

    Its status is as that of `engine.commands.train.command.train`.
    """
    with Signals() as signals:
        report = report_for(getattr(options, "json", False))
        plan = Plan(TrainingConfig(), None, 0)
        if os.environ.get("RANK") == "0":
            try:
                plan = planned(options)
            except (ConfigError, RecordingError) as error:
                report.say(str(error))
                return BAD_INPUT  # torchrun ends the others
            for warning in plan.warnings:
                report.say(f"warning: {warning}")
        load_torch_libraries()
        from ...session.ranks import run_distributed  # with torch: a signal is heard before that

        telling = _Telling(plan, report)
        status = run_distributed(plan.config, plan.record, plan.goal, telling.hear, signals)
        if os.environ.get("RANK") == "0":
            telling.end(status)
        _leave(status)
    return status


@dataclass
class _Telling:
    """Says on the first rank how the run stands, and on another one what went wrong there."""

    plan: Plan
    report: Report
    state: State = State.PREPARING
    recorded: str = ""
    began: float = math.nan
    began_at: int = 0
    say_due: float = 0.0
    moment: Moment = field(default_factory=lambda: Moment(0, 0))

    def hear(self, update: Update) -> None:
        """Say what is new."""
        self.state, self.recorded = update.state, update.recorded or self.recorded
        if update.traceback:
            self.report.say(update.traceback.rstrip())
        if update.error:
            self.report.say(update.error)
        elif update.state is State.PREPARING:
            self.report.preparing(update.message)
        elif update.message:
            self.report.say(update.message)
        if update.facts is not None:
            self.began, self.began_at = time.perf_counter(), update.step
            self.moment = Moment(update.step, update.goal, measure_name=update.facts.measure_name)
            self.report.begin(self.moment, update.place, update.recorded)
        if update.metrics is not None:
            self._hear_numbers(update, update.metrics[-1])
        self.moment = replace(self.moment, step=max(update.step, self.moment.step))

    def _hear_numbers(self, update: Update, row: Float32) -> None:
        self.moment = self.moment.after(update, row)
        if time.perf_counter() >= self.say_due:
            self.say_due = time.perf_counter() + SAY_S
            self.report.went_on(self.moment)

    def end(self, status: int) -> None:
        """Say how the run ended."""
        if status == BAD_INPUT:
            return
        states = {State.FINISHED: "finished", State.STOPPED: "interrupted", State.PAUSED: "ended"}
        state = states.get(self.state, "failed")
        seconds = time.perf_counter() - self.began
        made = self.moment.step - self.began_at
        moment = replace(self.moment, steps_per_s=made / seconds if seconds > 0 else 0.0)
        sequences = self.moment.step * self.plan.config.batch_size
        self.report.end(Outcome(moment, state, sequences, self.recorded))


def _leave(status: int) -> None:
    """End the process at once: taking torch down in good order takes long, and may wait for a rank that is gone."""
    for stream in (sys.stdout, sys.stderr):
        with suppress(OSError, ValueError):
            stream.flush()
    os._exit(status)
