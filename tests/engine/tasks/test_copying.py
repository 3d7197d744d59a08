import math

import numpy as np
import pytest
import torch

from engine.settings.config import TrainingConfig
from engine.tasks.copying import CopyingTask


@pytest.mark.parametrize("T", [4, 5, 50])
def test_ten_symbols_a_pause_a_sign_and_the_same_ten(T: int) -> None:
    x, target = CopyingTask(TrainingConfig(sequence_length=T)).examples(np.random.default_rng(0), 40)
    assert x.shape == (T + 20, 40, 10)
    assert target.shape == (T + 20, 40, 9)
    assert np.all(x.sum(axis=2) == 1)
    assert np.all(target.sum(axis=2) == 1)
    given, wanted = x.argmax(axis=2), target.argmax(axis=2)
    assert set(np.unique(given[:10])) == set(range(8))
    np.testing.assert_array_equal(wanted[-10:], given[:10])
    assert np.all(wanted[:-10] == 8)
    assert np.all(given[10 : T + 9] == 8)  # T - 1 blanks
    assert np.all(given[T + 9] == 9)
    assert np.all(given[T + 10 :] == 8)


@pytest.mark.parametrize("T", [4, 100])
def test_the_baseline_is_that_of_the_paper_and_of_a_simulation(T: int) -> None:
    task = CopyingTask(TrainingConfig(sequence_length=T))
    assert task.trivial_loss == pytest.approx(10 * math.log(8) / (T + 20))
    _, target = task.examples(np.random.default_rng(0), 2000)
    answer = np.zeros((T + 20, 1, 9))
    answer[:-10, :, 8] = 1
    answer[-10:, :, :8] = 1 / 8
    loss = -np.log((target * answer).sum(axis=2)).mean()
    assert task.trivial_loss == pytest.approx(float(loss), rel=1e-6)


def test_loss_and_measure() -> None:
    task = CopyingTask(TrainingConfig(sequence_length=10))
    _, target = task.examples(np.random.default_rng(0), 3)
    right = torch.from_numpy(target)
    loss, measure = task.batch_loss_and_measure(right * 30, right)
    assert float(loss) == pytest.approx(0, abs=1e-4)
    assert float(measure) == 1
    blank = torch.zeros_like(right)
    blank[:, :, 8] = 1
    assert float(task.batch_loss_and_measure(blank, right)[1]) == 0
    assert float(task.batch_loss_and_measure(torch.zeros_like(right), right)[0]) == pytest.approx(math.log(9), rel=1e-5)


def test_the_plot_climbs_from_symbol_to_symbol() -> None:
    task = CopyingTask(TrainingConfig(sequence_length=10))
    x, target = task.test_batch()
    np.testing.assert_array_equal(target, np.sort(x[:10].argmax(axis=2).ravel() + 1))
    perfect = np.zeros((30, 6, 9), dtype=np.float32)
    perfect[-10:] = x[:10, :, :9]
    np.testing.assert_array_equal(task.shown(perfect), target)
    perfect[-10:] *= np.nan
    assert np.all(np.isnan(task.shown(perfect)))
