"""`Point` and `Points`: places that the reader also holds on a chart."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING, Any, NamedTuple

from site_builder.axis import Range, inside, range_of
from site_builder.errors import SiteBuilderError, unknown
from site_builder.inputs import Input
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
        label: int64 (capacity,): the index of each point's label; or float32 (capacity,): its
            value, where points have values. 0 where there is none.
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
        value: The lowest and highest value, where each point bears a number in place of a label's
            index. Labels, of which there may be two then, are words for the two ends.
        default: The points with which the page opens: ``(x, y)``, or ``(x, y, label)`` with the
            label's word or index, or its value.
        label: The control's name on the page.

    Raises:
        SiteBuilderError: If the capacity is no whole number from 1 to 5000, a range is not finite
            and in order, there is one label or a label comes twice, values have more labels than
            ends, or the default has more points than there is room for, one outside the ranges, or
            one with a label that is not there.
    """

    kind = "points"

    def __init__(
        self,
        capacity: int,
        *,
        x: Range,
        y: Range,
        labels: Sequence[str] | None = None,
        value: Range | None = None,
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
        self.value = None if value is None else range_of("Points", "value", value)
        count = len(self.labels or ())
        if self.value and count > 2:
            raise SiteBuilderError(f"Points: a value has two ends to be named, not {count}.")
        if len(default) > self.capacity:
            raise SiteBuilderError(
                f"Points: the default has {len(default)} points; there is room for {capacity}."
            )
        self._default = [self._point(number, point) for number, point in enumerate(default, 1)]

    def _point(self, number: int, point: Sequence[Any]) -> tuple[float, float, float]:
        what = f"Points: point {number} of the default"
        if isinstance(point, str) or len(point) not in (2, 3):
            raise SiteBuilderError(f"{what} must be (x, y) or (x, y, label), not {point!r}.")
        x, y = inside(what, point[:2], self.x, self.y)
        label = point[2] if len(point) == 3 else self._bears(0)
        if isinstance(label, str):
            if self.labels is None or label not in self.labels:
                raise SiteBuilderError(f"{what}: {unknown('label', label, self.labels or ())}")
            return x, y, self._bears(self.labels.index(label))
        if self.value:
            low, high = self.value
            if not isinstance(label, int | float) or not low <= label <= high:
                raise SiteBuilderError(
                    f"{what} has the value {label!r}, which lies outside {low:g} to {high:g}."
                )
            return x, y, float(label)
        if not is_whole(label) or not 0 <= label < self._kinds:
            raise SiteBuilderError(
                f"{what}: no label has the index {label!r}; there are {self._kinds}."
            )
        return x, y, int(label)

    @property
    def _kinds(self) -> int:
        """How many labels there are to try; of values, the two ends."""
        return 2 if self.value else 1 if self.labels is None else len(self.labels)

    def _bears(self, label: int) -> float:
        """What a point of a label bears: the label's index, or its end of the values."""
        return self.value[label] if self.value else label

    @property
    def default(self) -> list[list[float]]:
        return [list(point) for point in self._default]

    def extremes(self) -> list[list[list[float]]]:
        """No point, and as many as there is room for, corner after corner, label after label."""
        corners = [(x, y) for x in self.x for y in self.y]
        full = [
            [*corners[n % 4], self._bears((n // 4) % self._kinds)] for n in range(self.capacity)
        ]
        return [[], full]

    def sample(self, random: np.random.Generator) -> list[list[float]]:
        count = int(random.integers(0, self.capacity + 1))
        if self.value:
            return [_somewhere(random, self.x, self.y, self.value) for _ in range(count)]
        return [
            [*_somewhere(random, self.x, self.y), int(random.integers(0, self._kinds))]
            for _ in range(count)
        ]

    def arrays(self, value: Sequence[Sequence[float]]) -> dict[str, NDArray[Any]]:
        """`Placed` as arrays, named as the graph names them.

        Args:
            value: The points as (x, y, label's index or value), at most `capacity`.
        """
        import numpy as np

        xy = np.zeros((self.capacity, 2), np.float32)
        label = np.zeros(self.capacity, np.float32 if self.value else np.int64)
        present = np.zeros(self.capacity, np.bool_)
        for row, point in enumerate(value):
            xy[row], label[row], present[row] = point[:2], point[2], True
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
            "value": None if self.value is None else list(self.value),
            "default": self.default,
        }


def _somewhere(random: np.random.Generator, *ranges: Range) -> list[float]:
    import numpy as np

    # As float32 they are what a tensor holds: both sides of a comparison start from one number.
    return [float(np.float32(random.uniform(*ends))) for ends in ranges]


def _words(kind: str, labels: Sequence[str]) -> tuple[str, ...]:
    words = tuple(labels)
    bare = isinstance(labels, str) or not all(isinstance(w, str) and w.strip() for w in words)
    if bare or len(words) < 2 or len(set(words)) < len(words):
        raise SiteBuilderError(f"{kind} needs at least two different labels, not {labels!r}.")
    return words
