"""The tabs over the middle of the window: the views of the cell, or those of the training."""

from __future__ import annotations

from collections.abc import Mapping

from PySide6.QtCore import QSignalBlocker, Qt, Signal
from PySide6.QtWidgets import QButtonGroup, QHBoxLayout, QTabBar, QToolButton, QWidget

from gui.appearance.theme import Appearance
from gui.commands.views import GROUPS, VIEWS, group_of


class ViewTabs(QWidget):
    """A switch between the two groups of views, and a tab for each view of the group."""

    chosen = Signal(str)
    """The name of a view whose tab was clicked."""

    def __init__(self, words: Mapping[str, str], appearance: Appearance) -> None:
        super().__init__()
        self._words = words
        self._group = ""
        self._last = {group: next(iter(entries)) for group, entries in GROUPS.items()}
        self._switch = QButtonGroup(self)
        self.groups: dict[str, QToolButton] = {}
        row = QHBoxLayout(self)
        row.setContentsMargins(0, 0, 0, 0)
        row.setSpacing(appearance.px(2))
        for group in GROUPS:
            button = QToolButton()
            button.setObjectName("group")
            button.setText(group)
            button.setCheckable(True)
            button.setFocusPolicy(Qt.FocusPolicy.NoFocus)
            button.setToolTip(f"Views of the {group.lower()}")
            button.clicked.connect(lambda _checked=False, group=group: self.chosen.emit(self._last[group]))
            self._switch.addButton(button)
            self.groups[group] = button
            row.addWidget(button)
        self.bar = QTabBar()
        self.bar.setObjectName("views")
        self.bar.setDrawBase(False)
        self.bar.setExpanding(False)
        self.bar.setFocusPolicy(Qt.FocusPolicy.NoFocus)
        self.bar.currentChanged.connect(self._on_tab)
        row.addWidget(self.bar, 1)
        self.show_front("cell")

    def show_front(self, name: str) -> None:
        """Mark the view in front, under its group."""
        group = group_of(name)
        self._last[group] = name
        with QSignalBlocker(self.bar):
            if group != self._group:
                self._group = group
                self.groups[group].setChecked(True)
                while self.bar.count():
                    self.bar.removeTab(0)
                for view in GROUPS[group]:
                    title, _, _ = VIEWS[view]
                    self.bar.setTabToolTip(self.bar.addTab(title), self._words[view])
            self.bar.setCurrentIndex(list(GROUPS[group]).index(name))

    def _on_tab(self, index: int) -> None:
        if index >= 0:
            self.chosen.emit(list(GROUPS[self._group])[index])
