"""What the playground shows of a network, as the rows and surfaces of its charts."""

import torch
from torch import Tensor

from explainers.playground.data import EDGE, Examples
from explainers.playground.layout import PLACES, across, called, flat, heights, linked
from explainers.playground.network import OUT, Weights
from site_builder import Field, Labels, Rows, Tiles

SURFACE, PICTURE = 50, 20
"""Cells along each side of the output's surface, and of a unit's small one."""

SPLITS = ("training", "test")

OUTPUT = 1.06
"""Where the output's picture stands: it is larger than the others, and links end at its edge."""


def surface_of(answer: Tensor, discretise: Tensor) -> Field:
    """Return the network's answer all over the picture.

    Args:
        answer: (SURFACE * SURFACE, 1).
        discretise: () bool, whether to show the likelier class alone.
    """
    shown = colours(answer, discretise)
    return Field(shown.reshape(SURFACE, SURFACE), (-EDGE, EDGE), (-EDGE, EDGE))


def outcome_of(network: Weights, answer: Tensor, discretise: Tensor) -> Rows:
    """Return the output as the unit that it is, with the answer as its picture.

    Args:
        network: The weights.
        answer: (PICTURE * PICTURE, 1).
        discretise: () bool.
    """
    shown = colours(answer, discretise).reshape(1, PICTURE, PICTURE)
    return Rows(
        name=Labels(torch.tensor([len(PLACES) - 1]), PLACES),
        x=torch.full((1,), OUTPUT),
        y=torch.zeros(1),
        bias=network[OUT][-1],
        picture=Tiles(shown),
    )


def colours(answer: Tensor, discretise: Tensor) -> Tensor:
    """Bring answers to the range of the colours: of the same shape, in [-1, 1]."""
    return torch.where(discretise, torch.where(answer >= 0, 1.0, -1.0), answer.clamp(-1, 1))


def points_of(known: Examples, show_test: Tensor) -> Rows:
    """Return the examples; those for testing are shown when the reader asks for them."""
    training, test = known.is_training()[:, 0], known.is_testing()[:, 0]
    return Rows(
        x=known.xy[:, 0],
        y=known.xy[:, 1],
        label=known.label[:, 0],
        split=Labels(test.long(), SPLITS),
        shown=training | (test & show_test),
    )


def units_of(network: Weights, layers: list[Tensor], values: list[Tensor]) -> Rows:
    """Return features and hidden units, each with a picture of its own value.

    Args:
        network: The weights.
        layers: The chosen features, and for each hidden layer a tensor as long as it is wide.
        values: For each of them (N, units), whose last rows are those of the picture's places.
    """
    pictures = torch.cat([layer[-(PICTURE**2) :] for layer in values], dim=1).clamp(-1, 1)
    biases = [matrix[-1] for name, matrix in network.items() if name != OUT]
    depths = [torch.full_like(units, at, dtype=torch.int64) for at, units in enumerate(layers)]
    return Rows(
        name=Labels(torch.cat(called(layers)), PLACES),
        x=torch.cat(across(layers)),
        y=torch.cat([heights(layer) for layer in layers]),
        layer=torch.cat(depths),
        bias=torch.cat([torch.zeros_like(layers[0], dtype=torch.float32), *biases]),
        picture=Tiles(pictures.T.reshape(-1, PICTURE, PICTURE)),
    )


def links_of(network: Weights, layers: list[Tensor]) -> Rows:
    """Return every link with the units at its ends and its weight."""
    begin, end = linked([*called(layers), torch.tensor([len(PLACES) - 1])])
    x1, x2 = linked([*across(layers), torch.ones(1)])
    y1, y2 = linked([*(heights(layer) for layer in layers), torch.zeros(1)])
    ends = {"from": Labels(begin, PLACES), "to": Labels(end, PLACES)}
    return Rows(**ends, weight=flat(network), x1=x1, y1=y1, x2=x2, y2=y2)


def count_of(network: Weights) -> Tensor:
    """Count the numbers that training adjusts: () int64."""
    every = torch.cat([matrix.reshape(-1) for matrix in network.values()])
    return torch.ones_like(every, dtype=torch.int64).sum()


def mean(each: Tensor, among: Tensor) -> Tensor:
    """Return the mean over chosen rows, 0 where there are none: ().

    Args:
        each: (N, 1).
        among: (N, 1) bool.
    """
    chosen = among.float()
    return (each * chosen).sum() / chosen.sum().clamp(min=1)
