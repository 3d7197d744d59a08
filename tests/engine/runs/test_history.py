import time

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from hypothesis.extra import numpy as hnp

from engine.runs.history import KEPT, History
from engine.runs.metrics import BEFORE_LAYERS, ERRORS, metric_names
from engine.runs.observation import FLOW, OBSERVED
from engine.runs.pyramid import FEWEST, Pyramid
from engine.settings.config import TrainingConfig
from engine.training.trainer import Trainer
from tests.timing import assert_within, timed

ENTRY_BYTES = 24  # of each column in a group: least, greatest and middle value, sum, and how many were summed
NAMES = ("loss", "grad_norm")


def two_columns(values: np.ndarray) -> np.ndarray:
    return np.stack([values, -values], axis=1).astype(np.float32)


def filled(values: np.ndarray, blocks: list[int] | None = None, keep: int | None = None) -> History:
    history = History(NAMES, keep)
    rows = two_columns(values)
    start = 0
    for size in [*(blocks or []), len(rows)]:
        history.append(rows[start : start + size])
        start += size
    return history


def test_names_count_layers_and_the_projection() -> None:
    names = metric_names(TrainingConfig(layers=2, cell_size=4, hidden_size=2))
    assert names[:3] == ("loss", "measure", "grad_norm")
    assert {"layer1.W_f", "layer2.b_C", "layer2.W_hr"} <= set(names)
    assert len(names) == len(set(names)) == len(BEFORE_LAYERS) + 2 * 9 + len(ERRORS)
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


@timed
def test_a_million_steps_are_drawn_in_well_under_a_millisecond() -> None:
    history = filled(np.random.default_rng(0).normal(size=1_000_000), [250_000])
    times = []
    for first in range(1, 20_000, 100):
        start = time.perf_counter()
        steps, _ = history.decimated(["loss"], first, 1_000_000, 1000)
        times.append(time.perf_counter() - start)
        assert len(steps) <= 1000
    assert_within(min(times), 0.001)


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


