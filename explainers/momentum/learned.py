"""An optimiser that was not written down but learned: an LSTM that turns slopes into steps.

Andrychowicz et al. (2016), "Learning to learn by gradient descent by gradient descent". The same
small network serves every coordinate, each with a memory of its own. It is trained by going
downhill itself, on random surfaces, with noise on every slope that it is told.
"""

from math import exp

import torch
from torch import Tensor, nn

from explainers.momentum.surfaces import EDGE, Family, family
from site_builder import reference_model, track

HIDDEN = 16
"""Numbers in each of the two memories that a coordinate has."""

REACH = 5.0
"""Slopes smaller than exp(-REACH) are told in proportion, larger ones by logarithm and sign."""

STRIDE = 0.1
"""What the network's answer is multiplied by."""

FLOOR = 1e-6
"""Added to heights before their logarithm: getting lower than that earns next to nothing."""

BATCH, SEGMENT, EPOCHS = 64, 20, 400
"""Surfaces at once, steps between two updates of the network, and descents that it learns from."""

LONGEST = 20
"""The most segments of a descent: so it has seen as many as 400 steps in a row."""

GRAIN = 2.0**-14
"""While it learns, places, memories and weights are multiples of this."""


class Learned(nn.Module):
    """A cell of long short-term memory, and a step that is read off it.

    Its input is a slope g as (log|g| / REACH, sign g), or (-1, exp(REACH) g) where g is tiny, as in
    the paper's appendix A: slopes differ by many powers of ten.
    """

    def __init__(self) -> None:
        super().__init__()
        self.gates = nn.Linear(2 + HIDDEN, 4 * HIDDEN)
        self.head = nn.Linear(HIDDEN, 1)

    def forward(self, slope: Tensor, told: Tensor, kept: Tensor) -> tuple[Tensor, Tensor, Tensor]:
        """Return the step (...), and both memories (..., HIDDEN) after it.

        Args:
            slope: (...), one for each coordinate.
            told: (..., HIDDEN), the LSTM's hidden state.
            kept: (..., HIDDEN), its cell state.
        """
        size, tiny = slope.abs(), exp(-REACH)
        scale = torch.where(size < tiny, -1.0, size.clamp(min=tiny).log() / REACH)
        side = torch.where(size < tiny, slope / tiny, slope.sign())
        read = torch.cat([scale[..., None], side[..., None], told], dim=-1)
        take, forget, tell, fresh = self.gates(read).split(HIDDEN, dim=-1)
        kept = forget.sigmoid() * kept + take.sigmoid() * fresh.tanh()
        told = tell.sigmoid() * kept.tanh()
        return STRIDE * self.head(told)[..., 0], told, kept


def nothing(place: Tensor) -> Tensor:
    """Return an empty memory for each coordinate: (..., HIDDEN), as place is (...)."""
    return torch.zeros(*place.shape, HIDDEN)


def noisy(ground: Family, place: Tensor, noise: Tensor, draw: torch.Generator) -> Tensor:
    """Return the slopes at places (N, k, 2), each moved by chance: (N, k, 2).

    Args:
        ground: The surfaces.
        place: Where to look.
        noise: Standard deviations, (N, 1, 1).
        draw: The source of chance.
    """
    return ground.slope(place) + noise * torch.randn(place.shape, generator=draw)


def starts(count: int, draw: torch.Generator) -> Tensor:
    """Draw places all over the picture: (count, 1, 2)."""
    return EDGE * (2 * torch.rand(count, 1, 2, generator=draw) - 1)


def noises(count: int, draw: torch.Generator) -> Tensor:
    """Draw amounts of noise from a thousandth to a seventh: (count, 1, 1)."""
    return torch.exp(-7 + 5 * torch.rand(count, 1, 1, generator=draw))


def grained(numbers: Tensor) -> Tensor:
    """Round to multiples of GRAIN, which gradients take no notice of.

    Processors differ in the last digits of a sum, and steep descents, where one goes to and fro,
    make something of it: within a hundred steps they are elsewhere. Rounded at every step, numbers
    that differ in their last digits are the same again, so that one network is learned everywhere.
    """
    return numbers + ((numbers / GRAIN).round() * GRAIN - numbers).detach()


@reference_model
def learned_optimiser() -> Learned:
    """Learn to go down: lower the mean logarithm of the heights on the way.

    A descent is learned from in segments of SEGMENT steps (truncated backpropagation through time);
    how many it has is drawn. As in the paper, the network's influence on later slopes is left out.
    """
    draw = torch.Generator().manual_seed(1)
    network = Learned()
    with torch.no_grad():  # to begin with, remember
        network.gates.bias[HIDDEN : 2 * HIDDEN] = 1.0
    adam = torch.optim.Adam(network.parameters(), lr=5e-3)
    fading = torch.optim.lr_scheduler.CosineAnnealingLR(adam, EPOCHS)
    descents = track(range(EPOCHS), "an optimiser learns")
    for _ in descents:
        ground, place, noise = family(BATCH, draw), starts(BATCH, draw), noises(BATCH, draw)
        told, kept = nothing(place), nothing(place)
        for _ in range(int(torch.randint(1, LONGEST + 1, (1,), generator=draw))):
            loss = torch.zeros(())
            for _ in range(SEGMENT):
                slope = noisy(ground, place.detach(), noise, draw)
                step, told, kept = network(slope, told, kept)
                place, told, kept = grained(place + step), grained(told), grained(kept)
                loss = loss + (ground.height(place) + FLOOR).log().mean() / SEGMENT
            adam.zero_grad()
            loss.backward()  # type: ignore[no-untyped-call]
            nn.utils.clip_grad_norm_(network.parameters(), 1.0)
            adam.step()
            with torch.no_grad():
                for weights in network.parameters():
                    weights.copy_(grained(weights))
            place, told, kept = place.detach(), told.detach(), kept.detach()
        fading.step()
        descents.loss = loss
    return network
