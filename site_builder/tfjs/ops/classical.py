"""Operators of classical machine learning, from the domain ai.onnx.ml."""

from __future__ import annotations

from ..graph import Graph, Tensor
from ..onnx_node import OnnxNode
from ..registry import converter

_DOMAIN = "ai.onnx.ml"


@converter("ArrayFeatureExtractor", domain=_DOMAIN)
def array_feature_extractor(g: Graph, node: OnnxNode) -> Tensor:
    """ONNX ArrayFeatureExtractor, columns by number -> TF GatherV2."""
    x, places = node[0], g.reshape(node[1], [-1])
    if x.rank == 1:
        x = g.reshape(x, [1, -1])
    axis = (x.rank or node.rank()) - 1
    return g.add("GatherV2", x, places, g.const(axis), batch_dims=0)


@converter("Binarizer", domain=_DOMAIN)
def binarizer(g: Graph, node: OnnxNode) -> Tensor:
    """ONNX Binarizer -> TF Greater, Cast."""
    threshold = g.scalar(node.real("threshold", 0.0), node[0])
    return g.cast(g.add("Greater", node[0], threshold), node[0].dtype)
