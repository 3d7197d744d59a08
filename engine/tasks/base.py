"""What every task offers to the trainer and to the plots.

A task makes examples with numpy alone, from a generator that the trainer seeds: a batch depends on the seed
and on its number, never on what was drawn before, so that a run can be resumed at any step.
"""

from abc import ABC, abstractmethod
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any, ClassVar, Literal

import numpy as np
from numpy.typing import NDArray

from ..tables.table import Table
from .goal import Goal
from .held_out import HeldOut
from .task_settings import TaskSettings

Float32 = NDArray[np.float32]
Examples = tuple[Float32, Float32]
PredictionKind = Literal["scatter", "series", "shares", "symbols"]
Reals = NDArray[np.floating[Any]]
"""In a task's own units: float64 where numbers may be large, such as a volume or a date."""

# The last entry of a seed: one stream of random numbers per purpose, so that none disturbs another.
TRAINING_STREAM, PROBE_STREAM, TEST_STREAM, SCALE_STREAM = 0, 1, 2, 3

_BLOCK_FLOATS = 1 << 20  # random numbers are drawn in blocks of about 4 MB, to share the cost of the draw
_BLOCK_STEPS = 64


@dataclass(frozen=True)
class TaskFacts:
    """What a window says about a task without holding the task itself; travels between processes.

    measure_unit: "" for a fraction. measure_is_share: it lies between 0 and 1. trivial_loss: the loss of the trivial
    answer, named by trivial_name. prediction_kind: what the plot's targets and predictions are: "scatter" (single
    numbers, target across, prediction up), "series" (numbers over position), "shares" (targets 0 or 1, predictions
    between them) or "symbols" (whole numbers from 1). alphabet: the characters that inputs and outputs of a text stand
    for, in their order. notes: sentences on how the data were read. answer_names: of each output, or of each symbol.
    shown_names: of the answers that stand side by side in the plot's targets and predictions, one example after
    another; empty where each has one. own_goal: what a user's own task declares to be solved, in words.
    """

    name: str
    title: str
    loss_name: str
    measure_name: str
    measure_unit: str
    measure_is_share: bool
    trivial_loss: float
    trivial_name: str
    prediction_kind: PredictionKind
    position_name: str
    value_name: str
    input_names: tuple[str, ...]
    alphabet: tuple[str, ...] = ()
    notes: tuple[str, ...] = ()
    answer_names: tuple[str, ...] = ()
    shown_names: tuple[str, ...] = ()
    own_goal: str = ""


def output_words(names: Sequence[str]) -> tuple[str, ...]:
    """Return how answers are called: one whose name is only a number is "answer 2"."""
    return tuple(f"answer {name}" if name.isdigit() else name for name in names)


