"""Reductions along axes."""

from __future__ import annotations

import dataclasses
import math

import numpy as np

from ..errors import MisfitError
from ..graph import Graph, Tensor
from ..onnx_node import OnnxNode
from ..registry import converter
from ..shapes import Shape
from .common import expand, truncated_div, wrap

# What a reduction of no elements gives.
_EMPTY: dict[str, float] = {"Sum": 0, "Prod": 1, "Max": -math.inf, "Min": math.inf}


@dataclasses.dataclass(frozen=True)
class Axes:
    """What is reduced: an int32 vector of axes, and whether they stay as dimensions of 1.

    Attributes:
        declared: shape of the result, as far as the model says.
    """

    vector: Tensor
    keep: bool
    declared: Shape = None


def _axes(g: Graph, node: OnnxNode, *, as_input: int) -> Axes | None:
    """The axes from an attribute or, from version `as_input` on, an input; None for no-op."""
    keep = node.flag("keepdims", True)
    noop = node.flag("noop_with_empty_axes")
    given: Tensor | None = None
    if node.version >= as_input:
        given = node.get(1)
    elif node.has("axes"):
        given = g.const(node.integers("axes"), "int32")
    if given is not None and given.shape is None:
        raise node.refuse("the number of axes is not known", "axes")
    if given is None or given.shape == (0,):
        if noop:
            return None
        return Axes(g.const(list(range(node.rank())), "int32"), keep)
    if given.value is not None:
        front = sorted({node.axis(int(axis)) for axis in given.value.ravel()})
        return Axes(g.const(front, "int32"), keep)
    return Axes(given, keep, node.declared())


def _reduce(g: Graph, op: str, x: Tensor, axes: Axes | None) -> Tensor:
    """One TF reduction, right for no elements and for bool as well."""
    if axes is None or x.shape == ():
        return x
    known, where = x.static, axes.vector.value
    if known is not None and where is not None and 0 in known and op in _EMPTY:
        left = [1 if i in where else n for i, n in enumerate(known) if axes.keep or i not in where]
        return _of_nothing(g, op, left, x.dtype)
    if known is not None and 0 in known and op in _EMPTY:
        if axes.declared is None or None in axes.declared:
            raise MisfitError("reduces no elements, along axes not known at build time")
        return _of_nothing(g, op, [dim for dim in axes.declared if dim is not None], x.dtype)
    if x.dtype == "bool":
        op = "All" if op == "Min" else "Any"
    return g.add(op, x, axes.vector, keep_dims=axes.keep)


def _of_nothing(g: Graph, op: str, shape: list[int], dtype: str) -> Tensor:
    """What a reduction of no elements gives, in the shape of the result."""
    value = _EMPTY[op]
    if dtype == "bool":
        value = value > 0
    elif dtype == "int32" and math.isinf(value):
        value = np.iinfo(np.int32).max if value > 0 else np.iinfo(np.int32).min
    return g.const(np.full(shape, value), dtype)


def _in_floats(g: Graph, x: Tensor) -> Tensor:
    return g.cast(x, "float32")


@converter("ReduceSum")
def reduce_sum(g: Graph, node: OnnxNode) -> Tensor:
    """ONNX ReduceSum -> TF Sum."""
    return wrap(g, node, _reduce(g, "Sum", node[0], _axes(g, node, as_input=13)))


@converter("ReduceProd")
@converter("ReduceMax")
@converter("ReduceMin")
def reduce_plain(g: Graph, node: OnnxNode) -> Tensor:
    """ONNX ReduceProd, ReduceMax, ReduceMin -> TF Prod, Max, Min; Any and All for bool."""
    op = node.op.removeprefix("Reduce")
    return wrap(g, node, _reduce(g, op, node[0], _axes(g, node, as_input=18)))


