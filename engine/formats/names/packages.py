"""Packages that only one format needs: loaded when a file asks for them, and named in a sentence where they are not."""

from __future__ import annotations

from importlib import import_module
from typing import Any

from ..found import NetworkFileError


def package(name: str, extra: str, what: str) -> Any:
    """Return a package that the extra of that name installs; `what` needs it: "an ONNX file".

    Raises NetworkFileError where it is not installed.
    """
    try:
        return import_module(name)
    except ImportError as error:
        raise NetworkFileError(
            f"{what} needs the package {name.partition('.')[0]}, which is not installed here; install it with: pip "
            f"install 'lstm-visualizer[{extra}]'."
        ) from error
