"""Padding."""

from __future__ import annotations

import numpy as np

from ..graph import Graph, Tensor
from ..onnx_node import OnnxNode
from ..registry import converter
from .common import non_negative

_NUMPY_MODES = {"reflect": "reflect", "edge": "edge", "wrap": "wrap"}


@converter("Pad", until=11)
def pad_attributes(g: Graph, node: OnnxNode) -> Tensor:
    """ONNX Pad with attributes -> TF PadV2, or GatherV2 for what repeats the image."""
    value = g.scalar(node.real("value", 0.0), node[0])
    pads = node.integers("pads" if node.version > 1 else "paddings")
    return _pad(g, node, pads, list(range(node.rank())), value)


@converter("Pad", since=11)
def pad(g: Graph, node: OnnxNode) -> Tensor:
    """ONNX Pad -> TF PadV2, or GatherV2 for what repeats the image; less than 0 cuts off."""
    x, rank = node[0], node.rank()
    value = g.scalar(0, x) if node.get(2) is None else g.reshape(node[2], [])
    if node[1].value is None or (node.get(3) is not None and node[3].value is None):
        return _pad_at_run_time(g, node, value)
    axes = [node.axis(a) for a in node.ints_in(3, "axes")] if node.get(3) else list(range(rank))
    return _pad(g, node, node.ints_in(1, "pads"), axes, value)


def _pad(g: Graph, node: OnnxNode, pads: list[int], axes: list[int], value: Tensor) -> Tensor:
    x, rank, mode = node[0], node.rank(), node.text("mode", "constant")
    before, after = [0] * rank, [0] * rank
    for i, axis in enumerate(axes):
        before[axis], after[axis] = pads[i], pads[i + len(axes)]
    if mode != "constant":
        return _repeated(g, node, before, after, mode)
    if min(before + after, default=0) < 0:
        x = _cut(g, node, [max(0, -n) for n in before], [max(0, -n) for n in after])
        before, after = [max(0, n) for n in before], [max(0, n) for n in after]
    if not any(before) and not any(after):
        return x
    return g.add("PadV2", x, g.const(list(map(list, zip(before, after, strict=True)))), value)


def _cut(g: Graph, node: OnnxNode, ahead: list[int], behind: list[int]) -> Tensor:
    sizes = []
    for i, dim in enumerate(node.shape()):
        if dim is None and behind[i]:
            raise node.refuse("cuts an axis whose size is not known at build time", "pads")
        sizes.append(-1 if dim is None else dim - ahead[i] - behind[i])
    return g.add("Slice", node[0], g.const(ahead), g.const(sizes))


def _repeated(g: Graph, node: OnnxNode, before: list[int], after: list[int], mode: str) -> Tensor:
    """Reflect, edge and wrap: a gather of the right places, axis by axis."""
    if mode not in _NUMPY_MODES:
        raise node.refuse(f"'{mode}' is not known", "mode")
    x = node[0]
    for axis, dim in enumerate(node.shape()):
        if not before[axis] and not after[axis]:
            continue
        if dim is None:
            raise node.refuse("repeats an axis whose size is not known at build time", "pads")
        places = np.arange(max(0, -before[axis]), dim - max(0, -after[axis]))
        widths = (max(0, before[axis]), max(0, after[axis]))
        if mode == "wrap":
            places = np.pad(places, widths, mode="wrap")
        elif mode == "edge":
            places = np.pad(places, widths, mode="edge")
        else:
            places = np.pad(places, widths, mode="reflect")
        x = g.add("GatherV2", x, g.const(places, "int32"), g.const(axis), batch_dims=0)
    return x


def _pad_at_run_time(g: Graph, node: OnnxNode, value: Tensor) -> Tensor:
    """Padding by amounts that the model computes: a gather along every axis, of either sign."""
    x, rank, mode = node[0], node.rank(), node.text("mode", "constant")
    if mode != "constant" and mode not in _NUMPY_MODES:
        raise node.refuse(f"'{mode}' is not known", "mode")
    pairs = g.reshape(node[1], [2, -1])
    if node.get(3) is not None:
        given = g.transpose(pairs, (1, 0))
        axes = g.reshape(non_negative(g, node[3], rank), [-1, 1])
        pairs = g.transpose(g.add("ScatterNd", axes, given, g.const([rank, 2])), (1, 0))
    for axis in range(rank):
        before, after = (
            g.reshape(g.add("Slice", pairs, g.const([side, axis]), g.const([1, 1])), [])
            for side in (0, 1)
        )
        size = g.dim(x, axis)
        count = g.const(size) if isinstance(size, int) else size
        zero, one = g.const(0), g.const(1)
        end = g.add("AddV2", count, after)
        places = g.add("Range", g.add("Sub", zero, before), end, one)
        last = g.add("Sub", count, one)
        inside = g.add("Maximum", g.add("Minimum", places, last), zero)
        if mode == "wrap":
            inside = g.add("FloorMod", places, count)
        elif mode == "reflect":
            turn = g.add("Maximum", g.add("Mul", last, g.const(2)), one)
            inside = g.add("FloorMod", places, turn)
            inside = g.add("Minimum", inside, g.add("Sub", turn, inside))
        x = g.add("GatherV2", x, inside, g.const(axis), batch_dims=0)
        if mode == "constant":
            kept = g.reshape(
                g.add("Equal", places, inside), [-1 if i == axis else 1 for i in range(rank)]
            )
            x = g.add("SelectV2", kept, x, value)
    return x
