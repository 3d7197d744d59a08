"""The diagram of a cell: its layout, filled with the numbers of a trace at a moment of the playback."""

from __future__ import annotations

import math
from collections.abc import Callable, Mapping
from functools import partial

import numpy as np
from PySide6.QtCore import QPointF, QRect, QRectF, QTimer, Signal
from PySide6.QtGui import QColor, QPainter, QPen

from engine.cell.backward import Backward
from engine.cell.cell import Cell
from engine.cell.provenance import Selection
from engine.cell.trace import Trace
from engine.document.through_time import cell_line
from engine.explain.parts import CELL, LINE
from engine.text.numbers import Style
from gui.appearance.theme import Appearance, Theme
from gui.appearance.typeset import Typesetter
from gui.diagram.column import LEAST_TEXT_PX, ColumnItem, NumberScene
from gui.diagram.frame import ARRIVES, Frame, backward_frame, forward_frame
from gui.diagram.items import BodyItem, NodeItem, SwitchItem, Tokens, WireItem
from gui.diagram.labels import LabelItem, show_all_or_none, words_of
from gui.diagram.layout import BESIDE, HEIGHT, WIDTH, Layout
from gui.diagram.layouts.cells import layout_of
from gui.diagram.symbols.item import SYMBOL_SIZE
from gui.diagram.symbols.symbols import Symbols
from gui.playback.walk import Moment

# Fractions of an operation's time: tokens travel, the operation lights up, its output fades in.
_TRAVEL_UNTIL, _GLOW_FROM, _FILL_FROM = ARRIVES, 0.45, ARRIVES
_LARGER_SYMBOLS, _SMALLER_SYMBOLS = 35 / 31, 0.82
"""Factors of a symbol's size: in a presentation, and for gradients, whose symbols are longer."""
_NO_NUMBERS_PX = 10_000.0
"""Larger than any cell."""
_REST_MS, _REST_ON_CELL_MS = 250, 900
"""So long the cursor rests on a part before it is explained; longer in the cell, where it also stands by chance."""


