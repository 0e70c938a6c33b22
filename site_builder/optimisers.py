"""Optimisers on plain tensors: a step is a function of parameters, gradients and state.

They take the same steps as those of `torch.optim` and can be compiled, which those cannot: theirs
write into their parameters and count in Python. State is a dict of tensors, so that it can go out
of one run of a graph and into the next.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import ClassVar, Protocol

import torch
from torch import Tensor

Tensors = dict[str, Tensor]
"""Parameters, gradients or state by name; a gradient has its parameter's name and shape."""


class Optimiser(Protocol):
    """What a training step needs of an optimiser."""

    def start(self, parameters: Tensors) -> Tensors:
        """The state before the first step."""

    def step(
        self, parameters: Tensors, gradients: Tensors, state: Tensors
    ) -> tuple[Tensors, Tensors]:
        """Parameters and state after a step."""


@dataclass(frozen=True)
class SGD:
    """Down the gradient: ``p - rate g``."""

    rate: float | Tensor = 1e-2

    def start(self, parameters: Tensors) -> Tensors:
        return {}

    def step(
        self, parameters: Tensors, gradients: Tensors, state: Tensors
    ) -> tuple[Tensors, Tensors]:
        return {name: p - self.rate * gradients[name] for name, p in parameters.items()}, {}


@dataclass(frozen=True)
class Momentum:
    """Gradients gather speed, v <- momentum v + g (Polyak 1964), and ``p - rate v``."""

    rate: float | Tensor = 1e-2
    momentum: float = 0.9

    def start(self, parameters: Tensors) -> Tensors:
        return _zeros("velocity", parameters)

    def step(
        self, parameters: Tensors, gradients: Tensors, state: Tensors
    ) -> tuple[Tensors, Tensors]:
        velocity = {
            name: self.momentum * state[f"velocity.{name}"] + g for name, g in gradients.items()
        }
        moved = {
            name: p - self.rate * self._along(gradients[name], velocity[name])
            for name, p in parameters.items()
        }
        return moved, _named("velocity", velocity)

    def _along(self, gradient: Tensor, velocity: Tensor) -> Tensor:
        """What a step goes along."""
        return velocity


@dataclass(frozen=True)
class Nesterov(Momentum):
    """Momentum that looks ahead: ``p - rate (g + momentum v)``, with the new v (Nesterov 1983).

    In the form of Sutskever et al. (2013), where g is the gradient at p.
    """

    def _along(self, gradient: Tensor, velocity: Tensor) -> Tensor:
        return gradient + self.momentum * velocity


@dataclass(frozen=True)
class RMSprop:
    """Each parameter by the size of its late gradients: ``p - rate g / (sqrt(s) + epsilon)``.

    s is the fading mean of g^2 (Tieleman and Hinton 2012, lecture 6e).
    """

    rate: float | Tensor = 1e-2
    fading: float = 0.99
    epsilon: float = 1e-8

    def start(self, parameters: Tensors) -> Tensors:
        return _zeros("square", parameters)

    def step(
        self, parameters: Tensors, gradients: Tensors, state: Tensors
    ) -> tuple[Tensors, Tensors]:
        square = {
            name: self.fading * state[f"square.{name}"] + (1 - self.fading) * g * g
            for name, g in gradients.items()
        }
        moved = {
            name: p - self.rate * gradients[name] / (square[name].sqrt() + self.epsilon)
            for name, p in parameters.items()
        }
        return moved, _named("square", square)


@dataclass(frozen=True)
class AdaGrad:
    """As RMSprop, with the sum of all g^2 in place of their mean (Duchi et al. 2011)."""

    rate: float | Tensor = 1e-2
    epsilon: float = 1e-10

    def start(self, parameters: Tensors) -> Tensors:
        return _zeros("sum", parameters)

    def step(
        self, parameters: Tensors, gradients: Tensors, state: Tensors
    ) -> tuple[Tensors, Tensors]:
        total = {name: state[f"sum.{name}"] + g * g for name, g in gradients.items()}
        moved = {
            name: p - self.rate * gradients[name] / (total[name].sqrt() + self.epsilon)
            for name, p in parameters.items()
        }
        return moved, _named("sum", total)


