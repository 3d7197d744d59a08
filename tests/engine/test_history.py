import time

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from hypothesis.extra import numpy as hnp

from engine.config import TrainingConfig
from engine.history import BEFORE_LAYERS, History, metric_names

NAMES = ("loss", "grad_norm")


def filled(values: np.ndarray, blocks: list[int] | None = None) -> History:
    history = History(NAMES)
    rows = np.stack([values, -values], axis=1).astype(np.float32)
    start = 0
    for size in [*(blocks or []), len(rows)]:
        history.append(rows[start : start + size])
        start += size
    return history


def test_names_count_layers_and_the_projection() -> None:
    names = metric_names(TrainingConfig(layers=2, cell_size=4, hidden_size=2))
    assert names[:3] == ("loss", "measure", "grad_norm")
    assert {"layer1.W_f", "layer2.b_C", "layer2.W_hr"} <= set(names)
    assert len(names) == len(set(names)) == len(BEFORE_LAYERS) + 2 * 9
    assert "layer1.W_hr" not in metric_names(TrainingConfig())


def test_every_step_is_kept_and_cannot_be_written() -> None:
    values = np.arange(5000, dtype=np.float32)
    history = filled(values, [1, 0, 700, 3000])
    assert history.count == 5000
    column = history.column("grad_norm")
    np.testing.assert_array_equal(column, -values)
    with pytest.raises(ValueError, match="read-only"):
        column[0] = 1
    with pytest.raises(KeyError):
        history.column("nothing")


def test_a_view_taken_earlier_stays_as_it_was() -> None:
    history = filled(np.arange(1000))
    early = history.column("loss")
    history.append(np.full((100_000, 2), 7, dtype=np.float32))
    np.testing.assert_array_equal(early, np.arange(1000))


def test_rows_of_another_width_are_refused() -> None:
    with pytest.raises(ValueError, match="2 columns"):
        History(NAMES).append(np.zeros((3, 5), dtype=np.float32))


@settings(max_examples=200, deadline=None)
@given(
    values=hnp.arrays(np.float32, st.integers(1, 3000), elements=st.floats(-1e6, 1e6, width=32)),
    blocks=st.lists(st.integers(0, 400), max_size=6),
    first=st.integers(-5, 3000),
    length=st.integers(1, 3000),
    max_points=st.integers(8, 200),
)
def test_decimation_never_misses_an_extreme(
    values: np.ndarray, blocks: list[int], first: int, length: int, max_points: int
) -> None:
    steps, (found,) = filled(values, blocks).decimated(["loss"], first, first + length - 1, max_points)
    shown = values[max(first - 1, 0) : max(first + length - 1, 0)]
    assert steps.shape == found.shape
    assert len(steps) <= max_points
    assert len(found) >= min(len(shown), max_points // 4)
    if shown.size:
        assert found.min() == shown.min()
        assert found.max() == shown.max()
        assert steps[0] >= first
        assert steps[-1] <= min(first + length, len(values) + 1)
    assert np.all(np.diff(steps) > 0)


@settings(deadline=None)
@given(spike=st.integers(0, 99_999), max_points=st.integers(8, 2000))
def test_a_spike_of_one_step_stands_where_it_happened(spike: int, max_points: int) -> None:
    values = np.zeros(100_000)
    values[spike] = 9
    steps, (found,) = filled(values, [33_333]).decimated(["loss"], 1, 100_000, max_points)
    place = int(np.argmax(found))
    assert found[place] == 9
    width = float(np.diff(steps).max()) * 2
    assert abs(steps[place] - (spike + 1)) <= width


def test_nan_shows_only_where_nothing_else_is() -> None:
    values = np.ones(10_000)
    values[5_000:] = np.nan
    values[100] = np.nan
    values[200] = np.inf
    steps, (found,) = filled(values).decimated(["loss"], 1, 10_000, 100)
    assert np.all(np.isfinite(found[steps < 4_900]) | (found[steps < 4_900] == np.inf))
    assert np.inf in found
    assert np.all(np.isnan(found[steps > 5_200]))


def test_a_short_history_is_handed_out_as_it_is() -> None:
    steps, (found,) = filled(np.arange(50)).decimated(["loss"], 11, 20, 100)
    np.testing.assert_array_equal(steps, np.arange(11, 21))
    np.testing.assert_array_equal(found, np.arange(10, 20))
    assert History(NAMES).decimated(["loss"], 1, 10, 100)[0].size == 0
    with pytest.raises(ValueError, match="at least 8"):
        filled(np.arange(5)).decimated(["loss"], 1, 5, 4)


def test_a_million_steps_are_drawn_in_well_under_a_millisecond() -> None:
    history = filled(np.random.default_rng(0).normal(size=1_000_000), [250_000])
    times = []
    for first in range(1, 20_000, 100):
        start = time.perf_counter()
        steps, _ = history.decimated(["loss"], first, 1_000_000, 1000)
        times.append(time.perf_counter() - start)
        assert len(steps) <= 1000
    assert min(times) < 0.001


@given(
    values=st.lists(st.floats(-100, 100, width=32), min_size=1, max_size=300),
    first=st.integers(1, 300),
    length=st.integers(1, 300),
    groups=st.integers(3, 50),
)
def test_means_are_those_of_all_steps_shown(values: list[float], first: int, length: int, groups: int) -> None:
    array = np.array(values, dtype=np.float32)
    history = filled(array)
    steps, (means,) = history.averaged(["loss"], first, first + length - 1, groups)
    shown = array[first - 1 : first + length - 1].astype(np.float64)
    assert len(steps) == len(means) <= groups
    if shown.size:
        # Each group's mean, weighted by the steps that it stands for, gives the mean of everything.
        middles = steps - 1
        edges = [first - 1.0]
        for middle in middles:
            edges.append(2 * middle - edges[-1] + 1)
        weights = np.diff(edges)
        assert weights.sum() == shown.size
        assert np.isclose((means * weights).sum() / shown.size, shown.mean(), atol=1e-6)


def test_a_step_that_is_not_finite_or_huge_leaves_the_other_means_alone() -> None:
    values = np.ones(1000, dtype=np.float32)
    values[50], values[60], values[70] = np.nan, np.inf, 1e20
    steps, (means,) = filled(values, [55, 3]).averaged(["loss"], 1, 1000, 100)
    np.testing.assert_array_equal(means[(steps < 40) | (steps > 90)], 1.0)
    assert means.max() > 1e18
    assert np.isfinite(means).all()


def test_a_mean_of_nothing_finite_is_no_number() -> None:
    values = np.ones(1000, dtype=np.float32)
    values[400:] = np.nan
    steps, (means,) = filled(values).averaged(["loss"], 1, 1000, 50)
    np.testing.assert_array_equal(means[steps < 380], 1.0)
    assert np.isnan(means[steps > 430]).all()


def test_what_is_stored_apart_is_read_as_one() -> None:
    values = np.arange(200_000, dtype=np.float32)
    history = filled(values, [65_000, 1_000, 131_072])
    steps, (found,) = history.decimated(["loss"], 65_500, 65_600, 200)
    np.testing.assert_array_equal(found, values[65_499:65_600])
    np.testing.assert_array_equal(steps, np.arange(65_500, 65_601))
    _, (means,) = history.averaged(["loss"], 1, 200_000, 10)
    assert np.all(np.diff(means) > 0)
