import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from engine.settings.config import TrainingConfig
from engine.tasks.adding import AddingTask


@given(T=st.integers(4, 60), seed=st.integers(0, 1000))
def test_examples_are_as_in_the_paper(T: int, seed: int) -> None:
    x, target = AddingTask(TrainingConfig(sequence_length=T)).examples(np.random.default_rng(seed), 40)
    assert x.shape == (T, 40, 2)
    assert target.shape == (40, 1)
    assert x.dtype == target.dtype == np.float32
    values, marker = x[:, :, 0], x[:, :, 1]
    assert np.all((values >= -1) & (values <= 1))
    assert np.all(marker[0] == -1)
    assert np.all(marker[-1] == -1)
    marked = marker[1:-1] == 1
    assert np.all(marked | (marker[1:-1] == 0))
    assert set(marked.sum(axis=0)) <= {1, 2}  # 1 where the first pair was chosen: its value counts as 0
    total = (values[1:-1] * marked).sum(axis=0)
    np.testing.assert_allclose(target[:, 0], 0.5 + total / 4, atol=1e-6)


def test_marks_stand_in_the_first_ten_and_the_first_half() -> None:
    x, _ = AddingTask(TrainingConfig(sequence_length=50)).examples(np.random.default_rng(0), 5000)
    where = np.flatnonzero((x[:, :, 1] == 1).any(axis=1))
    assert where.max() == 23  # T/2 - 1 pairs, counted from 0
    marks = x[:, :, 1] == 1
    assert np.all(marks[:10].any(axis=0) | (marks.sum(axis=0) < 2))  # < 2: the first pair was chosen


@pytest.mark.parametrize("T", [4, 5, 11, 50])
def test_the_trivial_loss_is_the_variance_of_the_target(T: int) -> None:
    task = AddingTask(TrainingConfig(sequence_length=T))
    _, target = task.examples(np.random.default_rng(0), 200_000)
    assert task.trivial_loss == pytest.approx(float(np.mean((target - 0.5) ** 2)), rel=0.02)


def test_probe_and_test_batch_are_fixed_by_the_seed() -> None:
    first, again, other = (AddingTask(TrainingConfig(seed=seed)) for seed in (1, 1, 2))
    for name in ("probe", "test_batch"):
        for left, right in zip(getattr(first, name)(), getattr(again, name)(), strict=True):
            np.testing.assert_array_equal(left, right)
        assert not np.array_equal(getattr(first, name)()[0], getattr(other, name)()[0])
    assert first.probe()[0].shape == (50, 1, 2)
    assert first.test_batch()[1].shape == (64,)
    assert first.positions().shape == (64,)


def test_the_measure_is_the_share_of_small_errors() -> None:
    torch = pytest.importorskip("torch")
    task = AddingTask(TrainingConfig())
    target = torch.tensor([[0.5], [0.5], [0.5], [0.5]])
    output = torch.tensor([[0.5], [0.53], [0.45], [0.9]], requires_grad=True)
    loss, measure = task.batch_loss_and_measure(output, target)
    assert float(measure) == 0.5
    assert float(loss.detach()) == pytest.approx((0.03**2 + 0.05**2 + 0.4**2) / 4, rel=1e-5)
    assert not measure.requires_grad
