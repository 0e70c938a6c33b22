"""Points near a line."""

import torch
from torch import Tensor


def noise() -> Tensor:
    """Seeded noise, (20,)."""
    return torch.linspace(-1, 1, 20).sin() * 0.1


def points() -> tuple[Tensor, Tensor]:
    """Gives x and y of twenty points, (20,) each."""
    x = torch.linspace(-1, 1, 20)
    return x, 2 * x + 1 + noise()
