"""All kinds of cell as data: their inputs, their weights, and their operations in the order computed.

The equations and symbols of the LSTM are those with forget gate (Hochreiter and Schmidhuber 1997; Gers,
Schmidhuber and Cummins 2000) as commonly taught; the projection is that of Sak, Senior and Beaufays 2014. The
other cells name their sources.

Every cell has a second form, `sampled`: there each gate unit is 0 or 1, drawn with what its sigmoid says as its
probability, and the uniform numbers that decide are inputs of the step.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import replace
from functools import cache
from types import MappingProxyType
from typing import Protocol

from .cell import Cell, Phase, Quantity
from .graph import (
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
    Operation,
)

ORDERS = ("x,h", "h,x")
"""How the columns of each W stand: those of x_t first, or those of h_{t-1}."""


# ---- parts that cells share


def _activated(gate: str, result: Operation, sampled: bool) -> list[Operation]:
    """Return what becomes of z: its activation; of a gate that is sampled, that is the probability of a draw."""
    if not sampled or result.kind is not SIGMOID:
        return [result]
    soft, soft_latex = f"soft_{gate}", rf"\sigma\left(z_{gate}\right)"
    return [
        Operation(soft, SIGMOID, result.inputs, f"σ(z_{gate})", soft_latex, result.role, True),
        replace(result, kind=BERNOULLI, inputs=(soft, f"draw_{gate}")),
    ]


def _layer(gate: str, result: Operation, sampled: bool = False, sees: str = "") -> list[Operation]:
    """Return product, bias and activation of one layer.

    sees: the cell state that it reads through peepholes, each unit its own: z = W·[x, h] + p ∘ C + b.
    """
    role, sum_ = result.role, f"a_{gate}"
    operations = [Operation(sum_, PRODUCT, (f"W_{gate}", "xh"), sum_, sum_, role, True)]
    if sees:
        seen, sum_ = f"v_{gate}", f"u_{gate}"
        operations += [
            Operation(seen, MULTIPLY, (f"p_{gate}", sees), seen, seen, role, True),
            Operation(sum_, ADD, (f"a_{gate}", seen), sum_, sum_, role, True),
        ]
    operations.append(Operation(f"z_{gate}", ADD, (sum_, f"b_{gate}"), f"z_{gate}", f"z_{gate}", role, True))
    return operations + _activated(gate, result, sampled)


_RESULTS: Mapping[str, Operation] = {
    "f": Operation("f_t", SIGMOID, ("z_f",), "f_t", "f_t", "forget"),
    "i": Operation("i_t", SIGMOID, ("z_i",), "i_t", "i_t", "input"),
    "C": Operation("C_tilde", TANH, ("z_C",), "C̃_t", r"\tilde{C}_t", "candidate"),
    "o": Operation("o_t", SIGMOID, ("z_o",), "o_t", "o_t", "output"),
}
"""What each layer of an LSTM computes, by the letter of its weights."""
_KEPT = Operation("kept", MULTIPLY, ("f_t", "C_prev"), "f_t ∘ C_{t-1}", r"f_t \circ C_{t-1}", "cell", True)
_ADDED = Operation("added", MULTIPLY, ("i_t", "C_tilde"), "i_t ∘ C̃_t", r"i_t \circ \tilde{C}_t", "cell", True)
_NEW_STATE = Operation("C_t", ADD, ("kept", "added"), "C_t", "C_t", "cell")


_PHASES = (Phase("Forget", "f_t"), Phase("Write", "C_tilde"), Phase("Update", "C_t"), Phase("Output", "h_t"))
"""The phases of an LSTM; a cell without a forget gate has no first one."""


def _exposed(projected: bool) -> list[Operation]:
    """Return how C_t becomes h_t."""
    squashed = Operation("tanh_C", TANH, ("C_t",), "tanh(C_t)", r"\tanh\left(C_t\right)", "cell", True)
    if not projected:
        return [squashed, Operation("h_t", MULTIPLY, ("o_t", "tanh_C"), "h_t", "h_t", "hidden")]
    return [
        squashed,
        Operation("r_t", MULTIPLY, ("o_t", "tanh_C"), "r_t", "r_t", "hidden", True),
        Operation("h_t", PRODUCT, ("W_hr", "r_t"), "h_t", "h_t", "hidden"),
    ]


OUTPUTS: Mapping[str, Kind] = MappingProxyType({"sigmoid": SIGMOID, "softmax": SOFTMAX, "identity": IDENTITY})
"""What an output layer y_t may end in."""


def _output(output: str) -> tuple[list[Quantity], list[Operation]]:
    """Return weights and operations of the optional output y_t = g(W_y·h_t + b_y)."""
    if output not in OUTPUTS:
        raise ValueError(f"the output is one of {', '.join(OUTPUTS)}, not {output!r}")
    weights = [Quantity("W_y", ("p", "n"), "W_y", "W_y", "output"), Quantity("b_y", ("p",), "b_y", "b_y", "output")]
    return weights, [
        Operation("a_y", PRODUCT, ("W_y", "h_t"), "a_y", "a_y", "output", True),
        Operation("z_y", ADD, ("a_y", "b_y"), "z_y", "z_y", "output", True),
        Operation("y_t", OUTPUTS[output], ("z_y",), "y_t", "y_t", "output"),
    ]


_X = Quantity("x_t", ("m",), "x_t", "x_t", "x")
_H = Quantity("h_prev", ("n",), "h_{t-1}", "h_{t-1}", "hidden")
_C = Quantity("C_prev", ("k",), "C_{t-1}", "C_{t-1}", "cell")


def _in_order(order: str) -> tuple[Quantity, Quantity]:
    if order not in ORDERS:
        raise ValueError(f"the column order is one of {ORDERS}, not {order!r}")
    return (_X, _H) if order == "x,h" else (_H, _X)


def _columns(order: str) -> str:
    """Return the width of a weight matrix that reads x_t and h_{t-1}: "m+n"."""
    return "+".join(item.shape[0] for item in _in_order(order))


def _joined(order: str) -> Operation:
    first, second = _in_order(order)
    text, latex = f"[{first.symbol}, {second.symbol}]", rf"\left[{first.latex},\ {second.latex}\right]"
    return Operation("xh", CONCATENATE, (first.name, second.name), text, latex, "hidden", True)


def _weights(letters: str, size: str, columns: str, roles: Mapping[str, str]) -> list[Quantity]:
    """Return W and b of layers by their letters: all W first, as they are written down."""
    W = [Quantity(f"W_{g}", (size, columns), f"W_{g}", f"W_{g}", roles[g]) for g in letters]
    return W + [Quantity(f"b_{g}", (size,), f"b_{g}", f"b_{g}", roles[g]) for g in letters]


_LSTM_ROLES = {gate: result.role for gate, result in _RESULTS.items()}


def _made(
    name: str,
    title: str,
    order: str,
    weights: Sequence[Quantity],
    body: Sequence[Operation],
    output: str | None,
    phases: Sequence[Phase],
) -> Cell:
    """Return a cell from its weights and what follows [x, h]; it carries C if it computes one.

    Where the body draws gates, the uniform numbers that it reads are further inputs.
    """
    parameters, operations = list(weights), [_joined(order), *body]
    draws = tuple(_uniform(operation, parameters) for operation in body if operation.kind is BERNOULLI)
    if draws:
        title = f"{title}, gates drawn at random"
    if output is not None:
        more, last = _output(output)
        parameters += more
        operations += last
        phases = (*phases, Phase("Readout", "y_t"))
    stateful = any(operation.name == "C_t" for operation in body)
    return Cell(
        name=name,
        title=title,
        inputs=(_X, _H, *((_C,) if stateful else ()), *draws),
        parameters=tuple(parameters),
        operations=tuple(operations),
        carried=MappingProxyType({"h_prev": "h_t", "C_prev": "C_t"} if stateful else {"h_prev": "h_t"}),
        phases=tuple(phases),
    )


def _uniform(draw: Operation, weights: Sequence[Quantity]) -> Quantity:
    """Return the uniform numbers that a draw reads, as many as its layer has units."""
    name = draw.inputs[1]
    gate = name.removeprefix("draw_")
    shape = next(item.shape for item in weights if item.name == f"b_{gate}")
    return Quantity(name, shape, f"r_{gate}", f"r_{gate}", draw.role)


def _with_state(
    name: str,
    title: str,
    letters: str,
    body: Sequence[Operation],
    projected: bool,
    order: str,
    output: str | None,
    peepholes: str = "",
) -> Cell:
    """Return an LSTM of some kind, from its layers' letters and the operations before o_t ∘ tanh(C_t)."""
    weights = _weights(letters, "k", _columns(order), _LSTM_ROLES)
    weights += [Quantity(f"p_{g}", ("k",), f"p_{g}", f"p_{g}", _LSTM_ROLES[g]) for g in peepholes]
    if projected:
        weights.append(Quantity("W_hr", ("n", "k"), "W_hr", "W_{hr}", "hidden"))
        title = f"{title} with projection"
    phases = _PHASES if any(operation.name == "f_t" for operation in body) else _PHASES[1:]
    return _made(name, title, order, weights, [*body, *_exposed(projected)], output, phases)


