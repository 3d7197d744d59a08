"""What comes of a comparison: names, sizes, curves over seeds."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest

from engine.comparison.comparison import METRICS, Comparison, ComparisonUpdate, Look, Run
from engine.comparison.results import ComparisonResults, spread
from engine.runs.messages import State
from engine.runs.snapshot import Snapshot
from engine.settings.config import ConfigError, TrainingConfig
from engine.settings.words import names_of
from engine.training.memory import weight_count
from engine.training.trainer import Trainer
from tests.engine.comparison.comparisons import SMALL, varied


def test_examples_of_an_older_step_are_dropped() -> None:
    results = ComparisonResults(Comparison(varied(forget_bias=(0.0, 1.0)), 1, 20))
    trainer = Trainer(SMALL)
    first = trainer.snapshot()
    trainer.step()
    second = trainer.snapshot()

    def take(**snapshots: Snapshot) -> set[str]:
        """Keys are a configuration and an example: "c0e1"."""
        found = {Look(int(key[1]), int(key[3])): snapshot for key, snapshot in snapshots.items()}
        results.take(ComparisonUpdate(State.RUNNING, snapshots=found))
        return {f"c{look.config}e{look.example}" for look in results.snapshots}

    assert not results.has_snapshots(0)
    assert take(c0e0=first, c1e0=first) == {"c0e0", "c1e0"}
    assert take(c0e1=first) == {"c0e0", "c0e1", "c1e0"}  # of the same step
    assert take(c0e2=second) == {"c0e2", "c1e0"}
    assert take(c1e0=second, c1e1=first) == {"c0e2", "c1e0"}  # two updates that were taken as one
    assert results.has_snapshots(0)
    assert not results.over
    results.take(ComparisonUpdate(State.STOPPED))
    assert results.over


@pytest.mark.parametrize("hidden_size", [0, 3])
def test_weights_are_counted_layer_by_layer(hidden_size: int) -> None:
    config = replace(SMALL, layers=2, cell_size=5, hidden_size=hidden_size)
    trainer = Trainer(config)
    task, weights = trainer.task, trainer.snapshot().weights
    readout = (config.n + 1) * task.output_size
    counted = readout + sum(array.size for layer in weights for array in layer.values())
    assert weight_count(config, task.input_size, task.output_size) == counted


def test_names_come_from_what_differs() -> None:
    assert names_of(varied(cell=("lstm", "rnn"))) == ("LSTM", "Plain RNN")
    assert names_of(varied(forget_bias=(0.0, 1.0))) == ("b_f = 0", "b_f = 1")
    assert names_of(varied(optimizer=("adam", "rmsprop", "sgd"))) == ("Adam", "RMSprop", "SGD")
    chrono = replace(SMALL, bias_initialisation="chrono")
    assert names_of((replace(SMALL, forget_bias=0.0), replace(SMALL, forget_bias=1.0), chrono)) == (
        "b_f = 0",
        "b_f = 1",
        "chrono",
    )
    assert names_of((SMALL, SMALL)) == ("as set (1)", "as set (2)")
    changed = replace(SMALL, optimizer="sgd", learning_rate=0.1)
    assert names_of((SMALL, changed)) == ("Adam, rate 0.01", "SGD, rate 0.1")
    assert names_of(varied(clip_norm=(0.0, 1.0))) == ("no clipping", "clip at 1")
    assert names_of(varied(hidden_size=(0, 3))) == ("n = 4", "n = 3")


@pytest.mark.parametrize(
    ("configs", "seeds", "words"), [((SMALL,), 1, "1 configurations"), ((SMALL,) * 5, 1, "5"), ((SMALL,) * 2, 11, "11")]
)
def test_too_few_or_too_many_are_refused(configs: tuple[TrainingConfig, ...], seeds: int, words: str) -> None:
    with pytest.raises(ConfigError, match=words):
        Comparison(configs, seeds)


# Curves


def filled(rows: dict[Run, np.ndarray], seeds: int, steps: int) -> ComparisonResults:
    results = ComparisonResults(Comparison(varied(forget_bias=(0.0, 1.0)), seeds, steps))
    results.take(ComparisonUpdate(State.RUNNING, rows={run: r.astype(np.float32) for run, r in rows.items()}))
    return results


@pytest.mark.parametrize("seeds", [4, 5, 10])
@pytest.mark.parametrize("steps", [7, 64, 1001])
def test_curves_are_numpys_quantiles_of_group_means(seeds: int, steps: int) -> None:
    rng = np.random.default_rng(seeds)
    rows = {Run(0, seed): rng.random((steps, 2)) for seed in range(seeds)}
    results = filled(rows, seeds, steps)
    size = next(2**p for p in range(20) if steps <= 100 * 2**p)
    edges = np.arange(0, steps, size)
    for place, metric in enumerate(METRICS):
        means = np.array(
            [[rows[Run(0, s)][a : a + size, place].astype(np.float32).mean() for a in edges] for s in range(seeds)]
        )
        found = results.curves(0, metric, points=100)
        expected = np.quantile(means, (0.5, 0.25, 0.75), axis=0)
        for curve, wanted in zip((found.median, found.low, found.high), expected, strict=True):
            np.testing.assert_allclose(curve, wanted, rtol=1e-5)
        np.testing.assert_allclose(found.steps, [np.arange(a + 1, min(a + size, steps) + 1).mean() for a in edges])
    assert "quartile" in results.spread_words


def test_few_seeds_show_their_extremes_and_one_its_line() -> None:
    rng = np.random.default_rng(1)
    rows = {Run(0, seed): rng.random((20, 2)) for seed in range(3)}
    found = filled(rows, 3, 20)
    curve = found.curves(0)
    losses = np.array([r[:, 0] for r in rows.values()])
    np.testing.assert_allclose(curve.low, losses.min(axis=0), rtol=1e-6)
    np.testing.assert_allclose(curve.high, losses.max(axis=0), rtol=1e-6)
    assert "lowest to the highest" in found.spread_words
    one = filled({Run(0, 0): rows[Run(0, 0)]}, 1, 20).curves(0)
    np.testing.assert_array_equal(one.low, one.median)
    np.testing.assert_array_equal(one.high, one.median)


def test_curves_of_seeds_of_different_length() -> None:
    rows = {Run(0, 0): np.full((20, 2), 1.0), Run(0, 1): np.full((8, 2), 3.0)}
    results = filled(rows, 2, 20)
    np.testing.assert_array_equal(results.curves(0).median, [2.0] * 8 + [1.0] * 12)
    assert results.curves(1).steps.size == 0
    with pytest.raises(KeyError):
        results.curves(0, "speed")


def test_spread_leaves_out_what_is_not_a_number() -> None:
    values = np.array([[1.0, np.nan, np.nan], [2.0, 5.0, np.nan], [4.0, 7.0, np.nan]])
    middle, low, high = spread(values, outermost=False)
    np.testing.assert_allclose(middle[:2], [2.0, 6.0])
    np.testing.assert_allclose([low[0], high[0]], np.quantile(values[:, 0], (0.25, 0.75)))
    np.testing.assert_allclose([low[1], high[1]], np.quantile(values[1:, 1], (0.25, 0.75)))
    assert np.isnan([middle[2], low[2], high[2]]).all()


def test_an_untaken_update_joins_a_newer_one() -> None:
    rows = np.ones((3, 2), dtype=np.float32)
    run, other = Run(0, 0), Run(1, 0)
    older = ComparisonUpdate(State.RUNNING, rows={run: rows, other: rows}, seconds={0: 1.0}, error="lost", answer=True)
    newer = ComparisonUpdate(State.PAUSED, rows={run: rows[:1]}, seconds={0: 2.0, 1: 1.0}, problems={1: "no"})
    both = newer.after(older)
    assert both.state is State.PAUSED
    assert {key: len(value) for key, value in both.rows.items()} == {run: 4, other: 3}
    assert both.seconds == {0: 3.0, 1: 1.0}
    assert both.problems == {1: "no"}
    assert both.error == "lost"
    assert both.answer
    assert newer.after(None) is newer


def test_remaining_time_comes_from_each_configurations_own_speed() -> None:
    rows = {Run(0, 0): np.ones((10, 2)), Run(1, 0): np.ones((10, 2))}
    results = filled(rows, 1, 110)
    assert np.isnan(results.seconds_left(1))
    results.take(ComparisonUpdate(State.RUNNING, seconds={0: 1.0, 1: 4.0}))
    assert results.steps_left == {0: 100, 1: 100}
    assert results.seconds_left(1) == pytest.approx(10 + 40)
    assert results.seconds_left(2) == pytest.approx(25)
    results.take(ComparisonUpdate(State.RUNNING, diverged={Run(1, 0): 10}))
    assert results.seconds_left(1) == pytest.approx(10)
    assert results.share_done == pytest.approx(1 - 100 / 220)
