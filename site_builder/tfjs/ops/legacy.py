"""Operators as they were in old versions of the operator set, by way of what they are now.

Before version 7 they broadcast only where an attribute says so, and only the second operand: it is
laid along the axes of the first from `axis` on, or along the last ones.
"""

from __future__ import annotations

import math

import onnx

from ..graph import Graph, Tensor, merge
from ..onnx_node import OnnxNode
from ..registry import Function, converter
from .activation import hardmax, prelu
from .elementwise import binary, div, mean, power, variadic
from .linear import gemm
from .logic import comparison, exclusive_or, logical
from .normalization import batch_normalization
from .pooling import average_pool, lp_pool
from .shape import reshape

_NOW: dict[str, Function] = {
    **dict.fromkeys(("Add", "Sub", "Mul"), binary),
    **dict.fromkeys(("Equal", "Greater", "Less"), comparison),
    **dict.fromkeys(("And", "Or"), logical),
    "Xor": exclusive_or,
    "Div": div,
    "Pow": power,
    "Mean": mean,
    **dict.fromkeys(("Max", "Min", "Sum"), variadic),
}


@converter("Add", until=7)
@converter("And", until=7)
@converter("Div", until=7)
@converter("Equal", until=7)
@converter("Greater", until=7)
@converter("Less", until=7)
@converter("Mul", until=7)
@converter("Or", until=7)
@converter("Pow", until=7)
@converter("Sub", until=7)
@converter("Xor", until=7)
def of_two(g: Graph, node: OnnxNode) -> Tensor | list[Tensor | None]:
    """ONNX Add, ..., Xor with `broadcast` and `axis` -> TF Reshape, then as from version 7 on."""
    node.ignore("consumed_inputs")
    return _now(g, node.on(node[0], _aligned(g, node)))


def _now(g: Graph, node: OnnxNode) -> Tensor | list[Tensor | None]:
    made = _NOW[node.op](g, node)
    return made if isinstance(made, Tensor) else list(made)


def _aligned(g: Graph, node: OnnxNode) -> Tensor:
    """The second operand, of a shape that NumPy broadcasts as `broadcast` and `axis` say."""
    a, b = node[0], node[1]
    if not node.flag("broadcast"):
        node.ignore("axis")
        _same(node, a, b)
        return b
    given = node.integer("axis") if node.has("axis") else None
    if b.static is not None and math.prod(b.static) == 1:
        return g.reshape(b, [])
    dims, wanted = node.shape(1), node.shape(0)
    start = len(wanted) - len(dims) if given is None else given
    behind = len(wanted) - start - len(dims)
    if start < 0 or behind < 0:
        raise node.refuse(f"does not lay shape {list(dims)} along {list(wanted)}", "axis")
    for own, other in zip(dims, wanted[start:], strict=False):
        # Ones are stretched: exporters of that time wrote them, against ONNX's own words.
        if own not in (None, 1, other) and other is not None:
            raise node.refuse(f"does not stretch {list(dims)} to {list(wanted)}", "broadcast")
    return g.reshape(b, [*g.dims(b), *[1] * behind]) if behind else b


def _same(node: OnnxNode, *operands: Tensor) -> None:
    """Refuse operands of different shapes."""
    first, *others = operands
    for other in others:
        try:
            merge(first.shape, other.shape)
        except ValueError as error:
            reason = f"does not broadcast in version {node.version} unless it says so"
            raise node.refuse(f"{reason}: {error}") from None


@converter("Max", until=8)
@converter("Mean", until=8)
@converter("Min", until=8)
@converter("Sum", until=8)
def of_many(g: Graph, node: OnnxNode) -> Tensor | list[Tensor | None]:
    """ONNX Max, Mean, Min, Sum of tensors of one shape -> as from version 8 on."""
    node.ignore("consumed_inputs")
    _same(node, *(node[i] for i in range(len(node.inputs))))
    return _now(g, node)


