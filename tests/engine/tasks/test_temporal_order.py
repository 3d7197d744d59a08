import numpy as np
import pytest
import torch
from hypothesis import given
from hypothesis import strategies as st

from engine.settings.config import TrainingConfig
from engine.tasks.temporal_order import TemporalOrder3Task, TemporalOrderTask

LETTERS = "abcdEBXY"
CLASSES = {
    2: ["XX", "XY", "YX", "YY"],
    3: ["XXX", "XXY", "XYX", "XYY", "YXX", "YXY", "YYX", "YYY"],
}


def texts(x: np.ndarray) -> list[str]:
    assert np.all(x.sum(axis=2) == 1)
    return ["".join(LETTERS[i] for i in column) for column in x.argmax(axis=2).T]


@pytest.mark.parametrize(("kind", "marks"), [(TemporalOrderTask, 2), (TemporalOrder3Task, 3)])
@given(T=st.integers(5, 200), seed=st.integers(0, 1000))
def test_the_class_is_the_order_of_the_marks(kind: type[TemporalOrderTask], marks: int, T: int, seed: int) -> None:
    x, target = kind(TrainingConfig(sequence_length=T)).examples(np.random.default_rng(seed), 30)
    assert np.all(target.sum(axis=1) == 1)
    for text, row in zip(texts(x), target, strict=True):
        assert (text[0], text[-1]) == ("E", "B")
        order = "".join(letter for letter in text if letter in "XY")
        assert len(order) == marks
        assert CLASSES[marks][int(row.argmax())] == order
        assert set(text[1:-1]) <= set("abcdXY")


@pytest.mark.parametrize(
    ("kind", "windows"),
    [(TemporalOrderTask, [(10, 20), (50, 60)]), (TemporalOrder3Task, [(10, 20), (33, 43), (66, 76)])],
)
def test_at_100_steps_the_marks_stand_where_the_paper_says(
    kind: type[TemporalOrderTask], windows: list[tuple[int, int]]
) -> None:
    x, target = kind(TrainingConfig(sequence_length=100)).examples(np.random.default_rng(0), 3000)
    places = np.array([[t for t, letter in enumerate(text) if letter in "XY"] for text in texts(x)])
    assert list(zip(places.min(axis=0), places.max(axis=0), strict=True)) == windows
    shares = target.mean(axis=0)
    np.testing.assert_allclose(shares, 1 / shares.size, atol=0.03)
    # Answering with the classes' shares, over these very examples:
    loss = -np.mean(np.log(target @ shares))
    assert kind(TrainingConfig()).trivial_loss == pytest.approx(float(loss), rel=0.01)


def test_a_sequence_is_correct_within_three_tenths() -> None:
    task = TemporalOrderTask(TrainingConfig())
    target = torch.eye(4)[[0, 1, 2]]
    p = torch.tensor([[0.71, 0.29, 0.0, 0.0], [0.31, 0.69, 0.0, 0.0], [0.1, 0.1, 0.75, 0.05]])
    loss, measure = task.batch_loss_and_measure((p + 1e-9).log(), target)
    assert float(measure) == pytest.approx(2 / 3)
    assert float(loss) == pytest.approx(-np.log([0.71, 0.69, 0.75]).mean(), rel=1e-4)


def test_the_plot_climbs_from_class_to_class() -> None:
    task = TemporalOrderTask(TrainingConfig())
    x, target = task.test_batch()
    assert np.all(np.diff(target) >= 0)
    orders = ["".join(letter for letter in text if letter in "XY") for text in texts(x)]
    assert orders == [CLASSES[2][int(value) - 1] for value in target]
    np.testing.assert_array_equal(task.shown(np.eye(4, dtype=np.float32)), [1, 2, 3, 4])
    assert np.all(np.isnan(task.shown(np.full((3, 4), np.nan, dtype=np.float32))))  # a diverged network says nothing
