"""Weights in fewer bytes: half floats, or integers between a smallest and a largest number.

Only real weights are: the matrices and kernels that products and convolutions multiply with, and
tables that rows are taken from. Masks, padding, biases, integers and shapes keep every digit.
The integers are those of TF.js's own converter: value = integer * scale + min, with a zero that
stays zero.
"""

from __future__ import annotations

import dataclasses
from collections.abc import Iterable, Mapping
from typing import Any

import numpy as np
from numpy.typing import NDArray

from .errors import ConversionError
from .graph import Node

#: What weights can be stored as, and how many bytes each then takes.
KINDS = {"float16": 2, "uint16": 2, "uint8": 1}

#: Below this many numbers nothing is won.
SMALLEST = 64

# Operation to the operands that are weights.
_WEIGHTS = {
    "Conv2D": (1,),
    "_FusedConv2D": (1,),
    "Conv3D": (1,),
    "DepthwiseConv2dNative": (1,),
    "FusedDepthwiseConv2dNative": (1,),
    "Conv2DBackpropInput": (1,),
    "MatMul": (0, 1),
    "_FusedMatMul": (0, 1),
    "BatchMatMulV2": (0, 1),
    "GatherV2": (0,),
}


@dataclasses.dataclass(frozen=True, eq=False)
class Quantized:
    """A constant in fewer bytes.

    Attributes:
        array: what is stored, of dtype float16, uint16 or uint8.
        entry: TF.js's description of it, `quantization` in the weights manifest.
    """

    array: NDArray[Any]
    entry: dict[str, Any]


def quantize(
    nodes: Iterable[Node], constants: Mapping[str, NDArray[Any]], kind: str
) -> dict[str, Quantized]:
    """The real weights among the constants, in fewer bytes.

    Args:
        nodes: the nodes of a graph.
        constants: its constants, by the name of their node.
        kind: `float16`, `uint16` or `uint8`.

    Returns:
        What is stored in another way, by name; the other constants stay as they are.

    Raises:
        ConversionError: there is no such kind.
    """
    if kind not in KINDS:
        known = ", ".join(KINDS)
        raise ConversionError(f"weights cannot be stored as '{kind}'; known: {known}")
    reads: dict[str, set[bool]] = {}
    for node in nodes:
        for i, name in enumerate(node.inputs):
            reads.setdefault(name, set()).add(i in _WEIGHTS.get(node.op, ()))
    result = {}
    for name, array in constants.items():
        if reads.get(name) == {True} and _is_weight(array):
            stored = _half(array) if kind == "float16" else _whole(array, kind)
            if stored is not None:
                result[name] = stored
    return result


def _is_weight(array: NDArray[Any]) -> bool:
    """Whether numbers may lose digits.

    Masks have but two values, or infinite ones; what picks and interpolates is mostly zeros.
    """
    if array.dtype != np.float32 or array.size < SMALLEST or not np.all(np.isfinite(array)):
        return False
    if 2 * np.count_nonzero(array) < array.size:
        return False
    first = array.ravel()[0]
    others = array[array != first]
    return others.size > 0 and bool(np.any(others != others[0]))


def _half(array: NDArray[Any]) -> Quantized | None:
    """None where a number is too large for a half."""
    if float(np.abs(array).max()) > float(np.finfo(np.float16).max):
        return None
    entry = {"dtype": "float16", "original_dtype": "float32"}
    return Quantized(array.astype(np.float16), entry)


def _whole(array: NDArray[Any], kind: str) -> Quantized | None:
    """None where the numbers lie too far apart, or too close together, for float32."""
    steps = 2 ** (8 * KINDS[kind]) - 1
    low, high = min(0.0, float(array.min())), max(0.0, float(array.max()))
    scale = (high - low) / steps
    if not np.finfo(np.float32).tiny < scale < float(np.finfo(np.float32).max):
        return None
    zero = round(-low / scale)
    low = -zero * scale
    stored = np.clip(np.rint(array.astype(np.float64) / scale) + zero, 0, steps).astype(kind)
    entry = {"dtype": kind, "min": low, "scale": scale, "original_dtype": "float32"}
    return Quantized(stored, entry)
