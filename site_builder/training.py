"""A step of training as a graph: forward pass, loss, gradients and optimiser, in ONNX.

Training happens in the page because this graph runs there: its outputs are its next inputs.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import torch
from torch import Tensor, nn
from torch.func import functional_call, grad_and_value
from torch.fx.experimental.proxy_tensor import make_fx

from site_builder.backwards import decompositions
from site_builder.errors import SiteBuilderError
from site_builder.exporting import plainly, random_nodes, to_onnx
from site_builder.optimisers import Optimiser, Tensors

if TYPE_CHECKING:
    import onnx


@dataclass(frozen=True)
class Objective:
    """Something to make smaller.

    Attributes:
        loss: Called with the module and, by name, with the inputs that it names; gives a scalar.
        parameters: Only parameters whose names begin so are moved for it; all when empty.
    """

    loss: Callable[..., Tensor]
    parameters: str = ""


@dataclass(frozen=True)
class TrainingStep:
    """A compiled step.

    Attributes:
        model: Takes the inputs by their names and the state; gives each objective's loss, before
            its update, under its name, and the next state.
        state: Parameters, buffers and the optimiser's own, as they are before the first step, by
            the names of the model's inputs.
        feedback: The outputs that are the next run's inputs: ``next.weight`` to ``state.weight``.
    """

    model: onnx.ModelProto
    state: dict[str, Tensor]
    feedback: dict[str, str]


def training_step(
    module: nn.Module,
    objectives: Mapping[str, Objective],
    optimiser: Optimiser,
    inputs: Mapping[str, Tensor],
) -> TrainingStep:
    """Compiles a step of training.

    The step is `torch.func.grad_and_value` of each objective, in order, and the optimiser's update
    after each: the second of two objectives sees what the first has learnt, as a discriminator's
    training comes before its generator's. Random numbers come in as inputs.

    Args:
        module: Trained in the mode that it is in; it stays as it is.
        objectives: What to make smaller, by the names of the losses.
        optimiser: One of `site_builder.optimisers`.
        inputs: Examples of what every step gets: data, labels, noise.

    Raises:
        SiteBuilderError: If the step draws random numbers, as dropout in training mode does, or
            uses an operation that cannot be compiled.
    """
    training = _Training(module, objectives, optimiser)
    state = training.start()
    keys = list(state)

    def step(*tensors: Tensor) -> tuple[Tensor, ...]:
        now = dict(zip(keys, tensors, strict=False))
        given = dict(zip(inputs, tensors[len(keys) :], strict=True))
        losses, after = training.step(now, given)
        # A clone is no alias: what no objective moves keeps an output of its own.
        return (*losses.values(), *(after[key].clone() for key in keys))

    arguments = tuple(tensor.detach().clone() for tensor in (*state.values(), *inputs.values()))
    names = [f"state.{key}" for key in keys]
    outputs = [*objectives, *(f"next.{key}" for key in keys)]
    model = _export(step, arguments, [*names, *inputs], outputs)
    feedback = {f"next.{key}": f"state.{key}" for key in keys}
    return TrainingStep(model, dict(zip(names, state.values(), strict=True)), feedback)


class _WithLoss(nn.Module):
    """A loss as a module, so that it can be called with any parameters."""

    def __init__(self, module: nn.Module, loss: Callable[..., Tensor]) -> None:
        super().__init__()
        self.module = module
        self.loss = loss

    def forward(self, **inputs: Tensor) -> Tensor:
        return self.loss(self.module, **inputs)


class _Training:
    """A step in terms of dicts: `<parameter>`, `<buffer>` and `<objective>.<optimiser's>`."""

    def __init__(
        self, module: nn.Module, objectives: Mapping[str, Objective], optimiser: Optimiser
    ) -> None:
        self.module = module
        self.objectives = objectives
        self.optimiser = optimiser
        self.parameters = {
            name: p.detach().clone() for name, p in module.named_parameters() if p.requires_grad
        }
        self.buffers = {name: b.detach().clone() for name, b in module.named_buffers()}

    def moved(self, objective: Objective) -> Tensors:
        """The parameters that an objective moves, as they are at the start."""
        return {n: p for n, p in self.parameters.items() if n.startswith(objective.parameters)}

    def start(self) -> Tensors:
        """All that changes from step to step."""
        own = {
            f"{name}.{key}": tensor
            for name, objective in self.objectives.items()
            for key, tensor in self.optimiser.start(self.moved(objective)).items()
        }
        return {**self.parameters, **self.buffers, **own}

    def step(self, state: Tensors, inputs: Tensors) -> tuple[Tensors, Tensors]:
        """Losses before, and the state after."""
        state, losses = dict(state), {}
        for name, objective in self.objectives.items():
            moved = list(self.moved(objective))
            gradients, (losses[name], buffers) = self._gradients(objective, moved, state, inputs)
            prefix = f"{name}."
            own = {
                key.removeprefix(prefix): tensor
                for key, tensor in state.items()
                if key.startswith(prefix)
            }
            parameters, own = self.optimiser.step({n: state[n] for n in moved}, gradients, own)
            state |= parameters | buffers | {prefix + key: tensor for key, tensor in own.items()}
        return losses, state

    def _gradients(
        self, objective: Objective, moved: list[str], state: Tensors, inputs: Tensors
    ) -> tuple[Tensors, tuple[Tensor, Tensors]]:
        with_loss = _WithLoss(self.module, objective.loss)

        def value(parameters: Tensors) -> tuple[Tensor, Tensors]:
            # Batch norm writes into its buffers: into copies, so that the step stays a function.
            buffers = {name: state[name].clone() for name in self.buffers}
            every = {name: state[name] for name in self.parameters} | parameters | buffers
            inside = {f"module.{name}": tensor for name, tensor in every.items()}
            return functional_call(with_loss, inside, kwargs=inputs), buffers

        found = grad_and_value(value, has_aux=True)({name: state[name] for name in moved})
        gradients, (loss, buffers) = found
        return gradients, (loss, buffers)


def _export(
    step: Callable[..., Any], arguments: tuple[Tensor, ...], inputs: list[str], outputs: list[str]
) -> onnx.ModelProto:
    with plainly():
        traced = make_fx(torch.func.functionalize(step), decompositions())(*arguments)
        _check_random(traced)
        with torch.no_grad():
            program = torch.export.export(traced, arguments, strict=False)
    return to_onnx(program, inputs, outputs)


def _check_random(traced: torch.fx.GraphModule) -> None:
    for node in random_nodes(traced.graph):
        raise SiteBuilderError(
            f"The training step draws random numbers ({node.target}), which would not be the "
            "same in the page. Let the noise come in as an input; leave dropout out."
        )
