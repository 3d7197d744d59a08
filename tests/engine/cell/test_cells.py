from dataclasses import replace

import pytest

from engine.cell.cell import shape_text, size_in_numbers
from engine.cell.cells import CELLS, ORDERS, lstm
from engine.cell.graph import ADD, BERNOULLI, SIGMOID, Operation, ShapeError

REQUIRED = [
    "x_t", "h_prev", "C_prev", "xh", "a_f", "a_i", "a_C", "a_o", "z_f", "z_i", "z_C", "z_o", "f_t",
    "i_t", "C_tilde", "o_t", "C_t", "tanh_C", "h_t",
]  # fmt: skip


@pytest.mark.parametrize("order", ORDERS)
@pytest.mark.parametrize("projected", [False, True])
def test_a_cell_computes_what_the_field_names_and_only_from_what_is_there(projected: bool, order: str) -> None:
    cell = lstm(projected, order)
    given = [item.name for item in (*cell.inputs, *cell.parameters)]
    known = set(given)
    for operation in cell.operations:
        assert set(operation.inputs) <= known, f"{operation.name} comes before its inputs"
        known.add(operation.name)
    assert len(known) == len(given) + len(cell.operations)
    assert set(REQUIRED) <= known
    assert cell.carried == {"h_prev": "h_t", "C_prev": "C_t"}


@pytest.mark.parametrize("order", ORDERS)
def test_shapes_of_the_worked_example_by_symbol(order: str) -> None:
    joined = "m+n" if order == "x,h" else "n+m"
    for projected in (False, True):
        shapes = lstm(projected, order).shapes
        assert shapes["x_t"] == ("m",)
        assert shapes["h_prev"] == ("n",)
        assert shapes["C_prev"] == shapes["C_t"] == ("k",)
        assert shapes["xh"] == (joined,)
        for gate in "fiCo":
            assert shapes[f"W_{gate}"] == ("k", joined)
            assert shapes[f"b_{gate}"] == shapes[f"a_{gate}"] == shapes[f"z_{gate}"] == ("k",)
        assert all(shapes[name] == ("k",) for name in ("f_t", "i_t", "C_tilde", "o_t", "tanh_C"))
        assert shapes["h_t"] == ("n",)
    assert lstm(True, order).shapes["W_hr"] == ("n", "k")
    assert "W_hr" not in lstm(False, order).shapes


def test_symbols_of_the_field() -> None:
    cell = lstm(projected=True)
    symbols = {item.name: item.symbol for item in (*cell.inputs, *cell.parameters, *cell.operations)}
    assert symbols["C_tilde"] == "C̃_t"
    assert symbols["h_prev"] == "h_{t-1}"
    assert symbols["W_C"] == "W_C"
    assert symbols["xh"] == "[x_t, h_{t-1}]"
    assert lstm(order="h,x").operation("xh").symbol == "[h_{t-1}, x_t]"


def test_sizes_in_numbers() -> None:
    sizes = {"m": 3, "n": 2, "k": 5}
    assert size_in_numbers(("k", "m+n"), sizes) == (5, 5)
    assert size_in_numbers(("n+m",), sizes) == (5,)
    assert size_in_numbers(("n", "k"), sizes) == (2, 5)


def test_a_cell_that_does_not_fit_together_cannot_be_declared() -> None:
    wrong = Operation("sum", ADD, ("x_t", "C_prev"), "s", "s", "cell")
    with pytest.raises(ShapeError, match="add needs inputs of one shape"):
        replace(lstm(), operations=(*lstm().operations, wrong))


def test_unknown_names_and_orders() -> None:
    cell = lstm()
    assert cell.described("W_f").name == "W_f"
    assert cell.described("f_t") is cell.operation("f_t")
    with pytest.raises(KeyError, match="nothing called 'W_f'"):
        cell.operation("W_f")
    with pytest.raises(KeyError, match="nothing called 'z_q'"):
        cell.described("z_q")
    with pytest.raises(ValueError, match="not 'x'"):
        lstm(order="x")


def test_shapes_in_text() -> None:
    sizes = {"m": 3, "n": 2, "k": 4}
    assert shape_text(("k", "m+n")) == "k×(m+n)"
    assert shape_text(("m+n",)) == "(m+n)×1"
    assert shape_text(("k",)) == "k×1"
    assert shape_text(("k", "m+n"), sizes) == "4×5"
    assert shape_text(("k",), sizes) == "4×1"


GATES = {
    "lstm": ("f_t", "i_t", "o_t"),
    "rnn": (),
    "gru": ("r_t", "u_t"),
    "gru-2014": ("r_t", "u_t"),
    "peephole": ("f_t", "i_t", "o_t"),
    "coupled": ("f_t", "o_t"),
    "lstm-1997": ("i_t", "o_t"),
}


@pytest.mark.parametrize("output", [None, "sigmoid"])
@pytest.mark.parametrize("name", CELLS)
def test_each_gate_of_a_sampled_cell_is_drawn_with_its_sigmoid_as_probability(name: str, output: str | None) -> None:
    plain, sampled = CELLS[name](False, "x,h", output), CELLS[name](False, "x,h", output, True)
    assert bool(plain.gates) == bool(sampled.gates) == bool(GATES[name])
    assert plain.draws == ()
    if not GATES[name]:
        assert sampled == plain
        return
    assert sampled.title == f"{plain.title}, gates drawn at random"
    assert (sampled.parameters, sampled.carried) == (plain.parameters, plain.carried)
    assert sampled.inputs == (*plain.inputs, *sampled.draws)
    assert tuple(op.name for op in sampled.operations if op.kind is BERNOULLI) == GATES[name]
    names = [item.name for item in (*sampled.inputs, *sampled.parameters, *sampled.operations)]
    assert len(names) == len(set(names))
    symbols = [item.symbol for item in (*sampled.inputs, *sampled.parameters, *sampled.operations)]
    assert len(symbols) == len(set(symbols))
    for gate in GATES[name]:
        draw = sampled.operation(gate)
        soft, uniform = sampled.operation(draw.inputs[0]), sampled.described(draw.inputs[1])
        assert (soft.kind, soft.inputs) == (SIGMOID, plain.operation(gate).inputs)
        assert uniform in sampled.draws
        assert uniform.role == soft.role == draw.role
        assert sampled.shapes[gate] == sampled.shapes[uniform.name] == plain.shapes[gate]
    # What is no gate is as it was.
    others = [op for op in sampled.operations if op.name not in GATES[name] and not op.name.startswith("soft_")]
    assert others == [op for op in plain.operations if op.name not in GATES[name]]
