"""How much memory this machine has free."""

from __future__ import annotations


def available_bytes() -> int:
    """Return the bytes that programs can still take without pushing others out."""
    import psutil  # not needed until something is made, and a window is to be open before that

    return int(psutil.virtual_memory().available)
