"""A form made from the training settings' own declaration: words, bounds, units, sentences."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from typing import Any

from PySide6.QtCore import Qt
from PySide6.QtWidgets import (
    QComboBox,
    QDialog,
    QDialogButtonBox,
    QDoubleSpinBox,
    QFileDialog,
    QFormLayout,
    QHBoxLayout,
    QLabel,
    QLineEdit,
    QPushButton,
    QScrollArea,
    QSpinBox,
    QVBoxLayout,
    QWidget,
)

from engine.config import ConfigError, Setting, TrainingConfig, check, settings
from gui.panels.spin_boxes import RealBox, WholeBox

_SPIN_LIMIT = 2**31 - 1


class _FileField(QWidget):
    """A path to type or choose."""

    def __init__(self, caption: str) -> None:
        super().__init__()
        self.line = QLineEdit()
        self.line.setPlaceholderText("shipped data")
        choose = QPushButton("Choose…")
        choose.clicked.connect(lambda: self._choose(caption))
        layout = QHBoxLayout(self)
        layout.setContentsMargins(0, 0, 0, 0)
        layout.addWidget(self.line, 1)
        layout.addWidget(choose)

    def _choose(self, caption: str) -> None:
        dialog = QFileDialog(self, caption, self.line.text(), "Tables (*.csv *.tsv *.txt);;All files (*)")
        dialog.setFileMode(QFileDialog.FileMode.ExistingFile)
        dialog.fileSelected.connect(self.line.setText)
        dialog.finished.connect(dialog.deleteLater)
        dialog.open()


def number_box(setting: Setting) -> QSpinBox | QDoubleSpinBox:
    """Return a spin box within a setting's bounds."""
    low, high = setting.minimum or 0, setting.maximum or 0
    if setting.kind == "int":
        whole = WholeBox()
        whole.setRange(int(low), min(int(high), _SPIN_LIMIT))
        whole.setSpecialValueText(setting.zero)
        whole.setSuffix(f" {setting.unit}" if setting.unit else "")
        return whole
    box = RealBox()
    box.setDecimals(6)
    box.setRange(float(low), float(high))
    box.setSpecialValueText(setting.zero)
    box.setStepType(QDoubleSpinBox.StepType.AdaptiveDecimalStepType)
    return box


def set_number(box: QSpinBox | QDoubleSpinBox, value: float) -> None:
    """Put a number in a spin box of either kind."""
    if isinstance(box, QSpinBox):
        box.setValue(int(value))
    else:
        box.setValue(value)


class SettingsDialog(QDialog):
    """Every training setting; "Use" checks them together and says in a sentence what does not fit."""

    def __init__(
        self,
        config: TrainingConfig,
        devices: tuple[tuple[str, str], ...],
        use: Callable[[TrainingConfig], None],
        parent: QWidget,
    ) -> None:
        super().__init__(parent)
        self.setAttribute(Qt.WidgetAttribute.WA_DeleteOnClose)
        self.setWindowTitle("Training settings")
        self._config = config
        self._use = use
        self._readers: dict[str, Callable[[], Any]] = {}
        self._rows: dict[str, tuple[QWidget, Setting]] = {}
        self._form = QFormLayout()
        self._form.setHorizontalSpacing(16)
        self._devices: QComboBox | None = None
        for setting in settings():
            self._add(setting, getattr(config, setting.name))
        self.show_devices(devices)
        self.problem = QLabel()
        self.problem.setWordWrap(True)
        self.problem.setObjectName("note")
        note = QLabel("A run that goes on keeps its settings; these hold from the next one on.")
        note.setObjectName("note")
        buttons = QDialogButtonBox(
            QDialogButtonBox.StandardButton.Ok
            | QDialogButtonBox.StandardButton.Cancel
            | QDialogButtonBox.StandardButton.RestoreDefaults
        )
        buttons.button(QDialogButtonBox.StandardButton.Ok).setText("Use")
        buttons.accepted.connect(self.accept)
        buttons.rejected.connect(self.reject)
        buttons.button(QDialogButtonBox.StandardButton.RestoreDefaults).clicked.connect(self._restore)
        inside = QWidget()
        inside.setLayout(self._form)
        scroll = QScrollArea()
        scroll.setWidget(inside)
        scroll.setWidgetResizable(True)
        scroll.setHorizontalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOff)
        layout = QVBoxLayout(self)
        for widget in (scroll, note, self.problem, buttons):
            layout.addWidget(widget)
        self._update_rows()
        room = self.screen().availableGeometry().height() if self.screen() else 720
        below = buttons.sizeHint().height() + 3 * note.sizeHint().height() + 60
        self.resize(560, min(int(room * 0.9), inside.sizeHint().height() + below))

    def values(self) -> TrainingConfig:
        """Return the settings as they stand in the form; they are not checked."""
        return replace(self._config, **{name: read() for name, read in self._readers.items()})

    def set_value(self, name: str, value: Any) -> None:
        """Put a value in a field."""
        field, _ = self._rows[name]
        if isinstance(field, (QSpinBox, QDoubleSpinBox)):
            set_number(field, value)
        elif isinstance(field, QComboBox):
            field.setCurrentIndex(max(0, field.findData(value)))
        elif isinstance(field, _FileField):
            field.line.setText(value)
        elif isinstance(field, QLineEdit):
            field.setText(value)

    def show_devices(self, devices: tuple[tuple[str, str], ...]) -> None:
        """Name every device that was found."""
        if self._devices is None:
            return
        for identity, name in devices:
            at = self._devices.findData(identity)
            if at >= 0:
                self._devices.setItemText(at, name)
            else:
                self._devices.addItem(name, identity)

    def accept(self) -> None:
        config = self.values()
        try:
            check(config)
        except ConfigError as error:
            self.problem.setText(str(error))
            return
        self._use(config)
        super().accept()

    def _add(self, setting: Setting, value: Any) -> None:
        field: QWidget
        if setting.kind in ("int", "float"):
            box = number_box(setting)
            self._readers[setting.name] = box.value
            field = box
        elif setting.choices:
            combo = QComboBox()
            for choice, words in zip(setting.choices, setting.choice_labels or setting.choices, strict=True):
                combo.addItem(words, choice)
            combo.currentIndexChanged.connect(self._update_rows)
            self._readers[setting.name] = combo.currentData
            field = combo
            if setting.name == "device":
                self._devices = combo
                if combo.findData(value) < 0:
                    combo.addItem(str(value), value)
        elif setting.kind == "file":
            file = _FileField(setting.label)
            self._readers[setting.name] = file.line.text
            field = file
        else:
            line = QLineEdit()
            self._readers[setting.name] = line.text
            field = line
        field.setToolTip(setting.sentence)
        label = QLabel(setting.label)
        label.setToolTip(setting.sentence)
        self._form.addRow(label, field)
        self._rows[setting.name] = (field, setting)
        self.set_value(setting.name, value)

    def _update_rows(self) -> None:
        """Show the rows that matter for the choices made."""
        for field, setting in self._rows.values():
            if setting.only_when is not None:
                name, value = setting.only_when
                self._form.setRowVisible(field, self._readers[name]() == value)

    def _restore(self) -> None:
        for name, (_, setting) in self._rows.items():
            self.set_value(name, setting.default)
