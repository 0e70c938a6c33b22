"""The charts of the ravine, of the map, of the spectrum and of the chain."""

from math import sqrt
from typing import Any

import altair as alt

from explainers.momentum.chain import BEADS
from explainers.momentum.chain import STEPS as CHAIN_STEPS
from explainers.momentum.lanes import HEIGHT, PARTS, PROMISES, STEPS, WAVE, WAYS, WIDTH
from site_builder import live

SIDE = 320

WASH = "#2b7cd3"
"""The blue of surfaces."""
RISING, FALLING = ["transparent", WASH], [WASH, "transparent"]

INK, MUTED = "var(--explorable-ink)", "var(--explorable-muted)"
WITH, WITHOUT, BOUND = (f"var(--explorable-c{number})" for number in (1, 2, 3))


def legend() -> dict[str, Any]:
    """Return how legends stand."""
    return {"title": None, "orient": "top", "symbolOpacity": 1}


def way() -> alt.Color:
    """Tell with momentum from without."""
    scale = alt.Color("way:N").scale(domain=list(WAYS), range=[WITH, WITHOUT])
    found: alt.Color = scale.legend(**legend())
    return found


def way_dash() -> alt.StrokeDash:
    """And without colours; the caption says which is which."""
    scale = alt.StrokeDash("way:N").scale(domain=list(WAYS), range=[[1, 0], [5, 3]])
    found: alt.StrokeDash = scale.legend(None)
    return found


def log_axis(field: str, title: str, low: int, high: int) -> alt.Y:
    """Return a logarithmic axis from 10^low to 10^high."""
    scale = alt.Scale(type="log", domain=[10.0**low, 10.0**high], nice=False, clamp=True)
    values = [10.0**power for power in range(low, high + 1) if power % 3 == 0]
    axis = alt.Axis(values=values, format="~g", grid=False)
    found: alt.Y = alt.Y(field).title(title).scale(scale).axis(axis)
    return found


def ravine() -> alt.LayerChart | alt.FacetChart:
    """Draw both paths on the ground."""

    def axis(name: str, end: float) -> Any:
        channel = alt.X if name == "x" else alt.Y
        scale = alt.Scale(domain=[-end, end], nice=False)
        return channel(f"{name}:Q", scale=scale, axis=alt.Axis(grid=False, tickCount=5)).title(None)

    place: dict[str, Any] = {"x": axis("x", WIDTH), "y": axis("y", HEIGHT)}
    ground = (
        alt.Chart(live("ground"))
        .mark_rect(opacity=0.45)
        .encode(
            **place,
            color=alt.Color("value:Q", scale=alt.Scale(domain=[-4, 0.5], range=RISING)).legend(
                None
            ),
        )
    )
    paths = (
        alt.Chart(live("path"))
        .mark_line(strokeWidth=2, clip=True)
        .encode(**place, color=way(), strokeDash=way_dash(), order="step:Q")
    )
    fill = alt.Fill("way:N").scale(domain=list(WAYS), range=[WITH, WITHOUT]).legend(None)
    balls = (
        alt.Chart(live("ball"))
        .mark_point(filled=True, size=90, opacity=1, clip=True)
        .encode(**place, fill=fill)
    )
    begin = alt.Chart(live("begin")).mark_point(size=200, strokeWidth=2.5, color=INK)
    return alt.layer(ground, paths, balls, begin.encode(**place)).properties(width=SIDE, height=240)


def parts() -> alt.LayerChart | alt.FacetChart:
    """Draw how each part of the error shrinks."""
    size = log_axis("size:Q", "Size of the part", -9, 1)
    step = alt.X("step:Q").title("Step").scale(domain=[0, STEPS], nice=False)
    step = step.axis(values=[0, 50, 100, 150, 200])
    width = alt.StrokeWidth("part:N").scale(domain=list(PARTS), range=[3, 1.2])
    lines = (
        alt.Chart(live("parts"))
        .mark_line(clip=True)
        .encode(
            x=step,
            y=size,
            color=way(),
            strokeWidth=width.legend(**legend()),
            strokeDash=way_dash(),
        )
    )
    return alt.layer(lines).properties(width=SIDE, height=200)


