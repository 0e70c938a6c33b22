"""Three ways to learn what is ordinary, each fitted on the same ordinary log-ins.

K-means remembers a few typical places and measures how far off an event is. A one-class support
vector machine lays a smooth hill over the events it has seen and measures how far down the slope
an event stands. An autoencoder squeezes an event through a single number, rebuilds it, and
measures what was lost.

Hours and kilometres are first standardised (mean 0, standard deviation 1), so that none of the
three cares which unit is the larger.
"""

import torch
from torch import Tensor, nn

from explainers.anomaly.data import training_events
from site_builder import device, reference_model, track

DETECTORS = ("k-means", "one-class SVM", "autoencoder")

CENTRES = 4
RESTARTS = 10
GIVEN_UP = 0.05
GAMMA = 0.5
HIDDEN = 8
EPOCHS = 2500
MEMORIES = 32


def squared_distances(events: Tensor, places: Tensor) -> Tensor:
    """Return the squared Euclidean distance of each of (N, 2) to each of (M, 2): (N, M)."""
    return (events[:, None, :] - places[None, :, :]).square().sum(dim=2)


class KMeans(nn.Module):
    """How far is it to the nearest typical place?

    Attributes:
        centres: (K, 2), the typical places.
    """

    centres: Tensor

    def __init__(self, centres: Tensor) -> None:
        super().__init__()
        self.register_buffer("centres", centres)

    def forward(self, events: Tensor) -> Tensor:
        """Return the distance of (N, 2) standardised events to the nearest centre: (N,)."""
        return squared_distances(events, self.centres).amin(dim=1).sqrt()


class OneClassSVM(nn.Module):
    """How far below the rim of the hill does an event stand?

    The hill is a sum of bells, one on each support vector (Schölkopf et al., 2001, "Estimating the
    support of a high-dimensional distribution", equation 3.10):
    f(x) = sum_i alpha_i exp(-gamma |x - x_i|^2), and its rim is at height rho.

    Attributes:
        supports: (M, 2), the events that hold the hill up.
        alphas: (M,), their weights, positive and summing to one.
        rho: (), the height of the rim.
    """

    supports: Tensor
    alphas: Tensor
    rho: Tensor

    def __init__(self, supports: Tensor, alphas: Tensor, rho: Tensor) -> None:
        super().__init__()
        self.register_buffer("supports", supports)
        self.register_buffer("alphas", alphas)
        self.register_buffer("rho", rho)

    def forward(self, events: Tensor) -> Tensor:
        """Return rho - f of (N, 2) standardised events, positive beyond the rim: (N,)."""
        bells = torch.exp(-GAMMA * squared_distances(events, self.supports))
        return self.rho - bells @ self.alphas


class Autoencoder(nn.Module):
    """How badly is an event rebuilt after being squeezed through one number?

    Two layers squeeze (2 to 8 to 1) and two rebuild (1 to 8 to 2), with tanh on the eights.
    """

    def __init__(self) -> None:
        super().__init__()
        self.squeeze = nn.Sequential(nn.Linear(2, HIDDEN), nn.Tanh(), nn.Linear(HIDDEN, 1))
        self.rebuild = nn.Sequential(nn.Linear(1, HIDDEN), nn.Tanh(), nn.Linear(HIDDEN, 2))

    def forward(self, events: Tensor) -> Tensor:
        """Return the distance between (N, 2) standardised events and their copies: (N,)."""
        copies: Tensor = self.rebuild(self.squeeze(events))
        return (events - copies).square().sum(dim=1).sqrt()


class Detectors(nn.Module):
    """The three side by side, on one scale.

    A raw score means little on its own: one detector measures distance, another the height on a
    hill. So each is counted in standard deviations above its own mean over the training events.

    Attributes:
        mean, deviation: (2,) each; hours and km of the training events.
        raw_mean, raw_deviation: (3, 1) each; raw scores of the training events.
        memories: (3, MEMORIES, 2), hour and km of what each detector keeps of its training:
            centres, support vectors, and places along the line that the autoencoder can rebuild.
            Where a detector keeps fewer, they repeat.
        support_count: (), how many support vectors the machine kept.
    """

    mean: Tensor
    deviation: Tensor
    raw_mean: Tensor
    raw_deviation: Tensor
    memories: Tensor
    support_count: Tensor

    def __init__(
        self, k_means: KMeans, machine: OneClassSVM, autoencoder: Autoencoder, events: Tensor
    ) -> None:
        """Join three fitted detectors; `events` are the (N, 2) training events, hours and km."""
        super().__init__()
        self.detectors = nn.ModuleList([k_means, machine, autoencoder])
        self.register_buffer("mean", events.mean(dim=0))
        self.register_buffer("deviation", events.std(dim=0))
        with torch.no_grad():
            scaled = self.standardise(events)
            raw = self.raw(scaled)
            codes = autoencoder.squeeze(scaled)
            line = autoencoder.rebuild(
                torch.linspace(codes.min().item(), codes.max().item(), MEMORIES)[:, None]
            )
        kept = (k_means.centres, machine.supports, line)
        turn = torch.arange(MEMORIES)
        memories = torch.stack([places[turn % len(places)] for places in kept])
        self.register_buffer("raw_mean", raw.mean(dim=1, keepdim=True))
        self.register_buffer("raw_deviation", raw.std(dim=1, keepdim=True))
        self.register_buffer("memories", memories * self.deviation + self.mean)
        self.register_buffer("support_count", torch.tensor(len(machine.supports)))

    def standardise(self, events: Tensor) -> Tensor:
        """Bring (N, 2) hours and km to mean 0 and standard deviation 1."""
        return (events - self.mean) / self.deviation

    def raw(self, scaled: Tensor) -> Tensor:
        """Return each detector's own measure of (N, 2) standardised events: (3, N)."""
        return torch.stack([detector(scaled) for detector in self.detectors])

    def forward(self, events: Tensor) -> Tensor:
        """Score (N, 2) events in hours and km, in standard deviations above ordinary: (3, N)."""
        return (self.raw(self.standardise(events)) - self.raw_mean) / self.raw_deviation


