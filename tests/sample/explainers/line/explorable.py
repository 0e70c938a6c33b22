"""A fitted line that the reader can shift."""

import altair as alt
import torch
from torch import Tensor

from explainers.line.data import points
from explainers.line.models import fit
from site_builder import (
    Choice,
    Explorable,
    Labels,
    Output,
    Rows,
    Sketch,
    Slider,
    Toggle,
    figure,
    live,
)


class Line(Explorable):
    """The residuals of a line."""

    shift = Slider(-1.0, 1.0, 0.5, step=0.1, label="Shift")
    side = Choice("all", "above", "below", label="Side")
    square = Toggle(True, label="Square the residuals")
    sheet = Sketch(4, 4, label="Sheet", examples=[("a corner", [[1, 0, 0, 0]] + [[0] * 4] * 3)])

    x: Tensor
    y: Tensor

    def __init__(self) -> None:
        super().__init__()
        self.line = fit()
        x, y = points()
        self.register_buffer("x", x.float())
        self.register_buffer("y", y.float())

    def forward(
        self, shift: Tensor, side: Tensor, square: Tensor, sheet: Tensor
    ) -> dict[str, Output]:
        guess = torch.tanh(self.line(self.x[:, None])[:, 0]) + shift
        gap = guess - self.y
        kept = (side == 0) | ((side == 1) & (gap > 0)) | ((side == 2) & (gap <= 0))
        gap = torch.where(square, gap.square(), gap.abs()) * kept
        return {
            "points": Rows(
                x=self.x, y=self.y, guess=guess, kept=Labels(kept, ("left out", "kept"))
            ),
            "error": gap.mean(),
            "count": kept.sum(),
            "ink": sheet.mean(),
            "verdict": Labels((gap.mean() > 0.5).long(), ("good", "bad")),
        }

    @figure(alt="Twenty points and a line.")
    def scatter(self) -> alt.Chart:
        base = alt.Chart(live("points")).encode(x=alt.X("x:Q", title="x"))
        return (
            base.mark_circle().encode(y="y:Q", color="kept:N")
            + base.mark_line().encode(y="guess:Q")
        ).properties(width=200, height=120)
