"""Sizes of text."""

from __future__ import annotations

SMALLEST_TEXT_PT = 18
"""At 1080 lines and 96 dots an inch, 18 pt are 24 pixels."""
