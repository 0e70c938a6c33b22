"""Sequences of different lengths, and the caches of a decoder."""

from __future__ import annotations

import math

import numpy as np

from ..graph import Graph, Tensor
from ..onnx_node import OnnxNode
from ..registry import converter
from .common import expand, fresh


@converter("ReverseSequence", since=10)
def reverse_sequence(g: Graph, node: OnnxNode) -> Tensor:
    """ONNX ReverseSequence -> TF Less, Sub, SelectV2, GatherV2 of rows."""
    time, batch = node.axis(node.integer("time_axis", 0)), node.axis(node.integer("batch_axis", 1))
    order = [batch, time, *(i for i in range(node.rank()) if i not in (batch, time))]
    x = g.transpose(node[0], order)
    sizes = x.static
    if sizes is None:
        raise node.refuse("needs the whole shape of its sequences at build time")
    rows = g.reshape(x, [sizes[0] * sizes[1], math.prod(sizes[2:])])
    length = expand(g, node[1], 1)
    place = g.const(np.arange(sizes[1])[None], "int32")
    back = g.add("Sub", g.add("Sub", length, g.const(1)), place)
    place = g.add("SelectV2", g.add("Less", place, length), back, place)
    start = np.arange(sizes[0])[:, None] * sizes[1]
    place = g.add("AddV2", place, g.const(start, "int32"))
    found = g.add("GatherV2", rows, place, g.const(0), batch_dims=0)
    return g.transpose(g.reshape(found, list(sizes)), [order.index(i) for i in range(len(order))])


@converter("TensorScatter", since=24)
def tensor_scatter(g: Graph, node: OnnxNode) -> Tensor:
    """ONNX TensorScatter, an update of a cache -> TF TensorScatterUpdate of rows."""
    axis, rank = node.axis(node.integer("axis", -2)), node.rank()
    order = [0, axis, *(i for i in range(1, rank) if i != axis)]
    past, new = g.transpose(node[0], order), g.transpose(node[1], order)
    if past.static is None or new.static is None:
        raise node.refuse("needs the whole shape of its cache at build time")
    batch, length, *rest = past.static
    steps, width = new.static[1], math.prod(rest)
    start = node.get(2)
    places = g.const(np.arange(steps)[None], "int32")
    if start is None:
        places = g.const(np.broadcast_to(np.arange(steps), (batch, steps)), "int32")
    else:
        places = g.add("AddV2", places, expand(g, start, 1))
    if node.text("mode", "linear") == "circular":
        places = g.add("FloorMod", places, g.const(length))
    places = g.add("AddV2", places, g.const(np.arange(batch)[:, None] * length, "int32"))
    rows = fresh(g, g.reshape(past, [batch * length, width]))
    updates = g.reshape(new, [batch * steps, width])
    index = g.reshape(places, [batch * steps, 1])
    result = g.add("TensorScatterUpdate", rows, index, updates)
    return g.transpose(g.reshape(result, list(past.static)), [order.index(i) for i in range(rank)])
