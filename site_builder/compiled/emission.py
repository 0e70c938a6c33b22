"""Kernels as JavaScript: nested loops over one arena, laid out to be read."""

from __future__ import annotations

import math
from collections import Counter
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field, replace

import numpy as np

from .extents import ZERO, Atom, Extent, text_of
from .fusion import Kernel, Reduction
from .operators import TABLE
from .scalars import Index, Scalar, Var
from .values import Value

ARRAYS = {"float32": "F", "int32": "I", "bool": "B"}
_WIDTH = 100


class Names:
    """Names of what is known once a program is bound to its sizes."""

    def __init__(self) -> None:
        self.lines: list[str] = []
        self._known: dict[object, str] = {}
        self._bases: dict[Value, str] = {}

    def size(self, size: Extent) -> str:
        """A literal, the name of an input's size, or a constant that is computed once."""
        number = size.number
        if number is not None:
            return str(number)
        if len(size.terms) == 1 and size.terms[0][1] == 1 and len(size.terms[0][0]) == 1:
            return self._atom(size.terms[0][0][0])
        return self._named(size, lambda: text_of(size, self._atom))

    def given(self, atom: Atom, text: str) -> None:
        """An input's size, as the caller of the program states it."""
        self._known[atom] = name = f"n{len(self._known)}"
        self.lines.append(f"const {name} = {text}; // {atom.text}")

    def base(self, value: Value, name: str) -> None:
        """Where a tensor begins, under the name of that."""
        self._bases[value] = name

    def start(self, value: Value, offset: Extent) -> str:
        """Where in the arena something of a tensor begins."""
        base = self._bases[value]
        if offset == ZERO:
            return base
        return self._named((value.name, offset), lambda: f"{base} + {text_of(offset, self._atom)}")

    def _atom(self, atom: Atom) -> str:
        known = self._known.get(atom)
        if known is None:
            render = atom.render
            assert render is not None, atom.text
            known = self._named(atom, lambda: render(*map(self.size, atom.parts)))
        return known

    def _named(self, key: object, text: Callable[[], str]) -> str:
        if key not in self._known:
            right = text()
            self._known[key] = name = f"n{len(self._known)}"
            self.lines.append(f"const {name} = {right};")
        return self._known[key]


@dataclass
class _Scope:
    """Statements between two braces; what is named in them is known in those within."""

    level: int
    head: str = ""
    var: Var | None = None
    size: str = ""
    pointers: list[tuple[str, str, str]] = field(default_factory=list)
    body: list[str | _Scope] = field(default_factory=list)
    names: dict[object, str] = field(default_factory=dict)

    def lines(self, depth: int) -> Iterator[str]:
        margin = "  " * depth
        head = self.head if self.var is None else self._loop(self.var.name)
        if head:
            yield margin + head
        inner = depth + bool(head)
        for part in self.body:
            if isinstance(part, _Scope):
                yield from part.lines(inner)
            else:
                yield "  " * inner + part
        if head:
            yield margin + "}"

    def _loop(self, var: str) -> str:
        """Counts, and moves places in memory along."""
        starts = "".join(f", {name} = {start}" for name, start, _ in self.pointers)
        steps = "".join(f", {name} += {step}" for name, _, step in self.pointers)
        return f"for (let {var} = 0{starts}; {var} < {self.size}; {var}++{steps}) {{"


_TRIVIAL = ("number", "result")


