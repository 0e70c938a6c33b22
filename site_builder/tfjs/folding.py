"""Constant folding: what can be computed at build is not computed again in every page.

Shape arithmetic and the rearranging of weights fold at any size. Arithmetic on real numbers
folds only while it is small, so that no model is computed away at build. Nothing folds to many
numbers that is made from fewer: a page would download what it can make faster.
"""

from __future__ import annotations

import math
from collections.abc import Callable
from typing import TYPE_CHECKING, Any

import numpy as np
from numpy.typing import NDArray

if TYPE_CHECKING:
    from .graph import Tensor
    from .shapes import Attrs, Shape

Array = NDArray[Any]
Fold = Callable[[list[Array], "Attrs"], Any]

#: Above this many elements, arithmetic is left to the page.
ARITHMETIC_LIMIT = 4096

#: Up to this many elements, a constant may be larger than what it is made from.
GROWTH_LIMIT = 128

_NUMPY = {"float32": np.float32, "int32": np.int32, "bool": np.bool_}


def _axes(array: Array) -> tuple[int, ...]:
    return tuple(int(axis) for axis in array.ravel())


def _strided_slice(args: list[Array], attrs: Attrs) -> Array:
    x, begin, end, step = args
    first, last = (int(str(attrs.get(name, 0))) for name in ("begin_mask", "end_mask"))
    cut = tuple(
        slice(
            None if first >> i & 1 else int(begin[i]),
            None if last >> i & 1 else int(end[i]),
            int(step[i]),
        )
        for i in range(len(begin))
    )
    return x[cut]


def _slice(args: list[Array], attrs: Attrs) -> Array:
    x, begin, size = args
    cut = (slice(b, None if n < 0 else b + n) for b, n in zip(begin, size, strict=True))
    return x[tuple(cut)]


def _gather(args: list[Array], attrs: Attrs) -> Array:
    result: Array = np.take(args[0], args[1], axis=int(args[2]))
    return result


def _squeeze(args: list[Array], attrs: Attrs) -> Array:
    axes = attrs["squeeze_dims"]
    assert isinstance(axes, list)
    return np.squeeze(args[0], tuple(int(axis) for axis in axes))


def _reduce(function: Callable[..., Any]) -> Fold:
    return lambda a, attrs: function(
        a[0], axis=_axes(a[1]), keepdims=bool(attrs.get("keep_dims", False))
    )


def _cast(args: list[Array], attrs: Attrs) -> Any:
    x, dtype = args[0], str(attrs["DstT"])
    # NumPy's cast of what int32 cannot hold depends on the processor.
    if dtype == "int32" and x.dtype.kind == "f" and not np.all(np.abs(x) < 2.0**31):
        return None
    return x.astype(_NUMPY[dtype])


# Moving numbers about: folded at any size.
_LAYOUT: dict[str, Fold] = {
    "Cast": _cast,
    "Transpose": lambda a, _: np.transpose(a[0], _axes(a[1])),
    "Reshape": lambda a, _: a[0].reshape(_axes(a[1])),
    "ExpandDims": lambda a, _: np.expand_dims(a[0], int(a[1])),
    "Squeeze": _squeeze,
    "ConcatV2": lambda a, _: np.concatenate(a[:-1], axis=int(a[-1])),
    "Pack": lambda a, attrs: np.stack(a, axis=int(str(attrs["axis"]))),
    "Slice": _slice,
    "StridedSlice": _strided_slice,
    "ReverseV2": lambda a, _: np.flip(a[0], _axes(a[1])),
}

# Arithmetic and what makes more numbers out of fewer: folded while small.
_ARITHMETIC: dict[str, Fold] = {
    "GatherV2": _gather,
    "BroadcastTo": lambda a, _: np.broadcast_to(a[0], _axes(a[1])),
    "BroadcastArgs": lambda a, _: np.broadcast_shapes(_axes(a[0]), _axes(a[1])),
    "Tile": lambda a, _: np.tile(a[0], _axes(a[1])),
    "Fill": lambda a, _: np.full(_axes(a[0]), a[1]),
    "Range": lambda a, _: np.arange(a[0].item(), a[1].item(), a[2].item()),
    "AddV2": lambda a, _: a[0] + a[1],
    "Sub": lambda a, _: a[0] - a[1],
    "Mul": lambda a, _: a[0] * a[1],
    "Maximum": lambda a, _: np.maximum(a[0], a[1]),
    "Minimum": lambda a, _: np.minimum(a[0], a[1]),
    "Neg": lambda a, _: -a[0],
    "Abs": lambda a, _: np.abs(a[0]),
    "Sqrt": lambda a, _: np.sqrt(a[0]),
    "Rsqrt": lambda a, _: 1 / np.sqrt(a[0]),
    "Square": lambda a, _: np.square(a[0]),
    "Reciprocal": lambda a, _: 1 / a[0],
    "Sum": _reduce(np.sum),
    "Prod": _reduce(np.prod),
    "Max": _reduce(np.max),
    "Min": _reduce(np.min),
    "Equal": lambda a, _: a[0] == a[1],
    "NotEqual": lambda a, _: a[0] != a[1],
    "Less": lambda a, _: a[0] < a[1],
    "LessEqual": lambda a, _: a[0] <= a[1],
    "Greater": lambda a, _: a[0] > a[1],
    "GreaterEqual": lambda a, _: a[0] >= a[1],
    "LogicalAnd": lambda a, _: a[0] & a[1],
    "LogicalOr": lambda a, _: a[0] | a[1],
    "LogicalNot": lambda a, _: ~a[0],
    "SelectV2": lambda a, _: np.where(a[0], a[1], a[2]),
    "FloorDiv": lambda a, _: a[0] // a[1] if a[0].dtype == np.int32 and np.all(a[1]) else None,
    "FloorMod": lambda a, _: a[0] % a[1] if a[0].dtype == np.int32 and np.all(a[1]) else None,
    "RealDiv": lambda a, _: a[0] / a[1] if a[0].dtype == np.float32 else None,
}


def fold(op: str, inputs: list[Tensor], attrs: Attrs, shape: Shape = None) -> Array | None:
    """The value of an operation whose inputs are all constants, where it may be folded.

    Args:
        op: TensorFlow's name of the operation.
        inputs: its operands.
        attrs: its attributes.
        shape: the result's shape, where it is known: nothing large is computed to be thrown away.

    Returns:
        The array, not yet cast to the output's dtype, or None where the page must compute it.
    """
    if op == "Shape" and inputs[0].static is not None:
        return np.array(inputs[0].static, np.int32)
    arrays = [x.value for x in inputs if x.value is not None]
    if len(arrays) != len(inputs):
        return None
    function = _LAYOUT.get(op)
    if function is None:
        function = _ARITHMETIC.get(op)
        if function is None or any(a.size > ARITHMETIC_LIMIT for a in arrays):
            return None
        if shape is not None and math.prod(dim or 0 for dim in shape) > ARITHMETIC_LIMIT:
            return None
    with np.errstate(all="ignore"):
        result = function(arrays, attrs)
    if result is None:
        return None
    value = np.asarray(result)
    if value.size > max(GROWTH_LIMIT, sum(array.size for array in arrays)):
        return None
    return value if op in _LAYOUT or value.size <= ARITHMETIC_LIMIT else None
