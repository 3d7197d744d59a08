"""A matrix drawn as coloured cells: what it shows, where its entries are, and how it is painted."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import replace
from functools import lru_cache

import numpy as np
from numpy.typing import NDArray
from PySide6.QtCore import QEasingCurve, QPointF, QRectF, QSize, Qt, QVariantAnimation, Signal
from PySide6.QtGui import QFontMetricsF, QPainter, QPaintEvent, QResizeEvent
from PySide6.QtWidgets import QWidget

from gui.appearance.theme import Appearance, font
from gui.appearance.typeset import Typesetter
from gui.jobs.background import Background
from gui.matrix.axis import GAP, Axis, Band
from gui.matrix.content import AT_ONCE, Content, EntryName
from gui.matrix.frames import BRACKET, paint_bands, paint_frames, paint_now
from gui.matrix.painting import Look, Picture, texts_of

SLIDE_MS = 400
"""Time in which bands change places."""
_LETTERS, _WIDTH, _HEIGHT = 15.0, 52.0, 34.0
"""A number's letters and the largest cell around it, at 1080 lines."""
_SMALLEST = 9.0
"""Letters smaller than this cannot be read on any screen."""
_SAMPLED = 300
"""The widest number of a matrix is sought among so many entries and the extremes."""
_NUMBERS_FROM_PX = 14.0
"""A lower cell shows no number; hovering over it does."""
_SLIDING_NUMBERS = 120
"""Up to so many numbers slide with their bands; more would make the motion jerky."""

Part = tuple[slice, slice]
"""A block of rows and columns."""
Parts = Sequence[Part]


