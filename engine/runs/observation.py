"""What a snapshot contains besides the gates, if asked for: plain numpy, frozen, ready to be sent.

A snapshot brings these only when somebody looks at them: each costs the training some time.
"""

from collections.abc import Mapping
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from ..settings.config import ConfigError

Float32 = NDArray[np.float32]

FLOW, OBSERVED, SAMPLE = "flow", "observed", "sample"
"""What a snapshot can be asked for: gradients through time; one step seen closely; a text written by the network."""
LOW, HIGH = 0.1, 0.9
"""A gate below or above counts as saturated."""


@dataclass(frozen=True, eq=False)
class LayerFlow:
    """What comes back of the error to each time step of one layer; every array is (T,), for t = 1 … T.

    Norms are taken over the whole batch and all units: the Frobenius norm of (B, units), L being the mean over the
    batch, as it is trained. Of one sequence they are taken over its units alone, of the same L. states: ‖∂L/∂h_t‖ and,
    where the cell has a state, ‖∂L/∂C_t‖, by value ("h_t", "C_t"). parts: norms of what arrives at the state of step t
    by one way each: "direct" (from the loss or the layer above to h_t), "line" (along the cell line, from C_{t+1} to
    C_t; of a GRU from h_{t+1} to h_t), and, by the name of the product that it comes back through, W·h of step t + 1 to
    h_t: "a_f", "a_i", … . What leads from h_t to C_t within the step counts as well ("tanh_C", of peepholes "v_o"), so
    that the parts that arrive at a state add up to it; all others are 0 at the last step. saturation: for each gate by
    its value ("f_t"), the shares of its activations (all steps, sequences, units) that are below LOW and above HIGH; of
    all sequences either way.
    """

    states: Mapping[str, Float32]
    parts: Mapping[str, Float32]
    saturation: Mapping[str, tuple[float, float]]


@dataclass(frozen=True, eq=False)
class Flow:
    """Gradients through time of a whole network on the batch of one training step, layer by layer.

    sequences: how many of the batch they are taken over, from the first; 0 where that is not known. sequence: the
    one, counted from 1, that norms are taken of instead; 0 for all.
    """

    step: int
    layers: tuple[LayerFlow, ...]
    sequences: int = 0
    sequence: int = 0


def check_sequence(number: int | None, batch_size: int) -> None:
    """Check the number of a sequence to follow, from 1, of batches of so many; None follows all.

    Raises ConfigError, in one sentence, for one that is not there.
    """
    if number is not None and not 1 <= number <= batch_size:
        raise ConfigError(
            f"Sequence {number} is not in the batch, expected 1 … {batch_size}; choose one of these, or all sequences."
        )


@dataclass(frozen=True, eq=False)
class Histogram:
    """How many values lie between each two edges: counts (bins,), edges (bins + 1,)."""

    counts: NDArray[np.int64]
    edges: Float32


@dataclass(frozen=True, eq=False)
class WeightFacts:
    """One weight in one step: its norm ‖W‖ before it, that of its gradient, of its change, and two histograms.

    gradient is before clipping. frozen or clamped weights have a change of 0.
    """

    norm: float
    gradient_norm: float
    update_norm: float
    values: Histogram
    gradients: Histogram

    @property
    def ratio(self) -> float:
        """‖ΔW‖ / ‖W‖; NaN for a W of zeros."""
        return self.update_norm / self.norm if self.norm else float("nan")


@dataclass(frozen=True, eq=False)
class Observed:
    """One training step seen closely: every weight by its name, "layer1.W_f", and the readout's "W_out", "b_out"."""

    step: int
    weights: Mapping[str, WeightFacts]


@dataclass(frozen=True, eq=False)
class Extras:
    """What a snapshot brings beside gates and predictions; None or "" where it was not asked for or cannot be.

    twin_flow: the same of the plain RNN that learns beside the network. sample: a text that the network has written.
    """

    flow: Flow | None = None
    twin_flow: Flow | None = None
    observed: Observed | None = None
    sample: str = ""

    @property
    def any(self) -> bool:
        """Whether it brings anything."""
        return bool(self.flow or self.twin_flow or self.observed or self.sample)
