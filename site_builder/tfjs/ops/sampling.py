"""Reading an image at places that lie between its pixels: GridSample, RoiAlign, DeformConv.

An image is laid out as rows of channels, one for each pixel. Each sample gathers the rows of the
pixels around it and sums them by weight.
"""

from __future__ import annotations

import dataclasses
import functools
import itertools
import math

import numpy as np

from ..graph import Graph, Tensor
from ..onnx_node import OnnxNode
from ..registry import converter
from .common import expand, reduce
from .linear import product

# The constant of Keys' cubic convolution (1981) that ONNX and PyTorch use.
_CUBIC = -0.75


@dataclasses.dataclass(frozen=True)
class _Rows:
    """Images as rows of channels.

    Attributes:
        table: [images * pixels, channels].
        sizes: spatial sizes of an image.
        base: where each image begins, int32, to be broadcast against the places of samples.
    """

    table: Tensor
    sizes: tuple[int, ...]
    base: Tensor


@dataclasses.dataclass(frozen=True)
class _Tap:
    """One pixel near each sample along one axis: its place, int32, and its weight, float32."""

    place: Tensor
    weight: Tensor


def _rows(g: Graph, x: Tensor, sizes: tuple[int, ...], base: Tensor) -> _Rows:
    """Rows of an image whose channels are second: [images, channels, *sizes]."""
    assert x.rank is not None
    table = g.transpose(x, [0, *range(2, x.rank), 1])
    return _Rows(g.reshape(table, [-1, g.dim(x, 1)]), sizes, base)


def _starts(g: Graph, count: int | Tensor, pixels: int, ranks: int) -> Tensor:
    """Where each of `count` images begins, with `ranks` dimensions of 1 behind."""
    number = g.const(count) if isinstance(count, int) else count
    places = g.add("Range", g.const(0), number, g.const(1))
    return g.reshape(g.add("Mul", places, g.const(pixels)), [-1, *[1] * ranks])


def _within(g: Graph, x: Tensor, low: float, high: float) -> Tensor:
    """Bring into a range; what is not a number becomes the lower end, so no read goes astray."""
    bottom, top = g.scalar(low, x), g.scalar(high, x)
    x = g.add("SelectV2", g.add("GreaterEqual", x, bottom), x, bottom)
    return g.add("SelectV2", g.add("LessEqual", x, top), x, top)


def _tap(g: Graph, place: Tensor, weight: Tensor, size: int, zeros: bool) -> _Tap:
    """A tap whose place is on the image; with `zeros` what lies outside weighs nothing."""
    if zeros:
        low, high = g.scalar(0.0, place), g.scalar(float(size - 1), place)
        inside = g.add("GreaterEqual", place, low)
        inside = g.add("LogicalAnd", inside, g.add("LessEqual", place, high))
        weight = g.add("SelectV2", inside, weight, g.scalar(0.0, weight))
    return _Tap(g.cast(_within(g, place, 0.0, float(size - 1)), "int32"), weight)


def _linear_taps(g: Graph, x: Tensor, size: int, zeros: bool) -> list[_Tap]:
    floor = g.add("Floor", x)
    part = g.add("Sub", x, floor)
    one = g.scalar(1.0, x)
    return [
        _tap(g, floor, g.add("Sub", one, part), size, zeros),
        _tap(g, g.add("AddV2", floor, one), part, size, zeros),
    ]


def _cubic_taps(g: Graph, x: Tensor, size: int, zeros: bool) -> list[_Tap]:
    floor = g.add("Floor", x)
    part = g.add("Sub", x, floor)
    a = _CUBIC
    near, far = (a + 2, -(a + 3), 0.0, 1.0), (a, -5 * a, 8 * a, -4 * a)
    taps = []
    for step, polynomial in zip((-1, 0, 1, 2), (far, near, near, far), strict=True):
        distance = g.add("Abs", g.add("Sub", part, g.scalar(float(step), x)))
        weight = g.scalar(polynomial[0], x)
        for term in polynomial[1:]:
            weight = g.add("AddV2", g.add("Mul", weight, distance), g.scalar(term, x))
        place = g.add("AddV2", floor, g.scalar(float(step), x))
        taps.append(_tap(g, place, weight, size, zeros))
    return taps


def _gathered(g: Graph, rows: _Rows, taps: tuple[_Tap, ...]) -> Tensor:
    """The pixels under one tap of each axis, by their weight: [..., channels]."""
    flat = rows.base
    for i, tap in enumerate(taps):
        stride = math.prod(rows.sizes[i + 1 :])
        step = tap.place if stride == 1 else g.add("Mul", tap.place, g.const(stride))
        flat = g.add("AddV2", flat, step)
    weight = functools.reduce(lambda a, b: g.add("Mul", a, b), [tap.weight for tap in taps])
    pixels = g.add("GatherV2", rows.table, flat, g.const(0), batch_dims=0)
    assert weight.rank is not None
    return g.add("Mul", pixels, expand(g, weight, weight.rank))


