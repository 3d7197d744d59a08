import math
from dataclasses import replace

import numpy as np
import pytest

from engine.cell.cells import CELLS
from engine.cell.graph import PRODUCT, Operation
from engine.cell.trace import Trace
from engine.document.document import Document, blank
from engine.document.examples import load_example
from engine.document.tracing import trace_document
from engine.explain.number_line import distance_from_one
from engine.explain.worked_sum import MOST_TERMS, Number, WorkedRow, chain, stages, worked_sum
from engine.text.numbers import Style


@pytest.fixture(scope="module")
def trace() -> Trace:
    return trace_document(load_example("worked-example"))


def drawn(cell_name: str, m: int, k: int, *, n: int = 0, output: str | None = None, T: int = 2) -> Document:
    """A document whose weights, inputs and states are all different and none of them 0."""
    document = blank(m, k, k, cell_name=cell_name)
    if n:
        document = document.resized(projected=True, n=n)
    if output:
        document = document.with_output(output, 3)
    numbers = np.random.default_rng(5)
    for name, value in document.weights.items():
        document = document.with_weight(name, numbers.normal(size=value.shape))
    inputs = {"x": (T, document.m), "h0": (document.n,), "c0": (document.k,)}
    return document.with_inputs(**{name: numbers.normal(size=shape) for name, shape in inputs.items()})


def matrices(document: Document) -> list[str]:
    return [item.name for item in document.cell.parameters if len(item.shape) == 2]


EVERY_CELL = [
    *(drawn(name, 3, 4, output=output) for name in CELLS for output in (None, "softmax")),
    *(drawn(name, 3, 4, n=2, output="identity") for name in CELLS if blank(1, 1, 1, cell_name=name).can_project),
    drawn("lstm", 9, 7, output="sigmoid"),
    drawn("gru", 1, 1),
    drawn("lstm", 3, 4).with_order("h,x"),
]


def all_numbers(row: WorkedRow) -> list[Number]:
    return [number for term in row.terms for number in (term.weight, term.entry)] + [
        row.product,
        *(piece for step in row.steps for piece in step.pieces if isinstance(piece, Number)),
    ]


def test_the_rows_of_the_worked_example(trace: Trace) -> None:
    assert worked_sum(trace, 0, "W_f", 0).lines == (
        "1·1 + 2·2 + 3·3 + 4·4 + 5·5 + 6·6 = 91",
        "+ 1 = 92",
        "σ(92) = 1 − 1.1·10⁻⁴⁰",
    )
    assert worked_sum(trace, 0, "W_f", 1).lines[1:] == ("+ 2 = 177", "σ(177) = 1 − 1.3·10⁻⁷⁷")
    assert worked_sum(trace, 0, "W_f", 2).lines[1:] == ("+ 3 = 136", "σ(136) = 1 − 8.6·10⁻⁶⁰")
    sums = [worked_sum(trace, 0, "W_i", row).steps[0].result.value for row in range(3)]
    assert sums == [22, 43, 64]


@pytest.mark.parametrize("document", EVERY_CELL, ids=lambda d: f"{d.cell_name}-{d.n}-{d.output * d.has_output}")
def test_terms_add_up_to_the_product_and_the_last_number_is_the_named_one(document: Document) -> None:
    trace = trace_document(document)
    for name in matrices(document):
        for t, row in [(t, row) for t in range(2) for row in range(len(document.weights[name]))]:
            worked = worked_sum(trace, t, name, row)
            terms = [term.weight.value * term.entry.value for term in worked.terms]
            entries = trace.value(t, worked.vector)[worked.left_out]
            left_out = document.weights[name][row, worked.left_out] @ entries
            assert sum(terms) + left_out == pytest.approx(worked.product.value, abs=1e-12)
            assert len(terms) + worked.left_out.stop - worked.left_out.start == document.weights[name].shape[1]
            last = trace.cell.operation(worked.result.name)
            assert not last.spelled_out, "the row ends before it has come to a value with a name"
            assert worked.result.value == trace.value(t, last.name)[row]
            assert 1 + len(worked.steps) == stages(trace.cell, name)
            for number in all_numbers(worked):
                assert number.value == np.asarray(trace.value(t, number.name))[number.place]


def test_every_step_follows_from_the_numbers_before_it() -> None:
    gru = trace_document(drawn("gru", 2, 3))
    worked = worked_sum(gru, 1, "W_n", 2)
    assert [step.operation.name for step in worked.steps] == ["z_n", "reset", "z_h", "h_tilde"]
    bias, reset, added, squashed = worked.steps
    assert worked.product.value + bias.operands[0].value == pytest.approx(bias.result.value)
    assert [number.name for number in reset.operands] == ["r_t", "z_n"]
    assert math.prod(number.value for number in reset.operands) == pytest.approx(reset.result.value)
    assert reset.result.value + added.operands[0].value == pytest.approx(added.result.value)
    assert math.tanh(squashed.operands[0].value) == pytest.approx(squashed.result.value)

    peephole = trace_document(drawn("peephole", 2, 3))
    seen = worked_sum(peephole, 0, "W_o", 1).steps[0]
    assert [number.name for number in seen.operands] == ["p_o", "C_t"]
    assert worked_sum(peephole, 0, "W_f", 1).steps[0].operands[1].name == "C_prev"


def test_a_projection_and_an_identity_simply_end() -> None:
    trace = trace_document(drawn("lstm", 2, 3, n=2, output="identity"))
    assert [operation.name for operation in chain(trace.cell, "W_hr")] == ["h_t"]
    assert worked_sum(trace, 0, "W_hr", 0).steps == ()
    output = worked_sum(trace, 0, "W_y", 0)
    assert [step.operation.name for step in output.steps] == ["z_y"]
    assert output.result.name == "y_t"


