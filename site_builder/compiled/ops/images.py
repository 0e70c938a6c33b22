"""Convolutions and pools, over images (batch, height, width, channels) and volumes."""

from __future__ import annotations

from collections.abc import Sequence

from ..extents import Extent, extent, floor_div, product
from ..lowering import Operation, lowers
from ..scalars import Index, Scalar
from ..values import Place, Reader, Value
from .common import apply, at_least, cast, less
from .reduction import finished


def _window(op: Operation, name: str) -> list[int]:
    """The spatial part of an attribute that has an entry an axis."""
    return op.ints(name)[1:-1] if name in op.attrs else [1] * (len(op[0].shape) - 2)


def _pads(op: Operation, rank: int) -> tuple[list[int], list[int]]:
    kind = op.attrs.get("padding", "VALID")
    if kind == "VALID":
        return [0] * rank, [0] * rank
    if kind == "EXPLICIT":
        every = op.ints("explicit_paddings")
        return every[2:-2:2], every[3:-2:2]
    raise op.declined(f"with padding {kind} it is not compiled")


def _counts(
    image: Sequence[Extent], kernel: Sequence[Extent], strides: Sequence[int],
    dilations: Sequence[int], pads: tuple[Sequence[int], Sequence[int]],
) -> list[Extent]:  # fmt: skip
    """How many windows there are along each axis."""
    made = []
    for axis, size in enumerate(image):
        span = (kernel[axis] - 1) * dilations[axis] + 1
        room = size + pads[0][axis] + pads[1][axis] - span
        made.append(floor_div(room, extent(strides[axis])) + 1)
    return made


@lowers("Conv2D", "_FusedConv2D", "Conv3D", "DepthwiseConv2dNative", "FusedDepthwiseConv2dNative")
def _convolve(op: Operation) -> Value:
    x, weight = op[0], op[1]
    rank = len(x.shape) - 2
    strides, dilations, pads = _window(op, "strides"), _window(op, "dilations"), _pads(op, rank)
    deep = "Depthwise" in op.node.op
    kernel = weight.shape[:rank]
    if "dilations" not in op.attrs:
        dilations = [1] * rank
    counts = _counts(x.shape[1:-1], kernel, strides, dilations, pads)
    multiplier = weight.shape[-1]
    filters = weight.shape[-2] * multiplier if deep else multiplier
    x.stored = weight.stored = True  # each number is read once for every filter

    def element(reader: Reader, place: Place) -> Scalar:
        pool = reader.pool
        batch, *spots, filter_ = place

        def over(at: Place) -> list[Index]:
            return [
                spot * stride + tap * dilation + -before
                for spot, stride, tap, dilation, before in zip(
                    spots, strides, at, dilations, pads[0], strict=False
                )
            ]

        def guards(at: Place) -> list[Scalar]:
            return [
                guard
                for axis, index in enumerate(over(at))
                if pads[0][axis] or pads[1][axis]
                for guard in (at_least(reader, index, 0), less(reader, index, x.shape[1 + axis]))
            ]

        def body(at: Place) -> Scalar:
            if not deep:
                value = reader.read(x, (batch, *over(at), at[rank]))
                return apply(pool, "Mul", value, reader.read(weight, (*at, filter_)))
            if multiplier.number == 1:
                channel, part = filter_, Index()
            else:
                by = pool.place(Index((), multiplier))
                flat = pool.place(filter_)
                channel = pool.index_of(apply(pool, "FloorDiv", flat, by))
                part = pool.index_of(apply(pool, "FloorMod", flat, by))
            value = reader.read(x, (batch, *over(at), channel))
            return apply(pool, "Mul", value, reader.read(weight, (*at, channel, part)))

        loops = kernel if deep else (*kernel, weight.shape[rank])
        return reader.reduce("sum", loops, body, guards)

    shape = (x.shape[0], *counts, filters)
    made = Value(op.node.name, x.dtype, shape, (x, weight), element, cost=2, stored=True)
    return finished(op, made, list(op.inputs[2:]))


@lowers("MaxPool", "AvgPool", "AvgPool3D")
def _pool(op: Operation) -> Value:
    x = op[0]
    rank = len(x.shape) - 2
    kernel, strides, pads = _window(op, "ksize"), _window(op, "strides"), _pads(op, rank)
    sizes = [extent(size) for size in kernel]
    counts = _counts(x.shape[1:-1], sizes, strides, [1] * rank, pads)
    if any(pads[0]) or any(pads[1]):
        raise op.declined("with padding it is not compiled")
    x.stored = True

    def element(reader: Reader, place: Place) -> Scalar:
        batch, *spots, channel = place

        def body(at: Place) -> Scalar:
            seen = [spot * by + tap for spot, by, tap in zip(spots, strides, at, strict=True)]
            return reader.read(x, (batch, *seen, channel))

        if op.node.op == "MaxPool":
            return reader.reduce("max", sizes, body)
        pool = reader.pool
        whole = cast(pool, pool.place(Index((), product(sizes))), x.dtype)
        return apply(pool, "RealDiv", reader.reduce("sum", sizes, body), whole)

    return op.make(x.dtype, (x.shape[0], *counts, x.shape[-1]), element, x, cost=1, stored=True)


@lowers("Conv2DBackpropInput")
def _transposed(op: Operation) -> Value:
    """Each output gathers from the inputs whose windows it lies in."""
    shape, weight, x = tuple(op.sizes(0)), op[1], op[2]
    strides = _window(op, "strides")
    if op.attrs.get("padding", "VALID") != "VALID":
        raise op.declined(f"with padding {op.attrs['padding']} it is not compiled")
    x.stored = weight.stored = True

    def element(reader: Reader, place: Place) -> Scalar:
        pool = reader.pool
        batch, *spots, channel = place

        def behind(at: Place) -> list[Index]:
            return [spot + tap * -1 for spot, tap in zip(spots, at, strict=False)]

        def sources(at: Place) -> list[Index]:
            found = []
            for index, stride in zip(behind(at), strides, strict=True):
                by = pool.number(stride, "int32")
                whole = apply(pool, "FloorDiv", pool.place(index), by)
                found.append(index if stride == 1 else pool.index_of(whole))
            return found

        def guards(at: Place) -> list[Scalar]:
            made = []
            for axis, (index, stride) in enumerate(zip(behind(at), strides, strict=True)):
                made.append(at_least(reader, index, 0))
                made.append(less(reader, index, x.shape[1 + axis] * stride))
                if stride > 1:
                    rest = apply(pool, "FloorMod", pool.place(index), pool.number(stride, "int32"))
                    made.append(apply(pool, "Equal", rest, pool.number(0, "int32")))
            return made

        def body(at: Place) -> Scalar:
            value = reader.read(x, (batch, *sources(at), at[2]))
            return apply(pool, "Mul", value, reader.read(weight, (at[0], at[1], channel, at[2])))

        return reader.reduce("sum", (*weight.shape[:2], weight.shape[3]), body, guards)

    return op.make(x.dtype, shape, element, weight, x, cost=2, stored=True)
