"""Amounts as a person reads them."""

from math import floor

import pytest

from engine.text.amounts import bytes_in_words, changes


@pytest.mark.parametrize(
    ("count", "needed", "free"),
    [
        (0, "0 kB", "0 kB"),
        (1, "1 kB", "0 kB"),
        (999_001, "1000 kB", "999 kB"),
        (1_100_000, "1.1 MB", "1.1 MB"),
        (1_100_001, "1.2 MB", "1.1 MB"),
        (10**9, "1.0 GB", "1.0 GB"),
        (123_456_000_000, "123.5 GB", "123.4 GB"),
    ],
)
def test_what_is_taken_is_rounded_upwards_and_what_is_free_downwards(count: int, needed: str, free: str) -> None:
    assert bytes_in_words(count) == needed
    assert bytes_in_words(count, floor) == free


def test_a_ratio_is_said_as_growing_shrinking_or_vanishing():
    assert changes({"along C": 1.24}) == "along C grows 1.24-fold"
    assert changes({"along C": 0.2, "in the plain RNN": 0}) == (
        "along C shrinks to 0.20 of its size, in the plain RNN it vanishes"
    )
    assert changes({}) == ""
