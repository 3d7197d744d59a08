"""The published figures of an experiment beside ours: the rows of a table, and the most important figure."""

import math
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from statistics import median

from ..text.numbers import brief
from .experiment import Experiment
from .results import SeedResult, median_sequences, quartiles, solved_share

NOTHING = "–"
"""Stands where there is no figure."""

Results = Mapping[str, Sequence[SeedResult]]
"""The results by the name of the setting they belong to."""
_Words = Callable[[Sequence[SeedResult]], str]


@dataclass(frozen=True)
class Row:
    """One line of the table: what is compared, the paper's figure, and ours for each setting."""

    label: str
    published: str
    ours: tuple[str, ...]


@dataclass(frozen=True)
class Headline:
    """Our figure and the paper's in words, such as "12,588 sequences" and "the paper: 74,000"; "" for none."""

    ours: str
    paper: str


def headline(experiment: Experiment, results: Sequence[SeedResult]) -> Headline:
    """Return the figure that counts most, over the results of one setting."""
    figures = experiment.published.figures
    if "sequences" in figures:
        return Headline(_success(results), f"the paper: {figures['sequences']:,.0f}")
    if "solved_share" in figures:
        return Headline(_solved(results), f"the paper: {_percent(figures['solved_share'])}")
    return Headline(_success(results), "")


def rows(experiment: Experiment, results: Results) -> tuple[Row, ...]:
    """Return the table; a figure that is neither published nor known of ours has no row."""
    figures = experiment.published.figures
    by_arm = [results.get(arm.name, ()) for arm in experiment.arms]

    def row(label: str, published: str, words: _Words) -> Row:
        return Row(label, published, tuple(words(own) if own else NOTHING for own in by_arm))

    found = [
        row("success after, sequences", _number(figures.get("sequences")), _median_words),
        row("quartiles", NOTHING, _quartile_words),
        row("solved", _published_share(figures), _solved_with_percent),
    ]
    published = NOTHING
    if "test_wrong" in figures:
        published = f"{figures['test_wrong']:,.0f} of {figures['test_sequences']:,.0f}"
    found.append(row("wrong in a new test", published, _wrong_words))
    for key, label in (
        ("test_mean_squared_error", "mean squared error of the test"),
        ("baseline_cross_entropy", "cross-entropy of the test"),
    ):
        if key in figures:
            without = " without memory" if key.startswith("baseline") else ""
            found.append(row(label, f"{figures[key]:.4f}{without}", _loss_words))
    found.append(row("seconds per seed", NOTHING, _seconds_words))
    return tuple(found)


def _success(results: Sequence[SeedResult]) -> str:
    """Return the median in words; where it was not solved, the bound that it exceeds."""
    if not results:
        return ""
    middle = median_sequences(results)
    return "not solved" if middle is None else f"{middle:,.0f} sequences"


def _solved(results: Sequence[SeedResult]) -> str:
    return f"{sum(result.solved for result in results)} of {len(results)} solved" if results else ""


def _median_words(results: Sequence[SeedResult]) -> str:
    middle = median_sequences(results)
    most = max(result.sequences for result in results)
    return f"not solved within {most:,}" if middle is None else f"{middle:,.0f}{_of(results)}"


def _of(results: Sequence[SeedResult]) -> str:
    return f" (median of {len(results)})" if len(results) > 1 else ""


def _quartile_words(results: Sequence[SeedResult]) -> str:
    both = quartiles(results) if len(results) > 2 else None
    if both is None:
        return NOTHING
    lower, upper = both
    return f"{lower:,.0f} to {'not solved' if upper is None else f'{upper:,.0f}'}"


def _solved_with_percent(results: Sequence[SeedResult]) -> str:
    share = solved_share(results)
    return f"{sum(result.solved for result in results)} of {len(results)} ({_percent(share or 0)})"


def _wrong_words(results: Sequence[SeedResult]) -> str:
    wrong = [result.test.wrong for result in results]
    return f"{_span(min(wrong), max(wrong), ',.0f')} of {results[0].test.sequences:,}"


def _loss_words(results: Sequence[SeedResult]) -> str:
    losses = [result.test.loss for result in results if result.test.loss is not None]
    if not losses:
        return NOTHING
    # A loss that is no number counts as larger than any that is.
    middle = median(loss if math.isfinite(loss) else math.inf for loss in losses)
    return f"{brief(middle)}{_of(results)}"


def _seconds_words(results: Sequence[SeedResult]) -> str:
    seconds = [result.seconds for result in results]
    return _span(min(seconds), max(seconds), ".1f")


def _span(low: float, high: float, form: str) -> str:
    first, last = format(low, form), format(high, form)
    return first if first == last else f"{first} to {last}"


def _published_share(figures: Mapping[str, float]) -> str:
    if "solved_share" not in figures:
        return NOTHING
    decaying = figures.get("solved_share_with_decaying_learning_rate")
    more = "" if decaying is None else f"; {_percent(decaying)} with a decaying learning rate"
    return _percent(figures["solved_share"]) + more


def _percent(share: float) -> str:
    return f"{100 * share:.0f} %"


def _number(value: float | None) -> str:
    return NOTHING if value is None else f"{value:,.0f}"
