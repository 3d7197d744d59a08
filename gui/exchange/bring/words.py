"""What the page on a network from elsewhere says of its layers, and how their weights were read."""

from __future__ import annotations

from collections.abc import Sequence

from engine.formats.found import Found, FoundLayer

LAYER_COLUMNS = ("Name", "Cell", "Layer", "Direction", "m", "n", "k", "Parameters")
LAYER_RIGHT = (2, 4, 5, 6, 7)
MAPPED_COLUMNS = ("Here", "In the file")


def layer_rows(found: Found) -> list[tuple[str, ...]]:
    """Return a row for each layer of a file."""
    return [
        (
            layer.own or layer.called,
            layer.declared.title,
            f"{layer.layer + 1}",
            "reverse" if layer.reverse else "forward",
            *(f"{size:,}" for size in (layer.m, layer.n, layer.k)),
            f"{layer.parameters:,}",
        )
        for layer in found.layers
    ]


def mapped_rows(layer: FoundLayer) -> list[tuple[str, str]]:
    """Return where each weight of a layer is from."""
    known = [(each.name, each.source) for each in layer.mapped]
    return known + [(name, "h and C before the first step") for name in layer.initial if name not in dict(known)]


def layer_name(layer: FoundLayer) -> str:
    """Return a layer in a few words: "encoder.lstm, layer 2, reverse"."""
    words = [layer.own] if layer.own else [layer.called, *([f"layer {layer.layer + 1}"] if layer.layer else [])]
    return ", ".join([*words, *(["reverse"] if layer.reverse else [])])


def stack_name(file: str, stack: Sequence[FoundLayer]) -> str:
    """Return layers of a file in a few words: "net: encoder, layers 1–3"."""
    first = stack[0]
    if len(stack) == 1:
        return f"{file}: {layer_name(first)}"
    way = ", reverse" if first.reverse else ""
    return f"{file}: {first.called}, layers {first.layer + 1}–{stack[-1].layer + 1}{way}"


def above_words(stack: Sequence[FoundLayer]) -> str:
    """Return what a check box says that takes the layers above the chosen one with it."""
    above = len(stack) - 1
    return f"With the {'layer' if above == 1 else f'{above:,} layers'} above it"
