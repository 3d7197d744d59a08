"""Follows the wires of an ONNX graph back: to the constant that a value is, or to the recurrent layer that it is from.

Exporters put weights into the shape of an LSTM node by small nodes, and they turn what one layer says for the next.
The operators are those of https://onnx.ai/onnx/operators/.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any

import numpy as np

from ..found import NetworkFileError
from .model import Numbers, Scope, attributes

RECURRENT = ("LSTM", "GRU", "RNN")
SHAPED = ("Squeeze", "Unsqueeze", "Reshape", "Transpose", "Identity", "Dropout", "Cast", "Flatten")
"""Nodes that pass numbers on as they are, in another shape."""
PICKED = (*SHAPED, "Slice", "Gather")
"""These, and those that pass on some of them: the last time step."""
_DEEPEST, _FARTHEST = 32, 2000
_PLAIN = (
    ("value_float", "f", np.float32),
    ("value_floats", "floats", np.float32),
    ("value_int", "i", np.int64),
    ("value_ints", "ints", np.int64),
)
"""Constants that are no tensors: their attribute, its field, and the type of their numbers."""
_FLOATS = {1: np.float32, 10: np.float16, 11: np.float64}


def constant(scope: Scope, name: str, depth: int = 0) -> Numbers | None:
    """Return the numbers of a value that does not depend on what the model is fed; None of every other value.

    Raises NetworkFileError where it cannot be computed as the file says.
    """
    tensor = scope.tensor(name)
    if tensor is not None:
        return scope.array(tensor)
    made = scope.maker(name)
    if made is None or depth == _DEEPEST or not is_standard(made[1]):
        return None
    home, node = made
    known = home.budget.known
    if (home, name) not in known:
        known[home, name] = _computed(home, node, name, depth)
    return known[home, name]


def _computed(home: Scope, node: Any, name: str, depth: int) -> Numbers | None:
    if node.op_type == "Constant":
        return _given(home, node)
    compute = _COMPUTED.get(node.op_type)
    if compute is None or name != node.output[0]:
        return None
    arguments = [constant(home, each, depth + 1) if each else None for each in node.input]
    if not arguments or any(each and found is None for each, found in zip(node.input, arguments, strict=True)):
        return None
    home.budget.compute(sum(each.size for each in arguments if each is not None))
    try:
        with np.errstate(all="ignore"):  # what is too large for float16 becomes infinite, and is refused as such
            return np.asarray(compute(attributes(node), arguments))
    except (LookupError, ValueError, TypeError, OverflowError) as error:
        raise NetworkFileError(
            f"{name or node.op_type} cannot be computed: the numbers of its {node.op_type} do not fit together; save "
            "the model again."
        ) from error


def is_standard(node: Any) -> bool:
    """Whether a node is of ONNX's own operators."""
    return node.domain in ("", "ai.onnx")


def origins(scope: Scope, name: str, through: tuple[str, ...] = SHAPED) -> list[tuple[Scope, Any, int]]:
    """Return the nodes that a value is from, their graphs and which of their outputs, behind nodes that only pass on.

    Several where they are put side by side.
    """
    found: list[tuple[Scope, Any, int]] = []
    seen: set[tuple[Scope, str]] = set()
    waiting = [(scope, name)]
    while waiting and len(seen) < _FARTHEST:
        home, value = waiting.pop(0)
        made = home.maker(value)
        if made is None or (made[0], value) in seen:
            continue
        home, node = made
        seen.add((home, value))
        if is_standard(node) and node.op_type in through and node.input:
            waiting.append((home, node.input[0]))
        elif is_standard(node) and node.op_type == "Concat":
            waiting += [(home, each) for each in node.input]
        else:
            found.append((home, node, list(node.output).index(value)))
    return found


def are_zeros(scope: Scope, name: str, depth: int = 0) -> bool:
    """Whether a value is zeros for certain, in a shape that depends on what the model is fed, as torch exports them."""
    known = constant(scope, name)
    made = scope.maker(name)
    if known is not None or made is None or depth == _DEEPEST or not is_standard(made[1]):
        return known is not None and not known.any()
    home, node = made
    if node.op_type == "ConstantOfShape":
        told = attributes(node)
        return "value" not in told or not home.array(told["value"].t).any()
    inputs = list(node.input) if node.op_type == "Concat" else list(node.input[:1])
    passed_on = node.op_type in (*SHAPED, "Slice", "Expand", "Concat")
    return passed_on and 0 < len(inputs) <= 4 and all(are_zeros(home, each, depth + 1) for each in inputs)


