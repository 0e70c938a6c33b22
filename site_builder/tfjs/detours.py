"""The last pass: ways around kernels that are wrong on a backend.

TF.js 4.22's kernels give wrong answers for some dtypes and numbers, most of them in WebAssembly;
each function here says for which, and composes the same of kernels that are right on every backend.
"""

from __future__ import annotations

from collections.abc import Callable

import numpy as np

from .graph import Graph, Node, Tensor
from .odd_numbers import undefined
from .rewriting import Rewriter
from .shapes import ints

Detour = Callable[[Graph, Node, list[Tensor]], Tensor | None]
"""Gives the result of a node on its operands; None where the kernel itself is right."""

_HALF = 2**16


def avoid_faults(graph: Graph) -> Graph:
    """The same graph, of which every backend computes the same. To be run once, and last."""
    return _Detours(graph).run()


class _Detours(Rewriter):
    def __init__(self, old: Graph) -> None:
        super().__init__(old)
        self._undefined = undefined(self.old)

    def visit(self, node: Node) -> None:
        detour = DETOURS.get(node.op)
        if node.name in self._undefined:
            detour = WHERE_UNDEFINED.get(node.op, detour)
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


def _relu(g: Graph, _: Node, inputs: list[Tensor]) -> Tensor:
    """Relu compares bits, so that what is not a number becomes zero where its sign bit is set.

    x86 sets it on what it computes from numbers, as in 0 / 0. Maximum takes twenty times as long,
    so that it stands only behind operations that do so.
    """
    x = inputs[0]
    return g.add("Maximum", x, g.scalar(0, x))


def _relu6(g: Graph, _: Node, inputs: list[Tensor]) -> Tensor:
    """Relu6 gives zero for what is not a number."""
    x = inputs[0]
    return g.add("Minimum", g.add("Maximum", x, g.scalar(0, x)), g.scalar(6, x))


def _average(g: Graph, node: Node, inputs: list[Tensor]) -> Tensor:
    """AvgPool gives minus infinity for windows that hold what is not a number.

    A depthwise convolution with equal weights is right, and much quicker on the CPU.
    """
    x = inputs[0]
    (_, height, width, _), strides = (_four(node, name) for name in ("ksize", "strides"))
    if (height, width, *strides) == (1,) * 6:
        return x
    dims = g.vector([height, width, g.dim(x, 3), 1])
    return g.add(
        "DepthwiseConv2dNative",
        x,
        g.add("Fill", dims, g.scalar(1 / (height * width), x)),
        strides=strides,
        padding=node.attrs["padding"],
        data_format="NHWC",
        dilations=[1, 1, 1, 1],
    )


def _four(node: Node, name: str) -> list[int]:
    value = node.attrs[name]
    assert isinstance(value, list)
    return [int(size) for size in value]


def _scale(g: Graph, node: Node, inputs: list[Tensor]) -> Tensor | None:
    """A convolution by one number a channel gives minus infinity for what is not a number."""
    x, weight = inputs
    if not scales(weight, node) or node.attrs["padding"] == "EXPLICIT":
        return None
    assert weight.static is not None
    return g.add("Mul", x, g.reshape(weight, [weight.static[2]]))


def scales(weight: Tensor, node: Node) -> bool:
    """Whether a convolution multiplies each channel by a number of its own, and no more."""
    shape = weight.static
    if shape is None or shape[:2] != (1, 1) or shape[3] != 1 or node.attrs["strides"] != [1] * 4:
        return False
    return node.op == "DepthwiseConv2dNative" or shape[2] == 1


# Mul of int32 goes through JavaScript's numbers, which have 53 binary digits.
_EXACT = 53
# From the first digit to the last: of any int32, and of one that is as large as no tensor is.
_ANY, _PLACE = 31, 26
_JOINED = ("ConcatV2", "Fill", "Pack")
_MOVED = (
    *("ExpandDims", "GatherV2", "Identity", "Reshape", "ReverseV2", "Slice", "SplitV", "Squeeze"),
    *("StridedSlice", "Tile", "Transpose"),
)
_DEPTH = 12


