"""Tensors one behind another, parts of them, and what is put around them."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np

from .. import extents
from ..extents import ONE, ZERO, Extent, extent, floor_div
from ..lowering import Operation, lowers
from ..scalars import Scalar
from ..values import Place, Reader, Shape, Value, Write
from .common import at_least, axis_of, less


@lowers("ConcatV2")
def _concat(op: Operation) -> Value:
    *parts, _ = op.inputs
    axis = axis_of(op.numbers(len(parts))[0], len(parts[0].shape))
    return joined(op, parts, axis, [x.shape for x in parts], lambda x, place: place)


@lowers("Pack")
def _pack(op: Operation) -> Value:
    axis = axis_of(int(str(op.attrs["axis"])), len(op[0].shape) + 1)
    shapes = [(*x.shape[:axis], ONE, *x.shape[axis:]) for x in op.inputs]
    return joined(op, op.inputs, axis, shapes, lambda x, place: (*place[:axis], *place[axis + 1 :]))


def joined(
    op: Operation, parts: Sequence[Value], axis: int, shapes: Sequence[Shape], inner: Any
) -> Value:
    """Tensors one behind another along an axis."""
    writes: list[Write] = []
    behind = ZERO
    whole = list(broadcast_ends(shapes, axis))
    for x, shape in zip(parts, shapes, strict=True):

        def element(reader: Reader, place: Place, x: Value = x) -> Scalar:
            return reader.read(x, inner(x, place))

        def put(reader: Reader, place: Place, behind: Extent = behind) -> Place:
            return (*place[:axis], place[axis] + behind, *place[axis + 1 :])

        sizes = (*whole[:axis], shape[axis], *whole[axis + 1 :])
        writes.append(Write(sizes, element, put, (x,)))
        behind = behind + shape[axis]
    whole[axis] = behind
    value = Value(op.node.name, parts[0].dtype, tuple(whole), writes=tuple(writes), stored=True)
    symbols = [x.symbols for x in parts if x.symbols is not None]
    if len(symbols) == len(parts) and sum(each.size for each in symbols) <= 64:
        join: Any = np.stack if op.node.op == "Pack" else np.concatenate
        value.symbols = join(symbols, axis)
    return value


def broadcast_ends(shapes: Sequence[Shape], axis: int) -> Shape:
    """The sizes that shapes share, but for one axis."""
    known = list(shapes[0])
    for shape in shapes[1:]:
        for at, size in enumerate(shape):
            if at != axis and known[at].number is None and size.number is not None:
                known[at] = size
    return tuple(known)


def sliced(
    op: Operation,
    x: Value,
    begin: Sequence[Extent],
    step: Sequence[int],
    shape: Shape,
    output: int = 0,
) -> Value:
    """Every so manieth element from a beginning on."""

    def element(reader: Reader, place: Place) -> Scalar:
        parts = zip(place, begin, step, strict=True)
        return reader.read(x, tuple(index * by + start for index, start, by in parts))

    return op.make(x.dtype, shape, element, x, output=output)


@lowers("Slice")
def _slice(op: Operation) -> Value:
    x, begin, size = op[0], op.sizes(1), op.sizes(2)
    shape = [dim - start if count.number == -1 else count
             for dim, start, count in zip(x.shape, begin, size, strict=True)]  # fmt: skip
    value = sliced(op, x, begin, [1] * len(shape), tuple(shape))
    if x.symbols is not None and not any(n.number is None for n in (*begin, *shape)):
        cut = [slice(b.number, (b + n).number) for b, n in zip(begin, shape, strict=True)]
        value.symbols = x.symbols[tuple(cut)]
    return value


@lowers("StridedSlice")
def _strided(op: Operation) -> Value:
    x, steps = op[0], op.numbers(3)
    if any(
        int(str(op.attrs.get(f"{name}_mask", 0)))
        for name in ("ellipsis", "new_axis", "shrink_axis")
    ):
        raise op.declined("a mask of it is not compiled")
    first, last = (int(str(op.attrs.get(f"{name}_mask", 0))) for name in ("begin", "end"))
    begin, shape = [], []
    for axis, (dim, by) in enumerate(zip(x.shape, steps, strict=True)):
        start = None if first >> axis & 1 else op.sizes(1)[axis]
        stop = None if last >> axis & 1 else op.sizes(2)[axis]
        low, high = (ZERO, dim) if by > 0 else (extent(-1), dim - 1)
        start = (low if by > 0 else high) if start is None else _clipped(start, dim, low, high)
        stop = (high if by > 0 else low) if stop is None else _clipped(stop, dim, low, high)
        begin.append(start)
        far = stop - start if by > 0 else start - stop
        count = floor_div(far + (abs(by) - 1), extent(abs(by)))
        shape.append(count if far == dim else extents.maximum(ZERO, count))
    value = sliced(op, x, begin, steps, tuple(shape))
    if x.symbols is not None and len(shape) == 1 and begin[0].number is not None:
        count_ = shape[0].number
        if count_ is not None:
            value.symbols = x.symbols[[begin[0].number + at * steps[0] for at in range(count_)]]
    return value


def _clipped(bound: Extent, dim: Extent, low: Extent, high: Extent) -> Extent:
    """A bound counted from the front, within its axis."""
    if bound.number is not None:
        bound = bound + dim if bound.number < 0 else bound
    else:
        bound = extents.select(extents.compare("<", bound, ZERO), bound + dim, bound)
    return extents.minimum(extents.maximum(bound, low), high)


@lowers("SplitV")
def _split(op: Operation) -> list[Value]:
    x, sizes = op[0], op.sizes(1)
    axis = axis_of(op.numbers(2)[0], len(x.shape))
    made, behind = [], ZERO
    for output, size in enumerate(sizes):
        begin = [ZERO] * len(x.shape)
        begin[axis] = behind
        shape = (*x.shape[:axis], size, *x.shape[axis + 1 :])
        part = sliced(op, x, begin, [1] * len(shape), shape, output)
        first, count = behind.number, size.number
        if x.symbols is not None and first is not None and count is not None:
            part.symbols = x.symbols.take(range(first, first + count), axis)
        made.append(part)
        behind = behind + size
    return made


@lowers("ReverseV2")
def _reverse(op: Operation) -> Value:
    turned = {axis_of(axis, len(op[0].shape)) for axis in op.numbers(1)}
    begin = [size - 1 if axis in turned else ZERO for axis, size in enumerate(op[0].shape)]
    steps = [-1 if axis in turned else 1 for axis in range(len(begin))]
    return sliced(op, op[0], begin, steps, op[0].shape)


@lowers("PadV2")
def _pad(op: Operation) -> Value:
    x, pads, fill = op[0], op.sizes(1), op[2]
    if all(size.number == 0 for size in pads):
        # So TF.js is made to copy what a scatter is to be written into; here it copies itself.
        same = op.make(x.dtype, x.shape, lambda reader, place: reader.read(x, place), x)
        same.same_order = True
        return same
    before = pads[::2]
    shape = tuple(size + a + b for size, a, b in zip(x.shape, before, pads[1::2], strict=True))

    def blank(reader: Reader, place: Place) -> Scalar:
        return reader.read(fill, ())

    def put(reader: Reader, place: Place) -> Place:
        return tuple(index + a for index, a in zip(place, before, strict=True))

    writes = (
        Write(shape, blank, lambda reader, place: place, (fill,)),
        Write(x.shape, lambda reader, place: reader.read(x, place), put, (x,), over=True),
    )
    return Value(op.node.name, x.dtype, shape, writes=writes, stored=True)


@lowers("MirrorPad")
def _mirror(op: Operation) -> Value:
    x, pads = op[0], op.sizes(1)
    edge = 1 if op.attrs["mode"] == "reflect" or op.attrs["mode"] == "REFLECT" else 0

    def element(reader: Reader, place: Place) -> Scalar:
        pool, moved = reader.pool, []
        for index, size, before in zip(place, x.shape, pads[::2], strict=True):
            inside = index + before * -1
            left = pool.place(inside * -1 + (edge - 1))
            right = pool.place(inside * -1 + (size * 2 - 1 - edge))
            middle = pool.make(
                "select", less(reader, inside, size), pool.place(inside), right, dtype="int32"
            )
            moved.append(pool.index_of(pool.make(
                "select", at_least(reader, inside, 0), middle, left, dtype="int32"
            )))  # fmt: skip
        return reader.read(x, tuple(moved))

    shape = [size + a + b for size, a, b in zip(x.shape, pads[::2], pads[1::2], strict=True)]
    return op.make(x.dtype, shape, element, x, cost=6)
