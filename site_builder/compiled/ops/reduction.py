"""Sums and their like along axes, products of matrices, and running sums."""

from __future__ import annotations

from collections.abc import Callable

import numpy as np

from ..extents import ONE, ZERO, Extent, product
from ..lowering import Operation, broadcast_shapes, lowers
from ..scalars import Index, Scalar
from ..values import Place, Reader, Shape, Value, Write
from .common import apply, axis_of, cast, spread

_KINDS = {"Sum": "sum", "Mean": "sum", "Max": "max", "Min": "min", "Prod": "product",
          "All": "min", "Any": "max"}  # fmt: skip


@lowers(*_KINDS)
def _reduce(op: Operation) -> Value:
    x, name = op[0], op.node.op
    axes = sorted({axis_of(axis, len(x.shape)) for axis in op.numbers(1)}) if x.shape else []
    keep = bool(op.attrs.get("keep_dims", False))
    rest = [axis for axis in range(len(x.shape)) if axis not in axes]
    sizes = [x.shape[axis] for axis in axes]
    count = product(sizes)

    def element(reader: Reader, place: Place) -> Scalar:
        outer = [place[axis] for axis in rest] if keep else place
        pool = reader.pool

        def body(inner: Place) -> Scalar:
            at = [Index()] * len(x.shape)
            for axis, index in (*zip(rest, outer, strict=True), *zip(axes, inner, strict=True)):
                at[axis] = index
            return reader.read(x, tuple(at))

        found = body(()) if not axes else reader.reduce(_KINDS[name], sizes, body)
        if name != "Mean":
            return found
        whole = cast(pool, pool.place(Index((), count)), x.dtype)
        return apply(pool, "RealDiv", found, whole)

    kept = [ONE if axis in axes else size for axis, size in enumerate(x.shape)]
    shape = kept if keep else [x.shape[axis] for axis in rest]
    value = op.make(x.dtype, shape, element, x, cost=1, stored=bool(axes))
    if x.symbols is not None and name in ("Sum", "Prod") and not keep and len(axes) == len(x.shape):
        flat = list(x.symbols.ravel())
        total: Extent = product(flat) if name == "Prod" else sum(flat, start=ZERO)
        value.symbols = np.empty((), object)
        value.symbols[()] = total
    return value


@lowers("ArgMax", "ArgMin")
def _arg(op: Operation) -> Value:
    x = op[0]
    axis = axis_of(op.numbers(1)[0], len(x.shape))
    x.exact = True

    def element(reader: Reader, place: Place) -> Scalar:
        def body(inner: Place) -> Scalar:
            found = reader.read(x, (*place[:axis], inner[0], *place[axis:]))
            return found if op.node.op == "ArgMax" else apply(reader.pool, "Neg", found)

        return reader.reduce("arg", [x.shape[axis]], body)

    shape = [size for at, size in enumerate(x.shape) if at != axis]
    return op.make("int32", shape, element, x, stored=True)


@lowers("MatMul", "BatchMatMulV2", "_FusedMatMul")
def _matmul(op: Operation) -> Value:
    a, b = op[0], op[1]
    flip_a = bool(op.attrs.get("adj_x", op.attrs.get("transpose_a", False)))
    flip_b = bool(op.attrs.get("adj_y", op.attrs.get("transpose_b", False)))
    rows, inner = a.shape[-2:][::-1] if flip_a else a.shape[-2:]
    other, columns = b.shape[-2:][::-1] if flip_b else b.shape[-2:]
    inner = other if inner.number is None else inner
    batch = broadcast_shapes(a.shape[:-2], b.shape[:-2])
    a.reread = b.reread = True

    def element(reader: Reader, place: Place) -> Scalar:
        *ahead, row, column = place

        def body(at: Place) -> Scalar:
            k = at[0]
            left = (k, row) if flip_a else (row, k)
            right = (column, k) if flip_b else (k, column)
            first = reader.read(a, (*spread(tuple(ahead), a.shape[:-2], batch), *left))
            second = reader.read(b, (*spread(tuple(ahead), b.shape[:-2], batch), *right))
            return apply(reader.pool, "Mul", first, second)

        return reader.reduce("sum", [inner], body)

    shape = (*batch, rows, columns)
    product_ = Value(op.node.name, a.dtype, shape, (a, b), element, cost=2, stored=True)
    return finished(op, product_, list(op.inputs[2:]))


_ACTIVATIONS = ("Relu", "Relu6", "Elu", "Sigmoid", "Tanh")


Finish = Callable[[Reader, Scalar, Place], Scalar]


def _activation(kind: str) -> Finish:
    return lambda reader, y, place: apply(reader.pool, kind, y)


def _leak(slope: float) -> Finish:
    return lambda reader, y, place: apply(
        reader.pool, "Prelu", y, reader.pool.number(slope, y.dtype)
    )


def _with(kind: str, other: Value, wide: Shape) -> Finish:
    """An operation with an element of another tensor, which is broadcast."""
    return lambda reader, y, place: apply(
        reader.pool, kind, y, reader.read(other, spread(place, other.shape, wide))
    )


def finished(op: Operation, x: Value, rest: list[Value]) -> Value:
    """A product or convolution with the bias and the activation that are fused with it."""
    steps: list[Finish] = []
    sources: list[Value] = []
    fused = op.attrs.get("fused_ops") or []
    assert isinstance(fused, list | tuple)
    for name in fused:
        if name == "BiasAdd":
            sources.append(rest.pop(0))
            steps.append(_with("AddV2", sources[-1], x.shape))
        elif name in _ACTIVATIONS:
            steps.append(_activation(str(name)))
        elif name == "LeakyRelu":
            steps.append(_leak(float(str(op.attrs.get("leakyrelu_alpha", 0.2)))))
        elif name == "Prelu":
            sources.append(rest.pop(0))
            steps.append(_with("Prelu", sources[-1], x.shape))
        else:
            raise op.declined(f"with {name} it is not compiled")
    if not steps:
        return x
    x.name = f"{op.node.name}/product"

    def element(reader: Reader, place: Place) -> Scalar:
        found = reader.read(x, place)
        for step in steps:
            found = step(reader, found, place)
        return found

    return op.make(x.dtype, x.shape, element, x, *sources, cost=10 * len(steps))


@lowers("Cumsum", "Cumprod")
def _running(op: Operation) -> Value:
    x = op[0]
    axis = axis_of(op.numbers(1)[0], len(x.shape))
    last = len(x.shape) - 1
    backwards = bool(op.attrs.get("reverse", False))
    exclusive = bool(op.attrs.get("exclusive", False))
    kind = "sum" if op.node.op == "Cumsum" else "product"
    if not x.shape or x.shape[axis].number == 1:  # no loop runs along it
        first = int(kind == "product")

        def alone(reader: Reader, place: Place) -> Scalar:
            return reader.pool.number(first, x.dtype) if exclusive else reader.read(x, place)

        return op.make(x.dtype, x.shape, alone, x)
    order = [at for at in range(len(x.shape)) if at != axis] + [axis]

    def moved(place: Place) -> Place:
        at = [Index()] * len(x.shape)
        for position, here in enumerate(order):
            at[here] = place[position]
        if backwards:
            at[axis] = place[last] * -1 + (x.shape[axis] - 1)
        return tuple(at)

    write = Write(
        tuple(x.shape[at] for at in order),
        lambda reader, place: reader.read(x, moved(place)),
        lambda reader, place: moved(place),
        (x,),
        scan=kind,
        exclusive=exclusive,
    )
    return Value(op.node.name, x.dtype, x.shape, writes=(write,), stored=True)
