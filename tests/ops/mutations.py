"""Valid ONNX models, spoilt: in their bytes, or in what the bytes say."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import onnx
from hypothesis import strategies as st
from onnx import AttributeProto

#: Numbers that are wrong in most places.
NUMBERS = (-(2**63), -(2**31), -2, -1, 0, 1, 2, 3, 7, 65, 2**20, 2**31, 2**62, 2**63 - 1)
_OPS = sorted({schema.name for schema in onnx.defs.get_all_schemas() if not schema.domain})


@st.composite
def spoilt_bytes(draw: Any, valid: bytes) -> bytes:
    """Bytes changed, put in, taken out or cut off."""
    data = bytearray(valid)
    for _ in range(draw(st.integers(1, 4))):
        place = draw(st.integers(0, max(0, len(data) - 1)))
        rule = draw(st.sampled_from(["set", "flip", "insert", "delete", "cut"]))
        if rule == "set" and data:
            data[place] = draw(st.integers(0, 255))
        elif rule == "flip" and data:
            data[place] ^= 1 << draw(st.integers(0, 7))
        elif rule == "insert":
            data[place:place] = draw(st.binary(min_size=1, max_size=8))
        elif rule == "delete":
            del data[place : place + draw(st.integers(1, 8))]
        elif rule == "cut":
            del data[place:]
    return bytes(data)


@st.composite
def spoilt_model(draw: Any, valid: bytes) -> bytes:
    """Operators, operands, attributes, shapes and types changed."""
    model = onnx.load_from_string(valid)
    for _ in range(draw(st.integers(1, 3))):
        draw(st.sampled_from(_RULES))(model, draw)
    return bytes(model.SerializeToString())


def _operator(model: onnx.ModelProto, draw: Any) -> None:
    if model.graph.node:
        draw(st.sampled_from(list(model.graph.node))).op_type = draw(st.sampled_from(_OPS))


def _operand(model: onnx.ModelProto, draw: Any) -> None:
    node = _node_with_inputs(model, draw)
    if node is not None:
        names = [name for n in model.graph.node for name in (*n.input, *n.output)]
        names += [value.name for value in model.graph.input]
        place = draw(st.integers(0, len(node.input) - 1))
        node.input[place] = draw(st.sampled_from([*names, "", "nobody"]))


def _fewer_operands(model: onnx.ModelProto, draw: Any) -> None:
    node = _node_with_inputs(model, draw)
    if node is not None:
        del node.input[draw(st.integers(0, len(node.input) - 1)) :]


def _node_with_inputs(model: onnx.ModelProto, draw: Any) -> onnx.NodeProto | None:
    nodes = [node for node in model.graph.node if node.input]
    return draw(st.sampled_from(nodes)) if nodes else None


def _attribute(model: onnx.ModelProto, draw: Any) -> None:
    nodes = [node for node in model.graph.node if node.attribute]
    if not nodes:
        return
    node = draw(st.sampled_from(nodes))
    attribute = draw(st.sampled_from(list(node.attribute)))
    number = draw(st.sampled_from(NUMBERS))
    if attribute.type == AttributeProto.INT:
        attribute.i = number
    elif attribute.type == AttributeProto.INTS and attribute.ints:
        attribute.ints[draw(st.integers(0, len(attribute.ints) - 1))] = number
    elif attribute.type == AttributeProto.FLOAT:
        attribute.f = draw(st.sampled_from([0.0, -1.0, float("inf"), float("nan"), 1e38]))
    elif attribute.type == AttributeProto.STRING:
        attribute.s = draw(st.sampled_from([b"", b"nobody", b"\xff", b"SAME_UPPER"]))
    else:
        node.attribute.remove(attribute)


def _lost_attribute(model: onnx.ModelProto, draw: Any) -> None:
    nodes = [node for node in model.graph.node if node.attribute]
    if nodes:
        node = draw(st.sampled_from(nodes))
        node.attribute.remove(draw(st.sampled_from(list(node.attribute))))


def _constant(model: onnx.ModelProto, draw: Any) -> None:
    tensors = list(model.graph.initializer)
    if not tensors:
        return
    tensor = draw(st.sampled_from(tensors))
    rule = draw(st.sampled_from(["dims", "more dims", "type", "data"]))
    if rule == "dims" and tensor.dims:
        place = draw(st.integers(0, len(tensor.dims) - 1))
        tensor.dims[place] = draw(st.sampled_from(NUMBERS))
    elif rule == "more dims":
        tensor.dims.append(draw(st.sampled_from(NUMBERS)))
    elif rule == "type":
        tensor.data_type = draw(st.integers(0, 24))
    else:
        tensor.raw_data = tensor.raw_data[: draw(st.integers(0, 8))]


def _end(model: onnx.ModelProto, draw: Any) -> None:
    """The type or the shape that an input or output is declared to have."""
    values = [*model.graph.input, *model.graph.output, *model.graph.value_info]
    if not values:
        return
    tensor = draw(st.sampled_from(values)).type.tensor_type
    if draw(st.booleans()):
        tensor.elem_type = draw(st.integers(0, 24))
    elif tensor.shape.dim:
        dim = draw(st.sampled_from(list(tensor.shape.dim)))
        dim.dim_value = draw(st.sampled_from(NUMBERS))


def _version(model: onnx.ModelProto, draw: Any) -> None:
    if model.opset_import:
        entry = draw(st.sampled_from(list(model.opset_import)))
        entry.version = draw(st.sampled_from(NUMBERS))


def _order(model: onnx.ModelProto, draw: Any) -> None:
    nodes = draw(st.permutations(list(model.graph.node)))
    copies = [onnx.NodeProto.FromString(node.SerializeToString()) for node in nodes]
    del model.graph.node[:]
    model.graph.node.extend(copies)


_RULES: tuple[Callable[[onnx.ModelProto, Any], None], ...] = (
    *(_operator, _operand, _fewer_operands, _attribute, _attribute, _lost_attribute),
    *(_constant, _constant, _end, _version, _order),
)
