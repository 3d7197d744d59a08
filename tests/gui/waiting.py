"""Waiting so that the program's threads go on meanwhile."""

from __future__ import annotations

import time

from PySide6.QtCore import QCoreApplication, QEvent


def wait(ms: int) -> None:
    """Let Qt and all threads work for so long.

    QTest.qWait holds Python's lock while it sleeps: a job in the background gets one turn in all that time.
    """
    deadline = time.monotonic() + ms / 1000
    while True:
        QCoreApplication.processEvents()
        QCoreApplication.sendPostedEvents(None, QEvent.Type.DeferredDelete)
        left = deadline - time.monotonic()
        if left <= 0:
            return
        time.sleep(min(left, 0.005))
