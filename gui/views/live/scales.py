"""What the colours of a map stand for: a gate's 0 to 1 or its own range, and three scales for values of either sign."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from engine.text.numbers import MINUS, grouped
from gui.appearance.colour_maps import SHARE, Limits, extremes, largest_size, lasting_limits
from gui.plots.gate_maps import PER_MAP, MapSpec, Ranges, range_words

Values = NDArray[np.floating]

OWN, ONE, ROOT = "own", "one", "root"
CHOICES = {OWN: "each unit to its own largest", ONE: "one scale for all units", ROOT: "root, one for all units"}
"""The words for what the user can choose for C and h."""
SHORT = {OWN: "own largest", ONE: "one scale", ROOT: "root"}
"""The same where there is little room."""
STATES = ("cell", "hidden")
"""Roles of values that have no bounds of their own."""


@dataclass(frozen=True)
class Scaling:
    """The user's choices: one of CHOICES for states, and whether a gate is spread over its own range."""

    states: str = OWN
    spread: bool = False


@dataclass(frozen=True, eq=False)
class Scaled:
    """Values (T, units) as the colours between `limits` show them; ends: words at the top and the bottom of the bar.

    words: lines between the ends, what the scale is where the ends do not say it.
    """

    values: Values
    limits: Limits
    ends: tuple[str, str]
    words: tuple[str, ...] = ()


def scaled(spec: MapSpec, values: Values, scaling: Scaling) -> Scaled:
    """Return a map's values on the scale that is chosen; values that are not finite count for no scale."""
    if spec.gate:
        return _of_gate(spec, values, scaling.spread)
    if spec.role not in STATES:  # a candidate, which tanh keeps between -1 and 1
        limits = lasting_limits(largest_size(values))
        return Scaled(values, limits, _signed(limits[1]))
    if scaling.states == OWN:
        return _of_each_unit(values)
    limits = lasting_limits(largest_size(values))
    if scaling.states == ONE:
        return Scaled(values, limits, _signed(limits[1]))
    with np.errstate(invalid="ignore"):
        rooted = np.sign(values) * np.sqrt(np.abs(values) / limits[1])
    return Scaled(rooted, (-1.0, 1.0), _signed(limits[1]), ("root",))


def _of_gate(spec: MapSpec, values: Values, spread: bool) -> Scaled:
    limits = SHARE
    if spread:
        ranges = Ranges()
        ranges.choice = PER_MAP
        limits = ranges.limits({spec.name: spec}, {spec.name: values})[spec.name]
    if limits == SHARE:
        return Scaled(values, SHARE, ("1", "0"))
    low, high = range_words(spec, limits).split(" … ")
    return Scaled(values, limits, (high, low), ("own", "range"))


def _of_each_unit(values: Values) -> Scaled:
    sizes = unit_sizes(values)
    with np.errstate(invalid="ignore", divide="ignore"):
        shares = np.where(sizes > 0, values / np.where(sizes > 0, sizes, 1), values)
    least, most = grouped(rounded(float(sizes.min()))), grouped(rounded(float(sizes.max())))
    span = least if least == most else f"{least}–{most}"
    return Scaled(shares, (-1.0, 1.0), ("+max", f"{MINUS}max"), ("own max", span))


def unit_sizes(values: Values) -> Values:
    """Return the largest size of each unit's finite values (units,); 0 where there is none."""
    low, high = extremes(values)
    known = values
    if not (np.isfinite(low) and np.isfinite(high) and np.isfinite(values).all()):
        known = np.where(np.isfinite(values), values, 0)
    sizes: Values = np.abs(np.maximum(known.max(axis=0), -known.min(axis=0)))  # -0 is 0
    return sizes


def rounded(size: float) -> float:
    """Return a size in two digits."""
    return float(f"{size:.2g}")


def _signed(limit: float) -> tuple[str, str]:
    words = grouped(limit)
    return words, f"{MINUS}{words}"
