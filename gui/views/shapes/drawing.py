"""Draws the shapes of a cell: grids coloured by value, a bracket at every axis, changes as motion."""

from __future__ import annotations

import math
from collections.abc import Mapping
from dataclasses import dataclass, replace

import numpy as np
from PySide6.QtCore import QEasingCurve, QEvent, QPointF, QSizeF, Qt, QVariantAnimation, Signal
from PySide6.QtGui import QColor, QHelpEvent, QMouseEvent, QPainter, QPaintEvent, QPen, QResizeEvent
from PySide6.QtWidgets import QToolTip, QWidget

from engine.cell.trace import Trace
from engine.explain.dimensions import picture, why
from engine.text import numbers
from gui.appearance.text_size import NOTE
from gui.appearance.theme import Appearance
from gui.appearance.typeset import Typesetter
from gui.views.shapes.brackets import between, mixed, paint_brackets, round_bracket
from gui.views.shapes.grids import Grids, entries, grids
from gui.views.shapes.labels import Label, Labels
from gui.views.shapes.layout import fit
from gui.views.shapes.scale import BRACKETS, Layout, Letters, Part, Placed, Sign
from gui.views.shapes.stamps import Stamps

CHANGE_MS = 400


@dataclass(frozen=True, eq=False)
class _Scene:
    """What is drawn at rest: a layout and the colours of every part."""

    trace: Trace
    layout: Layout
    grids: Grids
    labels: list[Label]


