"""What is trained in the tests: small networks of each kind, with seeded data."""

from __future__ import annotations

import dataclasses
from collections.abc import Callable, Iterator, Mapping, Sequence

import torch
from torch import Tensor, nn
from torch.nn import functional as F  # noqa: N812  # the field's name for it

from site_builder.optimisers import SGD, AdaGrad, Adam, Momentum, Optimiser, RMSprop
from site_builder.training import Objective
from tests.networks.sequences import Vae

STEPS = 20

#: Ours and PyTorch's with the same settings.
OPTIMISERS: dict[str, tuple[Optimiser, Callable[[Iterator[Tensor]], torch.optim.Optimizer]]] = {
    "sgd": (SGD(0.1), lambda p: torch.optim.SGD(p, 0.1)),
    "momentum": (Momentum(0.05), lambda p: torch.optim.SGD(p, 0.05, momentum=0.9)),
    "rmsprop": (RMSprop(0.01), lambda p: torch.optim.RMSprop(p, 0.01)),
    "adagrad": (AdaGrad(0.1), lambda p: torch.optim.Adagrad(p, 0.1)),
    "adam": (Adam(0.01), lambda p: torch.optim.Adam(p, 0.01)),
}


@dataclasses.dataclass(frozen=True)
class Run:
    """A network, what it learns, and by which of `OPTIMISERS`.

    Attributes:
        module: In training mode.
        objectives: By name, in the order in which they are followed.
        optimiser: A key of `OPTIMISERS`.
        data: Inputs that are the same at every step.
        noise: Shapes of inputs that are new at every step.
    """

    module: nn.Module
    objectives: Mapping[str, Objective]
    optimiser: str
    data: Mapping[str, Tensor]
    noise: Mapping[str, Sequence[int]] = dataclasses.field(default_factory=dict)

    def inputs(self) -> list[dict[str, Tensor]]:
        """What each step gets."""
        random = torch.Generator().manual_seed(2)
        return [
            {
                **self.data,
                **{name: torch.randn(*s, generator=random) for name, s in self.noise.items()},
            }
            for _ in range(STEPS)
        ]


class Cnn(nn.Module):
    """Convolutions of several kinds, batch norms, and every pool and way up with a gradient."""

    def __init__(self) -> None:
        super().__init__()
        self.first = nn.Conv2d(2, 6, 3, stride=2, padding=1, bias=False)  # the norm has one
        self.norm = nn.BatchNorm2d(6)
        self.depthwise = nn.Conv2d(6, 6, 3, padding=2, dilation=2, groups=6, bias=False)
        self.second = nn.BatchNorm2d(6)
        self.rise = nn.ConvTranspose2d(6, 4, 3, stride=2, padding=1, output_padding=1)
        self.head = nn.Linear(4 * 4, 3)

    def forward(self, x: Tensor) -> Tensor:
        x = F.relu(self.norm(self.first(x)))
        x = F.gelu(self.second(self.depthwise(F.max_pool2d(x, 3, 2, 1))))
        x = F.interpolate(x, scale_factor=2, mode="bilinear", align_corners=False)
        x = F.avg_pool2d(F.interpolate(self.rise(x), scale_factor=2), 3, 2)
        return self.head(F.adaptive_avg_pool2d(x, 2).flatten(1))  # type: ignore[no-any-return]


class Recurrent(nn.Module):
    """The last state of a recurrent layer decides."""

    def __init__(self, kind: type[nn.GRU | nn.LSTM]) -> None:
        super().__init__()
        self.embedding = nn.Embedding(11, 6)
        self.layer = kind(6, 8, batch_first=True)
        self.head = nn.Linear(8, 3)

    def forward(self, tokens: Tensor) -> Tensor:
        outputs, _ = self.layer(self.embedding(tokens))
        return self.head(outputs[:, -1])  # type: ignore[no-any-return]


class Transformer(nn.Module):
    """A causal block without dropout, which predicts each next token (N, T) to (N, T, 11)."""

    def __init__(self) -> None:
        super().__init__()
        self.embedding = nn.Embedding(11, 16)
        self.positions = nn.Parameter(torch.randn(1, 6, 16) * 0.1)
        self.block = nn.TransformerEncoderLayer(16, 2, 32, dropout=0.0, batch_first=True)
        self.head = nn.Linear(16, 11)

    def forward(self, tokens: Tensor) -> Tensor:
        hidden = torch.ones(6, 6, dtype=torch.bool).triu(1)
        x = self.block(self.embedding(tokens) + self.positions, src_mask=hidden)
        return self.head(x)  # type: ignore[no-any-return]


