"""Makes pictures of single time steps: small coloured columns, or the whole diagram with its numbers.

A diagram takes longer to draw than a frame lasts, so it is made slice by slice.
"""

from __future__ import annotations

import time
from collections.abc import Iterable, Iterator
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray
from PySide6.QtCore import QObject, QPointF, QRectF, QSizeF, Qt
from PySide6.QtGui import QColor, QFontMetricsF, QPainter, QPen, QPixmap

from engine.cell.cell import Cell
from engine.cell.graph import Operation
from gui.appearance.colour_maps import colours_of, letters_of, own_limits, places_of
from gui.appearance.dashes import to_come
from gui.appearance.hatching import hatch_cell, veil
from gui.appearance.theme import Appearance, font
from gui.appearance.typeset import Typesetter
from gui.appearance.vector import uncached
from gui.diagram.layout import HEIGHT, WIDTH
from gui.diagram.scene import CellScene
from gui.playback.walk import Moment
from gui.views.sequence.state_maps import Course
from gui.views.sequence.steps_row import CELL_LINE, HIDDEN_LINE, body_rect, input_rect

_SLICES = 12
"""Parts that a diagram is drawn in; one takes 1 to 3 ms."""
_STATE_ROOM, _GATES_TOP, _GATES_BOTTOM = 0.27, 0.35, 0.655
"""Shares of a small body's height: that of C's and h's column, and where the gates begin and end."""
_GATES_ALONE = 0.16, 0.6
"""The same where no C passes above the gates."""
_WIDEST = 72
"""Pixels that a small column is wide at most."""
_BUDGET_S = 0.005
"""Time that one frame may give to making pictures."""


@dataclass(frozen=True)
class Wanted:
    """What a picture is to show: step t of a course with `done` operations computed, in pixels of the screen."""

    course: Course
    t: int
    done: int
    now: bool
    """Whether the walk stands here: what was computed last glows."""
    later: bool
    """Whether the walk has not come here: small columns are pale."""
    size: tuple[int, int]
    letters: tuple[int, int]
    """Height of a symbol's letters, and of a number's."""
    hall: bool
    """Whether no letter may be smaller than that: a diagram leaves out numbers that have no room."""
    theme: str
    whole: bool
    """The whole diagram, or small columns."""


def shown_beside_state(cell: Cell) -> list[Operation]:
    """Return what a small picture shows beside x_t and what is carried: gates, the candidate, the output."""
    return [item for item in cell.named if item.name not in cell.carried.values()]


