"""Numbers to colours to pictures, for every map and every cell of a table."""

from __future__ import annotations

import math
from dataclasses import dataclass
from functools import lru_cache

import numpy as np
from numpy.typing import NDArray
from PySide6.QtCore import QRectF
from PySide6.QtGui import QColor, QImage, QPainter

from gui.appearance.hatching import Missing, hatch, missing_in
from gui.appearance.theme import Theme

Limits = tuple[float, float]
"""The values of the first and of the last of 256 colours."""
SHARE: Limits = (0.0, 1.0)
"""The limits of values between 0 and 1."""
Table = NDArray[np.uint8]
"""256 colours, (256, 3)."""


def extremes(values: NDArray[np.floating]) -> Limits:
    """Return the least and the largest finite value; ∞, -∞ if there is none."""
    low, high = float(values.min(initial=np.inf)), float(values.max(initial=-np.inf))
    if not (math.isfinite(low) and math.isfinite(high)):
        finite = values[np.isfinite(values)]
        low, high = float(finite.min(initial=np.inf)), float(finite.max(initial=-np.inf))
    return low, high


def largest_size(values: NDArray[np.floating]) -> float:
    """Return the largest size of a finite value; 0 if there is none."""
    low, high = extremes(values)
    return max(high, -low, 0.0)


def own_limits(values: NDArray[np.floating], gate: str | None = None) -> Limits:
    """Return limits for numbers from their own sizes: ± the largest, at least ±1; 0 to 1 for a gate."""
    if gate:
        return SHARE
    size = max(1.0, largest_size(values))
    return -size, size


def lasting_limits(size: float) -> Limits:
    """Return limits for values of either sign up to a size, that seldom change: ±1, ±2, ±5, ±10 …"""
    power = 10 ** np.floor(np.log10(max(1.0, size)))
    limit = float(next(step * power for step in (1, 2, 5, 10) if step * power >= size))
    return -limit, limit


def places_of(values: NDArray[np.floating], limits: Limits) -> NDArray[np.uint8]:
    """Return the place of each value's colour in a table of 256: the nearest, beyond the limits the last.

    NaN has the place of 0; it is hatched.
    """
    low, high = limits
    step, first = (127.5 / high, 127.5) if low == -high else (255 / (high - low), -low * 255 / (high - low))
    with np.errstate(invalid="ignore", over="ignore"):
        places = values * step
        places += first + 0.5
        np.clip(places, 0, 255, out=places)
    if math.isnan(places.max(initial=0.0)):
        np.nan_to_num(places, copy=False, nan=max(0.0, first + 0.5))
    return places.astype(np.uint8)


@lru_cache(64)
def table_of(theme: Theme, gate: str | None = None) -> Table:
    """Return the colours of a gate, given by its role, or those of values of either sign."""
    return theme.gate(gate) if gate else theme.diverging


@lru_cache(64)
def colours_of(theme: Theme, gate: str | None = None) -> tuple[QColor, ...]:
    """Return the same 256 colours for Qt."""
    return tuple(QColor(*rgb) for rgb in table_of(theme, gate).tolist())


@lru_cache(64)
def letters_of(theme: Theme, gate: str | None = None) -> tuple[QColor, ...]:
    """Return for each of these colours one for text that can be read on it."""
    return tuple(theme.on(colour) for colour in colours_of(theme, gate))


@lru_cache(64)
def pixels_of(theme: Theme, gate: str | None = None) -> NDArray[np.uint32]:
    """Return the same 256 colours as pixels of an image, (256,)."""
    red, green, blue = table_of(theme, gate).astype(np.uint32).T
    pixels: NDArray[np.uint32] = np.uint32(0xFF000000) | red << np.uint32(16) | green << np.uint32(8) | blue
    return pixels


def image_of(pixels: NDArray[np.uint32], clear: bool = False) -> QImage:
    """Return pixels (rows, columns) as an image; `clear`: 0 is transparent."""
    rows, columns = pixels.shape
    kind = QImage.Format.Format_ARGB32_Premultiplied if clear else QImage.Format.Format_RGB32
    return QImage(np.ascontiguousarray(pixels).data, columns, rows, 4 * columns, kind).copy()  # the array may go


@dataclass(frozen=True, eq=False)
class MapImage:
    """Values as an image, and which of its places have no finite number."""

    image: QImage
    missing: Missing | None

    def paint(self, painter: QPainter, target: QRectF, theme: Theme) -> None:
        """Draw it in a rectangle, crossed or barred where there is no finite number."""
        painter.drawImage(target, self.image)
        hatch(painter, target, self.missing, theme)


def picture_of(values: NDArray[np.floating], limits: Limits, theme: Theme, gate: str | None = None) -> MapImage:
    """Return values (rows, columns) as a picture, the first row on top."""
    return MapImage(image_of(pixels_of(theme, gate)[places_of(values, limits)]), missing_in(values))
