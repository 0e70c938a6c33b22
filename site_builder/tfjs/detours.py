"""The last pass: ways around kernels that are wrong on a backend.

TF.js 4.22's WebAssembly kernels give wrong answers for some dtypes and numbers; each function here
says for which, and composes the same of kernels that are right on every backend.
"""

from __future__ import annotations

from collections.abc import Callable

import numpy as np

from .graph import Graph, Node, Tensor
from .rewriting import Rewriter
from .shapes import ints

Detour = Callable[[Graph, Node, list[Tensor]], Tensor | None]
"""Gives the result of a node on its operands; None where the kernel itself is right."""

_HALF = 2**16


def avoid_faults(graph: Graph) -> Graph:
    """The same graph, of which every backend computes the same. To be run once, and last."""
    return _Detours(graph).run()


class _Detours(Rewriter):
    def visit(self, node: Node) -> None:
        detour = DETOURS.get(node.op)
        made = detour(self.new, node, [self.tensor(n) for n in node.inputs]) if detour else None
        if made is None:
            super().visit(node)
        else:
            self.give(node.name, made)


def _select(g: Graph, _: Node, inputs: list[Tensor]) -> Tensor | None:
    """SelectV2 of truth values mixes them up, and writes past its memory: by way of int32."""
    condition, yes, no = inputs
    if yes.dtype != "bool":
        return None
    chosen = g.add("SelectV2", condition, g.cast(yes, "int32"), g.cast(no, "int32"))
    return g.cast(chosen, "bool")


def _reverse(g: Graph, _: Node, inputs: list[Tensor]) -> Tensor | None:
    """ReverseV2 of truth values reads past its memory: by way of int32."""
    x, axes = inputs
    if x.dtype != "bool":
        return None
    return g.cast(g.add("ReverseV2", g.cast(x, "int32"), axes), "bool")


def _strided_slice(g: Graph, node: Node, inputs: list[Tensor]) -> Tensor | None:
    """StridedSlice gives float32, whatever it gets: by way of float32.

    A number of 32 bits has more digits than float32: its upper and lower half go separately.
    """
    x, begin, end, strides = inputs
    steps = ints(strides)
    if x.dtype == "float32" or (steps is not None and all(step == 1 for step in steps)):
        return None

    attrs = {key: value for key, value in node.attrs.items() if key not in ("T", "Index")}

    def part(value: Tensor) -> Tensor:
        real = g.cast(value, "float32")
        taken = g.add_many("StridedSlice", real, begin, end, strides, **attrs)  # type: ignore[arg-type]
        return g.cast(taken[0], x.dtype)

    if x.dtype == "bool":
        return part(x)
    half = g.scalar(_HALF, x)
    low = g.add("FloorMod", x, half)
    # The rest is a multiple of the half, so that float32 holds it and the division is exact.
    high = g.add("FloorDiv", g.add("Sub", x, low), half)
    return g.add("AddV2", g.add("Mul", part(high), half), part(low))


def _floor_div(g: Graph, _: Node, inputs: list[Tensor]) -> Tensor | None:
    """FloorDiv of int32 goes through float32, and is short of digits from 2^24 on.

    FloorMod is exact. Without the remainder, what the quotient is off by is a whole number, small
    enough for float32; sums and products wrap, so that they are right even where they overflow.
    (For the divisor -2^31 and dividends next to it the correction itself would overflow.)
    """
    a, b = inputs
    if a.dtype != "int32":
        return None
    whole = g.add("Sub", a, g.add("FloorMod", a, b))
    near = g.add("FloorDiv", a, b)
    rest = g.add("Sub", whole, g.add("Mul", near, b))
    off = g.add("RealDiv", g.cast(rest, "float32"), g.cast(b, "float32"))
    return g.add("AddV2", near, g.cast(g.add("Round", off), "int32"))


def _extreme(g: Graph, node: Node, inputs: list[Tensor]) -> Tensor | None:
    """Maximum and Minimum overlook that their second operand is not a number."""
    a, b = inputs
    if a.dtype != "float32" or _numbers(b):
        return None
    if _numbers(a):
        return g.add(node.op, b, a)
    return g.add("SelectV2", g.add("IsNan", b), b, g.add(node.op, a, b))


def _numbers(x: Tensor) -> bool:
    return x.value is not None and not bool(np.isnan(x.value).any())


def _relu6(g: Graph, _: Node, inputs: list[Tensor]) -> Tensor | None:
    """Relu6 gives zero for what is not a number."""
    x = inputs[0]
    return g.add("Minimum", g.add("Maximum", x, g.scalar(0, x)), g.scalar(6, x))


def _neg(g: Graph, _: Node, inputs: list[Tensor]) -> Tensor | None:
    """Neg of int32 goes through float32."""
    x = inputs[0]
    return g.add("Sub", g.scalar(0, x), x) if x.dtype == "int32" else None


def _sign(g: Graph, _: Node, inputs: list[Tensor]) -> Tensor | None:
    """Sign of real numbers takes small ones, such as 1e-30, for zero."""
    x = inputs[0]
    if x.dtype != "float32":
        return None
    zero = g.scalar(0, x)
    above, below = g.add("Greater", x, zero), g.add("Less", x, zero)
    return g.add("Sub", g.cast(above, x.dtype), g.cast(below, x.dtype))


def _product(g: Graph, node: Node, inputs: list[Tensor]) -> Tensor | None:
    """MatMul and BatchMatMulV2 know only float32: products, then their sums."""
    a, b = inputs
    if a.dtype == "float32" or a.rank is None or b.rank is None:
        return None
    turned = [node.attrs.get(key) or node.attrs.get(other) for key, other in _TURNS]
    a, b = (
        g.transpose(x, [*range((x.rank or 0) - 2), (x.rank or 0) - 1, (x.rank or 0) - 2])
        if turn
        else x
        for x, turn in zip((a, b), turned, strict=True)
    )
    assert a.rank is not None
    assert b.rank is not None
    # [..., rows, inner, 1] by [..., 1, inner, columns]
    left = g.add("ExpandDims", a, g.const(a.rank))
    right = g.add("ExpandDims", b, g.const(b.rank - 2))
    products = g.add("Mul", left, right)
    return g.add("Sum", products, g.const([max(a.rank, b.rank) - 1], "int32"), keep_dims=False)


_TURNS = (("transpose_a", "adj_x"), ("transpose_b", "adj_y"))

DETOURS: dict[str, Detour] = {
    "BatchMatMulV2": _product,
    "FloorDiv": _floor_div,
    "MatMul": _product,
    "Maximum": _extreme,
    "Minimum": _extreme,
    "Neg": _neg,
    "Relu6": _relu6,
    "ReverseV2": _reverse,
    "SelectV2": _select,
    "Sign": _sign,
    "StridedSlice": _strided_slice,
}
