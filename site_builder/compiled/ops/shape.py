"""What moves numbers about and computes none: mostly other ways to count places."""

from __future__ import annotations

import math
from collections.abc import Sequence
from typing import Any

import numpy as np
from numpy.typing import NDArray

from .. import extents
from ..extents import ONE, ZERO, Extent, extent, floor_div, product, strides
from ..lowering import Operation, broadcast_shapes, lowers
from ..scalars import Index, Scalar
from ..values import Place, Reader, Shape, Value, Write, symbolic
from .common import apply, at_least, axis_of, cast, less, spread


@lowers("Shape")
def _shape(op: Operation) -> Value:
    made = np.empty(len(op[0].shape), object)
    made[:] = op[0].shape
    return of_sizes(op, made)


def of_sizes(op: Operation, symbols: NDArray[Any]) -> Value:
    """An int32 tensor of numbers that are known when the program starts."""

    def element(reader: Reader, place: Place) -> Scalar:
        pool = reader.pool
        found = pool.place(Index((), symbols.flat[-1] if symbols.size else ZERO))
        flat = Index()
        for index, step in zip(place, strides(tuple(map(extent, symbols.shape))), strict=True):
            flat = flat + index * step
        if not flat.terms and (at := flat.offset.number) is not None:
            return pool.place(Index((), symbols.flat[at]))
        for at in range(symbols.size - 2, -1, -1):
            here = apply(pool, "Equal", pool.place(flat), pool.number(at, "int32"))
            found = pool.make(
                "select", here, pool.place(Index((), symbols.flat[at])), found, dtype="int32"
            )
        return found

    value = op.make("int32", symbols.shape, element, cost=symbols.size)
    value.symbols = symbols
    return value


def reshaped(op: Operation, x: Value, shape: Shape) -> Value:
    """The same elements in the same order, under another shape."""
    pairs = _long_axes(x.shape, shape)
    if pairs is not None:
        # Only axes of length 1 come or go.
        def element(reader: Reader, place: Place) -> Scalar:
            moved = [Index()] * len(x.shape)
            for old, new in pairs:
                moved[old] = place[new]
            return reader.read(x, tuple(moved))

        value = op.make(x.dtype, shape, element, x)
        value.same_order = True
    elif x.array is not None:
        numbers = [size.number for size in shape]
        if None in numbers:
            raise op.declined("a constant takes a shape that only the page knows")
        value = Value(op.node.name, x.dtype, shape, array=x.array.reshape(numbers))  # type: ignore[arg-type]
    else:
        base = x
        while base.same_order or base.flat:
            base = base.sources[0]
        value = op.make(x.dtype, shape, _never, base)
        value.flat = True
        base.stored = True
    if x.symbols is not None and all(size.number is not None for size in shape):
        value.symbols = x.symbols.reshape([size.number for size in shape])
    return value


def _never(reader: Reader, place: Place) -> Scalar:
    raise NotImplementedError("a reader takes the elements of a flat tensor by their order")


def _long_axes(a: Shape, b: Shape) -> list[tuple[int, int]] | None:
    """Axes of the one that are axes of the other, if all that are not of length 1 are."""
    one = [axis for axis, size in enumerate(a) if size.number != 1]
    other = [axis for axis, size in enumerate(b) if size.number != 1]
    if [a[axis] for axis in one] != [b[axis] for axis in other]:
        return None
    return list(zip(one, other, strict=True))


@lowers("Reshape")
def _reshape(op: Operation) -> Value:
    wanted = op.sizes(1)
    known = [ONE if size.number == -1 else size for size in wanted]
    if any(size.number == -1 for size in wanted):
        rest = quotient(product(op[0].shape), product(known))
        known = [rest if size.number == -1 else size for size in wanted]
    return reshaped(op, op[0], tuple(known))


def quotient(a: Extent, b: Extent) -> Extent:
    """a / b, where b is known to divide a: common factors go first."""
    if len(b.terms) == 1:
        (monomial, count), = b.terms
        terms = {}
        for factors, number in a.terms:
            left = list(factors)
            for atom in monomial:
                if atom not in left:
                    return floor_div(a, b)
                left.remove(atom)
            if number % count:
                return floor_div(a, b)
            terms[tuple(left)] = number // count
        return Extent(terms)
    return floor_div(a, b)


@lowers("ExpandDims")
def _expand(op: Operation) -> Value:
    at = axis_of(op.numbers(1)[0], len(op[0].shape) + 1)
    return reshaped(op, op[0], (*op[0].shape[:at], ONE, *op[0].shape[at:]))


@lowers("Squeeze")
def _squeeze(op: Operation) -> Value:
    shape = op[0].shape
    gone = {axis_of(axis, len(shape)) for axis in op.ints("squeeze_dims")}
    if not gone:
        gone = {axis for axis, size in enumerate(shape) if size.number == 1}
    kept = [axis for axis in range(len(shape)) if axis not in gone]

    def element(reader: Reader, place: Place) -> Scalar:
        moved = [Index()] * len(shape)
        for old, index in zip(kept, place, strict=True):
            moved[old] = index
        return reader.read(op[0], tuple(moved))

    value = op.make(op[0].dtype, [shape[axis] for axis in kept], element, op[0])
    if op[0].symbols is not None:
        value.symbols = np.squeeze(op[0].symbols, tuple(gone))
    return value


