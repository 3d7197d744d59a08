"""The right answer of a question is computed from the cell, and what is typed is compared as a person would."""

from __future__ import annotations

import re

import pytest

from engine.document.document import blank
from engine.document.examples import load_example
from engine.lessons.answers import answer_of, check_number, fits
from engine.lessons.lesson import LessonError


@pytest.mark.parametrize(
    ("text", "answer"),
    [
        ("shape W_f", "3×6"),
        ("shape C_t", "3×1"),
        ("f_t", "[1, 1, 1]"),
        ("kept", "[0.50, −1, 2]"),
        ("C_t[2]", "−1"),
        ("C_t if f_t = 0", "[0, 0, 0]"),
        ("C_t if f_t = 0.5 0.5 0", "[0.25, −0.50, 0]"),
        ("f_t if b_f = -91 -175 -133", "[0.50, 0.50, 0.50]"),
        ("z_f t=1", "[92, 177, 136]"),
    ],
)
def test_an_answer_is_computed(text: str, answer: str) -> None:
    assert answer_of(text, load_example("forget-gate")) == answer


def test_what_is_held_is_held_in_every_time_step() -> None:
    counter = load_example("counter")
    assert answer_of("C_t if f_t = 0", counter) != answer_of("C_t", counter)


def test_a_shape_follows_the_sizes() -> None:
    assert answer_of("shape W_f", blank(4, 3, 3)) == "3×7"


@pytest.mark.parametrize(
    ("text", "words"),
    [
        ("C_q", "did you mean"),
        ("C_t t=9", "from 1 to 1"),
        ("C_t[9]", "from 1 to 3"),
        ("1 +", "cannot be computed"),
        ("C_t if f_t = 1 2", "has 3 entries"),
        ("C_t if f_t = abc", "abc"),
        ("C_t if q = 1", "no q"),
    ],
)
def test_what_cannot_be_computed_gets_a_sentence(text: str, words: str) -> None:
    with pytest.raises(LessonError, match=words):
        answer_of(text, load_example("forget-gate"))


@pytest.mark.parametrize(
    ("given", "right"),
    [
        ("3x7", "3×7"),
        ("3 by 7", "3×7"),
        ("3 × 7", "3×7"),
        ("0.5 0.5 0.5", "[0.50, 0.50, 0.50]"),
        ("-1", "−1"),
        ("It keeps it.", "it keeps it"),
        ("0.497", "0.50"),
    ],
)
def test_the_same_answer_in_other_words_fits(given: str, right: str) -> None:
    assert fits(given, right)


@pytest.mark.parametrize(("given", "right"), [("", "3×7"), ("7×3", "3×7"), ("0.4", "0.50"), ("0.5", "[0.50, 0.50]")])
def test_another_answer_does_not_fit(given: str, right: str) -> None:
    assert not fits(given, right)


@pytest.mark.parametrize(
    ("words", "text"),
    [
        ("[91, 175, 133]", "a_f"),
        ("92", "z_f[1]"),
        ("0.5, −1, 2", "C_t"),
        ("3×6", "shape W_f"),
        ("[0.5, -1.0, 2.00]", "kept"),
        ("0.8", "f_t[2] if z_f = 0 1.386 0"),
    ],
)
def test_numbers_of_a_text_are_those_of_the_program(words: str, text: str) -> None:
    check_number(words, text, load_example("forget-gate"))


@pytest.mark.parametrize(
    ("words", "text"),
    [
        ("[91, 175, 134]", "a_f"),
        ("91, 175", "a_f"),
        ("92.5", "z_f[1]"),
        ("3×7", "shape W_f"),
        ("nothing", "z_f[1]"),
        ("0.81", "f_t[2] if z_f = 0 1.386 0"),
    ],
)
def test_a_wrong_number_in_a_text_is_told(words: str, text: str) -> None:
    with pytest.raises(LessonError, match=f"The text says “{re.escape(words)}”"):
        check_number(words, text, load_example("forget-gate"))
