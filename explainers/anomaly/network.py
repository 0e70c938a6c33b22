"""An autoencoder of any width as a dict of matrices, and functions on it.

Each matrix takes the values before it with a column of ones beside them, so that its last row
holds the biases. The widths are those of tensors, never numbers in Python: one graph serves all.
"""

import torch
from torch import Tensor

Weights = dict[str, Tensor]

NAMES = ("squeeze_in", "squeeze_out", "rebuild_in", "rebuild_out")
"""The matrices from the log-in to its copy; tanh follows each that ends in ``_in``."""

WIDEST = 16
"""The most units that a hidden layer may have."""


def initial(draws: Tensor, hidden: Tensor, codes: int) -> Weights:
    """Draw weights and biases evenly from ±1/sqrt(values before), as `torch.nn.Linear` does.

    A weight keeps its random number when units beside it come and go.

    Args:
        draws: (4, WIDEST + 1, WIDEST), even between 0 and 1.
        hidden: ``torch.arange`` of the hidden layers' width.
        codes: How many numbers pass the bottleneck, 1 or 2.
    """
    two, code = torch.arange(2), torch.arange(codes)
    sizes = [(two, hidden), (hidden, code), (code, hidden), (hidden, two)]
    weights = {}
    for name, drawn, (before, after) in zip(NAMES, draws, sizes, strict=True):
        rows = torch.cat([before, torch.tensor([WIDEST])])  # the last one is the biases'
        reach = torch.ones_like(before, dtype=torch.float32).sum().rsqrt()
        weights[name] = (2 * drawn.index_select(0, rows).index_select(1, after) - 1) * reach
    return weights


def layer(matrix: Tensor, values: Tensor) -> Tensor:
    """Add up values (N, before) with a matrix (before + 1, after): (N, after)."""
    return torch.cat([values, torch.ones_like(values[:, :1])], dim=1) @ matrix


def squeezed(weights: Weights, events: Tensor) -> Tensor:
    """Squeeze standardised events (N, 2) to their codes (N, codes)."""
    return layer(weights["squeeze_out"], torch.tanh(layer(weights["squeeze_in"], events)))


def rebuilt(weights: Weights, codes: Tensor) -> Tensor:
    """Rebuild standardised events (N, 2) from codes (N, codes)."""
    return layer(weights["rebuild_out"], torch.tanh(layer(weights["rebuild_in"], codes)))


def losses(weights: Weights, events: Tensor) -> Tensor:
    """Return the squared distance between events (N, 2) and their copies: (N,)."""
    return (events - rebuilt(weights, squeezed(weights, events))).square().sum(dim=1)


def strands(weights: Weights, events: Tensor, codes: int) -> tuple[Tensor, Tensor]:
    """Follow what the network can rebuild: a line, or the wires of a net.

    With one number in the bottleneck, everything that it can ever answer lies on one line. With
    two, it lies on a sheet, of which straight wires in the plane of the codes are followed.

    Args:
        weights: The network.
        events: (N, 2), standardised; the codes go as far as theirs.
        codes: 1 or 2.

    Returns:
        Standardised places (P, 2), and the number of the strand on which each of them is, (P,)
        int64.
    """
    found = squeezed(weights, events)
    low, high = found.amin(dim=0), found.amax(dim=0)  # (codes,)
    if codes == 1:
        along = torch.linspace(0, 1, LINE)[:, None]
        which = torch.zeros(LINE, dtype=torch.int64)
    else:
        along = torch.cartesian_prod(torch.linspace(0, 1, WIRES), torch.linspace(0, 1, WIRE))
        along = torch.cat([along, along.flip(1)])
        which = torch.arange(2 * WIRES).repeat_interleave(WIRE)
    return rebuilt(weights, low + along * (high - low)), which


LINE = 80
"""Places along the line."""

WIRES, WIRE = 7, 25
"""Wires in each direction of the net, and places along each."""
