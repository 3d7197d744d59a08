"""Where torch keeps the weights of a cell, for the cells that torch has a kernel for.

torch stacks the gates in its weights (LSTM: i, f, g, o; GRU: r, z, n) and has two biases per gate; a declared cell
has one matrix and one bias for each gate, the bias being the sum of torch's two.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from types import MappingProxyType

TORCH_GATES = ("i", "f", "C", "o")  # torch's order, in the cell's letters; g is C̃
FUSED = ("lstm", "rnn", "gru")
"""Cells that torch has a fused kernel for."""


@dataclass(frozen=True)
class Place:
    """Where one weight of the cell stands: rows of one torch weight, or of two that lie side by side or add up."""

    torch_names: tuple[str, ...]
    number: int
    """Which block of rows, each as high as the hidden or cell size."""
    adds: bool = False


def _joined(gates: Sequence[str]) -> dict[str, Place]:
    W = {f"W_{gate}": Place(("weight_ih", "weight_hh"), number) for number, gate in enumerate(gates)}
    b = {f"b_{gate}": Place(("bias_ih", "bias_hh"), number, adds=True) for number, gate in enumerate(gates)}
    return {**W, **b}


PLACES: Mapping[str, Mapping[str, Place]] = MappingProxyType(
    {
        "lstm": {**_joined(TORCH_GATES), "W_hr": Place(("weight_hr",), 0)},
        "rnn": _joined(("h",)),
        # r ∘ (W_n·h + b_n) needs its own bias: what x and h add to the candidate is not joined.
        "gru": {
            **_joined(("r", "u")),
            "W_x": Place(("weight_ih",), 2),
            "W_n": Place(("weight_hh",), 2),
            "b_x": Place(("bias_ih",), 2),
            "b_n": Place(("bias_hh",), 2),
        },
    }
)
"""For each fused cell, where its weights stand."""
