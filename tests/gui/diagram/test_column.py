"""A vector of the diagram, with numbers that a network has when it has diverged, and what its tooltip says."""

from __future__ import annotations

import numpy as np
import pytest
from numpy.typing import NDArray
from PySide6.QtCore import QEvent, QPointF
from PySide6.QtGui import QColor, QImage
from PySide6.QtWidgets import QGraphicsSceneHoverEvent, QGraphicsView
from pytestqt.qtbot import QtBot

from gui.appearance.theme import Appearance
from gui.diagram.column import ColumnItem, NumberScene
from gui.diagram.layout import Slot

INF, NAN = float("inf"), float("nan")


class Stage:
    """A column alone in a scene, on the screen."""

    def __init__(self, qtbot: QtBot, appearance: Appearance) -> None:
        self.appearance = appearance
        self.column = ColumnItem(Slot(("C_t",), (0.0, 0.0), 500), appearance.theme)
        self.scene = NumberScene()
        self.scene.addItem(self.column)
        self.view = QGraphicsView(self.scene)
        qtbot.addWidget(self.view)
        self.view.resize(300, 600)
        self.view.show()
        qtbot.waitExposed(self.view)

    def show(self, values: NDArray[np.float64], *, gate: bool = False) -> QImage:
        self.column.show_values("C_t", values, "cell", rounds=False, gate=gate, fill=1.0, now=False)
        return self.view.grab().toImage()

    def colour(self, image: QImage, row: int) -> QColor:
        box = self.column.column()
        at = QPointF(box.left() + 4, box.top() + (row + 0.75) * self.column.cell_height)
        return image.pixelColor(self.view.mapFromScene(at))

    def rest(self, row: int) -> str:
        event = QGraphicsSceneHoverEvent(QEvent.Type.GraphicsSceneHoverMove)
        event.setPos(QPointF(0, self.column.column().top() + (row + 0.5) * self.column.cell_height))
        self.column.hoverMoveEvent(event)
        return self.column.toolTip()


@pytest.fixture
def stage(qtbot: QtBot, appearance: Appearance) -> Stage:
    return Stage(qtbot, appearance)


def near(one: QColor, other: QColor) -> bool:
    return all(abs(a - b) <= 3 for a, b in zip(one.getRgb(), other.getRgb(), strict=True))


@pytest.mark.parametrize("gate", [False, True])
@pytest.mark.parametrize("size", [5, 900])
def test_what_is_no_finite_number_is_painted_like_the_rest(stage: Stage, size: int, gate: bool) -> None:
    values = np.linspace(-1, 1, size)
    values[:3] = INF, -INF, NAN
    image = stage.show(values, gate=gate)
    assert len({image.pixelColor(x, y).name() for x in range(0, 300, 5) for y in range(0, 600, 5)}) > 2


def test_what_is_no_finite_number_has_lines_and_leaves_the_others_their_colours(stage: Stage) -> None:
    image = stage.show(np.array([INF, -INF, NAN, 2.0, -2.0]))
    theme = stage.appearance.theme
    for row, colour in {3: theme.positive, 4: theme.negative}.items():
        assert near(stage.colour(image, row), QColor(colour)), row
    for row in range(3):  # NaN is crossed, ∞ barred: never a colour of the scale
        assert any(near(stage.colour(image, row), QColor(colour)) for colour in (theme.panel, theme.ink)), row
    assert [stage.rest(row).rpartition(" ")[2] for row in range(3)] == ["∞", "−∞", "NaN"]


def test_many_entries_are_coloured_by_the_usual_ones_and_the_tooltip_says_so(stage: Stage) -> None:
    values = np.full(5000, 0.04)
    values[7] = 100.0
    image = stage.show(values)
    assert near(image.pixelColor(stage.view.mapFromScene(0.0, 0.0)), QColor(stage.appearance.theme.positive))
    assert "colours: ±0.04" in stage.rest(2000)
    stage.show(np.full(3, 0.04))
    assert "colours" not in stage.rest(1)


def test_the_scene_says_what_an_entry_is(stage: Stage) -> None:
    stage.show(np.array([1.0, 2.0]))
    assert stage.rest(1) == "C_t, entry 2 of 2: 2"
    stage.column.describe = lambda entry: f"C[{entry + 1}] = two"
    assert stage.rest(1) == "C[2] = two"


def test_gradients_are_coloured_by_their_own_largest(qtbot: QtBot, appearance: Appearance) -> None:
    stage = Stage(qtbot, appearance)
    small = np.array([1e-7, -1e-7, 0.0])

    def colours(values: NDArray[np.float64], *, fine: bool) -> list[str]:
        stage.column.show_values("C_t", values, "cell", rounds=False, gate=False, fill=1.0, now=False, fine=fine)
        image = stage.view.grab().toImage()
        return [stage.colour(image, row).name() for row in range(3)]

    assert len(set(colours(small, fine=False))) == 1  # as pale as 0
    fine = colours(small, fine=True)
    assert fine == colours(1e7 * small, fine=False)
    assert len(set(fine)) == 3
    assert colours(np.zeros(3), fine=True)[0] == colours(np.zeros(3), fine=False)[0]


def test_an_entry_of_many_is_told_with_thousands_apart(stage: Stage) -> None:
    stage.show(np.zeros(1024))
    assert stage.rest(1023).startswith("C_t, entry 1,024 of 1,024: 0")