def test_softmax_says_that_it_depends_on_all_rows() -> None:
    trace = trace_document(drawn("rnn", 2, 3, output="softmax"))
    last = worked_sum(trace, 0, "W_y", 1).steps[-1]
    powers = np.exp(trace.value(0, "z_y"))
    assert last.result.value == pytest.approx(powers[1] / powers.sum())
    assert "all rows" in last.note
    assert worked_sum(trace, 0, "W_y", 1).lines[-1].startswith("exp(")


def test_a_drawn_gate_ends_in_its_draw() -> None:
    document = replace(drawn("peephole", 2, 3), sampled=7)
    trace = trace_document(document)
    steps = worked_sum(trace, 0, "W_f", 1).steps
    assert [step.operation.name for step in steps[-2:]] == ["soft_f", "f_t"]
    number, probability = steps[-1].operands
    assert (number.name, probability.name) == ("draw_f", "soft_f")
    assert steps[-1].result.value == (number.value < probability.value)
    assert steps[-1].result.text in ("0", "1")
    assert "random" in steps[-1].note


def test_entries_of_a_joined_vector_are_those_of_x_and_h() -> None:
    for order, expected in (("x,h", ["x_t", "x_t", "h_prev"]), ("h,x", ["h_prev", "x_t", "x_t"])):
        trace = trace_document(drawn("rnn", 2, 1).with_order(order))
        terms = worked_sum(trace, 1, "W_h", 0).terms
        assert [term.entry.name for term in terms] == expected
        assert [term.entry.value for term in terms] == list(trace.value(1, "xh"))


def test_a_saturated_value_is_never_a_bare_one() -> None:
    def ends(z: float) -> dict[str, str]:
        document = blank(1, 1, 1, "zeros").with_output("softmax", 2, "zeros").with_weight("b_y", [z, 0.0])
        for name in ("b_f", "b_C"):
            document = document.with_weight(name, [z])
        trace = trace_document(document)
        return {name: worked_sum(trace, 0, name, 0).lines[-1].partition(" = ")[2] for name in ("W_f", "W_C", "W_y")}

    # 1 - tanh 20 = 2/(e⁴⁰ + 1) = 8.5e-18; 1 - σ(20) = 2.1e-9, which is also the other share of a softmax of two.
    assert ends(20) == {"W_f": "1 − 2.1·10⁻⁹", "W_C": "1 − 8.5·10⁻¹⁸", "W_y": "1 − 2.1·10⁻⁹"}
    assert ends(-20) == {"W_f": "2·10⁻⁹", "W_C": "−1 + 8.5·10⁻¹⁸", "W_y": "2·10⁻⁹"}
    with np.errstate(all="raise"):
        assert ends(1e4) == {"W_f": "1.00", "W_C": "1.00", "W_y": "1.00"}  # nearer to 1 than any double says


def test_what_was_computed_with_a_saturated_value_is_no_whole_number_either(trace: Trace) -> None:
    document = blank(1, 1, 1, cell_name="gru").with_weight("b_r", [50.0]).with_weight("b_n", [3.0])
    lines = worked_sum(trace_document(document), 0, "W_n", 0).lines
    assert lines[1] == "+ 3 = 3"
    assert lines[2] == "(1 − 1.9·10⁻²²) · 3 = 3.00"


def test_negative_numbers_stand_in_brackets() -> None:
    document = blank(2, 1, 1, "zeros").with_weight("W_f", [[-2, 3, 0]]).with_weight("b_f", [-0.5])
    trace = trace_document(document.with_inputs(x=[[4, -0.5]]))
    assert worked_sum(trace, 0, "W_f", 0).lines == (
        "(−2)·4 + 3·(−0.50) + 0·0 = −9.50",
        "+ (−0.50) = −10",
        "σ(−10) = 5·10⁻⁵",
    )


@pytest.mark.parametrize(("size", "left_out"), [(MOST_TERMS - 1, 0), (MOST_TERMS, 3), (1000, 991)])
def test_long_rows_lose_their_middle_but_not_their_total(size: int, left_out: int) -> None:
    document = blank(size, 1, 1, "zeros").with_weight("W_f", np.arange(size + 1.0)[None])
    worked = worked_sum(trace_document(document.with_inputs(x=np.ones((1, size)))), 0, "W_f", 0)
    assert worked.left_out.stop - worked.left_out.start == left_out
    assert worked.product.value == size * (size - 1) / 2
    assert (f"({left_out} more)" in worked.lines[0]) == bool(left_out)
    assert worked.terms[-1].column == size


def test_numbers_are_written_in_the_chosen_style(trace: Trace) -> None:
    assert worked_sum(trace, 0, "W_C", 0, Style.LONG).lines[-1] == "tanh(1) = 0.7616"
    assert worked_sum(trace, 0, "W_f", 0, Style.SCIENTIFIC).lines[1] == "+ (1.00·10⁰) = 9.20·10¹"


def test_what_there_is_not(trace: Trace) -> None:
    with pytest.raises(KeyError, match="W_hr"):
        worked_sum(trace, 0, "W_hr", 0)
    with pytest.raises(IndexError, match="rows 0 to 2, not 3"):
        worked_sum(trace, 0, "W_f", 3)
    with pytest.raises(ValueError, match="add"):
        distance_from_one(trace.cell.operation("z_f").kind, np.zeros(1))


def test_the_chain_begins_with_the_product() -> None:
    for document in EVERY_CELL:
        for name in matrices(document):
            first, *_ = chain(document.cell, name)
            assert isinstance(first, Operation)
            assert first.kind is PRODUCT
            assert first.inputs[0] == name
