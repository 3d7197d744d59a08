import numpy as np
import pytest
import torch

from engine.settings.config import TrainingConfig
from engine.tasks.parity import ParityTask


def test_the_target_is_the_parity_of_the_sum() -> None:
    x, target = ParityTask(TrainingConfig(sequence_length=30)).examples(np.random.default_rng(0), 500)
    assert set(np.unique(x)) == {0, 1}
    for column in range(20):
        ones = 0
        for t in range(30):
            ones += int(x[t, column, 0])
            assert list(target[t, column]) == [float(ones % 2 == 0), float(ones % 2 == 1)]
    share = target.reshape(-1, 2).mean(axis=0)
    loss = -np.mean(np.log(target.reshape(-1, 2) @ share))
    assert ParityTask(TrainingConfig()).trivial_loss == pytest.approx(float(loss), rel=1e-3)


@pytest.mark.parametrize("T", [20, 300])
def test_the_plot_shows_the_end_of_one_sequence(T: int) -> None:
    task = ParityTask(TrainingConfig(sequence_length=T))
    x, target = task.test_batch()
    positions = task.positions()
    assert positions[-1] == T
    assert positions.size == target.size == min(T, 100)
    for place, value in zip(positions, target, strict=True):
        assert x[: int(place)].sum() % 2 == value
    output = np.zeros((T, 1, 2), dtype=np.float32)
    output[-1, 0, 1] = np.log(3)
    np.testing.assert_allclose(task.shown(output)[-2:], [0.5, 0.75], atol=1e-6)


def test_one_wrong_step_spoils_a_sequence() -> None:
    task = ParityTask(TrainingConfig(sequence_length=6))
    _, target = task.examples(np.random.default_rng(0), 4)
    output = torch.from_numpy(target * 8 - 4)
    assert float(task.batch_loss_and_measure(output, torch.from_numpy(target))[1]) == 1
    output[3, 2] = output[3, 2].flip(0)
    assert float(task.batch_loss_and_measure(output, torch.from_numpy(target))[1]) == 0.75
