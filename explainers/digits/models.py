"""A convolutional network small enough to look inside: two layers of patterns and one vote."""

import torch
from torch import Generator, Tensor, nn
from torch.nn import functional

from explainers.digits.data import (
    CELLS,
    Handwriting,
    as_if_drawn,
    centre_and_scale,
    count_blocks,
    handwriting,
    magnify,
)
from site_builder import device, reference_model, track

MAPS = 8
DEEPER_MAPS = 16
CLASSES = 10
EPOCHS = 20
BATCH = 64


class Network(nn.Module):
    """Reads 8-by-8 digits: convolution, convolution, pooling, and a linear vote.

    Attributes:
        test_guesses: (360,) int64, what the trained network answers for each test image.
        test_labels: (360,) int64, what the writers meant.
        brightest: (), an answer of the first layer that only one in a thousand exceeds, over all
            training images; it scales the feature maps on the page.
    """

    test_guesses: Tensor
    test_labels: Tensor
    brightest: Tensor

    def __init__(self) -> None:
        super().__init__()
        self.first = nn.Conv2d(1, MAPS, kernel_size=3, padding=1)
        self.second = nn.Conv2d(MAPS, DEEPER_MAPS, kernel_size=3, padding=1)
        self.vote = nn.Linear(DEEPER_MAPS * (CELLS // 2) ** 2, CLASSES)

    def maps(self, images: Tensor) -> Tensor:
        """Return the first layer's feature maps of (N, 8, 8) images: (N, 8, 8, 8), never negative.

        A map holds, for each place, how strongly one 3-by-3 pattern is found there.
        """
        return functional.relu(self.first(images[:, None]))

    def logits_from(self, maps: Tensor) -> Tensor:
        """Return the ten scores, not yet probabilities, of (N, 8, 8, 8) feature maps: (N, 10)."""
        deeper = functional.max_pool2d(functional.relu(self.second(maps)), 2)
        votes: Tensor = self.vote(deeper.flatten(start_dim=1))
        return votes

    def forward(self, images: Tensor) -> Tensor:
        """Return the logits of (N, 8, 8) images: (N, 10)."""
        return self.logits_from(self.maps(images))


def prepared(images: Tensor) -> Tensor:
    """Centre and scale (N, 8, 8) digits as the page does with a drawing."""
    return count_blocks(centre_and_scale(magnify(images)))


def lessons(train: Handwriting, generator: Generator) -> Handwriting:
    """Make one epoch's lessons: each digit as it is, prepared, and twice as if drawn by mouse.

    Of the redrawn ones one is centred and scaled and the other is left where it fell, for the
    reader may switch that off.
    """
    drawn = as_if_drawn(train.images, generator)
    images = torch.cat(
        [
            train.images,
            prepared(train.images),
            count_blocks(drawn),
            count_blocks(centre_and_scale(drawn)),
        ]
    )
    return Handwriting(images, train.labels.repeat(4))


@reference_model
def reader() -> Network:
    """Train the network on 1,437 digits, then ask it about 360 that it has never seen."""
    train, test = handwriting()
    train = Handwriting(train.images.to(device()), train.labels.to(device()))
    generator = Generator().manual_seed(1)
    network = Network().to(device())
    adam = torch.optim.Adam(network.parameters(), lr=3e-3)
    steps_in_all = EPOCHS * -(-4 * len(train.labels) // BATCH)
    fading = torch.optim.lr_scheduler.CosineAnnealingLR(adam, steps_in_all)
    epochs = track(range(EPOCHS), "digits")
    for _ in epochs:
        lesson = lessons(train, generator)
        order = torch.randperm(len(lesson.labels), generator=generator).to(device())
        for batch in torch.split(order, BATCH):
            adam.zero_grad()
            logits = network(lesson.images[batch])
            loss = functional.cross_entropy(logits, lesson.labels[batch])
            loss.backward()  # type: ignore[no-untyped-call]  # PyTorch leaves it untyped
            adam.step()
            fading.step()
        epochs.loss = loss
    network = network.cpu()
    with torch.no_grad():
        guesses = network(prepared(test.images)).argmax(dim=1)
        brightest = network.maps(prepared(train.images.cpu())).quantile(0.999)
    network.register_buffer("test_guesses", guesses)
    network.register_buffer("test_labels", test.labels)
    network.register_buffer("brightest", brightest)
    return network
