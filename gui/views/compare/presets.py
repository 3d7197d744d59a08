"""Comparisons to pick with one click: what differs between their configurations, as data."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, replace
from typing import Any

from engine.settings.config import TrainingConfig

Changes = Mapping[str, Any]
"""Settings of a configuration that are not those of the base."""


@dataclass(frozen=True)
class Preset:
    """A comparison by its title and a sentence; base: what all its configurations change, choices: each one alone."""

    title: str
    sentence: str
    choices: Callable[[TrainingConfig], list[Changes]]
    base: Changes


def with_changes(base: TrainingConfig, changes: Changes) -> TrainingConfig:
    """Return a configuration that differs from the base by some settings; it is not checked."""
    return replace(base, **dict(changes))


def _another_rate(base: TrainingConfig) -> list[Changes]:
    return [{}, {"learning_rate": float(f"{base.learning_rate / 10:.6g}")}]


# What only some cells have is left out where cells are compared.
_ANY_CELL: Changes = {"hidden_size": 0, "clamped": "", "frozen": ""}
_LSTM: Changes = {"cell": "lstm", "bias_initialisation": "given"}

PRESETS: Mapping[str, Preset] = {
    "cells": Preset(
        "LSTM against plain RNN",
        "Shows what the cell state is for: the same task and the same k, with and without gates.",
        lambda _base: [{"cell": "lstm"}, {"cell": "rnn"}],
        _ANY_CELL,
    ),
    "biases": Preset(
        "Forget bias 0, 1 and chrono",
        "How much a new cell forgets decides how far back the first gradients reach.",
        lambda _base: [{"forget_bias": 0.0}, {"forget_bias": 1.0}, {"bias_initialisation": "chrono"}],
        {**_LSTM, "clamped": "", "frozen": ""},
    ),
    "optimizers": Preset(
        "Adam, RMSprop, SGD",
        "Three ways to turn gradients into changes of the weights, at the same learning rate.",
        lambda _base: [{"optimizer": name} for name in ("adam", "rmsprop", "sgd")],
        {},
    ),
    "variants": Preset(
        "LSTM, GRU, peephole, coupled",
        "Four gated cells of the same k; those without a fused kernel train more slowly.",
        lambda _base: [{"cell": name} for name in ("lstm", "gru", "peephole", "coupled")],
        _ANY_CELL,
    ),
    "change": Preset(
        "Your settings against one change",
        "Your settings unchanged, and with one of them changed; at first the learning rate.",
        _another_rate,
        {},
    ),
}
