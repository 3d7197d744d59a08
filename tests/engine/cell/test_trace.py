import math
from dataclasses import dataclass, replace
from typing import Any

import numpy as np
import pytest
import torch
from hypothesis import given, settings
from hypothesis import strategies as st
from hypothesis.extra import numpy as hnp
from torch import nn

from engine.cell.cells import CELLS, ORDERS, lstm
from engine.cell.graph import BERNOULLI
from engine.cell.torch_layout import TORCH_GATES
from engine.cell.trace import backpropagate, trace_sequence, uniform_numbers
from engine.document.document import blank
from engine.document.examples import load_example
from engine.document.tracing import trace_document
from engine.training.network import torch_state

FORWARD, BACKWARD = 1e-12, 1e-10


@dataclass(frozen=True)
class Case:
    """A drawn cell with its sequence; the columns of `weights` stand in the order [x, h]."""

    m: int
    n: int
    k: int
    order: str
    weights: dict[str, np.ndarray]
    x: np.ndarray
    h0: np.ndarray
    c0: np.ndarray
    of_h: np.ndarray
    of_c: np.ndarray
    """The loss is sum(of_h ∘ every h_t) + sum(of_c ∘ last C)."""

    @property
    def cell(self) -> Any:
        return lstm("W_hr" in self.weights, self.order)

    @property
    def ordered(self) -> dict[str, np.ndarray]:
        """The weights with their columns in the case's own order."""
        return {name: self.turned(name, value) for name, value in self.weights.items()}

    def turned(self, name: str, value: np.ndarray) -> np.ndarray:
        if self.order == "x,h" or name[0] != "W" or name == "W_hr":
            return value
        return np.concatenate([value[:, self.m :], value[:, : self.m]], axis=1)

    def seeds(self, convert: Any = np.asarray) -> list[dict[str, Any]]:
        seeds = [{"h_t": convert(row)} for row in self.of_h]
        seeds[-1]["C_t"] = convert(self.of_c)
        return seeds


@st.composite
def cases(draw: st.DrawFn, wide: bool = False) -> Case:
    m, k, T = draw(st.integers(1, 4)), draw(st.integers(1, 4)), draw(st.integers(1, 5))
    n = k + draw(st.integers(1, 3)) if wide else draw(st.integers(1, k))
    batch = tuple(draw(st.lists(st.integers(1, 3), max_size=1)))
    shapes: dict[str, tuple[int, ...]] = {f"W_{g}": (k, m + n) for g in "fiCo"}
    shapes |= {f"b_{g}": (k,) for g in "fiCo"}
    if n != k:
        shapes["W_hr"] = (n, k)
    weights = {name: draw(numbers(shape)) for name, shape in shapes.items()}
    x, h0, c0 = draw(numbers((T, *batch, m))), draw(numbers((*batch, n))), draw(numbers((*batch, k)))
    of_h, of_c = draw(numbers((T, *batch, n))), draw(numbers((*batch, k)))
    return Case(m, n, k, draw(st.sampled_from(ORDERS)), weights, x, h0, c0, of_h, of_c)


@st.composite
def numbers(draw: st.DrawFn, shape: tuple[int, ...]) -> np.ndarray:
    """Entries of a drawn scale, with a few drawn one by one among them (0, 2, -0.5 …)."""
    generator = np.random.default_rng(draw(st.integers(0, 2**32 - 1)))
    array = generator.normal(size=shape) * draw(st.sampled_from([0.1, 0.5, 1.0]))
    for place in draw(st.lists(st.integers(0, array.size - 1), max_size=3, unique=True)):
        array.flat[place] = draw(st.floats(-2, 2, width=32))
    return array


def close(actual: Any, expected: Any, tolerance: float, what: str) -> None:
    actual, expected = np.asarray(actual), np.asarray(expected)
    assert actual.shape == expected.shape, what
    np.testing.assert_allclose(actual, expected, rtol=0, atol=tolerance, err_msg=what)


