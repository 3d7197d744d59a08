"""Networks written as ONNX models: ONNX Runtime gives the window's numbers, and they are read back as they were."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import numpy as np
import onnx
import pytest

from engine.cell.cell import size_in_numbers
from engine.cell.cells import CELLS
from engine.formats.found import Found, FoundLayer, NetworkFileError
from engine.formats.network_files import read_network, write_network
from engine.formats.running import outputs
from tests.engine.formats.onnx_networks import run

M, N, T = 3, 6, 50
ENOUGH = 1e-6


def layer(
    cell: str, number: int = 0, reverse: bool = False, both: bool = False, n: int = N, projected: bool = False
) -> FoundLayer:
    """A random layer; `both` where the layer below it has two directions."""
    draw = np.random.default_rng(2 * number + reverse)
    m = M if number == 0 else n * (1 + both)
    sizes = {"m": m, "n": n, "k": n + projected}
    declared = CELLS[cell](projected).parameters
    weights = {item.name: draw.normal(0, 0.3, size_in_numbers(item.shape, sizes)) for item in declared}
    return FoundLayer("net", cell, m, n, n + projected, weights, number, reverse)


def network(cell: str, layers: int = 1, both: bool = False, **more: Any) -> Found:
    found = tuple(
        layer(cell, number, reverse, both) for number in range(layers) for reverse in (False, True)[: 1 + both]
    )
    return Found("a test", found, **more)


def sequence() -> np.ndarray[Any, np.dtype[np.float64]]:
    return np.random.default_rng(9).normal(size=(T, M))


def apart(ours: Any, theirs: Any) -> float:
    return float(np.abs(ours - theirs).max() / np.abs(theirs).max())


@pytest.mark.parametrize("both", [False, True])
@pytest.mark.parametrize("layers", [1, 2])
@pytest.mark.parametrize("cell", CELLS)
def test_onnx_runtime_gives_the_windows_numbers(cell: str, layers: int, both: bool, tmp_path: Path) -> None:
    found, path = network(cell, layers, both), tmp_path / "net.onnx"
    # Where nothing is forgotten, what float32 rounds off adds up, in ONNX Runtime as in any other program.
    x = sequence()[: 20 if cell == "lstm-1997" else T]
    notes = write_network(path, found)
    made = onnx.load(path)
    onnx.checker.check_model(made, full_check=True)
    h = run(made, x[:, None].astype(np.float32))
    assert apart(h[:, 0], outputs(found, "net", x)) < ENOUGH
    assert run(made, np.zeros((2, 4, M), np.float32)).shape == (2, 4, N * (1 + both))
    again = read_network(path)
    assert [each.label for each in again.layers] == [each.label for each in found.layers]
    assert apart(outputs(again, "net", x), h[:, 0]) < ENOUGH
    expected = "lstm" if cell == "lstm-1997" else cell
    assert {each.cell for each in again.layers} == {expected}
    assert any("LSTM of 1997" in note for note in notes) == (cell == "lstm-1997")


@pytest.mark.parametrize("output", ["identity", "softmax", "sigmoid"])
def test_the_readout_and_the_first_states_are_written(output: str, tmp_path: Path) -> None:
    draw = np.random.default_rng(3)
    made = layer("lstm")
    states = {"h0": draw.normal(size=N), "c0": draw.normal(size=N)}
    made = FoundLayer("net", "lstm", M, N, N, made.weights, initial=states)
    found = Found("a test", (made,), readout=(draw.normal(size=(2, N)), draw.normal(size=2)), output=output)
    path, x = tmp_path / "net.onnx", sequence()
    assert "one sequence at a time" in write_network(path, found)[0]
    model = onnx.load(path)
    onnx.checker.check_model(model, full_check=True)
    again = read_network(path)
    assert again.output == output
    assert again.readout is not None
    np.testing.assert_allclose(again.layers[0].initial["c0"], states["c0"], rtol=1e-7)
    del model.graph.output[0]
    document = found.document(made, x)
    from engine.document.tracing import trace_document

    y = np.stack([step["y_t"] for step in trace_document(document).steps])
    assert apart(run(model, x[:, None].astype(np.float32))[:, 0], y) < ENOUGH


def test_a_reverse_layer_alone(tmp_path: Path) -> None:
    found, x = Found("a test", (layer("gru", reverse=True),)), sequence()
    write_network(tmp_path / "net.onnx", found)
    h = run(onnx.load(tmp_path / "net.onnx"), x[:, None].astype(np.float32))
    assert apart(h[:, 0], outputs(found, "net", x)) < ENOUGH


def other_name(made: FoundLayer) -> FoundLayer:
    return FoundLayer("other", made.cell, made.m, made.n, made.k, made.weights)


@pytest.mark.parametrize(
    ("found", "words"),
    [
        (Found("a test", (layer("lstm", projected=True),)), "ONNX has no LSTM with a projection"),
        (Found("a test", (layer("lstm"), other_name(layer("lstm")))), "2 stacks of layers: net and other"),
        (Found("a test", (layer("lstm"), layer("gru", reverse=True))), "one cell in both directions"),
        (network("lstm", readout=(np.ones((2, 9)), np.ones(2))), "The readout reads 9 numbers"),
        (network("lstm", readout=(np.full((2, N), 1e300), np.ones(2))), "beyond"),
    ],
)
def test_what_onnx_cannot_hold_is_said_and_leaves_no_file(found: Found, words: str, tmp_path: Path) -> None:
    with pytest.raises(NetworkFileError, match=words) as caught:
        write_network(tmp_path / "net.onnx", found)
    assert "\n" not in str(caught.value)
    assert not list(tmp_path.iterdir())
