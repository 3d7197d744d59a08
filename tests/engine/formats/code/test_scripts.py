"""The scripts are run, and print the numbers of the trace."""

from __future__ import annotations

import json
import re
import warnings
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest

from engine.cell.cells import CELLS
from engine.commands.trace import small_document
from engine.document.document import Document, blank
from engine.document.tracing import trace_document
from engine.formats.code.model import CodeError, Model, of_document, of_snapshot
from engine.formats.code.notebook import notebook
from engine.formats.code.numpy_script import numpy_script
from engine.formats.code.torch_script import torch_script
from engine.runs.first_weights import first_snapshot
from engine.runs.snapshot import Snapshot
from engine.settings.config import TrainingConfig
from tests.engine.formats.code.running import run_together

Printed = dict[tuple[str, str], list[float]]
"""Numbers by the heading that they stand under, "t = 1", and their name."""
DIGITS = 5e-8
"""Eight digits are printed."""


def documents() -> dict[str, Document]:
    found = {name: small_document(name) for name in CELLS}
    lstm = found["lstm"]
    found["h first, softmax"] = lstm.with_order("h,x").with_output("softmax", 2)
    found["identity"] = found["gru"].with_order("h,x").with_output("identity", 3)
    found["projected"] = lstm.resized(n=2, projected=True)
    found["projected to more"] = lstm.resized(n=5, projected=True).with_output("sigmoid", 1)
    found["drawn"] = found["peephole"].with_sampled(3)
    found["drawn gru"] = found["gru"].with_sampled(4)
    found["a state before"] = lstm.with_inputs(h0=[0.5, -0.25, 1e-9], c0=[-3.0, 2.0, 1e3])
    found["one of each"] = blank(1, 1, 1)
    found["large"] = blank(20, 30, 30, seed=2).with_inputs(x=np.random.default_rng(3).normal(size=(2, 20)))
    return found


DOCUMENTS = documents()
WRITERS: dict[str, Callable[[Model], str]] = {"numpy": numpy_script, "torch": torch_script}


@pytest.fixture(scope="module")
def outputs(tmp_path_factory: pytest.TempPathFactory) -> dict[str, str]:
    models: dict[str, Model] = {name: of_document(document) for name, document in DOCUMENTS.items()}
    models |= {name: of_snapshot(snapshot) for name, snapshot in SNAPSHOTS.items()}
    scripts = {f"{name} {kind}": write(model) for name, model in models.items() for kind, write in WRITERS.items()}
    return run_together(scripts, tmp_path_factory.mktemp("scripts"))


def printed(text: str) -> Printed:
    found: Printed = {}
    heading = ""
    for line in text.splitlines():
        if line.startswith("t = "):
            heading = line
        elif match := re.fullmatch(r"  (\w+) +(.*)", line):
            found[heading, match[1]] = [float(number) for number in match[2].split()]
    return found


def same(found: list[float], expected: np.ndarray) -> bool:
    """Whether these are the numbers to the last digit printed; sums that cancel have no digits at 1e-15."""
    return np.shape(found) == np.shape(expected) and np.allclose(found, expected, rtol=DIGITS, atol=1e-14)


@pytest.mark.parametrize("kind", WRITERS)
@pytest.mark.parametrize("name", DOCUMENTS)
def test_a_script_prints_every_number_of_the_trace(name: str, kind: str, outputs: dict[str, str]) -> None:
    trace = trace_document(DOCUMENTS[name])
    found = printed(outputs[f"{name} {kind}"])
    expected = {(f"t = {t}", key): value for t, step in enumerate(trace.steps, 1) for key, value in step.items()}
    assert found.keys() == expected.keys()
    wrong = [key for key, value in expected.items() if not same(found[key], value)]
    assert not wrong
    assert "agree with the numbers exported" in outputs[f"{name} {kind}"]


def test_torch_has_the_same_cells_and_ends_with_the_same_numbers(outputs: dict[str, str]) -> None:
    with_kernel = {name for name in DOCUMENTS if "ends with the same numbers" in outputs[f"{name} torch"]}
    without = {"gru-2014", "peephole", "coupled", "lstm-1997", "drawn", "drawn gru", "projected to more"}
    assert with_kernel == set(DOCUMENTS) - without
    for name in with_kernel:
        (difference,) = re.findall(r"the same numbers; the largest difference is (.*)", outputs[f"{name} torch"])
        assert float(difference) < 1e-12


