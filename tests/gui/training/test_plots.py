"""Plots of a real run: what is drawn is what the trainer computed."""

from __future__ import annotations

import contextlib
import itertools
import json
import re
import sqlite3
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
import torch
from PySide6.QtWidgets import QApplication, QWidget
from pytestqt.qtbot import QtBot

from engine.cell.cells import CELLS
from engine.recording.recording import Recording
from engine.runs.history import History
from engine.runs.snapshot import Snapshot
from engine.settings.config import TrainingConfig
from engine.tasks.base import TaskFacts
from engine.tasks.held_out import HeldOut
from engine.text.numbers import brief
from engine.training.trainer import Trainer
from gui.appearance.theme import Appearance
from gui.plots.curves import GROUPS, CurvesPlot
from gui.plots.events import in_one
from gui.training.gates import GatesPlot
from gui.training.gradients import GradientsPlot
from gui.training.loss import LossPlot, MeasurePlot
from gui.training.prediction import LINES, POINTS, SHARES, SYMBOLS, PredictionPlot
from tests.gui.driving import LEFT, NONE, turn_wheel
from tests.gui.views.library.library_runs import recorded

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
        self.history.append(self.trainer.drain().values)
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
    """The values of a line, with zeros as the least that its axis knows."""
    return 10 ** plot.lines.points(key)[1]


def reach(plot: CurvesPlot, key: str) -> tuple[float, float]:
    """The least and the greatest value of a band."""
    _, _, low, high = plot.bands.band(key)
    return float(10 ** low.min()), float(10 ** high.max())


# Curves


@pytest.fixture
def loss(appearance: Appearance, show: Show, run: Run) -> LossPlot:
    plot = LossPlot(appearance)
    show(plot)
    plot.show_run(run.history, 1)
    plot.show_facts(run.facts)
    plot.refresh()
    return plot


def test_every_step_of_a_short_run_is_drawn(loss: LossPlot, run: Run):
    np.testing.assert_allclose(drawn(loss, "loss"), run.history.column("loss"), rtol=1e-6)
    np.testing.assert_array_equal(loss.lines.points("loss")[0], np.arange(1, STEPS + 1))
    assert not loss.in_groups


def test_the_extremes_of_a_long_run_are_drawn_and_in_sight(loss: LossPlot, long: History):
    loss.show_run(long, 1)
    assert len(drawn(loss, "loss")) <= GROUPS
    low, high = reach(loss, "loss")
    assert high == pytest.approx(40, rel=1e-5)
    assert low == pytest.approx(1e-6, rel=1e-4)
    (left, right), (bottom, top) = loss.plot.getViewBox().viewRange()
    assert left <= 1
    assert right >= 5000
    assert bottom <= -6
    assert top >= np.log10(40)


def test_the_line_is_about_the_median_of_neighbours_and_says_so(loss: LossPlot, long: History):
    loss.show_run(long, 1)
    steps, line = loss.lines.points("loss")[0], drawn(loss, "loss")
    size = int(np.diff(steps).max())
    assert loss.in_title.text() == f"median of {size} steps, band: range"
    values = long.column("loss")
    for step, value in zip(steps[1:-1], line[1:-1], strict=True):
        group = values[round(step - size / 2 - 0.5) : round(step + size / 2 - 0.5)]
        assert np.quantile(group, 0.35) <= value <= np.quantile(group, 0.65)


def test_a_line_has_its_newest_value_at_its_end(loss: LossPlot, run: Run):
    (name,) = loss.ends.names
    assert name.words == brief(float(run.history.column("loss")[-1]))
    (place,) = loss.ends.places()
    assert place.left() > loss.plot.getViewBox().geometry().right()
    assert place.right() <= loss.plot.size().width()


def test_the_names_at_the_ends_have_the_colours_of_another_theme(loss: LossPlot, appearance: Appearance):
    colours = set()
    for theme in ("light", "dark"):
        appearance.choose(theme)
        (name,) = loss.ends.names
        assert name.colour == loss.lines._pens["loss"].color()
        colours.add(name.colour.name())
    assert len(colours) == 2


