"""How the error of gradient descent shrinks by one factor in every step."""

import altair as alt
import torch
from torch import Tensor

from site_builder import Explorable, Labels, Output, Rows, Slider, figure, live


class Descent(Explorable):
    """An error that shrinks from 1."""

    rate = Slider(0.0, 10.0, 9.0, step=0.5, label="Share that is kept")

    def forward(self, rate: Tensor) -> dict[str, Output]:
        step = torch.arange(21)
        error = (rate / 10) ** step
        return {
            "path": Rows(step=step, error=error),
            "above": (error > 0.5).sum(),
            "last": error[-1],
            "share": (error > 0.5).float().mean(),
            "verdict": Labels((error[-1] < 0.05).long(), ("slow", "fast")),
        }

    @figure(alt="A curve that falls from 1.")
    def curve(self) -> alt.Chart:
        mark = alt.Chart(live("path")).mark_line(color="var(--explorable-c2)")
        return mark.encode(x="step:Q", y="error:Q").properties(width=240, height=120)