# ---- the cells


@cache
def lstm(projected: bool = False, order: str = "x,h", output: str | None = None, sampled: bool = False) -> Cell:
    """Return the LSTM cell.

    f = σ(W_f·[x, h] + b_f), i and o alike, C̃ = tanh(W_C·[x, h] + b_C), C_t = f ∘ C_{t-1} + i ∘ C̃,
    h_t = o ∘ tanh(C_t); where `projected`, h_t = W_hr·(o ∘ tanh(C_t)) with W_hr of n×k.
    In the plain cell n is k, because o ∘ tanh(C_t) is taken entry by entry.
    With an `output`, y_t = g(W_y·h_t + b_y) follows, g being one of OUTPUTS.
    Where `sampled`, f = [r_f < σ(…)] with uniform numbers r_f of k×1 as an input; i and o alike.
    """
    layers = {gate: _layer(gate, _RESULTS[gate], sampled) for gate in "fiCo"}
    body = [*layers["f"], *layers["i"], *layers["C"], _KEPT, _ADDED, _NEW_STATE, *layers["o"]]
    return _with_state("lstm", "LSTM", "fiCo", body, projected, order, output)


@cache
def peephole(projected: bool = False, order: str = "x,h", output: str | None = None, sampled: bool = False) -> Cell:
    """Return the LSTM with peepholes (Gers and Schmidhuber 2000): the gates see the cell state, each unit its own.

    f = σ(W_f·[x, h] + p_f ∘ C_{t-1} + b_f), i alike; o = σ(W_o·[x, h] + p_o ∘ C_t + b_o) sees the new state.
    """
    body = [
        *_layer("f", _RESULTS["f"], sampled, "C_prev"),
        *_layer("i", _RESULTS["i"], sampled, "C_prev"),
        *_layer("C", _RESULTS["C"], sampled),
        *(_KEPT, _ADDED, _NEW_STATE),
        *_layer("o", _RESULTS["o"], sampled, "C_t"),
    ]
    return _with_state("peephole", "LSTM with peepholes", "fiCo", body, projected, order, output, peepholes="fio")


