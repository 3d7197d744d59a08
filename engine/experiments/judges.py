"""Judges, which watch a training run and say when it has solved its task; one for each kind of criterion."""

from abc import ABC, abstractmethod
from collections.abc import Callable
from dataclasses import dataclass, replace
from typing import Any

import numpy as np

from ..settings.config import TrainingConfig
from ..tasks import create_task
from ..tasks.base import TEST_STREAM, Float32
from ..tasks.copying import COPIED
from ..tasks.goal import Goal
from .criteria import Errors, LastErrors, all_copied, legal_above_illegal, mean_cross_entropy, wrong

Answer = Callable[[Float32], Float32]
"""What a network answers to x (T, B, m): (B, outputs), or (T, B, outputs) where the task answers at every step."""

_FINAL = 2**31  # the number of the last test, beyond those of all tests on the way


@dataclass(frozen=True)
class Test:
    """How a network did on fresh sequences, after its training: how many were wrong, and its loss where asked for."""

    __test__ = False  # pytest takes a class of this name for its own

    wrong: int
    sequences: int
    loss: float | None = None


class Judge(ABC):
    """Watches one run. every: after how many sequences it may be asked again whether the task is solved."""

    every = 1

    def __init__(self, config: TrainingConfig) -> None:
        self.config = config
        self.task = create_task(config)

    def on_answers(self, output: Any, target: Any) -> None:
        """See the answers of one training step and their targets, torch tensors without gradient."""
        del output, target

    def on_drawn(self, x: Float32) -> None:
        """See training sequences (T, B, m) before the network does."""
        del x

    @abstractmethod
    def solved(self, answer: Answer, sequences: int) -> bool:
        """Say whether the task is solved after this many training sequences."""

    @abstractmethod
    def test(self, answer: Answer) -> Test:
        """Return how the network does on fresh sequences, whether it has solved the task or not."""

    def generator(self, number: int) -> np.random.Generator:
        """Return the random numbers of test `number`; no training batch has them."""
        return np.random.default_rng((self.config.seed, TEST_STREAM, number))


class LastSequencesJudge(Judge):
    """Solved when the last training sequences keep to a goal; tested on fresh ones.

    errors: turns answers and targets into the rows of `criteria.Errors`. loss: what the test tells besides.
    """

    def __init__(
        self,
        config: TrainingConfig,
        errors: Callable[[Float32, Float32], Errors],
        goal: Goal,
        tested: int,
        loss: Callable[[Float32, Float32], float] | None = None,
    ) -> None:
        super().__init__(config)
        self._errors, self._tested, self._loss = errors, tested, loss
        self._last = LastErrors(goal)

    def on_answers(self, output: Any, target: Any) -> None:
        """Take the errors of one training step's answers, made before the step changed the network."""
        self._last.add(self._errors(output.numpy(), target.numpy()))

    def solved(self, answer: Answer, sequences: int) -> bool:
        """Say whether the last training sequences keep to the goal."""
        return self._last.solved()

    def test(self, answer: Answer) -> Test:
        """Count the fresh sequences whose largest error is not below the bound of a right one."""
        x, target = self.task.examples(self.generator(_FINAL), self._tested)
        output = answer(x)
        count = wrong(self._errors(output, target)[:, 1], self._last.goal.each)
        return Test(count, self._tested, self._loss(output, target) if self._loss else None)


class UnseenStringsJudge(Judge):
    """Solved when so many strings that no training batch had are all predicted right."""

    def __init__(self, config: TrainingConfig, tested: int, every: int) -> None:
        super().__init__(config)
        self.every, self._tested = every, tested
        self._trained: set[bytes] = set()

    def on_drawn(self, x: Float32) -> None:
        """Remember every training string."""
        self._trained.update(_keys(x))

    def unseen(self, number: int) -> tuple[Float32, Float32]:
        """Return different strings that were never trained on: x (T, tested, m) and the legal symbols."""
        rng, size = self.generator(number), self.task.output_size
        taken: set[bytes] = set()
        xs: list[Float32] = []
        targets: list[Float32] = []
        while len(taken) < self._tested:
            x, target = self.task.examples(rng, self._tested)
            for column, key in enumerate(_keys(x)):
                if key not in self._trained and key not in taken and len(taken) < self._tested:
                    taken.add(key)
                    xs.append(x[:, column])
                    targets.append(target[:, column, size:])
        return np.stack(xs, axis=1), np.stack(targets, axis=1)

    def _wrong(self, answer: Answer, number: int) -> int:
        x, legal = self.unseen(number)
        return int(np.count_nonzero(~legal_above_illegal(answer(x), legal)))

    def solved(self, answer: Answer, sequences: int) -> bool:
        """Say whether every one of the unseen strings is predicted right; each time others are drawn."""
        return self._wrong(answer, sequences) == 0

    def test(self, answer: Answer) -> Test:
        """Count the wrong ones among as many further unseen strings."""
        return Test(self._wrong(answer, _FINAL), self._tested)


def _keys(x: Float32) -> list[bytes]:
    """Return what tells the sequences of x (T, B, m) apart, one key a sequence; x is one-hot, or zeros at the end."""
    symbols = np.where(x.any(axis=2), x.argmax(axis=2), -1).astype(np.int8)  # (T, B)
    return [column.tobytes() for column in symbols.T]


class LongStreamsJudge(Judge):
    """Solved when many fresh streams, each far longer than those trained on, are predicted without a mistake.

    A short look at streams as long as those trained on comes first, because the long one takes seconds.
    """

    def __init__(self, config: TrainingConfig, streams: int, steps: int, every: int) -> None:
        super().__init__(config)
        self.every, self._streams = every, streams
        self._long = create_task(replace(config, sequence_length=steps))

    def _right(self, answer: Answer, number: int, long: bool) -> int:
        task = self._long if long else self.task
        x, target = task.examples(self.generator(number), self._streams)
        return int(np.count_nonzero(legal_above_illegal(answer(x), target[:, :, task.output_size :])))

    def solved(self, answer: Answer, sequences: int) -> bool:
        """Say whether all streams are right, the short ones and then the long ones."""
        return all(self._right(answer, sequences, long) == self._streams for long in (False, True))

    def test(self, answer: Answer) -> Test:
        """Count the wrong ones among as many further long streams."""
        return Test(self._streams - self._right(answer, _FINAL, True), self._streams)


class CopyingJudge(Judge):
    """Solved when the cross-entropy of fresh sequences is below a share of what answering from no memory costs."""

    def __init__(self, config: TrainingConfig, share: float, tested: int, every: int) -> None:
        super().__init__(config)
        self.every, self._tested = every, tested
        self._below = share * self.task.trivial_loss

    def solved(self, answer: Answer, sequences: int) -> bool:
        """Say whether the cross-entropy of fresh sequences is low enough; each time others are drawn."""
        return self._look(answer, sequences)[1] < self._below

    def test(self, answer: Answer) -> Test:
        """Count those of as many further sequences that are not copied without a mistake; tell the cross-entropy."""
        wrong_ones, loss = self._look(answer, _FINAL)
        return Test(wrong_ones, self._tested, loss)

    def _look(self, answer: Answer, number: int) -> tuple[int, float]:
        x, target = self.task.examples(self.generator(number), self._tested)
        output = answer(x)
        wrong_ones = np.count_nonzero(~all_copied(output, target, COPIED))
        return int(wrong_ones), mean_cross_entropy(output, target)
