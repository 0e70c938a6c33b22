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
    """ONNX BitShift of bytes and shorts without sign -> TF Pow, then Mul or FloorDiv."""
    if node.elem_type() not in (TensorProto.UINT8, TensorProto.UINT16):
        raise node.refuse("of signed or 32-bit integers is not supported")
    # A shift by 16 leaves nothing of either type, and 2**16 still fits.
    amount = g.add("Minimum", node[1], g.scalar(16, node[1]))
    factor = g.add("Pow", g.scalar(2, node[0]), amount)
    if node.text("direction") == "RIGHT":
        return g.add("FloorDiv", node[0], factor)
    return wrap(g, node, g.add("Mul", node[0], factor))
