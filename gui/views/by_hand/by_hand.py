"""The view By hand: f, i, o and C̃ of one unit set with sliders instead of computed, and C and h over twelve steps."""

from __future__ import annotations

from functools import partial

import numpy as np
from numpy.typing import NDArray
from PySide6.QtCore import QSignalBlocker
from PySide6.QtWidgets import QGridLayout, QVBoxLayout, QWidget

from engine.cell import formula
from engine.cell.trace import Trace
from engine.document.by_hand import (
    STEPS,
    STORIES,
    ByHandError,
    Held,
    hidden_of,
    read_gates,
    settable,
    trace_by_hand,
)
from engine.document.document import Document
from engine.explain.value_names import names_of
from engine.text.numbers import MINUS
from gui.appearance.colour_maps import extremes
from gui.appearance.math_widgets import MathLabel
from gui.appearance.text_size import TITLE
from gui.commands.command import CommandError, Value
from gui.playback.walk import Leg, Stop, Walk
from gui.plots.numbers import Maps
from gui.views.base import Tools, View
from gui.views.by_hand.columns import Columns, Row
from gui.views.by_hand.gate_slider import GateSlider
from gui.views.hall import only_at_desk
from gui.views.offers import command
from gui.widgets.buttons import Button
from gui.widgets.empty_place import EmptyPlace
from gui.widgets.labels import text_label
from gui.widgets.layouts import REST, discard, in_column, in_row
from gui.widgets.segments import Segment, Segments
from gui.widgets.spin_boxes import WholeBox

_MIXED = "Bold numbers are set by hand; the others are computed from W·[x, h] + b, as in the diagram."
_EVERY, _ALONE = 0, 1
"""What the sliders act on: every time step, or the chosen one alone."""

Wish = tuple[Document, int, Held]
"""Document, unit from 0, and what is set."""