@converter("ReduceMean")
def reduce_mean(g: Graph, node: OnnxNode) -> Tensor:
    """ONNX ReduceMean -> TF Mean; for integers Sum and a division that rounds to zero."""
    axes = _axes(g, node, as_input=18)
    if node[0].dtype == "float32" or axes is None:
        return _reduce(g, "Mean", node[0], axes)
    total = _reduce(g, "Sum", node[0], axes)
    count = g.add("GatherV2", g.shape_of(node[0]), axes.vector, g.const(0))
    return truncated_div(g, total, g.add("Prod", count, g.const([0]), keep_dims=False))


@converter("ReduceL1")
def reduce_l1(g: Graph, node: OnnxNode) -> Tensor:
    """ONNX ReduceL1 -> TF Abs, Sum."""
    return _reduce(g, "Sum", g.add("Abs", node[0]), _axes(g, node, as_input=18))


@converter("ReduceSumSquare")
def reduce_sum_square(g: Graph, node: OnnxNode) -> Tensor:
    """ONNX ReduceSumSquare -> TF Mul, Sum."""
    return _reduce(g, "Sum", g.add("Mul", node[0], node[0]), _axes(g, node, as_input=18))


@converter("ReduceL2")
def reduce_l2(g: Graph, node: OnnxNode) -> Tensor:
    """ONNX ReduceL2 -> TF Square, Sum, Sqrt."""
    squares = g.add("Square", _in_floats(g, node[0]))
    total = _reduce(g, "Sum", squares, _axes(g, node, as_input=18))
    return g.cast(g.add("Sqrt", total), node[0].dtype)


@converter("ReduceLogSum")
def reduce_log_sum(g: Graph, node: OnnxNode) -> Tensor:
    """ONNX ReduceLogSum -> TF Sum, Log."""
    total = _reduce(g, "Sum", _in_floats(g, node[0]), _axes(g, node, as_input=18))
    return g.cast(g.add("Log", total), node[0].dtype)


@converter("ReduceLogSumExp")
def reduce_log_sum_exp(g: Graph, node: OnnxNode) -> Tensor:
    """ONNX ReduceLogSumExp -> TF Max, Sub, Exp, Sum, Log, AddV2: shifted, so nothing overflows."""
    x, axes = _in_floats(g, node[0]), _axes(g, node, as_input=18)
    if axes is None or x.shape == ():
        return node[0]
    top = _reduce(g, "Max", x, Axes(axes.vector, True))
    # Infinity less itself is not a number: such a row is shifted by nothing.
    top = g.add("SelectV2", g.add("IsFinite", top), top, g.scalar(0.0, top))
    total = _reduce(g, "Sum", g.add("Exp", g.add("Sub", x, top)), axes)
    shift = top if axes.keep else _reduce(g, "Max", top, axes)
    return g.cast(g.add("AddV2", g.add("Log", total), shift), node[0].dtype)


@converter("ArgMax")
@converter("ArgMin")
def arg(g: Graph, node: OnnxNode) -> Tensor:
    """ONNX ArgMax, ArgMin -> TF ArgMax, ArgMin; of the reversed axis where the last one counts."""
    x, axis = node[0], node.axis(node.integer("axis", 0))
    keep, last = node.flag("keepdims", True), node.flag("select_last_index")
    if last:
        x = g.add("ReverseV2", x, g.const([axis]))
    found = g.add(node.op, x, g.const(axis))
    if last:
        size = g.dim(node[0], axis)
        count = g.const(size) if isinstance(size, int) else size
        found = g.add("Sub", g.add("Sub", count, g.const(1)), found)
    return expand(g, found, axis) if keep else found


@converter("CumSum", since=11)
@converter("CumProd", since=26)
def cumulative(g: Graph, node: OnnxNode) -> Tensor:
    """ONNX CumSum, CumProd -> TF Cumsum, Cumprod."""
    op = {"CumSum": "Cumsum", "CumProd": "Cumprod"}[node.op]
    axis = node[1]
    if axis.value is not None:
        axis = g.const(node.axis(int(axis.value.ravel()[0])))
    else:
        axis = g.add("FloorMod", axis, g.const(node.rank()))
    exclusive, reverse = node.flag("exclusive"), node.flag("reverse")
    return g.add(op, node[0], axis, exclusive=exclusive, reverse=reverse)
