"""Normalisations at inference."""

from __future__ import annotations

from ..graph import Graph, Tensor
from ..onnx_node import OnnxNode
from ..registry import converter
from .common import reduce


def _per_channel(g: Graph, x: Tensor, rank: int) -> Tensor:
    """A vector over channels, ready to be broadcast against [batch, channels, ...]."""
    return g.reshape(x, [-1, *[1] * (rank - 2)]) if rank > 2 else x


def _standardised(
    g: Graph, x: Tensor, axes: list[int], epsilon: float
) -> tuple[Tensor, Tensor, Tensor]:
    """(x - mean) / sqrt(variance + epsilon) along axes; then the mean, and one over the root."""
    mean = reduce(g, "Mean", x, axes)
    centred = g.add("Sub", x, mean)
    variance = reduce(g, "Mean", g.add("Square", centred), axes)
    scale = g.add("Rsqrt", g.add("AddV2", variance, g.scalar(epsilon, x)))
    return g.add("Mul", centred, scale), mean, scale


@converter("BatchNormalization", since=7)
def batch_normalization(g: Graph, node: OnnxNode) -> Tensor:
    """ONNX BatchNormalization at inference -> TF Sub, Mul, AddV2, with the scale folded."""
    node.ignore("momentum")
    if node.flag("training_mode") or any(node.wants(i) for i in range(1, 5)):
        raise node.refuse("in training mode is not what ONNX says it is", "training_mode")
    x, rank = node[0], node.rank()
    scale, bias, mean, variance = (node[i] for i in range(1, 5))
    epsilon = g.scalar(node.real("epsilon", 1e-5), x)
    factor = g.add("Mul", scale, g.add("Rsqrt", g.add("AddV2", variance, epsilon)))
    if node.version >= 9 or node.flag("spatial", True):
        mean, factor, bias = (_per_channel(g, y, rank) for y in (mean, factor, bias))
    elif any(node.rank(i) != rank - 1 for i in range(1, 5)):
        raise node.refuse("is off, which needs numbers for each place of a channel", "spatial")
    return g.add("AddV2", g.add("Mul", g.add("Sub", x, mean), factor), bias)


@converter("LayerNormalization", since=17)
def layer_normalization(g: Graph, node: OnnxNode) -> list[Tensor]:
    """ONNX LayerNormalization -> TF Mean, Sub, Square, Mean, Rsqrt, Mul, AddV2."""
    node.ignore("stash_type")
    axes = list(range(node.axis(node.integer("axis", -1)), node.rank()))
    x, mean, scale = _standardised(g, node[0], axes, node.real("epsilon", 1e-5))
    x = g.add("Mul", x, node[1])
    bias = node.get(2)
    return [x if bias is None else g.add("AddV2", x, bias), mean, scale]


@converter("RMSNormalization", since=23)
def rms_normalization(g: Graph, node: OnnxNode) -> Tensor:
    """ONNX RMSNormalization -> TF Square, Mean, Rsqrt, Mul."""
    node.ignore("stash_type")
    x, axes = node[0], list(range(node.axis(node.integer("axis", -1)), node.rank()))
    power = reduce(g, "Mean", g.add("Square", x), axes)
    scale = g.add("Rsqrt", g.add("AddV2", power, g.scalar(node.real("epsilon", 1e-5), x)))
    return g.add("Mul", g.add("Mul", x, scale), node[1])


@converter("InstanceNormalization")
def instance_normalization(g: Graph, node: OnnxNode) -> Tensor:
    """ONNX InstanceNormalization -> TF Mean, Sub, Square, Mean, Rsqrt, Mul, AddV2."""
    node.ignore("consumed_inputs")
    rank = node.rank()
    x, _, _ = _standardised(g, node[0], list(range(2, rank)), node.real("epsilon", 1e-5))
    x = g.add("Mul", x, _per_channel(g, node[1], rank))
    return g.add("AddV2", x, _per_channel(g, node[2], rank))


