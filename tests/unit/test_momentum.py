"""What the page on momentum promises in closed form is what its descents do."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from pathlib import Path
from typing import Any

import numpy as np
import pytest
import torch
from numpy.polynomial import chebyshev as polynomials
from torch import Tensor

from explainers.momentum import chain, lanes, race
from explainers.momentum.explorable import Momentum
from explainers.momentum.learned import GRAIN, HIDDEN, Learned, grained, nothing
from explainers.momentum.models import GOAL
from explainers.momentum.quadratic import (
    BOUNCES,
    CRITICAL,
    DECREASE,
    DIVERGENCE,
    RIPPLES,
    best_descent,
    best_momentum,
    chebyshev,
    discriminant,
    onward,
    rate,
    regime,
    scaled,
)
from explainers.momentum.racers import FENCE, RACERS, WRITTEN, at_start
from explainers.momentum.racers import onward as all_onward
from explainers.momentum.surfaces import EVERY, SURFACES, family, height, slope


def courses(a: Tensor, beta: Tensor, steps: int) -> tuple[Tensor, Tensor]:
    """Errors (steps + 1, n), each divided by a positive number, and logarithms of the lengths."""
    x, z, log = torch.ones_like(a), torch.zeros_like(a), torch.zeros_like(a)
    errors, logs = [x], [log]
    for _ in range(steps):
        x, z = onward(x, z, a, beta)
        x, z, log = scaled(x, z, log)
        errors.append(x)
        logs.append(log)
    return torch.stack(errors), torch.stack(logs)


def places() -> tuple[Tensor, Tensor]:
    """Places all over the map, a little away from its borders."""
    a, beta = torch.meshgrid(
        torch.linspace(0.05, 3.95, 40, dtype=torch.float64),
        torch.linspace(0.0, 0.98, 25, dtype=torch.float64),
        indexing="ij",
    )
    a, beta = a.flatten(), beta.flatten()
    clear = (discriminant(a, beta).abs() > 0.02) & ((rate(a, beta) - 1).abs() > 0.01)
    return a[clear], beta[clear]


def test_the_closed_rate_is_what_is_measured_all_over_the_map() -> None:
    a, beta = places()
    assert len(a) > 700
    _, logs = courses(a, beta, 800)
    measured = ((logs[800] - logs[400]) / 400).exp()
    assert torch.allclose(measured, rate(a, beta), rtol=0.01, atol=2e-3)


@pytest.mark.parametrize("which", [RIPPLES, DECREASE, BOUNCES, DIVERGENCE])
def test_each_country_of_the_map_is_what_its_courses_do(which: int) -> None:
    a, beta = places()
    here = regime(a, beta) == which
    assert here.sum() > 10
    errors, logs = courses(a[here], beta[here], 800)
    if which == DIVERGENCE:
        assert (logs[800] > logs[400]).all()
        return
    assert (logs[800] < logs[0]).all()
    late = errors[-60:]
    turns = (late[1:].sign() != late[:-1].sign()).sum(dim=0)
    if which == DECREASE:
        assert (turns == 0).all()
        assert ((errors[1:] >= 0).all(dim=0)).all()
    elif which == BOUNCES:
        assert (turns == 59).all()
    else:
        assert (turns > 0).all()


def test_on_the_curve_itself_the_two_roots_are_one() -> None:
    beta = torch.linspace(0.0, 0.95, 20)
    for arm in (1 - beta.sqrt(), 1 + beta.sqrt()):
        assert (regime(arm.square(), beta) == CRITICAL).all()
        assert torch.allclose(rate(arm.square(), beta), beta.sqrt(), atol=0.03)


@pytest.mark.parametrize("number", [2.0, 10.0, 50.0, 200.0])
def test_the_best_settings_have_the_promised_rate_and_no_neighbour_is_faster(
    number: float,
) -> None:
    kappa = torch.tensor(number, dtype=torch.float64)
    ends = torch.stack([1 / kappa, torch.ones_like(kappa)])
    size, promised = best_descent(kappa)
    zero = torch.zeros((), dtype=torch.float64)
    assert rate(size * ends, zero).amax(dim=0) == pytest.approx(float(promised))
    assert promised == pytest.approx((number - 1) / (number + 1))
    fast, push, speed = best_momentum(kappa)
    assert rate(fast * ends, push).amax(dim=0) == pytest.approx(float(speed), abs=1e-6)
    assert speed == pytest.approx((number**0.5 - 1) / (number**0.5 + 1))
    for factor in (0.97, 1.03):
        assert rate(factor * size * ends, zero).amax(dim=0) > promised
        assert rate(factor * fast * ends, push).amax(dim=0) > speed
        assert rate(fast * ends, factor * push).amax(dim=0) > speed


def test_at_its_best_the_error_comes_straight_in_along_and_changes_sides_across() -> None:
    """It is what the second bet of the page says."""
    kappa = torch.tensor(50.0, dtype=torch.float64)
    size, push, _ = best_momentum(kappa)
    along, across = courses(size * torch.stack([1 / kappa, kappa / kappa]), push, 40)[0].T
    assert (along > 0).all()
    assert (across[1:] * across[:-1] < 0).all()


def page_at(**chosen: float) -> dict[str, Any]:
    """What the page shows of rates after its steps, at some settings."""
    values = {"rate": 0.6, "beta": 0.8, "kappa": 50.0, "moment": 40.0, **chosen}
    size, beta, kappa, moment = (torch.tensor(values[name]) for name in values)
    place = torch.tensor([0.3, 0.7])
    a, betas = lanes.settings(size, beta, kappa, place)
    state = lanes.at_start()
    for _ in range(lanes.STEPS):
        state = lanes.after_step(state, a, betas, moment)
    shown = {**lanes.rates_of(state, size, beta, kappa)}
    return {**shown, **lanes.map_of(state, size, beta, kappa, place),
            **lanes.spectrum_of(state, kappa, moment)}  # fmt: skip


@pytest.mark.parametrize("kappa", [2.0, 50.0, 200.0])
def test_the_rates_that_the_page_measures_agree_with_its_formulas(kappa: float) -> None:
    shown = page_at(kappa=kappa)
    for way in ("yours", "plain", "descent"):
        assert shown[f"measured_{way}"] == pytest.approx(float(shown[f"rate_{way}"]), abs=0.01)
    assert shown["place_measured"] == pytest.approx(float(shown["place_rate"]), abs=0.01)
    # Two roots in one: the error goes like k r^k, and from step 100 to 200 k doubles.
    slower = float(shown["measured_best"] / shown["rate_best"])
    assert 1.0 < slower < 2 ** (1 / 100) + 1e-3


def test_a_path_that_diverges_ends_where_it_has_left_the_picture() -> None:
    size, beta, kappa, steps = (torch.tensor(number) for number in (2.5, 0.0, 50.0, 200.0))
    a, betas = lanes.settings(size, beta, kappa, torch.tensor([0.3, 0.7]))
    state = lanes.at_start()
    for _ in range(lanes.STEPS):
        state = lanes.after_step(state, a, betas, steps)
    shown: dict[str, Any] = {**lanes.ravine_of(state, kappa, torch.tensor([-1.7, 0.3]), steps)}
    path = shown["path"].columns
    far = torch.stack([path["x"], path["y"]]).abs().amax(dim=0)
    assert (far > lanes.WIDTH).any()
    assert far.max() < 3 * lanes.OUTSIDE
    assert path["step"].max() < 20


def test_a_spectrum_begins_at_one_and_passes_through_the_ravines_own_parts() -> None:
    shown = page_at()
    left = shown["left"].columns
    first = left["size"][:: lanes.SPECTRUM]
    assert torch.allclose(first, torch.ones(3), atol=1e-4)
    own = shown["own"].columns["size"]
    assert left["size"][lanes.SPECTRUM - 1] == pytest.approx(float(own[1]), rel=1e-3)


@pytest.mark.parametrize("degree", [1, 5, 40])
def test_the_bound_is_chebyshevs_polynomial_and_nothing_shown_lies_lower_everywhere(
    degree: int,
) -> None:
    kappa, steps = torch.tensor(50.0), torch.tensor(float(degree))
    curvature = torch.linspace(0.02, 1, 400)
    middle, half = (1 + 0.02) / 2, (1 - 0.02) / 2
    weights = np.zeros(degree + 1)
    weights[degree] = 1
    ours = chebyshev(curvature, kappa, steps)
    theirs = polynomials.chebval((middle - curvature.double().numpy()) / half, weights)
    theirs = np.abs(theirs / polynomials.chebval(middle / half, weights))
    clear = theirs > 1e-3 * theirs.max()
    assert np.allclose(10 ** ours.double().numpy()[clear], theirs[clear], rtol=0.01)
    assert chebyshev(torch.zeros(1), kappa, steps) == pytest.approx(0, abs=1e-4)
    size, _ = best_descent(kappa)
    assert ours.max() <= degree * (1 - size * curvature).abs().max().log10() + 1e-4


@pytest.mark.parametrize(("size", "push"), [(0.1, 0.0), (0.5, 0.3), (0.95, 0.9), (1.2, 0.99)])
def test_news_travels_one_link_a_step_whatever_the_settings(size: float, push: float) -> None:
    state = chain.at_start()
    for step in range(1, chain.BEADS + 3):
        state = chain.after_step(state, torch.tensor(size), torch.tensor(push))
        moved = state["x"] != 0
        assert moved.sum() == min(step, chain.BEADS)
        assert moved[: min(step, chain.BEADS)].all()


def test_the_chains_condition_number_is_that_of_its_matrix() -> None:
    matrix = torch.stack([chain.pull(row) for row in torch.eye(chain.BEADS)])
    matrix = (matrix - chain.pull(torch.zeros(chain.BEADS))).double()
    values = torch.linalg.eigvalsh(matrix)
    assert values[0] == pytest.approx(chain.LOWEST, rel=1e-4)
    assert values[-1] == pytest.approx(chain.HIGHEST, rel=1e-4)
    assert values[-1] / values[0] == pytest.approx(chain.KAPPA, rel=1e-3)


PAGE = (Path(__file__).parents[2] / "content" / "educate" / "momentum.md").read_text()


def test_the_numbers_of_the_page_that_are_no_outputs_are_those_of_the_code() -> None:
    lanes_ = lanes.TRACKED + lanes.SPECTRUM
    assert f"{lanes_} courses are taken in one step" in PAGE
    assert f"**start** puts {lanes_} balls at 1" in PAGE
    assert f"for {lanes.STEPS} steps, whenever you move something" in PAGE
    assert f"after steps {lanes.EARLY} and {lanes.STEPS};" in PAGE
    assert f"the first {race.EARLY} steps are drawn, and then every fifth" in PAGE
    assert race.THIN == 5
    assert f"at {GOAL:g}, has arrived" in PAGE
    assert FENCE == 6
    assert "Who gets six units away from the middle stays there" in PAGE
    assert f"An LSTM cell with {HIDDEN} numbers of memory" in PAGE


def test_the_bets_that_the_page_asks_for_are_about_what_it_opens_with() -> None:
    """Their answers are those of the opening values; a question can't hold live numbers."""
    assert Momentum.inputs["kappa"].default == 50
    assert "A ravine is fifty times steeper across than along." in PAGE
    product, beta = Momentum.inputs["place"].default
    assert f"Step size times curvature is {product:g}, and the momentum is {beta:g}." in PAGE


