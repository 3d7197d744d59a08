"""The dialog of all training settings, made from their declaration."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from typing import Any

from PySide6.QtCore import Qt, QTimer
from PySide6.QtWidgets import QComboBox, QDialog, QDialogButtonBox, QFormLayout, QLabel, QWidget

from engine.errors import PlainError
from engine.machine import available_bytes
from engine.setting import Section
from engine.settings.config import Setting, TrainingConfig, check, settings
from engine.tables.answers import OpenQuestion
from engine.tasks.data_reading import TABLE_TASKS
from engine.tasks.own import own_choices
from engine.training.memory import refuse_what_never_fits
from gui.appearance.theme import Appearance
from gui.training.file_field import FileField
from gui.training.form_data import ON_PAGE, FormData
from gui.training.reading.words import in_window
from gui.widgets.labels import text_label
from gui.widgets.layouts import Part, in_column, in_row, scrolled
from gui.widgets.setting_boxes import SettingField, put_value, setting_field, value_in
from gui.widgets.spin_boxes import RealBox, WholeBox

_TYPING_MS = 300  # a pause this long means that the path is typed
_LONG_MS = 500  # reading that takes longer is spoken of

# Two columns, so that every row fits on a screen of 720 lines.
_COLUMNS = ((Section.LEARNT, Section.WHERE), (Section.NETWORK, Section.TRAINING))


class SettingsDialog(QDialog):
    """Every training setting; "Use" checks them together, and with the data, and says what does not fit."""

    def __init__(
        self,
        config: TrainingConfig,
        devices: tuple[tuple[str, str], ...],
        use: Callable[[TrainingConfig], None],
        appearance: Appearance,
        parent: QWidget,
    ) -> None:
        super().__init__(parent)
        self.setAttribute(Qt.WidgetAttribute.WA_DeleteOnClose)
        self.setWindowTitle("Training settings")
        self._config = config
        self._use = use
        self._use_when_read = False
        self._refusal = ""
        self._fields: dict[str, SettingField] = {}
        self._rows: dict[str, tuple[QWidget, Setting, QFormLayout]] = {}
        self._data = FormData(config, self.values, appearance, self)
        self._make_rows()
        self.show_devices(devices)
        self._typing = QTimer(self, singleShot=True, interval=_TYPING_MS)
        self._typing.timeout.connect(self._read_data)
        self._long = QTimer(self, singleShot=True, interval=_LONG_MS)
        self._long.timeout.connect(self._update_problem)
        self._place()
        self._update_rows()
        self._connect()
        self._read_data()

    def values(self) -> TrainingConfig:
        """Return the settings as they stand in the form; they are not checked."""
        values: dict[str, Any] = {name: value_in(field) for name, field in self._fields.items()}
        return replace(self._config, **self._data.answers, **values)

    def set_value(self, name: str, value: Any) -> None:
        """Put a value in a field; what the page on the file answers is shown by a sentence."""
        if name in ON_PAGE:
            self._data.answers[name] = value
            self._read_data()
            return
        put_value(self._fields[name], value)

    def show_devices(self, devices: tuple[tuple[str, str], ...]) -> None:
        """Name every device that was found."""
        combo = self._fields["device"]
        if not isinstance(combo, QComboBox):
            raise TypeError("devices are chosen from a list")
        for identity, name in devices:
            at = combo.findData(identity)
            if at >= 0:
                combo.setItemText(at, name)
            else:
                combo.addItem(name, identity)

    def accept(self) -> None:
        config = self.values()
        for field, _, _ in self._rows.values():
            if isinstance(field, (WholeBox, RealBox)) and field.refusal and field.isVisible():
                self._scroll.ensureWidgetVisible(field)
                field.setFocus()
                return
        try:
            check(config)
            refuse_what_never_fits(config, available_bytes())
            is_known_to_fail = bool(self._data.problem)
            if not self._data.require(config):
                self._use_when_read = not is_known_to_fail
                self._refuse("")
                self._read_data()
                return
        except OpenQuestion:
            self._data.show_page()
            return
        except PlainError as error:
            self._refuse(in_window(str(error)))
            return
        self._use(config)
        super().accept()

    def done(self, result: int) -> None:
        self._use_when_read = False
        self._typing.stop()
        self._data.close()
        super().done(result)

    # Making the form

    def _make_rows(self) -> None:
        """Make a form for each column, with a row for each setting."""
        self._forms = tuple(QFormLayout() for _ in _COLUMNS)
        for form, sections in zip(self._forms, _COLUMNS, strict=True):
            form.setHorizontalSpacing(16)
            form.setVerticalSpacing(4)
            for section in sections:
                label = QLabel(section)
                label.setObjectName("heading")
                label.setIndent(0)  # as far left as the rows
                form.addRow(label)
                for declared in settings():
                    if declared.section is section and not declared.says:
                        self._add(form, declared)

    def _add(self, form: QFormLayout, setting: Setting) -> None:
        row: QWidget
        if setting.kind in ("file", "table"):
            row = FileField(setting)
            field: SettingField = row.line
        else:
            row = field = setting_field(setting)
        if isinstance(field, QComboBox):
            for choice, words in own_choices() if setting.name == "task" else ():
                field.addItem(words, choice)
            # A long name is cut off in the field rather than the field by the dialog.
            field.setMinimumContentsLength(6)
            field.setSizeAdjustPolicy(QComboBox.SizeAdjustPolicy.AdjustToMinimumContentsLengthWithIcon)
        row.setToolTip(setting.sentence)
        label = QLabel(setting.label)
        label.setToolTip(setting.sentence)
        form.addRow(label, row)
        self._fields[setting.name] = field
        self._rows[setting.name] = (row, setting, form)
        put_value(field, getattr(self._config, setting.name))

    def _place(self) -> None:
        """Put the forms side by side, and below them what is to be said and done."""
        self.problem = text_label(look="note", wrap=True, cut=True)  # a long path must not widen the dialog
        note = text_label("A run that is open keeps its settings; these apply from the next one on.", "note")
        button = QDialogButtonBox.StandardButton
        buttons = QDialogButtonBox(button.Ok | button.Cancel | button.RestoreDefaults)
        buttons.button(button.Ok).setText("Use")
        buttons.accepted.connect(self.accept)
        buttons.rejected.connect(self.reject)
        buttons.button(button.RestoreDefaults).clicked.connect(self._restore)
        self._inside = QWidget()
        forms: list[Part] = [(form, 1) for form in self._forms]
        in_row(*forms, inside=self._inside, margins=(0, 0, 8, 0), spacing=32)  # room for a scroll bar
        self._scroll = scrolled(self._inside)
        self._layout = in_column(self._scroll, note, self.problem, buttons, inside=self)
        self.ensurePolished()  # before that, sizes are those of other letters
        self.resize(max(860, self._inside.minimumSizeHint().width() + 60), 0)

    def _connect(self) -> None:
        for field, setting, _ in self._rows.values():
            if isinstance(field, QComboBox) and setting.choices:
                field.currentIndexChanged.connect(self._update_rows)
                if setting.name == "task":
                    field.currentIndexChanged.connect(self._on_task_changed)
            elif isinstance(field, FileField):
                field.line.textChanged.connect(self._on_file_changed)
                field.page.clicked.connect(self._data.show_page)
        self._data.finished.connect(self._on_data)
        self._data.answered.connect(self._on_answered)

    # Which rows matter, and what is said

    def _update_rows(self) -> None:
        """Show the rows that matter for the choices made."""
        for name, (field, declared, form) in self._rows.items():
            visible = not declared.by_view or getattr(self._config, name) != declared.default
            visible = visible and declared.matters(lambda other: value_in(self._fields[other]))
            form.setRowVisible(field, visible)
        self._update_problem()

    def _update_problem(self) -> None:
        """Say what stands against using the settings, if anything is known to."""
        is_long = self._data.busy and not self._long.isActive()
        reading = "The data file is being read …" if self._use_when_read or is_long else ""
        sentence = self._data.problem or self._refusal or reading
        self.problem.setText(sentence)
        self.problem.setVisible(bool(sentence))
        self._grow()

    def _grow(self) -> None:
        """Make room for every row, as far as the screen has it."""
        room = self.screen().availableGeometry().height() if self.screen() else 720
        width = self.width()
        layout = self._layout
        whole = layout.totalHeightForWidth(width) if layout.hasHeightForWidth() else layout.sizeHint().height()
        needed = whole - self._scroll.sizeHint().height() + self._inside.sizeHint().height()
        self.resize(width, max(self.height(), min(int(room * 0.9), needed)))

    def _refuse(self, sentence: str) -> None:
        self._refusal = sentence
        self._update_problem()

    # The data

    def _on_file_changed(self) -> None:
        self._use_when_read = False
        self._refusal = ""
        self._data.take_file(other_file=True)
        self._update_rows()
        self._show_summary()
        self._typing.start()

    def _on_task_changed(self) -> None:
        self._use_when_read = False
        self._data.take_file(other_file=False)
        self._refuse("")
        self._read_data()

    def _read_data(self) -> None:
        """Read the file of the task chosen, unless what it holds is known."""
        self._typing.stop()
        was_busy = self._data.busy
        self._data.read()
        if self._data.busy and not was_busy:
            self._long.start()
        self._show_summary()

    def _on_data(self) -> None:
        """Show what came of the data file; go on with "Use" if that has waited for it."""
        use, self._use_when_read = self._use_when_read, False
        self._show_summary()
        self._update_problem()
        if use and not self._data.problem:
            self.accept()

    def _on_answered(self, config: TrainingConfig) -> None:
        """Take over what the page answered."""
        for name in ("task", *(task.data_file for task in TABLE_TASKS.values())):
            self.set_value(name, getattr(config, name))
        self._data.answers.update({name: getattr(config, name) for name in ON_PAGE})
        self._refuse("")
        self._read_data()

    def _show_summary(self) -> None:
        """Say beside the file what is learnt of it."""
        config, words = self.values(), self._data.summary()
        for name, task in TABLE_TASKS.items():
            field = self._rows[task.data_file][0]
            if isinstance(field, FileField):
                field.summary.setText(words if name == config.task else "")
                field.page.setEnabled(task.reads_shipped or bool(field.line.text()))

    def _restore(self) -> None:
        for name, (_, setting, _) in self._rows.items():
            self.set_value(name, setting.default)
        self._data.restore()
        self._read_data()
