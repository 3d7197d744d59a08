"""Shows a weight matrix that is too large for a table as colours, with the vectors of its layer beside it."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
from PySide6.QtCore import QSize, Signal
from PySide6.QtWidgets import QSizePolicy, QWidget

from engine.cell.provenance import Place
from engine.document.document import Document
from gui.appearance.theme import Appearance
from gui.appearance.typeset import Typesetter
from gui.jobs.background import Background
from gui.matrix.axis import Band
from gui.matrix.map import MatrixMap
from gui.widgets.field_note import FieldNote
from gui.widgets.layouts import in_row

_READS = {"m": ("x_t", "x"), "n": ("h_{t-1}", "hidden")}
"""What the columns of a block read, in LaTeX, and its role; by the symbol of the block's width."""
_VECTOR_WIDTH = 58
"""Pixels of one vector at 1080 lines: room for a number."""

Block = tuple[slice, slice]


class WeightMaps(QWidget):
    """Shows W, and each vector of its layer as a column beside it; a double click lets an entry be typed anew.

    Columns are counted through: those of W, then one for each vector. Each map is zoomed by itself.
    """

    rested = Signal(int, int)
    """Row and column of the number that the cursor rests on; -1, -1 when it leaves."""
    edited = Signal(str, object, float)
    """A weight's name, the place of an entry in it, and the number typed for it."""
    message = Signal(str)

    def __init__(self, appearance: Appearance, typesetter: Typesetter, background: Background) -> None:
        super().__init__()
        self._appearance = appearance
        self.matrix, self.vectors = (
            MatrixMap(appearance, typesetter, background, editable=True) for _ in ("matrix", "vectors")
        )
        layout = in_row(inside=self, margins=0, spacing=appearance.px(4))
        policies = QSizePolicy.Policy
        for shown, across in ((self.matrix, policies.Ignored), (self.vectors, policies.Fixed)):
            shown.setSizePolicy(across, policies.Ignored)
            shown.message.connect(self.message)
            layout.addWidget(shown)
        self.note = FieldNote(self)
        """Why the last paste was refused, until other weights are shown."""
        self.matrix.stand_level()
        self.vectors.stand_level()
        self.matrix.hovered.connect(self.rested)
        self.matrix.edited.connect(lambda row, column, value: self.edited.emit(self.matrix.name, (row, column), value))
        self.vectors.hovered.connect(self._on_vector_rested)
        self.vectors.edited.connect(lambda row, column, value: self.edited.emit(self._beside[column], (row,), value))

    def show_weights(self, document: Document, name: str, vectors: Sequence[str]) -> None:
        """Show a matrix with the vectors of its layer."""
        self.note.show_sentence("")
        weights, cell = document.weights, document.cell
        item = cell.described(name)
        rows = [Band("", len(weights[name]), item.role)]
        reads = {**_READS, "n": ("h_t", "hidden")} if name == "W_y" else _READS
        columns = [
            Band(latex, width, role)
            for axis, width in document.blocks(name).items()
            for latex, role in (reads.get(axis, ("", item.role)),)
        ]
        self.matrix.show_matrix(weights[name], name=name, rows=rows, columns=columns)
        self.vectors.setVisible(bool(vectors))
        self.vectors.setFixedWidth(self._appearance.px(_VECTOR_WIDTH * max(1, len(vectors))))
        if vectors:
            described = [cell.described(vector) for vector in vectors]
            self.vectors.show_matrix(
                np.column_stack([weights[vector] for vector in vectors]),
                name=" ".join(vectors),
                rows=rows,
                columns=[Band(vector.latex, 1, vector.role) for vector in described],
                entry_name=lambda row, column: f"{described[column].symbol}[{row + 1}]",
            )

    def forget(self) -> None:
        """Let go of the matrix that was shown; it may be the only thing that keeps it in memory."""
        for shown in (self.matrix, self.vectors):
            shown.show_matrix(np.zeros((1, 1)))

    def show_light(self, blocks: Sequence[Block]) -> None:
        """Frame blocks of rows and columns, counted through."""
        beside = [(rows, slice(c.start - self._width, c.stop - self._width)) for rows, c in blocks]
        self.matrix.show_light([block for block in blocks if block[1].start < self._width])
        self.vectors.show_light([block for block in beside if block[1].start >= 0])

    def entry_at(self, row: int, column: int) -> tuple[str, Place] | None:
        """Return the weight and the place of a number, counted through, of the matrix that is on the screen."""
        if row < 0 or column < 0:
            return None
        if column < self._width:
            return self.matrix.name, (row, column)
        beside = column - self._width
        return (self._beside[beside], (row,)) if beside < len(self._beside) else None

    @property
    def _width(self) -> int:
        """Columns of the matrix that is on the screen."""
        return int(self.matrix.values.shape[1])

    @property
    def _beside(self) -> list[str]:
        """Names of the vectors that are on the screen."""
        return self.vectors.name.split()

    def sizeHint(self) -> QSize:
        return QSize(self._appearance.px(280), self._appearance.px(220))

    def minimumSizeHint(self) -> QSize:
        return QSize(80, 60)

    def _on_vector_rested(self, row: int, column: int) -> None:
        self.rested.emit(row, column if column < 0 else self._width + column)
