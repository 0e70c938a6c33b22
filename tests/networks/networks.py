"""Well-known networks, written in plain `torch.nn`, with seeded weights and inputs.

Images are small and widths reduced where the architecture allows; the wiring is that of the papers.
"""

from __future__ import annotations

import dataclasses
from collections.abc import Callable

import torch
from torch import Tensor, nn
from torch.nn import functional as F  # noqa: N812  # the field's name for it


@dataclasses.dataclass(frozen=True)
class Network:
    """A network in evaluation mode and one batch of inputs by name."""

    module: nn.Module
    inputs: dict[str, Tensor]


def seeded(make: Callable[[], nn.Module], **inputs: Tensor) -> Network:
    """The network with seeded weights that keep the size of numbers through all layers.

    Convolutions and linear layers start as in He et al. 2015 ("Delving deep into rectifiers"), so
    that the answers are not so small that any would do; batch norms have seen something.
    """
    torch.manual_seed(0)
    module = make().eval()
    for part in module.modules():
        if isinstance(part, nn.Conv2d | nn.ConvTranspose2d | nn.Linear):
            nn.init.kaiming_normal_(part.weight, nonlinearity="relu")
        if isinstance(part, nn.BatchNorm2d):
            assert part.running_mean is not None
            assert part.running_var is not None
            nn.init.normal_(part.running_mean, std=0.1)
            nn.init.uniform_(part.running_var, 0.5, 1.5)
            nn.init.uniform_(part.weight, 0.5, 1.5)
            nn.init.normal_(part.bias, std=0.1)
    return Network(module, inputs)


def normal(*shape: int) -> Tensor:
    """Seeded normal numbers."""
    return torch.randn(shape, generator=torch.Generator().manual_seed(1))


def tokens(*shape: int, count: int) -> Tensor:
    """Seeded indices below `count`, int64."""
    return torch.randint(count, shape, generator=torch.Generator().manual_seed(1))


def conv_norm(inside: int, outside: int, size: int, stride: int = 1, groups: int = 1) -> nn.Module:
    """A convolution that keeps the size but for its stride, a batch norm and a ReLU6."""
    pad = size // 2
    return nn.Sequential(
        nn.Conv2d(inside, outside, size, stride, pad, groups=groups, bias=False),
        nn.BatchNorm2d(outside),
        nn.ReLU6(),
    )


class LeNet(nn.Sequential):
    """LeNet-5 (LeCun et al. 1998), with tanh and average pooling as it was."""

    def __init__(self) -> None:
        super().__init__(
            *(nn.Conv2d(1, 6, 5), nn.Tanh(), nn.AvgPool2d(2)),
            *(nn.Conv2d(6, 16, 5), nn.Tanh(), nn.AvgPool2d(2)),
            *(nn.Conv2d(16, 120, 5), nn.Tanh(), nn.Flatten()),
            *(nn.Linear(120, 84), nn.Tanh(), nn.Linear(84, 10)),
        )


class Vgg(nn.Sequential):
    """VGG-11 (Simonyan and Zisserman 2014) at an eighth of the width, with dropout."""

    def __init__(self) -> None:
        layers: list[nn.Module] = []
        before = 3
        for width in (8, 0, 16, 0, 32, 32, 0, 64, 64, 0, 64, 64, 0):
            if width:
                layers += [nn.Conv2d(before, width, 3, padding=1), nn.ReLU()]
                before = width
            else:
                layers.append(nn.MaxPool2d(2))
        head = (nn.Flatten(), nn.Linear(256, 128), nn.ReLU(), nn.Dropout(), nn.Linear(128, 10))
        super().__init__(*layers, *head)


class BasicBlock(nn.Module):
    """Two convolutions and a shortcut (He et al. 2015, figure 2)."""

    def __init__(self, inside: int, outside: int, stride: int) -> None:
        super().__init__()
        self.first = nn.Conv2d(inside, outside, 3, stride, 1, bias=False)
        self.first_norm = nn.BatchNorm2d(outside)
        self.second = nn.Conv2d(outside, outside, 3, 1, 1, bias=False)
        self.second_norm = nn.BatchNorm2d(outside)
        self.shortcut: nn.Module = nn.Identity()
        if stride != 1 or inside != outside:
            project = nn.Conv2d(inside, outside, 1, stride, bias=False)
            self.shortcut = nn.Sequential(project, nn.BatchNorm2d(outside))

    def forward(self, x: Tensor) -> Tensor:
        y = F.relu(self.first_norm(self.first(x)))
        return F.relu(self.second_norm(self.second(y)) + self.shortcut(x))


