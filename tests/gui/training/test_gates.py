"""The heatmaps: each number of a snapshot in its colour, for any cell, layer, example and choice of ranges."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace

import numpy as np
import pytest
from PySide6.QtCore import QPoint, QPointF, Qt
from PySide6.QtWidgets import QApplication, QComboBox, QWidget
from pytestqt.qtbot import QtBot

from engine.cell.cells import CELLS
from engine.runs.history import History
from engine.runs.snapshot import Snapshot
from engine.settings.config import TrainingConfig
from engine.training.trainer import Trainer
from gui.appearance.stored import Stored
from gui.appearance.theme import Appearance
from gui.plots.gate_maps import FIXED, MAPS, PER_LAYER, PER_MAP, RANGES, maps_of
from gui.plots.gate_picture import Place
from gui.training.gates import GatesPlot
from gui.window.card import CardDock
from gui.window.main_window import MainWindow
from tests.gui.driving import LEFT, NONE, Key, move

SMALL = TrainingConfig(sequence_length=8, cell_size=5, batch_size=4, layers=2)
SIZE = (900, 300)


def snapshot_of(config: TrainingConfig, steps: int = 20) -> Snapshot:
    trainer = Trainer(config)
    for _ in range(steps):
        trainer.step()
    return trainer.snapshot()


@pytest.fixture(scope="module")
def trained() -> Snapshot:
    return snapshot_of(replace(SMALL, hidden_size=3))


Show = Callable[[QWidget], QWidget]


@pytest.fixture
def show(qtbot: QtBot) -> Show:
    def shown(widget: QWidget) -> QWidget:
        qtbot.addWidget(widget)
        widget.resize(*SIZE)
        with qtbot.waitExposed(widget):
            widget.show()
        QApplication.processEvents()
        return widget

    return shown


@pytest.fixture
def gates(appearance: Appearance, show: Show, trained: Snapshot) -> GatesPlot:
    return shown_gates(appearance, show, trained)


def shown_gates(appearance: Appearance, show: Show, snapshot: Snapshot) -> GatesPlot:
    plot = GatesPlot(appearance)
    show(plot)
    plot.show_run(History([]), snapshot.layers)
    plot.show_snapshot(snapshot)
    QApplication.processEvents()  # the layout gives the maps their room
    return plot


def assert_colours(plot: GatesPlot, appearance: Appearance, maps: list[str], values: dict[str, np.ndarray]) -> None:
    """Every number stands on the screen in the colour that its map's limits give it."""
    picture = plot.picture.grab().toImage()
    for name in maps:
        spec = maps_of(CELLS["lstm"]()).get(name) or maps_of(CELLS["gru"]())[name]
        table = appearance.theme.gate(spec.role) if spec.gate else appearance.theme.diverging
        low, high = plot.limits[name]
        steps, units = values[name].shape
        for t in range(steps):
            for unit in range(units):
                at = plot.picture.centre(Place(name, unit, t))
                colour = picture.pixelColor(at.toPoint())
                place = (values[name][t, unit] - low) * 255 / (high - low)
                assert -0.01 <= place <= 255.01
                near = table[int(np.clip(np.floor(place), 0, 255))].astype(int)
                drawn = np.array([colour.red(), colour.green(), colour.blue()])
                assert np.abs(drawn - near).max() <= 4, f"{name}, unit {unit}, t = {t}"


@pytest.mark.parametrize("ranges", RANGES)
def test_the_heatmaps_are_the_gates(gates: GatesPlot, appearance: Appearance, trained: Snapshot, ranges: str):
    gates.choose_ranges(ranges)
    for layer in range(2):
        gates.layer.setCurrentIndex(layer)
        values = dict(trained.gates[layer])
        assert_colours(gates, appearance, list(MAPS), values)
        assert gates.value_at("h", 2, 3) == values["h"][3, 2]


@pytest.mark.parametrize("cell", CELLS)
def test_each_cell_has_its_own_maps(appearance: Appearance, show: Show, trained: Snapshot, cell: str):
    plot = shown_gates(appearance, show, trained)
    snapshot = snapshot_of(replace(SMALL, cell=cell, layers=1), 3)
    plot.show_run(History([]), 1)
    plot.show_snapshot(snapshot)
    QApplication.processEvents()
    maps = maps_of(CELLS[cell]())
    assert set(maps) == set(snapshot.gates[0])
    assert list(maps)[-1] == "h"
    assert_colours(plot, appearance, list(maps), dict(snapshot.gates[0]))
    for name, spec in maps.items():
        low, _ = plot.limits[name]
        assert (low == 0) == spec.gate
        assert plot.picture.title(name).startswith(spec.words)


def test_the_words_are_those_of_the_field():
    def words(cell: str) -> list[str]:
        return [spec.words for spec in maps_of(CELLS[cell]()).values()]

    lstm = ["forget gate f", "input gate i", "candidate C̃", "output gate o", "cell state C", "hidden state h"]
    assert words("lstm") == lstm
    assert words("gru") == ["reset gate r", "update gate u", "candidate h̃", "hidden state h"]
    assert words("rnn") == ["hidden state h"]
    assert words("lstm-1997") == lstm[1:]


