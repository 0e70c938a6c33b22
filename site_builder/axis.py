"""The axes of places on a chart: their ends, their stops, and what lies between."""

from __future__ import annotations

import math
from collections.abc import Sequence

from site_builder.errors import SiteBuilderError

Range = tuple[float, float]
"""The two ends of an axis, the lower one first."""


def stops(low: float, high: float) -> float:
    """A round distance that divides a range into about a hundred: 1, 2 or 5 times a power of ten.

    Arrow keys and the sliders of a `Point` move by it.
    """
    rough = (high - low) / 100
    power = 10.0 ** math.floor(math.log10(rough))
    return float(f"{min((1, 2, 5, 10), key=lambda n: abs(n * power - rough)) * power:.6g}")


def decimals(step: float) -> int:
    """How many decimals tell two multiples of a step from `stops` apart."""
    return max(0, -math.floor(math.log10(step) + 1e-9))


def range_of(kind: str, axis: str, ends: Range) -> Range:
    """The ends of an input's axis, checked.

    Args:
        kind: The input's class, for the message.
        axis: ``"x"`` or ``"y"``.
        ends: What the author wrote.

    Raises:
        SiteBuilderError: If they are not two finite numbers in order.
    """
    low, high = pair_of(f"{kind}: the range {axis}", ends)
    if low >= high:
        raise SiteBuilderError(f"{kind}: the range {axis}={ends} needs its lower end first.")
    return low, high


def inside(what: str, place: Sequence[float], x: Range, y: Range) -> Range:
    """A place, checked to be two finite numbers inside two ranges.

    Raises:
        SiteBuilderError: If it is not; `what` begins the message.
    """
    at = pair_of(what, place)
    for value, (low, high), axis in zip(at, (x, y), "xy", strict=True):
        if not low <= value <= high:
            raise SiteBuilderError(
                f"{what} has {axis} = {value:g}, which lies outside {low:g} to {high:g}."
            )
    return at


def pair_of(what: str, numbers: Sequence[float]) -> Range:
    """Two finite numbers, checked.

    Raises:
        SiteBuilderError: If they are not; `what` begins the message.
    """
    try:
        first, second = (float(number) for number in numbers)
    except (TypeError, ValueError):
        raise SiteBuilderError(f"{what} must be two numbers, not {numbers!r}.") from None
    if not (math.isfinite(first) and math.isfinite(second)):
        raise SiteBuilderError(f"{what} must be two finite numbers, not {numbers!r}.")
    return first, second
