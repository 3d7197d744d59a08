"""The page Welcome: files used last at the left, the examples and some tasks as cards beside them."""

from __future__ import annotations

from collections.abc import Sequence
from functools import partial

from PySide6.QtCore import QEvent, QObject, QPoint, QRect, Qt, QTimer, Signal
from PySide6.QtGui import QColor, QKeyEvent, QPainter, QPaintEvent, QRegion, QResizeEvent
from PySide6.QtWidgets import QAbstractButton, QApplication, QBoxLayout, QFrame, QLabel, QScrollArea, QWidget

from engine.document.examples import ABOUT, EXAMPLES
from engine.shipped import NAME
from engine.tasks import TASKS
from engine.tasks.example import Example
from gui.training.form.task_picture import ExampleDrawing
from gui.views.base import Tools
from gui.widgets.buttons import Button, CheckBox
from gui.widgets.empty_place import EmptyPlace, Offer
from gui.widgets.labels import FittingLabel, text_label
from gui.widgets.layouts import REST, discard, in_column, in_row, scrolled
from gui.workspaces.welcome.cards import Card, CardGrid, NameCard, PictureArea
from gui.workspaces.welcome.pictures import Picture
from gui.workspaces.welcome.recent import Entry

FIRST = "worked-example", "four-steps", "remember", "counter", "latch", "leak", "vanishing", "remember-gradient"
"""Examples that are shown at first, one of each kind; a click shows all."""
TRAINED = {
    "adding": "The sum of two marked numbers",
    "temporal-order": "Which of X and Y came first",
    "outbreak": "Tomorrow’s cases from earlier ones",
    "sine": "The next value of a noisy wave",
}
"""Tasks that a click trains, and what is learnt in a few words."""
_WIDEST, _LEFT, _CARD = 1700, 400, 250
"""Pixels, on a screen of 1080 lines, of the page's contents, its left part, and a card at least."""
_LEAST_HIGH, _MOST_HIGH, _WORDS, _OF_TASK = 88, 190, 440, 0.8
"""Pixels of a picture, and of everything that is not one; a task's picture, in those of an example."""
_LOW, _NARROW = 800, 1400
"""Pixels of a window's height and width below which there are no pictures of tasks, and a smaller left part."""
_NOTHING = "Nothing yet. What you save and the runs that you train are listed here."
_SENTENCE = "See every number of a recurrent cell, and watch a network learn to use it."
_ARROWS = {Qt.Key.Key_Left: (-1, 0), Qt.Key.Key_Right: (1, 0), Qt.Key.Key_Up: (0, -1), Qt.Key.Key_Down: (0, 1)}
_SIDEWAYS = 3
"""How much farther a card is that does not lie in the arrow's direction."""


