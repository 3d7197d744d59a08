"""Whether a value read from a file is of the kind that a field was declared with: of all fields, in one place."""

from __future__ import annotations

import dataclasses
import types
from collections.abc import Mapping
from functools import cache
from typing import Any, Literal, Union, get_args, get_origin, get_type_hints

import numpy as np


@cache
def kinds_of(kind: Any) -> Mapping[str, Any]:
    """Return the declared kinds of a dataclass's fields, by name."""
    hints = get_type_hints(kind)
    return {item.name: hints[item.name] for item in dataclasses.fields(kind)}


def misfit(value: Any) -> str:
    """Return the name of the first field of a dataclass whose value is not of its kind, "" where all are."""
    kind: Any = type(value)
    return next((name for name, kind in kinds_of(kind).items() if not is_of(getattr(value, name), kind)), "")


def is_of(value: Any, kind: Any) -> bool:
    """Return whether a value is of a declared kind: a class, a union, a Literal, a tuple, a Mapping or an array."""
    origin, inner = get_origin(kind), get_args(kind)
    if kind is Any:
        return True
    if origin in (Union, types.UnionType):
        return any(is_of(value, one) for one in inner)
    if origin is Literal:
        return isinstance(value, str) and value in inner
    if origin is tuple:
        each = inner[:1] * len(value) if isinstance(value, tuple) and inner[1:] == (...,) else inner
        return (
            isinstance(value, tuple)
            and len(value) == len(each)
            and all(is_of(item, one) for item, one in zip(value, each, strict=True))
        )
    if origin is not None and issubclass(origin, Mapping):
        return isinstance(value, Mapping) and all(
            is_of(name, inner[0]) and is_of(item, inner[1]) for name, item in value.items()
        )
    if origin is np.ndarray:
        return isinstance(value, np.ndarray)
    if kind in (int, float) and isinstance(value, bool):  # which Python takes for a number
        return False
    return isinstance(value, (int, float) if kind is float else kind)
