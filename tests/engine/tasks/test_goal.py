"""A goal that is declared in words: what they mean, and the sentence for those that mean nothing."""

from __future__ import annotations

import re

import numpy as np
import pytest

from engine.settings.config import ConfigError, TrainingConfig, check
from engine.shipped import SHIPPED
from engine.tasks.goal import EXAMPLE, Bound, goal_of_words


@pytest.mark.parametrize(
    ("words", "expected"),
    [
        (EXAMPLE, Bound("measure", True, 20.0, 100)),
        ("loss below 0.02", Bound("loss", True, 0.02, 100)),
        ("measure above 0.95 for 1 step", Bound("measure", False, 0.95, 1)),
        ("Measure > 95 for 1,000 training steps in a row", Bound("measure", False, 95.0, 1000)),
        ("loss is below 1.9·10⁻⁴ for 20 steps", Bound("loss", True, 1.9e-4, 20)),
        ("loss<1e-3 for 5", Bound("loss", True, 0.001, 5)),
        ("measure above −0,5 for 7 steps", Bound("measure", False, -0.5, 7)),
    ],
)
def test_words_that_declare_a_goal(words: str, expected: Bound) -> None:
    goal = goal_of_words(words)
    assert goal is not None
    assert goal.bound == expected
    assert (goal.steps(32), goal.judged_a_step(32)) == (expected.steps, 1)


def test_no_words_declare_none() -> None:
    assert goal_of_words("") is None
    assert goal_of_words("  ") is None


@pytest.mark.parametrize(
    "words",
    [
        "solved",
        "below 20",
        "measure 20",
        "measure below",
        "measure below twenty for 3 steps",
        "accuracy above 0.9 for 10 steps",
        "measure below 1,234 for 10 steps",  # which can mean two numbers
        "loss below nan for 10 steps",
        "loss below 1e999",
        "loss below 0.1 for ever",
        "loss below 0.1 for 100 epochs",
        f"loss below 0.1 for {'9' * 5000} steps",  # more digits than Python reads
        f"loss below {'1' * 200_000} !",
    ],
)
def test_other_words_get_one_sentence_that_says_how(words: str) -> None:
    with pytest.raises(ConfigError, match=EXAMPLE) as caught:
        check(TrainingConfig(goal=words))
    assert "\n" not in str(caught.value)
    assert str(caught.value).endswith(".")


@pytest.mark.parametrize("steps", ["0", "10,001", "99999999999999999999"])
def test_a_goal_holds_for_a_step_at_least_and_not_for_ever(steps: str) -> None:
    with pytest.raises(ConfigError, match=r"choose 1 to 10,000\."):
        goal_of_words(f"loss below 1 for {steps} steps")


def test_the_bound_itself_is_excluded_and_nan_never_keeps_to_it() -> None:
    values = np.array([0.1, 0.2, 0.3, np.nan], dtype=np.float64)
    np.testing.assert_array_equal(Bound("loss", True, 0.2).holds(values), [True, False, False, False])
    np.testing.assert_array_equal(Bound("loss", False, 0.2).holds(values), [False, False, True, False])


def test_every_goal_of_the_guide_means_one() -> None:
    page = (SHIPPED / "guide" / "goals.md").read_text("utf-8")
    found = re.findall(r'"?((?:loss|measure) (?:below|above) [^"`\n]+)', page)
    assert len(found) > 3
    assert all(goal_of_words(words) for words in found)
