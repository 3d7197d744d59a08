"""The numbers at an axis: on it, no two alike, one precision, and powers of ten in one way."""

from __future__ import annotations

import re

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from gui.plots.ticks import linear_places, linear_words, log_places, log_words, whole_places

ENDS = st.floats(-1e9, 1e9)


@given(low=ENDS, span=st.floats(1e-9, 1e9), room=st.integers(2, 12))
def test_ticks_of_a_linear_axis_lie_on_it_and_differ(low: float, span: float, room: int) -> None:
    high = low + span
    if not high - low > 1e-7 * max(abs(low), abs(high)):
        return  # not even the numbers differ
    every, places = linear_places(low, high, room)
    words = linear_words(places, every)
    slack = 1e-6 * every + 1e-9 * max(abs(low), abs(high))
    assert all(low - slack <= place <= high + slack for place in places)
    assert len(places) <= room + 1
    assert len(set(words)) == len(words)
    assert not any("e" in text or "-" in text for text in words)


@pytest.mark.parametrize(
    ("low", "high", "words"),
    [
        (0.0, 1.0, ["0.0", "0.2", "0.4", "0.6", "0.8", "1.0"]),
        (0.0, 50_000.0, ["0", "10,000", "20,000", "30,000", "40,000", "50,000"]),
        (-1.0, 1.0, ["−1.0", "−0.5", "0.0", "0.5", "1.0"]),
        (0.0, 1e-9, ["0", "0.2·10⁻⁹", "0.4·10⁻⁹", "0.6·10⁻⁹", "0.8·10⁻⁹", "1.0·10⁻⁹"]),
        (0.0, 3e8, ["0", "1·10⁸", "2·10⁸", "3·10⁸"]),
    ],
)
def test_words_of_a_linear_axis(low: float, high: float, words: list[str]) -> None:
    every, places = linear_places(low, high, 5)
    assert linear_words(places, every) == words


@given(low=st.floats(-14, 8), span=st.floats(0.05, 20), room=st.integers(2, 12))
def test_ticks_of_a_logarithmic_axis_lie_on_it_and_differ(low: float, span: float, room: int) -> None:
    places = log_places(low, low + span, room)
    words = log_words(places)
    assert places
    assert all(low - 1e-6 <= place <= low + span + 1e-6 for place in places)
    assert len(set(words)) == len(words)
    assert not any("e" in text for text in words)
    powers = {"10" in text and bool(re.search("[⁰¹²³⁴⁵⁶⁷⁸⁹]", text)) for text in words}
    assert len(powers) == 1  # all with a power of ten, or none


@pytest.mark.parametrize(
    ("values", "words"),
    [
        ([0.01, 0.1, 1.0], ["10⁻²", "10⁻¹", "10⁰"]),
        ([0.02, 0.03, 0.05], ["0.02", "0.03", "0.05"]),
        ([2e-5, 3e-5], ["2·10⁻⁵", "3·10⁻⁵"]),
        ([1000.0, 2000.0, 5000.0], ["1,000", "2,000", "5,000"]),
    ],
)
def test_words_of_a_logarithmic_axis(values: list[float], words: list[str]) -> None:
    assert log_words([float(np.log10(value)) for value in values]) == words


@given(low=st.integers(0, 10**8), span=st.floats(0.1, 10**7), room=st.integers(1, 12))
def test_an_axis_that_counts_has_whole_numbers(low: int, span: float, room: int) -> None:
    places = whole_places(low, low + span, room)
    assert len(places) <= max(room, 1) + 1
    assert all(low <= place <= low + span for place in places)
    assert len(set(places)) == len(places)