LOWEST = {
    "ravine": [(0.0, 0.0)],
    "saddle": [(0.0, 1.2), (0.0, -1.2)],
    "Rosenbrock": [(1.0, 1.0)],
    "many valleys": [(0.0, 0.0)],
}


@pytest.mark.parametrize("name", SURFACES)
def test_a_surface_is_lowest_at_zero_and_its_slope_is_its_gradient(name: str) -> None:
    surface = torch.tensor(SURFACES.index(name))
    shape = EVERY[SURFACES.index(name)]
    lowest = torch.tensor(LOWEST[name])
    assert torch.allclose(shape(lowest), torch.zeros(len(lowest)), atol=1e-6)
    p = torch.randn(50, 2, dtype=torch.float64, generator=torch.Generator().manual_seed(0))
    assert (height(p, surface) > 0).all()
    p.requires_grad_()
    (gradient,) = torch.autograd.grad(shape(p).sum(), p)
    assert torch.allclose(slope(p, surface), gradient)


def test_a_practice_surface_is_lowest_at_zero_and_its_slope_is_its_gradient() -> None:
    draw = torch.Generator().manual_seed(0)
    ground = family(30, draw)
    assert torch.allclose(ground.height(ground.lowest), torch.zeros(30, 1))
    p = torch.randn(30, 4, 2, generator=draw, requires_grad=True)
    (gradient,) = torch.autograd.grad(ground.height(p).sum(), p)
    assert torch.allclose(ground.slope(p), gradient, atol=1e-4)
    assert (ground.curvature[..., 1] / ground.curvature[..., 0]).max() <= 100.001


