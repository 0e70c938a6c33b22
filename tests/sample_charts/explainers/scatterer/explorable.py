"""Inputs that are held on charts."""

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
    Placed,
    Point,
    Points,
    Rows,
    Size,
    Slider,
    Toggle,
    figure,
    live,
)

FORMS = ("round", "square", "sharp")
PLANE = (-6.0, 6.0)


class Scatterer(Explorable):
    """Places and points on a plane, a stretch of a line, one of three bars."""

    hand = Point(x=PLANE, y=PLANE, default=(1, 2), label="Hand")
    own = Points(
        5,
        x=PLANE,
        y=PLANE,
        labels=("orange", "blue"),
        default=[(-2, -2, "orange"), (3, 1, "blue")],
        label="Own points",
    )
    window = Interval(0, 10, default=(2, 4), step=0.5, label="Window")
    form = Choice(*FORMS, label="Form")
    dim = Slider(0.0, 1.0, 0.3, step=0.1, label="Dim")
    marked = Toggle(True, label="Marked")
    shade = Choice("light", "dark", label="Shade")
    parts = Choices("left", "right", "middle", default=("left", "right"), label="Parts")
    units = Size(1, 8, 4, label="Units")

    def forward(
        self,
        hand: Tensor,
        own: Placed,
        window: Tensor,
        form: Tensor,
        dim: Tensor,
        marked: Tensor,
        shade: Tensor,
        parts: Tensor,
        units: Tensor,
    ) -> dict[str, Output]:
        x = torch.arange(11.0)
        inside = (x >= window[0]) & (x <= window[1])
        kinds = torch.arange(3)
        bars = torch.tensor([2.0, 3.0, 4.0])
        blue = own.present & (own.label == 1)
        return {
            "bars": Rows(x=x, y=torch.ones(11), side=Labels(inside.long(), ("out", "in"))),
            "heights": Rows(
                word=Labels(kinds, FORMS),
                height=bars * torch.where(marked, 1.0, 0.5),
                chosen=Labels((kinds == form).long(), ("no", "yes")),
            ),
            "total": own.present.sum(),
            "blue": blue.sum(),
            "mean_x": (own.xy[:, 0] * own.present).sum() / own.present.sum().clamp(min=1),
            "far": hand.square().sum(),
            "inside": inside.sum(),
            "bright": 1 - dim,
            "size": torch.ones_like(units).sum(),
            "first_part": parts.min(),
            "shadow": shade,
        }

    @figure(alt="A plane with points and a hand.")
    def plane(self) -> alt.LayerChart:
        x = alt.X("x:Q", scale=alt.Scale(domain=PLANE))
        y = alt.Y("y:Q", scale=alt.Scale(domain=PLANE))
        dim = alt.param(name="dim", value=0.3)
        marked = alt.param(name="marked", value=True)
        shade = alt.param(name="shade", value="light")
        points = alt.Chart(live("own")).mark_circle(
            size=alt.expr("marked ? 80 : 20"), opacity=alt.expr("shade == 'dark' ? 1 : 0.5")
        )
        hand = alt.Chart(live("hand")).mark_point(size=200, opacity=alt.expr("1 - dim"))
        points = points.encode(x=x, y=y, color="label:N")
        both = (points + hand.encode(x=x, y=y)).add_params(dim, marked, shade)
        return both.properties(width=300, height=240)

    @figure(alt="Bars, some of them inside a stretch.")
    def stretch(self) -> alt.Chart:
        window = alt.selection_interval(name="window", encodings=["x"], value={"x": [2, 4]})
        return (
            alt.Chart(live("bars"))
            .mark_bar(width=12)
            .encode(x="x:Q", y="y:Q", color="side:N")
            .add_params(window)
            .properties(width=300, height=100)
        )

    @figure(alt="Three bars of which one is chosen.")
    def kinds(self) -> alt.Chart:
        form = alt.selection_point(name="form", fields=["word"], value=FORMS[0])
        return (
            alt.Chart(live("heights"))
            .mark_bar()
            .encode(
                x=alt.X("word:N", sort=None),
                y="height:Q",
                opacity=alt.condition(form, alt.value(1.0), alt.value(0.3)),
            )
            .add_params(form)
            .properties(width=200, height=100)
        )

    @figure(alt="Points beside three bars.")
    def pair(self) -> alt.HConcatChart:
        x = alt.X("x:Q", scale=alt.Scale(domain=PLANE))
        y = alt.Y("y:Q", scale=alt.Scale(domain=PLANE))
        form = alt.selection_point(name="form", fields=["word"], value=FORMS[0])
        points = alt.Chart(live("own")).mark_circle(size=80).encode(x=x, y=y)
        bars = (
            alt.Chart(live("heights"))
            .mark_bar()
            .encode(x=alt.X("word:N", sort=None), y="height:Q", color="chosen:N")
        )
        return alt.hconcat(
            bars.add_params(form).properties(width=80, height=120),
            points.properties(width=120, height=120),
        )


class Walker(Explorable):
    """Three numbers that grow by one with each step."""

    pace = Slider(0.0, 2.0, 1.0, step=0.5, label="Pace")

    def start(self) -> dict[str, Tensor]:
        return {"place": torch.zeros(3)}

    def step(self, state: dict[str, Tensor], pace: Tensor) -> dict[str, Tensor]:
        return {"place": state["place"] + pace}

    def edit(self, state: dict[str, Tensor], row: Tensor, value: Tensor) -> dict[str, Tensor]:
        return {"place": torch.where(torch.arange(3) == row, value, state["place"])}

    def forward(self, state: dict[str, Tensor]) -> dict[str, Output]:
        place = state["place"]
        return {
            "places": Rows(word=Labels(torch.arange(3), FORMS), place=place),
            "sum": place.sum(),
        }

    @figure(alt="Three bars that grow.", edits="places.place")
    def places(self) -> alt.Chart:
        return (
            alt.Chart(live("places"))
            .mark_circle(size=200)
            .encode(
                x=alt.X("word:N", sort=None), y=alt.Y("place:Q", scale=alt.Scale(domain=(0, 10)))
            )
            .properties(width=200, height=100)
        )
