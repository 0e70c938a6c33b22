"""Convolutions. TensorFlow's images have their channels last, so these transpose around."""

from __future__ import annotations

import numpy as np

from ..graph import Graph, Tensor
from ..onnx_node import OnnxNode
from ..registry import converter
from .common import concat
from .windows import Window, as_image, from_last, pad_last, to_last, window


@converter("Conv")
def conv(g: Graph, node: OnnxNode) -> Tensor:
    """ONNX Conv in 1, 2 or 3 dimensions -> TF Conv2D, DepthwiseConv2dNative, Conv3D, AddV2."""
    return conv_of(g, node, node[0], node[1], node.get(2))


def conv_of(g: Graph, node: OnnxNode, x: Tensor, weight: Tensor, bias: Tensor | None) -> Tensor:
    """A convolution with the attributes of `node` and operands of one's own."""
    rank = node.rank()
    if rank not in (3, 4, 5):
        raise node.refuse(f"works in 1, 2 or 3 dimensions, not in {rank - 2}")
    if weight.static is None:
        raise node.refuse("needs the whole shape of its filters at build time")
    _, per_group, *kernel = weight.static
    groups = node.integer("group", 1)
    if node.shape()[1] not in (None, per_group * groups):
        raise node.refuse(f"takes {per_group * groups} channels, not {node.shape()[1]}")
    node.ignore("kernel_shape")
    seen = window(node, node.shape()[2:], tuple(kernel))
    image = to_last(g, x)
    if groups == 1:
        result = _convolve(g, image, _filter(g, weight), seen)
    elif per_group == 1 and rank < 5:
        result = _depthwise(g, image, weight, groups, seen)
    else:
        result = _grouped(g, image, weight, groups, seen)
    return from_last(g, _biased(g, result, bias), rank)


def _filter(g: Graph, weight: Tensor) -> Tensor:
    """[filters, channels, *kernel] to TensorFlow's [*kernel, channels, filters]."""
    assert weight.rank is not None
    order = [*range(2, weight.rank), 1, 0]
    weight = g.transpose(weight, order)
    return g.add("ExpandDims", weight, g.const(0)) if weight.rank == 3 else weight


def _biased(g: Graph, image: Tensor, bias: Tensor | None) -> Tensor:
    return image if bias is None else g.add("AddV2", image, bias)


def _convolve(g: Graph, image: Tensor, weight: Tensor, seen: Window, op: str = "Conv2D") -> Tensor:
    """A convolution whose padding is written out, and with strides or dilations, not both."""
    strides, dilations = as_image(seen.strides), as_image(seen.dilations)
    image = pad_last(g, image, as_image(seen.before, 0), as_image(seen.after, 0), 0.0)
    if len(strides) == 3:
        op = "Conv3D"
    # TF.js refuses strides together with dilations: take every window, then keep some.
    thin = strides if max(strides) > 1 and max(dilations) > 1 else None
    result = g.add(
        op,
        image,
        weight,
        strides=[1, *([1] * len(strides) if thin else strides), 1],
        dilations=[1, *dilations, 1],
        padding="VALID",
        data_format="NHWC" if len(strides) == 2 else "NDHWC",
    )
    return result if thin is None else _every(g, result, thin)


def _every(g: Graph, image: Tensor, strides: list[int]) -> Tensor:
    """Every so manieth pixel along each spatial axis."""
    rank = len(strides) + 2
    return g.add(
        "StridedSlice",
        image,
        g.const([0] * rank),
        g.const([0] * rank),
        g.const([1, *strides, 1]),
        begin_mask=(1 << rank) - 1,
        end_mask=(1 << rank) - 1,
        ellipsis_mask=0,
        new_axis_mask=0,
        shrink_axis_mask=0,
    )


def _depthwise(g: Graph, image: Tensor, weight: Tensor, groups: int, seen: Window) -> Tensor:
    """One channel a group: TensorFlow's filter is [*kernel, channels, multiplier]."""
    assert weight.static is not None
    multiplier = weight.static[0] // groups
    parts = g.reshape(weight, [groups, multiplier, *as_image(seen.kernel)])
    return _convolve(g, image, g.transpose(parts, (2, 3, 0, 1)), seen, "DepthwiseConv2dNative")


