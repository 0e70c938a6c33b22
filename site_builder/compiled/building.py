"""Elements of tensors as scalars of a kernel: loaded where they have memory, or else computed."""

from __future__ import annotations

from collections.abc import Callable, Sequence

from .extents import Extent, strides
from .kernel import Kernel, Reduction
from .scalars import Index, Scalar, Var, at
from .values import Place, Shape, Value

_WITHIN = 1000
"""The level of a reduction's outermost loop: all other loops are outside of it."""


class Conflict(Exception):  # noqa: N818 - an answer
    """These loops can't compute that as well."""


Earlier = Callable[[Value], bool]
"""Whether kernels that run before have written all of a tensor."""


class Builder:
    """A kernel as what elements are read with; see `values.Reader`."""

    def __init__(self, kernel: Kernel, stored: set[Value], earlier: Earlier) -> None:
        self.kernel, self.pool = kernel, kernel.pool
        self.stored, self.earlier = stored, earlier
        self._within = False

    def read(self, value: Value, place: Place) -> Scalar:
        if value.symbols is not None:
            known = _symbol(value, place)
            if known is not None:
                scalar = self.pool.place(Index((), known))
                if value.dtype == "bool":
                    return self.pool.make(
                        "NotEqual", scalar, self.pool.number(0, "int32"), dtype="bool"
                    )
                return scalar
        if value.array is not None and value.array.size == 1:
            return self.pool.number(value.array.item(), value.dtype)
        if value.is_leaf or value in self.stored:
            scalar = self._load(value, address(value.shape, place))
        else:
            scalar = self.compute(value, place)
        return self._rounded(scalar) if value.exact else scalar

    def compute(self, value: Value, place: Place) -> Scalar:
        """An element from those of other tensors."""
        if value.flat:
            return self._load(value.sources[0], address(value.shape, place))
        assert value.element is not None
        return value.element(self, place)

    def reduce(
        self,
        how: str,
        sizes: Sequence[Extent],
        body: Callable[[Place], Scalar],
        guards: Callable[[Place], Sequence[Scalar]] | None = None,
    ) -> Scalar:
        if self._within:
            raise Conflict("a reduction within a reduction")
        ordinal = len(self.kernel.reductions)
        loops, place = loops_of(sizes, "r", _WITHIN)
        self._within = True
        try:
            kept = tuple(guards(place)) if guards is not None else ()
            reduced = body(place)
        finally:
            self._within = False
        self.kernel.reductions.append(Reduction(how, loops, reduced, kept))
        dtype = "int32" if how == "arg" else reduced.dtype
        return self.pool.make("result", dtype=dtype, value=ordinal)

    def _load(self, value: Value, index: Index) -> Scalar:
        for store in self.kernel.stores:
            if store.value is value:
                if store.index == index and not store.adds and len(value.writes) <= 1:
                    return store.scalar
                raise Conflict("an element that other turns of the loops compute")
        if not value.is_leaf and not self.earlier(value):
            raise Conflict("what is computed later")
        return self.pool.make("load", dtype=value.dtype, source=value, index=index)

    def _rounded(self, scalar: Scalar) -> Scalar:
        if scalar.dtype != "float32" or scalar.op in ("load", "number", "round"):
            return scalar
        return self.pool.make("round", scalar, dtype="float32")


def _symbol(value: Value, place: Place) -> Extent | None:
    """The element as a size, where it is known which one is meant."""
    assert value.symbols is not None
    numbers = [None if index.terms else index.offset.number for index in place]
    if None in numbers:
        return None
    try:
        found = value.symbols[tuple(n or 0 for n in numbers)] if numbers else value.symbols[()]
    except IndexError:
        return None
    return found if isinstance(found, Extent) else None


def address(shape: Shape, place: Place) -> Index:
    """Where an element is in row-major memory, counted in elements from the tensor's own."""
    found = Index()
    for index, step, size in zip(place, strides(shape), shape, strict=True):
        if size.number != 1:
            found = found + index * step
    return found


def loops_of(
    sizes: Sequence[Extent], letter: str, level: int
) -> tuple[tuple[tuple[Var, Extent], ...], Place]:
    """A loop for each size that is not 1, and the places that they count."""
    loops: list[tuple[Var, Extent]] = []
    place: list[Index] = []
    for size in sizes:
        if size.number == 1:
            place.append(Index())
            continue
        var = Var(f"{letter}{len(loops)}", level + len(loops))
        loops.append((var, size))
        place.append(at(var))
    return tuple(loops), tuple(place)