@settings(max_examples=60, deadline=None)
@given(case=cases())
def test_forward_and_every_gradient_agree_with_torch_lstm(case: Case) -> None:
    network = nn.LSTM(case.m, case.k, proj_size=0 if case.n == case.k else case.n, dtype=torch.float64)
    network.load_state_dict(torch_state(case.weights, case.m))
    x, h0, c0 = (torch.tensor(array, requires_grad=True) for array in (case.x, case.h0, case.c0))
    h, (_, last_c) = network(x, (h0[None], c0[None]))
    ((h * torch.tensor(case.of_h)).sum() + (last_c[0] * torch.tensor(case.of_c)).sum()).backward()

    trace = trace_sequence(case.cell, case.ordered, case.x, {"h_prev": case.h0, "C_prev": case.c0})
    assert trace.sizes == {"m": case.m, "n": case.n, "k": case.k}
    for t, values in enumerate(trace.steps):
        close(values["h_t"], h[t].detach(), FORWARD, f"h of step {t}")
    close(trace.value(len(case.x) - 1, "C_t"), last_c[0].detach(), FORWARD, "the last C")

    gradients = backpropagate(trace, case.seeds())
    of_W = torch.cat([network.weight_ih_l0.grad, network.weight_hh_l0.grad], dim=1).numpy()
    of_b = network.bias_ih_l0.grad.numpy()
    for place, gate in enumerate(TORCH_GATES):
        rows = slice(place * case.k, (place + 1) * case.k)
        name = f"W_{gate}"
        close(gradients.parameters[name], case.turned(name, of_W[rows]), BACKWARD, name)
        close(gradients.parameters[f"b_{gate}"], of_b[rows], BACKWARD, f"b_{gate}")
    if case.n != case.k:
        close(gradients.parameters["W_hr"], network.weight_hr_l0.grad, BACKWARD, "W_hr")
    for t, values in enumerate(gradients.steps):
        close(values["x_t"], x.grad[t], BACKWARD, f"x of step {t}")
    close(gradients.initial["h_prev"], h0.grad, BACKWARD, "h0")
    close(gradients.initial["C_prev"], c0.grad, BACKWARD, "c0")


def written_out(case: Case, W: dict[str, Any], x: Any, h: Any, c: Any) -> tuple[list[Any], Any]:
    """The equations a third time, in plain torch; for n > k, which nn.LSTM cannot do."""
    all_h = []
    for x_t in x:
        xh = torch.cat([x_t, h] if case.order == "x,h" else [h, x_t], dim=-1)
        z = {gate: xh @ W[f"W_{gate}"].T + W[f"b_{gate}"] for gate in "fiCo"}
        c = torch.sigmoid(z["f"]) * c + torch.sigmoid(z["i"]) * torch.tanh(z["C"])
        h = (torch.sigmoid(z["o"]) * torch.tanh(c)) @ W["W_hr"].T
        all_h.append(h)
    return all_h, c


@settings(max_examples=30, deadline=None)
@given(case=cases(wide=True))
def test_a_hidden_state_larger_than_the_cell_agrees_with_autograd(case: Case) -> None:
    W = {name: torch.tensor(value, requires_grad=True) for name, value in case.ordered.items()}
    x, h0, c0 = (torch.tensor(array, requires_grad=True) for array in (case.x, case.h0, case.c0))
    expected, last_c = written_out(case, W, x, h0, c0)
    loss = (torch.stack(expected) * torch.tensor(case.of_h)).sum()
    (loss + (last_c * torch.tensor(case.of_c)).sum()).backward()

    trace = trace_sequence(case.cell, case.ordered, case.x, {"h_prev": case.h0, "C_prev": case.c0})
    for t, values in enumerate(trace.steps):
        close(values["h_t"], expected[t].detach(), FORWARD, f"h of step {t}")
    gradients = backpropagate(trace, case.seeds())
    for name, weight in W.items():
        close(gradients.parameters[name], weight.grad, BACKWARD, name)
    for t, values in enumerate(gradients.steps):
        close(values["x_t"], x.grad[t], BACKWARD, f"x of step {t}")
    close(gradients.initial["h_prev"], h0.grad, BACKWARD, "h0")
    close(gradients.initial["C_prev"], c0.grad, BACKWARD, "c0")


