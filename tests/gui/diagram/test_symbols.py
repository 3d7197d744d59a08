"""Nothing in the diagram overflows its place: no symbol touches a column, an operation, a line, or another symbol."""

from __future__ import annotations

from itertools import combinations

import numpy as np
import pytest
from PySide6.QtCore import QRectF
from PySide6.QtGui import QPainterPath, QPainterPathStroker
from pytestqt.qtbot import QtBot

from engine.cell.backward import go_back
from engine.cell.cells import CELLS
from engine.document.document import Document, blank
from engine.document.tracing import trace_document
from gui.appearance.theme import Appearance
from gui.appearance.typeset import Typesetter
from gui.diagram.items import NodeItem, SwitchItem, WireItem
from gui.diagram.paths import rounded_path
from gui.diagram.scene import CellScene
from gui.diagram.symbols.item import SymbolItem
from gui.playback.walk import Moment

RING, GLOW = 5.5, 9.0
"""So far the ring of a column that is being computed reaches, and the glow of an operation that works."""


def line_of(wire: WireItem) -> QPainterPath:
    stroker = QPainterPathStroker()
    stroker.setWidth(wire.width)
    return stroker.createStroke(rounded_path(wire.wire.points))


def symbols_of(scene: CellScene) -> dict[str, QRectF]:
    """Return where each symbol stands, by its LaTeX."""
    items = [item for item in scene.items() if isinstance(item, SymbolItem)]
    return {item.latex: item.mapRectToScene(item.boundingRect()) for item in items}


def places_of(scene: CellScene) -> dict[str, QRectF]:
    """Return columns with their rings, operations with their glow, and the switch of the output."""
    found = {}
    for key, column in scene.columns.items():
        found[key] = column.mapRectToScene(column.column()).adjusted(-RING, -RING, RING, RING)
    for item in scene.items():
        if isinstance(item, NodeItem):
            shape = item.mapRectToScene(item.shape_rect())
            found[f"operation of {item.node.operations[-1]}"] = shape.adjusted(-GLOW, -GLOW, GLOW, GLOW)
        elif isinstance(item, SwitchItem) and item.isVisible():
            found["switch"] = item.mapRectToScene(item.boundingRect())
    return found


def assert_nothing_touches(scene: CellScene, about: object) -> None:
    symbols, places = symbols_of(scene), places_of(scene)
    assert len(symbols) == len(scene.columns)
    lines = [(item.wire.value, line_of(item)) for item in scene.items() if isinstance(item, WireItem)]
    names = [(label.label.place, label.used(scale)) for label in scene.labels for scale in (0.59, 0.99, 1.6)]
    for latex, rect in symbols.items():
        assert not rect.isEmpty(), latex
        assert scene.sceneRect().contains(rect), (latex, about)
        for name, place in [*places.items(), *names]:
            assert not rect.intersects(place), (latex, name, about)
        for value, line in lines:
            assert not line.intersects(rect), (latex, f"line of {value}", about)
    for (one, left), (other, right) in combinations(symbols.items(), 2):
        assert not left.intersects(right), (one, other, about)


def forms(cell: str, k: int) -> list[Document]:
    """Return a cell of k units in all its forms."""
    plain = blank(k, k, k, seed=1, cell_name=cell)
    found = [plain, plain.with_order("h,x"), plain.with_output("softmax")]
    if cell != "rnn":
        found += [form.with_sampled(1) for form in (plain, plain.with_output("sigmoid"))]
    if cell not in ("rnn", "gru", "gru-2014") and k > 1:
        projected = blank(k, k - 1, k, seed=1, cell_name=cell)
        found += [projected, projected.with_output("softmax"), projected.with_sampled(1)]
    return found


@pytest.mark.parametrize("hall", [False, True])
@pytest.mark.parametrize("cell", CELLS)
def test_no_symbol_touches_anything(
    cell: str, hall: bool, appearance: Appearance, typesetter: Typesetter, qtbot: QtBot
) -> None:
    appearance.present(hall)
    scene = CellScene(appearance, typesetter, clickable=True)
    for k in (1, 2, 3, 8):
        for number, document in enumerate(forms(cell, k)):
            trace = trace_document(document)
            last = len(trace.cell.operations)
            for done in range(last + 1) if k == 3 and number < 4 else (0, last):
                scene.show_moment(trace, Moment(0, done, 1.0))
                qtbot.waitUntil(typesetter.idle)
                assert_nothing_touches(scene, (k, number, done))


@pytest.mark.parametrize("cell", CELLS)
def test_no_symbol_of_a_gradient_touches_anything(
    cell: str, appearance: Appearance, typesetter: Typesetter, qtbot: QtBot
) -> None:
    scene = CellScene(appearance, typesetter, clickable=True)
    for k in (1, 3):
        trace = trace_document(blank(k, k, k, seed=1, cell_name=cell).with_output("sigmoid"))
        way = go_back(trace, {"y_t": np.ones_like(trace.steps[0]["y_t"])})
        for position in (0, 1, len(way.moves) // 2, len(way.moves)):
            scene.show_back(way, position, 1.0)
            qtbot.waitUntil(typesetter.idle)
            assert_nothing_touches(scene, (k, position))


def test_symbols_keep_their_places_while_a_walk_goes_on(
    appearance: Appearance, typesetter: Typesetter, qtbot: QtBot
) -> None:
    """Letters get smaller where room is short, but by no more than a quarter."""
    appearance.present(True)
    trace = trace_document(blank(1, 1, 1, seed=1))
    scene = CellScene(appearance, typesetter, clickable=True)
    seen: dict[str, set[tuple[float, ...]]] = {}
    for done in range(len(trace.cell.operations) + 1):
        scene.show_moment(trace, Moment(0, done, 1.0))
        qtbot.waitUntil(typesetter.idle)
        for latex, rect in symbols_of(scene).items():
            seen.setdefault(latex, set()).add(tuple(round(edge, 3) for edge in rect.getCoords()))
            formula = typesetter.formula(latex)
            assert formula is not None
            assert rect.height() >= 0.72 * formula.size(35).height() - 0.01
    assert {latex: len(places) for latex, places in seen.items() if len(places) > 1} == {}
