"""What one element of a tensor is: an expression over loop variables and loads.

Expressions are shared: within one kernel the same operation on the same operands is one object.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from .extents import ZERO, Extent, extent

if TYPE_CHECKING:
    from .values import Value


@dataclass(frozen=True)
class Var:
    """A loop variable. Outer loops have lower levels; those of a reduction are its own."""

    name: str
    level: int


@dataclass(frozen=True)
class Index:
    """A place along an axis, or in memory: sizes times loop variables and integers, summed up.

    Attributes:
        terms: Each variable, or integer that is computed, with its factor.
        offset: What is added.
    """

    terms: tuple[tuple[Var | Scalar, Extent], ...] = ()
    offset: Extent = ZERO

    def __add__(self, other: Index | Extent | int) -> Index:
        if not isinstance(other, Index):
            return Index(self.terms, self.offset + other)
        terms: dict[Var | Scalar, Extent] = dict(self.terms)
        for part, factor in other.terms:
            terms[part] = terms.get(part, ZERO) + factor
        kept = tuple((part, factor) for part, factor in terms.items() if factor != ZERO)
        return Index(tuple(sorted(kept, key=_order)), self.offset + other.offset)

    def __mul__(self, factor: Extent | int) -> Index:
        by = extent(factor)
        if by == ZERO:
            return Index()
        return Index(tuple((part, f * by) for part, f in self.terms), self.offset * by)


def _order(term: tuple[Var | Scalar, Extent]) -> tuple[bool, int, str]:
    part = term[0]
    return (True, part.number, "") if isinstance(part, Scalar) else (False, part.level, part.name)


def at(var: Var) -> Index:
    """The place that a loop variable counts."""
    return Index(((var, extent(1)),))


@dataclass(frozen=True, eq=False)
class Scalar:
    """One number; a node of a directed graph.

    Attributes:
        op: ``load``, ``index``, ``number``, ``result``, ``select`` or a key of `operators.TABLE`.
        args: Its operands.
        dtype: ``float32``, ``int32`` or ``bool``.
        source: The tensor that is loaded from.
        index: Where in its memory, or the value of an ``index``.
        value: The value of a ``number``, or the ordinal of the reduction of a ``result``.
        number: Counts the scalars of a kernel in the order of their making.
    """

    op: str
    args: tuple[Scalar, ...]
    dtype: str
    source: Value | None = None
    index: Index = field(default_factory=Index)
    value: float | int | bool = 0
    number: int = 0

    @property
    def parts(self) -> Iterable[Scalar]:
        """Every scalar that it needs, those of its index too."""
        yield from self.args
        yield from (part for part, _ in self.index.terms if isinstance(part, Scalar))


class Pool:
    """The scalars of one kernel, each made once."""

    def __init__(self) -> None:
        self._known: dict[object, Scalar] = {}

    def make(
        self,
        op: str,
        *args: Scalar,
        dtype: str,
        source: Value | None = None,
        index: Index | None = None,
        value: float | int | bool = 0,
    ) -> Scalar:
        """The scalar of these parts."""
        place = Index() if index is None else index
        # 0.0 == -0.0 and 1 == True, but they are other numbers.
        key = (op, tuple(a.number for a in args), dtype, id(source) if source else 0,
               place, repr(value))  # fmt: skip
        known = self._known.get(key)
        if known is None:
            known = Scalar(op, args, dtype, source, place, value, len(self._known))
            self._known[key] = known
        return known

    def number(self, value: float | int | bool, dtype: str) -> Scalar:
        """A constant."""
        return self.make("number", dtype=dtype, value=value)

    def place(self, index: Index) -> Scalar:
        """The integer that an index is."""
        known = index.offset.number
        if not index.terms and known is not None:
            return self.number(known, "int32")
        if len(index.terms) == 1 and index.offset == ZERO:
            part, factor = index.terms[0]
            if isinstance(part, Scalar) and factor == extent(1):
                return part
        return self.make("index", dtype="int32", index=index)

    def index_of(self, scalar: Scalar) -> Index:
        """An integer as an index."""
        if scalar.op == "number":
            return Index((), extent(int(scalar.value)))
        if scalar.op == "index":
            return scalar.index
        return Index(((scalar, extent(1)),))