class StepPictures:
    """Makes pictures of steps, a part at a time, and keeps them."""

    def __init__(self, typesetter: Typesetter, appearance: Appearance, owner: QObject) -> None:
        self._typesetter = typesetter
        self._appearance = appearance
        self._scene = CellScene(appearance, typesetter)
        self._scene.setParent(owner)  # goes with it, not at some later time with its items in any order
        self.asked: dict[int, Wanted] = {}
        """What of each step is to be painted as letters and lines, while a picture of the view is made."""
        self._made: dict[int, tuple[Wanted, QPixmap]] = {}
        self._making: tuple[Wanted, Iterator[QPixmap], QPixmap | None] | None = None

    def of_step(self, t: int, whole: bool) -> QPixmap | None:
        """Return the newest picture of a step: perhaps of another size, or as the step stood before."""
        wanted, pixmap = self._made.get(t, (None, None))
        return pixmap if wanted is not None and wanted.whole == whole else None

    def paint_step(self, painter: QPainter, wanted: Wanted, where: QRectF) -> None:
        """Paint what is wanted at once, as letters and lines."""
        width, height = wanted.size
        painter.save()
        painter.translate(where.topLeft())
        painter.scale(where.width() / width, where.height() / height)
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        if wanted.whole:
            self._show(wanted)
            with uncached(self._scene):
                box = QRectF(0, 0, width, height)
                source = QRectF(0, 0, WIDTH, HEIGHT)
                self._scene.render(painter, box, source, Qt.AspectRatioMode.IgnoreAspectRatio)
        else:
            _Columns(painter, wanted, self._typesetter, self._appearance).paint()
        painter.restore()

    def _show(self, wanted: Wanted) -> None:
        moment = Moment(wanted.t, wanted.done, 1.0, resting=not wanted.now)
        self._scene.show_moment(wanted.course.trace, moment)

    def lacks(self, wanted: Wanted) -> bool:
        """Whether a picture is not there as wanted."""
        return wanted.t not in self._made or self._made[wanted.t][0] != wanted

    def work(self, wanted: Iterable[Wanted], pixel_ratio: float) -> None:
        """Make the pictures wanted that are not there, for as long as a frame may take."""
        end = time.perf_counter() + _BUDGET_S
        for each in wanted:
            while self.lacks(each):
                if time.perf_counter() >= end:
                    return
                if self._making is None or self._making[0] != each:
                    self._making = (each, self._parts(each, pixel_ratio), None)
                _, parts, pixmap = self._making
                part = next(parts, None)
                self._making = (each, parts, part or pixmap)
                if part is None and pixmap is not None:
                    self._made[each.t] = each, pixmap

    def keep_near(self, view: range, most: int) -> None:
        """Keep the pictures in view and so many of those nearest to it."""
        middle = (view.start + view.stop) / 2
        far = sorted((t for t in self._made if t not in view), key=lambda t: abs(t - middle))
        for t in far[most:]:
            del self._made[t]

    def forget(self) -> None:
        """Forget every picture."""
        self._making = None
        self._made.clear()

    def _parts(self, wanted: Wanted, pixel_ratio: float) -> Iterator[QPixmap]:
        """Draw a picture, a part at a time; the last one yielded is complete."""
        width, height = wanted.size
        pixmap = QPixmap(round(width * pixel_ratio), round(height * pixel_ratio))
        pixmap.setDevicePixelRatio(pixel_ratio)
        pixmap.fill(Qt.GlobalColor.transparent)
        if not wanted.whole:
            painter = QPainter(pixmap)
            painter.setRenderHint(QPainter.RenderHint.Antialiasing)
            _Columns(painter, wanted, self._typesetter, self._appearance).paint()
            painter.end()
            yield pixmap
            return
        for part in range(_SLICES):
            # Another picture may have been drawn since: the scene is told again which step this is.
            self._show(wanted)
            left, right = round(width * part / _SLICES), round(width * (part + 1) / _SLICES)
            across = WIDTH / width
            painter = QPainter(pixmap)
            painter.setRenderHint(QPainter.RenderHint.Antialiasing)
            target = QRectF(left, 0, right - left, height)
            source = QRectF(left * across, 0, (right - left) * across, HEIGHT)
            self._scene.render(painter, target, source, Qt.AspectRatioMode.IgnoreAspectRatio)
            painter.end()
            yield pixmap