@pytest.mark.parametrize("size", [8, 100, 5000, 100_000])
def test_the_middle_of_a_group_is_about_its_median(size: int) -> None:
    rng = np.random.default_rng(size)
    values = np.exp(rng.normal(size=size)).astype(np.float32)
    groups = filled(values, [size // 3]).in_groups(["loss"], 1, size, 20)
    assert len(groups.middle[0]) == len(groups.centres) <= 20
    for place, (first, last) in enumerate(zip(groups.edges[:-1], groups.edges[1:], strict=True)):
        group = values[first:last]
        assert groups.low[0, place] == group.min()
        assert groups.high[0, place] == group.max()
        assert np.quantile(group, 0.3) <= groups.middle[0, place] <= np.quantile(group, 0.7)


def test_a_few_values_that_stick_out_do_not_move_the_middle() -> None:
    values = np.ones(4096, dtype=np.float32)
    values[::11], values[::13], values[::17] = 1e20, np.inf, np.nan
    groups = filled(values).in_groups(["loss"], 1, len(values), 20)
    np.testing.assert_array_equal(groups.middle, 1.0)
    assert np.isinf(groups.high).all()


def test_the_middle_of_nothing_is_no_number() -> None:
    values = np.full(1000, np.nan, dtype=np.float32)
    values[:400] = 2.0
    groups = filled(values).in_groups(["loss"], 1, 1000, 20)
    np.testing.assert_array_equal(groups.middle[0, groups.edges[1:] <= 400], 2.0)
    assert np.isnan(groups.middle[0, groups.edges[:-1] >= 400]).all()


def test_no_steps_are_no_groups() -> None:
    groups = History(NAMES).in_groups(["loss"], 1, 10, 20)
    assert groups.size == groups.centres.size == groups.middle.size == 0


def test_what_is_stored_apart_is_read_as_one() -> None:
    values = np.arange(200_000, dtype=np.float32)
    history = filled(values, [65_000, 1_000, 131_072])
    steps, (found,) = history.decimated(["loss"], 65_500, 65_600, 200)
    np.testing.assert_array_equal(found, values[65_499:65_600])
    np.testing.assert_array_equal(steps, np.arange(65_500, 65_601))
    _, (means,) = history.averaged(["loss"], 1, 200_000, 10)
    assert np.all(np.diff(means) > 0)


def noise(seed: int, steps: int) -> np.ndarray:
    values = np.random.default_rng(seed).normal(size=steps).astype(np.float32)
    values[seed % steps] = 1000  # a spike of one step
    return values


def assert_groups_are_true(steps: np.ndarray, found: np.ndarray, values: np.ndarray) -> tuple[int, int]:
    """Assert that pairs of points are the extremes of neighbouring groups; return the steps that these reach over."""
    widths = (steps[1::2] - steps[::2]) * 2
    edges = np.append(steps[::2] - 1 - widths / 4, steps[-1] - 1 + widths[-1] / 4)
    np.testing.assert_allclose(np.diff(edges), widths)
    starts = edges[:-1].round().astype(int)
    shown = values[: round(edges[-1])]
    np.testing.assert_array_equal(found[::2], np.minimum.reduceat(shown, starts))
    np.testing.assert_array_equal(found[1::2], np.maximum.reduceat(shown, starts))
    return int(starts[0]), len(shown)


blocks_of_steps = st.lists(st.integers(0, 3000), max_size=6)
seeds = st.integers(0, 2**32 - 1)


@settings(max_examples=300, deadline=None)
@given(
    seed=seeds,
    size=st.integers(1, 12_000),
    blocks=blocks_of_steps,
    keep=st.integers(FEWEST, 600),
    first=st.integers(1, 12_000),
    length=st.one_of(st.integers(1, 50), st.integers(1, 12_000)),
    max_points=st.integers(8, 200),
)
def test_where_details_are_forgotten_the_truth_is_within_the_groups(
    seed: int, size: int, blocks: list[int], keep: int, first: int, length: int, max_points: int
) -> None:
    values = noise(seed, size)
    bounded = filled(values, blocks, keep)
    first = min(first, size)
    last = min(first + length - 1, size)
    steps, (found, negated) = bounded.decimated(NAMES, first, last, max_points)
    assert bounded.count == size
    assert len(steps) <= max_points
    shown = values[first - 1 : last]
    if len(steps) == len(shown) and np.all(np.diff(steps) == 1) and len(shown) <= max_points:
        np.testing.assert_array_equal(found, shown)
        np.testing.assert_array_equal(negated, -shown)
        assert steps[0] == first
        return
    start, stop = assert_groups_are_true(steps, found, values)
    assert_groups_are_true(steps, negated, -values)
    assert start < first
    assert stop >= last
    assert found.min() <= shown.min()
    assert found.max() >= shown.max()


@settings(max_examples=150, deadline=None)
@given(
    seed=seeds,
    size=st.integers(1, 60_000),
    blocks=blocks_of_steps,
    keep=st.integers(128, 600),
    share=st.floats(0, 1),
)
def test_the_whole_run_is_drawn_as_if_nothing_were_forgotten(
    seed: int, size: int, blocks: list[int], keep: int, share: float
) -> None:
    values = noise(seed, size)
    bounded, whole = filled(values, blocks, keep), filled(values)
    max_points = 8 + int(share * (keep // 16 - 8))
    assert not bounded.misses(1, size, max_points)
    for found, expected in zip(
        bounded.decimated(NAMES, 1, size, max_points), whole.decimated(NAMES, 1, size, max_points), strict=True
    ):
        np.testing.assert_array_equal(found, expected)
    for found, expected in zip(
        bounded.averaged(NAMES, 1, size, max_points), whole.averaged(NAMES, 1, size, max_points), strict=True
    ):
        np.testing.assert_allclose(found, expected, rtol=1e-9, atol=1e-9)


@settings(max_examples=200, deadline=None)
@given(
    seed=seeds,
    size=st.integers(1000, 20_000),
    keep=st.integers(FEWEST, 600),
    first=st.integers(1, 20_000),
    length=st.one_of(st.integers(1, 50), st.integers(1, 20_000)),
    max_points=st.integers(8, 200),
)
def test_what_does_not_miss_is_as_fine_as_ever(
    seed: int, size: int, keep: int, first: int, length: int, max_points: int
) -> None:
    values = noise(seed, size)
    bounded, whole = filled(values, [], keep), filled(values)
    first = min(first, size)
    last = min(first + length - 1, size)
    points = [len(history.decimated(["loss"], first, last, max_points)[0]) for history in (bounded, whole)]
    groups = [len(history.averaged(["loss"], first, last, max_points // 2)[0]) for history in (bounded, whole)]
    assert not whole.misses(first, last, max_points)
    if not bounded.misses(first, last, max_points):
        assert points[0] == points[1]
        assert groups[0] == groups[1]


@settings(deadline=None)
@given(data=st.data(), seed=seeds, keep=st.integers(FEWEST, 300), max_points=st.integers(8, 200))
def test_lent_steps_are_drawn_as_they_were(data: st.DataObject, seed: int, keep: int, max_points: int) -> None:
    size = 20_000
    values = noise(seed, size)
    bounded = filled(values, [], keep)
    lent_first = data.draw(st.integers(1, size))
    lent_last = data.draw(st.integers(lent_first, min(size, lent_first + 5000)))
    first = data.draw(st.integers(lent_first, lent_last))
    last = data.draw(st.integers(first, lent_last))
    missed = bounded.misses(first, last, max_points)
    bounded.lend(lent_first, two_columns(values[lent_first - 1 : lent_last]))
    assert not bounded.misses(first, last, max_points)
    steps, (found,) = bounded.decimated(["loss"], first, last, max_points)
    middles, (means,) = bounded.averaged(["loss"], first, last, max_points)
    shown = values[first - 1 : last]
    if missed:
        assert found.min() == shown.min()
        assert found.max() == shown.max()
        assert steps[0] >= first
        assert steps[-1] <= last + 1
        assert len(steps) >= min(len(shown), max_points // 4)
    if len(shown) <= min(max_points - 2, 200) and missed:
        np.testing.assert_array_equal(found, shown)
        np.testing.assert_allclose(means, shown, rtol=1e-6)
        np.testing.assert_array_equal(middles, np.arange(first, last + 1))


def test_what_is_lent_next_replaces_what_was_lent() -> None:
    values = noise(3, 20_000)
    history = filled(values, [], FEWEST)
    assert history.misses(101, 200, 240)
    coarse = len(history.decimated(["loss"], 1, 3000, 240)[0])
    bare = history.kept_bytes
    history.lend(1, two_columns(values[:5000]))
    assert not history.misses(101, 200, 240)
    assert not history.misses(4901, 5000, 240)
    assert history.misses(4902, 5001, 240)  # lies not within them entirely
    _, (found,) = history.decimated(["loss"], 101, 200, 240)
    np.testing.assert_array_equal(found, values[100:200])
    assert len(history.decimated(["loss"], 1, 3000, 240)[0]) > 4 * coarse
    assert history.kept_bytes > bare
    history.lend(5001, two_columns(values[5000:6000]))
    assert history.misses(101, 200, 240)
    steps, (found,) = history.decimated(["loss"], 101, 200, 240)
    assert_groups_are_true(steps, found, values)
    history.lend(1, np.empty((0, 2), dtype=np.float32))
    assert history.kept_bytes == bare


def test_of_many_lent_steps_groups_are_kept() -> None:
    values = noise(4, 400_000)
    history = filled(values, [], FEWEST)
    pyramid = Pyramid(2)
    for start in range(0, 300_000, 4096):
        pyramid.append(two_columns(values[start : min(start + 4096, 300_000)]))
    assert history.misses(1, 300_000, 240)
    before = history.kept_bytes
    history.lend(1, pyramid)
    assert history.kept_bytes - before < KEPT * 2 * ENTRY_BYTES * 2
    assert not history.misses(1, 300_000, 240)
    steps, (found,) = history.decimated(["loss"], 1, 300_000, 240)
    assert assert_groups_are_true(steps, found, values) == (0, 300_000)
    assert history.misses(1001, 1100, 240)  # the steps themselves must be lent again
    history.lend(1001, two_columns(values[1000:1100]))
    np.testing.assert_array_equal(history.decimated(["loss"], 1001, 1100, 240)[1][0], values[1000:1100])


def test_steps_that_are_no_part_of_the_run_cannot_be_lent() -> None:
    history = filled(noise(5, 1000), [], FEWEST)
    with pytest.raises(ValueError, match="steps 991 to 1010 were lent to a run of 1000 steps"):
        history.lend(991, np.zeros((20, 2), dtype=np.float32))
    with pytest.raises(ValueError, match="steps 0 to"):
        history.lend(0, np.zeros((20, 2), dtype=np.float32))
    with pytest.raises(ValueError, match="2 columns"):
        history.lend(1, np.zeros((20, 3), dtype=np.float32))
    with pytest.raises(ValueError, match="2 columns"):
        history.lend(1, Pyramid(3))


def test_a_forgotten_step_becomes_its_group_and_the_newest_stay() -> None:
    values = noise(6, 30_000)
    history = filled(values, [], FEWEST)
    steps, (found,) = history.decimated(["loss"], 70, 70, 8)
    assert len(found) == 2
    assert found[0] <= values[69] <= found[1]
    assert steps[0] < 70 + 4096
    last = history.count
    np.testing.assert_array_equal(history.decimated(["loss"], last - 63, last, 64)[1][0], values[-64:])
    assert not history.misses(last - 63, last, 64)
    assert not history.misses(last + 1, last + 10, 64)
    assert not history.misses(20, 10, 64)
    assert history.decimated(["loss"], 20, 10, 64)[0].size == 0


def test_ranges_that_end_anywhere_are_true() -> None:
    values = noise(10, 1500)
    history = filled(values, [], 100)
    for length in (9, 200):
        for last in range(length, 1501):
            steps, (found,) = history.decimated(["loss"], last - length + 1, last, 8)
            if len(steps) < length:
                start, stop = assert_groups_are_true(steps, found, values)
                assert start <= last - length
                assert stop >= last


def test_steps_that_were_forgotten_are_no_column() -> None:
    history = filled(noise(7, 50), [], FEWEST)
    assert history.column("loss").size == 50
    history.append(np.zeros((1000, 2), dtype=np.float32))
    with pytest.raises(ValueError, match="of 1050 steps were forgotten"):
        history.column("loss")
    with pytest.raises(KeyError):
        history.column("nothing")
    with pytest.raises(ValueError, match=f"at least {FEWEST}"):
        History(NAMES, FEWEST - 1)


def test_a_long_run_takes_little_memory_and_is_drawn_whole() -> None:
    names = metric_names(TrainingConfig())
    history = History(names, KEPT)
    block = np.random.default_rng(8).normal(size=(8192, len(names))).astype(np.float32)
    sizes = []
    while history.count < 2_000_000:
        history.append(block)
        sizes.append(history.kept_bytes)
    assert len(names) == 15
    assert max(sizes) < 30e6
    assert not history.misses(1, history.count, KEPT // 16)
    spike = np.full((1, len(names)), 99, dtype=np.float32)
    history.append(spike)
    assert history.decimated(names, 1, history.count, 240)[1].max() == 99
    # It grows by no more than a level each time that the run is 8 times as long.
    assert sizes[-1] - sizes[len(sizes) // 8] < 1.25 * KEPT * len(names) * ENTRY_BYTES


def test_a_range_of_the_past_stays_as_it_was_drawn_while_the_run_goes_on() -> None:
    values = noise(9, 10_000)
    history = filled(values)
    before = np.concatenate([part.ravel() for part in history.decimated(["loss"], 1, 5000, 100)])
    history.append(np.full((5000, 2), 5000, dtype=np.float32))
    after = np.concatenate([part.ravel() for part in history.decimated(["loss"], 1, 5000, 100)])
    np.testing.assert_array_equal(before, after)
    assert history.decimated(["loss"], 1, 15_000, 100)[1].max() == 5000


def test_of_each_thing_seen_besides_the_newest_is_known_and_the_first_step_seen_closely() -> None:
    config = TrainingConfig(sequence_length=6, cell_size=3, batch_size=2)
    trainer, history = Trainer(config), History(metric_names(config))
    assert not history.extras.any
    history.keep(trainer.snapshot(frozenset({FLOW, OBSERVED})))  # the step that is seen closely is yet to come
    assert history.extras.flow is not None
    assert history.first_observed is None
    for _ in range(2):
        trainer.step()
    history.keep(trainer.snapshot(frozenset({OBSERVED})))
    assert history.first_observed is not None
    assert history.first_observed.step == 1, "the first training step is seen"
    assert history.extras.flow is not None, "a snapshot without it leaves what was known"
    assert history.extras.flow.step == 1
    trainer.step()
    past = trainer.snapshot(frozenset({FLOW}))
    history.looked_at = past
    assert history.extras is past.extras
    history.looked_at = None
    assert history.extras.observed is history.first_observed
