"""Where units and links stand in the picture of a network, for widths that are tensors'."""

from collections.abc import Sequence
from itertools import pairwise

import torch
from torch import Tensor

from explainers.playground.network import Weights


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


def unit_places(layers: Sequence[Tensor]) -> tuple[Tensor, Tensor]:
    """Return x and y of every unit of the features and the hidden layers: (units,) each."""
    x = columns(len(layers) - 1)
    across = [torch.full_like(heights(layer), at) for layer, at in zip(layers, x, strict=False)]
    return torch.cat(across), torch.cat([heights(layer) for layer in layers])


def link_places(layers: Sequence[Tensor]) -> tuple[Tensor, Tensor, Tensor, Tensor]:
    """Return x1, y1, x2, y2 of every link, ordered as `flat` orders weights: (links,) each."""
    x = columns(len(layers) - 1)
    sides = [heights(layer) for layer in layers] + [torch.zeros(1)]
    parts: list[list[Tensor]] = [[], [], [], []]
    for layer, (left, right) in enumerate(pairwise(sides)):
        from_y = left[:, None].expand(-1, right.shape[0])
        to_y = right[None, :].expand(left.shape[0], -1)
        pairs = (torch.full_like(from_y, x[layer]), from_y, torch.full_like(to_y, x[layer + 1]))
        for part, values in zip(parts, (*pairs, to_y), strict=True):
            part.append(values.reshape(-1))
    x1, y1, x2, y2 = (torch.cat(part) for part in parts)
    return x1, y1, x2, y2


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