def test_hovering_says_every_value_at_a_step(loss: LossPlot, run: Run, long: History):
    assert loss.words_at(7.3).splitlines() == ["step 7", f"loss  {brief(float(run.history.column('loss')[6]))}"]
    assert loss.words_at(-5).startswith("step 1\n")
    assert loss.words_at(1e9).startswith(f"step {STEPS}\n")
    bounded = History(long.metric_names, 64)
    bounded.append(np.repeat(long.column("loss")[:, np.newaxis], 3, axis=1))
    loss.show_run(bounded, 1)
    first, value = loss.words_at(1000).splitlines()
    assert re.fullmatch(r"steps [\d,]+ to [\d,]+", first)  # what its details were is forgotten
    assert " to " in value


def test_the_trivial_answer_is_drawn_in_sight_and_named(loss: LossPlot, run: Run):
    assert loss._trivial is not None
    assert loss._trivial.value() == pytest.approx(np.log10(run.facts.trivial_loss))
    bottom, top = loss.plot.getViewBox().viewRange()[1]
    assert bottom < loss._trivial.value() < top
    assert run.facts.trivial_name in loss._trivial.label.format
    assert run.facts.loss_name in loss.in_title.tip.lower()
    assert loss._trivial.label.isVisible()
    assert loss._trivial.label.toPlainText().startswith(run.facts.trivial_name)


@pytest.mark.parametrize("task", ["adding", "sine"])
def test_the_measure_stands_on_an_axis_of_its_own(appearance: Appearance, show: Show, task: str):
    run = Run(TrainingConfig(task=task, sequence_length=8, cell_size=4, batch_size=4), 20)
    plot = MeasurePlot(appearance)
    show(plot)
    plot.show_run(run.history, 1)
    plot.show_news(run.history, run.facts)
    np.testing.assert_allclose(plot.curves.lines.points("measure")[1], run.history.column("measure"), rtol=1e-6)
    assert run.facts.measure_name in plot.in_title.text()
    bottom, top = plot.curves.plot.getViewBox().viewRange()[1]
    assert bottom <= 0 < run.history.column("measure").max() <= top
    assert plot.curves.ends.names[0].words.endswith(" %") is run.facts.measure_is_share


def test_a_measure_of_zeros_has_an_axis_of_ordinary_numbers(appearance: Appearance, show: Show, run: Run):
    plot = MeasurePlot(appearance)
    show(plot)
    history = History(("loss", "measure"))
    history.append(np.zeros((30, 2), np.float32))
    plot.show_run(history, 1)
    plot.show_news(history, replace(run.facts, measure_is_share=False))
    axis = plot.curves.axis
    ((spacing, places),) = axis.tickValues(*plot.curves.plot.getViewBox().viewRange()[1], 200)
    words = axis.tickStrings(places, 1.0, spacing)
    assert len(set(words)) == len(words) >= 2
    assert not any("e" in text or "10" in text for text in words)


def test_zooming_stops_following_and_a_double_click_follows_again(loss: LossPlot, long: History, qtbot: QtBot):
    loss.show_run(long, 1)
    loss.grab()
    assert loss.following
    turn_wheel(loss.widget.viewport())
    assert not loss.following
    (left, right), _ = loss.plot.getViewBox().viewRange()
    assert right - left < 4999
    steps = loss.lines.points("loss")[0]
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
    loss.show_run(history, 1)
    assert not loss.grab().isNull()
    bottom, top = loss.plot.getViewBox().viewRange()[1]
    assert np.isfinite([bottom, top]).all()


def test_what_is_hidden_is_not_drawn_until_it_is_seen(loss: LossPlot, appearance: Appearance, long: History):
    loss.hide()
    loss.show_run(long, 1)
    assert drawn(loss, "loss")[-1] != pytest.approx(float(np.median(long.column("loss"))), rel=0.2)
    loss.show()
    assert loss.lines.points("loss")[0].max() > STEPS


MATRICES, BIASES = ("W_f", "W_i", "W_C", "W_o", "W_hr"), ("b_f", "b_i", "b_C", "b_o")


def test_gradients_by_layer_and_gate(appearance: Appearance, show: Show, run: Run):
    plot = GradientsPlot(appearance)
    show(plot)
    plot.show_run(run.history, 2)
    assert plot.layer.count() == 2
    for layer in (1, 2):
        plot.layer.setCurrentIndex(layer - 1)
        for key in MATRICES:
            expected = run.history.column(f"layer{layer}.{key}")
            np.testing.assert_allclose(drawn(plot.curves, key), np.maximum(expected, 1e-12), rtol=1e-5)
        assert not any(len(drawn(plot.curves, key)) for key in BIASES)  # as they would hide the rest
        np.testing.assert_allclose(drawn(plot.curves, "all"), run.history.column("grad_norm"), rtol=1e-5)
    plot.others.click()
    for key in BIASES:
        expected = run.history.column(f"layer2.{key}")
        np.testing.assert_allclose(drawn(plot.curves, key), np.maximum(expected, 1e-12), rtol=1e-5)


