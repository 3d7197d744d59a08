"""What is said of every place of a cell: its numbers are those of the trace, and every statement has its place."""

from __future__ import annotations

import math

import pytest

from engine.cell.cells import CELLS
from engine.cell.trace import Trace
from engine.document.document import blank
from engine.document.examples import load_example
from engine.document.tracing import trace_document
from engine.explain.explanation import explain, heading_of, places_of
from engine.explain.parts import CELL, LINE


@pytest.fixture(scope="module")
def worked() -> Trace:
    return trace_document(load_example("worked-example"))


def said(trace: Trace, place: str, t: int = 0) -> str:
    return " ".join(explain(trace, t, place).sentences)


STATEMENTS = {
    "h and C are two things of one size, and h depends on C": (
        "h_t",
        "two different things of the same size (n = k = 3), and h depends on C: h = o ∘ tanh(C)",
    ),
    "the same where C is made": ("C_t", "h and C are two different things of the same size"),
    "the thick line is the cell state": (LINE, "The thick line on top is the cell state C"),
    "the green block is the cell": (CELL, "The green block is the cell"),
    "sigma written out": ("i_t", "σ(22) = 1/(1 + e^(−22)) = 1 − 2.8·10⁻¹⁰"),
    "C̃ is how the state would be updated": ("C_tilde", "is how the state would be updated"),
    "i decides which units are": ("C_tilde", "i decides which units are"),
    "the forget gate, with the outbreak": ("f_t", "An outbreak that is over: f near 0 lets its old counts go"),
    "the output gate, with the plural noun": ("o_t", "A plural noun stays in C until a later verb needs it"),
    "the output gate, with susceptibility": ("o_t", "how many people are susceptible"),
    "h_t goes to two places": ("h_t", "two places: to the next time step, and up to the output or the next layer"),
    "ReLU and depth": ("tanh_C", "ReLU's slope of 1 helps depth"),
    "why ReLU is not what saves an LSTM": (LINE, "multiplied by f alone, by no slope and by no W"),
    "all layers at once": ("xh", "computed at once, as one product"),
}


@pytest.mark.parametrize("statement", STATEMENTS)
def test_every_statement_is_said_at_its_place(worked: Trace, statement: str) -> None:
    place, words = STATEMENTS[statement]
    assert words in said(worked, place)


def test_the_numbers_are_those_of_the_trace(worked: Trace) -> None:
    assert "σ(92) = 1/(1 + e^(−92)) = 1 − 1.1·10⁻⁴⁰, so 1.00·0.50 = 0.50 is kept." in said(worked, "f_t")
    assert 1 / (1 + math.exp(92)) == pytest.approx(1.1e-40, rel=0.03)
    assert "1.00·0.50 + 1.00·0.76 = 1.26." in said(worked, "C_t")
    assert "σ(−0.85) = 1/(1 + e^(0.85)) = 0.30, so 0.30·0.85 = 0.25 is passed on." in said(worked, "o_t")
    assert 1 / (1 + math.exp(0.85)) == pytest.approx(0.30, abs=0.005)
    assert "tanh(1) = 0.76." in said(worked, "C_tilde")
    assert "tanh(1.26) = 0.85." in said(worked, "tanh_C")
    assert float(worked.steps[0]["h_t"][0]) == pytest.approx(0.25, abs=0.005)


def test_nothing_is_said_before_it_is_computed(worked: Trace) -> None:
    inputs = {item.name for item in worked.cell.inputs}
    assert explain(worked, 0, "f_t", inputs).numbers == ""
    assert explain(worked, 0, "f_t", inputs).example
    half = explain(worked, 0, "f_t", {*inputs, "xh", "a_f", "z_f", "f_t"}).numbers
    assert half.endswith("= 1 − 1.1·10⁻⁴⁰.")
    assert explain(worked, 0, LINE, inputs).numbers == ""


def test_the_time_step_is_the_one_asked_for() -> None:
    trace = trace_document(load_example("four-steps"))
    texts = {explain(trace, t, "f_t").numbers for t in range(len(trace.steps))}
    assert len(texts) == len(trace.steps)
    for t, step in enumerate(trace.steps):
        assert f" = {float(step['f_t'][0]):.2f}" in explain(trace, t, "f_t").numbers


@pytest.mark.parametrize("sampled", [None, 0])
@pytest.mark.parametrize("name", CELLS)
def test_every_place_of_every_cell_says_something_true_to_its_letters(name: str, sampled: int | None) -> None:
    document = blank(2, 3, 3, seed=1, cell_name=name).with_sampled(sampled)
    trace = trace_document(document)
    for place in places_of(trace.cell):
        explanation = explain(trace, 0, place)
        assert explanation.name
        assert explanation.sentences
        for sentence in explanation.sentences:
            assert sentence[0].isupper() or sentence[0] in "σht", sentence
            assert sentence.endswith("."), sentence
            assert "{" not in sentence.replace("{t-1}", "")
    for operation in trace.cell.operations:
        assert all(heading_of(trace.cell, operation.name)), operation.name
    if name == "gru":
        assert "u = 1 keeps all of it" in said(trace, "u_t")
        assert "hidden state h" in said(trace, LINE)
    if name == "coupled":
        assert "i is 1 − f" in said(trace, "i_t")
    if name == "peephole":
        assert "through a peephole" in said(trace, "o_t")
    if name == "rnn":
        assert LINE not in places_of(trace.cell)


def test_a_gate_drawn_at_random_says_its_draw() -> None:
    trace = trace_document(blank(2, 3, 3, seed=1).with_sampled(0))
    step = trace.steps[0]
    drawn, chance = float(step["draw_f"][0]), float(step["soft_f"][0])
    than = "below" if drawn < chance else "not below"
    assert f"drawn {drawn:.2f}, {than} the probability {chance:.2f}: {step['f_t'][0]:.0f}" in said(trace, "f_t")


def test_with_a_projection_the_sizes_differ() -> None:
    trace = trace_document(load_example("projection"))
    assert "here even of different sizes (n = 2, k = 4)" in said(trace, "h_t")
    assert "h = W_hr·(o ∘ tanh(C))" in said(trace, "h_t")


def test_a_layer_names_the_matrix_whose_sum_a_click_shows(worked: Trace) -> None:
    layers = {place: explain(worked, 0, place).layer for place in ("f_t", "z_i", "C_tilde", "o_t", "h_t", "kept")}
    assert layers == {"f_t": "W_f", "z_i": "W_i", "C_tilde": "W_C", "o_t": "W_o", "h_t": "", "kept": ""}


def test_an_unknown_place_is_refused(worked: Trace) -> None:
    with pytest.raises(KeyError):
        explain(worked, 0, "q_t")
    with pytest.raises(KeyError):
        explain(trace_document(blank(2, 3, 3, cell_name="rnn")), 0, LINE)
