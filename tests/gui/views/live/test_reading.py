"""What is read over the probe: signs, marks and curves, also where there are very many numbers."""

from __future__ import annotations

import numpy as np
import pytest

from gui.views.live.lanes.reading import reading_of


def one_hot(places: np.ndarray, m: int) -> np.ndarray:
    return np.eye(m, dtype=np.float32)[places]


def test_rows_with_a_single_one_are_signs_and_a_row_of_zeros_is_none() -> None:
    x = one_hot(np.arange(300) % 7, 7)
    x[200] = 0
    symbols = reading_of(x, None, None).symbols
    assert symbols is not None
    assert symbols[199] == 199 % 7
    assert symbols[200] == -1


@pytest.mark.parametrize("value", [1.0, 0.5, -1.0, np.nan, 2.0])
def test_one_number_that_is_none_of_a_sign_makes_them_inputs_like_others(value: float) -> None:
    x = one_hot(np.arange(300) % 7, 7)
    x[250, 3 if 250 % 7 != 3 else 4] = value  # far behind the first steps
    assert reading_of(x, None, None).symbols is None


def test_an_input_that_is_whole_at_first_alone_is_no_mark() -> None:
    x = np.zeros((300, 3), np.float32)
    x[5, 0] = x[5, 1] = 1
    x[250, 1] = 0.5
    x[:, 2] = np.linspace(0, 1, 300)
    reading = reading_of(x, None, None)
    assert reading.marks == (0,)
    assert reading.curves == (1, 2)


def test_of_very_many_inputs_a_few_are_drawn_and_the_largest_stays() -> None:
    x = np.random.default_rng(0).uniform(-1, 1, (5000, 700)).astype(np.float32)
    x[4321, 555] = -9
    reading = reading_of(x, None, None)
    assert not reading.is_small, "it is to be found in the background first"
    coarse = reading.coarse(1400, 90)
    assert coarse.values.shape == (1400, 90)
    assert coarse.values.min() == -9
    assert coarse.size == 9
    assert reading_of(x[:10], None, None).is_small


def test_of_very_many_symbols_a_few_pixels_show_each_that_is_read() -> None:
    reading = reading_of(one_hot(np.arange(5000) % 700, 700), None, None)
    coarse = reading.coarse(500, 100)
    assert coarse.values.shape == (500, 100)
    assert set(np.unique(coarse.values)) == {0, 1}
    assert coarse.values.any(axis=1).all(), "each time step reads one"