@converter("GroupNormalization", since=18)
def group_normalization(g: Graph, node: OnnxNode) -> Tensor:
    """ONNX GroupNormalization -> TF Reshape and the operations of InstanceNormalization."""
    node.ignore("stash_type")
    groups, rank = node.integer("num_groups"), node.rank()
    batch, channels, *spatial = g.dims(node[0])
    if not isinstance(channels, int):
        raise node.refuse("needs the number of channels at build time")
    each = channels // groups
    x = g.reshape(node[0], [batch, groups, g.product([each, *spatial])])
    x, _, _ = _standardised(g, x, [2], node.real("epsilon", 1e-5))
    scale, bias = node[1], node[2]
    if node.version < 21:
        # Up to version 20 there is one scale and one bias a group.
        scale, bias = (g.reshape(y, [-1, 1]) for y in (scale, bias))
        x = g.add("AddV2", g.add("Mul", x, scale), bias)
        return g.reshape(x, [batch, channels, *spatial])
    x = g.reshape(x, [batch, channels, *spatial])
    x = g.add("Mul", x, _per_channel(g, scale, rank))
    return g.add("AddV2", x, _per_channel(g, bias, rank))


@converter("MeanVarianceNormalization", since=9)
def mean_variance_normalization(g: Graph, node: OnnxNode) -> Tensor:
    """ONNX MeanVarianceNormalization -> TF Mean, Sub, Square, Sqrt, RealDiv."""
    x, axes = node[0], node.integers("axes", [0, 2, 3])
    mean = reduce(g, "Mean", x, axes)
    centred = g.add("Sub", x, mean)
    variance = g.add("Sub", reduce(g, "Mean", g.add("Square", x), axes), g.add("Square", mean))
    deviation = g.add("AddV2", g.add("Sqrt", variance), g.scalar(1e-9, x))
    return g.add("RealDiv", centred, deviation)


@converter("LpNormalization")
def lp_normalization(g: Graph, node: OnnxNode) -> Tensor:
    """ONNX LpNormalization: x over its 1- or 2-norm -> TF Sum, Sqrt, RealDiv, SelectV2."""
    x, axis, p = node[0], node.axis(node.integer("axis", -1)), node.integer("p", 2)
    if p == 1:
        norm = reduce(g, "Sum", g.add("Abs", x), [axis])
    else:
        norm = g.add("Sqrt", reduce(g, "Sum", g.add("Square", x), [axis]))
    # A vector of nothing but zeros stays so.
    zero = g.scalar(0.0, x)
    whole = g.add("SelectV2", g.add("Equal", norm, zero), g.scalar(1.0, x), norm)
    return g.add("RealDiv", x, whole)


@converter("LRN")
def local_response(g: Graph, node: OnnxNode) -> Tensor:
    """ONNX LRN across channels -> TF Square, PadV2, AvgPool, Mul, Pow, RealDiv."""
    x, size, rank = node[0], node.integer("size"), node.rank()
    alpha, beta = node.real("alpha", 1e-4), node.real("beta", 0.75)
    channels = node.shape()[1]
    if channels is None:
        raise node.refuse("needs the number of channels at build time")
    low = (size - 1) // 2
    pads = [[0, 0], [low, size - 1 - low], *[[0, 0]] * (rank - 2)]
    squares = g.add("PadV2", g.add("Square", x), g.const(pads), g.scalar(0.0, x))
    total: Tensor | None = None
    for i in range(size):
        begin = [0, i, *[0] * (rank - 2)]
        part = g.add("Slice", squares, g.const(begin), g.const([-1, channels, *[-1] * (rank - 2)]))
        total = part if total is None else g.add("AddV2", total, part)
    assert total is not None
    scaled = g.add("Mul", total, g.scalar(alpha / size, x))
    base = g.add("AddV2", scaled, g.scalar(node.real("bias", 1.0), x))
    return g.add("RealDiv", x, g.add("Pow", base, g.scalar(beta, x)))
