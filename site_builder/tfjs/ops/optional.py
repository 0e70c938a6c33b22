"""Optional values; in a graph of tensors each is known to be there or not."""

from __future__ import annotations

from ..graph import Graph, Tensor
from ..onnx_node import OnnxNode
from ..registry import converter


@converter("OptionalHasElement", since=15)
def optional_has_element(g: Graph, node: OnnxNode) -> Tensor:
    """ONNX OptionalHasElement -> a constant."""
    return g.const(node.get(0) is not None)


@converter("OptionalGetElement", since=15)
def optional_get_element(g: Graph, node: OnnxNode) -> Tensor:
    """ONNX OptionalGetElement of a tensor -> nothing."""
    return node[0]
