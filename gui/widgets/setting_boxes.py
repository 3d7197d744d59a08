"""Fields for the values of settings, made from their declarations."""

from __future__ import annotations

from typing import Any, TypeVar

from PySide6.QtWidgets import QComboBox, QDoubleSpinBox, QLineEdit

from engine.settings.config import Setting
from gui.widgets.own_keys import LendsUndo
from gui.widgets.spin_boxes import RealBox, WholeBox

_SPIN_LIMIT = 2**31 - 1

Combo = TypeVar("Combo", bound=QComboBox)
SettingField = WholeBox | RealBox | QComboBox | QLineEdit


def setting_field(setting: Setting) -> SettingField:
    """Return a field for a setting: a box for a number, a list for a choice, a line for a text."""
    if setting.kind in ("int", "float"):
        return number_box(setting)
    if not setting.choices:
        line = QLineEdit()
        LendsUndo(line)
        return line
    return fill_choices(QComboBox(), setting)


def fill_choices(combo: Combo, setting: Setting) -> Combo:
    """Put the choices of a setting into a list, which is returned."""
    for choice, words in setting.choices.items():
        combo.addItem(words, choice)
    return combo


def number_box(setting: Setting) -> WholeBox | RealBox:
    """Return a spin box within a setting's bounds."""
    low, high = setting.minimum or 0, setting.maximum or 0
    if setting.kind == "int":
        whole = WholeBox()
        whole.setRange(int(low), min(int(high), _SPIN_LIMIT))
        whole.setSpecialValueText(setting.zero)
        whole.setSuffix(f" {setting.unit}" if setting.unit else "")
        return whole
    box = RealBox()
    box.setRange(float(low), float(high))
    box.setSpecialValueText(setting.zero)
    box.setStepType(QDoubleSpinBox.StepType.AdaptiveDecimalStepType)
    return box


def value_in(field: SettingField) -> Any:
    """Return the value in a field."""
    if isinstance(field, QComboBox):
        return field.currentData()
    return field.text() if isinstance(field, QLineEdit) else field.number()


def put_value(field: SettingField, value: Any) -> None:
    """Put a value in a field; a choice that is not offered at present, such as a device, is added."""
    if isinstance(field, QComboBox):
        if field.findData(value) < 0:
            field.addItem(str(value), value)
        field.setCurrentIndex(field.findData(value))
    elif isinstance(field, QLineEdit):
        field.setText(value)
    elif isinstance(field, WholeBox):
        field.setValue(int(value))
    else:
        field.setValue(value)
