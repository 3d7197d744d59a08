"""An entry lights up if and only if a small change of it changes the result."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import numpy as np
import pytest

from engine.cell.cell import Cell, size_in_numbers
from engine.cell.cells import CELLS
from engine.cell.graph import BERNOULLI
from engine.cell.provenance import Selection, goes_into, made_by
from engine.cell.trace import evaluate

SIZES = {"m": 2, "n": 3, "k": 3, "p": 2}
EPS = 1e-3


def drawn(cell: Cell) -> tuple[dict[str, Any], dict[str, Any]]:
    generator = np.random.default_rng(5)

    def draw(shape: tuple[int, ...]) -> np.ndarray:
        return generator.uniform(0.3, 1.2, shape) * generator.choice([-1, 1], shape)

    parameters = {item.name: draw(size_in_numbers(item.shape, SIZES)) for item in cell.parameters}
    return parameters, {item.name: draw(size_in_numbers(item.shape, SIZES)) for item in cell.inputs}


def mask(cell: Cell, name: str, selected: Selection | None) -> np.ndarray:
    chosen = np.zeros(size_in_numbers(cell.shapes[name], SIZES), dtype=bool)
    if selected is not None:
        chosen[selected] = True
    return chosen


def changed(cell: Cell, name: str, place: tuple[int, ...]) -> dict[str, np.ndarray]:
    """Say which entries of every value change when one entry of a weight or an input does."""
    parameters, inputs = drawn(cell)
    before = evaluate(cell, parameters, inputs)
    owner = parameters if name in parameters else inputs
    owner[name] = owner[name].copy()
    owner[name][place] += EPS
    after = evaluate(cell, parameters, inputs)
    return {key: np.abs(after[key] - before[key]) > 1e-9 for key in before}


@pytest.mark.parametrize("output", [None, "softmax"])
@pytest.mark.parametrize("name", CELLS)
def test_an_entry_is_made_of_what_changes_it(name: str, output: str | None) -> None:
    # All but the last operation are taken as spelled out, so that provenance goes back to what is given.
    cell = CELLS[name](False, "x,h", output)
    cell = replace(cell, operations=tuple(replace(operation, spelled_out=True) for operation in cell.operations))
    given = [item.name for item in (*cell.parameters, *cell.inputs)]
    for source in given:
        for place in np.ndindex(size_in_numbers(cell.shapes[source], SIZES)):
            moves = changed(cell, source, place)
            forward = goes_into(cell, SIZES, source, place)
            for operation in cell.operations:
                np.testing.assert_array_equal(
                    mask(cell, operation.name, forward.get(operation.name)),
                    moves[operation.name],
                    err_msg=operation.name,
                )
                for entry in range(len(moves[operation.name])):
                    back = mask(cell, source, made_by(cell, SIZES, operation.name, (entry,)).get(source))
                    assert back[place] == moves[operation.name][entry], (operation.name, entry, source, place)


def test_a_gate_is_made_of_its_row_its_bias_and_all_of_x_and_h() -> None:
    cell = CELLS["lstm"](False, "x,h", None)
    found = made_by(cell, SIZES, "f_t", (1,))
    assert found == {
        "z_f": (slice(1, 2),),
        "a_f": (slice(1, 2),),
        "W_f": (slice(1, 2), slice(0, 5)),
        "xh": (slice(0, 5),),
        "x_t": (slice(0, 2),),
        "h_prev": (slice(0, 3),),
        "b_f": (slice(1, 2),),
    }
    assert made_by(cell, SIZES, "C_t", (2,)).keys() == {"kept", "added", "f_t", "C_prev", "i_t", "C_tilde"}
    assert made_by(cell, SIZES, "xh", (3,)) == {"h_prev": (slice(1, 2),)}
    assert made_by(cell, SIZES, "x_t", (0,)) == {}
    assert goes_into(cell, SIZES, "f_t", (1,)) == {"kept": (slice(1, 2),), "C_t": (slice(1, 2),)}
    assert goes_into(cell, SIZES, "W_f", (1, 4))["f_t"] == (slice(1, 2),)
    with pytest.raises(KeyError, match="q_t"):
        made_by(cell, SIZES, "q_t", (0,))


@pytest.mark.parametrize("name", [name for name in CELLS if name != "rnn"])
def test_a_draw_is_made_of_its_own_probability_and_number_and_changes_where_they_cross(name: str) -> None:
    cell = CELLS[name](False, "x,h", None, True)
    spelled = replace(cell, operations=tuple(replace(operation, spelled_out=True) for operation in cell.operations))
    for draw in (operation for operation in cell.operations if operation.kind is BERNOULLI):
        soft, uniform = draw.inputs
        for unit in range(3):
            own = (slice(unit, unit + 1),)
            found = made_by(cell, SIZES, draw.name, (unit,))
            assert (found[soft], found[uniform]) == (own, own)
            assert set(found) & {item.name for item in cell.draws} == {uniform}
            parameters, inputs = drawn(cell)
            p = evaluate(cell, parameters, inputs)[soft][unit]
            for below, above in ((p - EPS, p + EPS), (p + EPS, p - EPS)):  # r crosses p, up and down
                results = []
                for r in (below, above):
                    inputs[uniform] = inputs[uniform].copy()
                    inputs[uniform][unit] = r
                    results.append(evaluate(cell, parameters, inputs))
                before, after = results
                assert {before[draw.name][unit], after[draw.name][unit]} == {0, 1}
                assert before[draw.name][unit] == (below < p)
                reached = goes_into(spelled, SIZES, uniform, (unit,))
                for operation in cell.operations:
                    moved = np.abs(after[operation.name] - before[operation.name]) > 1e-9
                    lit = mask(cell, operation.name, reached.get(operation.name))
                    assert not (moved & ~lit).any(), (draw.name, operation.name)
