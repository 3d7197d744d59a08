"""The network as a run would begin with it: computed in the background, as long as no step has been made."""

from __future__ import annotations

from functools import partial
from operator import is_
from typing import Any

import numpy as np
from numpy.typing import NDArray
from PySide6.QtCore import QObject, Signal

from engine.machine import available_bytes
from engine.runs.first_weights import first_snapshot
from engine.runs.snapshot import Snapshot
from engine.runs.start import Start
from engine.settings.config import ConfigError, TrainingConfig
from engine.tasks.example import Example
from engine.training.memory import refuse_what_never_fits
from gui.jobs.background import Background
from gui.runs.controller import TrainingController

_DECIDE = (
    "seed",
    "cell",
    "cell_size",
    "hidden_size",
    "layers",
    "forget_bias",
    "bias_initialisation",
    "sequence_length",
    "batch_size",
    "clamped",
)
"""The settings on which the network depends, and whether there is memory for it."""
_NO_MEMORY = "There is not enough memory to show this network; choose a smaller cell or a shorter sequence"


class Beginning(QObject):
    """Knows the network of the shown run, or of the next one, before its first step."""

    made = Signal()
    """The network is there, or it cannot be."""

    def __init__(self, training: TrainingController, parent: QObject) -> None:
        super().__init__(parent)
        self._training = training
        self._background = Background("beginnings", self)
        self._asked: tuple[Any, ...] = ()
        self._computing = False
        self.snapshot: Snapshot | None = None
        """The network over its probe; the last one until another is computed. None where there is none."""
        self.example: Example | None = None
        """The example whose sequence or whose words it has."""
        self.problem = ""
        """Why there is no such network, in one sentence."""
        self.words = ""
        """Which weights it has, in a sentence."""

    @property
    def begins(self) -> bool:
        """Whether nothing is known yet of the network of a run, so that this one is shown in its place."""
        run = self._training.run
        return not run.history.count and run.history.shown is None and run.recorded is None

    def ask(self, config: TrainingConfig, example: Example) -> None:
        """Have the network computed of a run with these settings, unless that was done."""
        run, training = self._training.run, self._training
        start = run.start if run.last is not None else training.start
        if start is not None and not (start.fits(config) and start.m == example.x.shape[1]):
            start = None
        own = training.own_probe
        x = example.x if own is None or own.shape[1] != example.x.shape[1] else own
        asked = (tuple(getattr(config, name) for name in _DECIDE), example, x, start)
        if self._asked and asked[0] == self._asked[0] and all(map(is_, asked[1:], self._asked[1:])):
            return
        self._asked = asked
        self._background.run(
            partial(_computed, config, np.array(x, dtype=np.float32), example.words.outputs, start),
            partial(self._take, asked, _in_words(config, start)),
            partial(self._miss, asked),
            (ConfigError, MemoryError),
            "beginning",
        )

    def refuse(self, problem: str) -> None:
        """Show no network, for a reason in one sentence."""
        self._asked = ()
        if problem != self.problem or self.snapshot is not None:
            self.snapshot, self.problem = None, problem
            self.made.emit()

    def close(self) -> None:
        """End what is done in the background."""
        self._background.close()

    def _take(self, asked: tuple[Any, ...], words: str, snapshot: Snapshot) -> None:
        if asked is self._asked:
            self.snapshot, self.example, self.problem, self.words = snapshot, asked[1], "", words
            self.made.emit()

    def _miss(self, asked: tuple[Any, ...], error: Exception) -> None:
        if asked is self._asked:
            self.snapshot, self.problem = None, str(error) if isinstance(error, ConfigError) else _NO_MEMORY
            self.made.emit()


def _computed(config: TrainingConfig, x: NDArray[np.float32], outputs: int, start: Start | None) -> Snapshot:
    refuse_what_never_fits(config, available_bytes())
    return first_snapshot(config, x, outputs, start)


def _in_words(config: TrainingConfig, start: Start | None) -> str:
    """Return which weights a network has before its first step."""
    drawn = f"drawn with seed {config.seed:,}"
    if start is None:
        return f"Before the first step: weights as they are {drawn}"
    return f"Before the first step: the weights of “{start.name}”, and a readout {drawn}"
