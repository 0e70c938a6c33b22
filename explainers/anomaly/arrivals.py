"""The log-ins of `data` as they arrive, one after the other through the day.

There an office's log-ins are drawn habit by habit. Here the time comes first, so that they come in
order: the share of the day's log-ins before each hour is known, and the k-th of n arrives where
that share is (k + chance) / n. Then which habit it is, by how common each is at that hour, and at
last the place. Over many days both give the same log-ins; only that here a train's jitter is in the
place, and not in the hour.

Everything is arithmetic on the random numbers that are passed in, so that a page can do it.
"""

from dataclasses import dataclass

import torch
from torch import Tensor

from explainers.anomaly.data import CUSTOMER_KM, HABITS, HOME_KM, KINDS

PER_DAY = 120
"""Log-ins a day."""

LATE_EVERY = 3
"""On the second day of so many the evening train is late."""


@dataclass(frozen=True)
class Habit:
    """What people do between two hours, as likely at one minute as at another.

    Attributes:
        kind: Index into `KINDS`.
        share: Of an ordinary day's log-ins; of all threats for a threat.
        begin, end: Hours of the day.
        km: Distance at the begin.
        way: Kilometres that are travelled until the end.
        jitter: How far on the way they are spread around the timetable, in parts of the way.
        spread: Deviation of the distance, km.
        width: Length of the range over which the distance is even, km.
    """

    kind: int
    share: float
    begin: float
    end: float
    km: float
    way: float = 0.0
    jitter: float = 0.0
    spread: float = 0.0
    width: float = 0.0


_SHARES = {habit.__name__: share for habit, share in HABITS}
_JITTER = 0.2 / 1.5  # twelve minutes of an hour and a half
_LATE, *_THREATS = range(1, len(KINDS))

DAY = (
    Habit(0, _SHARES["home_early"], 5.5, 7.0, HOME_KM, spread=1.8),
    Habit(0, _SHARES["train_in"], 7.0, 8.5, HOME_KM, -HOME_KM, _JITTER, spread=1.5),
    Habit(0, _SHARES["office"], 8.5, 17.5, 0.0, spread=1.5),
    Habit(0, _SHARES["train_back"], 17.5, 19.0, 0.0, HOME_KM, _JITTER, spread=1.5),
    Habit(_LATE, _SHARES["train_back"], 19.0, 20.5, 0.0, HOME_KM, _JITTER, spread=1.5),
    Habit(0, _SHARES["home_late"], 19.0, 23.0, HOME_KM, spread=1.8),
    Habit(0, _SHARES["customer"], 10.5, 15.5, CUSTOMER_KM, spread=2.0),
    Habit(_THREATS[0], 0.2, 0.0, 7.0, 45.0, width=24.0),
    Habit(_THREATS[1], 0.2, 1.0, 5.0, 0.0, spread=1.5),
    Habit(_THREATS[2], 0.2, 3.0, 4.75, HOME_KM, spread=1.8),
    Habit(_THREATS[3], 0.2, 10.0, 16.0, 8.0, width=34.0),
    Habit(_THREATS[4], 0.2, 20.5, 23.0, 8.0, width=10.0),
)
"""A day's habits, the train home on time and late among them, and the threats."""

ON_TIME, LATE = 3, 4
"""Which of them is the train home."""


def arrive(number: Tensor, share: Tensor, chance: Tensor, bell: Tensor) -> tuple[Tensor, Tensor]:
    """Draw log-ins.

    Args:
        number: (N,) int64, which they are since the first midnight, from 0.
        share: () float32, the share of threats among a day's log-ins.
        chance: (N, 3), even between 0 and 1.
        bell: (N, 2), from a bell curve.

    Returns:
        Hours and kilometres, (N, 2), and kinds, (N,) int64.
    """
    columns = torch.tensor(
        [[h.kind, h.share, h.begin, h.end, h.km, h.way, h.jitter, h.spread, h.width] for h in DAY]
    )
    kind, shares, begin, end = columns[:, 0], columns[:, 1], columns[:, 2], columns[:, 3]

    # A day is cut where a habit begins or ends; each is even within a piece.
    cuts = torch.tensor(sorted({hour for habit in DAY for hour in (habit.begin, habit.end)}))
    low, high = cuts[:-1], cuts[1:]
    inside = (low >= begin[:, None]) & (high <= end[:, None])
    parts = torch.where(inside, (high - low) / (end - begin)[:, None], 0.0)  # (habits, pieces)

    late = number // PER_DAY % LATE_EVERY == 1  # (N,)
    which = torch.arange(len(DAY))
    absent = torch.where(late[:, None], which == ON_TIME, which == LATE)  # (N, habits)
    weight = shares * torch.where(kind > _LATE, share, 1 - share)
    weight = torch.where(absent, 0.0, weight)  # (N, habits)

    mass = weight @ parts  # (N, pieces)
    until = mass.cumsum(dim=1)
    quantile = (number % PER_DAY + chance[:, 0]) / PER_DAY * until[:, -1]
    piece = (quantile[:, None] >= until[:, :-1]).sum(dim=1)  # (N,)
    before = (until - mass).gather(1, piece[:, None])[:, 0]
    within = (quantile - before) / mass.gather(1, piece[:, None])[:, 0].clamp(min=1e-9)
    hour = low[piece] + within.clamp(0, 1) * (high - low)[piece]

    likely = (weight * parts.T[piece]).cumsum(dim=1)  # (N, habits)
    habit = (chance[:, 1:2] * likely[:, -1:] >= likely[:, :-1]).sum(dim=1)
    _, _, begin, end, km, way, jitter, spread, width = columns[habit].unbind(dim=1)
    along = ((hour - begin) / (end - begin) - jitter * bell[:, 0]).clamp(0, 1)
    distance = km + way * along + spread * bell[:, 1] + width * chance[:, 2]
    return torch.stack([hour, distance.abs()], dim=1), columns[habit, 0].long()
