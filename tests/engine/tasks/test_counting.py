from collections import Counter

import numpy as np
import pytest
import torch
from hypothesis import given
from hypothesis import strategies as st

from engine.settings.config import TrainingConfig
from engine.tasks.counting import CountingTask, ThreeLettersTask, TwoLettersTask

KINDS = pytest.mark.parametrize("kind", [TwoLettersTask, ThreeLettersTask])


def text(x: np.ndarray, letters: str) -> str:
    assert np.all(x.sum(axis=1) <= 1)
    return "".join(letters[int(row.argmax())] for row in x if row.any())


def strings(task: CountingTask, count: int, seed: int = 0) -> list[tuple[str, list[set[str]]]]:
    x, target = task.examples(np.random.default_rng(seed), count)
    letters = "abc"[: task.letters]
    found = []
    for column in range(count):
        given = text(x[:, column], "^" + letters)
        following = text(target[:, column, : task.output_size], letters + "$")
        assert given[1:] + "$" == following
        assert given[0] == "^"
        legal = [
            {c for c, on in zip(letters + "$", row, strict=True) if on} for row in target[:, column, task.output_size :]
        ]
        assert not any(legal[len(given) :])
        found.append((following, legal[: len(given)]))
    return found


@KINDS
@given(T=st.integers(4, 70), seed=st.integers(0, 1000))
def test_each_letter_comes_n_times(kind: type[CountingTask], T: int, seed: int) -> None:
    task = kind(TrainingConfig(sequence_length=T))
    for following, legal in strings(task, 20, seed):
        n = following.count("a")
        assert 1 <= n <= task.longest
        assert following == "".join(n * letter for letter in "abc"[: task.letters]) + "$"
        for t, said in enumerate(legal):
            read = following[:t]
            could = {"a", "b"} if read and set(read) == {"a"} else {following[t]}
            assert said == could


@KINDS
def test_every_n_is_trained_and_longer_ones_are_tested(kind: type[CountingTask]) -> None:
    task = kind(TrainingConfig(sequence_length=25))
    N = 24 // task.letters
    assert {following.count("a") for following, _ in strings(task, 1000)} == set(range(1, N + 1))
    x, target = task.test_batch()
    assert [int(column.sum()) for column in x[:, :, 1].T] == [N, N + (N + 1) // 2, 2 * N]
    assert target.sum() == 3  # each string ends once
    ends = np.flatnonzero(target)
    np.testing.assert_array_equal(np.diff([-1, *ends]), task.letters * task.tested + 1)


@KINDS
def test_the_trivial_loss_is_that_of_the_frequencies(kind: type[CountingTask]) -> None:
    task = kind(TrainingConfig(sequence_length=30))
    seen = Counter("".join(following for following, _ in strings(task, 5000)))
    shares = np.array(list(seen.values())) / seen.total()
    assert task.trivial_loss == pytest.approx(-float(np.sum(shares * np.log(shares))), rel=0.01)


def test_a_plot_of_long_strings_keeps_their_ends() -> None:
    task = TwoLettersTask(TrainingConfig(sequence_length=1001))
    x, target = task.test_batch()
    np.testing.assert_array_equal(np.flatnonzero(target), [99, 199, 299])
    output = np.zeros((*x.shape[:2], 3), dtype=np.float32)
    np.testing.assert_allclose(task.shown(output), np.full(300, 1 / 3), rtol=1e-6)


def test_a_string_is_accepted_if_no_step_is_wrong() -> None:
    task = TwoLettersTask(TrainingConfig(sequence_length=21))
    _, target = task.examples(np.random.default_rng(0), 4)
    output = torch.from_numpy(target[:, :, 3:].copy())
    assert float(task.batch_loss_and_measure(output, torch.from_numpy(target))[1]) == 1
    output[0, 1, 1] = 2  # b before the first a
    assert float(task.batch_loss_and_measure(output, torch.from_numpy(target))[1]) == 0.75