class ResNet18(nn.Sequential):
    """ResNet-18 (He et al. 2015), whole: 11.7 million weights, a thousand classes."""

    def __init__(self) -> None:
        blocks = [
            block
            for inside, outside, stride in ((64, 64, 1), (64, 128, 2), (128, 256, 2), (256, 512, 2))
            for block in (BasicBlock(inside, outside, stride), BasicBlock(outside, outside, 1))
        ]
        super().__init__(
            *(nn.Conv2d(3, 64, 7, 2, 3, bias=False), nn.BatchNorm2d(64), nn.ReLU()),
            *(nn.MaxPool2d(3, 2, 1), *blocks),
            *(nn.AdaptiveAvgPool2d(1), nn.Flatten(), nn.Linear(512, 1000)),
        )


class InvertedResidual(nn.Module):
    """Widen, convolve each channel, narrow (Sandler et al. 2018, figure 3)."""

    def __init__(self, inside: int, outside: int, stride: int, widening: int) -> None:
        super().__init__()
        hidden = inside * widening
        self.keeps = stride == 1 and inside == outside
        self.body = nn.Sequential(
            conv_norm(inside, hidden, 1) if widening > 1 else nn.Identity(),
            conv_norm(hidden, hidden, 3, stride, groups=hidden),
            nn.Conv2d(hidden, outside, 1, bias=False),
            nn.BatchNorm2d(outside),
        )

    def forward(self, x: Tensor) -> Tensor:
        y: Tensor = self.body(x)
        return x + y if self.keeps else y


class MobileNetV2(nn.Sequential):
    """MobileNetV2 (Sandler et al. 2018, table 2) at a quarter of the width."""

    def __init__(self) -> None:
        table = (
            *((1, 4, 1, 1), (6, 6, 2, 2), (6, 8, 3, 2), (6, 16, 4, 2)),
            *((6, 24, 3, 1), (6, 40, 3, 2), (6, 80, 1, 1)),
        )
        layers = [conv_norm(3, 8, 3, 2)]
        before = 8
        for widening, width, count, stride in table:
            for i in range(count):
                layers.append(InvertedResidual(before, width, 1 if i else stride, widening))
                before = width
        head = (nn.AdaptiveAvgPool2d(1), nn.Flatten(), nn.Dropout(0.2), nn.Linear(320, 10))
        super().__init__(*layers, conv_norm(80, 320, 1), *head)


class Fire(nn.Module):
    """Squeeze, then expand by two sizes of kernel (Iandola et al. 2016, figure 1)."""

    def __init__(self, inside: int, squeezed: int, expanded: int) -> None:
        super().__init__()
        self.squeeze = nn.Conv2d(inside, squeezed, 1)
        self.one = nn.Conv2d(squeezed, expanded, 1)
        self.three = nn.Conv2d(squeezed, expanded, 3, padding=1)

    def forward(self, x: Tensor) -> Tensor:
        x = F.relu(self.squeeze(x))
        return torch.cat([F.relu(self.one(x)), F.relu(self.three(x))], 1)


class SqueezeNet(nn.Sequential):
    """SqueezeNet 1.1 (Iandola et al. 2016) at half the width; its pools round up."""

    def __init__(self) -> None:
        super().__init__(
            *(nn.Conv2d(3, 32, 3, 2), nn.ReLU(), nn.MaxPool2d(3, 2, ceil_mode=True)),
            *(Fire(32, 8, 32), Fire(64, 8, 32), nn.MaxPool2d(3, 2, ceil_mode=True)),
            *(Fire(64, 16, 64), Fire(128, 16, 64), nn.MaxPool2d(3, 2, ceil_mode=True)),
            *(Fire(128, 24, 96), Fire(192, 24, 96), Fire(192, 32, 128), Fire(256, 32, 128)),
            *(nn.Dropout(), nn.Conv2d(256, 10, 1), nn.ReLU()),
            *(nn.AdaptiveAvgPool2d(1), nn.Flatten()),
        )


