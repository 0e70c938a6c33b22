"""Which loops compute the tensors that get memory; everything else is computed on the spot.

Tensors whose loops run over the same sizes are computed by the same loops, so that one takes the
other's element without a detour through memory.
"""

from __future__ import annotations

from collections.abc import Collection, Iterator, Sequence
from itertools import islice

from .building import Builder, Conflict, Earlier, address, loops_of
from .kernel import Kernel, Store
from .lowering import Lowered
from .storing import choose_stored, inputs_behind, needed
from .values import Place, Value, Write

#: A kernel of more scalars than this takes in no further tensors: engines compile small functions
#: better than large ones.
LARGEST = 160
#: So many kernels are tried for a tensor, that compiling takes a time in proportion to the graph.
TRIES = 8


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
    loops, place = loops_of(write.sizes, "i", 0)
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
    earlier: Earlier,
) -> Store:
    builder = Builder(kernel, stored, earlier)
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
