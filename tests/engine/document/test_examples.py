"""What each example claims is what it computes: every number of its lesson and notes, and what it says to try."""

from __future__ import annotations

import re
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
import torch
from numpy.typing import NDArray

from engine.cell.provenance import made_by
from engine.cell.trace import backpropagate
from engine.document.document import Document, DocumentError
from engine.document.document_file import read_document, to_json, write_document
from engine.document.examples import EXAMPLES, load_example
from engine.document.through_time import line_products, rnn_norms, through_time
from engine.document.tracing import trace_document
from engine.file_kinds import DOCUMENT
from engine.shipped import SHIPPED
from engine.text.numbers import short

EXACT = {"rtol": 0, "atol": 1e-15}
SHOWN = {"rtol": 0, "atol": 0.005}
"""Two decimals, as the screen writes them."""


def states(of: str | Document, value: str = "C_t") -> NDArray[np.float64]:
    """Return a value of every step of an example or a document, (T, size)."""
    document = load_example(of) if isinstance(of, str) else of
    return np.stack([values[value] for values in trace_document(document).steps])


def says(name: str, *words: str) -> None:
    """Check that a lesson has these words, so that what is computed for them is what it says."""
    for part in words:
        assert part in load_example(name).lesson, part


def with_entry(document: Document, name: str, place: int | tuple[int, int], value: float) -> Document:
    """Return the document with one number of a weight changed, as a student would type it."""
    changed = document.weights[name].copy()
    changed[place] = value
    return document.with_weight(name, changed)


def with_input(document: Document, t: int, value: float) -> Document:
    """Return the document with the first input of step t (from 1) changed."""
    x = document.x.copy()
    x[t - 1, 0] = value
    return document.with_inputs(x=x)


# Every example


@pytest.mark.parametrize("name", EXAMPLES)
def test_a_lesson_is_three_sentences_and_something_to_try(name: str) -> None:
    lesson = load_example(name).lesson
    told, _, suggestion = lesson.partition("\nTry: ")
    assert len(re.findall(r"[.!?](?= |$)", told)) == 3, told
    assert told.endswith(".")
    assert suggestion.endswith(".")
    assert suggestion.count("\n") == 0
    assert len(lesson) <= 330


@pytest.mark.parametrize("name", EXAMPLES)
def test_notes_belong_to_operations_and_fit_on_a_line(name: str) -> None:
    document = load_example(name)
    assert set(document.notes) <= {operation.name for operation in document.cell.operations}
    for note in document.notes.values():
        assert 0 < len(note) <= 110
        assert note.endswith(".")


@pytest.mark.parametrize("name", EXAMPLES)
def test_an_example_is_written_as_it_is_shipped(name: str, tmp_path: Path) -> None:
    path = SHIPPED / "examples" / f"{name}{DOCUMENT.suffix}"
    shipped = path.read_text(encoding="utf-8")
    document = load_example(name)
    assert to_json(document) == shipped
    write_document(tmp_path / f"{name}{DOCUMENT.suffix}", document)
    again, warnings = read_document(tmp_path / f"{name}{DOCUMENT.suffix}")
    assert warnings == []
    assert to_json(again) == shipped


def test_every_shipped_example_can_be_opened() -> None:
    files = (Path(item.name) for item in (SHIPPED / "examples").iterdir())
    shipped = {path.stem for path in files if path.suffix == DOCUMENT.suffix}
    assert shipped == set(EXAMPLES)
    assert next(iter(EXAMPLES)) == "worked-example"
    assert len(set(EXAMPLES.values())) == len(EXAMPLES)


@pytest.mark.parametrize("name", [name for name in EXAMPLES if load_example(name).cell_name == "lstm"])
def test_an_lstm_is_torchs(name: str) -> None:
    document = load_example(name)
    size = {"proj_size": document.n} if document.projected else {}
    network = torch.nn.LSTM(document.m, document.k, dtype=torch.float64, **size)
    weights = {name: torch.from_numpy(np.array(value)) for name, value in document.weights.items()}
    stacked = torch.cat([weights[f"W_{gate}"] for gate in "ifCo"])  # torch's order of the gates
    bias = torch.cat([weights[f"b_{gate}"] for gate in "ifCo"])
    loaded = {
        "weight_ih_l0": stacked[:, : document.m],
        "weight_hh_l0": stacked[:, document.m :],
        "bias_ih_l0": bias,
        "bias_hh_l0": torch.zeros_like(bias),
        **({"weight_hr_l0": weights["W_hr"]} if document.projected else {}),
    }
    network.load_state_dict(loaded)
    h0, c0, x = (torch.from_numpy(np.array(part)) for part in (document.h0, document.c0, document.x))
    with torch.no_grad():
        outputs, (_, last) = network(x, (h0[None], c0[None]))
    np.testing.assert_allclose(states(document, "h_t"), outputs.numpy(), rtol=0, atol=1e-12)
    np.testing.assert_allclose(states(document)[-1], last[0].numpy(), rtol=0, atol=1e-12)


