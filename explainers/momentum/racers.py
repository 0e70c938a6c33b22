"""Seven optimisers that go down side by side, as one step that can be compiled."""

import torch
from torch import Tensor

from explainers.momentum.learned import Learned, nothing
from site_builder.optimisers import SGD, AdaGrad, Adam, Momentum, Nesterov, Optimiser, RMSprop

WRITTEN = ("SGD", "momentum", "Nesterov", "AdaGrad", "RMSprop", "Adam")
RACERS = (*WRITTEN, "learned")

FENCE = 6.0
"""Who gets as far as this along an axis has left the race, and stays there."""

Slots = dict[str, Tensor]
"""What optimisers remember: ``Adam.mean.place`` and so on, each (..., 2); the LSTM's memories are
``learned.told`` and ``learned.kept``, (..., 2, HIDDEN)."""


def written(rates: Tensor, pace: Tensor) -> list[Optimiser]:
    """Return the six that people wrote down, in order.

    Args:
        rates: (..., 6), a learning rate for each.
        pace: Multiplies all of them; it broadcasts against their places.
    """
    kinds = (SGD, Momentum, Nesterov, AdaGrad, RMSprop, Adam)
    return [kind(pace * rates[..., at, None]) for at, kind in enumerate(kinds)]


def at_start(place: Tensor) -> tuple[Tensor, Slots]:
    """Put all at one place, (..., 2): their places (..., 7, 2), and memories that are empty."""
    slots: Slots = {}
    for name, mover in zip(WRITTEN, written(torch.ones(6), torch.ones(())), strict=True):
        for key, slot in mover.start({"place": place}).items():
            slots[f"{name}.{key}"] = slot
    slots |= {f"learned.{memory}": nothing(place) for memory in ("told", "kept")}
    return torch.stack([place] * len(RACERS), dim=-2), slots


def onward(
    places: Tensor, slots: Slots, slopes: Tensor, learned: Learned, rates: Tensor, pace: Tensor
) -> tuple[Tensor, Slots]:
    """Return the places (..., 7, 2) and the memories after a step of each.

    Args:
        places: (..., 7, 2).
        slots: See `at_start`.
        slopes: (..., 7, 2), as each is told at its own place.
        learned: The seventh.
        rates: (..., 6), of the others.
        pace: How much longer than usual all steps are.
    """
    moved: list[Tensor] = []
    after: Slots = {}
    for at, (name, mover) in enumerate(zip(WRITTEN, written(rates, pace), strict=True)):
        own = {key.removeprefix(f"{name}."): slot for key, slot in slots.items()
               if key.startswith(f"{name}.")}  # fmt: skip
        place, slope = {"place": places[..., at, :]}, {"place": slopes[..., at, :]}
        place, own = mover.step(place, slope, own)
        moved.append(place["place"])
        after |= {f"{name}.{key}": slot for key, slot in own.items()}
    step, told, kept = learned(slopes[..., -1, :], slots["learned.told"], slots["learned.kept"])
    moved.append(places[..., -1, :] + pace * step)
    after |= {"learned.told": told, "learned.kept": kept}
    gone = (places.abs() >= FENCE).any(dim=-1, keepdim=True)
    return torch.where(gone, places, torch.stack(moved, dim=-2).clamp(-FENCE, FENCE)), after
