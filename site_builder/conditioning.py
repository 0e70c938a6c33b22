"""Whether float32 determines an answer at all, so that two engines can be asked to agree on it.

Steps that are far too long multiply every rounding: there the last bit of the first state decides
what is seen, and PyTorch itself would say something else on another processor.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import numpy as np
import torch
from numpy.typing import NDArray

from site_builder.explorable import Explorable
from site_builder.parity import disagreement
from site_builder.programs import Run, flatten

SHAKE = 1e-6
"""How far the first state is moved, relative to its numbers: some ten roundings of float32."""

ROUNDING = 1e-7
"""And after each of many steps: one rounding."""


def settled(
    explorable: Explorable, values: Mapping[str, Any], steps: int, truth: Mapping[str, NDArray[Any]]
) -> bool:
    """Whether a run from a state that is almost the same shows the same.

    Args:
        explorable: An instance with time.
        values: A value for each input.
        steps: How many steps were taken.
        truth: What was shown after them.
    """
    random = torch.Generator().manual_seed(0)
    run = Run(explorable, values)

    def shaken(state: dict[str, torch.Tensor], size: float) -> dict[str, torch.Tensor]:
        return {
            name: tensor * (1 + size * torch.randn(tensor.shape, generator=random))
            if tensor.dtype == torch.float32
            else tensor
            for name, tensor in state.items()
        }

    with torch.no_grad():
        run.state = shaken(run.start(), SHAKE)
        for _ in range(steps):
            state = run.step()
            if explorable.ahead:  # in hundreds of steps, roundings on the way count as well
                run.state = shaken(state, ROUNDING)
        shown = {name: tensor.numpy() for name, tensor in flatten(run.forward()).items()}
    reals = {name: array for name, array in truth.items() if array.dtype == np.float32}
    return disagreement({name: shown[name].astype(np.float32) for name in reals}, reals) is None
