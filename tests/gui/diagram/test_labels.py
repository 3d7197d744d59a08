"""The diagram names its parts: the names touch nothing, can be read, and are switched by a command."""

from __future__ import annotations

from itertools import combinations

import numpy as np
import pytest
from PySide6.QtGui import QFontMetricsF
from pytestqt.qtbot import QtBot

from engine.cell.cells import CELLS
from engine.document.document import blank
from engine.document.examples import load_example
from engine.document.tracing import trace_document
from gui.appearance.stored import Stored
from gui.appearance.theme import Appearance, font
from gui.appearance.typeset import Typesetter
from gui.diagram.items import NodeItem, WireItem
from gui.diagram.layout import CELL_WIDTH
from gui.diagram.scene import CellScene
from gui.diagram.symbols.item import SymbolItem
from gui.playback.walk import Moment
from gui.window.main_window import MainWindow
from tests.gui.conftest import Windows
from tests.gui.driving import Key, press, traced, trigger

SCALES = (0.42, 0.59, 0.75, 0.99, 1.6)


def names(scene: CellScene, scale: float = 1.0) -> list[str]:
    return [" ".join(row.text for row in label.rows(scale)) for label in scene.labels]


def scene_of(cell: str, output: str | None, projected: bool, appearance: Appearance, letters: Typesetter) -> CellScene:
    document = blank(3, 2 if projected else 3, 3, seed=1, cell_name=cell)
    if output is not None:
        document = document.with_output(output)
    scene = CellScene(appearance, letters, clickable=True)
    trace = trace_document(document)
    scene.show_moment(trace, Moment(0, len(trace.cell.operations), 1.0))
    return scene


FORMS = [(cell, output, False) for cell in CELLS for output in (None, "softmax")]
FORMS += [
    (cell, output, True) for cell in CELLS if cell not in ("rnn", "gru", "gru-2014") for output in (None, "softmax")
]


@pytest.mark.parametrize(("cell", "output", "projected"), FORMS)
def test_no_name_touches_anything(
    cell: str, output: str | None, projected: bool, appearance: Appearance, typesetter: Typesetter, qtbot: QtBot
) -> None:
    scene = scene_of(cell, output, projected, appearance, typesetter)
    qtbot.waitUntil(typesetter.idle)
    items = scene.items()
    taken = {column.slot.values[0]: column.column().translated(column.pos()) for column in scene.columns.values()}
    for number, item in enumerate(items):
        if isinstance(item, NodeItem):
            taken[f"node {item.node.text} {number}"] = item.shape_rect().translated(item.pos())
        elif isinstance(item, SymbolItem):
            taken[f"symbol {number}"] = item.boundingRect().translated(item.pos())
    wires = [item for item in items if isinstance(item, WireItem)]
    for scale in SCALES:
        used = [(label, label.used(scale)) for label in scene.labels]
        used = [(label, rect) for label, rect in used if not rect.isEmpty()]
        for label, rect in used:
            for name, box in taken.items():
                assert not rect.intersects(box), (label.label.place, name, scale)
            for wire in wires:
                assert not wire.shape().intersects(rect), (label.label.place, wire.wire.value, scale)
            assert scene.sceneRect().contains(rect), (label.label.place, scale)
        for (one, left), (other, right) in combinations(used, 2):
            assert not left.intersects(right), (one.label.place, other.label.place, scale)


@pytest.mark.parametrize("scale", SCALES)
def test_letters_can_be_read_and_purposes_stand_only_where_there_is_room(
    scale: float, appearance: Appearance, typesetter: Typesetter
) -> None:
    scene = scene_of("lstm", None, False, appearance, typesetter)
    for label in scene.labels:
        for row in label.rows(scale):
            assert row.letters * scale >= 12
    shown = names(scene, scale)
    parts = ("forget gate", "input gate", "candidate", "output gate", "hidden state", "cell state", "the cell")
    for part in parts:
        assert any(name.startswith(part) for name in shown), part
    assert any("what of C is kept" in name for name in shown) is (scale >= 12 / 15)
    if scale >= 0.59:
        assert "to the output, or the next layer\u00a0↑" in shown
        assert shown.count("to the next time step\u00a0→") == 2


