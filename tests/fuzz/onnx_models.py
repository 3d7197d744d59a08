"""ONNX models to begin from, and damage that leaves them whole: fields that say something else."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from random import Random
from typing import Any

import numpy as np

from tests.fuzz.mutator import mutations


def files() -> list[bytes]:
    """Small models of every cell, stacked and in both directions, with constants of every kind."""
    from onnx import helper

    from tests.engine.formats.onnx_networks import M, N, model, network, node, weights

    made = [
        network("LSTM", both=True, layers=2, peepholes=True),
        network("GRU", layers=2, linear_before_reset=1),
        network("RNN"),
    ]
    found = weights("LSTM", False, M, N)
    constants = {**found, "axis": np.array([0]), "V": np.ones((N, 2), np.float32), "b": np.ones(2, np.float32)}
    constants["flat"] = constants.pop("W")[0].astype(np.float16)
    nodes = [
        helper.make_node("Unsqueeze", ["flat", "axis"], ["half"]),
        helper.make_node("Cast", ["half"], ["W"], to=1),
        node("LSTM", {name: name for name in "WRB"}, hidden_size=N, input_forget=1),
        helper.make_node("Squeeze", ["Y"], ["h"]),
        helper.make_node("Gemm", ["h", "V", "b"], ["z"]),
        helper.make_node("Softmax", ["z"], ["y"]),
    ]
    return [each.SerializeToString() for each in (*made, model(nodes, constants, "y"))]


_WORDS = (
    "",
    "x",
    "W0",
    "h0",
    "Y0",
    "W",
    "flat",
    "../W.bin",
    "LSTM",
    "Concat",
    "Reshape",
    "If",
    "reverse",
    "Relu",
    "\0",
)
_NUMBERS = (0, 1, -1, 2, 3, 7, 10, 16, 4096, 5000, 2**31, 2**62, -(2**62))


def field_mutations(seeds: Sequence[bytes], count: int, seed: int) -> Iterator[bytes]:
    """Yield models with damaged bytes, and as many whole ones that say something else than they should."""
    import onnx

    yield from mutations(seeds, count // 2, seed)
    for number in range(count - count // 2):
        random = Random(f"{seed} {number}")
        model = onnx.load_from_string(random.choice(seeds))
        for _ in range(random.choice((1, 1, 2, 4))):
            _change(random, model.graph)
        yield model.SerializeToString()


def _change(random: Random, graph: Any) -> None:
    """Change a field somewhere within a message: its number, its word, its bytes, or how many there are of it."""
    message = graph
    while True:
        fields = [(item, value) for item, value in message.ListFields()]
        if not fields:
            return
        item, value = random.choice(fields)
        if item.message_type is None:
            break
        parts = list(value) if item.is_repeated else [value]
        if item.is_repeated and random.random() < 0.1:
            _repeat(random, value, parts)
            return
        if not parts:
            return
        message = random.choice(parts)
    _set(random, message, item, value)


def _repeat(random: Random, repeated: Any, parts: list[Any]) -> None:
    place = random.randrange(len(parts))
    if random.random() < 0.5:
        del repeated[place]
    else:
        repeated.add().CopyFrom(parts[place])


def _set(random: Random, message: Any, item: Any, value: Any) -> None:
    def other(before: Any) -> Any:
        if isinstance(before, bytes):
            return random.choice((b"", before[:-1], before * 2, bytes(len(before)), b"\xff" * len(before)))
        if isinstance(before, str):
            return random.choice(_WORDS)
        return random.choice(_NUMBERS)

    try:
        if not item.is_repeated:
            setattr(message, item.name, other(value))
        elif value and random.random() < 0.7:
            value[random.randrange(len(value))] = other(value[0])
        else:
            value.append(other(value[0]) if value else 1)
    except (ValueError, TypeError):  # no such number in this field
        return