@pytest.mark.parametrize("name", ["vanishing", "exploding"])
def test_a_plain_rnn_is_torchs(name: str) -> None:
    document = load_example(name)
    network = torch.nn.RNN(document.m, document.n, dtype=torch.float64)
    W = torch.from_numpy(np.array(document.weights["W_h"]))
    b = torch.from_numpy(np.array(document.weights["b_h"]))
    network.load_state_dict(
        {
            "weight_ih_l0": W[:, : document.m],
            "weight_hh_l0": W[:, document.m :],
            "bias_ih_l0": b,
            "bias_hh_l0": torch.zeros_like(b),
        }
    )
    h0 = torch.from_numpy(np.array(document.h0)).requires_grad_()
    outputs, _ = network(torch.from_numpy(np.array(document.x)), h0[None])
    outputs[-1].sum().backward()  # type: ignore[no-untyped-call]  # as torch declares it
    np.testing.assert_allclose(states(document, "h_t"), outputs.detach().numpy(), rtol=0, atol=1e-12)
    trace = trace_document(document)
    gradients = backpropagate(trace, [*({} for _ in range(19)), {"h_t": np.ones(2)}])
    assert h0.grad is not None
    np.testing.assert_allclose(gradients.initial["h_prev"], h0.grad.numpy(), rtol=1e-12)


def test_an_unknown_example_names_those_there_are() -> None:
    with pytest.raises(DocumentError, match="worked-example, forget-gate, input-gate"):
        load_example("nothing")


# The worked example and its parts


def test_the_worked_example_says_its_numbers() -> None:
    document = load_example("worked-example")
    says("worked-example", "m = 3", "n = 3", "k = 3", "3×6", "[92, 177, 136]", "[0.25, −0.52, 0.43]")
    assert document.weights["W_f"].shape == (3, 6)
    np.testing.assert_array_equal(states(document, "z_f")[0], [92, 177, 136])
    assert [short(value, rounds=True) for value in states(document, "f_t")[0]] == ["1.00"] * 3
    np.testing.assert_allclose(states(document, "kept")[0], document.c0, **EXACT)
    assert [short(value) for value in states(document, "h_t")[0]] == ["0.25", "−0.52", "0.43"]
    made = made_by(document.cell, document.sizes, "z_f", (0,))
    assert made["W_f"] == (slice(0, 1), slice(0, 6))
    assert {"x_t", "h_prev", "b_f"} <= set(made)


def test_the_notes_of_the_worked_example() -> None:
    document = load_example("worked-example")
    notes = document.notes
    np.testing.assert_array_equal(document.weights["W_i"] @ states(document, "xh")[0], [21, 42, 63])
    np.testing.assert_array_equal(states(document, "z_i")[0], [22, 43, 64])
    assert notes["z_i"].startswith("[22, 42, 62] would be wrong")
    assert "[22, 43, 64]" in notes["z_i"]
    assert load_example("input-gate").notes["z_i"] == notes["z_i"]
    assert "1.1·10⁻⁴⁰" in notes["z_f"]
    assert f"{np.exp(-92) / (1 + np.exp(-92)) ** 2:.1e}" == "1.1e-40"
    assert document.c0.tolist() == [0.5, -0.2, 0.8]
    assert "[0.5, −0.2, 0.8]" in notes["kept"]
    turned = document.with_order("h,x")
    for value in ("z_f", "C_t", "h_t"):
        np.testing.assert_allclose(states(turned, value), states(document, value), **EXACT)


