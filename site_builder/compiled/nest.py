"""What of a kernel is computed in which of its loops, and under which name."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from dataclasses import replace

from .extents import Extent
from .jamming import LANES
from .kernel import Kernel
from .names import Names
from .operators import TABLE
from .scalars import Index, Scalar, Var
from .statements import (
    Apply,
    Begin,
    Block,
    Choice,
    Expr,
    Let,
    Load,
    Name,
    Number,
    Pointer,
    Put,
    Skip,
    Statement,
    Sum,
    Take,
    weight,
)
from .values import Value

#: An expression of more parts than this gets a name.
LONG = 16
_TRIVIAL = ("number", "result")


def nest(kernel: Kernel, names: Names) -> list[Statement]:
    """A kernel's statements: loops, and in them what each turn computes."""
    return _Nest(kernel, names).statements()


def nested(nests: Sequence[tuple[Kernel, Extent]], names: Names) -> list[Statement]:
    """The statements of several nests, each with how often its innermost loop runs.

    What does not run at all is left out, with all that is read ahead of the loop: there may be
    nothing to read.
    """
    if len(nests) == 1:
        return nest(nests[0][0], names)
    made: list[Statement] = []
    for kernel, times in nests:
        body = nest(kernel, names)
        if (times.number or 0) > 0:
            made.append(Block(-1, body=body))
        else:
            runs = Apply("Greater", (Sum(names.size(times)), Number(0, "int32")), "bool")
            made.append(Choice(runs, body, []))
    return made


