"""Spin boxes that know the playback's keys: Return ends the typing, Space is the playback's even here."""

from __future__ import annotations

from PySide6.QtCore import QEvent, Qt
from PySide6.QtGui import QKeyEvent, QValidator
from PySide6.QtWidgets import QDoubleSpinBox, QSpinBox

from engine.text.number_text import NumberTextError, parse_number

_TYPING = (Qt.Key.Key_Return, Qt.Key.Key_Enter, Qt.Key.Key_Home)


class WholeBox(QSpinBox):
    """For whole numbers."""

    def event(self, event: QEvent) -> bool:
        mine = _is_own_key(event)
        return super().event(event) if mine is None else mine

    def keyPressEvent(self, event: QKeyEvent) -> None:
        super().keyPressEvent(event)
        _leave_after_return(self, event)


class RealBox(QDoubleSpinBox):
    """For numbers with decimals: writes 0.01 in every country, and reads 0,01 and 1e-2 as that, too."""

    def textFromValue(self, value: float) -> str:
        return f"{value:g}"

    def valueFromText(self, text: str) -> float:
        try:
            return parse_number(text)
        except NumberTextError:
            return self.value()

    def validate(self, text: str, position: int) -> tuple[QValidator.State, str, int]:
        try:
            value = parse_number(text)
        except NumberTextError:
            if text == self.specialValueText() and text:
                return QValidator.State.Acceptable, text, position
            typed = set(text.strip()) <= set("0123456789.,eE+-")
            return (QValidator.State.Intermediate if typed else QValidator.State.Invalid), text, position
        within = self.minimum() <= value <= self.maximum()
        return (QValidator.State.Acceptable if within else QValidator.State.Intermediate), text, position

    def event(self, event: QEvent) -> bool:
        mine = _is_own_key(event)
        return super().event(event) if mine is None else mine

    def keyPressEvent(self, event: QKeyEvent) -> None:
        super().keyPressEvent(event)
        _leave_after_return(self, event)


def _is_own_key(event: QEvent) -> bool | None:
    """Say whose a key is before the window's shortcuts see it: the box's, the window's, or as Qt decides."""
    if event.type() != QEvent.Type.ShortcutOverride or not isinstance(event, QKeyEvent):
        return None
    if event.key() == Qt.Key.Key_Space:
        event.ignore()
        return False
    if event.key() in _TYPING:
        event.accept()
        return True
    return None


def _leave_after_return(box: QSpinBox | QDoubleSpinBox, event: QKeyEvent) -> None:
    if event.key() in (Qt.Key.Key_Return, Qt.Key.Key_Enter):
        box.clearFocus()
