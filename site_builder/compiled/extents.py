"""Sizes that are known when a program starts: polynomials of the sizes of its inputs.

The reader may have changed a width or the batch, so that a size is a number only in the page. Two
sizes are equal here if they are the same polynomial; what can't be said so is decided in the page,
once, when the program is bound to its sizes.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Iterable, Mapping
from functools import reduce

#: A product of atoms, as their texts in order; () is 1.
_Monomial = tuple["Atom", ...]


class Atom:
    """What a size is made of: a size of an input, or a function of sizes that is no polynomial.

    Attributes:
        text: JavaScript for it, in terms of the names of other atoms.
        parts: The sizes that it is computed from; none for a size of an input.
        least: No smaller number than it can be, where one is known.
    """

    __slots__ = ("least", "parts", "render", "text")

    def __init__(
        self,
        text: str,
        parts: tuple[Extent, ...] = (),
        render: Callable[..., str] | None = None,
        least: int | None = None,
    ) -> None:
        self.text, self.parts, self.render, self.least = text, parts, render, least

    def __eq__(self, other: object) -> bool:
        return isinstance(other, Atom) and self.text == other.text

    def __hash__(self) -> int:
        return hash(self.text)

    def __lt__(self, other: Atom) -> bool:
        return self.text < other.text


class Extent:
    """A whole number that is known when a program starts, as a polynomial of atoms."""

    __slots__ = ("_hash", "terms")

    def __init__(self, terms: Mapping[_Monomial, int]) -> None:
        self.terms = tuple(sorted((m, c) for m, c in terms.items() if c))
        self._hash = hash(self.terms)

    def __eq__(self, other: object) -> bool:
        return isinstance(other, Extent) and self.terms == other.terms

    def __hash__(self) -> int:
        return self._hash

    @property
    def number(self) -> int | None:
        """The number itself, where it does not depend on any input's size."""
        if not self.terms:
            return 0
        if len(self.terms) == 1 and not self.terms[0][0]:
            return self.terms[0][1]
        return None

    @property
    def atoms(self) -> Iterable[Atom]:
        """Every atom of it, repeated as often as it stands there."""
        return (atom for monomial, _ in self.terms for atom in monomial)

    def __add__(self, other: Extent | int) -> Extent:
        terms = dict(self.terms)
        for monomial, count in extent(other).terms:
            terms[monomial] = terms.get(monomial, 0) + count
        return Extent(terms)

    def __sub__(self, other: Extent | int) -> Extent:
        return self + extent(other) * -1

    def __mul__(self, other: Extent | int) -> Extent:
        terms: dict[_Monomial, int] = {}
        for left, a in self.terms:
            for right, b in extent(other).terms:
                monomial = tuple(sorted((*left, *right)))
                terms[monomial] = terms.get(monomial, 0) + a * b
        return Extent(terms)

    __radd__ = __add__
    __rmul__ = __mul__

    def __rsub__(self, other: int) -> Extent:
        return extent(other) - self

    def __repr__(self) -> str:
        return text_of(self)


def extent(value: Extent | int) -> Extent:
    """A number as a size."""
    return value if isinstance(value, Extent) else Extent({(): int(value)})


ZERO, ONE = extent(0), extent(1)


def named(name: str, least: int = 0) -> Extent:
    """The size of an input, by its name in the program, and how small it may be."""
    return Extent({(Atom(name, least=least),): 1})


def least(size: Extent) -> int | None:
    """A number that a size is never below, where one can be told."""
    total = 0
    for monomial, count in size.terms:
        bounds = [atom.least for atom in monomial]
        if monomial and (count < 0 or None in bounds or min(b or 0 for b in bounds) < 0):
            return None
        total += count * math.prod(bound or 0 for bound in bounds)
    return total


def _never_below(a: Extent, b: Extent) -> bool:
    bound = least(a - b)
    return bound is not None and bound >= 0


def text_of(size: Extent, name: Callable[[Atom], str] = lambda atom: atom.text) -> str:
    """JavaScript for a size, given the names of its atoms."""
    if not size.terms:
        return "0"
    parts: list[str] = []
    for monomial, count in size.terms:
        factors = [name(atom) for atom in monomial]
        if not factors or abs(count) != 1:
            factors.insert(0, str(abs(count)))
        sign = ("-" if count < 0 else "") if not parts else (" - " if count < 0 else " + ")
        parts.append(sign + " * ".join(factors))
    return "".join(parts)


def _function(
    render: Callable[..., str],
    fold: Callable[..., int],
    *parts: Extent,
    bound: int | None = None,
) -> Extent:
    numbers = [part.number for part in parts]
    if None not in numbers:
        return extent(fold(*numbers))
    text = render(*(f"({text_of(part)})" for part in parts))
    return Extent({(Atom(text, parts, render, bound),): 1})


