"""What a recorder needs from a network in training, whichever process trains it."""

from __future__ import annotations

from typing import Protocol

from ..runs.snapshot import Snapshot
from ..settings.config import TrainingConfig
from .checkpoint import Checkpoint


class Trained(Protocol):
    """A network in training, between two steps."""

    done: int
    """Steps that it has made."""

    @property
    def config(self) -> TrainingConfig:
        """What it is trained with, as it is now."""

    @property
    def metric_names(self) -> tuple[str, ...]:
        """Names of the columns that each step adds a row to."""

    def snapshot(self, wants: frozenset[str] = frozenset()) -> Snapshot:
        """Compute what is seen of it after the last step, with what is wanted besides."""

    def extras_seconds(self, wants: frozenset[str]) -> dict[str, float]:
        """Return what each of the things wanted took when it was last computed."""

    def look_closely(self) -> object:
        """Have the next step keep its weights and gradients."""

    def free_memory(self) -> None:
        """Give up what can be computed anew."""

    def checkpoint(self, kept: bool = False) -> Checkpoint:
        """Return all that the next step depends on."""