@converter("Gemm", until=7)
def gemm_broadcast(g: Graph, node: OnnxNode) -> Tensor:
    """ONNX Gemm, whose C is broadcast only where it says so -> TF MatMul, Mul, AddV2."""
    rows = node.shape(0)[node.flag("transA")]
    columns = node.shape(1)[not node.flag("transB")]
    shape = node.shape(2)
    if not node.flag("broadcast"):
        try:
            merge(shape, (rows, columns))
        except ValueError as error:
            raise node.refuse(str(error), "broadcast") from None
    for own, whole in zip(reversed(shape), (columns, rows), strict=False):
        if own not in (None, 1, whole) and whole is not None:
            raise node.refuse(f"does not stretch {list(shape)} to {[rows, columns]}", "broadcast")
    if len(shape) > 2:
        raise node.refuse(f"has a C of {len(shape)} dimensions")
    return gemm(g, node)


@converter("PRelu", until=7)
def prelu_by_channel(g: Graph, node: OnnxNode) -> Tensor:
    """ONNX PRelu of one slope, or one for each channel -> TF SelectV2 of x and slope * x."""
    node.ignore("consumed_inputs")
    slopes, rank = node.static(1), node.rank()
    if math.prod(slopes) == 1:
        return prelu(g, node.on(node[0], g.reshape(node[1], [])))
    channels = node.shape()[1] if rank > 1 else None
    if len(slopes) != 1 or channels != slopes[0]:
        raise node.refuse(f"has slopes of shape {list(slopes)} for {channels} channels")
    return prelu(g, node.on(node[0], g.reshape(node[1], [*slopes, *[1] * (rank - 2)])))


@converter("BatchNormalization", until=7)
def batch_normalization_tested(g: Graph, node: OnnxNode) -> Tensor:
    """ONNX BatchNormalization with is_test=1 -> as from version 7 on."""
    node.ignore("consumed_inputs")
    if not node.flag("is_test"):
        raise node.refuse("is needed: without it the numbers of the batch count", "is_test")
    return batch_normalization(g, node)


@converter("AveragePool", until=7)
def average_pool_uncounted(g: Graph, node: OnnxNode) -> Tensor:
    """ONNX AveragePool that counts no padding -> as from version 7 on."""
    return average_pool(g, node)


@converter("LpPool", until=2)
def lp_pool_real(g: Graph, node: OnnxNode) -> Tensor:
    """ONNX LpPool with a real p -> as from version 2 on, where p is whole."""
    p = node.real("p", 2.0)
    if p != int(p):
        raise node.refuse("is known for whole numbers only", "p")
    return lp_pool(g, node)


@converter("Reshape", until=5)
def reshape_attribute(g: Graph, node: OnnxNode) -> Tensor:
    """ONNX Reshape with its shape as an attribute -> TF Reshape."""
    node.ignore("consumed_inputs")
    return reshape(g, node.on(node[0], g.const(node.integers("shape"), "int32")))


@converter("Tile", until=6)
def tile_axis(g: Graph, node: OnnxNode) -> Tensor:
    """ONNX Tile along one axis -> TF Tile."""
    (tiles,), (axis,) = node.ints_in(1, "tiles"), node.ints_in(2, "axis")
    repeats = [1] * node.rank()
    repeats[node.axis(axis)] = tiles
    return g.add("Tile", node[0], g.const(repeats))


@converter("Hardmax", until=13)
def hardmax_flattened(g: Graph, node: OnnxNode) -> Tensor:
    """ONNX Hardmax over all axes from one on -> TF Reshape, as from version 13 on, Reshape."""
    x, axis = node[0], node.axis(node.integer("axis", 1))
    dims = g.dims(x)
    flat = g.reshape(x, [g.product(dims[:axis]), g.product(dims[axis:])])
    proto = onnx.NodeProto(op_type=node.op, input=node.proto.input, output=node.proto.output)
    return g.reshape(hardmax(g, OnnxNode(proto, [flat], version=13)), dims)
