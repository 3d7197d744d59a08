"""The health of a run: what is drawn is what the engine saw, and the switches act on the run at once."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator, Sequence
from dataclasses import asdict, replace

import numpy as np
import pytest
from PySide6.QtCore import QPointF, Qt
from PySide6.QtGui import QColor, QGuiApplication
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QWidget
from pytestqt.qtbot import QtBot

from engine.cell.cells import CELLS
from engine.runs.history import History
from engine.runs.messages import State, Update
from engine.runs.metrics import metric_names
from engine.runs.observation import FLOW, OBSERVED
from engine.settings.ablation import clamped_gates, gates_of
from engine.settings.config import TrainingConfig
from engine.training.trainer import Trainer
from gui.appearance.stored import Stored
from gui.runs.controller import TrainingController
from gui.views.base import Tools
from gui.views.health.clipping import LATELY
from gui.views.health.health import HealthView
from gui.views.health.histograms import scaled
from gui.views.health.saturation import percent
from gui.window.main_window import MainWindow
from tests.gui.conftest import Windows
from tests.gui.driving import Key, click, move, wait_until
from tests.gui.menus import choose_entry, menu_at

SMALL = TrainingConfig(sequence_length=10, cell_size=6, batch_size=8, steps=100_000_000, clip_norm=0.05)
PATIENCE_MS = 60_000

Made = Callable[..., HealthView]


def recorded(config: TrainingConfig, moments: int = 5, apart: Sequence[int] = ()) -> History:
    """Return the history of a run that was looked at several times, made by a real trainer; apart: steps between."""
    trainer, history = Trainer(config), History(metric_names(config))
    for steps in apart or (3,) * moments:
        for _ in range(steps):
            trainer.step()
        history.append(trainer.drain().values)
        history.keep(trainer.snapshot(frozenset({FLOW, OBSERVED})))
    return history


@pytest.fixture
def made(tools: Tools, qtbot: QtBot) -> Iterator[Made]:
    """Make the view of a run that has ended, at a size."""
    views: list[HealthView] = []

    def make(config: TrainingConfig, history: History | None = None, size: tuple[int, int] = (1110, 600)) -> HealthView:
        controller = TrainingController(config)
        if history is not None:
            controller.run.history, controller.run.last = history, Update(State.STOPPED, step=history.count)
        view = HealthView(replace(tools, training=controller))
        views.append(view)
        view.resize(*size)
        view.show()
        qtbot.waitUntil(tools.typesetter.idle)
        return view

    yield make
    for view in views:
        view.close()
        view.deleteLater()


def newest(view: HealthView, key: str) -> float:
    return float(view.training.run.history.samples.series(key)[1][-1])


@pytest.mark.parametrize("layers", [1, 2])
@pytest.mark.parametrize("cell", CELLS)
def test_every_part_draws_what_the_engine_saw(made: Made, cell: str, layers: int):
    config = replace(SMALL, cell=cell, layers=layers)
    history = recorded(config)
    view = made(config, history)
    view.layer.setCurrentIndex(layers - 1)
    extras = history.last_snapshot.extras  # type: ignore[union-attr]  # recorded
    assert extras.flow is not None
    assert extras.observed is not None
    saturation = extras.flow.layers[layers - 1].saturation
    assert list(view.clamps) == list(gates_of(config.made_cell))
    assert view.saturation.is_empty == (not saturation)
    assert set(view.saturation.shares) == set(saturation)
    for gate, shares in view.saturation.shares.items():
        assert (shares.low[-1], shares.high[-1]) == pytest.approx(saturation[gate])
    observed = extras.observed.weights
    for tab in view.weight_tabs.tabs:
        tab.clicked.emit()
        name = tab.weight.name
        assert view.chosen.name == name
        assert view.histograms.shown == (extras.observed.step, observed[name])
        side = view.histograms.sides["values"]
        assert side.present is observed[name].values
        steps, logs = view.ratios.lines.points(name)
        if observed[name].ratio > 0:
            assert steps[-1] == history.count
            assert 10 ** logs[-1] == pytest.approx(observed[name].ratio, rel=1e-5)
    before, after = history.column("grad_norm"), history.column("applied_norm")
    assert view.clipping.clipped_lately == pytest.approx(np.mean(after[-LATELY:] < 0.9999 * before[-LATELY:]), abs=0.07)
    assert view.clipping.curves.events.marked == ()
    assert not view.grab().isNull()


def test_a_projection_has_its_weight(made: Made):
    config = replace(SMALL, hidden_size=3)
    view = made(config, recorded(config))
    view.choose_weight("W_hr")
    assert view.histograms.shown is not None
    assert view.histograms.shown[1].values.counts.sum() == 3 * 6


def test_a_diverged_run_is_drawn_without_a_warning(made: Made):
    config = replace(SMALL, optimizer="sgd", learning_rate=1000.0, clip_norm=0.0)
    history = recorded(config, 40)
    assert not np.isfinite(history.column("grad_norm")[-1])
    view = made(config, history)
    for tab in view.weight_tabs.tabs:
        tab.clicked.emit()
    assert "clipping is off" in view.clipping.words.text()
    assert not view.grab().isNull()


def test_sizes_from_one_to_many(made: Made):
    for config in (
        replace(SMALL, cell_size=1, sequence_length=4, batch_size=1),
        replace(SMALL, cell_size=300, task="copying", sequence_length=40),
    ):
        view = made(config, recorded(config, 2))
        assert not view.saturation.is_empty
        assert not view.histograms.is_empty
        assert not view.grab().isNull()


def test_empty_parts_say_what_to_do(made: Made):
    view = made(SMALL)
    assert view.empty.isVisible()
    assert [button.text() for button in view.empty.buttons] == ["Train (Ctrl+T)"]
    asked: list[str] = []
    view.asked.connect(asked.append)
    view.empty.buttons[0].click()
    assert asked == ["train"]
    assert view.clamps, "gates can be held before there is a run"


def test_what_was_sampled_before_it_was_looked_at_is_shown(made: Made):
    """The newest snapshot was made for another view; what earlier ones have brought is there, and says its step."""
    history = recorded(SMALL)
    trainer = Trainer(SMALL)
    for _ in range(20):
        trainer.step()
    history.append(trainer.drain().values[:5])
    history.keep(trainer.snapshot())
    view = made(SMALL, history)
    assert not view.empty.isVisible()
    for part in (view.saturation, view.histograms, view.ratios, view.clipping):
        assert not part.is_empty
    observed = history.extras.observed
    assert observed is not None
    assert view.histograms.words.text().startswith(f"step 20, recorded at {observed.step}")
    assert history.first_observed is not None
    assert f"outline: step {history.first_observed.step}" in view.histograms.words.text()


def test_a_small_view_shows_two_parts_at_a_time(made: Made, qtbot: QtBot):
    view = made(SMALL, recorded(SMALL), (460, 300))
    parts = view.saturation, view.histograms, view.ratios, view.clipping
    assert [part.isVisible() for part in parts] == [True, True, False, False]
    click(qtbot, view.pair.segments[1])
    assert [part.isVisible() for part in parts] == [False, False, True, True]
    assert view.ratios.lines.points("layer1.W_f")[0].size
    view.resize(1400, 900)
    qtbot.waitUntil(lambda: all(part.isVisible() for part in parts))
    assert not view.pair.isVisible()


def test_letters_for_a_hall(made: Made):
    view = made(SMALL, recorded(SMALL), (1900, 1000))
    view.tools.appearance.present(True)
    assert view.saturation.title.fontMetrics().height() >= view.px(15)
    assert view.saturation.plot.getAxis("bottom").style["tickFont"].pixelSize() >= round(
        24 * view.tools.appearance.scale
    )
    assert all(part.isVisible() for part in (view.saturation, view.clipping))


def test_resting_on_a_plot_reads_it(made: Made, qtbot: QtBot):
    history = recorded(SMALL)
    history.events.append((6, "learning rate 0.01 → 0.001"))
    view = made(SMALL, history)
    said: list[str] = []
    view.message.connect(said.append)
    for part in (view.saturation, view.ratios):
        viewport = part.widget.viewport()
        box = part.plot.getViewBox()
        middle = part.widget.mapFromScene(box.sceneBoundingRect().center())
        move(viewport, QPointF(middle))
        assert said[-1].startswith("Step ")
    for side in view.histograms.sides.values():
        box = side.plot.getViewBox()
        move(side.widget.viewport(), QPointF(side.widget.mapFromScene(box.sceneBoundingRect().center())))
        assert "entries of" in said[-1]
    curves = view.clipping.curves
    at = curves.plot.getViewBox().mapViewToScene(QPointF(6.0, -1.0))
    move(curves.widget.viewport(), QPointF(curves.widget.mapFromScene(at)))
    before, after = (float(history.column(name)[5]) for name in ("grad_norm", "applied_norm"))
    assert f"Step 6: gradient norm {before:.4g}" in said[-1]
    assert (f"{after:.4g} after clipping" in said[-1]) == (after < 0.9999 * before)
    assert curves.events.words_near(6.0) == "step 6: learning rate 0.01 → 0.001"
    assert curves.events.words_near(14.0) == ""


def test_nothing_is_drawn_where_nothing_was_recorded(made: Made):
    view = made(
        replace(SMALL, clamped="f=0"), recorded(replace(SMALL, clamped="f=0"), apart=(*(2,) * 9, 120, *(2,) * 9))
    )
    picture, plot = view.saturation.widget.grab().toImage(), view.saturation.plot
    ground = QColor(view.tools.appearance.theme.ground)

    def colour_at(step: float) -> QColor:
        """Return the colour in the lane of f, which is closed throughout."""
        lanes = len(view.saturation.shares)
        point = view.saturation.widget.mapFromScene(plot.getViewBox().mapViewToScene(QPointF(step, lanes - 0.5)))
        return picture.pixelColor(point)

    assert colour_at(80) == ground
    assert ground not in (colour_at(10), colour_at(150))
    steps, logs = view.ratios.lines.points("layer1.W_i")
    assert np.isnan(logs[(steps > 20) & (steps < 136)]).all()
    for part in (view.saturation, view.ratios):
        y = sum(part.plot.getViewBox().viewRange()[1]) / 2
        assert part.told(part.widget, 50.0, y) == "Around step 50: nothing was recorded; the nearest is step 18"
        assert part.told(part.widget, 18.4, y).startswith("Step 18")


def test_lanes_are_seen_on_a_ground_as_white_as_the_panel(made: Made):
    view = made(SMALL, recorded(SMALL))
    view.tools.appearance.choose("projector")
    image, edge = view.saturation.widget.grab().toImage(), QColor(view.tools.appearance.theme.edge)
    seen = sum(image.pixelColor(image.width() // 2, y) == edge for y in range(image.height()))
    assert seen >= len(view.saturation.shares), "each lane has a line at one of its ends at least"


def test_what_is_painted_can_be_copied_as_numbers(made: Made):
    history = recorded(SMALL)
    view = made(SMALL, history)
    extras = history.last_snapshot.extras  # type: ignore[union-attr]  # recorded

    def copied(widget: QWidget) -> tuple[list[str], list[list[float]]]:
        choose_entry(menu_at(widget), "Copy the numbers as CSV")
        head, *rows = QGuiApplication.clipboard().text().splitlines()
        return head.split(","), [[float(cell) for cell in row.split(",")] for row in rows]

    heads, rows = copied(view.saturation.widget.viewport())
    shares = extras.flow.layers[0].saturation
    assert heads == ["step", *(f"{gate} {side}" for gate in shares for side in ("< 0.1", "> 0.9"))]
    assert [row[0] for row in rows] == [3, 6, 9, 12, 15], "a moment of its own for each that was recorded, and no other"
    assert rows[-1][1:] == pytest.approx([share for low_and_high in shares.values() for share in low_and_high])
    facts = extras.observed.weights[view.chosen.name]
    heads, rows = copied(view.histograms.sides["values"].widget.viewport())
    assert heads == ["from", "to", "entries"]
    assert [row[2] for row in rows] == facts.values.counts.tolist()
    assert [rows[0][0], *(row[1] for row in rows)] == pytest.approx(facts.values.edges.tolist())


def test_the_outline_has_the_area_that_it_had(made: Made):
    history = recorded(SMALL, 2)
    found = history.last_snapshot.extras.observed.weights["layer1.W_f"]  # type: ignore[union-attr]  # recorded
    np.testing.assert_array_equal(scaled(found.values, found.values), found.values.counts)
    widths = [float(item.edges[-1]) for item in (found.values, found.gradients)]
    np.testing.assert_allclose(scaled(found.values, found.gradients), found.values.counts * widths[1] / widths[0])


@pytest.mark.parametrize(
    ("share", "words"), [(0, "0 %"), (1, "100 %"), (0.0004, "<0.1 %"), (0.9999, "99.9 %"), (0.42, "42 %")]
)
def test_a_share_is_never_rounded_to_all_or_nothing(share: float, words: str):
    assert percent(share) == words


# ---- the switches


def test_a_switch_sets_the_next_run_and_shows_the_settings(made: Made, qtbot: QtBot):
    view = made(SMALL)
    click(qtbot, view.clamps["f"].switch.segments[2])
    assert view.training.config.clamped == "f=1"
    click(qtbot, view.clamps["o"].switch.segments[0])
    assert clamped_gates(SMALL.made_cell, view.training.config.clamped) == {"f": 1.0, "o": 0.0}
    click(qtbot, view.clamps["f"].switch.segments[1])
    assert view.training.config.clamped == "o=0"
    view.choose_weight("b_i")
    click(qtbot, view.frozen)
    assert view.training.config.frozen == "layer1.b_i"
    view.choose_weight("W_out")
    assert not view.frozen.isEnabled()
    assert not view.frozen.isChecked()
    view.choose_weight("b_i")
    assert view.frozen.isChecked()
    view.training.config = replace(SMALL, clamped="i=1", cell="coupled")  # as the settings dialog does
    qtbot.waitUntil(lambda: list(view.clamps) == ["f", "o"])
    view.training.config = replace(SMALL, clamped="i=1")
    qtbot.waitUntil(lambda: "i" in view.clamps and view.clamps["i"].switch.choice == 2)


def test_the_keyboard_reaches_switches_and_weights(made: Made, qtbot: QtBot):
    view = made(SMALL, recorded(SMALL))
    segment = view.clamps["f"].switch.segments[0]
    segment.setFocus(Qt.FocusReason.TabFocusReason)
    QTest.keyClick(segment, Key.Key_Space)
    assert view.training.config.clamped == "f=0"
    tab = view.weight_tabs.tabs[2]
    tab.setFocus(Qt.FocusReason.TabFocusReason)
    QTest.keyClick(tab, Key.Key_Space)
    assert view.chosen.name == "layer1.W_C"


def test_a_gate_that_is_clamped_in_mid_training_is_seen_at_once(windows: Windows, settings: Stored, qtbot: QtBot):
    settings.setValue("training", json.dumps(asdict(SMALL)))
    window: MainWindow = windows.open(settings)
    window.stage.show_view("health")
    view = window.stage.view("health")
    assert isinstance(view, HealthView)
    controller = window.training.controller
    window.training.train()

    def share() -> float:
        shares = view.saturation.shares.get("f_t")
        return float(shares.low[-1]) if shares is not None and shares.low.size else float("nan")

    wait_until(lambda: np.isfinite(share()) and not view.histograms.is_empty, PATIENCE_MS)
    assert share() < 1
    click(qtbot, view.clamps["f"].switch.segments[0])
    wait_until(lambda: share() == 1, PATIENCE_MS)
    view.choose_weight("W_i")
    click(qtbot, view.frozen)

    def stands() -> bool:
        shown = view.histograms.shown
        return shown is not None and shown[1].update_norm == 0

    wait_until(stands, PATIENCE_MS)
    wait_until(lambda: len(view.saturation.events.marked) == 2, PATIENCE_MS)
    window.commands.run("panel loss on")
    wait_until(lambda: len(window.training.plots["loss"].events.marked) == 2, PATIENCE_MS)
    assert [words for _, words in window.training.plots["loss"].events.marked] == ["clamped: f=0", "frozen: layer1.W_i"]
    # At rest, too: no step is made, and yet it shows.
    controller.train_or_pause()
    wait_until(lambda: controller.run.state is State.PAUSED and controller.told_all, PATIENCE_MS)
    click(qtbot, view.clamps["f"].switch.segments[2])
    wait_until(lambda: float(view.saturation.shares["f_t"].high[-1]) == 1, PATIENCE_MS)
