"""Which results may not be a number although every input of a model is one."""

from __future__ import annotations

import enum

from .graph import Graph, Node

# Without infinities, only these make what is not a number: of what is negative, or 0 / 0. (So does
# Rsqrt, but only the normalisations write it, of a variance and a little more.) Divisors are taken
# for zero unless they are known to be positive.
_OF_NEGATIVES = ("Log", "Log1p", "Sqrt")
_ALWAYS = ("Acos", "Acosh", "Asin", "Atanh")


class _Sign(enum.IntEnum):
    UNKNOWN = 0
    NOT_NEGATIVE = 1
    POSITIVE = 2


_NOT_NEGATIVE = (
    *("Abs", "Exp", "Pow", "Relu", "Relu6", "Rsqrt", "Sigmoid", "Softmax", "Softplus", "Sqrt"),
    "Square",
)
_KEEP_SIGN = (
    *("AvgPool", "AvgPool3D", "BroadcastTo", "ConcatV2", "ExpandDims", "Identity", "Max", "Mean"),
    *("Mul", "Pack", "PadV2", "RealDiv", "Reshape", "Slice", "Squeeze", "Sum", "Transpose"),
)


def undefined(graph: Graph) -> set[str]:
    """Names of the nodes whose result may not be a number, by way of such an operation."""
    found: set[str] = set()
    signs: dict[str, _Sign] = {}
    for node in graph.nodes.values():
        if node.op == "Const" or graph.tensors[node.name].dtype != "float32":
            continue
        operands = [_sign(graph, signs, name) for name in node.inputs]
        signs[node.name] = _result(graph, node, operands)
        if _starts(graph, node, operands) or any(
            name.partition(":")[0] in found for name in node.inputs
        ):
            found.add(node.name)
    return found


def _starts(graph: Graph, node: Node, operands: list[_Sign]) -> bool:
    if node.op == "RealDiv":
        return operands[1] < _Sign.POSITIVE
    if node.op == "Pow":
        power = graph.tensors[node.inputs[1]].value
        return not operands[0] and (power is None or bool((power % 1).any()))
    return node.op in _ALWAYS or (node.op in _OF_NEGATIVES and not operands[0])


def _sign(graph: Graph, signs: dict[str, _Sign], name: str) -> _Sign:
    value = graph.tensors[name].value
    if value is None:
        return signs.get(name, _Sign.UNKNOWN)
    if value.size and value.min() > 0:
        return _Sign.POSITIVE
    return _Sign.NOT_NEGATIVE if value.size and value.min() >= 0 else _Sign.UNKNOWN


def _result(graph: Graph, node: Node, operands: list[_Sign]) -> _Sign:
    """The sign of a result; products of positive numbers may be too small for float32."""
    real = [
        sign
        for name, sign in zip(node.inputs, operands, strict=True)
        if graph.tensors[name].dtype == "float32"
    ]
    if node.op == "AddV2":
        return max(real) if min(real) else _Sign.UNKNOWN
    if node.op == "Maximum":
        return max(real)
    if node.op == "Sqrt" and real[0]:
        return real[0]
    if node.op == "Mul" and node.inputs[0] == node.inputs[1]:
        return _Sign.NOT_NEGATIVE
    if node.op in _NOT_NEGATIVE and (node.op != "Pow" or real[0]):
        return _Sign.NOT_NEGATIVE
    if node.op in _KEEP_SIGN and real:
        return min(*real, _Sign.NOT_NEGATIVE)
    return _Sign.UNKNOWN