@settings(max_examples=30, deadline=None)
@given(case=cases() | cases(wide=True))
def test_tensors_go_the_same_way_and_every_value_gets_autograds_gradient(case: Case) -> None:
    parameters = {name: torch.tensor(value, requires_grad=True) for name, value in case.ordered.items()}
    x, h0, c0 = (torch.tensor(array, requires_grad=True) for array in (case.x, case.h0, case.c0))
    trace = trace_sequence(case.cell, parameters, x, {"h_prev": h0, "C_prev": c0})
    for values in trace.steps:
        for name in (operation.name for operation in case.cell.operations):
            values[name].retain_grad()
    loss = sum((values["h_t"] * torch.tensor(row)).sum() for values, row in zip(trace.steps, case.of_h, strict=True))
    (loss + (trace.steps[-1]["C_t"] * torch.tensor(case.of_c)).sum()).backward()
    with torch.no_grad():
        gradients = backpropagate(trace, case.seeds(torch.tensor))
    in_numpy = trace_sequence(case.cell, case.ordered, case.x, {"h_prev": case.h0, "C_prev": case.c0})
    for t, values in enumerate(trace.steps):
        for operation in case.cell.operations:
            name = operation.name
            assert isinstance(values[name], torch.Tensor)
            close(values[name].detach(), in_numpy.value(t, name), FORWARD, f"{name} of step {t}")
            close(gradients.steps[t][name], values[name].grad, BACKWARD, f"dL/d{name} of step {t}")
    for name, weight in parameters.items():
        close(gradients.parameters[name], weight.grad, BACKWARD, name)


@settings(max_examples=20, deadline=None)
@given(case=cases(), seed=st.integers(0, 999))
def test_the_column_order_changes_no_number_but_xh(case: Case, seed: int) -> None:
    traces = {}
    for order in ORDERS:
        turned = replace(case, order=order)
        initial = {"h_prev": case.h0, "C_prev": case.c0}
        traces[order] = trace_sequence(turned.cell, turned.ordered, case.x, initial)
    for t, values in enumerate(traces["x,h"].steps):
        for name, value in values.items():
            other = traces["h,x"].value(t, name)
            if name == "xh":
                other = np.roll(other, case.m, axis=-1)
            close(value, other, FORWARD, name)


# Saturation


@pytest.mark.parametrize("huge", [1e4, 1e100])
@pytest.mark.parametrize("order", ORDERS)
@settings(max_examples=15, deadline=None)
@given(data=st.data())
def test_saturated_inputs_give_no_warning_and_no_nan(order: str, huge: float, data: st.DataObject) -> None:
    values = st.sampled_from([huge, -huge, 0.0, 1.0, -0.5])
    m, n, k, T = 2, 3, 2, 3
    document = blank(m=m, n=n, k=k).with_order(order)

    def draw(*shape: int) -> np.ndarray:
        return data.draw(hnp.arrays(np.float64, shape, elements=values, fill=st.nothing()))

    document = document.with_inputs(x=draw(T, m), h0=draw(n), c0=draw(k))
    for name in ("W_f", "W_C", "b_i", "W_hr"):
        document = document.with_weight(name, draw(*document.weights[name].shape))
    with np.errstate(all="raise"):
        trace = trace_document(document)
        seeds = [{"h_t": np.ones(n), "C_t": np.ones(k)} for _ in range(T)]
        # A loss of gradient 1 and weights of 1e100 have gradients beyond 1e308 after a few steps.
        gradients = backpropagate(trace, seeds) if huge == 1e4 else None
    for t, step in enumerate(trace.steps):
        for name, value in step.items():
            assert np.isfinite(value).all(), f"{name} of step {t}"
        for name in ("f_t", "i_t", "o_t"):
            assert ((step[name] >= 0) & (step[name] <= 1)).all()
    if gradients is not None:
        for found in (gradients.parameters, gradients.initial, *gradients.steps):
            assert all(np.isfinite(value).all() for value in found.values())


