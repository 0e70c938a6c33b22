"""A line, fitted."""

import torch
from torch import nn

from explainers.line import data
from site_builder import reference_model, track


@reference_model
def fit() -> nn.Module:
    """Least squares by gradient descent."""
    x, y = data.points()
    line = nn.Linear(1, 1)
    optimiser = torch.optim.SGD(line.parameters(), lr=0.3)
    steps = track(range(50), "line")
    for _ in steps:
        loss = (line(x[:, None])[:, 0] - y).square().mean()
        optimiser.zero_grad()
        loss.backward()
        optimiser.step()
        steps.loss = loss
    return line
