"""The axes on which a reader draws a guess, and the true curve, as SVG."""

from __future__ import annotations

import json
import math
from dataclasses import dataclass
from html import escape
from itertools import pairwise
from typing import TYPE_CHECKING, Any

from site_builder.errors import SiteBuilderError, unknown

if TYPE_CHECKING:
    from site_builder.pages import PageState

_WIDTH, _HEIGHT = 360, 260
_LEFT, _RIGHT, _TOP, _BOTTOM = 48, 348, 30, 214
"""The place of the axes in the drawing, px."""

MOST = 200
"""A curve of more points is thinned to so many: a page draws no finer."""

Ends = tuple[float, float]


@dataclass(frozen=True)
class Curve:
    """A curve that a reader is asked to draw.

    Attributes:
        x: The name of the column across.
        y: The name of the column upwards.
        points: The true curve; x rises.
        across: The ends of the axis across.
        up: The ends of the axis upwards.
    """

    x: str
    y: str
    points: list[Ends]
    across: Ends
    up: Ends

    @classmethod
    def of(cls, said: str, low: float | None, high: float | None, state: PageState) -> Curve:
        """The curve that an author names.

        Args:
            said: ``"name.rows, x, y"``: rows, and the columns across and upwards.
            low: The lower end of the axis upwards, or None to choose it.
            high: The upper end.
            state: The page.

        Raises:
            SiteBuilderError: If there are no such rows or columns, or they make no curve.
        """
        parts = [part.strip() for part in said.split(",")]
        if len(parts) != 3:
            raise SiteBuilderError(
                f"'curve' must name rows and two of their columns, as in 'curve: name.rows, x, y', "
                f"not '{said}'."
            )
        dotted, x, y = parts
        points = _points(dotted, x, y, state)
        heights = [height for _, height in points]
        nice = _ticks(min(heights), max(heights))
        step = nice[1] - nice[0]
        up = (
            low if low is not None else nice[0] - step * (nice[0] > min(heights)),
            high if high is not None else nice[-1] + step * (nice[-1] < max(heights)),
        )
        if not up[0] <= min(heights) <= max(heights) <= up[1] or up[0] == up[1]:
            raise SiteBuilderError(
                f"the curve goes from {min(heights):g} to {max(heights):g}, beyond the axis from "
                f"{up[0]:g} to {up[1]:g}; widen 'from' and 'to'."
            )
        return cls(x, y, points, (points[0][0], points[-1][0]), up)

    def spec(self) -> dict[str, Any]:
        """What the page's script needs (``runtime/src/guess-words.ts``)."""
        return {
            "kind": "curve",
            "x": self.x,
            "y": self.y,
            "across": self.across,
            "up": self.up,
            "points": [[float(f"{n:.6g}") for n in point] for point in self.points],
            "plot": {"left": _LEFT, "right": _RIGHT, "top": _TOP, "bottom": _BOTTOM},
        }

    def said(self) -> str:
        """The true curve in words."""
        (_, first), (_, last) = self.points[0], self.points[-1]
        heights = [height for _, height in self.points]
        return (
            f"The true curve of {self.y} over {self.x}: it begins at {first:.3g}, ends at "
            f"{last:.3g}, and lies between {min(heights):.3g} and {max(heights):.3g}."
        )

    def svg(self, label: str, *, true_curve: bool = False) -> str:
        """The axes, and the curve where it may be seen.

        Args:
            label: The text alternative.
            true_curve: Whether the curve is drawn.
        """
        parts = []
        for value, text in _labelled(self.up):
            y = self._place(self.across[0], value)[1]
            parts.append(f'<path stroke="var(--explorable-grid)" d="M{_LEFT} {y}H{_RIGHT}"/>')
            parts.append(_text(_LEFT - 6, float(y) + 4, "end", text))
        for value, text in _labelled(self.across):
            x = self._place(value, self.up[0])[0]
            parts.append(f'<path stroke="var(--explorable-muted)" d="M{x} {_BOTTOM}v5"/>')
            parts.append(_text(float(x), _BOTTOM + 19, "middle", text))
        parts.append(f'<path stroke="var(--explorable-muted)" d="M{_LEFT} {_BOTTOM}H{_RIGHT}"/>')
        parts.append(_text((_LEFT + _RIGHT) / 2, _BOTTOM + 38, "middle", self.x, "ink"))
        parts.append(_text(_LEFT - 6, 14, "start", self.y, "ink"))
        if true_curve:
            places = [" ".join(self._place(*point)) for point in self.points]
            parts.append(f'<path class="explorable-true" d="M{"L".join(places)}"/>')
        return (
            f'<svg class="explorable-axes" viewBox="0 0 {_WIDTH} {_HEIGHT}" role="img" '
            f'aria-label="{escape(label)}">{"".join(parts)}</svg>'
        )

    def _place(self, x: float, y: float) -> tuple[str, str]:
        (left, right), (low, high) = self.across, self.up
        return (
            f"{_LEFT + (_RIGHT - _LEFT) * (x - left) / (right - left):.1f}",
            f"{_BOTTOM - (_BOTTOM - _TOP) * (y - low) / (high - low):.1f}",
        )


