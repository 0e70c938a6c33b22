"""Operators that ONNX defines by other operators, written out by that definition."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

import onnx
from onnx import AttributeProto, FunctionProto, GraphProto, NodeProto, OperatorSetIdProto, TypeProto

_CORE = 18


def definition(
    node: NodeProto, domain: str, version: int, types: Sequence[TypeProto | None]
) -> FunctionProto | None:
    """ONNX's definition of an operator by others, or None where there is none.

    Args:
        node: a node of that operator; some definitions depend on its attributes.
        domain: the operator's domain.
        version: version of that domain.
        types: types of the node's operands; None for those left out.
    """
    try:
        schema = onnx.defs.get_schema(node.op_type, version, domain)
    except onnx.defs.SchemaError:
        return None
    function = FunctionProto()
    if schema.has_context_dependent_function:  # type: ignore[attr-defined]
        given = [(kind or TypeProto()).SerializeToString() for kind in types]
        # The package's type hints lack these.
        versions = schema.context_dependent_function_opset_versions  # type: ignore[attr-defined]
        write = schema.get_context_dependent_function_with_opset_version  # type: ignore[attr-defined]
        body = write(
            max((v for v in versions if v <= version), default=version),
            node.SerializeToString(),
            given,
        )
        if not body:
            return None
        function.ParseFromString(body)
    elif schema.has_function:  # type: ignore[attr-defined]
        function.CopyFrom(schema.function_body)
    else:
        return None
    return function


def body_of(
    function: FunctionProto,
    node: NodeProto,
    opset: OperatorSetIdProto,
    types: Sequence[TypeProto | None],
    constants: Mapping[int, onnx.TensorProto],
) -> tuple[GraphProto, list[OperatorSetIdProto]]:
    """The definition for one node, as a graph whose types and shapes are inferred.

    Args:
        function: what `definition` gave.
        node: the node that it is to stand for.
        opset: the operator set that the node is of.
        types: types of the node's operands; None for those left out.
        constants: the operands that are known, for shape inference.

    Returns:
        A graph whose inputs are the operands that are given, in order, and the operator sets
        that its nodes are of.
    """
    attributes = _attributes(function, node, opset)
    given = {
        name
        for i, name in enumerate(function.input)
        if i < len(node.input) and node.input[i] and types[i] is not None
    }
    nodes = [_resolved(part, attributes, set(function.input) - given) for part in function.node]
    inputs = [
        onnx.ValueInfoProto(name=name, type=types[i])
        for i, name in enumerate(function.input)
        if name in given
    ]
    made = {name for part in nodes for name in part.output} | given
    outputs = [
        onnx.ValueInfoProto(name=name)
        for name, wanted in zip(function.output, node.output, strict=False)
        if wanted and name in made
    ]
    initializers = []
    for i, tensor in constants.items():
        if i < len(function.input) and function.input[i] in given:
            named = onnx.TensorProto()
            named.CopyFrom(tensor)
            named.name = function.input[i]
            initializers.append(named)
    graph = onnx.helper.make_graph(nodes, "definition", inputs, outputs, initializers)
    opsets = list(function.opset_import)
    if not any(o.domain == opset.domain for o in opsets):
        opsets.append(opset)
    if all(o.domain for o in opsets):
        # A definition of another domain that names no version: any that has them all will do.
        opsets.append(onnx.helper.make_opsetid("", _CORE))
    model = onnx.helper.make_model(graph, opset_imports=opsets, ir_version=10)
    inferred = onnx.shape_inference.infer_shapes(model, data_prop=True).graph
    del inferred.initializer[:]
    return inferred, opsets


def _attributes(
    function: FunctionProto, node: NodeProto, opset: OperatorSetIdProto
) -> dict[str, AttributeProto]:
    """The node's attributes, and the defaults of those that it does not give."""
    schema = onnx.defs.get_schema(node.op_type, opset.version, opset.domain)
    defaults = {
        name: known.default_value
        for name, known in schema.attributes.items()
        if known.default_value.name
    }
    own = {attribute.name: attribute for attribute in function.attribute_proto}
    return {**defaults, **own, **{attribute.name: attribute for attribute in node.attribute}}


def _resolved(
    node: NodeProto, attributes: Mapping[str, AttributeProto], absent: set[str]
) -> NodeProto:
    """A node of a definition with the attributes that it refers to, without absent operands."""
    result = NodeProto()
    result.CopyFrom(node)
    del result.attribute[:]
    result.input[:] = ["" if name in absent else name for name in node.input]
    for attribute in node.attribute:
        made = AttributeProto()
        if attribute.ref_attr_name:
            if attribute.ref_attr_name not in attributes:
                continue
            made.CopyFrom(attributes[attribute.ref_attr_name])
            made.name = attribute.name
        else:
            made.CopyFrom(attribute)
        if made.HasField("g"):
            parts = [_resolved(part, attributes, absent) for part in made.g.node]
            del made.g.node[:]
            made.g.node.extend(parts)
        result.attribute.append(made)
    return result
