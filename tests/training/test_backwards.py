"""The decompositions that training steps are traced with, beside PyTorch's own backward passes."""

from __future__ import annotations

from collections.abc import Callable

import pytest
import torch
from torch import Tensor
from torch.func import vjp
from torch.fx.experimental.proxy_tensor import make_fx
from torch.nn import functional as F  # noqa: N812  # the field's name for it

from site_builder.backwards import decompositions
from site_builder.optimisers import Tensors

from .runs import OPTIMISERS


def normal(*shape: int) -> Tensor:
    """Seeded normal numbers."""
    return torch.randn(shape, generator=torch.Generator().manual_seed(sum(shape)))


IMAGE = normal(2, 4, 9, 8)
FILTERS = normal(6, 4, 3, 2)

FUNCTIONS: dict[str, tuple[Callable[..., Tensor], tuple[Tensor, ...]]] = {
    "convolution": (F.conv2d, (IMAGE, FILTERS, normal(6))),
    "convolution with strides": (
        lambda x, w: F.conv2d(x, w, stride=(2, 3), padding=(1, 2), dilation=(2, 1)),
        (IMAGE, FILTERS),
    ),
    "grouped convolution": (
        lambda x, w: F.conv2d(x, w, groups=2, stride=2),
        (IMAGE, normal(6, 2, 3, 3)),
    ),
    "convolution in 1d": (
        lambda x, w: F.conv1d(x, w, stride=2, padding=1),
        (normal(2, 3, 10), normal(4, 3, 3)),
    ),
    "convolution in 3d": (F.conv3d, (normal(1, 2, 4, 5, 4), normal(3, 2, 2, 3, 2))),
    "transposed convolution": (
        lambda x, w, b: F.conv_transpose2d(x, w, b, stride=(2, 3), padding=1, output_padding=1),
        (IMAGE, normal(4, 5, 3, 3), normal(5)),
    ),
    "grouped transposed convolution": (
        lambda x, w: F.conv_transpose2d(x, w, groups=2, dilation=2),
        (IMAGE, normal(4, 3, 2, 2)),
    ),
    "pool of maxima": (lambda x: F.max_pool2d(x, 2), (IMAGE,)),
    "pool of maxima that overlap": (
        lambda x: F.max_pool2d(x, (3, 2), stride=(2, 1), padding=1, ceil_mode=True),
        (IMAGE,),
    ),
    "pool of dilated maxima": (lambda x: F.max_pool2d(x, 2, stride=3, dilation=3), (IMAGE,)),
    "pool of equal maxima": (lambda x: F.max_pool2d(x.round(), 3, stride=1) * x.sum(), (IMAGE,)),
    "pool of means": (lambda x: F.avg_pool2d(x, 3, stride=2, padding=1), (IMAGE,)),
    "pool of means without padding": (
        lambda x: F.avg_pool2d(x, 3, 2, 1, ceil_mode=True, count_include_pad=False),
        (IMAGE,),
    ),
    "pool of sums": (
        lambda x: F.avg_pool2d(x, (2, 3), 2, (0, 1), ceil_mode=True, divisor_override=5),
        (IMAGE,),
    ),
    "adaptive pool": (lambda x: F.adaptive_avg_pool2d(x, (4, 3)), (IMAGE,)),
    "nearest neighbours": (lambda x: F.interpolate(x, size=(13, 20)), (IMAGE,)),
    "bilinear interpolation": (
        lambda x: F.interpolate(x, scale_factor=1.7, mode="bilinear"),
        (IMAGE,),
    ),
    "bilinear interpolation to the corners": (
        lambda x: F.interpolate(x, size=(5, 16), mode="bilinear", align_corners=True),
        (IMAGE,),
    ),
    "batch norm in training": (
        lambda x, w, b: F.batch_norm(x, None, None, w, b, training=True),
        (IMAGE, normal(4), normal(4) + 1),
    ),
}


@pytest.mark.parametrize("name", FUNCTIONS)
def test_decomposed_gradients_are_pytorchs(name: str) -> None:
    """Traced with our decompositions, a function gives PyTorch's result and gradients."""
    function, operands = FUNCTIONS[name]
    given = normal(*function(*operands).shape)

    def both(given: Tensor, *tensors: Tensor) -> list[Tensor]:
        result, pull, *_ = vjp(function, *tensors)
        return [result, *pull(given)]

    traced = make_fx(both, decompositions())(given, *operands)
    left = {str(node.target) for node in traced.graph.nodes if "backward" in str(node.target)}
    assert not left
    for ours, theirs in zip(traced(given, *operands), both(given, *operands), strict=True):
        torch.testing.assert_close(ours, theirs, rtol=1e-4, atol=1e-4)


@pytest.mark.parametrize("name", OPTIMISERS)
def test_optimiser_is_pytorchs(name: str) -> None:
    """Fed with the same gradients, an optimiser takes the same steps as that of `torch.optim`."""
    ours, make = OPTIMISERS[name]
    parameters: Tensors = {"a": normal(3, 2), "b": normal(4)}
    theirs = {key: p.clone().requires_grad_() for key, p in parameters.items()}
    reference = make(iter(theirs.values()))
    state = ours.start(parameters)
    for i in range(5):
        given = {key: normal(i + 1, *p.shape)[0] for key, p in parameters.items()}
        given["b"][0] = 0.0  # a weight that nothing reaches
        for key, parameter in theirs.items():
            parameter.grad = given[key].clone()
        reference.step()
        parameters, state = ours.step(parameters, given, state)
        for key, parameter in theirs.items():
            torch.testing.assert_close(parameters[key], parameter.detach())