THEIRS: dict[str, Callable[[Iterable[Tensor], float], torch.optim.Optimizer]] = {
    "SGD": lambda p, rate: torch.optim.SGD(p, lr=rate),
    "momentum": lambda p, rate: torch.optim.SGD(p, lr=rate, momentum=0.9),
    "Nesterov": lambda p, rate: torch.optim.SGD(p, lr=rate, momentum=0.9, nesterov=True),
    "AdaGrad": lambda p, rate: torch.optim.Adagrad(p, lr=rate),
    "RMSprop": lambda p, rate: torch.optim.RMSprop(p, lr=rate),
    "Adam": lambda p, rate: torch.optim.Adam(p, lr=rate),
}


@pytest.mark.parametrize("name", WRITTEN)
def test_a_racers_thirty_steps_are_those_of_torch_optim(name: str) -> None:
    surface, at = torch.tensor(SURFACES.index("Rosenbrock")), WRITTEN.index(name)
    begin = torch.tensor([-1.5, 0.3], dtype=torch.float64)
    rates = torch.linspace(0.01, 0.03, 6, dtype=torch.float64)
    torch.manual_seed(0)
    learned = Learned().double()
    memory = {f"learned.{each}": nothing(begin).double() for each in ("told", "kept")}
    ours, slots = at_start(begin)
    slots |= memory
    theirs = begin.clone().requires_grad_()
    optimiser = THEIRS[name]([theirs], float(rates[at]))
    for _ in range(30):
        with torch.no_grad():
            slopes = slope(ours, surface)
            ours, slots = all_onward(ours, slots, slopes, learned, rates, torch.ones(()))
        optimiser.zero_grad()
        height(theirs, surface).backward()  # type: ignore[no-untyped-call]
        optimiser.step()
    assert torch.allclose(ours[at], theirs.detach(), rtol=1e-6)


