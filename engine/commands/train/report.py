"""How a training without a window reports: as a progress bar on a terminal, as JSON lines to other programs."""

from __future__ import annotations

import math
import shutil
import sys
from dataclasses import dataclass, replace
from typing import Any

from ...errors import one_line
from ...runs.messages import Update
from ...runs.metrics import Metrics
from ...runs.verdict.judging import Verdict
from ...tasks.held_out import HeldOut
from ...text.numbers import grouped
from ..printing import finite, print_json

SAY_S = 0.1
"""Between two lines, or two looks of the bar."""


@dataclass(frozen=True)
class Moment:
    """Where a run stands. step: made of goal; steps_per_s: now; loss, measure, grad_norm: of the last step.

    held_out: of the newest network that was judged on rows that training never sees, if the task has them.
    """

    step: int
    goal: int
    loss: float = math.nan
    measure_name: str = "measure"
    measure: float = math.nan
    grad_norm: float = math.nan
    steps_per_s: float = 0.0
    held_out: HeldOut | None = None

    def after(self, update: Update, metrics: Metrics) -> Moment:
        """Return where the run stands after an update with these metrics."""
        loss, measure, grad_norm = (float(metrics[name][-1]) for name in ("loss", "measure", "grad_norm"))
        moved = replace(self, step=update.step, steps_per_s=update.steps_per_second)
        return replace(moved, loss=loss, measure=measure, grad_norm=grad_norm)


@dataclass(frozen=True)
class Outcome:
    """How a run ended. moment: its last; its steps_per_s is the mean over the steps made now.

    state: "finished", "interrupted", "ended" (by itself before its goal) or "failed". sequences: that the network
    learnt from, in all steps. recorded: the file, or "". read: sentences on how the data were read. verdict: None where
    no step was made.
    """

    moment: Moment
    state: str
    sequences: int
    recorded: str
    read: tuple[str, ...] = ()
    verdict: Verdict | None = None


class Report:
    """Is told how a run goes and how it ended; this one says nothing of it."""

    def preparing(self, words: str) -> None:
        """Say what is being done before the first step."""

    def begin(self, moment: Moment, place: str, recorded: str) -> None:
        """Say that the first step is about to be made."""

    def went_on(self, moment: Moment) -> None:
        """Say where the run stands."""

    def say(self, sentence: str) -> None:
        """Say what a person has to know, on stderr."""

    def end(self, outcome: Outcome) -> None:
        """Say how it ended."""


class JsonLines(Report):
    """A line of JSON for where the run stands, at most ten a second, and one for its end; sentences go to stderr."""

    def went_on(self, moment: Moment) -> None:
        """Print a line."""
        print_json(
            {
                "step": moment.step,
                "loss": finite(moment.loss),
                "measure": _measure(moment),
                "grad_norm": finite(moment.grad_norm),
                "steps_per_s": round(moment.steps_per_s, 1),
            },
            indent=None,
        )

    def say(self, sentence: str) -> None:
        """Print a sentence on stderr."""
        print(sentence, file=sys.stderr, flush=True)

    def end(self, outcome: Outcome) -> None:
        """Print the last line."""
        moment = outcome.moment
        print_json(
            {
                "done": True,
                "state": outcome.state,
                "steps": moment.step,
                "loss": finite(moment.loss),
                "measure": _measure(moment),
                "held_out": moment.held_out.members if moment.held_out else None,
                "steps_per_s": round(moment.steps_per_s, 1),
                "sequences": outcome.sequences,
                "recorded": outcome.recorded or None,
                "read": list(outcome.read),
                "verdict": outcome.verdict.members if outcome.verdict else None,
            },
            indent=None,
        )


class Bar(Report):
    """A bar on stderr with loss and steps/s, and a line on stdout for the end."""

    def __init__(self) -> None:
        self._bar: Any = None
        self._line_is_open = False

    def preparing(self, words: str) -> None:
        """Add to the line that says what is being prepared."""
        self._write(f", {words}" if self._line_is_open else f"Preparing: {words}")
        self._line_is_open = True

    def begin(self, moment: Moment, place: str, recorded: str) -> None:
        """Show the bar."""
        from tqdm import tqdm

        self._end_line()
        to = f", recorded to {one_line(recorded)}" if recorded else ", not recorded"
        self._write(f"Training in {place}{to}\n")
        columns, lines = shutil.get_terminal_size()  # a terminal that does not know its size has 80 by 24
        tqdm.monitor_interval = 0  # a thread that would look for bars that hang
        self._bar = tqdm(
            total=moment.goal,
            initial=moment.step,
            unit="step",
            file=sys.stderr,
            mininterval=0,
            ncols=columns,
            nrows=lines,
        )

    def went_on(self, moment: Moment) -> None:
        """Move the bar."""
        if self._bar is not None:
            self._bar.set_postfix_str(f"loss {grouped(moment.loss)}", refresh=False)
            self._bar.update(moment.step - self._bar.n)

    def say(self, sentence: str) -> None:
        """Print a sentence above the bar."""
        self._end_line()
        if self._bar is not None:
            self._bar.clear()
        self._write(f"{sentence}\n")

    def end(self, outcome: Outcome) -> None:
        """Close the bar and print the last line."""
        self._end_line()
        if self._bar is not None:
            self._bar.refresh()
            self._bar.close()
        print("\n".join([end_in_words(outcome), *verdict_lines(outcome.verdict)]), flush=True)

    def _end_line(self) -> None:
        if self._line_is_open:
            self._write("\n")
        self._line_is_open = False

    @staticmethod
    def _write(text: str) -> None:
        print(text, end="", file=sys.stderr, flush=True)


def end_in_words(outcome: Outcome) -> str:
    """Return how a run ended, as a person reads it."""
    moment = outcome.moment
    known = [f"{moment.step:,} of {moment.goal:,} steps"]
    if not math.isnan(moment.loss):
        known += [f"loss {grouped(moment.loss)}", f"{moment.measure_name} {grouped(moment.measure)}"]
    if moment.held_out is not None:
        known.append(moment.held_out.words)
    if moment.steps_per_s:
        known.append(f"{moment.steps_per_s:,.0f} steps/s")
    to = f"; recorded to {one_line(outcome.recorded)}" if outcome.recorded else ""
    return f"{outcome.state.capitalize()}: {', '.join(known)}{to}"


def verdict_lines(verdict: Verdict | None) -> list[str]:
    """Return a verdict as a person reads it: the sentence, what was measured, and what to try."""
    if verdict is None:
        return []
    lines = [f"{verdict.sentence}.", *([f"  {verdict.reason}"] if verdict.reason else []), f"  {verdict.advice}."]
    return [one_line(line) for line in lines]  # of a run that is resumed they may come from a file


def report_for(as_json: bool) -> Report:
    """Return JSON lines where they are wanted or where no person reads, else a bar."""
    return JsonLines() if as_json or not (sys.stdout.isatty() and sys.stderr.isatty()) else Bar()


def _measure(moment: Moment) -> dict[str, float | None]:
    return {moment.measure_name: finite(moment.measure)}
