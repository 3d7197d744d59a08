"""What is read of one unit's pre-activation: which one it is, and its numbers in words."""

from __future__ import annotations

from collections.abc import Iterable

from engine.explain.activations import Activation, Pre
from engine.text import numbers
from gui.appearance.theme import Appearance

Unit = tuple[str, int]
"""One unit: the name of what is computed, and its index from 0."""


def pre_of(unit: Unit | None, pres: Iterable[Pre]) -> Pre | None:
    """Return the pre-activations that a unit is one of; None if it is not there."""
    found = (pre for pre in pres if unit is not None and pre.name == unit[0] and unit[1] < len(pre.values))
    return next(found, None)


def reading(pre: Pre, unit: int, activation: Activation, appearance: Appearance) -> str:
    """Return what stands after the symbol of a unit's pre-activation: "[2] = 1.30, σ = 0.79, σ' = 0.17"."""
    written = appearance.written
    z, value, slope = (float(array[unit]) for array in (pre.values, pre.results, pre.derivatives))
    symbol = activation.symbol
    return f"[{unit + 1}] = {written(z)}, {symbol} = {written(value, True)}, {symbol}' = {written(slope, True)}"


def exact_reading(pre: Pre, unit: int, activation: Activation) -> str:
    """Return the same with every digit."""
    z, value, slope = (numbers.exact(float(array[unit])) for array in (pre.values, pre.results, pre.derivatives))
    return f"{pre.symbol}[{unit + 1}] = {z}\n{activation.symbol} = {value}\n{activation.symbol}' = {slope}"