class _Nest:
    def __init__(self, kernel: Kernel, names: Names) -> None:
        self.kernel, self.names = kernel, names
        self.uses = Counter(part.number for scalar in kernel.scalars() for part in scalar.parts)
        self.uses.update(scalar.number for scalar in kernel.roots)
        self.homes = kernel.homes()
        self.wide = kernel.wide()
        self.chain: list[Block] = []
        self._count = 0

    def statements(self) -> list[Statement]:
        return self._unswitched() or self._loops()

    def _unswitched(self) -> list[Statement] | None:
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
        top = Block(-1)
        self.chain = [top]
        test = self.expr(condition)
        halves = [
            _Nest(replace(kernel, stores=[replace(store, scalar=branch)]), self.names)
            for branch in branches
        ]
        yes, no = (half.statements() for half in halves)
        return [*top.body, Choice(test, yes, no)]

    def _loops(self) -> list[Statement]:
        kernel = self.kernel
        top = Block(-1)
        self.chain = [top]
        gathered = Name("sum", kernel.stores[0].value.dtype)
        for var, size in kernel.loops[: -1 if kernel.scan else None]:
            self._enter(var, size)
        if kernel.scan:
            self._inner.body.append(Begin(gathered, kernel.scan))
            for var, size in kernel.loops[-1:]:
                self._enter(var, size)
        for ordinals in self.kernel.together():
            self._reduce(ordinals)
        made = [
            (store, *self._place(store.value, store.index), self.expr(store.scalar))
            for store in kernel.stores
        ]
        wide = kernel.lanes is not None
        for store, at, stride, value in made:
            if kernel.scan:
                take = Take(gathered, kernel.scan, value)
                put = Put(at, gathered, store.value.dtype)
                self._inner.body += [put, take] if kernel.exclusive else [take, put]
            else:
                self._inner.body.append(Put(at, value, store.value.dtype, store.adds, wide, stride))
        return top.body

    # -- blocks

    @property
    def _inner(self) -> Block:
        return self.chain[-1]

    def _enter(self, var: Var, size: Extent) -> None:
        block = Block(var.level, var, self.names.size(size))
        self.chain[-1].body.append(block)
        self.chain.append(block)

    def _fresh(self, letter: str) -> str:
        self._count += 1
        return f"{letter}{self._count}"

    def _known(self, key: object) -> Name | None:
        for block in reversed(self.chain):
            if key in block.names:
                return block.names[key]
        return None

    def _name(self, key: object, value: Expr, home: int, letter: str) -> Name:
        """Names a value in the outermost block that knows all it depends on."""
        block = self._inner
        for candidate in reversed(self.chain):
            if candidate.level < home:
                break
            block = candidate
        if block.level < home:
            block = self._inner
        name = Name(self._fresh(letter), value.dtype, value.wide)
        # Ahead of the block within it that is being written, behind all that it may depend on.
        block.body.insert(len(block.body) - (block is not self._inner), Let(name, value))
        block.names[key] = name
        return name

    # -- expressions

    def expr(self, scalar: Scalar) -> Expr:
        """A scalar's name where it has one, or else its operation."""
        if scalar.op in _TRIVIAL:
            return self._trivial(scalar)
        known = self._known(scalar.number)
        if known is not None:
            return known
        home = self.homes[scalar.number]
        made = self._operation(scalar)
        simple = isinstance(made, Sum) and weight(made) <= 2 and not (made.start and made.terms)
        outer = home < self._inner.level
        if not simple and (self.uses[scalar.number] > 1 or outer or weight(made) > LONG):
            return self._name(scalar.number, made, home, "x")
        return made

    def _trivial(self, scalar: Scalar) -> Expr:
        if scalar.op == "result":
            return Name(f"a{scalar.value}", scalar.dtype, scalar.number in self.wide)
        return Number(scalar.value, scalar.dtype)

    def _operation(self, scalar: Scalar) -> Expr:
        wide = scalar.number in self.wide
        if scalar.op == "load":
            assert scalar.source is not None
            at, stride = self._place(scalar.source, scalar.index)
            return Load(at, scalar.dtype, wide, stride)
        if scalar.op == "index":
            first = self._index(scalar.index, None)
            if not wide:
                return first
            step = Sum(self._stride(scalar.index))
            return Apply("ramp", (first, step), "int32", wide=True)
        if scalar.op == "select":
            branches = tuple(self.expr(part) for part in scalar.args)
            return Apply("select", branches, scalar.dtype, wide)
        if scalar.op == "round":
            return Apply("round", (self.expr(scalar.args[0]),), scalar.dtype, wide)
        template = TABLE[scalar.op, scalar.args[0].dtype].template
        made = [self.expr(arg) for arg in scalar.args]
        for n, (arg, operand) in enumerate(zip(scalar.args, made, strict=True)):
            # An operand that stands twice is computed once.
            if template.count(f"{{{n}}}") > 1 and not isinstance(operand, Name | Number):
                made[n] = self._name(arg.number, operand, self.homes[arg.number], "x")
        return Apply(scalar.op, tuple(made), scalar.dtype, wide)

    def _place(self, value: Value, index: Index) -> tuple[Sum, str]:
        """Where an element stands, and how far from it that of the next lane."""
        return self._index(index, value), self._stride(index)

    def _stride(self, index: Index) -> str:
        lanes = self.kernel.lanes
        factor = dict(index.terms).get(lanes) if lanes is not None else None
        return "1" if factor is None else self.names.size(per_lane(factor))

    def _index(self, index: Index, value: Value | None) -> Sum:
        """The sum that an index is; what outer loops know of it is named there."""
        place = None if value is None else value.dtype
        # Places that lie a fixed number apart share all but that number.
        apart = dict(index.offset.terms).get((), 0) if index.terms else 0
        offset = index.offset - apart
        start = self.names.size(offset) if value is None else self.names.start(value, offset)
        start = "" if start == "0" else start
        terms = [(self._level(part), part, factor) for part, factor in index.terms]
        terms.sort(key=lambda term: term[0])
        levels = sorted({level for level, _, _ in terms})
        for level in levels:
            parts = [(part, factor) for at_, part, factor in terms if at_ == level]
            key = ("place", start, *((_key(part), factor) for part, factor in parts))
            known = self._known(key)
            if known is not None:
                start = known.text
                continue
            moved = self._moved(start, parts, key, place, last=level == levels[-1])
            if moved is not None:
                start = moved
                continue
            made = tuple((self._part(part), self.names.size(factor)) for part, factor in parts)
            if level == levels[-1]:
                return Sum(start, made, apart, place)
            ((only, times), *more) = made
            if not start and not more and times == "1" and isinstance(only, Name):
                start = only.text
            else:
                start = self._name(key, Sum(start, made, 0, place), level, "p").text
        return Sum(start, (), apart, place)

    def _moved(
        self,
        start: str,
        parts: list[tuple[Var | Scalar, Extent]],
        key: object,
        place: str | None,
        *,
        last: bool,
    ) -> str | None:
        """A place that moves along with a loop, which takes an addition in place of a product."""
        (part, factor), *others = parts
        if others or not isinstance(part, Var) or (last and factor.number == 1):
            return None
        block = next((block for block in self.chain if block.var == part), None)
        if block is None:
            return None
        name = self._fresh("p")
        block.pointers.append(Pointer(name, start or "0", self.names.size(factor), place))
        block.names[key] = Name(name, "int32")
        return name

    def _level(self, part: Var | Scalar) -> int:
        return part.level if isinstance(part, Var) else self.homes[part.number]

    def _part(self, part: Var | Scalar) -> Expr:
        return Name(part.name, "int32") if isinstance(part, Var) else self.expr(part)

    # -- reductions

    def _reduce(self, ordinals: list[int]) -> None:
        """Reductions over the same sizes, in the same loops."""
        reductions = [self.kernel.reductions[ordinal] for ordinal in ordinals]
        results = [
            Name(f"a{ordinal}", reduction.body.dtype, reduction.body.number in self.wide)
            for ordinal, reduction in zip(ordinals, reductions, strict=True)
        ]
        first = reductions[0]
        for name, reduction in zip(results, reductions, strict=True):
            self._inner.body.append(Begin(name, reduction.how))
        depth = len(self.chain)
        waiting = list(first.guards)
        for var, size in first.loops:
            self._enter(var, size)
            for guard in [g for g in waiting if self.homes[g.number] <= var.level]:
                waiting.remove(guard)
                self._inner.body.append(Skip(self.expr(guard)))
        for name, reduction in zip(results, reductions, strict=True):
            value = self.expr(reduction.body)
            place = reduction.loops[0][0].name if reduction.loops else "0"
            self._inner.body.append(Take(name, reduction.how, value, place))
        del self.chain[depth:]


def per_lane(factor: Extent) -> Extent:
    """How far a place moves from lane to lane, from how far it moves from turn to turn."""
    return Extent({monomial: count // LANES for monomial, count in factor.terms})


def _key(part: Var | Scalar) -> object:
    return part if isinstance(part, Var) else part.number
