"""Products of matrices."""

from __future__ import annotations

from ..errors import MisfitError
from ..graph import Graph, Tensor
from ..onnx_node import OnnxNode
from ..registry import converter
from .common import expand, squeeze


@converter("MatMul")
def matmul(g: Graph, node: OnnxNode) -> Tensor:
    """ONNX MatMul, as NumPy's -> TF BatchMatMulV2."""
    return product(g, node[0], node[1])


def product(g: Graph, a: Tensor, b: Tensor) -> Tensor:
    """NumPy's matmul; vectors become matrices for the while."""
    if a.rank is None or b.rank is None:
        raise MisfitError("the rank of an operand is not known")
    if a.rank == 0 or b.rank == 0:
        raise MisfitError("an operand is a scalar")
    left, right = a.rank == 1, b.rank == 1
    a = expand(g, a, 0) if left else a
    b = expand(g, b, 1) if right else b
    result = _batched(g, a, b)
    assert result.rank is not None
    gone = [result.rank - 2] * left + [result.rank - 1] * right
    return squeeze(g, result, gone)


def _batched(g: Graph, a: Tensor, b: Tensor) -> Tensor:
    assert a.shape is not None
    assert b.shape is not None
    if len(a.shape) == len(b.shape) == 2:
        return g.add("MatMul", a, b)
    first, second = a.shape[:-2], b.shape[:-2]
    single = all(d == 1 for d in first) or all(d == 1 for d in second)
    equal = first == second and None not in first
    if not single and not equal:
        # TF.js's CPU kernel takes batch i of each operand modulo its own batches, which is
        # right only where one operand has a single batch or both have the same.
        shape = g.add("BroadcastArgs", _head(g, a), _head(g, b))
        a, b = _spread(g, a, shape), _spread(g, b, shape)
    return g.add("BatchMatMulV2", a, b)


def _head(g: Graph, x: Tensor) -> Tensor:
    """The batch dimensions of a stack of matrices."""
    return g.vector(g.dims(x)[:-2])


def _spread(g: Graph, x: Tensor, batch: Tensor) -> Tensor:
    tail = g.vector(g.dims(x)[-2:])
    return g.broadcast(x, g.add("ConcatV2", batch, tail, g.const(0), N=2))


@converter("Gemm", since=7)
def gemm(g: Graph, node: OnnxNode) -> Tensor:
    """ONNX Gemm: alpha * A' * B' + beta * C -> TF MatMul, Mul, AddV2."""
    alpha, beta = node.real("alpha", 1.0), node.real("beta", 1.0)
    weight, transposed = node[1], node.flag("transB")
    if transposed and weight.value is not None:
        # Turned round now: only a product without transposition takes its bias in everywhere.
        weight, transposed = g.transpose(weight, (1, 0)), False
    x = g.add("MatMul", node[0], weight, transpose_a=node.flag("transA"), transpose_b=transposed)
    if x.dtype != "float32" and (alpha != int(alpha) or beta != int(beta)):
        raise node.refuse("of integers takes whole numbers only", "alpha")
    x = x if alpha == 1.0 else g.add("Mul", x, g.scalar(alpha, x))
    bias = node.get(2)
    if bias is None:
        return x
    return g.add("AddV2", x, bias if beta == 1.0 else g.add("Mul", bias, g.scalar(beta, bias)))
