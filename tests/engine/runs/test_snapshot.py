import pickle

import numpy as np
import pytest
import torch
from hypothesis import given, settings
from hypothesis import strategies as st

from engine.cell.cells import lstm as declared_lstm
from engine.runs.snapshot import Snapshot
from engine.settings.config import TrainingConfig
from engine.training.network import RecurrentNetwork, probe_gates
from engine.training.trainer import Trainer
from tests.engine.recordings import GATE_NAMES
from tests.engine.torch_weights import blog_weights

LSTM = declared_lstm()


def stepwise(weights: dict[str, np.ndarray], x: np.ndarray) -> dict[str, np.ndarray]:
    """The blog's equations one step at a time, in torch."""
    W = {name: torch.from_numpy(array) for name, array in weights.items()}
    k = W["b_f"].numel()
    C = torch.zeros(k, dtype=W["b_f"].dtype)
    h = torch.zeros(W["W_f"].shape[1] - x.shape[1], dtype=W["b_f"].dtype)
    found: dict[str, list[torch.Tensor]] = {name: [] for name in GATE_NAMES}
    for x_t in torch.from_numpy(x):
        xh = torch.cat([x_t, h])
        f, i, o = (torch.sigmoid(W[f"W_{gate}"] @ xh + W[f"b_{gate}"]) for gate in "fio")
        C_tilde = torch.tanh(W["W_C"] @ xh + W["b_C"])
        C = f * C + i * C_tilde
        h = o * torch.tanh(C)
        if "W_hr" in W:
            h = W["W_hr"] @ h
        for name, value in zip(GATE_NAMES, (f, i, C_tilde, o, C, h), strict=True):
            found[name].append(value)
    return {name: torch.stack(values).numpy() for name, values in found.items()}


@settings(max_examples=20, deadline=None)
@given(
    k=st.integers(2, 6),
    projected=st.booleans(),
    layers=st.integers(1, 3),
    T=st.integers(4, 20),
    seed=st.integers(0, 9),
)
def test_gates_agree_with_a_cell_stepped_in_torch(k: int, projected: bool, layers: int, T: int, seed: int) -> None:
    config = TrainingConfig(cell_size=k, hidden_size=k - 1 if projected else 0, layers=layers, seed=seed)
    lstm = RecurrentNetwork(config, 2, 1, True).recurrent.kernel.double()
    x = np.random.default_rng(seed).normal(size=(T, 2))
    weights = [blog_weights(lstm, layer) for layer in range(layers)]
    found = probe_gates(LSTM, weights, x)
    fed = x
    for layer, gates in enumerate(found):
        expected = stepwise(weights[layer], fed)
        for name in GATE_NAMES:
            np.testing.assert_allclose(gates[name], expected[name], rtol=0, atol=1e-12)
        fed = gates["h"]
    np.testing.assert_allclose(fed, lstm(torch.from_numpy(x))[0].detach().numpy(), rtol=0, atol=1e-12)


def test_gates_keep_the_dtype_of_the_weights() -> None:
    lstm = RecurrentNetwork(TrainingConfig(cell_size=3), 2, 1, True).recurrent.kernel
    gates = probe_gates(LSTM, [blog_weights(lstm, 0)], np.zeros((4, 2), dtype=np.float32))[0]
    assert {array.dtype for array in gates.values()} == {np.dtype(np.float32)}


def test_saturated_gates_give_no_warning() -> None:
    weights = {f"W_{gate}": np.full((2, 3), 1e4, dtype=np.float32) for gate in "fiCo"}
    weights |= {f"b_{gate}": np.zeros(2, dtype=np.float32) for gate in "fiCo"}
    (gates,) = probe_gates(LSTM, [weights], np.array([[1.0], [-1.0]], dtype=np.float32))
    np.testing.assert_array_equal(gates["f"][0], [1, 1])
    np.testing.assert_array_equal(gates["i"][0], [1, 1])
    assert all(np.isfinite(array).all() for array in gates.values())


@pytest.fixture
def snapshot() -> Snapshot:
    config = TrainingConfig(cell_size=4, hidden_size=3, layers=2, sequence_length=8, batch_size=2)
    trainer = Trainer(config)
    trainer.step()
    return trainer.snapshot()


def test_a_snapshot_is_read_only_even_after_travelling(snapshot: Snapshot) -> None:
    for one in (snapshot, pickle.loads(pickle.dumps(snapshot))):
        assert one.step == 1
        assert one.layers == 2
        arrays = [array for part in (*one.gates, *one.weights) for array in part.values()]
        for array in (*arrays, one.probe, one.position, one.target, one.prediction):
            assert array.dtype == np.float32
            assert not array.flags.writeable
    assert snapshot.gates[0]["f"].shape == (8, 4)
    assert snapshot.gates[1]["h"].shape == (8, 3)
    assert snapshot.prediction.shape == snapshot.target.shape == snapshot.position.shape


def test_a_layer_as_a_document_gives_the_gates_of_the_snapshot(snapshot: Snapshot) -> None:
    for layer in range(2):
        document = snapshot.document(layer)
        assert (document.m, document.n, document.k) == ((2, 3, 4) if layer == 0 else (3, 3, 4))
        (gates,) = probe_gates(
            LSTM, [{name: np.asarray(array) for name, array in document.weights.items()}], document.x
        )
        for name in GATE_NAMES:
            np.testing.assert_allclose(gates[name], snapshot.gates[layer][name], rtol=0, atol=1e-6)
    with pytest.raises(IndexError, match="layers 0 to 1"):
        snapshot.document(2)
