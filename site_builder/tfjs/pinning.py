"""Shapes that a user fixes where a model leaves them open."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

import onnx

from .errors import ConversionError

#: Shapes of inputs, by name.
Shapes = Mapping[str, Sequence[int]]


def pin(graph: onnx.GraphProto, shapes: Shapes) -> None:
    """Give inputs of a graph their shapes, and every dimension of the same symbol the same size.

    Args:
        graph: the graph, which is changed.
        shapes: shapes of inputs by name.

    Raises:
        ConversionError: there is no such input, or it cannot have that shape.
    """
    inputs = {value.name: value for value in graph.input}
    symbols: dict[str, int] = {}
    for name, sizes in shapes.items():
        if name not in inputs:
            known = ", ".join(f"'{other}'" for other in inputs) or "none"
            raise ConversionError(f"there is no such input to be shaped; inputs: {known}",
                                  attribute=name)  # fmt: skip
        _pin_one(inputs[name], sizes, symbols)
    for value in (*graph.input, *graph.output, *graph.value_info):
        for dim in value.type.tensor_type.shape.dim:
            if dim.dim_param in symbols and dim.dim_param:
                dim.dim_value = symbols[dim.dim_param]


def _pin_one(value: onnx.ValueInfoProto, sizes: Sequence[int], symbols: dict[str, int]) -> None:
    given = list(sizes)
    if not value.type.HasField("tensor_type"):
        raise ConversionError("is not a tensor, and has no shape", attribute=value.name)
    if any(size < 0 for size in given):
        raise ConversionError(f"cannot have the shape {given}", attribute=value.name)
    tensor = value.type.tensor_type
    if not tensor.HasField("shape"):
        for size in given:
            tensor.shape.dim.add().dim_value = size
        return
    dims = tensor.shape.dim
    if len(dims) != len(given):
        raise ConversionError(
            f"has {len(dims)} dimensions, and cannot have the shape {given}", attribute=value.name
        )
    for dim, size in zip(dims, given, strict=True):
        if dim.HasField("dim_value") and dim.dim_value != size:
            raise ConversionError(
                f"has {dim.dim_value} where the shape {given} has {size}", attribute=value.name
            )
        if dim.dim_param and symbols.setdefault(dim.dim_param, size) != size:
            raise ConversionError(
                f"'{dim.dim_param}' cannot be both {symbols[dim.dim_param]} and {size}",
                attribute=value.name,
            )
        dim.dim_value = size
