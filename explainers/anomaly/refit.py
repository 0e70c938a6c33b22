"""The autoencoder once more, fitted in the reader's browser as the reader likes."""

from typing import ClassVar

import altair as alt
import torch
from torch import Tensor
from torch.func import grad_and_value

from explainers.anomaly import refit_pictures as pictures
from explainers.anomaly.data import (
    FIRST_THREAT,
    KINDS,
    SLIPPED,
    desk_events,
    slipped_events,
    training_events,
)
from explainers.anomaly.models import DETECTORS, detectors
from explainers.anomaly.network import NAMES, WIDEST, Weights, initial, losses, strands
from explainers.anomaly.verdicts import LAST_HOUR, LAST_KM, OUTCOMES, TRUTHS, outcomes
from explainers.playground import history
from site_builder import (
    Choice,
    Explorable,
    Field,
    Labels,
    Noise,
    Output,
    Rows,
    Seed,
    Size,
    Slider,
    figure,
)
from site_builder.optimisers import Adam

RATES = ("0.001", "0.003", "0.01", "0.03", "0.1", "0.3")
BOTTLENECKS = ("one number", "two numbers")
SLIPS = ("threats of every kind", *KINDS[FIRST_THREAT:])
MODELS = ("built", "yours")

COUNT = 400
"""Training log-ins."""

BATCH = 50

COLUMNS, ROWS = 48, 28
"""Cells of the picture across and up, half an hour by 2.5 km each."""

LOUD = 12.0
"""Deviations above the threshold from which on the picture gets no stronger."""


def slipped_in(share: Tensor) -> Tensor:
    """Return how many of the training log-ins are threats, () int64, for a share in %."""
    return (share / 100 * COUNT).round().long()


def whole(state: dict[str, Tensor]) -> dict[str, Tensor]:
    """Return a state whose length of stretches, which `history` divides by, is a whole number."""
    return {**state, "stretch": state["stretch"].round()}


def middles() -> Tensor:
    """Return hour and km of the middle of each cell of the picture, row by row from the top."""
    hours = (torch.arange(COLUMNS) + 0.5) / COLUMNS * LAST_HOUR
    kms = (torch.arange(ROWS - 1, -1, -1) + 0.5) / ROWS * LAST_KM
    across, down = hours.repeat(ROWS), kms[:, None].expand(ROWS, COLUMNS).flatten()
    return torch.stack([across, down], dim=1)