class Task(ABC):
    """A thing to learn from sequences of T steps of m inputs.

    every_step says where the network predicts: at every step (target (T, B, …)) or after the last (target
    (B, …)); the last axis of a target is as wide as the task's own loss wants it. criterion: what the source
    calls solved; goal: the same in numbers, None where it cannot be met once and for all; own_goal: the same in words,
    where a user's own task declares it. source: who set the task.
    config: with what its data said about how they are read.

    about: input and target, a sentence each; where there are none, the docstring's first paragraph says
    it. uses: the settings that matter for this task alone, or for few others. shortest: the sequence length that it
    needs at least, where the least of the setting is not enough. data_file: the setting that names a file to learn
    from; reads_shipped: without one it learns from a table that is shipped. inputs_from: the setting with which the
    number of inputs depends on data. output_names: of each output, where these are neither numbers nor the inputs.
    shown_names: see `TaskFacts`.
    tells_legal: a target has, after the next symbol, all symbols that a grammar allows.
    """

    name: str
    title: str
    about: str = ""
    uses: ClassVar[tuple[str, ...]] = ()
    shortest: ClassVar[int] = 0
    data_file: ClassVar[str] = ""
    reads_shipped: ClassVar[bool] = False
    inputs_from: ClassVar[str] = ""
    output_names: tuple[str, ...] = ()
    shown_names: tuple[str, ...] = ()
    tells_legal: ClassVar[bool] = False
    input_size: int
    output_size: int
    every_step: bool
    loss_name: str
    measure_name: str
    measure_unit: str = ""
    measure_is_share: bool = False
    trivial_loss: float
    trivial_name: str
    prediction_kind: PredictionKind
    position_name: str
    value_name: str
    input_names: tuple[str, ...]
    alphabet: tuple[str, ...] = ()
    notes: tuple[str, ...] = ()
    criterion: str
    goal: Goal | None = None
    own_goal: str = ""
    source: str

    def __init__(self, config: TaskSettings) -> None:
        self.config = config

    @property
    def answer_names(self) -> tuple[str, ...]:
        """The names of the outputs, or of the symbols that they stand for: its own, those of the inputs, or numbers."""
        if len(self.output_names) == self.output_size:
            return tuple(map(str, self.output_names))
        if self.output_size == self.input_size > 1:
            return tuple(self.input_names)
        return tuple(str(number + 1) for number in range(self.output_size))

    @abstractmethod
    def examples(self, rng: np.random.Generator, count: int) -> Examples:
        """Draw `count` examples: x (T, count, m) float32 and the target, as `every_step` says."""

    def fixed_examples(self, stream: int, count: int) -> Examples:
        """Draw examples that depend on the seed and the stream alone."""
        return self.examples(np.random.default_rng((self.config.seed, stream)), count)

    def probe(self) -> Examples:
        """Return the one sequence that the heatmaps show, x (T, 1, m), and its target; always the same."""
        return self.fixed_examples(PROBE_STREAM, 1)

    def example(self, number: int) -> Examples:
        """Return one example by its number, x (T, 1, m) and its target, always the same; number 0 is the probe."""
        if number == 0:
            return self.probe()
        return self.examples(np.random.default_rng((self.config.seed, PROBE_STREAM, number)), 1)

    @abstractmethod
    def test_batch(self) -> tuple[Float32, Reals]:
        """Return the fixed x (T, B, m), and the targets of the plot (N,), in the task's units."""

    @abstractmethod
    def batch_loss_and_measure(self, output: Any, target: Any) -> tuple[Any, Any]:
        """Return loss and measure of a batch as 0-d tensors, without waiting for either.

        output, target: torch tensors, the network's output and what `examples` drew; the measure carries no
        gradient.
        """

    def batch_errors(self, output: Any, target: Any) -> tuple[Any, Any] | None:
        """Return mean and largest error over a batch as 0-d tensors, without waiting, where `goal` bounds errors.

        Here None. output, target: torch tensors, without gradient; the error of a sequence is as its source has it.
        """
        del output, target
        return None

    def counted(self, target: Any) -> Any:
        """Return how many predictions the loss of a batch is the mean of, as a number or a 0-d tensor.

        Losses of the parts of a batch, weighed by this, add up to that of the whole. Here the number of sequences.
        """
        return target.shape[1 if self.every_step else 0]

    def positions(self) -> Reals:
        """Return where each target of the plot stands on its axis, (N,)."""
        return np.arange(1, self.test_batch()[1].shape[0] + 1, dtype=np.float32)

    def on_held_out(self, output: Float32) -> HeldOut | None:
        """Judge the network's output for the test batch, as `shown` has them, where training never sees its rows.

        Here None: a task that draws its examples afresh is judged by its batches, which it has never seen either.
        """
        del output
        return None

    def shown(self, output: Float32) -> Reals:
        """Return what the plot sets against its targets, (N,), of the network's output for the test batch.

        output: (T, B, outputs) where every_step, else (B, outputs). Here the first output of the last step.
        """
        last = output[-1] if self.every_step else output
        return self.in_units(last[:, 0])

    def in_units(self, output: Float32) -> Reals:
        """Turn outputs of the network into the task's own units, same shape."""
        return output

    def network_names(self) -> tuple[tuple[str, ...], str]:
        """Return the names of inputs and prediction in the network's own units, where these are not the task's."""
        return self.input_names, f"{self.value_name}, normalised"

    def facts(self) -> TaskFacts:
        """Return what a window says about this task."""
        return TaskFacts(**{name: getattr(self, name) for name in TaskFacts.__dataclass_fields__})


class TableTask(Task):
    """A task that learns from a table; columns_are: in words."""

    columns_are: ClassVar[str]

    @staticmethod
    @abstractmethod
    def require_columns(table: Table, config: TaskSettings, wrong_counts: Mapping[int, str]) -> None:
        """Raise DataError or OpenQuestion where the columns that the settings choose cannot be learnt.

        wrong_counts: a sentence for each column with a number that cannot be a count.
        """


def block_steps(task: Task, batch_size: int) -> int:
    """Return how many training steps have their batches drawn together: part of what a seed means."""
    per_step = batch_size * sum(array.size for array in task.fixed_examples(TRAINING_STREAM, 1))
    return min(max(_BLOCK_FLOATS // per_step, 1), _BLOCK_STEPS)
