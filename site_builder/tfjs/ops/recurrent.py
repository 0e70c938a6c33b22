"""Recurrent layers, written out step by step; the formulas are those of ONNX's specification."""

from __future__ import annotations

import dataclasses
from collections.abc import Callable, Sequence

import numpy as np

from ..graph import Graph, Tensor
from ..onnx_node import OnnxNode
from ..registry import converter
from .common import concat, expand

# A longer sequence would be a graph too large to be loaded.
_STEPS = 1024

Activation = Callable[[Graph, Tensor], Tensor]

_PLAIN = {
    "Relu": "Relu",
    "Tanh": "Tanh",
    "Sigmoid": "Sigmoid",
    "Softplus": "Softplus",
}


@dataclasses.dataclass(frozen=True)
class _Layer:
    """What the directions of one recurrent node share.

    Attributes:
        x: the sequence, [steps, batch, features].
        lengths: steps of each sequence, [batch, 1], or None where all are whole.
        hidden: size of the state.
        gates: how many rows of weights there are for each element of the state.
    """

    x: Tensor
    lengths: Tensor | None
    hidden: int
    gates: int

    @property
    def steps(self) -> int:
        assert self.x.shape is not None
        assert self.x.shape[0] is not None
        return self.x.shape[0]


@dataclasses.dataclass(frozen=True)
class _Direction:
    """Weights of one direction: of the input, of the state, and both biases.

    Attributes:
        w: [features, gates * hidden].
        r: [hidden, gates * hidden].
        wb: [gates * hidden], or None.
        rb: [gates * hidden], or None.
        peepholes: [3 * hidden], or None.
        functions: its activations.
        clip: bound of what goes into an activation, or None.
    """

    w: Tensor
    r: Tensor
    wb: Tensor | None
    rb: Tensor | None
    peepholes: Tensor | None
    functions: tuple[Activation, ...]
    clip: float | None


Cell = Callable[[Graph, _Direction, Tensor, Sequence[Tensor]], list[Tensor]]


def _activation(node: OnnxNode, name: str, alpha: float | None, beta: float | None) -> Activation:
    lower = {key.lower(): value for key, value in _PLAIN.items()}
    if name.lower() in lower:
        return lambda g, x: g.add(lower[name.lower()], x)
    if name.lower() == "leakyrelu":
        slope = 0.01 if alpha is None else alpha
        return lambda g, x: g.add("LeakyRelu", x, alpha=slope)
    if name.lower() == "affine":
        a, b = 1.0 if alpha is None else alpha, 0.0 if beta is None else beta
        return lambda g, x: g.add("AddV2", g.add("Mul", x, g.scalar(a, x)), g.scalar(b, x))
    if name.lower() == "hardsigmoid":
        a, b = 0.2 if alpha is None else alpha, 0.5 if beta is None else beta

        def hard(g: Graph, x: Tensor) -> Tensor:
            line = g.add("AddV2", g.add("Mul", x, g.scalar(a, x)), g.scalar(b, x))
            return g.add("Minimum", g.add("Maximum", line, g.scalar(0.0, x)), g.scalar(1.0, x))

        return hard
    raise node.refuse(f"'{name}' is not supported", "activations")


def _functions(node: OnnxNode, defaults: Sequence[str], count: int) -> list[tuple[Activation, ...]]:
    """The activations of each direction."""
    given = node.proto.attribute
    names = [
        name.decode()
        for attribute in given
        if attribute.name == "activations"
        for name in attribute.strings
    ] or [*defaults] * count
    alphas, betas = node.reals("activation_alpha", []), node.reals("activation_beta", [])
    node.ignore("activations")
    made = [
        _activation(
            node,
            name,
            alphas[i] if i < len(alphas) else None,
            betas[i] if i < len(betas) else None,
        )
        for i, name in enumerate(names)
    ]
    each = len(defaults)
    return [tuple(made[i * each : (i + 1) * each]) for i in range(count)]


def _affine(g: Graph, x: Tensor, weight: Tensor, bias: Tensor | None) -> Tensor:
    x = g.add("MatMul", x, weight)
    return x if bias is None else g.add("AddV2", x, bias)