def test_saturated_tensors_give_no_nan() -> None:
    cell = lstm()
    parameters = {name: torch.full((2, 4) if name[0] == "W" else (2,), 1e4) for name in torch_names()}
    x = torch.tensor([[1e4, -1e4], [-1e4, 1e4], [1e4, 1e4]])
    trace = trace_sequence(cell, parameters, x, {"h_prev": torch.ones(2), "C_prev": -torch.ones(2)})
    gradients = backpropagate(trace, [{"h_t": torch.ones(2)}] * 3)
    for found in (*trace.steps, gradients.parameters, gradients.initial, *gradients.steps):
        assert all(torch.isfinite(value).all() for value in found.values())


def torch_names() -> list[str]:
    return [item.name for item in lstm().parameters]


# The worked example


def test_the_worked_example_to_the_digit() -> None:
    trace = trace_document(load_example("worked-example"))
    assert trace.sizes == {"m": 3, "n": 3, "k": 3}
    assert len(trace.steps) == 1
    step = trace.steps[0]
    assert step["x_t"].tolist() == [1, 2, 3]
    assert step["h_prev"].tolist() == [4, 5, 6]
    assert step["xh"].tolist() == [1, 2, 3, 4, 5, 6]
    assert trace.value(0, "W_f").tolist() == [[1, 2, 3, 4, 5, 6], [5, 6, 7, 8, 9, 10], [3, 4, 5, 6, 7, 8]]
    assert trace.value(0, "b_f").tolist() == [1, 2, 3]
    assert step["a_f"].tolist() == [91, 175, 133]
    assert step["z_f"].tolist() == [92, 177, 136]
    np.testing.assert_allclose(step["f_t"], 1, rtol=0, atol=1e-15)
    assert trace.value(0, "W_i").tolist() == [[1] * 6, [2] * 6, [3] * 6]
    assert step["a_i"].tolist() == [21, 42, 63]
    assert step["z_i"].tolist() == [22, 43, 64]  # not [22, 42, 62]
    # The rest of the cell by hand, one unit at a time, with the numbers of math.
    for unit in range(3):
        z_C, z_o = step["z_C"][unit], step["z_o"][unit]
        f, i = 1 / (1 + math.exp(-step["z_f"][unit])), 1 / (1 + math.exp(-step["z_i"][unit]))
        C = f * step["C_prev"][unit] + i * math.tanh(z_C)
        h = 1 / (1 + math.exp(-z_o)) * math.tanh(C)
        assert step["C_t"][unit] == pytest.approx(C, rel=0, abs=1e-15)
        assert step["h_t"][unit] == pytest.approx(h, rel=0, abs=1e-15)
    assert trace.sizes["k"] == len(step["C_t"])


def test_the_answers_small_numbers() -> None:
    hadamard = lstm().operation("h_t").kind
    assert hadamard.forward(np.array([1.0, 2, 3]), np.array([3.0, 2, 1])).tolist() == [3, 4, 3]
    assert hadamard.forward(np.array([0.0, 0, 1]), np.array([0.0, 1, 1])).tolist() == [0, 0, 1]


# The door itself


def test_values_stand_in_the_order_computed_and_inputs_first() -> None:
    trace = trace_document(load_example("four-steps"))
    assert len(trace.steps) == 4
    expected = ["x_t", "h_prev", "C_prev", *(operation.name for operation in trace.cell.operations)]
    for before, step in zip([None, *trace.steps], trace.steps, strict=False):
        assert list(step) == expected
        if before is not None:
            assert step["h_prev"] is before["h_t"]
            assert step["C_prev"] is before["C_t"]


def test_every_array_of_a_trace_has_the_declared_shape() -> None:
    trace = trace_document(blank(m=2, n=5, k=3))
    for name, value in trace.steps[0].items():
        axes = {"m": 2, "n": 5, "k": 3, "m+n": 7}
        assert value.shape == tuple(axes[axis] for axis in trace.cell.shapes[name]), name


