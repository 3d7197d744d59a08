"""The parts of every declared cell: what they are called, what they are for, and the phases that they act in."""

from __future__ import annotations

import pytest

from engine.cell.cell import Cell
from engine.cell.cells import CELLS
from engine.explain.parts import Use, part_at, parts_of, use_of


def cell(name: str, **form: object) -> Cell:
    return CELLS[name](**form)  # type: ignore[arg-type]


@pytest.mark.parametrize("name", ["lstm", "peephole"])
def test_the_parts_of_an_lstm_have_the_names_of_the_field(name: str) -> None:
    parts = parts_of(cell(name))
    assert {part.name: part.purpose for part in parts.values()} == {
        "forget gate": "what of C is kept",
        "input gate": "how much is written",
        "candidate": "what is written",
        "cell state": "carried from step to step",
        "output gate": "how much is passed on",
        "hidden state": "what the cell passes on",
    }


def test_other_cells_have_their_own_names() -> None:
    gru = {part.name: part.purpose for part in parts_of(cell("gru")).values()}
    assert gru["update gate"] == "what of h is kept"
    assert gru["reset gate"] == "how much of h is read"
    assert "forget gate" not in gru
    assert [part.name for part in parts_of(cell("rnn")).values()] == ["hidden state"]
    assert "forget gate" not in {part.name for part in parts_of(cell("lstm-1997")).values()}


def test_a_gate_is_for_what_it_multiplies() -> None:
    uses = {name: use_of(cell("lstm"), name) for name in ("f_t", "i_t", "o_t", "C_tilde")}
    assert uses == {"f_t": Use.KEEPS, "i_t": Use.WRITES, "o_t": Use.TELLS, "C_tilde": None}
    for name in ("gru", "gru-2014"):
        assert (use_of(cell(name), "u_t"), use_of(cell(name), "r_t")) == (Use.KEEPS, Use.READS)
    assert use_of(cell("coupled"), "i_t") is Use.WRITES


@pytest.mark.parametrize("sampled", [False, True])
@pytest.mark.parametrize("name", CELLS)
def test_every_value_of_a_layer_belongs_to_what_the_layer_makes(name: str, sampled: bool) -> None:
    declared = cell(name, output="sigmoid", sampled=sampled)
    for operation in declared.named:
        part = part_at(declared, operation.name)
        assert part is not None
        assert part.value == operation.name
        assert part.name
        assert part.purpose
    for matrix in (item.name for item in declared.parameters if len(item.shape) == 2):
        product = next(operation for operation in declared.operations if matrix in operation.inputs)
        assert part_at(declared, product.name) is not None
    assert part_at(declared, "xh") is None


@pytest.mark.parametrize("output", [None, "softmax"])
@pytest.mark.parametrize("name", CELLS)
def test_every_operation_is_in_a_phase_and_the_phases_follow_each_other(name: str, output: str | None) -> None:
    declared = cell(name, output=output)
    order = [declared.phase_of(operation.name) for operation in declared.operations]
    assert list(dict.fromkeys(order)) == [phase.name for phase in declared.phases]
    assert sorted(order, key=[phase.name for phase in declared.phases].index) == order


def test_the_phases_are_those_of_the_cell() -> None:
    assert [phase.name for phase in cell("lstm").phases] == ["Forget", "Write", "Update", "Output"]
    assert [phase.name for phase in cell("lstm-1997").phases] == ["Write", "Update", "Output"]
    assert [phase.name for phase in cell("gru").phases] == ["Reset", "Keep", "Write", "Update"]
    assert [phase.name for phase in cell("rnn", output="sigmoid").phases] == ["Update", "Readout"]
    lstm = cell("lstm", projected=True)
    assert {name: lstm.phase_of(name) for name in ("xh", "z_i", "kept", "tanh_C", "r_t")} == {
        "xh": "Forget",
        "z_i": "Write",
        "kept": "Update",
        "tanh_C": "Output",
        "r_t": "Output",
    }