def _given(scope: Scope, node: Any) -> Numbers | None:
    told = attributes(node)
    if "value" in told:
        return scope.array(told["value"].t)
    for name, part, dtype in _PLAIN:
        if name in told:
            return np.asarray(getattr(told[name], part), dtype)
    return None


def _ints(told: Mapping[str, Any], name: str, arguments: list[Any], place: int) -> list[int] | None:
    """Return whole numbers that newer versions give as an input and older ones as an attribute."""
    if len(arguments) > place and arguments[place] is not None:
        return [int(each) for each in arguments[place].reshape(-1)]
    return list(told[name].ints) if name in told else None


def _squeeze(told: Mapping[str, Any], arguments: list[Any]) -> Numbers:
    axes = _ints(told, "axes", arguments, 1)
    found: Numbers = np.squeeze(arguments[0], None if axes is None else tuple(axes))
    return found


def _unsqueeze(told: Mapping[str, Any], arguments: list[Any]) -> Numbers:
    return np.expand_dims(arguments[0], tuple(_ints(told, "axes", arguments, 1) or ()))


def _transpose(told: Mapping[str, Any], arguments: list[Any]) -> Numbers:
    return np.transpose(arguments[0], list(told["perm"].ints) if "perm" in told else None)


def _concat(told: Mapping[str, Any], arguments: list[Any]) -> Numbers:
    return np.concatenate(arguments, told["axis"].i if "axis" in told else 0)


def _reshape(told: Mapping[str, Any], arguments: list[Any]) -> Numbers:
    sizes = _ints(told, "shape", arguments, 1) or []
    kept = "allowzero" in told and told["allowzero"].i
    shape = arguments[0].shape
    return np.reshape(arguments[0], [shape[at] if size == 0 and not kept else size for at, size in enumerate(sizes)])


def _cast(told: Mapping[str, Any], arguments: list[Any]) -> Numbers:
    return np.asarray(arguments[0], _FLOATS[told["to"].i]) if told["to"].i in _FLOATS else _refuse("Cast")


def _slice(told: Mapping[str, Any], arguments: list[Any]) -> Numbers:
    starts, ends = (_ints(told, name, arguments, place) or [] for name, place in (("starts", 1), ("ends", 2)))
    axes = _ints(told, "axes", arguments, 3) or list(range(len(starts)))
    steps = _ints(told, "steps", arguments, 4) or [1] * len(starts)
    cut = [slice(None)] * arguments[0].ndim
    for axis, start, end, step in zip(axes, starts, ends, steps, strict=True):
        cut[axis] = slice(start, end, step) if step > 0 else _refuse("Slice")
    return np.asarray(arguments[0][tuple(cut)])


def _dequantize(told: Mapping[str, Any], arguments: list[Any]) -> Numbers:
    """Return (x − zero)·scale, of the whole or of each place along one axis, in float32."""
    whole, scale = arguments[:2]
    zero = arguments[2] if len(arguments) > 2 and arguments[2] is not None else np.zeros_like(scale)
    if scale.size == 1:
        scale, zero = scale.reshape(()), zero.reshape(())
    else:
        axis = told["axis"].i if "axis" in told else 1
        shape = [1] * whole.ndim
        shape[axis] = whole.shape[axis]
        scale, zero = scale.reshape(shape), zero.reshape(shape)
    found: Numbers = (whole.astype(np.float32) - zero.astype(np.float32)) * scale.astype(np.float32)
    return found


def _refuse(what: str) -> Any:
    raise ValueError(what)


_COMPUTED: Mapping[str, Callable[[Mapping[str, Any], list[Any]], Numbers]] = {
    "Identity": lambda _told, arguments: arguments[0],
    "Squeeze": _squeeze,
    "Unsqueeze": _unsqueeze,
    "Transpose": _transpose,
    "Concat": _concat,
    "Reshape": _reshape,
    "Cast": _cast,
    "Slice": _slice,
    "DequantizeLinear": _dequantize,
}
"""Nodes that are computed where all that they read is constant."""
