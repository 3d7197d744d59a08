"""LSTM Visualizer as other programs import it: `from lstm_visualizer import watch` records a training loop.

In an installed package, `engine` and the rest are beside this file; in a checkout this package is small, and its parts
are the checkout's own folders.
"""

from pathlib import Path
from typing import Any

if not Path(__file__).with_name("engine").is_dir():
    __path__ = [str(Path(__file__).parents[4])]


def __getattr__(name: str) -> Any:
    """Import what is offered when it is asked for: the program itself begins without it."""
    if name == "watch":
        from .engine.elsewhere.watcher import watch

        return watch
    raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
