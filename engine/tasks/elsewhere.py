"""What is known of the task of a network that was not trained here: the names of its inputs, and no more.

It is none of `TASKS`, as there is nothing to draw examples from; recordings of such networks name it.
"""

from __future__ import annotations

import math
from collections.abc import Sequence

from ..setting import ELSEWHERE
from .base import TaskFacts

TITLE = "Trained elsewhere"


def facts_elsewhere(m: int, input_names: Sequence[str] = (), measure_name: str = "", title: str = TITLE) -> TaskFacts:
    """Return what a window says about a network with m inputs that was trained by another program.

    input_names: "x1" … where they have no names. measure_name: of what was measured beside the loss, "" for nothing.
    The loss of the trivial answer is NaN: nobody knows it.
    """
    return TaskFacts(
        name=ELSEWHERE,
        title=title,
        loss_name="the training’s own loss",
        measure_name=measure_name,
        measure_unit="",
        measure_is_share=False,
        trivial_loss=math.nan,
        trivial_name="",
        prediction_kind="scatter",
        position_name="",
        value_name="",
        input_names=tuple(input_names) or tuple(f"x{number + 1}" for number in range(m)),
    )
