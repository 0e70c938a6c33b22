"""What is done to an ONNX model before it is walked: checked, written out, inferred."""

from __future__ import annotations

import dataclasses
from collections.abc import Iterable

import numpy as np
import onnx
import onnx.inliner
from onnx import TensorProto

from .errors import ConversionError
from .onnx_node import OnnxNode
from .pinning import Shapes, pin
from .registry import Registry
from .shapes import Shape
from .soundness import check_soundness

# Initializers above this many elements take no part in ONNX's checks and inference.
SMALL = 1024

# ONNX's inference follows the numbers in vectors one by one, and takes gigabytes for long ones.
_FOLLOWED = 2**16


@dataclasses.dataclass(frozen=True)
class ValueType:
    """ONNX element type and shape of one value, as far as inference knows them."""

    elem_type: int
    shape: Shape


Prepared = tuple[onnx.ModelProto, list[onnx.TensorProto], dict[str, ValueType]]


def prepare(model: onnx.ModelProto, registry: Registry, shapes: Shapes) -> Prepared:
    """Check a model, write out its functions, and infer its types and shapes.

    Large weights take no part in it: they are copied neither by the checker nor by inference.

    Args:
        model: the model; it is not changed.
        registry: operators without a converter in it are written out, where ONNX defines them
            by other operators.
        shapes: shapes of inputs by name, for those that the model leaves open.

    Returns:
        The model to walk, which may lack the data of its initializers; the initializers; and
        what is known of every value.

    Raises:
        ConversionError: the model is not valid ONNX.
    """
    if model.graph.sparse_initializer:
        raise ConversionError("sparse initializers are not supported")
    check_soundness(model)
    skeleton = _skeleton(model)
    pin(skeleton.graph, shapes)
    _check_names(skeleton, registry)
    try:
        onnx.checker.check_model(skeleton)
        if skeleton.functions:
            skeleton = onnx.inliner.inline_local_functions(skeleton)
        inferred = onnx.shape_inference.infer_shapes(
            skeleton, data_prop=_longest(skeleton.graph) <= _FOLLOWED
        )
    except (
        onnx.checker.ValidationError,
        onnx.shape_inference.InferenceError,
        MemoryError,
        ValueError,
        RuntimeError,
    ) as error:
        raise ConversionError(f"this is not a valid ONNX model: {_first_line(error)}") from None
    graph = inferred.graph
    types = _value_types([*graph.value_info, *graph.input, *graph.output])
    return inferred, list(model.graph.initializer), types


def _longest(graph: onnx.GraphProto) -> int:
    """Length of the longest vector that is declared."""
    shapes = (v.type.tensor_type.shape for v in (*graph.input, *graph.output, *graph.value_info))
    return max((shape.dim[0].dim_value for shape in shapes if len(shape.dim) == 1), default=0)


def _check_names(model: onnx.ModelProto, registry: Registry) -> None:
    """Refuse operators that ONNX does not have, with the nearest name that it has."""
    own = {(domain_of(function.domain), function.name) for function in model.functions}
    for node in model.graph.node:
        key = (domain_of(node.domain), node.op_type)
        if key[0] or key in own or onnx.defs.has(node.op_type, ""):
            continue
        nearest = registry.nearest(node.op_type)
        hint = f". Did you mean '{nearest}'?" if nearest else ""
        raise OnnxNode(node, ()).refuse(f"ONNX has no such operator{hint}")


def _skeleton(model: onnx.ModelProto) -> onnx.ModelProto:
    """The model without the data of its large initializers, which become inputs."""
    skeleton = onnx.ModelProto()
    skeleton.ir_version = max(model.ir_version, 4)
    skeleton.opset_import.extend(model.opset_import)
    skeleton.functions.extend(model.functions)
    source, target = model.graph, skeleton.graph
    target.name = source.name or "graph"
    target.node.extend(source.node)
    target.input.extend(source.input)
    target.output.extend(source.output)
    target.value_info.extend(source.value_info)
    given = {value.name for value in source.input}
    for tensor in source.initializer:
        if np.prod(tensor.dims, dtype=np.float64) <= SMALL:
            target.initializer.append(tensor)
        elif tensor.name not in given:
            target.input.append(
                onnx.helper.make_tensor_value_info(tensor.name, tensor.data_type, list(tensor.dims))
            )
    return skeleton


def domain_of(domain: str) -> str:
    """A domain's one spelling; ONNX's own has two."""
    return "" if domain == "ai.onnx" else domain


def type_name(elem_type: int) -> str:
    """ONNX's name of an element type, in lower case."""
    known = elem_type in TensorProto.DataType.values()
    return str(TensorProto.DataType.Name(elem_type)).lower() if known else f"type {elem_type}"


def _first_line(error: Exception) -> str:
    return (str(error).strip() or type(error).__name__).partition("\n")[0]


def _value_types(values: Iterable[onnx.ValueInfoProto]) -> dict[str, ValueType]:
    found = ((value.name, value_type(value)) for value in values)
    return {name: known for name, known in found if known is not None}


def value_type(value: onnx.ValueInfoProto) -> ValueType | None:
    """What a declaration says, or None where it is not of a tensor.

    Raises:
        ConversionError: a dimension is negative.
    """
    if not value.type.HasField("tensor_type"):
        return None
    tensor = value.type.tensor_type
    shape: Shape = None
    if tensor.HasField("shape"):
        shape = tuple(
            dim.dim_value if dim.HasField("dim_value") else None for dim in tensor.shape.dim
        )
        if any(dim is not None and dim < 0 for dim in shape):
            raise ConversionError(f"has a negative dimension: {list(shape)}", attribute=value.name)
    return ValueType(tensor.elem_type, shape)
