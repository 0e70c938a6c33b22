"""Operations on one number and on four in WebAssembly, in its text format."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np

from . import wasm_functions

_FLOAT = {
    "Abs": "({T}.abs {0})",
    "Ceil": "({T}.ceil {0})",
    "Floor": "({T}.floor {0})",
    "FloorDiv": "({T}.floor ({T}.div {0} {1}))",
    "IsNan": "({T}.ne {0} {0})",
    "Neg": "({T}.neg {0})",
    "Reciprocal": "({T}.div {one} {0})",
    "Relu": "({T}.max {0} {zero})",
    "Round": "({T}.nearest {0})",
    "Rsqrt": "({T}.div {one} ({T}.sqrt {0}))",
    "Sqrt": "({T}.sqrt {0})",
    "Square": "({T}.mul {0} {0})",
    "AddV2": "({T}.add {0} {1})",
    "Sub": "({T}.sub {0} {1})",
    "Mul": "({T}.mul {0} {1})",
    "RealDiv": "({T}.div {0} {1})",
    "Maximum": "({T}.max {0} {1})",
    "Minimum": "({T}.min {0} {1})",
}
_INT = {
    "AddV2": "({T}.add {0} {1})",
    "Sub": "({T}.sub {0} {1})",
    "Mul": "({T}.mul {0} {1})",
}
_COMPARE = {"Equal": "eq", "NotEqual": "ne", "Greater": "gt", "GreaterEqual": "ge",
            "Less": "lt", "LessEqual": "le"}  # fmt: skip
_BOOL = {
    "LogicalAnd": ("(i32.and {0} {1})", "(v128.and {0} {1})"),
    "LogicalOr": ("(i32.or {0} {1})", "(v128.or {0} {1})"),
    "LogicalNot": ("(i32.eqz {0})", "(v128.not {0})"),
    "Equal": ("(i32.eq {0} {1})", "(i32x4.eq {0} {1})"),
    "NotEqual": ("(i32.ne {0} {1})", "(v128.xor {0} {1})"),
    "to float32": ("(f32.convert_i32_s {0})", "(v128.and {0} (v128.const f32x4 1 1 1 1))"),
    "to int32": ("{0}", "(v128.and {0} (v128.const i32x4 1 1 1 1))"),
}


class Unsupported(Exception):  # noqa: N818 - an answer
    """This stays JavaScript."""


def function_of(op: str, dtype: str, *, wide: bool) -> str | None:
    """The function that computes an operation, where WebAssembly has no instruction for it."""
    name = wasm_functions.NAMES.get(op) if dtype == "float32" else None
    return f"{name}4" if name and wide else name


def operation(op: str, dtype: str, args: Sequence[str], *, wide: bool) -> str:
    """An operation on operands of a type, or on vectors of them.

    Raises:
        Unsupported: There is no such operation here.
    """
    lanes = {"float32": "f32", "int32": "i32", "bool": "i32"}[dtype] + ("x4" if wide else "")
    if op == "ramp":  # from lane to lane by the second operand larger
        return f"(i32x4.add {args[0]} (i32x4.mul {args[1]} (v128.const i32x4 0 1 2 3)))"
    if op in _COMPARE and dtype != "bool":
        signed = "_s" if dtype == "int32" and op not in ("Equal", "NotEqual") else ""
        return f"({lanes}.{_COMPARE[op]}{signed} {' '.join(args)})"
    if op == "to float32" and dtype == "int32":
        return f"({lanes.replace('i', 'f')}.convert_{lanes}_s {args[0]})"
    if dtype == "bool":
        template = _BOOL.get(op, (None, None))[wide]
    else:
        template = (_FLOAT if dtype == "float32" else _INT).get(op)
    if template is None:
        raise Unsupported(op)
    zero, one = (number(value, dtype, wide=wide) for value in (0, 1))
    return template.format(*args, T=lanes, zero=zero, one=one)


def number(value: float | int | bool, dtype: str, *, wide: bool) -> str:
    """A constant, in every lane the same."""
    if dtype == "float32":
        text = repr(float(np.float32(value)))
        return f"(v128.const f32x4{f' {text}' * 4})" if wide else f"(f32.const {text})"
    whole = int(value)
    if wide and dtype == "bool":
        whole = -whole  # all bits of a lane
    return f"(v128.const i32x4{f' {whole}' * 4})" if wide else f"(i32.const {whole})"
