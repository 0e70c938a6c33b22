"""The race's charts."""

from typing import Any

import altair as alt

from explainers.momentum.models import GOAL, STEPS
from explainers.momentum.pictures import RISING, legend
from explainers.momentum.race import HIGHEST, LOWEST
from explainers.momentum.racers import RACERS
from explainers.momentum.surfaces import EDGE, SURFACES
from site_builder import live

SIDE = 300

COLOURS = [
    "var(--explorable-muted)",
    *(f"var(--explorable-c{number})" for number in (1, 3, 5, 4, 2)),
    "var(--explorable-ink)",
]
SHAPES = ["circle", "square", "diamond", "triangle-up", "triangle-down", "cross", "stroke"]
DASHES = [[1, 0], [1, 0], [6, 3], [1, 0], [6, 3], [1, 0], [2, 2]]


def colour() -> alt.Color:
    """Return the racers' colours, with a legend."""
    scale = alt.Color("racer:N").scale(domain=list(RACERS), range=COLOURS)
    found: alt.Color = scale.legend(**legend(), columns=4)
    return found


def dash() -> alt.StrokeDash:
    """Return the racers' dashes, which tell them apart without colours."""
    scale = alt.StrokeDash("racer:N").scale(domain=list(RACERS), range=DASHES)
    found: alt.StrokeDash = scale.legend(None)
    return found


def plane() -> dict[str, Any]:
    """Return the encodings of a place on the surface."""
    scale = alt.Scale(domain=[-EDGE, EDGE], nice=False)
    axis = alt.Axis(grid=False, values=[-2, -1, 0, 1, 2])
    return {
        "x": alt.X("x:Q", scale=scale, axis=axis).title(None),
        "y": alt.Y("y:Q", scale=scale, axis=axis).title(None),
    }


def paths() -> alt.LayerChart | alt.FacetChart:
    """Draw the paths on the surface."""
    ground = (
        alt.Chart(live("ground"))
        .mark_rect(opacity=0.4)
        .encode(
            **plane(),
            color=alt.Color("value:Q", scale=alt.Scale(domain=[-3, 2], range=RISING)).legend(None),
        )
    )
    lines = (
        alt.Chart(live("path"))
        .transform_filter("datum.shown")
        .mark_line(strokeWidth=2, clip=True)
        .encode(**plane(), color=colour(), strokeDash=dash(), order="step:Q")
    )
    heads = (
        alt.Chart(live("now"))
        .transform_filter("datum.shown")
        .mark_point(filled=True, size=70, opacity=1, clip=True, stroke="var(--explorable-paper)")
        .encode(
            **plane(),
            fill=alt.Fill("racer:N").scale(domain=list(RACERS), range=COLOURS).legend(None),
            strokeWidth=alt.value(0.8),
        )
    )
    begin = (
        alt.Chart(live("begin"))
        .mark_point(size=200, strokeWidth=2.5, color="var(--explorable-ink)")
        .encode(**plane())
    )
    return alt.layer(ground, lines, heads, begin).properties(width=SIDE, height=SIDE)


def heights() -> alt.LayerChart | alt.FacetChart:
    """Draw the heights over the steps."""
    step = alt.X("step:Q").title("Step").scale(domain=[0, STEPS], nice=False)
    scale = alt.Scale(type="log", domain=[LOWEST, HIGHEST], nice=False, clamp=True)
    axis = alt.Axis(values=[1e-6, 1e-4, 1e-2, 1, 100], format="~g", grid=False)
    height = alt.Y("height:Q").title("Height").scale(scale).axis(axis)
    lines = (
        alt.Chart(live("curve"))
        .transform_filter("datum.shown")
        .mark_line(strokeWidth=2)
        .encode(x=step, y=height, color=colour(), strokeDash=dash())
    )
    heads = (
        alt.Chart(live("now"))
        .transform_filter("datum.shown")
        .mark_point(filled=True, size=55, opacity=1)
        .encode(
            x=step,
            y=height,
            fill=alt.Fill("racer:N").scale(domain=list(RACERS), range=COLOURS).legend(None),
        )
    )
    goal = (
        alt.Chart(alt.InlineData(values=[{"height": GOAL}]))
        .mark_rule(strokeDash=[3, 3], color="var(--explorable-muted)")
        .encode(y=height)
    )
    return alt.layer(goal, lines, heads).properties(width=SIDE, height=200)


def standings() -> alt.LayerChart | alt.FacetChart:
    """Draw who wins where."""
    cell = alt.Chart(live("league")).encode(
        x=alt.X("surface:N", sort=list(SURFACES))
        .title(None)
        .axis(orient="top", labelAngle=0, domain=False, ticks=False),
        y=alt.Y("racer:N", sort=list(RACERS)).title(None).axis(domain=False, ticks=False),
    )
    boxes = cell.mark_rect(stroke="var(--explorable-grid)", color="var(--explorable-c1)").encode(
        opacity=alt.Opacity("arrived:Q").scale(domain=[0, 1], range=[0.0, 0.45]).legend(None)
    )
    text = cell.mark_text(color="var(--explorable-ink)").transform_calculate(
        said="format(datum.arrived, '.0%') + ' / ' + format(datum.first, '.0%')"
    )
    shares = text.encode(text="said:N")
    return alt.layer(boxes, shares).properties(width=340, height=210)
