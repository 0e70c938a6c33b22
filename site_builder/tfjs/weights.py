"""Weights as TF.js stores them: one run of bytes, and what stands where in it."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import numpy as np
from numpy.typing import NDArray

#: Largest file of weights; browsers cache files of this size well.
SHARD_BYTES = 4 * 1024 * 1024

_LITTLE_ENDIAN = {"float32": "<f4", "int32": "<i4", "bool": "|u1"}


def specs(constants: Mapping[str, NDArray[Any]]) -> list[dict[str, Any]]:
    """TF.js `weightSpecs`: name, shape and dtype of each constant, in the order of `pack`."""
    return [
        {"name": name, "shape": list(array.shape), "dtype": str(array.dtype)}
        for name, array in constants.items()
    ]


def pack(constants: Mapping[str, NDArray[Any]]) -> bytes:
    """The constants as bytes, little-endian, one after the other without padding."""
    return b"".join(
        array.astype(_LITTLE_ENDIAN[str(array.dtype)], copy=False).tobytes()
        for array in constants.values()
    )


def shards(data: bytes, size: int = SHARD_BYTES) -> dict[str, bytes]:
    """The bytes cut into files of at most `size` bytes, by file name."""
    parts = [data[i : i + size] for i in range(0, len(data), size)] or [b""]
    return {f"group1-shard{i}of{len(parts)}.bin": part for i, part in enumerate(parts, start=1)}


def unpack(weight_specs: list[dict[str, Any]], data: bytes) -> dict[str, NDArray[Any]]:
    """The arrays back from `specs` and `pack`.

    Raises:
        ValueError: there are fewer or more bytes than the specs ask for.
    """
    arrays: dict[str, NDArray[Any]] = {}
    offset = 0
    for spec in weight_specs:
        dtype = np.dtype(_LITTLE_ENDIAN[spec["dtype"]])
        count = int(np.prod(spec["shape"], dtype=np.int64))
        if offset + count * dtype.itemsize > len(data):
            raise ValueError(f"the weights end inside of '{spec['name']}'")
        part = np.frombuffer(data, dtype, count, offset).reshape(spec["shape"])
        arrays[spec["name"]] = part.astype(spec["dtype"])
        offset += count * dtype.itemsize
    if offset != len(data):
        raise ValueError(f"{len(data) - offset} bytes of weights are left over")
    return arrays
