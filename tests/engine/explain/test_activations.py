"""Each activation against torch and against its own slope; each line of a derivation is true as it is written."""

from __future__ import annotations

import re
from collections.abc import Callable
from functools import partial

import numpy as np
import pytest
import torch

from engine.cell.cells import CELLS
from engine.cell.graph import PRODUCT, SIGMOID, TANH
from engine.cell.trace import evaluate_backwards
from engine.document.document import blank
from engine.document.examples import load_example
from engine.document.tracing import trace_document
from engine.explain.activations import ACTIVATIONS, Activation, Step, line_back, pre_activations, saturated

Function = Callable[[np.ndarray], np.ndarray]

TORCH = {"sigmoid": torch.sigmoid, "tanh": torch.tanh, "relu": torch.relu}
Z = np.concatenate([np.linspace(-6, 6, 241), [-92.0, -30.0, 30.0, 92.0]])
each = pytest.mark.parametrize("activation", ACTIVATIONS, ids=lambda activation: activation.kind.name)


def slope(function: Function, z: np.ndarray) -> np.ndarray:
    """The central difference, good to about 1e-10."""
    h = 1e-5
    return (function(z + h) - function(z - h)) / (2 * h)


# Value and derivative


@each
def test_value_and_derivative_are_torchs(activation: Activation) -> None:
    z = torch.tensor(Z, requires_grad=True)
    meant = TORCH[activation.kind.name](z)
    meant.sum().backward()
    np.testing.assert_allclose(activation.value(Z), meant.detach().numpy(), rtol=1e-12, atol=1e-300)
    np.testing.assert_allclose(activation.derivative(Z), z.grad.numpy(), rtol=1e-10, atol=1e-15)


@each
def test_the_derivative_is_the_slope(activation: Activation) -> None:
    z = Z[Z != 0] if activation.kind.name == "relu" else Z
    np.testing.assert_allclose(activation.derivative(z), slope(activation.value, z), atol=1e-9)


@each
def test_the_largest_derivative_is_the_largest(activation: Activation) -> None:
    fine = np.linspace(-20, 20, 400_001)
    slopes = activation.derivative(fine)
    assert slopes.max() == pytest.approx(activation.largest, abs=1e-12)
    first, last = activation.largest_at
    largest = fine[slopes >= activation.largest - 1e-12]
    assert largest.min() == pytest.approx(first, abs=2e-4)
    assert largest.max() == pytest.approx(min(last, 20), abs=2e-4)


@each
def test_extreme_inputs_give_the_limits_without_a_warning(activation: Activation) -> None:
    far = np.array([-1e100, -1e4, 1e4, 1e100])
    assert np.isfinite(activation.value(far)).all()
    assert set(activation.derivative(far)) <= {0.0, 1.0}


# The derivations, evaluated from the very LaTeX that is shown


def parenthesised(latex: str) -> str:
    """Write each \\frac{a}{b} as ((a)/(b)) and each ^{a} as **(a)."""

    def group(start: int) -> tuple[str, int]:
        depth = 0
        for at in range(start, len(latex)):
            depth += {"{": 1, "}": -1}.get(latex[at], 0)
            if not depth:
                return latex[start + 1 : at], at + 1
        raise AssertionError(f"a brace is open: {latex}")

    at = latex.find(r"\frac{")
    if at >= 0:
        above, middle = group(at + 5)
        below, end = group(middle)
        return parenthesised(f"{latex[:at]}(({above})/({below})){latex[end:]}")
    at = latex.find("^{")
    if at >= 0:
        power, end = group(at + 1)
        return parenthesised(f"{latex[:at]}**({power}){latex[end:]}")
    return latex


