"""The view Layers: all layers as one matrix product, their weights stacked as torch stacks them."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from typing import Any

import numpy as np
from numpy.typing import NDArray
from PySide6.QtCore import QPointF, QRectF, Qt
from PySide6.QtGui import QColor, QFontMetricsF, QPainter, QPaintEvent, QResizeEvent
from PySide6.QtWidgets import QLabel

from engine.cell.provenance import Place, Selection
from engine.cell.trace import Trace
from engine.document.document import DocumentError
from engine.document.memory import check_free
from engine.explain.stacked import Stacked, Weights, layers_of, stacked, stacked_weights, torch_module
from gui.appearance.text_size import SMALLEST, SYMBOL, TEXT, TITLE
from gui.appearance.theme import font
from gui.matrix.axis import Band
from gui.matrix.content import AT_ONCE
from gui.matrix.map import MatrixMap
from gui.views.base import Tools, View
from gui.views.stacked.words import sentences
from gui.widgets.labels import called

_EMPTY = "The numbers are being computed …"
_CALLED = (
    "All weights, stacked",
    "x and h, stacked",
    "Peephole weights, stacked",
    "Biases, stacked",
    "Sums of all layers",
    "Results of all layers",
)
"""What a screen reader calls the maps."""
_NO_MEMORY = "There is not enough memory to stack all weights; choose smaller sizes"


class StackedView(View):
    """Shows W·[x, h] + b = z of all layers at once, and what becomes of z."""

    def __init__(self, tools: Tools) -> None:
        super().__init__(tools)
        self._shown: tuple[Trace, int, Stacked] | None = None
        self._weights: Weights | None = None
        self._copying = False
        self._refused: tuple[Trace, str] | None = None
        """A trace whose weights there is no memory for, and why."""
        self._signs: list[tuple[str, float]] = []
        self._formula_height = self._label_x = 0.0
        self.weights, self.xh, self.peepholes, self.bias, self.z, self.results = (
            called(name, MatrixMap(tools.appearance, tools.typesetter, tools.background)) for name in _CALLED
        )
        self._notes = QLabel(self, wordWrap=True, alignment=Qt.AlignmentFlag.AlignTop | Qt.AlignmentFlag.AlignHCenter)
        for shown in self._maps:
            shown.setParent(self)
            shown.stand_level()
            shown.arrived.connect(self._on_arrived)
            shown.hovered.connect(lambda row, column, shown=shown: self._on_hovered(shown, row, column))
        tools.light.changed.connect(self._on_light)
        tools.typesetter.ready.connect(self._on_arrived)

    @property
    def stack(self) -> Stacked | None:
        """What is shown; None before there is anything."""
        return self._shown[2] if self._shown else None

    @property
    def notes(self) -> str:
        """The sentences below the picture."""
        return self._notes.text()

    @property
    def formula(self) -> str:
        """LaTeX of what is computed."""
        if self._shown is None:
            return ""
        trace, _, stack = self._shown
        read = trace.cell.operation("xh").latex
        if len(stack.layers) == 1:
            (layer,) = stack.layers
            return rf"{layer.z} = {layer.W}\,{read} + {layer.b}"
        below = r";\ ".join(layer.z for layer in stack.layers)
        seen = r" + p \circ C" if stack.peepholes is not None else ""
        return rf"\left[{below}\right] = W\,{read}{seen} + b"

    @property
    def sizes(self) -> str:
        """The formula in sizes, "12×1 = 12×6 · 6×1 + 12×1"."""
        stack = self.stack
        if stack is None:
            return ""
        rows, columns = stack.weights.W.shape
        seen = f" + {rows}×1" if stack.peepholes is not None else ""
        return f"{rows}×1 = {rows}×{columns} · {columns}×1{seen} + {rows}×1"

    @property
    def _refusal(self) -> str:
        """Why the weights of the trace in force are not stacked; empty where they are, or may be."""
        return self._refused[1] if self._refused is not None and self._refused[0] is self.trace else ""

    @property
    def _maps(self) -> tuple[MatrixMap, ...]:
        return self.weights, self.xh, self.peepholes, self.bias, self.z, self.results

    @property
    def _narrow(self) -> bool:
        return self.width() < self.px(1000)

    def refresh(self) -> None:
        trace = self.trace
        if trace is None or not trace.steps or not layers_of(trace) or self._refusal:
            self._shown = None
        elif (weights := self._weights_of(trace)) is not None:
            self._show(trace, self.t, weights)
        for shown in self._maps:
            shown.setVisible(self._shown is not None)
        self._arrange()

    # ---- what is shown

    def _weights_of(self, trace: Trace) -> Weights | None:
        """Return the stacked weights; None while large ones are copied, with those before still shown."""
        layers, known = layers_of(trace), self._weights
        parts = [trace.parameters[name] for name in (*(o.W for o in layers), *(o.b for o in layers))]
        if known is not None and list(map(id, known.parts)) == list(map(id, parts)):
            return known
        if sum(part.size for part in parts) <= AT_ONCE:
            self._weights = stacked_weights(trace)
            return self._weights
        if not self._copying:
            self._copying = True
            self.tools.background.run(
                lambda: _copied(trace, sum(part.nbytes for part in parts)),
                lambda found: self._on_copied(trace, found),
                lambda error: self._on_refused(trace, error),
                (DocumentError, MemoryError),
            )
        return None

    def _on_refused(self, trace: Trace, error: Exception) -> None:
        self._copying = False
        self._refused = trace, str(error) if isinstance(error, DocumentError) else _NO_MEMORY
        if trace is self.trace:
            self.message.emit(self._refused[1])
        self._on_changed()

    def _on_copied(self, trace: Trace, weights: Weights) -> None:
        self._copying = False
        self._weights, self._refused = weights, None
        if trace is not self.trace:  # there are others by now; these are the newest at hand
            self._show(trace, min(self.t, len(trace.steps) - 1), weights)
        self._on_changed()

    def _show(self, trace: Trace, t: int, weights: Weights) -> None:
        if self._shown is None or self._shown[0] is not trace or self._shown[1] != t:
            stack = stacked(trace, t, weights)
            assert stack is not None  # there are layers
            self._shown = (trace, t, stack)
        self._notes.setText(sentences(trace.cell, self._shown[2]))
        text = self.tools.appearance.text
        for shown in self._maps:
            shown.set_letters(text(TEXT), text(SMALLEST))
        self._show_maps(trace, self._shown[2])

    def _show_maps(self, trace: Trace, stack: Stacked) -> None:
        layers, cell = stack.layers, trace.cell
        sizes = [layer.rows.stop - layer.rows.start for layer in layers]
        plain = [Band("", size, layer.role) for size, layer in zip(sizes, layers, strict=True)]
        with_torch = not self._narrow and torch_module(cell) is not None
        beside = [rf"\ \text{{(torch: {layer.torch})}}" if with_torch and layer.torch else "" for layer in layers]
        named = [replace(band, label=layer.W + torch) for band, layer, torch in zip(plain, layers, beside, strict=True)]
        read = [Band(part.latex, part.columns.stop - part.columns.start, part.role) for part in stack.columns]

        def entry(shown: MatrixMap, row: int, column: int) -> str:
            found = self._place(stack, shown, row, column)
            if found is None:
                return "0: this layer has no peephole"
            value, place = found
            return f"{cell.described(value).symbol}[{', '.join(str(i + 1) for i in place)}]"

        def show(shown: MatrixMap, values: NDArray[np.float64], **how: Any) -> None:
            shown.show_matrix(values, entry_name=lambda row, column: entry(shown, row, column), **how)

        show(self.weights, stack.weights.W, name="W", rows=named, columns=read)
        show(self.xh, stack.xh, name="xh", rows=read)
        show(self.bias, stack.weights.b, rows=plain, columns=[Band("b", 1, "x")])
        show(self.z, stack.z, rows=plain, columns=[Band("z", 1, "x")])
        if stack.peepholes is not None:
            show(self.peepholes, stack.peepholes, rows=plain, columns=[Band(r"p \circ C", 1, "x")])
        roles = [layer.role if layer.gate else None for layer in layers]
        rounds = all(layer.activation != r"r < \sigma" for layer in layers)
        show(self.results, stack.results, rows=plain, row_roles=roles, rounds=rounds)

    # ---- where it stands

    def _arrange(self) -> None:
        """Put the maps side by side, all of them on one level; W has what the vectors leave."""
        self._signs = []
        edge, width = self.px(12), self.width() - 2 * self.px(12)
        stack = self.stack
        if stack is None:
            self._notes.hide()
            self.update()
            return
        below = self._notes.heightForWidth(width)
        self._notes.setGeometry(edge, self.height() - below - edge // 2, width, below)
        self._notes.show()
        self._formula_height = float(self.px(56))
        room = QRectF(edge, self._formula_height, width, self.height() - self._formula_height - below - edge)
        self.peepholes.setVisible(stack.peepholes is not None)
        tight = 0.7 if self._narrow else 1.0
        between, wide, labels = (tight * self.px(pixels) for pixels in (26, 64, 46))
        seen = [(self.peepholes, "+", between)] if stack.peepholes is not None else []
        vectors = [
            *((self.xh, r"\cdot", between), *seen, (self.bias, "+", between), (self.z, "=", between)),
            (self.results, "", wide),
        ]
        widths = [(0.9 if self._narrow else 1.0) * shown.natural_size().width() for shown, _, _ in vectors]
        rest = sum(widths) + sum(before for _, _, before in vectors) + labels
        natural = float(self.weights.natural_size().width())
        own = max(min(natural, width - rest), min(natural, width * 0.25))
        x = room.left() + max(0.0, (width - own - rest) / 2)
        self.weights.setGeometry(round(x), round(room.top()), round(own), round(room.height()))
        x += own
        for (shown, sign, before), size in zip(vectors, widths, strict=True):
            if sign:
                self._signs.append((sign, x + before / 2))
            x += before
            shown.setGeometry(round(x), round(room.top()), round(size), round(room.height()))
            x += size
        self._label_x = x + labels / 2
        self.update()

    def resizeEvent(self, event: QResizeEvent) -> None:
        super().resizeEvent(event)
        self._on_changed()

    def _on_arrived(self, *_latex: str) -> None:
        if self.isVisible():
            self._arrange()  # a label has its width now, or a large matrix its own

    # ---- light

    def _place(self, stack: Stacked, shown: MatrixMap, row: int, column: int) -> tuple[str, Place] | None:
        """Return the name and place of an entry of a map; None for the zeros where there is no peephole."""
        if shown is self.xh:
            part = next(part for part in stack.columns if part.columns.start <= row < part.columns.stop)
            return part.name, (row - part.columns.start,)
        layer = stack.layer_at(row)
        row -= layer.rows.start
        if shown is self.weights:
            return layer.W, (row, column)
        if shown is self.peepholes:
            return (layer.peephole, (row,)) if layer.peephole else None
        return (layer.b if shown is self.bias else layer.z if shown is self.z else layer.result), (row,)

    def _on_hovered(self, shown: MatrixMap, row: int, column: int) -> None:
        found = None
        if self._shown is not None and row >= 0 and not shown.preparing:  # else other numbers are on the screen
            found = self._place(self._shown[2], shown, row, column)
        trace, t, _ = self._shown or (None, 0, None)
        self.tools.light.rest_on(trace, t, *(found or ("", None)))

    def _on_light(self, made_of: Mapping[str, Selection], goes_into: Mapping[str, Selection]) -> None:
        for shown in self._maps:
            shown.show_light(self._lit(shown, made_of), self._lit(shown, goes_into))

    def _lit(self, shown: MatrixMap, selected: Mapping[str, Selection]) -> list[tuple[slice, slice]]:
        """Return which entries of a map are among those selected by name."""
        stack = self.stack
        if stack is None or not selected:
            return []
        if shown is self.xh:
            if "xh" in selected:
                return [(selected["xh"][0], slice(0, 1))]
            parts = [(part.name, part.columns.start) for part in stack.columns]
        else:
            names = ((layer, self._place(stack, shown, layer.rows.start, 0)) for layer in stack.layers)
            parts = [(found[0], layer.rows.start) for layer, found in names if found is not None]
        blocks = []
        for name, start in parts:
            if name in selected:
                rows, columns = (*selected[name], slice(0, 1))[:2]
                blocks.append((slice(rows.start + start, rows.stop + start), columns))
        return blocks

    # ---- painting

    def paintEvent(self, event: QPaintEvent) -> None:
        painter = QPainter(self)
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        stack = self.stack
        if stack is None:
            painter.setFont(font(self.tools.appearance.text(TEXT)))
            painter.setPen(QColor(self.tools.appearance.theme.muted))
            edge = self.px(12)
            room = self.rect().adjusted(edge, edge, -edge, -edge)
            painter.drawText(room, Qt.AlignmentFlag.AlignCenter | Qt.TextFlag.TextWordWrap, self._refusal or _EMPTY)
            return
        self._paint_formula(painter)
        ink, text = QColor(self.tools.appearance.theme.ink), self.tools.appearance.text
        middle = self._middle(self.z, slice(0, len(stack.z)))
        for sign, x in self._signs:
            pixels = text(TITLE) * (2 if sign == r"\cdot" else 1)  # a dot is easily overlooked
            self._draw(painter, sign, QPointF(x, middle), pixels, ink)
        left = self.z.geometry().left() + self.z.cell_rect(0, 0).right()
        for layer in stack.layers:
            role, y = self.tools.appearance.theme.role(layer.role), self._middle(self.z, layer.rows)
            between = (left + self.results.geometry().left() + 4) / 2
            self._draw(painter, layer.activation, QPointF(between, y), text(SYMBOL), role)
            self._draw(painter, layer.result_latex, QPointF(self._label_x, y), text(SYMBOL), role)

    def _paint_formula(self, painter: QPainter) -> None:
        """Write what is computed, with its sizes beside it, in the middle above the picture."""
        shape = self.tools.typesetter.formula(self.formula)
        if shape is None:
            return
        text, gap = self.tools.appearance.text, self.px(36)
        small = font(text(TEXT))
        beside = QFontMetricsF(small).horizontalAdvance(self.sizes) + gap
        natural = shape.size(text(TITLE))
        shrink = min(1.0, (self.width() - 2 * self.px(12) - beside) / natural.width())
        size = natural * shrink
        left = (self.width() - size.width() - beside) / 2
        top = (self._formula_height - size.height()) / 2
        theme = self.tools.appearance.theme
        pixels = text(TITLE) * shrink
        self.tools.typesetter.draw(painter, self.formula, QPointF(left, top), pixels, QColor(theme.ink))
        painter.setFont(small)
        painter.setPen(QColor(theme.muted))
        room = QRectF(left + size.width() + gap, 0, beside, self._formula_height)
        painter.drawText(room, Qt.AlignmentFlag.AlignVCenter | Qt.AlignmentFlag.AlignLeft, self.sizes)

    def _draw(self, painter: QPainter, latex: str, centre: QPointF, pixels: float, colour: QColor) -> None:
        shape = self.tools.typesetter.formula(latex)
        if shape is not None:
            size = shape.size(pixels)
            at = centre - QPointF(size.width() / 2, size.height() / 2)
            self.tools.typesetter.draw(painter, latex, at, pixels, colour)

    def _middle(self, shown: MatrixMap, rows: slice) -> float:
        """Return the height of the middle of some rows of a map."""
        top, bottom = shown.cell_rect(rows.start, 0), shown.cell_rect(rows.stop - 1, 0)
        return shown.geometry().top() + (top.top() + bottom.bottom()) / 2


def _copied(trace: Trace, needed: int) -> Weights:
    """Return the stacked weights; raise DocumentError unless so many bytes are free."""
    check_free("The view of all layers at once: a copy of the weights", needed, "smaller sizes")
    return stacked_weights(trace)
