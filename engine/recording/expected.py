"""What each part of a recording must be, according to the run's settings: names, shapes, kinds and sizes.

A part that is anything else is refused where it is read, before a view, a plot or torch sees it.
"""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from ..cell.cell import Cell, size_in_numbers
from ..runs.gradient_flow import ways
from ..runs.observation import Extras, Flow, Histogram, Observed
from ..runs.snapshot import Snapshot, shown_values
from ..runs.start import start_again
from ..setting import brief
from ..settings.config import TrainingConfig, settings, twin_of
from ..tasks.base import TaskFacts
from .about import MOST_INPUTS, MOST_STEPS
from .checkpoint import Checkpoint, part
from .packing import PackingError

LONGEST = 32_768
"""Time steps of a sequence that is looked at, typed or a user's own, at most."""
_ENOUGH = 250_000_000
"""Bytes beyond which such a sequence is refused where those of the task take less."""
_FEWEST_OUTPUTS = 16
"""A task that is shipped has no more outputs than this, or than inputs."""
_BESIDES = 16_000_000
"""Bytes for predictions, histograms, names and texts."""
_FLOAT = 4
_BIASES = 2
"""torch has two for one of ours."""
_MEMORIES = 2
"""What an optimizer remembers of each weight, at most."""
_HISTOGRAM = "a histogram should hold a count between each two of its rising edges"


