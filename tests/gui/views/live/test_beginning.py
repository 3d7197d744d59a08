"""Before the first step Live shows the network as it begins: that of the run which would begin."""

from __future__ import annotations

import re
from dataclasses import replace
from typing import Any

import numpy as np
import pytest
from pytestqt.qtbot import QtBot

from engine.runs.messages import State
from engine.runs.snapshot import Snapshot
from engine.settings.config import TrainingConfig
from engine.training.trainer import Trainer
from gui.plots.gate_maps import maps_of
from gui.views.live.choices import OPENING
from gui.views.live.live import LiveView
from tests.gui.views.live.conftest import Open

SMALL = TrainingConfig(sequence_length=12, cell_size=4, batch_size=8, steps=3, worker="thread", device="cpu", seed=5)


def assert_shown(view: LiveView, expected: Snapshot) -> None:
    """Check that a network is drawn, with its answers."""
    shown = view.snapshot
    assert shown is not None
    np.testing.assert_array_equal(shown.probe, expected.probe)
    for ours, theirs in zip(shown.gates, expected.gates, strict=True):
        for name, values in theirs.items():
            np.testing.assert_allclose(ours[name], values, atol=2e-5, err_msg=name)
    for one in view.picture.shown:
        np.testing.assert_array_equal(one.values, shown.gates[one.wanted.layer][one.wanted.spec.name])
    np.testing.assert_allclose(view.picture.answers.given, expected.answers, atol=2e-5)


def said(view: LiveView) -> str:
    return re.sub("<[^>]*>", " ", view.words.label.text())


@pytest.mark.parametrize(
    "chosen",
    [
        {},
        {"cell": "gru", "layers": 2},
        {"cell": "rnn"},
        {"cell": "lstm-1997", "layers": 3},
        {"task": "anbn"},
        {"task": "temporal-order", "sequence_length": 100},
        {"clamped": "f=1"},
    ],
    ids=str,
)
def test_it_is_the_network_of_the_run_that_would_begin(open_with: Open, qtbot: QtBot, chosen: dict[str, Any]):
    view = open_with(**chosen)
    qtbot.waitUntil(lambda: bool(view.picture.shown))
    config = view.training.config
    assert_shown(view, Trainer(config).snapshot())
    assert [one.wanted.spec.name for one in view.picture.shown] == list(maps_of(config.made_cell))
    assert view.reading.target is not None
    assert "Before the first step: weights as they are drawn with seed 5" in said(view)
    assert view.training.run.last is None, "nothing is trained for it"


@pytest.mark.parametrize(
    "change",
    [
        {"seed": 6},
        {"cell_size": 7},
        {"cell": "gru"},
        {"task": "sine"},
        {"cell": "gru", "task": "temporal-order"},
        {"cell": "rnn", "task": "sine", "layers": 2},
    ],
    ids=str,
)
def test_another_setting_shows_another_network(open_with: Open, qtbot: QtBot, change: dict[str, Any]):
    view = open_with()
    qtbot.waitUntil(lambda: bool(view.picture.shown))
    first = view.snapshot
    config = replace(view.training.config, **change)
    view.training.use_next(config)
    qtbot.waitUntil(lambda: view.snapshot is not first and bool(view.picture.shown))
    assert_shown(view, Trainer(config).snapshot())
    assert list(view.choices.maps) == list(maps_of(config.made_cell))
    assert view.pictures.framed_map is not None


def test_another_example_and_a_sequence_of_ones_own(open_with: Open, qtbot: QtBot):
    view = open_with()
    qtbot.waitUntil(lambda: bool(view.picture.shown))
    trainer = Trainer(view.training.config)
    view.choices.example.setValue(4)
    trainer.set_probe(4, None)
    qtbot.waitUntil(lambda: np.array_equal(view.snapshot.probe, trainer.snapshot().probe))
    assert_shown(view, trainer.snapshot())
    x = np.full((7, 2), 0.25, dtype=np.float32)
    view.training.set_probe(x=x)
    qtbot.waitUntil(lambda: view.snapshot.probe.shape == x.shape)
    trainer.set_probe(None, x.copy())
    assert_shown(view, trainer.snapshot())
    assert view.reading.target is None
    assert x.flags.writeable, "what others own is not changed"


def test_what_cannot_begin_is_said_and_nothing_old_stays(open_with: Open, qtbot: QtBot):
    view = open_with()
    qtbot.waitUntil(lambda: bool(view.picture.shown))
    good = view.training.config
    view.training.use_next(replace(good, clamped="z=1"))
    qtbot.waitUntil(lambda: "z=1" in view.picture.empty)
    assert view.snapshot is None
    assert view.reading is None
    view.training.use_next(good)
    qtbot.waitUntil(lambda: bool(view.picture.shown))
    assert not view.picture.empty


def test_a_run_goes_on_from_it(open_with: Open, qtbot: QtBot):
    view = open_with()
    qtbot.waitUntil(lambda: bool(view.picture.shown))
    before = view.snapshot
    view.training.begin()
    assert view.snapshot is before, "the network that begins is the one that was shown"
    qtbot.waitUntil(lambda: view.training.run.state is State.FINISHED)
    qtbot.waitUntil(lambda: view.snapshot is view.training.run.history.last_snapshot)
    qtbot.waitUntil(lambda: "Before the first step" not in said(view))  # words follow a moment later
    qtbot.waitUntil(lambda: "Before the first step" not in said(view))


def test_the_units_of_a_network_of_another_size_are_sorted_anew(open_with: Open, qtbot: QtBot):
    view = open_with()
    qtbot.waitUntil(lambda: bool(view.picture.shown))
    order = view.choices.order
    order.setCurrentIndex(order.findData(OPENING))
    order.activated.emit(order.currentIndex())
    assert sorted(view.picture.shown[0].ordered) == list(range(4))
    view.training.use_next(replace(view.training.config, cell_size=7))
    qtbot.waitUntil(lambda: view.snapshot.gates[0]["h"].shape[1] == 7 and bool(view.picture.shown))
    assert sorted(view.picture.shown[0].ordered) == list(range(7))
