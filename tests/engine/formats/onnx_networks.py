"""Random ONNX models with recurrent nodes, for tests of what is read and what is refused."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import numpy as np
import onnx
from numpy.typing import NDArray
from onnx import TensorProto, helper, numpy_helper

Array = NDArray[np.float32]
GATES = {"LSTM": 4, "GRU": 3, "RNN": 1}
M, N = 5, 8
OPSET, IR = 17, 9


def weights(kind: str, both: bool, m: int, n: int, seed: int = 0, peepholes: bool = False) -> dict[str, Array]:
    """W, R, B and, if asked for, P of one node."""
    draw, count, rows = np.random.default_rng(seed), 1 + both, GATES[kind] * n
    shapes = {"W": (count, rows, m), "R": (count, rows, n), "B": (count, 2 * rows)}
    if peepholes:
        shapes["P"] = (count, 3 * n)
    return {name: draw.uniform(-0.5, 0.5, shape).astype(np.float32) for name, shape in shapes.items()}


def node(
    kind: str, given: Mapping[str, str], reads: str = "x", gives: str = "Y", name: str = "", **told: Any
) -> onnx.NodeProto:
    """A recurrent node; `given` has the values that it reads by the names of its inputs."""
    names = ("W", "R", "B", "sequence_lens", "initial_h", "initial_c", "P")
    inputs = [reads, *(given.get(each, "") for each in names)]
    while not inputs[-1]:
        inputs.pop()
    return helper.make_node(kind, inputs, [gives, f"{gives}_h"], name=name, **told)


def model(
    nodes: list[onnx.NodeProto],
    constants: Mapping[str, NDArray[Any] | onnx.TensorProto],
    output: str = "Y",
    batch_first: bool = False,
    **more: Any,
) -> onnx.ModelProto:
    """A model that reads x (T, batch, m), with its constants as initializers."""
    tensors = [
        array if isinstance(array, onnx.TensorProto) else numpy_helper.from_array(array, name)
        for name, array in constants.items()
    ]
    sizes = ["batch", "T", M] if batch_first else ["T", "batch", M]
    x = helper.make_tensor_value_info("x", TensorProto.FLOAT, sizes)
    y = helper.make_tensor_value_info(output, TensorProto.FLOAT, None)
    graph = helper.make_graph(nodes, "net", [x], [y], tensors, **more)
    return helper.make_model(graph, opset_imports=[helper.make_opsetid("", OPSET)], ir_version=IR)


def network(
    kind: str, both: bool = False, layers: int = 1, *, seed: int = 0, peepholes: bool = False, **told: Any
) -> onnx.ModelProto:
    """Layers of one kind above each other, as torch's exporter joins them: by Transpose and Reshape."""
    nodes, constants, reads, m = [], {"flat": np.array([0, 0, -1])}, "x", M
    if both:
        told["direction"] = "bidirectional"
    for layer in range(layers):
        found = weights(kind, both, m, N, seed + layer, peepholes)
        given = {name: f"{name}{layer}" for name in found}
        constants |= {given[name]: array for name, array in found.items()}
        name = f"/rnn/{kind}" + (f"_{layer}" if layer else "")
        nodes.append(node(kind, given, reads, f"Y{layer}", name, hidden_size=N, **told))
        nodes.append(helper.make_node("Transpose", [f"Y{layer}"], [f"turned{layer}"], perm=[0, 2, 1, 3]))
        nodes.append(helper.make_node("Reshape", [f"turned{layer}", "flat"], [f"h{layer}"]))
        reads, m = f"h{layer}", N * (1 + both)
    return model(nodes, constants, reads)


def run(made: onnx.ModelProto, x: Array) -> Array:
    """What ONNX Runtime says of x."""
    import onnxruntime  # `make fuzz` has no use for it

    options = onnxruntime.SessionOptions()
    options.intra_op_num_threads, options.log_severity_level = 1, 3
    session = onnxruntime.InferenceSession(made.SerializeToString(), options, providers=["CPUExecutionProvider"])
    (found,) = session.run(None, {session.get_inputs()[0].name: x})
    return np.asarray(found)