class InceptionBlock(nn.Module):
    """Four views of one picture, side by side (Szegedy et al. 2014, figure 2b)."""

    def __init__(self, inside: int, one: int, three: int, five: int, pooled: int) -> None:
        super().__init__()
        self.one = conv_norm(inside, one, 1)
        self.three = nn.Sequential(
            conv_norm(inside, three // 2, 1), conv_norm(three // 2, three, 3)
        )
        self.five = nn.Sequential(conv_norm(inside, five // 2, 1), conv_norm(five // 2, five, 5))
        self.pooled = nn.Sequential(nn.MaxPool2d(3, 1, 1), conv_norm(inside, pooled, 1))

    def forward(self, x: Tensor) -> Tensor:
        return torch.cat([self.one(x), self.three(x), self.five(x), self.pooled(x)], 1)


class Inception(nn.Sequential):
    """A small GoogLeNet, with the local response norm of its stem."""

    def __init__(self) -> None:
        super().__init__(
            *(nn.Conv2d(3, 16, 7, 2, 3), nn.ReLU(), nn.MaxPool2d(3, 2, 1), nn.LocalResponseNorm(5)),
            *(InceptionBlock(16, 8, 16, 4, 4), InceptionBlock(32, 16, 24, 12, 8)),
            *(nn.MaxPool2d(3, 2, 1), InceptionBlock(60, 24, 28, 8, 8)),
            *(nn.AdaptiveAvgPool2d(1), nn.Flatten(), nn.Linear(68, 10)),
        )


class UNet(nn.Module):
    """U-Net (Ronneberger et al. 2015): down, up by both roads, and across by concatenation."""

    def __init__(self) -> None:
        super().__init__()
        self.down = nn.ModuleList([self._pair(3, 8), self._pair(8, 16), self._pair(16, 32)])
        self.rise = nn.ConvTranspose2d(32, 16, 2, 2)
        self.up = nn.ModuleList([self._pair(32, 16), self._pair(24, 8)])
        self.head = nn.Conv2d(8, 2, 1)

    @staticmethod
    def _pair(inside: int, outside: int) -> nn.Module:
        return nn.Sequential(conv_norm(inside, outside, 3), conv_norm(outside, outside, 3))

    def forward(self, x: Tensor) -> Tensor:
        high = self.down[0](x)
        middle = self.down[1](F.max_pool2d(high, 2))
        low = self.down[2](F.max_pool2d(middle, 2))
        middle = self.up[0](torch.cat([self.rise(low), middle], 1))
        wide = F.interpolate(middle, scale_factor=2, mode="bilinear", align_corners=False)
        return self.head(self.up[1](torch.cat([wide, high], 1)))  # type: ignore[no-any-return]


class DenseLayer(nn.Module):
    """What all earlier layers said, and a little more (Huang et al. 2016)."""

    def __init__(self, inside: int, growth: int) -> None:
        super().__init__()
        self.body = nn.Sequential(
            *(nn.BatchNorm2d(inside), nn.ReLU(), nn.Conv2d(inside, 4 * growth, 1, bias=False)),
            *(nn.BatchNorm2d(4 * growth), nn.ReLU()),
            nn.Conv2d(4 * growth, growth, 3, padding=1, bias=False),
        )

    def forward(self, x: Tensor) -> Tensor:
        return torch.cat([x, self.body(x)], 1)


class DenseNet(nn.Sequential):
    """DenseNet-BC with three blocks of four layers, growth 8 and halving transitions."""

    def __init__(self) -> None:
        layers: list[nn.Module] = [nn.Conv2d(3, 16, 3, padding=1, bias=False)]
        width = 16
        for block in range(3):
            if block:
                layers += [nn.BatchNorm2d(width), nn.ReLU(), nn.Conv2d(width, width // 2, 1)]
                layers.append(nn.AvgPool2d(2))
                width //= 2
            layers += [DenseLayer(width + 8 * i, 8) for i in range(4)]
            width += 32
        head = (nn.AdaptiveAvgPool2d(1), nn.Flatten(), nn.Linear(width, 10))
        super().__init__(*layers, nn.BatchNorm2d(width), nn.ReLU(), *head)


class Generator(nn.Sequential):
    """The generator of DCGAN (Radford et al. 2015): noise (N, 32, 1, 1) to pictures of 32 x 32."""

    def __init__(self) -> None:
        layers: list[nn.Module] = []
        for inside, outside, stride, pad in ((32, 64, 1, 0), (64, 32, 2, 1), (32, 16, 2, 1)):
            layers.append(nn.ConvTranspose2d(inside, outside, 4, stride, pad, bias=False))
            layers += [nn.BatchNorm2d(outside), nn.ReLU()]
        super().__init__(*layers, nn.ConvTranspose2d(16, 3, 4, 2, 1, bias=False), nn.Tanh())


class SpatialPyramid(nn.Module):
    """Pools of 1, 2 and 4 bins a side (He et al. 2014, section 2.3), which may overlap."""

    def __init__(self) -> None:
        super().__init__()
        self.stem = nn.Sequential(conv_norm(3, 8, 3), nn.MaxPool2d(2), conv_norm(8, 16, 3))
        self.head = nn.Linear(16 * (1 + 4 + 16), 10)

    def forward(self, x: Tensor) -> Tensor:
        x = self.stem(x)
        return self.head(torch.cat([self._bins(x, n) for n in (1, 2, 4)], 1))  # type: ignore[no-any-return]

    @staticmethod
    def _bins(x: Tensor, count: int) -> Tensor:
        height, width = x.shape[2:]
        window = (-(-height // count), -(-width // count))
        return F.max_pool2d(x, window, (height // count, width // count)).flatten(1)
