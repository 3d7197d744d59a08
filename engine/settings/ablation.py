"""Gates that are clamped at 0 or 1 during training, and weights that are frozen.

A clamped gate is one whose weights are 0 and whose bias is so large that its σ is exactly 0 or 1 in any precision;
so every form of the cell, torch's own included, and the diagram compute the same without knowing of it.
"""

import re
from collections.abc import Mapping
from types import MappingProxyType

from ..cell.cell import Cell
from ..cell.graph import SIGMOID, Operation
from ..setting import ConfigError, brief

BEYOND = 1e4
"""The bias of a clamped gate: σ(±1e4) is exactly 1 or 0 in float64, too."""


def gates_of(cell: Cell) -> Mapping[str, Operation]:
    """Return the gates that can be clamped by the letters that their weights have: f, i, o."""
    return {gate.inputs[0].removeprefix("z_"): gate for gate in cell.gates if gate.kind is SIGMOID}


def weights_of(cell: Cell, gate: str) -> tuple[str, ...]:
    """Return the names of every weight that belongs to a gate alone: ("W_f", "b_f"), with peepholes p_f, too."""
    return tuple(item.name for item in cell.parameters if item.name.split("_", 1)[1] == gate)


def clamped_gates(cell: Cell, text: str) -> Mapping[str, float]:
    """Read "f=1 o=0" (commas are welcome) as {"f": 1.0, "o": 0.0}.

    Raises ConfigError, in one sentence, for another form, a gate that the cell has not, or one named twice.
    """
    known = tuple(gates_of(cell))
    found: dict[str, float] = {}
    for part in re.split(r"[\s,;]+", text.strip()) if text.strip() else ():
        gate, _, value = part.partition("=")
        if gate not in known or value not in ("0", "1") or gate in found:
            gates = ", ".join(known)
            such = (
                f"each of {gates} at most once, as in {known[0]}=1" if known else "nothing, since this cell has no gate"
            )
            raise ConfigError(
                f"Clamped gates (clamped): {brief(part)} was found, expected {such}; correct it or leave it empty."
            )
        found[gate] = float(value)
    return MappingProxyType(found)


def clamped_text(gates: Mapping[str, float]) -> str:
    """Return clamped gates as the setting has them: "f=1 o=0"."""
    return " ".join(f"{gate}={value:g}" for gate, value in gates.items())


def frozen_weights(cell: Cell, layers: int, text: str) -> tuple[frozenset[str], ...]:
    """Read "layer1.W_f layer2.b_o" as one set of names for each layer; layers are counted from 1.

    Raises ConfigError, in one sentence, for a layer or a weight that there is not.
    """
    known = {item.name for item in cell.parameters}
    found: list[set[str]] = [set() for _ in range(layers)]
    for part in re.split(r"[\s,;]+", text.strip()) if text.strip() else ():
        match = re.fullmatch(r"layer([1-9])\.(\w+)", part)
        if match is None or int(match[1]) > layers or match[2] not in known:
            raise ConfigError(
                f"Frozen weights (frozen): {brief(part)} was found, expected names such as "
                f"layer1.{cell.parameters[0].name}, of layers 1 to {layers} and of {', '.join(sorted(known))}; "
                "correct it or leave it empty."
            )
        found[int(match[1]) - 1].add(match[2])
    return tuple(frozenset(names) for names in found)


def clamped_value(cell: Cell, name: str, clamps: Mapping[str, float]) -> float | None:
    """Return what every entry of a weight is while gates are clamped; None for a weight that is left as it is."""
    letter, _, gate = name.partition("_")
    if gate not in clamps or name not in weights_of(cell, gate):
        return None
    if letter != "b":
        return 0.0
    return BEYOND if clamps[gate] else -BEYOND
