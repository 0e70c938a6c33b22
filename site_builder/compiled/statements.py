"""What a kernel does, statement by statement, before any language has it."""

from __future__ import annotations

from dataclasses import dataclass, field

from .scalars import Var

# -- expressions


@dataclass(frozen=True)
class Name:
    """A number that a statement has computed.

    Attributes:
        text: The name.
        dtype: ``float32``, ``int32`` or ``bool``; of a place in memory ``int32``.
        wide: Whether it stands for the numbers of all lanes.
    """

    text: str
    dtype: str
    wide: bool = False


@dataclass(frozen=True)
class Number:
    """A constant."""

    value: float | int | bool
    dtype: str
    wide: bool = False


@dataclass(frozen=True)
class Sum:
    """An integer: a start, multiples of others, and a number.

    Attributes:
        start: A name, or nothing.
        terms: What is added, and how often: a literal or the name of a size.
        apart: A number that is added.
        place: The element type of what stands there, where it is a place in memory.
    """

    start: str
    terms: tuple[tuple[Expr, str], ...] = ()
    apart: int = 0
    place: str | None = None
    dtype: str = "int32"
    wide: bool = False


@dataclass(frozen=True)
class Load:
    """An element in memory; of several lanes elements that are `stride` apart."""

    at: Sum
    dtype: str
    wide: bool = False
    stride: str = "1"


@dataclass(frozen=True)
class Apply:
    """An operation: ``select``, ``round``, ``ramp`` or a key of `operators.TABLE`.

    A ramp is an integer that is by so much larger from lane to lane.
    """

    op: str
    args: tuple[Expr, ...]
    dtype: str
    wide: bool = False


Expr = Name | Number | Sum | Load | Apply


def parts_of(expr: Expr) -> tuple[Expr, ...]:
    """What an expression is made from."""
    if isinstance(expr, Apply):
        return expr.args
    if isinstance(expr, Load):
        return (expr.at,)
    if isinstance(expr, Sum):
        return tuple(part for part, _ in expr.terms)
    return ()


def weight(expr: Expr) -> int:
    """How much there is to read of an expression."""
    return 1 + sum(weight(part) for part in parts_of(expr))


# -- statements


@dataclass
class Let:
    """Names a number."""

    name: Name
    value: Expr


@dataclass
class Put:
    """Writes, or adds, to memory; a `wide` one for all lanes, to places `stride` apart."""

    at: Sum
    value: Expr
    dtype: str
    adds: bool = False
    wide: bool = False
    stride: str = "1"


@dataclass
class Begin:
    """Begins to gather numbers up: ``sum``, ``product``, ``max``, ``min`` or ``arg``."""

    name: Name
    how: str


@dataclass
class Take:
    """Takes one more number in; of an ``arg``, whose result is a `place`, the best one."""

    name: Name
    how: str
    value: Expr
    place: str = ""


@dataclass
class Skip:
    """Goes on with the next turn of the loop unless something is true."""

    unless: Expr


@dataclass
class Choice:
    """One of two blocks; `no` may be empty."""

    condition: Expr
    yes: list[Statement]
    no: list[Statement]


@dataclass
class Pointer:
    """A place in memory that moves along with a loop.

    Attributes:
        name: Its name.
        start: Where it is in the first turn.
        step: How far it moves, a literal or the name of a size.
        place: The element type of what stands there.
    """

    name: str
    start: str
    step: str
    place: str | None


@dataclass
class Block:
    """Statements, in a loop or not; what is named in them is known in blocks within it.

    Attributes:
        level: That of its loop's variable; -1 of what is in no loop.
        var: The loop's variable, or None where the statements run once.
        size: How often the loop runs, a literal or a name.
    """

    level: int
    var: Var | None = None
    size: str = ""
    pointers: list[Pointer] = field(default_factory=list)
    body: list[Statement] = field(default_factory=list)
    names: dict[object, Name] = field(default_factory=dict)


Statement = Let | Put | Begin | Take | Skip | Choice | Block
