"""A question that can wait: a line below the menus, with buttons."""

from __future__ import annotations

from collections.abc import Callable, Sequence

from PySide6.QtCore import Qt, QTimer
from PySide6.QtGui import QResizeEvent, QShowEvent
from PySide6.QtWidgets import QMainWindow, QToolBar, QWidget

from gui.appearance.theme import Appearance
from gui.widgets.buttons import Button
from gui.widgets.labels import text_label
from gui.widgets.layouts import discard, in_row


class Offer(QToolBar):
    """Takes its room only while it asks; nobody has to answer. In a presentation it is not there."""

    def __init__(self, window: QMainWindow, appearance: Appearance) -> None:
        super().__init__(window)
        self._appearance = appearance
        self.setObjectName("offer")
        self.setMovable(False)
        self.toggleViewAction().setVisible(False)
        self.setContextMenuPolicy(Qt.ContextMenuPolicy.PreventContextMenu)
        px = appearance.px
        self.sentence = text_label("", "strong", wrap=True, cut=True)
        self.buttons: list[Button] = []
        self._inside = QWidget()
        self._inside.setObjectName("card")
        self._inside.setAttribute(Qt.WidgetAttribute.WA_StyledBackground)
        self._row = in_row((self.sentence, 1), inside=self._inside, margins=(px(14), px(6)), spacing=px(8))
        self.addWidget(self._inside)
        window.addToolBar(self)
        self._asking = False
        self.hide()
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

    def resizeEvent(self, event: QResizeEvent) -> None:
        super().resizeEvent(event)
        self._fit()

    def showEvent(self, event: QShowEvent) -> None:
        super().showEvent(event)
        if not self._wanted:  # a workspace has brought back an arrangement in which it asked something
            QTimer.singleShot(0, self, self._update)

    @property
    def _wanted(self) -> bool:
        return self._asking and not self._appearance.presenting

    def _update(self) -> None:
        self.setVisible(self._wanted)
        self._fit()

    def _fit(self) -> None:
        """Be as high as the sentence needs it at this width: a tool bar knows nothing of lines that wrap."""
        needed = self._row.totalHeightForWidth(max(self._inside.width(), self.width() // 2))
        self._inside.setFixedHeight(needed if needed > 0 else self._row.totalSizeHint().height())
