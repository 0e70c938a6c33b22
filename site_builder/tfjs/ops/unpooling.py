"""The ways back from windows to an image: Col2Im and MaxUnpool."""

from __future__ import annotations

import itertools
import math

import numpy as np

from ..graph import Graph, Tensor
from ..onnx_node import OnnxNode
from ..registry import converter
from .common import expand, fresh


@converter("Col2Im", since=18)
def col2im(g: Graph, node: OnnxNode) -> Tensor:
    """ONNX Col2Im -> TF Transpose, GatherV2, ScatterNd, which sums where windows overlap."""
    image, block = node.ints_in(1, "image_shape"), node.ints_in(2, "block_shape")
    count, inner = len(image), math.prod(block)
    dilations = node.integers("dilations", [1] * count)
    pads, strides = node.integers("pads", [0] * 2 * count), node.integers("strides", [1] * count)
    steps = []
    for i in range(count):
        reach = (block[i] - 1) * dilations[i] + 1
        windows = (image[i] + pads[i] + pads[count + i] - reach) // strides[i] + 1
        inside = np.arange(block[i]) * dilations[i]
        outside = np.arange(windows) * strides[i] - pads[i]
        steps.append((inside, outside))
    blocks = np.array(list(itertools.product(*(inside for inside, _ in steps))))
    windows_at = np.array(list(itertools.product(*(outside for _, outside in steps))))
    # [elements of a window, windows, axes]
    places = blocks[:, None] + windows_at[None]
    valid = np.all((places >= 0) & (places < np.array(image)), axis=-1).ravel()
    weights = [math.prod(image[i + 1 :]) for i in range(count)]
    flat = (places @ np.array(weights)).ravel()
    batch, depth, windows_given = g.dims(node[0])
    if not isinstance(depth, int) or windows_given != len(windows_at) or depth % inner:
        raise node.refuse("its columns do not fit the image")
    channels = depth // inner
    x = g.reshape(node[0], [batch, channels, inner * len(windows_at)])
    rows = g.reshape(g.transpose(x, (2, 0, 1)), [len(valid), g.product([batch, channels])])
    kept = g.const(np.flatnonzero(valid), "int32")
    rows = g.add("GatherV2", rows, kept, g.const(0), batch_dims=0)
    shape = g.vector([math.prod(image), g.product([batch, channels])])
    total = g.add("ScatterNd", g.const(flat[valid][:, None], "int32"), rows, shape)
    return g.reshape(g.transpose(total, (1, 0)), [batch, channels, *image])


@converter("MaxUnpool", since=9)
def max_unpool(g: Graph, node: OnnxNode) -> Tensor:
    """ONNX MaxUnpool -> TF TensorScatterUpdate of zeros, and PadV2 to the wanted size."""
    batch, channels, *sizes = node.static()
    kernel, count = node.integers("kernel_shape"), len(sizes)
    strides, pads = node.integers("strides", [1] * count), node.integers("pads", [0] * 2 * count)
    whole = [
        (sizes[i] - 1) * strides[i] - pads[i] - pads[count + i] + kernel[i] for i in range(count)
    ]
    wanted = node.get(2)
    target = list(whole)
    if wanted is not None:
        known = wanted.value.tolist() if wanted.value is not None else node.declared()
        if known is None or None in known:
            raise node.refuse(
                "must be known at build time, but the model computes it", "output_shape"
            )
        target = [int(dim or 0) for dim in known[2:]]
    planes = math.prod((batch, channels, *whole))
    zeros = fresh(g, g.const(np.zeros(planes, np.float32)))
    flat = g.reshape(node[0], [math.prod(node.static())])
    index = expand(g, g.reshape(node[1], [math.prod(node.static())]), 1)
    image = g.add("TensorScatterUpdate", zeros, index, flat)
    image = g.reshape(image, [batch, channels, *whole])
    if target == whole:
        return image
    if any(t < w for t, w in zip(target, whole, strict=True)):
        raise node.refuse("is smaller than what the windows reach", "output_shape")
    behind = [[0, t - w] for t, w in zip(target, whole, strict=True)]
    return g.add("PadV2", image, g.const([[0, 0], [0, 0], *behind]), g.scalar(0.0, image))
