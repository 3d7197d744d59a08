from collections.abc import Callable
from typing import Any

import numpy as np
import pytest
import torch
from hypothesis import given, settings
from hypothesis import strategies as st

from engine.cell import graph
from engine.cell.graph import (
    ADD,
    BERNOULLI,
    CONCATENATE,
    IDENTITY,
    MULTIPLY,
    ONE_MINUS,
    PRODUCT,
    SIGMOID,
    SOFTMAX,
    TANH,
    Kind,
    ShapeError,
)

# What each kind means, written a second time with torch's own functions.
MEANING: dict[Kind, Callable[..., torch.Tensor]] = {
    CONCATENATE: lambda a, b: torch.cat([a, b], dim=-1),
    PRODUCT: lambda W, v: torch.einsum("rc,...c->...r", W, v),
    ADD: torch.add,
    MULTIPLY: torch.mul,
    SIGMOID: torch.sigmoid,
    TANH: torch.tanh,
    ONE_MINUS: lambda a: torch.ones_like(a) - a,
    BERNOULLI: lambda p, r: (r < p).to(p.dtype) + 0 * (p + r),  # no gradient is a gradient of 0
    SOFTMAX: lambda a: torch.softmax(a, dim=-1),
    IDENTITY: lambda a: a.clone(),
}


def shapes_for(kind: Kind, batch: tuple[int, ...], size: int, other: int) -> list[tuple[int, ...]]:
    if kind is CONCATENATE:
        return [(*batch, size), (*batch, other)]
    if kind is PRODUCT:
        return [(other, size), (*batch, size)]
    if kind in (ADD, MULTIPLY, BERNOULLI):
        return [(*batch, size), (size,)]  # as a bias, which no batch axis belongs to
    return [(*batch, size)]


def test_every_kind_is_tested() -> None:
    assert set(MEANING) == {value for value in vars(graph).values() if isinstance(value, Kind)}
    assert len({kind.name for kind in MEANING}) == len(MEANING)


@pytest.mark.parametrize("kind", MEANING, ids=lambda kind: kind.name)
@settings(max_examples=25, deadline=None)
@given(
    batch=st.lists(st.integers(1, 3), max_size=2),
    size=st.integers(1, 4),
    other=st.integers(1, 4),
    seed=st.integers(0, 2**32 - 1),
)
def test_value_and_derivative_of_each_kind(kind: Kind, batch: list[int], size: int, other: int, seed: int) -> None:
    draw = np.random.default_rng(seed)
    arrays = [draw.normal(size=shape) for shape in shapes_for(kind, tuple(batch), size, other)]
    leaves = [torch.tensor(array, requires_grad=True) for array in arrays]
    meant = MEANING[kind](*leaves)
    arriving = draw.normal(size=tuple(meant.shape))
    meant.backward(torch.tensor(arriving))

    output = kind.forward(*arrays)
    assert isinstance(output, np.ndarray)
    np.testing.assert_allclose(output, meant.detach().numpy(), rtol=0, atol=1e-14)
    gradients = kind.backward(arriving, arrays, output)
    assert len(gradients) == len(arrays)
    for gradient, leaf in zip(gradients, leaves, strict=True):
        assert gradient.shape == tuple(leaf.shape)
        np.testing.assert_allclose(gradient, leaf.grad.numpy(), rtol=0, atol=1e-13)

    with torch.no_grad():  # the same code on tensors
        tensors = [torch.tensor(array) for array in arrays]
        torch_output = kind.forward(*tensors)
        assert isinstance(torch_output, torch.Tensor)
        torch.testing.assert_close(torch_output, meant.detach(), rtol=0, atol=1e-14)
        for gradient, leaf in zip(kind.backward(torch.tensor(arriving), tensors, torch_output), leaves, strict=True):
            torch.testing.assert_close(gradient, leaf.grad, rtol=0, atol=1e-13)


@pytest.mark.parametrize("kind", MEANING, ids=lambda kind: kind.name)
def test_derivative_against_differences(kind: Kind) -> None:
    draw = np.random.default_rng(7)
    arrays = [draw.uniform(-1, 1, shape) for shape in shapes_for(kind, (), 3, 2)]
    output = kind.forward(*arrays)
    arriving = draw.normal(size=output.shape)
    step = 1e-6
    for place, gradient in enumerate(kind.backward(arriving, arrays, output)):
        for index in np.ndindex(arrays[place].shape):
            ends = []
            for sign in (1, -1):
                moved = [array.copy() for array in arrays]
                moved[place][index] += sign * step
                ends.append(float(np.sum(kind.forward(*moved) * arriving)))
            assert gradient[index] == pytest.approx((ends[0] - ends[1]) / (2 * step), abs=1e-8)


def test_sigmoid_keeps_the_digits_of_small_results() -> None:
    np.testing.assert_allclose(SIGMOID.forward(np.array([-92.0])), np.exp([-92.0]), rtol=1e-15)
    z = np.linspace(-30, 30, 61)
    np.testing.assert_allclose(SIGMOID.forward(z) + SIGMOID.forward(-z), 1, rtol=1e-15)


@pytest.mark.parametrize("xp", [np.array, torch.tensor], ids=["numpy", "torch"])
@pytest.mark.parametrize("kind", [SIGMOID, TANH], ids=lambda kind: kind.name)
def test_largest_derivatives(kind: Kind, xp: Callable[..., Any]) -> None:
    z = xp([0.0])
    (gradient,) = kind.backward(xp([1.0]), [z], kind.forward(z))
    assert float(gradient[0]) == (0.25 if kind is SIGMOID else 1.0)


@pytest.mark.parametrize(
    ("kind", "shapes", "result"),
    [
        (CONCATENATE, [("m",), ("n",)], ("m+n",)),
        (PRODUCT, [("k", "m+n"), ("m+n",)], ("k",)),
        (ADD, [("k",), ("k",)], ("k",)),
        (MULTIPLY, [("k",), ("k",)], ("k",)),
        (SIGMOID, [("k",)], ("k",)),
        (TANH, [("n",)], ("n",)),
        (ONE_MINUS, [("k",)], ("k",)),
    ],
)
def test_symbolic_shapes(kind: Kind, shapes: list[tuple[str, ...]], result: tuple[str, ...]) -> None:
    assert kind.shape(shapes) == result


@pytest.mark.parametrize(
    ("kind", "shapes", "message"),
    [
        (PRODUCT, [("k", "m+n"), ("n+m",)], "cannot multiply"),
        (ADD, [("k",), ("n",)], "add needs inputs of one shape"),
        (MULTIPLY, [("k",), ("n",)], "multiply needs inputs of one shape"),
    ],
)
def test_shapes_that_do_not_fit_are_refused(kind: Kind, shapes: list[tuple[str, ...]], message: str) -> None:
    with pytest.raises(ShapeError, match=message):
        kind.shape(shapes)


def test_a_draw_is_one_below_its_probability_and_never_at_it() -> None:
    p = np.array([0.0, 0.3, 0.3, 0.3, 1.0, 1e-40])
    r = np.array([0.0, 0.29, 0.3, 0.31, 1 - 2**-53, 0.0])
    np.testing.assert_array_equal(BERNOULLI.forward(p, r), [0, 1, 0, 0, 1, 1])
    single = torch.tensor([0.3], dtype=torch.float32)
    assert BERNOULLI.forward(single, torch.tensor([0.1])).dtype is torch.float32
    with pytest.raises(ShapeError, match="draw needs inputs of one shape"):
        BERNOULLI.shape([("k",), ("n",)])
