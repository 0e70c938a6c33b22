"""`Point`, `Points` and `Interval`: inputs that the reader also holds on a chart."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING, Any, NamedTuple

from site_builder.axis import Range, inside, pair_of, range_of
from site_builder.errors import SiteBuilderError, unknown
from site_builder.inputs import Input, Slider
from site_builder.sizes import is_whole

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray
    from torch import Tensor

MOST_POINTS = 5000
"""More than a chart of single marks can show."""


class Placed(NamedTuple):
    """The points that a reader placed; a `Points` input arrives so.

    Attributes:
        xy: float32 (capacity, 2): where each point is; 0, 0 where there is none.
        label: int64 (capacity,): the index of each point's label; 0 where there is none.
        present: bool (capacity,): whether there is such a point; the present ones come first.
    """

    xy: Tensor
    label: Tensor
    present: Tensor


class Point(Input):
    """A place on a chart, which the reader drags; a float32 tensor (2,): x, y.

    A chart shows and moves it where it draws ``live("name")`` with the columns x and y.

    Args:
        x: The lowest and highest x.
        y: The lowest and highest y.
        default: Where the page opens.
        label: The control's name on the page.

    Raises:
        SiteBuilderError: If a range is not finite and in order, or the default lies outside.
    """

    kind = "point"
    shape = (2,)

    def __init__(
        self,
        *,
        x: Range,
        y: Range,
        default: Range,
        label: str | None = None,
    ) -> None:
        super().__init__(label)
        self.x, self.y = range_of("Point", "x", x), range_of("Point", "y", y)
        self._default = inside("Point: the default", default, self.x, self.y)

    @property
    def default(self) -> list[float]:
        return list(self._default)

    def extremes(self) -> list[list[float]]:
        return [[x, y] for x in self.x for y in self.y]

    def sample(self, random: np.random.Generator) -> list[float]:
        return _somewhere(random, self.x, self.y)

    def _spec(self) -> dict[str, Any]:
        return {"x": list(self.x), "y": list(self.y), "default": self.default}


class Points(Input):
    """Points that the reader adds, drags and removes on a chart; arrives as `Placed`.

    A chart shows and moves them where it draws ``live("name")`` with the columns x, y and, where
    there are labels, label.

    Args:
        capacity: How many points there may be. The tensors are always that long, so that adding a
            point compiles nothing anew; `Placed.present` tells which ones count.
        x: The lowest and highest x.
        y: The lowest and highest y.
        labels: The words that a point may bear, as two classes do; none by default.
        default: The points with which the page opens: ``(x, y)``, or ``(x, y, label)`` with the
            label's word or index.
        label: The control's name on the page.

    Raises:
        SiteBuilderError: If the capacity is no whole number from 1 to 5000, a range is not finite
            and in order, there is one label or a label comes twice, or the default has more points
            than there is room for, one outside the ranges, or one with a label that is not there.
    """

    kind = "points"

    def __init__(
        self,
        capacity: int,
        *,
        x: Range,
        y: Range,
        labels: Sequence[str] | None = None,
        default: Sequence[Sequence[Any]] = (),
        label: str | None = None,
    ) -> None:
        super().__init__(label)
        if not is_whole(capacity) or not 1 <= capacity <= MOST_POINTS:
            raise SiteBuilderError(
                f"Points: the capacity must be a whole number from 1 to {MOST_POINTS}, "
                f"not {capacity!r}."
            )
        self.capacity = int(capacity)
        self.shape = (self.capacity, 2)
        self.x, self.y = range_of("Points", "x", x), range_of("Points", "y", y)
        self.labels = None if labels is None else _words("Points", labels)
        if len(default) > self.capacity:
            raise SiteBuilderError(
                f"Points: the default has {len(default)} points; there is room for {capacity}."
            )
        self._default = [self._point(number, point) for number, point in enumerate(default, 1)]

    def _point(self, number: int, point: Sequence[Any]) -> tuple[float, float, int]:
        what = f"Points: point {number} of the default"
        if isinstance(point, str) or len(point) not in (2, 3):
            raise SiteBuilderError(f"{what} must be (x, y) or (x, y, label), not {point!r}.")
        x, y = inside(what, point[:2], self.x, self.y)
        label = point[2] if len(point) == 3 else 0
        if isinstance(label, str):
            if self.labels is None or label not in self.labels:
                raise SiteBuilderError(f"{what}: {unknown('label', label, self.labels or ())}")
            return x, y, self.labels.index(label)
        count = 1 if self.labels is None else len(self.labels)
        if not is_whole(label) or not 0 <= label < count:
            raise SiteBuilderError(f"{what}: no label has the index {label!r}; there are {count}.")
        return x, y, int(label)

    @property
    def default(self) -> list[list[float]]:
        return [list(point) for point in self._default]

    def extremes(self) -> list[list[list[float]]]:
        """No point, and as many as there is room for, corner after corner, label after label."""
        count = 1 if self.labels is None else len(self.labels)
        corners = [(x, y) for x in self.x for y in self.y]
        full = [[*corners[n % 4], (n // 4) % count] for n in range(self.capacity)]
        return [[], full]

    def sample(self, random: np.random.Generator) -> list[list[float]]:
        count = 1 if self.labels is None else len(self.labels)
        return [
            [*_somewhere(random, self.x, self.y), int(random.integers(0, count))]
            for _ in range(int(random.integers(0, self.capacity + 1)))
        ]

    def arrays(self, value: Sequence[Sequence[float]]) -> dict[str, NDArray[Any]]:
        """`Placed` as arrays, named as the graph names them.

        Args:
            value: The points as (x, y, label's index), at most `capacity`.
        """
        import numpy as np

        xy = np.zeros((self.capacity, 2), np.float32)
        label = np.zeros(self.capacity, np.int64)
        present = np.zeros(self.capacity, np.bool_)
        for row, point in enumerate(value):
            xy[row], label[row], present[row] = point[:2], int(point[2]), True
        return {
            f"{self.name}.xy": xy,
            f"{self.name}.label": label,
            f"{self.name}.present": present,
        }

    def arrives(self, tensors: Sequence[Tensor]) -> Placed:
        return Placed(*tensors)

    def _spec(self) -> dict[str, Any]:
        return {
            "capacity": self.capacity,
            "x": list(self.x),
            "y": list(self.y),
            "labels": None if self.labels is None else list(self.labels),
            "default": self.default,
        }


class Interval(Input):
    """A stretch between two ends of a range; a float32 tensor (2,): from, to, with from <= to.

    An Altair selection ``selection_interval(name="...", encodings=["x"])`` of its name is the same
    thing on a chart.

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


def _somewhere(random: np.random.Generator, x: Range, y: Range) -> list[float]:
    import numpy as np

    # As float32 they are what a tensor holds: both sides of a comparison start from one number.
    return [float(np.float32(random.uniform(*ends))) for ends in (x, y)]


def _words(kind: str, labels: Sequence[str]) -> tuple[str, ...]:
    words = tuple(labels)
    bare = isinstance(labels, str) or not all(isinstance(w, str) and w.strip() for w in words)
    if bare or len(words) < 2 or len(set(words)) < len(words):
        raise SiteBuilderError(f"{kind} needs at least two different labels, not {labels!r}.")
    return words
