"""The block in a text that can be read in one way only."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from engine.text.matrix_text import readings_of_block


def only_reading(text: str) -> NDArray[np.float64]:
    (block,) = readings_of_block(text)
    return block
