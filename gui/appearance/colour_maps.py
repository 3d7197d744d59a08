"""Numbers to colours to a picture."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray
from PySide6.QtGui import QImage


def round_up(value: float) -> float:
    """Return the next of 1, 2, 5, 10, 20 …, so that a range seldom changes."""
    power = 10 ** np.floor(np.log10(value))
    return float(next(step * power for step in (1, 2, 5, 10) if step * power >= value))


def places_of(values: NDArray[np.float64], limit: float) -> NDArray[np.uint8]:
    """Return places in the table of 256 colours, for values from -limit to limit."""
    shares = np.nan_to_num(values / limit, nan=0.0, posinf=1.0, neginf=-1.0)
    return np.rint(np.clip((shares + 1) / 2, 0, 1) * 255).astype(np.uint8)


def picture(places: NDArray[np.uint8], colours: NDArray[np.uint8], first_is_clear: bool = False) -> QImage:
    """Return places (rows, columns) as an image in a table of 256 colours."""
    rows, columns = places.shape
    pixels = np.ascontiguousarray(places)
    image = QImage(pixels.data, columns, rows, columns, QImage.Format.Format_Indexed8)
    table = [0xFF000000 | int(red) << 16 | int(green) << 8 | int(blue) for red, green, blue in colours]
    if first_is_clear:
        table[0] = 0
    image.setColorTable(table)
    return image.convertToFormat(QImage.Format.Format_ARGB32_Premultiplied)  # a copy: the array may go
