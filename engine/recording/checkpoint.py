"""Everything that a resumed run needs, as arrays by name: weights, optimizer, random numbers, probe sequence.

Nothing here needs torch. Batches depend on the seed and their number alone (see `engine.tasks.base`), so that data
goes on in the same order by itself; torch's own generator is kept for whatever draws from it.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import asdict, dataclass
from typing import Any, TypeVar

import numpy as np
from numpy.typing import NDArray

from ..settings.config import TrainingConfig, config_of
from .packing import PackingError, misfit, pack_arrays, unpack_arrays

T = TypeVar("T")
Arrays = Mapping[str, NDArray[Any]]
Kind = tuple[tuple[int, ...], np.dtype[Any]]
"""The shape of an array, and the dtype of its numbers."""


@dataclass(frozen=True, eq=False)
class Checkpoint:
    """A run after `step` steps. kept: not only until the next checkpoint comes.

    config: with what was changed since it began. arrays: "network.…" and "optimizer.…" of what learns, "twin.…" of
    the plain RNN beside it, "random" (torch's generator), "probe" (T, m) where a sequence was typed or drawn, "start.…"
    of the weights that it began with, by the cell's names, where those were given.
    example: the number of the example that is looked at. followed: the sequence of each batch whose gradients
    through time are looked at, 0 for all.
    """

    step: int
    config: TrainingConfig
    arrays: Arrays
    example: int = 0
    followed: int = 0
    kept: bool = False

    @property
    def nbytes(self) -> int:
        """How many bytes its arrays take."""
        return sum(array.nbytes for array in self.arrays.values())

    def packed(self) -> bytes:
        """Return it as bytes: of the safetensors format, with a description as JSON in one entry."""
        about = {"step": self.step, "config": asdict(self.config), "example": self.example, "followed": self.followed}
        return pack_arrays(self.arrays, about)


def unpacked(data: bytes) -> Checkpoint:
    """Return what `Checkpoint.packed` made; raises PackingError for other bytes."""
    arrays, about = unpack_arrays(data)
    try:
        found = Checkpoint(
            about["step"], config_of(about["config"]), arrays, about["example"], about.get("followed", 0)
        )
    except (KeyError, TypeError, ValueError, AttributeError) as error:
        raise PackingError(f"a checkpoint was expected ({error})") from error
    wrong = misfit(found)
    if wrong:
        raise PackingError(f"a checkpoint was expected ({wrong} is something else)")
    return found


def part(arrays: Mapping[str, T], prefix: str) -> dict[str, T]:
    """Return the arrays (or tensors) whose names begin with a prefix and a dot, by the rest of their names."""
    begin = f"{prefix}."
    return {name.removeprefix(begin): array for name, array in arrays.items() if name.startswith(begin)}


def check_arrays(arrays: Arrays, expected: Mapping[str, Kind]) -> None:
    """Check that these are arrays of all these names, each of its shape and dtype, before anything writes into them.

    Raises ValueError that names the first that is not.
    """
    for name in sorted(arrays.keys() ^ expected.keys()):
        raise ValueError(f"{name} {'is missing' if name in expected else 'does not belong to it'}")
    for name, (shape, dtype) in expected.items():
        array = arrays[name]
        if array.shape != shape or array.dtype != dtype:
            raise ValueError(f"{name} was expected as {dtype} {shape}, found {array.dtype} {array.shape}")


def with_prefix(prefix: str, arrays: Arrays) -> dict[str, NDArray[Any]]:
    """Return arrays under names that begin with a prefix and a dot."""
    return {f"{prefix}.{name}": np.asarray(array) for name, array in arrays.items()}
