"""The view Sum: one layer's W·[h, x] + b, a row at a time, term by term, with weights to edit beside it."""

from __future__ import annotations

from collections.abc import Mapping

from PySide6.QtCore import QPointF, QSize, Qt
from PySide6.QtGui import QFontMetricsF, QPainter, QPaintEvent, QResizeEvent
from PySide6.QtWidgets import QHBoxLayout, QSizePolicy

from engine.cell import formula
from engine.cell.cell import Cell, Quantity
from engine.cell.provenance import Place, Selection
from engine.cell.trace import Trace
from engine.explain.worked_sum import WorkedRow, stages, worked_sum
from gui.appearance.math_widgets import MathLabel, MathTab
from gui.appearance.text_size import SMALLEST, SYMBOL, TEXT, TITLE
from gui.appearance.theme import Appearance, font
from gui.appearance.typeset import Typesetter
from gui.document.weights import typed_entry
from gui.playback.walk import Leg, Stop, Walk
from gui.views.base import Tools, View
from gui.views.worked_sum.layer_maps import LayerMaps
from gui.views.worked_sum.row_results import RowResults
from gui.views.worked_sum.sum_line import SumLine
from gui.widgets.labels import text_label
from gui.widgets.layouts import in_column, in_row

_HINTS = (
    "Space: next; Shift+Space: back. Click a row to work it out, double-click a weight to change it. "
    "Esc returns to the diagram.",
    "Space: next. Double-click a weight to change it. Esc returns to the diagram.",
    "Space: next. Esc returns to the diagram.",
)
"""What can be done here; as much as stands on one line."""
_FIRST = "Press Space to multiply the first row by the column beside it, number by number."
_NUMBERS = (26, 22, 19, 17, 15)
"""Sizes of the maps' numbers, the largest that fits."""
_LEAST, _MOST = 0.35, 0.5
"""The maps' share of the room; below half of it where the sum needs more."""


class _Heading(MathLabel):
    """The layer's formula, as large as it fits."""

    def __init__(self, typesetter: Typesetter, appearance: Appearance) -> None:
        super().__init__("", "x", TITLE, typesetter, appearance)
        self.setSizePolicy(QSizePolicy.Policy.Ignored, QSizePolicy.Policy.Ignored)

    def paintEvent(self, event: QPaintEvent) -> None:
        shape = self._formula()
        if shape is None:
            return
        size = shape.size(self._pixels)
        shrink = min(1.0, self.width() / size.width(), self.height() / size.height())
        if shrink < 0.55:
            return  # nobody could read it; the symbols beside each line say the same
        painter = QPainter(self)
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        at = QPointF(0, (self.height() - size.height() * shrink) / 2)
        colour = self._appearance.theme.role(self.role)
        self._typesetter.draw(painter, self.latex, at, self._pixels * shrink, colour)


