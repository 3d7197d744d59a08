"""Draws cells side by side: the lines of C and h, strips when zoomed out, pictures when zoomed in."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray
from PySide6.QtCore import QLineF, QPointF, QRectF, QSize, Qt
from PySide6.QtGui import QColor, QFontMetricsF, QImage, QPainter, QPen, QPixmap

from gui.appearance.colour_maps import image_of, pixels_of
from gui.appearance.dashes import to_come
from gui.appearance.hatching import hatch, missing_in, veil
from gui.appearance.theme import Appearance, font
from gui.appearance.typeset import Typesetter
from gui.appearance.vector import in_picture
from gui.diagram.layout import HEIGHT
from gui.playback.walk import Moment
from gui.views.sequence.state_maps import PALE, Course, steps_computed
from gui.views.sequence.step_pictures import StepPictures
from gui.views.sequence.steps_row import BODIES_FROM, COLUMNS_FROM, Row, body_rect

_STRIP, _GAP = 3, 2
"""Columns of the image that a step's strip takes far out, and those of the gap after it."""
_BEHIND = (0.0, 0.12, 0.24)
"""How far three tokens are behind each other."""


def _with_gaps(steps: NDArray[Any]) -> NDArray[Any]:
    """Return each step (size, T) as the columns of a strip and of the gap after it, which are 0: (size, 5T)."""
    columns = np.zeros((*steps.shape, _STRIP + _GAP), dtype=steps.dtype)
    columns[:, :, :_STRIP] = steps[:, :, None]
    return columns.reshape(len(steps), -1)


def label_height(letters: float) -> float:
    """Return the room of the labels below the steps."""
    return 1.7 * letters


@dataclass(frozen=True, eq=False)
class Look:
    """What is to be drawn, where, and how large its letters are."""

    row: Row
    course: Course
    moment: Moment
    size: QSize
    gutter: int
    symbol: int
    label: int
    carrying: tuple[int, float] | None
    """The step into which C and h are going over, and how far they have come."""
    hidden: bool
    """Whether what the walk has not reached is pale; else every step is shown as it comes out."""

    @property
    def view(self) -> range:
        """The steps of which something is seen."""
        return self.row.in_view(self.size.width())

    @property
    def reached(self) -> int:
        """The last step that is shown in full, from 0."""
        return self.moment.t if self.hidden else self.row.steps - 1

    def share(self, t: int) -> float:
        """Return how full a step is drawn."""
        return 1.0 if t <= self.reached else PALE

    def computed(self, name: str) -> int:
        """Return of how many steps a value is shown in full; what comes in is known from the start."""
        if name == "x_t":
            return self.row.steps
        return steps_computed(self.course.trace, self.moment if self.hidden else None, name)


