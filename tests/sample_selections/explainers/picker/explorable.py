"""Inputs that are selections of charts: in one chart, in charts beside each other, in facets."""

from typing import Any

import altair as alt
import torch
from torch import Tensor

from site_builder import (
    Choice,
    Choices,
    Explorable,
    Interval,
    Labels,
    Output,
    Rows,
    Slider,
    Toggle,
    figure,
    live,
)

SHAPES = ("round", "square", "sharp")
SIDES = ("left", "right")
SIZES = ("8", "16", "32")


def lit(pick: Any) -> Any:
    """Marks that are picked are opaque, others are faint."""
    return alt.condition(pick, alt.value(1.0), alt.value(0.3))


class Picker(Explorable):
    """Shapes, a stretch, a rate, and whether there is noise."""

    shapes = Choices(*SHAPES, default=("round", "sharp"), label="Shapes")
    shape = Choice(*SHAPES, label="Shape")
    size = Choice(*SIZES, label="Size")
    stretch = Interval(0, 10, default=(2, 4), step=0.5, label="Stretch")
    rate = Slider(0.0, 0.4, 0.1, step=0.1, label="Rate")
    noise = Toggle(False, label="Noise")

    def forward(
        self,
        shapes: Tensor,
        shape: Tensor,
        size: Tensor,
        stretch: Tensor,
        rate: Tensor,
        noise: Tensor,
    ) -> dict[str, Output]:
        six = torch.arange(6)
        kinds = torch.arange(3)
        x = torch.arange(11.0)
        return {
            "kinds": Rows(
                word=Labels(kinds, SHAPES),
                number=2.0 ** (kinds + 3),
                height=2.0 + kinds,
            ),
            "grid": Rows(
                word=Labels(six % 3, SHAPES),
                side=Labels(six // 3, SIDES),
                height=2.0 + six,
            ),
            "rates": Rows(rate=0.1 * torch.arange(5), on=torch.arange(5) % 2, height=torch.ones(5)),
            "line": Rows(x=x, y=torch.ones(11), side=Labels((x > 5).long(), SIDES)),
            "count": (shapes >= 0).sum(),
            "inside": ((x >= stretch[0]) & (x <= stretch[1])).sum(),
            "other": shape + size + rate + noise,
        }

    @figure(alt="Three bars of which several are picked.")
    def alone(self) -> alt.Chart:
        pick = alt.selection_point(name="shapes", fields=["word"])
        return bars(lit(pick)).add_params(pick)

    @figure(alt="Three bars, and three bars with labels above them.")
    def beside(self) -> alt.HConcatChart:
        """The same selection in two views, one of them of two layers."""
        pick = alt.selection_point(name="shapes", encodings=["x"])
        labels = alt.Chart(live("kinds")).mark_text(dy=-8).encode(x="word:N", y="height:Q")
        labels = labels.encode(text="height:Q")
        return alt.hconcat(
            bars(lit(pick)), alt.layer(bars(lit(pick)), labels.encode(x=X))
        ).add_params(pick)

    @figure(alt="Bars of a line, and three bars.")
    def stacked(self) -> alt.VConcatChart:
        brush = alt.selection_interval(name="stretch", encodings=["x"])
        pick = alt.selection_point(name="shape", fields=["word"])
        rule = alt.Chart(live("line")).mark_rule().encode(x=along(10).aggregate("mean"))
        return alt.vconcat(
            alt.layer(line(brush).add_params(brush), rule), bars(lit(pick)).add_params(pick)
        )

    @figure(alt="A line twice, with a stretch on the one or the other.")
    def twice(self) -> alt.HConcatChart:
        brush = alt.selection_interval(name="stretch", encodings=["x"])
        return alt.hconcat(line(brush), line(brush).encode(x=along(20))).add_params(brush)

    @figure(alt="A line in two parts, with a stretch on each.")
    def parts(self) -> alt.FacetChart:
        brush = alt.selection_interval(name="stretch", encodings=["x"])
        return line(brush).add_params(brush).facet("side:N", columns=2)

    @figure(alt="Six squares, of which one or more are picked by their two columns.")
    def grid(self) -> alt.Chart:
        pick = alt.selection_point(name="shape", encodings=["y", "x"])
        squares = alt.Chart(live("grid")).mark_square(size=400).encode(x=X, y="side:N")
        chart = squares.encode(opacity=lit(pick)).add_params(pick)
        return chart.properties(width=150, height=80)

    @figure(alt="Three dots, picked by a legend.")
    def legend(self) -> alt.Chart:
        pick = alt.selection_point(name="shapes", fields=["word"], bind="legend")
        dots = alt.Chart(live("kinds")).mark_circle(size=400).encode(x=X, y="height:Q")
        chart = dots.encode(color="word:N", opacity=lit(pick)).add_params(pick)
        return chart.properties(width=150, height=80)

    @figure(alt="Three bars named by numbers.")
    def numbers(self) -> alt.Chart:
        pick = alt.selection_point(name="size", fields=["number"])
        return bars(lit(pick)).encode(x="number:O").add_params(pick)

    @figure(alt="Five dots of rates, and five dots that are on or off.")
    def values(self) -> alt.HConcatChart:
        rate = alt.selection_point(name="rate", fields=["rate"])
        noise = alt.selection_point(name="noise", fields=["on"])
        dots = alt.Chart(live("rates")).mark_circle(size=300).encode(x="rate:Q", y="height:Q")
        return alt.hconcat(
            dots.encode(opacity=lit(rate)).add_params(rate).properties(width=150, height=60),
            dots.encode(opacity=lit(noise)).add_params(noise).properties(width=150, height=60),
        )


X = alt.X("word:N", sort=None)


def bars(opacity: Any) -> alt.Chart:
    chart: alt.Chart = alt.Chart(live("kinds")).mark_bar()
    return chart.encode(x=X, y="height:Q", opacity=opacity).properties(width=120, height=90)


def line(brush: Any) -> alt.Chart:
    chart: alt.Chart = alt.Chart(live("line")).mark_bar(width=6)
    chart = chart.encode(x=along(10), y="y:Q", opacity=lit(brush))
    return chart.properties(width=200, height=80)


def along(end: float) -> alt.X:
    """An axis from 0 to its end, with nothing beyond the ends."""
    return alt.X("x:Q", scale=alt.Scale(domain=(0, end), padding=0))