class ShapesDrawing(QWidget):
    """Paints every vector and matrix of a cell to scale; from one size to another they grow."""

    rested = Signal(str)
    """The sentence about the shape under the cursor; empty when it leaves."""

    def __init__(self, typesetter: Typesetter, appearance: Appearance) -> None:
        super().__init__()
        self._appearance = appearance
        self._stamps = Stamps(typesetter)
        self._t = 0
        self._shown_with: tuple[object, ...] = ()
        self._scene: _Scene | None = None
        self._before: _Scene | None = None
        self._turned = False
        self._measured = False  # whether all symbols were there when the scale was chosen
        self._places: Mapping[str, Placed] = {}
        self._label_places: Mapping[str, QPointF] = {}
        self._sign_places: Mapping[str, Sign] = {}
        self._resting = ""
        self.glowing: frozenset[str] = frozenset()
        """The sizes whose brackets glow, because they are changing."""
        self._motion = QVariantAnimation(self)
        self._motion.setDuration(CHANGE_MS)
        self._motion.setEasingCurve(QEasingCurve.Type.InOutQuad)
        self._motion.setStartValue(0.0)
        self._motion.setEndValue(1.0)
        self._motion.valueChanged.connect(lambda _: self.update())
        self._motion.finished.connect(self._arrive)
        self.setMouseTracking(True)
        typesetter.ready.connect(self._on_ready)

    # What is shown

    @property
    def layout_shown(self) -> Layout | None:
        """Where everything stands, or is going to."""
        return self._scene.layout if self._scene else None

    @property
    def moving(self) -> bool:
        """Whether shapes are on their way."""
        return self._before is not None

    @property
    def progress(self) -> float:
        """How far they have come, 0 to 1."""
        return float(self._motion.currentValue()) if self.moving else 1.0

    def shape(self, key: str) -> Placed:
        """Return a shape as it is drawn at this moment; raise KeyError if there is none."""
        assert self._scene is not None
        return self._now(self._scene.layout.shape(key))

    def show_trace(self, trace: Trace, t: int) -> None:
        """Show a trace's shapes with the values of time step t (from 0); from the last they grow there."""
        look, scene = self._look(), self._scene
        same_look = look == self._shown_with
        if scene is not None and same_look and scene.trace is trace and t == self._t:
            return
        before = self._standing()
        self._shown_with, self._t = look, t
        if scene is not None and same_look and scene.trace.sizes == trace.sizes and scene.trace.cell == trace.cell:
            self._scene = replace(scene, trace=trace, grids=self._grids(trace, t, scene.layout))
            self.update()
            return
        self._scene = self._made(trace, t, before)
        if before is None:
            self._measured = not self._stamps.missing
            self._arrive()
        elif before.trace.sizes != trace.sizes or before.trace.cell != trace.cell:
            self._move_from(before)
        self.update()

    def clear(self) -> None:
        """Forget what was shown: what comes next stands there at once."""
        self._scene = None
        self._arrive()

    def _look(self) -> tuple[object, ...]:
        """Return all that the drawing depends on but its numbers."""
        shown = self._appearance
        return shown.theme, shown.digits, shown.numbers, self._letters(), self.size(), self.devicePixelRatioF()

    def _made(self, trace: Trace, t: int, before: _Scene | None) -> _Scene:
        room, theme = QSizeF(self.size()), self._appearance.theme
        last = before.layout if before is not None else None
        layout = fit(picture(trace.cell), trace.sizes, room, self._letters(), self._stamps.size, last)
        labels = Labels(self._stamps, theme, layout.letters, trace.sizes).of(layout)
        return _Scene(trace, layout, self._grids(trace, t, layout), labels)

    def _grids(self, trace: Trace, t: int, layout: Layout) -> Grids:
        return grids(trace, t, layout, self._appearance, self._appearance.text(NOTE), self.devicePixelRatioF())

    def _letters(self) -> tuple[Letters, ...]:
        """Return sizes of letters from rich to lean; in a hall even the lean can be read from its last row."""
        text, with_text = self._appearance.text, self._appearance.with_text
        sizes = (
            (21, 15, 14, 2, 4, 4.0),
            (19, 14, 13, 1, 4, 4.0),
            (16, 13, 13, 1, 3, 2.0),
            (17, 13, 12, 0, 3, 1.5),
            (13, 11, 11, 0, 2, 0.0),
        )
        return tuple(
            Letters(text(symbol), text(letter), text(caption), lines, with_text(gap), worth)
            for symbol, letter, caption, lines, gap, worth in sizes
        )

    # Motion

    def _standing(self) -> _Scene | None:
        """Return what is shown, each shape where it is at this moment."""
        scene = self._scene
        if scene is None or not self.moving:
            return scene
        return replace(scene, layout=replace(scene.layout, shapes=tuple(map(self._now, scene.layout.shapes))))

    def _move_from(self, before: _Scene) -> None:
        assert self._scene is not None
        trace, old = self._scene.trace, before.trace
        self.glowing = frozenset(axis for axis, size in trace.sizes.items() if size != old.sizes.get(axis, size))
        self._turned = trace.sizes == old.sizes and picture(trace.cell).joined != picture(old.cell).joined
        self._motion.stop()
        self._before = before
        self._places = {placed.key: placed for placed in before.layout.shapes}
        self._label_places = {label.key: label.middle for label in before.labels}
        self._sign_places = {sign.key: sign for sign in before.layout.signs}
        self._motion.setDuration(self._appearance.motion.lasting(CHANGE_MS))
        self._motion.start()

    def _arrive(self) -> None:
        self._motion.stop()
        self._before, self._turned, self.glowing = None, False, frozenset()
        self.update()

    def _now(self, placed: Placed) -> Placed:
        """Return a shape where it is at this moment on its way."""
        old = self._places.get(placed.key) if self.moving else None
        if old is None:
            return placed
        p = self.progress
        rects = {(part.rows, part.columns): part.rect for part in old.parts}
        parts = []
        for part in placed.parts:
            rect = between(rects.get((part.rows, part.columns), part.rect), part.rect, p)
            if self._turned:
                rect.translate(*self._aside(placed, part, p))
            parts.append(replace(part, rect=rect))
        return replace(placed, body=between(old.body, placed.body, p), parts=tuple(parts))

    def _aside(self, placed: Placed, part: Part, p: float) -> tuple[float, float]:
        """Return how far a part makes way for the other one, as they slide past each other."""
        drawn = placed.drawn
        if max(len(drawn.rows), len(drawn.columns)) < 2:
            return 0.0, 0.0
        first = part.columns == drawn.columns[0] if len(drawn.columns) > 1 else part.rows == drawn.rows[0]
        assert self._scene is not None
        aside = (1 if first else -1) * math.sin(math.pi * p) * 2 * self._scene.layout.letters.gap
        return (0.0, aside) if len(drawn.columns) > 1 else (aside, 0.0)

    # Painting

    def paintEvent(self, event: QPaintEvent) -> None:
        scene = self._scene
        if scene is None:
            return
        painter = QPainter(self)
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        theme, before, p = self._appearance.theme, self._before, self.progress
        painter.setPen(QPen(QColor(theme.edge), 1))
        divider = mixed(before.layout.divider, scene.layout.divider, p) if before else scene.layout.divider
        painter.drawLine(QPointF(divider, 0), QPointF(divider, self.height()))
        shapes = [self._now(placed) for placed in scene.layout.shapes]
        for placed in shapes:
            painter.setOpacity(p if before is not None and placed.key not in self._places else 1.0)
            self._paint_grids(painter, placed)
        painter.setOpacity(1.0)
        paint_brackets(painter, shapes, theme, scene.layout.letters.gap, self.glowing)
        self._paint_round_brackets(painter, scene)
        self._paint_labels(painter, scene, p)

    def _paint_grids(self, painter: QPainter, placed: Placed) -> None:
        """Paint a shape's parts: on their way they are covered or uncovered, their entries keep their size."""
        assert self._scene is not None
        before, name = self._before, placed.drawn.name
        for part in reversed(placed.parts):  # the first passes above
            key = (name, part.rows, part.columns)
            grid = self._scene.grids[key]
            if before is None:
                grid.fill(painter, part.rect)
                continue
            entry = mixed(before.layout.entry, self._scene.layout.entry, self.progress)
            for scene in (before, self._scene):
                if key in scene.grids:
                    scene.grids[key].cover(painter, part.rect, entry / scene.layout.entry)
        painter.setPen(QPen(self._appearance.theme.role(placed.drawn.role), 1.5))
        painter.setBrush(Qt.BrushStyle.NoBrush)
        painter.drawRects([part.rect for part in placed.parts])

    def _paint_round_brackets(self, painter: QPainter, scene: _Scene) -> None:
        painter.setPen(QPen(QColor(self._appearance.theme.ink), self._appearance.with_text(1.6)))
        painter.setBrush(Qt.BrushStyle.NoBrush)
        for sign in scene.layout.signs:
            if sign.latex in BRACKETS:
                old = self._sign_places.get(sign.key) if self.moving else None
                rect = between(old.rect, sign.rect, self.progress) if old is not None else sign.rect
                painter.drawPath(round_bracket(rect, sign.latex))

    def _paint_labels(self, painter: QPainter, scene: _Scene, p: float) -> None:
        for label in scene.labels:
            old = self._label_places.get(label.key) if self.moving else None
            middle = label.middle if old is None else old + (label.middle - old) * p
            self._stamps.draw(painter, label.text, middle, label.pixels, label.colour)

    # What the cursor rests on

    def entry_at(self, at: QPointF) -> tuple[str, tuple[int, ...]] | None:
        """Return the name and the entry that are drawn at a point, if any."""
        if self._scene is None or self.moving:
            return None
        sizes = self._scene.trace.sizes
        for placed in self._scene.layout.shapes:
            for part in placed.parts:
                if part.rect.contains(at):
                    drawn = placed.drawn
                    row = _index(sizes, drawn.rows, part.rows, (at.y() - part.rect.top()) / part.rect.height())
                    if not drawn.columns:
                        return drawn.name, (row,)
                    share = (at.x() - part.rect.left()) / part.rect.width()
                    return drawn.name, (row, _index(sizes, drawn.columns, part.columns, share))
        return None

    def said_of(self, name: str, place: tuple[int, ...]) -> str:
        """Return the sentence about a shape, with one of its entries."""
        assert self._scene is not None
        trace = self._scene.trace
        index = ", ".join(str(i + 1) for i in place)
        value = numbers.exact(float(np.asarray(trace.value(self._t, name))[place]))
        return f"{why(trace.cell, trace.sizes, name)}. {trace.cell.described(name).symbol}[{index}] = {value}"

    def mouseMoveEvent(self, event: QMouseEvent) -> None:
        found = self.entry_at(event.position())
        self._rest_on(self.said_of(*found) if found else "")

    def leaveEvent(self, event: QEvent) -> None:
        self._rest_on("")

    def _rest_on(self, sentence: str) -> None:
        if sentence != self._resting:
            self._resting = sentence
            self.rested.emit(sentence)

    def event(self, event: QEvent) -> bool:
        if isinstance(event, QHelpEvent):
            found = self.entry_at(QPointF(event.pos()))
            QToolTip.showText(event.globalPos(), self.said_of(*found) if found else "", self)
            return True
        return super().event(event)

    # Changes of the room

    def resizeEvent(self, event: QResizeEvent) -> None:
        self._place_again()

    def _place_again(self, keeping: bool = True) -> None:
        """Place everything in the room there is now, keeping its scale or not; what moves goes to its new place."""
        scene = self._scene
        if scene is not None:
            self._scene = self._made(scene.trace, self._t, scene if keeping else None)
            self._shown_with = self._look()
            self.update()

    def _on_ready(self, latex: str) -> None:
        """Make room for symbols as large as they turned out to be, once they are all there."""
        is_last = self._stamps.missing == {latex}
        self._stamps.missing.discard(latex)
        if self._scene is not None and is_last and self.isVisible():
            self._place_again(keeping=self._measured)
            self._measured = True


def _index(sizes: Mapping[str, int], axes: tuple[str, ...], axis: str, share: float) -> int:
    """Return the entry, from 0, at a share of the way along one of an axis's parts."""
    start = sum(sizes[before] for before in axes[: axes.index(axis)])
    drawn = entries(sizes[axis])
    return start + int(drawn[min(int(share * len(drawn)), len(drawn) - 1)])