class MatrixSheet(QWidget):
    """Paints a matrix in bands of rows and of columns with a gap between them, and frames around entries."""

    arrived = Signal()
    """A matrix or a label that was prepared in the background is on the screen; the sheet may need another size."""

    def __init__(self, appearance: Appearance, typesetter: Typesetter, background: Background, fine: bool) -> None:
        super().__init__()
        self._fine = fine
        self._appearance = appearance
        self._typesetter = typesetter
        self._background = background
        self._content: Content | None = None
        self._asked: Content | None = None
        self._rows, self._columns = Axis(), Axis()
        self._zoom = 0.0
        self._letters = float(appearance.px(_LETTERS))
        self._smallest = _SMALLEST
        self._level = False
        self._widest: tuple[object, str] = (None, "")
        self.lit: tuple[Parts, Parts] = (), ()
        """The framed blocks: what the number under the cursor was computed from, and what is computed from it."""
        self.marked: slice | None = None
        """The rows that change now."""
        self._now: Part | None = None
        self._resting = (-1, -1)
        self._picture = Picture()
        self._slide = QVariantAnimation(self)
        self._slide.setDuration(SLIDE_MS)
        self._slide.setStartValue(0.0)
        self._slide.setEndValue(1.0)
        self._slide.setEasingCurve(QEasingCurve.Type.InOutQuad)
        self._slide.valueChanged.connect(self._on_slide)
        typesetter.ready.connect(self._on_ready)
        appearance.changed.connect(self._fit)
        appearance.changed.connect(self.updateGeometry)

    # ---- what is shown

    @property
    def values(self) -> NDArray[np.float64]:
        """The matrix that is on the screen; before the first one, without entries."""
        return self._content.values if self._content else np.zeros((0, 0))

    @property
    def name(self) -> str:
        """The name of the matrix on the screen, which may be the one before that which was asked for last."""
        return self._content.name if self._content else ""

    @property
    def scale(self) -> float:
        """The size of an entry that has the strongest colour."""
        return self._content.scale if self._content else 1.0

    @property
    def preparing(self) -> bool:
        """Whether a large matrix is still being prepared; the one before is shown meanwhile."""
        return self._asked is not None

    @property
    def complete(self) -> bool:
        """Whether all numbers that fit are painted; of many, some follow with the next frame."""
        return self._picture.complete

    @property
    def sliding(self) -> bool:
        """Whether bands are changing places."""
        return self._slide.state() is QVariantAnimation.State.Running

    def show_matrix(
        self,
        values: NDArray[np.float64],
        *,
        name: str = "",
        rows: Sequence[Band] = (),
        columns: Sequence[Band] = (),
        gate_role: str | None = None,
        row_roles: Sequence[str | None] = (),
        rounds: bool = False,
        entry_name: EntryName | None = None,
    ) -> None:
        """Show a matrix of shape (rows, columns); a vector is a column.

        The colours run to ± the largest entry, or from 0 to 1 in a gate's colour: that of `gate_role`, or for each
        band of rows its own of `row_roles` (None for a band of either sign). `rounds` writes 1 as "1.00", for results
        of σ and tanh; a gate always does. `entry_name` returns the name of an entry; without it, "W_f[2, 5]". Bands
        that change places from one call to the next slide there.

        Raises ValueError if the bands do not add up to the matrix.
        """
        matrix = values[:, None] if values.ndim == 1 else values
        down = tuple(rows) or (Band("", matrix.shape[0], "x"),)
        across = tuple(columns) or (Band("", matrix.shape[1], "x"),)
        gates = tuple(row_roles) or (gate_role,) * len(down)
        asked = Content(matrix, name, down, across, gates, rounds or gate_role is not None, entry_name, self._fine)
        shown = self._content
        if shown is not None and not self.preparing and shown.looks_like(asked):
            self._content = replace(shown, entry_name=entry_name)
            self._content_changed(another=False)
            return
        if name:
            self.setAccessibleName(f"{name}, {matrix.shape[0]:,} × {matrix.shape[1]:,}")
        self._asked = asked
        self._is_asked(another=shown is not None and not shown.stands_for(asked))
        if matrix.size <= AT_ONCE:
            self._take(asked, asked.prepared())
        else:
            self._background.run(asked.prepared, lambda content: self._on_prepared(asked, content))
            self.update()

    def show_light(self, made_of: Parts, goes_into: Parts = ()) -> None:
        """Frame the entries that the number under the cursor was computed from; dashed, those computed from it."""
        lit = tuple(made_of), tuple(goes_into)
        if lit != self.lit:
            self.lit = lit
            self.update()

    def mark_rows(self, rows: slice | None) -> None:
        """Mark the rows that change now."""
        if rows != self.marked:
            self.marked = rows
            self.update()

    def mark_cells(self, cells: Part | None) -> None:
        """Mark a block of entries that change now; the mark moves with them."""
        if cells != self._now:
            self._now = cells
            self.update()

    @property
    def now_rect(self) -> QRectF | None:
        """The rectangle of the block that changes now."""
        return None if self._now is None or self._content is None else self._rect(*self._now)

    def set_letters(self, pixels: float, smallest: float = _SMALLEST) -> None:
        """Write numbers in letters of so many pixels of the screen, and none smaller than `smallest`.

        The largest cell grows with them.
        """
        if (pixels, smallest) != (self._letters, self._smallest):
            self._letters, self._smallest = pixels, smallest
            self._fit()
            self.updateGeometry()

    def stand_level(self) -> None:
        """Keep room for labels above the columns even without any, to be level with a map that has some."""
        self._level = True
        self._fit()

    def show_all(self) -> None:
        """Show all of the matrix again."""
        self._zoom = 0.0
        self._fit()

    def cell_rect(self, row: int, column: int) -> QRectF:
        """Return the rectangle of an entry on the widget now."""
        return self._rect(slice(row, row + 1), slice(column, column + 1))

    def entry_at(self, point: QPointF) -> tuple[int, int] | None:
        """Return the row and column of the entry at a point of the widget."""
        if self._content is None:
            return None
        row, column = self._rows.at(point.y()), self._columns.at(point.x())
        return None if row is None or column is None else (row, column)

    def texts(self) -> dict[tuple[int, int], str]:
        """Return the numbers as they are written, by row and column; none if there is no room for them."""
        return texts_of(self._look()) if self._content else {}

    def natural_size(self) -> QSize:
        """Return the size that the matrix needs with the largest cells."""
        width, height = self._largest_cell()
        left, top = self._margins()
        axes = ((self._columns, width, left), (self._rows, height, top))
        return QSize(*(math.ceil(a.count * cell + GAP * len(a.bands) + margin + 8) for a, cell, margin in axes))

    def sizeHint(self) -> QSize:
        return self.natural_size().boundedTo(QSize(1000, 800))

    # ---- places

    def _on_prepared(self, asked: Content, content: Content) -> None:
        if asked is self._asked:
            self._take(asked, content)
            self.arrived.emit()

    def _take(self, asked: Content, content: Content) -> None:
        """Show what was asked for, now that it is prepared."""
        self._asked = None
        before, self._content = self._content, content
        self._slide.stop()
        self._rows, self._columns = Axis(content.rows, self._rows), Axis(content.columns, self._columns)
        if before is None or before.values.shape != content.values.shape:
            self._zoom = 0.0
        elif before.name == content.name:
            for axis, old in ((self._rows, before.rows), (self._columns, before.columns)):
                if axis.bands != old and sorted(map(repr, axis.bands)) == sorted(map(repr, old)):
                    axis.came_from(old)
                    self._slide.start()
        if self._appearance.motion.still and self.sliding:
            self._slide.stop()
            self._on_slide(1.0)
        for band in (*content.rows, *content.columns):
            if band.label:
                self._typesetter.formula(band.label)
        self._fit()
        self._content_changed(another=before is None or not before.stands_for(content))
        self.updateGeometry()

    def _is_asked(self, *, another: bool) -> None:
        """A matrix was asked for, `another` or the same one with other numbers."""

    def _content_changed(self, *, another: bool) -> None:
        """A matrix is on the screen, `another` or the same one with other numbers or names."""

    def _moved(self) -> None:
        """Entries have moved."""

    def _fit(self) -> None:
        """Fit the axes to the widget."""
        if self._content is None:
            self.update()
            return
        width, height = self._largest_cell()
        left, top = self._margins()
        edge = 4.0  # room for a frame
        self._columns.fit(left, self.width() - left - edge, width, self._zoom)
        self._rows.fit(top, self.height() - top - edge, height, self._zoom)
        self._moved()
        self.update()

    def _largest_cell(self) -> tuple[float, float]:
        """Return width and height of a cell with its number in full letters."""
        wide = _advance(self._widest_text(), self._letters) + 0.8 * self._letters
        return max(_WIDTH * self._letters / _LETTERS, wide), _HEIGHT * self._letters / _LETTERS

    def _widest_text(self) -> str:
        """Return the longest number, of a sample if there are many."""
        content = self._content
        if content is None:
            return ""
        key = (content.blocks, self._appearance.digits)
        if self._widest[0] != key:
            values = content.values
            places = np.linspace(0, values.size - 1, min(values.size, _SAMPLED)).astype(np.intp)
            sample = [*values[np.unravel_index(places, values.shape)].tolist(), *content.extremes]
            texts = (self._appearance.written(value, content.rounds) for value in sample)
            self._widest = key, max(texts, key=len, default="")
        return self._widest[1]

    def _margins(self) -> tuple[float, float]:
        """Return the room for labels left of the rows and above the columns."""
        if self._content is None:
            return 0.0, 0.0
        pixels, left = self._label_pixels, 4.0
        for band in self._content.rows:
            if band.label:
                formula = self._typesetter.formula(band.label)
                left = max(left, (formula.size(pixels).width() if formula else 2 * pixels) + BRACKET + 4)
        labelled = self._level or any(band.label for band in self._content.columns)
        return left, round(1.45 * pixels + 12) if labelled else 4.0

    @property
    def _label_pixels(self) -> float:
        return 1.3 * self._letters

    def _rect(self, rows: slice, columns: slice) -> QRectF:
        (left, right), (top, bottom) = self._columns.span(columns), self._rows.span(rows)
        return QRectF(left, top, right - left, bottom - top)

    # ---- painting

    def _look(self) -> Look:
        assert self._content is not None
        return Look(
            appearance=self._appearance,
            rows=self._rows,
            columns=self._columns,
            values=self._content.values,
            blocks=self._content.blocks or {},
            gates=self._content.gates,
            rounds=self._content.rounds,
            letters=self._number_letters(),
        )

    def _number_letters(self) -> float:
        """Return the size of the numbers' letters; 0 if none fit that can be read."""
        height, width = self._rows.cell, self._columns.cell
        comfortable, tight = height * 0.68, height * 0.8
        letters = min(self._letters, max(comfortable, min(self._smallest, tight)))
        if height < _NUMBERS_FROM_PX or letters < self._smallest or not self._appearance.numbers:
            return 0.0
        wide = _advance(self._widest_text(), self._letters) / self._letters
        letters = math.floor(min(letters, (width - 4) / max(wide, 1e-6)))
        seen = math.prod(min(a.count, (a.room[1] - a.room[0]) / a.cell) for a in (self._rows, self._columns))
        too_many = self.sliding and seen > _SLIDING_NUMBERS
        return 0.0 if letters < self._smallest or too_many else letters

    def paintEvent(self, event: QPaintEvent) -> None:
        painter = QPainter(self)
        theme = self._appearance.theme
        if self._content is None:
            if self.preparing:
                painter.setFont(font(self._letters))
                painter.setPen(theme.muted)
                painter.drawText(self.rect(), Qt.AlignmentFlag.AlignCenter, "…")
            return
        look = self._look()
        self._picture.paint(painter, look, self.size(), self.devicePixelRatioF())
        if not self._picture.complete:
            self.update()
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        paint_bands(painter, look, self._typesetter, self._label_pixels)
        rest = None if self._resting == (-1, -1) else self.cell_rect(*self._resting)
        dashed, solid = ([self._rect(*part) for part in parts] for parts in reversed(self.lit))
        marked = None if self.marked is None else self._rect(self.marked, slice(0, self._columns.count))
        paint_frames(painter, look, rest=rest, dashed=dashed, solid=solid, marked=marked)
        if self._now is not None:
            paint_now(painter, look, self._rect(*self._now))

    def resizeEvent(self, event: QResizeEvent) -> None:
        self._fit()

    def _on_ready(self, latex: str) -> None:
        content = self._content
        if content is not None and any(band.label == latex for band in (*content.rows, *content.columns)):
            self._fit()
            self.updateGeometry()
            self.arrived.emit()

    def _on_slide(self, progress: float) -> None:
        for axis in (self._rows, self._columns):
            if axis.slide < 1:
                axis.slide = progress
        self._moved()
        self.update()


@lru_cache(256)
def _advance(text: str, letters: float) -> float:
    """Return the width of a text; each painting asks for it."""
    return QFontMetricsF(font(letters)).horizontalAdvance(text)
