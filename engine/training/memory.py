"""How much memory a training run needs, estimated first: what cannot fit is refused in one sentence."""

from __future__ import annotations

from math import floor, prod

from ..cell.cell import size_in_numbers
from ..cell.graph import CONCATENATE
from ..setting import ConfigError
from ..settings.config import TrainingConfig, twin_of
from ..tasks.base import TRAINING_STREAM, Task
from ..text.amounts import bytes_in_words

NO_MEMORY_TO_LOOK = (
    "There is not enough memory to do that during training; close other programs, or start over with a smaller batch, "
    "cell or sequence length."
)
NO_MEMORY_FOR_A_TWIN = (
    "There was not enough memory for the plain RNN as a baseline, so it was switched off; training continues."
)

_ENTRY = 4
"""Bytes of a float32, which all training is computed in."""
_STATES = {"adam": 2, "rmsprop": 1, "sgd": 1}
"""How many numbers an optimizer keeps for each weight."""
_FUSED = {"lstm": 14, "gru": 12, "rnn": 5}
"""Numbers that torch's own kernel has for one unit at one time step, there and back."""
_COPIES = 4
"""Each weight itself and its gradient; the norms and a snapshot copy weights once more."""
_BLOCK_FLOATS, _BLOCK_STEPS = 1 << 20, 64
_BLOCK_COPIES = 3
"""While batches are drawn ahead (see engine.training.trainer) they are there as drawn, sorted, and those before."""
_ALWAYS_FREE = 50_000_000
"""Bytes that are not asked for: torch itself has taken several times as many."""


def needed_bytes(config: TrainingConfig, task: Task) -> int:
    """Return about how many bytes a training run takes beside torch itself.

    Weights with their gradients and the optimizer's states; what T time steps of B sequences keep for the way back,
    layer by layer; the batches that are drawn ahead. T is the task's own: copying memory adds 20 steps.
    """
    x, target = task.fixed_examples(TRAINING_STREAM, 1)  # (T, 1, m)
    sequences = len(x) * config.batch_size
    floats = _learner_floats(config, task, sequences)
    if config.twin == "on":
        floats += _learner_floats(twin_of(config), task, sequences)
    per_step = config.batch_size * (x.size + target.size)
    block = per_step * min(max(_BLOCK_FLOATS // per_step, 1), _BLOCK_STEPS)
    return _ENTRY * (floats + _BLOCK_COPIES * block)


def _learner_floats(config: TrainingConfig, task: Task, sequences: int) -> int:
    """Return how many numbers one network needs to learn from so many pairs of a time step and a sequence."""
    weights = weight_count(config, task.input_size, task.output_size)
    kept = task.output_size * 4 + (3 * config.n if config.dropout and task.every_step else 0)
    for layer in range(config.layers):
        sizes = _sizes(config, layer, task.input_size)
        kept += sizes["m"] + _kept(config, sizes)
    return weights * (_COPIES + _STATES[config.optimizer]) + sequences * kept


def weight_count(config: TrainingConfig, inputs: int, outputs: int) -> int:
    """Return how many weights a network of a config has, biases counted once, as in the equations.

    inputs: m of the first layer; further layers read n values. outputs: of the readout, which counts, too.
    """
    count = (config.n + 1) * outputs
    for layer in range(config.layers):
        sizes = _sizes(config, layer, inputs)
        count += sum(prod(size_in_numbers(item.shape, sizes)) for item in config.made_cell.parameters)
    return count


def _sizes(config: TrainingConfig, layer: int, inputs: int) -> dict[str, int]:
    return {"m": config.n if layer else inputs, "n": config.n, "k": config.cell_size}


def _kept(config: TrainingConfig, sizes: dict[str, int]) -> int:
    """Return how many numbers one layer keeps of one time step of one sequence."""
    cell = config.made_cell
    if config.cell in _FUSED:
        return _FUSED[config.cell] * config.cell_size
    made = [item.name for item in cell.operations if item.kind is not CONCATENATE]
    return sum(prod(size_in_numbers(cell.shapes[name], sizes)) for name in made)


def refuse_what_never_fits(config: TrainingConfig, free: int) -> None:
    """Raise ConfigError where a run needs more than `free` bytes whatever its data are, without making its task.

    Counts what one input a step would need: a first look, before anything is given up for the run. What is computed
    on a GPU that is named has its own memory, and is looked at later.
    """
    if config.device not in ("auto", "cpu"):
        return
    units = config.layers * config.cell_size
    kept = config.sequence_length * config.batch_size * units * _FUSED.get(config.cell, min(_FUSED.values()))
    weights = units * config.n * (_COPIES + _STATES[config.optimizer])
    _refuse(config, _ENTRY * (kept + weights), free, "this machine")


def check_memory(config: TrainingConfig, task: Task, device: str) -> None:
    """Raise ConfigError, in one sentence, where a run needs more memory than is free on a device.

    device: its id, such as "cpu" or "cuda:0", as `choose_device` returns it.
    """
    from .devices import free_bytes  # asks torch

    needed = needed_bytes(config, task)
    if needed <= _ALWAYS_FREE:
        return
    free = free_bytes(device)
    _refuse(config, needed, free, device)


def _refuse(config: TrainingConfig, needed: int, free: int, where: str) -> None:
    if needed > free:
        raise ConfigError(
            f"Training needs about {bytes_in_words(needed)} of memory, but {bytes_in_words(free, floor)} are free on "
            f"{where}; reduce the largest of cell size k = {config.cell_size}, batch size B = {config.batch_size}, "
            f"sequence length T = {config.sequence_length} and layers = {config.layers}."
        )


def out_of_memory_sentence(config: TrainingConfig, step: int) -> str:
    """Return what a person is told when memory ran out in the step after `step`."""
    return (
        f"Memory ran out in step {step + 1:,}; the run is paused after step {step:,}. Close other programs "
        f"and continue, or start over with a smaller cell (k = {config.cell_size}), batch (B = {config.batch_size}), "
        f"sequence (T = {config.sequence_length}) or fewer layers ({config.layers})."
    )
