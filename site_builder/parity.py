"""Agreement between the browser and PyTorch: the rule, and how fixtures are written down.

The build's own tests compare every number, at many points. What a page compares when it opens
guards against something else, the reader's browser: a sample of a large tensor tells a wrong engine
as well as all of it would, and is a fraction of the download.
"""

from __future__ import annotations

import base64
from collections.abc import Mapping
from typing import Any

import numpy as np
from numpy.typing import NDArray

TOLERANCE = 1e-4
"""``|a-b| <= TOLERANCE * max(1, max|b|)`` for floats; integers and bools agree exactly."""

SAMPLE = 128
"""Of a tensor of more numbers than that, a payload holds as many."""

_STORED = {"float32": "<f4", "int32": "<i4", "bool": "u1"}


def encode(array: NDArray[Any]) -> dict[str, Any]:
    """An array as the payload holds it: dtype, shape, and little-endian bytes in base64."""
    name = array.dtype.name
    data = array.astype(_STORED[name]).tobytes()
    return {
        "dtype": name,
        "shape": list(array.shape),
        "data": base64.b64encode(data).decode("ascii"),
    }


def decode(record: Mapping[str, Any]) -> NDArray[Any]:
    """What `encode` wrote."""
    raw = np.frombuffer(base64.b64decode(record["data"]), _STORED[record["dtype"]])
    return raw.astype(record["dtype"]).reshape(record["shape"])


def expectation(array: NDArray[Any]) -> dict[str, Any]:
    """An array as the fixture of a payload holds it: as `encode` does, or as a sample of itself.

    A sample is `SAMPLE` of the numbers, evenly spread over the array read row by row, the first and
    the last among them: number i is at ``i * (size - 1) // (SAMPLE - 1)``. With it stands the
    largest absolute value of the whole array, NaN and infinities aside, which the tolerance is
    relative to.
    """
    if array.size <= SAMPLE:
        return encode(array)
    places = np.arange(SAMPLE, dtype=np.int64) * (array.size - 1) // (SAMPLE - 1)
    sampled = encode(array.reshape(-1)[places])
    finite = np.abs(array[np.isfinite(array)].astype(np.float64))
    return {
        "dtype": sampled["dtype"],
        "shape": list(array.shape),
        "sample": sampled["data"],
        "largest": float(finite.max(initial=0.0)),
    }


def disagreement(got: Mapping[str, NDArray[Any]], truth: Mapping[str, NDArray[Any]]) -> str | None:
    """The first output on which two runs differ by more than the rule allows, in words, or None.

    Args:
        got: What the compiled model returned.
        truth: What eager PyTorch returned.
    """
    for name, want in truth.items():
        have = got.get(name)
        if have is None:
            return f"{name} is missing"
        if have.shape != want.shape or have.dtype != want.dtype:
            return f"{name} is {have.dtype} {have.shape}, not {want.dtype} {want.shape}"
        if want.size == 0:
            continue
        gap = np.abs(have.astype(np.float64) - want.astype(np.float64))
        allowed = 0.0
        if want.dtype == np.float32:
            allowed = TOLERANCE * max(1.0, float(np.abs(want).max()))
        if not float(gap.max()) <= allowed:  # written so that NaN disagrees
            where = tuple(int(i) for i in np.unravel_index(int(np.argmax(gap)), gap.shape))
            return f"{name}{list(where) if where else ''} is {have[where]}, not {want[where]}"
    return None
