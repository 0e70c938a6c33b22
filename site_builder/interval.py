"""`Interval`: a stretch of a range, which the reader also holds on a chart."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from site_builder.axis import Range, pair_of
from site_builder.errors import SiteBuilderError
from site_builder.inputs import Input, Slider

if TYPE_CHECKING:
    import numpy as np


class Interval(Input):
    """A stretch between two ends of a range; a float32 tensor (2,): from, to, with from <= to.

    An Altair selection ``selection_interval(name="...", encodings=["x"])`` of its name is the same
    thing on a chart. Where several charts have it, the brush moves on the
    one that was touched last.

    Args:
        minimum: Left end of the range, inclusive.
        maximum: Right end of the range, inclusive.
        default: The stretch with which the page opens.
        step: The distance between two stops; a hundredth of the range where none is given.
        label: The control's name on the page, with its unit.

    Raises:
        SiteBuilderError: If the ends are not finite and in order, the default is no stretch inside
            them, or the step is not positive.
    """

    kind = "interval"
    shape = (2,)

    def __init__(
        self,
        minimum: float,
        maximum: float,
        default: Range,
        *,
        step: float | None = None,
        label: str | None = None,
    ) -> None:
        super().__init__(label)
        pair = pair_of("Interval: the default", default)
        if pair[0] > pair[1]:
            raise SiteBuilderError(
                f"Interval: the default {default} must name its lower end first."
            )
        try:
            # Both ends are sliders of one range: what a slider refuses, an interval does.
            self._low, self._high = (Slider(minimum, maximum, end, step=step) for end in pair)
        except SiteBuilderError as error:
            raise SiteBuilderError(error.message.replace("Slider", "Interval")) from None
        self.minimum, self.maximum, self.step = self._low.minimum, self._low.maximum, self._low.step

    @property
    def default(self) -> list[float]:
        return [self._low.default, self._high.default]

    @property
    def decimals(self) -> int:
        """How many decimals tell two stops apart."""
        return max(self._low.decimals, self._high.decimals)

    def extremes(self) -> list[list[float]]:
        """All of the range, and each end of it as a stretch without length."""
        low, high = self.minimum, self.maximum
        return [[low, high], [low, low], [high, high]]

    def sample(self, random: np.random.Generator) -> list[float]:
        return sorted([self._low.sample(random), self._low.sample(random)])

    def _spec(self) -> dict[str, Any]:
        return {
            "min": self.minimum,
            "max": self.maximum,
            "step": self.step,
            "default": self.default,
            "format": f"{self.default[0]:.{self.decimals}f}",
        }
