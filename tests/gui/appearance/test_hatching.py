"""What is no finite number is hatched, wherever numbers are colours: the colour of 0 or -1 would be a number."""

from __future__ import annotations

import numpy as np
import pytest
from PySide6.QtCore import QPointF, QRectF
from PySide6.QtGui import QColor, QImage, QPainter
from PySide6.QtWidgets import QApplication, QWidget
from pytestqt.qtbot import QtBot

from engine.cell.cells import CELLS
from engine.runs.divergence import Divergence
from engine.runs.gradient_flow import layer_flows
from engine.runs.metrics import BEFORE_LAYERS, Metrics
from engine.text import numbers
from gui.appearance.hatching import INFINITE, NOT_A_NUMBER, WORDS, hatch, missing_in, veil
from gui.appearance.theme import Appearance
from gui.appearance.typeset import Typesetter
from gui.jobs.background import Background
from gui.matrix.axis import Band
from gui.matrix.map import MatrixMap
from gui.plots.axes import last_step_shown
from gui.plots.gate_maps import MAPS
from gui.plots.gate_picture import GatePicture, Place
from gui.views.flow.flow_map import FlowMap, Scale
from gui.views.health.saturation import percent

BAD = [float("nan"), float("inf"), float("-inf")]


def ink_in(image: QImage, area: QRectF, theme_ink: QColor) -> int:
    """How many pixels of an area have the colour of the lines."""
    inside = area.adjusted(2, 2, -2, -2).toRect()
    return sum(
        image.pixelColor(x, y).rgb() == theme_ink.rgb()
        for x in range(inside.left(), inside.right())
        for y in range(inside.top(), inside.bottom())
    )


def grabbed(qtbot: QtBot, widget: QWidget, width: int = 600, height: int = 160) -> QImage:
    qtbot.addWidget(widget)
    widget.resize(width, height)
    widget.show()
    QApplication.processEvents()
    return widget.grab().toImage()


def test_nan_is_crossed_and_infinity_barred(appearance: Appearance):
    values = np.array([[np.nan, np.inf, -np.inf, 1.0]])
    missing = missing_in(values)
    assert missing is not None
    assert missing.tolist() == [[NOT_A_NUMBER, INFINITE, INFINITE, 0]]
    image = QImage(160, 40, QImage.Format.Format_RGB32)
    image.fill(QColor("yellow"))
    painter = QPainter(image)
    hatch(painter, QRectF(0, 0, 160, 40), missing, appearance.theme)
    painter.end()

    def bars(left: int) -> list[bool]:
        """Which rows of a place are a line from side to side."""
        ink = QColor(appearance.theme.ink).rgb()
        return [all(image.pixelColor(x, y).rgb() == ink for x in range(left + 2, left + 38)) for y in range(40)]

    assert not any(bars(0))
    assert sum(bars(40)) == sum(bars(80)) >= 3
    assert not any(bars(120))


def test_what_is_to_come_is_pale_and_hatched_in_lines_that_can_be_seen(appearance: Appearance):
    theme = appearance.theme
    image = QImage(40, 40, QImage.Format.Format_RGB32)
    image.fill(QColor(theme.positive))
    painter = QPainter(image)
    veil(painter, QRectF(0, 0, 40, 40), theme)
    painter.end()
    found = {image.pixelColor(x, y).name() for x in range(40) for y in range(40)}
    assert QColor(theme.todo).name() in found
    pale = max(found, key=lambda name: QColor(name).lightness())
    assert QColor(theme.positive).lightness() + 60 < QColor(pale).lightness() < 255, "paler, but still a colour"


def test_only_places_without_a_number_are_hatched(appearance: Appearance):
    values = np.array([[0.0, np.nan], [np.inf, 1.0]])
    image = QImage(80, 80, QImage.Format.Format_RGB32)
    image.fill(QColor("yellow"))
    painter = QPainter(image)
    hatch(painter, QRectF(0, 0, 80, 80), missing_in(values), appearance.theme)
    painter.end()
    ink = QColor(appearance.theme.ink)
    quarters = {(r, c): QRectF(40 * c, 40 * r, 40, 40) for r in (0, 1) for c in (0, 1)}
    found = {place: ink_in(image, quarter, ink) > 20 for place, quarter in quarters.items()}
    assert found == {(0, 0): False, (0, 1): True, (1, 0): True, (1, 1): False}
    assert missing_in(np.zeros((2, 2))) is None


