from collections import Counter

import numpy as np
import pytest
import torch
from hypothesis import given
from hypothesis import strategies as st

from engine.settings.config import TrainingConfig
from engine.tasks.reber import ContinualReberTask, EmbeddedReberTask

LETTERS = "BTPSXVE"


def legal_after(read: str) -> str:
    """Say which symbols may follow the beginning of an embedded Reber string, by recursive descent."""
    if len(read) < 2:
        return "B" if not read else "TP"
    inner = inner_legal(read[2:])
    if inner is not None:
        return inner
    rest = read[2:]
    length = next(i for i in range(len(rest) + 1) if inner_legal(rest[:i]) is None)
    after = rest[length:]
    return [read[1], "E", ""][len(after)]


def inner_legal(read: str) -> str | None:
    """Say what may follow within a Reber string: B, then T S* X or P T* V …; None after its end."""
    place = "start"
    ways = {
        "start": {"B": "fork"},
        "fork": {"T": "s-loop", "P": "t-loop"},
        "s-loop": {"S": "s-loop", "X": "middle"},
        "t-loop": {"T": "t-loop", "V": "low"},
        "middle": {"X": "t-loop", "S": "close"},
        "low": {"P": "middle", "V": "close"},
        "close": {"E": "done"},
    }
    for letter in read:
        if place == "done":
            return None
        assert letter in ways[place], f"{letter} may not follow in {read}"
        place = ways[place][letter]
    return None if place == "done" else "".join(ways[place])


def letters(row: np.ndarray) -> str:
    return "".join(letter for letter, there in zip(LETTERS, row, strict=True) if there)


def strings(task: EmbeddedReberTask, count: int, seed: int = 0) -> list[tuple[str, list[str]]]:
    """Return each sequence's symbols, and what the target says is legal after each."""
    x, target = task.examples(np.random.default_rng(seed), count)
    found = []
    for column in range(count):
        read = "".join(letters(row) for row in x[:, column])
        following = "".join(letters(row) for row in target[:, column, :7])
        assert read[1:] == following[:-1]  # each symbol is first predicted, then given
        legal = [letters(row) for row in target[:, column, 7:]]
        assert "".join(legal[len(read) :]) == ""
        found.append((read[:1] + following, legal[: len(read)]))
    return found


@given(T=st.integers(8, 60), seed=st.integers(0, 1000))
def test_every_string_belongs_to_the_grammar(T: int, seed: int) -> None:
    for text, legal in strings(EmbeddedReberTask(TrainingConfig(sequence_length=T)), 20, seed):
        assert 9 <= len(text) <= T + 1
        assert legal_after(text) == ""
        assert text[1] == text[-2]
        for t, said in enumerate(legal):
            assert set(said) == set(legal_after(text[: t + 1]))


@given(T=st.integers(4, 60), seed=st.integers(0, 1000))
def test_a_stream_is_one_string_after_another(T: int, seed: int) -> None:
    for text, legal in strings(ContinualReberTask(TrainingConfig(sequence_length=T)), 5, seed):
        assert len(text) == T + 1
        begin = 0
        for t, said in enumerate(legal):
            wanted = legal_after(text[begin : t + 1])
            if not wanted:  # that was the last E
                begin, wanted = t + 1, "B"
            assert set(said) == set(wanted)
            assert text[t + 1] in wanted


@pytest.mark.parametrize(("kind", "T"), [(EmbeddedReberTask, 9), (EmbeddedReberTask, 50), (ContinualReberTask, 50)])
def test_the_trivial_loss_is_that_of_the_frequencies(kind: type[EmbeddedReberTask], T: int) -> None:
    task = kind(TrainingConfig(sequence_length=T))
    seen = Counter("".join(text[1:] for text, _ in strings(task, 4000)))
    shares = np.array(list(seen.values())) / seen.total()
    assert task.trivial_loss == pytest.approx(-float(np.sum(shares * np.log(shares))), rel=0.01)


def test_both_moves_of_a_fork_are_equally_likely() -> None:
    seconds = Counter(text[1] for text, _ in strings(EmbeddedReberTask(TrainingConfig()), 4000))
    assert seconds["T"] / 4000 == pytest.approx(0.5, abs=0.04)


def test_a_string_is_right_if_legal_symbols_stand_above_illegal_ones_everywhere() -> None:
    task = EmbeddedReberTask(TrainingConfig(sequence_length=40))
    _, target = task.examples(np.random.default_rng(0), 4)
    output = torch.from_numpy(target[:, :, 7:].copy())
    assert float(task.batch_loss_and_measure(output, torch.from_numpy(target))[1]) == 1
    forks = np.argwhere(target[:, 2, 7:].sum(axis=1) == 2)
    t = int(forks[0, 0])
    output[t, 2, int(np.flatnonzero(target[t, 2, 7:])[0])] = -0.1  # below the illegal ones, at 0
    assert float(task.batch_loss_and_measure(output, torch.from_numpy(target))[1]) == 0.75


def test_the_loss_counts_no_step_after_the_end() -> None:
    task = EmbeddedReberTask(TrainingConfig(sequence_length=40))
    _, target = task.examples(np.random.default_rng(0), 8)
    output = torch.zeros(40, 8, 7)
    output[torch.from_numpy(target[:, :, 7:].sum(axis=2) == 0)] = torch.arange(7.0)  # whatever is said there
    loss, _ = task.batch_loss_and_measure(output, torch.from_numpy(target))
    assert float(loss) == pytest.approx(np.log(7), rel=1e-5)


def test_the_probe_is_a_whole_string() -> None:
    x, target = EmbeddedReberTask(TrainingConfig()).probe()
    text = "B" + "".join(letters(row) for row in target[:, 0, :7])
    assert legal_after(text) == ""
    assert len(x) == len(text) - 1


def test_the_plot_sets_probabilities_against_true_chances() -> None:
    task = EmbeddedReberTask(TrainingConfig())
    x, target = task.test_batch()
    assert set(np.unique(target)) == {0, 0.5, 1}
    assert target.reshape(-1, 7).sum(axis=1) == pytest.approx(1)
    shown = task.shown(np.zeros((*x.shape[:2], 7), dtype=np.float32))
    np.testing.assert_allclose(shown, 1 / 7, rtol=1e-6)
