"""One kernel as a function of WebAssembly, in its text format."""

from __future__ import annotations

import math
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field

from .extents import Extent
from .kernel import Kernel
from .names import Names
from .nest import nested
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
    Statement,
    Sum,
    Take,
)
from .wasm_operators import Unsupported, function_of, number, operation

_BYTES = {"float32": 4, "int32": 4, "bool": 1}
_LANES = range(4)


@dataclass
class Needs:
    """What kernels need from around them.

    Attributes:
        sizes: JavaScript for places, in bytes, and for how often loops run, by their names.
        functions: Names of functions that WebAssembly lacks.
    """

    sizes: dict[str, str] = field(default_factory=dict)
    functions: set[str] = field(default_factory=set)

    def size(self, text: str, times: int) -> str:
        """A size, or a multiple of it."""
        if text.lstrip("-").isdigit():
            return f"(i32.const {int(text) * times})"
        name = text if times == 1 else f"{text}x{times}"
        self.sizes.setdefault(name, text if times == 1 else f"{times} * {text}")
        return f"(global.get ${name})"

    def add(self, others: Needs) -> None:
        """Puts those of others to them."""
        self.sizes |= others.sizes
        self.functions |= others.functions


class Function:
    """Writes one kernel as a function."""

    def __init__(self, names: Names, needs: Needs) -> None:
        self.names, self.needs = names, needs
        self.types: dict[str, str] = {}
        self.gathered: dict[str, str] = {}

    def text(self, name: str, nests: Sequence[tuple[Kernel, Extent]]) -> str:
        body = list(self.statements(nested(nests, self.names)))
        local = " ".join(f"(local ${text} {kind})" for text, kind in self.types.items())
        return "\n".join((f"(func ${name}", *indented([local, *body] if local else body), ")"))

    # -- statements

    def statements(self, statements: Sequence[Statement]) -> Iterator[str]:
        for statement in statements:
            if isinstance(statement, Block) and statement.var is None:
                yield from self.statements(statement.body)
            elif isinstance(statement, Block):
                yield from self._loop(statement)
            elif isinstance(statement, Choice):
                yield f"(if {self.code(statement.condition)} (then"
                yield from indented(self.statements(statement.yes))
                if statement.no:
                    yield ") (else"
                    yield from indented(self.statements(statement.no))
                yield "))"
            elif isinstance(statement, Let):
                value = statement.value
                name = self._local(statement.name.text, _type(value))
                yield f"(local.set {name} {self.code(value)})"
            elif isinstance(statement, Put):
                yield from self._put(statement)
            elif isinstance(statement, Begin):
                yield self._begin(statement)
            elif isinstance(statement, Take):
                yield self._take(statement)
            else:
                raise Unsupported("a loop that leaves turns out")

    def _local(self, text: str, kind: str) -> str:
        """A variable; those of one name and several types are several."""
        name = f"{text}.{kind}" if kind != "i32" else text
        self.types[name] = kind
        return f"${name}"

    def _loop(self, block: Block) -> Iterator[str]:
        assert block.var is not None
        var = self._local(block.var.name, "i32")
        size = self.needs.size(block.size, 1)
        yield f"(local.set {var} (i32.const 0))"
        for pointer in block.pointers:
            start = self._start(pointer.start, _scale(pointer.place))
            yield f"(local.set {self._local(pointer.name, 'i32')} {start})"
        moves = [self._move(pointer) for pointer in block.pointers]
        more = f"(local.tee {var} (i32.add (local.get {var}) (i32.const 1)))"
        again = f"(br_if {var} (i32.lt_s {more} {size}))"
        lines = [f"(loop {var}", *indented([*self.statements(block.body), *moves, again]), ")"]
        if block.size.isdigit() and int(block.size) > 0:
            yield from lines
        else:
            yield f"(if (i32.gt_s {size} (i32.const 0)) (then"
            yield from indented(lines)
            yield "))"

    def _move(self, pointer: Pointer) -> str:
        step = self.needs.size(pointer.step, _scale(pointer.place))
        return f"(local.set ${pointer.name} (i32.add (local.get ${pointer.name}) {step}))"

    def _put(self, put: Put) -> Iterator[str]:
        at, value = self.code(put.at), self.code(put.value, put.wide)
        if not put.wide:
            kind = {"float32": "f32", "int32": "i32", "bool": "i32"}[put.dtype]
            if put.adds:
                value = f"({kind}.add ({kind}.load {at}) {value})"
            yield f"({kind}.store{'8' if put.dtype == 'bool' else ''} {at} {value})"
            return
        if put.dtype == "bool":
            raise Unsupported("truth values are bytes")
        if put.stride == "1":
            if put.adds:
                lanes = "f32x4" if put.dtype == "float32" else "i32x4"
                value = f"({lanes}.add (v128.load {at}) {value})"
            yield f"(v128.store {at} {value})"
            return
        if put.adds:
            raise Unsupported("a sum at places apart")
        made, place = self._local("lanes", "v128"), self._local("place", "i32")
        yield f"(local.set {made} {value})"
        yield f"(local.set {place} {at})"
        for lane in _LANES:
            there = self._lane(f"(local.get {place})", put.stride, lane)
            yield f"(v128.store32_lane {lane} {there} (local.get {made}))"

    def _lane(self, at: str, stride: str, lane: int) -> str:
        return at if lane == 0 else f"(i32.add {at} {self.needs.size(stride, 4 * lane)})"

    def _begin(self, begin: Begin) -> str:
        if begin.how == "arg":
            raise Unsupported("the place of the largest")
        name, wide = begin.name, begin.name.wide
        kind = "v128" if wide else "f32" if name.dtype == "float32" else "i32"
        if kind == "f32" and begin.how in ("sum", "product"):
            kind = "f64"
        if wide and name.dtype == "bool":
            raise Unsupported("truth values are bytes")
        self.gathered[name.text] = kind
        first: float = {"sum": 0, "product": 1}.get(begin.how, 0)
        if begin.how in ("max", "min"):
            sign = -1 if begin.how == "max" else 1
            first = sign * math.inf
            if name.dtype == "int32":
                first = -(2**31) if sign < 0 else 2**31 - 1
            elif name.dtype == "bool":
                first = int(sign > 0)
        if kind == "f64":
            value = f"(f64.const {first})"
        else:
            value = self.code(Number(first, "int32" if name.dtype == "bool" else name.dtype), wide)
        return f"(local.set {self._local(name.text, kind)} {value})"

    def _take(self, take: Take) -> str:
        name, dtype, wide = take.name.text, take.name.dtype, take.name.wide
        kind = self.gathered[name]
        local = self._local(name, kind)
        old, value = f"(local.get {local})", self.code(take.value, wide)
        if kind == "f64":
            op = "add" if take.how == "sum" else "mul"
            return f"(local.set {local} (f64.{op} {old} (f64.promote_f32 {value})))"
        if dtype == "bool":
            op = "or" if take.how == "max" else "and"
            return f"(local.set {local} (i32.{op} {old} {value}))"
        lanes = ("f32x4" if dtype == "float32" else "i32x4") if wide else kind
        op = {"sum": "add", "product": "mul"}.get(take.how, take.how)
        if dtype == "int32" and op in ("max", "min"):
            raise Unsupported("the largest integer")
        return f"(local.set {local} ({lanes}.{op} {old} {value}))"

    # -- expressions

    def code(self, expr: Expr, wide: bool | None = None) -> str:
        """An expression; one number for all lanes where a vector is asked for."""
        if wide and not expr.wide:
            return self._spread(expr)
        if isinstance(expr, Number):
            return number(expr.value, expr.dtype, wide=False)
        if isinstance(expr, Name):
            return self._get(expr)
        if isinstance(expr, Sum):
            return self._sum(expr)
        if isinstance(expr, Load):
            return self._load(expr)
        return self._apply(expr)

    def _spread(self, expr: Expr) -> str:
        if isinstance(expr, Number):
            return number(expr.value, expr.dtype, wide=True)
        if isinstance(expr, Load) and expr.dtype != "bool":
            return f"(v128.load32_splat {self.code(expr.at)})"
        if expr.dtype == "bool":
            return f"(i32x4.splat (i32.sub (i32.const 0) {self.code(expr)}))"
        return f"({'f32x4' if expr.dtype == 'float32' else 'i32x4'}.splat {self.code(expr)})"

    def _get(self, name: Name) -> str:
        kind = self.gathered.get(name.text) or _type(name)
        read = f"(local.get {self._local(name.text, kind)})"
        return f"(f32.demote_f64 {read})" if kind == "f64" else read

    def _start(self, text: str, scale: int) -> str:
        if text.startswith("p"):  # it counts bytes already
            return f"(local.get ${text})"
        if text.startswith(("i", "r", "x")):
            get = f"(local.get ${text})"
            return get if scale == 1 else f"(i32.mul {get} (i32.const {scale}))"
        return self.needs.size(text, scale)

    def _sum(self, expr: Sum) -> str:
        scale = _scale(expr.place)
        parts = [self._start(expr.start, scale)] if expr.start else []
        for part, times in expr.terms:
            factor = self.needs.size(times, scale)
            code = self.code(part)
            if factor == "(i32.const 4)":
                parts.append(f"(i32.shl {code} (i32.const 2))")
            else:
                parts.append(code if factor == "(i32.const 1)" else f"(i32.mul {code} {factor})")
        if expr.apart or not parts:
            parts.append(f"(i32.const {expr.apart * scale})")
        text = parts[0]
        for part_ in parts[1:]:
            text = f"(i32.add {text} {part_})"
        return text

    def _load(self, load: Load) -> str:
        at = self.code(load.at)
        if not load.wide:
            return f"({'f32.load' if load.dtype == 'float32' else _INT_LOADS[load.dtype]} {at})"
        if load.dtype == "bool":
            raise Unsupported("truth values are bytes")
        if load.stride == "1":
            return f"(v128.load {at})"
        text = f"(v128.load32_zero {at})"
        for lane in _LANES[1:]:
            text = f"(v128.load32_lane {lane} {self._lane(at, load.stride, lane)} {text})"
        return text

    def _apply(self, expr: Apply) -> str:
        if expr.op == "round":
            return self.code(expr.args[0], expr.wide)
        if expr.op == "select":
            return self._select(expr)
        wide = expr.op == "ramp" or expr.wide
        args = [self.code(arg, wide) for arg in expr.args]
        function = function_of(expr.op, expr.args[0].dtype, wide=wide)
        if function is not None:
            self.needs.functions.add(function)
            return f"(call ${function} {args[0]})"
        return operation(expr.op, expr.args[0].dtype, args, wide=wide)

    def _select(self, expr: Apply) -> str:
        condition, *branches = expr.args
        yes, no = (self.code(branch, expr.wide) for branch in branches)
        if condition.wide:
            return f"(v128.bitselect {yes} {no} {self.code(condition)})"
        return f"(if (result {_type(expr)}) {self.code(condition)} (then {yes}) (else {no}))"


_INT_LOADS = {"int32": "i32.load", "bool": "i32.load8_u"}


def _type(expr: Expr) -> str:
    if expr.wide:
        return "v128"
    return "f32" if expr.dtype == "float32" else "i32"


def _scale(place: str | None) -> int:
    return 1 if place is None else _BYTES[place]


def indented(lines: Sequence[str] | Iterator[str]) -> Iterator[str]:
    """Lines of a block."""
    return (f"  {line}" for line in lines)
