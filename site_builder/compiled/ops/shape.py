"""What moves numbers about and computes none: mostly other ways to count places."""

from __future__ import annotations

import math
from typing import Any

import numpy as np
from numpy.typing import NDArray

from .. import extents
from ..extents import ONE, ZERO, Extent, extent, floor_div, product, strides
from ..lowering import Operation, broadcast_shapes, lowers
from ..scalars import Index, Scalar
from ..values import Place, Reader, Shape, Value
from .common import apply, axis_of, cast, spread


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
    base = x  # without axes of length 1 that came and went, and other shapes on the way
    while base.same_order or base.flat:
        base = base.sources[0]
    pairs = _long_axes(base.shape, shape)
    if pairs is not None:
        # Only axes of length 1 come or go.
        def element(reader: Reader, place: Place) -> Scalar:
            moved = [Index()] * len(base.shape)
            for old, new in pairs:
                moved[old] = place[new]
            return reader.read(base, tuple(moved))

        value = op.make(x.dtype, shape, element, base)
        value.same_order = True
    elif x.array is not None:
        numbers = [size.number for size in shape]
        known = [number for number in numbers if number is not None]
        if len(known) < len(numbers):
            raise op.declined("a constant takes a shape that only the page knows")
        value = Value(op.node.name, x.dtype, shape, array=x.array.reshape(known))
    else:
        value = op.make(x.dtype, shape, _never, base)
        value.flat = True
        base.stored = True
    sizes = [size.number for size in shape if size.number is not None]
    if x.symbols is not None and len(sizes) == len(shape):
        value.symbols = x.symbols.reshape(sizes)
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
    """A / b, where b is known to divide a: common factors go first."""
    if len(b.terms) == 1:
        ((monomial, count),) = b.terms
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

    value = op.make(op[0].dtype, [op[0].shape[axis] for axis in perm], element, op[0])
    if op[0].symbols is not None:
        value.symbols = op[0].symbols.transpose(perm)
    return value


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
        count = extents.maximum(
            ZERO, floor_div(end - first + by - (1 if _rises(op, by) else -1), by)
        )
        if first == ZERO and by == ONE:
            count = end  # a size is not below 0
    else:
        bounds = [float(x.array) for x in op.inputs if x.array is not None]
        if len(bounds) < 3:
            raise op.declined("its bounds are only known while it runs")
        count = extent(max(0, math.ceil((bounds[1] - bounds[0]) / bounds[2])))

    def element(reader: Reader, place: Place) -> Scalar:
        pool = reader.pool
        far = apply(
            pool, "Mul", cast(pool, pool.place(place[0]), start.dtype), reader.read(step, ())
        )
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
