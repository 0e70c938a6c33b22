"""Poolings. Padding is written out ahead of them, since TF.js pads by its own rules."""

from __future__ import annotations

import dataclasses
import itertools
import math

import numpy as np
from numpy.typing import NDArray

from ..graph import Graph, Tensor
from ..onnx_node import OnnxNode
from ..registry import converter
from .common import reduce
from .windows import Window, as_image, from_last, pad_last, to_last, window


@converter("GlobalAveragePool")
@converter("GlobalMaxPool")
def global_pool(g: Graph, node: OnnxNode) -> Tensor:
    """ONNX GlobalAveragePool, GlobalMaxPool -> TF Mean, Max over the spatial axes."""
    op = "Mean" if node.op == "GlobalAveragePool" else "Max"
    return reduce(g, op, node[0], list(range(2, node.rank())))


def _window(node: OnnxNode) -> Window:
    rank = node.rank()
    if rank not in (3, 4, 5):
        raise node.refuse(f"works in 1, 2 or 3 dimensions, not in {rank - 2}")
    return window(node, node.shape()[2:], tuple(node.integers("kernel_shape")))


def _behind(node: OnnxNode, seen: Window) -> list[int]:
    """What to add behind the image so that the last window, and no more, is whole."""
    result = []
    for i, size in enumerate(node.shape()[2:]):
        windows = seen.outputs[i]
        if size is None or windows is None:
            result.append(seen.after[i])
        else:
            end = (windows - 1) * seen.strides[i] + seen.reach[i]
            result.append(max(0, end - size - seen.before[i]))
    return result


def _pool(g: Graph, op: str, image: Tensor, seen: Window) -> Tensor:
    kernel, strides = as_image(seen.kernel), as_image(seen.strides)
    flat = len(kernel) == 2
    if op == "MaxPool" and not flat:
        return _max_in_turn(g, image, kernel, strides)
    return g.add(
        op if flat else f"{op}3D",
        image,
        ksize=[1, *kernel, 1],
        strides=[1, *strides, 1],
        padding="VALID",
        data_format="NHWC" if flat else "NDHWC",
    )


def _max_in_turn(g: Graph, image: Tensor, kernel: list[int], strides: list[int]) -> Tensor:
    """Height and width first, then depth: TF.js's MaxPool3D is wrong on WebAssembly."""
    n, d, h, w, c = g.dims(image)
    flat = _max2d(g, g.reshape(image, [g.product([n, d]), h, w, c]), kernel[1:], strides[1:])
    _, h, w, _ = g.dims(flat)
    deep = _max2d(g, g.reshape(flat, [n, d, g.product([h, w]), c]), [kernel[0], 1], [strides[0], 1])
    return g.reshape(deep, [n, g.dim(deep, 1), h, w, c])


def _max2d(g: Graph, image: Tensor, kernel: list[int], strides: list[int]) -> Tensor:
    sizes: list[int | None] = [None, None]
    for i, dim in enumerate((image.shape or (None,) * 4)[1:3]):
        sizes[i] = None if dim is None else (dim - kernel[i]) // strides[i] + 1
    shape = None if image.shape is None else (image.shape[0], *sizes, image.shape[3])
    return g.add(
        "MaxPool",
        image,
        shape=shape,
        ksize=[1, *kernel, 1],
        strides=[1, *strides, 1],
        padding="VALID",
        data_format="NHWC",
    )


def _shifted(
    g: Graph, image: Tensor, seen: Window, op: str, start: tuple[int, ...] | None = None
) -> Tensor:
    """A dilated pooling: the image shifted to each place in the window, all combined."""
    first = as_image(start or (0,) * len(seen.kernel), 0)
    kernel, strides = as_image(seen.kernel), as_image(seen.strides)
    dilations, counts = as_image(seen.dilations), as_image(tuple(n or 0 for n in seen.outputs))
    result: Tensor | None = None
    for place in itertools.product(*map(range, kernel)):
        begin = [(p + f) * d for p, f, d in zip(place, first, dilations, strict=True)]
        end = [b + (n - 1) * s + 1 for b, n, s in zip(begin, counts, strides, strict=True)]
        part = g.add(
            "StridedSlice",
            image,
            g.const([0, *begin, 0]),
            g.const([0, *end, 0]),
            g.const([1, *strides, 1]),
            begin_mask=1 | 1 << len(kernel) + 1,
            end_mask=1 | 1 << len(kernel) + 1,
            ellipsis_mask=0,
            new_axis_mask=0,
            shrink_axis_mask=0,
        )
        result = part if result is None else g.add(op, result, part)
    assert result is not None
    return result


