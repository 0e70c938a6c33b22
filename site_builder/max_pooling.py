"""Pools of maxima and their gradients, of operations that ONNX and TensorFlow.js have.

No pool that TensorFlow.js has on every backend says where the maxima stand, as gradients need.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence

import torch
from torch import Tensor
from torch.nn import functional as F  # noqa: N812  # the field's name for it
from torch.utils._python_dispatch import _disable_current_modes


def max_pool(
    x: Tensor,
    kernel: Sequence[int],
    stride: Sequence[int] = (),
    padding: Sequence[int] = (0,),
    dilation: Sequence[int] = (1,),
    ceil_mode: bool = False,
) -> tuple[Tensor, Tensor]:
    """The largest of each window (N, C, H, W), and where it stands in its H * W pixels, int64.

    The window's places are compared one after the other; of equal ones the first counts.
    """
    window = _Window(x, kernel, stride, padding, dilation, ceil_mode)
    best, where = None, None
    for view, pixels in window.views(x):
        index = pixels.expand_as(view)
        if best is None or where is None:
            best, where = view, index
        else:
            larger = view > best
            best, where = torch.where(larger, view, best), torch.where(larger, index, where)
    assert best is not None
    assert where is not None
    return best, where


def max_pool_backward(
    grad: Tensor,
    x: Tensor,
    kernel: Sequence[int],
    stride: Sequence[int],
    padding: Sequence[int],
    dilation: Sequence[int],
    ceil_mode: bool,
    indices: Tensor,
) -> Tensor:
    """To each pixel the gradients (N, C, h, w) of the windows of which it is the largest."""
    window = _Window(x, kernel, stride, padding, dilation, ceil_mode)
    return window.gather(torch.where(indices == i, grad, 0.0) for i in window.indices(x))


class _Window:
    """The places of a window that slides over images (N, C, H, W)."""

    def __init__(
        self,
        x: Tensor,
        kernel: Sequence[int],
        stride: Sequence[int],
        padding: Sequence[int],
        dilation: Sequence[int],
        ceil_mode: bool,
    ) -> None:
        self.size = list(x.shape[-2:])
        self.kernel, self.pad = each(kernel, 2), each(padding, 2)
        self.stride = each(stride, 2) if stride else self.kernel
        self.dilation = each(dilation, 2)
        with _disable_current_modes():
            row = torch.zeros(1, 1, *self.size)
            self.count = list(
                F.max_pool2d(
                    row, self.kernel, self.stride, self.pad, self.dilation, ceil_mode
                ).shape[-2:]
            )
        # How far the last window reaches, from the first pixel of the padding.
        self.reach = [
            max((c - 1) * s + (k - 1) * d + s, n + 2 * p)
            for c, s, k, d, n, p in zip(
                self.count, self.stride, self.kernel, self.dilation, self.size, self.pad,
                strict=True,
            )
        ]  # fmt: skip

    def places(self) -> list[tuple[int, int]]:
        """Row and column, in the padded image, of each place in the first window."""
        rows, columns = (
            [i * d for i in range(k)] for k, d in zip(self.kernel, self.dilation, strict=True)
        )
        return [(row, column) for row in rows for column in columns]

    def views(self, x: Tensor) -> Iterable[tuple[Tensor, Tensor]]:
        """For each place what all windows see there, and which pixels that are."""
        (height, width), (top, left) = self.reach, self.pad
        after = (width - self.size[1] - left, height - self.size[0] - top)
        padded = F.pad(x, (left, after[0], top, after[1]), value=float("-inf"))
        (rows, columns), (down, right) = self.count, self.stride
        for (row, column), index in zip(self.places(), self.indices(x), strict=True):
            view = padded[..., row : row + (rows - 1) * down + 1 : down, :]
            yield view[..., column : column + (columns - 1) * right + 1 : right], index

    def indices(self, x: Tensor) -> Iterable[Tensor]:
        """For each place the pixels (h, w) that the windows see there; negative in the padding."""
        for row, column in self.places():
            with _disable_current_modes():
                rows = torch.arange(self.count[0]) * self.stride[0] + row - self.pad[0]
                columns = torch.arange(self.count[1]) * self.stride[1] + column - self.pad[1]
                inside = ((rows >= 0) & (rows < self.size[0]))[:, None]
                inside = inside & (columns >= 0) & (columns < self.size[1])
                index = torch.where(inside, rows[:, None] * self.size[1] + columns, -1)
            yield index

    def gather(self, parts: Iterable[Tensor]) -> Tensor:
        """The sum of what each place gives to the pixels, without the padding."""
        total: Tensor | None = None
        (height, width), (down, right) = self.reach, self.stride
        for (row, column), part in zip(self.places(), parts, strict=True):
            # Zeros in between: each pixel of the part becomes the first of a block.
            blocks = F.pad(part[..., :, None, :, None], (0, right - 1, 0, 0, 0, down - 1))
            spread = blocks.flatten(-4, -3).flatten(-2, -1)
            spread = spread[..., : height - row, : width - column]
            after = (width - column - spread.shape[-1], height - row - spread.shape[-2])
            whole = F.pad(spread, (column, after[0], row, after[1]))
            total = whole if total is None else total + whole
        assert total is not None
        (top, left), (rows, columns) = self.pad, self.size
        return total[..., top : top + rows, left : left + columns]


def each(value: Sequence[int], count: int) -> list[int]:
    """A number for each of `count` axes, as ATen leaves out what repeats."""
    values = list(value) if isinstance(value, Iterable) else [value]
    return values * count if len(values) == 1 else values