class WorkedSumView(View):
    """Shows W, the vector and the bias of one layer, and the sum of one row after the other."""

    def __init__(self, tools: Tools) -> None:
        super().__init__(tools)
        self.layer = ""
        """The matrix that is shown; empty before there is one."""
        self._walk = Walk(self)
        """A leg for each row, a stop for each of its moves."""
        self._rows: dict[int, WorkedRow] = {}
        self._shown: Trace | None = None
        self._resting: tuple[str, Place] | None = None
        self._tabs: dict[str, MathTab] = {}
        self._tab_row = QHBoxLayout()
        self._heading = _Heading(tools.typesetter, tools.appearance)
        self._where = text_label()
        self._hint = text_label(_HINTS[0])
        self._hint.setSizePolicy(QSizePolicy.Policy.Ignored, QSizePolicy.Policy.Fixed)
        self.maps = LayerMaps(tools)
        self.sum_line = SumLine(tools.typesetter, tools.appearance)
        self.results = RowResults(tools.typesetter, tools.appearance)
        self._build()
        self.setFocusPolicy(Qt.FocusPolicy.StrongFocus)
        for part in (self.maps, self.sum_line):
            part.rested.connect(self._on_rested)
        self.maps.row_clicked.connect(self._on_row_clicked)
        self.maps.edited.connect(self._on_edited)
        self.maps.message.connect(self.message)
        self.maps.arrived.connect(self._on_arrived)
        self.sum_line.arrived.connect(self._on_arrived)
        self._walk.moved.connect(self._on_moved)
        self._walk.progressed.connect(self._on_moved)
        tools.light.changed.connect(self._on_light)

    def _build(self) -> None:
        px = self.tools.appearance.px
        self._tab_row.setSpacing(px(6))
        self._top = in_row(self._tab_row, (self._heading, 1), self._where, spacing=px(16))
        below = in_row((self.sum_line, 1), self.results, spacing=px(16))
        parts, margins = (self._top, self.maps, (below, 1), self._hint), (px(16), px(10), px(16), px(8))
        self._column = in_column(*parts, inside=self, margins=margins, spacing=px(10))

    def sizeHint(self) -> QSize:
        return QSize(600, 400)

    @property
    def walk(self) -> Walk:
        return self._walk

    @property
    def shown_walk(self) -> Walk:
        return self.tools.playback  # rows are no time steps

    def tab(self, matrix_name: str) -> MathTab:
        """Return the tab that chooses a layer; raise KeyError where there is none."""
        return self._tabs[matrix_name]

    def show_layer(self, matrix_name: str) -> None:
        """Show the layer of a weight matrix, from its first row on."""
        if matrix_name != self.layer:
            self.layer = matrix_name
            self._rows.clear()
            self._walk.restart()
            self._on_changed()

    # ---- drawing

    def refresh(self) -> None:
        trace = self.trace
        if trace is None:
            return
        self._rows.clear()  # nothing is drawn until all of this is in force
        self._shown = trace
        matrices = [item for item in trace.cell.parameters if len(item.shape) == 2]
        if self.layer not in [item.name for item in matrices]:
            self.layer = matrices[0].name
            self._walk.restart()
        self._update_tabs(matrices)
        self._update_hint()
        moves = (Stop(),) * stages(trace.cell, self.layer)
        same = len(moves) == len(self._walk.leg.stops)
        self._walk.take([Leg(row, moves) for row in range(len(trace.value(self.t, self.layer)))], None if same else 0)
        self.maps.show_layer(trace, self.t, self._row(0))
        self._update_heading(trace.cell)
        self._update_moment()
        self._fit_maps()

    def _row(self, row: int) -> WorkedRow:
        """Return a row with its numbers, worked out once."""
        assert self._shown is not None
        if row not in self._rows:
            digits = self.tools.appearance.digits
            self._rows[row] = worked_sum(self._shown, self.t, self.layer, row, digits)
        return self._rows[row]

    def _update_moment(self) -> None:
        """Draw what the walk has come to."""
        trace, walk = self._shown, self._walk
        assert trace is not None
        row = self._row(walk.t)
        done = walk.t + (walk.moment.done == len(walk.leg.stops) and not walk.moving)
        item = trace.cell.described(row.result.name)
        self.sum_line.show_row(trace.cell, row, walk.moment.done, walk.progress, _FIRST)
        self.results.show_results(item.latex, item.role, len(walk.legs), done, lambda row: self._row(row).result.text)
        self.maps.mark_row(walk.t if walk.position else None)
        self.maps.show_now(row, self.sum_line.now)
        where = f"row {walk.t + 1:,} of {len(walk.legs):,}"
        steps = len(trace.steps)
        self._where.setText(f"{where}, t = {self.t + 1:,} of {steps:,}" if steps > 1 else where)

    def _update_heading(self, cell: Cell) -> None:
        name = self._row(0).result.name
        self._heading.role = cell.described(name).role
        self._heading.set_latex(formula.latex(cell, name))

    def _update_hint(self) -> None:
        """Say as much as stands on one line."""
        metrics, room = QFontMetricsF(font(self.tools.appearance.text(TEXT))), self.width() - self.px(48)
        fitting = (words for words in _HINTS if metrics.horizontalAdvance(words) < room)
        self._hint.setText(next(fitting, _HINTS[-1]))

    def _fit_maps(self) -> None:
        """Give the maps what they need of the room, and at most half of it; the sum has the rest."""
        margins = self._column.contentsMargins()
        width = self.width() - margins.left() - margins.right()
        taken = margins.top() + margins.bottom() + 3 * self._column.spacing()
        room = self.height() - taken - self._top.sizeHint().height() - self._hint.sizeHint().height()
        beside = self.results.width() + self.tools.appearance.px(16)
        height = min(max(room - self.sum_line.least_height(width - beside), _LEAST * room), _MOST * room)
        text = self.tools.appearance.text
        self.maps.fit(width, height, [text(size) for size in _NUMBERS], text(SMALLEST))

    def resizeEvent(self, event: QResizeEvent) -> None:
        super().resizeEvent(event)
        self._update_hint()
        if self._rows:
            self._fit_maps()

    def _update_tabs(self, matrices: list[Quantity]) -> None:
        if [item.name for item in matrices] != list(self._tabs):
            for tab in self._tabs.values():
                self._tab_row.removeWidget(tab)
                tab.hide()
                tab.deleteLater()
            self._tabs = {}
            for item in matrices:
                tab = MathTab(item.latex, item.role, SYMBOL, self.tools.typesetter, self.tools.appearance)
                tab.setToolTip(f"Show the layer of {item.symbol}")
                tab.clicked.connect(lambda name=item.name: self.show_layer(name))
                self._tabs[item.name] = tab
                self._tab_row.addWidget(tab)
        for name, tab in self._tabs.items():
            tab.set_chosen(name == self.layer)

    # ---- what happens

    def _on_moved(self) -> None:
        if self._shown is not None and self._rows and self.isVisible():
            self._update_moment()

    def _on_arrived(self) -> None:
        """Give the maps their room again: a large matrix and symbols come after the layout."""
        if self._rows and self.isVisible():
            self._fit_maps()

    def _on_row_clicked(self, row: int) -> None:
        if row != self._walk.t or not self._walk.position:
            self._walk.seek_step(row)

    def _on_rested(self, name: str, place: Place | None) -> None:
        self._resting = (name, place) if place is not None else None
        self.tools.light.rest_on(self._shown, self.t, name, place)

    def _on_light(self, made_of: Mapping[str, Selection], goes_into: Mapping[str, Selection]) -> None:
        if not self.isVisible():
            return
        shown = dict(made_of)
        if self._resting is not None and (made_of or goes_into):
            name, place = self._resting
            shown[name] = tuple(slice(i, i + 1) for i in place)
        self.maps.show_light(shown)
        self.sum_line.show_light(shown)

    def _on_edited(self, name: str, place: Place, value: float) -> None:
        self.tools.model.change(typed_entry(name, place, value), f"edit {name}")