@pytest.mark.parametrize("bad", BAD)
def test_a_gate_that_is_no_number_is_hatched_and_its_title_says_so(appearance: Appearance, qtbot: QtBot, bad: float):
    picture = GatePicture(appearance)
    picture.set_maps(MAPS)
    grabbed(qtbot, picture, 1400)
    values = {name: np.full((4, 3), 0.5, dtype=np.float32) for name in MAPS}
    limits = dict.fromkeys(MAPS, (0.0, 1.0))
    values["f"][2, 1] = bad
    picture.show_values(values, limits)
    picture.update_titles()
    image = picture.grab().toImage()
    ink = QColor(appearance.theme.ink)

    def cell(unit: int, t: int) -> QRectF:
        centre = picture.centre(Place("f", unit, t))
        return QRectF(centre - QPointF(12, 12), centre + QPointF(12, 12))

    assert ink_in(image, cell(1, 2), ink) > 20
    assert ink_in(image, cell(1, 1), ink) == 0
    assert WORDS in picture.title("f")
    assert WORDS not in picture.title("i")
    values["f"][2, 1] = 0.5
    picture.show_values(dict(values), limits)
    picture.update_titles()
    assert WORDS not in picture.title("f")


@pytest.mark.parametrize("bad", BAD)
@pytest.mark.parametrize("size", [3, 200])
def test_an_entry_of_a_matrix_that_is_no_number_is_hatched(
    appearance: Appearance, typesetter: Typesetter, qtbot: QtBot, bad: float, size: int
):
    background = Background("maps")
    shown = MatrixMap(appearance, typesetter, background)
    values = np.zeros((size, size))
    values[: size // 3, : size // 3] = bad
    shown.show_matrix(values, name="W", rows=[Band("k", size, "cell")], columns=[Band("m", size, "x")])
    grabbed(qtbot, shown, 300, 300)
    qtbot.waitUntil(lambda: shown.entry_at(QPointF(150, 150)) is not None)
    image = shown.grab().toImage()
    first, last = shown.cell_rect(0, 0), shown.cell_rect(size - 1, size - 1)
    third = QRectF(first.topLeft(), shown.cell_rect(size // 3 - 1, size // 3 - 1).bottomRight())
    rest = QRectF(shown.cell_rect(size // 3, size // 3).topLeft(), last.bottomRight())
    ink = QColor(appearance.theme.ink)
    assert ink_in(image, third, ink) > 20
    if size > 3:  # where no numbers are written
        assert ink_in(image, rest, ink) == 0
    background.close()


def test_a_gradient_that_is_no_number_is_hatched_in_its_moment(
    appearance: Appearance, typesetter: Typesetter, qtbot: QtBot
):
    scale = Scale()
    scale.widen(np.array([-4.0, 0.0]))
    shown = FlowMap("C", scale, typesetter, appearance)
    grabbed(qtbot, shown)
    steps, norms = np.arange(0, 100, 10), np.full((10, 6), 0.1, dtype=np.float32)
    norms[7:] = np.nan
    norms[5, 2] = np.inf
    shown.show_moments(steps, norms, 95, ())
    places = shown.image.image
    lines = places == 1
    assert lines[:, -30:].any()
    assert not lines[:, :100].any()
    at = slice(*(round(step / last_step_shown(95) * places.shape[1]) for step in (52, 58)))
    assert lines[2, at].any()
    assert not lines[3, at].any()
    assert "NaN" in shown.told(shown.widget, 90, 3)
    assert "∞" in shown.told(shown.widget, 52, 3)
    assert "0.1" in shown.told(shown.widget, 20, 3)


def test_hovering_and_health_say_nan(appearance: Appearance):
    assert percent(float("nan")) == "NaN"
    assert [numbers.exact(value) for value in BAD] == ["NaN", "∞", "−∞"]
    assert [numbers.grouped(value) for value in BAD] == ["NaN", "∞", "−∞"]


def test_a_gate_that_has_no_number_is_neither_open_nor_shut():
    cell = CELLS["lstm"]()
    rng = np.random.default_rng(0)
    weights = {f"W_{g}": rng.normal(size=(3, 5)) for g in "fiCo"} | {f"b_{g}": np.zeros(3) for g in "fiCo"}
    weights["W_f"][0, 0] = np.nan
    (flow,) = layer_flows(cell, [weights], np.ones((4, 2, 2)), np.ones((4, 2, 3)))
    assert np.isnan(flow.saturation["f_t"]).all()


def test_why_a_run_ended_is_found_in_its_metrics():
    rows = np.full((10, 3), 0.5, dtype=np.float32)
    rows[7:, 0] = np.nan
    rows[6, 2] = np.inf
    seen = Divergence()
    for part in np.array_split(rows, 3):
        seen.see(Metrics(BEFORE_LAYERS[:3], part))
    assert seen.sentence.startswith("The loss became NaN at step 8; the last finite gradient norm was 0.5, at step 6.")