def test_the_forget_gate_keeps_then_halves() -> None:
    document = load_example("forget-gate")
    worked = load_example("worked-example")
    says("forget-gate", "[92, 177, 136]", "[0.5, −1, 2]", "m = 3", "n = 3", "m + n = 6", "k = 3")
    for name in ("W_f", "b_f"):
        np.testing.assert_array_equal(document.weights[name], worked.weights[name])
    np.testing.assert_array_equal(states(document, "xh"), states(worked, "xh"))
    np.testing.assert_array_equal(states(document, "z_f")[0], [92, 177, 136])
    np.testing.assert_allclose(states(document)[0], [0.5, -1, 2], **EXACT)
    assert states(document, "a_f")[0, 0] == sum(i * i for i in range(1, 7)) == 91
    says("forget-gate", "b_f to −91, −175, −133")
    tried = document.with_weight("b_f", [-91, -175, -133])
    np.testing.assert_array_equal(states(tried, "f_t")[0], 0.5)
    np.testing.assert_allclose(states(tried)[0], [0.25, -0.5, 1], **EXACT)


def test_the_input_gate_lets_the_candidate_in() -> None:
    document = load_example("input-gate")
    worked = load_example("worked-example")
    says("input-gate", "[22, 43, 64]", "[0.76, 0, −0.76]", "b_i to −21, −42, −63")
    for name in ("W_i", "b_i"):
        np.testing.assert_array_equal(document.weights[name], worked.weights[name])
    np.testing.assert_array_equal(states(document, "a_i")[0], [21, 42, 63])
    np.testing.assert_array_equal(states(document, "z_i")[0], [22, 43, 64])
    np.testing.assert_allclose(states(document, "i_t")[0], 1, rtol=0, atol=1e-9)
    np.testing.assert_allclose(states(document, "C_tilde")[0], [0.76, 0, -0.76], **SHOWN)
    np.testing.assert_allclose(states(document), states(document, "C_tilde"), rtol=0, atol=1e-9)
    tried = document.with_weight("b_i", [-21, -42, -63])
    np.testing.assert_array_equal(states(tried, "i_t")[0], 0.5)
    np.testing.assert_allclose(states(tried)[0], states(document, "C_tilde")[0] / 2, **EXACT)


def test_a_gate_of_a_half_four_fifths_and_nine_tenths() -> None:
    document = load_example("gate-values")
    says("gate-values", "[0.5, 0.8, 0.9]", "[1, 2, 3]", "[0.5, 1.6, 2.7]", "[0.25, 1.28, 2.43]")
    np.testing.assert_allclose(states(document, "f_t")[0], [0.5, 0.8, 0.9], **EXACT)
    np.testing.assert_allclose(states(document, "kept")[0], [0.5, 1.6, 2.7], **EXACT)
    np.testing.assert_allclose(states(document)[0], [0.5, 1.6, 2.7], **EXACT)
    for x in (-5.0, 0.0, 5.0):
        np.testing.assert_array_equal(states(with_input(document, 1, x), "f_t"), states(document, "f_t"))
    longer = document.with_inputs(x=np.vstack([document.x, document.x[-1:]]))
    np.testing.assert_allclose(states(longer)[1], [0.25, 1.28, 2.43], **EXACT)


def test_the_entry_wise_product_is_in_the_third_operation() -> None:
    document = load_example("hadamard")
    says("hadamard", "third operation", "[1, 2, 3] ∘ [3, 2, 1] = [3, 4, 3]", "[−3, −4, −3]", "[1.5, 1, 0.5]")
    third = document.cell.operations[2]
    assert (third.name, third.inputs) == ("v_f", ("p_f", "C_prev"))
    assert document.weights["p_f"].tolist() == [1, 2, 3]
    assert document.c0.tolist() == [3, 2, 1]
    np.testing.assert_array_equal(states(document, "v_f")[0], [3, 4, 3])
    assert "up to 10" in document.notes["v_f"]
    assert document.weights["p_f"] @ document.c0 == 10
    np.testing.assert_array_equal(states(document, "z_f")[0], 0)
    np.testing.assert_array_equal(states(document, "f_t")[0], 0.5)
    np.testing.assert_array_equal(states(document, "kept")[0], [1.5, 1, 0.5])
    np.testing.assert_array_equal(states(document)[0], [1.5, 1, 0.5])
    np.testing.assert_allclose(states(document, "h_t")[0], np.tanh([1.5, 1, 0.5]), **EXACT)
    tried = document.with_weight("p_f", [0, 1, 0])
    np.testing.assert_array_equal(states(tried, "v_f")[0], [0, 2, 0])


