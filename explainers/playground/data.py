"""Points to learn from: six invented data sets, and the reader's own.

Every function is made of tensor operations on random numbers that come in as arguments, so that the
same code draws the points here and in the page, from the same seed. A label is -1 for orange and +1
for blue; the two regression sets have labels between.
"""

from math import pi
from typing import NamedTuple

import torch
from torch import Tensor

from site_builder import Placed

EDGE = 6.0
"""The picture reaches from -6 to 6 along both axes."""

COUNT = 1000
"""Points in each of the six sets; half of them are for training when the page opens."""

CAPACITY = 200
"""The most points that a reader can place."""

DATASETS = (
    "circle",
    "exclusive or",
    "two Gaussians",
    "spiral",
    "plane (regression)",
    "multi Gaussian (regression)",
    "your own points",
    "own points (regression)",
)
FIRST_REGRESSION, OWN, OWN_REGRESSION = 4, 6, 7

CLASSES = ("orange", "blue")
"""The words for the labels -1 and 1."""

OWN_POINTS = [
    *((x, y, "blue") for x, y in ((-4.0, 3.4), (-2.6, 4.2), (-1.2, 3.6), (-3.3, 2.2), (-1.9, 2.6))),
    *((x, y, "blue") for x, y in ((1.4, 3.8), (2.7, 4.3), (4.1, 3.3), (3.2, 2.3), (1.9, 2.5))),
    *((x, y, "orange") for x, y in ((-3.9, -1.4), (-3.0, -2.6), (-1.8, -3.4), (-0.6, -3.9))),
    *((x, y, "orange") for x, y in ((0.7, -3.9), (1.9, -3.3), (3.1, -2.5), (4.0, -1.3))),
    *((x, y, "orange") for x, y in ((-2.2, -1.9), (-0.4, -2.7), (1.2, -2.6), (2.4, -1.6))),
]
"""Two eyes and a mouth, to begin with."""

REACH = 3.0
"""At a noise of 100 %, points would be moved by this much: the deviation along each axis."""


class Examples(NamedTuple):
    """Points in the order in which they are met: first those for training, then those for testing.

    Attributes:
        xy: (COUNT, 2) float32.
        label: (COUNT, 1) float32, in [-1, 1].
        total: () int64; the rows from here on are not there.
        train_count: () int64, at least 1.
        regression: () bool, whether labels are amounts rather than classes.
    """

    xy: Tensor
    label: Tensor
    total: Tensor
    train_count: Tensor
    regression: Tensor

    @property
    def test_count(self) -> Tensor:
        """() int64; none are left for testing where there is but one point."""
        return (self.total - self.train_count).clamp(min=0)

    def is_training(self) -> Tensor:
        """(COUNT, 1) bool."""
        return torch.arange(COUNT)[:, None] < self.train_count

    def is_testing(self) -> Tensor:
        """(COUNT, 1) bool."""
        row = torch.arange(COUNT)[:, None]
        return (row >= self.train_count) & (row < self.total)


def polar(radius: Tensor, angle: Tensor) -> Tensor:
    """Set points at a distance from the middle and an angle from the vertical: (N, 2)."""
    return torch.stack([radius * angle.sin(), radius * angle.cos()], dim=1)


def circle(spread: Tensor, side: Tensor) -> Tensor:
    """Blue within 2.5 of the middle, orange in a ring from 3.5 to 5: (N, 2).

    Args:
        spread: (N, 2), evenly from [0, 1).
        side: (N,), the label to draw a point for, -1 or 1.
    """
    radius = torch.where(side > 0, 2.5 * spread[:, 0], 3.5 + 1.5 * spread[:, 0])
    return polar(radius, 2 * pi * spread[:, 1])


def exclusive_or(spread: Tensor) -> Tensor:
    """Four squares with a gap between them: (N, 2); blue where both signs are the same."""
    xy = 10 * spread - 5
    return xy + 0.3 * xy.sign()


def gaussians(bell: Tensor, side: Tensor) -> Tensor:
    """Blue around (2, 2), orange around (-2, -2), both with deviation 1: (N, 2).

    Args:
        bell: (N, 2), from a bell curve.
        side: (N,), -1 or 1.
    """
    return bell + 2 * side[:, None]


