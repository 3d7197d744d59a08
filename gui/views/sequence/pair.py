"""The view Pair: the document's cell and another one side by side, on the same input and the weights they share."""

from __future__ import annotations

from dataclasses import dataclass
from itertools import zip_longest

from PySide6.QtCore import QRectF, Qt
from PySide6.QtGui import QResizeEvent, QShowEvent
from PySide6.QtWidgets import QBoxLayout, QComboBox, QWidget

from engine.cell import formula
from engine.cell.cell import Cell
from engine.cell.cells import CELLS
from engine.cell.trace import Trace
from engine.document.document import Document, DocumentError
from engine.document.partner import Partner, number_of_weights, partner_of, size_note
from gui.appearance.math_widgets import MathLabel
from gui.appearance.rich_text import RichLabel
from gui.appearance.text_size import LEAD
from gui.diagram.layout import HEIGHT, WIDTH
from gui.diagram.scene import CellScene
from gui.diagram.view import CellView
from gui.document.highlight import Light
from gui.playback.walk import Leg, Moment, Stop, Walk
from gui.views.base import Tools, View
from gui.views.offers import example, longer_sequence
from gui.views.sequence.state_maps import Course, MapRow, StateMaps, courses_of, steps_computed
from gui.widgets.buttons import Button
from gui.widgets.choices import offer
from gui.widgets.empty_place import EmptyPlace
from gui.widgets.labels import called, text_label
from gui.widgets.layouts import REST, in_column, in_row

_DRAWN = QRectF(3, 0, WIDTH - 6, HEIGHT)
"""The diagram without its margins: a few pixels decide whether its numbers have room in half a window."""
_ONE_STEP = "Here both cells are compared over time; this sequence has one time step."


def pair_legs(left: Trace, right: Trace) -> list[Leg]:
    """Return a leg for each time step: as many stops as the cell with more operations has."""
    operations = [[(trace.cell, item) for item in trace.cell.operations] for trace in (left, right)]
    stops = []
    for both in zip_longest(*operations):
        here = [entry for entry in both if entry is not None]
        words = [f"{cell.title}: {item.name} = {formula.text(cell, item.name)}" for cell, item in here]
        stops.append(Stop(here[0][1].role, "\n".join(words)))
    return [Leg(t, stops) for t in range(len(left.steps))]


def own_moment(moment: Moment, trace: Trace) -> Moment:
    """Return where one of the two cells stands; with fewer operations it waits at the end of each time step."""
    own = len(trace.cell.operations)
    return moment if moment.done <= own else Moment(moment.t, own, 1.0, resting=True)


@dataclass(frozen=True, eq=False)
class _Pair:
    document: Document
    partner: Partner
    courses: tuple[Course, ...]
    legs: list[Leg]


def _paired(document: Document, trace: Trace, name: str) -> _Pair:
    """Compute the other cell's numbers, and both courses in the same colours."""
    partner = partner_of(document, name)
    return _Pair(document, partner, courses_of(trace, partner.trace), pair_legs(trace, partner.trace))


def _cells(pair: _Pair) -> list[Cell]:
    return [course.trace.cell for course in pair.courses]