# Ranges


def changed(snapshot: Snapshot, **values: float) -> Snapshot:
    """The same with the first number of some maps set, in every layer."""
    layers = []
    for layer in snapshot.gates:
        made = {name: np.array(array) for name, array in layer.items()}
        for name, value in values.items():
            made[name][0, 0] = value
        layers.append(made)
    return replace(snapshot, gates=tuple(layers))


def test_fixed_ranges_only_widen(gates: GatesPlot, trained: Snapshot):
    for name, spec in MAPS.items():
        low, high = gates.limits[name]
        assert (low, high) == (0, 1) if spec.gate else (low == -high and high >= 1)
    gates.show_snapshot(changed(trained, C=-35.0))
    assert gates.limits["C"] == (-50, 50)
    assert gates.limits["C_tilde"] == (-1, 1)
    gates.show_snapshot(trained)
    assert gates.limits["C"] == (-50, 50), "the range of a run jumps back and forth"
    gates.show_run(History([]), 2)
    gates.show_snapshot(trained)
    assert gates.limits["C"][1] < 50, "another run has ranges of its own"


def test_a_map_of_its_own_range_uses_all_its_colours(gates: GatesPlot, trained: Snapshot):
    gates.choose_ranges(PER_MAP)
    for name, spec in MAPS.items():
        values = trained.gates[0][name]
        low, high = gates.limits[name]
        least, most = values.min(), values.max()
        if spec.gate:
            assert low <= least
            assert most <= high
            assert high - low <= 1.3 * (most - least)
        else:
            assert low == -high
            assert np.abs(values).max() <= high <= 1.11 * np.abs(values).max()


def test_a_layer_has_one_range_for_what_can_be_compared(gates: GatesPlot, trained: Snapshot):
    gates.choose_ranges(PER_LAYER)
    assert gates.limits["f"] == gates.limits["i"] == gates.limits["o"]
    assert gates.limits["C_tilde"] == gates.limits["h"]
    least = min(trained.gates[0][name].min() for name in ("f", "i", "o"))
    most = max(trained.gates[0][name].max() for name in ("f", "i", "o"))
    low, high = gates.limits["f"]
    assert low <= least < low + 0.02
    assert high - 0.02 < most <= high
    gates.show_snapshot(changed(trained, C=40.0))
    assert gates.limits["C"] == (-40, 40)
    assert gates.limits["h"][1] <= 1, "a large cell state takes the colours from h"


@pytest.mark.parametrize("ranges", RANGES)
def test_flat_and_diverged_maps_are_drawn(gates: GatesPlot, trained: Snapshot, ranges: str):
    gates.choose_ranges(ranges)
    layers = tuple({name: np.full_like(array, 1.0) for name, array in layer.items()} for layer in trained.gates)
    gates.show_snapshot(replace(trained, gates=layers))
    assert gates.limits["f"] == (0, 1), "a clamped gate has no range of its own"
    layers = tuple({name: np.full_like(array, np.nan) for name, array in layer.items()} for layer in trained.gates)
    gates.show_snapshot(replace(trained, gates=layers))
    assert not gates.grab().isNull()
    gates.show_snapshot(changed(trained, C=np.inf, h=np.nan, f=np.nan))
    for name in MAPS:
        assert np.isfinite(gates.limits[name]).all()


def test_the_ranges_stand_in_the_titles(gates: GatesPlot, trained: Snapshot, qtbot: QtBot):
    gates.show_snapshot(changed(trained, C=35.0))
    qtbot.waitUntil(lambda: gates.picture.title("C") == "cell state C  ±50")
    assert gates.picture.title("f") == "forget gate f  0 … 1"
    gates.choose_ranges(PER_MAP)
    written = gates.picture.title("o").split("  ")[1].split(" … ")
    assert [float(number) for number in written] == pytest.approx(gates.limits["o"], abs=1e-9), "not at once"


def test_a_narrow_map_keeps_its_symbol(gates: GatesPlot, qtbot: QtBot):
    gates.resize(200, 100)
    qtbot.waitUntil(lambda: gates.picture.width() <= 200)
    assert gates.picture.title("C_tilde").startswith("C̃")


def test_the_choice_of_ranges_is_remembered(appearance: Appearance, settings: Stored, qtbot: QtBot):
    first = GatesPlot(appearance, settings)
    qtbot.addWidget(first)
    qtbot.addWidget(first.in_title)
    assert first.ranges.currentData() == FIXED
    first.ranges.setFocus()
    qtbot.keyClick(first.ranges, Key.Key_Down)
    assert first.ranges.currentData() == PER_MAP
    second = GatesPlot(appearance, settings)
    qtbot.addWidget(second)
    assert second.ranges.currentData() == PER_MAP
    settings.setValue("gate_ranges", "something else")
    third = GatesPlot(appearance, settings)
    qtbot.addWidget(third)
    assert third.ranges.currentData() == FIXED


