"""Four elements at a time: kernels whose innermost loop goes on by a vector.

A vector holds the numbers of four lanes. What is left over of a loop is computed one by one.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import replace

from .extents import Extent, extent, least
from .jamming import LANES, Copy, has_lanes, turns_of, with_rest
from .kernel import Kernel
from .memory import size_of
from .operators import TABLE
from .scalars import Index, Scalar, Var


def vectorize(kernel: Kernel) -> list[tuple[Kernel, Extent]] | None:
    """The kernel as nests, as `jamming.jam` gives them; None where lanes would not help."""
    if not has_lanes(kernel) or not _is_apart(kernel, kernel.loops[-1][0]):
        return None
    var = kernel.loops[-1][0]
    copy = Copy(kernel, var, LANES, extent(0))
    whole = replace(copy.single(turns_of(kernel)), lanes=var)
    return with_rest(kernel, whole) if _pays(whole) else None


def _is_apart(kernel: Kernel, var: Var) -> bool:
    """Whether each turn of a loop writes to places of its own."""
    return all(any(part == var for part, _ in s.index.terms) for s in kernel.stores)


def _pays(kernel: Kernel) -> bool:
    """Whether vectors save more than it takes to gather them from places that lie apart."""
    wide = kernel.wide()
    gain = 0
    for scalar in kernel.scalars():
        if scalar.number not in wide:
            continue
        if scalar.op == "load":
            gain += 3 if _stride(scalar.index, kernel.lanes) == 1 else -2
        elif scalar.args:
            operator = TABLE.get((scalar.op, scalar.args[0].dtype))
            gain += 3 * (operator.cost if operator else 1)
    for store in kernel.stores:
        gain += 3 if _stride(store.index, kernel.lanes) == 1 else -2
    return gain > 0


def _stride(index: Index, lanes: Var | None) -> int | None:
    for part, factor in index.terms:
        if part == lanes:
            number = factor.number
            return None if number is None else number // LANES
    return None


def stays_within(kernel: Kernel) -> bool:
    """Whether every place that is read is sure to be within the tensor that is read from.

    A choice may read a tensor only where that is so; vectors read ahead of the choice.
    """
    outer = dict(kernel.loops)
    bodies = [(dict(r.loops), (r.body, *r.guards)) for r in kernel.reductions]
    parts = [p for s in kernel.stores for p, _ in s.index.terms if isinstance(p, Scalar)]
    bodies.append(({}, (*(store.scalar for store in kernel.stores), *parts)))
    return all(
        _is_within(scalar, outer | inner)
        for inner, roots in bodies
        for scalar in _reached(roots)
        if scalar.op == "load"
    )


def _reached(roots: Iterable[Scalar]) -> list[Scalar]:
    found: dict[int, Scalar] = {}
    ahead = list(roots)
    while ahead:
        scalar = ahead.pop()
        if scalar.number not in found:
            found[scalar.number] = scalar
            ahead.extend(scalar.parts)
    return list(found.values())


def _is_within(load: Scalar, sizes: Mapping[Var, Extent]) -> bool:
    assert load.source is not None
    last = load.index.offset
    for part, factor in load.index.terms:
        if not isinstance(part, Var) or part not in sizes or not _at_least(factor, 0):
            return False
        last = last + factor * (sizes[part] - 1)
    return _at_least(load.index.offset, 0) and _at_least(size_of(load.source) - 1 - last, 0)


def _at_least(size: Extent, bound: int) -> bool:
    found = least(size)
    return found is not None and found >= bound
