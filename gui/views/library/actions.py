"""The buttons for chosen runs: they stand in the head of the library, or at the foot of the run's details."""

from __future__ import annotations

from collections.abc import Callable, Sequence

from PySide6.QtGui import QGuiApplication

from engine.formats.link import LinkError, link_of_settings
from gui.appearance.theme import Appearance
from gui.commands.popup import Entry
from gui.plots.compare_style import MOST_RUNS
from gui.views.library.rows import Row
from gui.widgets.buttons import Button
from gui.widgets.layouts import Flow

_ELSEWHERE = "This network was trained elsewhere, with settings that are not known here"


class RunActions(Flow):
    """What can be done with the chosen runs; Open is the main button of the workspace."""

    def __init__(self, appearance: Appearance) -> None:
        self.open, self.resume, self.use = Button("Open"), Button("Resume"), Button("Use settings")
        self.compare, self.delete = Button("Compare"), Button("Delete")
        self.offered = (self.open, self.resume, self.use, self.compare)
        """Those that the menu of a run begins with."""
        super().__init__(*self.offered, self.delete, spacing=appearance.px(6))
        self._appearance = appearance
        self._count = 0
        self._is_apart = False
        self.open.setObjectName("main")
        self.open.setToolTip("Show this run from snapshot to snapshot, or follow it while it trains (Return)")
        self.delete.setToolTip("Move the chosen runs to the system's bin (Del)")
        appearance.changed.connect(self._choose)  # after the view, which shows again what a hall did not see

    def set_apart(self, is_apart: bool) -> None:
        """Leave out what the chosen runs have no use for, below their details; in the head each keeps its place."""
        self._is_apart = is_apart
        self._choose()

    def show_rows(self, rows: Sequence[Row]) -> None:
        """Offer what can be done with these runs."""
        readable = [row for row in rows if row.run.about is not None]
        one = readable[0].run if len(rows) == len(readable) == 1 else None
        self._count = len(rows)
        self.open.setText("Follow" if one is not None and one.written else "Open")
        self.open.setEnabled(one is not None)
        elsewhere = one is not None and one.is_elsewhere
        self.resume.setEnabled(one is not None and not one.written and not elsewhere)
        self.use.setEnabled(one is not None and not elsewhere)
        self.resume.setToolTip(_ELSEWHERE if elsewhere else "Resume this run from its last checkpoint")
        self.use.setToolTip(_ELSEWHERE if elsewhere else "Use the settings of this run for the next one")
        self.compare.setEnabled(2 <= len(readable) <= MOST_RUNS)
        self.compare.setToolTip(
            "Show their losses in one plot and their gates side by side"
            if self.compare.isEnabled()
            else f"To compare, select two to {MOST_RUNS} runs (Ctrl or Shift and a click, Shift and an arrow key)"
        )
        self.delete.setEnabled(bool(rows))
        self._choose()

    def _choose(self) -> None:
        if self._appearance.presenting:
            return  # a hall sees none of them
        for button in (self.open, self.resume, self.use):
            button.setVisible(not self._is_apart or self._count == 1)
        self.compare.setVisible(not self._is_apart or self._count > 1)
        self.delete.setVisible(not self._is_apart or self._count > 0)


def link_entry(rows: Sequence[Row], say: Callable[[str], object]) -> Entry:
    """Return the entry of a menu that copies a link to the settings of the one run that is chosen; say: tells of it."""
    run = rows[0].run if len(rows) == 1 else None
    about = run.about if run is not None else None
    if run is None or about is None:
        return Entry("Copy a link to its settings", None)
    title, config = run.title, about.config

    def copy() -> None:
        try:
            QGuiApplication.clipboard().setText(link_of_settings(config))
        except LinkError as error:
            say(str(error))
        else:
            say(f"Copied a link to the settings of “{title}”: paste it into a mail, or into this window elsewhere")

    return Entry("Copy a link to its settings", copy)
