"""The five small models of the benchmark and of the comparison, and a ResNet-18, as ONNX."""

from __future__ import annotations

import contextlib
import io
import logging
import warnings
from collections.abc import Callable

import onnx
import torch
from torch import Tensor, nn

from site_builder.tfjs.onnx_node import STACK_TRACE


class Decoder(nn.Module):
    """A VAE's decoder: latent vectors (batch, 8) to images (batch, 1, 28, 28)."""

    def __init__(self) -> None:
        super().__init__()
        self.dense = nn.Linear(8, 32 * 7 * 7)
        self.up = nn.Sequential(
            nn.ConvTranspose2d(32, 16, 4, stride=2, padding=1),
            nn.ReLU(),
            nn.ConvTranspose2d(16, 1, 4, stride=2, padding=1),
            nn.Sigmoid(),
        )

    def forward(self, z: Tensor) -> Tensor:
        hidden = torch.relu(self.dense(z)).view(-1, 32, 7, 7)
        pictures: Tensor = self.up(hidden)
        return pictures


class Reader(nn.Module):
    """An LSTM that judges a sequence (batch, time, 8) by its last step."""

    def __init__(self) -> None:
        super().__init__()
        self.lstm = nn.LSTM(8, 16, batch_first=True)
        self.head = nn.Linear(16, 3)

    def forward(self, x: Tensor) -> Tensor:
        steps, _ = self.lstm(x)
        logits: Tensor = self.head(steps[:, -1])
        return logits


class Residual(nn.Module):
    """A basic block of a ResNet (https://arxiv.org/abs/1512.03385)."""

    def __init__(self, before: int, after: int, stride: int) -> None:
        super().__init__()
        self.body = nn.Sequential(
            nn.Conv2d(before, after, 3, stride, 1, bias=False),
            nn.BatchNorm2d(after),
            nn.ReLU(),
            nn.Conv2d(after, after, 3, 1, 1, bias=False),
            nn.BatchNorm2d(after),
        )
        self.short: nn.Module = nn.Identity()
        if stride != 1 or before != after:
            self.short = nn.Sequential(
                nn.Conv2d(before, after, 1, stride, bias=False), nn.BatchNorm2d(after)
            )

    def forward(self, x: Tensor) -> Tensor:
        return torch.relu(self.body(x) + self.short(x))


def resnet18(width: int = 64, classes: int = 1000) -> nn.Module:
    """A ResNet-18; 64 is the width of the paper's."""
    blocks: list[nn.Module] = [
        nn.Conv2d(3, width, 7, 2, 3, bias=False),
        nn.BatchNorm2d(width),
        nn.ReLU(),
        nn.MaxPool2d(3, 2, 1),
    ]
    before = width
    for stage in range(4):
        after = width << stage
        blocks += [Residual(before, after, 2 if stage else 1), Residual(after, after, 1)]
        before = after
    head = [nn.AdaptiveAvgPool2d(1), nn.Flatten(), nn.Linear(before, classes)]
    net = nn.Sequential(*blocks, *head)
    for module in net.modules():
        if isinstance(module, nn.BatchNorm2d):
            # Fresh ones would be the identity, and folding them would be no work.
            assert module.running_mean is not None
            assert module.running_var is not None
            nn.init.normal_(module.running_mean, 0, 0.1)
            nn.init.uniform_(module.running_var, 0.5, 2.0)
            nn.init.uniform_(module.weight, 0.5, 1.5)
            nn.init.normal_(module.bias, 0, 0.1)
    return net


def small_models() -> dict[str, tuple[Callable[[], nn.Module], tuple[int, ...]]]:
    """Name to a maker and the shape of its input, with a batch of two."""
    return {
        "MLP": (
            lambda: nn.Sequential(nn.Linear(2, 8), nn.Tanh(), nn.Linear(8, 8), nn.Tanh(),
                                  nn.Linear(8, 2)),
            (2, 2),
        ),
        "CNN": (
            lambda: nn.Sequential(
                nn.Conv2d(1, 8, 3, padding=1), nn.ReLU(), nn.MaxPool2d(2),
                nn.Conv2d(8, 16, 3, padding=1), nn.BatchNorm2d(16), nn.ReLU(), nn.MaxPool2d(2),
                nn.Flatten(), nn.Linear(16 * 7 * 7, 10),
            ),
            (2, 1, 28, 28),
        ),
        "VAE decoder": (Decoder, (2, 8)),
        "LSTM": (Reader, (2, 12, 8)),
        "transformer block": (
            lambda: nn.TransformerEncoderLayer(32, 4, 64, activation="gelu", batch_first=True),
            (2, 10, 32),
        ),
    }  # fmt: skip


def export(net: nn.Module, shape: tuple[int, ...]) -> tuple[onnx.ModelProto, Tensor, Tensor]:
    """A network as ONNX, an input of the given shape, and what PyTorch makes of it."""
    x = torch.randn(shape, generator=torch.Generator().manual_seed(1))
    net.eval()
    logging.getLogger("torch.onnx").setLevel(logging.ERROR)
    with torch.no_grad(), warnings.catch_warnings(), contextlib.redirect_stdout(io.StringIO()):
        warnings.simplefilter("ignore")
        expected = net(x)
        program = torch.onnx.export(
            net, (x,), dynamo=True, input_names=["x"], output_names=["y"], verbose=False
        )
    assert program is not None
    model = program.model_proto
    for node in model.graph.node:
        for prop in [p for p in node.metadata_props if p.key != STACK_TRACE]:
            node.metadata_props.remove(prop)
    return model, x, expected
