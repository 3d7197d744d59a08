"""Shows the loss of a training step: predictions, targets, and which h_t get a gradient from it."""

from __future__ import annotations

import html
from collections.abc import Callable
from functools import partial

import numpy as np
from PySide6.QtCore import Qt
from PySide6.QtWidgets import QGridLayout, QSizePolicy, QWidget

from engine.tasks.base import TaskFacts, output_words
from engine.text import numbers
from gui.appearance.math_widgets import MathLabel
from gui.appearance.rich_text import RichLabel
from gui.appearance.text_size import SMALLEST, SYMBOL, TEXT
from gui.matrix.axis import Band
from gui.matrix.map import MatrixMap
from gui.views.base import Tools
from gui.views.step.answer import Prepared
from gui.widgets.layouts import REST, in_column, in_row

_TALLEST = 12
"""Rows of a map that get room of their own; more share it."""


class LossPage(QWidget):
    """Shows answers, targets and the size of dL/dh_t over time; some of them in numbers."""

    def __init__(self, tools: Tools) -> None:
        super().__init__()
        self._tools = tools
        self._shown: tuple[Prepared, TaskFacts] | None = None
        self.formula = MathLabel("y_t", "output", SYMBOL, tools.typesetter, tools.appearance)
        self.given, self.chances, self.target, self.reaching = self.maps = tuple(
            MatrixMap(tools.appearance, tools.typesetter, tools.background, fine=True) for _ in range(4)
        )
        """The maps of y, of its softmax, of the target, and of the size of dL/dh_t."""
        self._words = RichLabel(wrap=True)
        self._labels = [
            MathLabel("y_t", role, SYMBOL, tools.typesetter, tools.appearance)
            for role in ("output", "output", "output", "hidden")
        ]
        self._grid = QGridLayout()
        self._lay_out()

    @property
    def words(self) -> str:
        """What stands beside the maps."""
        return self._words.text()

    def show_loss(self, step: Prepared, facts: TaskFacts) -> None:
        """Show the loss of a step in the task's words."""
        self._shown = step, facts
        answer = step.answer
        last = len(answer.steps) == 1
        at = "T" if last else "t"
        h = "h" if np.all(step.apart.kept == 1.0) else r"\tilde{h}"
        self.formula.set_latex(rf"y_{at} = W_{{out}}\,{h}_{at} + b_{{out}}")
        outputs = answer.given.shape[0]

        def entry(what: str, row: int, column: int) -> str:
            if what == "δh":
                return f"size of ∂L/∂h at t = {column + 1:,}"
            of_output = f", {_named(facts, row)}" if outputs > 1 else ""
            return f"{what} at t = {answer.steps[column] + 1:,}{of_output}"

        labels = f"y_{at}", f"p_{at}", r"\mathrm{target}", r"\|\delta h_t\|"
        values = answer.given, answer.chances, answer.target, answer.reaching[None, :]
        names = "prediction", "p", "target", "δh"
        for shown, label, latex, of_map, name in zip(self.maps, self._labels, labels, values, names, strict=True):
            for part in (shown, label):
                part.setVisible(of_map is not None)
            if of_map is not None:
                shown.show_matrix(
                    of_map,
                    name=name,
                    rows=(Band("", of_map.shape[0], "x"),),
                    gate_role="output" if shown is self.chances else None,
                    entry_name=partial(entry, name),
                )
                label.set_latex(latex)
            self._fit(shown)
        self._words.setText(self._sentences(step, facts))

    def restyle(self) -> None:
        """Give the maps numbers of the size in force."""
        text = self._tools.appearance.text
        for shown in self.maps:
            shown.set_letters(text(TEXT), text(SMALLEST))
            self._fit(shown)

    def refresh(self) -> None:
        """Write the numbers again, in another style."""
        if self._shown is not None:
            self.show_loss(*self._shown)

    def _fit(self, shown: MatrixMap) -> None:
        """Give a map the height of its rows, and what is left of the column to none."""
        rows = max(1, len(shown.values))
        shown.setMaximumHeight(max(shown.natural_size().height(), 20))
        stretch = 0 if shown.isHidden() else min(rows, _TALLEST) + 1
        self._grid.setRowStretch(self.maps.index(shown) + 1, stretch)

    def _sentences(self, step: Prepared, facts: TaskFacts) -> str:
        appearance, answer, apart = self._tools.appearance, step.answer, step.apart
        muted = appearance.theme.muted

        def written(value: float) -> str:
            return numbers.written(float(value), style=appearance.digits)

        unit = f" {facts.measure_unit}" if facts.measure_unit else ""
        of_all = "" if len(answer.steps) == 1 else ", over all time steps"
        made_on = f"{of_all}, on example {apart.example:,} of the task"
        head = [
            f"<b>Loss {written(apart.loss)}</b>&nbsp; {html.escape(facts.loss_name)}{made_on}",
            f'<span style="color:{muted}">{html.escape(facts.measure_name)}: {written(apart.measure)}{unit}</span>',
        ]
        place = answer.strongest
        t = answer.steps[place] + 1
        when = "After the last time step" if len(answer.steps) == 1 else "Where h gets the largest gradient"
        head.append(f"{when}, t = {t:,}:")
        columns = {"prediction": answer.given, "p": answer.chances, "target": answer.target}
        there = {name: values for name, values in columns.items() if values is not None}
        rows = ["<td></td>" + "".join(f'<td align="right">{name}</td>' for name in there)]
        for output in answer.largest(place):
            cells = [values[output, place] for values in there.values()]
            numbers_ = "".join(f'<td align="right"><b>{written(value)}</b></td>' for value in cells)
            name = html.escape(_named(facts, output)) if answer.given.shape[0] > 1 else ""
            rows.append(f"<td>{name}</td>{numbers_}")
        table = "".join(f"<tr>{row}</tr>" for row in rows)
        left = answer.given.shape[0] - len(rows) + 1
        more = f'<br><span style="color:{muted}">and {left:,} more outputs</span>' if left else ""
        return (
            f'{"<br>".join(head)}<table cellpadding="3">{table}</table>{more}{_dropped(step, written)}{_reached(step)}'
        )

    def _lay_out(self) -> None:
        px = self._tools.appearance.px
        text = in_column(REST, self.formula, self._words, REST, spacing=px(6))
        self._grid.setSpacing(px(10))
        self._grid.setColumnStretch(1, 1)
        self._grid.setRowStretch(0, 1)
        self._grid.setRowStretch(len(self.maps) + 1, 1)
        right = Qt.AlignmentFlag.AlignVCenter | Qt.AlignmentFlag.AlignRight
        for row, (label, shown) in enumerate(zip(self._labels, self.maps, strict=True), 1):
            shown.setSizePolicy(QSizePolicy.Policy.Ignored, QSizePolicy.Policy.Ignored)
            shown.setMinimumSize(40, 20)
            self._grid.addWidget(label, row, 0, right)
            self._grid.addWidget(shown, row, 1)
        self._words.setMinimumWidth(10)
        margins = px(14), px(6), px(14), px(8)
        in_row((text, 2), (self._grid, 3), inside=self, margins=margins, spacing=px(20))