@dataclass(frozen=True)
class Adam:
    """Momentum and RMSprop at once, both without their bias towards zero (Kingma and Ba 2014).

    The fading means begin at zero, and so are short by 1 - beta^t after t steps. That weight is
    kept as the fading mean of ones: subtracting beta^t from 1 would lose half of float32's digits.
    """

    rate: float | Tensor = 1e-3
    beta1: float = 0.9
    beta2: float = 0.999
    epsilon: float = 1e-8

    def start(self, parameters: Tensors) -> Tensors:
        weights = {"mean_weight": torch.zeros(()), "square_weight": torch.zeros(())}
        return _zeros("mean", parameters) | _zeros("square", parameters) | weights

    def step(
        self, parameters: Tensors, gradients: Tensors, state: Tensors
    ) -> tuple[Tensors, Tensors]:
        mean = {
            name: self.beta1 * state[f"mean.{name}"] + (1 - self.beta1) * g
            for name, g in gradients.items()
        }
        square = {
            name: self.beta2 * state[f"square.{name}"] + (1 - self.beta2) * g * g
            for name, g in gradients.items()
        }
        weights = {
            "mean_weight": self.beta1 * state["mean_weight"] + (1 - self.beta1),
            "square_weight": self.beta2 * state["square_weight"] + (1 - self.beta2),
        }
        rate, root = self.rate / weights["mean_weight"], weights["square_weight"].sqrt()
        moved = {
            name: p - rate * mean[name] / (square[name].sqrt() / root + self.epsilon)
            for name, p in parameters.items()
        }
        return moved, _named("mean", mean) | _named("square", square) | weights


@dataclass(frozen=True)
class Chosen:
    """Any of the five above, picked by number while it runs.

    They are one formula with different constants: fading sums of g and of g^2,

        m <- keep m + take g,    s <- keep' s + take' g^2,    p - rate m / (sqrt(s) + epsilon),

    without their bias towards zero for Adam. Where the sizes of gradients don't count, s stays 0
    and epsilon is 1. Both sums go on when another optimiser is picked.

    Attributes:
        which: () int64, an index into `CHOICES`.
        rate: () float32.
    """

    CHOICES: ClassVar[tuple[str, ...]] = ("SGD", "momentum", "RMSprop", "AdaGrad", "Adam")

    which: Tensor
    rate: float | Tensor

    def start(self, parameters: Tensors) -> Tensors:
        return Adam().start(parameters)

    def step(
        self, parameters: Tensors, gradients: Tensors, state: Tensors
    ) -> tuple[Tensors, Tensors]:
        constants = torch.tensor(
            [  # keep, take, keep', take', epsilon, without bias
                [0.0, 1.0, 0.0, 0.0, 1.0, 0.0],
                [0.9, 1.0, 0.0, 0.0, 1.0, 0.0],
                [0.0, 1.0, 0.99, 0.01, 1e-8, 0.0],
                [0.0, 1.0, 1.0, 1.0, 1e-10, 0.0],
                [0.9, 0.1, 0.999, 0.001, 1e-8, 1.0],
            ]
        )
        chosen = constants.index_select(0, self.which.reshape(1))[0].unbind()
        keep, take, keep2, take2, epsilon, unbiased = chosen
        mean = {name: keep * state[f"mean.{name}"] + take * g for name, g in gradients.items()}
        square = {
            name: keep2 * state[f"square.{name}"] + take2 * (g * g) for name, g in gradients.items()
        }
        weights = {
            "mean_weight": keep * state["mean_weight"] + take,
            "square_weight": keep2 * state["square_weight"] + take2,
        }
        # As in Adam, and with both halves of the fraction multiplied by the root: a node fewer a
        # parameter, and small networks are all nodes.
        root = torch.where(unbiased > 0, weights["square_weight"], 1.0).sqrt()
        rate = self.rate * root / torch.where(unbiased > 0, weights["mean_weight"], 1.0)
        floor = epsilon * root
        moved = {
            name: p - rate * mean[name] / (square[name].sqrt() + floor)
            for name, p in parameters.items()
        }
        return moved, _named("mean", mean) | _named("square", square) | weights


def _zeros(kind: str, parameters: Tensors) -> Tensors:
    return {f"{kind}.{name}": torch.zeros_like(p) for name, p in parameters.items()}


def _named(kind: str, tensors: Tensors) -> Tensors:
    return {f"{kind}.{name}": tensor for name, tensor in tensors.items()}
