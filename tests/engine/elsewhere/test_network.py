from pathlib import Path

import numpy as np
import pytest

from engine.cell.cell import size_in_numbers
from engine.cell.cells import CELLS
from engine.elsewhere.network import network_snapshot, record_network
from engine.errors import PlainError
from engine.recording.about import RecordingError
from engine.recording.library import run_of
from engine.recording.recorded_run import read_run
from engine.runs.snapshot import traced_gates
from engine.settings.words import task_words

Layers = list[dict[str, np.ndarray]]


def layers_of(cell: str, m: int, k: int, layers: int = 1, n: int | None = None) -> Layers:
    rng, found, wide = np.random.default_rng(1), [], m
    for _ in range(layers):
        declared = CELLS[cell](n is not None, "x,h", None)
        sizes = {"m": wide, "n": n or k, "k": k}
        found.append(
            {
                item.name: rng.normal(size=size_in_numbers(item.shape, sizes)).astype(np.float32)
                for item in declared.parameters
            }
        )
        wide = n or k
    return found


@pytest.mark.parametrize("cell", CELLS)
@pytest.mark.parametrize("layers", [1, 3])
def test_a_network_is_shown_as_its_cell_computes_it(cell: str, layers: int) -> None:
    weights, x = layers_of(cell, 3, 4, layers), np.random.default_rng(2).normal(size=(20, 3)).astype(np.float32)
    snapshot = network_snapshot(cell, weights, x)
    fed = x.astype(np.float64)
    for layer in range(layers):
        doubles = {name: array.astype(np.float64) for name, array in weights[layer].items()}
        gates = traced_gates(CELLS[cell](False, "x,h", None), doubles, fed)
        assert gates.keys() == snapshot.gates[layer].keys()
        for name, expected in gates.items():
            np.testing.assert_allclose(snapshot.gates[layer][name], expected, atol=1e-6)
        fed = snapshot.gates[layer]["h"].astype(np.float64)
        np.testing.assert_allclose(
            snapshot.document(layer).weights[next(iter(weights[layer]))], next(iter(doubles.values()))
        )


def test_a_recording_without_a_step_opens(tmp_path: Path) -> None:
    path = tmp_path / "net.lstmrec"
    weights, x = layers_of("lstm", 2, 6, 2, n=3), np.linspace(-1, 1, 24).reshape(12, 2)
    record_network(path, "my net", "lstm", weights, x, "from net.pt", ("speed", "height"))
    run = read_run(path)
    assert (run.about.name, run.about.notes, run.about.steps, run.moments) == ("my net", "from net.pt", 0, (0,))
    assert (run.about.config.cell_size, run.about.config.n, run.about.config.layers) == (6, 3, 2)
    assert run.facts is not None
    assert run.facts.input_names == ("speed", "height")
    assert run.last_checkpoint == -1
    shown = run.history.last_snapshot
    assert shown is not None
    np.testing.assert_array_equal(shown.weights[1]["W_hr"], weights[1]["W_hr"])
    assert shown.gates[0]["h"].shape == (12, 3)
    listed = run_of(path)
    assert (listed.title, listed.task, listed.state, listed.verdict) == (
        "my net",
        task_words("elsewhere"),
        "finished",
        None,
    )
    with pytest.raises(RecordingError, match="exists already"):
        record_network(path, "again", "lstm", weights, x)


LSTM = layers_of("lstm", 2, 4)


@pytest.mark.parametrize(
    ("cell", "weights", "x", "said"),
    [
        ("mamba", LSTM, np.ones((3, 2)), "no cell 'mamba'"),
        ("gru", LSTM, np.ones((3, 2)), "should have the weights W_r"),
        ("lstm", [], np.ones((3, 2)), "no layer"),
        ("lstm", LSTM, np.ones((3, 6)), "more than 6 columns"),
        ("lstm", LSTM, np.ones((3, 3)), "n would be 3 and k 4"),
        ("lstm", LSTM, np.ones(3), "shape 3; time steps"),
        ("lstm", LSTM, np.ones((0, 2)), "shape 0×2"),
        ("lstm", LSTM, np.full((3, 2), np.nan), "NaN or infinite"),
        ("lstm", LSTM, np.ones((40_000, 2)), "at most 32,768"),
        ("lstm", [*LSTM, *LSTM], np.ones((3, 2)), "W_f of layer 2 should be k×"),
        ("lstm", layers_of("lstm", 2, 4, 5), np.ones((3, 2)), "Layers"),
        ("lstm", [{**LSTM[0], "W_f": np.ones(3)}], np.ones((3, 2)), "should be a matrix"),
        ("rnn", layers_of("rnn", 1, 1025), np.ones((1, 1)), "1,024"),
    ],
)
def test_what_cannot_be_shown_is_refused_in_one_sentence(
    tmp_path: Path, cell: str, weights: Layers, x: np.ndarray, said: str
) -> None:
    path = tmp_path / "net.lstmrec"
    with pytest.raises(PlainError, match=said):
        record_network(path, "net", cell, weights, x)
    assert not path.exists()
