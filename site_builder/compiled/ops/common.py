"""What several families need."""

from __future__ import annotations

from ..extents import ONE, ZERO, Extent, compare, extent, select
from ..operators import PREDICATES, TABLE
from ..scalars import Index, Pool, Scalar
from ..values import Place, Reader, Shape


def apply(pool: Pool, name: str, *args: Scalar) -> Scalar:
    """One elementwise operation on scalars."""
    kind = args[0].dtype
    if (name, kind) not in TABLE:
        raise ValueError(f"there is no {name} of {kind}")
    if name == "Mul":
        for one, other in (args, args[::-1]):
            if one.op == "number" and one.value == 1:
                return other
    return pool.make(name, *args, dtype="bool" if name in PREDICATES else kind)


def cast(pool: Pool, x: Scalar, dtype: str) -> Scalar:
    """The number as another element type."""
    if x.dtype == dtype:
        return x
    if dtype == "bool":
        return apply(pool, "NotEqual", x, pool.number(0, x.dtype))
    if x.op == "number":
        return pool.number(float(x.value) if dtype == "float32" else int(x.value), dtype)
    return pool.make(f"to {dtype}", x, dtype=dtype)


def spread(place: Place, shape: Shape, wide: Shape) -> Place:
    """Where the element of a tensor is that is broadcast to a wider shape."""
    kept = place[len(wide) - len(shape) :]
    result: list[Index] = []
    for index, size, full in zip(kept, shape, wide[len(wide) - len(shape) :], strict=True):
        if size == full:
            result.append(index)
        elif size.number == 1:
            result.append(Index())
        else:  # it is 1 or the full size; which, the program knows when it starts
            result.append(index * select(compare("===", size, ONE), ZERO, ONE))
    return tuple(result)


def axis_of(value: int, rank: int) -> int:
    """An axis counted from the front."""
    if not -rank <= value < max(rank, 1):
        raise ValueError(f"there is no axis {value} among {rank}")
    return value % rank if rank else 0


def zeros(reader: Reader, dtype: str) -> Scalar:
    """Zero, of an element type."""
    return reader.pool.number(0, dtype)


def less(reader: Reader, index: Index, size: Extent | int) -> Scalar:
    """Whether a place is ahead of an end."""
    pool = reader.pool
    return apply(pool, "Less", pool.place(index), pool.place(Index((), extent(size))))


def at_least(reader: Reader, index: Index, size: Extent | int) -> Scalar:
    """Whether a place is not ahead of a beginning."""
    pool = reader.pool
    return apply(pool, "GreaterEqual", pool.place(index), pool.place(Index((), extent(size))))
