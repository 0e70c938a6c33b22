"""What is measured when the site is built: learning rates that suit, and who wins where."""

import torch
from torch import Tensor, nn

from explainers.momentum.learned import FLOOR, Learned, learned_optimiser, noises, noisy, starts
from explainers.momentum.racers import RACERS, WRITTEN, at_start, onward
from explainers.momentum.surfaces import SURFACES, Family, family, height, slope
from site_builder import reference_model, track

STEPS = 300
"""The length of a race."""

GOAL = 1e-3
"""Whoever is lower than this has arrived."""

GRID = 10.0 ** (torch.arange(-12, 2, dtype=torch.float64) / 4)
"""Learning rates that are tried, four to a power of ten, from 0.001 to 1.8."""

GROUNDS, STARTS = 200, 200
"""Surfaces on which rates are tried, and places from which each race surface is run."""

WORST = 1e3
"""Heights above this all count as this."""


class Tuned(nn.Module):
    """The learning rates that did best.

    Attributes:
        rates: (6,), as in `WRITTEN`.
        scores: (7,), the mean of log10(height + FLOOR) over all steps with that rate; the last is
            that of the learned optimiser, on the same surfaces and with the same noise.
    """

    rates: Tensor
    scores: Tensor

    def __init__(self, rates: Tensor, scores: Tensor) -> None:
        super().__init__()
        self.register_buffer("rates", rates)
        self.register_buffer("scores", scores)


class League(nn.Module):
    """Who wins where, from STARTS places on each surface.

    Attributes:
        arrived: (surfaces, racers) int64, from how many places each got below GOAL in time.
        first: (surfaces, racers) int64, from how many of them no other was sooner.
    """

    arrived: Tensor
    first: Tensor

    def __init__(self, arrived: Tensor, first: Tensor) -> None:
        super().__init__()
        self.register_buffer("arrived", arrived)
        self.register_buffer("first", first)


def practised(
    ground: Family, place: Tensor, noise: Tensor, learned: Learned, rates: Tensor
) -> Tensor:
    """Let all go down surfaces of the practice ground; return their scores: (racers,).

    Args:
        ground: N surfaces.
        place: (N, 1, 2), where to begin.
        noise: (N, 1, 1).
        learned: The seventh.
        rates: (6,).
    """
    draw = torch.Generator().manual_seed(3)
    places, slots = at_start(place[:, 0])
    total = torch.zeros(len(RACERS))
    for _ in range(STEPS):
        slopes = noisy(ground, places, noise, draw)
        places, slots = onward(places, slots, slopes, learned, rates, torch.ones(()))
        total += (ground.height(places).clamp(max=WORST) + FLOOR).log10().mean(dim=0)
    return total / STEPS


@reference_model
def tuned() -> Tuned:
    """Try every rate of GRID with every optimiser, on surfaces as the learned one practised on."""
    learned, draw = learned_optimiser().to(torch.float64), torch.Generator().manual_seed(2)
    ground, place, noise = family(GROUNDS, draw), starts(GROUNDS, draw), noises(GROUNDS, draw)
    tries = track(GRID, "learning rates")
    scores = []
    for rate in tries:
        with torch.no_grad():
            scores.append(practised(ground, place, noise, learned, rate.expand(len(WRITTEN))))
        tries.loss = scores[-1].min()
    best = torch.stack(scores).min(dim=0)
    return Tuned(GRID[best.indices[: len(WRITTEN)]], best.values)


@reference_model
def league() -> League:
    """Race without noise, at the tuned rates, on each surface from the same random places."""
    learned, rates = learned_optimiser().to(torch.float64), tuned().rates.to(torch.float64)
    begin = starts(STARTS, torch.Generator().manual_seed(4))[:, 0]
    arrived, first = [], []
    for number in track(range(len(SURFACES)), "the league"):
        surface = torch.tensor(number)
        places, slots = at_start(begin)
        sooner = torch.full((STARTS, len(RACERS)), STEPS + 1)
        for step in range(1, STEPS + 1):
            with torch.no_grad():
                slopes = slope(places, surface)
                places, slots = onward(places, slots, slopes, learned, rates, torch.ones(()))
                there = (height(places, surface) < GOAL) & (sooner > STEPS)
            sooner[there] = step
        arrived.append((sooner <= STEPS).sum(dim=0))
        best = sooner.amin(dim=1, keepdim=True)
        first.append(((sooner == best) & (sooner <= STEPS)).sum(dim=0))
    return League(torch.stack(arrived), torch.stack(first))