def _sampled(g: Graph, rows: _Rows, taps: list[list[_Tap]], op: str = "AddV2") -> Tensor:
    """Every combination of taps, summed: [..., channels]."""
    parts = [_gathered(g, rows, choice) for choice in itertools.product(*taps)]
    return functools.reduce(lambda a, b: g.add(op, a, b), parts)


@converter("GridSample", since=16)
def grid_sample(g: Graph, node: OnnxNode) -> Tensor:
    """ONNX GridSample -> TF Floor, GatherV2, Mul, AddV2: the pixels around each place."""
    sizes = tuple(dim for dim in node.shape(0)[2:] if dim is not None)
    if len(sizes) != node.rank(0) - 2:
        raise node.refuse("needs the size of the image at build time")
    mode = {"bilinear": "linear", "bicubic": "cubic"}.get(node.text("mode", "linear"))
    mode = mode or node.text("mode", "linear")
    padding, aligned = node.text("padding_mode", "zeros"), node.flag("align_corners")
    if mode == "cubic" and padding != "zeros":
        raise node.refuse(
            f"'{padding}' with cubic interpolation differs between ONNX and PyTorch",
            "padding_mode",
        )
    if mode not in ("linear", "cubic", "nearest") or 0 in sizes:
        raise node.refuse(f"'{mode}' is not known", "mode")
    grid, r = node[1], len(sizes)
    batch, *outer, _ = g.dims(grid)
    points = g.reshape(grid, [batch, g.product(outer), r])
    taps = []
    for i, size in enumerate(sizes):
        # The last component of a place is that along the first axis.
        x = g.add("GatherV2", points, g.const(r - 1 - i), g.const(2), batch_dims=0)
        x = _pixel(g, x, size, aligned)
        x = g.add("Round", x) if mode == "nearest" else x
        x = _kept_inside(g, x, size, padding, aligned)
        one = g.scalar(1.0, x)
        zeros = padding == "zeros"
        if mode == "nearest":
            taps.append([_tap(g, g.add("Round", x), one, size, zeros)])
        else:
            make = _linear_taps if mode == "linear" else _cubic_taps
            taps.append(make(g, x, size, zeros))
    if mode == "nearest":
        # One tap an axis; their weights are broadcast only where they mask something out.
        first = taps[0][0]
        ones = g.broadcast(g.scalar(1.0, "float32"), g.shape_of(first.place))
        taps[0] = [_Tap(first.place, g.add("Mul", first.weight, ones))]
    rows = _rows(g, node[0], sizes, _starts(g, g.dim(node[0], 0), math.prod(sizes), 1))
    result = g.transpose(_sampled(g, rows, taps), (0, 2, 1))
    return g.reshape(result, [batch, g.dim(node[0], 1), *outer])


def _pixel(g: Graph, x: Tensor, size: int, aligned: bool) -> Tensor:
    """From -1 to 1 to pixels; `aligned` says whether the ends are centres of pixels."""
    x = g.add("AddV2", x, g.scalar(1.0, x))
    if aligned:
        return g.add("Mul", x, g.scalar((size - 1) / 2, x))
    scaled = g.add("Sub", g.add("Mul", x, g.scalar(float(size), x)), g.scalar(1.0, x))
    return g.add("Mul", scaled, g.scalar(0.5, x))


def _kept_inside(g: Graph, x: Tensor, size: int, padding: str, aligned: bool) -> Tensor:
    if padding == "zeros":
        return x
    if padding == "reflection":
        low, high = (0.0, size - 1.0) if aligned else (-0.5, size - 0.5)
        width = high - low
        if width == 0:
            return g.add("Mul", x, g.scalar(0.0, x))
        turn = g.add("Abs", g.add("Sub", x, g.scalar(low, x)))
        turn = g.add("FloorMod", turn, g.scalar(2 * width, x))
        back = g.add("Sub", g.scalar(2 * width, x), turn)
        beyond = g.add("Greater", turn, g.scalar(width, x))
        x = g.add("AddV2", g.add("SelectV2", beyond, back, turn), g.scalar(low, x))
    return _within(g, x, 0.0, float(size - 1))


