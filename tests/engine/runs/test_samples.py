from __future__ import annotations

import numpy as np
import pytest

from engine.runs.samples import LIMIT, Samples, pauses


def filled(count: int, limit: int = 8) -> Samples:
    samples = Samples(limit)
    for number in range(count):
        samples.append(10 * number, {"a": [number, -number], "b": float(number)})
    return samples


def test_what_was_appended_comes_back():
    samples = filled(5)
    steps, values = samples.series("a")
    assert samples.keys() == ("a", "b")
    np.testing.assert_array_equal(steps, [0, 10, 20, 30, 40])
    np.testing.assert_array_equal(values, [[0, 0], [1, -1], [2, -2], [3, -3], [4, -4]])
    assert values.dtype == np.float32
    np.testing.assert_array_equal(samples.series("b")[1], [0, 1, 2, 3, 4])


@pytest.mark.parametrize("limit", [2, 3, 8, 9, LIMIT])
def test_it_thins_evenly_and_never_loses_the_first_or_the_newest(limit: int):
    samples = Samples(limit)
    for number in range(6 * limit + 5):
        samples.append(number, {"a": number})
        steps, values = samples.series("a")
        np.testing.assert_array_equal(steps, values)
        assert len(samples) == len(steps) <= limit
        assert steps[0] == 0
        assert steps[-1] == number
        apart = np.diff(steps)
        assert (apart[:-1] == apart[:1]).all() or len(apart) < 2  # all but the newest
        assert (apart[-1:] <= apart[:1]).all()
        assert len(steps) >= min(number + 1, limit // 2)


def test_a_key_that_comes_later_has_nothing_before():
    samples = filled(3)
    samples.append(30, {"a": [3, -3], "late": [1.0, 2.0]})
    samples.append(40, {"late": [3.0, 4.0]})
    steps, values = samples.series("late")
    np.testing.assert_array_equal(steps, [30, 40])
    np.testing.assert_array_equal(values, [[1, 2], [3, 4]])
    np.testing.assert_array_equal(samples.series("a")[0][-1:], [30])


def test_another_shape_is_refused_and_nothing_is_appended():
    samples = filled(3)
    with pytest.raises(ValueError, match=r"a had the shape \(2,\) before, found \(3,\)"):
        samples.append(30, {"new": 1.0, "a": [1, 2, 3]})
    assert len(samples) == 3
    assert samples.keys() == ("a", "b")


def test_steps_go_forward():
    with pytest.raises(ValueError, match="step 3 is before the newest, 20"):
        filled(3).append(3, {"a": [1, 2]})


def test_what_comes_at_the_same_step_joins_its_moment():
    samples = filled(3)
    assert samples.step == 20
    samples.append(20, {"b": 9.0, "late": 5.0})
    assert len(samples) == 3
    np.testing.assert_array_equal(samples.series("b")[1], [0, 1, 9])
    np.testing.assert_array_equal(samples.series("a")[1][2], [2, -2])
    np.testing.assert_array_equal(samples.series("late"), [[20], [5]])
    assert Samples().step == -1


def test_an_unknown_key_is_refused():
    with pytest.raises(KeyError):
        filled(3).series("c")
    with pytest.raises(ValueError, match="at least 2"):
        Samples(1)


def test_what_was_appended_can_change_without_changing_what_is_kept():
    samples, values = Samples(), np.ones(3, np.float32)
    samples.append(1, {"a": values})
    values[:] = 7
    samples.series("a")[1][:] = 8
    np.testing.assert_array_equal(samples.series("a")[1], [[1, 1, 1]])


@pytest.mark.parametrize(
    ("steps", "least", "parted"),
    [
        ([1, 2, 3, 4], 0.0, []),
        ([1, 2, 3, 40, 41], 0.0, [2]),
        ([1, 2, 3, 40, 41], 50.0, []),
        ([1, 101, 201, 290, 600, 700], 0.0, [3]),
        ([5], 0.0, []),
        ([], 0.0, []),
    ],
)
def test_a_pause_is_much_longer_than_usual(steps: list[int], least: float, parted: list[int]):
    longest, found = pauses(np.array(steps, np.int64), least)
    assert np.flatnonzero(found).tolist() == parted
    assert longest >= least