class ByHandView(View):
    """Sliders at the left, the course of the unit's gates, C and h at the right, and both equations in numbers."""

    def __init__(self, tools: Tools) -> None:
        super().__init__(tools)
        self.held: dict[str, list[float | None]] = STORIES["remember"].held
        """What is set by hand, by the name of the value; None where it is computed."""
        self._story = "remember"
        self._asked: Wish | None = None
        self._found: tuple[Wish, Trace] | None = None
        self._walk = Walk(self)
        """A stop for each of the time steps."""
        self._walk.take([Leg(t, (Stop("cell", f"time step {t + 1}", "C_t"),)) for t in range(STEPS)])
        self._walk.by_legs = True
        self.unit = WholeBox(1, 1, "The unit whose gates are set")
        self.unit.setAccessibleName("unit")
        self.stories = {name: Segment(story.words, "", tools.appearance) for name, story in STORIES.items()}
        self.computed = Button("Compute all")
        self.computed.setToolTip("Let the cell compute every gate again from W·[x, h] + b")
        self.scope = Segments((("Every step", ""), ("This step", "")), tools.appearance)
        self.scope.choose(_EVERY)
        self.sliders: dict[str, GateSlider] = {}
        """By the name of the value."""
        self.columns = Columns(tools.typesetter, tools.appearance)
        self.columns.setAccessibleName("Gates and states over time; the arrow keys go from step to step")
        self.says = text_label("", "note", wrap=True)
        self.equations: list[tuple[MathLabel, QWidget]] = []
        self.empty = EmptyPlace(tools.appearance)
        self._lay_out()
        self.setFocusProxy(self.columns)
        for name, button in self.stories.items():
            button.setToolTip(STORIES[name].sentence)
            button.clicked.connect(partial(self.tell, name))
        self.computed.clicked.connect(self._compute_all)
        self.scope.chosen.connect(lambda _choice: self._show())
        self.unit.valueChanged.connect(self._ask)
        self.columns.chosen.connect(self._on_chosen)
        self._walk.moved.connect(self._show)
        tools.to_come.changed.connect(self._on_changed)
        tools.model.document_changed.connect(self._on_changed)
        tools.model.refreshed.connect(self._on_changed)

    def _lay_out(self) -> None:
        px = self.tools.appearance.px
        self._desk, self._body = QWidget(), QWidget()
        self._sliders = QVBoxLayout()
        self._sliders.setSpacing(px(4))
        unit = in_row(text_label("unit"), self.unit, REST, self.computed, spacing=px(8))
        in_column(unit, self.scope, self._sliders, REST, inside=self._desk, margins=0, spacing=px(10))
        self._desk.setFixedWidth(px(300))
        only_at_desk(self._desk)
        top = in_row(*self.stories.values(), (self.says, 1), spacing=px(8))
        self._numbers = QGridLayout()
        self._numbers.setHorizontalSpacing(px(20))
        self._numbers.setVerticalSpacing(px(2))
        self._numbers.setColumnStretch(1, 1)
        middle = in_row(self._desk, (self.columns, 1), spacing=px(16))
        parts = top, (middle, 1), self._numbers
        in_column(*parts, inside=self._body, margins=0, spacing=px(10))
        in_column(self._body, self.empty, inside=self, margins=(px(16), px(10), px(16), px(8)))
        self.setMinimumSize(1, 1)
        lstm = command(self, "Use an LSTM", "cell lstm", "Compute with an LSTM of the same size; undo (Ctrl+Z) returns")
        self.empty.show_offers("This cell has no cell state C that gates could keep or write.", lstm)

    @property
    def walk(self) -> Walk:
        return self._walk

    @property
    def t(self) -> int:
        return self._walk.t

    @property
    def trace(self) -> Trace | None:
        return self._found[1] if self._found is not None else None

    # ---- what is set

    def tell(self, name: str) -> None:
        """Let the gates tell a story over all time steps; or give the chosen step alone its f and i."""
        story = STORIES[name]
        if self.scope.choice == _ALONE:
            self._set({"f_t": story.f, "i_t": float(story.i)})
            return
        self.held, self._story = story.held, name
        self._ask()

    def set_gates(
        self, name: str | None = None, unit: Value | None = None, t: Value | None = None, **gates: Value
    ) -> None:
        """Do what a command says: a story or "computed", a unit, a time step from 1 on, and gates such as f=1.

        Raises CommandError for a unit, a time step or a gate that there is not.
        """
        document = self.tools.model.document
        try:
            values = read_gates(document.cell, gates)
        except ByHandError as error:
            raise CommandError(f"“gate”: {error}") from error
        for what, number, last in (("unit", unit, document.k), ("time step", t, STEPS)):
            if number is not None and not 1 <= int(number) <= last:
                raise CommandError(f"“gate”: There is no {what} {number}; choose one from 1 to {last}")
        if unit is not None:
            self.unit.setMaximum(document.k)
            self.unit.setValue(int(unit))
        self.scope.choose(_EVERY if t is None else _ALONE)
        if t is not None:
            self._walk.seek_step(int(t) - 1)
        if name is not None:
            self._compute_all() if name not in STORIES else self.tell(name)
        if values:
            self._set(values)

    def _set(self, values: dict[str, float | None]) -> None:
        """Set values at every time step, or at the chosen one alone."""
        steps = range(STEPS) if self.scope.choice == _EVERY else (self.t,)
        held = {name: list(numbers) for name, numbers in self.held.items()}
        for name, value in values.items():
            numbers = held.setdefault(name, [None] * STEPS)
            for t in steps:
                numbers[t] = value
        self.held, self._story = held, ""
        self._ask()

    def _compute_all(self) -> None:
        self._set(dict.fromkeys(STORIES["remember"].held))

    def _on_switched(self, name: str, by_hand: bool) -> None:
        """Take what is computed now as the value by hand, or let it be computed again."""
        trace = self.trace
        if trace is not None:
            self._set({name: float(trace.steps[self.t][name][self.unit.value() - 1]) if by_hand else None})

    def _on_chosen(self, t: int) -> None:
        self.scope.choose(_ALONE)
        self._walk.seek_step(t)

    # ---- what follows from it

    def refresh(self) -> None:
        document = self.tools.model.document
        values = settable(document.cell)
        self._body.setVisible(bool(values))
        self.empty.setVisible(not values)
        if not values:
            return
        with QSignalBlocker(self.unit):
            self.unit.setMaximum(document.k)
        if list(self.sliders) != [operation.name for operation in values.values()]:
            self._make_parts(document)
        self._ask()

    def _make_parts(self, document: Document) -> None:
        discard(*self.sliders.values(), *(part for pair in self.equations for part in pair))
        self.sliders, self.equations, cell = {}, [], document.cell
        for operation in settable(cell).values():
            slider = GateSlider(operation, names_of(operation)[0], self.tools)
            slider.moved.connect(lambda value, name=operation.name: self._set({name: value}))
            slider.switched.connect(partial(self._on_switched, operation.name))
            self.sliders[operation.name] = slider
            self._sliders.addWidget(slider)
        for row, name in enumerate(("C_t", hidden_of(cell))):
            role = cell.described(name).role
            label = MathLabel(formula.latex(cell, name), role, TITLE, self.tools.typesetter, self.tools.appearance)
            words = text_label("", "lead", cut=True)
            self._numbers.addWidget(label, row, 0)
            self._numbers.addWidget(words, row, 1)
            self.equations.append((label, words))

    def _ask(self) -> None:
        """Have the sequence computed with what is set; while one is, only the newest wish waits."""
        wish = self.tools.model.document, self.unit.value() - 1, self.held
        if wish != self._asked and settable(wish[0].cell):
            self._asked = wish
            self.tools.background.run(
                lambda: trace_by_hand(*wish),
                lambda found: self._take(wish, found),
                lambda _error: self.message.emit("There is not enough memory for this; choose smaller sizes"),
                MemoryError,
                "by hand",
            )
        self._show()

    def _take(self, wish: Wish, found: Trace) -> None:
        if wish is self._asked:
            self._found = wish, found
            self._show()

    def _show(self) -> None:
        """Show what was computed last."""
        for name, button in self.stories.items():
            button.setChecked(name == self._story)
        self.says.setText(STORIES[self._story].sentence if self._story else _MIXED)
        self.scope.segments[_ALONE].setText(f"t = {self.t + 1} alone")
        self.scope.segments[_ALONE].updateGeometry()
        if self._found is None or not self.isVisible():
            return
        (document, unit, held), trace = self._found
        if document.cell is not self.tools.model.document.cell:
            return
        for name, slider in self.sliders.items():
            hand = self.held.get(name, [None] * STEPS)[self.t]  # of now: a slider that is dragged must not jump back
            value = float(trace.steps[self.t][name][unit]) if hand is None else hand
            slider.show_value(value, self.tools.appearance.written(value, True), hand is not None)
        self._draw(trace, unit, held)
        for (_, words), name in zip(self.equations, ("C_t", hidden_of(trace.cell)), strict=True):
            words.setText(f"unit {unit + 1:,}, t = {self.t + 1}:   " + self._in_numbers(trace, name, unit))  # type: ignore[attr-defined]

    def _draw(self, trace: Trace, unit: int, held: Held) -> None:
        cell, rows = trace.cell, list[Row]()
        for operation in settable(cell).values():
            values = _course(trace, operation.name, unit)
            by_hand = tuple(number is not None for number in held.get(operation.name, ())) or (False,) * STEPS
            words = names_of(operation)[0]
            rows.append(Row(operation.latex, words, operation.role, values, by_hand, operation.gate_role))
        for name in ("C_t", hidden_of(cell)):
            operation, values = cell.operation(name), _course(trace, name, unit)
            low, high = extremes(values)
            limit, lowest = max(1.0 if low >= 0 else 0.2, high), min(low, 0.0)
            row = Row(operation.latex, name[0], operation.role, values, is_bar=True, limit=limit, lowest=lowest)
            rows.append(row)
        until = self.t + 1 if self.tools.to_come.hidden else None
        self.columns.show_rows(rows, _course(trace, "added", unit), self.t, until)

    def _in_numbers(self, trace: Trace, name: str, unit: int) -> str:
        """Return an equation of the chosen time step in numbers, with its result."""
        written = self.tools.appearance.written

        def number(source: str) -> str:
            text = written(float(trace.value(self.t, source)[unit]), True)
            return f"({text})" if text.startswith(MINUS) else text

        result = written(float(trace.value(self.t, name)[unit]), True)
        return f"{formula.numbers_text(trace.cell, name, number)} = {result}"

    def numbers_shown(self) -> Maps | None:
        trace, unit = self.trace, self.unit.value() - 1
        if trace is None:
            return None
        names = [*(operation.name for operation in settable(trace.cell).values()), "C_t", hidden_of(trace.cell)]

        def made() -> dict[str, NDArray[np.floating]]:
            return {trace.cell.described(name).symbol: _course(trace, name, unit)[:, None] for name in names}

        return Maps(len(names) * STEPS, made)


def _course(trace: Trace, name: str, unit: int) -> NDArray[np.float64]:
    return np.array([step[name][unit] for step in trace.steps], np.float64)
