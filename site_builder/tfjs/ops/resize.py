"""Resizing by interpolation.

Interpolation is separable and linear: along each axis every output is a weighted sum of a few
inputs. The weights are computed here, as ONNX defines them, so that every mode of every
coordinate system is exact; TF.js's own resizing knows only some of them.
"""

from __future__ import annotations

import dataclasses
import math
from typing import Any

import numpy as np
import onnx
from numpy.typing import NDArray

from ..graph import Graph, Tensor
from ..onnx_node import OnnxNode
from ..registry import converter
from .common import along_last
from .linear import product
from .resize_run_time import resize_at_run_time

# With more taps than this an axis is resized by a matrix product.
_TAPS = 4


@dataclasses.dataclass(frozen=True)
class Taps:
    """Which inputs make each output along one axis, and with which weights: (outputs, taps)."""

    places: NDArray[np.int64]
    weights: NDArray[np.float64]


@converter("Resize", since=11)
def resize(g: Graph, node: OnnxNode) -> Tensor:
    """ONNX Resize -> TF GatherV2, Mul, AddV2, or MatMul where each output has many inputs."""
    return _resize(g, node)


def _resize(g: Graph, node: OnnxNode) -> Tensor:
    crops = node.text("coordinate_transformation_mode", "half_pixel") == "tf_crop_and_resize"
    if crops or not _known(node):
        return resize_at_run_time(g, node)
    node.ignore("extrapolation_value", "cubic_coeff_a", "antialias", "exclude_outside")
    node.ignore("nearest_mode")
    x = g.cast(node[0], "float32")
    for axis, (count, size, scale) in _sizes(node).items():
        if node.text("mode", "nearest") == "nearest":
            places = _nearest(node, _coordinates(node, count, size, scale))
            found = np.clip(places, 0, count - 1)
            x = g.add("GatherV2", x, g.const(found, "int32"), g.const(axis), batch_dims=0)
        else:
            x = _interpolate(g, x, axis, _taps(node, count, size, scale), count)
    return g.cast(x, node[0].dtype)


def _known(node: OnnxNode) -> bool:
    """Whether the factors are known at build time."""
    sizes, declared = node.get(3), node.declared()
    if sizes is None or sizes.shape == (0,):
        return node[2].value is not None
    if sizes.value is not None:
        return True
    stretched = node.text("keep_aspect_ratio_policy", "stretch") == "stretch"
    return stretched and declared is not None and None not in declared


@converter("Resize", since=10, until=11)
def resize_plain(g: Graph, node: OnnxNode) -> Tensor:
    """ONNX Resize of version 10 -> as Upsample."""
    smaller = any(factor < 1 for factor in node.value(1, "scales").ravel())
    if smaller and node.text("mode", "nearest") == "nearest":
        raise node.refuse("leaves open in version 10 which number is the nearest", "mode")
    return upsample(g, node)


@converter("Upsample", until=11)
def upsample(g: Graph, node: OnnxNode) -> Tensor:
    """ONNX Upsample, which is Resize of asymmetric coordinates that are rounded down."""
    names = {"coordinate_transformation_mode": "asymmetric", "nearest_mode": "floor"}
    if node.version < 7:
        if node.text("mode", "nearest") != "nearest":
            raise node.refuse("other than nearest is not defined before version 7", "mode")
        factors = [1.0, 1.0, node.real("height_scale"), node.real("width_scale")]
        scales = g.const(factors, "float32")
    else:
        scales = g.const(node.reals("scales"), "float32") if node.version < 9 else node[1]
    proto = onnx.NodeProto(op_type="Resize", input=[*node.proto.input[:1], "", "scales"])
    proto.output.extend(node.proto.output)
    attributes = {"mode": node.text("mode", "nearest"), **names}
    proto.attribute.extend(onnx.helper.make_attribute(k, v) for k, v in attributes.items())
    inner = OnnxNode(proto, [node[0], None, scales], version=11, declared=[node.declared()])
    return _resize(g, inner)


def _sizes(node: OnnxNode) -> dict[int, tuple[int, int, float]]:
    """Axes that change, with their size, their size afterwards, and the factor between them."""
    rank = node.rank()
    axes = [node.axis(a) for a in node.integers("axes", list(range(rank)))]
    policy = node.text("keep_aspect_ratio_policy", "stretch")
    result: dict[int, tuple[int, int, float]] = {}
    sized = node.get(3) is not None and node[3].shape != (0,)
    sizes, declared = node.shape(), node.declared()
    if sized and node[3].value is None and declared and policy == "stretch":
        wanted_sizes = [declared[axis] for axis in axes]
        if None in wanted_sizes:
            raise node.refuse("must be known at build time, but the model computes it", "sizes")
        given = [size for size in wanted_sizes if size is not None]
    else:
        given = node.ints_in(3, "sizes") if sized else node.value(2, "scales").ravel().tolist()
    for axis, wanted in zip(axes, given, strict=True):
        count = sizes[axis]
        if not sized and wanted == 1.0:
            continue
        if count is None:
            raise node.refuse(f"needs the size of axis {axis} at build time")
        scale = wanted / count if sized else float(wanted)
        result[axis] = (count, int(wanted) if sized else math.floor(count * scale), scale)
    if sized and policy != "stretch":
        pick = min if policy == "not_larger" else max
        scale = pick(scale for _, _, scale in result.values())
        result = {
            axis: (count, math.floor(scale * count + 0.5), scale)
            for axis, (count, _, _) in result.items()
        }
    return {a: (n, m, s) for a, (n, m, s) in result.items() if (n, s) != (m, 1.0)}