def test_gradients_that_the_loss_does_not_reach_are_zero() -> None:
    document = blank(m=2, n=3, k=3, seed=4).with_inputs(x=np.ones((2, 2)))
    trace = trace_document(document)
    gradients = backpropagate(trace, [{}, {"f_t": np.ones(3)}])
    assert np.abs(gradients.parameters["W_f"]).max() > 0
    assert np.abs(gradients.parameters["W_o"]).max() > 0  # through h_1
    silent = backpropagate(trace, [{}, {}])
    for found in (silent.parameters, silent.initial):
        assert all(not value.any() for value in found.values())
    assert {name: value.shape for name, value in silent.initial.items()} == {"h_prev": (3,), "C_prev": (3,)}
    assert silent.parameters.keys() == document.weights.keys()


def test_seeds_are_left_as_they_were() -> None:
    trace = trace_document(load_example("four-steps"))
    seeds = [{"h_t": np.ones(4)} for _ in range(4)]
    backpropagate(trace, seeds)
    assert all(set(seed) == {"h_t"} and (seed["h_t"] == 1).all() for seed in seeds)


def test_one_set_of_seeds_a_step() -> None:
    trace = trace_document(load_example("four-steps"))
    with pytest.raises(ValueError, match="4 steps need as many sets of gradients, not 3"):
        backpropagate(trace, [{}] * 3)


def test_unknown_value() -> None:
    with pytest.raises(KeyError, match="z_q"):
        trace_document(load_example("worked-example")).value(0, "z_q")


# Gates drawn


@pytest.mark.parametrize("name", CELLS)
def test_one_seed_gives_the_same_draws_and_another_one_others(name: str) -> None:
    document = blank(2, 8, 8, seed=3, cell_name=name).with_inputs(x=np.ones((6, 2)))
    first, again, other = (trace_document(document.with_sampled(seed)) for seed in (4, 4, 5))
    assert first.cell is again.cell
    for one, two in zip(first.steps, again.steps, strict=True):
        assert all(one[key].tobytes() == two[key].tobytes() for key in one)
    draws = [item.name for item in first.cell.draws]
    for key in draws:
        block, different = ([step[key] for step in trace.steps] for trace in (first, other))
        assert not np.array_equal(block, different)
        assert np.shape(block) == (6, 8)
    # Gate by gate, step by step, unit by unit, in the declared order.
    numbers = np.random.default_rng(4).random((len(draws), 6, 8))
    for key, block in zip(draws, numbers, strict=True):
        np.testing.assert_array_equal([step[key] for step in first.steps], block)
    for step in first.steps:
        gates = [step[operation.name] for operation in first.cell.operations if operation.kind is BERNOULLI]
        assert all(set(gate) <= {0.0, 1.0} for gate in gates)
    if name == "rnn":
        assert trace_document(document).steps[-1]["h_t"].tobytes() == first.steps[-1]["h_t"].tobytes()


def test_the_output_is_no_gate_and_is_not_drawn() -> None:
    document = blank(2, 3, 3, seed=1).with_output("sigmoid", p=2, seed=2).with_sampled(0)
    y = trace_document(document).steps[0]["y_t"]
    assert ((y > 0) & (y < 1)).all()


def test_a_run_has_the_same_numbers_however_many_follow_it() -> None:
    cell, sizes = lstm(sampled=True), {"m": 2, "n": 3, "k": 3}
    few, many = (uniform_numbers(cell, sizes, 4, np.random.default_rng(0), (runs,)) for runs in (2, 5))
    assert few.keys() == {"draw_f", "draw_i", "draw_o"}
    for key, block in few.items():
        assert block.shape == (4, 2, 3)
        np.testing.assert_array_equal(block, many[key][:, :2])
    alone = uniform_numbers(cell, sizes, 4, np.random.default_rng(0))
    np.testing.assert_array_equal(alone["draw_i"], few["draw_i"][:, 0])