@lowers("Transpose")
def _transpose(op: Operation) -> Value:
    perm = [axis_of(axis, len(op[0].shape)) for axis in op.numbers(1)]

    def element(reader: Reader, place: Place) -> Scalar:
        moved = [Index()] * len(perm)
        for new, old in enumerate(perm):
            moved[old] = place[new]
        return reader.read(op[0], tuple(moved))

    return op.make(op[0].dtype, [op[0].shape[axis] for axis in perm], element, op[0])


@lowers("BroadcastTo")
def _broadcast(op: Operation) -> Value:
    # TF.js broadcasts to what both shapes broadcast to, as ONNX's Expand does.
    x, wide = op[0], broadcast_shapes(op[0].shape, tuple(op.sizes(1)))
    value = op.make(x.dtype, wide, lambda r, p: r.read(x, spread(p, x.shape, wide)), x)
    numbers = [size.number for size in wide]
    if x.symbols is not None and None not in numbers and math.prod(n or 0 for n in numbers) <= 64:
        value.symbols = np.broadcast_to(x.symbols, [n or 0 for n in numbers])
    return value


@lowers("BroadcastArgs")
def _broadcast_args(op: Operation) -> Value:
    shapes = [tuple(op.sizes(at)) for at in (0, 1)]
    made = broadcast_shapes(*shapes)
    symbols = np.empty(len(made), object)
    symbols[:] = made
    return of_sizes(op, symbols)


@lowers("Tile")
def _tile(op: Operation) -> Value:
    x, times = op[0], op.sizes(1)

    def element(reader: Reader, place: Place) -> Scalar:
        pool, moved = reader.pool, []
        for index, size, often in zip(place, x.shape, times, strict=True):
            if often.number == 1:
                moved.append(index)
            elif size.number == 1:
                moved.append(Index())
            else:
                whole = pool.place(Index((), size))
                moved.append(pool.index_of(apply(pool, "FloorMod", pool.place(index), whole)))
        return reader.read(x, tuple(moved))

    shape = [size * often for size, often in zip(x.shape, times, strict=True)]
    return op.make(x.dtype, shape, element, x, cost=2)


@lowers("Fill")
def _fill(op: Operation) -> Value:
    shape = op.sizes(0)
    value = op.make(op[1].dtype, shape, lambda reader, place: reader.read(op[1], ()), op[1])
    numbers = [size.number for size in shape]
    if op[1].symbols is not None and None not in numbers:
        value.symbols = np.full([n or 0 for n in numbers], op[1].symbols.item(), object)
    return value


@lowers("Range")
def _range(op: Operation) -> Value:
    start, stop, step = op.inputs
    if op[0].dtype == "int32":
        first, end, by = (op.sizes(at)[0] for at in range(3))
        count = extents.maximum(ZERO, floor_div(end - first + by - (1 if _rises(op, by) else -1), by))
        if first == ZERO and by == ONE:
            count = end  # a size is not below 0
    else:
        bounds = [float(x.array) for x in op.inputs if x.array is not None]
        if len(bounds) < 3:
            raise op.declined("its bounds are only known while it runs")
        count = extent(max(0, math.ceil((bounds[1] - bounds[0]) / bounds[2])))

    def element(reader: Reader, place: Place) -> Scalar:
        pool = reader.pool
        far = apply(pool, "Mul", cast(pool, pool.place(place[0]), start.dtype), reader.read(step, ()))
        if op[0].dtype == "int32":
            return pool.place(place[0] * by + first)
        return apply(pool, "AddV2", reader.read(start, ()), far)

    value = op.make(start.dtype, (count,), element, start, stop, step, cost=1)
    if op[0].dtype == "int32" and count.number is not None and count.number <= 64:
        value.symbols = np.empty(count.number, object)
        value.symbols[:] = [first + by * at for at in range(count.number)]
    return value


def _rises(op: Operation, by: Extent) -> bool:
    if by.number is None or by.number == 0:
        raise op.declined("its step is only known while it runs")
    return by.number > 0


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
    symbols = [x.symbols for x in parts]
    if all(each is not None for each in symbols) and sum(each.size for each in symbols) <= 64:  # type: ignore[union-attr]
        join = np.stack if op.node.op == "Pack" else np.concatenate
        value.symbols = join(symbols, axis)  # type: ignore[arg-type]
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
    op: Operation, x: Value, begin: Sequence[Extent], step: Sequence[int], shape: Shape, output: int = 0
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
    if any(int(str(op.attrs.get(f"{name}_mask", 0))) for name in ("ellipsis", "new_axis", "shrink_axis")):
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
        made.append(sliced(op, x, begin, [1] * len(shape), shape, output))
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
    before = pads[::2]
    shape = tuple(
        size + a + b for size, a, b in zip(x.shape, before, pads[1::2], strict=True)
    )

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


_ = symbolic
