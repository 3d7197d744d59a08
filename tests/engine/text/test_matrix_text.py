import contextlib
import time

import numpy as np
import pytest
import torch
from hypothesis import given, settings
from hypothesis import strategies as st
from hypothesis.extra import numpy as hnp

from engine.text.matrix_text import format_matrix, parse_row, readings_of_block
from engine.text.number_text import NumberTextError
from tests.engine.text.reading import only_reading

TWO_BY_TWO = [[1.5, -2.0], [3.0, 4e-3]]


@pytest.mark.parametrize(
    "text",
    [
        "1.5\t-2\n3\t4e-3",
        "1.5\t-2\r\n3\t0.004\r\n",
        "1,5\t−2\n3\t0,004\n",  # a German spreadsheet, with a typographic minus
        "1,5;-2\n3;4e-3",
        "1.5;-2\n3;0.004",
        "1.5,-2\n3,4e-3",
        "1.5, -2\n3, 4e-3",
        "1.5 -2\n3 4e-3",
        "  1.5   -2 \n\n 3    4e-3 \n",
        "1,5 -2\n3 0,004",
        "[[1.5, -2], [3, 4e-3]]",
        "[[1.5, -2],\n [3, 4e-3],]",
        "((1.5, -2), (3, 4e-3))",
        "[[ 1.5e+00 -2.0e+00]\n [ 3.0e+00  4.0e-03]]",
        "[[1.5 -2.]\n [3. 0.004]]",
        "np.array([[1.5, -2.0],\n          [3.0, 4e-3]])",
        "array([[1.5, -2.], [3., 4e-3]], dtype=float32)",
        "W_f = numpy.array([[1.5, -2], [3, 4e-3]], dtype=np.float64)",
        "torch.tensor([[1.5, -2.0], [3.0, 4e-3]], dtype=torch.float64)",
        "tensor([[1.5, -2.0], [3.0, 4e-3]], device='cuda:0', grad_fn=<AddBackward0>)",
        "Parameter containing:\ntensor([[1.5, -2.0],\n        [3.0, 4e-3]], requires_grad=True)",
        "[[np.float64(1.5), np.float64(-2.0)], [np.float64(3.0), np.float64(0.004)]]",
        "[1.5 -2; 3 4e-3]",  # MATLAB
        "[1.5, -2; 3, 4e-3]",
        "W_f = [ 1.5 -2 ;\n 3 4e-3; ];",
    ],
)
def test_what_people_paste(text: str) -> None:
    np.testing.assert_array_equal(only_reading(text), TWO_BY_TWO)


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("7", [[7]]),
        (" 0,5 ", [[0.5]]),
        ("1\n2\n3", [[1], [2], [3]]),
        ("1\t2\t3", [[1, 2, 3]]),
        ("1,2,3", [[1, 2, 3]]),
        ("1.5,2", [[1.5, 2]]),
        ("[1, 2, 3]", [[1, 2, 3]]),
        ("[1 2 3]", [[1, 2, 3]]),
        ("[[1], [2]]", [[1], [2]]),
        ("array([1., 2.])", [[1, 2]]),
        ("[np.float64(0.5), np.int64(2)]", [[0.5, 2]]),
    ],
)
def test_one_number_one_row_one_column(text: str, expected: list[list[float]]) -> None:
    np.testing.assert_array_equal(only_reading(text), expected)


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("0,5\n1,25\n-0,3", [[0.5], [1.25], [-0.3]]),
        ("0,5\r\n1,5\r\n", [[0.5], [1.5]]),
        ("1,05\n2,15", [[1.05], [2.15]]),
        ("1,25\n−2,5", [[1.25], [-2.5]]),
        ("−0,1\n1,0", [[-0.1], [1.0]]),
        ("0,5\n1\n5E-05\n1,5e-3", [[0.5], [1], [5e-5], [1.5e-3]]),  # a spreadsheet drops the zeros of 1,0
    ],
)
def test_a_column_with_decimal_commas(text: str, expected: list[list[float]]) -> None:
    np.testing.assert_array_equal(only_reading(text), expected)


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("0,5\n1,-25", [[0, 5], [1, -25]]),
        ("0,5.0\n1,25", [[0, 5], [1, 25]]),
        ("-1,-2", [[-1, -2]]),
        ("1,−2", [[1, -2]]),
        ("1,+2", [[1, 2]]),
        ("1e-3,5", [[1e-3, 5]]),
    ],
)
def test_commas_between_numbers(text: str, expected: list[list[float]]) -> None:
    np.testing.assert_array_equal(only_reading(text), expected)


