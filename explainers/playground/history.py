"""The loss of every epoch in a list of fixed length: when it is full, every second entry goes.

An entry is the mean over the batches of the last epoch of a stretch of epochs; stretches have the
same length throughout, one epoch to begin with. All counts are tensors, so that they can stand in
the state of a compiled step.

Nothing is moved when the list is full: new entries take the rows of those that go. Entry i of
stretches of s epochs stands in row (i + 1) s mod (ENTRIES + 1) - 1. Entry i of stretches twice as
long is so in the row of the old entry 2i + 1, for as many as are kept, and the next ones, from
ENTRIES / 2 on, are in the rows of the old entries 0, 2, 4 and so on.
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
    here = row_of((state["epoch"] / stretch).floor(), stretch)
    entries = state["entries"].index_put((here.reshape(1),), mean[None])

    # The reader may make batches larger in the middle of an epoch, which is then over at once.
    over = position >= batches
    epoch = torch.where(over, state["epoch"] + 1, state["epoch"])
    full = epoch >= ENTRIES * stretch
    return {
        "epoch": epoch,
        "position": torch.where(over, 0, position),
        "stretch": torch.where(full, 2 * stretch, stretch),
        "mean": mean,
        "entries": entries,
    }


def row_of(entry: Tensor, stretch: Tensor) -> Tensor:
    """Tell in which row entries stand, as int64.

    Args:
        entry: Numbers of entries, float32.
        stretch: () float32.
    """
    return (((entry + 1) * stretch) % (ENTRIES + 1) - 1).long()


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
    entries = state["entries"].index_select(0, row_of(entry, state["stretch"]))
    return epochs, torch.where(done[:, None], entries, losses)
