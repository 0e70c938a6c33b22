"""Sliding windows: the arithmetic that convolutions and poolings share, and image layout."""

from __future__ import annotations

import dataclasses

from ..graph import Graph, Tensor
from ..onnx_node import OnnxNode
from .common import expand, squeeze


@dataclasses.dataclass(frozen=True)
class Window:
    """How a window slides over the spatial axes of an image; one number for each axis.

    Attributes:
        kernel: size of the window, in steps of `dilations`.
        strides: distance between neighbouring windows.
        dilations: distance between neighbouring elements of a window.
        before: zeros, or what stands for them, ahead of the image.
        after: the same behind it.
        outputs: number of windows, where it is known.
    """

    kernel: tuple[int, ...]
    strides: tuple[int, ...]
    dilations: tuple[int, ...]
    before: tuple[int, ...]
    after: tuple[int, ...]
    outputs: tuple[int | None, ...]

    @property
    def reach(self) -> tuple[int, ...]:
        """How many elements of the image a window spans."""
        return tuple((k - 1) * d + 1 for k, d in zip(self.kernel, self.dilations, strict=True))

    @property
    def padded(self) -> bool:
        """Whether anything is added around the image."""
        return any(self.before) or any(self.after)


def window(node: OnnxNode, spatial: tuple[int | None, ...], kernel: tuple[int, ...]) -> Window:
    """Read strides, dilations, pads, auto_pad and ceil_mode as ONNX defines them.

    Args:
        node: a convolution or pooling.
        spatial: sizes of the image without batch and channels.
        kernel: sizes of the window.
    """
    count = len(kernel)
    strides = tuple(node.integers("strides", [1] * count))
    dilations = tuple(node.integers("dilations", [1] * count))
    pads = node.integers("pads", [0] * 2 * count)
    mode, ceil = node.text("auto_pad", "NOTSET"), node.flag("ceil_mode")
    before, after, outputs = list(pads[:count]), list(pads[count:]), []
    for i, size in enumerate(spatial):
        reach = (kernel[i] - 1) * dilations[i] + 1
        if mode == "VALID":
            before[i] = after[i] = 0
        if mode.startswith("SAME"):
            if size is None and strides[i] != 1:
                raise node.refuse("needs the size of the image at build time", "auto_pad")
            windows = None if size is None else -(-size // strides[i])
            total = reach - 1
            if size is not None and windows is not None:
                total = max(0, (windows - 1) * strides[i] + reach - size)
            before[i] = total // 2 if mode == "SAME_UPPER" else total - total // 2
            after[i] = total - before[i]
            outputs.append(windows)
            continue
        if size is None:
            if ceil:
                raise node.refuse("needs the size of the image at build time", "ceil_mode")
            outputs.append(None)
            continue
        room = size + before[i] + after[i] - reach
        windows = room // strides[i] + 1
        if ceil and room % strides[i] and windows * strides[i] < size + before[i]:
            # One more window, as long as it starts on the image or ahead of it.
            windows += 1
        outputs.append(windows)
    return Window(kernel, strides, dilations, tuple(before), tuple(after), tuple(outputs))


def to_last(g: Graph, x: Tensor) -> Tensor:
    """Channels from second to last; a line of pixels becomes an image of one row."""
    assert x.rank is not None
    x = g.transpose(x, [0, *range(2, x.rank), 1])
    return expand(g, x, 1) if x.rank == 3 else x


def from_last(g: Graph, x: Tensor, rank: int) -> Tensor:
    """The inverse of `to_last`; `rank` is that of the ONNX tensor."""
    x = squeeze(g, x, [1]) if rank == 3 else x
    return g.transpose(x, [0, rank - 1, *range(1, rank - 1)])


def as_image(values: tuple[int, ...], filler: int = 1) -> list[int]:
    """Spatial values of a line, made those of an image of one row."""
    return [filler, *values] if len(values) == 1 else list(values)


def pad_last(g: Graph, x: Tensor, before: list[int], after: list[int], value: float) -> Tensor:
    """Pad the spatial axes of an image whose channels are last."""
    if not any(before) and not any(after):
        return x
    pads = [[0, 0], *map(list, zip(before, after, strict=True)), [0, 0]]
    return g.add("PadV2", x, g.const(pads), g.scalar(value, x))
