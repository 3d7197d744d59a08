"""A box for a number of a setting."""

from __future__ import annotations

from PySide6.QtWidgets import QDoubleSpinBox

from engine.settings.config import Setting
from gui.widgets.spin_boxes import RealBox, WholeBox

_SPIN_LIMIT = 2**31 - 1


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


def set_number(box: WholeBox | RealBox, value: float) -> None:
    """Put a number in a spin box of either kind."""
    if isinstance(box, WholeBox):
        box.setValue(int(value))
    else:
        box.setValue(value)
