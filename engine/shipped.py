"""The program's name and version, and where its own files are: examples, tasks, data, icons, fonts, guides."""

from pathlib import Path

NAME = "LSTM Visualizer"
FILES = "lstm-visualizer"
"""What the program's folders are called among those of the user."""
SHIPPED = Path(__file__).parents[1] / "resources"
"""Beside `engine`, in a checkout and in an installed package."""


def version() -> str:
    """Return the program's version, or "not installed"."""
    from importlib import metadata

    try:
        return metadata.version("lstm-visualizer")
    except metadata.PackageNotFoundError:
        return "not installed"