class WelcomePage(QWidget):
    """Lies over the window below its menus. It says what is wanted; who shows it carries that out."""

    asked = Signal(str)
    """A command to carry out, such as "example counter"."""
    file_wanted = Signal(object)
    """The Path of a file to open."""
    left = Signal()
    painted = Signal()
    """It has been on the screen for the first time."""

    def __init__(self, window: QWidget, tools: Tools, at_start: CheckBox) -> None:
        """at_start: whether the page is shown at the start."""
        super().__init__(window)
        self.setObjectName("welcome")
        self.setWhatsThis("Files and runs used last, the examples as pictures, and tasks to train at once")
        self.setAttribute(Qt.WidgetAttribute.WA_OpaquePaintEvent)  # what lies below is not painted
        self._tools = tools
        px = tools.appearance.px
        self.entries: list[NameCard] = []
        """The files used last."""
        self.examples = {name: self._example(name) for name in self._in_order()}
        self.tasks = {name: self._task(name, about) for name, about in TRAINED.items()}
        self.tour = Card("A tour of two minutes", "A cell, a training and a step into it", tools.appearance)
        self.tour.setToolTip("The program shows itself; any key stops it")
        self.tour.clicked.connect(lambda: self.asked.emit("tour"))
        self.at_start = at_start
        self.close_page = Button("To the cell  Esc")
        self.close_page.setToolTip("Leave this page (Esc); Welcome in the menu View brings it back")
        self.close_page.clicked.connect(self.left)
        self.all = Button(f"All {len(EXAMPLES)} examples")
        self.all.clicked.connect(self._on_all)
        self._unfolded = self._was_painted = False
        self._free = QRect()
        """A line at the foot that is left to what lies below."""
        self._grids = (
            CardGrid(list(self.examples.values()), tools.appearance),
            CardGrid(list(self.tasks.values()), tools.appearance),
        )
        self._left = self._made_left()
        self._right = scrolled(self._made_right(), focus=False)
        title = text_label(NAME, "title")
        head = in_row(title, (text_label(_SENTENCE, wrap=True, cut=True), 1), self.close_page, spacing=px(16))
        body = in_row(self._left, (self._right, 1), spacing=px(24))
        self._page = in_column(head, (body, 1), inside=self, spacing=px(12))
        for stop in self.stops():
            stop.installEventFilter(self)
        tools.appearance.changed.connect(self._arrange)
        self._arrange()

    # ---- what stands on it

    @staticmethod
    def _in_order() -> list[str]:
        return [*FIRST, *(name for name in EXAMPLES if name not in FIRST)]

    def _example(self, name: str) -> Card:
        appearance = self._tools.appearance
        picture = PictureArea(appearance, self._tools.typesetter)
        card = Card(EXAMPLES[name], ABOUT[name], appearance, picture)
        card.clicked.connect(lambda: self.asked.emit(f"example {name}"))
        return card

    def _task(self, name: str, about: str) -> Card:
        card = Card(TASKS[name].title, about, self._tools.appearance, ExampleDrawing(self._tools.appearance))
        card.setToolTip(f"Train a network now: {TASKS[name].about}")
        card.clicked.connect(lambda: self.asked.emit(f"train task={name}"))
        return card

    def _made_left(self) -> QWidget:
        px = self._tools.appearance.px
        card = QFrame()
        card.setObjectName("card")
        runs = Button("All runs")
        runs.setToolTip("Go to the library of recorded runs (Alt+5)")
        runs.clicked.connect(lambda: self.asked.emit("workspace library"))
        self._list = QWidget()
        self._listed = in_column(inside=self._list, margins=0, spacing=px(2))
        self._listed.addStretch(1)
        self.nothing = text_label("", "note", wrap=True, cut=True)
        self.area: QScrollArea = scrolled(self._list, focus=False)
        self.drop = EmptyPlace(self._tools.appearance)
        self.drop.show_offers(
            "Drop a file here",
            Offer(
                "Open a file…",
                lambda: self.asked.emit("open"),
                "Open a document, a run, a table, a text or a network of another program (Ctrl+O)",
            ),
            note="a cell, a run, data, or a network trained elsewhere",
        )
        in_column(
            in_row(text_label("Go on", "headline"), REST, runs),
            self.nothing,
            (self.area, 1),
            self.drop,
            self.at_start,
            inside=card,
            margins=(px(14), px(8)),
            spacing=px(8),
        )
        left = QWidget()
        in_column(self.tour, (card, 1), inside=left, margins=0, spacing=px(10))
        return left

    def _made_right(self) -> QWidget:
        px = self._tools.appearance.px
        inside = QWidget()
        examples, tasks = self._grids
        everything = Button(f"All {len(TASKS)} tasks")
        everything.setToolTip("Choose a task and its settings")
        everything.clicked.connect(lambda: self.asked.emit("settings"))
        in_column(
            _heading("Look inside a cell", "examples that are ready to step through", self.all),
            examples,
            px(10),
            _heading("Train something now", "a click begins a run", everything),
            tasks,
            inside=inside,
            margins=(px(4), px(4), px(8), px(4)),
            spacing=px(8),
        ).addStretch(1)
        return inside

    def show_pictures(self, pictures: dict[str, Picture]) -> None:
        """Draw what was made of the examples."""
        for name, picture in pictures.items():
            area = self.examples[name].above
            assert isinstance(area, PictureArea)
            area.show_picture(picture)

    def show_examples(self, examples: dict[str, Example]) -> None:
        """Draw the first example of each task."""
        for name, example in examples.items():
            drawing = self.tasks[name].above
            assert isinstance(drawing, ExampleDrawing)
            drawing.show_example(example)
        self._arrange()

    def show_entries(self, entries: Sequence[Entry]) -> None:
        """List the files used last."""
        discard(*self.entries)
        self.entries = []
        for entry in entries:
            card = NameCard(entry.title, entry.words, self._tools.appearance, entry.there)
            card.setToolTip(str(entry.path))
            card.clicked.connect(partial(self.file_wanted.emit, entry.path))
            card.installEventFilter(self)
            self._listed.insertWidget(self._listed.count() - 1, card)
            self.entries.append(card)
        self.nothing.setText("" if entries else _NOTHING)
        self.nothing.setVisible(not entries)

    def _on_all(self) -> None:
        self._unfolded = not self._unfolded
        self.all.setText("Fewer examples" if self._unfolded else f"All {len(EXAMPLES)} examples")
        self._arrange()

    # ---- room

    def resizeEvent(self, event: QResizeEvent) -> None:
        super().resizeEvent(event)
        self._arrange()

    def _arrange(self) -> None:
        """Place the cards for the room that there is, and leave out what has none."""
        px = self._tools.appearance.px
        if self._free.isEmpty():
            self.clearMask()
        else:
            self.setMask(QRegion(self.rect()) - QRegion(self._free))
        height = self.height() if self._free.isEmpty() else self._free.top()
        narrow, low = self.width() < px(_NARROW), height < px(_LOW)
        margin = max(px(16), (self.width() - px(_WIDEST)) // 2)
        self._page.setContentsMargins(margin, px(12), margin, px(8) + self.height() - height)
        left = px(_LEFT * (0.7 if narrow else 1))
        self._left.setFixedWidth(left)
        room = self.width() - 2 * margin - left - px(24) - px(20)
        columns = max(1, min(4, room // px(_CARD)))
        pictures = 2 if low else 2 + _OF_TASK
        high = min(max(px(_LEAST_HIGH), round((height - px(_WORDS)) / pictures)), px(_MOST_HIGH))
        for card in self.examples.values():
            if card.above is not None:
                card.above.setFixedHeight(high)
        for card in self.tasks.values():
            if card.above is not None:
                card.above.setFixedHeight(round(_OF_TASK * high))
                card.above.setVisible(not low)
        self._grids[0].arrange(columns, len(self.examples) if self._unfolded else 2 * columns)
        self._grids[1].arrange(columns if columns != 3 else 2, len(self.tasks))  # four in equal rows
        self.drop.setFixedHeight(px(150 if not low else 72))
        self.drop.sentence.setVisible(not low)
        self.drop.note.setVisible(not low)

    def leave_free(self, line: QRect) -> None:
        """Let what lies below be seen in a line at the foot, or nowhere."""
        if line == self._free:
            return
        self._free = line
        self._arrange()

    def paintEvent(self, event: QPaintEvent) -> None:
        painter = QPainter(self)
        painter.fillRect(event.rect(), QColor(self._tools.appearance.theme.ground))
        painter.end()
        if not self._was_painted:
            self._was_painted = True
            QTimer.singleShot(0, self, self.painted.emit)

    # ---- keys

    def stops(self) -> list[QAbstractButton]:
        """Return what the keyboard comes to, in its order: the cards, then the files, then the rest."""
        examples, tasks = (list(cards.values()) for cards in (self.examples, self.tasks))
        cards = [*examples, *tasks, *self.entries]
        others = [one for one in self.findChildren(QAbstractButton) if one not in cards]
        return [*examples, *tasks, *self.entries, *others]

    def begin(self) -> None:
        """Give the keyboard to the first card."""
        next(iter(self.examples.values())).setFocus(Qt.FocusReason.TabFocusReason)

    def focusNextPrevChild(self, forwards: bool) -> bool:
        """Go on to the next place of this page: what lies below it is not to be reached."""
        stops = [stop for stop in self.stops() if stop.isVisible() and stop.isEnabled()]
        if not stops:  # it is being taken away
            return False
        here = QApplication.focusWidget()
        at = stops.index(here) if here in stops else -1
        self._go_to(stops[(at + (1 if forwards else -1)) % len(stops)])
        return True

    def eventFilter(self, watched: QObject, event: QEvent) -> bool:
        if event.type() != QEvent.Type.KeyPress or not isinstance(event, QKeyEvent):
            return False
        way = _ARROWS.get(Qt.Key(event.key()))
        if way is None or not isinstance(watched, QWidget):
            return False
        self._step(watched, *way)
        return True

    def _step(self, here: QWidget, across: int, down: int) -> None:
        """Go to the nearest place in the direction of an arrow."""
        middle = here.mapTo(self, here.rect().center())
        nearest: tuple[float, QAbstractButton] | None = None
        for stop in self.stops():
            if stop is here or not stop.isVisible() or not stop.isEnabled():
                continue
            apart: QPoint = stop.mapTo(self, stop.rect().center()) - middle
            along = apart.x() * across + apart.y() * down
            aside = abs(apart.x() * down) + abs(apart.y() * across)
            size = here.width() if across else here.height()
            if along > size / 4 and (nearest is None or along + _SIDEWAYS * aside < nearest[0]):
                nearest = along + _SIDEWAYS * aside, stop
        if nearest is not None:
            self._go_to(nearest[1])

    def _go_to(self, stop: QWidget) -> None:
        stop.setFocus(Qt.FocusReason.TabFocusReason)
        for area in (self._right, self.area):
            if area.isAncestorOf(stop):
                area.ensureWidgetVisible(stop)


def _heading(words: str, more: str, button: QWidget) -> QBoxLayout:
    note = FittingLabel("muted")
    note.show_words(more)
    label: QLabel = text_label(words, "headline")
    return in_row(label, (note, 1), button, spacing=8)