def _grouped(g: Graph, image: Tensor, weight: Tensor, groups: int, seen: Window) -> Tensor:
    """TF.js has no grouped convolution: one convolution for each group."""
    assert weight.static is not None
    assert image.rank is not None
    last = image.rank - 1
    filters, channels = weight.static[:2]
    sizes = g.const([channels] * groups)
    images = g.add_many("SplitV", image, sizes, g.const(last))
    each = g.const([filters // groups] * groups)
    weights = (
        g.add_many("SplitV", weight, each, g.const(0))
        if weight.value is None
        else [g.const(part) for part in np.split(weight.value, groups)]
    )
    parts = [
        _convolve(g, part, _filter(g, own), seen) for part, own in zip(images, weights, strict=True)
    ]
    return concat(g, parts, last)


@converter("ConvTranspose")
def conv_transpose(g: Graph, node: OnnxNode) -> Tensor:
    """ONNX ConvTranspose in 1 to 3 dimensions -> TF Conv2DBackpropInput or Conv3D, Slice, AddV2."""
    rank = node.rank()
    if rank not in (3, 4, 5):
        raise node.refuse(f"works in 1, 2 or 3 dimensions, not in {rank - 2}")
    channels, per_group, *kernel = node.static(1)
    node.ignore("kernel_shape")
    spatial = node.static()[2:] if None not in node.shape()[2:] else None
    if spatial is None:
        raise node.refuse("needs the size of the image at build time")
    groups = node.integer("group", 1)
    full, cut, sizes = _transposed_window(node, spatial, tuple(kernel))
    image = to_last(g, node[0])
    weight = _dilated(g, node, node[1], node.integers("dilations", [1] * len(kernel)))
    strides = as_image(tuple(node.integers("strides", [1] * len(kernel))))
    last = max(rank, 4) - 1
    if groups == 1:
        images, weights = [image], [weight]
    else:
        images = g.add_many("SplitV", image, g.const([channels // groups] * groups), g.const(last))
        weights = g.add_many("SplitV", weight, g.const([channels // groups] * groups), g.const(0))
    parts = []
    for part, own in zip(images, weights, strict=True):
        if rank == 5:
            parts.append(_transposed_volume(g, part, own, strides))
            continue
        batch = g.dim(part, 0)
        # [channels, filters, *kernel] to TensorFlow's [*kernel, filters, channels].
        flipped = g.transpose(own, [*range(2, rank), 1, 0])
        flipped = flipped if rank == 4 else g.add("ExpandDims", flipped, g.const(0))
        parts.append(
            g.add(
                "Conv2DBackpropInput",
                g.vector([batch, *as_image(full), per_group]),
                flipped,
                part,
                strides=[1, *strides, 1],
                dilations=[1, 1, 1, 1],
                padding="VALID",
                data_format="NHWC",
            )
        )
    result = concat(g, parts, last)
    missing = [max(0, c + s - f) for c, s, f in zip(cut, sizes, full, strict=True)]
    result = pad_last(g, result, as_image((0,) * len(cut), 0), as_image(tuple(missing), 0), 0.0)
    if any(cut) or any(f != s for f, s in zip(full, sizes, strict=True)):
        begin = [0, *as_image(cut, 0), 0]
        result = g.add("Slice", result, g.const(begin), g.const([-1, *as_image(sizes), -1]))
    return from_last(g, _biased(g, result, node.get(2)), rank)


def _stretched(g: Graph, x: Tensor, axis: int, stride: int) -> Tensor:
    """Zeros behind every element of an axis; four axes at a time are as many as all can pad."""
    dims = g.dims(x)
    ahead, behind = g.product(dims[:axis]), g.product(dims[axis + 1 :])
    apart = g.reshape(x, [ahead, dims[axis], 1, behind])
    pads = [[0, 0], [0, 0], [0, stride - 1], [0, 0]]
    apart = g.add("PadV2", apart, g.const(pads), g.scalar(0.0, x))
    return g.reshape(apart, [*dims[:axis], g.product([dims[axis], stride]), *dims[axis + 1 :]])


def _transposed_volume(g: Graph, image: Tensor, weight: Tensor, strides: list[int]) -> Tensor:
    """A transposed convolution in 3 dimensions: zeros between the voxels, then TF Conv3D."""
    assert image.shape is not None
    assert weight.static is not None
    apart = image
    for axis, stride in enumerate(strides, start=1):
        apart = _stretched(g, apart, axis, stride)
    kernel = weight.static[2:]
    # The kernel, turned round, slides over all places that it touches.
    around = [[k - 1, k - s] for k, s in zip(kernel, strides, strict=True)]
    ahead = [[a, max(0, b)] for a, b in around]
    apart = g.add("PadV2", apart, g.const([[0, 0], *ahead, [0, 0]]), g.scalar(0.0, image))
    flipped = g.add("ReverseV2", weight, g.const([2, 3, 4]))
    result = g.add(
        "Conv3D",
        apart,
        g.transpose(flipped, (2, 3, 4, 0, 1)),
        strides=[1, 1, 1, 1, 1],
        dilations=[1, 1, 1, 1, 1],
        padding="VALID",
        data_format="NDHWC",
    )
    # Where a stride is longer than the kernel, zeros are left over behind.
    full = [
        (size - 1) * stride + k
        for size, stride, k in zip(image.shape[1:-1], strides, kernel, strict=True)
        if size is not None
    ]
    return g.add("Slice", result, g.const([0] * 5), g.const([-1, *full, -1]))


def _transposed_window(
    node: OnnxNode, spatial: tuple[int, ...], kernel: tuple[int, ...]
) -> tuple[tuple[int, ...], tuple[int, ...], tuple[int, ...]]:
    """Sizes of the uncut result, what is cut off ahead, and sizes of the result."""
    count = len(kernel)
    strides = node.integers("strides", [1] * count)
    dilations = node.integers("dilations", [1] * count)
    extra = node.integers("output_padding", [0] * count)
    pads = node.integers("pads", [0] * 2 * count)
    mode = node.text("auto_pad", "NOTSET")
    wanted = node.integers("output_shape", [0] * count)[-count:]
    full, cut, sizes = [], [], []
    for i in range(count):
        reach = (kernel[i] - 1) * dilations[i] + 1
        whole = (spatial[i] - 1) * strides[i] + reach
        ahead, behind = pads[i], pads[count + i]
        if mode == "VALID":
            ahead = behind = 0
        size = wanted[i] or whole + extra[i] - ahead - behind
        if mode.startswith("SAME") and not wanted[i]:
            size = spatial[i] * strides[i]
        if wanted[i] or mode.startswith("SAME"):
            total = whole + extra[i] - size
            ahead = total // 2 if mode == "SAME_UPPER" else total - total // 2
        if ahead < 0:
            raise node.refuse("asks for more than the kernel reaches", "output_shape")
        full.append(whole)
        cut.append(ahead)
        sizes.append(size)
    return tuple(full), tuple(cut), tuple(sizes)


def _dilated(g: Graph, node: OnnxNode, weight: Tensor, dilations: list[int]) -> Tensor:
    """The kernel with zeros in between: TF.js's transposed convolution has no dilation."""
    if all(d == 1 for d in dilations):
        return weight
    assert weight.static is not None
    outer, kernel = weight.static[:2], weight.static[2:]
    spread: list[int | Tensor] = list(outer)
    pads = [[0, 0], [0, 0]]
    for size, dilation in zip(kernel, dilations, strict=True):
        spread += [size, 1]
        pads += [[0, 0], [0, dilation - 1]]
    apart = g.add("PadV2", g.reshape(weight, spread), g.const(pads), g.scalar(0.0, weight))
    sizes = [k * d for k, d in zip(kernel, dilations, strict=True)]
    whole = g.reshape(apart, [*outer, *sizes])
    reach = [(k - 1) * d + 1 for k, d in zip(kernel, dilations, strict=True)]
    return g.add("Slice", whole, g.const([0] * len(weight.static)), g.const([*outer, *reach]))
