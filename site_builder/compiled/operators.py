"""What JavaScript computes one element of an elementwise operation, by element type.

Functions that JavaScript's ``Math`` lacks, or has only slowly, come from ``compiled-math.ts`` of
the runtime; they are called ``m.<name>``. Floats are JavaScript's doubles between loads and stores;
integers stay within 32 bits by ``| 0``; truth values are numbers 0 and 1 in memory and whatever is
true or false in an expression.
"""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True)
class Operator:
    """One elementwise operation on one element type.

    Attributes:
        template: JavaScript, with operands as ``{0}``, ``{1}``, each an atom or in parentheses.
        cost: About how many additions it takes.
        jumps: Whether its result jumps where an operand hardly changes, so that the operand has to
            be rounded to float32 as if it had been stored.
        called: Whether the template needs no parentheses around it.
    """

    template: str
    cost: int = 1
    jumps: bool = False
    called: bool = False


def _call(name: str, cost: int, *, jumps: bool = False, arity: int = 1) -> Operator:
    operands = ", ".join(f"{{{i}}}" for i in range(arity))
    return Operator(f"{name}({operands})", cost, jumps, called=True)


_FLOAT = {
    "Abs": _call("Math.abs", 1),
    "Acos": _call("Math.acos", 30),
    "Acosh": _call("Math.acosh", 30),
    "Asin": _call("Math.asin", 30),
    "Asinh": _call("Math.asinh", 30),
    "Atan": _call("Math.atan", 30),
    "Atanh": _call("Math.atanh", 30),
    "Ceil": _call("Math.ceil", 1, jumps=True),
    "Cos": _call("Math.cos", 20),
    "Cosh": _call("Math.cosh", 30),
    "Elu": Operator("{0} >= 0 ? {0} : m.expm1({0})", 15),
    "Erf": _call("m.erf", 20),
    "Exp": _call("m.exp", 12),
    "Expm1": _call("m.expm1", 20),
    "Floor": _call("Math.floor", 1, jumps=True),
    "IsFinite": _call("Number.isFinite", 2, jumps=True),
    "IsInf": Operator("Math.abs({0}) === Infinity", 2, jumps=True),
    "IsNan": Operator("{0} !== {0}", 1, jumps=True),
    "Log": _call("Math.log", 15),
    "Log1p": _call("Math.log1p", 20),
    "Neg": Operator("-{0}"),
    "Reciprocal": Operator("1 / {0}", 4),
    "Relu": _call("Math.max", 1, arity=1),
    "Relu6": Operator("Math.min(Math.max({0}, 0), 6)", 2, called=True),
    "Round": _call("m.round", 3, jumps=True),
    "Rsqrt": Operator("1 / Math.sqrt({0})", 8),
    "Selu": Operator("{0} >= 0 ? 1.0507009873554805 * {0} : 1.7580993408473766 * m.expm1({0})", 15),
    "Sigmoid": _call("m.sigmoid", 15),
    "Sign": _call("m.sign", 2, jumps=True),
    "Sin": _call("Math.sin", 20),
    "Sinh": _call("Math.sinh", 30),
    "Softplus": _call("m.softplus", 25),
    "Sqrt": _call("Math.sqrt", 4),
    "Square": Operator("{0} * {0}"),
    "Tan": _call("Math.tan", 20),
    "Tanh": _call("m.tanh", 10),
    "AddV2": Operator("{0} + {1}"),
    "Sub": Operator("{0} - {1}"),
    "Mul": Operator("{0} * {1}"),
    "RealDiv": Operator("{0} / {1}", 4),
    "FloorDiv": Operator("Math.floor({0} / {1})", 5, jumps=True, called=True),
    "FloorMod": _call("m.floorMod", 10, jumps=True, arity=2),
    "Maximum": _call("Math.max", 2, arity=2),
    "Minimum": _call("Math.min", 2, arity=2),
    "Pow": _call("m.pow", 30, arity=2),
    "Prelu": Operator("{0} < 0 ? {0} * {1} : {0}", 2),
}
_FLOAT["Relu"] = Operator("Math.max({0}, 0)", 1, called=True)

_INT = {
    # That of the smallest integer is beyond 32 bits until it is stored: so it can be divided.
    "Abs": _call("Math.abs", 1),
    "Neg": Operator("-{0} | 0"),
    "Sign": Operator("({0} > 0) - ({0} < 0)"),
    "Square": _call("m.square", 1),
    "Relu": Operator("Math.max({0}, 0)", called=True),
    "AddV2": Operator("{0} + {1} | 0"),
    "Sub": Operator("{0} - {1} | 0"),
    "Mul": _call("Math.imul", 1, arity=2),
    "RealDiv": Operator("{0} / {1} | 0", 4),
    "FloorDiv": Operator("Math.floor({0} / {1}) | 0", 5),
    "FloorMod": _call("m.integerMod", 6, arity=2),
    "Maximum": _call("Math.max", 1, arity=2),
    "Minimum": _call("Math.min", 1, arity=2),
    "Pow": _call("m.integerPow", 30, arity=2),
    "Floor": Operator("{0}", called=True),
    "Ceil": Operator("{0}", called=True),
    "Round": Operator("{0}", called=True),
}

_BOOL = {
    "LogicalNot": Operator("!{0}"),
    "LogicalAnd": Operator("{0} && {1}"),
    "LogicalOr": Operator("{0} || {1}"),
    "Equal": Operator("!{0} === !{1}"),
    "NotEqual": Operator("!{0} !== !{1}"),
}

_COMPARE = {
    "Equal": "===",
    "NotEqual": "!==",
    "Greater": ">",
    "GreaterEqual": ">=",
    "Less": "<",
    "LessEqual": "<=",
}


def _table() -> dict[tuple[str, str], Operator]:
    table: dict[tuple[str, str], Operator] = {}
    for dtype, operators in (("float32", _FLOAT), ("int32", _INT), ("bool", _BOOL)):
        table |= {(name, dtype): operator for name, operator in operators.items()}
    for name, sign in _COMPARE.items():
        table[name, "float32"] = Operator(f"{{0}} {sign} {{1}}", jumps=True)
        table[name, "int32"] = Operator(f"{{0}} {sign} {{1}}")
        table.setdefault((name, "bool"), Operator(f"+!!{{0}} {sign} +!!{{1}}"))
    for dtype in ("float32", "int32"):
        table[f"to {dtype}", "bool"] = Operator("{0} ? 1 : 0")
    table["to float32", "int32"] = Operator("{0}", called=True)
    table["to int32", "float32"] = Operator("{0} | 0", jumps=True)
    return table


#: By TensorFlow's name of the operation and the element type of its first operand. Casts are called
#: ``to <dtype>``.
TABLE: dict[tuple[str, str], Operator] = _table()

#: Operations whose result is a truth value whatever they take.
PREDICATES = frozenset({*_COMPARE, *_BOOL, "IsNan", "IsInf", "IsFinite"})