class PairView(View):
    """The document's cell on the left, another on the right, one walk through both."""

    def __init__(self, tools: Tools) -> None:
        super().__init__(tools)
        self._walk = Walk(self)
        self._pair: _Pair | None = None
        self._asked: tuple[Document, str] | None = None
        self._came = False
        """Whether it has just come to the front, and has not yet looked where the playback stands."""
        self._own_light = Light(self)
        self.choice = called("Cell on the right", QComboBox())
        self.choice.setFocusPolicy(Qt.FocusPolicy.TabFocus)
        self.choice.setToolTip("The cell on the right; it gets the same input")
        self.use = Button("Use this cell")
        self.use.setToolTip("Use the cell on the right in the document")
        self.scenes = CellScene(tools.appearance, tools.typesetter), CellScene(tools.appearance, tools.typesetter)
        self.views = CellView(self.scenes[0]), CellView(self.scenes[1])
        self.titles = RichLabel(), RichLabel()
        self.maps = StateMaps(tools.typesetter, tools.appearance)
        self.empty = EmptyPlace(tools.appearance)
        """In place of the maps, where there is one time step."""
        self.hide_later = tools.to_come.switch(
            "Hatch what the playback has not reached, to predict it first; Space reveals the next operation"
        )
        self._before_symbols, self._after_symbols, self._sizes = text_label(), text_label(), text_label(wrap=True)
        self._symbols = MathLabel("W", "cell", LEAD, tools.typesetter, tools.appearance)
        self._bar, self._words = QWidget(), QWidget()
        self._sides = QBoxLayout(QBoxLayout.Direction.LeftToRight)
        self._set_up_places()
        self._connect()

    @property
    def walk(self) -> Walk:
        return self._walk

    def refresh(self) -> None:
        """Draw both cells; the other one is computed in the background where the document or the choice is new."""
        document, trace = self.tools.model.document, self.tools.model.trace
        self._offer(document)
        if trace is None:
            return  # its trace is on the way
        asked = (document, str(self.choice.currentData()))
        if self._asked is None or self._asked[0] is not document or self._asked[1] != asked[1]:
            self._asked = asked
            self.tools.background.run(
                lambda: _paired(document, trace, asked[1]),
                lambda pair: self._take(asked, pair),
                lambda error: self.message.emit(str(error)),
                DocumentError,
            )
        elif self._pair is not None:
            self._write()
            self._draw()
            self._follow_playback()

    def showEvent(self, event: QShowEvent) -> None:
        self._came = True
        super().showEvent(event)

    # Places

    def _set_up_places(self) -> None:
        px = self.tools.appearance.px
        words = text_label("Compare with")
        controls = words, self.choice, self.use, REST, self.hide_later
        in_row(*controls, inside=self._bar, margins=(px(12), 0), spacing=px(8))
        symbols = self._before_symbols, self._symbols, self._after_symbols
        in_row(*symbols, REST, inside=self._words, margins=(px(12), 0), spacing=px(6))
        self._sizes.setContentsMargins(px(12), 0, px(12), 0)
        for title, view in zip(self.titles, self.views, strict=True):
            view.setMinimumSize(px(240), px(120))
            view.setSceneRect(_DRAWN)
            side = in_column((title, 0, Qt.AlignmentFlag.AlignHCenter), (view, 1), spacing=px(4))
            self._sides.addLayout(side, 1)
        self._sides.setSpacing(0)
        # No margin left and right: the diagrams need the whole width.
        self.empty.show_offers(_ONE_STEP, longer_sequence(self), example(self, "four-steps"), example(self, "latch"))
        self.empty.hide()
        around = in_row((self.empty, 1), margins=(px(12), 0), spacing=0)
        parts = self._bar, self._words, self._sizes, (self._sides, 1), self.maps, around
        in_column(*parts, inside=self, margins=(0, px(12), 0, px(4)), spacing=px(6))

    def resizeEvent(self, event: QResizeEvent) -> None:
        super().resizeEvent(event)
        direction = QBoxLayout.Direction
        self._sides.setDirection(direction.TopToBottom if self.height() > self.width() else direction.LeftToRight)

    def _connect(self) -> None:
        walk, light = self._walk, self.tools.light
        walk.moved.connect(self._on_moved)
        walk.progressed.connect(self._on_progressed)
        self.choice.currentIndexChanged.connect(self._on_changed)
        self.use.clicked.connect(self._on_use)
        self.maps.step_clicked.connect(walk.seek_step)
        self.scenes[0].rested.connect(lambda name, entry: self._rest(light, 0, name, entry))
        self.scenes[1].rested.connect(lambda name, entry: self._rest(self._own_light, 1, name, entry))
        self.tools.to_come.changed.connect(self._on_changed)
        light.changed.connect(self.scenes[0].show_light)
        self._own_light.changed.connect(self.scenes[1].show_light)
        self._own_light.said.connect(self.message)

    # What is compared

    def _offer(self, document: Document) -> None:
        """Offer every cell but the document's; where that was the one beside it, the two change places."""
        others = {name: make(False, document.order, None).title for name, make in CELLS.items()}
        del others[document.cell_name]
        swapped = self.choice.currentData() == document.cell_name
        offer(self.choice, others, self._pair.document.cell_name if swapped and self._pair is not None else None)

    def _take(self, asked: tuple[Document, str], pair: _Pair) -> None:
        if asked is not self._asked:
            return
        before, self._pair = self._pair, pair
        self._own_light.leave()
        self._write()
        same = before is not None and _cells(before) == _cells(pair)
        self._walk.take(pair.legs, None if same else 0)
        self._follow_playback()

    def _follow_playback(self) -> None:
        """Begin where the playback stands, as the view comes to the front with a walk that has not begun."""
        if self._pair is None or self._pair.document is not self.tools.model.document:
            return  # its numbers are on the way
        came, self._came = self._came, False
        moment = self.tools.playback.moment
        if came and not self._walk.position and moment.done:
            self._walk.seek(self._walk.first(moment.t) + moment.done - 1)

    def _write(self) -> None:
        """Write the titles and what the two cells share."""
        assert self._pair is not None
        document, partner = self._pair.document, self._pair.partner
        for label, shown in zip(self.titles, (document, partner.document), strict=True):
            label.setText(f"<b>{shown.cell.title}</b>, {number_of_weights(shown):,} weights")
        shared, all_ = partner.shared, len(partner.shared) == len(partner.document.weights)
        rest = "(all weights on the right)" if all_ else "; other weights on the right are new (Xavier, seed 0)"
        none = "The cells share no weights; those on the right are new (Xavier, seed 0)"
        self._before_symbols.setText("Shared weights:" if shared else none)
        self._after_symbols.setText(rest if shared else "")
        self._symbols.setVisible(bool(shared))
        if shared:
            self._symbols.set_latex(r",\ ".join(partner.document.cell.described(name).latex for name in shared))
        self._sizes.setText(size_note(document, partner.document))
        presenting = self.tools.appearance.presenting
        self._sizes.setVisible(bool(self._sizes.text()) and not presenting)
        self._words.setVisible(not presenting)

    def _on_use(self) -> None:
        if self._pair is not None and self._pair.document is self.tools.model.document:
            changed = self._pair.partner.document
            self.tools.model.edit(changed, f"cell {changed.cell.title}")

    # Drawing

    def _on_moved(self) -> None:
        self.tools.light.leave()
        self._own_light.leave()
        if self.isVisible():
            self._draw()

    def _on_progressed(self) -> None:
        if self._pair is None or not self.isVisible():
            return
        for which, course in enumerate(self._pair.courses):
            moment = own_moment(self._walk.moment, course.trace)
            if moment.current is not None:
                self.scenes[which].show_moment(course.trace, moment, further=True)
        if not self._walk.moving:
            self._draw_maps()

    def _draw(self) -> None:
        if self._pair is not None:
            for which, course in enumerate(self._pair.courses):
                self.scenes[which].show_moment(course.trace, self._moment_of(course.trace))
            self._draw_maps()

    def _moment_of(self, trace: Trace) -> Moment:
        """Return what of a cell is drawn: all of the first step before the walk begins, unless that is hidden."""
        if self._walk.position or self.tools.to_come.hidden:
            return own_moment(self._walk.moment, trace)
        return Moment(0, len(trace.cell.operations), 1.0, resting=True)

    def _draw_maps(self) -> None:
        assert self._pair is not None
        rows = []
        for course in self._pair.courses:
            reached = own_moment(self._walk.moment, course.trace) if self.tools.to_come.hidden else None
            computed = steps_computed(course.trace, reached, "h_t")
            rows.append(MapRow(course, "h_t", computed, course.trace.cell.title))
        one = len(self._pair.courses[0].trace.steps) == 1
        self.maps.setVisible(not one)
        self.empty.setVisible(one)
        self.maps.show_rows(rows, self._walk.t)
        for place in (self.maps, self.empty):
            place.setFixedHeight(max(self.px(108), round(0.27 * self.height())))

    def _rest(self, light: Light, which: int, name: str, entry: int | None) -> None:
        trace = self._pair.courses[which].trace if self._pair is not None else None
        light.rest_on(trace, self._walk.t, name, None if entry is None else (entry,))
