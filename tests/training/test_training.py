"""Training steps on each engine, beside the same training in eager PyTorch."""

from __future__ import annotations

import copy

import numpy as np
import pytest
import torch
from torch import nn

from site_builder.errors import SiteBuilderError
from site_builder.tfjs import compile_model
from site_builder.training import Objective, training_step
from tests.ops import harness

from .runs import OPTIMISERS, RUNS, Run

# One worker exports and runs them all, in one Node process for each engine.
pytestmark = [pytest.mark.xdist_group("training"), pytest.mark.slow]

Losses = dict[str, list[float]]


@pytest.fixture(scope="session")
def eager() -> dict[str, Losses]:
    """The losses of twenty steps of `torch.optim`."""
    return {name: _train(make()) for name, make in RUNS.items()}


@pytest.fixture(scope="session")
def played() -> dict[str, dict[str, harness.Result]]:
    """The same twenty steps on each engine."""
    jobs = {name: _job(make()) for name, make in RUNS.items()}
    return {name: harness.run(jobs, backend=name) for name in harness.ENGINES}


def _train(run: Run) -> Losses:
    module = copy.deepcopy(run.module)
    make = OPTIMISERS[run.optimiser][1]
    optimisers = {
        name: make(p for key, p in module.named_parameters() if key.startswith(one.parameters))
        for name, one in run.objectives.items()
    }
    losses: Losses = {name: [] for name in run.objectives}
    for inputs in run.inputs():
        for name, objective in run.objectives.items():
            optimisers[name].zero_grad()
            loss = objective.loss(module, **inputs)
            loss.backward()  # type: ignore[no-untyped-call]
            optimisers[name].step()
            losses[name].append(loss.item())
    return losses


def _job(run: Run) -> harness.Job:
    steps = run.inputs()
    step = training_step(run.module, run.objectives, OPTIMISERS[run.optimiser][0], steps[0])
    return harness.Job(
        compile_model(step.model),
        {name: tensor.numpy() for name, tensor in step.state.items()},
        steps=[{name: tensor.numpy() for name, tensor in inputs.items()} for inputs in steps],
        feedback=step.feedback,
        watch=list(run.objectives),
    )


@pytest.mark.parametrize("backend", harness.ENGINES)
@pytest.mark.parametrize("name", RUNS)
def test_training_follows_pytorch(
    name: str,
    backend: str,
    eager: dict[str, Losses],
    played: dict[str, dict[str, harness.Result]],
) -> None:
    """At each of twenty steps the loss is within a thousandth of eager PyTorch's."""
    result = played[backend][name]
    assert result.error is None
    assert result.declined is None
    for key, wanted in eager[name].items():
        found = [float(step[key]) for step in result.history]
        assert found == pytest.approx(wanted, rel=1e-3)


@pytest.mark.parametrize("name", RUNS)
def test_training_learns(name: str, eager: dict[str, Losses]) -> None:
    """Losses move by much more than the tolerance, so that following them means something."""
    for losses in eager[name].values():
        assert np.ptp(losses) > 0.02 * losses[0]


def test_dropout_is_refused() -> None:
    """A step that draws random numbers is refused, and told what to do."""
    objective = Objective(lambda module, x: module(x).mean())
    optimiser = OPTIMISERS["sgd"][0]
    with pytest.raises(SiteBuilderError, match="leave dropout out"):
        training_step(nn.Dropout(), {"loss": objective}, optimiser, {"x": torch.ones(3)})
