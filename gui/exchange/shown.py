"""What is shown, to be given away: the network where one is shown, else the cell."""

from __future__ import annotations

from collections.abc import Callable

from engine.document.document import Document
from engine.runs.snapshot import Snapshot
from gui.views.base import Tools


class Shown:
    """Says what the view in front shows."""

    def __init__(self, tools: Tools, shows_cell: Callable[[], bool]) -> None:
        """shows_cell: returns whether the view in front shows the cell, and not a run."""
        self._tools, self._shows_cell = tools, shows_cell

    def now(self) -> tuple[Document | Snapshot, str]:
        """Return the moment of a network, or the user's cell, and its name."""
        following, training = self._tools.following, self._tools.training
        if following is not None and following.shown and following.snapshot is not None:
            return following.snapshot, f"{following.network_name}, step {following.snapshot.step:,}"
        snapshot = training.run.history.shown if training is not None else None
        if snapshot is not None and following is not None and not self._shows_cell():
            return snapshot, f"{following.network_name}, step {snapshot.step:,}"
        shown = self._tools.model.shown
        return shown.document, shown.name
