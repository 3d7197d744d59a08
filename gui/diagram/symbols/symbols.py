"""The symbols of all columns of a diagram, arranged together."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping

from PySide6.QtCore import QSizeF
from PySide6.QtGui import QColor

from gui.appearance.typeset import Typesetter
from gui.diagram.column import ColumnItem
from gui.diagram.items import NodeItem, WireItem
from gui.diagram.symbols.item import SymbolItem
from gui.diagram.symbols.room import SymbolRoom, drawn_line


class Symbols:
    """A symbol for each column, by its slot; their sizes are worked out once for each state of the diagram."""

    def __init__(self, typesetter: Typesetter) -> None:
        self._typesetter = typesetter
        self.items: dict[str, SymbolItem] = {}
        self._fitted: dict[object, dict[str, float]] = {}

    def begin(self, slots: Iterable[str]) -> None:
        """Begin with another diagram."""
        self._fitted.clear()
        self.items = {slot: SymbolItem(self._typesetter) for slot in slots}

    def shows(self, latex: str) -> bool:
        """Whether one of them is that symbol."""
        return any(item.latex == latex for item in self.items.values())

    def show(
        self,
        columns: Mapping[str, ColumnItem],
        among: tuple[Iterable[NodeItem], Iterable[WireItem]],
        latex: Callable[[str], str],
        colour: Callable[[ColumnItem], QColor],
        letters: float,
    ) -> None:
        """Show what each column shows, in letters of a size or as much smaller as is needed to touch nothing.

        among: the operations and the lines that they stand among. latex: returns the symbol of a value.
        """
        symbols = {key: latex(column.name) for key, column in columns.items()}
        boxes = {key: column.column().translated(column.pos()) for key, column in columns.items()}
        formulas = {key: self._typesetter.formula(symbol) for key, symbol in symbols.items()}
        state = letters, tuple(symbols.values()), tuple(box.height() for box in boxes.values())
        fitted = self._fitted.get(state)
        if fitted is None:
            natural = {key: formula.size(1.0) if formula else QSizeF(0, 0) for key, formula in formulas.items()}
            nodes, wires = among
            shapes = [node.shape_rect().translated(node.pos()) for node in nodes]
            room = SymbolRoom(shapes, [drawn_line(wire.wire, wire.width) for wire in wires], boxes)
            fitted = room.letters({key: column.slot for key, column in columns.items()}, natural, letters)
            if all(formulas.values()):
                self._fitted[state] = fitted
        for key, column in columns.items():
            self.items[key].show_symbol(symbols[key], colour(column), fitted[key], boxes[key], column.slot.label)