@pytest.mark.parametrize(
    ("text", "meant"),
    [
        ("1,5\n2,5\n3,5", [[[1, 5], [2, 5], [3, 5]], [[1.5], [2.5], [3.5]]]),
        ("-1,20\n3,40", [[[-1, 20], [3, 40]], [[-1.2], [3.4]]]),
        ("0,1\n1,0", [[[0, 1], [1, 0]], [[0.1], [1.0]]]),
        ("1,2,\n3,4", [[[1, 2], [3, 4]], [[1.2], [3.4]]]),
        ("1,2;3,4", [[[1.2, 3.4]], [[1, 2], [3, 4]]]),
        ("1,234", [[[1234]], [[1.234]]]),
        ("1,234\t5,678", [[[1234, 5678]], [[1.234, 5.678]]]),
        ("950\n1,020\n1,234", [[[950], [1020], [1234]], [[950], [1.02], [1.234]]]),
        ("950;1.020", [[[950, 1020]], [[950, 1.02]]]),
        ("1,234,567\n2,345,678", [[[1234567], [2345678]], [[1, 234, 567], [2, 345, 678]]]),
        ("1,234.5\n2,345.6", [[[1234.5], [2345.6]], [[1, 234.5], [2, 345.6]]]),
        ("[0,5 1,5]", [[[0.5, 1.5]], [[0, 5, 1, 5]]]),
    ],
)
def test_what_has_two_meanings_has_both_and_the_likelier_first(text: str, meant: list[list[list[float]]]) -> None:
    assert [block.tolist() for block in readings_of_block(text)] == meant


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("0,5\t1,234", [[0.5, 1.234]]),
        ("1,007.28\t1,020", [[1007.28, 1020]]),
        ("1.234,5;1.020", [[1234.5, 1020]]),
        ("1.020\t1.234", [[1.020, 1.234]]),
        ("1\N{NO-BREAK SPACE}234 5", [[1234, 5]]),
        ("1\N{NARROW NO-BREAK SPACE}234,5\t2\N{THIN SPACE}345\N{THIN SPACE}678", [[1234.5, 2345678]]),
        ("1\N{NO-BREAK SPACE}2\n3\N{NO-BREAK SPACE}4", [[1, 2], [3, 4]]),
        ("1,007.28\n950\n1,020", [[1007.28], [950], [1020]]),
        ("1.000,5 2", [[1000.5, 2]]),
        ("1,5 2,5", [[1.5, 2.5]]),
        ("(1.50)\t(2.50)\t3.50", [[-1.5, -2.5, 3.5]]),
        ("(1.50)\n(2.50)", [[-1.5], [-2.5]]),
        ("0\N{NO-BREAK SPACE}100", [[0, 100]]),
        ('"1,5","2,5"\n"3,5","4,5"', [[1.5, 2.5], [3.5, 4.5]]),
    ],
)
def test_a_block_is_judged_as_a_whole(text: str, expected: list[list[float]]) -> None:
    np.testing.assert_array_equal(only_reading(text), expected)


@pytest.mark.parametrize(
    "text",
    [
        "[1 2\n 3 4]",
        "[1, 2\n 3, 4]",
        "1 2; 3 4",
        "1, 2; 3, 4",
        "1 2;\n3 4;",
        "{{1,2},{3,4}}",
        "float W[2][2] = {{1,2},{3,4}};",
        "states[1] = [[1, 2], [3, 4]]",
        "model.lstm.weight_ih_l0 = tensor([[1., 2.],\n        [3., 4.]], requires_grad=True)",
        "[[[1, 2], [3, 4]]]",
        "[[[1, 2]], [[3, 4]]]",
        "1\t2\t\n3\t4\t",
        "1.0,2,\n3,4,",
        "1;2;\n3;4;",
        "| 1 | 2 |\n| 3 | 4 |",
        r"\begin{bmatrix} 1 & 2 \\ 3 & 4 \end{bmatrix}",
        r"$$W_f = \left[\begin{array}{cc} 1 & 2 \\[2pt] 3\, & 4 \\ \end{array}\right]$$",
        r"1 & 2 \\ 3 & 4",
        r"\begin{pmatrix}1&2{,}0\cr 30 \cdot 10^{-1}&4\end{pmatrix}",
        "1 2\n3 4·10⁰",
        "\ufeff1\t2\n3\t4",
    ],
)
def test_what_pages_and_other_programs_write(text: str) -> None:
    np.testing.assert_array_equal(only_reading(text), [[1, 2], [3, 4]])


