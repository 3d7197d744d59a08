"""Saturation, histograms and the size of updates."""

from __future__ import annotations

from gui.views.lab import LabView


class HealthView(LabView):
    """Saturation, histograms and the size of updates."""

    def show_news(self) -> None:
        """Draw what the last update brought."""
