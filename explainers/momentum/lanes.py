"""What the page follows of descents on parabolas: each course a lane, all taken in one step.

The first `TRACKED` lanes are written down step by step. The others stand for a spectrum of
curvatures, and of them only the present size is kept.
"""

from math import cos, log, radians, sin

import torch
from torch import Tensor

from explainers.momentum.quadratic import (
    REGIMES,
    best_descent,
    best_momentum,
    chebyshev,
    onward,
    rate,
    regime,
    scaled,
)
from site_builder import Field, Labels, Output, Rows

State = dict[str, Tensor]

STEPS = 200
"""Steps that every course goes."""

WAYS = ("with momentum", "without")
PARTS = ("along", "across")
PROMISES = ("momentum, as set", "descent at its best", "the best there can be")

YOURS, PLAIN, DESCENT, BEST, MAP = slice(0, 2), slice(2, 4), slice(4, 6), slice(6, 8), 8
TRACKED = 9
"""Lanes: two, along and across, for the reader's settings, for the same without momentum, for the
best descent and for the best momentum; and one for the place on the map."""

SPECTRUM = 97
"""Curvatures from 0 to 1 at which the polynomial is looked at."""

TILT = radians(25.0)
"""From the picture's x axis to the ravine's own long axis."""

WIDTH, HEIGHT = 2.0, 1.5
"""The ravine's picture reaches so far to each side, and up and down."""

OUTSIDE = 3.0
"""Who is as far as this from the middle along an axis is sure to have left the picture."""

CELLS = 96
"""Along each side of a painted ground."""

LIMIT, LEAST = 1e6, 1e-9
"""Sizes are shown no larger, and no smaller, than these."""

WAVE = 60
"""Steps of the course beside the map."""

EARLY = STEPS // 2
"""Rates are measured from here to the end."""


def at_start() -> State:
    """Return courses that all begin at 1 and at rest.

    Returns:
        ``count`` () int64; ``x`` and ``z`` (lanes,), error and last move divided by exp(``log``);
        ``trail`` and ``lengths`` (STEPS + 1, TRACKED), the errors, and the logarithms of the
        lengths of (x, z); ``sizes`` (SPECTRUM,), log10 of the errors at the moment that is shown.
    """
    lanes = TRACKED + SPECTRUM
    return {
        "count": torch.zeros((), dtype=torch.int64),
        "x": torch.ones(lanes),
        "z": torch.zeros(lanes),
        "log": torch.zeros(lanes),
        "trail": torch.ones(STEPS + 1, TRACKED),
        "lengths": torch.zeros(STEPS + 1, TRACKED),
        "sizes": torch.zeros(SPECTRUM),
    }


def both(size: Tensor, kappa: Tensor) -> Tensor:
    """Return step size times curvature along and across: (2,)."""
    return size * torch.stack([1 / kappa, torch.ones_like(kappa)])


def spectrum() -> Tensor:
    """Return the curvatures that are looked at: (SPECTRUM,)."""
    return torch.linspace(0, 1, SPECTRUM)


def settings(size: Tensor, beta: Tensor, kappa: Tensor, place: Tensor) -> tuple[Tensor, Tensor]:
    """Return step size times curvature, and momentum, of each lane: (lanes,) twice.

    Args:
        size: (), the reader's step size.
        beta: (), the reader's momentum.
        kappa: (), the condition number.
        place: (2,), on the map.
    """
    slow, _ = best_descent(kappa)
    fast, push, _ = best_momentum(kappa)
    yours = both(size, kappa)
    a = torch.cat(
        [yours, yours, both(slow, kappa), both(fast, kappa), place[:1], size * spectrum()]
    )
    zero = torch.zeros(2)
    betas = [beta.expand(2), zero, zero, push.expand(2), place[1:], beta.expand(SPECTRUM)]
    return a, torch.cat(betas)


