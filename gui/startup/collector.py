"""Runs Python's garbage collector in the window's thread only.

It runs in whichever thread happens to allocate, and what it finds may be Qt objects, such as a closed dialog with
its slots: destroyed outside the thread that they live in, they take the program down.
"""

from __future__ import annotations

import gc

from PySide6.QtCore import QObject, QTimer

_INTERVAL_MS = 500


class Collector(QObject):
    """Collects garbage between two events of the window's thread, and nowhere else."""

    def __init__(self, parent: QObject) -> None:
        super().__init__(parent)
        self._thresholds = gc.get_threshold()
        gc.disable()
        self._timer = QTimer(self)
        self._timer.timeout.connect(self._on_due)
        self._timer.start(_INTERVAL_MS)

    def _on_due(self) -> None:
        """Collect the oldest generation that is due by Python's own thresholds."""
        for generation in (2, 1, 0):
            if gc.get_count()[generation] > self._thresholds[generation]:
                gc.collect(generation)
                return
