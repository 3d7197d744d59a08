"""The cell as shapes: every equation with the axes of what stands in it, and sentences that are true."""

from __future__ import annotations

import pytest

from engine.cell.cell import size_in_numbers
from engine.cell.cells import CELLS, lstm
from engine.cell.trace import Trace
from engine.document.document import Document, blank
from engine.document.examples import load_example
from engine.document.tracing import trace_document
from engine.explain.dimensions import Drawn, Equation, picture, what_changed, why

SIZES = {"m": 3, "n": 3, "k": 3}


def in_words(equation: Equation) -> str:
    def word(piece: str | Drawn) -> str:
        if isinstance(piece, str):
            return piece
        return "×".join("+".join(axis) for axis in (piece.rows, piece.columns or ("1",)))

    return " ".join(map(word, equation.pieces))


def equation(name: str, **cell: object) -> Equation:
    return next(found for found in picture(lstm(**cell)).equations if found.name == name)  # type: ignore[arg-type]


def traced(document: Document) -> Trace:
    return trace_document(document)


def example() -> Document:
    return load_example("worked-example")


@pytest.mark.parametrize(
    ("name", "projected", "expected"),
    [
        ("f_t", False, r"k×1 = \sigma ( k×m+n \cdot m+n×1 + k×1 )"),
        ("C_tilde", False, r"k×1 = \tanh ( k×m+n \cdot m+n×1 + k×1 )"),
        ("C_t", False, r"k×1 = k×1 \circ k×1 + k×1 \circ k×1"),
        ("h_t", False, r"n×1 = k×1 \circ \tanh ( k×1 )"),
        ("h_t", True, r"n×1 = n×k \cdot ( k×1 \circ \tanh ( k×1 ) )"),
    ],
)
def test_equations_as_shapes(name: str, projected: bool, expected: str) -> None:
    assert in_words(equation(name, projected=projected)) == expected


def test_the_order_of_the_columns_is_the_documents() -> None:
    assert equation("f_t", order="h,x").drawn[1].columns == ("n", "m")
    assert [part.name for part in picture(lstm(order="h,x")).joined.parts] == ["h_prev", "x_t"]


def test_n_is_k_only_where_nothing_projects() -> None:
    assert equation("h_t").drawn[0].equal == "k"
    assert equation("h_t", projected=True).drawn[0].equal == ""
    assert equation("f_t").drawn[0].equal == ""


@pytest.mark.parametrize(
    ("cell_name", "projected"),
    [
        (name, projected)
        for name, made in CELLS.items()
        for projected in ((False, True) if made().has_state else (False,))
    ],
)
@pytest.mark.parametrize("output", [None, "identity", "softmax"])
def test_every_cell_is_drawn_whole_and_in_its_own_shapes(cell_name: str, output: str | None, projected: bool) -> None:
    cell = CELLS[cell_name](projected, "x,h", output)
    drawn = [piece for equation in picture(cell).equations for piece in equation.drawn]
    assert {item.name for item in cell.parameters} <= {piece.name for piece in drawn}
    sizes = {"m": 2, "n": 3, "k": 5 if projected else 3, "p": 4}
    for piece in drawn:
        axes = [piece.rows, piece.columns] if piece.columns else [piece.rows]
        counted = tuple(sum(sizes[part] for part in axis) for axis in axes)
        assert counted == size_in_numbers(cell.shapes[piece.name], sizes), piece.name
        assert why(cell, sizes, piece.name)


@pytest.mark.parametrize(
    ("name", "expected"),
    [
        ("W_f", "W_f is k×(m+n) = 3×6: one row for each entry of f_t, one column for each entry of [x_t, h_{t-1}]"),
        ("W_hr", "W_hr is n×k = 3×3: one row for each entry of h_t, one column for each entry of o_t ∘ tanh(C_t)"),
        ("b_C", "b_C is k×1 = 3×1: one entry for each entry of C̃_t"),
        ("x_t", "x_t is m×1 = 3×1: one entry for each of the m = 3 inputs"),
        ("xh", "[x_t, h_{t-1}] is (m+n)×1 = 6×1: the 3 of x_t, then the 3 of h_{t-1}"),
    ],
)
def test_why_a_shape_is_what_it_is(name: str, expected: str) -> None:
    assert why(lstm(projected=True), SIZES, name) == expected


def test_a_gate_that_is_drawn_has_its_uniform_numbers_in_its_equation() -> None:
    assert in_words(equation("f_t", sampled=True)) == r"k×1 = [ k×1 < \sigma ( k×m+n \cdot m+n×1 + k×1 ) ]"
    assert [drawn.name for drawn in picture(lstm(sampled=True)).given] == ["x_t", "h_prev", "C_prev"]
    assert why(lstm(sampled=True), SIZES, "draw_f").startswith("r_f is k×1 = 3×1: one entry")


def test_an_unknown_name() -> None:
    with pytest.raises(KeyError, match="W_q"):
        why(lstm(), SIZES, "W_q")


@pytest.mark.parametrize(
    ("sizes", "expected"),
    [
        (
            {"m": 4},
            "m = 4: x_t has 4 entries, [x_t, h_{t-1}] has 7 entries and W_f, W_i, W_C and W_o have 7 columns; "
            "no other shape changes.",
        ),
        (
            {"k": 1},
            "n = k = 1: h_{t-1} and h_t have 1 entry, each of the 10 vectors of k×1 has 1 entry, [x_t, h_{t-1}] has "
            "4 entries and W_f, W_i, W_C and W_o have 1 row and 4 columns; no other shape changes.",
        ),
        ({"projected": True}, "W_hr is new (n×k = 3×3); no other shape changes."),
        ({"m": 3}, ""),
    ],
)
def test_what_a_size_changes(sizes: dict[str, int], expected: str) -> None:
    document = example()
    assert what_changed(traced(document), traced(document.resized(**sizes))) == expected  # type: ignore[arg-type]


def test_the_order_moves_the_columns_of_those_matrices_that_read_both() -> None:
    plain = example()
    sentence = what_changed(traced(plain), traced(plain.with_order("h,x")))
    assert sentence.startswith("The columns of every W were swapped")
    more = plain.with_output("sigmoid", 2)
    sentence = what_changed(traced(more), traced(more.with_order("h,x")))
    assert sentence.startswith("The columns of W_f, W_i, W_C and W_o were swapped")


def test_of_another_cell_nothing_is_said() -> None:
    assert what_changed(traced(blank()), traced(blank(cell_name="gru"))) == ""