class CellScene(NumberScene):
    """The diagram of one declared cell."""

    layer_clicked = Signal(str)
    output_clicked = Signal()
    """The output y_t is to be added or removed."""
    part_rested = Signal(str)
    """The place that the cursor has rested on for a moment, as engine/explain names it; "" when it leaves."""
    rested_by_mouse = Signal()
    """The cursor has come to another place, or the playback has gone on: what was explained before is not."""
    curve_wanted = Signal()
    """The values of an activation are to be shown on its curve."""
    shown = Signal()
    """Another moment is shown, or the same one further on."""
    rows_shown = Signal(str)
    """Which entries the columns show, in words; "" where they show all."""

    def __init__(self, appearance: Appearance, typesetter: Typesetter, *, clickable: bool = False) -> None:
        """clickable: in the window, not in a picture: it takes the mouse, and its parts have names."""
        super().__init__()
        self._clickable = clickable
        self._names = clickable
        self._labels: list[LabelItem] = []
        self._resting = ""
        self._rest = QTimer(self, singleShot=True)
        self._rest.timeout.connect(self._on_rested)
        self.moved_over = False
        """Whether the mouse has moved over the diagram; where it stands by chance, nothing is explained."""
        self._appearance = appearance
        self._cell: Cell | None = None
        self._layout: Layout | None = None
        self._frame: Frame | None = None
        self._drawn_in: tuple[Theme, Style] | None = None
        self.columns: dict[str, ColumnItem] = {}
        """Every column by its slot."""
        self._symbols = Symbols(typesetter)
        self._nodes: dict[str, NodeItem] = {}
        self._wires: list[WireItem] = []
        self._tokens: Tokens | None = None
        self._switch: SwitchItem | None = None
        self._zooms: dict[int, tuple[float, float]] = {}
        self._rows_told = ""
        self.setSceneRect(0, 0, WIDTH + (BESIDE if clickable else 0), HEIGHT)
        appearance.changed.connect(self._on_appearance)
        typesetter.ready.connect(self._on_typeset)
        self.zoomed.connect(self._on_zoomed)

    def show_moment(self, trace: Trace, moment: Moment, *, further: bool = False, whole: bool = False) -> None:
        """Show the numbers of a trace at a moment; further: only the progress of the current operation has changed.

        whole: with all values of the time step, also those that the walk has not come to.
        """
        self._show(trace.cell, lambda layout: forward_frame(trace, moment, layout, whole), further)

    def show_back(self, way: Backward, position: int, progress: float, *, further: bool = False) -> None:
        """Show the gradients after `position` moves of the backward pass; further: only `progress` has changed."""
        self._show(way.trace.cell, lambda layout: backward_frame(way, position, progress, layout), further)

    def _show(self, cell: Cell, frame: Callable[[Layout], Frame], further: bool) -> None:
        another = cell is not self._cell
        if another or self._layout is None:
            self._cell, self._layout = cell, layout_of(cell)
        self._frame = frame(self._layout)
        if another:
            self._rebuild()
        elif further:
            self._update_move()
        else:
            self._update_items()
        self.shown.emit()

    def show_light(self, made_of: Mapping[str, Selection], goes_into: Mapping[str, Selection]) -> None:
        """Frame what the number under the cursor was computed from, and what is computed from it."""
        for column in self.columns.values():
            column.show_light(made_of.get(column.name), goes_into.get(column.name))

    def show_names(self, names: bool) -> None:
        """Show the names of the parts, or hide them."""
        self._names = names
        self._update_labels()

    @property
    def frame(self) -> Frame | None:
        """What is drawn; None before there is anything."""
        return self._frame

    def written(self, value: float, rounds: bool) -> str:
        """Return a number as the diagram writes it; rounds: it is never exactly the whole number it looks like."""
        return self._appearance.written(value, rounds)

    @property
    def known(self) -> frozenset[str]:
        """The values whose numbers are shown."""
        return self._frame.known if self._frame else frozenset()

    @property
    def first_layer(self) -> QPointF | None:
        """The middle of the upper edge of the first layer's box; None before there is a cell."""
        first = next((node for node in self._nodes.values() if node.node.layer), None)
        return None if first is None else first.mapToScene(QPointF(0, first.shape_rect().top()))

    @property
    def labels(self) -> list[LabelItem]:
        """The names of the parts that are shown."""
        return [label for label in self._labels if label.isVisible()]

    def forget_rest(self) -> None:
        """Say nothing more about the place that the cursor rests on, until it moves to another."""
        self.rest_on("")

    def explain_part(self, place: str) -> None:
        """Have a place explained at once: the keyboard has come to it."""
        self._rest.stop()
        self._resting = place
        self.part_rested.emit(place)

    @property
    def ring_colour(self) -> QColor:
        """The colour of what says where the keyboard is."""
        return QColor(self._appearance.theme.select_edge)

    def rest_on(self, place: str) -> None:
        self._rest.stop()
        self.rested_by_mouse.emit()
        shown, self._resting = self._resting, place
        if place:
            self._rest.start(_REST_ON_CELL_MS if place == CELL else _REST_MS)
        elif shown:
            self.part_rested.emit("")

    @property
    def cell(self) -> Cell | None:
        """The cell that is drawn; None before there is one."""
        return self._cell

    @property
    def clickable(self) -> bool:
        """Whether it leads to other views."""
        return self._clickable

    def _on_rested(self) -> None:
        if self.moved_over:
            self.part_rested.emit(self._resting)

    def column_of(self, name: str) -> ColumnItem | None:
        """Return the column that shows a value at present."""
        return next((column for column in self.columns.values() if column.name == name), None)

    def drawBackground(self, painter: QPainter, rect: QRectF | QRect) -> None:
        theme = self._appearance.theme
        painter.fillRect(rect, QColor(theme.panel))
        if self._layout is None:
            return
        left, top, right, bottom = self._layout.body
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        painter.setPen(QPen(QColor(theme.body_edge), 2))
        painter.setBrush(QColor(theme.body))
        painter.drawRoundedRect(QRectF(left, top, right - left, bottom - top), 28, 28)

    def _rebuild(self) -> None:
        if self._layout is None or self._cell is None:
            return
        self.clear()
        theme = self._appearance.theme
        self._drawn_in = theme, self._appearance.digits
        self.addItem(BodyItem(self._layout.body, CELL))
        has_line = cell_line(self._cell) is not None
        self._wires = [
            WireItem(wire, theme, LINE if wire.thick and has_line else wire.value) for wire in self._layout.wires
        ]
        for wire in self._wires:
            self.addItem(wire)
        self._nodes = {key: NodeItem(node, theme, self._clickable) for key, node in self._layout.nodes.items()}
        for node in self._nodes.values():
            node.setZValue(1.5)  # above the lines; its glow goes below the columns beside it
            node.clicked.connect(self.layer_clicked)
            self.addItem(node)
        self.columns = {
            key: ColumnItem(slot, theme, self._appearance.digits) for key, slot in self._layout.slots.items()
        }
        self._symbols.begin(self._layout.slots)
        for key, column in self.columns.items():
            column.setZValue(2)
            self.addItem(column)
            self._symbols.items[key].setZValue(2)
            self.addItem(self._symbols.items[key])
        if self._clickable:
            self._switch = SwitchItem(self._layout.switch, "y_t" in self._cell.shapes, theme)
            self._switch.clicked.connect(self.output_clicked)
            self.addItem(self._switch)
        self._labels = []
        if self._clickable:
            for label in self._layout.labels:
                item = LabelItem(label, words_of(self._cell, label.place), theme)
                self._labels.append(item)
                self.addItem(item)
        show_all_or_none(self._labels)
        self._tokens = Tokens(self, theme)
        self._fit_text()
        self.invalidate()
        for view in self.views():
            view.resetCachedContent()

    def _fit_text(self) -> None:
        """Leave out numbers and names too small to read; in a presentation enlarge symbols, and offer no click."""
        if self._switch is not None:
            self._switch.setVisible(not self._appearance.presenting)
        least = max(LEAST_TEXT_PX, self._appearance.smallest_number)
        for column in self.columns.values():
            column.smallest_text_px = least if self._appearance.numbers else _NO_NUMBERS_PX
            column.update()
        for label in self._labels:
            label.smallest_px = least
            label.update()
        self._update_items()

    def _on_appearance(self) -> None:
        if (self._appearance.theme, self._appearance.digits) == self._drawn_in:
            self._fit_text()
        else:
            self._rebuild()

    def _update_items(self) -> None:
        if self._frame is None:
            return
        for key in self.columns:
            self._update_column(key, self._frame)
        self._update_symbols(self._frame)
        for wire in self._wires:
            self._fill_wire(wire, wire.wire.value in self._frame.known, self._frame)
        self._tell_rows()
        self._update_move()

    def _update_column(self, key: str, frame: Frame) -> None:
        column, move = self.columns[key], frame.move
        there = frame.newest(column.slot.values)
        fill = 1.0 if there else 0.0
        name = there or frame.first(column.slot.values)
        now = move is not None and move.target in column.slot.values
        if now and move is not None and frame.whole:
            name = move.target  # not the last of those that share its column
        values = frame.values.get(name)
        if now and move is not None and frame.moving and not frame.whole:
            if move.progress > _FILL_FROM or not there:
                name, values = move.target, frame.values[move.target]
                fill = max(0.0, (move.progress - _FILL_FROM) / (1 - _FILL_FROM))
            elif name == move.target and frame.before is not None:
                values = frame.before
        if now and move is not None and frame.moving:
            now = move.progress > _GLOW_FROM
        shown = np.zeros(frame.size(name)) if values is None else np.asarray(values, dtype=np.float64)
        role = frame.cell.described(name).role
        column.show_values(
            name,
            shown,
            role,
            rounds=frame.rounds(name),
            gate=frame.is_gate(name),
            fill=fill,
            now=now,
            fine=frame.backwards,
        )
        column.show_rows(*self._zooms.get(shown.size, (0.0, shown.size)))
        column.describe = partial(frame.words, name)

    def _update_symbols(self, frame: Frame) -> None:
        theme = self._appearance.theme
        letters = SYMBOL_SIZE * (_LARGER_SYMBOLS if self._appearance.presenting else 1)
        letters *= _SMALLER_SYMBOLS if frame.backwards else 1

        def colour(column: ColumnItem) -> QColor:
            return theme.role(frame.cell.described(column.name).role) if column.is_filled else QColor(theme.muted)

        self._symbols.show(self.columns, (self._nodes.values(), self._wires), frame.latex, colour, letters)

    def _update_move(self) -> None:
        frame, layout, tokens = self._frame, self._layout, self._tokens
        if frame is None or layout is None or tokens is None:
            return
        move = frame.move
        active = layout.node_of(move.operation) if move else None
        for key, node in self._nodes.items():
            glow = 0.0
            if move is not None and key == active:
                glow = min(1.0, max(0.0, (move.progress - _GLOW_FROM) / 0.15))
            node.show_state(glow, any(name in frame.known for name in node.node.operations))
        slot = layout.slot_of(move.target) if move else None
        if slot is not None:
            before = self.columns[slot].name, self.columns[slot].is_filled
            self._update_column(slot, frame)
            if before != (self.columns[slot].name, self.columns[slot].is_filled):
                self._update_symbols(frame)
        if move is None or not frame.moving or move.progress >= _TRAVEL_UNTIL:
            tokens.travel((), 0.0)
            if move is not None and not frame.moving:
                for wire in self._wires:
                    if wire.wire.value == move.target:
                        self._fill_wire(wire, True, frame)
        else:
            tokens.travel(move.routes, move.progress / _TRAVEL_UNTIL)
        self._update_labels()

    def _update_labels(self) -> None:
        """Mark the parts of the present phase, and say at which of several time steps the cell is."""
        frame = self._frame
        for item in self._labels:
            at = frame.when if frame is not None and item.label.place == CELL else ""
            item.show_after(at, named=self._names)
            item.setVisible(self._names or bool(at))
            value = item.words.value
            phase = frame.cell.phase_of(value) if frame is not None and value else ""
            item.show_lit(bool(phase) and frame is not None and frame.phase == phase)

    def _on_zoomed(self, size: int, first: float, count: float) -> None:
        """Keep entry i of one vector beside entry i of all others of its size."""
        self._zooms[size] = (first, count)
        for column in self.columns.values():
            if column.values.size == size:
                column.show_rows(first, count)
        self._tell_rows()

    @property
    def is_zoomed(self) -> bool:
        """Whether a long vector shows only some of its entries."""
        return any(not column.rows.whole for column in self.columns.values())

    def show_all(self) -> None:
        """Show all entries of every vector."""
        self._zooms.clear()
        for column in self.columns.values():
            column.show_rows(0.0, column.values.size)
        self._tell_rows()

    def _tell_rows(self) -> None:
        words = self._rows_in_words()
        if words != self._rows_told:
            self._rows_told = words
            self.rows_shown.emit(words)

    def _rows_in_words(self) -> str:
        """Say which entries are shown, and how to see the others; "" where all are."""
        parts = []
        for rows in {
            column.rows.size: column.rows for column in self.columns.values() if not column.rows.whole
        }.values():
            last = min(rows.size, math.ceil(rows.first + rows.count))
            parts.append(f"{math.floor(rows.first) + 1:,} to {last:,} of {rows.size:,}")
        return f"Entries {', and '.join(parts)} are shown; 0 shows all" if parts else ""

    def _on_typeset(self, latex: str) -> None:
        if self._frame is not None and self._symbols.shows(latex):
            self._update_symbols(self._frame)

    @staticmethod
    def _fill_wire(wire: WireItem, full: bool, frame: Frame) -> None:
        wire.setZValue(1 if full else 0)  # a pale wire that shares its way must not cover it
        wire.show_full(full, frame.backwards)
