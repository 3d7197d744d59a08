"""The view Unrolled: one cell for each time step, side by side, with C and h over time below."""

from __future__ import annotations

from PySide6.QtWidgets import QStackedLayout, QWidget

from engine.cell.trace import Trace
from gui.playback.walk import OPERATION_MS
from gui.views.base import Tools, View
from gui.views.offers import example, longer_sequence
from gui.views.sequence.state_maps import Course, MapRow, StateMaps, courses_of, steps_computed
from gui.views.sequence.unrolled import Unrolled
from gui.widgets.buttons import Button
from gui.widgets.empty_place import EmptyPlace
from gui.widgets.labels import text_label
from gui.widgets.layouts import in_column, in_row

_ONE_STEP = "Here C and h are seen to go from step to step; this cell has one time step."


class SequenceView(View):
    """The cell unrolled over time, with C and h as heatmaps below."""

    def __init__(self, tools: Tools) -> None:
        super().__init__(tools)
        self.unrolled = Unrolled(tools.typesetter, tools.appearance)
        self.maps = StateMaps(tools.typesetter, tools.appearance)
        self.next_step = Button("Next time step")
        self.next_step.setToolTip("Carry h and C over to the next time step")
        self.whole = Button("Whole sequence")
        self.whole.setToolTip("Show every time step again")
        self.hide_later = tools.to_come.switch(
            "Hatch what the playback has not reached, to predict it first; Space reveals the next operation"
        )
        self.empty = EmptyPlace(tools.appearance)
        self._bar, self._body = QWidget(), QWidget()
        self._sentence = text_label()
        self._course: Course | None = None
        self._asked: Trace | None = None
        self._stood = 0, 0  # position and time step
        self._set_up_places()
        self.next_step.clicked.connect(self._on_next_step)
        self.whole.clicked.connect(self.unrolled.show_all)
        self.unrolled.step_clicked.connect(self._on_step_clicked)
        self.unrolled.moved.connect(self._align)
        self.maps.step_clicked.connect(tools.playback.seek_step)
        self.maps.rested.connect(tools.light.rest_on)
        tools.to_come.changed.connect(self._on_changed)
        tools.playback.progressed.connect(self._on_progressed)

    @property
    def by_steps(self) -> bool:
        """Whether all of every step is shown, so that single operations change nothing."""
        return not self.tools.to_come.hidden

    def _set_up_places(self) -> None:
        px = self.tools.appearance.px
        parts = self.next_step, self.whole, px(8), (self._sentence, 1), self.hide_later
        in_row(*parts, inside=self._bar, margins=(px(12), 0), spacing=px(8))
        # No margin left and right: the maps' columns stand under their cells.
        below = (self.unrolled, 5), (self.maps, 2)
        in_column(self._bar, *below, inside=self._body, margins=0, spacing=px(8))
        ways = longer_sequence(self), *(example(self, name) for name in ("four-steps", "counter"))
        self.empty.show_offers(_ONE_STEP, *ways)
        place = QWidget()
        in_column(self.empty, inside=place, margins=px(12))
        self._either = QStackedLayout()
        in_column(self._either, inside=self, margins=(0, px(12), 0, px(4)))
        for widget in (self._body, place):  # it shows the first at once, which needs to be in the view by then
            self._either.addWidget(widget)

    def restyle(self) -> None:
        self._bar.setVisible(not self.tools.appearance.presenting)  # a hall can press nothing in it

    def refresh(self) -> None:
        """Draw the sequence as it stands; its values over time are gathered in the background."""
        trace = self.trace
        if trace is None:
            return
        if self._course is None or self._course.trace is not trace:
            if self._asked is not trace:
                self._asked = trace
                self.tools.background.run(lambda: courses_of(trace)[0], self._take)
            return
        self._show(self._course)

    def _take(self, course: Course) -> None:
        if course.trace is self.trace:
            self._course = course
            if self.isVisible():
                self._show(course)

    def _show(self, course: Course) -> None:
        playback, moment = self.tools.playback, self.tools.playback.moment
        steps, hidden = len(course.trace.steps), self.tools.to_come.hidden
        self._either.setCurrentIndex(int(steps == 1))
        reached = moment if hidden else None
        rows = [MapRow(course, name, steps_computed(course.trace, reached, name)) for name in course.carried]
        self.maps.show_rows(rows, moment.t)
        self.maps.setFixedHeight(self.maps.sizeHint().height() if self.height() > self.px(500) else self.px(110))
        self.unrolled.show_moment(course, moment, hidden)
        self._sentence.setText("Click a time step to open it; the wheel zooms")
        self.next_step.setEnabled(playback.position < playback.last)
        self._carry_over()

    def _carry_over(self) -> None:
        """Show how the state goes over where the walk has come from one step into the next."""
        playback = self.tools.playback
        (position, t), self._stood = self._stood, (playback.position, self.t)
        begun = position == 0 and playback.position > 0 and self.t == 0
        if begun or self.t == t + 1:
            self.unrolled.carry(self.t, OPERATION_MS / playback.speed)

    def _on_next_step(self) -> None:
        playback = self.tools.playback
        playback.seek_step(self.t + 1 if playback.position else 0)

    def _on_step_clicked(self, t: int) -> None:
        self.tools.playback.seek_step(t)
        self.wanted.emit("diagram")

    def _on_progressed(self) -> None:
        if not self.tools.playback.moving:
            self._on_changed()

    def _align(self) -> None:
        """Put the maps' columns under their cells where all cells are in view."""
        self.whole.setEnabled(self.unrolled.is_zoomed)
        row = self.unrolled.row()
        self.maps.set_columns(None if row is None or self.unrolled.is_zoomed else (row.left, row.pitch))