def regimes() -> alt.VConcatChart:
    """Draw the map of regimes and the course at the reader's place."""
    x = alt.X("x:Q", scale=alt.Scale(domain=[0, 4], nice=False)).title("Step size × curvature")
    y = alt.Y("y:Q", scale=alt.Scale(domain=[0, 1], nice=False)).title("Momentum β")
    place: dict[str, Any] = {
        "x": x.axis(grid=False, tickCount=5),
        "y": y.axis(grid=False, tickCount=5),
    }
    colour = alt.Color("value:Q").scale(domain=[0, 1], range=FALLING, clamp=True)
    ground = (
        alt.Chart(live("map")).mark_rect(opacity=0.75).encode(**place, color=colour.legend(None))
    )
    grid = [step / 50 for step in range(201)]
    border = [{"x": a, "y": (1 - sqrt(a)) ** 2} for a in grid]
    edge = [{"x": a, "y": a / 2 - 1} for a in (2.0, 4.0)]
    lines = [
        alt.Chart(alt.InlineData(values=border)).mark_line(color=INK, strokeWidth=1.2),
        alt.Chart(alt.InlineData(values=edge)).mark_line(color=WITHOUT, strokeWidth=2),
    ]
    names = [
        {"x": 1.7, "y": 0.62, "name": "ripples"},
        {"x": 0.04, "y": 0.01, "name": "decrease"},
        {"x": 1.36, "y": 0.01, "name": "bounces"},
        {"x": 3.0, "y": 0.2, "name": "divergence"},
    ]
    words = (
        alt.Chart(alt.InlineData(values=names))
        .mark_text(color=INK, align="left", baseline="bottom", fontSize=12)
        .encode(**place, text="name:N")
    )
    two = alt.Chart(live("directions")).encode(**place)
    dots = two.mark_point(filled=True, size=60, opacity=1, color=WITH)
    called = two.mark_text(dy=-10, color=INK, fontSize=11).encode(text="part:N")
    ring = alt.Chart(live("place")).mark_point(size=200, strokeWidth=2.5, color=INK)
    drawn = [line.encode(**place) for line in lines]
    above = alt.layer(ground, *drawn, words, dots, called, ring.encode(**place))
    step = alt.X("step:Q").title("Step").scale(domain=[0, WAVE], nice=False)
    error = alt.Y("error:Q").title("Error").scale(domain=[-1.5, 1.5], nice=False, clamp=True)
    wave = alt.Chart(live("wave")).encode(x=step, y=error.axis(tickCount=3))
    line = wave.mark_line(color=INK, strokeWidth=1.5, clip=True)
    marks = wave.mark_point(filled=True, color=INK, size=16, clip=True)
    below = alt.layer(line, marks).properties(width=SIDE, height=110)
    return alt.vconcat(above.properties(width=SIDE, height=220), below)


def spectrum() -> alt.LayerChart | alt.FacetChart:
    """Draw the polynomials over the spectrum."""
    curvature = alt.X("curvature:Q").title("Curvature").scale(domain=[0, 1], nice=False)
    curvature = curvature.axis(tickCount=5)
    place: dict[str, Any] = {
        "x": curvature,
        "y": log_axis("size:Q", "What is left of the error", -6, 1),
    }
    colour = alt.Color("promise:N").scale(domain=list(PROMISES), range=[WITH, WITHOUT, BOUND])
    dash = alt.StrokeDash("promise:N").scale(domain=list(PROMISES), range=[[1, 0], [5, 3], [2, 2]])
    lines = (
        alt.Chart(live("left"))
        .mark_line(strokeWidth=2, clip=True)
        .encode(
            **place, color=colour.legend(**legend(), columns=2), strokeDash=dash.legend(**legend())
        )
    )
    low = alt.Chart(live("lowest")).mark_rule(color=MUTED, strokeDash=[3, 3]).encode(x=curvature)
    dots = alt.Chart(live("own")).mark_point(filled=True, size=80, opacity=1, color=WITH)
    return alt.layer(low, lines, dots.encode(**place)).properties(width=SIDE, height=210)


def beads() -> alt.VConcatChart:
    """Draw the beads, and the front over time."""
    bead = alt.X("bead:Q").title("Bead").scale(domain=[0.5, BEADS + 0.5], nice=False)
    height = alt.Y("height:Q").title("Height").scale(domain=[-0.2, 2], nice=False, clamp=True)
    row = alt.Chart(live("chain")).encode(x=bead, y=height.axis(tickCount=3))
    line = row.mark_line(color=INK, strokeWidth=1)
    marks = row.mark_point(filled=True, size=45, opacity=1, color=WITH)
    above = alt.layer(line, marks).properties(width=SIDE, height=130)
    x = alt.X("x:Q").title("Bead").scale(domain=[0.5, BEADS + 0.5], nice=False)
    y = alt.Y("y:Q").title("Step").scale(domain=[-0.5, CHAIN_STEPS + 0.5], nice=False)
    front = (
        alt.Chart(live("front"))
        .mark_rect(opacity=0.9)
        .encode(
            x=x.axis(grid=False),
            y=y.axis(grid=False),
            color=alt.Color("value:Q", scale=alt.Scale(domain=[0, 1], clamp=True)).legend(None),
        )
    )
    now = (
        alt.Chart(live("now"))
        .mark_rule(color=INK, strokeWidth=1.5)
        .encode(y=alt.Y("step:Q").scale(domain=[-0.5, CHAIN_STEPS + 0.5], nice=False))
    )
    return alt.vconcat(above, alt.layer(front, now).properties(width=SIDE, height=180))
