"""Loads torch before Qt on Windows if a run is to train in a thread of the window.

There, torch's libraries cannot be loaded once Qt's are in the process (since torch 2.9).
"""

from __future__ import annotations

import json
import sys

ORGANISATION = APPLICATION = "LSTM Visualizer"


def load_torch_first() -> None:
    """Load torch if the stored settings want it in this process; called before Qt is imported."""
    if sys.platform == "win32":
        import winreg

        try:  # where QSettings keeps them
            with winreg.OpenKey(winreg.HKEY_CURRENT_USER, rf"Software\{ORGANISATION}\{APPLICATION}") as key:
                stored = json.loads(winreg.QueryValueEx(key, "training")[0])
        except (OSError, json.JSONDecodeError):  # nothing is stored yet
            return
        if isinstance(stored, dict) and stored.get("worker") == "thread":
            import torch  # noqa: F401  for its libraries


def too_late_for(worker: str) -> str:
    """Return why a run cannot train in this kind of worker before a restart, or nothing."""
    if sys.platform == "win32" and worker == "thread" and "torch" not in sys.modules:
        return "On Windows, training in a thread of the window needs a restart: close the program and open it again."
    return ""
