"""The configurations of a comparison, a row each: a colour, a name, and what differs from the present settings."""

from __future__ import annotations

from typing import Any

from PySide6.QtCore import QSignalBlocker, Qt, Signal
from PySide6.QtWidgets import QComboBox, QLineEdit, QSizePolicy, QWidget

from engine.comparison.comparison import FEWEST, MOST
from engine.settings.config import ConfigError, TrainingConfig, check, settings
from engine.settings.words import names_of
from gui.appearance.rich_text import RichLabel
from gui.appearance.theme import Appearance
from gui.plots.compare_style import LineSample, rich_name
from gui.views.compare.presets import Changes, with_changes
from gui.views.hall import only_at_desk
from gui.widgets.buttons import Button
from gui.widgets.labels import called, text_label
from gui.widgets.layouts import REST, discard, in_column, in_row
from gui.widgets.setting_boxes import SettingField, put_value, setting_field, value_in

_VARIABLE = {setting.name: setting for setting in settings() if setting.compared and not setting.circumstance}
_MOST_CHANGES = 3
_FIELD = 190
"""Least width of a field, in pixels at 1080 lines."""


class _Change(QWidget):
    """One setting that differs, and its value."""

    changed = Signal()

    def __init__(self, appearance: Appearance) -> None:
        super().__init__()
        self.setting = called("Setting that differs", QComboBox())
        self.setting.setToolTip("The setting that differs")
        self.setting.setFocusPolicy(Qt.FocusPolicy.TabFocus)
        self.setting.addItem("nothing changed", "")
        for name, setting in _VARIABLE.items():
            self.setting.addItem(setting.label, name)
        self._appearance = appearance
        self.value: SettingField | None = None
        self._base = TrainingConfig()
        self._row = in_row(self.setting, inside=self, margins=0)
        self.setting.activated.connect(self._on_setting)
        self.restyle()

    @property
    def entry(self) -> Changes:
        """The change as a mapping; empty where nothing is changed."""
        name = self.setting.currentData()
        return {name: value_in(self.value)} if name and self.value is not None else {}

    def restyle(self) -> None:
        """Make both fields as wide as the size of text asks, and a choice as its longest words do."""
        width = self._appearance.with_text(_FIELD)
        for field in (self.setting, self.value):
            if isinstance(field, QComboBox):
                field.setMinimumWidth(width)
                field.setSizePolicy(QSizePolicy.Policy.Fixed, QSizePolicy.Policy.Fixed)
            elif field is not None:
                field.setFixedWidth(width)

    def use_base(self, base: TrainingConfig) -> None:
        """Begin another setting with its value there."""
        self._base = base

    def show_change(self, base: TrainingConfig, name: str, value: Any) -> None:
        """Show a setting with its value; "" is no change."""
        self.use_base(base)
        with QSignalBlocker(self.setting):
            self.setting.setCurrentIndex(max(0, self.setting.findData(name)))
        self._replace_field(name, value)

    def _on_setting(self) -> None:
        name = self.setting.currentData()
        self._replace_field(name, getattr(self._base, name) if name else None)
        self.changed.emit()

    def _replace_field(self, name: str, value: Any) -> None:
        if self.value is not None:
            discard(self.value)
            self.value = None
        if not name:
            return
        self.value = called(_VARIABLE[name].label, setting_field(_VARIABLE[name]))
        put_value(self.value, value)
        if isinstance(self.value, QComboBox):
            self.value.setFocusPolicy(Qt.FocusPolicy.TabFocus)
            self.value.setSizeAdjustPolicy(QComboBox.SizeAdjustPolicy.AdjustToContents)  # also of larger letters
            self.value.activated.connect(self.changed)
        elif isinstance(self.value, QLineEdit):
            self.value.editingFinished.connect(self.changed)
        else:
            self.value.valueChanged.connect(self.changed)
        self.value.setToolTip(_VARIABLE[name].sentence)
        self.restyle()
        self._row.insertWidget(1, self.value)
        QWidget.setTabOrder(self.setting, self.value)


