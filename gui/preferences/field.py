"""The line of one preference: what it is called and does, its field, and the way back to its default."""

from __future__ import annotations

from functools import partial
from pathlib import Path
from typing import Any

from PySide6.QtCore import QEvent, QObject, QSignalBlocker, Qt, Signal
from PySide6.QtGui import QResizeEvent
from PySide6.QtWidgets import QComboBox, QLabel, QWidget

from gui.appearance.theme import Appearance
from gui.preferences.preference import Choice, Folder, Number, Preference, Switch
from gui.views.page import Desk
from gui.widgets.buttons import Button, CheckBox
from gui.widgets.choices import offer
from gui.widgets.labels import text_label
from gui.widgets.layouts import Flow, Part, in_column, in_row
from gui.widgets.spin_boxes import RealBox, WholeBox
from gui.widgets.themed.folders import choose_folder, from_home, show_folder


class _WheelPasses(QObject):
    """Leaves the wheel to the page that scrolls: nothing is chosen by mistake on the way."""

    def __init__(self, field: QWidget) -> None:
        super().__init__(field)
        field.setFocusPolicy(Qt.FocusPolicy.StrongFocus)
        field.installEventFilter(self)

    def eventFilter(self, watched: QObject, event: QEvent) -> bool:
        if event.type() == QEvent.Type.Wheel:
            event.ignore()
            return True
        return False


class PreferenceLine(QWidget):
    """Shows one preference and lets it be changed."""

    changed = Signal()
    """Another value was chosen here."""
    message = Signal(str)
    background_wanted = Signal(object)
    """An Extra, whose work is to be done in the background."""

    def __init__(self, row: Preference, desk: Desk) -> None:
        super().__init__()
        self.row, self.desk = row, desk
        px = desk.tools.appearance.px
        self.words = text_label(row.words, "strong", wrap=True)
        self.sentence = text_label(row.sentence, "note", wrap=True)
        self.reset = Button("Default")
        self.reset.setToolTip(f"Back to the default of “{row.words}”")
        self.reset.clicked.connect(self.to_default)
        policy = self.reset.sizePolicy()
        policy.setRetainSizeWhenHidden(True)
        self.reset.setSizePolicy(policy)
        self.field, parts = self._made_field()
        self.by_tab: tuple[QWidget, ...] = (*(parts or [self.field]), self.reset)
        """What Tab goes through."""
        self.field.setAccessibleName(row.words)
        self.field.setAccessibleDescription(row.sentence)
        middle = Qt.AlignmentFlag.AlignVCenter
        top: list[Part] = [(self.words, 1), (self.reset, 0, middle)]
        below: list[Part] = [self.sentence]
        if isinstance(row, Folder):
            below += [self.path, Flow(*parts, spacing=px(6))]
        else:
            top.insert(1, (self.field, 0, middle))
        in_column(in_row(*top, spacing=px(12)), *below, inside=self, margins=(0, px(4), 0, px(8)), spacing=px(2))
        self.refresh()

    def _made_field(self) -> tuple[QWidget, list[QWidget]]:
        """Return what takes the keyboard, and of a folder all buttons."""
        row, px = self.row, self.desk.tools.appearance.px
        if isinstance(row, Choice):
            combo = QComboBox()
            combo.setSizeAdjustPolicy(QComboBox.SizeAdjustPolicy.AdjustToContents)
            combo.activated.connect(lambda _place: self._put(combo.currentData()))
            _WheelPasses(combo)
            return combo, []
        if isinstance(row, Number):
            box = _number_box(row)
            box.setSuffix(f" {row.unit}" if row.unit else "")
            box.setMinimumWidth(px(120))
            box.valueChanged.connect(self._put)
            _WheelPasses(box)
            return box, []
        if isinstance(row, Switch):
            check = CheckBox("On")
            check.clicked.connect(self._put)
            return check, []
        assert isinstance(row, Folder)
        self.path = _PathLabel(self.desk.tools.appearance)
        show = Button("Show folder")
        show.setToolTip("Open it in the system's file manager")
        show.clicked.connect(lambda: self.message.emit(show_folder(row.where(self.desk))))
        buttons: list[QWidget] = [show]
        if row.chosen:
            choose = Button("Choose…")
            choose.setToolTip(f"Choose another folder for “{row.words}”")
            choose.clicked.connect(self._choose_folder)
            buttons.insert(0, choose)
        for extra in row.extras:
            made = Button(extra.words)
            made.setToolTip(extra.tip)
            made.clicked.connect(partial(self.background_wanted.emit, extra))
            buttons.append(made)
        return buttons[0], buttons

    def refresh(self) -> None:
        """Show what is in force, wherever it was chosen."""
        row, value = self.row, self.row.get(self.desk)
        field = self.field
        if isinstance(row, Choice) and isinstance(field, QComboBox):
            choices = dict(row.choices(self.desk))
            offer(field, {value: str(value)} | choices if value not in choices else choices, value)
        elif isinstance(field, WholeBox | RealBox):
            if not field.hasFocus() or field.value() != value:
                with QSignalBlocker(field):
                    field.setValue(value)
        elif isinstance(field, CheckBox):
            field.setChecked(value)
        elif isinstance(row, Folder):
            self.path.show_path(row.where(self.desk))
        why_not = row.why_not(self.desk)
        field.setEnabled(not why_not)
        self.sentence.setText(why_not or row.sentence)
        self.reset.setVisible(value != row.usual and not why_not)

    def to_default(self) -> None:
        """Choose the default again."""
        if self.row.get(self.desk) != self.row.usual and not self.row.why_not(self.desk):
            had_focus = self.reset.hasFocus()
            self._put(self.row.usual)
            if had_focus:
                self.field.setFocus()

    def finds(self, words: list[str]) -> bool:
        """Whether each of these words occurs in what it says."""
        text = f"{self.row.section} {self.row.words} {self.row.sentence} {self.row.name}".casefold()
        return all(word in text for word in words)

    def _put(self, value: Any) -> None:
        if value != self.row.get(self.desk):
            self.row.put(self.desk, value)
            self.changed.emit()

    def _choose_folder(self) -> None:
        row = self.row
        assert isinstance(row, Folder)
        choose_folder(self, f"Choose a folder: {row.words}", row.where(self.desk), self._put)


def _number_box(row: Number) -> WholeBox | RealBox:
    if row.whole:
        whole = WholeBox(round(row.low), round(row.high))
        whole.setSingleStep(round(row.step))
        return whole
    box = RealBox()
    box.setRange(row.low, row.high)
    box.setSingleStep(row.step)
    return box


class _PathLabel(QLabel):
    """A folder, with dots in its middle where it is longer than the line; the tool tip has all of it."""

    def __init__(self, appearance: Appearance) -> None:
        super().__init__()
        self.setObjectName("note")
        self.setMinimumWidth(appearance.px(80))
        self._words = ""

    def show_path(self, path: Path) -> None:
        """Show a folder."""
        self._words = str(from_home(path))
        self.setToolTip(str(path))
        self._elide()

    def resizeEvent(self, event: QResizeEvent) -> None:
        super().resizeEvent(event)
        self._elide()

    def _elide(self) -> None:
        self.setText(self.fontMetrics().elidedText(self._words, Qt.TextElideMode.ElideMiddle, max(0, self.width())))