class Gan(nn.Module):
    """A forger of points in the plane, and who tells them from true ones."""

    def __init__(self) -> None:
        super().__init__()
        self.generator = nn.Sequential(nn.Linear(4, 16), nn.LeakyReLU(0.2), nn.Linear(16, 2))
        self.discriminator = nn.Sequential(nn.Linear(2, 16), nn.LeakyReLU(0.2), nn.Linear(16, 1))


def _classify(module: nn.Module, x: Tensor, y: Tensor) -> Tensor:
    return F.cross_entropy(module(x), y)


def _next_token(module: nn.Module, x: Tensor) -> Tensor:
    return F.cross_entropy(module(x[:, :-1]).flatten(0, 1), x[:, 1:].flatten())


def _evidence(module: nn.Module, x: Tensor, noise: Tensor) -> Tensor:
    picture, mean, log_variance = module(x, noise)
    divergence = -0.5 * (1 + log_variance - mean.square() - log_variance.exp()).sum(1)
    return F.binary_cross_entropy(picture, x) + 0.01 * divergence.mean()  # type: ignore[no-any-return]


def _told_apart(gan: Gan, x: Tensor, noise: Tensor) -> Tensor:
    true, forged = gan.discriminator(x), gan.discriminator(gan.generator(noise).detach())
    ones, zeros = torch.ones_like(true), torch.zeros_like(forged)
    tell = F.binary_cross_entropy_with_logits
    return tell(true, ones) + tell(forged, zeros)


def _fooled(gan: Gan, noise: Tensor, **_: Tensor) -> Tensor:
    forged = gan.discriminator(gan.generator(noise))
    return F.binary_cross_entropy_with_logits(forged, torch.ones_like(forged))


def _mlp(optimiser: str) -> Run:
    torch.manual_seed(0)
    module = nn.Sequential(nn.Linear(2, 8), nn.Tanh(), nn.Linear(8, 8), nn.ReLU(), nn.Linear(8, 2))
    x = _normal(32, 2)
    return Run(module, _loss(_classify), optimiser, {"x": x, "y": (x[:, 0] * x[:, 1] > 0).long()})


def _classifier(make: Callable[[], nn.Module], optimiser: str, x: Tensor) -> Run:
    torch.manual_seed(0)
    return Run(make(), _loss(_classify), optimiser, {"x": x, "y": _tokens(x.shape[0], count=3)})


def _transformer() -> Run:
    torch.manual_seed(0)
    return Run(Transformer(), _loss(_next_token), "adam", {"x": _tokens(4, 7, count=11)})


def _vae() -> Run:
    torch.manual_seed(0)
    pictures = (_normal(8, 25) > 0).float()
    return Run(Vae(25, 16, 3), _loss(_evidence), "momentum", {"x": pictures}, {"noise": (8, 3)})


def _gan() -> Run:
    torch.manual_seed(0)
    objectives = {
        "told_apart": Objective(_told_apart, "discriminator."),
        "fooled": Objective(_fooled, "generator."),
    }
    return Run(Gan(), objectives, "rmsprop", {"x": _normal(16, 2) + 2}, {"noise": (16, 4)})


def _loss(function: Callable[..., Tensor]) -> dict[str, Objective]:
    return {"loss": Objective(function)}


def _normal(*shape: int) -> Tensor:
    return torch.randn(shape, generator=torch.Generator().manual_seed(1))


def _tokens(*shape: int, count: int) -> Tensor:
    return torch.randint(count, shape, generator=torch.Generator().manual_seed(1))


RUNS: dict[str, Callable[[], Run]] = {
    **{f"MLP-{name}": lambda name=name: _mlp(name) for name in OPTIMISERS},  # type: ignore[misc]
    "CNN-adam": lambda: _classifier(Cnn, "adam", _normal(6, 2, 18, 18)),
    "GRU-rmsprop": lambda: _classifier(
        lambda: Recurrent(nn.GRU), "rmsprop", _tokens(6, 5, count=11)
    ),
    "LSTM-adagrad": lambda: _classifier(
        lambda: Recurrent(nn.LSTM), "adagrad", _tokens(6, 5, count=11)
    ),
    "transformer-adam": _transformer,
    "VAE-momentum": _vae,
    "GAN-rmsprop": _gan,
}
