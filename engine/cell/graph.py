"""The kinds of operation that cells consist of, each with its value, derivative and shape.

A kind works on numpy arrays and torch tensors alike (through the array API) and on any number of leading
batch axes: a vector of size k is an array of shape (…, k), a weight matrix has shape (rows, columns).
"""

from __future__ import annotations

import sys
from abc import ABC, abstractmethod
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any, ClassVar

Array = Any
"""A numpy array or a torch tensor of floating-point numbers."""

CLOSED = 3
"""How tightly a symbol holds together, and a form with brackets of its own."""

Shape = tuple[str, ...]
"""A shape in symbols, such as ("k", "m+n")."""


def array_namespace(array: Array) -> Any:
    """Return the module that computes with an array: numpy by the array API's protocol, or torch.

    torch has no such protocol yet, but the functions used here under the same names. It is not imported: a
    tensor's own torch is there already. (array-api-compat would do this too, for 0.3 s of imports.)
    """
    if hasattr(array, "__array_namespace__"):
        return array.__array_namespace__()
    return sys.modules[type(array).__module__.partition(".")[0]]


class ShapeError(ValueError):
    """An operation was declared on inputs whose symbolic shapes do not fit each other."""


class Kind(ABC):
    """One kind of operation."""

    name: ClassVar[str]
    text: ClassVar[str]
    """How it reads in plain text, with {0}, {1} for its inputs."""
    latex: ClassVar[str]
    binding: ClassVar[int] = CLOSED
    """How tightly the written form holds together: 1 sum, 2 product, 3 closed in itself."""
    rounds: ClassVar[bool] = False
    """True where the exact result is no short decimal number (σ and tanh), so that 1 is never exactly 1."""
    is_share: ClassVar[bool] = False
    """True where the result lies between 0 and 1, as a gate's does."""

    needs: ClassVar[int] = 0
    """How tightly an input has to hold together to be written without brackets."""

    def shape(self, inputs: Sequence[Shape]) -> Shape:
        """Return the result's symbolic shape, here the one of all inputs; raise ShapeError where they do not fit."""
        if any(shape != inputs[0] for shape in inputs):
            raise ShapeError(f"{self.name} needs inputs of one shape, not {' and '.join(map(str, inputs))}")
        return inputs[0]

    @abstractmethod
    def forward(self, *inputs: Array) -> Array:
        """Return the result for the inputs' values."""

    @abstractmethod
    def backward(self, gradient: Array, inputs: Sequence[Array], output: Array) -> tuple[Array, ...]:
        """Return dL/d(input) for each input, each in its input's shape, from dL/d(output)."""


def _summed_to(gradient: Array, like: Array) -> Array:
    """Sum the batch axes that a parameter without batch axes was spread over."""
    surplus = gradient.ndim - like.ndim
    return array_namespace(gradient).sum(gradient, axis=tuple(range(surplus))) if surplus else gradient


class Concatenate(Kind):
    """[a, b]: one vector after the other."""

    name, text, latex = "concatenate", "[{0}, {1}]", r"\left[{0},\ {1}\right]"

    def shape(self, inputs: Sequence[Shape]) -> Shape:
        return ("+".join(size for (size,) in inputs),)

    def forward(self, *inputs: Array) -> Array:
        return array_namespace(inputs[0]).concat(inputs, axis=-1)

    def backward(self, gradient: Array, inputs: Sequence[Array], output: Array) -> tuple[Array, ...]:
        parts, start = [], 0
        for value in inputs:
            stop = start + value.shape[-1]
            parts.append(gradient[..., start:stop])
            start = stop
        return tuple(parts)


class Product(Kind):
    """W·v: a matrix (rows, columns) times a vector (…, columns)."""

    name, text, latex, binding, needs = "product", "{0}·{1}", r"{0}\,{1}", 2, 3

    def shape(self, inputs: Sequence[Shape]) -> Shape:
        matrix, vector = inputs
        if matrix[1:] != vector:
            raise ShapeError(f"a matrix of {matrix} cannot multiply a vector of {vector}")
        return matrix[:1]

    def forward(self, *inputs: Array) -> Array:
        matrix, vector = inputs
        return vector @ matrix.T

    def backward(self, gradient: Array, inputs: Sequence[Array], output: Array) -> tuple[Array, ...]:
        matrix, vector = inputs
        rows, columns = matrix.shape
        outer = gradient.reshape(-1, rows).T @ vector.reshape(-1, columns)  # (rows, columns), batch summed
        return outer, gradient @ matrix


class Add(Kind):
    """a + b, entry by entry."""

    name, text, latex, binding = "add", "{0} + {1}", r"{0} + {1}", 1

    def forward(self, *inputs: Array) -> Array:
        left, right = inputs
        return left + right

    def backward(self, gradient: Array, inputs: Sequence[Array], output: Array) -> tuple[Array, ...]:
        return tuple(_summed_to(gradient, value) for value in inputs)


class Multiply(Kind):
    """a ∘ b, the entry-wise (Hadamard) product."""

    name, text, latex, binding, needs = "multiply", "{0} ∘ {1}", r"{0} \circ {1}", 2, 2

    def forward(self, *inputs: Array) -> Array:
        left, right = inputs
        return left * right

    def backward(self, gradient: Array, inputs: Sequence[Array], output: Array) -> tuple[Array, ...]:
        left, right = inputs
        return _summed_to(gradient * right, left), _summed_to(gradient * left, right)