def test_the_output_gate_lets_one_entry_out() -> None:
    document = load_example("output-gate")
    says("output-gate", "o = [0, 0, 1]", "tanh(C) is [0, 1, 1]", "C is [0, 20, 20]", "h = o ∘ tanh(C) = [0, 0, 1]")
    assert document.cell.operations[-1].name == "h_t"
    for value, expected in (("o_t", [0, 0, 1]), ("tanh_C", [0, 1, 1]), ("h_t", [0, 0, 1]), ("C_t", [0, 20, 20])):
        np.testing.assert_allclose(states(document, value)[0], expected, **EXACT)
    assert 2 * np.exp(-40) < 1e-17  # what tanh(20) misses 1 by
    tried = with_entry(document, "b_o", 1, 1000)
    np.testing.assert_allclose(states(tried, "h_t")[0], [0, 1, 1], **EXACT)


# What a state can be made to do


def test_four_steps_say_their_numbers() -> None:
    document = load_example("four-steps")
    says("four-steps", "b_f = 1", "0.48 to 0.91", "0.98 at t = 2", "0.07 at t = 4")
    np.testing.assert_array_equal(document.weights["b_f"], 1)
    gates = states(document, "f_t")
    np.testing.assert_allclose([gates.min(), gates.max()], [0.48, 0.91], **SHOWN)
    C = states(document)[:, 0]
    np.testing.assert_allclose(C[[1, 3]], [0.98, 0.07], **SHOWN)
    assert C.argmax() == 1
    np.testing.assert_array_equal(states(document, "h_prev")[1:], states(document, "h_t")[:-1])


def test_remembering_for_ever_keeps_the_state_and_its_gradient() -> None:
    document = load_example("remember")
    np.testing.assert_array_equal(states("remember"), np.tile(document.c0, (5, 1)))
    trace = trace_document(document)
    gradients = backpropagate(trace, [{}, {}, {}, {}, {"C_t": np.ones(3)}])
    np.testing.assert_allclose(gradients.initial["C_prev"], 1, rtol=0, atol=1e-12)
    for place in range(3):
        C = states(with_entry(document, "b_f", place, 0))
        np.testing.assert_allclose(C[:, place], document.c0[place] / 2.0 ** np.arange(1, 6), **EXACT)


def test_forgetting_at_once_leaves_the_candidate_alone() -> None:
    document = load_example("forget")
    np.testing.assert_allclose(states("forget"), states("forget", "C_tilde"), rtol=0, atol=1e-12)
    products = line_products(trace_document(document))
    assert products is not None
    np.testing.assert_array_equal(products[:-1], 0)
    assert not document.weights["W_C"][:, 1:].any()
    says("forget", "third b_f to 1000", "ends at 2.76 instead of −0.96")
    np.testing.assert_allclose(states(document)[-1, 2], -0.96, **SHOWN)
    np.testing.assert_allclose(states(with_entry(document, "b_f", 2, 1000))[-1, 2], 2.76, **SHOWN)


def test_the_counter_counts_ones() -> None:
    document = load_example("counter")
    says("counter", "1, 1, 2, 3, 3, 4", "0.76 for one, 0.96 for two, 0.995 for three")
    np.testing.assert_allclose(states(document)[:, 0], [1, 1, 2, 3, 3, 4], rtol=0, atol=1e-12)
    np.testing.assert_allclose(states(document, "h_t")[[0, 2, 3], 0], [0.76, 0.96, 0.995], **SHOWN)
    assert np.round(np.tanh(3), 3) == 0.995
    says("counter", "x at t = 2 to −1", "C ends at 3")
    C = states(with_input(document, 2, -1))[:, 0]
    np.testing.assert_allclose(C, [1, 0, 1, 2, 2, 3], rtol=0, atol=1e-12)


def test_the_latch_holds_between_set_and_reset() -> None:
    document = load_example("latch")
    says("latch", "1, 1, 1, 0, 0, 1, 1")
    np.testing.assert_allclose(states(document)[:, 0], [1, 1, 1, 0, 0, 1, 1], **EXACT)
    set_twice = document.with_inputs(x=[[1, 0], [1, 0], [1, 1], [0, 0]])
    np.testing.assert_allclose(states(set_twice)[:, 0], 1, **EXACT)
    says("latch", "b_f to 2", "0.88", "two time steps after the first 1 only 0.78")
    leaking = document.with_weight("b_f", [2])
    np.testing.assert_allclose(states(leaking, "f_t")[1, 0], 0.88, **SHOWN)
    np.testing.assert_allclose(states(leaking)[[0, 2], 0], [1, 0.78], **SHOWN)


