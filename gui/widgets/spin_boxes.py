"""Fields for one number: they accept any text, and a note beside the field says why a text is refused.

A field never changes what is typed. When the typing ends, by Return or because the focus moves, a number within the
bounds is used; any other text stays, marked, and the number before it stays in use. Escape shows that number again.
Undo takes back what is being typed, then the number before; where the number is the document's, that is the window's to
undo. Space belongs to the playback even here.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING, Any

from PySide6.QtCore import QEvent, Qt
from PySide6.QtGui import QFocusEvent, QKeyEvent, QKeySequence, QValidator
from PySide6.QtWidgets import QAbstractSpinBox, QDoubleSpinBox, QSpinBox

from engine.text.number_text import NumberTextError, parse_number
from engine.text.numbers import in_full, typed
from gui.widgets.field_note import FieldNote

_TYPING = (Qt.Key.Key_Return, Qt.Key.Key_Enter, Qt.Key.Key_Home)
_UNDO, _REDO = QKeySequence.StandardKey.Undo, QKeySequence.StandardKey.Redo
_DECIMALS = 30  # a box rounds to these, and 1.5e-6 has to stay what it is
_FROM_ZERO = 0.01
_MOST_NUMBERS = 100  # that undo brings back

if TYPE_CHECKING:
    _Base = QAbstractSpinBox
else:
    _Base = object


class _NumberField(_Base):
    """What the boxes below share; it comes before one of Qt's among their bases."""

    _whole: bool
    _refused: str | None = None
    """The refused text, as long as it is in the field."""
    _note: FieldNote | None = None
    undone_by_window = False
    """Whether the number is the document's, so that the window's undo brings back the one before."""

    def __init__(self) -> None:
        super().__init__()
        self._numbers = _Past()
        self.setKeyboardTracking(False)  # a number counts when it is typed completely
        self.setCorrectionMode(QAbstractSpinBox.CorrectionMode.CorrectToPreviousValue)
        self.lineEdit().textEdited.connect(self._forgive)
        self._box.valueChanged.connect(self._numbers.take)

    @property
    def refusal(self) -> str:
        """Why the text in the field is not used; "" if it is."""
        return self._note.text() if self._note is not None and self._refused is not None else ""

    def validate(self, text: str, position: int) -> tuple[QValidator.State, str, int]:
        state = QValidator.State.Intermediate if self._complaint(text) else QValidator.State.Acceptable
        return state, text, position

    def fixup(self, text: str) -> str:
        """Keep what was typed, and show what is wrong with it; Qt calls this when the typing ends."""
        self._refused = self._bare(text)
        self._show(self._complaint(text))
        return text

    def stepBy(self, steps: int) -> None:
        self._take_back()
        super().stepBy(steps)

    def event(self, event: QEvent) -> bool:
        if event.type() == QEvent.Type.ShortcutOverride and isinstance(event, QKeyEvent):
            if event.key() == Qt.Key.Key_Space:
                event.ignore()
                return False
            if event.key() in _TYPING or (event.key() == Qt.Key.Key_Escape and self._is_changed()):
                event.accept()
                return True
            if (event.matches(_UNDO) or event.matches(_REDO)) and not self._takes_back(event):
                event.ignore()  # Qt's line editor would keep the key, though it has nothing to undo
                return False
        return bool(super().event(event))

    def _takes_back(self, event: QKeyEvent) -> bool:
        """Return whether undo or redo means something to this field: what is typed, or its own last numbers."""
        past = self._numbers.before if event.matches(_UNDO) else self._numbers.after
        return self._is_changed() or (bool(past) and not self.undone_by_window)

    def keyPressEvent(self, event: QKeyEvent) -> None:
        if event.key() == Qt.Key.Key_Escape and self._is_changed():
            self._take_back()
            self.selectAll()
            return
        if (event.matches(_UNDO) or event.matches(_REDO)) and not self._is_changed():
            self._go_through_past(undo=event.matches(_UNDO))
            return
        super().keyPressEvent(event)
        self._keep_text()
        if event.key() in (Qt.Key.Key_Return, Qt.Key.Key_Enter):
            if self._refused is None:
                self.clearFocus()
            else:
                event.accept()  # a dialog must not close over it

    def focusOutEvent(self, event: QFocusEvent) -> None:
        super().focusOutEvent(event)
        self._keep_text()

    def interpretText(self) -> None:
        super().interpretText()
        self._keep_text()

    def _keep_text(self) -> None:
        """Keep a refused text where Qt would show the words for the lowest number."""
        if self._refused is not None and self._bare(self.lineEdit().text()) != self._refused:
            self.lineEdit().setText(self._refused)

    def _forgive(self) -> None:
        """Remove the mark: the text has changed, or the number in use is shown again."""
        self._refused = None
        self._show("")

    def _take_back(self) -> None:
        """Show the number in use again."""
        self._forgive()
        self.lineEdit().setText(self._in_use())

    def _go_through_past(self, undo: bool) -> None:
        """Use the number before again, or with redo the one after."""
        self._numbers.move(undo, super().setValue)  # type: ignore[misc]  # as Qt's boxes have it
        self.selectAll()

    def _is_changed(self) -> bool:
        return bool(self.lineEdit().text() != self._in_use())

    def _show(self, complaint: str) -> None:
        if complaint and self._note is None:
            self._note = FieldNote(self)
        if self._note is not None and complaint != self._note.text():
            self._note.show_sentence(complaint)
            self.setProperty("wrong", bool(complaint))
            self.style().unpolish(self)  # or it would keep its colours
            self.style().polish(self)

    def _complaint(self, text: str) -> str:
        """Return why a text is refused, "" if it is not."""
        box, bare = self._box, self._bare(text)
        if self.specialValueText() and bare == self.specialValueText():
            return ""
        in_use = f"Still in use: {self._in_use()}."
        try:
            value = parse_number(bare)
        except NumberTextError as error:
            return f"{error}. {in_use}"
        if box.minimum() <= value <= box.maximum() and (value == int(value) or not self._whole):
            return ""
        kind = "whole number" if self._whole else "number"
        low, high = in_full(box.minimum()), in_full(box.maximum())
        return f"“{bare[:20]}” was typed, but a {kind} from {low} to {high} is needed. {in_use}"

    def valueFromText(self, text: str) -> float:
        bare = self._bare(text)
        special = self.specialValueText() and bare == self.specialValueText()
        return float(self._box.minimum()) if special else parse_number(bare)

    def textFromValue(self, value: float) -> str:
        return typed(value) if self._refused is None else self._refused

    def _bare(self, text: str) -> str:
        """Return a text without prefix and suffix."""
        return text.removeprefix(self._box.prefix()).removesuffix(self._box.suffix()).strip()

    def _in_use(self) -> str:
        """Return the text of the number in use, as the field shows it."""
        value = self._box.value()
        if self.specialValueText() and value == self._box.minimum():
            return self.specialValueText()
        return f"{self._box.prefix()}{typed(value)}{self._box.suffix()}"

    @property
    def _box(self) -> Any:
        return self  # with members that both of Qt's boxes have, but not their common base


