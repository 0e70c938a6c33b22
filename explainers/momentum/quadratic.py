"""Descent with momentum on parabolas, where everything can be said in closed form.

On a parabola of curvature l, with z <- b z + s l x and x <- x - z for the step size s and the
momentum b, only the product a = s l counts. One step is linear:

    (x, z) <- (x - b z - a x, b z + a x),

and its characteristic equation is r^2 - (1 + b - a) r + b = 0. The larger root in size is the rate:
what the error is multiplied by in each step, once the other root's part has died away.
"""

import torch
from torch import Tensor

REGIMES = ("ripples", "monotone decrease", "bounces", "critical", "divergence")
RIPPLES, DECREASE, BOUNCES, CRITICAL, DIVERGENCE = range(5)

EDGE_OF_SIGHT = 2e-3
"""How near to the border between ripples and none the roots count as equal."""

TINY = 1e-30


def discriminant(a: Tensor, beta: Tensor) -> Tensor:
    """Return (1 + b - a)^2 - 4 b: below zero the roots are complex, and the error ripples.

    Args:
        a: Step size times curvature.
        beta: Momentum; both of any shapes that broadcast.
    """
    return (1 + beta - a).square() - 4 * beta


def rate(a: Tensor, beta: Tensor) -> Tensor:
    """Return the size of the larger root.

    Args:
        a: Step size times curvature.
        beta: Momentum; both of any shapes that broadcast.
    """
    beneath = discriminant(a, beta)
    apart = ((1 + beta - a).abs() + beneath.clamp(min=0).sqrt()) / 2
    return torch.where(beneath < 0, beta.clamp(min=0).sqrt(), apart)


def regime(a: Tensor, beta: Tensor) -> Tensor:
    """Tell how the error goes, as an index into `REGIMES`: int64.

    Args:
        a: Step size times curvature.
        beta: Momentum; both of any shapes that broadcast.
    """
    beneath, trend = discriminant(a, beta), 1 + beta - a
    plain = torch.where(trend >= 0, DECREASE, BOUNCES)
    found = torch.where(beneath < 0, RIPPLES, plain)
    found = torch.where(beneath.abs() < EDGE_OF_SIGHT, CRITICAL, found)
    return torch.where(rate(a, beta) >= 1, DIVERGENCE, found)


def best_descent(kappa: Tensor) -> tuple[Tensor, Tensor]:
    """Return the best step size without momentum, and its rate (kappa - 1) / (kappa + 1).

    Args:
        kappa: The condition number; curvatures are between 1 / kappa and 1.
    """
    return 2 * kappa / (kappa + 1), (kappa - 1) / (kappa + 1)


def best_momentum(kappa: Tensor) -> tuple[Tensor, Tensor, Tensor]:
    """Return the best step size and momentum, and their rate (root - 1) / (root + 1).

    The root is that of kappa (Polyak 1964). Both ends of the spectrum are then critical.

    Args:
        kappa: The condition number; curvatures are between 1 / kappa and 1.
    """
    root = kappa.sqrt()
    speed = (root - 1) / (root + 1)
    return (2 * root / (root + 1)).square(), speed.square(), speed


def onward(x: Tensor, z: Tensor, a: Tensor, beta: Tensor) -> tuple[Tensor, Tensor]:
    """Take one step: x and z, of the shape in which all broadcast.

    Args:
        x: The errors.
        z: The last moves.
        a: Step size times curvature.
        beta: Momentum.
    """
    z = beta * z + a * x
    return x - z, z


def scaled(x: Tensor, z: Tensor, log: Tensor) -> tuple[Tensor, Tensor, Tensor]:
    """Bring (x, z) to length one and add the logarithm of the length to `log`.

    So neither a fast course nor one that diverges leaves the range of float32.

    Args:
        x: The errors, divided by exp(log).
        z: The last moves, divided by it too.
        log: The logarithm of the lengths so far.
    """
    length = (x.square() + z.square()).sqrt().clamp(min=TINY)
    return x / length, z / length, log + length.log()


def chebyshev(curvature: Tensor, kappa: Tensor, steps: Tensor) -> Tensor:
    """Return log10 of the size of the best polynomial of a degree: that which no method can beat.

    Of all polynomials with value 1 at 0, this is the one whose largest size on [1 / kappa, 1] is
    least: T(m(l)) / T(m(0)), where T is Chebyshev's and m brings the interval to [-1, 1].

    Args:
        curvature: Where, (n,); below 1 / kappa it grows towards 1.
        kappa: (), the condition number.
        steps: (), the degree.
    """

    def log_size(m: Tensor) -> Tensor:
        inside = (steps * m.clamp(-1, 1).acos()).cos().abs().clamp(min=1e-6).log()
        beyond = m.abs().clamp(min=1)
        angle = steps * (beyond + (beyond.square() - 1).sqrt()).log()
        outside = angle + ((1 + torch.exp(-2 * angle)) / 2).log()
        return torch.where(m.abs() <= 1, inside, outside)

    low = 1 / kappa
    middle, half = (1 + low) / 2, (1 - low) / 2
    return (log_size((middle - curvature) / half) - log_size(middle / half)) / torch.log(
        torch.tensor(10.0)
    )