class Sigmoid(Kind):
    """σ(z) = 1 / (1 + e⁻ᶻ), computed from e^-|z| so that nothing overflows and small results keep digits."""

    name, text, latex, rounds = "sigmoid", "σ({0})", r"\sigma\left({0}\right)", True
    is_share = True

    def forward(self, *inputs: Array) -> Array:
        (z,) = inputs
        xp = array_namespace(z)
        small = xp.exp(xp.where(z >= 0, -z, z))  # in (0, 1]; as -|z|, but autograd is right at 0, too
        return xp.where(z >= 0, 1 / (1 + small), small / (1 + small))

    def backward(self, gradient: Array, inputs: Sequence[Array], output: Array) -> tuple[Array, ...]:
        # σ' = σ(z) σ(-z): near 1 a double cannot hold 1 - σ(z), but σ(-z) it can.
        return (gradient * output * self.forward(-inputs[0]),)


class Tanh(Kind):
    """tanh(z), with derivative 1 - tanh²(z)."""

    name, text, latex, rounds = "tanh", "tanh({0})", r"\tanh\left({0}\right)", True

    def forward(self, *inputs: Array) -> Array:
        (z,) = inputs
        return array_namespace(z).tanh(z)

    def backward(self, gradient: Array, inputs: Sequence[Array], output: Array) -> tuple[Array, ...]:
        (z,) = inputs
        xp = array_namespace(z)
        small = xp.exp(-2 * xp.abs(z))  # 1 - tanh² = 4e^(-2|z|) / (1 + e^(-2|z|))², also where tanh rounds to 1
        return (gradient * (4 * small / ((1 + small) * (1 + small))),)


class OneMinus(Kind):
    """1 - a, entry by entry."""

    name, text, latex, binding, needs = "one-minus", "1 − {0}", r"1 - {0}", 1, 2
    is_share = True

    def forward(self, *inputs: Array) -> Array:
        (value,) = inputs
        return 1 - value

    def backward(self, gradient: Array, inputs: Sequence[Array], output: Array) -> tuple[Array, ...]:
        return (-gradient,)


class Bernoulli(Kind):
    """[r < p]: 1 where a uniform number r of [0, 1) is below the probability p, else 0.

    Its derivative is 0 almost everywhere (the value jumps at r = p and rests elsewhere), so no gradient comes
    back through it; that is why one does not train so.
    """

    name, text, latex = "draw", "[{1} < {0}]", r"\left[{1} < {0}\right]"
    is_share = True

    def forward(self, *inputs: Array) -> Array:
        p, r = inputs
        xp = array_namespace(p)
        return xp.where(r < p, xp.ones_like(p), xp.zeros_like(p))

    def backward(self, gradient: Array, inputs: Sequence[Array], output: Array) -> tuple[Array, ...]:
        return tuple(array_namespace(value).zeros_like(value) for value in inputs)


class Softmax(Kind):
    """softmax(z): eᶻ of each entry over the sum of all, from z less its largest so that nothing overflows."""

    name, text, latex, rounds = "softmax", "softmax({0})", r"\mathrm{{softmax}}\left({0}\right)", True
    is_share = True

    def forward(self, *inputs: Array) -> Array:
        (z,) = inputs
        xp = array_namespace(z)
        powers = xp.exp(z - xp.amax(z, -1, keepdims=True))
        return powers / xp.sum(powers, axis=-1, keepdims=True)

    def backward(self, gradient: Array, inputs: Sequence[Array], output: Array) -> tuple[Array, ...]:
        shared = array_namespace(output).sum(gradient * output, axis=-1, keepdims=True)
        return (output * (gradient - shared),)


class Identity(Kind):
    """z as it is: an output layer without a squashing function."""

    name, text, latex, binding = "identity", "{0}", "{0}", 1

    def forward(self, *inputs: Array) -> Array:
        return inputs[0]

    def backward(self, gradient: Array, inputs: Sequence[Array], output: Array) -> tuple[Array, ...]:
        return (gradient,)


CONCATENATE, PRODUCT, ADD, MULTIPLY = Concatenate(), Product(), Add(), Multiply()
SIGMOID, TANH, ONE_MINUS = Sigmoid(), Tanh(), OneMinus()
BERNOULLI, SOFTMAX, IDENTITY = Bernoulli(), Softmax(), Identity()


@dataclass(frozen=True)
class Operation:
    """One operation of a cell: it computes the value `name` from the values or parameters `inputs`."""

    name: str
    kind: Kind
    inputs: tuple[str, ...]
    symbol: str
    """In plain text, as the field writes it: "C̃_t"."""
    latex: str
    role: str
    """What it belongs to: forget, input, candidate, output, cell, hidden."""
    spelled_out: bool = False
    """True where a formula shows this value's own formula instead of its symbol."""
    word: str = ""
    """What the field calls it where that is not its role: "reset"."""

    @property
    def is_gate(self) -> bool:
        """Whether it is a gate: a factor between 0 and 1 with a name of its own; the output y_t is none."""
        return self.kind.is_share and not self.spelled_out and self.name != "y_t"

    @property
    def gate_role(self) -> str | None:
        """The role in whose colours a value between 0 and 1 is shown; None for one of either sign."""
        return self.role if self.kind.is_share else None

    @property
    def rounds(self) -> bool:
        """Whether it is never exactly the whole number that it looks like."""
        return self.kind.rounds