def _named(facts: TaskFacts, output: int) -> str:
    """Return what an output stands for."""
    if output < len(facts.alphabet):
        letter = facts.alphabet[output]
        return f"“{letter}”" if letter.strip() else {" ": "space", "\n": "line end"}.get(letter, repr(letter))
    return output_words(facts.answer_names)[output] if output < len(facts.answer_names) else f"output {output + 1}"


def _dropped(step: Prepared, written: Callable[[float], str]) -> str:
    """Return what dropout did to the h that were answered from; "" where there is none."""
    kept = step.apart.kept
    largest = float(kept.max(initial=0.0))
    if np.all(kept == 1.0):
        return ""
    dropped = int(np.count_nonzero(kept == 0.0))
    others = f", the others times {written(largest)}" if largest else ""
    return f"<br>Dropout before the readout: {dropped:,} of {kept.size:,} values of h set to 0{others}."


def _reached(step: Prepared) -> str:
    """Return which h get a gradient straight from the answers."""
    reached = np.flatnonzero(step.answer.reaching) + 1
    h = "h" if step.apart.layers == 1 else f"h of layer {step.apart.layers}"
    if not reached.size:
        return f"<br>No {h} gets a gradient from this loss."
    if reached.size == 1:
        return f"<br>Only {h} at t = {reached[0]:,} gets a gradient from the loss; the backward pass carries it on."
    return f"<br>{h} at {reached.size:,} of {len(step.answer.reaching):,} time steps gets a gradient from the loss."