def _parts(g: Graph, x: Tensor, count: int, axis: int = 1) -> list[Tensor]:
    if count == 1:
        return [x]
    assert x.shape is not None
    size = x.shape[axis]
    assert size is not None
    return g.add_many("SplitV", x, g.const([size // count] * count), g.const(axis))


def _clipped(g: Graph, x: Tensor, clip: float | None) -> Tensor:
    if clip is None:
        return x
    return g.add("Minimum", g.add("Maximum", x, g.scalar(-clip, x)), g.scalar(clip, x))


def _run(g: Graph, node: OnnxNode, gates: int, defaults: Sequence[str], cell: Cell) -> list[Tensor]:
    """Every direction and step of a recurrent node.

    Returns:
        Y, Y_h and, of an LSTM, Y_c.
    """
    direction = node.text("direction", "forward")
    batch_first = bool(node.integer("layout", 0))
    x = g.transpose(node[0], (1, 0, 2)) if batch_first else node[0]
    if x.shape is None or x.shape[0] is None or not 0 < x.shape[0] <= _STEPS:
        raise node.refuse(f"needs the number of steps at build time, at most {_STEPS} of them")
    hidden = node.static(2)[2]
    node.ignore("hidden_size")
    lengths = node.get(4)
    if lengths is not None and lengths.value is not None and np.all(lengths.value >= x.shape[0]):
        lengths = None
    layer = _Layer(x, None if lengths is None else expand(g, lengths, 1), hidden, gates)
    count = 2 if direction == "bidirectional" else 1
    clip = node.real("clip", 0.0) if node.has("clip") else None
    functions = _functions(node, defaults, count)
    states = 2 if node.op == "LSTM" else 1
    sequences, finals = [], []
    for i in range(count):
        weights = _direction(g, node, layer, i, functions[i], clip)
        start = [_initial(g, node, layer, 5 + s, i, batch_first) for s in range(states)]
        backwards = direction == "reverse" or i == 1
        steps, last = _walk(g, layer, weights, start, cell, backwards)
        sequences.append(expand(g, g.add("Pack", *steps, axis=0, N=len(steps)), 1))
        finals.append([expand(g, state, 0) for state in last])
    y = concat(g, sequences, 1)
    ends = [concat(g, [final[s] for final in finals], 0) for s in range(states)]
    if batch_first:
        y = g.transpose(y, (2, 0, 1, 3))
        ends = [g.transpose(end, (1, 0, 2)) for end in ends]
    return [y, *ends]


def _of_direction(g: Graph, x: Tensor, i: int) -> Tensor:
    return g.add("GatherV2", x, g.const(i), g.const(0), batch_dims=0)


def _direction(
    g: Graph,
    node: OnnxNode,
    layer: _Layer,
    i: int,
    functions: tuple[Activation, ...],
    clip: float | None,
) -> _Direction:
    bias, peepholes = node.get(3), node.get(7) if node.op == "LSTM" else None
    wb = rb = None
    if bias is not None:
        wb, rb = _parts(g, _of_direction(g, bias, i), 2, 0)
    return _Direction(
        w=g.transpose(_of_direction(g, node[1], i), (1, 0)),
        r=g.transpose(_of_direction(g, node[2], i), (1, 0)),
        wb=wb,
        rb=rb,
        peepholes=None if peepholes is None else _of_direction(g, peepholes, i),
        functions=functions,
        clip=clip,
    )


def _initial(
    g: Graph, node: OnnxNode, layer: _Layer, index: int, i: int, batch_first: bool
) -> Tensor:
    given = node.get(index)
    if given is None:
        shape = g.vector([g.dim(layer.x, 1), layer.hidden])
        return g.broadcast(g.scalar(0.0, "float32"), shape)
    given = g.transpose(given, (1, 0, 2)) if batch_first else given
    return _of_direction(g, given, i)


def _walk(
    g: Graph,
    layer: _Layer,
    weights: _Direction,
    state: list[Tensor],
    cell: Cell,
    backwards: bool,
) -> tuple[list[Tensor], list[Tensor]]:
    """The output of each step in the order of time, and the state after the last."""
    found: dict[int, Tensor] = {}
    # The input's share of every step in one product.
    n, features = g.dim(layer.x, 1), g.dim(layer.x, 2)
    rows = g.reshape(layer.x, [g.product([layer.steps, n]), features])
    ahead = _affine(g, rows, weights.w, weights.wb)
    ahead = g.reshape(ahead, [layer.steps, n, layer.gates * layer.hidden])
    order = range(layer.steps)
    for t in reversed(order) if backwards else order:
        x = g.add("GatherV2", ahead, g.const(t), g.const(0), batch_dims=0)
        new = cell(g, weights, x, state)
        out = new[0]
        if layer.lengths is not None:
            # Past its end a sequence keeps its state and gives zeros.
            alive = g.add("Greater", layer.lengths, g.const(t))
            new = [g.add("SelectV2", alive, a, b) for a, b in zip(new, state, strict=True)]
            out = g.add("SelectV2", alive, out, g.scalar(0.0, out))
        state, found[t] = new, out
    return [found[t] for t in order], state


@converter("RNN")
def rnn(g: Graph, node: OnnxNode) -> list[Tensor]:
    """ONNX RNN -> TF MatMul, AddV2 and the activation, once a step."""
    return _run(g, node, 1, ("Tanh",), _rnn_cell)


def _rnn_cell(g: Graph, w: _Direction, x: Tensor, state: Sequence[Tensor]) -> list[Tensor]:
    total = g.add("AddV2", x, _affine(g, state[0], w.r, w.rb))
    return [w.functions[0](g, _clipped(g, total, w.clip))]


@converter("LSTM")
def lstm(g: Graph, node: OnnxNode) -> list[Tensor]:
    """ONNX LSTM -> TF MatMul, SplitV, AddV2, Mul and the activations, once a step."""
    if node.flag("input_forget"):
        raise node.refuse("coupled gates are not supported", "input_forget")
    return _run(g, node, 4, ("Sigmoid", "Tanh", "Tanh"), _lstm_cell)


def _lstm_cell(g: Graph, w: _Direction, x: Tensor, state: Sequence[Tensor]) -> list[Tensor]:
    h, c = state
    i, o, f, z = _parts(g, g.add("AddV2", x, _affine(g, h, w.r, w.rb)), 4)
    first, second, third = w.functions
    seen = _parts(g, w.peepholes, 3, 0) if w.peepholes is not None else None

    def peep(gate: Tensor, part: int, cell: Tensor) -> Tensor:
        if seen is not None:
            gate = g.add("AddV2", gate, g.add("Mul", seen[part], cell))
        return _clipped(g, gate, w.clip)

    i, f = first(g, peep(i, 0, c)), first(g, peep(f, 2, c))
    z = second(g, _clipped(g, z, w.clip))
    c = g.add("AddV2", g.add("Mul", f, c), g.add("Mul", i, z))
    o = first(g, peep(o, 1, c))
    return [g.add("Mul", o, third(g, c)), c]


@converter("GRU")
def gru(g: Graph, node: OnnxNode) -> list[Tensor]:
    """ONNX GRU -> TF MatMul, SplitV, AddV2, Mul and the activations, once a step."""
    after = node.flag("linear_before_reset")

    def cell(g: Graph, w: _Direction, x: Tensor, state: Sequence[Tensor]) -> list[Tensor]:
        return _gru_cell(g, w, x, state[0], after)

    return _run(g, node, 3, ("Sigmoid", "Tanh"), cell)


def _gru_cell(g: Graph, w: _Direction, x: Tensor, h: Tensor, after: bool) -> list[Tensor]:
    xz, xr, xh = _parts(g, x, 3)
    rz, rr, rh = _parts(g, w.r, 3)
    bz, br, bh = _parts(g, w.rb, 3, 0) if w.rb is not None else (None, None, None)
    first, second = w.functions
    z = first(g, _clipped(g, g.add("AddV2", xz, _affine(g, h, rz, bz)), w.clip))
    r = first(g, _clipped(g, g.add("AddV2", xr, _affine(g, h, rr, br)), w.clip))
    if after:
        new = g.add("Mul", r, _affine(g, h, rh, bh))
    else:
        new = _affine(g, g.add("Mul", r, h), rh, bh)
    new = second(g, _clipped(g, g.add("AddV2", xh, new), w.clip))
    # (1 - z) * new + z * h
    return [g.add("AddV2", new, g.add("Mul", z, g.add("Sub", h, new)))]