class Refit(Explorable):
    """An autoencoder that the reader fits, beside the one that was fitted when the site was built.

    The methods get choices as their indices, () int64, and the bottleneck as an int; the width n as
    ``arange(n)``, (n,) int64; sliders as () float32. Noise comes in the shapes given here.
    """

    hidden = Size(1, WIDEST, 8, label="Units in each hidden layer")
    bottleneck = Choice(*BOTTLENECKS, label="The bottleneck lets pass", static=True)
    rate = Choice(*RATES, default="0.03", label="Learning rate")
    share = Slider(0.0, 10.0, 0.0, step=1.0, label="Threats slipped into the training data, %")
    slipped = Choice(*SLIPS, label="What slips in")
    threshold = Slider(0.0, 10.0, 3.0, step=0.1, label="Alarm threshold")
    seed = Seed(1, label="Seed")

    draws = Noise((len(NAMES), WIDEST + 1, WIDEST), "uniform")
    order = Noise((COUNT,), "permutation")
    slots = Noise((COUNT,), "permutation")

    strides: ClassVar = {"batch": 1, "epoch": "batches"}

    mean: Tensor
    deviation: Tensor
    ordinary: Tensor
    threats: Tensor
    desk: Tensor
    kind: Tensor
    is_threat: Tensor
    built_scores: Tensor

    def __init__(self) -> None:
        super().__init__()
        built, logins = detectors(), desk_events()
        self.register_buffer("mean", built.mean.float())
        self.register_buffer("deviation", built.deviation.float())
        self.register_buffer("ordinary", built.standardise(training_events()).float())
        self.register_buffer("threats", built.standardise(slipped_events()).float().flatten(0, 1))
        self.register_buffer("desk", built.standardise(logins.events).float())
        self.held_out = int((logins.kind == 0).sum())  # the desk's first ones, of ordinary days
        self.register_buffer("kind", logins.kind)
        self.register_buffer("is_threat", logins.kind >= FIRST_THREAT)
        with torch.no_grad():
            scores = built(logins.events.float())[DETECTORS.index("autoencoder")]
        self.register_buffer("built_scores", scores)

    def lessons(self, share: Tensor, slipped: Tensor, order: Tensor, slots: Tensor) -> Tensor:
        """Return what is trained on: (COUNT, 2), standardised.

        Threats take the places of ordinary log-ins all over the order; more of them leave those
        that are there where they are.
        """
        among = slots < slipped_in(share)
        threats = self.slips(slipped, torch.where(among, slots, 0))
        return torch.where(among[:, None], threats, self.ordinary.index_select(0, order))

    def slips(self, slipped: Tensor, number: Tensor) -> Tensor:
        """Return threats that slip in, (N, 2), standardised, by their numbers (N,) int64."""
        kinds = len(SLIPS) - 1
        of_every_kind = number % kinds * SLIPPED + number // kinds
        row = torch.where(slipped == 0, of_every_kind, (slipped - 1) * SLIPPED + number)
        return self.threats.index_select(0, row)

    def start(self, draws: Tensor, hidden: Tensor, bottleneck: int) -> dict[str, Tensor]:
        """Return a network that has learned nothing."""
        network = initial(draws, hidden, bottleneck + 1)
        return {**network, **Adam().start(network), **history.empty()}

    def step(
        self,
        state: dict[str, Tensor],
        rate: Tensor,
        share: Tensor,
        slipped: Tensor,
        order: Tensor,
        slots: Tensor,
    ) -> dict[str, Tensor]:
        """Learn to repeat one batch, by Adam; as many held-out log-ins are looked at beside it."""
        events = self.lessons(share, slipped, order, slots)
        rows = state["position"] * BATCH + torch.arange(BATCH)
        batch = events.index_select(0, rows % COUNT)
        held_out = self.desk.index_select(0, rows % self.held_out)

        def loss(network: Weights) -> Tensor:
            return losses(network, batch).mean()

        network = {name: state[name] for name in NAMES}
        gradients, met = grad_and_value(loss)(network)
        rates = torch.tensor([float(word) for word in RATES])
        adam = Adam(rates.index_select(0, rate.reshape(1))[0])
        moved, slots_of_adam = adam.step(network, gradients, state)
        both = torch.stack([met, losses(network, held_out).mean()])
        batches = torch.tensor(COUNT // BATCH)
        return {**moved, **slots_of_adam, **history.after_batch(whole(state), both, batches)}

    def forward(
        self,
        state: dict[str, Tensor],
        bottleneck: int,
        share: Tensor,
        slipped: Tensor,
        order: Tensor,
        slots: Tensor,
        threshold: Tensor,
    ) -> dict[str, Output]:
        """Judge the desk's log-ins and every cell of the picture with the network as it is now."""
        network = {name: state[name] for name in NAMES}
        events = self.lessons(share, slipped, order, slots)
        desk, ground = len(self.desk), (middles() - self.mean) / self.deviation
        each = losses(network, torch.cat([events, self.desk, ground]))
        lost = each.sqrt()

        # Counted as those of the three detectors: in deviations above the mean of its own training.
        usual = lost[:COUNT].mean()
        spread = ((lost[:COUNT] - usual).square().sum() / (COUNT - 1)).sqrt().clamp(min=1e-6)
        scores = (lost[COUNT:] - usual) / spread
        alarm = scores[:desk] > threshold
        rings = torch.stack([self.built_scores > threshold, alarm])  # (2, desk)
        caught = (rings & self.is_threat).sum(dim=1)
        false_alarms = (rings & ~self.is_threat).sum(dim=1)
        recall = caught / self.is_threat.sum()
        precision = caught / (caught + false_alarms).clamp(min=1)

        train_loss = each[:COUNT].mean()
        held_loss = each[COUNT : COUNT + self.held_out].mean()
        batches = torch.tensor(COUNT // BATCH)
        now = state["epoch"] + state["position"] / batches
        epochs, curves = history.curve(whole(state), now, torch.stack([train_loss, held_loss]))

        places, strand = strands(network, events, bottleneck + 1)
        places = places * self.deviation + self.mean
        met = self.desk * self.deviation + self.mean
        number = torch.arange(SLIPPED)
        slips = self.slips(slipped, number) * self.deviation + self.mean
        loudness = (scores[desk:] - threshold).clamp(-1.0, LOUD).reshape(ROWS, COLUMNS)
        return {
            "ground": Field(loudness, (0, LAST_HOUR), (0, LAST_KM)),
            "logins": Rows(
                hour=met[:, 0],
                km=met[:, 1],
                score=scores[:desk],
                outcome=Labels(outcomes(alarm, self.is_threat), OUTCOMES),
                kind=Labels(self.kind, KINDS),
            ),
            "line": Rows(
                hour=places[:, 0],
                km=places[:, 1],
                strand=strand,
                along=torch.arange(len(places)),
            ),
            "slips": Rows(hour=slips[:, 0], km=slips[:, 1], used=number < slipped_in(share)),
            "groups": self.groups(rings),
            "history": Rows(epoch=epochs, training=curves[:, 0], held_out=curves[:, 1]),
            "now": Rows(
                examples=Labels(torch.arange(2), pictures.SPLITS),
                epoch=now.expand(2),
                loss=torch.stack([train_loss, held_loss]),
            ),
            "epoch": state["epoch"].long(),
            "batch_size": torch.tensor(BATCH),
            "batches": batches,
            "train_loss": train_loss,
            "held_loss": held_loss,
            "caught": caught[1],
            "false_alarms": false_alarms[1],
            "recall": recall[1],
            "precision": precision[1],
            "built_caught": caught[0],
            "built_false_alarms": false_alarms[0],
            "built_recall": recall[0],
            "built_precision": precision[0],
            "slipped_in": slipped_in(share),
        }

    def groups(self, rings: Tensor) -> Rows:
        """Count, for each kind of log-in and both autoencoders, the share that rings.

        Args:
            rings: (2, N) bool, of the built one and of the reader's.
        """
        kinds = torch.arange(len(KINDS))
        members = self.kind[None, :] == kinds[:, None]  # (kinds, N)
        ringing = (rings[None, :, :] & members[:, None, :]).sum(dim=2)  # (kinds, 2)
        return Rows(
            kind=Labels(kinds.repeat_interleave(2), KINDS),
            truth=Labels((kinds >= FIRST_THREAT).long().repeat_interleave(2), TRUTHS),
            model=Labels(torch.arange(2).repeat(len(KINDS)), MODELS),
            share=(ringing / members.sum(dim=1, keepdim=True)).flatten(),
        )

    @figure(
        alt="Log-ins by hour of the day and distance from the office, on the ground where the "
        "reader's autoencoder rings, the darker the louder. A line, or a net of lines, shows "
        "everything that it can rebuild. Crosses are threats slipped into its training data."
    )
    def region(self) -> alt.LayerChart | alt.FacetChart:
        """Draw where the autoencoder rings, and what it can rebuild."""
        return pictures.region()

    @figure(
        alt="The loss epoch by epoch: one line for the training log-ins, one, dashed, for held-out "
        "ordinary log-ins."
    )
    def loss(self) -> alt.LayerChart | alt.FacetChart:
        """Draw the loss of training and held-out log-ins over time."""
        return pictures.loss()

    @figure(
        alt="A table of seven kinds of log-in by two autoencoders, the one that came with the page "
        "and the reader's; each cell shows the share that rings at the present threshold."
    )
    def beside(self) -> alt.LayerChart | alt.FacetChart:
        """Draw which kinds of log-in ring which of the two."""
        return pictures.beside()
