"""Activation functions."""

from __future__ import annotations

import math

from ..graph import Graph, Tensor
from ..onnx_node import OnnxNode
from ..registry import converter
from .common import along_last


@converter("Sigmoid")
@converter("Softplus")
@converter("Tanh")
def plain(g: Graph, node: OnnxNode) -> Tensor:
    """ONNX Sigmoid, Softplus, Tanh -> the TF operation of the same name."""
    node.ignore("consumed_inputs")
    return g.add(node.op, node[0])


@converter("Relu")
def relu(g: Graph, node: OnnxNode) -> Tensor:
    """ONNX Relu -> TF Relu; Maximum for integers."""
    node.ignore("consumed_inputs")
    if node[0].dtype == "int32":
        return g.add("Maximum", node[0], g.scalar(0, "int32"))
    return g.add("Relu", node[0])


@converter("LeakyRelu")
def leaky_relu(g: Graph, node: OnnxNode) -> Tensor:
    """ONNX LeakyRelu -> TF LeakyRelu."""
    node.ignore("consumed_inputs")
    return g.add("LeakyRelu", node[0], alpha=node.real("alpha", 0.01))


@converter("PRelu", since=7)
def prelu(g: Graph, node: OnnxNode) -> Tensor:
    """ONNX PRelu -> TF SelectV2 of x and slope * x; TF.js's Prelu takes no integers."""
    x = node[0]
    return g.add("SelectV2", g.add("Less", x, g.scalar(0, x)), g.add("Mul", x, node[1]), x)


@converter("Elu")
def elu(g: Graph, node: OnnxNode) -> Tensor:
    """ONNX Elu -> TF Elu, or SelectV2 of x and alpha * (exp(x) - 1)."""
    node.ignore("consumed_inputs")
    alpha = node.real("alpha", 1.0)
    if alpha == 1.0:
        return g.add("Elu", node[0])
    return _split_at_zero(g, node[0], 1.0, alpha, 1.0)


@converter("Selu")
def selu(g: Graph, node: OnnxNode) -> Tensor:
    """ONNX Selu -> TF SelectV2, Expm1, with ONNX's own constants."""
    node.ignore("consumed_inputs")
    # Version 1 knew fewer digits.
    first = node.version < 6
    gamma = node.real("gamma", 1.0507 if first else 1.0507009873554805)
    alpha = node.real("alpha", 1.6732 if first else 1.6732632423543772)
    return _split_at_zero(g, node[0], gamma, gamma * alpha, 1.0)


@converter("Celu", since=12)
def celu(g: Graph, node: OnnxNode) -> Tensor:
    """ONNX Celu: max(0,x) + min(0, alpha * (exp(x/alpha) - 1)) -> TF SelectV2, Expm1."""
    alpha = node.real("alpha", 1.0)
    return _split_at_zero(g, node[0], 1.0, alpha, alpha)


def _split_at_zero(g: Graph, x: Tensor, above: float, below: float, width: float) -> Tensor:
    """`above * x` over zero, `below * (exp(x / width) - 1)` under it."""
    inner = x if width == 1.0 else g.add("RealDiv", x, g.scalar(width, x))
    negative = g.add("Mul", g.scalar(below, x), g.add("Expm1", inner))
    positive = x if above == 1.0 else g.add("Mul", g.scalar(above, x), x)
    return g.add("SelectV2", g.add("Greater", x, g.scalar(0, x)), positive, negative)


@converter("Gelu", since=20)
def gelu(g: Graph, node: OnnxNode) -> Tensor:
    """ONNX Gelu: x * Phi(x), exactly through TF Erf or approximately through TF Tanh."""
    x = node[0]
    if node.text("approximate", "none") == "tanh":
        cubic = g.add("Mul", g.add("Mul", g.add("Square", x), x), g.scalar(0.044715, x))
        inner = g.add("Mul", g.add("AddV2", x, cubic), g.scalar(math.sqrt(2 / math.pi), x))
        bell = g.add("Tanh", inner)
    else:
        bell = g.add("Erf", g.add("Mul", x, g.scalar(math.sqrt(0.5), x)))
    half = g.add("Mul", x, g.scalar(0.5, x))
    return g.add("Mul", half, g.add("AddV2", bell, g.scalar(1.0, x)))


@converter("HardSigmoid")
def hard_sigmoid(g: Graph, node: OnnxNode) -> Tensor:
    """ONNX HardSigmoid: alpha * x + beta, cut to [0, 1] -> TF Mul, AddV2, Maximum, Minimum."""
    node.ignore("consumed_inputs")
    return _ramp(g, node[0], node.real("alpha", 0.2), node.real("beta", 0.5))


@converter("HardSwish", since=14)
def hard_swish(g: Graph, node: OnnxNode) -> Tensor:
    """ONNX HardSwish: x * HardSigmoid(x), with alpha 1/6 and beta 1/2."""
    return g.add("Mul", node[0], _ramp(g, node[0], 1 / 6, 0.5))


