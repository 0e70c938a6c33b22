"""The playground's four charts."""

from typing import Any

import altair as alt

from explainers.playground.data import EDGE
from site_builder import live

SIDE = 300
"""Width and height of a picture of the plane, pixels."""

TILE = 28
"""Width and height of a unit's picture, pixels."""

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


def output() -> alt.LayerChart | alt.FacetChart:
    """Draw the examples on the network's answer."""
    shade = alt.Scale(domain=[-1, 0, 1], range=[ORANGE, "#b9b5ae", BLUE], clamp=True)
    sign = alt.when("datum.label < 0").then(alt.value("square"))
    split = alt.when("datum.split === 'test'").then(alt.value(2.0)).otherwise(alt.value(0.8))
    edge = alt.when("datum.split === 'test'").then(alt.value("var(--explorable-ink)"))
    points = (
        alt.Chart(live("points"))
        .transform_filter("datum.shown")
        .mark_point(filled=True, size=POINT_SIZE, opacity=1)
        .encode(
            **plane(),
            fill=alt.Fill("label:Q", scale=shade).legend(None),
            shape=sign.otherwise(alt.value("circle")),
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
            fill=alt.Fill("label:N")
            .scale(domain=["orange", "blue"], range=[ORANGE, BLUE])
            .legend(None),
            shape=alt.Shape("label:N")
            .scale(domain=["orange", "blue"], range=["square", "circle"])
            .legend(None),
        )
    )
    return alt.layer(ground(), points).properties(width=SIDE, height=SIDE)


def network() -> alt.LayerChart | alt.FacetChart:
    """Draw units and links."""
    across = alt.Scale(domain=[-0.06, 1.06], nice=False)
    up = alt.Scale(domain=[-4, 4], nice=False)
    sign = alt.when("datum.weight < 0")
    links = (
        alt.Chart(live("links"))
        .transform_calculate(size="abs(datum.weight)")
        .mark_rule(opacity=0.85, xOffset=TILE / 2 + 2, x2Offset=-TILE / 2 - 2)
        .encode(
            x=alt.X("x1:Q", scale=across).axis(None),
            x2="x2:Q",
            y=alt.Y("y1:Q", scale=up).axis(None),
            y2="y2:Q",
            strokeWidth=alt.StrokeWidth("size:Q")
            .scale(domain=[0, 3], range=[1, 8], clamp=True)
            .legend(None),
            strokeDash=sign.then(alt.value([6, 3])).otherwise(alt.value([1, 0])),
            color=sign.then(alt.value(ORANGE)).otherwise(alt.value(BLUE)),
        )
    )
    place: dict[str, Any] = {
        "x": alt.X("x:Q", scale=across),
        "y": alt.Y("y:Q", scale=up),
    }
    frames = (
        alt.Chart(live("units"))
        .mark_square(
            filled=False,
            size=(TILE + 2) ** 2,
            opacity=1,
            stroke="var(--explorable-ink)",
            strokeWidth=1,
        )
        .encode(**place)
    )
    units = (
        alt.Chart(live("units"))
        .mark_image(width=TILE, height=TILE)
        .encode(
            **place,
            url="picture:N",
            color=alt.Color("picture:Q", scale=alt.Scale(domain=[-1, 1])).legend(None),
        )
    )
    named = (
        alt.Chart(live("units"))
        .transform_filter("datum.layer === 0")
        .mark_text(align="right", dx=-TILE / 2 - 5)
        .encode(**place, text="name:N")
    )
    end = alt.Chart(alt.InlineData(values=[{"x": 1, "y": 0}])).encode(**place)
    mark = end.mark_point(filled=True, size=260, color="var(--explorable-ink)", opacity=1)
    word = end.mark_text(text="output", dy=-18)
    return alt.layer(links, frames, units, named, mark, word).properties(width=340, height=310)


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