def scattered_start(events: Tensor) -> Tensor:
    """Pick CENTRES of (N, 2) events, each new one where the others are far: (K, 2).

    An event is drawn with a chance that grows as the square of its distance to the centres so far
    (Arthur & Vassilvitskii, 2007, "k-means++: the advantages of careful seeding").
    """
    centres = events[torch.randint(len(events), (1,))]
    while len(centres) < CENTRES:
        chances = squared_distances(events, centres).amin(dim=1)
        centres = torch.cat([centres, events[torch.multinomial(chances, 1)]])
    return centres


def fit_k_means(events: Tensor) -> KMeans:
    """Move centres to the middle of what is nearest to them until nothing moves.

    Lloyd, 1982, "Least squares quantization in PCM". The best of RESTARTS starts is kept.

    Args:
        events: (N, 2), standardised.
    """
    best, best_loss = events[:CENTRES], torch.tensor(torch.inf)
    restarts = track(range(RESTARTS), "k-means")
    for _ in restarts:
        centres, before = scattered_start(events), None
        while before is None or not torch.equal(centres, before):
            before = centres
            nearest = squared_distances(events, centres).argmin(dim=1)
            # The start puts every centre on an event of its own, so no group is ever empty here.
            centres = torch.stack([events[nearest == k].mean(dim=0) for k in range(CENTRES)])
        loss = squared_distances(events, centres).amin(dim=1).mean()
        restarts.loss = loss
        if loss < best_loss:
            best, best_loss = centres, loss
    return KMeans(best)


def fit_one_class_svm(events: Tensor) -> OneClassSVM:
    """Find the weights of the bells by sequential minimal optimisation.

    The dual (Schölkopf et al., 2001, equation 3.11) is: minimise alpha' K alpha / 2 where the
    alphas sum to one and each lies in [0, 1 / (nu N)]. The slope of that sum with respect to
    alpha_i is f(x_i). Each step shifts weight from the event with the highest f to the one with
    the lowest, as far as the limits allow, until the two agree (Platt, 1998; Keerthi et al., 2001).

    Args:
        events: (N, 2), standardised; at most the share GIVEN_UP, which is nu, ends beyond the rim.
    """
    kernel = torch.exp(-GAMMA * squared_distances(events, events))
    limit = 1.0 / (GIVEN_UP * len(events))
    alphas = torch.full((len(events),), 1.0 / len(events))
    heights = kernel @ alphas
    shifts = track(range(20_000), "one-class SVM")
    for _ in shifts:
        low = torch.where(alphas < limit, heights, torch.inf).argmin()
        high = torch.where(alphas > 0.0, heights, -torch.inf).argmax()
        gap = heights[high] - heights[low]
        shifts.loss = gap
        if gap < 1e-10:
            break
        curvature = kernel[low, low] + kernel[high, high] - 2.0 * kernel[low, high]
        room = torch.minimum(limit - alphas[low], alphas[high])
        shift = torch.minimum(gap / curvature, room)
        # Written as limits, not differences: an alpha that reaches a limit must be equal to it.
        full = limit - alphas[low] <= shift
        alphas[low] = torch.where(full, limit, alphas[low] + shift)
        empty = alphas[high] <= shift
        alphas[high] = torch.where(empty, 0.0, alphas[high] - shift)
        heights += shift * (kernel[:, low] - kernel[:, high])
    on_the_rim = (alphas > 0.0) & (alphas < limit)
    held = alphas > 0.0
    return OneClassSVM(events[held], alphas[held], heights[on_the_rim].mean())


def fit_autoencoder(events: Tensor) -> Autoencoder:
    """Train the network to give back its own input, by Adam with a fading learning rate.

    Args:
        events: (N, 2), standardised.
    """
    autoencoder = Autoencoder().to(device())
    events = events.to(device())
    adam = torch.optim.Adam(autoencoder.parameters(), lr=0.03)
    fading = torch.optim.lr_scheduler.CosineAnnealingLR(adam, EPOCHS)
    epochs = track(range(EPOCHS), "autoencoder")
    for _ in epochs:
        adam.zero_grad()
        loss = autoencoder(events).square().mean()
        loss.backward()
        adam.step()
        fading.step()
        epochs.loss = loss
    return autoencoder.cpu()


@reference_model
def detectors() -> Detectors:
    """Fit all three on the 400 ordinary training events, and on nothing else."""
    events = training_events()
    scaled = (events - events.mean(dim=0)) / events.std(dim=0)
    return Detectors(
        fit_k_means(scaled), fit_one_class_svm(scaled), fit_autoencoder(scaled), events
    )
