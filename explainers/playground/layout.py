"""Where units and links stand in the picture of a network, for widths that are tensors'."""

from collections.abc import Sequence
from itertools import pairwise

import torch
from torch import Tensor

from explainers.playground.data import FEATURES
from explainers.playground.network import Weights

DEEPEST, WIDEST = 6, 8
"""The most hidden layers, and the most units in one."""

PLACES = (
    *FEATURES,
    *(
        f"unit {unit + 1} of layer {layer + 1}"
        for layer in range(DEEPEST)
        for unit in range(WIDEST)
    ),
    "output",
)
"""What units are called: features, hidden units, the output."""


def heights(units: Tensor) -> Tensor:
    """Space a layer's units evenly around 0, the first one on top: (n,).

    Args:
        units: (n,), of any values.
    """
    place = torch.arange(units.shape[0]).float()
    return place.mean() - place


def columns(depth: int) -> list[float]:
    """Return where the layers stand, features at 0 and the output at 1."""
    return [layer / (depth + 1) for layer in range(depth + 2)]


def across(layers: Sequence[Tensor]) -> list[Tensor]:
    """Return x of every unit, layer by layer: [(n,), ...]."""
    places = zip(layers, columns(len(layers) - 1), strict=False)
    return [torch.full_like(heights(layer), x) for layer, x in places]


def called(layers: Sequence[Tensor]) -> list[Tensor]:
    """Return the index of every unit into `PLACES`, layer by layer: [(n,) int64, ...].

    Args:
        layers: The chosen features, and for each hidden layer a tensor as long as it is wide.
    """
    first = len(FEATURES)
    hidden = [
        torch.arange(layer.shape[0]) + (first + at * WIDEST) for at, layer in enumerate(layers[1:])
    ]
    return [layers[0], *hidden]


def linked(sides: Sequence[Tensor]) -> tuple[Tensor, Tensor]:
    """Return what both ends of every link have, in the order of `flat`: (links,) each.

    Args:
        sides: Something of every unit: of the features, each hidden layer and the output.
    """
    left, right = [], []
    for before, after in pairwise(sides):
        left.append(before[:, None].expand(-1, after.shape[0]).reshape(-1))
        right.append(after[None, :].expand(before.shape[0], -1).reshape(-1))
    return torch.cat(left), torch.cat(right)


def flat(weights: Weights) -> Tensor:
    """Line up all weights without the biases, layer by layer: (links,)."""
    return torch.cat([matrix[:-1].reshape(-1) for matrix in weights.values()])


def with_link(weights: Weights, row: Tensor, value: Tensor) -> Weights:
    """Set one weight.

    Args:
        weights: The network.
        row: () int64, its place in `flat`.
        value: () float32.
    """
    changed = {}
    first = 0
    for name, matrix in weights.items():
        links = matrix[:-1]
        place = torch.arange(links.numel()).reshape(links.shape) + first
        changed[name] = torch.cat([torch.where(place == row, value, links), matrix[-1:]])
        first = first + links.numel()
    return changed
