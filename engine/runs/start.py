"""The weights that a run begins with where they are not drawn: of a cell set by hand, or a network from elsewhere."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any

import numpy as np
from numpy.typing import NDArray

from ..cell.cell import size_in_numbers
from ..document.document import OUTPUT_WEIGHTS, Document
from ..settings.config import ConfigError, TrainingConfig, check
from ..tasks import TASKS

_LARGEST = float(np.finfo(np.float32).max)
_BEYOND = "{of} holds a number beyond 3·10³⁸, more than training can compute with; choose a smaller one."


def _before(layer: int) -> str:
    """Return what stands before the names of a layer's weights, from 0."""
    return f"layer{layer + 1}." if layer else ""


@dataclass(frozen=True, eq=False)
class Start:
    """The first weights of a network's layers; its readout is new.

    name: what the cell is called that they are from. cell: its kind, by name. m, n, k: its sizes. weights: what the
    cell declares, by name, with columns [x, h]; float32 and read-only; of a layer above the first, which reads the h
    of the one below it, with its number before: "layer2.W_f". Raises ConfigError where they are not that.
    """

    name: str
    cell: str
    m: int
    n: int
    k: int
    weights: Mapping[str, NDArray[np.float32]]

    def __post_init__(self) -> None:
        cell = self._config(TrainingConfig()).made_cell
        shapes: dict[str, tuple[int, ...]] = {}
        for layer in range(self.layers):
            sizes = {"m": self.n if layer else self.m, "n": self.n, "k": self.k}
            shapes |= {f"{_before(layer)}{item.name}": size_in_numbers(item.shape, sizes) for item in cell.parameters}
        if self.weights.keys() != shapes.keys():
            raise ConfigError(f"The first weights of a {cell.title} are {', '.join(shapes)}; set these.")
        for name, shape in shapes.items():
            array = self.weights[name]
            if array.shape != shape or array.dtype != np.float32 or not np.isfinite(array).all():
                raise ConfigError(f"{name} should be {'×'.join(map(str, shape))} numbers that training can begin with.")
        self._freeze()

    def __setstate__(self, state: dict[str, Any]) -> None:
        self.__dict__.update(state)
        self._freeze()  # pickling forgets it

    def _freeze(self) -> None:
        for array in self.weights.values():
            array.flags.writeable = False

    @property
    def layers(self) -> int:
        """How many layers the network has."""
        return 1 + len({name.partition(".")[0] for name in self.weights if "." in name})

    def of_layer(self, layer: int) -> dict[str, NDArray[np.float32]]:
        """Return the weights of one layer, from 0, by the cell's names."""
        before = _before(layer)
        return {
            name.removeprefix(before): array
            for name, array in self.weights.items()
            if name.startswith(before) and "." not in name.removeprefix(before)
        }

    def fits(self, config: TrainingConfig) -> bool:
        """Whether a run of these settings can begin with them, as far as its task has m inputs."""
        return (config.cell, config.n, config.cell_size, config.layers) == (self.cell, self.n, self.k, self.layers)

    def settings(self, config: TrainingConfig) -> TrainingConfig:
        """Return the settings with these layers as the network, with no gate clamped and no weight frozen.

        Raises ConfigError for a cell that cannot be trained.
        """
        changed = self._config(config)
        check(changed)
        return changed

    def _config(self, config: TrainingConfig) -> TrainingConfig:
        n, layers = 0 if self.n == self.k else self.n, self.layers
        return replace(
            config, cell=self.cell, cell_size=self.k, hidden_size=n, layers=layers, clamped="", frozen="", twin="off"
        )

    def misfit(self, task: str, m: int) -> str:
        """Return why a task with m inputs begins with new weights, in one sentence."""
        return (
            f"The task {task} has {m} input{'s' * (m != 1)}, but “{self.name}” has m = {self.m}, so its weights do "
            "not fit: the run begins with new ones"
        )


def start_of(document: Document, name: str) -> Start:
    """Return a document's weights as the first of a run; its output, its inputs and its state are left.

    Raises ConfigError, in one sentence, for weights that a run cannot begin with.
    """
    if document.projected and document.n == document.k:
        raise ConfigError(
            f"This cell has a projection W_hr of {document.n}×{document.k}, but torch trains one only where n < k; "
            "link n to k, or choose a smaller n."
        )
    turned = document.with_order("x,h")
    weights: dict[str, NDArray[np.float32]] = {}
    for of, value in turned.weights.items():
        if of in OUTPUT_WEIGHTS:
            continue
        if np.abs(value).max() > _LARGEST:
            raise ConfigError(_BEYOND.format(of=of))
        weights[of] = value.astype(np.float32)
    return Start(name or "this cell", document.cell_name, document.m, document.n, document.k, weights)


def start_of_layers(
    name: str, cell: str, m: int, n: int, k: int, layers: Sequence[Mapping[str, NDArray[np.floating]]]
) -> Start:
    """Return the weights of layers of one kind and size as the first of a run, each reading the h of the one before.

    Raises ConfigError for weights that a run cannot begin with.
    """
    weights = {f"{_before(layer)}{of}": array for layer, given in enumerate(layers) for of, array in given.items()}
    for of, value in weights.items():
        if np.abs(value).max() > _LARGEST:
            raise ConfigError(_BEYOND.format(of=of))
    return Start(name, cell, m, n, k, {of: np.array(value, np.float32) for of, value in weights.items()})


def start_again(name: str, config: TrainingConfig, weights: Mapping[str, NDArray[Any]]) -> Start:
    """Return what a recorded run began with, checked; raises ConfigError where it cannot be."""
    joined = [item.name for item in config.made_cell.parameters if item.shape[-1] in ("m+n", "n+m")]
    first = weights.get(joined[0])
    if first is None or first.ndim != 2 or first.shape[1] <= config.n:
        raise ConfigError(
            f"The weights that the run began with should hold {joined[0]}, a matrix of more than {config.n} columns."
        )
    m = first.shape[1] - config.n
    start = Start(name, config.cell, m, config.n, config.cell_size, weights)
    if start.layers != config.layers:
        raise ConfigError(
            f"The weights that the run began with have {start.layers} layers, but it has {config.layers}."
        )
    return start


def tasks_with(m: int) -> dict[str, str]:
    """Return the titles of the shipped tasks that have m inputs, by their names."""
    return {name: task.title for name, task in TASKS.items() if task.input_size == m}