@cache
def coupled(projected: bool = False, order: str = "x,h", output: str | None = None, sampled: bool = False) -> Cell:
    """Return the LSTM with coupled gates: what is forgotten makes room for what is new, i = 1 - f.

    C_t = f ∘ C_{t-1} + (1 - f) ∘ C̃ (variant CIFG of Greff and others 2017).
    """
    body = [
        *_layer("f", _RESULTS["f"], sampled),
        Operation("i_t", ONE_MINUS, ("f_t",), "i_t", "i_t", "input"),
        *_layer("C", _RESULTS["C"], sampled),
        *(_KEPT, _ADDED, _NEW_STATE),
        *_layer("o", _RESULTS["o"], sampled),
    ]
    return _with_state("coupled", "LSTM with coupled gates", "fCo", body, projected, order, output)


@cache
def lstm_1997(projected: bool = False, order: str = "x,h", output: str | None = None, sampled: bool = False) -> Cell:
    """Return the LSTM of 1997, which has no forget gate and cannot forget: C_t = C_{t-1} + i ∘ C̃.

    As in Hochreiter and Schmidhuber 1997, but with tanh for both squashing functions (theirs are sigmoids
    scaled to [-2, 2] and [-1, 1]), so that it differs from today's cell by its forget gate alone.
    """
    body = [
        *_layer("i", _RESULTS["i"], sampled),
        *_layer("C", _RESULTS["C"], sampled),
        _ADDED,
        Operation("C_t", ADD, ("C_prev", "added"), "C_t", "C_t", "cell"),
        *_layer("o", _RESULTS["o"], sampled),
    ]
    return _with_state("lstm-1997", "LSTM of 1997", "iCo", body, projected, order, output)


