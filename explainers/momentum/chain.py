"""The worst case: a chain of springs, along which news travels one link a step.

Nesterov (2004), "Introductory lectures on convex optimization", section 2.1.4, in the form that
Goh (2017) calls the convex Rosenbrock function: the first bead is tied to 1, every other to the one
before it. Half the sum of the squared stretches is to be made 0.
"""

from math import cos, pi

import torch
from torch import Tensor

from explainers.momentum.quadratic import best_momentum
from site_builder import Field, Output, Rows

State = dict[str, Tensor]

BEADS, STEPS = 30, 150

LOWEST, HIGHEST = (2 - 2 * cos(pi * k / (2 * BEADS + 1)) for k in (1, 2 * BEADS - 1))
"""The ends of the spectrum: eigenvalues of the chain, in closed form."""

KAPPA = HIGHEST / LOWEST


def at_start() -> State:
    """Return a chain at 0 and at rest.

    Returns:
        ``count`` () int64; ``x`` and ``z`` (BEADS,), heights and last moves; ``trail`` (STEPS + 1,
        BEADS), the heights step by step.
    """
    return {
        "count": torch.zeros((), dtype=torch.int64),
        "x": torch.zeros(BEADS),
        "z": torch.zeros(BEADS),
        "trail": torch.zeros(STEPS + 1, BEADS),
    }


def pull(x: Tensor) -> Tensor:
    """Return the gradient (BEADS,): how far each bead is above its neighbours, added up."""
    before = torch.cat([torch.ones(1), x[:-1]])
    after = torch.cat([x[1:], x[-1:]])
    return 2 * x - before - after


def after_step(state: State, size: Tensor, beta: Tensor) -> State:
    """Take a step of descent with momentum.

    Args:
        state: See `at_start`.
        size: (), the step size.
        beta: (), momentum.
    """
    z = beta * state["z"] + size * pull(state["x"])
    x, count = (state["x"] - z).clamp(-100, 100), state["count"] + 1
    trail = state["trail"].index_put((count.reshape(1),), x[None])
    return {"count": count, "x": x, "z": z.clamp(-100, 100), "trail": trail}


def shown(state: State, moment: Tensor) -> dict[str, Output]:
    """Show the heights at every step, and at one.

    Args:
        state: See `at_start`.
        moment: (), that step.
    """
    trail, at = state["trail"], moment.long()
    here = trail.index_select(0, at.reshape(1))[0]
    error = (trail - 1).square().mean(dim=1).sqrt()
    bead = torch.arange(1, BEADS + 1)
    size, beta, _ = best_momentum(torch.tensor(KAPPA))  # where the largest curvature is 1
    return {
        "chain": Rows(bead=bead, height=here.clamp(-1, 3)),
        "front": Field(trail.flip(0).clamp(-1, 2), (0.5, BEADS + 0.5), (-0.5, STEPS + 0.5)),
        "now": Rows(step=at.reshape(1)),
        "moved": (here != 0).sum(),
        "beads": torch.tensor(BEADS),
        "error": error.index_select(0, at.reshape(1))[0].clamp(max=100),
        "kappa": torch.tensor(KAPPA),
        "best_size": size / HIGHEST,
        "best_beta": beta,
    }
