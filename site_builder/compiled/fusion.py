"""Which tensors get memory, and which loops compute them: everything else is computed on the spot.

An elementwise tensor that is read once is computed where it is read. What is expensive and read
often is stored. Tensors whose loops run over the same sizes are computed by the same loops, so that
one takes the other's element without a detour through memory.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Collection, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from itertools import islice

from .extents import Extent, is_product_of, strides
from .lowering import Lowered
from .operators import TABLE
from .scalars import Index, Pool, Scalar, Var, at
from .values import Place, Shape, Value, Write

#: An element that takes at most so many additions is computed again rather than stored.
CHEAP = 3
#: And so many, if it is then computed once for each place that it is broadcast to.
CHEAP_BROADCAST = 6
#: What takes more than so many is stored in any case: an expression is to be read.
LONG = 60
#: A function that takes so many is not computed in the loops of a product, whose columns are taken
#: several at a time: engines set a function into the loop that calls it only so often.
CALL = 8
#: A kernel of more scalars than this takes in no further tensors: engines compile small functions
#: better than large ones.
LARGEST = 160


@dataclass
class Reduction:
    """A reduction within a kernel's innermost loop.

    Attributes:
        how: ``sum``, ``product``, ``max``, ``min`` or ``arg``.
        loops: Its variables, and how often each loop runs.
        body: What is reduced.
        guards: What must be true for an element to count.
    """

    how: str
    loops: tuple[tuple[Var, Extent], ...]
    body: Scalar
    guards: tuple[Scalar, ...]


@dataclass
class Store:
    """An element that goes to memory."""

    value: Value
    index: Index
    scalar: Scalar
    adds: bool = False


_WITHIN = 1000
"""The level of a reduction's outermost loop: all other loops are outside of it."""


def cost_of(scalar: Scalar) -> int | None:
    """About how many additions an operation takes; None for what is none."""
    operator = TABLE.get((scalar.op, scalar.args[0].dtype)) if scalar.args else None
    return None if operator is None else operator.cost


#: So many kernels are tried for a tensor, that compiling takes a time in proportion to the graph.
TRIES = 8


class Conflict(Exception):  # noqa: N818 - an answer
    """These loops can't compute that as well."""


@dataclass
class Kernel:
    """One nest of loops: in its innermost one reductions come first, then stores.

    Attributes:
        loops: Variables, outermost first, and how often each loop runs.
        reductions: In the order in which they run.
        stores: All of them after all reductions.
        scan: How the stored elements are gathered up along the last loop.
        exclusive: Whether such a sum leaves out the element of its own place.
        inputs: The inputs that it depends on.
        varies: Whether one of them changes from run to run.
    """

    loops: tuple[tuple[Var, Extent], ...]
    inputs: frozenset[str] = frozenset()
    varies: bool = True
    reductions: list[Reduction] = field(default_factory=list)
    stores: list[Store] = field(default_factory=list)
    scan: str | None = None
    exclusive: bool = False
    pool: Pool = field(default_factory=Pool)

    @property
    def values(self) -> list[Value]:
        """What it writes to."""
        return [store.value for store in self.stores]

    @property
    def roots(self) -> list[Scalar]:
        """Every scalar that it needs as a whole."""
        made = [part for r in self.reductions for part in (*r.guards, r.body)]
        made += [store.scalar for store in self.stores]
        made += [p for s in self.stores for p, _ in s.index.terms if isinstance(p, Scalar)]
        return made

    def scalars(self) -> list[Scalar]:
        """Every scalar that it computes, each after what it needs."""
        found: dict[int, Scalar] = {}
        ahead = list(self.roots)
        while ahead:
            scalar = ahead.pop()
            if scalar.number not in found:
                found[scalar.number] = scalar
                ahead.extend(scalar.parts)
        return [found[number] for number in sorted(found)]

    @property
    def calls(self) -> bool:
        """Whether it computes functions that take long, such as tanh."""
        return any((cost_of(scalar) or 0) >= CALL for scalar in self.scalars())

    def loads(self) -> set[Value]:
        """The tensors that it reads from memory."""
        return {s.source for s in self.scalars() if s.op == "load" and s.source is not None}


_Earlier = Callable[[Value], bool]
"""Whether kernels that run before have written all of a tensor."""


class _Builder:
    """A kernel as what elements are read with; see `values.Reader`."""

    def __init__(self, kernel: Kernel, stored: set[Value], earlier: _Earlier) -> None:
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
        loops, place = _loops(sizes, "r", _WITHIN)
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


