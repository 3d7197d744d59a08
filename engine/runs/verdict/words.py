"""The sentence of a verdict, and the reason that was measured."""

from __future__ import annotations

import math
from collections.abc import Callable, Mapping

from ...setting import ELSEWHERE
from ...tasks.goal import Bound, Goal
from ...text.numbers import brief, in_full, percent
from .findings import Findings, Outlook

_GONE = 1e-3
"""A share of a gradient of which nothing is said to be left."""
_BY_LOSS_ALONE = "What this network is to learn is not known here, so its loss alone is judged."


def sentence_of(found: Findings) -> str:
    """Return the verdict in one sentence, without a full stop."""
    sentence, _ = _WORDS[found.outlook]
    return sentence(found)


def reason_of(found: Findings) -> str:
    """Return what was measured, in one or two sentences."""
    _, reason = _WORDS[found.outlook]
    return reason(found)


# Sentences


def _solved(found: Findings) -> str:
    goal, recent = _goal_of(found), found.recent
    last = f"the last {goal.last:,} {goal.sequences}"
    begin = f"Solved at step {found.solved_at or found.steps:,}"
    if goal.bound is not None:
        return f"{begin}: {_bound(found, goal.bound)} at each of the last {_steps(goal.bound.steps)}"
    if not goal.bounds_errors:
        return f"{begin}: {last} are all right"
    mean = f"{'at most ' if recent.error_is_bound else ''}{_error(recent.mean_error, goal.mean)} on average"
    if recent.wrong:
        return f"{begin}: of {last} only {recent.wrong:,} are off by {in_full(goal.each)} or more, {mean}"
    largest = goal.each if math.isnan(recent.largest_error) else recent.largest_error
    return f"{begin}: {last} within {_error(largest, math.inf if largest == goal.each else goal.each)}, {mean}"


def _solved_once(found: Findings) -> str:
    return f"Solved at step {found.solved_at or 0:,}; at step {found.steps:,} no longer"


def _learning(found: Findings) -> str:
    del found
    return "Learning: better than the trivial answer, not yet solved"


def _not_learning(found: Findings) -> str:
    return f"Not learning: no better than {found.facts.trivial_name}, after {_steps(found.steps)}"


def _diverged(found: Findings) -> str:
    at = f"Diverged at step {found.diverged_at or found.steps:,}"
    if found.is_lost:
        return f"{at}: the loss is no longer a finite number"
    return f"{at}: {_losses(found)[:-1].replace('The', 'the', 1)}"


def _overfitting(found: Findings) -> str:
    held_out = found.held_out
    assert held_out is not None
    return (
        f"Not better on held-out data: {_measured(held_out.measure_name, held_out.measure)}, the trivial answer "
        f"{brief(held_out.trivial)}"
    )


def _too_early(found: Findings) -> str:
    if found.steps < found.needed:
        return f"Too early to say: {found.steps:,} of the {_steps(found.needed)} that a judgement needs"
    if math.isnan(found.facts.trivial_loss):
        return f"Too early to say: the loss has not fallen yet, after {_steps(found.steps)}"
    return f"Too early to say: not yet better than {found.facts.trivial_name}, after {_steps(found.steps)}"


def _no_criterion(found: Findings) -> str:
    held_out = found.held_out
    if held_out is None:
        return f"Better than the trivial answer by {percent(_gain(found.recent.loss, found.facts.trivial_loss))}"
    return f"Better than the trivial answer by {percent(_gain(held_out.measure, held_out.trivial))} on held-out data"


def _falling(found: Findings) -> str:
    return f"The loss is falling: {brief(found.recent.loss)} now, {brief(found.first_loss)} at the first step"


def _not_falling(found: Findings) -> str:
    now, first = found.recent.loss, found.first_loss
    if now < first:
        return f"The loss has stopped falling: {brief(now)} now, {brief(first)} at the first step"
    return f"The loss has not fallen: {brief(now)} now, {brief(first)} at the first step"


# Reasons


def _what_was_asked(found: Findings) -> str:
    goal = _goal_of(found)
    if goal.bound is not None:
        return f"That was declared to be its goal. {_losses(found)}"
    if not goal.bounds_errors:
        return f"Each was judged before the network learnt from it. {_losses(found)}"
    most = f", but for {goal.wrong_at_most:,} of them," if goal.wrong_at_most else ""
    return (
        f"Asked are errors below {in_full(goal.each)}{most} and below {in_full(goal.mean)} on average. {_losses(found)}"
    )


def _what_is_missing(found: Findings) -> str:
    goal, recent = _goal_of(found), found.recent
    if goal.bound is not None:
        words = _bound(found, goal.bound)
        kept = f"{recent.steps - recent.wrong:,} of the last {_steps(recent.steps)}"
        return f"{words[:1].upper()}{words[1:]} at {kept}; it has to be at all of them."
    right, of = percent(1 - recent.wrong_share), f"the last {goal.last:,} {goal.sequences}"
    if not goal.bounds_errors:
        what = f"the symbols to copy in {of}" if goal.parts > 1 else of
        return f"Of {what} {right} are right; all must be."
    must = f"{percent(1 - goal.wrong_at_most / goal.last)} must be" if goal.wrong_at_most else "all must be"
    most = "at most " if recent.error_is_bound else ""
    return (
        f"Of {of} {right} are within {in_full(goal.each)}, {must}; the mean error is {most}{brief(recent.mean_error)}, "
        f"below {in_full(goal.mean)} is asked."
    )


