"""Which numbers stand at an axis, and how they are written: no two alike, one precision, thousands apart.

Everything that draws an axis asks this, so that 10,000 and 2·10⁻⁵ look the same in every plot.
"""

from __future__ import annotations

import math
from collections.abc import Sequence

import numpy as np

from engine.text.numbers import MINUS, power_of_ten

_MOST_DECIMALS = 6
_LARGEST_PLAIN = 1e7
_LEAST_PLAIN, _MOST_PLAIN = -3, 4
"""Decimal logarithms between which a number at a logarithmic axis is written without a power of ten."""


def nice_step(span: float, room: int) -> float:
    """Return 1, 2 or 5 times a power of ten, the least of which at most `room` fit into a span."""
    least = max(span, 1e-300) / max(room, 1)
    power = math.floor(math.log10(least))
    return next(f * 10.0**p for p in (power, power + 1) for f in (1, 2, 5) if f * 10.0**p >= least * (1 - 1e-9))


def linear_places(low: float, high: float, room: int) -> tuple[float, list[float]]:
    """Return the distance between two ticks of a linear axis, about `room` of them at most, and their places."""
    every = nice_step(high - low, room)
    first, last = math.ceil(low / every - 1e-9), math.floor(high / every + 1e-9)
    return every, [place * every for place in range(first, last + 1)]


def linear_words(values: Sequence[float], every: float) -> list[str]:
    """Return the words of ticks that stand `every` apart, all with as many decimals as that needs."""
    if not values:
        return []
    exponent = math.floor(math.log10(abs(every))) if every else 0
    largest = max(abs(value) for value in values)
    if largest >= _LARGEST_PLAIN or exponent < -_MOST_DECIMALS:
        power = math.floor(math.log10(largest)) if largest else 0
        decimals = _decimals(every / 10.0**power)
        return [f"{_plain(value / 10.0**power, decimals)}·{power_of_ten(power)}" if value else "0" for value in values]
    return [_plain(value, _decimals(every)) for value in values]


def share_words(values: Sequence[float], every: float) -> list[str]:
    """Return the words of ticks on an axis of shares from 0 to 1: percentages, all with as many decimals."""
    return [f"{words} %" for words in linear_words([100 * value for value in values], 100 * every)]


def _decimals(every: float) -> int:
    """Return how many decimals tell multiples of a distance apart."""
    for decimals in range(_MOST_DECIMALS + 3):
        if abs(every * 10**decimals - round(every * 10**decimals)) < 1e-6 * abs(every * 10**decimals):
            return decimals
    return _MOST_DECIMALS + 3


def _plain(value: float, decimals: int) -> str:
    words = f"{value:,.{decimals}f}"
    return words.replace("-", MINUS) if float(words.replace(",", "")) else words.lstrip("-")


def log_places(low: float, high: float, room: int) -> list[float]:
    """Return the places of ticks on an axis of decimal logarithms: powers of ten, and within one 2, 3, 5 of them."""
    decades = np.arange(math.ceil(low - 1e-9), math.floor(high + 1e-9) + 1)
    if len(decades) >= 2:
        return [float(decade) for decade in decades[:: -(-len(decades) // max(room, 1))]]
    powers = range(math.floor(low), math.ceil(high))
    between = [v for d in powers for f in (1, 2, 3, 5) if low <= (v := float(d + math.log10(f))) <= high]
    if len(between) >= 2:
        return between[:: -(-len(between) // max(room, 1)) or 1]
    return between or [(low + high) / 2]


def log_words(logs: Sequence[float]) -> list[str]:
    """Return the words of ticks at decimal logarithms: powers of ten, or else numbers that all have one form."""
    if all(abs(log - round(log)) < 1e-6 for log in logs):
        return [power_of_ten(round(log)) for log in logs]
    if min(logs) >= _LEAST_PLAIN - 1e-6 and max(logs) < _MOST_PLAIN:
        return [f"{10**log:,.6f}".rstrip("0").rstrip(".") if log < 1 else f"{10**log:,.0f}" for log in logs]
    found = []
    for log in logs:
        power = math.floor(log + 1e-9)
        found.append(f"{10 ** (log - power):.2g}·{power_of_ten(power)}")
    return found


def whole_places(low: float, high: float, room: int) -> list[int]:
    """Return whole numbers for an axis that counts, about `room` of them at most."""
    every = max(1, round(nice_step(high - low, room)))
    return list(range(math.ceil(low / every - 1e-9) * every, math.floor(high + 1e-9) + 1, every))


def step_ticks(steps: int, room: int) -> list[int]:
    """Return about `room` steps at most to write at an axis from 1 to `steps`."""
    return [step for step in whole_places(1, steps, room) if step >= 1] or [steps]


def value_ticks(low: float, high: float, room: int, logarithmic: bool, shares: bool = False) -> list[tuple[float, str]]:
    """Return places and words of a vertical axis.

    logarithmic: places are decimal logarithms, words the values. shares: of a linear axis, the words are percentages.
    """
    if logarithmic:
        places = log_places(low, high, room)
        return list(zip(places, log_words(places), strict=True))
    every, places = linear_places(low, high, room)
    words = share_words(places, every) if shares else linear_words(places, every)
    return list(zip(places, words, strict=True))
