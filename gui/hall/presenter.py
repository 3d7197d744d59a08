"""What the lecturer sees on a screen of his own: the lesson's text and notes, what comes next, the clock."""

from __future__ import annotations

import time

from PySide6.QtCore import Qt, QTime, QTimer
from PySide6.QtGui import QHideEvent, QShowEvent
from PySide6.QtWidgets import QFrame, QMainWindow, QTextBrowser, QWidget

from engine.lessons.lesson import Ask, Move, Words
from gui.appearance.style import fit_label
from gui.appearance.text_size import FIGURE, LEAD, TITLE
from gui.appearance.theme import Appearance
from gui.lessons.course import Course
from gui.widgets.labels import text_label
from gui.widgets.layouts import REST, in_column, in_row
from gui.widgets.themed.markdown import show_markdown

_LOOK_MS = 500
_NOTHING = "No lesson is on: notes stand here while one is. The keys work on this screen, too."


class PresenterView(QWidget):
    """A window beside the presentation. It shows nothing that the hall does not need, and takes the same keys."""

    def __init__(self, window: QMainWindow, course: Course, appearance: Appearance) -> None:
        super().__init__(window, Qt.WindowType.Window)
        self.setWindowTitle("Presenter")
        self.setAttribute(Qt.WidgetAttribute.WA_StyledBackground)
        self.setObjectName("presenter")
        self._main, self._course, self._appearance = window, course, appearance
        self._begun = time.monotonic()
        self.clock, self.elapsed = text_label("", ""), text_label("", "muted")
        self.where, self.next = text_label("", "muted"), text_label("", "", wrap=True)
        self.text = QTextBrowser(openLinks=False)
        self.text.setFrameShape(QFrame.Shape.NoFrame)
        self.text.setAccessibleName("The lesson’s text and notes")
        self.text.setFocusPolicy(Qt.FocusPolicy.NoFocus)  # the keys are those of the presentation
        px = appearance.px
        in_column(
            in_row(self.where, REST, self.elapsed, self.clock, spacing=px(24)),
            (self.text, 1),
            self.next,
            inside=self,
            margins=px(24),
            spacing=px(16),
        )
        self._looks = QTimer(self, interval=_LOOK_MS)
        self._looks.timeout.connect(self._tell_time)
        for news in (course.changed, course.began, course.ended):
            news.connect(self._update)

    def showEvent(self, event: QShowEvent) -> None:
        super().showEvent(event)
        self._begun = time.monotonic()
        self.addActions(self._main.actions())
        self._looks.start()
        self._tell_time()
        self._update()

    def hideEvent(self, event: QHideEvent) -> None:
        super().hideEvent(event)
        self._looks.stop()

    def _tell_time(self) -> None:
        self.clock.setText(QTime.currentTime().toString("HH:mm"))
        minutes, seconds = divmod(int(time.monotonic() - self._begun), 60)
        self.elapsed.setText(f"{minutes}:{seconds:02d}")

    def _update(self) -> None:
        if not self.isVisible():
            return
        size = self._appearance.px
        fit_label(self.clock, size(FIGURE), bold=True)
        fit_label(self.elapsed, size(FIGURE))
        fit_label(self.where, size(LEAD))
        fit_label(self.next, size(TITLE), bold=True)
        course = self._course
        lesson = course.lesson
        self.where.setText(f"{lesson.title}, {course.where}" if lesson is not None else "")
        self.next.setText(self._what_follows())
        said = [beat.markdown for beat in course.shown if isinstance(beat, Words)]
        notes = [f"**Note:** {note}" for note in course.stop.notes]
        show_markdown(self.text.document(), "\n\n".join((*notes, *said)) or _NOTHING, self._appearance)

    def _what_follows(self) -> str:
        """Return what the next key does."""
        course = self._course
        lesson = course.lesson
        if lesson is None:
            return ""
        if course.question is not None:
            return f"Next: the answer to “{course.question.question}”"
        if course.done < len(course.stop.beats):
            beat = course.stop.beats[course.done]
            if isinstance(beat, Move):
                return f"Next: {', '.join(directive.text for directive in beat.directives)}"
            if isinstance(beat, Ask):
                return f"Next: the question “{beat.question}”"
            return "Next: more text"
        if course.place + 1 < len(lesson.stops):
            return f"Next stop: {lesson.stops[course.place + 1].title or course.place + 2}"
        return "The lesson ends here"
