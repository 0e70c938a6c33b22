"""What does not change from step to step is computed once: a program split in two.

The prologue computes, from inputs and noise, whatever does not depend on the state; the rest takes
those results as ``fixed.0``, ``fixed.1`` and so on. A training step so leaves the making of its
data behind. Compilers know it as loop-invariant code motion. The prologue also makes the large
tensors that depend on nothing at all, such as the places of a grid: written down, they would be
most of what a page downloads.
"""

from __future__ import annotations

import math
from collections.abc import Collection, Iterator

import onnx
from onnx import helper, shape_inference

from site_builder.tfjs.folding import GROWTH_LIMIT

Types = dict[str, onnx.ValueInfoProto]


def hoist(
    model: onnx.ModelProto, varying: Collection[str], shaped: Collection[str] = ()
) -> tuple[onnx.ModelProto | None, onnx.ModelProto]:
    """Splits a model into what stays and what varies.

    Args:
        model: Its nodes are in an order in which they can run.
        varying: The inputs that change from step to step.
        shaped: Those of them whose shapes stay: the shape of one is computed once.

    Returns:
        The prologue, or None where it would have nothing to do, and the rest. A node that depends
        on no input at all is in the prologue where what it makes is large; else it is in whichever
        needs it, both if need be: a size or an axis has to be known where it is used.
    """
    graph = model.graph
    types: Types = {v.name: v for v in shape_inference.infer_shapes(model).graph.value_info}
    # What the exporter itself says of a value may lack the shape.
    said = [v for v in graph.value_info if v.type.tensor_type.HasField("shape")]
    types |= {value.name: value for value in (*said, *graph.output)}
    changing, staying = set(varying), {value.name for value in graph.input} - set(varying)
    fixed: list[onnx.NodeProto] = []
    rest: list[onnx.NodeProto] = []
    constant: list[onnx.NodeProto] = []
    for node in graph.node:
        read = set(_reads(node))
        kept_shape = node.op_type == "Shape" and read <= set(shaped)
        if read & changing and not kept_shape:
            rest.append(node)
            changing.update(node.output)
        elif read & staying or kept_shape or _makes_much(node, types):
            fixed.append(node)
            staying.update(node.output)
        else:
            constant.append(node)
    made = {name for node in fixed for name in node.output if name}
    asked = [name for node in rest for name in _reads(node)]
    asked += [value.name for value in graph.output]
    crossing = list(dict.fromkeys(name for name in asked if name in made))
    if not crossing:
        return None, model
    renamed = {name: f"fixed.{number}" for number, name in enumerate(crossing)}
    ends = []
    for name, new in renamed.items():
        end = onnx.ValueInfoProto()
        end.CopyFrom(types[name])
        end.name = new
        ends.append(end)
    copies = [helper.make_node("Identity", [old], [new]) for old, new in renamed.items()]
    back = [helper.make_node("Identity", [new], [old]) for old, new in renamed.items()]
    prologue = _part(model, [*constant, *fixed, *copies], [], ends)
    remainder = _part(model, [*back, *constant, *rest], ends, graph.output)
    return prologue, remainder


def _makes_much(node: onnx.NodeProto, types: Types) -> bool:
    """Whether a node that depends on no input makes more than conversion would write down."""
    if node.op_type == "Constant":
        return False
    for name in node.output:
        dims = types[name].type.tensor_type.shape.dim if name in types else ()
        if math.prod(dim.dim_value for dim in dims) > GROWTH_LIMIT:
            return True
    return False


def _reads(node: onnx.NodeProto) -> Iterator[str]:
    """What a node reads, by the bodies of loops and branches too."""
    yield from (name for name in node.input if name)
    for attribute in node.attribute:
        bodies = [attribute.g] if attribute.HasField("g") else list(attribute.graphs)
        for body in bodies:
            own = {value.name for value in (*body.input, *body.initializer)}
            for inner in body.node:
                yield from (name for name in _reads(inner) if name not in own)
                own.update(inner.output)
            yield from (value.name for value in body.output if value.name not in own)


def _part(
    model: onnx.ModelProto,
    nodes: list[onnx.NodeProto],
    further: list[onnx.ValueInfoProto],
    outputs: Collection[onnx.ValueInfoProto],
) -> onnx.ModelProto:
    """A model of some of the nodes, with those inputs and weights that they need."""
    needed = {value.name for value in outputs}
    kept: list[onnx.NodeProto] = []
    for node in reversed(nodes):
        if needed & set(node.output):
            kept.append(node)
            needed.update(_reads(node))
    part = onnx.ModelProto()
    part.CopyFrom(model)
    graph = part.graph
    weights = [tensor for tensor in graph.initializer if tensor.name in needed]
    inputs = [v for v in (*graph.input, *further) if v.name in needed]
    known = [value for value in graph.value_info if value.name in needed]
    for field, values in (
        ("node", kept[::-1]),
        ("input", inputs),
        ("output", list(outputs)),
        ("initializer", weights),
        ("value_info", known),
    ):
        copies = [type(value).FromString(value.SerializeToString()) for value in values]
        graph.ClearField(field)
        getattr(graph, field).extend(copies)
    return part
