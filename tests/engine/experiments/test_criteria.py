"""When a network counts as having learnt its task: criteria, and the judges that ask for them."""

from __future__ import annotations

import math
from collections.abc import Sequence

import numpy as np
import pytest

from engine.experiments.criteria import (
    LastErrors,
    all_copied,
    class_errors,
    legal_above_illegal,
    mean_cross_entropy,
    mean_squared_error,
    value_errors,
    wrong,
)
from engine.experiments.judges import CopyingJudge, Judge, LongStreamsJudge, Test, UnseenStringsJudge
from engine.settings.config import TrainingConfig
from engine.tasks.goal import Goal

# The criteria


def test_errors_of_values_and_of_classes() -> None:
    np.testing.assert_allclose(value_errors(np.array([[0.5, 1.0]]), np.array([[0.2, 1.1]])), [[0.2, 0.3]])
    rows = class_errors(np.log(np.float32([[0.75, 0.25], [0.5, 0.5]])), np.float32([[1, 0], [0, 1]]))
    np.testing.assert_allclose(rows, [[0.25, 0.25], [0.5, 0.5]], rtol=1e-6)


def test_losses() -> None:
    assert mean_squared_error(np.float32([[1], [3]]), np.float32([[0], [1]])) == 2.5
    uniform = np.full((4, 2, 8), 500.0, dtype=np.float32)
    assert mean_cross_entropy(uniform, np.eye(8, dtype=np.float32)[np.zeros((4, 2), int)]) == pytest.approx(math.log(8))


def rows_of(values: Sequence[float]) -> np.ndarray:
    return np.stack([values, values], axis=1)


def test_solved_at_the_very_bounds_of_the_adding_problem() -> None:
    goal = Goal(mean=0.01, each=0.04)

    def solved(values: list[float]) -> bool:
        last = LastErrors(goal)
        last.add(rows_of(values))
        return last.solved()

    assert goal.last == 2000
    assert solved([0.0099] * 2000)
    assert not solved([0.0099] * 1999)  # too few to say
    assert not solved([0.015625] * 2000)
    exact = LastErrors(Goal(mean=0.25, each=0.5, last=4))
    exact.add(rows_of([0.25] * 4))
    assert not exact.solved()  # below, not at
    exact.add(rows_of([0.25 - 2**-40]))
    assert exact.solved()
    assert solved([0.0] * 1999 + [np.nextafter(0.04, 0)])
    assert not solved([0.0] * 1999 + [0.04])
    assert not solved([0.0] * 1999 + [math.nan])


def test_so_many_may_be_wrong_and_not_one_more() -> None:
    for count, expected in ((140, True), (141, False)):
        last = LastErrors(Goal(mean=0.01, each=0.04, wrong_at_most=140))
        last.add(rows_of([0.05] * count + [0.0] * (2000 - count)))
        assert last.solved() is expected
    assert wrong(np.array([0.039, 0.04, 0.05, math.nan]), 0.04) == 3


def test_only_the_last_sequences_count() -> None:
    last = LastErrors(Goal(mean=0.1, each=0.3, last=5))
    for value in (9.0, 9.0, 9.0):
        last.add(rows_of([value] * 3))
    for step in range(5):
        assert not last.solved()
        last.add(rows_of([0.01]))
        assert last.solved() is (step == 4)
    last.add(rows_of([9.0] + [0.0] * 5))  # more than are looked at: the first of them is already gone
    assert last.solved()


def test_every_legal_symbol_above_every_illegal_one() -> None:
    legal = np.zeros((2, 4, 3))
    legal[0, :, :2] = 1
    legal[1, :3, 2] = 1  # the fourth string ends after the first step
    output = np.zeros((2, 4, 3))
    output[0] = [1.0, 2.0, 0.9]
    output[1, :, 2] = 1.0
    output[1, 3] = [5.0, 5.0, -5.0]
    output[0, 1, 2] = 1.0  # as active as the less active legal one
    output[1, 2, 2] = math.nan
    assert legal_above_illegal(output, legal).tolist() == [True, False, False, True]


