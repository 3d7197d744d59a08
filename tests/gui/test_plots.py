"""Plots of a real run: what is drawn is what the trainer computed."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace

import numpy as np
import pytest
import torch
from PySide6.QtCore import QPoint, QPointF
from PySide6.QtWidgets import QApplication, QWidget
from pytestqt.qtbot import QtBot

from engine.config import TrainingConfig
from engine.history import History
from engine.snapshot import Snapshot
from engine.tasks.base import TaskFacts
from engine.trainer import Trainer
from gui.plots.curves import CurvesPlot
from gui.plots.gates import MAPS, GatesPlot
from gui.plots.gradients import GradientsPlot
from gui.plots.loss import LossPlot
from gui.plots.prediction import PredictionPlot
from gui.theme import Appearance
from gui.typeset import Typesetter
from tests.gui.driving import LEFT, NONE, move, turn_wheel

STEPS = 60
SMALL = TrainingConfig(sequence_length=8, cell_size=5, batch_size=4, layers=2, hidden_size=3)


class Run:
    """A trainer, what it has recorded, and its snapshots."""

    def __init__(self, config: TrainingConfig, steps: int = STEPS) -> None:
        threads = torch.get_num_threads()
        torch.set_num_threads(1)
        self.trainer = Trainer(config)
        self.history = History(self.trainer.metric_names)
        self.before = self.trainer.snapshot()
        self.go_on(steps)
        torch.set_num_threads(threads)
        self.facts: TaskFacts = self.trainer.task.facts()

    def go_on(self, steps: int) -> Snapshot:
        for _ in range(steps):
            self.trainer.step()
        self.history.append(self.trainer.drain())
        self.after = self.trainer.snapshot()
        return self.after


@pytest.fixture(scope="module")
def run() -> Run:
    return Run(SMALL)


@pytest.fixture
def long() -> History:
    """A run that is longer than a curve has points, with one step that sticks out."""
    history = History(("loss", "measure", "grad_norm"))
    rng = np.random.default_rng(1)
    rows = np.exp(rng.normal(-3, 0.5, (5000, 3))).astype(np.float32)
    rows[3210, 0] = 40.0
    rows[1234, 0] = 1e-6
    history.append(rows)
    return history


Show = Callable[[QWidget], QWidget]


@pytest.fixture
def show(qtbot: QtBot) -> Show:
    def shown(widget: QWidget) -> QWidget:
        qtbot.addWidget(widget)
        widget.resize(900, 300)
        with qtbot.waitExposed(widget):
            widget.show()
        QApplication.processEvents()
        return widget

    return shown


def drawn(plot: CurvesPlot, key: str) -> np.ndarray:
    values = plot.bands.points(key)[1]
    assert values is not None
    return 10 ** np.asarray(values, dtype=np.float64)


# Gates


@pytest.fixture
def gates(appearance: Appearance, show: Show, run: Run, qtbot: QtBot) -> GatesPlot:
    plot = GatesPlot(appearance)
    show(plot)
    plot.show_run(2)
    plot.show_snapshot(run.after)
    qtbot.waitUntil(lambda: plot._boxes["h"].sceneBoundingRect().width() > 50)
    plot.grab()
    return plot


def test_the_heatmaps_are_the_gates(gates: GatesPlot, run: Run):
    for layer in range(2):
        gates.layer.setCurrentIndex(layer)
        for name in MAPS:
            expected = run.after.gates[layer][name].T  # (units, time)
            low, high = gates.limits(name)
            image = gates.images[name]
            assert tuple(image.levels) == (0, 255)
            np.testing.assert_allclose(low + image.image / 255 * (high - low), expected, atol=(high - low) / 250)
            assert gates.value_at(name, 2, 3) == expected[2, 3]


def test_the_ranges_are_fixed_and_hold_everything(gates: GatesPlot, run: Run):
    for name, spec in MAPS.items():
        low, high = gates.limits(name)
        assert (low, high) == (0, 1) if spec.gate else (low == -high and high >= 1)
        assert low <= run.after.gates[0][name].min()
        assert run.after.gates[0][name].max() <= high


def test_a_cell_state_beyond_one_widens_its_range(gates: GatesPlot, run: Run):
    layers = tuple({**gate, "C": gate["C"] * 0 + 3.5} for gate in run.after.gates)
    gates.show_snapshot(replace(run.after, gates=layers))
    assert gates.limits("C") == (-5, 5)
    assert "±5" in gates._titles["C"].text
    gates.show_snapshot(run.before)
    assert gates.limits("C") == (-5, 5), "the range of a run jumps back and forth"


def at(plot: GatesPlot, name: str, unit: int, t: int) -> QPoint:
    scene = plot._boxes[name].mapViewToScene(QPointF(t + 0.5, unit + 0.5))
    return plot.widget.mapFromScene(scene)


def test_resting_on_a_map_reads_it(gates: GatesPlot, run: Run, qtbot: QtBot):
    said: list[str] = []
    gates.hovered.connect(said.append)

    def reads(point: QPointF, expected: str) -> bool:
        move(gates.widget.viewport(), point)  # again and again: pyqtgraph takes a hundred moves a second at most
        return bool(said) and said[-1] == expected

    for name, unit, t in (("f", 0, 0), ("C_tilde", 4, 7), ("h", 2, 3)):
        value = float(run.after.gates[0][name][t, unit])
        expected = f"{MAPS[name].words}, unit {unit + 1}, t = {t + 1}: {value:.4g}"
        place = QPointF(at(gates, name, unit, t))
        qtbot.waitUntil(lambda place=place, expected=expected: reads(place, expected))
    qtbot.waitUntil(lambda: reads(QPointF(1, 1), ""))


def test_a_click_tells_layer_and_step(gates: GatesPlot, qtbot: QtBot):
    gates.layer.setCurrentIndex(1)
    gates.grab()
    with qtbot.waitSignal(gates.step_clicked) as clicked:
        qtbot.mouseClick(gates.widget.viewport(), LEFT, NONE, at(gates, "o", 3, 6))
    assert clicked.args == [1, 6]


def test_units_go_up_and_time_goes_right(gates: GatesPlot):
    low, high = at(gates, "C", 0, 0), at(gates, "C", 4, 0)
    assert low.y() > high.y()
    assert at(gates, "C", 0, 7).x() > low.x()


def test_a_new_run_is_empty(gates: GatesPlot, qtbot: QtBot):
    gates.show_run(1)
    assert all(image.image is None for image in gates.images.values())
    assert not gates.layer.isVisible()
    with qtbot.assertNotEmitted(gates.step_clicked):
        qtbot.mouseClick(gates.widget.viewport(), LEFT, NONE, gates.widget.rect().center())


# Curves


@pytest.fixture
def loss(appearance: Appearance, show: Show, run: Run) -> LossPlot:
    plot = LossPlot(appearance)
    show(plot)
    plot.show_run(run.history)
    plot.show_facts(run.facts)
    plot.refresh()
    return plot


def test_every_step_of_a_short_run_is_drawn(loss: LossPlot, run: Run):
    np.testing.assert_allclose(drawn(loss, "loss"), run.history.column("loss"), rtol=1e-6)
    np.testing.assert_array_equal(loss.bands.points("loss")[0], np.arange(1, STEPS + 1))


def test_the_extremes_of_a_long_run_are_drawn_and_in_sight(loss: LossPlot, long: History):
    loss.show_run(long)
    values = drawn(loss, "loss")
    assert len(values) < 1000
    assert values.max() == pytest.approx(40, rel=1e-5)
    assert values.min() == pytest.approx(1e-6, rel=1e-4)
    (left, right), (bottom, top) = loss.plot.getViewBox().viewRange()
    assert left <= 1
    assert right >= 5000
    assert bottom <= -6
    assert top >= np.log10(40)


def test_the_line_is_the_mean_of_neighbours(loss: LossPlot, long: History):
    loss.show_run(long)
    steps, means = loss.lines.points("loss")[0], 10 ** loss.lines.points("loss")[1]
    assert len(steps) <= 125
    assert np.average(means[1:-1]) == pytest.approx(long.column("loss").mean(), rel=0.05)


def test_the_trivial_answer_and_the_measure(loss: LossPlot, run: Run):
    assert loss._trivial.value() == pytest.approx(np.log10(run.facts.trivial_loss))
    assert run.facts.trivial_name in loss._words.toPlainText()
    assert run.facts.loss_name in loss.toolTip()
    measure = run.history.column("measure")
    assert loss.measure.points("measure")[1].min() >= measure.min() - 1e-6
    assert loss.measure.points("measure")[1].max() <= measure.max() + 1e-6


def test_zooming_stops_following_and_a_double_click_follows_again(loss: LossPlot, long: History, qtbot: QtBot):
    loss.show_run(long)
    loss.grab()
    assert loss.following
    turn_wheel(loss.widget.viewport())
    assert not loss.following
    (left, right), _ = loss.plot.getViewBox().viewRange()
    assert right - left < 4999
    steps = loss.bands.points("loss")[0]
    assert steps.min() >= left - 50
    assert steps.max() <= right + 50
    long.append(np.full((3000, 3), 0.1, np.float32))
    loss.refresh()
    assert loss.plot.getViewBox().viewRange()[0] == [left, right], "the view ran away from what is looked at"
    view = loss.widget.viewport()
    qtbot.mouseDClick(view, LEFT, NONE, view.rect().center())
    qtbot.mouseRelease(view, LEFT, NONE, view.rect().center())
    assert loss.following
    assert loss.plot.getViewBox().viewRange()[0][1] >= 8000


def test_a_loss_of_zero_infinity_and_nan_is_drawn_without_a_warning(loss: LossPlot):
    history = History(("loss", "measure", "grad_norm"))
    history.append(np.array([[0, 0, 0], [1, 1, 1], [np.inf, 0, 0], [np.nan, np.nan, np.nan]], np.float32))
    loss.show_run(history)
    assert not loss.grab().isNull()
    bottom, top = loss.plot.getViewBox().viewRange()[1]
    assert np.isfinite([bottom, top]).all()


def test_what_is_hidden_is_not_drawn_until_it_is_seen(loss: LossPlot, appearance: Appearance, long: History):
    loss.hide()
    loss.show_run(long)
    assert len(drawn(loss, "loss")) == STEPS
    loss.show()
    assert len(drawn(loss, "loss")) > STEPS


def test_gradients_by_layer_and_gate(
    typesetter: Typesetter, appearance: Appearance, show: Show, run: Run, qtbot: QtBot
):
    plot = GradientsPlot(typesetter, appearance)
    show(plot)
    plot.show_run(run.history, 2)
    assert plot.layer.count() == 2
    for layer in (1, 2):
        plot.layer.setCurrentIndex(layer - 1)
        for key in ("W_f", "W_i", "W_C", "W_o", "b_f", "b_i", "b_C", "b_o", "W_hr"):
            expected = run.history.column(f"layer{layer}.{key}")
            np.testing.assert_allclose(drawn(plot.curves, key), np.maximum(expected, 1e-12), rtol=1e-5)
        np.testing.assert_allclose(drawn(plot.curves, "all"), run.history.column("grad_norm"), rtol=1e-5)
    qtbot.waitUntil(typesetter.idle)


def test_a_run_without_projection_leaves_its_curve_out(
    typesetter: Typesetter, appearance: Appearance, show: Show, run: Run, qtbot: QtBot
):
    plot = GradientsPlot(typesetter, appearance)
    show(plot)
    plot.show_run(run.history, 2)
    plain = Run(TrainingConfig(sequence_length=8, cell_size=5, batch_size=4), 10)
    plot.show_run(plain.history, 1)
    assert len(drawn(plot.curves, "W_hr")) == 0
    assert not plot.layer.isVisible()
    qtbot.waitUntil(typesetter.idle)


# Predictions


def test_predictions_of_single_answers_are_points(appearance: Appearance, show: Show, run: Run):
    plot = PredictionPlot(appearance)
    show(plot)
    plot.show_snapshot(run.after, run.facts)
    across, up = plot.points.getData()
    np.testing.assert_array_equal(across, run.after.target)
    np.testing.assert_array_equal(up, run.after.prediction)
    (left, right), (bottom, top) = plot.plot.getViewBox().viewRange()
    assert left <= across.min()
    assert right >= across.max()
    assert bottom <= run.after.target.min()
    assert top >= run.after.target.max()
    plot.clear()
    assert not plot.widget.isVisible()


def test_predictions_of_a_series_are_two_lines(appearance: Appearance, show: Show):
    run = Run(TrainingConfig(task="series", sequence_length=12, cell_size=4, batch_size=4), 5)
    plot = PredictionPlot(appearance)
    show(plot)
    plot.show_snapshot(run.after, run.facts)
    np.testing.assert_array_equal(plot._target.yData, run.after.target)
    np.testing.assert_array_equal(plot._prediction.yData, run.after.prediction)
    np.testing.assert_array_equal(plot._target.xData, run.after.position)
    assert not plot.points.isVisible()
    assert run.facts.value_name in plot.toolTip()


@pytest.mark.parametrize("kind", ["gates", "prediction"])
def test_a_snapshot_that_came_while_hidden_is_drawn_when_it_is_seen(
    appearance: Appearance, show: Show, run: Run, kind: str
):
    plot = GatesPlot(appearance) if kind == "gates" else PredictionPlot(appearance)

    def value() -> float:
        if isinstance(plot, GatesPlot):
            return plot.value_at("h", 0, 7)
        return float(plot.points.getData()[1][0])

    def give(snapshot: Snapshot) -> None:
        if isinstance(plot, GatesPlot):
            plot.show_snapshot(snapshot)
        else:
            plot.show_snapshot(snapshot, run.facts)

    show(plot)
    if isinstance(plot, GatesPlot):
        plot.show_run(2)
    give(run.before)
    old = value()
    plot.hide()
    give(run.after)
    assert value() == old, "a hidden plot is drawn"
    plot.show()
    assert value() != old, "it shows an old network until the next one comes, and after a stop for ever"