def _coordinates(node: OnnxNode, count: int, size: int, scale: float) -> NDArray[np.float64]:
    """Where each output lies among the inputs."""
    places = np.arange(size, dtype=np.float64)
    mode = node.text("coordinate_transformation_mode", "half_pixel")
    if mode == "asymmetric":
        return places / scale
    if mode == "align_corners":
        # ONNX means the length before it is rounded down to a whole number.
        length = scale * count
        return places * (count - 1) / (length - 1) if size > 1 else places * 0.0
    centred = (places + 0.5) / scale - 0.5
    if mode == "pytorch_half_pixel":
        return centred if size > 1 else places * 0.0
    if mode == "half_pixel_symmetric":
        return centred + count / 2 * (1 - size / (scale * count))
    if mode == "half_pixel":
        return centred
    raise node.refuse(f"'{mode}' is not known", "coordinate_transformation_mode")


def _nearest(node: OnnxNode, x: NDArray[np.float64]) -> NDArray[Any]:
    mode = node.text("nearest_mode", "round_prefer_floor")
    if mode == "round_prefer_floor":
        return np.ceil(x - 0.5).astype(np.int64)
    if mode == "round_prefer_ceil":
        return np.floor(x + 0.5).astype(np.int64)
    if mode in ("floor", "ceil"):
        return np.asarray(getattr(np, mode)(x)).astype(np.int64)
    raise node.refuse(f"'{mode}' is not known", "nearest_mode")


def _taps(node: OnnxNode, count: int, size: int, scale: float) -> Taps:
    """Neighbours of each output and their weights; see Keys (1981) for the cubic ones."""
    x = _coordinates(node, count, size, scale)
    cubic = node.text("mode") == "cubic"
    if not cubic and node.text("mode") != "linear":
        raise node.refuse(f"'{node.text('mode')}' is not known", "mode")
    a = node.real("cubic_coeff_a", -0.75)
    # Against aliasing, the window widens as the image shrinks.
    zoom = min(scale, 1.0) if node.flag("antialias") else 1.0
    reach = (2 if cubic else 1) / zoom
    first = math.floor(-reach) + 1
    floor = np.floor(x)
    places = floor[:, None].astype(np.int64) + np.arange(first, 2 - first)
    distance = np.abs(places - x[:, None]) * zoom
    weights = _keys(distance, a) if cubic else np.clip(1 - distance, 0, None)
    if node.flag("exclude_outside"):
        weights = np.where((places >= 0) & (places < count), weights, 0.0)
    if node.flag("exclude_outside") or zoom != 1.0:
        weights = weights / weights.sum(axis=1, keepdims=True)
    return Taps(np.clip(places, 0, count - 1), weights)


def _keys(distance: NDArray[np.float64], a: float) -> NDArray[np.float64]:
    near = ((a + 2) * distance - (a + 3)) * distance**2 + 1
    far = ((distance - 5) * distance + 8) * distance * a - 4 * a
    return np.where(distance <= 1, near, np.where(distance < 2, far, 0.0))


def _interpolate(g: Graph, x: Tensor, axis: int, taps: Taps, count: int) -> Tensor:
    assert x.rank is not None
    outputs, width = taps.places.shape
    if width > _TAPS:
        matrix = np.zeros((count, outputs))
        np.add.at(matrix, (taps.places.T, np.arange(outputs)), taps.weights.T)
        weights = g.const(matrix.astype(np.float32))
        return along_last(g, x, axis, lambda y: product(g, y, weights))
    total: Tensor | None = None
    along = [-1 if i == axis else 1 for i in range(x.rank)]
    for i in range(width):
        if not taps.weights[:, i].any():
            continue
        places = g.const(taps.places[:, i], "int32")
        part = g.add("GatherV2", x, places, g.const(axis), batch_dims=0)
        weight = g.const(taps.weights[:, i].astype(np.float32).reshape(along))
        part = g.add("Mul", part, weight)
        total = part if total is None else g.add("AddV2", total, part)
    assert total is not None
    return total