def test_copied_means_every_one_of_the_last_symbols() -> None:
    target = np.eye(3)[np.array([[0, 0, 0], [1, 1, 1], [2, 2, 2]])]  # (3 steps, 3 sequences, 3)
    output = target.copy()
    output[0, 0] = [0, 9, 0]  # before the last two
    output[2, 1] = [0, 9, 1]
    output[1, 2] = math.nan
    assert all_copied(output, target, 2).tolist() == [True, False, False]


# The judges


def right_answers(judge: Judge, size: int):
    """Return an answer that knows the target: it draws what the judge draws, and looks it up by x."""

    def answer(x: np.ndarray) -> np.ndarray:
        return np.concatenate([answer_of(x[:, column]) for column in range(x.shape[1])], axis=1)

    known: dict[bytes, np.ndarray] = {}
    task = judge.task
    drawn = task.examples

    def remember(rng: np.random.Generator, count: int):
        x, target = drawn(rng, count)
        for column in range(count):
            known[x[:, column].tobytes()] = target[:, column, -size:]
        return x, target

    task.examples = remember  # type: ignore[method-assign]

    def answer_of(sequence: np.ndarray) -> np.ndarray:
        return known[sequence.tobytes()][:, np.newaxis]

    return answer


def test_strings_that_were_trained_on_are_not_tested() -> None:
    judge = UnseenStringsJudge(TrainingConfig(task="embedded-reber", sequence_length=30), 40, every=100)
    before, _ = judge.unseen(7)
    judge.on_drawn(before[:, :20])
    after, legal = judge.unseen(7)
    strings = {after[:, column].tobytes() for column in range(40)}
    assert len(strings) == 40
    assert not strings & {before[:, column].tobytes() for column in range(20)}
    assert strings >= {before[:, column].tobytes() for column in range(20, 40)}
    assert legal.shape == (30, 40, 7)


def test_one_wrong_string_is_one_too_many() -> None:
    judge = UnseenStringsJudge(TrainingConfig(task="embedded-reber", sequence_length=30), 40, every=100)
    answer = right_answers(judge, 7)
    assert judge.solved(answer, 100)
    assert judge.test(answer) == Test(0, 40)

    def one_wrong(x: np.ndarray) -> np.ndarray:
        output = answer(x)
        output[0, 3] = -output[0, 3]
        return output

    assert not judge.solved(one_wrong, 100)
    assert judge.test(one_wrong) == Test(1, 40)


def test_long_streams_are_asked_for_only_after_short_ones() -> None:
    judge = LongStreamsJudge(TrainingConfig(task="continual-reber", sequence_length=20), streams=3, steps=60, every=10)
    lengths: list[int] = []

    def zeros(x: np.ndarray) -> np.ndarray:
        lengths.append(len(x))
        return np.zeros((len(x), 3, 7), dtype=np.float32)

    assert not judge.solved(zeros, 10)
    assert lengths == [20]
    assert judge.test(zeros) == Test(3, 3)
    assert lengths == [20, 60]


def test_copying_is_solved_below_a_share_of_the_baseline() -> None:
    judge = CopyingJudge(TrainingConfig(task="copying", sequence_length=10), 0.1, 12, every=10)
    answer = right_answers(judge, 9)
    assert judge.solved(lambda x: 50 * answer(x), 10)
    assert judge.test(lambda x: 50 * answer(x)).loss == pytest.approx(0, abs=1e-9)
    baseline = 10 * math.log(8) / 30

    def costing(loss: float):
        return lambda x: math.log(8 / (math.exp(loss) - 1)) * answer(x)  # -ln p = ln(1 + 8 e^-a)

    assert judge.solved(costing(0.0999 * baseline), 10)
    assert not judge.solved(costing(0.1001 * baseline), 10)
    assert not judge.solved(lambda x: np.full((30, 12, 9), math.nan, dtype=np.float32), 10)
    zeros = judge.test(lambda x: np.zeros((30, 12, 9), dtype=np.float32))
    assert zeros.wrong == 12
    assert zeros.loss == pytest.approx(math.log(9))
