"""The chart of the network: units as small pictures, weights as lines between them."""

from typing import Any

import altair as alt

from explainers.playground.pictures import BLUE, ORANGE
from site_builder import live

TILE, OUTCOME = 28, 60
"""Width and height of a unit's picture, and of the output's, pixels."""


def place(x: str = "x", y: str = "y") -> dict[str, Any]:
    """Return the encodings of a place in the picture.

    Args:
        x: The column that says how far right.
        y: The column that says how far up.
    """
    return {
        "x": alt.X(f"{x}:Q", scale=alt.Scale(domain=[-0.06, 1.16], nice=False)).axis(None),
        "y": alt.Y(f"{y}:Q", scale=alt.Scale(domain=[-4, 4], nice=False)).axis(None),
    }


def links() -> alt.Chart:
    """Draw weights, from edge to edge of the units."""
    sign = alt.when("datum.weight < 0")
    chart: alt.Chart = (
        alt.Chart(live("links"))
        .transform_calculate(size="abs(datum.weight)")
        .mark_rule(opacity=0.85, cursor="pointer", xOffset=TILE / 2 + 2, x2Offset=-TILE / 2 - 2)
        .encode(
            **place("x1", "y1"),
            x2="x2:Q",
            y2="y2:Q",
            strokeWidth=alt.StrokeWidth("size:Q")
            .scale(domain=[0, 3], range=[1, 8], clamp=True)
            .legend(None),
            strokeDash=sign.then(alt.value([6, 3])).otherwise(alt.value([1, 0])),
            color=sign.then(alt.value(ORANGE)).otherwise(alt.value(BLUE)),
        )
    )
    return chart


def tiles(rows: str, side: int) -> list[alt.Chart]:
    """Draw each row's picture in a frame.

    Args:
        rows: The name of an output with x, y and picture.
        side: Width and height, pixels.
    """
    chart = alt.Chart(live(rows)).encode(**place())
    frames = chart.mark_square(
        filled=False,
        size=(side + 2) ** 2,
        opacity=1,
        stroke="var(--explorable-ink)",
        strokeWidth=1,
    )
    colour = alt.Color("picture:Q", scale=alt.Scale(domain=[-1, 1])).legend(None)
    return [frames, chart.mark_image(width=side, height=side).encode(url="picture:N", color=colour)]


def network() -> alt.LayerChart | alt.FacetChart:
    """Draw units and links."""
    named = (
        alt.Chart(live("units"))
        .transform_filter("datum.layer === 0")
        .mark_text(align="right", dx=-TILE / 2 - 5)
        .encode(**place(), text="name:N")
    )
    end = alt.Chart(live("outcome")).encode(**place())
    word = end.mark_text(text="output", dy=-OUTCOME / 2 - 10)
    layers = [links(), *tiles("units", TILE), *tiles("outcome", OUTCOME), named, word]
    return alt.layer(*layers).properties(width=400, height=310)
