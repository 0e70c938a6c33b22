"""The playground, as a module that a reader can touch, and its pictures."""

from typing import ClassVar

import altair as alt
import torch
from torch import Tensor
from torch.func import grad_and_value

from explainers.playground import drawn_network, history, pictures
from explainers.playground.data import (
    CAPACITY,
    CLASSES,
    COUNT,
    DATASETS,
    EDGE,
    FEATURES,
    OWN_POINTS,
    all_features,
    examples,
    grid,
)
from explainers.playground.layout import with_link
from explainers.playground.network import (
    ACTIVATIONS,
    LOSSES,
    PENALTIES,
    RATES,
    STRENGTHS,
    Weights,
    answers,
    initial,
    losses,
    names,
    number,
    ones_beside,
    penalty_gradient,
    values,
)
from explainers.playground.shown import (
    PICTURE,
    SPLITS,
    SURFACE,
    count_of,
    links_of,
    mean,
    outcome_of,
    points_of,
    surface_of,
    units_of,
)
from site_builder import (
    Choice,
    Choices,
    Explorable,
    Labels,
    Noise,
    Output,
    Placed,
    Points,
    Rows,
    Seed,
    Size,
    Slider,
    Toggle,
    figure,
)
from site_builder.optimisers import Chosen


class Playground(Explorable):
    """A network learns points in the plane; the reader shapes it and trains it.

    The methods get each choice as its index, () int64, and so `depth` as the number of hidden
    layers, an int; each size n as ``arange(n)``, (n,) int64; features as their indices, (k,) int64;
    sliders as () float32 and toggles as () bool. Noise comes in the shapes given here.
    """

    dataset = Choice(*DATASETS, label="Data")
    noise = Slider(0.0, 50.0, 0.0, step=5.0, label="Noise, %")
    ratio = Slider(10.0, 90.0, 50.0, step=10.0, label="Share of the data for training, %")
    batch = Size(1, 30, 10, label="Batch size")
    features = Choices(*FEATURES, default=FEATURES[:2], label="Features")
    depth = Choice(*"0123456", default="2", label="Hidden layers", static=True)
    units_1 = Size(1, 8, 4, label="Units in layer 1")
    units_2 = Size(1, 8, 2, label="Units in layer 2")
    units_3 = Size(1, 8, 2, label="Units in layer 3")
    units_4 = Size(1, 8, 2, label="Units in layer 4")
    units_5 = Size(1, 8, 2, label="Units in layer 5")
    units_6 = Size(1, 8, 2, label="Units in layer 6")
    activation = Choice(*ACTIVATIONS, label="Activation")
    criterion = Choice(*LOSSES, label="Loss")
    optimiser = Choice(*Chosen.CHOICES, label="Optimiser")
    rate = Choice(*RATES, default="0.03", label="Learning rate")
    penalty = Choice(*PENALTIES, label="Regularisation")
    strength = Choice(*STRENGTHS, default="0.003", label="Regularisation rate")
    discretise = Toggle(False, label="Show classes only")
    show_test = Toggle(False, label="Show test data")
    own = Points(
        CAPACITY,
        x=(-EDGE, EDGE),
        y=(-EDGE, EDGE),
        value=(-1, 1),
        labels=CLASSES,
        default=OWN_POINTS,
        label="Your own points",
    )
    seed = Seed(1, label="Seed of the weights")
    data_seed = Seed(1, label="Seed of the data")

    weights = Noise((7, 8, 8))
    spread = Noise((COUNT, 2), "uniform", seed="data_seed")
    bell = Noise((COUNT, 2), seed="data_seed")
    drift = Noise((COUNT, 2), seed="data_seed")
    order = Noise((COUNT,), "permutation", seed="data_seed")

    strides: ClassVar = {"batch": 1, "epoch": "batches"}

    def start(
        self,
        weights: Tensor,
        features: Tensor,
        depth: int,
        units_1: Tensor,
        units_2: Tensor,
        units_3: Tensor,
        units_4: Tensor,
        units_5: Tensor,
        units_6: Tensor,
    ) -> dict[str, Tensor]:
        """Return a network that has learned nothing."""
        units = [units_1, units_2, units_3, units_4, units_5, units_6][:depth]
        network = initial(weights, features, units)
        slots = Chosen(torch.tensor(0), 0.0).start(network)
        return {**network, **slots, **history.empty()}

    def step(
        self,
        state: dict[str, Tensor],
        dataset: Tensor,
        noise: Tensor,
        ratio: Tensor,
        own: Placed,
        spread: Tensor,
        bell: Tensor,
        drift: Tensor,
        order: Tensor,
        features: Tensor,
        depth: int,
        batch: Tensor,
        activation: Tensor,
        criterion: Tensor,
        optimiser: Tensor,
        rate: Tensor,
        penalty: Tensor,
        strength: Tensor,
    ) -> dict[str, Tensor]:
        """Learn from one batch.

        As many test examples are looked at beside it, to tell their loss; nothing is learned from
        them.
        """
        known = examples(dataset, noise, ratio, own, spread, bell, drift, order)
        table = torch.cat([self.told(known.xy, features), known.label], dim=1)
        size = torch.ones_like(batch).sum()
        row = state["position"] * size + batch
        tested = known.train_count + row % known.test_count.clamp(min=1)

        def loss(network: Weights, rows: Tensor) -> Tensor:
            met = table.index_select(0, rows)
            _, logits = values(network, met[:, :-1], activation)
            return losses(logits, met[:, -1:], criterion, known.regression).mean()

        network = {name: state[name] for name in names(depth)}
        gradients, train_loss = grad_and_value(loss)(network, row % known.train_count)
        means = torch.stack([train_loss, loss(network, tested)])
        pull = number(STRENGTHS, strength)
        gradients = {
            name: gradient + penalty_gradient(network[name], penalty, pull)
            for name, gradient in gradients.items()
        }
        moves = Chosen(optimiser, number(RATES, rate))
        network, slots = moves.step(network, gradients, state)
        batches = (known.train_count + size - 1) // size
        return {**network, **slots, **history.after_batch(state, means, batches)}

    def edit(
        self, state: dict[str, Tensor], row: Tensor, value: Tensor, depth: int
    ) -> dict[str, Tensor]:
        """Set the weight of one link."""
        network = {name: state[name] for name in names(depth)}
        return {**state, **with_link(network, row, value)}

    def forward(
        self,
        state: dict[str, Tensor],
        dataset: Tensor,
        noise: Tensor,
        ratio: Tensor,
        own: Placed,
        spread: Tensor,
        bell: Tensor,
        drift: Tensor,
        order: Tensor,
        features: Tensor,
        depth: int,
        batch: Tensor,
        activation: Tensor,
        criterion: Tensor,
        discretise: Tensor,
        show_test: Tensor,
    ) -> dict[str, Output]:
        """Show the network as it is now."""
        known = examples(dataset, noise, ratio, own, spread, bell, drift, order)
        network = {name: state[name] for name in names(depth)}
        layers = [features, *(matrix[-1] for matrix in network.values())][:-1]
        size = torch.ones_like(batch).sum()
        batches = (known.train_count + size - 1) // size

        # One pass for the examples and for every place of the pictures.
        every = torch.cat([known.xy, grid(SURFACE), grid(PICTURE)])
        told = self.told(every, features)
        hidden, logits = values(network, told, activation)
        answer = answers(logits, criterion, known.regression)
        surface, outcome = answer[COUNT : -(PICTURE**2)], answer[-(PICTURE**2) :]
        each = losses(logits[:COUNT], known.label, criterion, known.regression)
        right = ((answer[:COUNT] >= 0) == (known.label >= 0)).float()
        training, test = known.is_training(), known.is_testing()
        train_loss, test_loss = mean(each, training), mean(each, test)
        now = state["epoch"] + state["position"] / batches
        epochs, curves = history.curve(state, now, torch.stack([train_loss, test_loss]))

        return {
            "surface": surface_of(surface, discretise),
            "outcome": outcome_of(network, outcome, discretise),
            "points": points_of(known, show_test),
            "units": units_of(network, layers, [told[:, :-1], *hidden]),
            "links": links_of(network, layers),
            "history": Rows(epoch=epochs, training=curves[:, 0], test=curves[:, 1]),
            "now": Rows(
                examples=Labels(torch.arange(2), SPLITS),
                epoch=now.expand(2),
                loss=torch.stack([train_loss, test_loss]),
            ),
            "epoch": state["epoch"].long(),
            "position": state["position"],
            "batches": batches,
            "train_loss": train_loss,
            "test_loss": test_loss,
            "train_accuracy": mean(right, training),
            "test_accuracy": mean(right, test),
            "train_points": known.train_count,
            "test_points": known.test_count,
            "numbers": count_of(network),
        }

    def told(self, xy: Tensor, features: Tensor) -> Tensor:
        """Return what the network is told about points (N, 2): (N, k + 1)."""
        return ones_beside(all_features(xy).index_select(1, features))

    @figure(
        alt="The network from left to right: the chosen features, the hidden layers, the output. "
        "Each unit is a small picture of where it is high, in blue, and low, in orange. Lines are "
        "weights: the wider, the larger; orange and dashed below zero. At the end is the answer.",
        edits="links.weight",
    )
    def network(self) -> alt.LayerChart | alt.FacetChart:
        """Draw units and links."""
        return drawn_network.network()

    @figure(
        alt="The plane of the data. Blue discs and orange squares are examples; the colour of the "
        "ground is the network's answer at each place."
    )
    def output(self) -> alt.LayerChart | alt.FacetChart:
        """Draw the examples on the network's answer."""
        return pictures.output()

    @figure(
        alt="The loss epoch by epoch: one line for the training examples, one, dashed, for the "
        "test examples."
    )
    def loss(self) -> alt.LayerChart | alt.FacetChart:
        """Draw the loss of training and test data over time."""
        return pictures.loss()

    @figure(
        alt="The points that the reader has placed, blue discs and orange squares, on the "
        "network's answer at each place."
    )
    def drawing(self) -> alt.LayerChart | alt.FacetChart:
        """Draw the reader's own points, to be moved, on the network's answer."""
        return pictures.drawing()