def _why_not_learning(found: Findings) -> str:
    config = found.config
    words = _losses(found)
    if found.held_out is not None:
        words += f" {_held_out(found)}"
    if not math.isnan(found.carried) and found.carried < _GONE:
        T = config.sequence_length
        left = "nothing" if found.carried < 1e-9 else f"a fraction of {brief(found.carried)}"
        words += f" Of the gradient at the last time step, {left} is left {T - T // 2:,} time steps before it."
    return words


def _why_diverged(found: Findings) -> str:
    config = found.config
    if found.is_lost:
        if found.last_norm is None:
            return "No gradient norm before it was finite."
        step, norm = found.last_norm
        return f"The last finite gradient norm was {brief(norm)}, at step {step:,}."
    if config.task == ELSEWHERE:
        return _BY_LOSS_ALONE
    if config.optimizer == "sgd":
        norm_words = f"The gradient norm is {brief(found.recent.grad_norm)}"
        return f"{norm_words}, and each step moves by the rate, {brief(config.learning_rate)}, times the gradient."
    return f"The rate is {brief(config.learning_rate)}: one step moves every weight about that far."


def _why_overfitting(found: Findings) -> str:
    held_out = found.held_out
    assert held_out is not None
    words = f"The training loss is {brief(found.recent.loss)}, the trivial answer’s {brief(found.facts.trivial_loss)}."
    if found.solved_at is not None:
        words += f" On the rows that were trained on, the goal was met at step {found.solved_at:,}."
    if held_out.beyond:
        words += f" Of {held_out.rows:,} held-out rows {held_out.beyond:,} are beyond the values that were trained on."
    return words


def _how_much_better(found: Findings) -> str:
    return _losses(found) if found.held_out is None else _held_out(found)


def _so_far(found: Findings) -> str:
    return _losses(found) if found.steps else ""


def _by_loss_alone(found: Findings) -> str:
    del found
    return _BY_LOSS_ALONE


_Words = Callable[[Findings], str]
_WORDS: Mapping[Outlook, tuple[_Words, _Words]] = {
    Outlook.SOLVED: (_solved, _what_was_asked),
    Outlook.SOLVED_ONCE: (_solved_once, _what_is_missing),
    Outlook.LEARNING: (_learning, _what_is_missing),
    Outlook.NOT_LEARNING: (_not_learning, _why_not_learning),
    Outlook.DIVERGED: (_diverged, _why_diverged),
    Outlook.OVERFITTING: (_overfitting, _why_overfitting),
    Outlook.TOO_EARLY: (_too_early, _so_far),
    Outlook.NO_CRITERION: (_no_criterion, _how_much_better),
    Outlook.FALLING: (_falling, _by_loss_alone),
    Outlook.NOT_FALLING: (_not_falling, _by_loss_alone),
}
"""The sentence of each verdict, and its reason."""


# Parts


def _goal_of(found: Findings) -> Goal:
    assert found.goal is not None, f"{found.outlook} needs a goal"
    return found.goal


def _bound(found: Findings, bound: Bound) -> str:
    """Return what is bounded and how: "loss below 0.02", "root mean squared error below 20"."""
    facts = found.facts
    if bound.of == "loss":
        return f"loss {bound.side} {brief(bound.value)}"
    return f"{facts.measure_name} {bound.side} {brief(bound.value)} {facts.measure_unit}".rstrip()


def _losses(found: Findings) -> str:
    now, trivial = brief(found.recent.loss), found.facts.trivial_loss
    if math.isnan(trivial):
        return f"The loss is {now}, at the first step it was {brief(found.first_loss)}."
    return f"The loss is {now}, the trivial answer’s {brief(trivial)}."


def _held_out(found: Findings) -> str:
    held_out = found.held_out
    assert held_out is not None
    return (
        f"On {held_out.rows:,} held-out rows: {held_out.measure_name} {brief(held_out.measure)}; "
        f"{held_out.trivial_name}: {brief(held_out.trivial)}."
    )


def _error(value: float, bound: float) -> str:
    """Return an error in two digits, or in three where two of them would be no longer below its bound."""
    return text if "e" not in (text := f"{value:.2g}") and float(text) < bound else brief(value)


def _measured(name: str, value: float) -> str:
    """Return a measure in a few words: "error 1,383", "4.21 bits per character"."""
    return f"error {brief(value)}" if "error" in name else f"{brief(value)} {name}"


def _gain(measure: float, trivial: float) -> float:
    return 1 - measure / trivial if trivial else 0.0


def _steps(count: int) -> str:
    return f"{count:,} step{'s' * (count != 1)}"
