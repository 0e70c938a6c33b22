"""The playground's charts of data and losses."""

from typing import Any

import altair as alt

from explainers.playground.data import EDGE
from site_builder import live

SIDE = 300
"""Width and height of a picture of the plane, pixels."""

ORANGE, BLUE = "#e07b00", "#2b7cd3"
"""The colours of -1 and +1, as those of surfaces; at 0 there is none."""

POINT_SIZE = 34


def plane() -> dict[str, Any]:
    """Return the encodings of a place in the plane of the data."""
    scale = alt.Scale(domain=[-EDGE, EDGE], nice=False)
    axis = alt.Axis(grid=False, values=[-6, -3, 0, 3, 6])
    return {
        "x": alt.X("x:Q", scale=scale, axis=axis).title("x1"),
        "y": alt.Y("y:Q", scale=scale, axis=axis).title("x2"),
    }


def ground() -> alt.Chart:
    """Draw the network's answer at each place."""
    scale = alt.Scale(domain=[-1, 1])
    chart: alt.Chart = (
        alt.Chart(live("surface"))
        .mark_rect(opacity=0.6)
        .encode(**plane(), color=alt.Color("value:Q", scale=scale).legend(None))
    )
    return chart


def shade() -> alt.Fill:
    """Colour points by their label."""
    colours = [ORANGE, "#b9b5ae", BLUE]
    scale = alt.Scale(domain=[-1, 0, 1], range=colours, clamp=True, interpolate="rgb")
    fill: alt.Fill = alt.Fill("label:Q", scale=scale).legend(None)
    return fill


def shape() -> Any:
    """Tell blue and orange apart without colours."""
    square = alt.when("datum.label < 0").then(alt.value("square"))
    return square.otherwise(alt.value("circle"))


def output() -> alt.LayerChart | alt.FacetChart:
    """Draw the examples on the network's answer."""
    split = alt.when("datum.split === 'test'").then(alt.value(2.0)).otherwise(alt.value(0.8))
    edge = alt.when("datum.split === 'test'").then(alt.value("var(--explorable-ink)"))
    points = (
        alt.Chart(live("points"))
        .transform_filter("datum.shown")
        .mark_point(filled=True, size=POINT_SIZE, opacity=1)
        .encode(
            **plane(),
            fill=shade(),
            shape=shape(),
            stroke=edge.otherwise(alt.value("var(--explorable-paper)")),
            strokeWidth=split,
        )
    )
    return alt.layer(ground(), points).properties(width=SIDE, height=SIDE)


def drawing() -> alt.LayerChart | alt.FacetChart:
    """Draw the reader's own points on the network's answer."""
    points = (
        alt.Chart(live("own"))
        .mark_point(filled=True, size=110, opacity=1, stroke="var(--explorable-paper)")
        .encode(
            **plane(),
            fill=shade(),
            shape=shape(),
        )
    )
    return alt.layer(ground(), points).properties(width=SIDE, height=SIDE)


def loss() -> alt.LayerChart | alt.FacetChart:
    """Draw the loss of training and test data over time."""
    which: list[str | alt.FieldName] = ["training", "test"]
    place: dict[str, Any] = {
        "x": alt.X("epoch:Q")
        .title("Epoch")
        .scale(zero=True, nice=False)
        .axis(format="d", tickMinStep=1),
        "y": alt.Y("loss:Q").title("Loss").scale(zero=True),
    }
    colour = alt.Color("examples:N").scale(
        domain=which, range=["var(--explorable-c1)", "var(--explorable-c2)"]
    )
    curve = (
        alt.Chart(live("history"))
        .transform_fold(which, as_=["examples", "loss"])
        .mark_line(strokeWidth=2)
        .encode(
            **place,
            color=colour.legend(title=None),
            strokeDash=alt.StrokeDash("examples:N")
            .scale(domain=which, range=[[1, 0], [5, 3]])
            .legend(title=None),
        )
    )
    ends = alt.Chart(live("now")).encode(**place, color=colour.legend(title=None))
    dots = ends.mark_point(filled=True, size=45, opacity=1)
    # Before anything is learned there is an axis all the same.
    first = alt.Chart(alt.InlineData(values=[{"epoch": 1, "loss": 0}])).encode(**place)
    return alt.layer(curve, dots, first.mark_point(opacity=0)).properties(width=340, height=160)
