"""A session in a thread of a test."""

from __future__ import annotations

from collections.abc import Callable
from queue import SimpleQueue
from threading import Thread
from typing import Any

import numpy as np

from engine.runs.messages import Command, Pull, Stop, Update
from engine.runs.pace import Pace
from engine.session.recorder import RecordTo
from engine.session.session import run_session
from engine.settings.config import TrainingConfig

SMALL: dict[str, Any] = {"sequence_length": 6, "batch_size": 4, "cell_size": 4, "device": "cpu", "worker": "thread"}


class Session:
    """A session in a thread of this test."""

    def __init__(self, pace: Pace, record: RecordTo | None = None, **settings: Any) -> None:
        self.commands: SimpleQueue[Command] = SimpleQueue()
        self.heard: SimpleQueue[Update] = SimpleQueue()
        self.updates: list[Update] = []
        config = TrainingConfig(**{**SMALL, "steps": 1_000_000, **settings})
        arguments = (self.commands, self.heard.put, config, "here", record, pace)
        self.thread = Thread(target=run_session, args=arguments, name="training-test", daemon=True)
        self.thread.start()

    def until(self, condition: Callable[[Update], bool]) -> Update:
        while True:
            self.updates.append(self.heard.get(timeout=60))
            assert not self.updates[-1].error, self.updates[-1].error
            if condition(self.updates[-1]):
                return self.updates[-1]

    def ask(self) -> Update:
        self.commands.put(Pull())
        return self.until(lambda update: update.answer)

    def made(self, steps: int) -> Update:
        """Ask until so many steps are made."""
        while (update := self.ask()).step < steps:
            pass
        return update

    def end(self) -> list[Update]:
        self.commands.put(Stop())
        self.until(lambda update: update.over)
        self.thread.join(10)
        return self.updates

    def rows(self) -> np.ndarray[Any, np.dtype[np.float32]]:
        """The metrics of every step that was told of."""
        return np.concatenate([update.metrics.values for update in self.updates if update.metrics is not None])

    def all_rows(self) -> np.ndarray[Any, np.dtype[np.float32]]:
        """The metrics of every step made so far."""
        self.ask()
        return self.rows()
