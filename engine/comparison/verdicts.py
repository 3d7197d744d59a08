"""One line for the verdicts on the runs of a configuration, which differ in their seeds alone."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping, Sequence

from ..runs.verdict.findings import Outlook
from ..runs.verdict.judging import Verdict

_IN_WORDS: Mapping[Outlook, str] = {
    Outlook.SOLVED: "solved",
    Outlook.SOLVED_ONCE: "solved once but not now",
    Outlook.LEARNING: "learning",
    Outlook.NO_CRITERION: "better than the trivial answer",
    Outlook.OVERFITTING: "not better on held-out data",
    Outlook.NOT_LEARNING: "not learning",
    Outlook.DIVERGED: "diverged",
    Outlook.TOO_EARLY: "too early to say",
    Outlook.FALLING: "its loss is falling",
    Outlook.NOT_FALLING: "its loss is not falling",
}
"""The states in a few words, in the order in which they are told."""


def verdict_line(verdicts: Sequence[Verdict], seeds: int) -> str:
    """Return what is to be said of a configuration: the sentence of its one run, else how many came to what.

    seeds: how many runs there will be. "" where there is no verdict yet.
    """
    if len(verdicts) == 1 and seeds == 1:
        return verdicts[0].sentence
    counts = Counter(verdict.outlook for verdict in verdicts)
    found = [(counts[outlook], words) for outlook, words in _IN_WORDS.items() if counts[outlook]]
    if not found:
        return ""
    (first, what), *others = found
    if len(verdicts) == 1:
        return f"First seed: {what}"
    which = f"All {seeds} seeds" if first == seeds else f"{first} of {seeds} seeds"
    return ", ".join([f"{which} {what}", *(f"{count} {words}" for count, words in others)])


def front_outlook(verdicts: Sequence[Verdict]) -> Outlook | None:
    """Return the verdict that most of the runs have, of several the first in the order above; None of none."""
    counts = Counter(verdict.outlook for verdict in verdicts)
    return max(_IN_WORDS, key=lambda outlook: counts[outlook]) if counts else None
