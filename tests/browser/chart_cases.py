"""Altair charts that together use what Vega-Lite has, maps aside."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import altair as alt

ROWS = [
    {
        "x": n % 13 + n / 7,
        "y": (n * 37 % 23) - 4.5,
        "kind": "abc"[n % 3],
        "group": ["north", "south"][n % 2],
        "day": f"2024-{n % 12 + 1:02d}-{n % 27 + 1:02d}T{n % 24:02d}:30:00",
        "size": n * n % 41 + 1,
    }
    for n in range(60)
]
CASES: dict[str, Callable[[], Any]] = {}


def case(make: Callable[[], Any]) -> Callable[[], Any]:
    CASES[make.__name__] = make
    return make


def base() -> Any:
    return alt.Chart(alt.InlineData(values=ROWS)).properties(width=220, height=160)


def xy(chart: Any) -> Any:
    return chart.encode(x="x:Q", y="y:Q")


for _mark in ("point", "circle", "square", "line", "area", "trail", "tick", "rule", "bar", "text"):

    def _plain(mark: str = _mark) -> Any:
        return getattr(xy(base()), f"mark_{mark}")().encode(color="kind:N")

    CASES[f"mark_{_mark}"] = _plain

for _curve in ("basis", "cardinal", "catmull-rom", "monotone", "natural", "step-after", "bundle"):

    def _curved(curve: str = _curve) -> Any:
        return xy(base()).mark_line(interpolate=curve, tension=0.5, point=True)

    CASES[f"curve_{_curve}"] = _curved


@case
def arcs() -> Any:
    return base().mark_arc(innerRadius=20).encode(theta="count():Q", color="kind:N")


@case
def image_and_symbols() -> Any:
    return xy(base()).mark_point(filled=True).encode(shape="kind:N", size="size:Q", opacity="y:Q")


@case
def heat_map() -> Any:
    chart = base().mark_rect()
    return chart.encode(alt.X("x:Q", bin=True), alt.Y("y:Q", bin=True), alt.Color("count():Q"))


@case
def stacked_bars() -> Any:
    chart = base().mark_bar(cornerRadius=2)
    return chart.encode(x="kind:N", y=alt.Y("sum(size):Q", stack="normalize"), color="group:N")


@case
def grouped_bars() -> Any:
    return base().mark_bar().encode(x="kind:N", xOffset="group:N", y="mean(y):Q", color="group:N")


@case
def box_plot() -> Any:
    return base().mark_boxplot().encode(x="kind:N", y="y:Q")


@case
def error_band_and_bars() -> Any:
    band = base().mark_errorband(extent="ci").encode(x="month(day):T", y="y:Q")
    return band + base().mark_errorbar(extent="stdev").encode(x="month(day):T", y="y:Q")


@case
def times_and_formats() -> Any:
    x = alt.X("yearmonth(day):T", axis=alt.Axis(format="%b %y", labelAngle=-40))
    return base().mark_line().encode(x=x, y=alt.Y("mean(y):Q", axis=alt.Axis(format="+.2f")))


@case
def scales() -> Any:
    return (
        base()
        .mark_circle()
        .encode(
            x=alt.X("size:Q", scale=alt.Scale(type="log")),
            y=alt.Y("y:Q", scale=alt.Scale(type="symlog")),
            color=alt.Color("x:Q", scale=alt.Scale(scheme="viridis", type="quantize")),
            size=alt.Size("size:Q", scale=alt.Scale(type="sqrt"), legend=None),
        )
    )


@case
def diverging_legend() -> Any:
    color = alt.Color("y:Q", scale=alt.Scale(scheme="redblue", domainMid=0))
    return xy(base()).mark_square().encode(color=color)


@case
def regression() -> Any:
    chart = xy(base()).mark_point()
    fit = chart.transform_regression("x", "y", method="poly", order=3).mark_line(color="red")
    return chart + fit


@case
def loess() -> Any:
    chart = xy(base()).mark_point()
    return chart + chart.transform_loess("x", "y", groupby=["kind"]).mark_line()


@case
def density() -> Any:
    chart = base().transform_density("y", groupby=["kind"], as_=["y", "density"])
    return chart.mark_area(opacity=0.5).encode(x="y:Q", y="density:Q", color="kind:N")


@case
def window_and_joins() -> Any:
    chart = base().transform_window(rank="rank()", sort=[alt.SortField("y")], frame=[None, 0])
    chart = chart.transform_joinaggregate(mean="mean(y)", groupby=["kind"])
    chart = chart.transform_calculate(gap="abs(datum.y - datum.mean) + length(upper(datum.kind))")
    return (
        chart.transform_filter("datum.gap > 1 && test(/[ab]/, datum.kind)")
        .mark_point()
        .encode(x="rank:Q", y="gap:Q")
    )


@case
def fold_and_stack() -> Any:
    chart = base().transform_fold(["x", "size"], as_=["key", "value"])
    chart = chart.transform_stack(
        stack="value", as_=["low", "high"], groupby=["kind"], sort=[alt.SortField("key")]
    )
    return chart.mark_bar().encode(x="kind:N", y="low:Q", y2="high:Q", color="key:N")


@case
def pivot_and_impute() -> Any:
    chart = base().transform_pivot("kind", value="y", groupby=["group"], op="mean")
    return chart.mark_bar().encode(x="group:N", y="a:Q") | base().mark_line().encode(
        x="month(day):O", y=alt.Y("mean(y):Q", impute=alt.ImputeParams(value=0)), color="kind:N"
    )


@case
def lookup_flatten_quantile() -> Any:
    other = alt.InlineData(values=[{"kind": k, "w": [n, n * 2]} for n, k in enumerate("abc")])
    chart = base().transform_lookup("kind", alt.LookupData(other, "kind", ["w"]))
    chart = chart.transform_flatten(["w"]).mark_point().encode(x="w:Q", y="y:Q")
    return chart & base().transform_quantile("y", step=0.1).mark_point().encode(
        x="prob:Q", y="value:Q"
    )


@case
def sampled_and_binned() -> Any:
    chart = base().transform_sample(20).transform_bin("bin", "x", bin=alt.Bin(maxbins=6))
    return chart.mark_bar().encode(x="bin:O", y="count():Q")


@case
def sequences() -> Any:
    data = alt.sequence(0, 12, 0.2, as_="t")
    chart = alt.Chart(data).transform_calculate(s="sin(datum.t) * exp(-datum.t / PI)")
    return chart.mark_line(strokeDash=[4, 2]).encode(x="t:Q", y="s:Q")


@case
def facets() -> Any:
    return xy(base()).mark_point().facet(row="group:N", column="kind:N")


@case
def wrapped_facets() -> Any:
    return xy(base()).mark_bar().encode(facet=alt.Facet("kind:N", columns=2))


@case
def repeated() -> Any:
    chart = base().mark_point().encode(alt.X(alt.repeat("column"), type="quantitative"), y="y:Q")
    return chart.repeat(column=["x", "size"]).resolve_scale(y="independent")


@case
def concatenated_with_titles() -> Any:
    chart = xy(base()).mark_point().properties(title=alt.Title("Upper", subtitle="lower"))
    return (chart | chart) & chart.encode(tooltip=["x:Q", alt.Tooltip("day:T", format="%d")])


@case
def conditions() -> Any:
    return (
        xy(base())
        .mark_bar()
        .encode(
            color=alt.condition("datum.y > 0", alt.value("teal"), alt.value("crimson")),
            opacity=alt.when("datum.kind == 'a'").then(alt.value(1)).otherwise(alt.value(0.4)),
        )
    )


@case
def brush() -> Any:
    brush = alt.selection_interval(name="brush")
    chart = xy(base()).mark_point().add_params(brush)
    chart = chart.encode(color=alt.condition(brush, "kind:N", alt.value("grey")))
    return chart | base().mark_bar().encode(x="kind:N", y="count():Q").transform_filter(brush)


@case
def pan_and_zoom() -> Any:
    return xy(base()).mark_line(clip=True).interactive()


@case
def click_selection() -> Any:
    pick = alt.selection_point(fields=["kind"], bind="legend")
    chart = xy(base()).mark_circle(size=300).add_params(pick)
    return chart.encode(color="kind:N", opacity=alt.condition(pick, alt.value(1), alt.value(0.2)))


@case
def nearest_point() -> Any:
    near = alt.selection_point(nearest=True, on="pointerover", empty=False)
    line = xy(base()).mark_line()
    points = xy(base()).mark_point(size=80).add_params(near)
    return line + points.encode(opacity=alt.condition(near, alt.value(1), alt.value(0)))


@case
def parameters() -> Any:
    cut = alt.param(name="cut", value=3, bind=alt.binding_range(min=0, max=9))
    chart = xy(base()).mark_point().add_params(cut).transform_filter(alt.datum.y > cut)
    return chart.encode(size=alt.value(alt.expr("cut * 20 + clamp(cut, 1, 2)")))


@case
def gradients_and_text() -> Any:
    gradient: Any = alt.Gradient(  # type: ignore[no-untyped-call]
        gradient="linear",
        stops=[alt.GradientStop(color="white", offset=0), alt.GradientStop(color="navy", offset=1)],
    )
    area = xy(base()).mark_area(color=gradient, line=True)
    return area + xy(base()).mark_text(angle=20, dx=4, baseline="top").encode(text="kind:N")
