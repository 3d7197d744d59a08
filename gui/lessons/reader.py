"""The page of a lesson beside whatever view is in front: where it stands, its text, its question and its buttons."""

from __future__ import annotations

import re
from urllib.parse import unquote

from PySide6.QtCore import QRegularExpression, QSize, Qt, QUrl, Signal
from PySide6.QtGui import QTextCharFormat, QTextCursor, QTextDocument, QTextFormat
from PySide6.QtWidgets import QFrame, QTextBrowser

from engine.lessons.lesson import Ask, Directive, Words
from gui.appearance.style import fit_text
from gui.appearance.text_size import TEXT
from gui.appearance.theme import Appearance
from gui.lessons.course import Course
from gui.lessons.question import Question
from gui.widgets.buttons import Button
from gui.widgets.labels import NameLabel, text_label
from gui.widgets.layouts import Flow, in_column, in_row
from gui.widgets.themed.markdown import show_markdown

_WIDTH, _SHARE, _LEAST = 330, 0.34, 230
"""Pixels on a screen of 1080 lines, and the most and the least of a window's width."""
_SYMBOL = QRegularExpression(r"\b[A-Za-z]\x{303}?_(?:t|[a-zA-Z0-9])\b")
"""A symbol with its index: W_f, h_0, C_t."""
_RAISED, _RAISED_IN_A_HALL = 1.3, 1.5
"""In sizes of text; Qt draws an index at two thirds of its size."""
_MARKED = re.compile(r"([\\`*_{}\[\]<>#|~])")


class _Text(QTextBrowser):
    """Shows text that may come from elsewhere: it loads nothing."""

    def loadResource(self, kind: int, name: QUrl | str) -> object:
        return None


class Reader(QFrame):
    """Shows what a lesson has come to."""

    followed = Signal(object)
    """A Directive: a link of the text was clicked."""

    def __init__(self, course: Course, appearance: Appearance) -> None:
        super().__init__()
        self.setObjectName("card")
        self._course, self._appearance = course, appearance
        px = appearance.px
        self.title = NameLabel("muted")
        self.where = text_label("", "note")
        self.text = _Text(openLinks=False)
        self.text.setFrameShape(QFrame.Shape.NoFrame)
        self.text.setHorizontalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOff)
        self.text.setAccessibleName("The lesson’s text")
        self.text.setTabChangesFocus(True)
        self.text.anchorClicked.connect(lambda link: self.followed.emit(Directive(0, unquote(link.toString()))))
        self.question = Question(appearance)
        self.question.revealed.connect(course.reveal)
        self.back, self.next = Button("‹ Back"), Button("Next ›")
        self.next.setObjectName("main")
        self.page, self.end = Button("Back to the page"), Button("End")
        for button, do, tip in (
            (self.back, course.back, "Take the last thing back (PgUp)"),
            (self.next, course.next, "Show what follows, or play the move that was announced (PgDn)"),
            (
                self.page,
                course.to_page,
                "Bring back the numbers and view of this stop; undo returns to yours (Ctrl+Home)",
            ),
            (self.end, course.end, "End the lesson; your own document stands there again"),
        ):
            button.setToolTip(tip)
            button.clicked.connect(do)
        self._buttons = Flow(self.back, self.next, self.page, self.end, spacing=px(6))
        self._column = in_column(
            in_row((self.title, 1), self.where, spacing=px(8)),
            (self.text, 1),
            self.question,
            self._buttons,
            inside=self,
            margins=(px(14), px(10)),
            spacing=px(8),
        )
        self._shown: tuple[str, ...] = ()
        course.changed.connect(self._update)
        course.began.connect(self._on_began)
        course.ended.connect(self.hide)
        appearance.changed.connect(self._on_appearance)
        self.hide()

    def fit(self, room: int) -> None:
        """Take its share of a width in pixels."""
        px = self._appearance.px
        self.setFixedWidth(max(px(_LEAST), min(self._appearance.with_text(_WIDTH), round(_SHARE * room))))

    def sizeHint(self) -> QSize:
        return QSize(self.width(), 100)

    def _on_began(self) -> None:
        lesson = self._course.lesson
        self._shown = ()
        self.text.clear()
        self.title.show_name(lesson.title if lesson is not None else "")
        self._on_appearance()
        self.show()

    def _on_appearance(self) -> None:
        if self._course.on:
            fit_text(self, self._appearance)
            self._buttons.use_spacing(self._appearance.with_text(6))
            for button in (self.back, self.next, self.end):  # in a hall there are the keys
                button.setVisible(not self._appearance.presenting)
            self._shown = ()
            self._update()

    def _update(self) -> None:
        """Show the text of now, its newest part at the top where there is not room for all."""
        course = self._course
        if not course.on:
            return
        self.where.setText(course.where)
        self.back.setEnabled(not course.at_begin)
        self.next.setText("Play ▶" if course.announced and course.question is None else "Next ›")
        self.next.setEnabled(not course.at_end or course.question is not None)
        self.question.ask(course.question)
        parts = self._parts()
        if parts == self._shown:
            return
        kept = len(parts) > 1 and parts[: len(self._shown)] == self._shown
        self._shown = parts
        document = self.text.document()
        show_markdown(document, "\n\n".join(parts), self._appearance, margin=0)
        self._set_low(document)
        self._scroll(parts[:-1] if kept else ())

    def _parts(self) -> tuple[str, ...]:
        """Return the texts of the stop so far, and the questions that were answered."""
        found = []
        for number, beat in enumerate(self._course.shown):
            if isinstance(beat, Words):
                found.append(beat.markdown)
            elif isinstance(beat, Ask):
                answer = self._course.answers.get((self._course.place, number))
                if answer is not None:
                    found.append(f"**{_plain(beat.question)}** {_plain(answer)}")
        return tuple(found)

    def _set_low(self, document: QTextDocument) -> None:
        """Set the index of a symbol low: W_f as in the diagram, in letters that can still be read."""
        raised = _RAISED_IN_A_HALL if self._appearance.presenting else _RAISED
        low = QTextCharFormat()
        low.setVerticalAlignment(QTextCharFormat.VerticalAlignment.AlignSubScript)
        low.setProperty(QTextFormat.Property.FontPixelSize, round(raised * self._appearance.text(TEXT)))
        cursor = document.find(_SYMBOL)
        while not cursor.isNull():
            begin, end = cursor.selectionStart(), cursor.selectionEnd()
            at = begin + cursor.selectedText().index("_")
            cursor.setPosition(at + 1)
            cursor.setPosition(end, QTextCursor.MoveMode.KeepAnchor)
            cursor.mergeCharFormat(low)
            cursor.setPosition(at)
            cursor.deleteChar()
            cursor = document.find(_SYMBOL, end - 1)

    def _scroll(self, before: tuple[str, ...]) -> None:
        """Bring the first line after these parts to the top, as far as there is more than fits."""
        bar, document = self.text.verticalScrollBar(), self.text.document()
        above = QTextDocument()
        above.setMarkdown("\n\n".join(before))
        block = document.findBlockByNumber(above.blockCount() if before else 0)
        bar.setValue(int(document.documentLayout().blockBoundingRect(block).top()) if block.isValid() else 0)


def _plain(text: str) -> str:
    """Return a text in which nothing is Markdown."""
    return _MARKED.sub(r"\\\1", text)