# Layer and example


def test_another_example_is_asked_for(gates: GatesPlot, qtbot: QtBot):
    asked: list[int] = []
    gates.example_chosen.connect(asked.append)
    gates.example.stepUp()
    gates.example.stepUp()
    assert asked == [1, 2]
    gates.show_probe(0)
    assert gates.example.text() == "example 0"
    assert asked == [1, 2], "what is told is not asked for"


def test_a_sequence_of_the_users_own_has_no_number(gates: GatesPlot, qtbot: QtBot):
    asked: list[int] = []
    gates.example_chosen.connect(asked.append)
    gates.show_probe(None)
    assert gates.example.text() == "own"
    gates.example.stepDown()
    assert asked == []
    gates.example.stepUp()
    assert asked == [0]
    assert gates.example.text() == "example 0"
    gates.example.stepDown()
    assert gates.example.text() == "example 0"


def test_one_layer_needs_no_choice(gates: GatesPlot):
    gates.show_run(History([]), 1)
    assert gates.layer.isHidden()
    gates.show_run(History([]), 3)
    assert not gates.layer.isHidden()
    assert gates.layer.count() == 3


def test_controls_stand_in_the_title_and_tab_reaches_them(window: MainWindow, qtbot: QtBot):
    window.commands.run("show task")
    window.commands.run("panel gates on")
    gates = window.training.plots.gates
    gates.show_run(History([]), 2)
    dock = window.docks.cards["gates"]
    assert isinstance(dock, CardDock)
    bar = dock.titleBarWidget()
    controls = (gates.ranges, gates.layer, gates.example)
    for widget in controls:
        assert widget.isVisible()
        corner = widget.mapTo(bar, QPoint(0, 0))
        assert bar.rect().contains(corner)
        assert bar.rect().contains(corner + QPoint(widget.width() - 1, widget.height() - 1))
        assert widget.focusPolicy() & Qt.FocusPolicy.TabFocus
    plain = window.docks.cards["training"].titleBarWidget()
    assert bar.height() <= plain.height() + 1, "the controls take height from the maps"
    gates.ranges.setFocus()
    qtbot.keyClick(gates.ranges, Key.Key_Tab)
    assert QApplication.focusWidget() is gates.layer
    assert isinstance(gates.layer, QComboBox)
    qtbot.keyClick(gates.layer, Key.Key_Tab)
    assert QApplication.focusWidget() is gates.example
    gates.show_run(History([]), 1)


# The mouse


def test_resting_on_a_map_reads_it(gates: GatesPlot, trained: Snapshot):
    said: list[str] = []
    gates.hovered.connect(said.append)
    for name, unit, t in (("f", 0, 0), ("C_tilde", 4, 7), ("h", 2, 3)):
        value = float(trained.gates[0][name][t, unit])
        move(gates.picture, gates.picture.centre(Place(name, unit, t)))
        assert said[-1] == f"{MAPS[name].words}, unit {unit + 1}, t = {t + 1}: {value:.4g}"
    move(gates.picture, QPointF(1, 1))
    assert said[-1] == ""


def test_a_click_tells_layer_and_step(gates: GatesPlot, qtbot: QtBot):
    gates.layer.setCurrentIndex(1)
    with qtbot.waitSignal(gates.step_clicked) as clicked:
        qtbot.mouseClick(gates.picture, LEFT, NONE, gates.picture.centre(Place("o", 3, 6)).toPoint())
    assert clicked.args == [1, 6]


def test_unit_1_is_on_top_and_time_goes_right(gates: GatesPlot):
    first, last, late = (gates.picture.centre(Place("C", unit, t)) for unit, t in ((0, 0), (4, 0), (0, 7)))
    assert first.y() < last.y()
    assert late.x() > first.x()


def test_every_number_of_a_large_map_can_be_read(gates: GatesPlot, trained: Snapshot):
    rng = np.random.default_rng(0)
    large = {name: rng.uniform(-1, 1, (3000, 700)).astype(np.float32) for name in MAPS}
    gates.show_snapshot(replace(trained, gates=(large, large)))
    area = gates.picture.area("i")
    top_right = gates.picture.place_at(QPointF(area.right() - 0.01, area.top() + 0.01))
    assert top_right == Place("i", 0, 2999)
    assert gates.picture.place_at(QPointF(area.left() + 0.01, area.bottom() - 0.01)) == Place("i", 699, 0)


def test_a_new_run_is_empty(gates: GatesPlot, qtbot: QtBot):
    gates.show_run(History([]), 1)
    assert not gates.picture.isVisible()
    with qtbot.assertNotEmitted(gates.step_clicked):
        qtbot.mouseClick(gates.picture, LEFT, NONE, gates.picture.rect().center())


def test_another_theme_has_other_colours(gates: GatesPlot, appearance: Appearance, trained: Snapshot):
    appearance.choose("dark")
    assert_colours(gates, appearance, list(MAPS), dict(trained.gates[0]))
