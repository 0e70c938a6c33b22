"""When each kernel runs, and which of them one call runs in a row."""

from __future__ import annotations

import itertools
from collections.abc import Collection, Sequence
from dataclasses import dataclass

from .kernel import Kernel
from .lowering import Lowered
from .values import Value

#: Bits of a JavaScript integer that can say which outputs are wanted.
_BITS = 30
#: The bit that is set in a first run: for what depends on no input at all.
_FIRST = -(1 << 31)


@dataclass(frozen=True)
class Group:
    """Kernels that run one after another, under one condition.

    Attributes:
        kernels: Their numbers.
        what: ``wanted`` or ``changed``, whose bits decide.
        mask: Of which one must be set; 0 where they run in any case.
        native: Whether they are there as WebAssembly.
    """

    kernels: tuple[int, ...]
    what: str
    mask: int
    native: bool


def order(lowered: Lowered, kernels: Sequence[Kernel], native: Collection[int] = ()) -> list[Group]:
    """All kernels: first what only changed inputs call for, then what outputs need.

    Args:
        lowered: The graph.
        kernels: In an order in which they can run.
        native: The numbers of those that are there as WebAssembly.
    """
    calls = [*_after_changes(lowered, kernels), *_for_outputs(lowered, kernels)]
    keyed = [(number, (what, mask, number in native)) for number, what, mask in calls]
    return [
        Group(tuple(number for number, _ in group), *key)
        for key, group in itertools.groupby(keyed, lambda call: call[1])
    ]


_Call = tuple[int, str, int]


def _after_changes(lowered: Lowered, kernels: Sequence[Kernel]) -> list[_Call]:
    bits = {name: 1 << min(at, _BITS) for at, name in enumerate(lowered.inputs)}
    return [
        (number, "changed", sum({bits[name] for name in kernel.inputs}) or _FIRST)
        for number, kernel in enumerate(kernels)
        if not kernel.varies
    ]


def _for_outputs(lowered: Lowered, kernels: Sequence[Kernel]) -> list[_Call]:
    wanted: dict[Value, int] = {}
    for at, value in enumerate(lowered.outputs.values()):
        wanted[value] = wanted.get(value, 0) | 1 << min(at, _BITS)
    every = (1 << min(len(lowered.outputs), _BITS + 1)) - 1
    calls: list[_Call] = []
    for number, kernel in reversed(list(enumerate(kernels))):
        mask = 0
        for value in kernel.values:
            mask |= wanted.get(value, 0)
        for value in kernel.loads():
            wanted[value] = wanted.get(value, 0) | mask
        if kernel.varies:
            calls.append((number, "wanted", 0 if mask == every else mask))
    return calls[::-1]