def after_step(state: State, a: Tensor, beta: Tensor, moment: Tensor) -> State:
    """Take one step in every lane.

    Args:
        state: See `at_start`.
        a: (lanes,), step size times curvature.
        beta: (lanes,), momentum.
        moment: (), the step at which the spectrum is kept.
    """
    x, z = onward(state["x"], state["z"], a, beta)
    x, z, total = scaled(x, z, state["log"])
    count = state["count"] + 1
    error = (x * total.clamp(max=20).exp())[:TRACKED].clamp(-LIMIT, LIMIT)
    size = x[TRACKED:].abs().clamp(min=1e-30).log10() + total[TRACKED:] / log(10)
    here = count.reshape(1)
    return {
        "count": count,
        "x": x,
        "z": z,
        "log": total,
        "trail": state["trail"].index_put((here,), error[None]),
        "lengths": state["lengths"].index_put((here,), total[None, :TRACKED]),
        "sizes": torch.where(count == moment.long(), size, state["sizes"]),
    }


def turned(own: Tensor) -> tuple[Tensor, Tensor]:
    """Turn places in the ravine's own axes (..., 2) into the picture's: x and y, (...)."""
    along, across = own[..., 0], own[..., 1]
    return cos(TILT) * along - sin(TILT) * across, sin(TILT) * along + cos(TILT) * across


def own_axes(x: Tensor, y: Tensor) -> Tensor:
    """Turn places in the picture, (...) each, into the ravine's own axes: (..., 2)."""
    return torch.stack([cos(TILT) * x + sin(TILT) * y, cos(TILT) * y - sin(TILT) * x], dim=-1)


def middles(low: float, high: float) -> Tensor:
    """Return the middles of CELLS equal cells between two ends: (CELLS,)."""
    return low + (torch.arange(CELLS) + 0.5) / CELLS * (high - low)


def level(own: Tensor, kappa: Tensor) -> Tensor:
    """Return the ravine's height at places in its own axes, (..., 2): (...)."""
    return 0.5 * (own[..., 0].square() / kappa + own[..., 1].square())


def ravine_of(state: State, kappa: Tensor, begin: Tensor, moment: Tensor) -> dict[str, Output]:
    """Show the ground, both paths on it, and how large each part of the error is.

    Args:
        state: See `at_start`.
        kappa: (), the condition number.
        begin: (2,), where the paths begin in the picture.
        moment: (), steps taken.
    """
    y, x = torch.meshgrid(-middles(-HEIGHT, HEIGHT), middles(-WIDTH, WIDTH), indexing="ij")
    ground = (level(own_axes(x, y), kappa) + 1e-4).log10()
    ground = (ground * 3).floor() / 3  # three contours to a power of ten

    at = moment.long()
    parts = own_axes(begin[0], begin[1])
    trail = state["trail"]
    ways = torch.stack([trail[:, YOURS], trail[:, PLAIN]]) * parts  # (2, STEPS + 1, 2)
    step = torch.arange(STEPS + 1)
    # A path ends where it leaves the picture: to paint all its swings out there takes long.
    outside = ways.abs().amax(dim=2) > OUTSIDE
    last = torch.where(outside, step, STEPS).amin(dim=1, keepdim=True).minimum(at)  # (2, 1)
    taken = step.minimum(last)  # (2, STEPS + 1)
    px, py = turned(torch.take_along_dim(ways, taken[..., None], dim=1))
    now = ways.index_select(1, at.reshape(1))[:, 0]

    every = torch.arange(0, STEPS + 1, 2)
    lines = state["trail"].index_select(0, every)
    sizes = torch.stack([lines[:, YOURS], lines[:, PLAIN]]).abs().clamp(LEAST, LIMIT)
    which = torch.arange(2)
    return {
        "ground": Field(ground, (-WIDTH, WIDTH), (-HEIGHT, HEIGHT)),
        "path": Rows(
            x=px.flatten(),
            y=py.flatten(),
            step=taken.flatten(),
            way=Labels(which.repeat_interleave(STEPS + 1), WAYS),
        ),
        "ball": Rows(x=px[:, -1], y=py[:, -1], way=Labels(which, WAYS)),
        "parts": Rows(
            step=every.repeat_interleave(2).repeat(2),
            size=sizes.flatten(),
            way=Labels(which.repeat_interleave(2 * len(every)), WAYS),
            part=Labels(which.repeat(2 * len(every)), PARTS),
        ),
        "height": level(now[0], kappa).clamp(max=LIMIT),
        "plain_height": level(now[1], kappa).clamp(max=LIMIT),
    }


