"""The verdicts on the runs of one configuration, in a line."""

from __future__ import annotations

import pytest

from engine.comparison.verdicts import front_outlook, verdict_line
from engine.runs.verdict.findings import Outlook
from engine.runs.verdict.judging import Verdict


def said(*outlooks: Outlook) -> list[Verdict]:
    return [Verdict(outlook, f"This is {outlook}") for outlook in outlooks]


@pytest.mark.parametrize(
    ("outlooks", "seeds", "line"),
    [
        ((), 3, ""),
        ((Outlook.DIVERGED,), 1, "This is diverged"),
        ((Outlook.LEARNING,), 3, "First seed: learning"),
        ((Outlook.LEARNING, Outlook.LEARNING), 3, "2 of 3 seeds learning"),
        ((Outlook.NOT_LEARNING, Outlook.SOLVED, Outlook.SOLVED), 3, "2 of 3 seeds solved, 1 not learning"),
        ((Outlook.SOLVED_ONCE, Outlook.SOLVED), 2, "1 of 2 seeds solved, 1 solved once but not now"),
        ((Outlook.OVERFITTING,) * 3, 3, "All 3 seeds not better on held-out data"),
    ],
)
def test_one_run_says_its_sentence_and_several_how_many_came_to_what(
    outlooks: tuple[Outlook, ...], seeds: int, line: str
) -> None:
    assert verdict_line(said(*outlooks), seeds) == line


def test_the_sign_is_that_of_most_of_them() -> None:
    assert front_outlook([]) is None
    assert front_outlook(said(Outlook.LEARNING, Outlook.SOLVED, Outlook.LEARNING)) is Outlook.LEARNING
    assert front_outlook(said(Outlook.NOT_LEARNING, Outlook.SOLVED)) is Outlook.SOLVED