@cache
def rnn(projected: bool = False, order: str = "x,h", output: str | None = None, sampled: bool = False) -> Cell:
    """Return the plain recurrent cell (Elman 1990): h_t = tanh(W_h·[x, h] + b_h).

    It has no gate, so `sampled` changes nothing.
    Raises ValueError where `projected`: there is no cell state that h_t could be projected from.
    """
    _refuse_projection(projected, "plain RNN")
    body = _layer("h", Operation("h_t", TANH, ("z_h",), "h_t", "h_t", "hidden"))
    weights = _weights("h", "n", _columns(order), {"h": "hidden"})
    return _made("rnn", "Plain RNN", order, weights, body, output, [Phase("Update", "h_t")])


@cache
def gru(projected: bool = False, order: str = "x,h", output: str | None = None, sampled: bool = False) -> Cell:
    """Return the gated recurrent unit (Cho and others 2014), in the form of torch's `nn.GRU`.

    r = σ(W_r·[x, h] + b_r) resets, u = σ(W_u·[x, h] + b_u) keeps, h̃ = tanh(W_x·x + b_x + r ∘ (W_n·h + b_n)),
    h_t = u ∘ h_{t-1} + (1 - u) ∘ h̃. torch calls u z and h̃ n.
    In the paper r acts on h before the product, as in `gru_2014`.
    Raises ValueError where `projected`: there is no cell state that h_t could be projected from.
    """
    weights = [
        *_weights("ru", "n", _columns(order), _GRU_ROLES),
        *(_W_X, _W_N),
        Quantity("b_x", ("n",), "b_x", "b_x", "candidate"),
        Quantity("b_n", ("n",), "b_n", "b_n", "candidate"),
    ]
    candidate = [
        Operation("a_x", PRODUCT, ("W_x", "x_t"), "a_x", "a_x", "candidate", True),
        Operation("z_x", ADD, ("a_x", "b_x"), "z_x", "z_x", "candidate", True),
        Operation("a_n", PRODUCT, ("W_n", "h_prev"), "a_n", "a_n", "candidate", True),
        Operation("z_n", ADD, ("a_n", "b_n"), "z_n", "z_n", "candidate", True),
        Operation("reset", MULTIPLY, ("r_t", "z_n"), "r_t ∘ z_n", r"r_t \circ z_n", "candidate", True),
        Operation("z_h", ADD, ("z_x", "reset"), "z_h", "z_h", "candidate", True),
    ]
    return _gated("gru", "GRU", weights, candidate, projected, order, output, sampled)


