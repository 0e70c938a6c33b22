"""Exponentials over their sum, and what centres and scales."""

from __future__ import annotations

from ..lowering import Operation, lowers
from ..scalars import Scalar
from ..values import Place, Reader, Value
from .common import apply


@lowers("FusedBatchNormV3")
def _batch_norm(op: Operation) -> Value:
    """(x - mean) * scale / sqrt(variance + epsilon) + offset, along the last axis."""
    x, *vectors = op.inputs
    if op.attrs.get("is_training", True):
        raise op.declined("in training it is not compiled")
    epsilon = float(str(op.attrs.get("epsilon", 0.0)))

    def element(reader: Reader, place: Place) -> Scalar:
        pool = reader.pool
        scale, offset, mean, variance = (reader.read(each, place[-1:]) for each in vectors)
        spread = apply(pool, "AddV2", variance, pool.number(epsilon, "float32"))
        factor = apply(pool, "Mul", apply(pool, "Rsqrt", spread), scale)
        centred = apply(pool, "Sub", reader.read(x, place), mean)
        return apply(pool, "AddV2", apply(pool, "Mul", centred, factor), offset)

    return op.make(x.dtype, x.shape, element, *op.inputs, cost=12)


@lowers("Softmax")
def _softmax(op: Operation) -> Value:
    """Exponentials of what is below the largest, over their sum, along the last axis."""
    x, last = op[0], op[0].shape[-1]

    def largest(reader: Reader, place: Place) -> Scalar:
        return reader.reduce("max", [last], lambda at: reader.read(x, (*place, *at)))

    top = Value(f"{op.node.name}/max", x.dtype, x.shape[:-1], (x,), largest, stored=True)

    def raised(reader: Reader, place: Place) -> Scalar:
        below = apply(reader.pool, "Sub", reader.read(x, place), reader.read(top, place[:-1]))
        return apply(reader.pool, "Exp", below)

    power = Value(f"{op.node.name}/exp", x.dtype, x.shape, (x, top), raised, cost=13, stored=True)

    def summed(reader: Reader, place: Place) -> Scalar:
        return reader.reduce("sum", [last], lambda at: reader.read(power, (*place, *at)))

    total = Value(f"{op.node.name}/sum", x.dtype, x.shape[:-1], (power,), summed, stored=True)

    def share(reader: Reader, place: Place) -> Scalar:
        return apply(
            reader.pool, "RealDiv", reader.read(power, place), reader.read(total, place[:-1])
        )

    return op.make(x.dtype, x.shape, share, power, total, cost=4)
