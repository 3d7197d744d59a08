import dataclasses
import json
import pickle
from typing import Any

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from hypothesis.extra import numpy as hnp

from engine.recording.packing import PackingError, pack, pack_arrays, unpack, unpack_arrays
from engine.runs.observation import FLOW, OBSERVED, SAMPLE, Extras, Flow, LayerFlow
from engine.runs.snapshot import Snapshot
from engine.settings.config import TrainingConfig
from engine.tasks import create_task
from engine.tasks.base import TaskFacts
from engine.training.trainer import Trainer
from tests.engine.recordings import snapshot


def same(one: Any, other: Any) -> bool:
    """Whether two packed things hold the same, bit for bit."""
    if dataclasses.is_dataclass(one):
        names = [item.name for item in dataclasses.fields(one)]
        return type(one) is type(other) and all(same(getattr(one, name), getattr(other, name)) for name in names)
    if isinstance(one, np.ndarray):
        return one.dtype == other.dtype and one.shape == other.shape and one.tobytes() == other.tobytes()
    if isinstance(one, dict):
        return one.keys() == other.keys() and all(same(one[key], other[key]) for key in one)
    if isinstance(one, (tuple, list)):
        return len(one) == len(other) and all(same(a, b) for a, b in zip(one, other, strict=True))
    return bool(one == other)


@pytest.mark.parametrize(
    ("task", "cell", "hidden", "layers"),
    [
        ("adding", "lstm", 0, 1),
        ("adding", "lstm", 2, 2),
        ("copying", "gru", 0, 1),
        ("characters", "peephole", 0, 1),
        ("sine", "rnn", 0, 2),
        ("adding", "coupled", 0, 1),
        ("adding", "lstm-1997", 0, 1),
    ],
)
def test_what_a_training_shows_comes_back_bit_for_bit(task: str, cell: str, hidden: int, layers: int) -> None:
    trainer = Trainer(
        TrainingConfig(
            task=task,
            cell=cell,
            cell_size=4,
            hidden_size=hidden,
            layers=layers,
            sequence_length=5,
            batch_size=3,
            device="cpu",
            twin="on",
        )
    )
    wants = frozenset({FLOW, OBSERVED, SAMPLE})
    trainer.snapshot(wants)
    trainer.step()
    seen = trainer.snapshot(wants)
    assert seen.extras.flow is not None
    assert seen.extras.observed is not None
    found = unpack(pack(seen), Snapshot)
    assert same(seen, found)
    assert not found.weights[0][next(iter(found.weights[0]))].flags.writeable


def test_facts_of_a_task_come_back() -> None:
    facts = create_task(TrainingConfig(task="characters")).facts()
    assert unpack(pack(facts), TaskFacts) == facts


@given(
    st.dictionaries(
        st.text(max_size=8).filter(lambda name: name not in ("about", "__metadata__")),
        hnp.arrays(
            st.sampled_from([np.float32, np.float64, np.int64, np.uint8, np.bool_]),
            hnp.array_shapes(min_dims=0, max_dims=3, min_side=0, max_side=4),
        ),
        max_size=4,
    ),
    st.dictionaries(st.text(max_size=5), st.integers() | st.text(max_size=5) | st.none(), max_size=3),
)
def test_any_arrays_come_back_bit_for_bit(arrays: dict[str, np.ndarray], about: dict[str, Any]) -> None:
    found, said = unpack_arrays(pack_arrays(arrays, about))
    assert said == about
    assert same(arrays, found)


def test_arrays_in_any_order_of_memory_come_back() -> None:
    turned = np.arange(6, dtype=np.float32).reshape(2, 3).T
    found, _ = unpack_arrays(pack_arrays({"turned": turned, "every other": np.arange(9)[::2]}, {}))
    np.testing.assert_array_equal(found["turned"], turned)
    np.testing.assert_array_equal(found["every other"], [0, 2, 4, 6, 8])


def test_other_bytes_are_refused() -> None:
    good = pack(snapshot(3))
    for bad in (
        b"",
        b"x",
        b"\xff" * 100,
        good[:-1],
        good[:20],
        pickle.dumps(1),
        pack_arrays({}, {"value": {"What": {}}}),
    ):
        with pytest.raises(PackingError):
            unpack(bad, Snapshot)
    with pytest.raises(PackingError, match="Flow was expected, found Snapshot"):
        unpack(good, Flow)
    with pytest.raises(PackingError):
        unpack(pack_arrays({}, {"value": {"array": "7"}}), Snapshot)


def test_what_is_not_known_cannot_be_packed() -> None:
    with pytest.raises(TypeError, match="object cannot be packed"):
        pack(object())


def test_what_a_later_version_has_added_is_left_out_and_what_it_has_given_up_has_its_default() -> None:
    arrays, about = unpack_arrays(pack(Flow(4, (LayerFlow({}, {}, {}),), sequences=3, sequence=2)))
    members = about["value"]["Flow"]
    members["mood"] = "good"
    del members["sequence"]
    found = unpack(pack_arrays(arrays, about), Flow)
    assert (found.step, found.sequences, found.sequence) == (4, 3, 0)


@given(st.data())
def test_damaged_bytes_are_refused_or_make_the_same_kind_of_thing(data: st.DataObject) -> None:
    good = bytearray(pack(snapshot(3)))
    for _ in range(data.draw(st.integers(1, 5))):
        good[data.draw(st.integers(0, len(good) - 1))] = data.draw(st.integers(0, 255))
    try:
        found = unpack(bytes(good), Snapshot)
    except PackingError:
        return
    assert isinstance(found, Snapshot)


@given(
    st.recursive(
        st.none() | st.integers() | st.text(max_size=3),
        lambda inner: (
            st.lists(inner, max_size=3)
            | st.dictionaries(st.sampled_from(["array", "map", "Snapshot", "Extras", "0", "step"]), inner, max_size=2)
        ),
        max_leaves=8,
    )
)
def test_any_description_is_refused_or_makes_the_kind_that_was_asked_for(value: Any) -> None:
    data = pack_arrays({"0": np.zeros(3, dtype=np.float32)}, json.loads(json.dumps({"value": value})))
    try:
        found = unpack(data, Extras)
    except PackingError:
        return
    assert isinstance(found, Extras)
