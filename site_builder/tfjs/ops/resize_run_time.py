"""Resizing by factors, or of regions, that the model computes.

The sizes of the result must be known; where each output lies among the inputs, and with which
weights it takes them, is computed in the page as `resize` computes it at build.
"""

from __future__ import annotations

import dataclasses
import functools
import math

import numpy as np

from ..graph import Graph, Tensor
from ..onnx_node import OnnxNode
from .common import along_last
from .linear import product


@dataclasses.dataclass(frozen=True)
class _Axis:
    """One axis: its size before and after, the factor between them, and its part of the region.

    Attributes:
        axis: which one.
        count: size of the input.
        size: size of the result.
        scale: the factor, a scalar.
        start: where the region starts, from 0 to 1; None without one.
        end: where it ends.
    """

    axis: int
    count: int
    size: int
    scale: Tensor
    start: Tensor | None = None
    end: Tensor | None = None


def resize_at_run_time(g: Graph, node: OnnxNode) -> Tensor:
    """ONNX Resize by computed factors -> TF GatherV2, or MatMul with computed weights."""
    x, mode = g.cast(node[0], "float32"), node.text("mode", "nearest")
    outside = g.scalar(node.real("extrapolation_value", 0.0), x)
    for known in _axes(g, node):
        places = _coordinates(g, node, known)
        if mode == "nearest":
            node.ignore("cubic_coeff_a", "exclude_outside", "antialias")
            x = _nearest(g, node, x, known, places)
        else:
            node.ignore("nearest_mode")
            weights = _weights(g, node, known, places)
            x = along_last(g, x, known.axis, functools.partial(_combined, g, weights))
        if known.start is not None:
            last = g.scalar(float(known.count - 1), places)
            inside = g.add("GreaterEqual", places, g.scalar(0.0, places))
            inside = g.add("LogicalAnd", inside, g.add("LessEqual", places, last))
            along = [-1 if i == known.axis else 1 for i in range(node.rank())]
            x = g.add("SelectV2", g.reshape(inside, along), x, outside)
    return g.cast(x, node[0].dtype)


def _combined(g: Graph, weights: Tensor, x: Tensor) -> Tensor:
    return product(g, x, weights)


def _axes(g: Graph, node: OnnxNode) -> list[_Axis]:
    rank, declared, sizes = node.rank(), node.declared(), node.static()
    axes = [node.axis(a) for a in node.integers("axes", list(range(rank)))]
    policy = node.text("keep_aspect_ratio_policy", "stretch")
    wanted = node.get(3)
    if declared is None or None in declared:
        raise node.refuse("must be known at build time, or the sizes of the result", "scales")
    result = [dim for dim in declared if dim is not None]
    if wanted is None or wanted.shape == (0,):
        factors = [_part(g, node[2], i) for i in range(len(axes))]
    else:
        factors = [
            g.add("RealDiv", g.cast(_part(g, wanted, i), "float32"), _real(g, sizes[axis]))
            for i, axis in enumerate(axes)
        ]
    if policy != "stretch":
        op = "Minimum" if policy == "not_larger" else "Maximum"
        common = functools.reduce(lambda a, b: g.add(op, a, b), factors)
        factors = [common] * len(factors)
    crops = node.text("coordinate_transformation_mode", "half_pixel") == "tf_crop_and_resize"
    found = []
    for i, axis in enumerate(axes):
        known = _Axis(axis, sizes[axis], result[axis], factors[i])
        if crops:
            start, end = _part(g, node[1], i), _part(g, node[1], i + len(axes))
            known = dataclasses.replace(known, start=start, end=end)
        found.append(known)
    return found


def _part(g: Graph, vector: Tensor, place: int) -> Tensor:
    return g.add("GatherV2", vector, g.const(place), g.const(0), batch_dims=0)


def _real(g: Graph, value: float) -> Tensor:
    return g.scalar(float(value), "float32")


