"""How much memory this machine has free, and how many cores it gives this process."""

from __future__ import annotations

import os


def available_bytes() -> int:
    """Return the bytes that programs can still take without pushing others out."""
    import psutil  # not needed until something is made, and a window is to be open before that

    return int(psutil.virtual_memory().available)


def core_count() -> int:
    """Return how many cores this process may use: a container is often given fewer than the machine has."""
    return len(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else os.cpu_count() or 1
