"""What a plot in a panel offers the window; PANELS in gui/commands/views.py has a row for each."""

from __future__ import annotations

from abc import abstractmethod
from typing import Self

from PySide6.QtGui import QContextMenuEvent
from PySide6.QtWidgets import QWidget

from engine.runs.history import History
from engine.tasks.base import TaskFacts
from gui.commands.popup import popup
from gui.plots.numbers import copy_entry, picture_entries
from gui.views.base import Tools


class DockedPlot(QWidget):
    """A widget that shows something of the run in training, whatever view is in front."""

    @classmethod
    @abstractmethod
    def made(cls, tools: Tools) -> Self:
        """Make the plot for a window."""

    @abstractmethod
    def show_run(self, history: History, layers: int) -> None:
        """Begin with a run that has neither steps nor snapshots yet; layers: how many the network has."""

    def numbers_shown(self) -> str:
        """Return as CSV what is drawn, where that is not in plots with menus of their own; "" where it is."""
        return ""

    def contextMenuEvent(self, event: QContextMenuEvent) -> None:
        copying = [copy_entry(self.numbers_shown)] if self.numbers_shown() else []
        popup(self, event.globalPos(), [*copying, *picture_entries(self)])

    @abstractmethod
    def show_news(self, history: History, facts: TaskFacts | None) -> None:
        """Draw what the last update brought, if it can be seen; facts: of the task, None before they are known."""
