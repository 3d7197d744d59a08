"""The middle of the workspace Learn: a card for each lesson, and what else leads through the program."""

from __future__ import annotations

from functools import partial
from typing import ClassVar

from PySide6.QtGui import QResizeEvent
from PySide6.QtWidgets import QWidget

from engine.lessons.lesson import Lesson, LessonError
from engine.lessons.reading import place_of, read_lesson, shipped_lessons
from gui.commands.menus.learn import OFFERED
from gui.commands.table import commands
from gui.views.base import Tools, View
from gui.widgets.buttons import Button
from gui.widgets.labels import text_label
from gui.widgets.layouts import in_column, in_row, scrolled
from gui.workspaces.welcome.cards import Card, CardGrid

_CARD, _WIDEST = 380, 1700
"""Pixels, on a screen of 1080 lines, of a card at least, and of all of them together."""
_SENTENCE = "A lesson leads through a subject key by key: PgDn goes on, PgUp goes back."


class LearnView(View):
    """Cards; a click begins a lesson."""

    has_timeline: ClassVar[bool] = False
    shows_cell: ClassVar[bool] = False

    def __init__(self, tools: Tools) -> None:
        super().__init__(tools)
        self.cards: dict[str, Card] = {}
        """By the command that each carries out."""
        self._grids: list[CardGrid] = []
        px = self.px
        self.open = Button("Open a lesson…")
        self.open.setToolTip("Open a lesson of your own, a Markdown file; the guide says how one is made")
        self.open.clicked.connect(lambda: self.asked.emit("open lesson"))
        inside = QWidget()
        inside.setMaximumWidth(px(_WIDEST))
        self._column = in_column(inside=inside, margins=(px(24), px(16)), spacing=px(12))
        self._column.addLayout(
            in_row(text_label("Lessons", "title"), (text_label(_SENTENCE, wrap=True, cut=True), 1), self.open)
        )
        known = commands()
        others = [(row.line, row.title, row.sentence) for row in OFFERED if row.line.split()[0] in known]
        self._lessons = CardGrid([], tools.appearance)
        self._column.addWidget(self._lessons)
        self._add("More", others)
        self._column.addStretch(1)
        self.area = scrolled(inside, focus=False)
        in_column(self.area, inside=self, margins=0)
        tools.background.run(_read, self._show_lessons, lambda error: self.message.emit(str(error)), LessonError)

    def refresh(self) -> None:
        """Nothing here follows the numbers."""

    def _add(self, words: str, cards: list[tuple[str, str, str]]) -> None:
        if cards:
            self._column.addWidget(text_label(words, "headline"))
            self._grids.append(CardGrid([self._card(*card) for card in cards], self.tools.appearance))
            self._column.addWidget(self._grids[-1])

    def _card(self, line: str, title: str, sentence: str) -> Card:
        card = self.cards[line] = Card(title, sentence, self.tools.appearance)
        card.clicked.connect(partial(self.asked.emit, line))
        return card

    def _show_lessons(self, lessons: list[tuple[str, Lesson]]) -> None:
        cards = [self._card(f"lesson {name}", lesson.title, _words(lesson)) for name, lesson in lessons]
        grid = CardGrid(cards, self.tools.appearance)
        self._column.insertWidget(self._column.indexOf(self._lessons), grid)
        self._lessons.deleteLater()
        self._lessons = grid
        self._grids.insert(0, grid)
        self._arrange()

    def resizeEvent(self, event: QResizeEvent) -> None:
        super().resizeEvent(event)
        self._arrange()

    def _arrange(self) -> None:
        columns = max(1, min(self.width(), self.px(_WIDEST)) // self.px(_CARD))
        for grid in self._grids:
            grid.arrange(min(columns, 4), len(grid.cards))


def _read() -> list[tuple[str, Lesson]]:
    return [(name, read_lesson(place_of(name))[0]) for name in shipped_lessons()]


def _words(lesson: Lesson) -> str:
    minutes = f"{lesson.minutes} minutes. " if lesson.minutes else ""
    return f"{minutes}{lesson.about}"
