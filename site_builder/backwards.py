"""Backward passes that ONNX has no function for, written with operations that it has.

Each is a decomposition of an ATen operation, used while a training step is traced. A convolution's
gradients are convolutions; pools of averages and interpolations are linear along each axis, so that
their gradients are products with the transposed matrices.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any

import torch
from torch import Tensor
from torch._decomp import core_aten_decompositions, get_decompositions
from torch.nn import functional as F  # noqa: N812  # the field's name for it
from torch.utils._python_dispatch import _disable_current_modes

from site_builder.max_pooling import each, max_pool, max_pool_backward

aten = torch.ops.aten
Decomposition = Callable[..., Any]


def decompositions() -> dict[Any, Decomposition]:
    """Operations to functions that stand for them while a training step is traced."""
    own: dict[Any, Decomposition] = {
        # What an uninitialised tensor holds is nobody's business.
        aten.empty_permuted.default: lambda size, _, **options: torch.zeros(size, **options),
        aten.convolution_backward.default: convolution_backward,
        aten.max_pool2d_with_indices.default: max_pool,
        aten.max_pool2d_with_indices_backward.default: max_pool_backward,
        aten.avg_pool2d_backward.default: avg_pool_backward,
        aten._adaptive_avg_pool2d.default: adaptive_avg_pool,
        aten._adaptive_avg_pool2d_backward.default: adaptive_avg_pool_backward,
        aten.upsample_nearest2d_backward.default: upsample_nearest_backward,
        aten.upsample_bilinear2d_backward.default: upsample_bilinear_backward,
    }
    # The exporter writes batch norm in training mode as ONNX that uses the stored statistics.
    norms = get_decompositions(
        [
            aten.native_batch_norm,
            aten._native_batch_norm_legit,
            aten._native_batch_norm_legit_functional,
            aten._batch_norm_with_update,
            aten._batch_norm_with_update_functional,
            aten.batch_norm_backward,
        ]
    )
    return {**core_aten_decompositions(), **norms, **own}


# -- convolutions


def convolution_backward(
    grad: Tensor,
    x: Tensor,
    weight: Tensor,
    bias_sizes: Sequence[int] | None,
    stride: Sequence[int],
    padding: Sequence[int],
    dilation: Sequence[int],
    transposed: bool,
    output_padding: Sequence[int],
    groups: int,
    output_mask: Sequence[bool],
) -> tuple[Tensor | None, Tensor | None, Tensor | None]:
    """Gradients by image, weight and bias (Dumoulin and Visin 2016, chapter 4).

    Args:
        grad: Gradient by the result, (N, filters, *sizes).
        x: The image, (N, channels, *sizes).
        weight: (filters, channels / groups, *kernel); transposed (channels, filters / groups,
            *kernel).
        bias_sizes: Unused, as ATen has it.
        stride: Of each axis, as are `padding`, `dilation` and `output_padding`.
        padding: See there.
        dilation: See there.
        transposed: Whether the forward pass was a transposed convolution.
        output_padding: Of a transposed one.
        groups: How many convolutions stand side by side.
        output_mask: Which of the three are wanted.
    """
    count = weight.ndim - 2
    strides, pads, dilations = (each(n, count) for n in (stride, padding, dilation))
    by_image = by_weight = by_bias = None
    if output_mask[0]:
        missing = [0] * count
        if not transposed:
            reach = [d * (k - 1) + 1 for d, k in zip(dilations, weight.shape[2:], strict=True)]
            back = [
                (n - 1) * s - 2 * p + r
                for n, s, p, r in zip(grad.shape[2:], strides, pads, reach, strict=True)
            ]
            missing = [n - b for n, b in zip(x.shape[2:], back, strict=True)]
        by_image = aten.convolution(
            grad, weight, None, strides, pads, dilations, not transposed, missing, groups
        )
    if output_mask[1]:
        image, kernel = (grad, x) if transposed else (x, grad)
        parts = [
            _weight_gradient(i, k, weight.shape[2:], strides, pads, dilations)
            for i, k in zip(image.chunk(groups, 1), kernel.chunk(groups, 1), strict=True)
        ]
        by_weight = torch.cat(parts) if groups > 1 else parts[0]
    if output_mask[2]:
        by_bias = grad.sum([0, *range(2, grad.ndim)])
    return by_image, by_weight, by_bias


def _weight_gradient(
    image: Tensor,
    kernel: Tensor,
    sizes: Sequence[int],
    strides: list[int],
    pads: list[int],
    dilations: list[int],
) -> Tensor:
    """The image convolved by the gradient, examples as channels: stride and dilation swap."""
    result = aten.convolution(
        image.transpose(0, 1), kernel.transpose(0, 1), None, dilations, pads, strides,
        False, [0] * len(sizes), 1,
    )  # fmt: skip
    # Where the stride left pixels over, they seem to belong to a larger kernel.
    for axis, size in enumerate(sizes, 2):
        result = result.narrow(axis, 0, size)
    return result.transpose(0, 1)  # type: ignore[no-any-return]


# -- linear along each axis


def _matrix(size: int, function: Callable[[Tensor], Tensor]) -> Tensor:
    """The matrix (size, outputs) of a linear function of a row of pixels (1, C, size)."""
    with _disable_current_modes():
        return function(torch.eye(size)[None])[0]


def _transposed(
    grad: Tensor, size: Sequence[int], functions: Sequence[Callable[[Tensor], Tensor]]
) -> Tensor:
    """Gradient by the image (N, C, H, W) of functions that are linear along each axis."""
    rows, columns = (_matrix(n, f) for n, f in zip(size[-2:], functions, strict=True))
    return torch.matmul(torch.matmul(rows, grad), columns.t())


def avg_pool_backward(
    grad: Tensor,
    x: Tensor,
    kernel: Sequence[int],
    stride: Sequence[int],
    padding: Sequence[int],
    ceil_mode: bool,
    count_include_pad: bool,
    divisor_override: int | None,
) -> Tensor:
    """Each pixel gets its part of the gradient of every window that it is in."""
    kernels, pads = each(kernel, 2), each(padding, 2)
    strides = each(stride, 2) if stride else kernels

    def along(axis: int) -> Callable[[Tensor], Tensor]:
        size, step, pad = kernels[axis], strides[axis], pads[axis]
        return lambda row: F.avg_pool1d(row, size, step, pad, ceil_mode, count_include_pad)

    if divisor_override is not None:
        # Then every window is divided by the same number, whatever of it is padding.
        def along(axis: int) -> Callable[[Tensor], Tensor]:
            size, step, pad = kernels[axis], strides[axis], pads[axis]
            return lambda row: F.avg_pool2d(
                row[..., None], (size, 1), (step, 1), (pad, 0), ceil_mode, divisor_override=1
            )[..., 0]

        grad = grad / divisor_override
    return _transposed(grad, x.shape, [along(0), along(1)])


def adaptive_avg_pool(x: Tensor, output_size: Sequence[int]) -> Tensor:
    """The means of a grid of windows that may overlap, as products with two matrices."""
    rows, columns = (
        _matrix(n, lambda row, count=count: F.adaptive_avg_pool1d(row, count))  # type: ignore[misc]
        for n, count in zip(x.shape[-2:], output_size, strict=True)
    )
    return torch.matmul(torch.matmul(rows.t(), x), columns)


def adaptive_avg_pool_backward(grad: Tensor, x: Tensor) -> Tensor:
    """See `avg_pool_backward`."""
    height, width = grad.shape[-2:]
    return _transposed(
        grad,
        x.shape,
        [
            lambda row: F.adaptive_avg_pool1d(row, height),
            lambda row: F.adaptive_avg_pool1d(row, width),
        ],
    )


def upsample_nearest_backward(
    grad: Tensor,
    output_size: Sequence[int],
    input_size: Sequence[int],
    scales_h: float | None = None,
    scales_w: float | None = None,
) -> Tensor:
    """Each pixel gets the gradients of its copies."""
    rows, columns = output_size
    return _transposed(
        grad,
        input_size,
        [
            lambda row: aten.upsample_nearest1d(row, [rows], scales_h),
            lambda row: aten.upsample_nearest1d(row, [columns], scales_w),
        ],
    )


def upsample_bilinear_backward(
    grad: Tensor,
    output_size: Sequence[int],
    input_size: Sequence[int],
    align_corners: bool,
    scales_h: float | None = None,
    scales_w: float | None = None,
) -> Tensor:
    """Each pixel gets its parts of the gradients of those that it is mixed into."""
    rows, columns = output_size
    return _transposed(
        grad,
        input_size,
        [
            lambda row: aten.upsample_linear1d(row, [rows], align_corners, scales_h),
            lambda row: aten.upsample_linear1d(row, [columns], align_corners, scales_w),
        ],
    )