class Row(QWidget):
    """One configuration."""

    changed = Signal()
    removed = Signal()

    def __init__(self, appearance: Appearance) -> None:
        super().__init__()
        self._appearance = appearance
        self._base = TrainingConfig()
        self.line, self.name, self.problem = LineSample(appearance), RichLabel(), text_label("", "note", wrap=True)
        self.problem.hide()
        self.changes: list[_Change] = []
        self.more, self.remove = Button("and …"), Button("Remove")
        self.more.setToolTip("Change one more setting of this configuration")
        self.remove.setToolTip("Remove this configuration from the comparison")
        self.more.clicked.connect(self._on_more)
        self.remove.clicked.connect(self.removed)
        self._column = in_column(spacing=appearance.px(4))
        top = Qt.AlignmentFlag.AlignTop
        line = in_row(
            (self.line, 0, Qt.AlignmentFlag.AlignVCenter),
            self._column,
            (self.more, 0, top),
            (self.remove, 0, top),
            (self.name, 1, Qt.AlignmentFlag.AlignVCenter),
            margins=0,
            spacing=appearance.px(8),
        )
        in_column(line, self.problem, inside=self, margins=0, spacing=appearance.px(2))

    @property
    def entries(self) -> Changes:
        """Every change of this configuration."""
        return {name: value for change in self.changes for name, value in change.entry.items()}

    def use_base(self, base: TrainingConfig) -> None:
        """Take other settings for what is not changed."""
        self._base = base
        for change in self.changes:
            change.use_base(base)

    def show_changes(self, base: TrainingConfig, changes: Changes) -> None:
        """Show a configuration by what differs from the base."""
        self._base = base
        discard(*self.changes)
        self.changes = []
        for name, value in changes.items() or {"": None}.items():
            self._add(name, value)

    def show_name(self, name: str, place: int, problem: str) -> None:
        """Show what the configuration is called, its colour, and what stands against it."""
        self.name.setText(rich_name(name))
        self.line.show_config(place)
        self.problem.setText(problem)
        self.problem.setVisible(bool(problem))

    def _add(self, name: str, value: Any) -> None:
        change = _Change(self._appearance)
        change.show_change(self._base, name, value)
        change.changed.connect(self.changed)
        only_at_desk(change)  # a hall reads the name, which says as much
        self._column.addWidget(change)
        self.changes.append(change)
        self.more.setEnabled(len(self.changes) < _MOST_CHANGES)

    def _on_more(self) -> None:
        self._add("", None)
        self.changed.emit()


class Rows(QWidget):
    """Two to four configurations, and a button to add one."""

    changed = Signal()

    def __init__(self, appearance: Appearance) -> None:
        super().__init__()
        self._appearance = appearance
        self._base = TrainingConfig()
        self.rows: list[Row] = []
        self.add = Button("Add a configuration")
        self.add.clicked.connect(self._on_add)
        self._column = in_column(
            (self.add, 0, Qt.AlignmentFlag.AlignLeft), REST, inside=self, margins=0, spacing=appearance.px(8)
        )

    @property
    def choices(self) -> list[Changes]:
        """What differs from the base, row by row."""
        return [row.entries for row in self.rows]

    @property
    def configs(self) -> tuple[TrainingConfig, ...]:
        """Every configuration; they are not checked."""
        return tuple(with_changes(self._base, entries) for entries in self.choices)

    @property
    def problems(self) -> list[str]:
        """One sentence for each configuration that cannot be trained, "" for the others."""
        return [_problem(config) for config in self.configs]

    def restyle(self) -> None:
        """Take the present colours and sizes."""
        for change in (change for row in self.rows for change in row.changes):
            change.restyle()
        self.update_names()

    def show_base(self, base: TrainingConfig) -> None:
        """Take other settings for what is not changed."""
        self._base = base
        for row in self.rows:
            row.use_base(base)
        self.update_names()

    def show_choices(self, base: TrainingConfig, choices: list[Changes]) -> None:
        """Show these configurations and no others."""
        self._base = base
        while self.rows:
            self._drop(self.rows[-1])
        for changes in choices:
            self._append(changes)
        self.update_names()

    def update_names(self) -> None:
        """Name the rows anew, and say what does not fit."""
        names = names_of(self.configs)
        for place, (row, name, problem) in enumerate(zip(self.rows, names, self.problems, strict=True)):
            row.show_name(name, place, problem)
            row.remove.setEnabled(len(self.rows) > FEWEST)
        self.add.setEnabled(len(self.rows) < MOST)

    def _append(self, changes: Changes) -> None:
        row = Row(self._appearance)
        row.show_changes(self._base, changes)
        row.changed.connect(self._on_changed)
        row.removed.connect(lambda: self._on_removed(row))
        self._column.insertWidget(len(self.rows), row)
        self.rows.append(row)

    def _drop(self, row: Row) -> None:
        self.rows.remove(row)
        discard(row)

    def _on_add(self) -> None:
        self._append(self.rows[-1].entries if self.rows else {})
        self._on_changed()

    def _on_removed(self, row: Row) -> None:
        self._drop(row)
        self._on_changed()

    def _on_changed(self) -> None:
        self.update_names()
        self.changed.emit()


def _problem(config: TrainingConfig) -> str:
    try:
        check(config)
    except ConfigError as error:
        return str(error)
    return ""