def _points(dotted: str, x: str, y: str, state: PageState) -> list[Ends]:
    """The rows' finite points at the default inputs."""
    from site_builder.parity import decode

    record, part = state.record(dotted)
    rows = {spec["name"]: spec["columns"] for spec in record.outputs if spec["kind"] == "rows"}
    name = dotted.partition(".")[0]
    if part not in rows:
        raise SiteBuilderError(unknown("rows", dotted, [f"{name}.{known}" for known in rows]))
    numbers = {c["name"]: c["tensor"] for c in rows[part] if not c["words"] and not c.get("tile")}
    for column in (x, y):
        if column not in numbers:
            raise SiteBuilderError(unknown(f"column of numbers of '{dotted}'", column, numbers))
    defaults = json.loads(state.project.store.read(record.fixtures))[0]["outputs"]
    columns = [decode(defaults[numbers[column]]).tolist() for column in (x, y)]
    points = [(float(a), float(b)) for a, b in zip(*columns, strict=True) if math.isfinite(a + b)]
    if len(points) < 2 or any(a[0] >= b[0] for a, b in pairwise(points)):
        raise SiteBuilderError(
            f"'{dotted}' draws no curve at the opening values: '{x}' must rise from row to row, "
            f"over at least two rows of finite numbers; it has {len(points)}."
        )
    if len(points) > MOST:
        points = [points[i * (len(points) - 1) // (MOST - 1)] for i in range(MOST)]
    return points


def _ticks(low: float, high: float) -> list[float]:
    """Round numbers between two ends, the ends among them where they are round: 3 to 7."""
    span = (high - low) or abs(high) or 1.0
    size = 10.0 ** math.floor(math.log10(span / 4))
    step = next(size * n for n in (1, 2, 2.5, 5, 10) if span / (size * n) <= 5)
    first, last = math.ceil(low / step - 1e-9), math.floor(high / step + 1e-9)
    ticks = [n * step for n in range(first, last + 1)]
    return ticks if len(ticks) > 1 else [first * step, (first + 1) * step]


def _labelled(ends: Ends) -> list[tuple[float, str]]:
    """The ticks of an axis with their texts."""
    ticks = [tick for tick in _ticks(*ends) if ends[0] - 1e-9 <= tick <= ends[1] + 1e-9]
    decimals = max((len(f"{tick:.6g}".partition(".")[2]) for tick in ticks), default=0)
    return [(tick, f"{tick + 0.0:.{decimals}f}") for tick in ticks]


def _text(x: float, y: float, anchor: str, text: str, colour: str = "muted") -> str:
    return (
        f'<text x="{x:g}" y="{y:g}" text-anchor="{anchor}" font-size="13" '
        f'fill="var(--explorable-{colour})">{escape(text)}</text>'
    )