@converter("RoiAlign", since=10)
def roi_align(g: Graph, node: OnnxNode) -> Tensor:
    """ONNX RoiAlign -> TF Floor, GatherV2, Mul, AddV2, then Mean or Max over each bin."""
    sizes, grid = node.static(0)[2:], node.integer("sampling_ratio", 0)
    bins = node.integer("output_height", 1), node.integer("output_width", 1)
    scale, mode = node.real("spatial_scale", 1.0), node.text("mode", "avg")
    default = "half_pixel" if node.version >= 16 else "output_half_pixel"
    centred = node.text("coordinate_transformation_mode", default) == "half_pixel"
    if grid <= 0:
        raise node.refuse(
            "must be given; a number of samples that depends on a box is not known at build time",
            "sampling_ratio",
        )
    rois, one = node[1], g.scalar(1.0, "float32")
    taps: list[list[_Tap]] = []
    valid: list[Tensor] = []
    for i, size in enumerate(sizes):
        start, end = (
            g.add("GatherV2", rois, g.const([1 - i + offset]), g.const(1), batch_dims=0)
            for offset in (0, 2)
        )
        shift = g.scalar(0.5 if centred else 0.0, rois)
        start, end = (
            g.add("Sub", g.add("Mul", edge, g.scalar(scale, edge)), shift) for edge in (start, end)
        )
        length = g.add("Sub", end, start)
        length = length if centred else g.add("Maximum", length, one)
        places = (np.arange(bins[i] * grid) + 0.5) / (bins[i] * grid)
        x = g.add("AddV2", start, g.add("Mul", length, g.const(places[None].astype(np.float32))))
        x = expand(g, x, 2 - i)
        inside = g.add("GreaterEqual", x, g.scalar(-1.0, x))
        inside = g.add("LogicalAnd", inside, g.add("LessEqual", x, g.scalar(float(size), x)))
        valid.append(g.cast(inside, "float32"))
        taps.append(_linear_taps(g, _within(g, x, 0.0, float(size - 1)), size, False))
    first = [_Tap(tap.place, g.add("Mul", tap.weight, valid[0])) for tap in taps[0]]
    second = [_Tap(tap.place, g.add("Mul", tap.weight, valid[1])) for tap in taps[1]]
    base = g.reshape(g.add("Mul", node[2], g.const(math.prod(sizes))), [-1, 1, 1])
    rows = _rows(g, node[0], sizes, base)
    samples = _sampled(g, rows, [first, second], "AddV2" if mode == "avg" else "Maximum")
    count, channels = g.dim(rois, 0), g.dim(node[0], 1)
    samples = g.reshape(samples, [count, bins[0], grid, bins[1], grid, channels])
    pooled = reduce(g, "Mean" if mode == "avg" else "Max", samples, [2, 4], keep=False)
    return g.transpose(pooled, (0, 3, 1, 2))


@converter("DeformConv", since=19)
def deform_conv(g: Graph, node: OnnxNode) -> Tensor:
    """ONNX DeformConv in 2 dimensions -> TF GatherV2 at the moved places, then BatchMatMulV2."""
    if node.rank() != 4:
        raise node.refuse("works in 2 dimensions only")
    n, channels, *size = node.static(0)
    filters, per_group, *kernel = node.static(1)
    height, width = node.static(2)[2:]
    groups, offsets = node.integer("group", 1), node.integer("offset_group", 1)
    node.ignore("kernel_shape")
    strides, dilations = node.integers("strides", [1, 1]), node.integers("dilations", [1, 1])
    pads, taps_in_kernel = node.integers("pads", [0] * 4), math.prod(kernel)
    moved = g.reshape(node[2], [n * offsets, taps_in_kernel, 2, height, width])
    taps = []
    for i, out in enumerate((height, width)):
        inner = np.arange(kernel[i]) * dilations[i] - pads[i]
        outer = np.arange(out) * strides[i]
        # [1, kernel, kernel, height, width] of where each tap stands before it is moved.
        shape = [1, 1, 1, 1, 1]
        shape[1 + i] = kernel[i]
        start = inner.reshape(shape)
        shape = [1, 1, 1, 1, 1]
        shape[3 + i] = out
        start = np.broadcast_to(start + outer.reshape(shape), (1, *kernel, height, width))
        start = start.reshape(1, taps_in_kernel, height, width).astype(np.float32)
        x = g.add("GatherV2", moved, g.const(i), g.const(2), batch_dims=0)
        x = g.reshape(g.add("AddV2", x, g.const(start)), [n * offsets, -1])
        taps.append(_linear_taps(g, x, size[i], True))
    each = channels // offsets
    image = g.reshape(node[0], [n * offsets, each, *size])
    rows = _rows(g, image, (size[0], size[1]), _starts(g, n * offsets, math.prod(size), 1))
    samples = _sampled(g, rows, taps)
    mask = node.get(4)
    if mask is not None:
        samples = g.add("Mul", samples, g.reshape(mask, [n * offsets, -1, 1]))
    points = height * width
    samples = g.reshape(samples, [n, offsets, taps_in_kernel, points, each])
    columns = g.transpose(samples, (0, 1, 4, 2, 3))
    columns = g.reshape(columns, [n, groups, per_group * taps_in_kernel, points])
    weight = g.reshape(node[1], [1, groups, filters // groups, per_group * taps_in_kernel])
    result = g.reshape(product(g, weight, columns), [n, filters, height, width])
    bias = node.get(3)
    return result if bias is None else g.add("AddV2", result, g.reshape(bias, [-1, 1, 1]))
