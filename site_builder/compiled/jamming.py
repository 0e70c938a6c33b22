"""Several columns of a product at a time: their sums don't wait for one another.

An addition of floats takes a processor four cycles, of which others can make use. So where the
innermost loop holds reductions, four of its turns are taken at once, by the same inner loop, and
what is left over by a nest of its own. Compilers know it as unroll-and-jam.
"""

from __future__ import annotations

from dataclasses import replace

from .extents import Extent, extent, floor_div
from .kernel import Kernel, Reduction, Store
from .scalars import Index, Pool, Scalar, Var, at

LANES = 4


def jam(kernel: Kernel) -> list[tuple[Kernel, Extent]]:
    """The kernel as nests of loops, each with how often its innermost loop runs.

    Each is to be left out where that is 0.
    """
    if not kernel.reductions or kernel.scan or not has_lanes(kernel):
        return [(kernel, extent(1))]
    return with_rest(kernel, _lanes(kernel, turns_of(kernel)))


def has_lanes(kernel: Kernel) -> bool:
    """Whether turns of the innermost loop can be taken several at a time."""
    if not kernel.loops or any(r.how == "arg" or r.guards for r in kernel.reductions):
        return False
    size = kernel.loops[-1][1].number
    return size is None or size >= LANES


def turns_of(kernel: Kernel) -> Extent:
    """How often the innermost loop runs if each turn takes `LANES` of its elements."""
    return floor_div(kernel.loops[-1][1], extent(LANES))


def with_rest(kernel: Kernel, whole: Kernel) -> list[tuple[Kernel, Extent]]:
    """A kernel that takes `LANES` elements a turn, and one for those that are left over."""
    var, size = kernel.loops[-1]
    times = turns_of(kernel)
    left = size - times * LANES
    if left.number == 0:
        return [(whole, extent(1))]
    return [(whole, times), (Copy(kernel, var, 1, times * LANES).single(left), left)]


def _lanes(kernel: Kernel, times: Extent) -> Kernel:
    var = kernel.loops[-1][0]
    copies = [Copy(kernel, var, LANES, extent(lane), lane) for lane in range(LANES)]
    pool = Pool()
    for copy in copies:
        copy.pool = pool
    reductions = [copy.reduction(r) for r in kernel.reductions for copy in copies]
    stores = [copy.store(s) for s in kernel.stores for copy in copies]
    loops = (*kernel.loops[:-1], (var, times))
    return replace(kernel, loops=loops, reductions=reductions, stores=stores, pool=pool)


class Copy:
    """A kernel's scalars with its innermost variable v replaced by v * scale + offset."""

    def __init__(
        self, kernel: Kernel, var: Var, scale: int, offset: Extent, lane: int | None = None
    ) -> None:
        self.kernel, self.var, self.lane = kernel, var, lane
        self.by = at(var) * scale + offset
        self.pool = Pool()
        self._made: dict[int, Scalar] = {}

    def single(self, size: Extent) -> Kernel:
        """The kernel whose innermost loop runs so often."""
        return replace(
            self.kernel,
            loops=(*self.kernel.loops[:-1], (self.var, size)),
            reductions=[self.reduction(reduction) for reduction in self.kernel.reductions],
            stores=[self.store(store) for store in self.kernel.stores],
            pool=self.pool,
        )

    def reduction(self, reduction: Reduction) -> Reduction:
        return replace(reduction, body=self.scalar(reduction.body), guards=())

    def store(self, store: Store) -> Store:
        return replace(store, index=self.index(store.index), scalar=self.scalar(store.scalar))

    def index(self, index: Index) -> Index:
        found = Index((), index.offset)
        for part, factor in index.terms:
            if part == self.var:
                found = found + self.by * factor
            else:
                new = self.scalar(part) if isinstance(part, Scalar) else part
                found = found + Index(((new, factor),))
        return found

    def scalar(self, scalar: Scalar) -> Scalar:
        known = self._made.get(scalar.number)
        if known is None:
            value = scalar.value
            if scalar.op == "result" and self.lane is not None:
                value = int(value) * LANES + self.lane
            known = self.pool.make(
                scalar.op,
                *(self.scalar(arg) for arg in scalar.args),
                dtype=scalar.dtype,
                source=scalar.source,
                index=self.index(scalar.index),
                value=value,
            )
            self._made[scalar.number] = known
        return known