@pytest.mark.parametrize("cell", [name for name in CELLS if name != "lstm"])
def test_gradients_of_any_cell(appearance: Appearance, show: Show, run: Run, cell: str):
    plot = GradientsPlot(appearance)
    show(plot)
    plot.others.click()
    plot.show_run(run.history, 2)  # of an LSTM: its curves and their names must go
    config = replace(SMALL, cell=cell, layers=2, hidden_size=0, clip_norm=0.0)
    other = Run(config, 5)
    plot.show_run(other.history, 2)
    plot.layer.setCurrentIndex(1)
    weights = config.made_cell.parameters
    for weight in weights:
        expected = other.history.column(f"layer2.{weight.name}")
        np.testing.assert_allclose(drawn(plot.curves, weight.name), np.maximum(expected, 1e-12), rtol=1e-5)
    assert {name.words for name in plot.curves.ends.names} == {"all", *(weight.name for weight in weights)}
    assert len(drawn(plot.curves, "W_hr")) == 0


def test_every_curve_is_named_at_its_end_and_no_name_covers_another(appearance: Appearance, show: Show, run: Run):
    plot = GradientsPlot(appearance)
    show(plot)
    plot.show_run(run.history, 2)
    assert {name.words for name in plot.curves.ends.names} >= {"all", *MATRICES}
    places = plot.curves.ends.places()
    for number, place in enumerate(places):
        assert place.right() <= plot.curves.plot.size().width()
        assert place.bottom() <= plot.curves.plot.size().height()
        assert not any(place.intersects(other) for other in places[:number])
    assert plot.curves.words_at(3).count("\n") == len(places)


def test_clipping_shows_where_it_shortens_the_gradient(appearance: Appearance, show: Show, run: Run):
    plot = GradientsPlot(appearance)
    show(plot)
    plot.show_run(Run(replace(SMALL, clip_norm=0.0), 5).history, 2)
    assert not plot.clipped
    assert "clipped" not in {name.words for name in plot.curves.ends.names}
    clipped = Run(replace(SMALL, clip_norm=1e-3), 5)
    plot.show_run(clipped.history, 2)
    assert plot.clipped
    assert "clipped" in {name.words for name in plot.curves.ends.names}
    np.testing.assert_allclose(drawn(plot.curves, "applied"), 1e-3, rtol=1e-3)
    np.testing.assert_allclose(drawn(plot.curves, "all"), clipped.history.column("grad_norm"), rtol=1e-5)


def test_a_run_without_projection_leaves_its_curve_out(appearance: Appearance, show: Show, run: Run):
    plot = GradientsPlot(appearance)
    show(plot)
    plot.show_run(run.history, 2)
    plain = Run(TrainingConfig(sequence_length=8, cell_size=5, batch_size=4), 10)
    plot.show_run(plain.history, 1)
    assert len(drawn(plot.curves, "W_hr")) == 0
    assert not plot.layer.isVisible()


@pytest.mark.parametrize(
    ("events", "words"),
    [
        ([(5, "learning rate 0.01 → 0.02")], "learning rate 0.01 → 0.02"),
        ([(5, "learning rate 0.01 → 0.02"), (6, "learning rate 0.02 → 0.5")], "learning rate 0.01 → 0.5"),
        ([(5, "learning rate 0.01 → 0.02"), (5, "clamped: f=1")], "clamped: f=1 (+1)"),
    ],
)
def test_changes_at_about_the_same_time_are_told_in_one(events: list[tuple[int, str]], words: str):
    assert in_one(events) == words


