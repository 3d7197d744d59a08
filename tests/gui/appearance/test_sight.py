"""The distance of colours is that of its inventors' test pairs, and the eyes are those of the source."""

from __future__ import annotations

import numpy as np
import pytest

from tests.gui.appearance.sight import SIGHTS, apart, ciede2000, contrast, lab

# Sharma, Wu and Dalal 2005, "The CIEDE2000 color-difference formula", table 1: L*, a*, b* of two colours, and ΔE₀₀.
PAIRS = """
50 2.6772 -79.7751 50 0 -82.7485 2.0425
50 3.1571 -77.2803 50 0 -82.7485 2.8615
50 2.8361 -74.02 50 0 -82.7485 3.4412
50 -1.3802 -84.2814 50 0 -82.7485 1
50 -1.1848 -84.8006 50 0 -82.7485 1
50 -0.9009 -85.5211 50 0 -82.7485 1
50 0 0 50 -1 2 2.3669
50 -1 2 50 0 0 2.3669
50 2.49 -0.001 50 -2.49 0.0009 7.1792
50 2.49 -0.001 50 -2.49 0.001 7.1792
50 2.49 -0.001 50 -2.49 0.0011 7.2195
50 2.49 -0.001 50 -2.49 0.0012 7.2195
50 -0.001 2.49 50 0.0009 -2.49 4.8045
50 -0.001 2.49 50 0.001 -2.49 4.8045
50 -0.001 2.49 50 0.0011 -2.49 4.7461
50 2.5 0 50 0 -2.5 4.3065
50 2.5 0 73 25 -18 27.1492
50 2.5 0 61 -5 29 22.8977
50 2.5 0 56 -27 -3 31.903
50 2.5 0 58 24 15 19.4535
50 2.5 0 50 3.1736 0.5854 1
50 2.5 0 50 3.2972 0 1
50 2.5 0 50 1.8634 0.5757 1
50 2.5 0 50 3.2592 0.335 1
60.2574 -34.0099 36.2677 60.4626 -34.1751 39.4387 1.2644
63.0109 -31.0961 -5.8663 62.8187 -29.7946 -4.0864 1.263
61.2901 3.7196 -5.3901 61.4292 2.248 -4.962 1.8731
35.0831 -44.1164 3.7933 35.0232 -40.0716 1.5901 1.8645
22.7233 20.0904 -46.694 23.0331 14.973 -42.5619 2.0373
36.4612 47.858 18.3852 36.2715 50.5065 21.2231 1.4146
90.8027 -2.0831 1.441 91.1528 -1.6435 0.0447 1.4441
90.9257 -0.5406 -0.9208 88.6381 -0.8985 -0.7239 1.5381
6.7747 -0.2908 -2.4247 5.8714 -0.0985 -2.2286 0.6377
2.0776 0.0795 -1.135 0.9033 -0.0636 -0.5514 0.9082
"""


@pytest.mark.parametrize("line", PAIRS.strip().splitlines())
def test_the_published_pairs_are_as_far_apart_as_published(line: str) -> None:
    numbers = np.array(line.split(), dtype=float)
    assert ciede2000(numbers[:3], numbers[3:6]) == pytest.approx(numbers[6], abs=5e-5)
    assert ciede2000(numbers[3:6], numbers[:3]) == pytest.approx(numbers[6], abs=5e-5)


def test_white_and_black_are_where_they_are_known_to_be() -> None:
    assert lab("#FFFFFF") == pytest.approx([100, 0, 0], abs=0.02)
    assert lab("#000000") == pytest.approx([0, 0, 0], abs=0.02)
    assert lab("#FF0000") == pytest.approx([53.24, 80.09, 67.20], abs=0.02)
    assert contrast("#FFFFFF", "#000000") == pytest.approx(21)
    assert contrast("#777777", "#FFFFFF") == pytest.approx(4.48, abs=0.005)


def test_a_dichromat_sees_grey_as_it_is_and_confuses_red_with_green() -> None:
    for sight in SIGHTS:
        assert apart("#808080", "#FFFFFF", sight) == pytest.approx(apart("#808080", "#FFFFFF"), abs=0.1)
    red, green = "#B85C00", "#6C8500"
    assert apart(red, green) > 30
    assert apart(red, green, "deuteranopia") < 0.5 * apart(red, green)
    assert apart("#0863EC", "#A65306", "deuteranopia") > 40, "blue and orange stay apart"
