"""A question of a lesson: a field or choices to predict with, and the answer that is revealed."""

from __future__ import annotations

from PySide6.QtCore import Signal
from PySide6.QtWidgets import QFrame, QLineEdit

from engine.lessons.answers import fits
from engine.lessons.lesson import Ask
from gui.appearance.theme import Appearance
from gui.widgets.buttons import Button
from gui.widgets.labels import text_label
from gui.widgets.layouts import Flow, discard, in_column


class Question(QFrame):
    """Shows one question at a time; nothing is counted."""

    revealed = Signal(str)
    """The answer is wanted, with what was predicted; "" for nothing."""

    def __init__(self, appearance: Appearance) -> None:
        super().__init__()
        self.setObjectName("words")
        px = appearance.px
        self._asked: Ask | None = None
        self.words = text_label("", "strong", wrap=True)
        self.field = QLineEdit(placeholderText="Your answer", maxLength=200)
        self.field.setAccessibleName("Your answer")
        self.field.returnPressed.connect(self._on_given)
        self.choices: list[Button] = []
        self._row = Flow(spacing=px(6))
        self.show_answer = Button("Show")
        self.show_answer.setToolTip("Show the right answer (PgDn)")
        self.show_answer.clicked.connect(lambda: self.revealed.emit(""))
        self._column = in_column(
            self.words, self._row, self.field, self.show_answer, inside=self, margins=px(10), spacing=px(6)
        )
        self.hide()

    def ask(self, asked: Ask | None) -> None:
        """Ask a question, or none."""
        if asked is self._asked:
            return
        self._asked = asked
        discard(self._row)
        self.choices = [Button(words) for words in (asked.choices if asked is not None else ())]
        for words, button in zip(asked.choices if asked is not None else (), self.choices, strict=True):
            button.clicked.connect(lambda _checked=False, words=words: self.revealed.emit(words))
        self._row = Flow(*self.choices, spacing=6)
        self._column.insertWidget(1, self._row)
        self._row.setVisible(bool(self.choices))
        self.field.clear()
        self.field.setVisible(not self.choices)
        if asked is not None:
            self.words.setText(asked.question)
            self.setAccessibleName(asked.question)
        self.setVisible(asked is not None)

    def _on_given(self) -> None:
        if given := self.field.text().strip():
            self.revealed.emit(given)


def verdict(given: str, right: str) -> str:
    """Return what is said of an answer: nothing where none was given."""
    if not given:
        return ""
    return "Yes:" if fits(given, right) else f"You said {given}; it is"
