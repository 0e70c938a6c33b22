"""What ONNX's own checks take for granted, and fail at in worse ways than with an error."""

from __future__ import annotations

from collections.abc import Iterator

import onnx
from onnx import AttributeProto, TensorProto

from .errors import ConversionError
from .onnx_node import OnnxNode

# No axis, size or count of a node is larger; ONNX's shape inference computes with them unchecked.
_LARGEST = 2**31 - 1
# Constants may be any number, and where a slice of a shape begins and ends is cut to its length.
_ANY_NUMBER = ("Constant", "Shape")


def check_soundness(model: onnx.ModelProto) -> None:
    """Refuse versions that nobody knows, names that are no text, and numbers past all bounds.

    Raises:
        ConversionError: something cannot be right.
    """
    newest = onnx.defs.onnx_opset_version()
    for entry in model.opset_import:
        if entry.domain in ("", "ai.onnx") and not 1 <= entry.version <= newest:
            raise ConversionError(
                f"its operators are of version {entry.version}; known are versions 1 to {newest}"
            )
    _check_graph(model.graph)


def _check_graph(graph: onnx.GraphProto) -> None:
    try:
        names = list(_names(graph))
    except UnicodeDecodeError:
        names = [b""]
    if not all(isinstance(name, str) for name in names):
        raise ConversionError("this is not a valid ONNX model: a name in it is not text")
    for tensor in graph.initializer:
        if tensor.data_location == TensorProto.EXTERNAL:
            raise ConversionError(
                "its data is in another file; load the model with it", attribute=tensor.name
            )
        if any(size < 0 for size in tensor.dims):
            raise ConversionError(
                f"has a negative dimension: {list(tensor.dims)}", attribute=tensor.name
            )
    for value in (*graph.input, *graph.output, *graph.value_info):
        for dim in value.type.tensor_type.shape.dim:
            if dim.dim_value > _LARGEST:
                raise ConversionError(
                    f"has a dimension of {dim.dim_value}, which no browser holds",
                    attribute=value.name,
                )
    for node in graph.node:
        for attribute in node.attribute:
            _check_attribute(node, attribute)


def _names(graph: onnx.GraphProto) -> Iterator[str | bytes]:
    yield graph.name
    for node in graph.node:
        yield from (node.name, node.op_type, node.domain, *node.input, *node.output)
        yield from (attribute.name for attribute in node.attribute)
    for value in (*graph.input, *graph.output, *graph.value_info, *graph.initializer):
        yield value.name


def _check_attribute(node: onnx.NodeProto, attribute: AttributeProto) -> None:
    if attribute.type == AttributeProto.GRAPH:
        _check_graph(attribute.g)
        return
    numbers = [attribute.i] if attribute.type == AttributeProto.INT else attribute.ints
    if node.op_type in _ANY_NUMBER:
        return
    least = 0 if attribute.name == "batch_dims" else -_LARGEST
    for number in numbers:
        if not least <= number <= _LARGEST:
            raise OnnxNode(node, ()).refuse(f"cannot be {number}", attribute.name)
