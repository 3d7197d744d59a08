"""A number has one colour: whatever map, column, table or text it stands in, in the same theme."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import replace

import numpy as np
import pytest
from numpy.typing import NDArray
from PySide6.QtCore import QPointF
from PySide6.QtGui import QColor, QImage
from PySide6.QtWidgets import QApplication, QGraphicsView, QWidget
from pytestqt.qtbot import QtBot

from engine.cell.cells import CELLS
from engine.cell.trace import Trace
from gui.appearance.colour_maps import lasting_limits, own_limits, places_of, table_of
from gui.appearance.stored import Stored
from gui.appearance.theme import THEMES, Appearance
from gui.appearance.typeset import Typesetter
from gui.diagram.column import ColumnItem, NumberScene
from gui.diagram.layout import Slot
from gui.jobs.background import Background
from gui.matrix.map import MatrixMap
from gui.matrix.number_grid import Content, NumberGrid
from gui.plots.compare_gates import Column, CompareGates
from gui.plots.gate_maps import MAPS, Ranges
from gui.plots.gate_picture import GatePicture, Place
from gui.training.gates import GatesPlot
from gui.views.sequence.state_maps import MapRow, StateMaps, courses_of
from tests.engine.recordings import snapshot

LSTM = CELLS["lstm"]()
STATE = np.array([-2.0, -1.3, -0.4, 0.0, 0.01, 0.77, 2.0])
GATE = np.array([0.0, 0.02, 0.25, 0.5, 0.61, 0.98, 1.0])
VALUES = {"C": STATE, "h": STATE / 2, "f": GATE}


@pytest.fixture(params=THEMES)
def appearance(settings: Stored, request: pytest.FixtureRequest) -> Appearance:
    return Appearance(settings, request.param)


@pytest.fixture
def background() -> Iterator[Background]:
    background = Background("maps")
    yield background
    background.close()


@pytest.fixture
def grabbed(qtbot: QtBot) -> Callable[[QWidget], QImage]:
    def grab(widget: QWidget) -> QImage:
        qtbot.addWidget(widget)
        widget.resize(1400, 420)
        widget.show()
        QApplication.processEvents()
        return widget.grab().toImage()

    return grab


def trained() -> dict[str, NDArray[np.float32]]:
    """Values of an LSTM over two steps, the second as the first."""
    values = {name: np.zeros((2, 7), np.float32) for name in MAPS}
    return values | {name: np.stack([unit, unit]).astype(np.float32) for name, unit in VALUES.items()}


def colours(image: QImage, points: list[QPointF]) -> list[str]:
    return [image.pixelColor(point.toPoint()).name() for point in points]


@pytest.mark.parametrize("name", VALUES)
def test_a_number_has_the_same_colour_wherever_it_is_shown(
    appearance: Appearance,
    typesetter: Typesetter,
    background: Background,
    qtbot: QtBot,
    grabbed: Callable[[QWidget], QImage],
    name: str,
) -> None:
    spec, values, units = MAPS[name], VALUES[name], range(7)
    limits = own_limits(values, spec.gate_role)
    places = places_of(values, limits)
    expected = [QColor(*rgb).name() for rgb in table_of(appearance.theme, spec.gate_role)[places].tolist()]
    assert len(set(expected)) >= 6

    picture = GatePicture(appearance)
    picture.set_maps(MAPS)
    grabbed(picture)
    picture.show_values(trained(), Ranges().limits(MAPS, trained()))
    image = picture.grab().toImage()
    assert colours(image, [picture.centre(Place(name, unit, 1)) for unit in units]) == expected, "gates"

    shown = replace(snapshot(3), gates=(trained(),))
    compare = CompareGates(appearance)
    compare.show_columns([Column("a", LSTM, shown), Column("b", LSTM, shown)])
    grabbed(compare)
    compare.value.setCurrentIndex(compare.value.findData(name))
    compare.value.activated.emit(compare.value.currentIndex())
    image, box = compare.maps.grab().toImage(), compare.maps.boxes()[1]
    at = [QPointF(box.left() + box.width() / 4, box.top() + (unit + 0.5) * box.height() / 7) for unit in units]
    assert colours(image, at) == expected, "comparison"

    scene = NumberScene()
    column = ColumnItem(Slot((spec.name,), (0.0, 0.0), 380), appearance.theme)
    scene.addItem(column)
    view = QGraphicsView(scene)
    column.show_values(spec.name, values, spec.role, rounds=False, gate=spec.gate, fill=1.0, now=False)
    image, box = grabbed(view), column.column()
    points = [QPointF(box.left() + 5, box.top() + (unit + 0.5) * column.cell_height) for unit in units]
    assert colours(image, [QPointF(view.mapFromScene(point)) for point in points]) == expected, "diagram"

    matrix = MatrixMap(appearance, typesetter, background)
    matrix.show_matrix(values, name=spec.name, gate_role=spec.gate_role)
    grabbed(matrix)
    qtbot.waitUntil(lambda: matrix.grab() is not None and matrix.complete)
    image = matrix.grab().toImage()
    corners = [matrix.cell_rect(unit, 0).topLeft() + QPointF(3, 3) for unit in units]
    assert colours(image, corners) == expected, "matrix"

    if not spec.gate:
        steps = tuple({"x_t": np.zeros(2), "C_t": VALUES["C"], "h_t": VALUES["h"]} for _ in range(2))
        (course,) = courses_of(Trace(LSTM, {"m": 2, "n": 7, "k": 7}, {}, steps))
        maps = StateMaps(typesetter, appearance)
        maps.show_rows([MapRow(course, f"{name}_t", 2)], None)
        image = grabbed(maps)
        assert colours(image, [maps.cell_rect(0, 1, unit).center() for unit in units]) == expected, "sequence"

        table = NumberGrid(appearance)
        table.show_content(Content(values[:, None], tuple("1234567"), ("h",)))
        found = [table.look(unit, 0)[1].name() for unit in units]
        assert found == expected, "table"


def test_the_gates_and_a_comparison_call_a_value_alike(appearance: Appearance, qtbot: QtBot) -> None:
    compare, gates = CompareGates(appearance), GatesPlot(appearance)
    qtbot.addWidget(compare)
    qtbot.addWidget(gates)
    compare.show_columns([Column("a", LSTM, None)])
    names = [compare.value.itemText(index) for index in range(compare.value.count())]
    assert names == [MAPS[compare.value.itemData(index)].words for index in range(len(names))]
    assert names[0] == "forget gate f"


@pytest.mark.parametrize("limits", [(-1.0, 1.0), (0.0, 1.0), (0.2, 0.7), (-1e300, 1e300), (-1e-310, 1e-310)])
def test_every_number_has_a_place(limits: tuple[float, float]) -> None:
    low, high = limits
    values = np.array([np.nan, np.inf, -np.inf, 0, low, high, 1e308])
    nan, plus, minus, zero, first, last, _ = places_of(values, limits)
    assert (first, last) == (minus, plus) == (0, 255)
    assert nan == zero, "what is hatched has the colour of 0 beneath"


@pytest.mark.parametrize("kind", [np.float32, np.float64])
def test_colours_are_the_nearest_and_alike_on_both_sides_of_zero(kind: type[np.floating]) -> None:
    values = np.sort(np.random.default_rng(0).uniform(-1, 1, 1000).astype(kind))
    places = places_of(values, (-1, 1)).astype(int)
    assert np.abs(places - (values + 1.0) * 127.5).max() <= 0.5001
    assert np.array_equal(places + places_of(-values, (-1, 1)), np.full(1000, 255))
    assert (np.diff(places) >= 0).all()


@pytest.mark.parametrize(("size", "limit"), [(0.0, 1.0), (0.3, 1.0), (1.0, 1.0), (1.1, 2.0), (3.0, 5.0), (35.0, 50.0)])
def test_a_range_that_lasts_is_rounded_up_and_one_at_least(size: float, limit: float) -> None:
    assert lasting_limits(size) == (-limit, limit)
