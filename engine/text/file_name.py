"""Words as the name of a file."""

from __future__ import annotations

import re


def file_name(words: str) -> str:
    """Return words as the name of a file: letters, digits, and a hyphen for all else."""
    whole = re.sub(r"(?<=\d),(?=\d{3})", "", words)  # "step 1,282" is one number
    letters = "".join(letter if letter.isalnum() else " " for letter in whole)
    return "-".join(letters.split()).lower()[:60] or "untitled"
