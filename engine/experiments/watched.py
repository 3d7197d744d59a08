"""A task that a judge can watch: it passes on every batch it draws and every prediction it judges."""

from collections.abc import Callable
from typing import Any

import numpy as np

from ..tasks.base import Examples, Float32, Task, TaskFacts

_WHAT_A_TRAINER_READS = ("input_size", "output_size", "output_names", "every_step", "criterion", "goal", "source")
_FOLLOWS = {"answer_names"}
"""What a task finds out from the others."""


class WatchedTask(Task):
    """Behaves as the task it is made of, and hands on what passes through it.

    on_answers: called with the network's answers and the targets of each training step, torch tensors without
    gradient. on_drawn: called with every x (T, B, m) that is drawn, before the network sees it.
    """

    def __init__(
        self, task: Task, on_answers: Callable[[Any, Any], None], on_drawn: Callable[[Float32], None] | None = None
    ) -> None:
        super().__init__(task.config)
        for name in {*TaskFacts.__dataclass_fields__, *_WHAT_A_TRAINER_READS} - _FOLLOWS:
            setattr(self, name, getattr(task, name))
        self._task = task
        self._on_answers = on_answers
        self._on_drawn = on_drawn

    def examples(self, rng: np.random.Generator, count: int) -> Examples:
        """Draw what the task draws."""
        x, target = self._task.examples(rng, count)
        if self._on_drawn is not None:
            self._on_drawn(x)
        return x, target

    def test_batch(self) -> Examples:
        """Return the task's own."""
        return self._task.test_batch()

    def probe(self) -> Examples:
        """Return the task's own."""
        return self._task.probe()

    def batch_loss_and_measure(self, output: Any, target: Any) -> tuple[Any, Any]:
        """Return the task's own."""
        self._on_answers(output.detach(), target)
        return self._task.batch_loss_and_measure(output, target)

    def batch_errors(self, output: Any, target: Any) -> tuple[Any, Any] | None:
        """Return the task's own."""
        return self._task.batch_errors(output, target)
