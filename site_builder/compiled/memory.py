"""Where each tensor stands in the one arena of a program, planned before it runs.

Inputs, outputs and constants have places of their own; other tensors share places with those that
are read for the last time before they are written.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from .extents import Extent, product
from .kernel import Kernel
from .lowering import Lowered
from .values import Value


@dataclass(frozen=True)
class Plan:
    """A program's memory.

    Attributes:
        place: The slot of every tensor that has memory.
        slots: For each slot the tensors that use it, one after another.
        constants: Those tensors whose numbers are there from the start.
        carried: Output to the input whose place it shares.
    """

    place: dict[Value, int]
    slots: list[list[Value]]
    constants: list[Value]
    carried: dict[Value, Value]


def size_of(value: Value) -> Extent:
    """How many elements a tensor has."""
    return product(value.shape)


def plan(
    lowered: Lowered, kernels: Sequence[Kernel], feedback: Mapping[str, str] | None = None
) -> Plan:
    """Give every stored tensor a slot.

    Args:
        lowered: The graph.
        kernels: In the order in which they run.
        feedback: Outputs to the inputs that they are in the next run: where nothing stands in the
            way, such an output is written over its input.
    """
    last: dict[Value, int] = {}
    first: dict[Value, int] = {}
    for number, kernel in enumerate(kernels):
        for value in kernel.loads():
            last[value] = number
        for store in kernel.stores:
            first.setdefault(store.value, number)
            last[store.value] = max(number, last.get(store.value, 0))
    place: dict[Value, int] = {}
    slots: list[list[Value]] = []
    # Sets have no order: by name, so that the same graph gives the same bytes.
    read = (value for value in last if value.array is not None)
    constants = sorted(read, key=lambda value: value.name)

    def own(value: Value) -> None:
        if value not in place:
            place[value] = len(slots)
            slots.append([value])

    for value in lowered.inputs.values():
        own(value)
    for value in constants:
        own(value)
    carried: dict[Value, Value] = {}
    for output, name in (feedback or {}).items():
        value, before = lowered.outputs[output], lowered.inputs[name]
        if value in place or value.is_leaf or before in carried.values():
            continue
        if _can_replace(value, before, kernels, first, last):
            carried[value] = before
            place[value] = place[before]
            slots[place[before]].append(value)
    for value in lowered.outputs.values():
        own(value)
    free: dict[str, list[int]] = {}
    ends: dict[int, list[Value]] = {}
    for number, kernel in enumerate(kernels):
        for value in kernel.values:
            if value in place:
                continue
            if not kernel.varies:  # it is there in later runs, too
                own(value)
                continue
            ready = free.setdefault(value.dtype, [])
            at = _best(ready, slots, value)
            if at is None:
                at = len(slots)
                slots.append([])
            else:
                ready.remove(at)
            slots[at].append(value)
            place[value] = at
            ends.setdefault(last[value], []).append(value)
        for value in ends.pop(number, []):
            free.setdefault(value.dtype, []).append(place[value])
    return Plan(place, slots, constants, carried)


def _best(ready: Sequence[int], slots: Sequence[Sequence[Value]], value: Value) -> int | None:
    """A free slot, best one that was made for a tensor of the same size."""
    for at in ready:
        if slots[at][0].shape == value.shape:
            return at
    return ready[0] if ready else None


def _can_replace(
    value: Value,
    before: Value,
    kernels: Sequence[Kernel],
    first: Mapping[Value, int],
    last: Mapping[Value, int],
) -> bool:
    """Whether nothing reads the old numbers once the new ones are written."""
    if value.shape != before.shape or value.dtype != before.dtype:
        return False
    made, read = first[value], last.get(before, -1)
    if read > made or not kernels[made].varies:  # what does not vary is not written again
        return False
    if read < made:
        return True
    kernel = kernels[made]
    if sum(store.value is value for store in kernel.stores) > 1:
        return False
    store = next(store for store in kernel.stores if store.value is value)
    if kernel.reductions or kernel.scan:
        return False
    loads = [s for s in kernel.scalars() if s.op == "load" and s.source is before]
    return all(load.index == store.index for load in loads)