def _mul(g: Graph, _: Node, inputs: list[Tensor]) -> Tensor | None:
    """Mul of int32 is short of its lower digits on the CPU, from 2^53 on."""
    a, b = inputs
    return _times(g, a, b) if a.dtype == "int32" else None


def _times(g: Graph, a: Tensor, b: Tensor) -> Tensor:
    """A product of int32 that wraps; by halves where all digits do not fit."""
    if _digits(g, a) + _digits(g, b) <= _EXACT:
        return g.add("Mul", a, b)
    half = g.scalar(_HALF, b)
    low = g.add("FloorMod", b, half)
    high = g.add("FloorDiv", g.add("Sub", b, low), half)
    return g.add("AddV2", g.add("Mul", g.add("Mul", a, high), half), g.add("Mul", a, low))


def _digits(g: Graph, x: Tensor, depth: int = _DEPTH) -> int:
    """How many binary digits there are at most from the first one to the last."""
    if x.value is not None:
        sizes = {abs(int(n)) for n in np.unique(x.value)} - {0}
        return max((size // (size & -size)).bit_length() for size in sizes) if sizes else 0
    node = g.nodes[x.node]
    operands = [g.tensors[name] for name in node.inputs]
    if node.op in _MOVED and depth:
        return _digits(g, operands[0], depth - 1)
    if node.op in _JOINED and depth:
        return max(_digits(g, y, depth - 1) for y in operands)
    if node.op in ("ArgMax", "ArgMin", "Shape"):
        return _PLACE
    if node.op == "Sign":
        return 1
    if node.op == "FloorMod" and operands[1].value is not None:
        return (int(np.abs(operands[1].value.astype(np.int64)).max(initial=1)) - 1).bit_length()
    if node.op == "Cast":
        return {"bool": 1, "float32": 24}[operands[0].dtype]
    if node.op == "Mul" and depth:
        return min(_ANY, sum(_digits(g, y, depth - 1) for y in operands))
    return _ANY


def _neg(g: Graph, _: Node, inputs: list[Tensor]) -> Tensor | None:
    """Neg of int32 goes through float32."""
    x = inputs[0]
    return g.add("Sub", g.scalar(0, x), x) if x.dtype == "int32" else None


def _sine(g: Graph, _: Node, inputs: list[Tensor]) -> Tensor:
    """Sin is off by 0.0004 from 1e12 on and means nothing from 1e15 on; Tan is right everywhere.

    sin x = 2 t / (1 + t^2) and cos x = (1 - t) (1 + t) / (1 + t^2), where t = tan(x / 2).
    """
    t, norm = _half_tangent(g, inputs[0])
    return g.add("RealDiv", g.add("AddV2", t, t), norm)


def _cosine(g: Graph, _: Node, inputs: list[Tensor]) -> Tensor:
    """See `_sine`."""
    t, norm = _half_tangent(g, inputs[0])
    one = g.scalar(1, t)
    return g.add("RealDiv", g.add("Mul", g.add("Sub", one, t), g.add("AddV2", t, one)), norm)


def _half_tangent(g: Graph, x: Tensor) -> tuple[Tensor, Tensor]:
    t = g.add("Tan", g.add("Mul", x, g.scalar(0.5, x)))
    return t, g.add("AddV2", g.add("Square", t), g.scalar(1, t))


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
    products = _times(g, left, right)
    return g.add("Sum", products, g.const([max(a.rank, b.rank) - 1], "int32"), keep_dims=False)


_TURNS = (("transpose_a", "adj_x"), ("transpose_b", "adj_y"))

DETOURS: dict[str, Detour] = {
    "AvgPool": _average,
    "BatchMatMulV2": _product,
    "Conv2D": _scale,
    "Cos": _cosine,
    "DepthwiseConv2dNative": _scale,
    "FloorDiv": _floor_div,
    "MatMul": _product,
    "Maximum": _extreme,
    "Minimum": _extreme,
    "Mul": _mul,
    "Neg": _neg,
    "Relu6": _relu6,
    "ReverseV2": _reverse,
    "SelectV2": _select,
    "Sign": _sign,
    "Sin": _sine,
    "StridedSlice": _strided_slice,
}

#: Those of operations on what `odd_numbers.undefined` names.
WHERE_UNDEFINED: dict[str, Detour] = {"Relu": _relu}
