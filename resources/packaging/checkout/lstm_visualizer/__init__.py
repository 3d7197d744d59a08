"""In a checkout: the package whose parts are the checkout's own folders, as they are in an installed one."""

from pathlib import Path

__path__ = [str(Path(__file__).parents[4])]
