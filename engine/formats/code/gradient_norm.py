"""The function of a training script that measures the gradient, summed as the program sums it."""

from __future__ import annotations

import textwrap

from ...cell.torch_layout import FUSED, PLACES
from ...settings.config import TrainingConfig


def gradient_norm(config: TrainingConfig) -> str:
    """Return the function of the gradient's norm; where losses are the same bit for bit, summed in the same order."""
    if config.cell not in FUSED:
        return '''\
def gradient_norm():
    """Return the norm of the whole gradient."""
    return torch.cat([p.grad.flatten() for p in network.parameters() if p.grad is not None]).norm()
'''
    body = _NORM_OF_LSTM if config.cell == "lstm" else _norm_of_gates(config)
    return f'''\
def gradient_norm():
    """Return the norm of the whole gradient, from those of each gate: summed in another order, digits would differ."""
    norm = torch.linalg.vector_norm
    lengths = []
    for i in range(LAYERS):
        g = {{name: getattr(network.layers, f"{{name}}_l{{i}}").grad for name in {_names(config)}}}
{textwrap.indent(body, "        ")}
    lengths += [norm(parameter.grad).view(1) for parameter in network.readout.parameters()]
    return norm(torch.cat(lengths))
'''


def _names(config: TrainingConfig) -> tuple[str, ...]:
    return ("weight_ih", "weight_hh", "bias_ih", *(("weight_hr",) if config.projected else ()))


_NORM_OF_LSTM = """\
W = torch.cat([g["weight_ih"], g["weight_hh"]], 1).view(4, -1)  # a row for each gate
b = norm(g["bias_ih"].view(4, -1), dim=1)
lengths += [norm(W, dim=1), b, *(norm(g[name]).view(1) for name in g if name == "weight_hr"), b]  # two biases"""


def _norm_of_gates(config: TrainingConfig) -> str:
    lines = [f"rows = [slice(j * k, (j + 1) * k) for j in range({3 if config.cell == 'gru' else 1})]"]
    parts, twice = [], []
    for item in config.made_cell.parameters:
        place = PLACES[config.cell][item.name]
        first, rows = place.torch_names[0], f"rows[{place.number}]"
        name = {"bias_hh": 'getattr(network.layers, f"bias_hh_l{i}").grad'}.get(first, f'g["{first}"]')
        if len(place.torch_names) == 2 and not place.adds:
            parts.append(f'torch.cat([g["weight_ih"][{rows}], g["weight_hh"][{rows}]], 1)')
        else:
            parts.append(f"{name}[{rows}]")
        if place.adds:
            twice.append(len(parts) - 1)
    lines.append("parts = [")
    lines += [f"    {part},  # {item.name}" for part, item in zip(parts, config.made_cell.parameters, strict=True)]
    lines += ["]", "shown = [norm(part).view(1) for part in parts]"]
    lines.append(f"lengths += shown + [shown[j] for j in {tuple(twice)}]  # torch's second bias has the same gradient")
    return "\n".join(lines)