@cache
def gru_2014(projected: bool = False, order: str = "x,h", output: str | None = None, sampled: bool = False) -> Cell:
    """Return the gated recurrent unit as first published (Cho and others 2014), with biases: r acts on h itself.

    r and u as in `gru`, h̃ = tanh(W_x·x + b_x + W_n·(r ∘ h)), h_t = u ∘ h_{t-1} + (1 - u) ∘ h̃. Keras computes it
    with `reset_after=False`, ONNX with `linear_before_reset=0`.
    Raises ValueError where `projected`: there is no cell state that h_t could be projected from.
    """
    weights = [
        *_weights("ru", "n", _columns(order), _GRU_ROLES),
        *(_W_X, _W_N),
        Quantity("b_x", ("n",), "b_x", "b_x", "candidate"),
    ]
    candidate = [
        Operation("a_x", PRODUCT, ("W_x", "x_t"), "a_x", "a_x", "candidate", True),
        Operation("z_x", ADD, ("a_x", "b_x"), "z_x", "z_x", "candidate", True),
        Operation("reset", MULTIPLY, ("r_t", "h_prev"), "r_t ∘ h_{t-1}", r"r_t \circ h_{t-1}", "candidate", True),
        Operation("a_n", PRODUCT, ("W_n", "reset"), "a_n", "a_n", "candidate", True),
        Operation("z_h", ADD, ("z_x", "a_n"), "z_h", "z_h", "candidate", True),
    ]
    return _gated("gru-2014", "GRU of 2014", weights, candidate, projected, order, output, sampled)


_GRU_ROLES = {"r": "forget", "u": "input"}
_W_X = Quantity("W_x", ("n", "m"), "W_x", "W_x", "candidate")
_W_N = Quantity("W_n", ("n", "n"), "W_n", "W_n", "candidate")


def _gated(
    name: str,
    title: str,
    weights: Sequence[Quantity],
    candidate: Sequence[Operation],
    projected: bool,
    order: str,
    output: str | None,
    sampled: bool,
) -> Cell:
    """Return a GRU of some kind, from its weights and the operations between r_t and tanh(z_h)."""
    _refuse_projection(projected, title)
    latex_added = r"\left(1 - u_t\right) \circ \tilde{h}_t"
    body = [
        *_layer("r", Operation("r_t", SIGMOID, ("z_r",), "r_t", "r_t", "forget", word="reset"), sampled),
        *_layer("u", Operation("u_t", SIGMOID, ("z_u",), "u_t", "u_t", "input", word="update"), sampled),
        *candidate,
        Operation("h_tilde", TANH, ("z_h",), "h̃_t", r"\tilde{h}_t", "candidate"),
        Operation("kept", MULTIPLY, ("u_t", "h_prev"), "u_t ∘ h_{t-1}", r"u_t \circ h_{t-1}", "hidden", True),
        Operation("rest", ONE_MINUS, ("u_t",), "1 − u_t", r"1 - u_t", "input", True),
        Operation("added", MULTIPLY, ("rest", "h_tilde"), "(1 − u_t) ∘ h̃_t", latex_added, "hidden", True),
        Operation("h_t", ADD, ("kept", "added"), "h_t", "h_t", "hidden"),
    ]
    phases = [Phase("Reset", "r_t"), Phase("Keep", "u_t"), Phase("Write", "h_tilde"), Phase("Update", "h_t")]
    return _made(name, title, order, weights, body, output, phases)


def _refuse_projection(projected: bool, title: str) -> None:
    if projected:
        raise ValueError(f"a {title} has no cell state, so n is k and there is no projection W_hr")


class MakeCell(Protocol):
    """What returns a declared cell in the form asked for."""

    def __call__(
        self, projected: bool = False, order: str = "x,h", output: str | None = None, sampled: bool = False
    ) -> Cell:
        """Return the cell: with h_t projected, its columns in this order, with this output, its gates drawn."""


CELLS: Mapping[str, MakeCell] = MappingProxyType(
    {
        "lstm": lstm,
        "rnn": rnn,
        "gru": gru,
        "gru-2014": gru_2014,
        "peephole": peephole,
        "coupled": coupled,
        "lstm-1997": lstm_1997,
    }
)
"""Every declared cell by its name, made from (projected, order, output, sampled)."""
