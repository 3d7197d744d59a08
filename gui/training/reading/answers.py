"""The form on how a file is read: a field for each answer, filled from the file until somebody chooses."""

from __future__ import annotations

from collections.abc import Mapping

from PySide6.QtCore import Signal
from PySide6.QtWidgets import QComboBox, QFormLayout, QLabel, QLineEdit, QWidget

from engine.settings.config import TrainingConfig, setting
from engine.tables.answers import OpenQuestion
from engine.tasks.task_settings import READING
from gui.appearance.theme import Appearance
from gui.training.reading.words import choices_of
from gui.widgets.labels import text_label


class AnswersForm(QWidget):
    """A field for each answer; below one that the file leaves open, both readings on a cell of the file."""

    answered = Signal(str, str)
    """A setting, and its new value."""

    def __init__(self, appearance: Appearance) -> None:
        super().__init__()
        self.fields: dict[str, QComboBox | QLineEdit] = {}
        self.questions: dict[str, QLabel] = {}
        self._form = form = QFormLayout(self)
        form.setContentsMargins(0, 0, 0, 0)
        form.setHorizontalSpacing(appearance.px(12))
        form.setVerticalSpacing(appearance.px(6))
        for name in READING:
            declared = setting(name)
            field = QComboBox() if declared.choices else QLineEdit()
            field.setToolTip(declared.sentence)
            field.setAccessibleName(declared.label)
            if isinstance(field, QComboBox):
                field.setMinimumContentsLength(8)
                field.setSizeAdjustPolicy(QComboBox.SizeAdjustPolicy.AdjustToMinimumContentsLengthWithIcon)
                field.activated.connect(lambda _, name=name: self._tell(name))
            else:
                field.setPlaceholderText("none, or such as -1, 999")
                field.editingFinished.connect(lambda name=name: self._tell(name))
            label = QLabel(declared.label)
            label.setToolTip(declared.sentence)
            form.addRow(label, field)
            self.fields[name] = field
            self.questions[name] = text_label("", "openQuestion", wrap=True)
            self.questions[name].hide()
            form.addRow(self.questions[name])
        self._config = TrainingConfig()

    def show_answers(self, config: TrainingConfig, found: Mapping[str, str], asked: Mapping[str, OpenQuestion]) -> None:
        """Show the answers of a config, what the file itself says about each, and what it leaves open."""
        self._config = config
        for name, field in self.fields.items():
            value = getattr(config, name)
            if isinstance(field, QLineEdit):
                if field.text() != value and not (field.hasFocus() and field.isModified()):
                    field.setText(value)
                continue
            says = "left open" if name in asked else found.get(name, "")
            field.clear()
            for choice, words in choices_of(setting(name), value):
                field.addItem(_item(choice, words, says), choice)
            field.setCurrentIndex(max(0, field.findData(value)))
        for name, label in self.questions.items():
            question = asked.get(name)
            label.setText("" if question is None else question_words(question))
            self._form.setRowVisible(label, question is not None)

    def _tell(self, name: str) -> None:
        field = self.fields[name]
        value = field.text().strip() if isinstance(field, QLineEdit) else field.currentData()
        if value != getattr(self._config, name):
            self.answered.emit(name, value)


def _item(choice: str, words: str, found: str) -> str:
    """Return the words of a choice; the first one says what the file itself does."""
    if choice == "refuse":
        return f"{words} ({found})" if found else words
    return f"As found: {found}" if found and not choice else words


def question_words(question: OpenQuestion) -> str:
    """Return what is asked, with every reading."""
    readings = "\n".join(f"• {choice.words}" for choice in question.choices)
    return f"The file leaves this open:\n{readings}"