def _loops(
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


def needed(lowered: Lowered) -> list[Value]:
    """The tensors that outputs are computed from, in the order of the graph, and their helpers."""
    order: list[Value] = []
    seen: set[Value] = set()

    def visit(value: Value) -> None:
        ahead = [(value, iter(value.every_source))]
        seen.add(value)
        while ahead:
            top, sources = ahead[-1]
            for source in sources:
                if source not in seen:
                    seen.add(source)
                    ahead.append((source, iter(source.every_source)))
                    break
            else:
                order.append(top)
                ahead.pop()

    for output in lowered.outputs.values():
        if output not in seen:
            visit(output)
    return order


def inputs_behind(values: Sequence[Value]) -> dict[Value, frozenset[str]]:
    """By tensor, the inputs whose numbers it is computed from.

    Args:
        values: Each after its sources.
    """
    behind: dict[Value, frozenset[str]] = {}
    for value in values:
        own = frozenset({value.source} if value.source is not None else ())
        if value.symbols is None:
            own = own.union(*(behind[source] for source in value.every_source))
        behind[value] = own
    return behind


def choose_stored(
    values: Sequence[Value], outputs: Sequence[Value], varies: Mapping[Value, bool]
) -> set[Value]:
    """The tensors that get memory.

    Args:
        values: Each after its sources.
        outputs: Those that the graph gives.
        varies: Which of them change from run to run.
    """
    for value in reversed(values):
        # A float that something jumps on is exact only if all that it is made from is.
        if value.exact and value.dtype == "float32" and not value.stored:
            for source in value.sources:
                source.exact = True
    uses: Counter[Value] = Counter()
    broadcast: set[Value] = set()
    crossing: set[Value] = set()
    for value in values:
        for source in value.every_source:
            uses[source] += 1
            if varies[value] and not varies[source]:
                crossing.add(source)
            if not value.writes and len(source.shape) <= len(value.shape):
                wide = value.shape[len(value.shape) - len(source.shape) :]
                if wide != source.shape or len(source.shape) < len(value.shape):
                    broadcast.add(source)
    weight: dict[Value, int] = {}
    stored = {value for value in outputs if not value.is_leaf}
    for value in values:
        if value.is_leaf:
            continue
        # What is one number is computed ahead of the loops.
        one = is_product_of(value.shape, 1)
        inner = sum(
            weight.get(source, 0)
            for source in set(value.sources)
            if one or not is_product_of(source.shape, 1)
        )
        weight[value] = value.cost + inner
        limit = CHEAP if uses[value] > 1 else CHEAP_BROADCAST if value in broadcast else LONG
        if value.reread or value in crossing:
            limit = min(limit, 1)
        if value.flat:
            weight[value] = 0
        elif value.stored or value in stored or (weight[value] > limit and value.symbols is None):
            stored.add(value)
            weight[value] = 0
    return stored


def fuse(lowered: Lowered, varying: Collection[str]) -> list[Kernel]:
    """The kernels that compute a graph's outputs, in an order in which they can run.

    Args:
        lowered: The graph.
        varying: The inputs that change from run to run. What depends on none of them has kernels
            of its own, which run when an input of theirs has changed.
    """
    values = needed(lowered)
    behind = inputs_behind(values)
    varies = {value: not behind[value].isdisjoint(varying) for value in values}
    stored = choose_stored(values, list(lowered.outputs.values()), varies)
    kernels: list[Kernel] = []
    made_by: dict[Value, int] = {}
    for value in values:
        if value not in stored:
            continue
        for write in value.writes or (_whole(value),):
            fresh = Kernel((), inputs=behind[value], varies=varies[value])
            last = _enter(kernels, fresh, write, value, stored, made_by)
            made_by[value] = max(last, made_by.get(value, -1))
    _drop_unread(kernels, set(lowered.outputs.values()))
    return kernels


def _whole(value: Value) -> Write:
    return Write(
        value.shape,
        lambda reader, place: reader.compute(value, place),
        lambda reader, place: place,
        value.sources,
    )


def _enter(
    kernels: list[Kernel],
    alone: Kernel,
    write: Write,
    value: Value,
    stored: set[Value],
    made_by: dict[Value, int],
) -> int:
    """Puts a write into the first kernel that can take it, or else into `alone`."""
    loops, place = _loops(write.sizes, "i", 0)
    alone.loops, alone.scan, alone.exclusive = loops, write.scan, write.exclusive
    alone.stores.append(_built(alone, write, value, place, stored, made_by.__contains__))
    loads = alone.loads()
    first = max((made_by[source] for source in loads if source in made_by), default=0)
    if write.over:
        first = max(first, made_by[value] + 1)
    if write.scan is None and not write.adds:
        for number in islice(_alike(kernels, alone, first), TRIES):
            kernel = kernels[number]
            if len(kernel.scalars()) > LARGEST:
                continue

            def earlier(source: Value, number: int = number) -> bool:
                return made_by.get(source, number) < number

            before = len(kernel.reductions)
            try:
                kernel.stores.append(_built(kernel, write, value, place, stored, earlier))
                if kernel.loops and kernel.reductions and kernel.calls:
                    kernel.stores.pop()
                    raise Conflict("sums are taken four at a time, and calls one by one")
            except Conflict:
                del kernel.reductions[before:]
                continue
            return number
    kernels.append(alone)
    return len(kernels) - 1


def _alike(kernels: Sequence[Kernel], alone: Kernel, first: int) -> Iterator[int]:
    """The kernels from `first` on whose loops are those of another and that run when it does."""
    for number in range(first, len(kernels)):
        kernel = kernels[number]
        if kernel.loops != alone.loops or kernel.scan or kernel.varies != alone.varies:
            continue
        if kernel.varies or kernel.inputs == alone.inputs:
            yield number


def _built(
    kernel: Kernel,
    write: Write,
    value: Value,
    place: Place,
    stored: set[Value],
    earlier: _Earlier,
) -> Store:
    builder = _Builder(kernel, stored, earlier)
    scalar = write.element(builder, place)
    index = address(value.shape, write.place(builder, place))
    return Store(value, index, scalar, write.adds)


def _drop_unread(kernels: list[Kernel], outputs: set[Value]) -> None:
    """Leaves out stores that only the loops that made them have read."""
    read = set(outputs)
    for kernel in reversed(kernels):
        kernel.stores = [store for store in kernel.stores if store.value in read]
        if kernel.stores:
            read |= kernel.loads()
    kernels[:] = [kernel for kernel in kernels if kernel.stores]
