"""Numbers in few bits: a real number is `(q - zero point) * scale`, where q is an integer."""

from __future__ import annotations

import numpy as np
from onnx import TensorProto

from ..graph import Graph, Tensor
from ..onnx_node import WRAPPING, OnnxNode
from ..registry import converter
from .convolution import conv_of
from .linear import product


def _laid_out(g: Graph, node: OnnxNode, x: Tensor, axis: int, block: int, rank: int) -> Tensor:
    """A scale or zero point, ready to be broadcast against a tensor of `rank` dimensions."""
    if x.rank == 0 or x.static == (1,):
        return g.reshape(x, [])
    if x.rank == 1:
        return g.reshape(x, [-1 if i == axis else 1 for i in range(rank)])
    if block == 0:
        raise node.refuse("must be given for a scale of many dimensions", "block_size")
    count = node.shape(0)[axis]
    if count is None:
        raise node.refuse("needs the whole shape of the tensor at build time", "block_size")
    places = np.arange(count) // block
    return g.add("GatherV2", x, g.const(places, "int32"), g.const(axis), batch_dims=0)


def _limits(node: OnnxNode, kind: int) -> tuple[int, int]:
    if kind not in WRAPPING:
        name = TensorProto.DataType.Name(kind).lower()
        raise node.refuse(f"to {name} is not supported")
    count, lowest = WRAPPING[kind]
    return lowest, lowest + count - 1


def quantized(g: Graph, x: Tensor, zero: Tensor | None, limits: tuple[int, int]) -> Tensor:
    """Round, half to even, add the zero point and keep within the type: int32."""
    x = g.add("Round", x)
    if zero is not None:
        x = g.add("AddV2", x, g.cast(zero, "float32"))
    low, high = (g.scalar(float(limit), x) for limit in limits)
    return g.cast(g.add("Minimum", g.add("Maximum", x, low), high), "int32")


@converter("QuantizeLinear", since=10)
def quantize_linear(g: Graph, node: OnnxNode) -> Tensor:
    """ONNX QuantizeLinear to 8 or 16 bits -> TF RealDiv, Round, AddV2, Maximum, Minimum."""
    node.ignore("saturate")
    rank, block = node.rank(), node.integer("block_size", 0)
    if node.integer("precision", 0) not in (0, TensorProto.FLOAT):
        raise node.refuse("other than float is not supported", "precision")
    axis = node.integer("axis", 1)
    axis = axis % rank if rank else 0
    scale = _laid_out(g, node, node[1], axis, block, rank)
    zero = node.get(2)
    kind = node.elem_type(2) if zero is not None else node.integer("output_dtype", 0)
    node.ignore("output_dtype")
    limits = _limits(node, kind or TensorProto.UINT8)
    if zero is not None:
        zero = _laid_out(g, node, zero, axis, block, rank)
    x = g.add("RealDiv", g.cast(node[0], "float32"), g.cast(scale, "float32"))
    return quantized(g, x, zero, limits)


@converter("DequantizeLinear", since=10)
def dequantize_linear(g: Graph, node: OnnxNode) -> Tensor:
    """ONNX DequantizeLinear -> TF Sub, Cast, Mul."""
    node.ignore("output_dtype")
    rank, block = node.rank(), node.integer("block_size", 0)
    axis = node.integer("axis", 1)
    axis = axis % rank if rank else 0
    scale, zero, x = _laid_out(g, node, node[1], axis, block, rank), node.get(2), node[0]
    if zero is not None:
        x = g.add("Sub", x, _laid_out(g, node, zero, axis, block, rank))
    return g.add("Mul", g.cast(x, "float32"), scale)


def _centred(g: Graph, x: Tensor, zero: Tensor | None, rows: bool = False) -> Tensor:
    """Integers less their zero point, as float32, which holds them exactly."""
    if zero is not None:
        if rows and zero.rank == 1:
            zero = g.reshape(zero, [-1, 1])
        x = g.add("Sub", x, zero)
    return g.cast(x, "float32")


def _exact(node: OnnxNode, terms: int) -> None:
    """Refuse sums that float32 would round: those of `terms` products of two numbers of 9 bits."""
    if terms * 255 * 255 > 2**24:
        raise node.refuse(f"sums {terms} products, which float32 does not hold exactly")


@converter("MatMulInteger", since=10)
def matmul_integer(g: Graph, node: OnnxNode) -> Tensor:
    """ONNX MatMulInteger -> TF Sub, Cast, BatchMatMulV2, Cast."""
    _exact(node, node.static(1)[-2])
    a = _centred(g, node[0], node.get(2), rows=True)
    return g.cast(product(g, a, _centred(g, node[1], node.get(3))), "int32")


@converter("QLinearMatMul", since=10)
def qlinear_matmul(g: Graph, node: OnnxNode) -> Tensor:
    """ONNX QLinearMatMul -> TF Sub, Cast, BatchMatMulV2, Mul, Round, Maximum, Minimum."""
    _exact(node, node.static(3)[-2])
    a = _centred(g, node[0], node[2], rows=True)
    total = product(g, a, _centred(g, node[3], node[5]))
    left = node[1] if node[1].rank != 1 else g.reshape(node[1], [-1, 1])
    scale = g.add("RealDiv", g.add("Mul", left, node[4]), node[6])
    limits = _limits(node, node.elem_type(7))
    return quantized(g, g.add("Mul", total, scale), node[7], limits)


@converter("ConvInteger", since=10)
def conv_integer(g: Graph, node: OnnxNode) -> Tensor:
    """ONNX ConvInteger -> TF Sub, Cast, Conv2D, Cast."""
    _exact(node, int(np.prod(node.static(1)[1:])))
    x, weight = _centred(g, node[0], node.get(2)), _filters(g, node, 1, 3)
    return g.cast(conv_of(g, node, x, weight, None), "int32")


@converter("QLinearConv", since=10)
def qlinear_conv(g: Graph, node: OnnxNode) -> Tensor:
    """ONNX QLinearConv -> TF Sub, Cast, Conv2D, Mul, Round, Maximum, Minimum."""
    _exact(node, int(np.prod(node.static(3)[1:])))
    x, weight, rank = _centred(g, node[0], node[2]), _filters(g, node, 3, 5), node.rank()
    bias = node.get(8)
    total = conv_of(g, node, x, weight, None if bias is None else g.cast(bias, "float32"))
    scale = g.add("RealDiv", g.add("Mul", node[1], node[4]), node[6])
    if scale.rank == 1:
        scale = g.reshape(scale, [-1, *[1] * (rank - 2)])
    limits = _limits(node, node.elem_type(7))
    return quantized(g, g.add("Mul", total, scale), node[7], limits)


def _filters(g: Graph, node: OnnxNode, weight: int, zero: int) -> Tensor:
    """Filters less their zero point, which may be one for each."""
    given = node.get(zero)
    if given is not None and given.rank == 1:
        given = g.reshape(given, [-1, *[1] * (node.rank(weight) - 1)])
    return _centred(g, node[weight], given)
