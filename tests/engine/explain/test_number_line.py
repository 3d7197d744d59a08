import numpy as np
import pytest

from engine.cell.trace import Trace
from engine.document.document import blank
from engine.document.examples import load_example
from engine.document.tracing import trace_document
from engine.explain.number_line import DOTS, Block, number_line


@pytest.fixture(scope="module")
def trace() -> Trace:
    return trace_document(load_example("worked-example"))


def written(trace: Trace, name: str, **limits: int) -> list[object]:
    return [piece.texts if isinstance(piece, Block) else piece for piece in number_line(trace, 0, name, **limits)]


def column(*texts: str) -> tuple[tuple[str], ...]:
    return tuple((text,) for text in texts)


def test_numbers_of_the_worked_example(trace: Trace) -> None:
    assert written(trace, "z_f") == [
        column("91", "175", "133"),
        "+",
        column("1", "2", "3"),
        "=",
        column("92", "177", "136"),
    ]
    assert written(trace, "kept")[:2] == [column("1.00", "1.00", "1.00"), r"\circ"]
    assert written(trace, "xh") == ["[", (("1", "2", "3"),), ",", (("4", "5", "6"),), "]", "=", (tuple("123456"),)]
    product = written(trace, "a_f")
    assert product[0][0] == ("1", "2", "3", "4", "5", "6")
    assert product[-1] == column("91", "175", "133")


def test_a_saturated_gate_says_how_far_it_is_from_one(trace: Trace) -> None:
    # 1 - σ(92) = e⁻⁹² = 1.1e-40: a double near 1 cannot hold it, the screen still shows it.
    assert written(trace, "f_t") == [
        r"\sigma",
        column("92", "177", "136"),
        "=",
        column("1 − 1.1·10⁻⁴⁰", "1 − 1.3·10⁻⁷⁷", "1 − 8.6·10⁻⁶⁰"),
    ]
    long = trace_document(blank(1, 9, 9, "zeros").with_weight("b_f", np.full(9, 92.0)))
    assert written(long, "f_t")[-1] == column("1 − 1.1·10⁻⁴⁰", "1 − 1.1·10⁻⁴⁰", DOTS, "1 − 1.1·10⁻⁴⁰")


def test_an_extreme_gate_raises_no_warning() -> None:
    document = blank(1, 3, 3, "zeros").with_weight("b_f", [1e4, -1e4, 0.0])
    with np.errstate(all="raise"):
        assert written(trace_document(document), "f_t")[-1] == column("1.00", "0.00", "0.50")


def test_a_draw_shows_its_number_and_its_probability() -> None:
    document = blank(1, 2, 2, "zeros").with_weight("b_f", [92.0, -92.0]).with_sampled(3)
    trace = trace_document(document)
    r = [f"{value:.2f}" for value in np.random.default_rng(3).random(2)]
    assert written(trace, "f_t") == ["[", column(*r), "<", column("1.00", "1.1·10⁻⁴⁰"), "]", "=", column("1", "0")]


def test_every_entry_knows_its_place(trace: Trace) -> None:
    for operation in trace.cell.operations:
        for piece in number_line(trace, 0, operation.name):
            if isinstance(piece, Block):
                value = np.asarray(trace.value(0, piece.name))
                for text, place in (entry for row in piece.rows for entry in row):
                    assert place is not None
                    if "·" not in text:
                        assert float(text.replace("−", "-")) == pytest.approx(value[place], abs=0.005)


def test_large_values_lose_their_middle_but_say_so() -> None:
    large = trace_document(blank(20, 20, 20))
    pieces = number_line(large, 0, "a_f", rows=4, columns=8)
    matrix, vector = (piece for piece in pieces[:2] if isinstance(piece, Block))
    assert len(matrix.rows) == 4
    assert set(matrix.texts[2]) == {DOTS}
    assert [place for _, place in matrix.rows[3]] == [*((19, j) for j in range(6)), None, (19, 39)]
    assert vector.transposed
    assert [place for _, place in vector.rows[0]] == [*((i,) for i in range(6)), None, (39,)]
    assert all(
        len(row) <= 3 for piece in number_line(large, 0, "a_f", 3, 3) if isinstance(piece, Block) for row in piece.rows
    )


def test_unknown_name(trace: Trace) -> None:
    with pytest.raises(KeyError, match="z_q"):
        number_line(trace, 0, "z_q")