def evaluated(latex: str, variable: np.ndarray) -> np.ndarray:
    """Compute one side of an equation from its LaTeX; d/dz is the central difference of what follows it."""
    head = r"\frac{d}{dz} "
    if latex.startswith(head):
        return slope(partial(evaluated, latex[len(head) :]), variable)
    text = re.sub(r"\\(sinh|cosh|tanh)\^\{2\}\(z\)", r"\\\1(z)^{2}", latex)
    text = parenthesised(text.replace(r"\left", "").replace(r"\right", "").replace(r"\mathrm{ReLU}", r"\relu"))
    text = text.replace(r"\cdot", "*").replace("'", "_slope").replace("\\", "")
    text = re.sub(r"\)\s*\(", ")*(", text)
    functions = {activation.kind.name: activation for activation in ACTIVATIONS}
    values = {
        "e": np.e,
        "z": variable,
        "h": variable,
        "sinh": np.sinh,
        "cosh": np.cosh,
        "max": np.maximum,
        "sigma": functions["sigmoid"].value,
        "sigma_slope": functions["sigmoid"].derivative,
        **{name: functions[name].value for name in ("tanh", "relu")},
        **{f"{name}_slope": functions[name].derivative for name in ("tanh", "relu")},
    }
    values = {name: _of_numbers(value) if callable(value) else value for name, value in values.items()}
    result = eval(text, {"__builtins__": {}}, values)  # our own LaTeX
    return np.broadcast_to(np.asarray(result, dtype=np.float64), variable.shape)


def _of_numbers(function: Callable[..., np.ndarray]) -> Callable[..., np.ndarray]:
    return lambda *arguments: function(*(np.asarray(argument, dtype=np.float64) for argument in arguments))


@pytest.mark.parametrize(
    "step",
    [step for activation in ACTIVATIONS for step in activation.derivation],
    ids=lambda step: f"{step.left} {step.relation} {step.right} {step.where}",
)
def test_each_line_of_a_derivation_is_true_as_it_is_written(step: Step) -> None:
    z = np.linspace(-5, 5, 101)
    if step.where:
        assert step.where[2:] in ("< 0", "> 0")
        z = z[z < -1e-9] if "<" in step.where else z[z > 1e-9]
    left, right = evaluated(step.left, z), evaluated(step.right, z)
    if step.relation == "=":
        np.testing.assert_allclose(left, right, rtol=1e-7, atol=1e-8)
    else:
        assert step.relation == r"\le"
        assert (left <= right + 1e-15).all()
    assert step.reason


def test_a_false_line_would_be_found() -> None:
    z = np.linspace(-5, 5, 101)
    wrong = evaluated(r"\sigma(z) \left(1 + \sigma(z)\right)", z)
    assert np.abs(wrong - evaluated(r"\sigma'(z)", z)).max() > 0.1


@each
def test_a_derivation_begins_with_the_function_and_ends_with_its_largest_slope(activation: Activation) -> None:
    steps = activation.derivation
    assert steps[0].left == activation.latex
    assert any(step.left == activation.derivative_latex for step in steps)
    last = {"sigmoid": r"\frac{1}{4}", "tanh": "1", "relu": "1"}[activation.kind.name]
    assert steps[-1].right == last


# A cell on the curves

WITH_ALL = [
    (name, projected)
    for name in CELLS
    for projected in (False, True)
    if not projected or blank(cell_name=name).can_project
]


@pytest.mark.parametrize(("name", "projected"), WITH_ALL)
@pytest.mark.parametrize("output", [None, "sigmoid", "softmax", "identity"])
@pytest.mark.parametrize("sampled", [None, 7])
def test_every_squashed_value_of_every_cell(
    name: str, projected: bool, output: str | None, sampled: int | None
) -> None:
    document = blank(m=2, n=3, k=3, cell_name=name).resized(projected=projected, n=2 if projected else None)
    document = document.with_output(output, p=2).with_sampled(sampled)
    document = document.with_inputs(x=[[0.3, -0.4], [0.5, 1.5]])
    trace = trace_document(document)
    squashing = [operation for operation in trace.cell.operations if operation.kind in (SIGMOID, TANH)]
    for t in range(2):
        found = pre_activations(trace, t)
        assert [pre.name for pre in found] == [operation.name for operation in squashing]
        for pre, operation in zip(found, squashing, strict=True):
            assert (pre.kind, pre.role, pre.latex) == (operation.kind, operation.role, operation.latex)
            assert operation.inputs == (pre.source,)
            np.testing.assert_array_equal(pre.values, trace.value(t, pre.source))
            np.testing.assert_array_equal(pre.results, trace.value(t, pre.name))
            np.testing.assert_allclose(pre.derivatives, slope(pre.kind.forward, pre.values), atol=1e-9)
            assert pre.share == saturated(pre.results, pre.kind)