@dataclass(frozen=True)
class Expected:
    """What can be in the recording of a run. facts: None where they are not known."""

    config: TrainingConfig
    facts: TaskFacts | None = None

    # Sizes, in bytes

    @property
    def snapshot_bytes(self) -> int:
        """The most that a snapshot can take."""
        config, cell = self.config, self.config.made_cell
        sizes = self._sizes(cell, self._m)
        units = sum(math.prod(size_in_numbers(cell.shapes[value], sizes)) for value in shown_values(cell).values())
        of_a_step = config.layers * units + self._m + self._outputs
        usual, longest = (_FLOAT * (self._weights(config) + T * of_a_step) for T in (self._usual_steps, LONGEST))
        return max(usual, min(longest, _ENOUGH)) + _BESIDES

    @property
    def extras_bytes(self) -> int:
        """The most that what is seen besides can take."""
        cells = self.config.made_cell, twin_of(self.config).made_cell
        curves = sum(len(ways(cell)) + len(_states(cell)) for cell in cells)
        return _FLOAT * LONGEST * self.config.layers * curves + _BESIDES

    @property
    def checkpoint_bytes(self) -> int:
        """The most that a checkpoint can take."""
        weights = sum(self._weights(config) for config in (self.config, twin_of(self.config)))
        return _FLOAT * (_BIASES * (1 + _MEMORIES) * weights + LONGEST * self._m) + _BESIDES

    @property
    def value_bytes(self) -> int:
        """The most that one of them can take."""
        return max(self.snapshot_bytes, self.extras_bytes, self.checkpoint_bytes)

    @property
    def _usual_steps(self) -> int:
        """Time steps of an example; some tasks add a few, or have longer ones to test with."""
        return 2 * self.config.sequence_length + 100

    @property
    def _inputs(self) -> int:
        """m, 0 where it is not known."""
        return len(self.facts.input_names) if self.facts is not None else 0

    @property
    def _m(self) -> int:
        return self._inputs or MOST_INPUTS

    @property
    def _outputs(self) -> int:
        """The most outputs; a text has as many as its alphabet."""
        own = self.config.task.startswith("own:")
        return MOST_INPUTS if own else max(self._m, _FEWEST_OUTPUTS)

    def _sizes(self, cell: Cell, m: int, layer: int = 0) -> dict[str, int]:
        n = self.config.n if cell.name == self.config.cell else self.config.cell_size
        return {"m": n if layer else m, "n": n, "k": self.config.cell_size}

    def _weights(self, config: TrainingConfig) -> int:
        """Return how many weights a network of these settings has, at most."""
        cell = config.made_cell
        of_layers = [
            math.prod(size_in_numbers(item.shape, self._sizes(cell, self._m, layer)))
            for layer in range(config.layers)
            for item in cell.parameters
        ]
        return sum(of_layers) + self._outputs * (config.n + 1)

    # What is read

    def check_snapshot(self, found: Snapshot, step: int) -> None:
        """Raise PackingError for a snapshot that is not one of this run after so many steps."""
        cell, layers = self.config.made_cell, self.config.layers
        _expect(found.step == step, f"the snapshot should be of step {step:,}")
        _expect(found.cell == cell.name, f"the snapshot should be of the cell {cell.name}")
        self._check_probe(found.probe)
        T, m = found.probe.shape
        _expect(len(found.weights) == len(found.gates) == layers, f"the snapshot should hold {_layers(layers)}")
        for layer in range(layers):
            sizes = self._sizes(cell, m, layer)
            weights = {item.name: size_in_numbers(item.shape, sizes) for item in cell.parameters}
            _expect_arrays(found.weights[layer], weights, f"layer {layer + 1}")
            gates = {name: (T, *size_in_numbers(cell.shapes[v], sizes)) for name, v in shown_values(cell).items()}
            _expect_arrays(found.gates[layer], gates, f"layer {layer + 1}")
        self._check_answers(found.answers, T)
        if found.readout:  # which earlier versions did not record
            outputs = found.answers.shape[1]
            _expect_arrays(found.readout, {"W_out": (outputs, self.config.n), "b_out": (outputs,)}, "the readout")
        plotted = found.position, found.target, found.prediction
        of_each = len({array.shape for array in plotted}) == 1 and found.position.ndim == 1
        _expect(of_each, "the snapshot should hold one prediction for each target")
        for array in (found.probe, found.answers, *plotted):
            _expect_floats(array, "the snapshot")
        _expect_finite(found.probe, "the sequence in its snapshot")
        _expect_finite(found.position, "the positions of its predictions")

    def _check_probe(self, probe: NDArray[Any]) -> None:
        """Raise PackingError unless this is one sequence of the run's inputs."""
        fits = probe.ndim == 2 and 0 < len(probe) <= LONGEST
        _expect(fits, f"the probe sequence should have 1 to {LONGEST:,} time steps")
        m = probe.shape[1]
        most = f"{self._inputs}" if self._inputs else f"1 to {MOST_INPUTS:,}"
        _expect(
            m == (self._inputs or m) and 0 < m <= MOST_INPUTS,
            f"each time step of the probe sequence should have {most} inputs",
        )

    def _check_answers(self, answers: NDArray[Any], T: int) -> None:
        """Raise PackingError unless there are none, or one for each time step."""
        if answers.shape == (0, 0):
            return
        _expect(answers.ndim == 2 and len(answers) == T, f"the snapshot should hold {T} answers")
        outputs, letters = answers.shape[1], len(self.facts.alphabet) if self.facts is not None else 0
        if letters:
            _expect(outputs == letters, f"each answer should rate the {letters} characters of its alphabet")
        else:
            _expect(0 < outputs <= self._outputs, f"each answer should be 1 to {self._outputs:,} numbers")

    def check_extras(self, found: Extras, flow_steps: int = 0) -> None:
        """Raise PackingError for what cannot have been seen of this run; flow_steps: T of its batches, 0 for any."""
        for flow, config in ((found.flow, self.config), (found.twin_flow, twin_of(self.config))):
            if flow is not None:
                self._check_flow(flow, config.made_cell, flow_steps)
        if found.observed is not None:
            self._check_observed(found.observed)

    def _check_flow(self, flow: Flow, cell: Cell, flow_steps: int) -> None:
        B, T = self.config.batch_size, flow_steps or steps_of_flow(flow)
        of_run = 0 <= flow.step <= MOST_STEPS and 0 <= flow.sequences <= B and 0 <= flow.sequence <= B
        _expect(of_run, "its gradients should be of a step and of sequences of the run")
        layers = self.config.layers
        _expect(len(flow.layers) == layers, f"its gradients should be those of {_layers(layers)}")
        _expect(0 < T <= LONGEST, f"its gradients should go over 1 to {LONGEST:,} time steps")
        for layer in flow.layers:
            _expect_arrays(layer.states, dict.fromkeys(_states(cell), (T,)), "the gradients of states")
            _expect_arrays(layer.parts, dict.fromkeys(ways(cell), (T,)), "the gradients by their ways")
            _expect(
                set(layer.saturation) == {gate.name for gate in cell.gates}, "the saturation of each gate is missing"
            )

    def _check_observed(self, found: Observed) -> None:
        names = {
            f"layer{layer + 1}.{item.name}"
            for layer in range(self.config.layers)
            for item in self.config.made_cell.parameters
        }
        _expect(0 <= found.step <= MOST_STEPS, "observations should belong to a step from 0 on")
        _expect(set(found.weights) == names | {"W_out", "b_out"}, "what one step did is missing for some weights")
        for facts in found.weights.values():
            for histogram in (facts.values, facts.gradients):
                _check_histogram(histogram)

    def check_checkpoint(self, found: Checkpoint, step: int) -> None:
        """Raise PackingError for a checkpoint that is not one of this run after so many steps.

        Names and shapes of what torch learns are compared with those of the network itself, before torch sees them:
        `engine.training.learner`.
        """
        _expect(found.step == step, f"the checkpoint should be of step {step:,}")
        other = difference(self.config, found.config)
        if other:
            raise PackingError(f"{other} in its checkpoint: its settings were changed after it was recorded")
        _expect(0 <= found.followed <= self.config.batch_size, "the checkpoint should follow a sequence of its batch")
        _expect(0 <= found.example < 2**31, f"the number of its example should be from 0 to {2**31 - 1:,}")
        for name, array in found.arrays.items():
            if name != "random":
                _expect_floats(array, name)
                _expect_finite(array, name)
            if name.endswith(".step"):  # how often the optimizer has changed a weight
                counted = array.size == 1 and 0 <= array.item() <= step and array.item() == int(array.item())
                _expect(counted, f"{name} should be a whole number of steps, at most {step:,}")
        probe, given = found.arrays.get("probe"), part(found.arrays, "start")
        if probe is not None:
            self._check_probe(probe)
        if given:
            start = start_again("", self.config, given)
            _expect(start.m == (self._inputs or start.m), "the weights that it began with fit another task")


