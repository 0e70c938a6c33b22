"""The ground of the race: four surfaces that readers choose from, and a family to practise on.

The least value of every surface is 0, so that a loss can be drawn on a log scale.
"""

from collections.abc import Callable
from dataclasses import dataclass
from math import cos, log, pi, radians, sin

import torch
from torch import Tensor
from torch.func import grad

SURFACES = ("ravine", "saddle", "Rosenbrock", "many valleys")

EDGE = 2.0
"""The picture reaches from -2 to 2 along both axes."""

TILT = radians(20.0)
LONG, STEEP = 0.2, 20.0
"""Curvatures along the ravine and across: a condition number of 100."""


def ravine(p: Tensor) -> Tensor:
    """Return a long bowl, tilted by 20 degrees; lowest at (0, 0).

    Args:
        p: (..., 2), as for all the surfaces below, which return (...).
    """
    along = cos(TILT) * p[..., 0] + sin(TILT) * p[..., 1]
    across = cos(TILT) * p[..., 1] - sin(TILT) * p[..., 0]
    return 0.5 * (LONG * along.square() + STEEP * across.square())


def saddle(p: Tensor) -> Tensor:
    """Return a pass at (0, 0) between two valleys, lowest at (0, 1.2) and (0, -1.2)."""
    x, y = p[..., 0], p[..., 1]
    return x.square() + 0.5 * (y.square() - 1.44).square()


def rosenbrock(p: Tensor) -> Tensor:
    """Return a bent valley with a nearly flat floor, lowest at (1, 1) (after Rosenbrock 1960)."""
    x, y = p[..., 0], p[..., 1]
    return 0.1 * (1 - x).square() + 2 * (y - x.square()).square()


def valleys(p: Tensor) -> Tensor:
    """Return a bowl with many dents, of which that at (0, 0) is the lowest (after Rastrigin)."""
    return (0.5 * p.square() + 0.4 * (1 - torch.cos(2 * pi * p))).sum(dim=-1)


EVERY = (ravine, saddle, rosenbrock, valleys)


def height(p: Tensor, surface: Tensor) -> Tensor:
    """Return the height of the chosen surface: (...).

    Args:
        p: (..., 2).
        surface: () int64 index into `SURFACES`.
    """
    return torch.stack([shape(p) for shape in EVERY]).index_select(0, surface.reshape(1))[0]


def slope(p: Tensor, surface: Tensor) -> Tensor:
    """Return the gradient of the chosen surface, as `height` takes it: (..., 2)."""

    def total(shape: Callable[[Tensor], Tensor]) -> Callable[[Tensor], Tensor]:
        return lambda places: shape(places).sum()

    slopes = [grad(total(shape))(p) for shape in EVERY]
    return torch.stack(slopes).index_select(0, surface.reshape(1))[0]


@dataclass(frozen=True)
class Family:
    """Random surfaces in the plane: tilted bowls, half of them with dents.

    Attributes:
        lowest: (N, 1, 2), where each is lowest, at height 0.
        axes: (N, 2, 2), its own axes as rows.
        curvature: (N, 1, 2), along them.
        depth: (N, 1, 1), of the dents; 0 for a smooth bowl.
        wave: (N, 1, 2), how many radians of dents to a unit of length.
    """

    lowest: Tensor
    axes: Tensor
    curvature: Tensor
    depth: Tensor
    wave: Tensor

    def height(self, p: Tensor) -> Tensor:
        """Return each surface's height at k places of its own, (N, k, 2): (N, k)."""
        off = p - self.lowest
        own = torch.einsum("nki,nji->nkj", off, self.axes)
        bowl = 0.5 * (self.curvature * own.square()).sum(dim=-1)
        return bowl + (self.depth * (1 - torch.cos(self.wave * off))).sum(dim=-1)

    def slope(self, p: Tensor) -> Tensor:
        """Return the gradient at k places of each surface, (N, k, 2): (N, k, 2)."""
        off = p - self.lowest
        own = torch.einsum("nki,nji->nkj", off, self.axes) * self.curvature
        bowl = torch.einsum("nkj,nji->nki", own, self.axes)
        return bowl + self.depth * self.wave * torch.sin(self.wave * off)


def family(count: int, draw: torch.Generator) -> Family:
    """Draw surfaces.

    The steeper curvature is between 0.5 and 50, the other up to a hundred times smaller.

    Args:
        count: How many.
        draw: The source of chance.
    """

    def uniform(*shape: int) -> Tensor:
        return torch.rand(count, *shape, generator=draw)

    angle = 2 * pi * uniform()
    turned = torch.stack([angle.cos(), angle.sin(), -angle.sin(), angle.cos()], dim=1)
    steep = torch.exp(log(0.5) + log(100.0) * uniform(1))
    shallow = steep * torch.exp(-log(100.0) * uniform(1))
    dented = (uniform(1, 1) < 0.5).to(steep.dtype)
    return Family(
        lowest=2 * uniform(1, 2) - 1,
        axes=turned.reshape(count, 2, 2),
        curvature=torch.stack([shallow, steep], dim=2),
        depth=0.5 * dented * uniform(1, 1),
        wave=2 + 5 * uniform(1, 2),
    )
