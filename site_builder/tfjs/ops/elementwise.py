"""Arithmetic, element by element."""

from __future__ import annotations

import functools

import numpy as np
from onnx import TensorProto

from ..graph import Graph, Tensor
from ..onnx_node import NARROWED, OnnxNode
from ..registry import converter
from .common import truncated_div, wrap

_LARGEST = float(np.finfo(np.float32).max)


@converter("Acos")
@converter("Acosh")
@converter("Asin")
@converter("Asinh")
@converter("Atan")
@converter("Atanh")
@converter("Ceil")
@converter("Cos")
@converter("Cosh")
@converter("Erf")
@converter("Exp")
@converter("Floor")
@converter("Log")
@converter("Reciprocal")
@converter("Round")
@converter("Sign")
@converter("Sin")
@converter("Sinh")
@converter("Sqrt")
@converter("Tan")
def unary(g: Graph, node: OnnxNode) -> Tensor:
    """ONNX Acos, ..., Tan -> the TF operation of the same name."""
    node.ignore("consumed_inputs")
    return g.add(node.op, node[0])


@converter("Abs")
@converter("Neg")
def unary_wrapping(g: Graph, node: OnnxNode) -> Tensor:
    """ONNX Abs, Neg -> TF Abs, Neg; the narrow integers wrap."""
    return wrap(g, node, g.add(node.op, node[0]))


@converter("Add", since=7)
@converter("Sub", since=7)
@converter("Mul", since=7)
def binary(g: Graph, node: OnnxNode) -> Tensor:
    """ONNX Add, Sub, Mul -> TF AddV2, Sub, Mul; the narrow integers wrap."""
    op = {"Add": "AddV2"}.get(node.op, node.op)
    return wrap(g, node, g.add(op, node[0], node[1]))


@converter("Div", since=7)
def div(g: Graph, node: OnnxNode) -> Tensor:
    """ONNX Div -> TF RealDiv; for integers FloorDiv of magnitudes, since ONNX rounds to zero."""
    if node[0].dtype == "int32":
        return wrap(g, node, truncated_div(g, node[0], node[1]))
    return g.add("RealDiv", node[0], node[1])


@converter("Mod", since=10)
def mod(g: Graph, node: OnnxNode) -> Tensor:
    """ONNX Mod -> TF FloorMod; with fmod=1 the result takes the dividend's sign."""
    a, b = node[0], node[1]
    if a.dtype == "int32" and not node.flag("fmod"):
        return g.add("FloorMod", a, b)
    zero = g.scalar(0, a)
    rest = g.add("FloorMod", g.add("Abs", a), g.add("Abs", b))
    rest = g.add("SelectV2", g.add("Less", a, zero), g.add("Neg", rest), rest)
    if node.flag("fmod"):
        return rest
    # TF's own is not a number where the divisor is infinite.
    apart = g.add("Less", g.add("Mul", g.add("Sign", rest), g.add("Sign", b)), zero)
    return g.add("SelectV2", apart, g.add("AddV2", rest, b), rest)


@converter("Pow", since=7)
def power(g: Graph, node: OnnxNode) -> Tensor:
    """ONNX Pow -> TF Pow, or Square; the result has the base's type."""
    base, exponent = node[0], node[1]
    if base.dtype == "float32" and exponent.static == () and exponent.value is not None:
        if float(exponent.value) == 2.0:
            return g.add("Square", base)
        if float(exponent.value) == 1.0:
            return base
    if base.dtype == exponent.dtype:
        return wrap(g, node, g.add("Pow", base, exponent))
    result = g.add("Pow", g.cast(base, "float32"), g.cast(exponent, "float32"))
    return wrap(g, node, g.cast(result, base.dtype))


@converter("Max", since=8)
@converter("Min", since=8)
@converter("Sum", since=8)
def variadic(g: Graph, node: OnnxNode) -> Tensor:
    """ONNX Max, Min, Sum of any number of tensors -> a chain of TF Maximum, Minimum, AddV2."""
    op = {"Max": "Maximum", "Min": "Minimum", "Sum": "AddV2"}[node.op]
    operands = [node[i] for i in range(len(node.inputs))]
    return functools.reduce(lambda a, b: g.add(op, a, b), operands)


@converter("Mean", since=8)
def mean(g: Graph, node: OnnxNode) -> Tensor:
    """ONNX Mean of any number of tensors -> TF AddV2, Mul."""
    operands = [node[i] for i in range(len(node.inputs))]
    total = functools.reduce(lambda a, b: g.add("AddV2", a, b), operands)
    return g.add("RealDiv", total, g.scalar(len(operands), total))


@converter("Clip", until=11)
def clip_attributes(g: Graph, node: OnnxNode) -> Tensor:
    """ONNX Clip with bounds as attributes -> TF Maximum, Minimum."""
    node.ignore("consumed_inputs")
    x = node[0]
    # From version 6 on not even infinities pass where there is no bound.
    if node.has("min") or node.version >= 6:
        x = g.add("Maximum", x, g.scalar(node.real("min", -_LARGEST), x))
    if node.has("max") or node.version >= 6:
        x = g.add("Minimum", x, g.scalar(node.real("max", _LARGEST), x))
    return x


@converter("Clip", since=11)
def clip(g: Graph, node: OnnxNode) -> Tensor:
    """ONNX Clip -> TF Maximum, then Minimum; where the bounds cross, the upper one wins."""
    x, low, high = node[0], node.get(1), node.get(2)
    if low is not None:
        x = g.add("Maximum", x, low)
    return g.add("Minimum", x, high) if high is not None else x


@converter("Cast")
def cast(g: Graph, node: OnnxNode) -> Tensor:
    """ONNX Cast -> TF Cast; to a narrow integer it wraps, and to bool it is NotEqual 0."""
    node.ignore("saturate", "round_mode")
    if node.version >= 6:
        return _cast_to(g, node, node.integer("to"))
    name = node.text("to").upper()
    if name not in TensorProto.DataType.keys():  # noqa: SIM118 - a wrapper that is no mapping
        raise node.refuse(f"does not name a type: {name}", "to")
    return _cast_to(g, node, TensorProto.DataType.Value(name))


@converter("CastLike", since=15)
def cast_like(g: Graph, node: OnnxNode) -> Tensor:
    """ONNX CastLike -> TF Cast."""
    node.ignore("saturate", "round_mode")
    return _cast_to(g, node, node.elem_type(1))


def _cast_to(g: Graph, node: OnnxNode, target: int) -> Tensor:
    dtype = NARROWED.get(target)
    if dtype is None:
        name = TensorProto.DataType.Name(target).lower()
        raise node.refuse(f"{name} does not exist in a browser", "to")
    x = g.cast(node[0], dtype)
    return wrap(g, node, x, target) if node.elem_type() != target else x


@converter("IsNaN", since=9)
def is_nan(g: Graph, node: OnnxNode) -> Tensor:
    """ONNX IsNaN -> TF IsNan."""
    return g.add("IsNan", node[0])


@converter("IsInf", since=10)
def is_inf(g: Graph, node: OnnxNode) -> Tensor:
    """ONNX IsInf -> TF IsInf, or Equal with one infinity."""
    up, down = node.flag("detect_positive", True), node.flag("detect_negative", True)
    if up and down:
        return g.add("IsInf", node[0])
    if not up and not down:
        return g.add("NotEqual", g.add("IsInf", node[0]), g.add("IsInf", node[0]))
    return g.add("Equal", node[0], g.scalar(np.inf if up else -np.inf, node[0]))