def test_a_printed_row_that_goes_on_in_the_next_line() -> None:
    row = np.arange(20) / 7
    np.testing.assert_allclose(only_reading(str(row)), [row], atol=1e-6)  # 6, 6, 6 and 2 numbers a line
    even = np.arange(12) / 7
    assert [block.shape for block in readings_of_block(str(even))] == [(2, 6), (1, 12)]


@pytest.mark.parametrize(
    "text",
    [
        "a" * 40_000 + "[1]",
        "a.b" * 20_000 + "(1",
        " " * 40_000 + "[1" + " " * 40_000 + "2]",
        "\\begin{bmatrix}" * 3_000,
        "dtype=<" * 8_000,
        "[" * 40_000,
        "float(" * 9_000,
    ],
    ids=lambda text: text.strip()[:12],
)
def test_the_time_grows_with_the_length_alone(text: str) -> None:
    """One of the old patterns took 15 s for the first of these, and so 60 s for twice its length."""

    def seconds(text: str) -> float:
        begun = time.perf_counter()
        with contextlib.suppress(NumberTextError):
            readings_of_block(text)
        return time.perf_counter() - begun

    assert min(seconds(text) for _ in range(3)) < 1


def test_what_numpy_and_torch_really_print() -> None:
    matrix = np.random.default_rng(1).normal(size=(3, 4)).round(6)
    for text in (str(matrix), repr(matrix), str(matrix.tolist()), str(list(matrix[0])), repr(matrix * 1e-7)):
        assert only_reading(text).size in (12, 4)
    np.testing.assert_array_equal(only_reading(repr(matrix)), matrix)
    np.testing.assert_array_equal(only_reading(str(list(matrix[0]))), matrix[:1])
    weight = torch.nn.Parameter(torch.tensor(matrix, dtype=torch.float32))
    for printed in (weight, weight * 1, weight.detach()):
        np.testing.assert_allclose(only_reading(repr(printed)), matrix, rtol=0, atol=1e-4)


@pytest.mark.parametrize(
    ("text", "reason"),
    [
        ("", "there is no text to paste"),
        (" \n\t", "there is no text to paste"),
        ("1\t2\n3", "row 2 of the pasted block has 1 number, but row 1 has 2"),
        ("1 2\n3", "row 2 of the pasted block has 1 number, but row 1 has 2"),
        ("[1 2; 3]", "row 2 of the pasted block has 1 number, but row 1 has 2"),
        ("[1 2;; 3 4]", "row 2, column 1 of the pasted block: the cell is empty"),
        ("[[1; 2], [3; 4]]", "row 1, column 1 of the pasted block: “1;” is not a number"),  # columns side by side
        ("[;]", "the brackets of the pasted text are empty"),
        ("[[1, 2], [3]]", "row 2 of the pasted block has 1 number, but row 1 has 2"),
        ("1\t2\n3\tx", "row 2, column 2 of the pasted block: “x” is not a number"),
        ("1\t\n3\t4", "row 1, column 2 of the pasted block: the cell is empty"),
        ("[[1, , 2]]", "row 1, column 2 of the pasted block: the cell is empty"),
        ("[[1, 2], []]", "row 2, column 1 of the pasted block: the cell is empty"),
        ("hello", "row 1, column 1 of the pasted block: “hello” is not a number"),
        ("1\tinf", "“inf” is not a finite number"),
        ("[[nan]]", "“nan” is not a finite number"),
        ("1e101", "10¹⁰¹ is too large"),
        ("1e999", "“1e999” is not a finite number"),
        ("[[1, 2], [3, 4]", "has an opening bracket without a closing one"),
        ("[[]]", "the brackets of the pasted text are empty"),
        ("[[1, 2], 3]", "contains more than brackets and numbers"),
        ("print([[1, 2]]) # done", "contains more than brackets and numbers"),
        ("__import__('os').system('true')", "contains more than brackets and numbers"),
        ("[[1 ... 2]]", "the pasted text is abbreviated with “...”; print all of its numbers"),
        ("[[1, …, 2]]", "print all of its numbers"),
        (r"\begin{bmatrix} 1 & \cdots \end{bmatrix}", "print all of its numbers"),
        (r"\begin{bmatrix} 1 & 2", "1 \\begin and 0 \\end"),
        ("[[[1, 2], [3, 4]], [[5, 6], [7, 8]]]", "has 3 dimensions, 2×2×2"),
        ("array([], shape=(0, 3), dtype=float64)", "the brackets of the pasted text are empty"),
        ("np.zeros((3,1))", "contains more than brackets and numbers"),
        ("np.sqrt([4, 9])", "contains more than brackets and numbers"),
        ("[sqrt(2), sqrt(3)]", "contains more than brackets and numbers"),
        ("np.transpose([[1,2],[3,4]])", "contains more than brackets and numbers"),
        ("torch.Size([2, 3])", "contains more than brackets and numbers"),
        ("W *= [1, 2]", "contains more than brackets and numbers"),
        (r"\begin{bmatrix}1&2\\3&4\end{bmatrix}^T", "the pasted LaTeX contains more than one matrix"),
        (r"-\begin{bmatrix}1&2\end{bmatrix}", "the pasted LaTeX contains more than one matrix"),
        (r"\frac{1}{2}\begin{bmatrix}1&2\end{bmatrix}", "the pasted LaTeX contains more than one matrix"),
        (r"\begin{bmatrix}1&2\end{bmatrix} + 1", "the pasted LaTeX contains more than one matrix"),
        ("states[1]", "contains more than brackets and numbers"),
        ("1]", "has a closing bracket without an opening one"),
    ],
)
def test_what_cannot_be_read_gets_one_sentence_with_the_place(text: str, reason: str) -> None:
    with pytest.raises(NumberTextError) as caught:
        only_reading(text)
    assert reason in str(caught.value)
    assert "\n" not in str(caught.value)


