"""One step of one weight: exact norms, histograms that lose nothing, whatever the numbers are."""

from __future__ import annotations

import timeit

import numpy as np
import pytest

from engine.runs.weight_facts import BINS, SUBSAMPLED, histogram, rounded_up, weight_facts


def arrays(shape: tuple[int, ...], dtype: type = np.float32) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    rng = np.random.default_rng(3)
    before, gradient = (rng.normal(0, size, shape).astype(dtype) for size in (0.3, 0.001))
    return before, gradient, before - 10 * gradient


@pytest.mark.parametrize("shape", [(16, 18), (16,), (1, 1), (1024, 1025)])
@pytest.mark.parametrize("dtype", [np.float32, np.float64])
def test_norms_are_those_of_all_entries_in_double_precision(shape: tuple[int, ...], dtype: type):
    before, gradient, after = arrays(shape, dtype)
    facts = weight_facts(before, gradient, after)
    wide = [array.astype(np.float64) for array in (before, gradient, after)]
    assert facts.norm == pytest.approx(np.linalg.norm(wide[0]), rel=1e-12)
    assert facts.gradient_norm == pytest.approx(np.linalg.norm(wide[1]), rel=1e-12)
    assert facts.update_norm == pytest.approx(np.linalg.norm(wide[2] - wide[0]), rel=1e-12)
    assert facts.ratio == pytest.approx(facts.update_norm / facts.norm)


def test_histograms_count_every_value_where_it_lies():
    before, gradient, after = arrays((16, 18))
    facts = weight_facts(before, gradient, after)
    for found, values in ((facts.values, before), (facts.gradients, gradient)):
        assert found.counts.sum() == values.size
        edges = found.edges.astype(np.float64)
        expected, _ = np.histogram(values, edges)
        # An edge in float32 may put a value next door.
        assert np.abs(found.counts - expected).sum() <= 2
        assert edges[-1] == -edges[0] == pytest.approx(rounded_up(float(np.abs(values).max())))
        np.testing.assert_allclose(np.diff(edges), 2 * edges[-1] / BINS, rtol=1e-5)


def test_zero_lies_in_the_middle_and_the_largest_value_in_the_last_bin():
    found = histogram(np.array([0.0, 0.0, 2.0, -2.0]))
    assert found.edges[-1] == 2
    assert found.counts[BINS // 2] == 2
    assert found.counts[0] == found.counts[-1] == 1


@pytest.mark.parametrize(
    ("value", "expected"), [(0, 1), (1, 1), (1.01, 2), (0.03, 0.05), (0.07, 0.1), (7e-9, 1e-8), (420, 500), (999, 1000)]
)
def test_edges_are_rounded_up_to_one_two_five(value: float, expected: float):
    assert rounded_up(value) == pytest.approx(expected, rel=1e-12)


def test_a_diverged_weight_is_counted_without_what_is_not_finite():
    before, gradient, after = arrays((8, 8))
    before[0, 0], before[1, 1], gradient[2] = np.nan, np.inf, -np.inf
    facts = weight_facts(before, gradient, after)
    assert facts.values.counts.sum() == 62
    assert facts.gradients.counts.sum() == 56
    assert np.isnan(facts.norm)
    assert np.isnan(facts.ratio)
    assert facts.gradient_norm == np.inf


@pytest.mark.parametrize("value", [np.nan, np.inf, 0.0, 1e-45, 3e38])
def test_extreme_weights_have_edges_in_order(value: float):
    array = np.full((4, 4), value, dtype=np.float32)
    facts = weight_facts(array, array, array)
    for found in (facts.values, facts.gradients):
        assert found.counts.sum() == (16 if np.isfinite(value) else 0)
        assert np.isfinite(found.edges).all()
        assert (np.diff(found.edges) > 0).all()
    if value == 0:
        assert np.isnan(facts.ratio)


def test_values_beyond_single_precision_are_counted():
    array = np.array([1e200, -1e300, 1.0])
    facts = weight_facts(array, array, array)
    assert facts.values.counts.sum() == 3
    assert np.isfinite(facts.values.edges).all()


def test_many_entries_are_subsampled_evenly():
    before, gradient, after = arrays((512, 513))
    counted = weight_facts(before, gradient, after).values.counts.sum()
    assert SUBSAMPLED / 2 < counted <= SUBSAMPLED


def test_shapes_must_agree():
    before, gradient, after = arrays((3, 4))
    with pytest.raises(ValueError, match=r"\(3, 4\), \(4, 3\) and \(3, 4\)"):
        weight_facts(before, gradient.T, after)


def test_it_is_cheap():
    before, gradient, after = arrays((16, 18))
    best_s = min(timeit.repeat(lambda: weight_facts(before, gradient, after), number=50, repeat=20)) / 50
    assert best_s < 0.3e-3  # 0.07 ms where nothing else runs; a shared machine takes its time