def test_changes_are_named_beside_their_marks_and_none_covers_another(loss: LossPlot, run: Run, long: History):
    long.events += [(step, f"clipping at {step} → {step + 1}") for step in range(100, 5000, 350)]
    loss.show_run(long, 1)
    loss.show_facts(run.facts)
    assert loss.events.named is not None
    places = loss.events.named.places()
    assert places[0][1] == long.events[-1][1]  # the newest first
    assert 1 < len(places) <= len(long.events)
    box = loss.plot.getViewBox().geometry()
    (trivial,) = loss._place_of_trivial()
    for number, (place, _) in enumerate(places):
        assert box.contains(place)
        assert not place.intersects(trivial)
        assert not any(place.intersects(other) for other, _ in places[:number])
    assert loss.events.words_near(100) == "step 100: clipping at 100 → 101"  # also what has no room


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
    plot.show_run(run.history, 1)
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
    assert "orange" not in plot.toolTip(), "a theme has other colours"


@pytest.mark.parametrize(
    ("task", "look"),
    [
        ("temporal-order", SYMBOLS),
        ("copying", SYMBOLS),
        ("characters", SYMBOLS),
        ("parity", SHARES),
        ("anbn", SHARES),
        ("sine", LINES),
        ("outbreak", LINES),
        ("embedded-reber", POINTS),
    ],
)
def test_symbols_are_counted_and_shares_are_points_on_ticks(appearance: Appearance, show: Show, task: str, look: str):
    run = Run(TrainingConfig(task=task, sequence_length=12, cell_size=4, batch_size=4), 3)
    plot = PredictionPlot(appearance)
    show(plot)
    plot.show_snapshot(run.after, run.facts)
    assert plot.look == look
    assert plot.table.isVisible() == (look == SYMBOLS)
    assert plot.widget.isVisible() == (look != SYMBOLS)
    if look == SYMBOLS:
        right = np.count_nonzero(run.after.prediction == run.after.target)
        assert plot.table.words == f"{right} of {run.after.target.size} right"
        assert set(plot.table.found.names) <= {*run.facts.answer_names, "…"}
    if look != SHARES:
        return
    np.testing.assert_array_equal(plot.points.getData(), (run.after.position, run.after.prediction))
    across, up = plot._ticks.getData()
    np.testing.assert_array_equal(up[::2], run.after.target)
    np.testing.assert_allclose((across[::2] + across[1::2]) / 2, run.after.position, rtol=1e-6)
    (left, right), (bottom, top) = plot.plot.getViewBox().viewRange()
    for values in (run.after.target, run.after.prediction):
        assert bottom < values.min()
        assert values.max() < top
    assert left < across.min()
    assert across.max() < right


@pytest.mark.parametrize("task", ["adding", "parity", "sine", "outbreak"])
def test_axes_have_names(appearance: Appearance, show: Show, task: str):
    run = Run(TrainingConfig(task=task, sequence_length=12, cell_size=4, batch_size=4), 3)
    plot = PredictionPlot(appearance)
    show(plot)
    plot.resize(900, 400)
    plot.show_snapshot(run.after, run.facts)
    across, up = (plot.plot.getAxis(side).labelText for side in ("bottom", "left"))
    if task == "adding":
        assert (across, up) == ("target: 0.5 + (X1 + X2) / 4", "prediction")
    else:
        assert (across, up) == (run.facts.position_name, run.facts.value_name)
    plot.resize(300, 90)
    shown = plot.plot.getAxis("left").labelText
    assert len(shown) > len(up) / 2 or not shown, "no beginning that says nothing"


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
        plot.show_run(run.history, 2)
    give(run.before)
    old = value()
    plot.hide()
    give(run.after)
    assert value() == old, "a hidden plot is drawn"
    plot.show()
    assert value() != old, "it shows an old network until the next one comes, and after a stop for ever"


def test_the_title_says_how_far_off_a_forecast_is_where_training_never_looks(
    appearance: Appearance, show: Show, run: Run
):
    plot = PredictionPlot(appearance)
    show(plot)
    held_out = HeldOut(60, "root mean squared error of value", 1383.2, "predicting the present value again", 101.0)
    plot.show_snapshot(replace(run.after, held_out=held_out), run.facts)
    assert plot.words.text() == "held-out error 1,383, trivial answer 101"
    assert "60 rows that training never sees" in plot.words.toolTip()
    plot.show_snapshot(run.before, run.facts)
    assert not plot.words.text()


