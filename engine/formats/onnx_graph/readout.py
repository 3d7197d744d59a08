"""Finds the linear layer of an ONNX model that reads the h of its last recurrent layer: MatMul and Add, or Gemm."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np

from ..found import Array, NetworkFileError
from ..names.stored import widened
from .model import Scope, attributes
from .values import PICKED, constant, is_standard, origins

_MOST = 500
_PRODUCTS = "Gemm", "MatMul"
_OUTPUTS = {"Softmax": "softmax", "Sigmoid": "sigmoid"}


def readout_of(places: Sequence[tuple[Scope, Any]]) -> tuple[tuple[Array, Array] | None, str]:
    """Return W (outputs, n) and b (outputs,) of the layer after the last recurrent node, and what it ends in.

    None where something else follows, or the model ends there. places: the recurrent nodes and their graphs.
    """
    if not places:
        return None, "identity"
    scope, last = places[-1]
    products = [node for node in scope.graph.node if node.op_type in _PRODUCTS and len(node.input) > 1 and node.output]
    for node in products[:_MOST]:
        if not is_standard(node):
            continue
        reads = [made for _, made, _ in origins(scope, node.input[0], PICKED)]
        if len(reads) == 1 and reads[0] is last:
            try:
                return _linear(scope, node)
            except NetworkFileError:
                return None, "identity"  # it is of no use here, but the recurrent layers are
    return None, "identity"


def _linear(scope: Scope, node: Any) -> tuple[tuple[Array, Array] | None, str]:
    told, W = attributes(node), constant(scope, node.input[1])
    end = node.output[0]
    if W is None or W.ndim != 2 or any(_float(told, name) != 1 for name in ("alpha", "beta")):
        return None, "identity"
    W = W if "transB" in told and told["transB"].i else W.T
    b = constant(scope, node.input[2]) if len(node.input) > 2 else None
    following = _reader(scope, end)
    if b is None and following is not None and following.op_type == "Add" and following.output:
        b = next((found for name in following.input if (found := constant(scope, name)) is not None), None)
        end = following.output[0]
        following = _reader(scope, end)
    b = np.zeros(len(W), W.dtype) if b is None else b.reshape(-1)
    if b.shape != (len(W),) or not all(np.issubdtype(each.dtype, np.floating) for each in (W, b)):
        return None, "identity"
    if not all(np.isfinite(each).all() for each in (W, b)):
        return None, "identity"
    return (widened(W), widened(b)), _OUTPUTS.get(following.op_type, "identity") if following else "identity"


def _reader(scope: Scope, name: str) -> Any:
    """Return the one node that reads a value; None where there are several or none."""
    found = [node for node in scope.graph.node if name in node.input and is_standard(node)]
    return found[0] if len(found) == 1 else None


def _float(told: Mapping[str, Any], name: str) -> float:
    return float(told[name].f) if name in told else 1.0
