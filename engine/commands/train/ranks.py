"""`main.py train` as one of several processes (ranks) that torchrun has started."""

from __future__ import annotations

import argparse
import os
from collections.abc import Mapping
from dataclasses import replace

from ...errors import BAD_INPUT
from ...runs.ending import ends_when_solved
from ...runs.messages import State, Update
from ...session.signals import Signals
from ...settings.config import TrainingConfig
from ...training.torch_libraries import load_torch_libraries
from .plan import Plan, planned
from .report import Moment, Report, report_for
from .telling import Telling, leave


def is_distributed(environment: Mapping[str, str] = os.environ) -> bool:
    """Return whether this process is one of several, as torchrun says in the environment."""
    count = environment.get("WORLD_SIZE", "")
    return count.isdecimal() and int(count) > 1


def train_distributed(options: argparse.Namespace) -> int:
    """Train as one rank of several. The first reads the arguments, records and speaks; the process ends here.

    Its status is as that of `engine.commands.train.command.run`.
    """
    with Signals() as signals:
        report = report_for(getattr(options, "json", False))
        plan = Plan(TrainingConfig(), None, 0)
        if os.environ.get("RANK") == "0":
            plan = _for_all_ranks(planned(options))  # where that fails, torchrun ends the others
            for warning in plan.warnings:
                report.say(f"warning: {warning}")
        load_torch_libraries()
        from ...session.ranks import run_distributed  # with torch: a signal is heard before that

        ranks = _Ranks(plan, report)
        status = run_distributed(plan.config, plan.record, plan.goal, ranks.hear, signals)
        if os.environ.get("RANK") == "0":
            ranks.end(status)
        leave(status)
    return status


def _for_all_ranks(plan: Plan) -> Plan:
    """Return the plan with its steps as the goal: no rank sees the errors of the whole batch."""
    if plan.made or not ends_when_solved(plan.config):
        return plan
    warning = "until is solved, which several ranks cannot see: they make all their steps (--steps)."
    return replace(plan, goal=plan.config.steps, warnings=(*plan.warnings, warning))


class _Ranks:
    """Hears how the run stands on the first rank, and on another one what went wrong there."""

    def __init__(self, plan: Plan, report: Report) -> None:
        self._report = report
        self._telling = Telling(report, Moment(0, 0), plan.config)
        self._state = State.PREPARING

    def hear(self, update: Update) -> None:
        self._state = update.state
        if update.message and update.state is not State.PREPARING:
            self._report.say(update.message)
        if update.facts is not None:
            self._telling.moment = Moment(update.step, update.goal)
        self._telling.hear(update)

    def end(self, status: int) -> None:
        if status == BAD_INPUT:
            return
        states = {State.FINISHED: "finished", State.STOPPED: "interrupted", State.PAUSED: "ended"}
        self._telling.end(states.get(self._state, "failed"))