class StepsDrawing:
    """Draws steps side by side; keeps the images that serve from frame to frame."""

    def __init__(self, typesetter: Typesetter, appearance: Appearance) -> None:
        self._typesetter = typesetter
        self._appearance = appearance
        self._strips: dict[tuple[Course, str, str], QImage] = {}
        self._bodies: tuple[object, QPixmap] = None, QPixmap()

    def paint(self, painter: QPainter, look: Look, pictures: StepPictures) -> None:
        """Draw everything that is in view."""
        if not look.row.whole:
            self._paint_bodies(painter, look)
            self._paint_lines(painter, look)
        if look.row.pictured:
            self._paint_pictures(painter, look, pictures)
        else:
            self._paint_strips(painter, look)
        if look.row.whole:
            self._paint_joints(painter, look)
        self._paint_start(painter, look)
        self._paint_now(painter, look)
        self._paint_tokens(painter, look)
        self._paint_labels(painter, look)

    def _paint_bodies(self, painter: QPainter, look: Look) -> None:
        row = look.row
        view = look.view
        if row.pitch < BODIES_FROM:
            split = min(max(look.reached + 1, view.start), view.stop)
            for first, last, share in ((view.start, split, 1.0), (split, view.stop, 0.5)):
                if first < last:
                    painter.setOpacity(share)
                    band = row.body(first).united(row.body(last - 1))
                    painter.fillRect(band, QColor(self._appearance.theme.body))
        else:
            for t in view:
                painter.setOpacity(max(0.5, look.share(t)))
                corner = QPointF(round(row.step(t).left()), row.top)
                if in_picture():
                    self._draw_body(painter, row, corner)
                else:
                    painter.drawPixmap(corner, self._body(row, painter.device().devicePixelRatioF()))
        painter.setOpacity(1.0)

    def _body(self, row: Row, ratio: float) -> QPixmap:
        """Return an empty body; one picture of it serves all steps."""
        theme = self._appearance.theme
        key = (row.pitch, row.height, theme.name, ratio)
        if key != self._bodies[0]:
            pixmap = QPixmap(round(row.pitch * ratio), round(row.height * ratio))
            pixmap.setDevicePixelRatio(ratio)
            pixmap.fill(Qt.GlobalColor.transparent)
            painter = QPainter(pixmap)
            painter.setRenderHint(QPainter.RenderHint.Antialiasing)
            self._draw_body(painter, row, QPointF(0, 0))
            painter.end()
            self._bodies = key, pixmap
        return self._bodies[1]

    def _draw_body(self, painter: QPainter, row: Row, corner: QPointF) -> None:
        theme = self._appearance.theme
        painter.setPen(QPen(QColor(theme.body_edge), 1 if row.pitch < COLUMNS_FROM else 2))
        painter.setBrush(QColor(theme.body))
        painter.drawRoundedRect(body_rect(row.pitch, row.height).translated(corner), row.radius, row.radius)

    def _pen(self, row: Row, name: str, later: bool) -> QPen:
        """Return the pen of C's or h's line, dashed where it is to come; C is the thickest line on the screen."""
        theme, cell = self._appearance.theme, name == "C_t"
        colour = theme.role("cell" if cell else "hidden")
        scale = row.height / HEIGHT if row.whole else min(0.6, max(0.4, row.pitch / 400))
        width = (8.0 if cell else 4.0) * scale
        if later:
            return to_come(theme, max(1.0, 0.6 * width))
        return QPen(colour, width, Qt.PenStyle.SolidLine, Qt.PenCapStyle.FlatCap)

    def _paint_lines(self, painter: QPainter, look: Look) -> None:
        """Draw C and h as straight lines through all steps, and x_t's way up into each."""
        row, course = look.row, look.course
        start, end = row.left - look.gutter * 0.45, row.left + row.pitch * row.steps + 12
        for name in course.carried:
            y, computed = row.line(name), look.computed(name)
            until = end if computed == row.steps else row.left + row.pitch * (computed + 0.09)
            for left, right, later in ((until, end, True), (start, until, False)):
                painter.setPen(self._pen(row, name, later))
                left, right = max(left, -20.0), min(right, look.size.width() + 20.0)
                if left < right:
                    painter.drawLine(QPointF(left, y), QPointF(right, y))
        if row.pitch >= BODIES_FROM:
            self._paint_ways_up(painter, look)

    def _paint_ways_up(self, painter: QPainter, look: Look) -> None:
        """Draw how x_t goes up into each body."""
        row, first = look.row, look.view.start
        theme = self._appearance.theme
        pens = QPen(QColor(theme.wire), 1.5), to_come(theme, 1.5)
        top, bottom = row.body(first).bottom(), row.input(first).top()
        places = [(t, round(row.left + (t + 0.5) * row.pitch)) for t in look.view]
        for later, pen in enumerate(pens):
            painter.setPen(pen)
            painter.drawLines([QLineF(x, top, x, bottom) for t, x in places if (t > look.reached) == bool(later)])

    def _paint_strips(self, painter: QPainter, look: Look) -> None:
        row, course = look.row, look.course
        view = look.view
        width = _STRIP + _GAP
        aside = row.pitch * _GAP / width / 2  # the strip is in the middle of its step
        painter.setRenderHint(QPainter.RenderHint.Antialiasing, False)
        for name in (*course.carried, "x_t"):
            below = row.input(0)
            height = below.height() if name == "x_t" else row.body(0).height() * 0.34
            top = below.top() if name == "x_t" else row.line(name) - height / 2
            image, computed = self._strip(course, name), look.computed(name)
            for first, last, later in ((view.start, computed, False), (max(computed, view.start), row.steps, True)):
                last = min(last, view.stop)
                if first < last:
                    target = QRectF(row.left + first * row.pitch + aside, top, (last - first) * row.pitch, height)
                    painter.drawImage(target, image, QRectF(first * width, 0, (last - first) * width, image.height()))
                    missing = missing_in(course.values[name][first:last].T)
                    hatch(painter, target, None if missing is None else _with_gaps(missing), self._appearance.theme)
                    if later:
                        strip = QRectF(target.left(), top, row.pitch * _STRIP / width, height)
                        for t in range(last - first):  # not the gaps
                            veil(painter, strip.translated(t * row.pitch, 0), self._appearance.theme)
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)

    def _strip(self, course: Course, name: str) -> QImage:
        """Return a value of all steps as an image: strips with gaps that are clear."""
        theme = self._appearance.theme
        key = (course, name, theme.name)
        if key not in self._strips:
            pixels = pixels_of(theme)[course.places[name].T]  # (size, T)
            self._strips = {known: image for known, image in self._strips.items() if known[0] is course}
            self._strips[key] = image_of(_with_gaps(pixels), clear=True)
        return self._strips[key]

    def _paint_pictures(self, painter: QPainter, look: Look, pictures: StepPictures) -> None:
        row, theme = look.row, self._appearance.theme
        for t in look.view:
            painter.setOpacity(look.share(t) if row.whole else 1.0)  # small columns are pale by themselves
            pixmap = pictures.of_step(t, row.whole)
            if t in pictures.asked:
                pictures.paint_step(painter, pictures.asked[t], row.picture(t))
            elif pixmap is not None:
                painter.drawPixmap(row.picture(t), pixmap, QRectF(pixmap.rect()))
            elif row.whole:
                painter.setPen(QPen(QColor(theme.body_edge), 2))
                painter.setBrush(QColor(theme.body))
                painter.drawRoundedRect(row.body(t), row.radius, row.radius)
        painter.setOpacity(1.0)

    def _paint_joints(self, painter: QPainter, look: Look) -> None:
        """Draw how C and h go from diagram to diagram."""
        row, course = look.row, look.course
        painter.setBrush(Qt.BrushStyle.NoBrush)
        view = look.view
        for name in course.carried:
            computed = look.computed(name)
            for t in range(view.start, view.stop + 1):
                painter.setPen(self._pen(row, name, t > computed))
                painter.drawPath(row.joint(name, t))

    def _paint_start(self, painter: QPainter, look: Look) -> None:
        """Write what comes in from before the first step."""
        row, course = look.row, look.course
        letters = look.symbol
        for name in course.carried:
            latex = name.replace("_t", "_0")
            formula = self._typesetter.formula(latex)
            if formula is not None and row.left > 0:
                size = formula.size(letters)
                x = max(2.0, row.left - look.gutter * 0.45 - size.width() / 2)
                at = QPointF(x, row.line(name) - size.height() - 6)
                role = course.trace.cell.described(name).role
                self._typesetter.draw(painter, latex, at, letters, self._appearance.theme.role(role))

    def _paint_now(self, painter: QPainter, look: Look) -> None:
        """Frame the step in which the walk stands."""
        row = look.row
        if look.moment.t in look.view:
            painter.setPen(QPen(QColor(self._appearance.theme.now), 3))
            painter.setBrush(Qt.BrushStyle.NoBrush)
            wider = 0 if row.whole else 2  # beside a large one's edge stand columns
            framed = row.body(look.moment.t).adjusted(-wider, -wider, wider, wider)
            painter.drawRoundedRect(framed, row.radius, row.radius)

    def _paint_labels(self, painter: QPainter, look: Look) -> None:
        row = look.row
        theme, letters, present = self._appearance.theme, look.label, look.moment.t
        widest = QFontMetricsF(font(letters, bold=True)).horizontalAdvance(f"t = {row.steps:,}  ")
        every = next(n for n in (1, 2, 5, 10, 20, 50, 100, 200, 500, 1000, 10**9) if widest <= n * row.pitch)
        y = min(row.top + row.height, look.size.height() - label_height(look.label))
        painter.fillRect(QRectF(0, y, look.size.width(), look.size.height() - y), QColor(theme.panel))
        for t in look.view:
            regular = t == 0 or ((t + 1) % every == 0 and t * row.pitch >= widest)
            if t == present or (regular and abs(t - present) * row.pitch >= widest):
                painter.setFont(font(letters, bold=t == present))
                painter.setPen(QColor(theme.ink if t == present else theme.muted))
                x = min(row.step(t).center().x(), look.size.width() - widest / 2)
                box = QRectF(x - widest, y, 2 * widest, label_height(look.label))
                painter.drawText(box, Qt.AlignmentFlag.AlignCenter, f"t = {t + 1:,}")

    def _paint_tokens(self, painter: QPainter, look: Look) -> None:
        """Draw C and h on their way into the next step."""
        row, course = look.row, look.course
        if look.carrying is None:
            return
        t, share = look.carrying
        theme = self._appearance.theme
        radius = max(4.0, min(9.0, row.pitch / 20))
        painter.setPen(QPen(QColor(theme.panel), 2))
        painter.setBrush(QColor(theme.now))
        for name in course.carried:
            way = row.joint(name, t)
            for behind in _BEHIND:
                place = share * (1 + _BEHIND[-1]) - behind
                if 0 <= place <= 1:
                    painter.drawEllipse(way.pointAtPercent(place), radius, radius)
