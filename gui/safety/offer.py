"""A question that can wait: a line over the lower edge of the window, with buttons."""

from __future__ import annotations

from collections.abc import Callable, Sequence

from PySide6.QtCore import QEvent, QObject
from PySide6.QtWidgets import QFrame, QWidget

from gui.appearance.theme import Appearance
from gui.widgets.buttons import Button
from gui.widgets.labels import text_label
from gui.widgets.layouts import discard, in_row


class Offer(QFrame):
    """Stands over the window and moves nothing in it; nobody has to answer. In a presentation it is not there."""

    def __init__(self, window: QWidget, appearance: Appearance) -> None:
        super().__init__(window)
        self._window, self._appearance = window, appearance
        self.setObjectName("card")
        px = appearance.px
        self.sentence = text_label("", "strong", wrap=True)
        self.buttons: list[Button] = []
        self._row = in_row((self.sentence, 1), inside=self, margins=(px(14), px(10)), spacing=px(8))
        self._asking = False
        self.hide()
        window.installEventFilter(self)
        appearance.changed.connect(self._update)

    def ask(self, sentence: str, answers: Sequence[tuple[str, str, Callable[[], object]]]) -> None:
        """Show a sentence and answers: their words, what their tip says, and what they do."""
        discard(*self.buttons)
        self.buttons = []
        self.sentence.setText(sentence)
        for words, tip, do in answers:
            button = Button(words)
            button.setToolTip(tip)
            button.clicked.connect(do)
            self._row.addWidget(button)
            self.buttons.append(button)
        self._asking = True
        self._update()

    def close_question(self) -> None:
        """Ask nothing any more."""
        self._asking = False
        self._update()

    def eventFilter(self, watched: QObject, event: QEvent) -> bool:
        if event.type() == QEvent.Type.Resize:
            self._place()
        return super().eventFilter(watched, event)

    def _update(self) -> None:
        self.setVisible(self._asking and not self._appearance.presenting)
        self._place()

    def _place(self) -> None:
        if self.isHidden():
            return
        self.ensurePolished()
        room, gap = self._window.rect(), self._appearance.px(12)
        width = min(room.width() - 2 * gap, self._appearance.px(900))
        height = max(self.sizeHint().height(), self.heightForWidth(width))
        self.setGeometry((room.width() - width) // 2, room.height() - height - 3 * gap, width, height)
        self.raise_()