@converter("MaxPool")
def max_pool(g: Graph, node: OnnxNode) -> tuple[Tensor, Tensor | None]:
    """ONNX MaxPool -> TF PadV2, MaxPool; with dilations StridedSlice and Maximum."""
    by_columns = node.flag("storage_order")
    seen = _window(node)
    image = to_last(g, g.cast(node[0], "float32"))
    before, after = as_image(seen.before, 0), as_image(tuple(_behind(node, seen)), 0)
    image = pad_last(g, image, before, after, -math.inf)
    if max(seen.dilations) > 1:
        if None in seen.outputs:
            raise node.refuse("needs the size of the image at build time", "dilations")
        result = _shifted(g, image, seen, "Maximum")
    else:
        result = _pool(g, "MaxPool", image, seen)
    places = _places(g, node, image, seen, by_columns) if node.wants(1) else None
    return g.cast(from_last(g, result, node.rank()), node[0].dtype), places


def _places(g: Graph, node: OnnxNode, image: Tensor, seen: Window, by_columns: bool) -> Tensor:
    """Where in the flattened tensor each largest number stands: one place of a window at a time."""
    sizes, outputs = node.static()[2:], tuple(n or 0 for n in seen.outputs)
    count, best, found = len(sizes), None, g.const(0)
    strides = [math.prod(sizes[:i] if by_columns else sizes[i + 1 :]) for i in range(count)]
    for place in itertools.product(*map(range, seen.kernel)):
        part = _shifted(g, image, dataclasses.replace(seen, kernel=(1,) * count), "Maximum", place)
        index = np.zeros((), np.int64)
        for i in range(count):
            start = place[i] * seen.dilations[i] - seen.before[i]
            line = (np.arange(outputs[i]) * seen.strides[i] + start) * strides[i]
            index = index[..., None] + line
        flat = g.const(index.reshape(1, *as_image(outputs), 1), "int32")
        if best is None:
            best, found = part, g.broadcast(flat, g.shape_of(part))
            continue
        larger = g.add("Greater", part, best)
        best = g.add("SelectV2", larger, part, best)
        found = g.add("SelectV2", larger, flat, found)
    # Each image and channel begins further on.
    batch, channels = node.static()[:2]
    planes = np.arange(batch * channels).reshape(batch, channels, *[1] * count) * math.prod(sizes)
    return g.add("AddV2", from_last(g, found, node.rank()), g.const(planes, "int32"))


@converter("AveragePool", since=7)
def average_pool(g: Graph, node: OnnxNode) -> Tensor:
    """ONNX AveragePool -> TF PadV2, AvgPool, and Mul where a window hangs over the edge."""
    seen, counted = _window(node), node.flag("count_include_pad")
    after = _behind(node, seen)
    image = to_last(g, node[0])
    image = pad_last(g, image, as_image(seen.before, 0), as_image(tuple(after), 0), 0.0)
    if max(seen.dilations) > 1:
        if None in seen.outputs:
            raise node.refuse("needs the size of the image at build time", "dilations")
        total = _shifted(g, image, seen, "AddV2")
        result = g.add("RealDiv", total, g.scalar(math.prod(seen.kernel), total))
    else:
        result = _pool(g, "AvgPool", image, seen)
    if any(seen.before) or any(after):
        if None in seen.outputs:
            raise node.refuse("needs the size of a padded image at build time", "pads")
        result = g.add("Mul", result, g.const(_share(node, seen, counted)))
    return from_last(g, result, node.rank())


def _share(node: OnnxNode, seen: Window, counted: bool) -> NDArray[np.float32]:
    """Size of a whole window over the number of elements counted in each, channels last."""
    counts = np.ones((), np.float64)
    for i, size in enumerate(node.shape()[2:]):
        assert size is not None
        length, windows = seen.kernel[i], seen.outputs[i] or 0
        low, high = (-seen.before[i], size + seen.after[i]) if counted else (0, size)
        starts = np.arange(windows) * seen.strides[i] - seen.before[i]
        places = starts[:, None] + np.arange(length) * seen.dilations[i]
        inside = ((places >= low) & (places < high)).sum(axis=1)
        counts = counts[..., None] * inside
    share = math.prod(seen.kernel) / counts
    share = share[None] if len(seen.kernel) == 1 else share
    return share[None, ..., None].astype(np.float32)


@converter("LpPool", since=2)
def lp_pool(g: Graph, node: OnnxNode) -> Tensor:
    """ONNX LpPool: (sum of |x|^p)^(1/p) -> TF Abs, Pow, AvgPool, Mul, Pow."""
    seen, p = _window(node), node.integer("p", 2)
    image = to_last(g, g.add("Abs", node[0]))
    image = g.add("Pow", image, g.scalar(float(p), image))
    before, after = as_image(seen.before, 0), as_image(tuple(_behind(node, seen)), 0)
    image = pad_last(g, image, before, after, 0.0)
    if max(seen.dilations) > 1:
        if None in seen.outputs:
            raise node.refuse("needs the size of the image at build time", "dilations")
        total = _shifted(g, image, seen, "AddV2")
    else:
        mean = _pool(g, "AvgPool", image, seen)
        total = g.add("Mul", mean, g.scalar(float(math.prod(seen.kernel)), mean))
    return from_last(g, g.add("Pow", total, g.scalar(1.0 / p, total)), node.rank())
