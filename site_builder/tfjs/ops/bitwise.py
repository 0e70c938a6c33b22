"""Bits of integers.

TF.js lists BitwiseAnd, but its loader hands the kernel no operands. So numbers are taken apart
into bits along a new last axis, and put together again.
"""

from __future__ import annotations

import numpy as np
from onnx import TensorProto

from ..graph import Graph, Tensor
from ..onnx_node import WRAPPING, OnnxNode
from ..registry import converter
from .common import expand, reduce, wrap

_WIDTHS: dict[int, int] = {
    TensorProto.INT8: 8,
    TensorProto.UINT8: 8,
    TensorProto.INT16: 16,
    TensorProto.UINT16: 16,
    TensorProto.INT64: 64,
}

# The bits below the sign, and what each is worth.
_WORTH = 2 ** np.arange(31, dtype=np.int64)


def _bits(g: Graph, x: Tensor) -> Tensor:
    """The 31 lower bits of each number, as 0 and 1 along a new last axis."""
    assert x.rank is not None
    shifted = g.add("FloorDiv", expand(g, x, x.rank), g.const(_WORTH))
    return g.add("FloorMod", shifted, g.scalar(2, x))


@converter("BitwiseAnd", since=18)
@converter("BitwiseOr", since=18)
@converter("BitwiseXor", since=18)
def bitwise(g: Graph, node: OnnxNode) -> Tensor:
    """ONNX BitwiseAnd, BitwiseOr, BitwiseXor -> TF FloorDiv, FloorMod, Mul, Sum: bit by bit."""
    a, b = node[0], node[1]
    rank = max(node.rank(0), node.rank(1))
    a, b = (g.reshape(x, [*[1] * (rank - (x.rank or 0)), *g.dims(x)]) for x in (a, b))
    both = g.add("Mul", _bits(g, a), _bits(g, b))
    total = reduce(g, "Sum", g.add("Mul", both, g.const(_WORTH)), [rank], keep=False)
    zero = g.scalar(0, a)
    negative = g.add("LogicalAnd", g.add("Less", a, zero), g.add("Less", b, zero))
    lowest = g.scalar(np.iinfo(np.int32).min, a)
    both = g.add("AddV2", total, g.add("SelectV2", negative, lowest, zero))
    if node.op == "BitwiseAnd":
        return both
    union = g.add("Sub", g.add("AddV2", a, b), both)
    return union if node.op == "BitwiseOr" else g.add("Sub", union, both)


@converter("BitwiseNot", since=18)
def bitwise_not(g: Graph, node: OnnxNode) -> Tensor:
    """ONNX BitwiseNot -> TF Sub: ~a is -1 - a; the largest value less a where there is no sign."""
    count, lowest = WRAPPING.get(node.elem_type(), (0, -1))
    return g.add("Sub", g.scalar(-1 if lowest else count - 1, node[0]), node[0])


@converter("BitShift", since=11)
def bit_shift(g: Graph, node: OnnxNode) -> Tensor:
    """ONNX BitShift -> TF GatherV2 of a power of two, then Mul or FloorDiv.

    A shift by less than 0, or by the width of the type or more, leaves the sign bit or nothing.
    """
    x, amount = node[0], node[1]
    right = node.text("direction") == "RIGHT"
    width = min(_WIDTHS.get(node.elem_type(), 32), 32)
    outside = g.add("Less", amount, g.const(0))
    outside = g.add("LogicalOr", outside, g.add("GreaterEqual", amount, g.const(width)))
    amount = g.add("SelectV2", outside, g.const(32), amount)
    if right:
        # 2**31 is no int32, so that the last steps are made on their own.
        first = g.add("Minimum", amount, g.const(30))
        rest = g.add("Sub", amount, first)
        once = g.add("FloorDiv", x, _power(g, first))
        return g.add("FloorDiv", once, _power(g, rest))
    return wrap(g, node, g.add("Mul", x, _power(g, amount)))


def _power(g: Graph, exponent: Tensor) -> Tensor:
    """2 to the power of 0 to 31, with the bits of int32; nothing for 32."""
    table = np.array([1 << i for i in range(31)] + [np.iinfo(np.int32).min, 0])
    return g.add("GatherV2", g.const(table, "int32"), exponent, g.const(0), batch_dims=0)


@converter("BitCast", since=26)
def bit_cast(g: Graph, node: OnnxNode) -> Tensor:
    """ONNX BitCast between integers of one width -> TF FloorMod: only the sign bit counts."""
    source, target = node.elem_type(), node.integer("to")
    if source == target:
        return node[0]
    narrow = {TensorProto.BOOL, *WRAPPING}
    if source not in narrow or target not in WRAPPING:
        names = (TensorProto.DataType.Name(kind).lower() for kind in (source, target))
        raise node.refuse(f"from {' to '.join(names)} is not supported", "to")
    return wrap(g, node, g.cast(node[0], "int32"), target)
