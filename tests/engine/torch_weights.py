"""A torch LSTM's weights by the names of the blog post, for tests that compare this program's numbers with torch's."""

from typing import cast

import numpy as np
from numpy.typing import NDArray
from torch import Tensor, nn

from engine.cell.torch_layout import PLACES, Place
from engine.training.network import Weights


def blog_weights(lstm: nn.LSTM, layer: int) -> Weights:
    """Return one layer's weights of a torch LSTM by the blog's names, as fresh arrays in the dtype of the network.

    W_f W_i W_C W_o: (k, m + n), columns in the order [x, h]; b_f b_i b_C b_o: (k,), the sum of torch's two;
    W_hr: (n, k), only where the cell has a projection.
    """

    def rows(name: str, place: Place) -> NDArray[np.floating]:
        array = cast(Tensor, getattr(lstm, f"{name}_l{layer}")).detach().cpu().numpy()
        return array if name == "weight_hr" else array[place.number * lstm.hidden_size :][: lstm.hidden_size]

    weights: Weights = {}
    for name, place in PLACES["lstm"].items():
        if name == "W_hr" and not lstm.proj_size:
            continue
        parts = [rows(part, place) for part in place.torch_names]
        weights[name] = parts[0] + parts[1] if place.adds else np.concatenate(parts, axis=1)
    return weights
