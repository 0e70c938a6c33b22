"""The largest elements along an axis."""

from __future__ import annotations

from ..extents import Extent
from ..lowering import Operation, lowers
from ..operators import TABLE
from ..scalars import Index, Scalar
from ..values import Place, Reader, Value
from .common import apply, cast, less


@lowers("TopKV2")
def _top_k(op: Operation) -> list[Value]:
    """Each element's rank is how many come ahead of it; the k-th largest is the one of rank k.

    For n elements that takes n (n + k) steps, which is fine for the short rows of small graphs.
    """
    x, count, length = op[0], op.sizes(1)[0], op[0].shape[-1]
    x.exact = x.reread = True
    ranks = _ranks(op, x, length)
    shape = (*x.shape[:-1], count)

    def found(reader: Reader, place: Place) -> Scalar:
        pool = reader.pool

        def body(at: Place) -> Scalar:
            rank = reader.read(ranks, (*place[:-1], at[0]))
            here = apply(pool, "Equal", rank, pool.place(place[-1]))
            other = pool.number(0, "int32")
            return pool.make("select", here, pool.place(at[0]), other, dtype="int32")

        return reader.reduce("sum", [length], body)

    places = op.make("int32", shape, found, ranks, stored=True, output=1)

    def element(reader: Reader, place: Place) -> Scalar:
        at = reader.pool.index_of(reader.read(places, place))
        return reader.read(x, (*place[:-1], at))

    return [op.make(x.dtype, shape, element, x, places, cost=1), places]


def _ranks(op: Operation, x: Value, length: Extent) -> Value:
    """How many elements of its row come ahead of each: larger ones, and equal ones on its left.

    What is not a number counts as larger than all others.
    """

    def element(reader: Reader, place: Place) -> Scalar:
        pool = reader.pool
        own = reader.read(x, place)

        def body(at: Place) -> Scalar:
            other = reader.read(x, (*place[:-1], at[0]))
            left = _left(reader, at[0], place[-1])
            same = apply(pool, "Equal", other, own)
            ahead = apply(pool, "LogicalAnd", same, left)
            if ("IsNan", x.dtype) in TABLE:
                first = apply(pool, "LogicalOr", apply(pool, "Equal", own, own), left)
                odd = apply(pool, "LogicalAnd", apply(pool, "IsNan", other), first)
                ahead = apply(pool, "LogicalOr", ahead, odd)
            ahead = apply(pool, "LogicalOr", apply(pool, "Greater", other, own), ahead)
            return cast(pool, ahead, "int32")

        return reader.reduce("sum", [length], body)

    name = f"{op.node.name}/ranks"
    return Value(name, "int32", x.shape, (x,), element, cost=4, stored=True)


def _left(reader: Reader, here: Index, there: Index) -> Scalar:
    """Whether one place is ahead of another."""
    return less(reader, here + there * -1, 0)