def snapshots() -> dict[str, Snapshot]:
    rng = np.random.default_rng(5)
    found = {}
    configs = {
        "two layers": TrainingConfig(cell_size=3, layers=2),
        "one layer": TrainingConfig(cell="gru", cell_size=2),
        "three rnn": TrainingConfig(cell="rnn", cell_size=2, layers=3),
        "projected network": TrainingConfig(cell_size=4, hidden_size=2, layers=2),
        "peepholes": TrainingConfig(cell="peephole", cell_size=2, layers=2),
        "large network": TrainingConfig(cell_size=16, layers=2),
    }
    for name, config in configs.items():
        found[name] = first_snapshot(config, rng.normal(size=(3, 2)).astype(np.float32), 2)
    return found


SNAPSHOTS = snapshots()


@pytest.mark.parametrize("kind", WRITERS)
@pytest.mark.parametrize("name", SNAPSHOTS)
def test_a_script_of_a_network_prints_all_layers_and_the_answers(name: str, kind: str, outputs: dict[str, str]) -> None:
    snapshot = SNAPSHOTS[name]
    found = printed(outputs[f"{name} {kind}"])
    for layer in range(snapshot.layers):
        # A layer's document receives float32 values of the one below; the script goes on in double precision.
        for t, step in enumerate(trace_document(snapshot.document(layer)).steps, 1):
            for key, value in step.items():
                assert np.allclose(found[f"t = {t}, layer {layer + 1}", key], value, rtol=1e-5, atol=1e-6)
    last = f", layer {snapshot.layers}"
    for t, answer in enumerate(snapshot.answers, 1):
        assert np.allclose(found[f"t = {t}{last}", "y_t"], answer, rtol=1e-5, atol=1e-6)
    assert "agree with the numbers exported" in outputs[f"{name} {kind}"]


def test_a_network_without_its_readout_says_so() -> None:
    snapshot = replace(SNAPSHOTS["two layers"], readout={})
    text = numpy_script(of_snapshot(snapshot))
    assert "W_out" not in text
    assert "did not keep the readout" in text


def test_a_changed_weight_is_noticed(tmp_path: Path) -> None:
    text = numpy_script(of_document(DOCUMENTS["lstm"]))
    before, after = '"b_f": np.array([-0.23', '"b_f": np.array([-0.24'
    assert before in text
    out = run_together({"changed": text.replace(before, after)}, tmp_path)["changed"]
    assert "DIFFER FROM the numbers exported" in out


def test_a_script_is_refused_where_it_would_be_too_large() -> None:
    document = blank(1, 1200, 1200, initialisation="zeros")
    with pytest.raises(CodeError, match=r"5,774,401 numbers, but a script holds at most 5,000,000; save its weights"):
        of_document(document)


def test_lines_are_no_longer_than_a_page_is_wide() -> None:
    for document in DOCUMENTS.values():
        for write in WRITERS.values():
            long = [line for line in write(of_document(document)).splitlines() if len(line) > 120]
            assert not long


def test_numbers_are_exact_in_lists_and_packed(tmp_path: Path) -> None:
    for name in ("lstm", "large"):
        model = of_document(DOCUMENTS[name])
        text = numpy_script(model) + "\nnp.savez('out.npz', x=x, **weights)\n"
        run_together({name: text}, tmp_path)
        with np.load(tmp_path / "out.npz") as found:
            assert all(np.array_equal(found[key], DOCUMENTS[name].weights[key]) for key in DOCUMENTS[name].weights)


@pytest.mark.parametrize("name", ["h first, softmax", "drawn gru"])
def test_a_notebook_runs_and_prints_every_number(name: str) -> None:
    import nbformat

    with warnings.catch_warnings():  # of its event loop, and of zmq
        warnings.simplefilter("ignore")
        from nbclient import NotebookClient

        book = nbformat.reads(notebook(of_document(DOCUMENTS[name])), as_version=4)
        nbformat.validate(book)
        NotebookClient(book, timeout=60).execute()
    said = "".join(output["text"] for cell in book.cells for output in cell.get("outputs", []))
    trace = trace_document(DOCUMENTS[name])
    expected = {(f"t = {t}", key): value for t, step in enumerate(trace.steps, 1) for key, value in step.items()}
    found = printed(said)
    assert found.keys() == expected.keys()
    assert all(same(found[key], value) for key, value in expected.items())
    assert "agree with the numbers exported" in said


def test_a_notebook_of_a_network_is_valid_and_its_formulas_are_typeset() -> None:
    book = json.loads(notebook(of_snapshot(SNAPSHOTS["two layers"])))
    formulas = "".join(book["cells"][1]["source"])
    assert r"$C_t = f_t \circ C_{t-1} + i_t \circ \tilde{C}_t$" in formulas