def test_who_leaves_the_ground_stays_at_the_fence() -> None:
    surface = torch.tensor(SURFACES.index("ravine"))
    torch.manual_seed(0)
    places_, slots = at_start(torch.tensor([1.5, 1.5]))
    for _ in range(40):
        with torch.no_grad():
            places_, slots = all_onward(
                places_, slots, slope(places_, surface), Learned(), torch.ones(6), torch.ones(())
            )
    assert places_[RACERS.index("SGD")].abs().max() == FENCE
    assert places_.isfinite().all()


def test_while_it_learns_last_digits_make_no_difference_and_gradients_pass() -> None:
    draw = torch.Generator().manual_seed(0)
    numbers = torch.randn(1000, dtype=torch.float64, generator=draw)
    assert torch.equal(grained(numbers), grained(numbers * (1 + 2**-52)))
    assert torch.equal((grained(numbers) / GRAIN).frac(), torch.zeros_like(numbers))
    assert (grained(numbers) - numbers).abs().max() <= GRAIN / 2
    slope_ = torch.func.grad(lambda x: (grained(x) * 3).sum())(numbers)
    assert torch.equal(slope_, torch.full_like(numbers, 3))
    assert f"multiples of 1/{1 / GRAIN:.0f}" in PAGE


def test_the_learned_optimiser_is_the_same_for_every_coordinate() -> None:
    torch.manual_seed(0)
    learned, g = Learned(), torch.tensor([0.5, -0.01])
    memory = nothing(g)
    both, _, _ = learned(g, memory, memory)
    swapped, _, _ = learned(g.flip(0), memory, memory)
    assert torch.allclose(both.flip(0), swapped)