class Writer:
    """Writes one kernel."""

    def __init__(self, kernel: Kernel, names: Names) -> None:
        self.kernel, self.names = kernel, names
        self.uses = Counter(part.number for scalar in kernel.scalars() for part in scalar.parts)
        self.uses.update(scalar.number for scalar in kernel.roots)
        self.homes = self._homes()
        self.chain: list[_Scope] = []
        self._count = 0

    def lines(self) -> list[str]:
        """The statements of the kernel."""
        return self._unswitched() or self._nest()

    def _unswitched(self) -> list[str] | None:
        """A choice that is the same for all elements is made once, ahead of the loops."""
        kernel = self.kernel
        if len(kernel.stores) != 1 or kernel.reductions or kernel.scan or not kernel.loops:
            return None
        (store,) = kernel.stores
        if store.scalar.op != "select" or store.adds:
            return None
        condition, *branches = store.scalar.args
        if self.homes[condition.number] >= 0:
            return None
        self.chain = [_Scope(-1)]
        test = self.text(condition)
        made = list(self.chain[0].lines(0))
        for head, branch in zip((f"if ({test}) {{", "} else {"), branches, strict=True):
            half = replace(kernel, stores=[replace(store, scalar=branch)])
            made += [head, *(f"  {line}" for line in Writer(half, self.names).lines())]
        return [*made, "}"]

    def _nest(self) -> list[str]:
        kernel = self.kernel
        top = _Scope(-1)
        self.chain = [top]
        scanned = len(kernel.loops) - 1 if kernel.scan else None
        for level, (var, size) in enumerate(kernel.loops):
            if level == scanned:
                self._inner.body.append(f"let sum = {0 if kernel.scan == 'sum' else 1};")
            self._enter_loop(var, size)
        if scanned == -1:
            top.body.append(f"let sum = {0 if kernel.scan == 'sum' else 1};")
        for ordinals in self._together():
            self._reduce(ordinals)
        texts = [
            (store, self._place(store.value, store.index), self._stored(store.scalar))
            for store in kernel.stores
        ]
        for store, target, text in texts:
            if kernel.scan:
                sign = "+" if kernel.scan == "sum" else "*"
                add = f"sum {sign}= {text};"
                if store.value.dtype == "int32":
                    more = f"sum + ({text}) | 0"
                    add = f"sum = {more if kernel.scan == 'sum' else f'Math.imul(sum, {text})'};"
                put = f"{target} = sum;"
                self._inner.body += [put, add] if kernel.exclusive else [add, put]
            else:
                self._inner.body.append(f"{target} {'+=' if store.adds else '='} {text};")
        return list(top.lines(0))

    # -- scopes

    @property
    def _inner(self) -> _Scope:
        return self.chain[-1]

    def _open(self, level: int, head: str) -> _Scope:
        scope = _Scope(level, head)
        self.chain[-1].body.append(scope)
        self.chain.append(scope)
        return scope

    def _enter_loop(self, var: Var, size: Extent) -> None:
        scope = self._open(var.level, "")
        scope.var, scope.size = var, self.names.size(size)

    def _homes(self) -> dict[int, int]:
        """By scalar, the level of the innermost loop that it depends on."""
        deepest = self.kernel.loops[-1][0].level if self.kernel.loops else -1
        homes: dict[int, int] = {}
        for scalar in self.kernel.scalars():
            levels = [homes[part.number] for part in scalar.parts]
            levels += [p.level for p, _ in scalar.index.terms if isinstance(p, Var)]
            if scalar.op == "result":
                levels.append(deepest)
            homes[scalar.number] = max(levels, default=-1)
        return homes

    def _fresh(self, letter: str) -> str:
        self._count += 1
        return f"{letter}{self._count}"

    def _known(self, key: object) -> str | None:
        for scope in reversed(self.chain):
            if key in scope.names:
                return scope.names[key]
        return None

    def _name(self, key: object, text: str, home: int, letter: str) -> str:
        """Names a value in the outermost scope that knows all it depends on."""
        scope = self._inner
        for candidate in reversed(self.chain):
            if candidate.level < home:
                break
            scope = candidate
        if scope.level < home:
            scope = self._inner
        name = self._fresh(letter)
        line = f"const {name} = {text};"
        # Ahead of the scope within it that is being written, behind all that it may depend on.
        scope.body.insert(len(scope.body) - (scope is not self._inner), line)
        scope.names[key] = name
        return name

    # -- expressions

    def text(self, scalar: Scalar) -> str:
        """JavaScript for a scalar: a name where it has one, or else its operation."""
        if scalar.op in _TRIVIAL:
            return self._trivial(scalar)
        known = self._known(scalar.number)
        if known is not None:
            return known
        home = self.homes[scalar.number]
        text = self._operation(scalar)
        simple = scalar.op == "index" and len(text) <= 4
        outer = home < self._inner.level
        if not simple and (self.uses[scalar.number] > 1 or outer or len(text) > _WIDTH):
            return self._name(scalar.number, text, home, "x")
        return text

    def _atom(self, scalar: Scalar) -> str:
        text = self.text(scalar)
        return text if _is_atom(text) else f"({text})"

    def _trivial(self, scalar: Scalar) -> str:
        if scalar.op == "result":
            return f"a{scalar.value}"
        return literal(scalar.value, scalar.dtype)

    def _operation(self, scalar: Scalar) -> str:
        if scalar.op == "load":
            assert scalar.source is not None
            return self._place(scalar.source, scalar.index)
        if scalar.op == "index":
            return self._index(scalar.index, None)
        if scalar.op == "round":
            return f"Math.fround({self.text(scalar.args[0])})"
        if scalar.op == "select":
            condition, one, other = (self._atom(part) for part in scalar.args)
            return f"{condition} ? {one} : {other}"
        operator = TABLE[scalar.op, scalar.args[0].dtype]
        parts = [self.text(a) if operator.called else self._atom(a) for a in scalar.args]
        for at, part in enumerate(parts):
            # An operand that stands twice is computed once.
            if operator.template.count(f"{{{at}}}") > 1 and not _is_name(part):
                home = self.homes[scalar.args[at].number]
                parts[at] = self._name(scalar.args[at].number, part, home, "x")
        return operator.template.format(*parts)

    def _stored(self, scalar: Scalar) -> str:
        text = self.text(scalar)
        if scalar.dtype == "bool" and scalar.op not in ("load", "number"):
            return f"{text} ? 1 : 0" if _is_atom(text) else f"({text}) ? 1 : 0"
        return text

    def _place(self, value: Value, index: Index) -> str:
        return f"{ARRAYS[value.dtype]}[{self._index(index, value)}]"

    def _index(self, index: Index, value: Value | None) -> str:
        """The sum that an index is; what outer loops know of it is named there."""
        # Places that lie a fixed number apart share all but that number.
        apart = dict(index.offset.terms).get((), 0) if index.terms else 0
        offset = index.offset - apart
        start = self.names.size(offset) if value is None else self.names.start(value, offset)
        terms = [(self._level(part), part, factor) for part, factor in index.terms]
        terms.sort(key=lambda term: term[0])
        text, done = ("" if start == "0" else start), 0
        levels = sorted({level for level, _, _ in terms})
        for level in levels:
            parts = [(part, factor) for at_, part, factor in terms if at_ == level]
            done += len(parts)
            key = ("place", text, *((_key(part), factor) for part, factor in parts))
            known = self._known(key)
            if known is not None:
                text = known
                continue
            moved = self._moved(text, parts, key, last=level == levels[-1])
            if moved is not None:
                text = moved
                continue
            text = " + ".join(filter(None, (text, *(self._term(p, f) for p, f in parts))))
            if level != levels[-1] and not _is_name(text):
                text = self._name(key, text, level, "p")
        if apart:
            text = f"{text} {'-' if apart < 0 else '+'} {abs(apart)}" if text else str(apart)
        return text.replace("+ -", "- ") or "0"

    def _moved(
        self, start: str, parts: list[tuple[Var | Scalar, Extent]], key: object, *, last: bool
    ) -> str | None:
        """A place that moves along with a loop, which takes an addition in place of a product."""
        (part, factor), *others = parts
        if others or not isinstance(part, Var) or (last and factor.number == 1):
            return None
        scope = next((scope for scope in self.chain if scope.var == part), None)
        if scope is None:
            return None
        name = self._fresh("p")
        scope.pointers.append((name, start or "0", self.names.size(factor)))
        scope.names[key] = name
        return name

    def _level(self, part: Var | Scalar) -> int:
        return part.level if isinstance(part, Var) else self.homes[part.number]

    def _term(self, part: Var | Scalar, factor: Extent) -> str:
        text = part.name if isinstance(part, Var) else self._atom(part)
        number = factor.number
        if number == 1:
            return text
        if number == -1:
            return f"-{text}"
        return (
            f"{text} * {self.names.size(factor)}"
            if number is None or number >= 0
            else (f"-{text} * {-number}")
        )

    # -- reductions

    def _together(self) -> list[list[int]]:
        """Reductions by ordinal, those in a row that the same loops can run beside one another."""
        groups: list[list[int]] = []
        for ordinal, reduction in enumerate(self.kernel.reductions):
            last = groups[-1] if groups else []
            first = self.kernel.reductions[last[0]] if last else None
            if (
                first is not None
                and [size for _, size in first.loops] == [size for _, size in reduction.loops]
                and not first.guards
                and not reduction.guards
                and not self._needs(reduction, last)
            ):
                last.append(ordinal)
            else:
                groups.append([ordinal])
        return groups

    def _needs(self, reduction: Reduction, ordinals: list[int]) -> bool:
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

    def _reduce(self, ordinals: list[int]) -> None:
        """Reductions over the same sizes, in the same loops."""
        every = [self.kernel.reductions[ordinal] for ordinal in ordinals]
        inner, first = self._inner, every[0]
        for ordinal, reduction in zip(ordinals, every, strict=True):
            inner.body.append(f"let a{ordinal} = {_first(reduction.how, reduction.body.dtype)};")
            if reduction.how == "arg":
                inner.body.append(f"let best{ordinal} = -Infinity;")
        depth = len(self.chain)
        waiting = list(first.guards)
        for var, size in first.loops:
            self._enter_loop(var, size)
            for guard in [g for g in waiting if self.homes[g.number] <= var.level]:
                waiting.remove(guard)
                self._inner.body.append(f"if (!({self.text(guard)})) continue;")
        for ordinal, reduction in zip(ordinals, every, strict=True):
            body = self.text(reduction.body)
            self._inner.body += self._step(f"a{ordinal}", ordinal, reduction, body)
        del self.chain[depth:]

    def _step(self, name: str, ordinal: int, reduction: Reduction, body: str) -> list[str]:
        how, dtype = reduction.how, reduction.body.dtype
        if how == "arg":
            place = reduction.loops[0][0].name if reduction.loops else "0"
            x = self._fresh("x")
            best = f"best{ordinal}"
            # What is not a number is the largest, and the first one remains so.
            larger = (
                f"!({x} <= {best}) && {best} === {best}" if dtype == "float32" else f"{x} > {best}"
            )
            taken = f"if ({larger}) {{ {best} = {x}; {name} = {place}; }}"
            return [f"const {x} = {body};", taken]
        if dtype == "bool":
            sure = "1" if how == "max" else "0"
            return [f"if ({'' if how == 'max' else '!'}({body})) {name} = {sure};"]
        if how in ("max", "min"):
            return [f"{name} = Math.{how}({name}, {body});"]
        if dtype == "int32":
            if how == "product":
                return [f"{name} = Math.imul({name}, {body});"]
            term = body if _is_atom(body) else f"({body})"
            return [f"{name} = {name} + {term} | 0;"]
        return [f"{name} {'+' if how == 'sum' else '*'}= {body};"]


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


def _key(part: Var | Scalar) -> object:
    return part if isinstance(part, Var) else part.number


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


def _is_name(text: str) -> bool:
    return text.isalnum()


def _is_atom(text: str) -> bool:
    """Whether text stands for itself in any expression: a name, a number, one call or place."""
    if _is_name(text) or text.replace(".", "", 1).isalnum():
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
