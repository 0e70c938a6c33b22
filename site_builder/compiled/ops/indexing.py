"""Elements by computed places: gathers and scatters."""

from __future__ import annotations

import numpy as np

from ..extents import extent
from ..lowering import Operation, lowers
from ..scalars import Index, Scalar
from ..values import Place, Reader, Shape, Value, Write
from .common import axis_of, zeros


@lowers("GatherV2")
def _gather(op: Operation) -> Value:
    x, places = op[0], op[1]
    axis = axis_of(op.numbers(2)[0], len(x.shape))
    if int(str(op.attrs.get("batch_dims", 0))):
        raise op.declined("with batch_dims it is not compiled")
    rank = len(places.shape)

    def element(reader: Reader, place: Place) -> Scalar:
        found = reader.read(places, place[axis : axis + rank])
        at = reader.pool.index_of(found)
        return reader.read(x, (*place[:axis], at, *place[axis + rank :]))

    shape = (*x.shape[:axis], *places.shape, *x.shape[axis + 1 :])
    value = op.make(x.dtype, shape, element, x, places, cost=1)
    if x.symbols is not None and places.symbols is not None and axis == 0:
        wanted = [size.number for size in places.symbols.ravel()]
        if None not in wanted:
            index = np.array(wanted, int).reshape(places.symbols.shape)
            found = np.empty(index.shape, object)
            found[...] = x.symbols[index]
            value.symbols = found
    return value


@lowers("GatherNd")
def _gather_nd(op: Operation) -> Value:
    x, places = op[0], op[1]
    depth = places.shape[-1].number
    if depth is None:
        raise op.declined("how many axes it indexes is only known while it runs")
    rank = len(places.shape) - 1

    def element(reader: Reader, place: Place) -> Scalar:
        return reader.read(x, (*_tuple(reader, places, place[:rank], depth), *place[rank:]))

    shape = (*places.shape[:-1], *x.shape[depth:])
    return op.make(x.dtype, shape, element, x, places, cost=depth)


def _tuple(reader: Reader, places: Value, at: Place, depth: int) -> Place:
    """The place that a row of indices names."""
    found = (reader.read(places, (*at, Index((), extent(i)))) for i in range(depth))
    return tuple(reader.pool.index_of(each) for each in found)


@lowers("ScatterNd")
def _scatter(op: Operation) -> Value:
    places, updates, shape = op[0], op[1], tuple(op.sizes(2))
    blank = Write(
        shape, lambda reader, place: zeros(reader, updates.dtype), lambda reader, place: place, ()
    )
    return _scattered(op, blank, places, updates, shape, adds=True)


@lowers("TensorScatterUpdate")
def _update(op: Operation) -> Value:
    x, places, updates = op.inputs
    whole = Write(
        x.shape, lambda reader, place: reader.read(x, place), lambda reader, place: place, (x,)
    )
    return _scattered(op, whole, places, updates, x.shape, adds=False)


def _scattered(
    op: Operation, first: Write, places: Value, updates: Value, shape: Shape, adds: bool
) -> Value:
    depth = places.shape[-1].number
    if depth is None:
        raise op.declined("how many axes it indexes is only known while it runs")
    rank = len(places.shape) - 1

    def put(reader: Reader, place: Place) -> Place:
        return (*_tuple(reader, places, place[:rank], depth), *place[rank:])

    second = Write(
        (*places.shape[:-1], *shape[depth:]),
        lambda reader, place: reader.read(updates, place),
        put,
        (places, updates),
        adds=adds,
        over=True,
    )
    return Value(op.node.name, updates.dtype, shape, writes=(first, second), stored=True)