def _ramp(g: Graph, x: Tensor, slope: float, offset: float) -> Tensor:
    line = g.add("AddV2", g.add("Mul", x, g.scalar(slope, x)), g.scalar(offset, x))
    return g.add("Minimum", g.add("Maximum", line, g.scalar(0.0, x)), g.scalar(1.0, x))


@converter("Mish", since=18)
def mish(g: Graph, node: OnnxNode) -> Tensor:
    """ONNX Mish: x * tanh(softplus(x)) -> TF Softplus, Tanh, Mul."""
    return g.add("Mul", node[0], g.add("Tanh", g.add("Softplus", node[0])))


@converter("Swish", since=24)
def swish(g: Graph, node: OnnxNode) -> Tensor:
    """ONNX Swish: x * sigmoid(alpha * x) -> TF Mul, Sigmoid."""
    x, alpha = node[0], node.real("alpha", 1.0)
    inner = x if alpha == 1.0 else g.add("Mul", x, g.scalar(alpha, x))
    return g.add("Mul", x, g.add("Sigmoid", inner))


@converter("Softsign")
def softsign(g: Graph, node: OnnxNode) -> Tensor:
    """ONNX Softsign: x / (1 + |x|) -> TF Abs, AddV2, RealDiv."""
    x = node[0]
    return g.add("RealDiv", x, g.add("AddV2", g.add("Abs", x), g.scalar(1.0, x)))


@converter("ThresholdedRelu", since=10)
def thresholded_relu(g: Graph, node: OnnxNode) -> Tensor:
    """ONNX ThresholdedRelu: x over alpha, else 0 -> TF Greater, SelectV2."""
    x, zero = node[0], g.scalar(0.0, node[0])
    return g.add("SelectV2", g.add("Greater", x, g.scalar(node.real("alpha", 1.0), x)), x, zero)


@converter("Shrink", since=9)
def shrink(g: Graph, node: OnnxNode) -> Tensor:
    """ONNX Shrink: x + bias under -lambd, x - bias over lambd, else 0 -> TF SelectV2."""
    x, zero = node[0], g.scalar(0, node[0])
    bias, limit = node.real("bias", 0.0), node.real("lambd", 0.5)
    if x.dtype != "float32" and (bias != int(bias) or limit != int(limit)):
        raise node.refuse("of integers takes whole numbers only", "lambd")
    below = g.add("Less", x, g.scalar(-limit, x))
    above = g.add("Greater", x, g.scalar(limit, x))
    inner = g.add("SelectV2", above, g.add("Sub", x, g.scalar(bias, x)), zero)
    return g.add("SelectV2", below, g.add("AddV2", x, g.scalar(bias, x)), inner)


@converter("Softmax", since=13)
@converter("LogSoftmax", since=13)
def softmax(g: Graph, node: OnnxNode) -> Tensor:
    """ONNX Softmax, LogSoftmax along an axis -> TF Softmax; for the log Max, Exp, Sum, Log."""
    x, axis = node[0], node.axis(node.integer("axis", -1))
    if node.op == "LogSoftmax":
        return _log_softmax(g, x, axis)
    return along_last(g, x, axis, lambda y: g.add("Softmax", y))


def _log_softmax(g: Graph, x: Tensor, axis: int) -> Tensor:
    along = g.const([axis])
    shifted = g.add("Sub", x, g.add("Max", x, along, keep_dims=True))
    total = g.add("Sum", g.add("Exp", shifted), along, keep_dims=True)
    return g.add("Sub", shifted, g.add("Log", total))


@converter("Softmax", until=13)
@converter("LogSoftmax", until=13)
def softmax_flattened(g: Graph, node: OnnxNode) -> Tensor:
    """ONNX Softmax, LogSoftmax over all axes from one on -> TF Reshape, Softmax, Reshape."""
    x, axis = node[0], node.axis(node.integer("axis", 1))
    dims = g.dims(x)
    flat = g.reshape(x, [g.product(dims[:axis]), g.product(dims[axis:])])
    result = _log_softmax(g, flat, 1) if node.op == "LogSoftmax" else g.add("Softmax", flat)
    return g.reshape(result, dims)


@converter("Hardmax", since=13)
def hardmax(g: Graph, node: OnnxNode) -> Tensor:
    """ONNX Hardmax: one where the first largest stands -> TF ArgMax, Range, Equal, Cast."""
    x, axis = node[0], node.axis(node.integer("axis", -1))
    size = g.dim(x, axis)
    first = g.add("ExpandDims", g.add("ArgMax", x, g.const(axis)), g.const(axis))
    count = g.const(size) if isinstance(size, int) else size
    places = g.add("Range", g.const(0), count, g.const(1))
    places = g.reshape(places, [size if i == axis else 1 for i in range(node.rank())])
    return g.cast(g.add("Equal", first, places), x.dtype)
