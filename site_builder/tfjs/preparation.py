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
from .registry import Registry
from .shapes import Shape

# Initializers above this many elements take no part in ONNX's checks and inference.
_SMALL = 1024

# Operators that are defined by others may be defined by others in turn, this often.
_DEPTH = 8


@dataclasses.dataclass(frozen=True)
class ValueType:
    """ONNX element type and shape of one value, as far as inference knows them."""

    elem_type: int
    shape: Shape


Prepared = tuple[onnx.ModelProto, list[onnx.TensorProto], dict[str, ValueType]]


def prepare(model: onnx.ModelProto, registry: Registry) -> Prepared:
    """Check a model, write out its functions, and infer its types and shapes.

    Large weights take no part in it: they are copied neither by the checker nor by inference.

    Args:
        model: the model; it is not changed.
        registry: operators without a converter in it are written out, where ONNX defines them
            by other operators.

    Returns:
        The model to walk, which may lack the data of its initializers; the initializers; and
        what is known of every value.

    Raises:
        ConversionError: the model is not valid ONNX.
    """
    if model.graph.sparse_initializer:
        raise ConversionError("sparse initializers are not supported")
    skeleton = _skeleton(model)
    _check_names(skeleton, registry)
    try:
        onnx.checker.check_model(skeleton)
        if skeleton.functions:
            skeleton = onnx.inliner.inline_local_functions(skeleton)
        skeleton = _written_out(skeleton, registry)
        inferred = onnx.shape_inference.infer_shapes(skeleton, data_prop=True)
    except (
        onnx.checker.ValidationError,
        onnx.shape_inference.InferenceError,
        ValueError,
        RuntimeError,
    ) as error:
        raise ConversionError(f"this is not a valid ONNX model: {_first_line(error)}") from None
    graph = inferred.graph
    types = _value_types([*graph.value_info, *graph.input, *graph.output])
    return inferred, list(model.graph.initializer), types


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
        if np.prod(tensor.dims, dtype=np.float64) <= _SMALL:
            target.initializer.append(tensor)
        elif tensor.name not in given:
            target.input.append(
                onnx.helper.make_tensor_value_info(tensor.name, tensor.data_type, list(tensor.dims))
            )
    return skeleton


def _written_out(model: onnx.ModelProto, registry: Registry) -> onnx.ModelProto:
    """The model with operators that have no converter replaced by ONNX's definition of them."""
    for _ in range(_DEPTH):
        versions = {domain_of(o.domain): o.version for o in model.opset_import}
        defined = sorted(
            {
                (node.domain, node.op_type)
                for node in model.graph.node
                if registry.lookup(
                    domain_of(node.domain), node.op_type, versions.get(domain_of(node.domain), 1)
                )
                is None
                and _has_definition(node, versions)
            }
        )
        if not defined:
            break
        before = len(model.graph.node)
        # Some definitions depend on the types of their operands.
        model = onnx.shape_inference.infer_shapes(model, data_prop=True)
        try:
            model = onnx.inliner.inline_selected_functions(
                model, defined, inline_schema_functions=True
            )
        except RuntimeError:
            # Some definitions need types that inference does not find; the walk refuses the node.
            break
        if len(model.graph.node) <= before:
            break
    return model


def _has_definition(node: onnx.NodeProto, versions: dict[str, int]) -> bool:
    version = versions.get(domain_of(node.domain), 1)
    try:
        schema = onnx.defs.get_schema(node.op_type, version, domain_of(node.domain))
    except onnx.defs.SchemaError:
        return False
    # The package's type hints lack these two.
    names = ("has_function", "has_context_dependent_function")
    return any(getattr(schema, name) for name in names)


def domain_of(domain: str) -> str:
    """A domain's one spelling; ONNX's own has two."""
    return "" if domain == "ai.onnx" else domain


def type_name(elem_type: int) -> str:
    """ONNX's name of an element type, in lower case."""
    return str(TensorProto.DataType.Name(elem_type)).lower()


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
