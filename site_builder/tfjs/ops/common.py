"""What several operator families share."""

from __future__ import annotations

from collections.abc import Callable

from ..graph import Graph, Tensor
from ..onnx_node import WRAPPING, OnnxNode


def wrap(g: Graph, node: OnnxNode, x: Tensor, elem_type: int | None = None) -> Tensor:
    """Bring an int32 result back into the range of a narrower integer, as its overflow does."""
    known = WRAPPING.get(node.elem_type() if elem_type is None else elem_type)
    if known is None:
        return x
    count, lowest = known
    if lowest:
        x = g.add("Sub", x, g.scalar(lowest, x))
    x = g.add("FloorMod", x, g.scalar(count, x))
    return g.add("AddV2", x, g.scalar(lowest, x)) if lowest else x


def truncated_div(g: Graph, a: Tensor, b: Tensor) -> Tensor:
    """Integer division that rounds towards zero; TF's rounds down."""
    sign = g.add("Mul", g.add("Sign", a), g.add("Sign", b))
    return g.add("Mul", sign, g.add("FloorDiv", g.add("Abs", a), g.add("Abs", b)))


def along_last(g: Graph, x: Tensor, axis: int, function: Callable[[Tensor], Tensor]) -> Tensor:
    """Apply what works on the last axis to another axis."""
    assert x.rank is not None
    if axis == x.rank - 1:
        return function(x)
    perm = [i for i in range(x.rank) if i != axis] + [axis]
    back = [*range(axis), x.rank - 1, *range(axis, x.rank - 1)]
    return g.transpose(function(g.transpose(x, perm)), back)


def non_negative(g: Graph, indices: Tensor, size: int | Tensor) -> Tensor:
    """Indices counted from the front; TF.js takes no negative ones."""
    if indices.value is not None and indices.value.size and indices.value.min() >= 0:
        return indices
    count = g.const(size) if isinstance(size, int) else size
    wrapped = g.add("AddV2", indices, count)
    return g.add("SelectV2", g.add("Less", indices, g.scalar(0, indices)), wrapped, indices)


def concat(g: Graph, parts: list[Tensor], axis: int) -> Tensor:
    """TF ConcatV2."""
    if len(parts) == 1:
        return parts[0]
    return g.add("ConcatV2", *parts, g.const(axis), N=len(parts))


def expand(g: Graph, x: Tensor, axis: int) -> Tensor:
    """TF ExpandDims."""
    return g.add("ExpandDims", x, g.const(axis))


def squeeze(g: Graph, x: Tensor, axes: list[int]) -> Tensor:
    """TF Squeeze of the given axes, none of them negative."""
    return g.add("Squeeze", x, squeeze_dims=axes) if axes else x


def reduce(g: Graph, op: str, x: Tensor, axes: list[int], keep: bool = True) -> Tensor:
    """A TF reduction over known axes."""
    return g.add(op, x, g.const(axes, "int32"), keep_dims=keep)


def fresh(g: Graph, x: Tensor) -> Tensor:
    """The same numbers in memory of their own: TF.js's TensorScatterUpdate writes into its operand.

    Padding by nothing copies, and unlike a product with 1 it is not folded where `x` is constant.
    """
    flat = g.add("Reshape", x, g.const([-1]))
    copy = g.add("PadV2", flat, g.const([[0, 0]]), g.scalar(0, x))
    return g.add("Reshape", copy, g.shape_of(x), shape=x.shape)