class _Past:
    """The numbers that a field had, one after another, since the program put one there."""

    def __init__(self) -> None:
        self.before: list[float] = []
        self.after: list[float] = []
        self._now = 0.0
        self._moving = False

    def begin(self, number: float) -> None:
        """Take the number that the program has put there; what was before it is not the user's to bring back."""
        self.before, self.after, self._now = [], [], number

    def take(self, number: float) -> None:
        """Take a number that the user has given."""
        if not self._moving and number != self._now:
            self.before, self.after = [*self.before[1 - _MOST_NUMBERS :], self._now], []
        self._now = number

    def move(self, undo: bool, put: Callable[[float], object]) -> None:
        """Put the number before in the field, or the one after it again, if there is one."""
        origin, to = (self.before, self.after) if undo else (self.after, self.before)
        if origin:
            to.append(self._now)
            self._moving = True
            put(origin.pop())
            self._moving = False


class WholeBox(_NumberField, QSpinBox):
    """For whole numbers."""

    _whole = True

    def __init__(self, low: int = 0, high: int = 99, tip: str = "") -> None:
        super().__init__()
        self.setRange(low, high)
        self.setToolTip(tip)

    def number(self) -> int:
        """Return the number in use, after the text is accepted or refused."""
        self.interpretText()
        return self.value()

    def setValue(self, value: int) -> None:
        self._forgive()
        super().setValue(value)
        self._numbers.begin(self.value())

    def valueFromText(self, text: str) -> int:
        return int(super().valueFromText(text))


class RealBox(_NumberField, QDoubleSpinBox):
    """For numbers with decimals: it writes 0.01 in every country, and also reads 0,01 and 1e-2."""

    _whole = False

    def __init__(self) -> None:
        super().__init__()
        self.setDecimals(_DECIMALS)

    def number(self) -> float:
        """Return the number in use, after the text is accepted or refused."""
        self.interpretText()
        return self.value()

    def setValue(self, value: float) -> None:
        self._forgive()
        super().setValue(value)
        self._numbers.begin(self.value())

    def stepBy(self, steps: int) -> None:
        if self.value() == 0 and self.stepType() == QAbstractSpinBox.StepType.AdaptiveDecimalStepType:
            super().setValue(steps * _FROM_ZERO)  # a tenth of 0 would be 0
        else:
            super().stepBy(steps)
