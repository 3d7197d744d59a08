"""Numbers and matrices in LaTeX: read back, they are the same; a line of numbers typesets."""

from __future__ import annotations

import latex2mathml.converter
import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from hypothesis.extra.numpy import array_shapes, arrays

from engine.cell.cells import CELLS
from engine.commands.trace import small_document
from engine.document.tracing import trace_document
from engine.explain.number_latex import MOST, number_latex
from engine.explain.number_line import number_line
from engine.text.latex import latex_matrix, latex_number
from engine.text.matrix_text import format_matrix, readings_of_block

_NUMBERS = st.floats(-1e99, 1e99, allow_nan=False, allow_subnormal=False)


@given(arrays(np.float64, array_shapes(min_dims=2, max_dims=2, max_side=4), elements=_NUMBERS))
def test_a_matrix_that_is_pasted_back_is_the_same(matrix: np.ndarray) -> None:
    (read,) = readings_of_block(format_matrix(matrix, "latex"))
    assert np.array_equal(read, matrix)


def test_a_matrix_is_written_as_people_write_it() -> None:
    assert latex_matrix(np.array([[1.0, -0.25], [1e-7, 3.0]])) == (
        "\\begin{bmatrix}\n  1 & -0.25 \\\\\n  1 \\cdot 10^{-7} & 3\n\\end{bmatrix}"
    )
    assert latex_matrix(np.array([1.0, 2.0])).count("\\\\") == 1  # a vector stands as a column


@pytest.mark.parametrize(
    ("shown", "written"),
    [
        ("−0.20", "-0.20"),
        ("1 − 1.1·10⁻⁴⁰", r"1 - 1.1 \cdot 10^{-40}"),
        ("10⁻⁵", "10^{-5}"),
        ("−∞", r"-\infty"),
        ("NaN", r"\mathrm{NaN}"),
        ("…", r"\dots"),
    ],
)
def test_a_number_of_the_screen(shown: str, written: str) -> None:
    assert latex_number(shown) == written


@pytest.mark.parametrize("name", CELLS)
def test_every_operation_with_its_numbers_typesets(name: str) -> None:
    document = small_document(name).with_output("softmax", 2)
    for sampled in (None, 1):
        trace = trace_document(document.with_sampled(sampled))
        for operation in trace.cell.operations:
            line = number_latex(number_line(trace, 1, operation.name, MOST, MOST), operation.latex)
            assert line.startswith(f"{operation.latex} = ")
            assert line.count(r"\begin{bmatrix}") == line.count(r"\end{bmatrix}") >= 2
            assert not set(line) & set("·−…⁻∞")
            assert latex2mathml.converter.convert(line)