def test_a_plot_can_begin_with_its_axes(appearance: Appearance, show: Show, run: Run):
    plot = LossPlot(appearance)
    plot.begins_with_axes = True
    show(plot)
    plot.show_run(History(run.history.metric_names), 1)
    assert plot.widget.isVisible()
    assert not plot._empty.isVisible()
    assert not plot.lines.names
    plot.show_run(run.history, 1)
    assert plot.lines.names == ["loss"]


@pytest.mark.parametrize("height", [60, 110, 300])
def test_names_of_curves_that_have_no_room_are_left_out(appearance: Appearance, show: Show, run: Run, height: int):
    plot = GradientsPlot(appearance)
    show(plot)
    plot.resize(600, height)
    plot.show_run(run.history, 2)
    QApplication.processEvents()
    ends = plot.curves.ends
    places = ends.places()
    assert len(places) == len(ends.names) or height < 300
    assert all(place.top() >= 0 for place in places)
    upper = sorted(places, key=lambda place: place.top())
    assert all(above.bottom() <= below.top() + 0.01 for above, below in itertools.pairwise(upper))


@pytest.mark.parametrize("look", [POINTS, LINES, SHARES])
def test_of_several_answers_all_are_drawn_or_one(appearance: Appearance, show: Show, run: Run, look: str):
    plot = PredictionPlot(appearance)
    show(plot)
    rng = np.random.default_rng(3)
    target, prediction = rng.uniform(size=(2, 20, 3)).astype(np.float32)
    position = np.repeat(np.arange(1, 21, dtype=np.float32), 3)
    facts = replace(run.facts, prediction_kind=look, shown_names=("sum", "product", "3"))
    moment = replace(run.after, position=position, target=target.ravel(), prediction=prediction.ravel())
    plot.show_snapshot(moment, facts)
    assert [plot.answer.itemText(place) for place in range(4)] == ["all answers", "sum", "product", "answer 3"]

    def values() -> np.ndarray:
        drawn = plot._prediction.getData()[1] if look == LINES else plot.points.getData()[1]
        return np.sort(drawn[np.isfinite(drawn)])

    np.testing.assert_array_equal(values(), np.sort(prediction.ravel()))
    for place in range(3):
        plot.answer.setCurrentIndex(place + 1)
        np.testing.assert_array_equal(values(), np.sort(prediction[:, place]))
    assert "answer 3" in plot.toolTip()
    plot.show_run(run.history, 1)
    plot.show_snapshot(run.after, run.facts)
    assert plot.answer.isHidden()
    assert len(plot.points.getData()[0]) == len(run.after.target)


@pytest.mark.parametrize("largest", [8, 40, 2**31, 9 * 10**15])
def test_whole_numbers_of_a_series_are_lines_whatever_they_are(
    appearance: Appearance, show: Show, tmp_path: Path, largest: int
):
    path = tmp_path / "volumes.csv"
    volumes = [(-1) ** day * (largest * (day % 7 + 1) // 8) for day in range(60)]
    path.write_text("day,volume\n" + "".join(f"{day},{volume}\n" for day, volume in enumerate(volumes)))
    config = TrainingConfig(
        task="series", series_file=str(path), series_column="volume", sequence_length=5, cell_size=3, batch_size=4
    )
    run = Run(config, 1)
    plot = PredictionPlot(appearance)
    show(plot)
    whole = replace(run.after, prediction=np.rint(run.after.prediction))
    plot.show_snapshot(whole, run.facts)
    assert plot.look == LINES
    assert plot._target.yData.tolist() == volumes[-12:]  # exactly, also beyond 2²³
    assert plot._prediction.yData.tolist() == whole.prediction.tolist()
    bottom, top = plot.plot.getViewBox().viewRange()[1]
    assert bottom < min(volumes[-12:]) < 0 < max(volumes[-12:]) < top


def test_a_recording_that_did_not_declare_it_is_drawn_as_its_task_is(tmp_path: Path):
    path = recorded(tmp_path / "old.lstmrec", replace(SMALL, task="copying"))
    with contextlib.closing(sqlite3.connect(path)) as database, database:
        ((text,),) = database.execute("SELECT value FROM about WHERE key = 'facts'").fetchall()
        facts = json.loads(text) | {"prediction_kind": "series"}
        database.execute("UPDATE about SET value = ? WHERE key = 'facts'", (json.dumps(facts),))
    with Recording(path) as recording:
        found = recording.facts()
    assert found is not None
    assert found.prediction_kind == SYMBOLS
