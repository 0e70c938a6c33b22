"""Kernels as JavaScript: nested loops over one arena, laid out to be read."""

from __future__ import annotations

import math
from collections.abc import Iterator, Sequence

import numpy as np

from .operators import TABLE
from .statements import (
    Begin,
    Block,
    Choice,
    Expr,
    Let,
    Load,
    Name,
    Number,
    Put,
    Skip,
    Statement,
    Sum,
    Take,
)

ARRAYS = {"float32": "F", "int32": "I", "bool": "B"}


def lines(statements: Sequence[Statement]) -> Iterator[str]:
    """The lines of some statements, indented by two spaces a block."""
    for statement in statements:
        if isinstance(statement, Block):
            yield _loop(statement) if statement.var else "{"
            yield from _indented(statement.body)
            yield "}"
        elif isinstance(statement, Choice):
            yield f"if ({_text(statement.condition)}) {{"
            yield from _indented(statement.yes)
            if statement.no:
                yield "} else {"
                yield from _indented(statement.no)
            yield "}"
        elif isinstance(statement, Let):
            yield f"const {statement.name.text} = {_text(statement.value)};"
        elif isinstance(statement, Put):
            sign = "+=" if statement.adds else "="
            yield f"{_place(statement.at, statement.dtype)} {sign} {_stored(statement.value)};"
        elif isinstance(statement, Begin):
            yield f"let {statement.name.text} = {_first(statement.how, statement.name.dtype)};"
            if statement.how == "arg":
                yield f"let {_best(statement.name)} = -Infinity;"
        elif isinstance(statement, Skip):
            yield f"if (!({_text(statement.unless)})) continue;"
        else:
            yield from _take(statement)


def _indented(statements: Sequence[Statement]) -> Iterator[str]:
    return (f"  {line}" for line in lines(statements))


def _loop(block: Block) -> str:
    """Counts, and moves places in memory along."""
    assert block.var is not None
    var = block.var.name
    starts = "".join(f", {p.name} = {p.start}" for p in block.pointers)
    steps = "".join(f", {p.name} += {p.step}" for p in block.pointers)
    return f"for (let {var} = 0{starts}; {var} < {block.size}; {var}++{steps}) {{"


def _best(name: Name) -> str:
    return f"best{name.text}"


def _take(take: Take) -> Iterator[str]:
    name, dtype, how, value = take.name.text, take.name.dtype, take.how, _text(take.value)
    if how == "arg":
        x, best = f"{name}x", _best(take.name)
        # What is not a number is the largest, and the first one remains so.
        larger = f"!({x} <= {best}) && {best} === {best}" if dtype == "float32" else f"{x} > {best}"
        yield f"const {x} = {value};"
        yield f"if ({larger}) {{ {best} = {x}; {name} = {take.place}; }}"
    elif dtype == "bool":
        sure = "1" if how == "max" else "0"
        yield f"if ({'' if how == 'max' else '!'}({value})) {name} = {sure};"
    elif how in ("max", "min"):
        yield f"{name} = Math.{how}({name}, {value});"
    elif dtype == "int32":
        product = f"Math.imul({name}, {value})"
        yield f"{name} = {product if how == 'product' else f'{name} + {_atom(take.value)} | 0'};"
    else:
        yield f"{name} {'+' if how == 'sum' else '*'}= {value};"


def _first(how: str, dtype: str) -> str:
    if how in ("sum", "arg"):
        return "0"
    if how == "product":
        return "1"
    if dtype == "bool":
        return "0" if how == "max" else "1"
    if dtype == "int32":
        return "-2147483648" if how == "max" else "2147483647"
    return "-Infinity" if how == "max" else "Infinity"


# -- expressions


def _text(expr: Expr) -> str:
    if isinstance(expr, Name):
        return expr.text
    if isinstance(expr, Number):
        return literal(expr.value, expr.dtype)
    if isinstance(expr, Sum):
        return _sum(expr)
    if isinstance(expr, Load):
        return _place(expr.at, expr.dtype)
    if expr.op == "round":
        return f"Math.fround({_text(expr.args[0])})"
    if expr.op == "select":
        condition, one, other = (_atom(arg) for arg in expr.args)
        return f"{condition} ? {one} : {other}"
    operator = TABLE[expr.op, expr.args[0].dtype]
    return operator.template.format(*map(_text if operator.called else _atom, expr.args))


def _atom(expr: Expr) -> str:
    text = _text(expr)
    return text if _is_atom(text) else f"({text})"


def _stored(expr: Expr) -> str:
    """What memory takes: of truth values 0 or 1."""
    if expr.dtype == "bool" and not isinstance(expr, Load | Number):
        return f"{_atom(expr)} ? 1 : 0"
    return _text(expr)


def _place(at: Sum, dtype: str) -> str:
    return f"{ARRAYS[dtype]}[{_sum(at)}]"


def _sum(expr: Sum) -> str:
    text = " + ".join(filter(None, (expr.start, *(_term(*term) for term in expr.terms))))
    if expr.apart:
        apart = f"{'-' if expr.apart < 0 else '+'} {abs(expr.apart)}"
        text = f"{text} {apart}" if text else str(expr.apart)
    return text.replace("+ -", "- ") or "0"


def _term(part: Expr, times: str) -> str:
    text = _atom(part)
    if times == "1":
        return text
    if times.startswith("-"):
        return f"-{text}" if times == "-1" else f"-{text} * {times[1:]}"
    return f"{text} * {times}"


def literal(value: float | int | bool, dtype: str) -> str:
    """A number as JavaScript writes it, with no more digits than its type has."""
    if dtype == "bool":
        return "1" if value else "0"
    if dtype == "int32":
        return str(int(value))
    if math.isnan(value):
        return "NaN"
    if math.isinf(value):
        return "Infinity" if value > 0 else "-Infinity"
    rounded = np.float32(value)
    # The double is what a load of the float32 would give: shorter digits would be another number.
    number = float(rounded)
    if number == int(number) and abs(number) < 2**53:
        return "-0" if math.copysign(1, number) < 0 and not number else str(int(number))
    return repr(number)


def _is_atom(text: str) -> bool:
    """Whether text stands for itself in any expression: a name, a number, one call or place."""
    if text.isalnum() or text.replace(".", "", 1).isalnum():
        return True
    if not text or not (text[0].isalpha()) or text[-1] not in ")]":
        return False
    depth, begun = 0, False
    for at, letter in enumerate(text):
        if letter in "([":
            depth, begun = depth + 1, True
        elif letter in ")]":
            depth -= 1
            if depth == 0 and at < len(text) - 1:
                return False
        elif depth == 0 and not (letter.isalnum() or letter in "._"):
            return False
    return begun