def difference(shown: TrainingConfig, resumed: TrainingConfig) -> str:
    """Return the first setting in which two moments of one run differ though it cannot change, in words, or ""."""
    for setting in settings():
        one, other = getattr(shown, setting.name), getattr(resumed, setting.name)
        if one != other and not setting.live and not setting.circumstance:
            return f"{setting.label} ({setting.name}) is {brief(one)}, but {brief(other)}"
    return ""


def steps_of_flow(flow: Flow | None) -> int:
    """Return over how many time steps gradients are told; 0 for none."""
    arrays = [array for layer in flow.layers for array in layer.states.values()] if flow is not None else []
    return len(arrays[0]) if arrays and arrays[0].ndim else 0


def _states(cell: Cell) -> tuple[str, ...]:
    return ("h_t", "C_t") if cell.has_state else ("h_t",)


def _check_histogram(found: Histogram) -> None:
    counts, edges = found.counts, found.edges
    _expect(counts.ndim == edges.ndim == 1 and len(edges) == len(counts) + 1 and len(counts) > 0, _HISTOGRAM)
    _expect(counts.dtype == np.int64 and edges.dtype == np.float32, _HISTOGRAM)
    _expect(bool((counts >= 0).all() and np.isfinite(edges).all() and (np.diff(edges) > 0).all()), _HISTOGRAM)


def _expect_arrays(found: Mapping[str, NDArray[Any]], shapes: Mapping[str, Sequence[int]], what: str) -> None:
    """Raise PackingError unless these are float32 arrays of these names and shapes."""
    if found.keys() != shapes.keys():
        raise PackingError(f"{what} should consist of {', '.join(shapes)}")
    for name, shape in shapes.items():
        array = found[name]
        if array.shape != tuple(shape) or array.dtype != np.float32:
            raise PackingError(f"{name} of {what} should be float32 {tuple(shape)}, but is {array.dtype} {array.shape}")


def _expect_finite(array: NDArray[Any], what: str) -> None:
    _expect(bool(np.isfinite(array).all()), f"{what} should hold finite numbers only")


def _expect_floats(array: NDArray[Any], what: str) -> None:
    _expect(array.dtype in (np.float32, np.float64), f"{what} should hold float32 or float64 numbers")


def _expect(holds: bool, sentence: str) -> None:
    if not holds:
        raise PackingError(sentence)


def _layers(count: int) -> str:
    return "1 layer" if count == 1 else f"{count} layers"
