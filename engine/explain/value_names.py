"""The words for a cell's values."""

from __future__ import annotations

VALUE_WORDS = {
    "f": "forget",
    "i": "input",
    "r": "reset",
    "u": "update",
    "C_tilde": "candidate",
    "h_tilde": "candidate",
    "o": "output",
    "C": "cell",
    "h": "hidden",
}
