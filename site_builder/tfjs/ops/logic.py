"""Comparisons, logic and choice."""

from __future__ import annotations

from ..graph import Graph, Tensor
from ..onnx_node import OnnxNode
from ..registry import converter


@converter("Equal", since=7)
@converter("Greater", since=7)
@converter("Less", since=7)
@converter("GreaterOrEqual", since=12)
@converter("LessOrEqual", since=12)
def comparison(g: Graph, node: OnnxNode) -> Tensor:
    """ONNX Equal, Greater, ... -> TF Equal, Greater, ..."""
    return g.add(node.op.replace("OrEqual", "Equal"), node[0], node[1])


@converter("And", since=7)
@converter("Or", since=7)
def logical(g: Graph, node: OnnxNode) -> Tensor:
    """ONNX And, Or -> TF LogicalAnd, LogicalOr."""
    return g.add(f"Logical{node.op}", node[0], node[1])


@converter("Xor", since=7)
def exclusive_or(g: Graph, node: OnnxNode) -> Tensor:
    """ONNX Xor -> TF NotEqual."""
    return g.add("NotEqual", node[0], node[1])


@converter("Not")
def negation(g: Graph, node: OnnxNode) -> Tensor:
    """ONNX Not -> TF LogicalNot."""
    return g.add("LogicalNot", node[0])


@converter("Where", since=9)
def where(g: Graph, node: OnnxNode) -> Tensor:
    """ONNX Where -> TF SelectV2."""
    return g.add("SelectV2", node[0], node[1], node[2])
