"""Elementwise operations, on numbers and on sizes."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any

import numpy as np
from numpy.typing import NDArray

from .. import extents
from ..extents import Extent
from ..lowering import Operation, broadcast_shapes, lowers
from ..operators import PREDICATES, TABLE
from ..scalars import Scalar
from ..values import Place, Reader, Value
from .common import apply, cast, spread

_SYMBOLIC: dict[str, Callable[..., Extent]] = {
    "Identity": lambda a: a,
    "AddV2": lambda a, b: a + b,
    "Sub": lambda a, b: a - b,
    "Mul": lambda a, b: a * b,
    "Neg": lambda a: a * -1,
    "Square": lambda a: a * a,
    "Abs": lambda a: extents.maximum(a, a * -1),
    "Sign": lambda a: extents.compare(">", a, extents.ZERO) - extents.compare("<", a, extents.ZERO),
    "FloorDiv": extents.floor_div,
    "FloorMod": extents.floor_mod,
    "Maximum": extents.maximum,
    "Minimum": extents.minimum,
    "Equal": lambda a, b: extents.compare("===", a, b),
    "NotEqual": lambda a, b: extents.compare("!==", a, b),
    "Less": lambda a, b: extents.compare("<", a, b),
    "LessEqual": lambda a, b: extents.compare("<=", a, b),
    "Greater": lambda a, b: extents.compare(">", a, b),
    "GreaterEqual": lambda a, b: extents.compare(">=", a, b),
    "SelectV2": extents.select,
    "LogicalAnd": lambda a, b: a * b,
    "LogicalOr": extents.maximum,
    "LogicalNot": lambda a: 1 - a,
}


def on_sizes(name: str, inputs: Sequence[Value]) -> NDArray[Any] | None:
    """The result as sizes, where the operands are sizes."""
    function = _SYMBOLIC.get(name)
    operands = [x.symbols for x in inputs if x.symbols is not None]
    if function is None or len(operands) < len(inputs):
        return None
    if name in ("Equal", "NotEqual") and inputs[0].dtype == "bool":
        return None
    try:
        wide = np.broadcast_arrays(*operands)
    except ValueError:
        return None
    made = np.empty(wide[0].shape, object)
    for at in np.ndindex(made.shape):
        made[at] = function(*(each[at] for each in wide))
    return made


def elementwise(
    op: Operation, name: str, inputs: Sequence[Value], function: Callable[..., Scalar], cost: int
) -> Value:
    """A tensor of an elementwise function of tensors that are broadcast."""
    shape = broadcast_shapes(*(x.shape for x in inputs))

    def element(reader: Reader, place: Place) -> Scalar:
        given = [reader.read(x, spread(place, x.shape, shape)) for x in inputs]
        return function(reader, *given)

    dtype = "bool" if name in PREDICATES else inputs[-1].dtype
    value = op.make(dtype, shape, element, *inputs, cost=cost)
    value.symbols = on_sizes(name, inputs)
    return value


def _plain(op: Operation) -> Value:
    name = op.node.op
    operator = TABLE.get((name, op[0].dtype))
    if operator is None:
        raise op.declined(f"it is not compiled for {op[0].dtype}")
    value = elementwise(op, name, op.inputs, lambda r, *x: apply(r.pool, name, *x), operator.cost)
    if operator.jumps:
        for x in op.inputs:
            x.exact = True
    return value


lowers(*sorted({name for name, _ in TABLE if not name.startswith("to ")}))(_plain)


@lowers("Identity")
def _identity(op: Operation) -> Value:
    return elementwise(op, "Identity", op.inputs, lambda r, x: x, 0)


@lowers("Cast")
def _cast(op: Operation) -> Value:
    dtype = str(op.attrs["DstT"])
    if dtype != "float32" and op[0].dtype == "float32":
        op[0].exact = True
    shape = op[0].shape
    value = op.make(dtype, shape, lambda r, p: cast(r.pool, r.read(op[0], p), dtype), op[0], cost=1)
    if dtype == "int32" or (dtype == "bool" and op[0].dtype == "int32"):
        value.symbols = op[0].symbols if dtype == "int32" else None
    return value


@lowers("SelectV2")
def _select(op: Operation) -> Value:
    def choose(reader: Reader, condition: Scalar, a: Scalar, b: Scalar) -> Scalar:
        if a is b:
            return a
        return reader.pool.make("select", condition, a, b, dtype=a.dtype)

    return elementwise(op, "SelectV2", op.inputs, choose, 1)


@lowers("LeakyRelu")
def _leaky(op: Operation) -> Value:
    slope = float(str(op.attrs.get("alpha", 0.2)))

    def leak(reader: Reader, x: Scalar) -> Scalar:
        pool = reader.pool
        return apply(pool, "Prelu", x, pool.number(slope, x.dtype))

    return elementwise(op, "LeakyRelu", op.inputs, leak, 2)