@pytest.mark.parametrize("name", CELLS)
def test_a_bias_moves_what_it_is_the_bias_of_by_the_same_amount(name: str) -> None:
    document = blank(m=2, n=3, k=3, cell_name=name).with_output("sigmoid").with_inputs(x=[[0.3, -0.4]])
    before = pre_activations(trace_document(document), 0)
    with_bias = [pre for pre in before if pre.bias is not None]
    assert {pre.source for pre in before} - {pre.source for pre in with_bias} == (
        {"C_t"} if document.cell.has_state else set()
    )
    for pre in with_bias:
        shift = np.array([0.5, 0, -2.0])[: pre.values.shape[0]]
        moved = document.with_weight(pre.bias, document.weights[pre.bias] + shift)
        after = next(other for other in pre_activations(trace_document(moved), 0) if other.name == pre.name)
        np.testing.assert_allclose(after.values, pre.values + shift, atol=1e-12)


def test_the_worked_example_is_saturated() -> None:
    found = {pre.source: pre for pre in pre_activations(trace_document(load_example("worked-example")), 0)}
    np.testing.assert_array_equal(found["z_f"].values, [92, 177, 136])
    np.testing.assert_array_equal(found["z_i"].values, [22, 43, 64])
    assert found["z_f"].share == 1
    assert found["z_f"].bias == "b_f"
    np.testing.assert_allclose(found["z_f"].derivatives, 0, atol=1e-15)


def test_saturation_is_counted_as_the_field_does() -> None:
    assert saturated(np.array([0.05, 0.1, 0.5, 0.9, 0.95]), SIGMOID) == pytest.approx(2 / 5)
    assert saturated(np.array([-0.95, -0.9, 0.0, 0.95]), TANH) == pytest.approx(2 / 4)
    with pytest.raises(ValueError, match="product"):
        saturated(np.array([1.0]), PRODUCT)


# The cell line


@pytest.mark.parametrize(
    ("name", "right"),
    [
        ("lstm", "= f_t"),
        ("peephole", "= f_t"),
        ("coupled", "= f_t"),
        ("lstm-1997", "= 1"),
        ("gru", "= u_t"),
        ("rnn", r"= \mathrm{diag}\left(\tanh'\left(z_h\right)\right)\, W_h^{(h)}"),
    ],
)
def test_what_a_step_back_along_the_state_multiplies_by(name: str, right: str) -> None:
    cell = CELLS[name](False, "x,h", None)
    state = "C" if cell.has_state else "h"
    assert line_back(cell).latex == rf"\frac{{\partial {state}_t}}{{\partial {state}_{{t-1}}}} {right}"


def test_every_cell_has_its_sentence() -> None:
    for make in CELLS.values():
        for sampled in (False, True):
            assert line_back(make(False, "h,x", "softmax", sampled)).sentence.endswith(".")


@pytest.mark.parametrize("name", ["lstm", "coupled", "lstm-1997"])
def test_the_line_is_the_gradient_that_comes_back(name: str) -> None:
    trace = trace_document(blank(m=2, n=3, k=3, cell_name=name).with_inputs(x=[[0.3, -0.4]], c0=[0.5, -1, 2]))
    arriving = np.array([1.0, -2.0, 3.0])
    back, _ = evaluate_backwards(trace.cell, trace.parameters, trace.steps[0], {"C_t": arriving})
    factor = 1.0 if line_back(trace.cell).latex.endswith("= 1") else trace.value(0, "f_t")
    np.testing.assert_allclose(back["C_prev"], arriving * factor, rtol=1e-12)


def test_twenty_steps_are_as_the_sentence_says() -> None:
    sentence = line_back(CELLS["lstm"](False, "x,h", None)).sentence
    assert "0.25²⁰ = 9·10⁻¹³" in sentence
    assert f"{0.25**20:.0e}" == "9e-13"
    assert "0.99²⁰ = 0.82" in sentence
    assert round(0.99**20, 2) == 0.82
