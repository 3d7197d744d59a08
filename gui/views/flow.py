"""Gradients through time of the run."""

from __future__ import annotations

from gui.views.lab import LabView


class FlowView(LabView):
    """Gradients through time of the run."""

    def show_news(self) -> None:
        """Draw what the last update brought."""
