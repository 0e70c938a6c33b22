"""The log-ins of one small office, invented and labelled.

The staff live in a town about 25 km down the railway line from the office, and each working day
draws the same shape in (hour of the day, kilometres from the office): at home early, on the train,
at the desk, on the train back, at home in the evening. Now and then somebody logs in from a
customer 55 km away. Five kinds of threat break these habits, each in its own way, and one evening
the train is late.

Nothing here is recorded from real people. Everything is drawn from the generator that the caller
passes in, on the CPU and in double precision, so the same seed gives the same office everywhere.
"""

from collections.abc import Callable
from dataclasses import dataclass

import torch
from torch import Generator, Tensor

HOME_KM = 25.0
CUSTOMER_KM = 55.0

KINDS = (
    "ordinary day",
    "late train",
    "far away",
    "desk at night",
    "before dawn",
    "midday gap",
    "evening detour",
)
"""What a log-in is, by its index in `Logins.kind`."""

FIRST_THREAT = 2
"""Kinds from this index on are threats; those before it are ordinary."""

SLIPPED = 40
"""Of each kind of threat, how many can be slipped in among the training log-ins."""

Draw = Callable[[int, Generator], Tensor]


@dataclass(frozen=True)
class Logins:
    """Labelled log-ins.

    Attributes:
        events: (N, 2) float64; hour of the day in [0, 24) and km from the office, at least 0.
        kind: (N,) int64; index into `KINDS`.
    """

    events: Tensor
    kind: Tensor


def uniform(count: int, low: float, high: float, generator: Generator) -> Tensor:
    """Draw (count,) float64 values evenly from [low, high)."""
    return low + (high - low) * torch.rand(count, generator=generator, dtype=torch.float64)


def normal(count: int, mean: float, deviation: float, generator: Generator) -> Tensor:
    """Draw (count,) float64 values from a bell curve."""
    return mean + deviation * torch.randn(count, generator=generator, dtype=torch.float64)


def at(hour: Tensor, km: Tensor) -> Tensor:
    """Set hours and distances side by side as (count, 2) events, distances folded at zero."""
    return torch.stack([hour, km.abs()], dim=1)


def home_early(count: int, generator: Generator) -> Tensor:
    """Mail over breakfast: (count, 2)."""
    return at(uniform(count, 5.5, 7.0, generator), normal(count, HOME_KM, 1.8, generator))


def train_in(count: int, generator: Generator) -> Tensor:
    """On the way in, 7:00 to 8:30, the distance shrinking evenly: (count, 2)."""
    way = uniform(count, 0.0, 1.0, generator)
    return at(
        7.0 + 1.5 * way + normal(count, 0.0, 0.2, generator),
        HOME_KM * (1.0 - way) + normal(count, 0.0, 1.5, generator),
    )


def office(count: int, generator: Generator) -> Tensor:
    """At the desk, 8:30 to 17:30: (count, 2)."""
    return at(uniform(count, 8.5, 17.5, generator), normal(count, 0.0, 1.5, generator))


def train_back(count: int, generator: Generator) -> Tensor:
    """On the way home, 17:30 to 19:00: (count, 2)."""
    way = uniform(count, 0.0, 1.0, generator)
    return at(
        17.5 + 1.5 * way + normal(count, 0.0, 0.2, generator),
        HOME_KM * way + normal(count, 0.0, 1.5, generator),
    )


def home_late(count: int, generator: Generator) -> Tensor:
    """In the evening, 19:00 to 23:00: (count, 2)."""
    return at(uniform(count, 19.0, 23.0, generator), normal(count, HOME_KM, 1.8, generator))


def customer(count: int, generator: Generator) -> Tensor:
    """At the customer's, 10:30 to 15:30: (count, 2)."""
    return at(uniform(count, 10.5, 15.5, generator), normal(count, CUSTOMER_KM, 2.0, generator))


def late_train(count: int, generator: Generator) -> Tensor:
    """The way home on the evening when the line was blocked, 90 minutes late: (count, 2)."""
    return train_back(count, generator) + torch.tensor([1.5, 0.0], dtype=torch.float64)


def far_away(count: int, generator: Generator) -> Tensor:
    """A stolen password, used from 45 to 69 km away between midnight and 7:00: (count, 2)."""
    return at(uniform(count, 0.0, 7.0, generator), uniform(count, 45.0, 69.0, generator))


def desk_at_night(count: int, generator: Generator) -> Tensor:
    """Somebody sits in the office between 1:00 and 5:00: (count, 2)."""
    return at(uniform(count, 1.0, 5.0, generator), normal(count, 0.0, 1.5, generator))


def before_dawn(count: int, generator: Generator) -> Tensor:
    """A laptop wakes at home between 3:00 and 4:45, while its owner sleeps: (count, 2)."""
    return at(uniform(count, 3.0, 4.75, generator), normal(count, HOME_KM, 1.8, generator))


def midday_gap(count: int, generator: Generator) -> Tensor:
    """In the middle of the day, somewhere between desk and customer: (count, 2)."""
    return at(uniform(count, 10.0, 16.0, generator), uniform(count, 8.0, 42.0, generator))


def evening_detour(count: int, generator: Generator) -> Tensor:
    """Late in the evening, at neither home nor office: (count, 2)."""
    return at(uniform(count, 20.5, 23.0, generator), uniform(count, 8.0, 18.0, generator))


HABITS: tuple[tuple[Draw, float], ...] = (
    (home_early, 0.10),
    (train_in, 0.10),
    (office, 0.42),
    (train_back, 0.10),
    (home_late, 0.20),
    (customer, 0.08),
)
"""Each habit and its share of an ordinary day."""

THREATS: tuple[Draw, ...] = (far_away, desk_at_night, before_dawn, midday_gap, evening_detour)
"""Each kind of threat, in the order of `KINDS`."""


def ordinary_day(count: int, generator: Generator) -> Tensor:
    """Draw log-ins with each habit's share: (count, 2).

    Args:
        count: how many; a multiple of 50 gives each habit its exact share.
        generator: a CPU generator.
    """
    return torch.cat([habit(round(count * share), generator) for habit, share in HABITS])


def training_events(seed: int = 1) -> Tensor:
    """The 400 ordinary log-ins that the detectors learn from: (400, 2) float64."""
    return ordinary_day(400, torch.Generator().manual_seed(seed))


def desk_events(seed: int = 2) -> Logins:
    """What the desk must judge, none of it seen in training.

    150 log-ins of ordinary days, 10 from the evening of the late train, which is ordinary too but
    of a kind that the training events lack, and 5 threats of each kind.
    """
    generator = torch.Generator().manual_seed(seed)
    groups = [
        ordinary_day(150, generator),
        late_train(10, generator),
        *(threat(5, generator) for threat in THREATS),
    ]
    sizes = torch.tensor([len(group) for group in groups])
    return Logins(torch.cat(groups), torch.arange(len(groups)).repeat_interleave(sizes))


def slipped_events(seed: int = 3) -> Tensor:
    """Threats for those who want them among the training log-ins: (5, SLIPPED, 2) float64.

    Of each kind SLIPPED, in the order of `KINDS`; the desk's are others.
    """
    generator = torch.Generator().manual_seed(seed)
    return torch.stack([threat(SLIPPED, generator) for threat in THREATS])