class _Columns:
    """One step as small columns: what is carried on its lines, the gates between them, x_t below the body."""

    def __init__(self, painter: QPainter, wanted: Wanted, typesetter: Typesetter, appearance: Appearance) -> None:
        self._painter = painter
        self._wanted = wanted
        self._typesetter = typesetter
        self._appearance = appearance
        self._cell = wanted.course.trace.cell
        self._widest = max(_WIDEST, appearance.with_text(_WIDEST))  # room for the larger numbers of a hall
        done = () if wanted.later else self._cell.operations[: wanted.done]
        self._there = {"x_t", *(item.name for item in done)}

    def paint(self) -> None:
        body, below = body_rect(*self._wanted.size), input_rect(*self._wanted.size)
        course, t = self._wanted.course, self._wanted.t
        gap = min(12.0, body.width() * 0.05)
        width = min(self._widest, body.width() * 0.34)
        for name in course.carried:
            line = body.top() + body.height() * (CELL_LINE if name == "C_t" else HIDDEN_LINE)
            height = _STATE_ROOM * body.height()
            rect = QRectF(body.right() - gap - width, line - height / 2, width, height)
            self._column(name, rect, course.places[name][t], course.values[name][t])
            self._symbol(name, QRectF(rect.left() - gap - 999, line - 999 - gap / 2, 999, 999), right=True)
        shares = (_GATES_TOP, _GATES_BOTTOM) if self._cell.has_state else _GATES_ALONE
        top, bottom = (body.top() + share * body.height() for share in shares)
        self._gates(QRectF(body.left() + gap / 2, top, body.width() - gap, bottom - top), gap)
        rect = QRectF(below.center().x() - width / 2, below.top(), width, below.height())
        self._column("x_t", rect, course.places["x_t"][t], course.values["x_t"][t])
        self._symbol("x_t", QRectF(rect.right(), rect.top(), 2 * self._wanted.letters[0], rect.height()))

    def _gates(self, band: QRectF, gap: float) -> None:
        """Draw what stands between the lines of C and h, with symbols where there is room for them."""
        beside = shown_beside_state(self._cell)
        if not beside:
            return
        letters, each = self._wanted.letters[0], band.width() / len(beside)
        has_room = band.height() > 3 * letters and each > 1.2 * letters
        top = band.top() + (1.5 * letters if has_room else 0)
        width = min(self._widest, each - gap)
        for number, operation in enumerate(beside):
            middle = band.left() + (number + 0.5) * each
            rect = QRectF(middle - width / 2, top, width, band.bottom() - top)
            values = np.asarray(self._wanted.course.trace.steps[self._wanted.t][operation.name], dtype=np.float64)
            places = places_of(values, own_limits(values, operation.gate_role))
            self._column(operation.name, rect, places, values, operation.gate_role)
            if has_room:
                self._symbol(operation.name, QRectF(middle - each / 2, band.top(), each, 1.4 * letters))

    def _column(
        self, name: str, rect: QRectF, places: NDArray[np.uint8], values: NDArray[np.float64], gate: str | None = None
    ) -> None:
        painter, theme = self._painter, self._appearance.theme
        item = self._cell.described(name)
        painter.fillRect(rect, QColor(theme.panel))
        height = rect.height() / len(places)
        painter.setRenderHint(QPainter.RenderHint.Antialiasing, False)
        if height < 1:  # thinner than a pixel: one of several is seen
            chosen = np.linspace(0, len(places) - 1, max(1, round(rect.height()))).astype(np.intp)
            places, values, height = places[chosen], values[chosen], rect.height() / len(chosen)
        colours = colours_of(theme, gate)
        for index, place in enumerate(places.tolist()):
            cell = QRectF(rect.left(), rect.top() + index * height, rect.width(), height)
            painter.fillRect(cell, colours[place])
            if not np.isfinite(values[index]):
                hatch_cell(painter, cell, float(values[index]), theme)
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        if name in self._there:
            letters = [letters_of(theme, gate)[place] for place in places.tolist()]
            texts = [self._appearance.written(float(value), item.rounds) for value in values]
            self._numbers(texts, rect, height, letters)
        else:
            veil(painter, rect, theme)
        there = name in self._there
        painter.setPen(QPen(theme.role(item.role), 2) if there else to_come(theme, 1.5))
        painter.setBrush(Qt.BrushStyle.NoBrush)
        painter.drawRoundedRect(rect, 3, 3)

    def _numbers(self, texts: list[str], rect: QRectF, height: float, colours: list[QColor]) -> None:
        """Write the numbers where all of them have room."""
        letters = self._wanted.letters[1]
        if height < letters * 1.15 or not texts or not self._appearance.numbers:
            return
        face = font(letters)
        if max(map(QFontMetricsF(face).horizontalAdvance, texts)) > rect.width() - 4:
            return
        self._painter.setFont(face)
        for index, text in enumerate(texts):
            self._painter.setPen(colours[index])
            cell = QRectF(rect.left(), rect.top() + index * height, rect.width(), height)
            self._painter.drawText(cell, Qt.AlignmentFlag.AlignCenter, text)

    def _symbol(self, name: str, box: QRectF, right: bool = False) -> None:
        """Write a value's symbol in a box: in its middle, or at its lower right corner."""
        item, letters = self._cell.described(name), self._wanted.letters[0]
        formula = self._typesetter.formula(item.latex)
        if formula is None:
            return
        size: QSizeF = formula.size(letters)
        at = QPointF(box.center().x() - size.width() / 2, box.center().y() - size.height() / 2)
        if right:
            at = QPointF(box.right() - size.width(), box.bottom() - size.height())
        theme = self._appearance.theme
        colour = theme.role(item.role) if name in self._there else QColor(theme.muted)
        self._typesetter.draw(self._painter, item.latex, at, letters, colour)