def map_of(
    state: State, size: Tensor, beta: Tensor, kappa: Tensor, place: Tensor
) -> dict[str, Output]:
    """Show the rate at every place, and the course at the reader's.

    Args:
        state: See `at_start`.
        size: (), the step size in the ravine.
        beta: (), momentum there.
        kappa: (), the condition number.
        place: (2,), step size times curvature, and momentum.
    """
    rates = rate(middles(0, 4)[None, :], -middles(-1, 0)[:, None])
    own = both(size, kappa)
    measured = measured_rates(state)
    return {
        "map": Field(rates.clamp(max=1.5), (0.0, 4.0), (0.0, 1.0)),
        "directions": Rows(x=own, y=beta.expand(2), part=Labels(torch.arange(2), PARTS)),
        "wave": Rows(
            step=torch.arange(WAVE + 1), error=state["trail"][: WAVE + 1, MAP].clamp(-3, 3)
        ),
        "place_product": place[0],
        "place_beta": place[1],
        "place_regime": Labels(regime(place[0], place[1]), REGIMES),
        "place_rate": rate(place[0], place[1]),
        "place_measured": measured[MAP],
        "along_rate": rate(own[0], beta),
        "across_rate": rate(own[1], beta),
    }


def measured_rates(state: State) -> Tensor:
    """Return what a step multiplied each error by, in the second half: (TRACKED,)."""
    lengths = state["lengths"]
    return ((lengths[STEPS] - lengths[EARLY]) / (STEPS - EARLY)).exp()


def rates_of(state: State, size: Tensor, beta: Tensor, kappa: Tensor) -> dict[str, Output]:
    """Show the rates that are promised beside those that were measured.

    Args:
        state: See `at_start`.
        size: (), the reader's step size.
        beta: (), the reader's momentum.
        kappa: (), the condition number.
    """
    measured = measured_rates(state)
    slow, slow_rate = best_descent(kappa)
    fast, push, fast_rate = best_momentum(kappa)

    def digit(speed: Tensor) -> Tensor:
        """Steps to a tenth of the error."""
        return log(10) / -speed.log()

    return {
        "rate_yours": rate(both(size, kappa), beta).amax(dim=0),
        "rate_plain": rate(both(size, kappa), torch.zeros(())).amax(dim=0),
        "rate_descent": slow_rate,
        "rate_best": fast_rate,
        "measured_yours": measured[YOURS].amax(dim=0),
        "measured_plain": measured[PLAIN].amax(dim=0),
        "measured_descent": measured[DESCENT].amax(dim=0),
        "measured_best": measured[BEST].amax(dim=0),
        "best_descent_size": slow,
        "best_size": fast,
        "best_beta": push,
        "digit_descent": digit(slow_rate),
        "digit_best": digit(fast_rate),
        "steps": torch.tensor(STEPS),
    }


def spectrum_of(state: State, kappa: Tensor, moment: Tensor) -> dict[str, Output]:
    """Show what is left of an error at each curvature.

    Args:
        state: See `at_start`.
        kappa: (), the condition number.
        moment: (), steps taken.
    """
    curvature = spectrum()
    slow, _ = best_descent(kappa)
    descent = moment * (1 - slow * curvature).abs().clamp(min=1e-6).log10()
    best = chebyshev(curvature, kappa, moment)
    left = torch.stack([state["sizes"], descent, best]).clamp(-9, 3)
    own = state["trail"].index_select(0, moment.long().reshape(1))[0, YOURS]
    return {
        "left": Rows(
            curvature=curvature.repeat(3),
            size=10 ** left.flatten(),
            promise=Labels(torch.arange(3).repeat_interleave(SPECTRUM), PROMISES),
        ),
        "own": Rows(
            curvature=torch.stack([1 / kappa, torch.ones_like(kappa)]),
            size=own.abs().clamp(LEAST, 1e3),
            part=Labels(torch.arange(2), PARTS),
        ),
        "lowest": Rows(curvature=(1 / kappa).reshape(1)),
    }