@pytest.mark.parametrize("cell", CELLS)
def test_names_in_one_line_are_shown_all_or_none(cell: str, appearance: Appearance, typesetter: Typesetter) -> None:
    """In a hall letters are large: of five names two would have room."""
    scene = scene_of(cell, None, False, appearance, typesetter)
    foot = max(label.label.room[1] for label in scene.labels if not label.words.quiet)
    line = [label for label in scene.labels if label.label.room[1] == foot]
    seen = set()
    for scale in np.linspace(0.4, 2.0, 60):
        for label in line:
            label.smallest_px = 24
        shown = {bool(label.rows(scale)) for label in line}
        assert len(shown) == 1
        seen |= shown
    assert seen == {False, True}


def test_other_cells_have_other_names(window: MainWindow, qtbot: QtBot) -> None:
    trigger(window, "cell gru")
    traced(qtbot, window)
    words = {label.words.name for label in window.scene.labels}
    assert {"update gate", "reset gate", "candidate", "hidden state", "the cell"} <= words
    assert not words & {"forget gate", "cell state", "output gate"}
    window.model.undo_stack.setClean()


def test_names_are_switched_and_remembered(windows: Windows, settings: Stored) -> None:
    window = windows.open(settings)
    assert window.actions_by_name["names"].isChecked()
    assert len(window.scene.labels) > 5
    trigger(window, "names")
    assert not window.actions_by_name["names"].isChecked()
    assert window.scene.labels == []
    windows.close(window)
    again = windows.open(settings)
    assert again.scene.labels == []
    trigger(again, "names")
    assert len(again.scene.labels) > 5
    windows.close(again)


def test_the_time_step_is_said_with_and_without_names(window: MainWindow, qtbot: QtBot) -> None:
    window.model.replace(load_example("four-steps"), "")
    traced(qtbot, window)
    window.playback.seek_step(1)
    assert "the cell, t = 2 of 4" in names(window.scene)
    assert window.timeline.where == "t = 2 of 4"
    trigger(window, "names")
    assert names(window.scene) == ["t = 2 of 4"]
    trigger(window, "names")
    press(Key.Key_F5)
    assert "the cell, t = 2 of 4" in names(window.scene)
    window.presenting.end()


def test_the_names_of_the_present_phase_are_marked(window: MainWindow, qtbot: QtBot) -> None:
    traced(qtbot, window)

    def marked() -> set[str]:
        return {label.words.name for label in window.scene.labels if label.lit}

    assert marked() == set()
    for operation, lit in {
        "f_t": {"forget gate"},
        "a_i": {"input gate", "candidate"},
        "kept": {"cell state"},
        "h_t": {"output gate", "hidden state"},
    }.items():
        window.commands.run(f"operation {operation}")
        assert marked() == lit


@pytest.mark.parametrize("size", [1, 3, 5, 12, 40])
@pytest.mark.parametrize("values", [[1.2e-4], [-1234.56], [10_000.0], [-99_999.4], [1e100], [-3.2e-17], [0.1, -1e4]])
def test_no_number_leaves_its_cell(
    size: int, values: list[float], appearance: Appearance, typesetter: Typesetter
) -> None:
    document = blank(size, size, size, seed=1)
    x = [[values[i % len(values)] for i in range(size)]]
    trace = trace_document(document.with_inputs(x=x))
    for scale in SCALES:
        scene = CellScene(appearance, typesetter, clickable=True)
        scene.show_moment(trace, Moment(0, len(trace.cell.operations), 1.0))
        for column in scene.columns.values():
            letters, texts = column.lettering(scale)
            widths = [QFontMetricsF(font(letters)).horizontalAdvance(text) for text in texts]
            assert all(width <= CELL_WIDTH - 6 for width in widths), (texts, scale)
            assert not texts or letters <= column.cell_height


def test_a_long_sequence_says_where_it_is_with_thousands_apart(appearance: Appearance, typesetter: Typesetter) -> None:
    trace = trace_document(blank(1, 1, 1).with_inputs(x=np.zeros((1001, 1))))
    scene = CellScene(appearance, typesetter, clickable=True)
    scene.show_moment(trace, Moment(1000, 0, 1.0))
    assert "the cell, t = 1,001 of 1,001" in names(scene)