def floor_div(a: Extent, b: Extent) -> Extent:
    """The quotient rounded down; exact quotients of polynomials by numbers are worked out."""
    divisor = b.number
    if divisor == 1:
        return a
    if divisor and all(count % divisor == 0 for _, count in a.terms):
        return Extent({monomial: count // divisor for monomial, count in a.terms})
    if a == b:
        return ONE
    if divisor and divisor > 0:
        # Whole multiples come out of the brackets: (2n + 1) / 2 is n + 1 / 2, rounded down n.
        whole = Extent({m: c // divisor for m, c in a.terms if c % divisor == 0})
        if whole.terms:
            return whole + floor_div(a - whole * divisor, b)
    return _function(lambda x, y: f"Math.floor({x} / {y})", lambda x, y: x // y if y else 0, a, b)


def floor_mod(a: Extent, b: Extent) -> Extent:
    """The remainder, with the sign of the divisor."""
    return a - floor_div(a, b) * b


def maximum(a: Extent, b: Extent) -> Extent:
    """The larger one."""
    if _never_below(a, b):
        return a
    if _never_below(b, a):
        return b
    bounds = [bound for bound in (least(a), least(b)) if bound is not None]
    bound = max(bounds, default=None)
    return _function(lambda x, y: f"Math.max({x}, {y})", max, a, b, bound=bound)


def minimum(a: Extent, b: Extent) -> Extent:
    """The smaller one."""
    for one, other in ((a, b), (b, a)):
        # ONNX says "up to the end" with the largest integer there is.
        if _never_below(other, one) or other.number == 2**31 - 1:
            return one
    bounds = [bound for bound in (least(a), least(b)) if bound is not None]
    bound = min(bounds) if len(bounds) == 2 else None
    return _function(lambda x, y: f"Math.min({x}, {y})", min, a, b, bound=bound)


_COMPARISONS: dict[str, Callable[[int, int], bool]] = {
    "===": lambda x, y: x == y,
    "!==": lambda x, y: x != y,
    "<": lambda x, y: x < y,
    "<=": lambda x, y: x <= y,
    ">": lambda x, y: x > y,
    ">=": lambda x, y: x >= y,
}


def _compared(relation: str, low: int | None, high: int | None) -> bool | None:
    """Whether a relation to 0 holds for all numbers from `low` to `high`, or for none."""
    if relation in ("!==", "<=", ">="):
        opposite = _compared({"!==": "===", "<=": ">", ">=": "<"}[relation], low, high)
        return None if opposite is None else not opposite
    if relation == "===":
        apart = (low is not None and low > 0) or (high is not None and high < 0)
        return False if apart else None
    if relation == "<":
        return (
            False
            if low is not None and low >= 0
            else (True if high is not None and high < 0 else None)
        )
    return (
        False if high is not None and high <= 0 else (True if low is not None and low > 0 else None)
    )


def compare(relation: str, a: Extent, b: Extent) -> Extent:
    """1 where the relation holds, else 0."""
    holds = _COMPARISONS[relation]
    difference = (a - b).number
    if difference is not None:
        return extent(int(holds(difference, 0)))
    low, high = least(a - b), least(b - a)
    known = _compared(relation, low, None if high is None else -high)
    if known is not None:
        return extent(int(known))
    return _function(
        lambda x, y: f"Number({x} {relation} {y})", lambda x, y: int(holds(x, y)), a, b
    )


def select(condition: Extent, a: Extent, b: Extent) -> Extent:
    """`a` where the condition is not 0, else `b`."""
    if a == b:
        return a
    known = condition.number
    if known is not None:
        return a if known else b
    render = lambda c, x, y: f"({c} ? {x} : {y})"  # noqa: E731
    return _function(render, lambda c, x, y: x if c else y, condition, a, b)


def product(sizes: Iterable[Extent]) -> Extent:
    """The product of sizes; 1 of none."""
    return reduce(lambda a, b: a * b, sizes, ONE)


def strides(shape: tuple[Extent, ...]) -> tuple[Extent, ...]:
    """How far apart neighbours along each axis are in a row-major tensor."""
    return tuple(product(shape[axis + 1 :]) for axis in range(len(shape)))


def broadcast(a: Extent, b: Extent) -> Extent:
    """One dimension of a result that two operands are broadcast to."""
    if a == b or b.number == 1:
        return a
    if a.number == 1:
        return b
    for one, other in ((a, b), (b, a)):
        if one.number is not None and other.number is None:
            return one  # the other is the same number, or 1
    if a.number is not None:
        raise ValueError(f"sizes {a} and {b} do not broadcast")
    return select(compare("===", a, ONE), b, a)


def is_product_of(shape: Iterable[Extent], size: int) -> bool:
    """Whether the sizes are numbers whose product is `size`."""
    numbers = [dim.number for dim in shape]
    return None not in numbers and math.prod(n for n in numbers if n is not None) == size
