"""Where the files lie that ship with the program."""

from pathlib import Path

SHIPPED = Path(__file__).parents[1] / "resources"
"""Beside `engine`, in a checkout and in an installed package."""