def _coordinates(g: Graph, node: OnnxNode, known: _Axis) -> Tensor:
    """Where each output lies among the inputs: [size], as in `resize`."""
    mode = node.text("coordinate_transformation_mode", "half_pixel")
    count, size, scale = known.count, known.size, known.scale
    places = g.const(np.arange(size, dtype=np.float32))
    zero = g.const(np.zeros(size, np.float32))
    if mode == "asymmetric":
        return g.add("RealDiv", places, scale)
    if mode == "align_corners":
        if size == 1:
            return zero
        length = g.add("Sub", g.add("Mul", scale, _real(g, count)), _real(g, 1))
        return g.add("RealDiv", g.add("Mul", places, _real(g, count - 1)), length)
    if mode == "tf_crop_and_resize":
        assert known.start is not None
        assert known.end is not None
        first = g.add("Mul", known.start, _real(g, count - 1))
        last = g.add("Mul", known.end, _real(g, count - 1))
        if size == 1:
            middle = g.add("Mul", g.add("AddV2", first, last), _real(g, 0.5))
            return g.add("AddV2", zero, middle)
        step = g.add("RealDiv", g.add("Sub", last, first), _real(g, size - 1))
        return g.add("AddV2", first, g.add("Mul", places, step))
    half = _real(g, 0.5)
    centred = g.add("Sub", g.add("RealDiv", g.add("AddV2", places, half), scale), half)
    if mode == "pytorch_half_pixel":
        return centred if size > 1 else zero
    if mode == "half_pixel_symmetric":
        length = g.add("Mul", scale, _real(g, count))
        share = g.add("Sub", _real(g, 1), g.add("RealDiv", _real(g, size), length))
        return g.add("AddV2", centred, g.add("Mul", share, _real(g, count / 2)))
    if mode == "half_pixel":
        return centred
    raise node.refuse(f"'{mode}' is not known", "coordinate_transformation_mode")


def _nearest(g: Graph, node: OnnxNode, x: Tensor, known: _Axis, places: Tensor) -> Tensor:
    mode = node.text("nearest_mode", "round_prefer_floor")
    half = _real(g, 0.5)
    if mode == "round_prefer_floor":
        near = g.add("Ceil", g.add("Sub", places, half))
    elif mode == "round_prefer_ceil":
        near = g.add("Floor", g.add("AddV2", places, half))
    elif mode in ("floor", "ceil"):
        near = g.add(mode.capitalize(), places)
    else:
        raise node.refuse(f"'{mode}' is not known", "nearest_mode")
    top = g.add("Minimum", near, _real(g, known.count - 1))
    near = g.cast(g.add("Maximum", top, _real(g, 0)), "int32")
    return g.add("GatherV2", x, near, g.const(known.axis), batch_dims=0)


def _weights(g: Graph, node: OnnxNode, known: _Axis, places: Tensor) -> Tensor:
    """How much of each input goes into each output: [count, size]."""
    cubic = node.text("mode") == "cubic"
    if not cubic and node.text("mode") != "linear":
        raise node.refuse(f"'{node.text('mode')}' is not known", "mode")
    a = node.real("cubic_coeff_a", -0.75)
    antialias, exclude = node.flag("antialias"), node.flag("exclude_outside")
    count, size = known.count, known.size
    if known.start is not None:
        # What a region reaches past the image is replaced anyway.
        places = g.add("Minimum", g.add("Maximum", places, _real(g, 0)), _real(g, count - 1))
    reach = 2 if cubic else 1
    around = math.ceil(reach * max(1.0, count / size)) + 1 if antialias else reach + 1
    inputs = np.arange(-around, count + around)
    apart = g.add("Sub", g.const(inputs[:, None].astype(np.float32)), g.reshape(places, [1, size]))
    apart = g.add("Abs", apart)
    if antialias:
        apart = g.add("Mul", apart, g.add("Minimum", known.scale, _real(g, 1)))
    weights = _keys(g, apart, a) if cubic else _hat(g, apart)
    if exclude:
        inside = (inputs >= 0) & (inputs < count)
        weights = g.add("Mul", weights, g.const(inside[:, None].astype(np.float32)))
    if exclude or antialias:
        total = g.add("Sum", weights, g.const([0]), keep_dims=True)
        weights = g.add("RealDiv", weights, total)
    # What lies outside is the pixel at the edge.
    fold = np.zeros((count, len(inputs)), np.float32)
    fold[np.clip(inputs, 0, count - 1), np.arange(len(inputs))] = 1.0
    return product(g, g.const(fold), weights)


def _hat(g: Graph, distance: Tensor) -> Tensor:
    return g.add("Maximum", g.add("Sub", _real(g, 1), distance), _real(g, 0))


def _keys(g: Graph, distance: Tensor, a: float) -> Tensor:
    """The kernel of cubic convolution; see Keys (1981)."""

    def polynomial(*terms: float) -> Tensor:
        total = _real(g, terms[0])
        for term in terms[1:]:
            total = g.add("AddV2", g.add("Mul", total, distance), _real(g, term))
        return total

    near, far = polynomial(a + 2, -(a + 3), 0.0, 1.0), polynomial(a, -5 * a, 8 * a, -4 * a)
    beyond = g.add("SelectV2", g.add("Less", distance, _real(g, 2)), far, _real(g, 0))
    return g.add("SelectV2", g.add("LessEqual", distance, _real(g, 1)), near, beyond)
