"""Inputs of every kind that a sentence can set, and a walk in time."""

import altair as alt
import torch
from torch import Tensor

from site_builder import (
    Choice,
    Explorable,
    Output,
    Placed,
    Point,
    Points,
    Rows,
    Seed,
    Size,
    Sketch,
    Slider,
    Toggle,
    figure,
    live,
)

PLANE = (-6.0, 6.0)


class Curve(Explorable):
    """A curve that bends."""

    slope = Slider(-2.0, 2.0, 1.0, step=0.5, label="Slope")
    share = Slider(0.0, 1.0, 0.9, step=0.01, label="Share")
    fine = Slider(0.0, 1.0, 0.25, step=0.001, label="Fine")
    count = Size(2, 40, 20, label="Points")
    shape = Choice("straight", "bent", "a wave", label="Shape")
    mirrored = Toggle(False, label="Mirrored")
    rounded = Choice("sharp", "round", static=True, label="Corners")
    radius = Slider(0.0, 1.0, 0.5, step=0.1, label="Radius")
    place = Point(x=PLANE, y=PLANE, default=(1, 2), label="Place")
    own = Points(4, x=PLANE, y=PLANE, labels=("orange", "blue"), default=[(1, 1, "blue")])
    sheet = Sketch(4, 4, label="Sheet", examples=[("a corner", [[1, 0, 0, 0]] + [[0] * 4] * 3)])

    def forward(
        self,
        slope: Tensor,
        share: Tensor,
        fine: Tensor,
        count: Tensor,
        shape: Tensor,
        mirrored: Tensor,
        rounded: int,
        radius: Tensor,
        place: Tensor,
        own: Placed,
        sheet: Tensor,
    ) -> dict[str, Output]:
        x = (count + 0.0) / 10 - 1
        y = torch.where(shape == 0, x, torch.where(shape == 1, x.tanh(), x.sin())) * slope
        y = torch.where(mirrored, -y, y) * share + fine
        if rounded:
            y = y * radius
        return {
            "line": Rows(x=x, y=y),
            "end": y.sum(),
            "placed": own.present.sum(),
            "far": place.square().sum(),
            "ink": sheet.sum(),
        }

    @figure(alt="A curve.")
    def picture(self) -> alt.Chart:
        return alt.Chart(live("line")).mark_line().encode(x="x:Q", y="y:Q")

    @figure(alt="The same curve as dots.")
    def dots(self) -> alt.Chart:
        return alt.Chart(live("line")).mark_circle().encode(x="x:Q", y="y:Q")


class Walk(Explorable):
    """A sum that grows by the pace with each step, or by its double."""

    pace = Slider(0.0, 2.0, 1.0, step=0.5, label="Pace")
    gait = Choice("slow", "fast", static=True, label="Gait")
    seed = Seed(7, label="Seed")

    def start(self, seed: Tensor) -> dict[str, Tensor]:
        return {"sum": seed * 0.0}

    def step(self, state: dict[str, Tensor], pace: Tensor, gait: int) -> dict[str, Tensor]:
        return {"sum": state["sum"] + (2 * pace if gait else pace)}

    def forward(self, state: dict[str, Tensor]) -> dict[str, Output]:
        return {"total": state["sum"], "bar": Rows(x=state["sum"][None])}

    @figure(alt="A bar.")
    def bar(self) -> alt.Chart:
        return alt.Chart(live("bar")).mark_bar().encode(x="x:Q")
