"""What a plot in a panel offers the window; PANELS in gui/commands/views.py has a row for each."""

from __future__ import annotations

from abc import abstractmethod
from typing import Self

from PySide6.QtGui import QContextMenuEvent
from PySide6.QtWidgets import QWidget

from engine.runs.history import History
from engine.tasks.base import TaskFacts
from gui.commands.number_taker import number_entries
from gui.commands.popup import popup
from gui.plots.numbers import Maps, picture_entries, tables_within
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

    def numbers_shown(self) -> Maps | None:
        """Return the numbers over time steps that its menu copies; None where plots have menus of their own."""
        return None

    def contextMenuEvent(self, event: QContextMenuEvent) -> None:
        numbers = self.numbers_shown()
        tables = [numbers.named()] if numbers is not None else tables_within(self)
        popup(self, event.globalPos(), [*number_entries(self, tables), *picture_entries(self)])

    @abstractmethod
    def show_news(self, history: History, facts: TaskFacts | None) -> None:
        """Draw what the last update brought, if it can be seen; facts: of the task, None before they are known."""
