"""A PyTorch script that rebuilds a cell or a network, with torch's own layer where there is one."""

from __future__ import annotations

from ...cell.torch_layout import PLACES
from .model import Model
from .script import SHOW, about, check, is_packed, joined, loop, numbers
from .step import TORCH, step_function
from .writing import commented, filled

_LAYERS = {"lstm": "nn.LSTM", "gru": "nn.GRU", "rnn": "nn.RNN"}
_PARAMETERS = ("weight_ih", "weight_hh", "bias_ih", "bias_hh", "weight_hr")
_STACKED = {
    "lstm": "input i, forget f, candidate g (here C) and output o",
    "gru": "reset r, update z (here u) and candidate n (here x and n)",
    "rnn": "there is but one",
}
"""The order of the gates in torch's matrices."""


def torch_script(model: Model) -> str:
    """Return the script; it needs torch, and NumPy where its numbers are packed."""
    standard = "import base64\nimport io\n\nimport numpy as np\n" if is_packed(model) else ""
    more = "\nfrom torch import nn" if model.has_kernel else ""
    library = "PyTorch and NumPy" if is_packed(model) else "PyTorch"
    loaded = "{name: torch.from_numpy(array) for name, array in file.items()}"
    main = [numbers(model, "torch.tensor", loaded), loop(model, "torch.zeros"), check(model, "torch")]
    return joined(
        f'"""{about(model, library)}\n"""\n\n{standard}import torch{more}\n\n'
        "torch.set_default_dtype(torch.float64)\ntorch.set_grad_enabled(False)  # nothing is learnt here",
        step_function(model.cell, TORCH),
        SHOW,
        _torch_names(model) if model.has_kernel else "",
        "\n\n".join([*main, *([_kernel(model)] if model.has_kernel else [])]),
    )


def _torch_names(model: Model) -> str:
    """Return the function that stacks the weights of a layer as torch has them."""
    n, cell = model.layers[0].sizes["n"], model.cell
    x_first = cell.operation("xh").inputs[0] == "x_t"
    columns = f"slice(None, -{n}), slice(-{n}, None)" if x_first else f"slice({n}, None), slice(None, {n})"
    places = {item.name: PLACES[cell.name][item.name] for item in cell.parameters if item.name in PLACES[cell.name]}
    lines = [
        "def torch_names(weights):",
        '    """Return the weights of a layer under torch\'s names, its gates stacked as torch stacks them:',
        f"    {_STACKED[cell.name]}.",
        "    torch adds two biases: the second is 0 where the cell has one.",
        '    """',
        commented(f"w, x, h = weights, {columns}", "columns of x_t, and of h_{t-1}"),
        "    return dict(",
    ]
    for parameter in _PARAMETERS:
        pieces = [
            _piece(name, place.torch_names, parameter, place.adds)
            for name, place in sorted(places.items(), key=lambda item: item[1].number)
            if parameter in place.torch_names
        ]
        if pieces:
            lines.append(filled(f"{parameter}=torch.cat([", pieces, "]),", 8))
    return "\n".join([*lines, "    )"])


def _piece(name: str, torch_names: tuple[str, ...], parameter: str, adds: bool) -> str:
    if len(torch_names) == 1:
        return f'w["{name}"]'
    second = parameter == torch_names[1]
    if adds:
        return f'0 * w["{name}"]' if second else f'w["{name}"]'
    return f'w["{name}"][:, {"h" if second else "x"}]'


def _kernel(model: Model) -> str:
    """Return the lines that compute the same with torch's own layer, and compare."""
    sizes, count = model.layers[0].sizes, len(model.layers)
    kind = _LAYERS[model.cell.name]
    letter = kind.removeprefix("nn.").lower()
    options = [f"input_size={sizes['m']}", f"hidden_size={sizes['k']}"]
    options += [f"num_layers={count}"] if count > 1 else []
    options += [f"proj_size={sizes['n']}"] if "W_hr" in model.layers[0].weights else []
    begin = [f"{name.removesuffix('_prev')}_0[None]" for name in model.cell.carried]
    state = f", {f'({begin[0]}, {begin[1]})' if len(begin) == 2 else begin[0]}" if model.is_cell else ""
    has_state = model.cell.has_state
    ends = "(h_n, C_n)" if has_state else "h_n"
    differences = "max(abs(h_n[-1] - h).max(), abs(C_n[-1] - C).max())" if has_state else "abs(h_n[-1] - h).max()"
    layers = "[weights]" if model.is_cell else "layers"
    return "\n".join(
        [
            "# torch's own layer: all gates of a step in one product; it returns h, and the last state.",
            f"{letter} = {kind}({', '.join(options)})",
            f"{letter}.load_state_dict({{",
            '    f"{name}_l{i}": value',
            f"    for i, weights in enumerate({layers})",
            "    for name, value in torch_names(weights).items()",
            "})",
            commented(f"output, {ends} = {letter}(x{state})", "output: (T, n), h of every step", 0),
            f"difference = {differences}",
            f'print(f"{kind} ends with the same numbers; the largest difference is {{difference:.1e}}")',
        ]
    )