@settings(max_examples=300, deadline=None)
@given(st.text(st.sampled_from("0123456789.,;-+eE[]() \t\nxnaif_='"), max_size=40))
def test_any_text_gives_a_block_or_a_sentence(text: str) -> None:
    try:
        blocks = readings_of_block(text)
    except NumberTextError as error:
        sentence = str(error)
    else:
        assert blocks
        for block in blocks:
            assert block.ndim == 2
            assert block.size
            assert np.isfinite(block).all()
        return
    assert sentence
    assert "\n" not in sentence


@pytest.mark.parametrize("style", ["tabs", "numpy"])
@settings(max_examples=100, deadline=None)
@given(
    matrix=hnp.arrays(
        np.float64,
        hnp.array_shapes(min_dims=1, max_dims=2, max_side=5),
        elements=st.floats(-1e100, 1e100) | st.sampled_from([-0.0, 1e-300, 1e99, 5e-324]),
    )
)
def test_copied_text_comes_back_bit_by_bit(style: str, matrix: np.ndarray) -> None:
    back = only_reading(format_matrix(matrix, style))
    assert back.shape == np.atleast_2d(matrix).shape
    assert back.tobytes() == matrix.tobytes()


@settings(max_examples=100, deadline=None)
@given(
    matrix=hnp.arrays(np.float64, st.tuples(st.integers(2, 4), st.integers(2, 4)), elements=st.floats(-1e100, 1e100)),
    separator=st.sampled_from([";", "\t", " "]),
)
def test_decimal_commas_mean_the_same(matrix: np.ndarray, separator: str) -> None:
    text = format_matrix(matrix).replace("\t", separator)
    # A comma before exactly three digits may be one of thousands, and then both are offered.
    assert any(np.array_equal(block, only_reading(text)) for block in readings_of_block(text.replace(".", ",")))


def test_text_for_python_is_python() -> None:
    matrix = np.array([[0.1, -0.0], [1e-300, 1e99]])
    np.testing.assert_array_equal(eval(format_matrix(matrix, "numpy"), {"np": np}), matrix)


@pytest.mark.parametrize(
    ("text", "numbers"),
    [
        ("0.5 -1 0,25", [0.5, -1, 0.25]),
        ("1\N{NO-BREAK SPACE}234 5", [1234, 5]),
        ("0.5, -1,", [0.5, -1]),
        ("1;2;3", [1, 2, 3]),
    ],
)
def test_a_typed_row(text: str, numbers: list[float]) -> None:
    assert parse_row(text) == numbers


@pytest.mark.parametrize(
    ("text", "reason"),
    [
        (" ", "nothing was typed"),
        ("1 2;3 4", "one row of numbers was expected"),
        ("1 2\n3 4", "one row of numbers was expected"),
        ("1 two", "number 2: “two” is not a number"),
        ("1,234 2,345", "this can mean 1×2 (1234, 2345) or 1×2 (1.234, 2.345)"),
    ],
)
def test_what_is_no_typed_row(text: str, reason: str) -> None:
    with pytest.raises(NumberTextError) as caught:
        parse_row(text)
    assert reason in str(caught.value)
