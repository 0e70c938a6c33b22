"""From ONNX's element types to the three that a browser computes with."""

from __future__ import annotations

from typing import Any

import numpy as np
from numpy.typing import NDArray

_INT32 = np.iinfo(np.int32)


def narrow(array: NDArray[Any], *, clamp: bool = False) -> NDArray[Any]:
    """Give an array the dtype float32, int32 or bool.

    Args:
        array: numbers of any ONNX element type that NumPy knows.
        clamp: whether integers that int32 cannot hold become its nearest, as for the ends of a
            slice, where only "past the end" is meant.

    Raises:
        ValueError: a number would change its meaning.
    """
    kind = array.dtype.kind
    if kind == "b":
        return array
    if kind == "f":
        with np.errstate(over="ignore"):
            result = array.astype(np.float32)
        if array.dtype.itemsize > 4 and np.any(np.isinf(result) & np.isfinite(array)):
            raise ValueError("a constant is too large for float32")
        return result
    if kind in "iu":
        if clamp:
            array = np.clip(array, _INT32.min, _INT32.max)
        elif array.size and (array.max() > _INT32.max or array.min() < _INT32.min):
            worst = array.max() if array.max() > _INT32.max else array.min()
            raise ValueError(
                f"the constant {worst} does not fit into int32, the only integer of a browser"
            )
        return array.astype(np.int32)
    raise ValueError(f"constants of type {array.dtype} do not exist in a browser")
