"""A nest of loops that is to compute some tensors, before it is written in any language."""

from __future__ import annotations

from dataclasses import dataclass, field

from .extents import Extent
from .operators import TABLE
from .scalars import Index, Pool, Scalar, Var
from .values import Value

#: A function that takes so many additions is not computed in the loops of a product, whose columns
#: are taken several at a time: engines set a function into the loop that calls it only so often.
CALL = 8


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


def cost_of(scalar: Scalar) -> int | None:
    """About how many additions an operation takes; None for what is none."""
    operator = TABLE.get((scalar.op, scalar.args[0].dtype)) if scalar.args else None
    return None if operator is None else operator.cost


@dataclass
class Kernel:
    """One nest of loops: in its innermost one reductions come first, then stores.

    Attributes:
        loops: Variables, outermost first, and how often each loop runs.
        reductions: In the order in which they run.
        stores: All of them after all reductions.
        scan: How the stored elements are gathered up along the last loop.
        exclusive: Whether such a sum leaves out the element of its own place.
        lanes: The variable each of whose turns computes several elements at once.
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
    lanes: Var | None = None
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

    def wide(self) -> set[int]:
        """By number, the scalars that are another number in every lane."""
        found: set[int] = set()
        bodies = {at: reduction.body.number for at, reduction in enumerate(self.reductions)}
        for scalar in self.scalars():
            own = any(part is self.lanes for part, _ in scalar.index.terms)
            of_body = scalar.op == "result" and bodies[int(scalar.value)] in found
            if self.lanes and (own or of_body or any(p.number in found for p in scalar.parts)):
                found.add(scalar.number)
        return found

    def homes(self) -> dict[int, int]:
        """By scalar, the level of the innermost loop that it depends on."""
        deepest = self.loops[-1][0].level if self.loops else -1
        homes: dict[int, int] = {}
        for scalar in self.scalars():
            levels = [homes[part.number] for part in scalar.parts]
            levels += [p.level for p, _ in scalar.index.terms if isinstance(p, Var)]
            if scalar.op == "result":
                levels.append(deepest)
            homes[scalar.number] = max(levels, default=-1)
        return homes

    def together(self) -> list[list[int]]:
        """Reductions by ordinal, those in a row that the same loops can run beside one another."""
        groups: list[list[int]] = []
        for ordinal, reduction in enumerate(self.reductions):
            last = groups[-1] if groups else []
            first = self.reductions[last[0]] if last else None
            if (
                first is not None
                and [size for _, size in first.loops] == [size for _, size in reduction.loops]
                and not first.guards
                and not reduction.guards
                and not _needs(reduction, last)
            ):
                last.append(ordinal)
            else:
                groups.append([ordinal])
        return groups


def _needs(reduction: Reduction, ordinals: list[int]) -> bool:
    """Whether a reduction is made from the results of others."""
    ahead, seen = [reduction.body], set()
    while ahead:
        scalar = ahead.pop()
        if scalar.op == "result" and scalar.value in ordinals:
            return True
        if scalar.number not in seen:
            seen.add(scalar.number)
            ahead.extend(scalar.parts)
    return False
