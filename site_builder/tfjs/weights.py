"""Weights as TF.js stores them: one run of bytes, and what stands where in it."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

import numpy as np
from numpy.typing import NDArray

from .quantization import Quantized

#: Largest file of weights; browsers cache files of this size well.
SHARD_BYTES = 4 * 1024 * 1024

_LITTLE_ENDIAN = {
    "float32": "<f4",
    "int32": "<i4",
    "bool": "|u1",
    "float16": "<f2",
    "uint16": "<u2",
    "uint8": "|u1",
}

Constants = Mapping[str, NDArray[Any]]


def specs(
    constants: Constants, quantized: Mapping[str, Quantized] | None = None
) -> list[dict[str, Any]]:
    """TF.js `weightSpecs`: name, shape and dtype of each constant, in the order of `pack`."""
    found = []
    for name, array in constants.items():
        spec: dict[str, Any] = {"name": name, "shape": list(array.shape)}
        spec["dtype"] = str(array.dtype)
        if quantized and name in quantized:
            spec["quantization"] = quantized[name].entry
        found.append(spec)
    return found


def chunks(
    constants: Constants, quantized: Mapping[str, Quantized] | None = None
) -> Iterator[bytes]:
    """The constants as bytes, little-endian, one after the other without padding."""
    for name, array in constants.items():
        stored = quantized[name].array if quantized and name in quantized else array
        yield stored.astype(_LITTLE_ENDIAN[str(stored.dtype)], copy=False).tobytes()


def pack(constants: Constants, quantized: Mapping[str, Quantized] | None = None) -> bytes:
    """All of `chunks` in one."""
    return b"".join(chunks(constants, quantized))


def size_of(constants: Constants, quantized: Mapping[str, Quantized] | None = None) -> int:
    """How many bytes `pack` gives."""
    stored = (
        quantized[name].array if quantized and name in quantized else array
        for name, array in constants.items()
    )
    return sum(array.size * np.dtype(_LITTLE_ENDIAN[str(array.dtype)]).itemsize for array in stored)


def shard_names(total: int, size: int = SHARD_BYTES) -> list[str]:
    """Names of the files that so many bytes are cut into; there is always one."""
    count = max(1, -(-total // size))
    return [f"group1-shard{i}of{count}.bin" for i in range(1, count + 1)]


def regrouped(parts: Iterator[bytes], size: int) -> Iterator[bytes]:
    """The same bytes in pieces of `size` bytes; the last is what is left."""
    rest = bytearray()
    for part in parts:
        view = memoryview(part)
        while len(rest) + len(view) >= size:
            taken = size - len(rest)
            rest += view[:taken]
            yield bytes(rest)
            rest.clear()
            view = view[taken:]
        rest += view
    if rest:
        yield bytes(rest)


def shards(data: bytes, size: int = SHARD_BYTES) -> dict[str, bytes]:
    """The bytes cut into files of at most `size` bytes, by file name."""
    parts = list(regrouped(iter([data]), size)) or [b""]
    return dict(zip(shard_names(len(data), size), parts, strict=True))


def unpack(weight_specs: list[dict[str, Any]], data: bytes) -> dict[str, NDArray[Any]]:
    """The arrays back from `specs` and `pack`, as TF.js reads them.

    Raises:
        ValueError: there are fewer or more bytes than the specs ask for.
    """
    arrays: dict[str, NDArray[Any]] = {}
    offset = 0
    for spec in weight_specs:
        entry = spec.get("quantization")
        dtype = np.dtype(_LITTLE_ENDIAN[(entry or spec)["dtype"]])
        count = int(np.prod(spec["shape"], dtype=np.int64))
        if offset + count * dtype.itemsize > len(data):
            raise ValueError(f"the weights end inside of '{spec['name']}'")
        part = np.frombuffer(data, dtype, count, offset).reshape(spec["shape"])
        if entry is not None and "scale" in entry:
            part = part * entry["scale"] + entry["min"]
        arrays[spec["name"]] = part.astype(spec["dtype"])
        offset += count * dtype.itemsize
    if offset != len(data):
        raise ValueError(f"{len(data) - offset} bytes of weights are left over")
    return arrays
