"""The diagram in words: its parts with their values as a tree, and each operation as it is computed."""

from __future__ import annotations

from PySide6.QtCore import QRectF
from PySide6.QtGui import QAccessible
from PySide6.QtWidgets import QGraphicsView

from engine.cell.graph import CONCATENATE, Operation
from engine.explain.explanation import heading_of
from engine.explain.parts import CELL, LINE
from gui.diagram.frame import Frame
from gui.diagram.scene import CellScene
from gui.diagram.stops import stops_of
from gui.spoken.news import announce, listed
from gui.spoken.tree import SpokenPart, SpokenTree


class DiagramTold:
    """Tells a screen reader what the diagram of a view shows."""

    def __init__(self, view: QGraphicsView, scene: CellScene) -> None:
        self._view, self._scene = view, scene
        self._tree = SpokenTree(view.viewport(), self._parts)
        self._computed: tuple[str, ...] | None = None
        scene.shown.connect(self._on_shown)

    def _on_shown(self) -> None:
        """The scene shows another moment: say which operation is complete now, if one is."""
        if not QAccessible.isActive():
            return
        self._tree.changed()
        frame = self._scene.frame
        if frame is None or frame.move is None or frame.moving:
            self._computed = None if frame is None or frame.move is None else self._computed
            return
        now = (frame.when, frame.move.operation, frame.move.target)
        if now != self._computed:
            self._computed = now
            target = frame.move.target  # a weight has a gradient, and no numbers in the diagram
            said = f": {self._values(frame, target)}" if target in frame.values else ""
            announce(self._view, f"{_symbol(frame, target)} computed{said}")

    def _values(self, frame: Frame, name: str) -> str:
        rounds = frame.rounds(name)
        return listed(frame.values[name], lambda value: self._scene.written(value, rounds))

    def _parts(self) -> list[SpokenPart]:
        frame = self._scene.frame
        if frame is None:
            return []
        inputs = {item.name for item in frame.cell.inputs}
        found = []
        for stop in stops_of(self._scene, frame.cell):
            at = self._view.mapFromScene(QRectF(stop.ring.boundingRect())).boundingRect()
            name, about = heading_of(frame.cell, stop.place) if stop.place not in (CELL, LINE) else ("", "")
            if stop.place == CELL:
                name, about = "Cell", ", ".join(filter(None, (frame.when, frame.phase)))
            elif stop.place == LINE:
                name, about = "Cell line", "carries the cell state from one time step to the next"
            else:
                name = self._named(frame, stop.place, name)
            outside = stop.place == CELL or stop.place in inputs
            found.append(SpokenPart(stop.place, name, about, at, "" if outside else CELL))
        return found

    def _named(self, frame: Frame, place: str, name: str) -> str:
        """Return what a part says: "forget gate, 3 units: 0.50, 0.80, 0.90"."""
        size = frame.size(place)
        one, many = ("entry", "entries") if _is_read(frame, place) else ("unit", "units")
        gradient = f"gradient of {name}" if frame.backwards else name
        said = self._values(frame, place) if place in frame.known else "not computed yet"
        return f"{gradient}, {size:,} {one if size == 1 else many}: {said}"


def _is_read(frame: Frame, name: str) -> bool:
    """Whether a value is what the layers read, x or x and h together: its entries are no units."""
    item = frame.cell.described(name)
    return item.kind is CONCATENATE if isinstance(item, Operation) else name not in frame.cell.carried


def _symbol(frame: Frame, name: str) -> str:
    symbol = frame.cell.described(name).symbol
    return f"∂L/∂{symbol}" if frame.backwards else symbol
