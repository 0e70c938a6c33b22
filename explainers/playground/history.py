"""The loss of every epoch in a list of fixed length: when it is full, every second entry goes.

An entry is the mean over the batches of the last epoch of a stretch of epochs; stretches have the
same length throughout, one epoch to begin with. All counts are tensors, so that they can stand in
the state of a compiled step.
"""

import torch
from torch import Tensor

ENTRIES = 200

State = dict[str, Tensor]


def empty() -> State:
    """Nothing met yet.

    Returns:
        ``epoch`` (), the epochs done; ``position`` () int64, the batches of this one; ``stretch``
        (), epochs an entry; ``mean`` (2,), the loss of training and test batches of this epoch up
        to now; ``entries`` (ENTRIES, 2). All but one are float32, which counts exactly to sixteen
        million.
    """
    return {
        "epoch": torch.zeros(()),
        "position": torch.zeros((), dtype=torch.int64),
        "stretch": torch.ones(()),
        "mean": torch.zeros(2),
        "entries": torch.zeros(ENTRIES, 2),
    }


def after_batch(state: State, losses: Tensor, batches: Tensor) -> State:
    """Write down a batch.

    Args:
        state: See `empty`.
        losses: (2,), the mean over a training batch and over a test batch.
        batches: () int64, how many make an epoch.
    """
    position, stretch = state["position"] + 1, state["stretch"]
    mean = state["mean"] + (losses - state["mean"]) / position
    here = torch.arange(float(ENTRIES))[:, None] == (state["epoch"] / stretch).floor()
    entries = torch.where(here, mean, state["entries"])

    # The reader may make batches larger in the middle of an epoch, which is then over at once.
    over = position >= batches
    epoch = torch.where(over, state["epoch"] + 1, state["epoch"])
    full = epoch >= ENTRIES * stretch
    halved = entries[1::2].repeat(2, 1)  # the second half is written anew
    return {
        "epoch": epoch,
        "position": torch.where(over, 0, position),
        "stretch": torch.where(full, 2 * stretch, stretch),
        "mean": mean,
        "entries": torch.where(full, halved, entries),
    }


def curve(state: State, now: Tensor, losses: Tensor) -> tuple[Tensor, Tensor]:
    """Return the epochs (ENTRIES,) and losses (ENTRIES, 2) of a curve that ends where we are.

    Args:
        state: See `empty`.
        now: (), epochs done, with the part of the present one.
        losses: (2,), the loss at this moment.
    """
    entry = torch.arange(float(ENTRIES))
    done = entry < (state["epoch"] / state["stretch"]).floor()
    epochs = torch.where(done, (entry + 1) * state["stretch"], now)
    return epochs, torch.where(done[:, None], state["entries"], losses)
