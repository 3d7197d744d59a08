from dataclasses import replace

import pytest

from engine.cell import formula
from engine.cell.cells import lstm
from engine.cell.graph import MULTIPLY, ONE_MINUS, PRODUCT, Operation


@pytest.mark.parametrize(
    ("name", "expected"),
    [
        ("x_t", "x_t"),
        ("h_prev", "h_{t-1}"),
        ("xh", "[x_t, h_{t-1}]"),
        ("a_f", "W_f·[x_t, h_{t-1}]"),
        ("z_f", "W_f·[x_t, h_{t-1}] + b_f"),
        ("f_t", "σ(W_f·[x_t, h_{t-1}] + b_f)"),
        ("i_t", "σ(W_i·[x_t, h_{t-1}] + b_i)"),
        ("C_tilde", "tanh(W_C·[x_t, h_{t-1}] + b_C)"),
        ("o_t", "σ(W_o·[x_t, h_{t-1}] + b_o)"),
        ("kept", "f_t ∘ C_{t-1}"),
        ("C_t", "f_t ∘ C_{t-1} + i_t ∘ C̃_t"),
        ("tanh_C", "tanh(C_t)"),
        ("h_t", "o_t ∘ tanh(C_t)"),
    ],
)
def test_text_stops_at_the_symbols_of_the_field(name: str, expected: str) -> None:
    assert formula.text(lstm(), name) == expected


def test_text_with_the_columns_turned_and_a_projection() -> None:
    assert formula.text(lstm(order="h,x"), "f_t") == "σ(W_f·[h_{t-1}, x_t] + b_f)"
    assert formula.text(lstm(projected=True), "h_t") == "W_hr·(o_t ∘ tanh(C_t))"


def test_brackets_stand_where_a_sum_becomes_a_factor() -> None:
    more = [
        Operation("rest", ONE_MINUS, ("f_t",), "rest", "r", "forget", True),
        Operation("turned", PRODUCT, ("W_hr", "z_f"), "turned", "p", "forget"),
        Operation("coupled", MULTIPLY, ("rest", "C_tilde"), "coupled", "q", "forget"),
    ]
    cell = lstm(projected=True)
    cell = replace(cell, operations=(*cell.operations, *more))
    assert formula.text(cell, "rest") == "1 − f_t"
    assert formula.text(cell, "turned") == "W_hr·(W_f·[x_t, h_{t-1}] + b_f)"
    assert formula.text(cell, "coupled") == "(1 − f_t) ∘ C̃_t"


def test_latex_has_a_left_side_unless_it_would_say_the_same_twice() -> None:
    cell = lstm()
    assert formula.latex(cell, "f_t") == r"f_t = \sigma\left(W_f\,\left[x_t,\ h_{t-1}\right] + b_f\right)"
    assert formula.latex(cell, "C_t") == r"C_t = f_t \circ C_{t-1} + i_t \circ \tilde{C}_t"
    assert formula.latex(cell, "tanh_C") == r"\tanh\left(C_t\right)"
    assert formula.latex(cell, "x_t") == "x_t"
    assert formula.latex(lstm(projected=True), "h_t") == r"h_t = W_{hr}\,\left(o_t \circ \tanh\left(C_t\right)\right)"


def plain(latex: str) -> str:
    for old, new in ((r"{\times}", "×"), (r"\left", ""), (r"\right", ""), (r"\ ", " "), (r"\cdot", "·")):
        latex = latex.replace(old, new)
    return latex.replace(r"\sigma", "σ").replace(r"\circ", "∘").replace(r"\tanh", "tanh")


@pytest.mark.parametrize(
    ("name", "symbols", "numbers"),
    [
        ("xh", "(m+n)×1 = [m×1, n×1]", "5×1 = [3×1, 2×1]"),
        ("a_f", "k×1 = k×(m+n) · (m+n)×1", "4×1 = 4×5 · 5×1"),
        ("f_t", "k×1 = σ(k×(m+n) · (m+n)×1 + k×1)", "4×1 = σ(4×5 · 5×1 + 4×1)"),
        ("C_t", "k×1 = k×1 ∘ k×1 + k×1 ∘ k×1", "4×1 = 4×1 ∘ 4×1 + 4×1 ∘ 4×1"),
        ("h_t", "n×1 = n×k · (k×1 ∘ tanh(k×1))", "2×1 = 2×4 · (4×1 ∘ tanh(4×1))"),
    ],
)
def test_the_same_formula_in_shapes(name: str, symbols: str, numbers: str) -> None:
    cell = lstm(projected=True)
    assert plain(formula.shapes_latex(cell, name)) == symbols
    assert formula.shapes_text(cell, name, {"m": 3, "n": 2, "k": 4}) == numbers


def test_a_draw_compares_its_number_with_the_whole_sigmoid() -> None:
    cell = lstm(sampled=True)
    assert formula.text(cell, "f_t") == "[r_f < σ(W_f·[x_t, h_{t-1}] + b_f)]"
    assert formula.text(cell, "soft_f") == "σ(W_f·[x_t, h_{t-1}] + b_f)"
    assert formula.text(cell, "C_t") == formula.text(lstm(), "C_t")
    sigmoid = r"\sigma\left(W_f\,\left[x_t,\ h_{t-1}\right] + b_f\right)"
    assert formula.latex(cell, "f_t") == rf"f_t = \left[r_f < {sigmoid}\right]"
    assert formula.latex(cell, "soft_f") == rf"\sigma\left(z_f\right) = {sigmoid}"
    sizes = {"m": 3, "n": 4, "k": 4}
    assert formula.shapes_text(cell, "f_t", sizes) == "4×1 = [4×1 < σ(4×7 · 7×1 + 4×1)]"
    assert plain(formula.shapes_latex(cell, "f_t")) == "k×1 = [k×1 < σ(k×(m+n) · (m+n)×1 + k×1)]"


def test_unknown_name() -> None:
    with pytest.raises(KeyError, match="z_q"):
        formula.text(lstm(), "z_q")