def spiral(side: Tensor) -> Tensor:
    """Two arms, each one and three quarters of a turn: (N, 2)."""
    way = (torch.arange(COUNT) // 2) / (COUNT // 2)
    return polar(5 * way, 3.5 * pi * way + pi * (side < 0))


def square(spread: Tensor) -> Tensor:
    """Points all over a square: (N, 2)."""
    return 10 * spread - 5


def hills(xy: Tensor) -> Tensor:
    """Three hills and three hollows, heights and depths 1: (N,).

    Args:
        xy: (N, 2).
    """
    middles = torch.tensor([[x, y] for y in (2.5, -2.5) for x in (-4.0, 0.0, 4.0)])
    heights = torch.tensor([1.0, -1.0, 1.0, -1.0, 1.0, -1.0])
    distance = (xy[:, None, :] - middles).square().sum(dim=2)
    return (torch.exp(-distance / 2) * heights).sum(dim=1)


def invented(dataset: Tensor, spread: Tensor, bell: Tensor) -> tuple[Tensor, Tensor]:
    """Draw one of the six sets, before noise: (COUNT, 2) and labels (COUNT,).

    Args:
        dataset: () int64 index into `DATASETS`.
        spread: (COUNT, 2), evenly from [0, 1).
        bell: (COUNT, 2), from a bell curve.
    """
    side = torch.where(torch.arange(COUNT) % 2 == 0, 1.0, -1.0)
    crossed, everywhere = exclusive_or(spread), square(spread)
    places = [circle(spread, side), crossed, gaussians(bell, side), spiral(side)]
    places += [everywhere, everywhere]
    labels = [side, crossed.prod(dim=1).sign(), side, side, everywhere.sum(dim=1) / 10]
    labels += [hills(everywhere)]
    which = dataset.clamp(max=OWN - 1).reshape(1)
    xy = torch.stack(places).index_select(0, which)[0]
    return xy, torch.stack(labels).index_select(0, which)[0]


def placed(own: Placed, order: Tensor) -> tuple[Tensor, Tensor, Tensor]:
    """Put the reader's points into random order: (COUNT, 2), labels (COUNT,), and their number.

    Args:
        own: The points, up to CAPACITY.
        order: (COUNT,), a permutation; a point's entry says how early it comes.
    """
    order = order[:CAPACITY]
    sooner = (order[None, :] < order[:, None]) & own.present[None, :]
    rank = torch.where(own.present, sooner.sum(dim=1), -1)
    moves = (rank[None, :] == torch.arange(CAPACITY)[:, None]).float()  # (to, from)
    rows = moves @ torch.cat([own.xy, own.label[:, None]], dim=1)
    rows = torch.cat([rows, torch.zeros(COUNT - CAPACITY, 3)])
    return rows[:, :2], rows[:, 2], own.present.sum()


def examples(
    dataset: Tensor,
    noise: Tensor,
    ratio: Tensor,
    own: Placed,
    spread: Tensor,
    bell: Tensor,
    drift: Tensor,
    order: Tensor,
) -> Examples:
    """Draw the chosen set and part it into training and test examples.

    Args:
        dataset: () int64 index into `DATASETS`.
        noise: () float32, percent; points are moved after they have been labelled.
        ratio: () float32, percent of the points that are for training.
        own: The reader's points, which no noise moves. Where they are for classification, the sign
            of a point's value tells its class.
        spread: (COUNT, 2), evenly from [0, 1).
        bell: (COUNT, 2), from a bell curve.
        drift: (COUNT, 2), from a bell curve.
        order: (COUNT,), a permutation.
    """
    xy, label = invented(dataset, spread, bell)
    xy = (xy + REACH * noise / 100 * drift).clamp(-EDGE, EDGE)
    own_xy, own_value, own_count = placed(own, order)
    is_own = dataset >= OWN
    own_label = torch.where(dataset == OWN, torch.where(own_value < 0, -1.0, 1.0), own_value)
    xy = torch.where(is_own, own_xy, xy.index_select(0, order))
    label = torch.where(is_own, own_label, label.index_select(0, order))
    count = torch.where(is_own, own_count, COUNT)
    train_count = torch.minimum((count * ratio / 100).round().long(), count - 1).clamp(min=1)
    regression = (dataset >= FIRST_REGRESSION) & (dataset != OWN)
    return Examples(xy, label[:, None], count, train_count, regression)


FEATURES = ("x1", "x2", "x1²", "x2²", "x1 · x2", "sin x1", "sin x2")


def all_features(xy: Tensor) -> Tensor:
    """What a network may be told about points: (N, 7), as `FEATURES` names them."""
    x, y = xy[:, 0], xy[:, 1]
    return torch.stack([x, y, x * x, y * y, x * y, x.sin(), y.sin()], dim=1)


def grid(side: int) -> Tensor:
    """Return the middles of a square of cells, row by row from the top: (side * side, 2)."""
    middles = ((torch.arange(side) + 0.5) / side * 2 - 1) * EDGE
    return torch.stack([middles.repeat(side), -middles.repeat_interleave(side)], dim=1)
