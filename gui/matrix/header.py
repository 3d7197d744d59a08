"""The labels beside and above a table of numbers."""

from __future__ import annotations

from PySide6.QtCore import QSize, Qt
from PySide6.QtWidgets import QHeaderView, QWidget

from gui.matrix.number_grid import NumberGrid


class Header(QHeaderView):
    """Measures only its longest label; Qt measures 200 labels, one by one, whenever the table changes."""

    def __init__(self, grid: NumberGrid, orientation: Qt.Orientation, parent: QWidget) -> None:
        super().__init__(orientation, parent)
        self._grid = grid
        self.setSectionsClickable(True)  # as in the headers that a table makes

    def sizeHint(self) -> QSize:
        content = self._grid.content
        labels = content.columns if self.orientation() == Qt.Orientation.Horizontal else content.rows
        if not labels:
            return super().sizeHint()
        return self.sectionSizeFromContents(labels.index(max(labels, key=len)))
