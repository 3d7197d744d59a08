import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from engine.settings.config import TrainingConfig
from engine.tasks.multiplication import MultiplicationTask


@given(T=st.integers(4, 60), seed=st.integers(0, 1000))
def test_the_target_is_the_product_of_the_marked_values(T: int, seed: int) -> None:
    x, target = MultiplicationTask(TrainingConfig(sequence_length=T)).examples(np.random.default_rng(seed), 40)
    values, marker = x[:, :, 0], x[:, :, 1]
    assert np.all((values >= 0) & (values <= 1))
    assert np.all(marker[[0, -1]] == -1)
    for column in range(40):
        marked = [t for t in range(1, T - 1) if marker[t, column] == 1]
        assert len(marked) in (1, 2)  # 1 where the first pair was chosen: its value counts as 1
        product = 1.0
        for t in marked:
            product *= values[t, column]
        assert target[column, 0] == pytest.approx(product, abs=1e-6)


@pytest.mark.parametrize("T", [4, 5, 11, 50])
def test_the_trivial_loss_is_that_of_the_mean(T: int) -> None:
    task = MultiplicationTask(TrainingConfig(sequence_length=T))
    _, target = task.examples(np.random.default_rng(0), 200_000)
    assert task.trivial_loss == pytest.approx(float(np.mean((target - target.mean()) ** 2)), rel=0.02)
