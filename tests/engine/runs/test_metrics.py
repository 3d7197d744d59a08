"""What is measured at every step, by name."""

import numpy as np
import pytest

from engine.runs.metrics import Metrics, joined


def of(**columns: list[float]) -> Metrics:
    return Metrics(tuple(columns), np.array(list(columns.values()), dtype=np.float32).T.copy())


def test_columns_are_found_by_name_wherever_they_stand() -> None:
    metrics = of(loss=[1, 2], measure=[3, 4], grad_norm=[5, 6])
    np.testing.assert_array_equal(metrics["measure"], [3, 4])
    np.testing.assert_array_equal(metrics.of(("grad_norm", "loss")), [[5, 1], [6, 2]])
    assert metrics.of(metrics.names) is metrics.values
    metrics["measure"][:] = 9  # a view: ranks write their mean into it
    np.testing.assert_array_equal(metrics.values[:, 1], [9, 9])
    with pytest.raises(ValueError, match="not in tuple"):
        metrics["rank0"]


def test_a_column_that_is_not_there_is_nan() -> None:
    found = of(loss=[1, 2]).of(("rank0.grad_norm", "loss"))
    np.testing.assert_array_equal(found, [[np.nan, 1], [np.nan, 2]])
    assert found.dtype == np.float32


@pytest.mark.parametrize(("losses", "lost"), [([1, 2], None), ([1, np.inf, np.nan], 1), ([np.nan], 0), ([], None)])
def test_the_first_loss_that_is_no_finite_number_is_found(losses: list[float], lost: int | None) -> None:
    assert of(measure=[np.nan] * len(losses), loss=losses).lost == lost


def test_metrics_that_follow_each_other_are_joined() -> None:
    first, second = of(loss=[1, 2]), of(loss=[3])
    both = joined([None, first, second])
    assert both is not None
    np.testing.assert_array_equal(both["loss"], [1, 2, 3])
    assert joined([first, None]) is first
    assert joined([None]) is None