def test_the_leak_loses_a_tenth_a_step() -> None:
    document = load_example("leak")
    C = states(document)[:, 0]
    np.testing.assert_allclose(C[4:] / C[3:-1], 0.9, rtol=0, atol=1e-12)
    says("leak", "4.62", "0.48 is left 7 steps back")
    for_long = document.with_inputs(x=np.ones((500, 1)))
    np.testing.assert_allclose(states(for_long)[-1], 10 * np.tanh(0.5), rtol=1e-12)
    np.testing.assert_allclose(10 * np.tanh(0.5), 4.62, **SHOWN)
    assert len(document.x) == 8
    says("leak", "b_f to 4.595", "f is 0.99, and 0.93 is left")
    for tried, f, left in ((document, 0.9, 0.48), (document.with_weight("b_f", [4.595]), 0.99, 0.93)):
        np.testing.assert_allclose(states(tried, "f_t"), f, rtol=0, atol=1e-5)
        line = through_time(tried).line
        assert line is not None
        np.testing.assert_allclose(line[0], left, **SHOWN)


# What becomes of a gradient


def test_a_gradient_vanishes() -> None:
    document = load_example("vanishing")
    says("vanishing", "0.5", "0.25", "t = 20", "1.9·10⁻⁶", "0.84 is left")
    trace = trace_document(document)
    norms = rnn_norms(trace)
    assert len(norms) == 20
    assert f"{norms[0]:.1e}" == "1.9e-06"
    assert norms[0] <= 0.5**19
    gradients = backpropagate(trace, [*({} for _ in range(19)), {"h_t": np.ones(2)}])
    np.testing.assert_allclose(gradients.steps[0]["h_t"], [0.5**19, 0.25**19], rtol=0.05)
    tried = with_entry(document, "W_h", (0, 1), 1)
    np.testing.assert_allclose(rnn_norms(trace_document(tried))[0], 0.84, **SHOWN)


def test_a_gradient_explodes_until_tanh_is_flat() -> None:
    document = load_example("exploding")
    says("exploding", "2 and 1.5", "520,000 times", "x = 10⁻⁷ at t = 1", "h = 0.05")
    trace = trace_document(document)
    norms = rnn_norms(trace)
    assert len(norms) == 20
    assert np.all(norms[:-1] > norms[1:])
    assert round(norms[0], -4) == 520_000
    gradients = backpropagate(trace, [*({} for _ in range(19)), {"h_t": np.ones(2)}])
    np.testing.assert_allclose(gradients.steps[0]["h_t"], [2**19, 1.5**19], rtol=0.005)
    still = rnn_norms(trace_document(with_input(document, 1, 0)))
    np.testing.assert_allclose(still[0], 2**19, rtol=1e-12)  # at h = 0 the Jacobian is W itself
    assert document.x[0, 0] == 1e-7
    np.testing.assert_allclose(states(document, "h_t")[-1, 0], 0.05, **SHOWN)
    tried = with_input(document, 1, 0.1)
    assert states(tried, "h_t")[-1].min() > 0.85
    assert rnn_norms(trace_document(tried))[0] < 1e-4


def test_a_gradient_lasts_along_the_cell_line() -> None:
    document = load_example("remember-gradient")
    says("remember-gradient", "σ(5) = 0.993", "0.88 of a gradient", "1.6·10⁻⁶", "1.9·10⁻⁶")
    np.testing.assert_allclose(states(document, "f_t"), 0.993, rtol=0, atol=0.0005)
    found = through_time(document)
    assert found.line is not None
    np.testing.assert_allclose(found.line[0], 0.88, **SHOWN)
    C = states(document)
    np.testing.assert_allclose(C[0], np.tanh(1), **EXACT)
    np.testing.assert_allclose(C[-1] / C[0], found.line[0], rtol=1e-12)
    assert f"{found.rnn[0]:.1e}" == "1.6e-06"
    kept = load_example("vanishing").weights["W_h"]
    np.testing.assert_array_equal(document.weights["W_C"], kept)
    halved = through_time(replace(document, weights={**document.weights, "b_f": np.zeros(2)}))
    assert halved.line is not None
    np.testing.assert_allclose(halved.line[0], 0.5**19, rtol=1e-12)
    assert f"{0.5**19:.1e}" == "1.9e-06"


def test_the_projection_has_two_hidden_states_of_four_cells() -> None:
    document = load_example("projection")
    says("projection", "2×4", "m + n = 4 columns instead of 6", "two more columns")
    assert (document.n, document.k, document.weights["W_f"].shape) == (2, 4, (4, 4))
    assert document.weights["W_hr"].shape == (2, 4)
    linked = document.resized(projected=False)
    assert "W_hr" not in linked.weights
    assert linked.weights["W_f"].shape == (4, 6)
